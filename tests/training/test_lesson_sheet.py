"""The plan of lessons as a sheet: out and in again it is the same plan; every wrong cell is named."""

from io import BytesIO

import pytest
from openpyxl import load_workbook

from jiangxin.parties.register_files import RegisterFileWrong
from jiangxin.training.lesson_sheet import LESSON_COLUMNS, lessons_workbook, read_lessons
from jiangxin.training.models import Teacher
from jiangxin.training.operations.classes import LessonRow, plan_lessons
from jiangxin.training.queries.classes import lessons_of, rooms_of, teachers_of
from tests.factories.school import School

pytestmark = pytest.mark.django_db


def rows_of_plan(school: School, class_id: object) -> list[LessonRow]:
    return [
        LessonRow(x.kind, x.topic, x.starts_at, x.ends_at, x.hours, x.room_id, x.teacher_id)
        for x in lessons_of(class_id)  # type: ignore[arg-type]
    ]


def csv(*lines: str) -> bytes:
    return "\n".join((",".join(column.title for column in LESSON_COLUMNS), *lines)).encode()


def test_out_and_in_again_is_the_same_plan(school: School) -> None:
    found, body = school.draft(), school.world.provider.id
    before = rows_of_plan(school, found.id)
    rooms, teachers = rooms_of(body), list(teachers_of(body))
    data = lessons_workbook(lessons_of(found.id), rooms, teachers)
    back = read_lessons("课表.xlsx", data, rooms, teachers)
    assert back == before
    plan_lessons(school.clerk, school.world.at, found.id, back[:3])
    found.refresh_from_db()
    assert (lessons_of(found.id)[0].room_id, found.hours) == (school.room.id, 12)
    empty = load_workbook(BytesIO(lessons_workbook([], rooms, teachers)))["课表"]
    assert [cell.value for cell in empty[1]] == [column.header for column in LESSON_COLUMNS]


def test_every_wrong_cell_is_named(school: School) -> None:
    rooms, teachers = rooms_of(school.world.provider.id), list(teachers_of(school.world.provider.id))
    data = csv(
        "2026-03-16,9点,12:00,4,实操,接线,101 教室,李老师",
        "2026-03-16,12:00,09:00,4,实操,接线,101 教室,李老师",
        "2026-03-16,09:00,12:00,40,实操,接线,101 教室,李老师",
        "2026-03-16,09:00,12:00,4,实操,接线,没有的教室,李老师",
        "2026-03-16,09：00,12:00:00,4,线上,自学,,",
    )
    with pytest.raises(RegisterFileWrong) as no:
        read_lessons("课表.csv", data, rooms, teachers)
    said = [(one.row, one.column) for one in no.value.wrongs]
    assert said == [(2, "开始"), (3, "结束"), (4, "课时"), (5, "教室")]
    [one] = read_lessons("课表.csv", csv("2026-03-16,09：00,12:00:00,4,线上,自学,,"), rooms, teachers)
    assert (one.kind, one.room_id, one.teacher_id, one.starts_at.hour) == ("online", None, None, 9)


def test_two_teachers_of_one_name_are_told_apart(school: School) -> None:
    second = school.teach("李老师")
    Teacher.objects.filter(id=second.id).update(certificate_number="浙职培 0002")
    body = school.world.provider.id
    rooms, teachers = rooms_of(body), list(teachers_of(body))
    data = csv("2026-03-16,09:00,12:00,4,实操,接线,101 教室,李老师（浙职培 0002）")
    [row] = read_lessons("课表.csv", data, rooms, teachers)
    assert row.teacher_id == second.id
