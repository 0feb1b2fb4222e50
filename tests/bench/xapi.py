"""A batch of 100,000 statements over the operation, and their count, against a plain COPY of the same rows."""

from collections.abc import Iterator
from datetime import timedelta
from statistics import median
from typing import Any

from django.db import connection, transaction

from jiangxin.ground.actor import acting, machine, set_scope
from jiangxin.ground.staging import rows_of
from jiangxin.subsidy.law import current_law
from jiangxin.training.operations.online import count_online
from jiangxin.training.operations.statements import take_statements
from jiangxin.training.queries.due import seats_to_count
from jiangxin.training.queries.statements import actor_of_platform
from tests.bench.clock import seconds
from tests.bench.decisions import Crowd
from tests.factories.platform import HOME, HOUR, Online
from tests.factories.school import School

LEARNERS, TURNS = 20, 2


def batch_count_and_copy(crowd: Crowd, size: int) -> tuple[float, float, float, int]:
    """Median seconds to take a batch, to count it, and of COPY of its rows with indexes; and how many rows."""
    with transaction.atomic():
        online = Online(School(crowd.world), learners=LEARNERS)
    taken, counted, plain, count = [], [], [], 0
    for turn in range(TURNS):
        sent = list(_evenings(online, size, turn))
        at = online.lesson.starts_at + timedelta(days=6, hours=turn)
        taken.append(seconds(lambda sent=sent, at=at: _take(online, at, sent)))  # type: ignore[misc]
        counted.append(seconds(_count))
        with acting(machine()):
            rows = rows_of("SELECT * FROM training_statement WHERE stored_at = %s", [at])
            count = len(rows)
            plain.append(_copied(rows))
    return median(taken), median(counted), median(plain), count


def _evenings(online: Online, size: int, turn: int) -> Iterator[dict[str, Any]]:
    """So many statements of all learners, in evenings of five hours on seven days, again and again."""
    left, seed = size, turn * 1_000_000
    while left > 0:
        seed += 1
        start = online.lesson.starts_at + timedelta(days=seed // LEARNERS % 6) + 10 * HOUR
        for statement in online.session(seed % LEARNERS, minutes=300, start=start, seed=seed, device=f"d{seed}"):
            if left <= 0:
                return
            left -= 1
            yield statement


def _take(online: Online, at: Any, sent: list[dict[str, Any]]) -> None:
    actor = actor_of_platform(online.issued.platform)
    with acting(actor):
        set_scope(actor)
        take_statements(actor, at, online.issued.platform, sent, "1.0", HOME)


def _count() -> None:
    with acting(machine()) as at:
        assert count_online(machine(), at, seats_to_count(at, 1_000), current_law())


def _copied(rows: list[tuple[object, ...]]) -> float:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE plain_statement (LIKE training_statement INCLUDING INDEXES) ON COMMIT DROP")

        def copy() -> None:
            with cursor.copy("COPY plain_statement FROM STDIN") as into:
                for row in rows:
                    into.write_row(row)

        return seconds(copy)
