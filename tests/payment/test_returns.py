"""Returns: applied once and whole or set aside whole; partial, late, repeated; money back; paid again."""

import random
from pathlib import Path

import pytest
from django.db import transaction

from jiangxin.ground.refusal import NotYourDuty
from jiangxin.parties.models import PayeeAccount
from jiangxin.payment.bank_file import ANSWER, BOUNCE, FAILED, PAID, REASONS, ReturnHead, ReturnRow, render
from jiangxin.payment.models import Batch, ReturnFile
from jiangxin.payment.operations.batches import withdraw_batch
from jiangxin.payment.operations.retries import LineNotFailed, NoLiveAccountYet, retry_corrected, retry_line
from jiangxin.payment.operations.returns import BatchNotSentYet, Taken, apply_return, reap_inbox
from jiangxin.payment.queries import failed_lines, inbox_files
from jiangxin.subsidy.models import SubsidyLine
from tests.factories.bank import DAY, answer, built, rows_of_return, sent
from tests.factories.lines import approved_lines, new_account, paying_account
from tests.factories.world import World


@pytest.fixture
def batch(world: World) -> Batch:
    paying_account(world)
    approved_lines(world, 4)
    return sent(world)


def bring(world: World, data: bytes, name: str = "r.txt") -> Taken:
    return apply_return(world.machine, world.at, name, data)


def standing(batch: Batch) -> tuple[str, list[str], list[str], dict[str, int]]:
    """Batch, payments and lines in order, money not available."""
    payments = batch.payments.order_by("seq").select_related("line")
    money = dict(batch.pool.balances.exclude(account__in=("source", "available")).values_list("account", "balance_fen"))
    batch.refresh_from_db()
    return batch.state, [p.state for p in payments], [p.line.state for p in payments], money


def test_all_paid(world: World, batch: Batch) -> None:
    taken = bring(world, answer(batch))
    assert (taken.paid, taken.failed, taken.file.state, taken.file.paid_fen) == (4, 0, "applied", 600_006)
    assert standing(batch) == (
        "returned",
        ["paid"] * 4,
        ["paid"] * 4,
        {"reserved": 0, "in_transit": 0, "paid": 600_006},
    )


def test_the_same_file_again_changes_nothing(world: World, batch: Batch) -> None:
    data = answer(batch, {2: "户名不符"})
    bring(world, data)
    before = standing(batch)
    again = bring(world, data, "other-name.txt")
    assert again.again
    assert "没有重复处理" in again.sentence
    assert standing(batch) == before
    assert ReturnFile.objects.count() == 1


@pytest.mark.parametrize("reason", REASONS)
def test_a_failure_gives_the_money_back_to_the_reservation(world: World, batch: Batch, reason: str) -> None:
    bring(world, answer(batch, {2: reason}, file_format="xlsx"), "r.xlsx")
    payment = batch.payments.get(seq=2)
    assert standing(batch)[1:3] == (["paid", "failed", "paid", "paid"],) * 2
    assert standing(batch)[3] == {"reserved": payment.amount_fen, "in_transit": 0, "paid": 600_006 - payment.amount_fen}
    assert (payment.reason, payment.line.slot) == (reason, 1)
    live = reason in ("超限", "格式错误")
    assert payment.account.state == ("certified" if live else "failed")
    task = failed_lines([world.region])
    assert [(x.reason, x.tail, x.how, bool(x.next_account_id)) for x in task] == [
        (reason, payment.account.tail, "failed", live)
    ]


def test_what_is_not_answered_stays_in_transit_until_it_is(world: World, batch: Batch) -> None:
    bring(world, answer(batch, {1: "冻结止付"}, only=(1, 2)))
    assert standing(batch)[:2] == ("sent", ["failed", "paid", "sent", "sent"])
    bring(world, answer(batch, {1: "冻结止付"}, part=2))
    assert standing(batch)[:2] == ("returned", ["failed", "paid", "paid", "paid"])
    assert ReturnFile.objects.order_by("id").values_list("rows", flat=True)[1] == 2


