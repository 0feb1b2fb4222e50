"""The ledger by worked examples: where a pool's money lies before, during and after each step; never below zero."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from jiangxin.funds.models import TEMPLATES, Pool, Transfer
from jiangxin.funds.operations import MoneyNotThere, begin_money, close_pool, continue_money
from jiangxin.funds.queries import reserved_for, standings
from jiangxin.ground.keys import new_id
from jiangxin.payment.bank_file import BOUNCE
from jiangxin.payment.operations.returns import apply_return
from jiangxin.payment.queries import pool_day
from tests.factories.bank import answer, built, sent
from tests.factories.lines import approved_lines, paying_account
from tests.factories.world import World

pytestmark = pytest.mark.django_db
GIVEN = 10_000_000


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("JIANGXIN_BANK", str(tmp_path))
    return World()


@pytest.fixture
def pool(world: World) -> Pool:
    return world.pool(yuan=GIVEN // 100)


def held(pool: Pool) -> tuple[int, int, int, int]:
    """(available, reserved, in transit, paid) in fen; the source stays minus what was given."""
    balance = dict(pool.balances.values_list("account", "balance_fen"))
    assert sum(balance.values()) == 0
    assert balance["source"] == -GIVEN
    return balance["available"], balance["reserved"], balance["in_transit"], balance["paid"]


def test_three_lines_from_the_pool_to_the_bank_and_back(world: World, pool: Pool) -> None:
    """Lines of 1,500.00, 1,500.01 and 1,500.02 元 from a pool of 100,000 元.

    One fails at once, one comes back after it was paid, one stays paid; the others lie reserved again.
    """
    paying_account(world)
    assert held(pool) == (10_000_000, 0, 0, 0)
    lines = approved_lines(world, 3, pool=pool)
    assert held(pool) == (9_549_997, 450_003, 0, 0)
    batch = built(world)
    assert held(pool) == (9_549_997, 450_003, 0, 0)
    batch = sent(world, batch)
    assert held(pool) == (9_549_997, 0, 450_003, 0)
    seqs = {batch.payments.get(line=line).seq: line.amount_fen for line in lines}
    first, second, third = sorted(seqs, key=lambda seq: seqs[seq])
    apply_return(world.machine, world.at, "1.txt", answer(batch, {first: "户名不符"}))
    assert held(pool) == (9_549_997, 150_000, 0, 300_003)
    apply_return(
        world.machine, world.at, "2.txt", answer(batch, {second: "户名不符"}, only=(second,), kind=BOUNCE, part=2)
    )
    assert held(pool) == (9_549_997, 300_001, 0, 150_002)
    assert reserved_for([line.id for line in lines]) == 300_001
    day = pool_day(pool, world.at.date())
    assert (day.allotted, day.available, day.reserved, day.in_transit, day.paid, day.recovered, day.balanced) == (
        GIVEN, 9_549_997, 300_001, 0, 150_002, 0, True
    )  # fmt: skip
    (now,) = standings([world.region], 2026)
    assert (now.allotted, now.available, now.reserved, now.paid) == (GIVEN, 9_549_997, 300_001, 150_002)
    assert seqs[third] == 150_002


def test_each_lines_money_is_one_chain_of_one_sum(world: World, pool: Pool) -> None:
    paying_account(world)
    (line,) = approved_lines(world, 1, pool=pool)
    apply_return(world.machine, world.at, "1.txt", answer(sent(world)))
    chain = list(Transfer.objects.filter(subject_id=line.id).order_by("id"))
    assert [moved.kind for moved in chain] == ["reserve", "send", "settle"]
    assert [moved.continues_id for moved in chain] == [None, chain[0].id, chain[1].id]
    assert {moved.amount_fen for moved in chain} == {line.amount_fen}
    assert all((moved.debit, moved.credit) == TEMPLATES[moved.kind] for moved in chain)


def test_reserved_and_given_back_the_pool_is_as_before(world: World, pool: Pool) -> None:
    subject, event = new_id(), new_id()
    begin_money("reserve", world.at, [(pool.id, pool.region_id, 700, subject, event)])
    assert held(pool) == (GIVEN - 700, 700, 0, 0)
    assert continue_money("void", world.at, [(subject, event)]) == 1
    assert held(pool) == (GIVEN, 0, 0, 0)
    begin_money("reserve", world.at, [(pool.id, pool.region_id, 900, subject, new_id())])
    assert held(pool) == (GIVEN - 900, 900, 0, 0)


def no(constraint: str, deed: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError) as said, transaction.atomic():
        deed()
    assert said.value.__cause__.diag.constraint_name == constraint  # type: ignore[union-attr]


def test_the_last_fen_is_promised_and_not_one_more(world: World, pool: Pool) -> None:
    region = pool.region_id
    no("pool_never_below_zero",
       lambda: begin_money("reserve", world.at, [(pool.id, region, GIVEN + 1, new_id(), new_id())]))  # fmt: skip
    half = GIVEN // 2
    rows = [(pool.id, region, half, new_id(), new_id()), (pool.id, region, half + 1, new_id(), new_id())]
    no("pool_never_below_zero", lambda: begin_money("reserve", world.at, rows))
    assert held(pool) == (GIVEN, 0, 0, 0)
    begin_money("reserve", world.at, [(pool.id, region, GIVEN, new_id(), new_id())])
    assert held(pool) == (0, GIVEN, 0, 0)


def test_a_closed_pool_reserves_nothing_and_lets_go_what_it_holds(world: World, pool: Pool) -> None:
    subject = new_id()
    begin_money("reserve", world.at, [(pool.id, pool.region_id, 700, subject, new_id())])
    close_pool(world.staff["budget"], world.at, pool)
    no("pool_open_for_reservation",
       lambda: begin_money("reserve", world.at, [(pool.id, pool.region_id, 1, new_id(), new_id())]))  # fmt: skip
    continue_money("void", world.at, [(subject, new_id())])
    assert held(pool) == (GIVEN, 0, 0, 0)


def test_after_its_last_day_a_pool_reserves_nothing(world: World, pool: Pool) -> None:
    row = (pool.id, pool.region_id, 1, new_id(), new_id())
    Pool.objects.filter(id=pool.id).update(last_reservation_on=date(2026, 3, 1))
    no("pool_open_for_reservation", lambda: begin_money("reserve", world.at, [row]))
    Pool.objects.filter(id=pool.id).update(last_reservation_on=date(2026, 3, 2))
    assert begin_money("reserve", world.at, [row]) == 1


def test_money_moves_on_from_where_it_lies_only_and_all_or_nothing(world: World, pool: Pool) -> None:
    there, gone, never = new_id(), new_id(), new_id()
    begin_money("reserve", world.at, [(pool.id, pool.region_id, 700, x, new_id()) for x in (there, gone)])
    continue_money("void", world.at, [(gone, new_id())])
    for missing in (gone, never):
        with pytest.raises(MoneyNotThere), transaction.atomic():
            continue_money("void", world.at, [(there, new_id()), (missing, new_id())])
    with pytest.raises(MoneyNotThere), transaction.atomic():
        continue_money("settle", world.at, [(there, new_id())])
    assert held(pool) == (GIVEN - 700, 700, 0, 0)
