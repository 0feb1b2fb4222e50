"""Seats: taken by one statement, held with an end, waited for in turn; seat and voucher move together (S1, S2, S5).

Nobody counts and then inserts: a class gives a seat by a conditional update in the statement that sits somebody down.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from jiangxin.ground.actor import Actor, see_region
from jiangxin.ground.clock import day_of
from jiangxin.ground.journal import entry, note, note_all
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.staging import rows_of, run
from jiangxin.ground.transitions import move_one
from jiangxin.recognition.queries import may_act
from jiangxin.rules.parameters import Law
from jiangxin.training.models import CLASS_STATES, ENROLMENT_STATES, Enrolment, TrainingClass
from jiangxin.training.operations.sending import FILLABLE, ClassTakesNobody, permit_others
from jiangxin.training.operations.vouchers import reserve_vouchers, return_vouchers
from jiangxin.training.queries.vouchers import usable_vouchers

HOLD_HOURS = "seat_hold_hours"


class EnrolledAlready(Refusal):
    sentence = "已经报过这个班。"
    remedy = "在“我的班”里可以看到状态。"


class InAnotherLesson(Refusal):
    sentence = "上课时间和已经报的另一个班冲突。"
    remedy = "请先退出另一个班，或换一个时间的班。"


class BodyMayNotTrain(Refusal):
    sentence = "这家机构现在被暂停，或已移出培训目录，不能招人。"
    remedy = "请看看别家机构的班。"


class RosterElsewhere(Refusal):
    sentence = "名册里有人在这段时间已经有别的班的课。"
    remedy = "请退回机构，核对名册或调整时间。"


class RosterOnly(Refusal):
    sentence = "这个班按名册招生，不能自己报名。"
    remedy = "请联系机构或本单位。"


class SeatNotHeld(Refusal):
    sentence = "这个座位已经不为您留了：{state}。"
    remedy = "请看现在排在第几位，或换一个班。"


class CannotLeave(Refusal):
    sentence = "现在不能退出：{state}。"
    remedy = "有问题请联系培训机构。"


class LeavingNeedsReason(Refusal):
    sentence = "替学员退班要写明原因。"
    remedy = "至少写 5 个字，学员本人看得到。"


class VoucherStaysBehind(Refusal):
    sentence = "原班用着的培训券不能用在新的班。"
    remedy = "请先联系经办单位，换一个能用这张券的班。"


@dataclass(frozen=True)
class Place:
    """What an application for a seat came to: on a seat, or waiting in this place (1 = next)."""

    enrolment: Enrolment
    seated: bool
    place: int = 0


@dataclass(frozen=True)
class Joining:
    """Who joins a class and how: from which source, for which employer, with what was told beforehand."""

    person_id: UUID
    source: str
    employer_id: UUID | None = None
    forecast: Mapping[str, Any] = field(default_factory=dict)


# One statement: the seat is taken only where one is free, and somebody sits on it or nothing happened (S1).
TAKE_SEAT = """
WITH seat AS (
  UPDATE training_training_class SET taken = taken + 1
   WHERE id = %(class)s AND state = ANY(%(states)s) AND taken < capacity RETURNING id, region_id, body_id)
INSERT INTO training_enrolment (id, class_id, person_id, region_id, body_id, state, source, employer_id, waits_since,
       state_since, entered_by_name, reason, forecast)
SELECT %(id)s, id, %(person)s, region_id, body_id, 'seated', %(source)s, %(employer)s, %(at)s, %(at)s, %(name)s, '',
       %(forecast)s::jsonb FROM seat
"""
WAIT = """
INSERT INTO training_enrolment (id, class_id, person_id, region_id, body_id, state, source, employer_id, waits_since,
       state_since, entered_by_name, reason, forecast)
SELECT %(id)s, id, %(person)s, region_id, body_id, 'waiting', %(source)s, %(employer)s, %(at)s, %(at)s, %(name)s, '',
       %(forecast)s::jsonb FROM training_training_class WHERE id = %(class)s AND state = 'open'
"""
LAY_OUT = """
INSERT INTO training_attendance (id, lesson_id, enrolment_id, person_id, class_id, region_id, body_id, starts_at,
       ends_at, online, active, hours, counted, by_exception, state, certainty)
SELECT gen_random_uuid(), l.id, e.id, e.person_id, e.class_id, e.region_id, e.body_id, l.starts_at, l.ends_at,
       l.kind = 'online', true, l.hours, 0, false, 'expected', ''
  FROM training_enrolment e JOIN training_lesson l ON l.class_id = e.class_id AND l.fixed
  JOIN training_training_class c ON c.id = e.class_id AND c.state IN ('open', 'running')
 WHERE e.id = ANY(%s) AND l.ends_at > %s ORDER BY l.starts_at, l.id
