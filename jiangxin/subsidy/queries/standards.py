"""What the desk sees of proposed and adopted numbers: a list, and one of them beside what is in force."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from jiangxin.ground.actor import Actor
from jiangxin.ground.jobs import Job
from jiangxin.ground.refusal import NotFound
from jiangxin.ground.regions import chain
from jiangxin.rules.numbers import NUMBERS
from jiangxin.rules.parameters import COMMON, Entry
from jiangxin.rules.wording import entry_in_words, value_in_words
from jiangxin.subsidy.law import current_law
from jiangxin.subsidy.models import SCHEMES, AdoptedStandard

SHELVES = {**SCHEMES, COMMON: "两项补贴共同的规定"}


def _visible(actor: Actor) -> QuerySet[AdoptedStandard]:
    """Those of the actor's regions, and what the levels above adopted."""
    above = Q(state="confirmed", region_id__in=chain(actor.region_id) if actor.region_id else ())
    return AdoptedStandard.objects.filter(Q(region_id__in=actor.regions) | above)


def standards_seen(actor: Actor, state: str = "") -> QuerySet[AdoptedStandard]:
    """Proposed and adopted numbers, the latest first; of one state when asked."""
    found = _visible(actor).select_related("entered_by", "confirmed_by").order_by("-entered_at", "-id")
    return found.filter(state=state) if state else found


def standard_counts(actor: Actor) -> dict[str, int]:
    """How many there are in each state."""
    return dict(_visible(actor).order_by().values_list("state").annotate(Count("id")))


def standard_seen(actor: Actor, standard_id: UUID) -> AdoptedStandard:
    """One of them. Raises NotFound outside the actor's sight."""
    standard = standards_seen(actor).filter(id=standard_id).first()
    if standard is None:
        raise NotFound()
    return standard


def trial_of(standard: AdoptedStandard) -> Job | None:
    """The latest trial of a proposal, asked for or done."""
    asked = Job.objects.filter(kind="try_standard", args__standard=str(standard.pk))
    return asked.order_by("-asked_at", "-id").first()


@dataclass(frozen=True)
class Compared:
    """One cell of a number: in force now, and as proposed; "" where there is none."""

    name: str
    now: str
    then: str

    @property
    def changed(self) -> bool:
        return self.now != self.then


def entry_before(standard: AdoptedStandard) -> Entry:
    """What is in force, without this one, on the day it begins."""
    law = current_law()
    return law.find(f"{standard.region_id:06d}", standard.scheme, standard.number, standard.from_on)


def compared_cells(standard: AdoptedStandard, before: Entry) -> list[Compared]:
    """The number cell by cell, in the order of the proposal; what the proposal leaves out comes last."""
    unit = NUMBERS[standard.number].unit
    then = dict(_cells(standard.value, unit))
    now = dict(_cells(before.value, unit)) if before.known else {"": entry_in_words(before)}
    return [Compared(name, now.get(name, ""), then.get(name, "")) for name in dict.fromkeys([*then, *now])]


def _cells(value: Any, unit: str, name: str = "") -> Iterator[tuple[str, str]]:
    """A table as (names joined, value in words); anything else is one cell without a name."""
    if not isinstance(value, dict):
        yield name, value_in_words(value, unit)
        return
    for key, inner in value.items():
        word = key if unit == "职业编码表" else value_in_words(key, "")
        yield from _cells(inner, unit, f"{name} · {word}" if name else word)
