"""Numbers of certificates and second entries of scores: many at once, each with its control (C2)."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction

from jiangxin.assessment.examining import NumberCounter, NumberSeries, ScoreEntry
from jiangxin.assessment.exams import Candidate
from jiangxin.assessment.operations.exam_plans import take_numbers
from jiangxin.assessment.operations.exam_scores import enter_score
from jiangxin.ground.actor import Actor, acting, machine
from jiangxin.ground.clock import Clock
from jiangxin.ground.refusal import Refusal
from tests.assessment.exam_hall import Hall
from tests.factories.whole import whole

THREADS, ROUNDS = 16, 5


@pytest.fixture(scope="module")
def hall(clone: str, django_db_blocker: Any) -> Iterator[Hall]:
    with django_db_blocker.unblock():
        with transaction.atomic():
            made = Hall()
            made.plan = made.rostered(learners=8)  # type: ignore[attr-defined]
            Clock.objects.update(demo_at=made.exam_day)
        yield made
    connections.close_all()


@pytest.fixture(autouse=True)
def _unblocked(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def at_once(works: list[Callable[[], Any]]) -> list[Any]:
    """Do all of it, starting together; what each returned, or its refusal."""
    start = Barrier(len(works), timeout=60)

    def one(work: Callable[[], Any]) -> Any:
        try:
            start.wait()
            return work()
        except Refusal as no:
            return no
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def taking(series: NumberSeries, sort: str, count: int, fail: bool = False) -> Callable[[], list[int]]:
    def work() -> list[int]:
        actor = machine()
        try:
            with acting(actor):
                first = take_numbers(series, sort, 2026, count)
                if fail:
                    raise LookupError
                return list(range(first, first + count))
        except LookupError:
            return []

    return work


def test_numbers_under_sixteen_threads_are_unique_and_without_a_gap(hall: Hall) -> None:
    with whole():
        series = NumberSeries.objects.get(body=hall.body)
    works = [taking(series, "S", n % 4 + 1, fail=n % 5 == 0) for n in range(THREADS)]
    numbers = sorted(n for _ in range(ROUNDS) for taken in at_once(works) for n in taken)
    assert numbers == list(range(1, len(numbers) + 1))
    with whole():
        assert NumberCounter.objects.get(series=series, sort="S").last == len(numbers)


def test_control_read_then_written_the_same_number_is_given_twice(
    hall: Hall, connect: Callable[..., psycopg.Connection[Any]]
) -> None:
    connect("owner", autocommit=True).execute("ALTER TABLE assessment_number_counter DISABLE TRIGGER only_rises")
    with whole():
        series = NumberSeries.objects.get(body=hall.body)
    with acting(machine()):
        take_numbers(series, "J", 2099, 1)
    start = Barrier(THREADS, timeout=60)

    def careless() -> int:
        with acting(machine()), connection.cursor() as cursor:
            cursor.execute("SELECT last FROM assessment_number_counter WHERE sort = 'J' AND year = 2099")
            (last,) = cursor.fetchone()
            start.wait()
            cursor.execute(
                "UPDATE assessment_number_counter SET last = %s WHERE sort = 'J' AND year = 2099", [last + 1]
            )
            return int(last) + 1

    numbers = at_once([careless] * THREADS)
    connect("owner", autocommit=True).execute("ALTER TABLE assessment_number_counter ENABLE TRIGGER only_rises")
    assert len(set(numbers)) < len(numbers)


def typing(actor: Actor, candidate: Candidate, score: str) -> Callable[[], Any]:
    def work() -> Any:
        with acting(actor) as at:
            return enter_score(actor, at, candidate.pk, "theory", Decimal(score))

    return work


def test_two_clerks_who_type_the_second_score_at_once(hall: Hall) -> None:
    with whole():
        sitting = list(Candidate.objects.filter(plan=hall.plan).order_by("id"))  # type: ignore[attr-defined]
    for n, one in enumerate(sitting):
        with acting(hall.clerk) as at:
            enter_score(hall.clerk, at, one.pk, "theory", Decimal(80))
        # Even ones: both agree with the first. Odd ones: one of the two differs, and nobody looked a third time.
        said = at_once([typing(hall.second, one, "80"), typing(hall.third, one, "80" if n % 2 == 0 else "70")])
        with whole():
            turns = list(ScoreEntry.objects.filter(candidate=one).order_by("turn").values_list("turn", "score"))
            fixed = Candidate.objects.get(pk=one.pk).theory
        assert [turn for turn, _ in turns] == [1, 2]
        assert sum(isinstance(answer, Refusal) for answer in said) == 1
        assert fixed == (80 if turns[1][1] == 80 else None)