"""
LEAVE = """
WITH gone AS (
  SELECT id, class_id, training_on_a_seat(state) AS sat FROM training_enrolment
   WHERE id = ANY(%(ids)s) AND state = ANY(%(from)s) FOR UPDATE),
 moved AS (
  UPDATE training_enrolment e SET state = %(to)s, state_since = %(at)s, reason = %(reason)s, held_until = NULL
    FROM gone WHERE e.id = gone.id),
 fewer AS (
  UPDATE training_training_class c SET taken = c.taken - n.count
    FROM (SELECT class_id, count(*) FROM gone WHERE sat GROUP BY 1) n WHERE c.id = n.class_id),
 freed AS (
  UPDATE training_attendance a SET active = false FROM gone WHERE a.enrolment_id = gone.id AND a.state = 'expected')
SELECT id FROM gone
"""
PROMOTE = """
WITH next AS (
  SELECT id FROM training_enrolment WHERE class_id = %(class)s AND state = 'waiting'
   ORDER BY waits_since, id LIMIT 1),
 seat AS (
  UPDATE training_training_class SET taken = taken + 1
   WHERE id = %(class)s AND state = 'open' AND taken < capacity AND EXISTS (SELECT FROM next) RETURNING id)
UPDATE training_enrolment e SET state = 'held', held_until = %(until)s, state_since = %(at)s
  FROM next, seat WHERE e.id = next.id RETURNING e.id
"""


def may_take_seat(actor: Actor, found: TrainingClass) -> bool:
    """Whether the actor may join this class by oneself: a worker, while it takes people from the public."""
    return actor.person_id is not None and found.state == "open" and found.enrolment == "public"


def may_leave(actor: Actor, enrolment: Enrolment) -> bool:
    """Whether the actor may end this: the learner, or the provider, or the county's training desk."""
    alive = enrolment.state in ("waiting", "held", "seated")
    own = actor.person_id == enrolment.person_id
    school = actor.body_id == enrolment.body_id and actor.has("school", "head")
    sent = actor.body_id is not None and actor.body_id == enrolment.employer_id and actor.has("employer")
    return alive and (own or school or sent or (actor.has("training") and enrolment.region_id in actor.regions))


def _permit(actor: Actor, at: datetime, found: TrainingClass, joining: Joining) -> None:
    if joining.source == "self":
        if actor.person_id is None or actor.person_id != joining.person_id:
            raise NotYourDuty()
        if found.enrolment == "roster":
            raise RosterOnly()
    else:
        permit_others(actor, at, found, joining.source, joining.employer_id, [joining.person_id])


Worth = Callable[[TrainingClass, date], int | None]


def no_worth(_found: TrainingClass, _on: date) -> int | None:
    """Where nobody knows what a class is worth, a voucher of standard value sets nothing aside."""
    return None


def enrol(
    actor: Actor, at: datetime, class_id: UUID, joining: Joining, worth: Worth = no_worth
) -> Place:  # fmt: skip
    """Take a seat in a class for a person with the voucher that fits, or a place in the queue behind others (S1, S5).

    `worth` says what the law would pay for this class, for vouchers of standard value (P37). Raises ClassTakesNobody,
    RosterOnly, EnrolledAlready, InAnotherLesson, VoucherNotUsable; then nothing was taken.
    """
    found = TrainingClass.objects.filter(id=class_id).first()
    if found is None:
        raise NotFound()
    _permit(actor, at, found, joining)
    if may_act(found.body_id, "provider", found.subject, found.level, at) is False:
        raise BodyMayNotTrain()
    if joining.employer_id:
        see_region(actor, found.region_id)
    key: dict[str, Any] = {
        "id": new_id(), "class": class_id, "person": joining.person_id, "source": joining.source,
        "employer": joining.employer_id, "at": at, "name": actor.name, "forecast": json.dumps(dict(joining.forecast)),
        "states": ["open"] if joining.source == "self" else list(FILLABLE),
    }  # fmt: skip
    try:
        with transaction.atomic():
            seated = bool(run(TAKE_SEAT, key))
            if seated:
                run(LAY_OUT, [[key["id"]], at])
                take_vouchers(actor, at, found, {joining.person_id: key["id"]}, worth)
            elif not run(WAIT, key):
                raise ClassTakesNobody(state=_why_nobody(class_id))
    except IntegrityError as no:
        raise (InAnotherLesson if "learner_in_one_place" in str(no) else EnrolledAlready)() from no
    enrolment = Enrolment.objects.get(id=key["id"])
    note(actor, at, "took_seat" if seated else "joined_queue", enrolment, training_class=str(class_id))
    return Place(enrolment, seated, 0 if seated else place_in_queue(enrolment))


