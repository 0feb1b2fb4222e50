"""What the registers are known to answer, and the statuses they tell."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import F, Q, QuerySet

from jiangxin.ground.regions import chain
from jiangxin.parties.models import RegisterLoad, Spell


@dataclass(frozen=True, slots=True)
class Span:
    """A region and the days, first and last included, for which a register has been loaded."""

    region_id: int
    from_on: date
    until_on: date


def coverage(register: str, region_id: int) -> list[Span]:
    """The spans that answer for a region: its own loads and those of the regions above it, which cover all below."""
    loads = RegisterLoad.objects.filter(register_id=register, region_id__in=chain(region_id), state="active")
    return [
        Span(load.region_id, load.from_on, load.until_on) for load in loads.order_by("from_on", "until_on", "region_id")
    ]


def spells_of(person_id: UUID, on: date | None = None) -> QuerySet[Spell]:
    """The statuses that count for a person, of a day when given: declared ones and those of loads not withdrawn."""
    spells = Spell.objects.select_related("kind", "kind__register").filter(
        Q(load=None) | Q(load__state="active"), person_id=person_id
    )
    if on is not None:
        spells = spells.filter(Q(until_on=None) | Q(until_on__gte=on), from_on__lte=on)
    return spells.order_by(F("from_on").desc(), "kind_id")
