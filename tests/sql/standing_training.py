"""A school in the middle of a class: what the attacks on seats and attendance are aimed at."""

from datetime import timedelta
from typing import Any

from jiangxin.subsidy.law import current_law
from jiangxin.training.evidence import Attendance, Scan
from jiangxin.training.models import Lesson
from jiangxin.training.operations.attendance import Shown, close_lessons, count_heads, sign, take_photo
from jiangxin.training.operations.exceptions import ask_exception
from jiangxin.training.presence import code_at, seed_of
from tests.factories.school import School
from tests.factories.world import World

STEP = 1_000_000


def training(world: World) -> dict[str, Any]:
    """A class that runs with three learners, one of whom signed in and two of whom miss a lesson; a draft; a queue."""
    began = world.at
    school = School(world)
    draft = school.draft(school.lessons(start=60))
    found, places = school.running(3, capacity=4)
    first, second = Lesson.objects.filter(training_class=found).order_by("starts_at")[:2]
    own = {place.enrolment.id: place.enrolment.person_id for place in places}
    rows = list(Attendance.objects.filter(lesson=first).order_by("id"))
    for row in rows[:2]:
        code = code_at(seed_of(row.enrolment_id), first.id, first.room_id, STEP)
        sign(school.teacher_actor, first.starts_at, first.id, Shown(code, "in", "", STEP), current_law())
    take_photo(school.teacher_actor, first.starts_at, first.id, b"\xff\xd8\xff one")
    take_photo(school.teacher_actor, first.starts_at, first.id, b"\xff\xd8\xff two")
    count_heads(school.county, first.starts_at, first.id, 1, "")
    count_heads(school.county, first.starts_at, first.id, 2, "")
    world.see_all()
    late = second.ends_at + timedelta(hours=2)
    close_lessons(world.machine, late, [first.id, second.id])
    missed = list(Attendance.objects.filter(lesson=second).order_by("id"))
    pleas = [
        ask_exception(school.learner(own[row.enrolment_id]), late, row.id, "forgot", "忘记扫码了，老师可以作证")
        for row in missed[:2]
    ]
    world.see_all()
    world.at = began
    seats = Attendance.objects.filter(lesson=second).order_by("id")
    return {
        "t_class": found.id, "t_draft_class": draft.id, "t_lesson": first.id, "t_lesson2": second.id,
        "t_seat": places[0].enrolment.id, "t_attendance": missed[2].id, "t_plea": pleas[0].id,
        "t_scan": Scan.objects.filter(accepted=True).first().id, "t_room": school.room.id,
        "t_teacher": school.teacher.id, "t_plain_attendance": seats[2].id,
    }  # fmt: skip
