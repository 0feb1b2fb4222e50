"""Moving lines from state to state, one or many, always by the table of states and always with the day it happened."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from jiangxin.funds.operations import continue_money
from jiangxin.ground.actor import Actor
from jiangxin.ground.journal import entry, note_all
from jiangxin.ground.refusal import ChangedMeanwhile, NotFound, Refusal
from jiangxin.ground.transitions import move
from jiangxin.subsidy.models import LINE_STATES, SubsidyLine


class OwnLine(Refusal):
    sentence = "这是您本人的补贴，您不能办理。"
    remedy = "请由另一位同事办理。"


def lock_lines(ids: Collection[UUID]) -> list[SubsidyLine]:
    """Lock lines in key order for the rest of the transaction."""
    found: QuerySet[SubsidyLine] = SubsidyLine.objects.select_for_update(of=("self",)).select_related(
        "certificate", "person"
    )
    return list(found.filter(id__in=ids).order_by("id"))


def lock_line(line_id: UUID) -> SubsidyLine:
    """Lock one line, or refuse: not there or not in scope."""
    lines = lock_lines([line_id])
    if not lines:
        raise NotFound()
    return lines[0]


def lock_line_of_another(actor: Actor, line_id: UUID) -> SubsidyLine:
    """Lock one line for an official who judges it: nobody judges the own money (Z6)."""
    line = lock_line(line_id)
    if actor.person_id == line.person_id:
        raise OwnLine()
    return line


def move_lines(
    actor: Actor, at: datetime, verb: str, lines: Collection[SubsidyLine], to_state: str, *, due_on: date | None = None,
    cause: str = "", **changes: object,
) -> None:  # fmt: skip
    """Move locked lines to a state, all or none, each with its journal entry; raises ChangedMeanwhile."""
    if not lines:
        return
    ids = [line.id for line in lines]
    moved = move(
        SubsidyLine.objects.filter(id__in=ids), LINE_STATES, to_state, state_since=at, due_on=due_on, **changes
    )
    if moved != len(ids):
        raise ChangedMeanwhile()
    note_all(
        entry(actor, at, verb, line, from_state=line.state, to_state=to_state, cause=cause)
        for line in lines
    )


def free_money(
    actor: Actor, at: datetime, verb: str, lines: Collection[SubsidyLine], to_state: str, **more: object
) -> None:
    """Give reserved money, count and level lock back and move the lines; a queued line holds no money yet."""
    event = actor.request_id
    continue_money("void", at, ((line.id, event) for line in lines if line.state != "queued"))
    move_lines(actor, at, verb, lines, to_state, slot=None, **more)  # type: ignore[arg-type]
