"""Hot pools: one batch against a plain insert of the same rows; sixteen writers at once without a deadlock."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from statistics import median
from uuid import UUID

from django.db import OperationalError, connection, connections

from jiangxin.funds.models import Pool
from jiangxin.funds.operations import begin_money
from jiangxin.ground.actor import acting, machine
from jiangxin.ground.keys import new_id
from jiangxin.ground.staging import run, stage
from tests.bench.clock import seconds
from tests.bench.decisions import Crowd

LINES, WRITERS, ROUNDS = 20_000, 16, 10
PLAIN = """
INSERT INTO plain_transfer (id, pool_id, region_id, kind, debit, credit, amount_fen, continues_id,
  subject_id, event_id, at)
SELECT id, pool_id, region_id, 'reserve', 'available', 'reserved', amount_fen, NULL, subject_id, event_id,
  %s FROM money_begun
"""


def _pools(crowd: Crowd) -> list[Pool]:
    with acting(machine()):
        funds = ("special_account", "local_talent", "industry_development")
        return [crowd.pool, *(crowd.world.pool(fund, 10_000_000) for fund in funds)]


def _rows(pools: list[Pool], count: int) -> list[tuple[UUID, int, int, UUID, UUID]]:
    return [(pools[n % len(pools)].id, pools[0].region_id, 100, new_id(), new_id()) for n in range(count)]


def batch_and_plain(crowd: Crowd) -> tuple[float, float]:
    """Median seconds of 20,000 reservations by the ledger, and of the same rows into a bare indexed table."""
    crowd.pools = pools = _pools(crowd)  # type: ignore[attr-defined]
    money, plain = [], []
    for _ in range(9):
        rows = _rows(pools, LINES)
        with acting(machine()) as at, connection.cursor() as cursor:
            money.append(seconds(lambda at=at, rows=rows: begin_money("reserve", at, rows)))  # type: ignore[misc]
            cursor.execute("CREATE TEMP TABLE plain_transfer (LIKE funds_transfer INCLUDING INDEXES) ON COMMIT DROP")
            plain.append(seconds(lambda at=at, rows=rows: _plainly(at, rows)))  # type: ignore[misc]
    return median(money), median(plain)


def _plainly(at: datetime, rows: list[tuple[UUID, int, int, UUID, UUID]]) -> None:
    columns = "id uuid, pool_id uuid, region_id int, amount_fen bigint, subject_id uuid, event_id uuid"
    stage("money_begun", columns, ((new_id(), *row) for row in rows))
    run(PLAIN, [at])


def sixteen_writers(crowd: Crowd) -> tuple[int, int]:
    """How many of sixteen writers' batches ended in a deadlock, and how many lines they wrote."""
    pools: list[Pool] = crowd.pools  # type: ignore[attr-defined]
    start = threading.Barrier(WRITERS, timeout=60)

    def write(turn: int) -> int:
        dead, mine = 0, pools[turn % 4 :] + pools[: turn % 4]
        try:
            start.wait()
            for _ in range(ROUNDS):
                try:
                    with acting(machine()) as at:
                        begin_money("reserve", at, _rows(mine, 80))
                except OperationalError:
                    dead += 1
        finally:
            connections.close_all()
        return dead

    with ThreadPoolExecutor(WRITERS) as pool:
        return sum(pool.map(write, range(WRITERS))), WRITERS * ROUNDS * 80
