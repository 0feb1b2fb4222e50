"""Hours without a scan: said by the learner, proposed by the provider within a day, counted apart (P36).

The payee never decides the evidence for its own money: above the share, too late, or where an inspection found a
miscount, the county decides.
"""

from datetime import datetime, timedelta
from uuid import UUID

from jiangxin.ground.actor import Actor, see_region
from jiangxin.ground.clock import day_of
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.staging import rows_of
from jiangxin.ground.transitions import move, move_one
from jiangxin.rules.parameters import Law
from jiangxin.training.evidence import ATTENDANCE_STATES, EXCEPTION_STATES, Attendance, AttendanceException
from jiangxin.training.operations.places import may_run_school


class ExceptionNotNeeded(Refusal):
    sentence = "这次课{state}，不用补记。"
    remedy = "只有没签到、没签退而缺勤的课可以补记。"


class ExceptionAskedAlready(Refusal):
    sentence = "这次课已经申请过补记。"
    remedy = "在“我的班”里可以看到结果。"


class ExceptionNeedsText(Refusal):
    sentence = "请写明是怎么回事。"
    remedy = "至少写 5 个字。"


class ExceptionNotWaiting(Refusal):
    sentence = "这件补记已经办过：{state}。"
    remedy = "刷新后可看到结果。"


def may_ask_exception(actor: Actor, attendance: Attendance) -> bool:
    """Whether the learner may say that a scan is missing."""
    return actor.person_id == attendance.person_id and attendance.active and attendance.state == "absent"


def ask_exception(actor: Actor, at: datetime, attendance_id: UUID, cause: str, said: str) -> AttendanceException:
    """A learner was there and no scan says so: with a reason in the own words."""
    attendance = Attendance.objects.select_for_update().filter(id=attendance_id).first()
    if attendance is None or attendance.person_id != actor.person_id:
        raise NotFound()
    if AttendanceException.objects.filter(attendance=attendance).exists():
        raise ExceptionAskedAlready()
    if not may_ask_exception(actor, attendance):
        raise ExceptionNotNeeded(state=ATTENDANCE_STATES.words[attendance.state])
    if len(said.strip()) < 5:
        raise ExceptionNeedsText()
    asked = AttendanceException.objects.create(
        attendance=attendance, person_id=attendance.person_id, class_id=attendance.class_id,
        region_id=attendance.region_id, body_id=attendance.body_id, cause=cause, said=said.strip(), asked_at=at,
    )  # fmt: skip
    note(actor, at, "asked_exception", asked, cause=cause)
    return asked


def may_propose_exception(actor: Actor, asked: AttendanceException) -> bool:
    """Whether the actor answers for the school."""
    return may_run_school(actor) and actor.body_id == asked.body_id and asked.state == "asked"


def propose_exception(
    actor: Actor, at: datetime, exception_id: UUID, agreed: bool, finding: str, law: Law
) -> AttendanceException:
    """The provider's finding: not there, or proposed; within day and share it counts, else the county decides."""
    asked = AttendanceException.objects.select_for_update().filter(id=exception_id).first()
    if asked is None or asked.body_id != actor.body_id:
        raise NotFound()
    if not may_run_school(actor):
        raise NotYourDuty()
    if asked.state != "asked":
        raise ExceptionNotWaiting(state=EXCEPTION_STATES.words[asked.state])
    if len(finding.strip()) < 5:
        raise ExceptionNeedsText()
    see_region(actor, asked.region_id)
    if not agreed:
        move_one(asked, EXCEPTION_STATES, "refused", finding=finding.strip(), decided_at=at,
                 decided_by_id=actor.account_id)  # fmt: skip
    else:
        move_one(asked, EXCEPTION_STATES, "proposed", finding=finding.strip(), proposed_at=at,
                 proposed_by_id=actor.account_id)  # fmt: skip
        if why := _for_the_county(asked, at, law):
            move_one(asked, EXCEPTION_STATES, "county", opinion=why)
        else:
            _count(asked)
            move_one(asked, EXCEPTION_STATES, "counted", decided_at=at)
    note(actor, at, "proposed_exception", asked, outcome=asked.state)
    return asked


SHARE = """
SELECT coalesce(sum(a.hours) FILTER (WHERE a.by_exception OR a.id = %(own)s), 0), coalesce(sum(a.hours), 0),
       EXISTS (SELECT FROM training_head_count h JOIN training_lesson l ON l.id = h.lesson_id
                WHERE l.class_id = %(class)s AND h.counted < h.scanned)
  FROM training_attendance a WHERE a.class_id = %(class)s AND a.active
"""


def _for_the_county(asked: AttendanceException, at: datetime, law: Law) -> str:
    """Why the county decides, or "" where the rule is enough."""
    region, today = f"{asked.region_id:06d}", day_of(at)
    share = law.find(region, "common", "exception_share_percent", today)
    days = law.find(region, "common", "exception_days", today)
    [(wanted, total, miscounted)] = rows_of(SHARE, {"own": asked.attendance_id, "class": asked.class_id})
    if miscounted:
        return "检查清点的人数少于签到人数，由县里决定"
    if not share.known or not days.known:
        return "没有登记比例或期限，由县里决定"
    if at > asked.asked_at + timedelta(days=int(days.value)):
        return f"超过 {days.value} 天才提出，由县里决定"
    if wanted * 100 > int(share.value) * total:
        return f"全班补记超过 {share.value}%，由县里决定"
    return ""


def _count(asked: AttendanceException) -> None:
    attendance = Attendance.objects.get(id=asked.attendance_id)
    move(
        Attendance.objects.filter(id=attendance.id), ATTENDANCE_STATES, "attended", counted=attendance.hours,
        by_exception=True, certainty="exception",
    )  # fmt: skip


def decide_exception(
    actor: Actor, at: datetime, exception_id: UUID, counted: bool, opinion: str
) -> AttendanceException:
    """The county's word on an exception that the rule does not cover."""
    asked = AttendanceException.objects.select_for_update().filter(id=exception_id).first()
    if asked is None or asked.region_id not in actor.regions:
        raise NotFound()
    if not actor.has("training"):
        raise NotYourDuty()
    if asked.state != "county":
        raise ExceptionNotWaiting(state=EXCEPTION_STATES.words[asked.state])
    if len(opinion.strip()) < 5:
        raise ExceptionNeedsText()
    if counted:
        _count(asked)
    to = "counted" if counted else "refused"
    move_one(asked, EXCEPTION_STATES, to, decided_at=at, decided_by_id=actor.the_account, opinion=opinion.strip())
    note(actor, at, "decided_exception", asked, outcome=to)
    return asked