def test_money_that_came_back_after_it_was_paid(world: World, batch: Batch) -> None:
    bring(world, answer(batch))
    bring(world, answer(batch, {3: "账户未激活"}, only=(3,), kind=BOUNCE, part=2))
    payment = batch.payments.get(seq=3)
    assert standing(batch)[:3] == ("returned", ["paid", "paid", "bounced", "paid"], ["paid", "paid", "failed", "paid"])
    assert standing(batch)[3] == {"reserved": payment.amount_fen, "in_transit": 0, "paid": 600_006 - payment.amount_fen}
    assert (payment.account.state, payment.line.slot) == ("failed", 1)
    bring(world, answer(batch, part=3))
    assert standing(batch)[1][2] == "bounced"


def _rows(batch: Batch, **change: object) -> bytes:
    rows = rows_of_return(batch)
    values = {"seq": rows[0].seq, "account": rows[0].account, "amount_fen": rows[0].amount_fen} | change
    return render(
        ReturnHead(batch.number, ANSWER, DAY, 1), [ReturnRow(**values, result=PAID, reason=""), *rows[1:]], "fixed_gbk"
    )  # type: ignore[arg-type]


SUSPECT = {
    "unknown line": (lambda b: _rows(b, seq=99), "第 99 笔不在批次"),
    "wrong amount": (lambda b: _rows(b, amount_fen=1), "账号或金额与付款文件不同"),
    "wrong account": (lambda b: _rows(b, account="6228480000000000000"), "账号或金额与付款文件不同"),
    "duplicate line": (lambda b: _rows(b, seq=2), "出现了两次"),
    "truncated": (lambda b: answer(b)[:300], "不完整"),
    "one byte": (lambda b: answer(b).replace(b"6228480", b"6228481", 1), "校验码不符"),
    "wrong total": (
        lambda b: render(ReturnHead(b.number, ANSWER, DAY, 1), rows_of_return(b), "fixed_gbk", claimed=(1, 0)),
        "各行相加",
    ),
    "other batch": (
        lambda b: render(ReturnHead("330421-JY-20260302-77", ANSWER, DAY, 1), rows_of_return(b), "fixed_gbk"),
        "没有批次",
    ),
    "bounce before paid": (lambda b: answer(b, {1: "已销户"}, only=(1,), kind=BOUNCE), "已记为“在途”"),
    "nonsense": (lambda b: b"hello", "不是付款清单"),
}  # fmt: skip


@pytest.mark.parametrize("case", SUSPECT)
def test_a_suspect_file_is_set_aside_whole(world: World, batch: Batch, case: str) -> None:
    make, why = SUSPECT[case]
    before, data = standing(batch), make(batch)
    taken = bring(world, data)
    assert taken.file.state == "quarantined"
    assert why in taken.file.trouble
    assert standing(batch) == before
    assert bring(world, data).again
    assert ReturnFile.objects.count() == 1


def test_a_contradiction_is_set_aside(world: World, batch: Batch) -> None:
    bring(world, answer(batch))
    before = standing(batch)
    taken = bring(world, answer(batch, {1: "已销户"}, part=2))
    assert "已记为“已到账”" in taken.file.trouble
    assert standing(batch) == before


def test_an_answer_before_the_sending_is_written_down_waits(world: World, exchange: Path) -> None:
    paying_account(world)
    approved_lines(world, 1)
    batch = built(world)
    with pytest.raises(BatchNotSentYet):
        bring(world, answer(batch))
    (exchange / "inbox").mkdir()
    (exchange / "inbox" / "r.txt").write_bytes(answer(batch))
    assert reap_inbox(world.machine, world.at) == 0
    assert len(inbox_files()) == 1
    sent(world, batch)
    assert reap_inbox(world.machine, world.at) == 1
    assert standing(batch)[0] == "returned"


def test_an_answer_to_a_withdrawn_batch_is_set_aside(world: World) -> None:
    paying_account(world)
    approved_lines(world, 1)
    batch = built(world)
    withdraw_batch(world.staff["maker"], world.at, batch.id, "x")
    assert "已经撤回" in bring(world, answer(batch)).file.trouble


def test_money_being_recovered_does_not_bounce_by_machine(world: World, batch: Batch) -> None:
    bring(world, answer(batch))
    SubsidyLine.objects.filter(id=batch.payments.get(seq=1).line_id).update(state="recovering")
    taken = bring(world, answer(batch, {1: "已销户"}, only=(1,), kind=BOUNCE, part=2))
    assert "正在追回" in taken.file.trouble


