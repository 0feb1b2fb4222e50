"""Opening a class: drafted, checked by rule at once, decided by the county, changed with a reason (facts 3.1, S3)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from jiangxin.ground.actor import Actor
from jiangxin.ground.journal import JournalEntry
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.subsidy.law import current_law
from jiangxin.training.evidence import Attendance
from jiangxin.training.models import Enrolment, Lesson, TrainingClass
from jiangxin.training.operations.classes import (
    ClassChangeNeedsReason,
    ClassIsOver,
    ClassNeedsSeats,
    ClassNeedsSubject,
    ClassNotEditable,
    ClassNotInOrder,
    ClassNotWaiting,
    LearnerElsewhere,
    LessonIsOver,
    LessonMovedWrong,
    OpinionNeedsText,
    TeacherOrRoomTaken,
    cancel_class,
    decide_class,
    draft_class,
    may_change_class,
    may_decide_class,
    may_edit_class,
    move_lesson,
    plan_lessons,
    recall_class,
    revise_class,
    start_classes,
    submit_class,
)
from jiangxin.training.operations.places import (
    QualificationNeedsDocument,
    RoomInUse,
    RoomNameTaken,
    RoomNeedsPlace,
    TeacherStillTeaches,
    TeachesHereAlready,
    close_room,
    end_teaching,
    open_room,
    qualify_teacher,
    register_teacher,
)
from jiangxin.training.operations.seats import Joining, RosterElsewhere, enrol
from jiangxin.training.queries.classes import checks_of
from tests.factories.refused import refused
from tests.factories.school import School, clerk_of

pytestmark = pytest.mark.django_db


def wrong(school: School, found: TrainingClass) -> set[str]:
    """The codes of the conditions not met."""
    return {check.code for check in checks_of(found, school.world.at, current_law()) if check.met is False}


def test_from_draft_to_running(school: School) -> None:
    found = school.submitted()
    assert (found.state, found.hours, found.number[:11]) == ("submitted", 56, "330421-2026")
    assert found.due_on == school.world.at.date() + timedelta(days=7), "five working days"
    assert may_decide_class(school.county, found)
    found = decide_class(school.county, school.world.at, found.id, "open", "")
    assert found.state == "open"
    assert start_classes(school.world.machine, school.world.at, [found.id]) == 0, "its first day has not come"
    assert start_classes(school.world.machine, school.world.at + timedelta(days=10), [found.id]) == 1
    found.refresh_from_db()
    assert found.state == "running"
    assert may_change_class(school.clerk, found)


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("planned", {"lessons": []}),
        ("hours", {"level": "4", "days": 2}),
        ("capacity", {"capacity": 51}),
        ("rooms", {"capacity": 41}),
        ("papers", {"materials": " "}),
        ("papers", {"enrolment": "roster"}),
        ("lead", {"start": 4}),
        ("teachers", {"subject": "6-18-01-01"}),
    ],
)
def test_each_condition_is_asked(school: School, code: str, change: dict) -> None:
    days, start = change.pop("days", 7), change.pop("start", 10)
    lessons = change.pop("lessons", None)
    found = school.draft(school.lessons(days, start) if lessons is None else lessons, **change)
    assert code in wrong(school, found)
    with refused(ClassNotInOrder):
        submit_class(school.clerk, school.world.at, found.id, current_law())


def test_conditions_of_time(school: School) -> None:
    short = [replace(row, ends_at=row.starts_at + timedelta(hours=2)) for row in school.lessons()]
    assert wrong(school, school.draft(short)) == {"length"}
    full = [replace(row, hours=5, ends_at=row.starts_at + timedelta(hours=4)) for row in school.lessons()]
    assert wrong(school, school.draft(full)) == {"per_day"}
    nobody = [replace(row, teacher_id=None) for row in school.lessons()]
    assert wrong(school, school.draft(nobody)) == {"teachers"}
    nowhere = [replace(row, room_id=None) for row in school.lessons()]
    assert wrong(school, school.draft(nowhere)) == {"rooms"}


def test_a_title_is_asked(school: School) -> None:
    school.world.provider.titles.update(until_on=school.world.at.date())
    assert "titled" in wrong(school, school.draft())


def test_teacher_and_room_are_in_one_place(school: School) -> None:
    school.submitted()
    other = school.teach("王老师")
    assert wrong(school, school.draft()) == {"rooms", "teachers"}
    assert wrong(school, school.draft(school.lessons(teacher_id=other.id))) == {"rooms"}
    room = open_room(school.clerk, school.world.at, "102 教室", "人民大道 1 号", 40, school.world.region)
    late = school.draft(school.lessons(teacher_id=other.id, room_id=room.id))
    Lesson.objects.filter(training_class=late).update(fixed=True)
    assert Lesson.objects.filter(training_class=late, fixed=True).count() == 14


def test_somebody_is_faster(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    school.submitted()
    second = school.draft()
    monkeypatch.setattr("jiangxin.training.operations.classes.checks_of", lambda *_: [])
    with refused(TeacherOrRoomTaken):
        submit_class(school.clerk, school.world.at, second.id, current_law())


def test_refusals_of_an_application(school: School) -> None:
    at, clerk = school.world.at, school.clerk
    stranger = clerk_of(school.world, school.world.assessor, "school")
    with refused(NotYourDuty):
        draft_class(Actor("公众"), at, school.plan(), school.world.region)
    with refused(ClassNeedsSubject):
        draft_class(clerk, at, school.plan(subject="9-99-99-99"), school.world.region)
    with refused(ClassNeedsSeats):
        draft_class(clerk, at, school.plan(capacity=0), school.world.region)
    found = school.draft()
    with refused(NotFound):
        revise_class(stranger, at, found.id, school.plan())
    assert revise_class(clerk, at, found.id, school.plan(capacity=12)).capacity == 12
    with refused(ClassNotWaiting):
        recall_class(clerk, at, found.id)
    submit_class(clerk, at, found.id, current_law())
    with refused(ClassNotEditable):
        plan_lessons(clerk, at, found.id, [])
    with refused(NotYourDuty):
        decide_class(school.world.staff["maker"], at, found.id, "open", "")
    with refused(OpinionNeedsText):
        decide_class(school.county, at, found.id, "returned", "不行")
    found = recall_class(clerk, at, found.id)
    assert found.state == "draft"
    assert may_edit_class(clerk, found)
    assert not Lesson.objects.filter(training_class=found, fixed=True).exists()
    with refused(ClassNotWaiting):
        decide_class(school.county, at, found.id, "open", "")


def test_returned_with_a_reason_and_sent_again(school: School) -> None:
    found = school.submitted()
    found = decide_class(school.county, school.world.at, found.id, "returned", "第三天的教室请换一间大的。")
    assert (found.state, found.opinion) == ("returned", "第三天的教室请换一间大的。")
    assert submit_class(school.clerk, school.world.at, found.id, current_law()).state == "submitted"


def test_a_roster_whose_learner_sits_elsewhere_is_not_opened(school: School) -> None:
    person = school.world.person()
    teacher = school.teach("王老师")
    room = open_room(school.clerk, school.world.at, "102", "人民大道 1 号", 40, school.world.region)
    roster = school.draft(school.lessons(teacher_id=teacher.id, room_id=room.id), enrolment="roster")
    enrol(school.clerk, school.world.at, roster.id, Joining(person.id, "roster"))
    submit_class(school.clerk, school.world.at, roster.id, current_law())
    school.join(school.opened(), person)
    with refused(RosterElsewhere):
        decide_class(school.county, school.world.at, roster.id, "open", "")


def test_a_lesson_is_moved_with_its_learners(school: School) -> None:
    found = school.opened()
    school.join(found, school.world.person())
    lesson = Lesson.objects.filter(training_class=found).earliest("starts_at")
    at, start = school.world.at, lesson.starts_at + timedelta(days=30)
    given = (start, start + timedelta(hours=3), lesson.room_id, lesson.teacher_id)
    with refused(ClassChangeNeedsReason):
        move_lesson(school.clerk, at, lesson.id, *given, "台风")
    with refused(LessonMovedWrong):
        move_lesson(school.clerk, at, lesson.id, start, start, *given[2:], "台风停课，顺延到下月")
    with refused(NotFound):
        move_lesson(school.clerk, at, lesson.id, *given[:2], new_id(), given[3], "台风停课，顺延到下月")
    with refused(LessonIsOver):
        move_lesson(school.clerk, start, lesson.id, *given, "台风停课，顺延到下月")
    moved = move_lesson(school.clerk, at, lesson.id, *given, "台风停课，顺延到下月")
    assert moved.starts_at == start
    assert Attendance.objects.get(lesson=lesson).starts_at == start
    found.refresh_from_db()
    assert found.last_on == start.date()
    assert JournalEntry.objects.get(verb="moved_lesson").detail["reason"] == "台风停课，顺延到下月"


def test_a_lesson_is_not_moved_onto_another(school: School) -> None:
    first = school.opened()
    second = school.opened(school.lessons(start=40))
    person = school.world.person()
    school.join(first, person)
    school.join(second, person)
    mine, theirs = (Lesson.objects.filter(training_class=c).earliest("starts_at") for c in (first, second))
    with refused(TeacherOrRoomTaken):
        move_lesson(
            school.clerk, school.world.at, mine.id, theirs.starts_at, theirs.ends_at, mine.room_id, mine.teacher_id,
            "台风停课，顺延",
        )  # fmt: skip
    room = open_room(school.clerk, school.world.at, "102", "人民大道 1 号", 40, school.world.region)
    other = school.teach("王老师")
    with refused(LearnerElsewhere):
        move_lesson(
            school.clerk, school.world.at, mine.id, theirs.starts_at, theirs.ends_at, room.id, other.id,
            "台风停课，顺延",
        )  # fmt: skip


def test_a_cancelled_class_gives_everything_back(school: School) -> None:
    found = school.opened(capacity=1)
    seated, waiting = school.join(found, school.world.person()), school.join(found, school.world.person())
    assert (seated.seated, waiting.place) == (True, 1)
    with refused(ClassChangeNeedsReason):
        cancel_class(school.clerk, school.world.at, found.id, "停")
    found = cancel_class(school.clerk, school.world.at, found.id, "报名人数不够，不开了")
    assert (found.state, found.taken) == ("cancelled", 0)
    assert set(Enrolment.objects.values_list("state", flat=True)) == {"left"}
    assert not Attendance.objects.filter(active=True).exists()
    with refused(ClassIsOver):
        cancel_class(school.clerk, school.world.at, found.id, "报名人数不够，不开了")


def test_rooms_and_teachers(school: School) -> None:
    at, clerk = school.world.at, school.clerk
    stranger = clerk_of(school.world, school.world.assessor, "school")
    with refused(RoomNeedsPlace):
        open_room(clerk, at, "103", " ", 20, school.world.region)
    with refused(RoomNameTaken):
        open_room(clerk, at, "101 教室", "人民大道", 20, school.world.region)
    with refused(QualificationNeedsDocument):
        qualify_teacher(clerk, at, school.teacher.id, [])
    with refused(NotFound):
        end_teaching(stranger, at, school.teacher.id)
    row = school.world.people
    school.teach("赵老师")
    school.world.people = row
    with refused(TeachesHereAlready):
        school.teach("赵老师")
    with refused(NotYourDuty):
        register_teacher(Actor("公众"), at, None, True, at.date(), "", [])  # type: ignore[arg-type]
    school.submitted()
    with refused(RoomInUse):
        close_room(clerk, at, school.room.id)
    with refused(TeacherStillTeaches):
        end_teaching(clerk, at, school.teacher.id)
    later = at + timedelta(days=60)
    assert close_room(clerk, later, school.room.id).closed_on == later.date()
    assert end_teaching(clerk, later, school.teacher.id).until_on == later.date()
