"""The plan of lessons as a sheet: taken away, filled in, read back whole; and the list of a class's learners."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from uuid import UUID

from jiangxin.ground.cells import Column
from jiangxin.ground.clock import SHANGHAI
from jiangxin.ground.sheets import read_sheet, write_workbook
from jiangxin.parties.register_files import CellRefused, Record, read_whole
from jiangxin.training.models import LESSON_KINDS, Enrolment, Lesson, Room, Teacher
from jiangxin.training.operations.classes import LessonRow
from jiangxin.training.queries.rosters import Learner

NO_CHOICE = "没有选"
CLOCK = re.compile(r"(\d{1,2})[:：](\d{2})(?:[:：]\d{2})?")
LESSON_COLUMNS = (
    Column("day", "日期", "date", True, example="2026-03-16"),
    Column("begins", "开始", required=True, longest=8, note="24 小时制，如 09:00", example="09:00"),
    Column("ends", "结束", required=True, longest=8, note="24 小时制，如 12:00", example="12:00"),
    Column("hours", "课时", "integer", True, note="这一次算几课时", example="4"),
    Column("kind", "内容", "choice", True, choices=tuple(LESSON_KINDS.values()), example="实操"),
    Column("topic", "课题", required=True, longest=100, example="三相异步电动机接线"),
    Column("room", "教室", "choice", note="线上课不填"),
    Column("teacher", "教师", "choice"),
)
NOTES = (
    "每次课一行，表头不要改。带 * 的必填。",
    "传上去以后，这份表就是整个课表：表里没有的课会删掉。",
    "先检查整个文件，有一行错，课表就不动。",
)
LIST_COLUMNS = (
    Column("name", "姓名"),
    Column("number", "证件号码"),
    Column("state", "状态"),
    Column("source", "怎么来的"),
    Column("employer", "用人单位"),
    Column("hours", "已计课时", "integer"),
    Column("pleas", "其中补记", "integer"),
)
_KINDS = {word: code for code, word in LESSON_KINDS.items()}


def teacher_labels(teachers: Iterable[Teacher]) -> dict[str, UUID]:
    """Teachers by what a clerk chooses: the name; with two of one name, the certificate's number too."""
    found = list(teachers)
    names = [one.person.name for one in found]
    return {
        one.person.name
        if names.count(one.person.name) == 1
        else f"{one.person.name}（{one.certificate_number or str(one.id)[-4:]}）": one.id
        for one in found
    }


def _columns(rooms: Iterable[Room], teachers: dict[str, UUID]) -> tuple[Column, ...]:
    offered = {"room": tuple(room.name for room in rooms), "teacher": tuple(teachers)}
    return tuple(
        replace(column, choices=offered[column.key] or (NO_CHOICE,)) if column.key in offered else column
        for column in LESSON_COLUMNS
    )


def lessons_workbook(lessons: Iterable[Lesson], rooms: Sequence[Room], teachers: Sequence[Teacher]) -> bytes:
    """The plan of a class as a sheet to change and send back; empty, it is the template."""
    labels = teacher_labels(teachers)
    names = {key: label for label, key in labels.items()}
    rows = [
        (
            one.starts_at.astimezone(SHANGHAI).date(), f"{one.starts_at.astimezone(SHANGHAI):%H:%M}",
            f"{one.ends_at.astimezone(SHANGHAI):%H:%M}", one.hours, LESSON_KINDS[one.kind], one.topic,
            one.room.name if one.room else None, names.get(one.teacher_id) if one.teacher_id else None,
        )
        for one in lessons
    ]  # fmt: skip
    return write_workbook("课表", NOTES, "课表", _columns(rooms, labels), rows)


def read_lessons(name: str, data: bytes, rooms: Sequence[Room], teachers: Sequence[Teacher]) -> list[LessonRow]:
    """The lessons of a filled sheet. Raises RegisterFileWrong with every wrong cell, or what `read_sheet` raises."""
    labels, places = teacher_labels(teachers), {room.name: room.id for room in rooms}

    def build(record: Record) -> LessonRow:
        begins, ends = _clock(record, "begins"), _clock(record, "ends")
        if ends <= begins:
            raise CellRefused("ends", "结束不晚于开始", "请核对时间；跨夜的课请分成两行")
        if not 1 <= record["hours"] <= 12:
            raise CellRefused("hours", "课时要在 1 到 12 之间", "请核对课时")
        day = record["day"]
        return LessonRow(
            _KINDS[record["kind"]], record["topic"], datetime.combine(day, begins, SHANGHAI),
            datetime.combine(day, ends, SHANGHAI), record["hours"], places.get(record["room"] or ""),
            labels.get(record["teacher"] or ""),
        )  # fmt: skip

    sheet = read_sheet(data, name, _columns(rooms, labels))
    return [row for _, row in read_whole(sheet, build)]


def _clock(record: Record, key: str) -> time:
    found = CLOCK.fullmatch(record[key].replace(" ", ""))
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise CellRefused(key, "不是几点几分", "请写成 09:00 这样")
    return time(int(found[1]), int(found[2]))


SENT_COLUMNS = (
    Column("name", "姓名"),
    Column("number", "证件号码"),
    Column("title", "班"),
    Column("class_number", "班号"),
    Column("body", "培训机构"),
    Column("first_on", "开始", "date"),
    Column("last_on", "结束", "date"),
    Column("state", "状态"),
)


def sent_workbook(seats: Iterable[Enrolment], numbers: Mapping[UUID, str]) -> bytes:
    """Who of a body's people is in which class, to take away; `numbers` are masked, by person."""
    rows = [
        (
            one.person.name, numbers.get(one.person_id, ""), one.training_class.title, one.training_class.number,
            one.training_class.body.name, one.training_class.first_on, one.training_class.last_on,
            one.get_state_display(),
        )
        for one in seats
    ]  # fmt: skip
    return write_workbook("员工的班", ("证件号码已遮盖。",), "员工", SENT_COLUMNS, rows)


def learners_workbook(number: str, learners: Iterable[Learner]) -> bytes:
    """The learners of a class to print or keep; document numbers stay masked."""
    rows = [(x.name, x.number, x.state, x.source, x.employer, x.hours, x.pleas) for x in learners]
    return write_workbook(f"{number} 学员名单", ("证件号码已遮盖。",), "学员", LIST_COLUMNS, rows)
