"""Evidence of hours: codes that live thirty seconds, late and away, without a network, exceptions, the end (P36)."""

from datetime import timedelta

import pytest

from jiangxin.ground.actor import Actor
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.subsidy.law import current_law
from jiangxin.training.evidence import Attendance, AttendanceException, Scan
from jiangxin.training.models import Enrolment, Lesson, TrainingClass
from jiangxin.training.operations.attendance import (
    PROBLEMS,
    ClassNotRunning,
    CountWrong,
    ExceptionsOpen,
    LessonsNotOver,
    NotLessonTime,
    NotYourLesson,
    PhotoUnfit,
    PhotoUsedBefore,
    Shown,
    Signed,
    TeacherInAlready,
    close_lessons,
    count_heads,
    finish_class,
    sign,
    sign_in_teacher,
    take_photo,
)
from jiangxin.training.operations.exceptions import (
    ExceptionAskedAlready,
    ExceptionNeedsText,
    ExceptionNotNeeded,
    ExceptionNotWaiting,
    ask_exception,
    decide_exception,
    propose_exception,
)
from jiangxin.training.presence import Stay, code_at, hours_of, seed_of
from jiangxin.training.vouchers import Voucher
from tests.factories.refused import refused
from tests.factories.school import School, clerk_of
from tests.training.vouchers import issued, unemployed

pytestmark = pytest.mark.django_db
STEP, MINUTE, HOUR = 1_000_000, timedelta(minutes=1), timedelta(hours=1)
GRACE = timedelta(minutes=15)


def lesson_of(found: TrainingClass, place: int = 0) -> Lesson:
    return Lesson.objects.filter(training_class=found).order_by("starts_at")[place]


def shows(
    school: School, attendance: Attendance, direction: str = "in", after: timedelta = timedelta(), **more
) -> Signed:
    """A learner shows the code of the moment at the teacher's device, so long after the lesson's beginning."""
    lesson = attendance.lesson
    ago = more.get("ago", timedelta())
    step = STEP - int(ago.total_seconds()) // 30
    code = more.get("code") or code_at(seed_of(attendance.enrolment_id), lesson.id, lesson.room_id, step)
    shown = Shown(code, direction, "手机", STEP, ago)
    return sign(school.teacher_actor, lesson.starts_at + after + ago, lesson.id, shown, current_law())


def attends(school: School, found: TrainingClass, person_id, lessons: int) -> None:
    """Somebody is there the whole time in the first so many lessons; all lessons are closed."""
    for lesson in Lesson.objects.filter(training_class=found).order_by("starts_at")[:lessons]:
        attendance = Attendance.objects.get(lesson=lesson, person_id=person_id)
        assert shows(school, attendance).accepted
        assert shows(school, attendance, "out", 3 * HOUR).accepted


def closes(school: School, found: TrainingClass) -> None:
    lessons = Lesson.objects.filter(training_class=found)
    school.world.at = lessons.latest("ends_at").ends_at + HOUR
    close_lessons(school.world.machine, school.world.at, list(lessons.values_list("id", flat=True)))


@pytest.mark.parametrize(
    ("first", "last", "away", "hours"),
    [(0, 180, 0, 4), (15, 165, 0, 4), (16, 180, 0, 3), (0, 164, 0, 3), (0, 90, 0, 2), (0, 44, 0, 0), (0, 45, 0, 1),
     (0, 180, 15, 4), (0, 180, 46, 2), (180, 180, 0, 0)],
)  # fmt: skip
def test_what_a_stay_is_worth(first: int, last: int, away: int, hours: int, school: School) -> None:
    start = school.world.at
    stay = Stay(start + first * MINUTE, start + last * MINUTE, away * MINUTE)
    assert hours_of(stay, start, start + 3 * HOUR, 4, GRACE) == hours


def test_in_and_out_by_code(school: School) -> None:
    _found, [place] = school.running(1)
    attendance = Attendance.objects.filter(enrolment=place.enrolment).earliest("starts_at")
    first = shows(school, attendance)
    assert (first.accepted, first.attendance.state, first.attendance.certainty) == (True, "present", "code")
    assert shows(school, attendance).problem == PROBLEMS["twice"]
    out = shows(school, attendance, "out", 3 * HOUR)
    assert (out.attendance.state, out.attendance.counted) == ("attended", 4)
    assert Scan.objects.filter(accepted=True).count() == 2
    assert Scan.objects.get(accepted=False).problem == "twice"


