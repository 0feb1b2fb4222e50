"""A statement and the one that voids it, or two of one number, at the same instant; with their control (11.2)."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections, transaction

from jiangxin.ground.actor import acting
from jiangxin.ground.refusal import Refusal
from jiangxin.training.operations import statements
from jiangxin.training.queries.statements import actor_of_platform, statement_of
from tests.factories.platform import HOME, Online, statement, voiding
from tests.factories.school import School
from tests.factories.world import World

# No lock: the same statement, to the same effect for nobody.
NO_LOCK = "SELECT length(%s)"


@pytest.fixture(scope="module")
def online(clone: str, django_db_blocker: Any) -> Iterator[Online]:
    with django_db_blocker.unblock():
        with transaction.atomic():
            made = Online(School(World()), learners=1)
        yield made
    connections.close_all()


@pytest.fixture(autouse=True)
def _unblocked(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def hold(monkeypatch: pytest.MonkeyPatch, longest: float) -> None:
    """Whoever wrote waits until the other wrote too, and again before the end; where a lock keeps it out, not long."""
    both, real = threading.Barrier(2, timeout=longest), statements.run

    def run(sql: str, params: Any = ()) -> int:
        done = real(sql, params)
        if sql in (statements.KEEP, statements.VOID_NEW):
            with suppress(threading.BrokenBarrierError):
                both.wait()
        return done

    monkeypatch.setattr(statements, "run", run)


def at_once(*deeds: Callable[[], object]) -> list[object]:
    def one(deed: Callable[[], object]) -> object:
        try:
            return deed()
        except Refusal as no:
            return no.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(one, deeds))


def sends(online: Online, *sent: dict[str, Any]) -> Callable[[], object]:
    def send() -> object:
        actor = actor_of_platform(online.issued.platform)
        with acting(actor) as at:
            return statements.take_statements(actor, at, online.issued.platform, list(sent), "1.0", HOME)

    return send


def stands(online: Online, number: str) -> bool:
    with acting(actor_of_platform(online.issued.platform)):
        return statement_of(online.issued.platform.id, UUID(number), voided=False) is not None


@pytest.mark.parametrize("locked", [True, False], ids=["lock", "no lock"])
def test_a_statement_and_its_voiding_at_once(locked: bool, online: Online, monkeypatch: pytest.MonkeyPatch) -> None:
    hold(monkeypatch, 1 if locked else 30)
    if not locked:
        monkeypatch.setattr(statements, "ALONE", NO_LOCK)
        monkeypatch.setattr(statements, "BESIDE", NO_LOCK)
    given = statement(id=str(uuid4()))
    at_once(sends(online, given), sends(online, voiding(given["id"])))
    assert stands(online, given["id"]) is not locked


def test_two_of_one_number_at_once(online: Online) -> None:
    for _ in range(10):
        first = statement(id=str(uuid4()))
        other = first | {"result": {"success": True}}
        ends = at_once(sends(online, dict(first)), sends(online, dict(other)))
        assert sorted(map(str, ends), key=len)[0] == "StatementChanged"
        same = statement(id=str(uuid4()))
        assert at_once(sends(online, dict(same)), sends(online, dict(same))) == [[same["id"]]] * 2
