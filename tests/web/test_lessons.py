"""Lessons by sheet and moved, teachers looked at by the county, openings on the desk of today (issue 4, 9.1)."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from openpyxl import load_workbook

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.clock import SHANGHAI, Clock
from jiangxin.parties.models import Office
from jiangxin.parties.operations.accounts import DEMO_PASSWORD, grant_duty, open_account
from jiangxin.recognition.models import TitleScope
from jiangxin.training.lesson_sheet import LESSON_COLUMNS
from jiangxin.training.models import Lesson, TeacherQualification, TrainingClass
from tests.factories.school import ELECTRICIAN, School
from tests.factories.whole import whole
from tests.factories.world import World
from tests.web.people import credentials

pytestmark = pytest.mark.role("web")


@pytest.fixture(scope="module")
def school(clone: str) -> School:
    with transaction.atomic():
        made = School(World())
        made.world.pool()
        TitleScope.objects.filter(title__organisation=made.world.provider).update(subject=ELECTRICIAN)
        city = Office.objects.get(region_id=330400)
    actor = machine()
    with acting(actor) as at:
        for name, duty, place in (
            ("school", "school", {"kind": "clerk", "body": made.world.provider}),
            ("training", "training", {"kind": "staff", "office": made.world.office}),
            ("viewer", "viewer", {"kind": "staff", "office": city}),
        ):  # fmt: skip
            account = open_account(
                actor, at, username=f"page-{name}", name=name, password=DEMO_PASSWORD, demo=True, **place
            )
            grant_duty(actor, at, account, duty)
    return made


def browser(name: str) -> Client:
    made = Client()
    assert made.post("/sign-in", credentials(name)).status_code == 302
    return made


def told(made: Client, address: str, **asked: str) -> str:
    answer = made.get(address, asked)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def done(made: Client, page: str, **given: Any) -> str:
    answer = made.post(page, given, follow=True)
    assert answer.status_code == 200, (page, answer.status_code)
    return answer.content.decode()


def plan(*lines: str) -> SimpleUploadedFile:
    text = "\n".join((",".join(column.title for column in LESSON_COLUMNS), *lines))
    return SimpleUploadedFile("课表.csv", text.encode(), "text/csv")


def test_a_plan_by_sheet(school: School) -> None:
    clerk = browser("page-school")
    with whole():
        found = school.draft()
    address = f"/provider/classes/{found.id}/"
    assert "用表格排课" in told(clerk, address)
    sheet = load_workbook(BytesIO(clerk.get(f"{address}lessons.xlsx").content))["课表"]
    assert sheet.max_row == 15
    assert "请选择文件" in done(clerk, f"{address}lessons/send/")
    wrong = done(clerk, f"{address}lessons/send/", file=plan("2026-03-16,9点,12:00,4,实操,接线,101 教室,李老师"))
    assert "1 处要改，课表没有动" in wrong
    assert "不是几点几分" in wrong
    good = plan(
        "2026-03-16,09:00,12:00,4,实操,接线,101 教室,李老师", "2026-03-17,09:00,12:00,4,理论,电路,101 教室,李老师"
    )
    assert "课表已换成表里的 2 次课" in done(clerk, f"{address}lessons/send/", file=good)
    with whole():
        assert Lesson.objects.filter(training_class=found).count() == 2
        opened = school.opened(school.lessons(start=60))
    assert clerk.get(f"/provider/classes/{opened.id}/lessons/send/").status_code == 404
    assert clerk.get(f"/provider/classes/{opened.id}/lessons.xlsx").status_code == 200


def test_a_lesson_is_moved_with_its_reason(school: School) -> None:
    clerk = browser("page-school")
    with whole():
        Clock.objects.update(demo_at=school.world.at)
        found = school.opened(school.lessons(start=30))
        lesson = Lesson.objects.filter(training_class=found).earliest("starts_at")
    address = f"/provider/classes/lessons/{lesson.id}/move/"
    assert "调课</a>" in told(clerk, f"/provider/classes/{found.id}/")
    assert "调课：第 1 天 1" in told(clerk, address)
    day = (lesson.starts_at.astimezone(SHANGHAI) + timedelta(days=20)).date().isoformat()
    given = {
        "day": day, "begins": "09:00", "ends": "12:00", "room": str(lesson.room_id), "teacher": str(lesson.teacher_id),
        "reason": "教室要检修电路",
    }  # fmt: skip
    assert "至少 5 个字" in done(clerk, address, **(given | {"reason": "修"}))
    assert "结束要晚于开始" in done(clerk, address, **(given | {"ends": "08:00"}))
    assert "面授课要选教室和教师" in done(clerk, address, **(given | {"room": ""}))
    moved = done(clerk, address, **given)
    assert "已调课" in moved
    assert "教室要检修电路" in moved, "the class's history says why"
    assert "第 1 天 1改到" in moved
    with whole():
        draft = school.draft(school.lessons(start=90))
        other = Lesson.objects.filter(training_class=draft).earliest("starts_at")
    assert clerk.get(f"/provider/classes/lessons/{other.id}/move/").status_code == 404, "a draft is planned, not moved"
    assert clerk.get(f"/provider/classes/lessons/{found.id}/move/").status_code == 404


def test_the_county_looks_at_teachers_and_titles(school: School) -> None:
    clerk, desk = browser("page-school"), browser("page-training")
    with whole():
        found = school.submitted(school.lessons(start=120))
        able = TeacherQualification.objects.get(teacher=school.teacher)
    opening = f"/desk/openings/{found.id}/"
    page = told(desk, opening)
    assert "李老师的任教资格由县里核对" in page
    assert "机构的资质" in page
    assert "培训机构目录" in page
    assert "没有选要核对的资格" in done(desk, f"{opening}teachers/")
    assert "已核对 1 项任教资格" in done(desk, f"{opening}teachers/", row=str(able.id))
    assert "每次课的教师都有资格" in told(desk, opening)
    assert "已核对" in told(clerk, f"/provider/teachers/{school.teacher.id}/")
    assert clerk.get(f"/provider/teachers/{found.id}/").status_code == 404
    wrong = done(clerk, f"/provider/teachers/{school.teacher.id}/", subjects=[ELECTRICIAN], level="3", document="")
    assert "请填写" in wrong
    more = {"subjects": [ELECTRICIAN], "level": "3", "document": "三级证书 5 号"}
    assert "任教资格已补充" in done(clerk, f"/provider/teachers/{school.teacher.id}/", **more)
    with whole():
        new = TeacherQualification.objects.get(teacher=school.teacher, level="3")
    strike = f"/provider/teachers/{school.teacher.id}/strike/"
    assert "已去掉" in done(clerk, strike, qualification=str(new.id))
    with whole():
        last = TeacherQualification.objects.get(teacher=school.teacher)
    assert last.confirmed_at is not None
    assert "任教资格要写明" in done(clerk, strike, qualification=str(last.id)), "the last one stays"


def test_openings_are_searched_and_stand_on_the_desk_of_today(school: School) -> None:
    desk, city = browser("page-training"), browser("page-viewer")
    with whole():
        [found] = TrainingClass.objects.filter(state="submitted")
    assert "开班申请 1 个要答复" in told(desk, "/desk/")
    assert "下级超期" not in told(city, "/desk/")
    page = told(desk, "/desk/openings/")
    assert "提交后 5 个工作日内答复" in page
    assert found.number in told(desk, "/desk/openings/", find="电工")
    assert "没有找到" in told(desk, "/desk/openings/", find="养老")
    with whole():
        TrainingClass.objects.filter(id=found.id).update(due_on=school.world.at.date() - timedelta(days=1))
    late = told(city, "/desk/")
    assert "下级超期没有答复的开班申请 1 个" in late
    assert "超 1 天" in told(desk, "/desk/")
