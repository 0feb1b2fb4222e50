"""Pools and their budgets: opened once, allotted by two people on a document, passed down, closed; never below zero."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from jiangxin.funds import operations as funds
from jiangxin.funds.models import BudgetLine, Pool, Transfer
from jiangxin.funds.operations import close_pool, confirm_budget, drop_budget, open_pool, propose_budget
from jiangxin.ground.actor import Actor, set_scope
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import ChangedMeanwhile, NotFound, NotYourDuty
from jiangxin.parties.models import Office
from tests.factories.refused import refused
from tests.factories.world import World

pytestmark = pytest.mark.django_db
FUND, PAPER = "employment_grant", "嘉财〔2026〕8号"
CITY = 330400


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def pool(world: World) -> Pool:
    return open_pool(world.staff["budget"], world.at, world.office, FUND, 2026, PAPER)


@pytest.fixture
def above(world: World) -> Pool:
    """The city's pool of the same fund, with 5,000 元."""
    office = Office.objects.get(region_id=CITY)
    pool = world.pool_of(office)
    line = propose_budget(city(world, "budget"), world.at, pool, 500_000, PAPER)
    confirm_budget(city(world, "budget2"), world.at, line.id)
    return pool


def city(world: World, who: str) -> Actor:
    """The same official at the city's office, which sees the city and its counties."""
    office = Office.objects.get(region_id=CITY)
    return replace(world.staff[who], office_id=office.id, region_id=CITY, regions=(CITY, world.region))


def standing(pool: Pool) -> dict[str, int]:
    return dict(pool.balances.values_list("account", "balance_fen"))


def given(world: World, pool: Pool, fen: int, **more: Any) -> BudgetLine:
    line = propose_budget(world.staff["budget"], world.at, pool, fen, PAPER, **more)
    return confirm_budget(world.staff["budget2"], world.at, line.id)


# ── opening and closing ────────────────────────────────────────────────────────────────────────────────────────────
def test_a_pool_opens_with_five_empty_accounts(pool: Pool) -> None:
    assert standing(pool) == {"source": 0, "available": 0, "reserved": 0, "in_transit": 0, "paid": 0}
    assert (pool.state, pool.fund, pool.year, pool.document) == ("open", FUND, 2026, PAPER)


def test_one_pool_per_office_fund_and_year(world: World, pool: Pool) -> None:
    with refused(funds.PoolAlreadyOpen):
        open_pool(world.staff["budget"], world.at, world.office, FUND, 2026, PAPER)
    assert open_pool(world.staff["budget"], world.at, world.office, FUND, 2027, PAPER).id != pool.id
    assert open_pool(world.staff["budget"], world.at, world.office, "special_account", 2026, PAPER).id != pool.id


@pytest.mark.parametrize("duty", ["maker", "checker", "leader", "releaser", "reconciler", "register"])
def test_only_budget_people_open_allot_and_close(world: World, pool: Pool, duty: str) -> None:
    actor = world.staff[duty]
    line = propose_budget(world.staff["budget"], world.at, pool, 100, PAPER)
    with refused(NotYourDuty):
        open_pool(actor, world.at, world.office, "special_account", 2026, PAPER)
    with refused(NotYourDuty):
        propose_budget(actor, world.at, pool, 100, PAPER)
    with refused(NotYourDuty):
        confirm_budget(actor, world.at, line.id)
    with refused(NotYourDuty):
        close_pool(actor, world.at, pool)


def test_nobody_manages_the_budget_of_another_county(world: World, pool: Pool) -> None:
    foreign = Office.objects.get(region_id=330122)
    actor = replace(world.staff["budget2"], office_id=foreign.id, region_id=330122, regions=(330122,))
    line = propose_budget(world.staff["budget"], world.at, pool, 100, PAPER)
    with refused(NotYourDuty):
        open_pool(actor, world.at, world.office, "special_account", 2026, PAPER)
    with refused(NotYourDuty):
        propose_budget(actor, world.at, pool, 100, PAPER)
    with refused(NotYourDuty):
        confirm_budget(actor, world.at, line.id)
    with refused(NotYourDuty):
        close_pool(actor, world.at, pool)


def test_a_pool_closes_once(world: World, pool: Pool) -> None:
    close_pool(world.staff["budget"], world.at, pool)
    assert Pool.objects.get(id=pool.id).state == "closed"
    with refused(ChangedMeanwhile):
        close_pool(world.staff["budget"], world.at, pool)


# ── allotting ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_allotment_counts_when_a_second_person_confirms_it(world: World, pool: Pool) -> None:
    """Worked example. Entered 10,000 元: nothing moves. Confirmed: −10,000 at the source, 10,000 available."""
    line = propose_budget(world.staff["budget"], world.at, pool, 1_000_000, PAPER)
    assert set(standing(pool).values()) == {0}
    with refused(funds.BudgetNeedsAnother):
        confirm_budget(world.staff["budget"], world.at, line.id)
    done = confirm_budget(world.staff["budget2"], world.at, line.id)
    assert standing(pool) == {
        "source": -1_000_000, "available": 1_000_000, "reserved": 0, "in_transit": 0, "paid": 0
    }  # fmt: skip
    assert (done.confirmed_by_id, done.confirmed_at) == (world.staff["budget2"].account_id, world.at)
    (moved,) = Transfer.objects.all()
    assert (moved.kind, moved.debit, moved.credit, moved.amount_fen) == ("allot", "source", "available", 1_000_000)
    assert (moved.subject_id, moved.event_id, moved.continues_id) == (line.id, line.id, None)


