"""Many decisions at once: three a year, once per level, no fen beyond the pool; each with its control."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import DatabaseError, connections, transaction

from jiangxin.funds.models import PoolBalance
from jiangxin.funds.operations import confirm_budget, propose_budget
from jiangxin.ground.actor import acting, machine
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.subsidy.operations import decide
from tests.factories.world import World

RACERS = 40
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
    start = threading.Barrier(len(batches), timeout=60)

    def one(batch: list[UUID]) -> str:
        actor = machine()
        try:
            start.wait()
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


def many_of_one_person(world: World) -> tuple[UUID, list[UUID]]:
    with acting(machine()):
        person = world.person()

    def make(n: int) -> Any:
        body = world.body(f"机构{n}", f"9133{world.certificates:014d}", "assessor")
        return world.certificate(person, occupation=OCCUPATIONS[n % 3], level=str(5 - n // 3 % 5), assessor=body)

    return person.id, made(world, lambda: [make(n) for n in range(RACERS)])


def test_three_a_year_however_many_at_once(world: World) -> None:
    person, certificates = many_of_one_person(world)
    assert race([[certificate] for certificate in certificates]) == []
    assert live(person_id=person) == 3


def test_control_without_the_lock_the_database_still_refuses_and_without_its_key_there_are_more(
    world: World, monkeypatch: pytest.MonkeyPatch, connect: Callable[..., psycopg.Connection[Any]]
) -> None:
    person, certificates = many_of_one_person(world)
    monkeypatch.setattr(decide, "LOCK_PERSONS", "SELECT 1")
    owner = connect("owner", autocommit=True)
    for name in ("one_slot_of_the_year", "once_per_occupation_and_level"):
        owner.execute(f"DROP INDEX {name}")
    owner.execute("ALTER TABLE subsidy_subsidy_line DISABLE TRIGGER lock_levels_on_insert")
    race([[certificate] for certificate in certificates])
    assert live(person_id=person) > 3
    owner.execute("ALTER TABLE subsidy_subsidy_line ENABLE TRIGGER lock_levels_on_insert")


def test_the_last_fen_of_a_pool_is_promised_once(world: World) -> None:
    with acting(machine()):
        available = PoolBalance.objects.get(pool__office=world.office, account="available")
        left = available.balance_fen
    certificates = made(world, lambda: [world.certificate(level="5") for _ in range(RACERS)])
    with acting(world.staff["budget"]) as at:
        taken = propose_budget(world.staff["budget"], at, available.pool, 250_000 - left, "收回指标")
    with acting(world.staff["budget2"]) as at:
        confirm_budget(world.staff["budget2"], at, taken.id)
    assert race([[certificate] for certificate in certificates]) == []
    with acting(machine()):
        balance = dict(PoolBalance.objects.filter(pool=available.pool_id).values_list("account", "balance_fen"))
        promised = SubsidyLine.objects.filter(certificate_id__in=certificates, state="to_confirm").count()
        queued = SubsidyLine.objects.filter(certificate_id__in=certificates, state="queued").count()
    assert promised + queued == RACERS
    assert queued > 0
    assert 0 <= balance["available"] < 250_000
