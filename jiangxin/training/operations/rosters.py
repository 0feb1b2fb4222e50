"""Lists of learners: a whole list on seats by one statement, or a body's chosen people, each seat as any other (S1)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from jiangxin.ground.actor import Actor, everybody, see_region
from jiangxin.ground.clock import day_of
from jiangxin.ground.journal import entry, note, note_all
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.sheets import Sheet
from jiangxin.ground.staging import run, stage
from jiangxin.parties.models import Organisation
from jiangxin.parties.operations.bodies import check_credit_code
from jiangxin.parties.operations.persons import register_persons
from jiangxin.parties.operations.rosters import load_roster, receive_roster
from jiangxin.parties.queries.persons import Known
from jiangxin.parties.queries.workforce import kinds_of_work
from jiangxin.parties.register_files import WrongCell
from jiangxin.parties.rosters import PEOPLE_COLUMNS, Listed, Roster, Rows, build_listed, wrong_at
from jiangxin.parties.workforce import RosterFile
from jiangxin.recognition.queries import may_act
from jiangxin.training.models import CLASS_STATES, ClassOffer, Enrolment, TrainingClass
from jiangxin.training.operations.places import may_run_school
from jiangxin.training.operations.seats import (
    LAY_OUT,
    BodyMayNotTrain,
    EnrolledAlready,
    InAnotherLesson,
    Worth,
    no_worth,
    take_vouchers,
)
from jiangxin.training.operations.sending import FILLABLE, ClassTakesNobody, permit_others
from jiangxin.training.queries.rosters import IN_CLASS, obstacles


class NobodyChosen(Refusal):
    sentence = "没有选人。"
    remedy = "请先勾选要报名的人。"


class SomebodyCannotSit(Refusal):
    sentence = "有 {count} 人现在不能进这个班：{why}。"
    remedy = "请去掉这些人再办；其他人还没有报上。"


class SeatsTooFew(Refusal):
    sentence = "要 {wanted} 个座位，只剩 {left} 个，一个也没有报上。"
    remedy = "请减少人数，或换一个班。"


class OfferToItself(Refusal):
    sentence = "这就是本机构自己的班。"
    remedy = "给本单位的人报班，直接在“给员工报班”里办。"


class OfferedAlready(Refusal):
    sentence = "已经给这家单位留了名额。"
    remedy = "不用再办。"


class OfferedBodyUnknown(Refusal):
    sentence = "没有找到这家单位。"
    remedy = "请核对统一社会信用代码；没有账号的单位请先到县里开通。"


# One statement: all the seats are taken only where that many are free, and all sit on them or nothing happened (S1).
TAKE_SEATS = """
WITH seat AS (
  UPDATE training_training_class SET taken = taken + %(many)s
   WHERE id = %(class)s AND state = ANY(%(states)s) AND taken + %(many)s <= capacity RETURNING id, region_id, body_id)
INSERT INTO training_enrolment (id, class_id, person_id, region_id, body_id, state, source, employer_id, waits_since,
       state_since, entered_by_name, reason, forecast)
SELECT n.id, s.id, n.person_id, s.region_id, s.body_id, 'seated', %(source)s, %(employer)s, %(at)s, %(at)s, %(name)s,
       '', %(forecast)s::jsonb FROM new_seat n CROSS JOIN seat s ORDER BY n.person_id
