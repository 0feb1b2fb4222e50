"""Attendance: signed by a code at the teacher's device, kept whether it counted or not (P36; issue 4, 4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db.models import QuerySet

from jiangxin.ground.actor import Actor, see_region
from jiangxin.ground.clock import day_of
from jiangxin.ground.identity import seal, unseal
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.staging import run
from jiangxin.ground.transitions import move, move_one
from jiangxin.rules.parameters import Law
from jiangxin.training.evidence import (
    ATTENDANCE_STATES,
    Attendance,
    AttendanceException,
    ClassPhoto,
    HeadCount,
    Scan,
)
from jiangxin.training.models import CLASS_STATES, Enrolment, Lesson, TrainingClass
from jiangxin.training.operations.online import count_online
from jiangxin.training.operations.places import may_run_school
from jiangxin.training.operations.vouchers import settle_vouchers, use_vouchers
from jiangxin.training.presence import EARLIEST, LATEST, Stay, fits, hours_of, seed_of
from jiangxin.training.vouchers import Voucher

LARGEST_PHOTO = 5_000_000
# A device that lay in a drawer for days proves nothing any more.
OLDEST_BUFFER = timedelta(hours=72)
OFFLINE_AFTER = timedelta(minutes=2)
PHOTO = "training_class_photo|content|{}"
PROBLEMS = {
    "unknown_code": "签到码不对或已过期，请学员刷新后再扫",
    "not_now": "不在这次课的签到时间里",
    "too_old": "断网记录超过 72 小时，不再计入",
    "twice": "已经签过",
    "not_in": "还没有签到，不能签退或离开",
}


class NotYourLesson(Refusal):
    sentence = "这次课不是您教的，也不是您的机构的。"
    remedy = "请由任课教师或机构经办签到。"


class NotLessonTime(Refusal):
    sentence = "现在不在这次课的签到时间里。"
    remedy = "开课前 30 分钟起可以签到。"


class TeacherInAlready(Refusal):
    sentence = "这次课教师已经签到。"
    remedy = "不用再签。"


class PhotoUnfit(Refusal):
    sentence = "照片要是 5 MB 以内的 JPEG 或 PNG。"
    remedy = "请重新拍一张。"


class PhotoUsedBefore(Refusal):
    sentence = "这张照片以前交过。"
    remedy = "请在课上重新拍。"


class CountWrong(Refusal):
    sentence = "清点的人数不对。"
    remedy = "请填 0 或以上的整数。"


class LessonsNotOver(Refusal):
    sentence = "还有 {count} 次课没有上完或没有结算。"
    remedy = "上完最后一次课、过了签退时间再办结业。"


class ExceptionsOpen(Refusal):
    sentence = "还有 {count} 件补记没有办完。"
    remedy = "请先核实补记，再办结业。"


class ClassNotRunning(Refusal):
    sentence = "这个班{state}，不能办结业。"
    remedy = "刷新后可看到最新状态。"


@dataclass(frozen=True)
class Signed:
    """What came of a scan: whose it was and how it stands, or the problem in words."""

    attendance: Attendance | None
    problem: str = ""

    @property
    def accepted(self) -> bool:
        return not self.problem


@dataclass(frozen=True)
class Shown:
    """A code as the device read it: in which direction, on which device, how long ago by the device's own clock."""

    code: str
    direction: str
    device: str
    step: int
    ago: timedelta = timedelta()


def may_sign_lesson(actor: Actor, lesson: Lesson, body_id: UUID) -> bool:
    """Whether the actor takes attendance in this lesson: its teacher, or a clerk of its school."""
    teaches = actor.has("teacher") and actor.person_id is not None and actor.person_id == lesson.teacher_person_id
    return teaches or (actor.body_id == body_id and may_run_school(actor))


def _lesson(actor: Actor, lesson_id: UUID) -> tuple[Lesson, TrainingClass]:
    lesson = Lesson.objects.select_related("training_class").filter(id=lesson_id).first()
    if lesson is None or lesson.training_class.state not in ("open", "running"):
        raise NotFound()
    if not may_sign_lesson(actor, lesson, lesson.training_class.body_id):
        raise NotYourLesson()
    return lesson, lesson.training_class


