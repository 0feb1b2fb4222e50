"""The queue before a short pool: strictly in order, nobody overtakes, it moves by itself when money comes."""

from datetime import date, timedelta

import pytest

from jiangxin.funds.models import Pool, PoolBalance
from jiangxin.funds.operations import close_pool, confirm_budget, propose_budget
from jiangxin.ground.refusal import NotYourDuty
from jiangxin.mainline import STEPS
from jiangxin.subsidy.models import LevelLock, SubsidyLine
from jiangxin.subsidy.operations.confirm import decline_line
from jiangxin.subsidy.operations.decide import decide_certificates
from jiangxin.subsidy.operations.queue import fund_queue, fundable, pools_with_queue
from tests.factories.refused import refused
from tests.factories.steps import decided, own, states
from tests.factories.world import World

pytestmark = pytest.mark.django_db
SMALL, MIDDLE, LARGE = 120_000, 180_000, 260_000
LEVELS = {SMALL: "5", MIDDLE: "4", LARGE: "3"}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def pool(world: World) -> Pool:
    """A pool with one fen too little for anybody."""
    return world.pool(yuan=1)


def waiting(world: World, *amounts: int) -> list[SubsidyLine]:
    """Lines of these amounts, decided one minute after the other."""
    lines = []
    for amount in amounts:
        world.at += timedelta(minutes=1)
        (line,) = decided(world, world.certificate(level=LEVELS[amount]))
        assert line.amount_fen == amount
        lines.append(line)
    return lines


def give(world: World, pool: Pool, fen: int) -> None:
    line = propose_budget(world.staff["budget"], world.at, pool, fen, "嘉财〔2026〕9号")
    confirm_budget(world.staff["budget2"], world.at, line.id)


def step(world: World) -> int:
    """The main line's own step."""
    found = next(step for step in STEPS if step.name == "fund_queue")
    assert found.do is not None
    assert found.due(world.at.date()) == len(pools_with_queue(world.at.date()))
    return found.do(world.machine, world.at)


def available(pool: Pool) -> int:
    return PoolBalance.objects.get(pool=pool, account="available").balance_fen


def test_a_queued_yes_keeps_count_and_level_and_holds_no_money(world: World, pool: Pool) -> None:
    (line,) = waiting(world, SMALL)
    assert (line.state, line.slot, line.outcome, line.reserved_at) == ("queued", 1, "yes", None)
    assert PoolBalance.objects.get(pool=pool, account="reserved").balance_fen == 0
    assert LevelLock.objects.get(person_id=line.person_id, subject=line.subject).level_rank == line.level_rank


def test_nobody_overtakes(world: World, pool: Pool) -> None:
    """1,800 元 would pay the second and the third; the first needs 2,600: all three wait, and a fourth behind them."""
    lines = waiting(world, LARGE, SMALL, SMALL)
    give(world, pool, MIDDLE)
    assert step(world) == 0
    lines += waiting(world, SMALL)
    assert states(lines) == ["queued"] * 4


def test_money_pays_the_head_in_order_and_stops_at_the_first_that_does_not_fit(world: World, pool: Pool) -> None:
    lines = waiting(world, MIDDLE, LARGE, SMALL)
    give(world, pool, MIDDLE + LARGE - 101)
    assert fundable(pool.id, available(pool)) == [lines[0].id]
    assert step(world) == 1
    assert states(lines) == ["to_confirm", "queued", "queued"]
    assert step(world) == 0
    give(world, pool, 1)
    assert step(world) == 1
    assert states(lines) == ["to_confirm", "to_confirm", "queued"]
    assert available(pool) == 0
    give(world, pool, SMALL)
    assert step(world) == 1
    assert (pools_with_queue(world.at.date()), available(pool)) == ([], 0)


def test_what_went_on_has_its_money_and_its_days(world: World, pool: Pool) -> None:
    (line,) = waiting(world, SMALL)
    world.at += timedelta(days=2)
    give(world, pool, SMALL)
    step(world)
    line.refresh_from_db()
    assert (line.state, line.reserved_at, line.due_on) == ("to_confirm", world.at, date(2026, 3, 11))
    assert PoolBalance.objects.get(pool=pool, account="reserved").balance_fen == SMALL


def test_decided_in_one_batch_the_order_is_by_line(world: World, pool: Pool) -> None:
    certificates = [world.certificate(level="5") for _ in range(4)]
    decide_certificates(world.machine, world.at, [c.id for c in certificates], "test")
    lines = list(SubsidyLine.objects.filter(state="queued").order_by("id"))
    give(world, pool, 2 * SMALL)
    step(world)
    assert states(lines) == ["to_confirm", "to_confirm", "queued", "queued"]


def test_a_place_given_up_lets_the_next_go_on(world: World, pool: Pool) -> None:
    lines = waiting(world, LARGE, SMALL)
    give(world, pool, SMALL)
    decline_line(own(lines[0]), world.at, lines[0].id)
    world.see_all()
    assert step(world) == 1
    assert states(lines) == ["declined", "to_confirm"]
    assert PoolBalance.objects.get(pool=pool, account="reserved").balance_fen == SMALL


def test_each_pool_has_a_queue_of_its_own(world: World, pool: Pool) -> None:
    first = waiting(world, SMALL)
    other = world.pool("special_account", yuan=10_000)
    SubsidyLine.objects.filter(id=first[0].id).update(state="declined", slot=None)
    SubsidyLine.objects.filter(id=first[0].id).update(state="queued", slot=1, pool_id=other.id, fund=other.fund)
    second = waiting(world, SMALL)
    assert pools_with_queue(world.at.date()) == [other.id]
    assert step(world) == 1
    assert states(first + second) == ["to_confirm", "queued"]


def test_a_closed_pool_pays_nobody_from_its_queue(world: World, pool: Pool) -> None:
    lines = waiting(world, SMALL)
    give(world, pool, SMALL)
    close_pool(world.staff["budget"], world.at, pool)
    assert step(world) == 0
    assert fund_queue(world.machine, world.at, pool.id) == 0
    assert states(lines) == ["queued"]


def test_after_its_last_day_a_pool_promises_nothing_more(world: World, pool: Pool) -> None:
    """P19: closed for reservations, it stops neither the queue's step nor the decisions of others."""
    lines = waiting(world, SMALL)
    give(world, pool, 10 * SMALL)
    Pool.objects.filter(id=pool.id).update(last_reservation_on=world.at.date() - timedelta(days=1))
    assert step(world) == 0
    assert fund_queue(world.machine, world.at, pool.id) == 0
    (late,) = decided(world, world.certificate(level="5"))
    assert (late.state, late.outcome, late.waits_for) == ("waiting", "unknown", ["资金池"])
    assert states(lines) == ["queued"]


def test_only_the_main_line_moves_it(world: World, pool: Pool) -> None:
    waiting(world, SMALL)
    with refused(NotYourDuty):
        fund_queue(world.staff["budget"], world.at, pool.id)
