"""The simulated bank against the product: each way of answering ends where it must, and money is paid once."""

from pathlib import Path

import pytest

from jiangxin.payment.models import Batch, Payment, ReturnFile, StatementEntry
from jiangxin.payment.operations.returns import reap_inbox
from jiangxin.payment.queries import inbox_files, statement_differences
from jiangxin.synth.bank import ANSWERS, LATE_SECONDS, Bank, BankCannotAnswerSo, order_next, usual_result
from tests.factories.bank import DAY, sent
from tests.factories.lines import approved_lines, paying_account
from tests.factories.world import World

# What lies in the inbox after the first answer: states of payments, returns applied and set aside.
PARTIAL = {"paid": 3, "sent": 3}
ALL = {"paid": 6}
EXPECTED = {
    "usual": (ALL, 1, 0),
    "accepted": (ALL, 1, 0),
    "rejected": ({"failed": 2, "paid": 4}, 1, 0),
    "partial": (PARTIAL, 1, 0),
    "duplicate": (ALL, 1, 0),
    "late": ({"sent": 6}, 0, 0),
    "truncated": ({"sent": 6}, 0, 1),
    "unknown_line": ({"sent": 6}, 0, 1),
    "wrong_total": ({"sent": 6}, 0, 1),
    "bounce": ({"bounced": 1, "paid": 5}, 2, 0),
    "complete": ({"sent": 6}, 0, 0),
}


@pytest.fixture
def reap(world: World, django_capture_on_commit_callbacks):
    """Take in what lies in the inbox, as after a commit."""

    def once() -> int:
        with django_capture_on_commit_callbacks(execute=True):
            return reap_inbox(world.machine, world.at)

    return once


def sent_batch(world: World, file_format: str = "fixed_gbk") -> Batch:
    paying_account(world, file_format=file_format)
    approved_lines(world, 6)
    return sent(world)


def standing() -> tuple[dict[str, int], int, int]:
    states: dict[str, int] = {}
    for state in Payment.objects.values_list("state", flat=True):
        states[state] = states.get(state, 0) + 1
    files = list(ReturnFile.objects.values_list("state", flat=True))
    return states, files.count("applied"), files.count("quarantined")


@pytest.mark.parametrize("file_format", ["fixed_gbk", "xlsx"])
@pytest.mark.parametrize("how", ANSWERS)
def test_every_answer_ends_where_it_must(world: World, exchange: Path, reap, how: str, file_format: str) -> None:
    batch = sent_batch(world, file_format)
    bank = Bank(exchange)
    order_next(exchange, how, "冻结止付")
    bank.turn(0)
    reap()
    assert standing() == EXPECTED[how]
    assert inbox_files() == []
    for answer in ("usual", "complete", "complete"):
        order_next(exchange, answer)
        bank.turn(1)
        reap()
    batch.refresh_from_db()
    assert batch.state == "returned"
    assert "sent" not in standing()[0]
    assert statement_differences([batch.id], DAY) == []


def test_late_means_later(world: World, exchange: Path, reap) -> None:
    sent_batch(world)
    order_next(exchange, "late")
    bank = Bank(exchange)
    assert [name[-8:] for name in bank.turn(1000)] == ["1-S0.txt"]
    assert bank.turn(1000 + LATE_SECONDS - 1) == []
    assert [name[-8:] for name in bank.turn(1000 + LATE_SECONDS)] == ["1-R1.txt"]
    reap()
    assert standing() == (ALL, 1, 0)


def test_what_came_back_may_be_booked_as_one_sum(world: World, exchange: Path, reap) -> None:
    batch = sent_batch(world)
    order_next(exchange, "rejected", lump=True)
    Bank(exchange).turn(0)
    reap()
    assert StatementEntry.objects.filter(amount_fen__gt=0).count() == 1
    assert statement_differences([batch.id], DAY) == []


def test_a_file_is_paid_once_however_often_the_bank_looks(world: World, exchange: Path) -> None:
    batch = sent_batch(world)
    assert len(Bank(exchange).turn(0)) == 2
    assert Bank(exchange).turn(1) == []
    assert sorted(path.name for path in (exchange / "outbox").iterdir()) == [batch.file_name]


def test_cut_off_before_its_book_it_answers_the_same_again(world: World, exchange: Path, reap) -> None:
    sent_batch(world)
    bank = Bank(exchange)
    bank.turn(0)
    first = {path.name: path.read_bytes() for path in inbox_files()}
    for book in (exchange / "bank").iterdir():
        book.unlink()
    bank.turn(0)
    assert {path.name: path.read_bytes() for path in inbox_files()} == first


def test_the_usual_answer_refuses_about_three_in_a_hundred_and_always_the_same() -> None:
    results = [usual_result(f"62284800000{n:08d}") for n in range(10_000)]
    refused = [reason for result, reason in results if result == "失败"]
    assert 200 < len(refused) < 400
    assert len(set(refused)) == 5
    assert results == [usual_result(f"62284800000{n:08d}") for n in range(10_000)]


def test_it_is_told_only_what_it_can_do(exchange: Path) -> None:
    with pytest.raises(BankCannotAnswerSo):
        order_next(exchange, "forget")
    with pytest.raises(BankCannotAnswerSo):
        order_next(exchange, "rejected", "心情不好")
