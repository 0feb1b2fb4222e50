"""What the desk sees of proposed and adopted numbers: a list, and one of them beside what is in force."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from jiangxin.catalogue.models import TrainingItem
from jiangxin.ground.actor import Actor
from jiangxin.ground.jobs import Job
from jiangxin.ground.refusal import NotFound
from jiangxin.ground.regions import chain
from jiangxin.rules.numbers import NUMBERS
from jiangxin.rules.parameters import COMMON, Entry
from jiangxin.rules.vocabulary import ANY, CLASSES, KINDS, LEVELS
from jiangxin.rules.wording import entry_in_words, value_in_words
from jiangxin.subsidy.law import current_law
from jiangxin.subsidy.models import SCHEMES, AdoptedStandard

SHELVES = {**SCHEMES, COMMON: "各项补贴共同的规定"}
PLACES = {step: (place, step) for place, step in enumerate(("levels", *KINDS, *CLASSES, ANY, *LEVELS))}


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
    """The number cell by cell, classes and levels in the order of the law."""
    unit = NUMBERS[standard.number].unit
    then = dict(_cells(standard.value, unit))
    now: dict[tuple[str, ...], str] = {(): entry_in_words(before)}
    if before.known:
        now = dict(_cells(before.value, unit))
    names = _names([*then, *now])
    return [
        Compared(" · ".join(names[step] for step in path if step != "levels"), now.get(path, ""), then.get(path, ""))
        for path in sorted(then.keys() | now.keys(), key=lambda path: [PLACES.get(step, (99, step)) for step in path])
    ]


def _cells(value: Any, unit: str, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """A table as (the way to a cell, its value in words); anything else is one cell."""
    if not isinstance(value, dict):
        yield path, value_in_words(value, unit)
        return
    for key, inner in value.items():
        yield from _cells(inner, unit, (*path, key))


def _names(paths: Iterable[tuple[str, ...]]) -> dict[str, str]:
    """Each step in words; an item or project by its name."""
    steps = {step for path in paths for step in path}
    codes = [step.partition(":")[2] for step in steps if ":" in step]
    items = dict(TrainingItem.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}
    return {step: items.get(step.partition(":")[2]) or value_in_words(step, "") for step in steps}