def take_vouchers(actor: Actor, at: datetime, found: TrainingClass, seats: Mapping[UUID, UUID], worth: Worth) -> None:
    """Each person's fitting voucher goes with the seat (`seats`: person → enrolment); a planned class takes none."""
    if found.state not in ("open", "running"):
        return
    fitting = usable_vouchers(seats, found, day_of(at))
    for person_id, voucher in fitting.items():
        Enrolment.objects.filter(id=seats[person_id]).update(voucher=voucher)
    fen = worth(found, day_of(at)) if fitting else None
    reserve_vouchers(
        actor, at, [(seats[person_id], voucher.id) for person_id, voucher in fitting.items()],
        amounts={seats[person_id]: fen for person_id in fitting} if fen else None,
    )  # fmt: skip


def _why_nobody(class_id: UUID) -> str:
    state, taken, capacity = TrainingClass.objects.values_list("state", "taken", "capacity").get(id=class_id)
    return "已满" if taken >= capacity else CLASS_STATES.words[state]


def place_in_queue(enrolment: Enrolment) -> int:
    """How many are in front, and oneself: 1 = the next freed seat."""
    [(count,)] = rows_of(IN_FRONT, [enrolment.training_class_id, enrolment.waits_since, enrolment.id])
    return int(count) + 1


# Whoever waits learns the own place, not who stands in front: counted past the scope.
IN_FRONT = "SELECT training_in_front(%s, %s, %s)"


def confirm_seat(actor: Actor, at: datetime, enrolment_id: UUID) -> Enrolment:
    """The learner takes the seat that a free place held for the next in turn."""
    enrolment = Enrolment.objects.select_for_update().filter(id=enrolment_id).first()
    if enrolment is None or enrolment.person_id != actor.person_id:
        raise NotFound()
    if enrolment.state != "held" or (enrolment.held_until and enrolment.held_until < at):
        raise SeatNotHeld(state=ENROLMENT_STATES.words[enrolment.state])
    move_one(enrolment, ENROLMENT_STATES, "seated", state_since=at, held_until=None)
    note(actor, at, "confirmed_seat", enrolment)
    return enrolment


def leave_class(
    actor: Actor, at: datetime, enrolment_id: UUID, reason: str, law: Law, worth: Worth = no_worth
) -> Enrolment:
    """Give a seat or a place in the queue back; the next in turn is offered the seat in the same transaction (S5)."""
    enrolment = Enrolment.objects.filter(id=enrolment_id).first()
    if enrolment is None:
        raise NotFound()
    if not may_leave(actor, enrolment):
        if enrolment.state not in ("waiting", "held", "seated"):
            raise CannotLeave(state=ENROLMENT_STATES.words[enrolment.state])
        raise NotYourDuty()
    if actor.person_id != enrolment.person_id and len(reason.strip()) < 5:
        raise LeavingNeedsReason()
    see_region(actor, enrolment.region_id)
    _lock_classes([enrolment.training_class_id])
    if not _end(actor, at, [enrolment.id], "left", reason.strip()):
        enrolment.refresh_from_db()
        raise CannotLeave(state=ENROLMENT_STATES.words[enrolment.state])
    note(actor, at, "left_class", enrolment, reason=reason.strip())
    promote_next(actor, at, enrolment.training_class_id, law, worth)
    enrolment.refresh_from_db()
    return enrolment


def move_seat(
    actor: Actor, at: datetime, enrolment: Enrolment, to: TrainingClass, reason: str, worth: Worth = no_worth
) -> Enrolment:
    """Seat and voucher of a permitted learner to another class that has not begun, all or nothing (7.3, P38).

    The freed seat is offered to nobody: the school may not take people. Raises ClassTakesNobody, InAnotherLesson,
    EnrolledAlready, VoucherStaysBehind.
    """
    had_voucher, source = enrolment.voucher_id is not None, enrolment.source
    key: dict[str, Any] = {
        "id": new_id(), "class": to.id, "person": enrolment.person_id, "source": source, "at": at, "name": actor.name,
        "employer": enrolment.employer_id, "forecast": json.dumps(enrolment.forecast), "states": ["open"],
    }  # fmt: skip
    _lock_classes([enrolment.training_class_id, to.id])
    try:
        with transaction.atomic():
            _end(actor, at, [enrolment.id], "left", reason)
            if not run(TAKE_SEAT, key):
                raise ClassTakesNobody(state=_why_nobody(to.id))
            run(LAY_OUT, [[key["id"]], at])
            take_vouchers(actor, at, to, {enrolment.person_id: key["id"]}, worth)
            made = Enrolment.objects.get(id=key["id"])
            if had_voucher and made.voucher_id is None:
                raise VoucherStaysBehind()
    except IntegrityError as no:
        raise (InAnotherLesson if "learner_in_one_place" in str(no) else EnrolledAlready)() from no
    return made


