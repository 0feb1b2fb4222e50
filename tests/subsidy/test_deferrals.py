"""A deferral's days: reminded on the day chosen, warned 30 days before the window ends, lapsed on the day after it."""

from datetime import date, timedelta

import pytest

from jiangxin.ground.clock import opening_of
from jiangxin.ground.journal import JournalEntry
from jiangxin.ground.refusal import NotYourDuty
from jiangxin.mainline import next_due_on
from jiangxin.subsidy.models import AdoptedStandard, SubsidyLine
from jiangxin.subsidy.operations.confirm import defer_line, reopen_line
from jiangxin.subsidy.operations.decide import decide_certificates
from jiangxin.subsidy.operations.deferrals import keep_deferrals
from jiangxin.subsidy.queries.deferrals import deferrals_due
from jiangxin.subsidy.terms import Terms
from tests.factories.refused import refused
from tests.factories.steps import adopt, decided, own
from tests.factories.world import World

pytestmark = pytest.mark.django_db
# Issued on 2026-02-02: the window's last day is a year later, the warning 30 days before it.
CHOSEN, WARNS, LAST = date(2026, 6, 1), date(2027, 1, 3), date(2027, 2, 2)
DAY = timedelta(days=1)


@pytest.fixture
def world() -> World:
    made = World()
    made.pool()
    return made


def deferred(world: World, until: date = CHOSEN) -> SubsidyLine:
    (line,) = decided(world, world.certificate())
    defer_line(own(line), world.at, line.id, until)
    world.see_all()
    return line


def on(world: World, day: date) -> int:
    """What the step does on a day: until nothing is due, as the main line runs it."""
    done = 0
    while turn := keep_deferrals(world.machine, opening_of(day)):
        done += turn
    return done


def said(line: SubsidyLine) -> tuple[str, list[str]]:
    """The line's state, and the messages since it was deferred."""
    line.refresh_from_db()
    told = JournalEntry.objects.filter(subject_id=line.id, verb__in=["reminded_deferral", "warned_deferral", "lapsed"])
    return line.state, list(told.order_by("at", "id").values_list("verb", flat=True))


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (CHOSEN - DAY, []),
        (CHOSEN, ["reminded_deferral"]),
        (CHOSEN + DAY, ["reminded_deferral"]),
        (WARNS - DAY, ["reminded_deferral"]),
        (WARNS, ["warned_deferral"]),
        (WARNS + DAY, ["warned_deferral"]),
        (LAST, ["warned_deferral"]),
    ],
)
def test_only_a_message_until_the_window_ends(world: World, day: date, told: list[str]) -> None:
    line = deferred(world)
    assert on(world, day) == len(told)
    assert said(line) == ("deferred", told)


def test_the_day_after_the_window_it_lapses(world: World) -> None:
    line = deferred(world)
    assert on(world, LAST + DAY) == 1
    assert said(line) == ("declined", ["lapsed"])


def test_each_message_comes_once_and_then_the_last_day_is_said(world: World) -> None:
    line = deferred(world)
    day = world.at.date()
    while day <= LAST + DAY:
        on(world, day)
        day = next_due_on(day)
    assert said(line) == ("declined", ["reminded_deferral", "warned_deferral", "lapsed"])
    reminded = JournalEntry.objects.get(verb="reminded_deferral")
    assert reminded.at == opening_of(CHOSEN)
    assert JournalEntry.objects.get(verb="warned_deferral").at == opening_of(WARNS)
    assert JournalEntry.objects.get(verb="lapsed").at == opening_of(LAST + DAY)


def test_reminded_the_line_names_the_windows_last_day(world: World) -> None:
    line = deferred(world)
    on(world, CHOSEN)
    line.refresh_from_db()
    assert line.due_on == LAST


@pytest.mark.parametrize(
    ("until", "day", "told"),
    [
        (date(2027, 1, 20), date(2027, 1, 19), ["warned_deferral"]),
        (date(2027, 1, 20), date(2027, 1, 20), ["warned_deferral", "reminded_deferral"]),
        (LAST, LAST, ["warned_deferral"]),
    ],
)
def test_a_day_chosen_after_the_warning(world: World, until: date, day: date, told: list[str]) -> None:
    line = deferred(world, until)
    assert on(world, WARNS) == 1
    on(world, day)
    assert said(line) == ("deferred", told)


def test_deferred_again_it_is_reminded_again(world: World) -> None:
    line, at = deferred(world), opening_of(CHOSEN)
    on(world, CHOSEN)
    reopen_line(own(line), at, line.id)
    world.see_all()
    decide_certificates(world.machine, at, [line.certificate_id], "重新办理")
    defer_line(own(line), at, line.id, CHOSEN + 7 * DAY)
    world.see_all()
    assert on(world, CHOSEN + 6 * DAY) == 0
    on(world, CHOSEN + 7 * DAY)
    assert said(line) == ("deferred", ["reminded_deferral", "reminded_deferral"])


def test_reopened_in_the_window_nothing_lapses(world: World) -> None:
    line = deferred(world)
    reopen_line(own(line), opening_of(LAST), line.id)
    world.see_all()
    assert on(world, LAST + DAY) == 0
    assert said(line) == ("waiting", [])


def test_the_number_of_days_is_a_dated_parameter_of_the_region(world: World) -> None:
    line = deferred(world)
    adopt(world, "deferral_warning_days", 29)
    on(world, WARNS)
    assert said(line)[1] == ["reminded_deferral"]
    on(world, WARNS + DAY)
    assert said(line)[1] == ["reminded_deferral", "warned_deferral"]


def test_an_ended_number_leaves_its_county_and_the_next_goes_on(world: World) -> None:
    here, there = deferred(world), deferred(world)
    SubsidyLine.objects.filter(id=there.id).update(region_id=330122)
    adopt(world, "claim_window_months", 12)
    AdoptedStandard.objects.update(until_on=date(2026, 5, 1))
    assert on(world, LAST + DAY) == 1
    assert (said(here)[0], said(there)[0]) == ("deferred", "declined")


def test_only_the_main_line_keeps_them(world: World) -> None:
    line = deferred(world)
    with refused(NotYourDuty):
        keep_deferrals(world.staff["maker"], opening_of(LAST + DAY))
    assert said(line) == ("deferred", [])
    assert len(deferrals_due(Terms(opening_of(LAST + DAY)))) == 1