def test_a_line_is_confirmed_once(world: World, pool: Pool) -> None:
    line = given(world, pool, 1_000_000)
    with refused(funds.BudgetAlreadyConfirmed):
        confirm_budget(world.staff["budget2"], world.at, line.id)
    with refused(funds.BudgetAlreadyConfirmed):
        confirm_budget(world.staff["budget"], world.at, line.id)


def test_nothing_is_no_allotment_and_an_unknown_line_is_not_found(world: World, pool: Pool) -> None:
    with refused(funds.AmountIsZero):
        propose_budget(world.staff["budget"], world.at, pool, 0, PAPER)
    with refused(NotFound):
        confirm_budget(world.staff["budget2"], world.at, new_id())


def test_money_taken_back_leaves_what_is_available_and_never_more(world: World, pool: Pool) -> None:
    """10,000 元 given, 4,000 taken back: 6,000 are left; 6,000.01 more cannot be taken, 6,000 can."""
    given(world, pool, 1_000_000)
    given(world, pool, -400_000)
    assert standing(pool) | {"source": -600_000, "available": 600_000} == standing(pool)
    line = propose_budget(world.staff["budget"], world.at, pool, -600_001, PAPER)
    with refused(funds.TakesBackTooMuch):
        confirm_budget(world.staff["budget2"], world.at, line.id)
    given(world, pool, -600_000)
    assert set(standing(pool).values()) == {0}


def test_a_line_entered_wrong_is_dropped_with_a_reason_and_moves_no_money(world: World, pool: Pool) -> None:
    line = propose_budget(world.staff["budget"], world.at, pool, 1_000_000, PAPER)
    with refused(funds.DropNeedsReason):
        drop_budget(world.staff["budget"], world.at, line.id, " 错 ")
    with refused(NotYourDuty):
        drop_budget(world.staff["maker"], world.at, line.id, "文号登记错了")
    drop_budget(world.staff["budget2"], world.at, line.id, "文号登记错了")
    for deed in (confirm_budget, lambda *said: drop_budget(*said, "再退一次看看")):
        with refused(funds.BudgetDropped):
            deed(world.staff["budget2"], world.at, line.id)
    assert set(standing(pool).values()) == {0}


# ── passed down ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_passed_down_it_leaves_the_pool_above(world: World, pool: Pool, above: Pool) -> None:
    """The city has 5,000 元 and passes 2,000 down: the city 3,000, the county 2,000; 500 back: 3,500 and 1,500."""
    for fen, left, got in ((200_000, 300_000, 200_000), (-50_000, 350_000, 150_000)):
        line = propose_budget(city(world, "budget"), world.at, pool, fen, PAPER, above)
        confirm_budget(city(world, "budget2"), world.at, line.id)
        assert (standing(above)["available"], standing(pool)["available"]) == (left, got)
    assert sum(standing(above).values()) == sum(standing(pool).values()) == 0
    kinds = Transfer.objects.filter(subject_id=line.id).order_by("kind").values_list("kind", "pool_id")
    assert list(kinds) == [("allot", above.id), ("withdraw", pool.id)]


def test_the_pool_above_never_gives_more_than_it_has(world: World, pool: Pool, above: Pool) -> None:
    line = propose_budget(city(world, "budget"), world.at, pool, 500_001, PAPER, above)
    with refused(funds.PoolTooShort):
        confirm_budget(city(world, "budget2"), world.at, line.id)


def test_who_does_not_see_the_pool_above_cannot_take_from_it(world: World, pool: Pool, above: Pool) -> None:
    """A county's official sees the line and the own pool only: neither entered nor confirmed by the county."""
    line = propose_budget(city(world, "budget"), world.at, pool, 100, PAPER, above)
    with refused(NotYourDuty):
        propose_budget(world.staff["budget"], world.at, pool, 100, PAPER, above)
    with refused(NotYourDuty):
        confirm_budget(world.staff["budget2"], world.at, line.id)
    set_scope(world.staff["budget2"])
    with pytest.raises(NotYourDuty):
        confirm_budget(world.staff["budget2"], world.at, line.id)
    world.see_all()
    assert not Transfer.objects.filter(subject_id=line.id).exists()


@pytest.mark.parametrize(("fund", "year"), [("unemployment_fund", 2026), (FUND, 2025)])
def test_two_kinds_of_money_or_two_years_are_never_mixed(world: World, pool: Pool, fund: str, year: int) -> None:
    """P19: 失业保险基金 is an insurance fund, 就业补助资金 is budget money; each is passed down within its own kind."""
    other = world.pool_of(Office.objects.get(region_id=CITY), fund, year)
    with refused(funds.FundsNotMixed):
        propose_budget(city(world, "budget"), world.at, pool, 100, PAPER, other)


def test_a_closed_pool_is_not_allotted_to(world: World, pool: Pool) -> None:
    """What lies there may still be given back."""
    given(world, pool, 1_000)
    waiting = propose_budget(world.staff["budget"], world.at, pool, 100, PAPER)
    close_pool(world.staff["budget"], world.at, pool)
    with refused(funds.PoolIsClosed):
        propose_budget(world.staff["budget"], world.at, pool, 100, PAPER)
    with refused(funds.PoolIsClosed):
        confirm_budget(world.staff["budget2"], world.at, waiting.id)
    given(world, pool, -1_000)
    assert standing(pool)["available"] == 0


def test_a_pool_with_a_last_day_says_so(world: World) -> None:
    pool = open_pool(world.staff["budget"], world.at, world.office, "special_account", 2026, PAPER, date(2026, 6, 30))
    assert Pool.objects.get(id=pool.id).last_reservation_on == date(2026, 6, 30)