@pytest.mark.parametrize("duty", ["maker", "checker", "leader", "budget"])
def test_only_finance_brings_returns(world: World, batch: Batch, duty: str) -> None:
    with pytest.raises(NotYourDuty):
        apply_return(world.staff[duty], world.at, "r.txt", answer(batch))
    assert apply_return(world.staff["reconciler"], world.at, "r.txt", answer(batch)).paid == 4


def test_the_inbox_is_emptied_after_the_commit(
    world: World, batch: Batch, exchange: Path, django_capture_on_commit_callbacks
) -> None:
    inbox = exchange / "inbox"
    inbox.mkdir()
    (inbox / "a.txt").write_bytes(answer(batch))
    (inbox / "b.txt").write_bytes(answer(batch))
    (inbox / "c.txt").write_bytes(b"hello")
    (inbox / ".d.txt").write_bytes(b"unfinished")
    with django_capture_on_commit_callbacks() as callbacks:
        assert reap_inbox(world.machine, world.at) == 3
    assert len(inbox_files()) == 3
    for callback in [*callbacks, *callbacks]:
        callback()
    assert inbox_files() == []
    assert sorted(path.name[9:] for path in (inbox / "done").iterdir()) == ["a.txt", "b.txt"]
    assert [path.name[9:] for path in (inbox / "quarantine").iterdir()] == ["c.txt"]
    assert standing(batch)[0] == "returned"


# ── paying again ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_corrected_account_is_paid_by_a_new_batch(world: World, batch: Batch) -> None:
    bring(world, answer(batch, {2: "账号不存在"}))
    line = batch.payments.get(seq=2).line
    with pytest.raises(NoLiveAccountYet):
        retry_line(world.staff["maker"], world.at, line.id)
    assert retry_corrected(world.machine, world.at) == 0
    account = new_account(world, line.person)
    with pytest.raises(NotYourDuty):
        retry_line(world.staff["checker"], world.at, line.id)
    assert retry_corrected(world.machine, world.at) == 1
    with pytest.raises(LineNotFailed):
        retry_line(world.staff["maker"], world.at, line.id)
    second = sent(world)
    assert [(p.line_id, p.account_id) for p in second.payments.all()] == [(line.id, account.id)]
    bring(world, answer(second))
    assert standing(second)[3] == {"reserved": 0, "in_transit": 0, "paid": 600_006}
    assert failed_lines([world.region]) == []


def test_over_the_limit_is_tried_again_with_the_same_account(world: World, batch: Batch) -> None:
    bring(world, answer(batch, {2: "超限"}))
    line = batch.payments.get(seq=2).line
    assert retry_corrected(world.machine, world.at) == 0
    retry_line(world.staff["maker"], world.at, line.id)
    assert sent(world).payments.get().account_id == line.account_id
    assert PayeeAccount.objects.get(id=line.account_id).state == "certified"


# ── mutants against the database ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.slow
def test_no_mutant_with_a_true_check_moves_money_that_it_should_not(world: World, batch: Batch) -> None:
    """Files that are true about themselves and wrong about the batch: what is applied is what was sent (M12, G16)."""
    draw, true = random.Random(7), {row.seq: row for row in rows_of_return(batch)}
    applied = 0
    for _ in range(250):
        rows = list(true.values())
        for _ in range(draw.randint(0, 2)):
            at = draw.randrange(len(rows))
            row = rows[at]
            failed = draw.random() < 0.5
            rows[at] = ReturnRow(
                draw.choice([row.seq, row.seq, row.seq + 1, 77]),
                draw.choice([row.account, row.account, row.account[:-1] + "0"]),
                draw.choice([row.amount_fen, row.amount_fen, row.amount_fen + 1]),
                FAILED if failed else PAID, "超限" if failed else "",
            )  # fmt: skip
        rows = rows[: draw.randint(1, len(rows))]
        good = all(
            r.seq in true and (r.account, r.amount_fen) == (true[r.seq].account, true[r.seq].amount_fen) for r in rows
        )
        good = good and len({r.seq for r in rows}) == len(rows)
        point = transaction.savepoint()
        taken = bring(world, render(ReturnHead(batch.number, ANSWER, DAY, 1), rows, "fixed_gbk"))
        assert (taken.file.state == "applied") == good
        results = {r.seq: "paid" if r.result == PAID else "failed" for r in rows} if good else {}
        assert dict(batch.payments.values_list("seq", "state")) == {seq: results.get(seq, "sent") for seq in true}
        applied += good
        transaction.savepoint_rollback(point)
    assert 20 < applied < 230