@pytest.mark.parametrize(
    ("code", "by", "lesson", "problem"),
    [("right", -1, 0, ""), ("right", -2, 0, "unknown_code"), ("right", 2, 0, "unknown_code"),
     ("right", 0, 1, "unknown_code"), ("00000000", 0, 0, "unknown_code"), ("", 0, 0, "unknown_code")],
)  # fmt: skip
def test_a_code_lives_thirty_seconds_in_one_lesson(
    school: School, code: str, by: int, lesson: int, problem: str
) -> None:
    found, [place] = school.running(1)
    attendance = Attendance.objects.filter(enrolment=place.enrolment).earliest("starts_at")
    other = lesson_of(found, lesson)
    made = code_at(seed_of(place.enrolment.id), other.id, other.room_id, STEP + by) if code == "right" else code
    said = sign(
        school.teacher_actor, attendance.starts_at, attendance.lesson_id, Shown(made, "in", "手机", STEP), current_law()
    )
    assert said.problem == PROBLEMS.get(problem, "")
    assert Scan.objects.get().problem == problem


def test_another_room_makes_another_code(school: School) -> None:
    found, [place] = school.running(1)
    lesson = lesson_of(found)
    elsewhere = code_at(seed_of(place.enrolment.id), lesson.id, new_id(), STEP)
    said = sign(school.teacher_actor, lesson.starts_at, lesson.id, Shown(elsewhere, "in", "手机", STEP), current_law())
    assert said.problem == PROBLEMS["unknown_code"]


def test_late_away_and_without_a_network(school: School) -> None:
    _found, [place] = school.running(1)
    first, second, third = Attendance.objects.filter(enrolment=place.enrolment).order_by("starts_at")[:3]
    assert shows(school, first, "out").problem == PROBLEMS["not_in"]
    shows(school, first, after=46 * MINUTE)
    late = shows(school, first, "out", 3 * HOUR).attendance
    assert (late.state, late.counted) == ("late", 2)
    shows(school, second, ago=20 * HOUR)
    buffered = shows(school, second, "out", 3 * HOUR, ago=20 * HOUR).attendance
    assert (buffered.state, buffered.counted, buffered.certainty) == ("attended", 4, "offline")
    assert buffered.in_at == second.starts_at, "the device's own clock counts"
    assert shows(school, third, ago=73 * HOUR).problem == PROBLEMS["too_old"]
    shows(school, third)
    assert shows(school, third, "leave", 1 * HOUR).accepted
    assert shows(school, third, "back", 2 * HOUR).accepted
    assert shows(school, third, "out", 3 * HOUR).attendance.counted == 2
    assert shows(school, third, "in", -HOUR).problem == PROBLEMS["not_now"]


def test_the_first_sign_in_uses_the_voucher(school: School) -> None:
    [person] = unemployed(school.world)
    issued(school.world, "general", pool_id=school.world.pool().id)
    found = school.opened()
    place = school.join(found, person)
    assert Voucher.objects.get().state == "reserved"
    shows(school, Attendance.objects.filter(enrolment=place.enrolment).earliest("starts_at"))
    assert Voucher.objects.get().state == "in_use"


def test_who_may_take_attendance(school: School) -> None:
    found, _ = school.running(1)
    lesson, law = lesson_of(found), current_law()
    other = clerk_of(school.world, school.world.provider, "teacher", person=school.world.person())
    with refused(NotYourLesson):
        sign(other, school.world.at, lesson.id, Shown("1", "in", "", STEP), law)
    with refused(NotFound):
        sign(school.clerk, school.world.at, new_id(), Shown("1", "in", "", STEP), law)
    with refused(NotYourLesson):
        sign_in_teacher(school.clerk, school.world.at, lesson.id)
    with refused(NotLessonTime):
        sign_in_teacher(school.teacher_actor, lesson.starts_at - HOUR, lesson.id)
    assert sign_in_teacher(school.teacher_actor, lesson.starts_at, lesson.id).teacher_in_at == lesson.starts_at
    with refused(TeacherInAlready):
        sign_in_teacher(school.teacher_actor, lesson.starts_at, lesson.id)


def test_photo_and_head_count(school: School) -> None:
    found, [one, _] = school.running(2)
    lesson = lesson_of(found)
    teacher, at, picture = school.teacher_actor, lesson.starts_at, b"\xff\xd8\xff photo"
    with refused(PhotoUnfit):
        take_photo(teacher, at, lesson.id, b"GIF89a")
    with refused(NotLessonTime):
        take_photo(teacher, at - HOUR, lesson.id, picture)
    photo = take_photo(teacher, at, lesson.id, picture)
    assert picture not in bytes(photo.content)
    with refused(PhotoUsedBefore):
        take_photo(teacher, at, lesson_of(found).id, picture)
    shows(school, Attendance.objects.filter(enrolment=one.enrolment).earliest("starts_at"))
    with refused(NotYourDuty):
        count_heads(school.clerk, at, lesson.id, 1, "")
    with refused(CountWrong):
        count_heads(school.county, at, lesson.id, -1, "")
    count = count_heads(school.county, at + MINUTE, lesson.id, 0, "后排没有人")
    assert (count.counted, count.scanned) == (0, 1)


