"""Lines carried down the main line by its own operations, each step from the one before it."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from jiangxin.assessment.models import Certificate
from jiangxin.ground.actor import Actor
from jiangxin.ground.calendar import load_calendar
from jiangxin.ground.clock import day_of, opening_of
from jiangxin.subsidy.models import AdoptedStandard, Notice, SubsidyLine
from jiangxin.subsidy.operations.confirm import confirm_line
from jiangxin.subsidy.operations.decide import decide_certificates
from jiangxin.subsidy.operations.holds import ask_holds
from jiangxin.subsidy.operations.lines import lock_lines, move_lines
from jiangxin.subsidy.operations.notices import close_notices, release_notice
from tests.factories.world import World


def adopt(world: World, number: str, value: Any, from_on: date = date(2026, 1, 1), region: int | None = None) -> None:
    """A number of the procedure, adopted for the county, or another region, by a document."""
    standard = AdoptedStandard.objects.create(
        region_id=region or world.region, scheme="common", number=number, value=value, from_on=from_on,
        published_on=from_on, issued_by="嘉善县人社局", document="办事规程", document_number="1号", link="https://example.gov.cn/1",
        entered_by_id=world.staff["budget"].account_id, entered_at=world.at,
    )  # fmt: skip
    AdoptedStandard.objects.filter(id=standard.id).update(
        state="confirmed", confirmed_by_id=world.staff["budget2"].account_id, confirmed_at=world.at
    )


def own(line: SubsidyLine) -> Actor:
    """The line's person."""
    return Actor(name="本人", person_id=line.person_id)


def fresh(lines: Collection[SubsidyLine]) -> list[SubsidyLine]:
    """The lines as they stand, in key order."""
    return list(SubsidyLine.objects.filter(id__in=[line.id for line in lines]).order_by("id"))


def states(lines: Collection[SubsidyLine]) -> list[str]:
    """Their states, in the order given."""
    found = SubsidyLine.objects.in_bulk([line.id for line in lines])
    return [found[line.id].state for line in lines]


def decided(world: World, *certificates: Certificate) -> list[SubsidyLine]:
    """The training subsidy's lines of these certificates, decided now, in their order."""
    decide_certificates(world.machine, world.at, [c.id for c in certificates], "test")
    found = SubsidyLine.objects.filter(certificate__in=certificates, scheme="certificate_subsidy")
    by = {line.certificate_id: line for line in found}
    return [by[certificate.id] for certificate in certificates]


def confirmed(world: World, *certificates: Certificate) -> list[SubsidyLine]:
    """Decided with a yes and confirmed by their persons."""
    lines = decided(world, *certificates)
    for line in lines:
        confirm_line(own(line), world.at, line.id)
    world.see_all()
    return [SubsidyLine.objects.get(id=line.id) for line in lines]


def posted(world: World, *certificates: Certificate) -> tuple[Notice, list[SubsidyLine]]:
    """Confirmed lines in one notice."""
    lines = confirmed(world, *certificates)
    notice = release_notice(world.staff["maker"], world.at, world.office, [line.id for line in lines])
    return notice, [SubsidyLine.objects.get(id=line.id) for line in lines]


def after(at: datetime, working_days: int) -> datetime:
    """Nine o'clock so many working days later."""
    return opening_of(load_calendar().add(day_of(at), working_days).ends_on)


def noticed(world: World, *certificates: Certificate) -> list[SubsidyLine]:
    """Lines whose notice is over; the world's clock stands on that day."""
    notice, lines = posted(world, *certificates)
    world.at = after(world.at, 6)
    close_notices(world.machine, world.at, [notice])
    return [SubsidyLine.objects.get(id=line.id) for line in lines]


def asked(world: World, lines: Collection[SubsidyLine]) -> list[UUID]:
    """Ask the detectors as the main line does: the clean go on to approval; returns them."""
    clean = ask_holds(world.machine, world.at, lock_lines([line.id for line in lines]))
    move_lines(world.machine, world.at, "cleared", clean, "to_approve")
    return [line.id for line in clean]
