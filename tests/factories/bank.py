"""Playing finance and the bank in tests: sending as the releaser's role, answering a batch row by row."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import connection

from jiangxin.ground import state
from jiangxin.ground.actor import set_scope
from jiangxin.payment.bank_file import ANSWER, FAILED, PAID, ReturnHead, ReturnRow, read_payment, render
from jiangxin.payment.models import Batch
from jiangxin.payment.operations.batches import build_batch, sealed_content, send_batch
from tests.factories.world import World

FUND = "employment_grant"
DAY = date(2026, 3, 2)


@contextmanager
def role(name: str) -> Iterator[None]:
    """Work as another database role inside the test's transaction; its temporary tables end with it."""
    with connection.cursor() as cursor:
        cursor.execute(f'DISCARD TEMP; SET ROLE "{state.role_name(name)}"')
        yield
        cursor.execute(f'DISCARD TEMP; SET ROLE "{state.role_name("worker")}"')


def built(world: World) -> Batch:
    """The next batch of the county, sealed."""
    batch = build_batch(world.machine, world.at, world.office.id, FUND)
    assert batch is not None
    return batch


def sent(world: World, batch: Batch | None = None) -> Batch:
    """A batch on its way, sent by the county's releaser, in that scope, in the test's own transaction."""
    batch = batch or built(world)
    with role("releaser"):
        set_scope(world.staff["releaser"])
        done = send_batch(world.staff["releaser"], world.at, batch.id)
    set_scope(world.machine)
    return done


def rows_of_return(batch: Batch, failed: dict[int, str] | None = None, only: tuple[int, ...] = ()) -> list[ReturnRow]:
    """The bank's word on each row of a batch (or only on some): paid, or failed for a reason."""
    reasons = failed or {}
    return [
        ReturnRow(
            row.seq, row.account, row.amount_fen, FAILED if row.seq in reasons else PAID, reasons.get(row.seq, "")
        )
        for row in read_payment(sealed_content(batch)).rows
        if not only or row.seq in only
    ]


def answer(
    batch: Batch, failed: dict[int, str] | None = None, only: tuple[int, ...] = (), *, kind: str = ANSWER,
    part: int = 1, file_format: str = "fixed_gbk",
) -> bytes:  # fmt: skip
    """A return file of a batch."""
    rows = rows_of_return(batch, failed, only)
    return render(ReturnHead(batch.number, kind, DAY, part), rows, file_format)
