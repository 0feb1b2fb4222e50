"""Lists at once for the last seats, and one list twice: whole lists sit or nobody, nobody is entered twice (S1)."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connections, transaction

from jiangxin.ground.actor import Actor, acting, machine
from jiangxin.parties.models import Organisation
from jiangxin.parties.operations.persons import PersonRow
from jiangxin.parties.operations.workforce import load_workforce
from jiangxin.parties.rosters import Listed, WorkerRow
from jiangxin.parties.workforce import Employment
from jiangxin.training.operations import rosters
from tests.factories.school import School, clerk_of
from tests.factories.world import World, number_of
from tests.race.test_seats import at_once, on_seats

LISTS, HEADS, SEATS = 12, 3, 5
COUNT_THEN_INSERT = """
WITH seat AS (SELECT id, region_id, body_id FROM training_training_class c, pg_sleep(0.3)
   WHERE id = %(class)s AND state = ANY(%(states)s)
     AND (SELECT count(*) FROM training_enrolment e WHERE e.class_id = c.id) + %(many)s <= capacity)
INSERT INTO training_enrolment (id, class_id, person_id, region_id, body_id, state, source, employer_id, waits_since,
       state_since, entered_by_name, reason, forecast)
SELECT n.id, s.id, n.person_id, s.region_id, s.body_id, 'seated', %(source)s, %(employer)s, %(at)s, %(at)s, %(name)s,
       '', %(forecast)s::jsonb FROM new_seat n CROSS JOIN seat s
"""


@pytest.fixture(scope="module")
def school(clone: str, django_db_blocker: Any) -> Iterator[School]:
    with django_db_blocker.unblock():
        with transaction.atomic():
            made = School(World())
        yield made
    connections.close_all()


@pytest.fixture(autouse=True)
def _unblocked(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def named(first: int) -> list[PersonRow]:
    return [PersonRow("resident", number_of(n), f"名册{n}") for n in range(first, first + HEADS)]


def opened(school: School, start: int) -> UUID:
    with acting(machine()):
        return school.opened(school.lessons(start=start), capacity=SEATS).id


def lists(school: School, class_id: UUID, first: int) -> Callable[[], object]:
    def enrol() -> int:
        with acting(school.clerk) as at:
            return rosters.enrol_roster(school.clerk, at, class_id, [Listed(person) for person in named(first)])

    return enrol


def test_of_many_lists_one_sits_as_a_whole(school: School) -> None:
    class_id = opened(school, 10)
    answers = at_once([lists(school, class_id, 100 + HEADS * n) for n in range(LISTS)])
    assert answers.count(HEADS) == 1
    assert answers.count("SeatsTooFew") == LISTS - 1
    assert on_seats(class_id) == (HEADS, HEADS)


def test_one_list_twice_at_once_sits_once(school: School) -> None:
    class_id = opened(school, 50)
    answers = at_once([lists(school, class_id, 200) for _ in range(6)])
    assert answers.count(HEADS) == 1
    assert on_seats(class_id) == (HEADS, HEADS)


def test_one_workforce_twice_at_once_is_entered_once(school: School) -> None:
    with acting(machine()):
        body = Organisation.objects.create(name="快送", credit_code="91330421MA0000000F", region_id=school.world.region)
        clerk: Actor = clerk_of(school.world, body, "employer")
    rows = [WorkerRow(person, "platform", date(2026, 1, 5)) for person in named(300)]

    def load() -> int:
        with acting(clerk) as at:
            return load_workforce(clerk, at, rows)

    answers = at_once([load] * 6)
    assert answers.count(HEADS) == 1
    assert answers.count("InWorkforceAlready") == 5
    with acting(machine()):
        assert Employment.objects.filter(body=body).count() == HEADS


def test_the_control_oversells(
    school: School, connect: Callable[..., psycopg.Connection[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counting first and inserting then seats several lists; the database's own guard is off for it."""
    class_id = opened(school, 90)
    monkeypatch.setattr(rosters, "TAKE_SEATS", COUNT_THEN_INSERT)
    owner = connect("owner", autocommit=True)
    owner.execute("ALTER TABLE training_enrolment DISABLE TRIGGER seats_on_insert")
    at_once([lists(school, class_id, 400 + HEADS * n) for n in range(LISTS)])
    owner.execute("ALTER TABLE training_enrolment ENABLE TRIGGER seats_on_insert")
    assert on_seats(class_id)[0] > SEATS
