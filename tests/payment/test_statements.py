"""The bank's statement: loaded once, matched, compared to the fen; a batch is signed by another than its releaser."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from jiangxin.funds.models import Pool
from jiangxin.ground.refusal import NotYourDuty
from jiangxin.payment.bank_file import BOUNCE, StatementHead, StatementRow, render
from jiangxin.payment.models import Batch, ReturnFile, StatementEntry
from jiangxin.payment.operations.returns import apply_return, take_file
from jiangxin.payment.operations.statements import (
    BatchNotReturned,
    ReleaserMayNotReconcile,
    StatementContradicts,
    StatementDiffers,
    StatementDoubtful,
    StatementOfUnknownAccount,
    load_statement,
    may_reconcile,
    reconcile,
)
from jiangxin.payment.queries import Difference, pool_day, statement_differences
from tests.factories.bank import DAY, answer, role, sent
from tests.factories.lines import approved_lines, paying_account
from tests.factories.world import World

NUMBER = "1936000000000016"
TOTAL, SECOND = 600_006, 150_001


@pytest.fixture
def batch(world: World) -> Batch:
    """Four lines sent, the second refused by the bank."""
    paying_account(world)
    approved_lines(world, 4)
    batch = sent(world)
    apply_return(world.machine, world.at, "r.txt", answer(batch, {2: "户名不符"}))
    return Batch.objects.get(id=batch.id)


def statement(*rows: tuple[str, str, int, str], number: str = NUMBER) -> bytes:
    entries = [StatementRow(reference, DAY, side, fen, text) for reference, side, fen, text in rows]
    return render(StatementHead(number, DAY, DAY), entries, "fixed_gbk")


def debit(batch: Batch, fen: int = TOTAL) -> tuple[str, str, int, str]:
    return ("D1", "借", fen, f"代发 {batch.number}")


def load(world: World, *rows: tuple[str, str, int, str]) -> int:
    return load_statement(world.machine, world.at, "s.txt", statement(*rows))


def test_line_by_line_or_as_one_sum_it_agrees(world: World, batch: Batch) -> None:
    assert statement_differences([batch.id], DAY) == [
        Difference(batch.number, "银行还没有扣款", TOTAL, 0),
        Difference(batch.number, "退回款", SECOND, 0),
    ]
    assert load(world, debit(batch), ("C1", "贷", SECOND, f"代发退回 {batch.number} 共 1 笔")) == 2
    assert statement_differences([batch.id], DAY) == []
    assert set(StatementEntry.objects.values_list("amount_fen", "batch_id")) == {(-TOTAL, batch.id), (SECOND, batch.id)}


def test_what_is_known_is_not_loaded_twice_and_a_contradiction_not_at_all(world: World, batch: Batch) -> None:
    load(world, debit(batch))
    assert load(world, debit(batch), ("C1", "贷", 1, f"代发退回 {batch.number}")) == 1
    with pytest.raises(StatementContradicts):
        load(world, ("X1", "贷", 9, "利息"), debit(batch, 7))
    assert StatementEntry.objects.count() == 2


def test_a_statement_that_is_not_ours_is_refused(world: World, batch: Batch) -> None:
    with pytest.raises(StatementOfUnknownAccount):
        load_statement(world.machine, world.at, "s.txt", statement(debit(batch), number="9936000000000016"))
    with pytest.raises(StatementDoubtful):
        load_statement(world.machine, world.at, "s.txt", statement(debit(batch))[:-5])
    with pytest.raises(NotYourDuty):
        load_statement(world.staff["releaser"], world.at, "s.txt", statement(debit(batch)))
    assert not StatementEntry.objects.exists()


def test_from_the_inbox_a_statement_of_a_stranger_is_kept_aside(world: World, batch: Batch) -> None:
    data = statement(debit(batch), number="9936000000000016")
    sentence, applied = take_file(world.machine, world.at, "s.txt", data)
    assert (applied, "尾号 0016" in sentence) == (False, True)
    assert ReturnFile.objects.get(file_name="s.txt").state == "quarantined"
    assert take_file(world.machine, world.at, "t.txt", statement(debit(batch))) == ("账户明细已记入 1 条。", True)


def test_reconciled_by_another_person_when_it_agrees(world: World, batch: Batch) -> None:
    """As the web role: signing moves no money."""
    reconciler = world.staff["reconciler"]
    load(world, debit(batch), ("C1", "贷", SECOND, f"代发退回 {batch.number}"))
    assert may_reconcile(reconciler, batch)
    with role("web"):
        done = reconcile(reconciler, world.at, batch.id)
    assert (done.state, done.reconciled_by_id, done.reconciled_at) == ("reconciled", reconciler.account_id, world.at)
    with pytest.raises(BatchNotReturned):
        reconcile(reconciler, world.at, batch.id)


def test_who_released_does_not_reconcile(world: World, batch: Batch) -> None:
    load(world, debit(batch), ("C1", "贷", SECOND, f"代发退回 {batch.number}"))
    both = replace(world.staff["reconciler"], account_id=world.staff["releaser"].account_id)
    assert not may_reconcile(both, batch)
    with pytest.raises(ReleaserMayNotReconcile):
        reconcile(both, world.at, batch.id)
    with pytest.raises(NotYourDuty):
        reconcile(world.staff["checker"], world.at, batch.id)
    with pytest.raises(IntegrityError, match="releaser_is_not_reconciler"), transaction.atomic():
        Batch.objects.filter(id=batch.id).update(state="reconciled", reconciled_by_id=batch.sent_by_id)


@pytest.mark.parametrize("short", [0, 1])
def test_a_fen_too_few_is_named(world: World, batch: Batch, short: int) -> None:
    rows = [debit(batch, TOTAL - 1), debit(batch)][short]
    load(world, rows, ("C1", "贷", SECOND - short, f"代发退回 {batch.number}"))
    with pytest.raises(StatementDiffers) as no:
        reconcile(world.staff["reconciler"], world.at, batch.id)
    said = ["扣款，账上 6,000.06 元，银行 6,000.05 元", "退回款，账上 1,500.01 元，银行 1,500.00 元"][short]
    assert said in no.value.sentence
    assert Batch.objects.get(id=batch.id).state == "returned"


def test_a_batch_without_all_answers_is_not_reconciled(world: World) -> None:
    paying_account(world)
    approved_lines(world, 2)
    batch = sent(world)
    apply_return(world.machine, world.at, "r.txt", answer(batch, only=(1,)))
    load(world, debit(batch, batch.total_fen))
    with pytest.raises(BatchNotReturned):
        reconcile(world.staff["reconciler"], world.at, batch.id)


def test_the_day_of_a_pool_balances_and_names_every_difference(world: World, batch: Batch) -> None:
    pool = Pool.objects.get()
    load(world, debit(batch), ("X1", "贷", 12, "利息"))
    day = pool_day(pool, DAY)
    paid = TOTAL - SECOND
    assert (day.allotted, day.reserved, day.in_transit, day.paid, day.recovered) == (100_000_000, SECOND, 0, paid, 0)
    assert day.available == 100_000_000 - TOTAL
    assert day.balanced
    assert day.differences == (
        Difference(batch.number, "退回款", SECOND, 0),
        Difference("", "利息（流水 X1）", 0, 12),
    )
    before = pool_day(pool, DAY - timedelta(days=1))
    assert (before.allotted, before.paid, before.differences) == (0, 0, ())


def test_what_bounces_later_is_a_difference_until_the_bank_books_it(world: World, batch: Batch) -> None:
    load(world, debit(batch), ("C1", "贷", SECOND, f"代发退回 {batch.number}"))
    reconcile(world.staff["reconciler"], world.at, batch.id)
    apply_return(world.machine, world.at, "b.txt", answer(batch, {3: "已销户"}, only=(3,), kind=BOUNCE, part=2))
    pool = Pool.objects.get()
    assert pool_day(pool, DAY).differences == (Difference(batch.number, "退回款", SECOND + 150_002, SECOND),)
    load(world, ("B1", "贷", 150_002, f"退汇 {batch.number} 第 3 笔"))
    day = pool_day(pool, DAY)
    assert (day.differences, day.balanced, day.paid) == ((), True, TOTAL - SECOND - 150_002)
