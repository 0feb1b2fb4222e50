"""One subsidy per person, occupation and level, none lower after a higher (M7): many at once, each with its control."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import DatabaseError, connections, transaction

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.keys import new_id
from jiangxin.parties.models import Person
from jiangxin.subsidy.models import LevelLock, SubsidyLine
from jiangxin.subsidy.operations import decide
from tests.factories.world import World

ROUNDS, COPIES = 4, 6
LEVELS = ("5", "4", "3")


@pytest.fixture(scope="module")
def world(clone: str, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock():
        with transaction.atomic():
            made = World()
            made.money = made.pool()  # type: ignore[attr-defined]
        yield made
    connections.close_all()


@pytest.fixture(autouse=True)
def _unblocked(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def triples(world: World) -> tuple[Person, list[UUID]]:
    """One person with the same occupation at three levels, each from several bodies."""
    with acting(machine()):
        person, found = world.person(), []
        for n in range(COPIES):
            body = world.body(f"机构{n}", f"91{new_id().hex[:16].upper()}", "assessor")
            found += [world.certificate(person, level=level, assessor=body).id for level in LEVELS]
    return person, found


def at_once(works: list[Callable[[], None]]) -> list[str]:
    """Do all of it, starting together; returns what the database refused."""
    start = threading.Barrier(len(works), timeout=60)

    def one(work: Callable[[], None]) -> str:
        try:
            start.wait()
            work()
        except DatabaseError as error:
            return str(error).splitlines()[0]
        finally:
            connections.close_all()
        return ""

    with ThreadPoolExecutor(len(works)) as pool:
        return [no for no in pool.map(one, works) if no]


def deciding(certificate: UUID) -> Callable[[], None]:
    def work() -> None:
        with acting(machine()) as at:
            decide.decide_certificates(machine(), at, [certificate], "race")

    return work


def ranks(person: Person) -> list[int]:
    """The promised levels in the order in which they were promised."""
    with acting(machine()):
        live = SubsidyLine.objects.filter(person=person, slot__isnull=False).order_by("slot")
        return list(live.values_list("level_rank", flat=True))


def locked(person: Person) -> list[int]:
    with acting(machine()):
        return list(LevelLock.objects.filter(person_id=person.id).values_list("level_rank", flat=True))


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_levels_only_rise_however_many_are_decided_at_once(world: World, turn: int) -> None:
    person, certificates = triples(world)
    shift = turn * 5 % len(certificates)
    assert at_once([deciding(key) for key in certificates[shift:] + certificates[:shift]]) == []
    promised = ranks(person)
    assert promised
    assert promised == sorted(set(promised))
    assert locked(person) == [promised[-1]]


def raw_line(world: World, certificate: UUID, slot: int) -> Callable[[], None]:
    """A promise written past the operations: only the database is in the way."""

    def work() -> None:
        with acting(machine()) as at:
            line = SubsidyLine(
                certificate_id=certificate, scheme="certificate_subsidy", number=new_id().hex[-20:], state="queued",
                region_id=world.region, office=world.office, pool=world.money, fund="employment_grant",  # type: ignore[attr-defined]
                outcome="yes", amount_fen=1, count_year=2026, slot=slot, received_on=at.date(), first_decided_at=at,
                decided_at=at, decision_id=new_id(), state_since=at,
            )  # fmt: skip
            certified = line.certificate
            line.person_id, line.subject, line.issued_on = (
                certified.person_id,
                certified.occupation,
                certified.issued_on,
            )
            line.level_rank = int(certified.level == "4") + 2 * int(certified.level == "3") + 1
            line.save(force_insert=True)

    return work


def test_past_the_operations_the_database_lets_levels_only_rise(world: World) -> None:
    person, certificates = triples(world)
    refused = at_once([raw_line(world, key, n % 3 + 1) for n, key in enumerate(certificates)])
    promised = ranks(person)
    assert len(refused) == len(certificates) - len(promised)
    assert len(set(promised)) == len(promised) <= 3
    assert locked(person) == [max(promised)]


def test_control_without_lock_and_key_one_level_is_promised_many_times(
    world: World, connect: Callable[..., psycopg.Connection[Any]]
) -> None:
    person, certificates = triples(world)
    owner = connect("owner", autocommit=True)
    for statement in (
        "DROP INDEX once_per_occupation_and_level",
        "DROP INDEX one_slot_of_the_year",
        "ALTER TABLE subsidy_subsidy_line DISABLE TRIGGER lock_levels_on_insert",
    ):
        owner.execute(statement)
    assert at_once([raw_line(world, key, n % 3 + 1) for n, key in enumerate(certificates)]) == []
    assert len(ranks(person)) == len(certificates)
    owner.execute("ALTER TABLE subsidy_subsidy_line ENABLE TRIGGER lock_levels_on_insert")
