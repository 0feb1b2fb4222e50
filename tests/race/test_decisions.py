"""Many decisions at once: three a year, once per level, no fen beyond the pool; each with its control."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import DatabaseError, connections, transaction

from jiangxin.funds.models import Pool, PoolBalance
from jiangxin.funds.operations import confirm_budget, propose_budget
from jiangxin.ground.actor import acting, machine
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.subsidy.operations import decide
from jiangxin.subsidy.operations.queue import fund_queue
from tests.factories.world import World

# As many as the issue asks for; where the pool or a missing guard is the point, fewer will do.
RACERS, FEWER = 200, 60
# So many of the racers have a connection at a time; the others stand at the door behind the same barrier.
CONNECTIONS = 40
# What the pool has left, in fen; a certificate of the race is worth 1,000 yuan.
LAST_FEN, AMOUNT = 250_000, 100_000
OCCUPATIONS = ("6-31-01-03", "4-10-01-05", "6-18-01-01")


@pytest.fixture(scope="module")
def world(clone: str, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock():
        with transaction.atomic():
            made = World()
            made.pool()
        yield made
    connections.close_all()


@pytest.fixture(autouse=True)
def _unblocked(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def made(world: World, make: Callable[[], list[Any]]) -> list[UUID]:
    with acting(machine()):
        return [certificate.id for certificate in make()]


def race(batches: list[list[UUID]]) -> list[str]:
    """Decide every batch in a thread of its own, all starting together; returns what was refused."""
    start, door = threading.Barrier(len(batches), timeout=60), threading.Semaphore(CONNECTIONS)

    def one(batch: list[UUID]) -> str:
        start.wait()
        with door:
            try:
                actor = machine()
                with acting(actor) as at:
                    decide.decide_certificates(actor, at, batch, "race")
            except DatabaseError as error:
                return str(error)
            finally:
                connections.close_all()
        return ""

    with ThreadPoolExecutor(len(batches)) as pool:
        return [answer for answer in pool.map(one, batches) if answer]


def live(**of: Any) -> int:
    with acting(machine()):
        return SubsidyLine.objects.filter(slot__isnull=False, **of).count()


def many_of_one_person(world: World, racers: int) -> tuple[UUID, list[UUID]]:
    with acting(machine()):
        person = world.person()

    def make(n: int) -> Any:
        body = world.body(f"机构{n}", f"9133{world.certificates:014d}", "assessor")
        return world.certificate(person, occupation=OCCUPATIONS[n % 3], level=str(5 - n // 3 % 5), assessor=body)

    return person.id, made(world, lambda: [make(n) for n in range(racers)])


def test_three_a_year_however_many_at_once(world: World) -> None:
    person, certificates = many_of_one_person(world, RACERS)
    assert race([[certificate] for certificate in certificates]) == []
    assert live(person_id=person) == 3


def test_control_without_the_lock_the_database_still_refuses_and_without_its_key_there_are_more(
    world: World, monkeypatch: pytest.MonkeyPatch, connect: Callable[..., psycopg.Connection[Any]]
) -> None:
    person, certificates = many_of_one_person(world, FEWER)
    monkeypatch.setattr(decide, "LOCK_PERSONS", "SELECT 1")
    owner = connect("owner", autocommit=True)
    for name in ("one_slot_of_the_year", "once_per_occupation_and_level"):
        owner.execute(f"DROP INDEX {name}")
    owner.execute("ALTER TABLE subsidy_subsidy_line DISABLE TRIGGER lock_levels_on_insert")
    race([[certificate] for certificate in certificates])
    assert live(person_id=person) > 3
    owner.execute("ALTER TABLE subsidy_subsidy_line ENABLE TRIGGER lock_levels_on_insert")


def allot(world: World, pool: Pool, fen: int) -> None:
    with acting(world.staff["budget"]) as at:
        line = propose_budget(world.staff["budget"], at, pool, fen, "指标")
    with acting(world.staff["budget2"]) as at:
        confirm_budget(world.staff["budget2"], at, line.id)


def last_fen(world: World) -> tuple[Pool, list[UUID]]:
    """A pool without a queue and with 2,500 yuan left, and so many certificates that want it."""
    with acting(machine()):
        pool = Pool.objects.get(office=world.office)
    certificates = made(world, lambda: [world.certificate(level="5") for _ in range(FEWER)])
    allot(world, pool, 100_000_000)
    with acting(machine()) as at:
        fund_queue(machine(), at, pool.id)
    with acting(machine()):
        left = PoolBalance.objects.get(pool=pool, account="available").balance_fen
    allot(world, pool, LAST_FEN - left)
    return pool, certificates


def promised_queued_left(pool: Pool, certificates: list[UUID]) -> tuple[int, int, int]:
    """How many were promised their money, how many queue for it, and what the pool has left, in fen."""
    with acting(machine()):
        lines = SubsidyLine.objects.filter(certificate_id__in=certificates)
        states = list(lines.values_list("state", flat=True))
        left = PoolBalance.objects.get(pool=pool, account="available").balance_fen
    return states.count("to_confirm"), states.count("queued"), left


def test_the_last_fen_of_a_pool_is_promised_once(world: World) -> None:
    pool, certificates = last_fen(world)
    assert race([[certificate] for certificate in certificates]) == []
    promised, queued, left = promised_queued_left(pool, certificates)
    assert promised + queued == FEWER
    assert queued > 0
    assert 0 <= left < LAST_FEN


def test_control_without_lock_and_constraint_more_is_promised_than_the_pool_has(
    world: World, monkeypatch: pytest.MonkeyPatch, connect: Callable[..., psycopg.Connection[Any]]
) -> None:
    pool, certificates = last_fen(world)
    monkeypatch.setattr(decide, "lock_pools", lambda pools: None)
    owner = connect("owner", autocommit=True)
    owner.execute("ALTER TABLE funds_pool_balance DROP CONSTRAINT pool_never_below_zero")
    race([[certificate] for certificate in certificates])
    promised, _queued, left = promised_queued_left(pool, certificates)
    assert promised > LAST_FEN // AMOUNT
    assert left < 0