"""


def _seat_all(
    actor: Actor, at: datetime, found: TrainingClass, persons: Sequence[UUID], source: str, employer_id: UUID | None,
    worth: Worth, forecast: Mapping[str, Any],
) -> int:  # fmt: skip
    permit_others(actor, at, found, source, employer_id, persons)
    if may_act(found.body_id, "provider", found.subject, found.level, at) is False:
        raise BodyMayNotTrain()
    if employer_id:
        see_region(actor, found.region_id)  # the timetable of the own people is the school's row
    if against := obstacles(found, persons):
        raise SomebodyCannotSit(count=len(against), why=next(iter(against.values())))
    seats = {person: new_id() for person in sorted(persons)}
    stage("new_seat", "id uuid, person_id uuid", ((seat, person) for person, seat in seats.items()))
    key = {
        "class": found.id, "many": len(seats), "states": ["open"] if source != "roster" else list(FILLABLE),
        "source": source, "employer": employer_id, "at": at, "name": actor.name, "forecast": json.dumps(dict(forecast)),
    }  # fmt: skip
    try:
        with transaction.atomic():
            if not run(TAKE_SEATS, key):
                raise _why_not(found.id, len(seats))
            run(LAY_OUT, [list(seats.values()), at])
            take_vouchers(actor, at, found, seats, worth)
    except IntegrityError as no:
        raise (InAnotherLesson if "learner_in_one_place" in str(no) else EnrolledAlready)() from no
    made = Enrolment.objects.filter(id__in=seats.values())
    note_all(entry(actor, at, "took_seat", one, training_class=str(found.id)) for one in made)
    return len(seats)


def _why_not(class_id: UUID, wanted: int) -> Refusal:
    now = TrainingClass.objects.get(id=class_id)
    if now.state in FILLABLE and now.seats_left < wanted:
        return SeatsTooFew(wanted=wanted, left=now.seats_left)
    return ClassTakesNobody(state=CLASS_STATES.words[now.state])


# ── the list of a class ────────────────────────────────────────────────────────────────────────────────────────────
def class_roster(found: TrainingClass) -> Roster:
    """How the list of a class is read and checked: who is in it already, who sits elsewhere, who would be too many."""

    def examine(sheet: Sheet, rows: Rows, known: Sequence[Known | None]) -> Iterable[WrongCell]:
        against = obstacles(found, [one.person_id for one in known if one])
        room = found.seats_left
        for (line, _), person in zip(rows, known, strict=True):
            said = against.get(person.person_id) if person else None
            if said:
                remedy = "请删去这一行" if said == IN_CLASS else "请本人先退出另一个班，或删去这一行"
                yield wrong_at(sheet, line, "number", said, remedy)
            elif room > 0:
                room -= 1
            else:
                short = f"座位不够，只剩 {found.seats_left} 个"
                yield wrong_at(sheet, line, "name", short, "请减少人数，或增加计划人数")

    return Roster("class", f"{found.number} 学员名册"[:60], "学员", PEOPLE_COLUMNS, build_listed, examine)


def _own_class(actor: Actor, class_id: UUID) -> TrainingClass:
    found = TrainingClass.objects.filter(id=class_id, body_id=actor.body_id).first()
    if actor.body_id is None or found is None:
        raise NotFound()
    if not may_run_school(actor):
        raise NotYourDuty()
    return found


def receive_class_roster(actor: Actor, at: datetime, class_id: UUID, name: str, data: bytes) -> RosterFile:
    """Check the list of an own class; nobody sits yet."""
    found = _own_class(actor, class_id)
    if found.state not in FILLABLE:
        raise ClassTakesNobody(state=CLASS_STATES.words[found.state])
    return receive_roster(actor, at, class_roster(found), name, data, class_id)


def seat_class_roster(
    actor: Actor, at: datetime, file_id: UUID, worth: Worth = no_worth, reason: str = ""
) -> RosterFile:
    """Put the good rows of a checked list on seats, all or none; with wrong rows beside them it needs a reason."""
    file = RosterFile.objects.filter(id=file_id, body_id=actor.body_id, purpose="class").first()
    if file is None or file.about is None:
        raise NotFound()
    found = _own_class(actor, file.about)
    return load_roster(
        actor, at, file_id, class_roster(found), lambda rows: enrol_roster(actor, at, found.id, rows, worth), reason
    )


def enrol_roster(actor: Actor, at: datetime, class_id: UUID, rows: Sequence[Listed], worth: Worth = no_worth) -> int:
    """Put everybody of a list on a seat of an own class, or nobody; persons not yet known are made (16.1).

    Raises SomebodyCannotSit, SeatsTooFew, ClassTakesNobody; then nothing was taken and nobody was made.
    """
    found = _own_class(actor, class_id)
    if not rows:
        raise NobodyChosen()
    with transaction.atomic():
        with everybody():
            ids = register_persons(actor, at, [row.person for row in rows]).ids
        told = {"worth_fen": worth(found, day_of(at))}
        return _seat_all(actor, at, found, list(dict.fromkeys(ids)), "roster", None, worth, told)


# ── a body's own people ────────────────────────────────────────────────────────────────────────────────────────────
def enrol_staff(
    actor: Actor, at: datetime, class_id: UUID, person_ids: Sequence[UUID], worth: Worth = no_worth
) -> int:  # fmt: skip
    """Put chosen people of the actor's own workforce on seats of a class open to it, all or none (4.2, 5.2).

    Whoever works by contract comes from the employer, whoever works without one from the platform.
    """
    found = TrainingClass.objects.filter(id=class_id).first()
    if found is None:
        raise NotFound()
    if actor.body_id is None or not actor.has("employer"):
        raise NotYourDuty()
    persons = list(dict.fromkeys(person_ids))
    if not persons:
        raise NobodyChosen()
    here = kinds_of_work(actor.body_id, persons, day_of(at))
    without = [person for person in persons if here.get(person) == {"platform"}]
    told = {"worth_fen": worth(found, day_of(at))}
    with transaction.atomic():
        if found.seats_left < len(persons) and found.state == "open":
            raise SeatsTooFew(wanted=len(persons), left=found.seats_left)
        for source, some in (("employer", [one for one in persons if one not in without]), ("platform", without)):
            if some:
                _seat_all(actor, at, found, some, source, actor.body_id, worth, told)
    return len(persons)


# ── order-based classes ────────────────────────────────────────────────────────────────────────────────────────────
def offer_class(actor: Actor, at: datetime, class_id: UUID, credit_code: str) -> ClassOffer:
    """Hold an own class ready for a body's people: it may then put its own on seats (订单班, 5.2)."""
    found = _own_class(actor, class_id)
    if found.state not in ("draft", "returned", "submitted", "open"):
        raise ClassTakesNobody(state=CLASS_STATES.words[found.state])
    body = Organisation.objects.filter(credit_code=check_credit_code(credit_code)).first()
    if body is None:
        raise OfferedBodyUnknown()
    if body.id == actor.body_id:
        raise OfferToItself()
    if ClassOffer.objects.filter(training_class=found, body=body, ended_at=None).exists():
        raise OfferedAlready()
    made = ClassOffer.objects.create(
        training_class=found, body=body, provider_id=found.body_id, region_id=found.region_id, offered_at=at,
        entered_by_name=actor.name,
    )  # fmt: skip
    note(actor, at, "offered_class", found, reason=body.name)
    return made


def end_offer(actor: Actor, at: datetime, offer_id: UUID) -> ClassOffer:
    """Take an offer back; who sits already stays."""
    offer = ClassOffer.objects.select_for_update(of=("self",)).select_related("body").filter(id=offer_id).first()
    if offer is None or offer.provider_id != actor.body_id or offer.ended_at:
        raise NotFound()
    if not may_run_school(actor):
        raise NotYourDuty()
    ClassOffer.objects.filter(id=offer.id).update(ended_at=at)
    found = TrainingClass.objects.get(id=offer.training_class_id)
    note(actor, at, "ended_offer", found, reason=offer.body.name)
    offer.ended_at = at
    return offer
