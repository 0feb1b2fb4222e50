"""One person per number, however many try at once (I1); with the key off, the same race makes many."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connections

from jiangxin.ground.actor import acting, machine
from jiangxin.parties.models import Person, PersonDocument
from jiangxin.parties.operations import persons
from jiangxin.parties.operations.persons import PersonRow, register_persons
from tests.factories.whole import whole
from tests.parties.people import number

RACERS = 64


@pytest.fixture(autouse=True)
def _copy(clone: str, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield
    connections.close_all()


def _race(rows: list[PersonRow], before_commit: Callable[[], Any] = lambda: None) -> list[tuple[Any, ...]]:
    start = threading.Barrier(RACERS, timeout=30)

    def register(turn: int) -> tuple[Any, ...]:
        actor, ordered = machine(), rows if turn % 2 else rows[::-1]
        try:
            with acting(actor) as at:
                start.wait()
                ids = dict(zip((r.number for r in ordered), register_persons(actor, at, ordered).ids, strict=True))
                before_commit()
            return tuple(ids[row.number] for row in rows)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(RACERS) as pool:
        return list(pool.map(register, range(RACERS)))


def _documents() -> int:
    with whole():
        return PersonDocument.objects.count()


def test_sixty_four_at_once_make_one_person_of_each_number() -> None:
    answers = _race([PersonRow("resident", number(n), "张三") for n in (1, 2, 3)])
    assert len(set(answers)) == 1
    assert Person.objects.count() == _documents() == 3


def test_without_the_key_the_same_race_makes_many(
    connect: Callable[..., psycopg.Connection[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the guard is the unique key, not luck."""
    owner = connect("owner", autocommit=True)
    owner.execute("ALTER TABLE parties_person_document DROP CONSTRAINT one_person_per_document")
    owner.execute("CREATE INDEX ON parties_person_document (kind, number_index)")
    # The statement leans on the key; without it, it can only insert what it did not see.
    unguarded = persons.INSERT_DOCUMENTS.replace("ON CONFLICT (kind, number_index) DO NOTHING", "")
    before = _documents()
    monkeypatch.setattr(persons, "INSERT_DOCUMENTS", unguarded)
    # Nobody commits before everybody wrote: only a key could make one of them wait for another.
    answers = _race([PersonRow("resident", number(9), "张三")], threading.Barrier(RACERS, timeout=30).wait)
    assert len(set(answers)) == _documents() - before == RACERS
