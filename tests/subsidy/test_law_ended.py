"""A number of the law that ended is unknown for the rows of its county, never an exception: the others go on (8.2)."""

from datetime import date, timedelta
from typing import Any

import pytest

from jiangxin.ground.actor import set_scope
from jiangxin.ground.clock import opening_of
from jiangxin.mainline import STEPS
from jiangxin.rules.parameters import NumberUnknown
from jiangxin.subsidy.models import AdoptedStandard, Hold, SubsidyLine
from jiangxin.subsidy.operations import confirm
from jiangxin.subsidy.operations.objections import file_objection
from jiangxin.subsidy.terms import Terms
from tests.factories.refused import refused
from tests.factories.steps import adopt, asked, confirmed, decided, noticed, own, posted, states
from tests.factories.world import World

pytestmark = pytest.mark.django_db
HEALTHY = 330122
ASK = next(step for step in STEPS if step.name == "ask")


@pytest.fixture
def world() -> World:
    made = World()
    made.pool()
    return made


def ended(world: World, number: str, value: Any, last: date = date(2026, 3, 1)) -> None:
    """The county once adopted a number by a document that ended, without a new one."""
    adopt(world, number, value)
    AdoptedStandard.objects.filter(number=number).update(until_on=last)


def elsewhere(line: SubsidyLine) -> SubsidyLine:
    """The same line in a county whose numbers are all in force."""
    SubsidyLine.objects.filter(id=line.id).update(region_id=HEALTHY)
    return SubsidyLine.objects.get(id=line.id)


def two(world: World) -> list[SubsidyLine]:
    """A line of the county whose number ended, and one of the healthy county beside it."""
    here, there = decided(world, world.certificate(), world.certificate())
    return [here, elsewhere(there)]


def ask(world: World, lines: list[SubsidyLine]) -> int:
    at = opening_of(max(line.due_on for line in lines) + timedelta(days=1))
    assert ASK.do
    done = ASK.do(world.machine, at)
    assert ASK.do(world.machine, at) == 0
    return done


def test_without_a_rule_for_silence_a_line_waits_and_the_next_county_goes_on(world: World) -> None:
    lines = two(world)
    ended(world, "silence_action", "go_on")
    assert ask(world, lines) == 1
    assert states(lines) == ["to_confirm", "silent"]
    missing = Terms(world.at).missing(world.region, "silence_action", "silence_days")
    assert missing == "《本人未答复时的处理》规定已到期，没有新规定"


def test_a_line_reserved_without_a_known_wait_gets_its_day_when_the_number_returns(world: World) -> None:
    ended(world, "silence_days", 3)
    (line,) = decided(world, world.certificate())
    assert (line.state, line.due_on) == ("to_confirm", None)
    assert ASK.do
    assert ASK.do(world.machine, world.at) == 0
    AdoptedStandard.objects.filter(number="silence_days").update(until_on=None)
    assert ASK.do(world.machine, world.at) == 1
    line.refresh_from_db()
    assert (line.state, line.due_on) == ("to_confirm", date(2026, 3, 5))


def test_whether_silence_may_pay_an_account_nobody_certified_is_not_guessed(world: World) -> None:
    person = world.person(account=False)
    world.account(person, state="confirmed")
    lines = decided(world, world.certificate(person), world.certificate())
    ended(world, "silence_certified_only", False)
    assert ask(world, lines) == 1
    assert states(lines) == ["to_confirm", "to_notice"]


def test_without_a_share_nobody_is_drawn_and_the_others_are_asked(world: World) -> None:
    lines = noticed(world, *[world.certificate() for _ in range(6)])
    ended(world, "sample_share_percent", 100)
    adopt(world, "sample_share_percent", 100, region=HEALTHY)
    there = [elsewhere(line) for line in lines[3:]]
    asked(world, [*lines[:3], *there])
    assert set(states(lines[:3])) == {"to_approve"}
    assert set(Hold.objects.values_list("line_id", flat=True)) == {line.id for line in there}


def test_an_objection_is_received_also_where_no_term_is_known(world: World) -> None:
    notice, (line,) = posted(world, world.certificate())
    ended(world, "objection_working_days", 5)
    objection = file_objection(world.machine, world.at, line.notice_lines.get().id, "此人没有参加培训。")
    assert objection.due_on == notice.ends_on


def test_without_a_window_nothing_is_deferred_and_the_rest_of_the_page_stands(world: World) -> None:
    (line,) = decided(world, world.certificate())
    ended(world, "claim_window_months", 12)
    assert Terms(world.at).window_ends(line.issued_on, line.region_id) is None
    with refused(NumberUnknown):
        confirm.defer_line(own(line), world.at, line.id, date(2026, 4, 1))
    set_scope(world.machine)
    assert confirmed(world, world.certificate())[0].state == "to_notice"