def missed(school: School, lessons: int = 13) -> tuple[TrainingClass, Actor, AttendanceException]:
    """A learner who attended all but the last lessons, and says why one of them has no scan."""
    found, [place] = school.running(1)
    learner = school.learner(place.enrolment.person_id)
    attends(school, found, place.enrolment.person_id, lessons)
    closes(school, found)
    absent = Attendance.objects.filter(enrolment=place.enrolment, state="absent").earliest("starts_at")
    return found, learner, ask_exception(learner, school.world.at, absent.id, "phone", "手机没电，老师看见我了")


def test_an_exception_above_the_share_is_the_county_s(school: School) -> None:
    found, learner, asked = missed(school)
    at, law = school.world.at, current_law()
    stranger = clerk_of(school.world, school.world.assessor, "school")
    with refused(ExceptionAskedAlready):
        ask_exception(learner, at, asked.attendance_id, "phone", "手机没电，老师看见我了")
    with refused(NotFound):
        propose_exception(stranger, at, asked.id, True, "确实在场上课", law)
    with refused(ExceptionNeedsText):
        propose_exception(school.clerk, at, asked.id, True, "在", law)
    with refused(ExceptionNotWaiting):
        decide_exception(school.county, at, asked.id, True, "教师和照片都证实")
    # 4 of 56 hours are 7 %: more than the 5 % that a provider proposes by itself.
    proposed = propose_exception(school.clerk, at, asked.id, True, "教师证实在场", law)
    assert (proposed.state, proposed.opinion) == ("county", "全班补记超过 5%，由县里决定")
    with refused(ExceptionsOpen):
        finish_class(school.clerk, at, found.id, law)
    with refused(NotYourDuty):
        decide_exception(school.world.staff["maker"], at, asked.id, True, "教师和照片都证实")
    school.world.see_all()
    assert decide_exception(school.county, at, asked.id, True, "教师和照片都证实").state == "counted"
    attendance = Attendance.objects.get(id=asked.attendance_id)
    assert (attendance.counted, attendance.by_exception, attendance.certainty) == (4, True, "exception")


def test_an_exception_within_the_share_counts_at_once(school: School) -> None:
    found, places = school.running(2)
    for place, lessons in zip(places, (14, 13), strict=True):
        attends(school, found, place.enrolment.person_id, lessons)
    closes(school, found)
    absent = Attendance.objects.get(enrolment=places[1].enrolment, state="absent")
    learner = school.learner(places[1].enrolment.person_id)
    with refused(ExceptionNeedsText):
        ask_exception(learner, school.world.at, absent.id, "forgot", "忘")
    present = Attendance.objects.filter(enrolment=places[1].enrolment, state="attended").first()
    with refused(ExceptionNotNeeded):
        ask_exception(learner, school.world.at, present.id, "forgot", "忘记扫码了，同桌作证")
    asked = ask_exception(learner, school.world.at, absent.id, "forgot", "忘记扫码了，同桌作证")
    late = school.world.at + timedelta(days=2)
    # 4 of 112 hours are under 5 %, but two days are more than one.
    assert (
        propose_exception(school.clerk, school.world.at, asked.id, True, "教师证实在场", current_law()).state
        == "counted"
    )
    assert late > asked.asked_at


def test_not_confirmed_by_the_school_is_not_counted(school: School) -> None:
    _, _, asked = missed(school)
    said = propose_exception(school.clerk, school.world.at, asked.id, False, "教师说没有来", current_law())
    assert said.state == "refused"


@pytest.mark.parametrize(("lessons", "state"), [(14, "completed"), (12, "completed"), (11, "failed")])
def test_the_end_of_a_class(school: School, lessons: int, state: str) -> None:
    """56 hours: 80 % are 44.8, so 48 are enough and 44 are not."""
    found, [place] = school.running(1)
    attends(school, found, place.enrolment.person_id, lessons)
    with refused(LessonsNotOver):
        finish_class(school.clerk, school.world.at, found.id, current_law())
    closes(school, found)
    assert finish_class(school.clerk, school.world.at, found.id, current_law()).state == "finished"
    assert Enrolment.objects.get(id=place.enrolment.id).state == state
    with refused(ClassNotRunning):
        finish_class(school.clerk, school.world.at, found.id, current_law())