def _end(actor: Actor, at: datetime, ids: Collection[UUID], to: str, reason: str) -> list[UUID]:
    """End places in one statement: seat, queue and timetable together, and the vouchers with their days.

    Returns those that were still alive.
    """
    key = {"ids": list(ids), "to": to, "from": ENROLMENT_STATES.before(to), "at": at, "reason": reason}
    ended = [found for (found,) in rows_of(LEAVE, key)]
    held = Enrolment.objects.filter(id__in=ended, voucher__isnull=False).values_list("voucher_id", flat=True)
    return_vouchers(actor, at, [voucher for voucher in held if voucher], reason or "本人退出")
    return ended


def _lock_classes(class_ids: Collection[UUID]) -> None:
    rows_of(
        "SELECT id FROM training_training_class WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [list(class_ids)]
    )


def promote_next(
    actor: Actor, at: datetime, class_id: UUID, law: Law, worth: Worth = no_worth
) -> list[UUID]:  # fmt: skip
    """Offer each free seat to exactly one, in the order in which they began to wait (S5).

    Whoever sits in another lesson at that time by now is told so, and the next one is asked.
    """
    found_class = TrainingClass.objects.get(id=class_id)
    hours = law.find(f"{found_class.region_id:06d}", "common", HOLD_HOURS, day_of(at))
    until = at + timedelta(hours=int(hours.value)) if hours.known else at + timedelta(days=1)
    offered: list[UUID] = []
    while True:
        try:
            with transaction.atomic():
                found = rows_of(PROMOTE, {"class": class_id, "until": until, "at": at})
                run(LAY_OUT, [[id for (id,) in found], at])
        except IntegrityError:
            _pass_over(actor, at, class_id)
            continue
        if not found:
            return offered
        offered += [id for (id,) in found]
        for enrolment in Enrolment.objects.filter(id=found[0][0]):
            take_vouchers(actor, at, found_class, {enrolment.person_id: enrolment.id}, worth)
            note(actor, at, "offered_seat", enrolment, until=until.isoformat())


def _pass_over(actor: Actor, at: datetime, class_id: UUID) -> None:
    waiting = Enrolment.objects.filter(training_class_id=class_id, state="waiting").order_by("waits_since", "id")
    _end(actor, at, list(waiting.values_list("id", flat=True)[:1]), "left", "排到时，那段时间已经在别的班上课")


def lay_out_class(at: datetime, class_id: UUID) -> None:
    """Write the timetable of everybody on a seat, once the class is open. Raises RosterElsewhere (S3)."""
    seated = Enrolment.objects.filter(training_class_id=class_id, state__in=("held", "seated"))
    try:
        with transaction.atomic():
            run(LAY_OUT, [list(seated.values_list("id", flat=True)), at])
    except IntegrityError as no:
        raise RosterElsewhere() from no


def lapse_holds(actor: Actor, at: datetime, law: Law, worth: Worth = no_worth) -> int:
    """Seats held past their end go to the next in turn."""
    over = list(Enrolment.objects.filter(state="held", held_until__lt=at).order_by("training_class_id", "id"))
    _lock_classes({enrolment.training_class_id for enrolment in over})
    ended = set(_end(actor, at, [enrolment.id for enrolment in over], "lapsed", "留座时间内没有确认"))
    note_all(entry(actor, at, "lapsed_hold", enrolment) for enrolment in over if enrolment.id in ended)
    for class_id in sorted({enrolment.training_class_id for enrolment in over}):
        promote_next(actor, at, class_id, law, worth)
    return len(ended)


def free_all_seats(actor: Actor, at: datetime, found: TrainingClass, reason: str) -> int:
    """Every learner of a class gets back at once what the seat took; returns how many were still there."""
    _lock_classes([found.id])
    alive = list(Enrolment.objects.filter(training_class=found, state__in=("waiting", "held", "seated")))
    ended = _end(actor, at, [enrolment.id for enrolment in alive], "left", reason[:200])
    note_all(entry(actor, at, "left_class", enrolment, reason=reason) for enrolment in alive)
    return len(ended)
