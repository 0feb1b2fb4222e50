"""Many for the last seats at once: nobody too many, nobody too few, each in turn; with its control (S1, S2, S5)."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connections, transaction

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.refusal import Refusal
from jiangxin.subsidy.law import current_law
from jiangxin.training.models import Enrolment, TrainingClass
from jiangxin.training.operations import seats
from tests.factories.school import School
from tests.factories.world import World

RACERS, SEATS, CONNECTIONS = 120, 5, 40
# What everybody writes who has not heard of conditional updates: count, then insert.
COUNT_THEN_INSERT = """
WITH seat AS (SELECT id, region_id, body_id FROM training_training_class c
   WHERE id = %(class)s AND state = ANY(%(states)s)
     AND (SELECT count(*) FROM training_enrolment e WHERE e.class_id = c.id AND e.state = 'seated') < capacity)
INSERT INTO training_enrolment (id, class_id, person_id, region_id, body_id, state, source, employer_id, waits_since,
       state_since, entered_by_name, reason, forecast)
SELECT %(id)s, id, %(person)s, region_id, body_id, 'seated', %(source)s, %(employer)s, %(at)s, %(at)s, %(name)s, '',
       %(forecast)s::jsonb FROM seat, pg_sleep(0.05)
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


def opened(school: School, start: int) -> tuple[UUID, list[UUID]]:
    with acting(machine()):
        found = school.opened(school.lessons(start=start), capacity=SEATS)
        return found.id, [school.world.person(account=False, hukou=None).id for _ in range(RACERS)]


def at_once(deeds: list[Callable[[], object]]) -> list[object]:
    """Every deed in a thread of its own, all starting together; a refusal is its answer."""
    start, door = threading.Barrier(len(deeds), timeout=60), threading.Semaphore(CONNECTIONS)

    def one(deed: Callable[[], object]) -> object:
        start.wait()
        with door:
            try:
                return deed()
            except Refusal as no:
                return no.code
            finally:
                connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(one, deeds))


def joins(school: School, class_id: UUID, person_id: UUID) -> Callable[[], object]:
    def join() -> bool:
        actor = school.learner(person_id)
        with acting(actor) as at:
            return seats.enrol(actor, at, class_id, seats.Joining(person_id, "self")).seated

    return join


def on_seats(class_id: UUID) -> tuple[int, int]:
    with acting(machine()):
        held = Enrolment.objects.filter(training_class_id=class_id, state__in=("seated", "held")).count()
        return held, TrainingClass.objects.get(id=class_id).taken


def test_the_last_seats_are_given_once(school: School) -> None:
    class_id, people = opened(school, 10)
    answers = at_once([joins(school, class_id, person) for person in people])
    assert sum(answer is True for answer in answers) == SEATS
    assert on_seats(class_id) == (SEATS, SEATS)
    with acting(machine()):
        assert Enrolment.objects.filter(training_class_id=class_id, state="waiting").count() == RACERS - SEATS


def test_one_person_clicking_often_has_one_seat(school: School) -> None:
    class_id, people = opened(school, 50)
    answers = at_once([joins(school, class_id, people[0]) for _ in range(30)])
    assert sum(answer is True for answer in answers) == 1
    assert answers.count("EnrolledAlready") == 29


def test_as_many_are_offered_a_seat_as_leave(school: School) -> None:
    class_id, people = opened(school, 90)
    at_once([joins(school, class_id, person) for person in people])
    with acting(machine()):
        seated = list(Enrolment.objects.filter(training_class_id=class_id, state="seated"))
        queue = list(
            Enrolment.objects.filter(training_class_id=class_id, state="waiting").order_by("waits_since", "id")
        )

    def leaves(enrolment: Enrolment) -> Callable[[], object]:
        def leave() -> str:
            actor = school.learner(enrolment.person_id)
            with acting(actor) as at:
                return seats.leave_class(actor, at, enrolment.id, "", current_law()).state

        return leave

    assert at_once([leaves(enrolment) for enrolment in seated]) == ["left"] * SEATS
    assert on_seats(class_id) == (SEATS, SEATS)
    with acting(machine()):
        offered = set(Enrolment.objects.filter(training_class_id=class_id, state="held").values_list("id", flat=True))
    assert offered == {enrolment.id for enrolment in queue[:SEATS]}, "the first who waited, nobody else"


def test_the_control_oversells(
    school: School, connect: Callable[..., psycopg.Connection[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counting first and inserting then sells a seat several times; the database's own guard is off for it."""
    class_id, people = opened(school, 130)
    monkeypatch.setattr(seats, "TAKE_SEAT", COUNT_THEN_INSERT)
    owner = connect("owner", autocommit=True)
    owner.execute("ALTER TABLE training_enrolment DISABLE TRIGGER seats_on_insert")
    at_once([joins(school, class_id, person) for person in people])
    owner.execute("ALTER TABLE training_enrolment ENABLE TRIGGER seats_on_insert")
    assert on_seats(class_id)[0] > SEATS
