"""A voucher batch of 100,000 persons: matched, issued and announced, against a plain COPY of the same rows."""

from statistics import median

from django.db import connection

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.staging import rows_of, run
from jiangxin.training.operations.voucher_batches import BatchTerms, draft_batch, issue_batch
from jiangxin.training.operations.voucher_jobs import hand_out_vouchers, match_batch
from jiangxin.training.queries.vouchers import fresh_vouchers
from tests.bench.clock import seconds
from tests.bench.decisions import Crowd
from tests.training.vouchers import terms

TURNS = 3
# Everybody whom the crowd holds is unemployed here: the status is laid out once.
SPELLS = """
INSERT INTO parties_spell (id, person_id, kind_id, region_id, from_on, certified, source)
SELECT gen_random_uuid(), p.id, 'unemployed', %s, '2026-01-01', false, 'bench' FROM parties_person p
"""


def batch_and_copy(crowd: Crowd) -> tuple[float, float, int]:
    """Median seconds of a batch from match to hand-out and of COPY of its rows with indexes; and how many rows."""
    world = crowd.world
    with acting(machine()):
        run(SPELLS, [world.region])
        run("ANALYZE parties_spell")
    whole, plain, count = [], [], 0
    for turn in range(TURNS):
        with acting(machine()) as at:
            batch = draft_batch(world.staff["training"], at, _everybody(crowd, turn))
        started = seconds(lambda batch=batch: _match(batch.id))  # type: ignore[misc]
        with acting(world.staff["training2"]) as at:
            issue_batch(world.staff["training2"], at, batch.id)
        whole.append(started + seconds(lambda batch=batch: _hand_out(batch.id)))  # type: ignore[misc]
        with acting(machine()) as at:
            rows = rows_of("SELECT * FROM training_voucher WHERE batch_id = %s", [batch.id])
            count = len(rows)
            assert fresh_vouchers(rows[0][_column("person_id")], at.date())
            plain.append(_copied(rows))
    return median(whole), median(plain), count


def _everybody(crowd: Crowd, turn: int) -> BatchTerms:
    """A batch for the whole crowd, each turn with a content of its own: nobody holds the like."""
    return terms(crowd.world, planned=500_000, name=f"第 {turn} 批", subjects=(str(turn),))


def _match(batch_id: object) -> None:
    with acting(machine()) as at:
        match_batch(machine(), at, batch_id)  # type: ignore[arg-type]


def _hand_out(batch_id: object) -> None:
    with acting(machine()) as at:
        hand_out_vouchers(machine(), at, batch_id, lambda _class, _on: None)  # type: ignore[arg-type]


def _column(name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM training_voucher LIMIT 0")
        return [column.name for column in cursor.description].index(name)


def _copied(rows: list[tuple[object, ...]]) -> float:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE plain_voucher (LIKE training_voucher INCLUDING INDEXES) ON COMMIT DROP")

        def copy() -> None:
            with cursor.copy("COPY plain_voucher FROM STDIN") as into:
                for row in rows:
                    into.write_row(row)

        return seconds(copy)