def sign_in_teacher(actor: Actor, at: datetime, lesson_id: UUID) -> Lesson:
    """The teacher is there: a lesson without its teacher's own sign-in is shown to the county as such."""
    lesson, found = _lesson(actor, lesson_id)
    if lesson.teacher_person_id != actor.person_id:
        raise NotYourLesson()
    if not lesson.starts_at - EARLIEST <= at <= lesson.ends_at:
        raise NotLessonTime()
    if not Lesson.objects.filter(id=lesson.id, teacher_in_at=None).update(teacher_in_at=at):
        raise TeacherInAlready()
    note(actor, at, "teacher_signed_in", found, lesson=lesson.topic)
    lesson.refresh_from_db()
    return lesson


def sign(actor: Actor, at: datetime, lesson_id: UUID, shown: Shown, law: Law) -> Signed:
    """Take a code that a learner showed: in, out, away or back. Kept in any case; what does not count says why.

    `shown.ago` > 0 comes from a device's buffer: the code is asked for the moment at which the device read it.
    """
    lesson, _found = _lesson(actor, lesson_id)
    return _take(actor, at, lesson, list(_seats(lesson)), shown, law)


def sign_buffered(actor: Actor, at: datetime, lesson_id: UUID, shown: Sequence[Shown], law: Law) -> list[Signed]:
    """Take what a device read while it had no network: the oldest first, each answered as by `sign`.

    All rows of the lesson are locked in one order before the first: two devices never wait for each other crosswise.
    """
    lesson, _found = _lesson(actor, lesson_id)
    seats = list(_seats(lesson).select_for_update())
    oldest_first = sorted(shown, key=lambda one: one.ago, reverse=True)
    return [_take(actor, at, lesson, seats, one, law) for one in oldest_first]


