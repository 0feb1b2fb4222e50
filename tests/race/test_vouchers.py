"""A voucher is taken once and used once (V1): two hundred at once, each with the control without its guard."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import DatabaseError, connections, transaction

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.refusal import Refusal
from jiangxin.training.operations.vouchers import reserve_vouchers, return_vouchers, use_vouchers
from jiangxin.training.queries.vouchers import voucher_by_code, voucher_by_token
from jiangxin.training.voucher_codes import code_of, token_of
from jiangxin.training.vouchers import Voucher
from tests.factories.world import World
from tests.training import vouchers as made

REDEEMERS, THREADS = 200, 20


@pytest.fixture(scope="module")
def world(clone: str, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock():
        with transaction.atomic():
            built = World()
            built.training_class = made.a_class(built)  # type: ignore[attr-defined]
        yield built
    connections.close_all()


@pytest.fixture(autouse=True)
def _unblocked(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def held(world: World) -> tuple[UUID, UUID]:
    """(voucher, seat) of one person, taken."""
    with acting(machine()) as at:
        (person,) = made.unemployed(world)
        (voucher,) = [one for one in made.vouchers(made.issued(world)) if one.person_id == person.id]
        (seat,) = made.seats(world, world.training_class, [person], [voucher])  # type: ignore[attr-defined]
        reserve_vouchers(machine(), at, [(seat.id, voucher.id)])
    return voucher.id, seat.id


def at_once(works: list[Callable[[], None]]) -> int:
    """Do all of it, as many together as there are threads; returns how many came through."""
    start = threading.Barrier(THREADS, timeout=60)

    def some(mine: list[Callable[[], None]]) -> int:
        done = 0
        try:
            start.wait()
            for work in mine:
                try:
                    work()
                    done += 1
                except (Refusal, DatabaseError):
                    pass
        finally:
            connections.close_all()
        return done

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(some, [works[n::THREADS] for n in range(THREADS)]))


def redeeming(voucher: UUID) -> Callable[[], None]:
    def work() -> None:
        with acting(machine()) as at:
            use_vouchers(machine(), at, [voucher])

    return work


def test_two_hundred_redeemers_of_one_voucher_and_one_comes_through(world: World) -> None:
    voucher, _ = held(world)
    assert at_once([redeeming(voucher)] * REDEEMERS) == 1
    with acting(machine()):
        assert Voucher.objects.get(id=voucher).state == "in_use"


def test_one_voucher_for_many_seats_goes_to_one(world: World) -> None:
    voucher, seat = held(world)
    with acting(machine()) as at:
        return_vouchers(machine(), at, [voucher], "再抢一次")

    def take() -> None:
        with acting(machine()) as at:
            reserve_vouchers(machine(), at, [(seat, voucher)])

    assert at_once([take] * 40) == 1


def by_hand(voucher: UUID, nth: int) -> Callable[[], None]:
    """A redemption past the operation: looks whether it is unused, then writes; only the database is in the way."""

    def work() -> None:
        with acting(machine()) as at:
            if Voucher.objects.get(id=voucher).state == "reserved":
                meet()
                Voucher.objects.filter(id=voucher).update(state="in_use", first_used_at=at + timedelta(seconds=nth))
            else:
                raise DatabaseError("used already")

    meeting = MEETINGS.setdefault(voucher, threading.Barrier(THREADS, timeout=20))

    def meet() -> None:
        if meeting.n_waiting < THREADS and not meeting.broken:
            try:
                meeting.wait(timeout=2)
            except threading.BrokenBarrierError:
                return

    return work


MEETINGS: dict[UUID, threading.Barrier] = {}


def test_past_the_operation_the_database_lets_one_through(world: World) -> None:
    voucher, _ = held(world)
    assert at_once([by_hand(voucher, nth) for nth in range(THREADS)]) == 1


def test_control_without_the_guard_several_come_through(
    world: World, connect: Callable[..., psycopg.Connection[Any]]
) -> None:
    voucher, _ = held(world)
    owner = connect("owner", autocommit=True)
    owner.execute("ALTER TABLE training_voucher DISABLE TRIGGER check_vouchers_on_update")
    try:
        assert at_once([by_hand(voucher, nth) for nth in range(THREADS)]) > 1
    finally:
        owner.execute("ALTER TABLE training_voucher ENABLE TRIGGER check_vouchers_on_update")


def test_no_code_stands_in_clear_and_guesses_hit_nothing(
    world: World, connect: Callable[..., psycopg.Connection[Any]]
) -> None:
    """V3: the whole table as text holds no code, whole or in part; a hundred thousand guesses find no voucher."""
    voucher, _ = held(world)
    code = code_of(voucher).replace("-", "")
    owner = connect("owner")
    with acting(machine()), owner.transaction():
        owner.execute("SELECT set_config('app.regions', '{330421}', true)")
        said = owner.execute("SELECT string_agg(v::text, ' ') FROM training_voucher v").fetchone()[0].upper()
        assert not [code[at : at + 8] for at in range(0, 24, 8) if code[at : at + 8] in said]
        assert code.encode().hex().upper() not in said
        hits = owner.execute(
            "SELECT count(*) FROM training_voucher v JOIN generate_series(1, 100000) n"
            " ON v.code_index = sha256(n::text::bytea)"
        ).fetchone()[0]
        assert hits == 0
        near = [code[:-1] + letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" if letter != code[-1]]
        # The last letter carries three of its five bits: a code has exactly one spelling.
        assert [one for one in near if voucher_by_code(one)] == []
        token = token_of(voucher, 1)
        assert voucher_by_token(token[:-3] + "ABC", 1) is None
