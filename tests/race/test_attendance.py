"""Codes at several devices at once: nobody waits for another learner, nobody counts twice, no device for another."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connections, transaction

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.staging import run
from jiangxin.subsidy.law import current_law
from jiangxin.training.evidence import Attendance, Scan
from jiangxin.training.models import Lesson
from jiangxin.training.operations.attendance import Shown, Signed, sign, sign_buffered
from jiangxin.training.presence import code_at, seed_of
from tests.factories.school import School
from tests.factories.world import World

STEP, AGO = 1_000_000, timedelta(minutes=30)


class Morning:
    """A class of six on its first day; each lesson is raced for once."""

    def __init__(self) -> None:
        with transaction.atomic():
            self.school = School(World())
            found, _places = self.school.running(6)
            self.lessons = list(Lesson.objects.filter(training_class=found).order_by("starts_at"))

    def next(self) -> tuple[Lesson, list[Attendance]]:
        lesson = self.lessons.pop(0)
        with acting(machine()):
            return lesson, list(Attendance.objects.filter(lesson=lesson).order_by("id"))

    def shown(self, seat: Attendance, lesson: Lesson, ago: timedelta = timedelta()) -> Shown:
        step = STEP - int(ago.total_seconds()) // 30
        return Shown(code_at(seed_of(seat.enrolment_id), lesson.id, lesson.room_id, step), "in", "手机", STEP, ago)

    def signs(self, seat: Attendance, lesson: Lesson) -> Signed:
        shown = self.shown(seat, lesson)
        return sign(self.school.clerk, lesson.starts_at, lesson.id, shown, current_law())


@pytest.fixture(scope="module")
def morning(clone: str, django_db_blocker: Any) -> Iterator[Morning]:
    with django_db_blocker.unblock():
        yield Morning()
    connections.close_all()


@pytest.fixture(autouse=True)
def _unblocked(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def test_a_learner_waits_for_no_other(morning: Morning) -> None:
    lesson, (first, second, *_rest) = morning.next()

    def meanwhile() -> bool:
        try:
            with acting(morning.school.clerk):
                run("SET LOCAL lock_timeout = '3s'")
                return morning.signs(second, lesson).accepted
        finally:
            connections.close_all()

    with acting(morning.school.clerk), ThreadPoolExecutor(1) as pool:
        assert morning.signs(first, lesson).accepted
        assert pool.submit(meanwhile).result(30)


def test_one_learner_at_many_devices_is_there_once(morning: Morning) -> None:
    lesson, (seat, *_rest) = morning.next()
    start = threading.Barrier(12, timeout=60)

    def show(_n: int) -> bool:
        try:
            start.wait()
            with acting(morning.school.clerk):
                return morning.signs(seat, lesson).accepted
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as pool:
        assert sorted(pool.map(show, range(12))) == [False] * 11 + [True]
    with acting(machine()):
        assert Scan.objects.filter(lesson=lesson, problem="twice").count() == 11


def crosswise(morning: Morning, *, buffered: bool) -> list[str]:
    """Two devices send what they read, each in the other's opposite order; what came of each."""
    lesson, (first, *_middle, last) = morning.next()
    start, met = threading.Barrier(2, timeout=60), threading.Barrier(2, timeout=60)

    def send(seats: list[Attendance]) -> str:
        shown = [morning.shown(seat, lesson, AGO) for seat in seats]
        clerk, at = morning.school.clerk, lesson.starts_at + AGO
        try:
            start.wait()
            with acting(clerk):
                if buffered:
                    return str(len(sign_buffered(clerk, at, lesson.id, shown, current_law())))
                for n, one in enumerate(shown):
                    sign(clerk, at, lesson.id, one, current_law())
                    if n == 0:
                        met.wait()
                return "2"
        except OperationalError as no:
            return "deadlock" if "deadlock" in str(no) else str(no)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(send, [[first, last], [last, first]]))


def test_devices_that_upload_crosswise_are_both_answered(morning: Morning) -> None:
    for _ in range(3):
        assert crosswise(morning, buffered=True) == ["2", "2"]


def test_the_control_deadlocks(morning: Morning) -> None:
    """Code by code in one transaction, each device ends up waiting for the other."""
    assert "deadlock" in crosswise(morning, buffered=False)