def _take(
    actor: Actor, at: datetime, lesson: Lesson, seats: Sequence[tuple[UUID, UUID]], shown: Shown, law: Law
) -> Signed:  # fmt: skip
    when, found = at - shown.ago, lesson.training_class
    attendance = _whose(lesson, seats, shown.code, shown.step - int(shown.ago.total_seconds()) // 30)
    problem = _problem(lesson, attendance, shown, when)
    Scan.objects.create(
        id=new_id(), lesson=lesson, person_id=attendance.person_id if attendance else None, class_id=found.id,
        region_id=found.region_id, body_id=found.body_id, direction=shown.direction, device=shown.device[:40],
        device_at=when, received_at=at, offline=shown.ago > OFFLINE_AFTER, accepted=not problem, problem=problem,
        account_id=actor.account_id,
    )  # fmt: skip
    if problem or attendance is None:
        return Signed(attendance, PROBLEMS[problem])
    _apply(lesson, attendance, shown, when, law)
    if shown.direction == "in":
        _use_voucher(actor, at, attendance)
    attendance.refresh_from_db()
    return Signed(attendance)


def _seats(lesson: Lesson) -> QuerySet[Attendance, tuple[UUID, UUID]]:
    """Who is expected: each attendance with the seat whose secret makes its codes."""
    return Attendance.objects.filter(lesson=lesson, active=True).order_by("id").values_list("id", "enrolment_id")


def _whose(lesson: Lesson, seats: Sequence[tuple[UUID, UUID]], code: str, step: int) -> Attendance | None:
    """The learner of this lesson whose seat makes this code at this step; that row alone is locked.

    Whoever locked the whole lesson for each code would let its learners in one after the other.
    """
    digits = "".join(filter(str.isdigit, code))
    for key, seat in seats:
        if fits(digits, seed_of(seat), lesson.id, lesson.room_id, step):
            own = Attendance.objects.select_for_update(of=("self",)).filter(id=key, active=True)
            return own.select_related("person").first()
    return None


def _problem(lesson: Lesson, attendance: Attendance | None, shown: Shown, when: datetime) -> str:
    if shown.ago > OLDEST_BUFFER:
        return "too_old"
    if attendance is None:
        return "unknown_code"
    if not lesson.starts_at - EARLIEST <= when <= lesson.ends_at + LATEST:
        return "not_now"
    if shown.direction == "in":
        return "twice" if attendance.in_at else ""
    if attendance.in_at is None:
        return "not_in"
    return "twice" if attendance.state in ("attended", "late") else ""


def _apply(lesson: Lesson, attendance: Attendance, shown: Shown, when: datetime, law: Law) -> None:
    one = Attendance.objects.filter(id=attendance.id)
    certainty = "offline" if shown.ago > OFFLINE_AFTER else "code"
    if shown.direction == "in":
        move(one, ATTENDANCE_STATES, "present", in_at=when, certainty=certainty)
    elif shown.direction == "out":
        grace = _grace(attendance.region_id, when, law)
        stay = Stay(attendance.in_at or when, when, _away(lesson, attendance))
        counted = hours_of(stay, lesson.starts_at, lesson.ends_at, lesson.hours, grace)
        late = stay.in_at > lesson.starts_at + grace
        certainty = "offline" if "offline" in (certainty, attendance.certainty) else "code"
        to = "late" if late else "attended"
        move(one, ATTENDANCE_STATES, to, out_at=when, counted=counted, certainty=certainty)


def _grace(region_id: int, when: datetime, law: Law) -> timedelta:
    minutes = law.find(f"{region_id:06d}", "common", "late_minutes", day_of(when))
    return timedelta(minutes=int(minutes.value) if minutes.known else 0)


def _away(lesson: Lesson, attendance: Attendance) -> timedelta:
    """How long a learner was out between sign-in and sign-out; who left and did not come back is away to the end."""
    total, since = timedelta(), None
    scans = Scan.objects.filter(
        lesson=lesson, person_id=attendance.person_id, accepted=True, direction__in=("leave", "back")
    )
    for direction, moment in scans.order_by("device_at").values_list("direction", "device_at"):
        if direction == "leave":
            since = since or moment
        elif since:
            total, since = total + (moment - since), None
    return total + (lesson.ends_at - since if since else timedelta())


def _use_voucher(actor: Actor, at: datetime, attendance: Attendance) -> None:
    """The first sign-in with a seat's voucher puts it in use (V1)."""
    voucher = Voucher.objects.filter(enrolments=attendance.enrolment_id, state="reserved").first()
    if voucher:
        use_vouchers(actor, at, [voucher.id])


def close_lessons(actor: Actor, at: datetime, lesson_ids: Sequence[UUID]) -> int:
    """Lessons that are over: who did not sign in, or did not sign out, is absent until a plea is heard."""
    over = Lesson.objects.filter(id__in=lesson_ids, fixed=True, closed_at=None, ends_at__lt=at - LATEST)
    ids = list(over.exclude(kind="online").values_list("id", flat=True))
    left = Attendance.objects.filter(lesson_id__in=ids, active=True, state__in=("expected", "present"))
    move(left, ATTENDANCE_STATES, "absent")
    return Lesson.objects.filter(id__in=ids).update(closed_at=at)


def take_photo(actor: Actor, at: datetime, lesson_id: UUID, content: bytes) -> ClassPhoto:
    """A photo of the class while the lesson runs, sealed; the same picture never proves two lessons."""
    lesson, found = _lesson(actor, lesson_id)
    if not lesson.starts_at - EARLIEST <= at <= lesson.ends_at + LATEST:
        raise NotLessonTime()
    if len(content) > LARGEST_PHOTO or not content.startswith((b"\xff\xd8\xff", b"\x89PNG")):
        raise PhotoUnfit()
    digest, key = sha256(content).hexdigest(), new_id()
    if ClassPhoto.objects.filter(sha256=digest).exists():
        raise PhotoUsedBefore()
    photo = ClassPhoto.objects.create(
        id=key, lesson=lesson, region_id=found.region_id, body_id=found.body_id,
        content=seal(content, PHOTO.format(key)), sha256=digest, taken_at=at, received_at=at,
        taken_by_name=actor.name,
    )  # fmt: skip
    note(actor, at, "took_photo", found, lesson=lesson.topic)
    return photo


def may_count_heads(actor: Actor, found: TrainingClass) -> bool:
    """Whether the actor may come unannounced: the county's training desk."""
    return actor.has("training") and found.region_id in actor.regions


def count_heads(actor: Actor, at: datetime, lesson_id: UUID, counted: int, said: str) -> HeadCount:
    """An unannounced head count in a lesson that runs, set beside those who signed in and not out (15.3)."""
    lesson = Lesson.objects.select_related("training_class").filter(id=lesson_id).first()
    if lesson is None:
        raise NotFound()
    if not may_count_heads(actor, lesson.training_class):
        raise NotYourDuty()
    if not lesson.starts_at - EARLIEST <= at <= lesson.ends_at + LATEST:
        raise NotLessonTime()
    if counted < 0:
        raise CountWrong()
    scanned = Attendance.objects.filter(lesson=lesson, active=True, state="present").count()
    count = HeadCount.objects.create(
        lesson=lesson, region_id=lesson.training_class.region_id, body_id=lesson.training_class.body_id,
        counted=counted, scanned=scanned, note=said.strip(), at=at, counted_by_id=actor.the_account,
    )  # fmt: skip
    note(actor, at, "counted_heads", lesson.training_class, counted=counted, scanned=scanned)
    return count


def finish_class(actor: Actor, at: datetime, class_id: UUID, law: Law) -> TrainingClass:
    """Close a class after its last lesson: who has enough evidenced hours completed it, the others did not (结业).

    The share is the region's number; where none is filed, every hour is needed. Failed seats' vouchers are used up.
    """
    found = TrainingClass.objects.select_for_update().filter(id=class_id, body_id=actor.body_id).first()
    if found is None:
        raise NotFound()
    if not may_run_school(actor):
        raise NotYourDuty()
    if found.state != "running":
        raise ClassNotRunning(state=CLASS_STATES.words[found.state])
    if count := Lesson.objects.filter(training_class=found, closed_at=None).exclude(kind="online").count():
        raise LessonsNotOver(count=count)
    open_ones = AttendanceException.objects.filter(class_id=found.id, state__in=("asked", "proposed", "county"))
    if count := open_ones.count():
        raise ExceptionsOpen(count=count)
    share = law.find(f"{found.region_id:06d}", "common", "attendance_share_percent", day_of(at))
    see_region(actor, found.region_id)
    # What was learnt online is counted once more, with all that is known by now: afterwards it stays.
    online = Enrolment.objects.filter(training_class=found, state="seated", statements__isnull=False)
    count_online(actor, at, list(online.values_list("id", flat=True).distinct()), law)
    percent = int(share.value) if share.known else 100
    run(FINISH, {"class": found.id, "hours": found.hours, "percent": percent, "at": at})
    failed = Voucher.objects.filter(enrolments__training_class=found, enrolments__state="failed", state="in_use")
    settle_vouchers(actor, at, list(failed.values_list("id", flat=True)))
    move_one(found, CLASS_STATES, "finished", state_since=at)
    note(actor, at, "finished_class", found, percent=percent)
    return found


FINISH = """
UPDATE training_enrolment e SET state_since = %(at)s,
       state = CASE WHEN h.counted * 100 >= %(percent)s * %(hours)s THEN 'completed' ELSE 'failed' END
  FROM (SELECT e.id, coalesce(sum(a.counted) FILTER (WHERE a.active), 0) AS counted FROM training_enrolment e
          LEFT JOIN training_attendance a ON a.enrolment_id = e.id WHERE e.class_id = %(class)s GROUP BY e.id) h
 WHERE e.id = h.id AND e.state = 'seated'
"""


def reveal_photo(actor: Actor, at: datetime, photo: ClassPhoto) -> bytes:
    """A photo in clear, for provider and county; the looking is in the journal (I6)."""
    own = actor.body_id == photo.body_id and (may_run_school(actor) or actor.has("teacher"))
    if not own and not (actor.has("training") and photo.region_id in actor.regions):
        raise NotYourDuty()
    note(actor.for_purpose("查看课堂照片"), at, "revealed_photo", photo)
    return unseal(photo.content, PHOTO.format(photo.pk))
