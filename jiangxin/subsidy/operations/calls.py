"""Telephone calls to a person whose answer is missing: each one kept with whether the person was reached (P13)."""

from datetime import datetime
from uuid import UUID

from jiangxin.ground.actor import Actor
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import NotYourDuty
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.subsidy.operations.confirm import NothingToConfirm, WillNeedsRecord
from jiangxin.subsidy.operations.lines import lock_line

CALLED = ("to_confirm", "silent", "deferred")


def may_call(actor: Actor, line: SubsidyLine) -> bool:
    """Whether the actor may call about this line: a maker in scope, while the person's answer is missing."""
    return actor.has("maker") and line.region_id in actor.regions and line.state in CALLED


def record_call(actor: Actor, at: datetime, line_id: UUID, reached: bool, record: str) -> SubsidyLine:
    """Keep that the person was called and what was said; nothing else changes. Once reached, it leaves 今日."""
    line = lock_line(line_id)
    if not actor.has("maker"):
        raise NotYourDuty()
    if not may_call(actor, line):
        raise NothingToConfirm()
    if len(record.strip()) < 5:
        raise WillNeedsRecord()
    note(actor, at, "called_person", line, reached=reached, cause=record.strip())
    return line
