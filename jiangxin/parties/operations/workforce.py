"""A body's people: entered from its list, ended when they leave; a platform's without a contract (2.1, 4.2)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from jiangxin.ground.actor import Actor, everybody
from jiangxin.ground.clock import day_of
from jiangxin.ground.journal import entry, note_all
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.sheets import Sheet
from jiangxin.ground.staging import run, stage
from jiangxin.parties.models import Organisation
from jiangxin.parties.operations.persons import register_persons
from jiangxin.parties.operations.rosters import load_roster, receive_roster
from jiangxin.parties.queries.persons import Known
from jiangxin.parties.queries.workforce import kinds_of_work
from jiangxin.parties.register_files import WrongCell
from jiangxin.parties.rosters import WORKER_COLUMNS, Roster, Rows, WorkerRow, worker_builder, wrong_at
from jiangxin.parties.workforce import Employment, RosterFile

PLATFORM_STATUS = "platform_worker"


class WorkforceEmpty(Refusal):
    sentence = "没有选人。"
    remedy = "请先勾选，再办理。"


class InWorkforceAlready(Refusal):
    sentence = "有 {count} 人已经在本单位的用工名册里。"
    remedy = "请把名册再传一次，看是哪几行。"


class WorkBeginsLater(Refusal):
    sentence = "有 {count} 人的开始日期在今天之后。"
    remedy = "到了那天再报，或核对日期。"


class EmploymentEndsWrong(Refusal):
    sentence = "离开的日期不能早于开始的日期，也不能在今天之后。"
    remedy = "请核对日期。"


def may_keep_workforce(actor: Actor) -> bool:
    """Whether the actor keeps a body's list of its people (用人单位经办)."""
    return actor.body_id is not None and actor.has("employer")


def _permit(actor: Actor) -> UUID:
    if actor.body_id is None or not may_keep_workforce(actor):
        raise NotYourDuty()
    return actor.body_id


def workforce_roster(actor: Actor, at: datetime) -> Roster:
    """How a body's list of its people is read and checked."""
    today = day_of(at)

    def examine(sheet: Sheet, rows: Rows, known: Sequence[Known | None]) -> Iterable[WrongCell]:
        here = kinds_of_work(actor.body_id, [one.person_id for one in known if one], today) if actor.body_id else {}
        for (line, row), person in zip(rows, known, strict=True):
            if person and row.kind in here.get(person.person_id, ()):
                yield wrong_at(sheet, line, "number", "这个人已经在名册里", "请删去这一行")

    return Roster("workforce", "用工名册", "人员", WORKER_COLUMNS, worker_builder(today), examine)


def receive_workforce(actor: Actor, at: datetime, name: str, data: bytes) -> RosterFile:
    """Check a body's list of its people; nobody is entered yet."""
    _permit(actor)
    return receive_roster(actor, at, workforce_roster(actor, at), name, data)


def enter_workforce(actor: Actor, at: datetime, file_id: UUID, reason: str = "") -> RosterFile:
    """Enter the good rows of a list that was checked; with wrong rows beside them it needs a reason."""
    _permit(actor)
    roster = workforce_roster(actor, at)
    return load_roster(actor, at, file_id, roster, lambda rows: load_workforce(actor, at, rows), reason)


WORKER = "id uuid, person_id uuid, kind text, from_on date, spell_id uuid"
# What a platform says of its people is declared, by no register: certified stays false, no load stands behind it (P2).
INSERT_SPELLS = """
INSERT INTO parties_spell (id, person_id, kind_id, region_id, from_on, certified, source)
SELECT spell_id, person_id, %(status)s, %(region)s, from_on, false, %(source)s FROM new_worker
 WHERE spell_id IS NOT NULL ORDER BY person_id
"""
INSERT_EMPLOYMENTS = """
INSERT INTO parties_employment (id, person_id, body_id, region_id, kind, from_on, source, spell_id, entered_by_name)
SELECT id, person_id, %(body)s, %(region)s, kind, from_on, 'roster', spell_id, %(name)s FROM new_worker
 ORDER BY person_id
"""


def load_workforce(actor: Actor, at: datetime, rows: Sequence[WorkerRow]) -> int:
    """Enter people as a body's own, all or none; persons not yet known are made (16.1).

    A platform's people get a declared status besides: the scheme's facts see it as what the platform says (4.2, P2).
    """
    body_id = _permit(actor)
    if not rows:
        raise WorkforceEmpty()
    if late := sum(row.from_on > day_of(at) for row in rows):
        raise WorkBeginsLater(count=late)
    body = Organisation.objects.get(id=body_id)
    try:
        with transaction.atomic(), everybody():
            ids = register_persons(actor, at, [row.person for row in rows]).ids
            here = kinds_of_work(body_id, ids, day_of(at))
            if twice := sum(row.kind in here.get(person, ()) for person, row in zip(ids, rows, strict=True)):
                raise InWorkforceAlready(count=twice)
            _insert(actor, body, ids, rows)
    except IntegrityError:
        raise InWorkforceAlready(count=1) from None
    entered = Employment.objects.filter(body_id=body_id, person_id__in=ids, until_on=None)
    note_all(entry(actor, at, "entered_in_workforce", one, employment=one.kind) for one in entered)
    return len(rows)


def _insert(actor: Actor, body: Organisation, ids: Sequence[UUID], rows: Sequence[WorkerRow]) -> None:
    stage(
        "new_worker", WORKER,
        (
            (new_id(), person_id, row.kind, row.from_on, new_id() if row.kind == "platform" else None)
            for person_id, row in zip(ids, rows, strict=True)
        ),
    )  # fmt: skip
    key = {"region": body.region_id, "body": body.id, "name": actor.name}
    run(INSERT_SPELLS, key | {"status": PLATFORM_STATUS, "source": f"{body.name}的平台名册"[:200]})
    run(INSERT_EMPLOYMENTS, key)


END = """
WITH ended AS (
  UPDATE parties_employment SET until_on = %(on)s WHERE id = ANY(%(ids)s) AND until_on IS NULL RETURNING spell_id)
UPDATE parties_spell s SET until_on = %(on)s FROM ended WHERE s.id = ended.spell_id
"""


def end_employments(actor: Actor, at: datetime, employment_ids: Sequence[UUID], until_on: date) -> int:
    """People leave a body: their last day is written once, and a platform's declared status ends with it."""
    body_id = _permit(actor)
    if not employment_ids:
        raise WorkforceEmpty()
    found = list(
        Employment.objects.select_for_update()
        .filter(id__in=employment_ids, body_id=body_id, until_on=None)
        .order_by("id")
    )
    if len(found) < len(set(employment_ids)):
        raise NotFound()
    if until_on > day_of(at) or any(until_on < one.from_on for one in found):
        raise EmploymentEndsWrong()
    with everybody():
        run(END, {"ids": [one.id for one in found], "on": until_on})
    note_all(entry(actor, at, "ended_employment", one, on=until_on.isoformat()) for one in found)
    return len(found)
