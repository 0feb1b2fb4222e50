"""A bank for demos and tests: fetches payment files, answers with returns and statements, errs when told to.

It knows the files and the three folders, nothing else of the product: outbox (read, never emptied), inbox (filled), and
bank, its own books. A file name it has seen is never paid again. Who wants another answer next lays `bank/next.json`
down, see `order_next`. Without an order about 3 in 100 accounts are refused, always the same ones.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from jiangxin.ground.refusal import Refusal
from jiangxin.ground.state import write_atomically
from jiangxin.payment.bank_file import (
    ACCOUNT_REASONS,
    ANSWER,
    BOUNCE,
    FAILED,
    PAID,
    REASONS,
    Document,
    FileDoubtful,
    PaymentHead,
    PaymentRow,
    ReturnHead,
    ReturnRow,
    StatementHead,
    StatementRow,
    read_payment,
    render,
)

ANSWERS = {
    "usual": "照常（约 3% 退回）",
    "accepted": "全部成功",
    "rejected": "三笔退一笔",
    "partial": "只回一半",
    "duplicate": "同一份回单发两次",
    "late": "晚些再回",
    "truncated": "回单没有传完整",
    "unknown_line": "回单里多出一笔",
    "wrong_total": "回单合计写错",
    "bounce": "到账后退汇一笔",
    "complete": "把没有回的都回掉",
}
FORMATS_OF = {".txt": "fixed_gbk", ".xlsx": "xlsx"}
LATE_SECONDS = 90
STRANGER = "6228489999999999999"


class BankCannotAnswerSo(Refusal):
    sentence = "模拟银行不会这样回：{answer}。"
    remedy = "请从列出的几种里选。"


@dataclass(frozen=True)
class Order:
    """What to answer next, with which reason where something fails, and whether what came back is booked as one sum."""

    answer: str = "usual"
    reason: str = "户名不符"
    lump: bool = False


@dataclass
class Book:
    """What the bank did about one payment file: rows answered (seq → result, reason) and bounced, entries booked."""

    answered: dict[str, list[str]] = field(default_factory=dict)
    bounced: list[str] = field(default_factory=list)
    booked: list[str] = field(default_factory=list)
    parts: int = 0
    due: float = 0


def order_next(folder: Path, answer: str, reason: str = "户名不符", lump: bool = False) -> None:
    """Lay down what the bank in this state folder answers next. Raises BankCannotAnswerSo."""
    if answer not in ANSWERS or reason not in REASONS:
        raise BankCannotAnswerSo(answer=ANSWERS.get(answer, reason))
    (folder / "bank").mkdir(exist_ok=True, mode=0o700)
    write_atomically(folder / "bank" / "next.json", json.dumps(asdict(Order(answer, reason, lump))))


def usual_result(account: str) -> tuple[str, str]:
    """(result, reason) for an account without an order: 3 of 100 are refused, by the account's hash."""
    draw = int.from_bytes(hashlib.sha256(account.encode()).digest()[:4])
    return (FAILED, ACCOUNT_REASONS[draw // 100 % len(ACCOUNT_REASONS)]) if draw % 100 < 3 else (PAID, "")


class Bank:
    """The bank of one state folder. `turn` looks once and lays down what is due; `now` in seconds is for lateness."""

    def __init__(self, folder: Path) -> None:
        self.outbox, self.inbox, self.books = folder / "outbox", folder / "inbox", folder / "bank"
        for path in (self.outbox, self.inbox, self.books):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def turn(self, now: float) -> list[str]:
        """Answer what is due; returns the names of the files laid into the inbox."""
        order, laid = self._order(), list[str]()
        files = sorted(path for path in self.outbox.iterdir() if path.suffix in FORMATS_OF and path.name[0] != ".")
        known = [path for path in files if self._book_of(path).exists()]
        usual = replace(order, answer="usual")
        complete = order.answer == "complete"
        new = [] if complete else [path for path in files if path not in known]
        for path in known if complete else [path for path in known if 0 < self._read(path).due <= now]:
            laid += self._answer(path, usual, now)
        for path in new:
            laid += self._answer(path, order, now)
        if new or complete:
            (self.books / "next.json").unlink(missing_ok=True)
        return laid

    def _order(self) -> Order:
        path = self.books / "next.json"
        return Order(**json.loads(path.read_text())) if path.exists() else Order()

    def _book_of(self, path: Path) -> Path:
        return self.books / f"{path.name}.json"

    def _read(self, path: Path) -> Book:
        book = self._book_of(path)
        return Book(**json.loads(book.read_text())) if book.exists() else Book()

    def _answer(self, path: Path, order: Order, now: float) -> list[str]:
        """One answer to one payment file: return, statement, book. Cut off before the book, it is repeated."""
        try:
            document = read_payment(path.read_bytes())
        except FileDoubtful:
            return []
        book, laid = self._read(path), list[str]()
        rows = [row for row in document.rows if str(row.seq) not in book.answered]
        book.due = now + LATE_SECONDS if order.answer == "late" else 0
        if rows and not book.due:
            laid += self._return(path, document, _results(rows, order), order.answer, book)
        if order.answer == "bounce":
            laid += self._bounce(path, document, order.reason, book)
        laid += self._statement(path, document, order.lump, book)
        write_atomically(self._book_of(path), json.dumps(asdict(book)))
        return laid

    def _return(
        self, path: Path, document: Document[PaymentHead, PaymentRow], rows: list[ReturnRow], answer: str, book: Book
    ) -> list[str]:
        book.parts += 1
        claimed: Sequence[int] = ()
        valid = answer not in ("truncated", "unknown_line", "wrong_total")
        if valid:
            book.answered |= {str(row.seq): [row.result, row.reason] for row in rows}
        if answer == "unknown_line":
            rows = [*rows, ReturnRow(len(document.rows) + 1, STRANGER, 10_000, PAID, "")]
        if answer == "wrong_total":
            paid = sum(row.amount_fen for row in rows if row.result == PAID)
            claimed = (paid + 100, sum(row.amount_fen for row in rows if row.result == FAILED))
        head = ReturnHead(document.head.batch, ANSWER, document.head.pay_on, book.parts)
        data = render(head, rows, FORMATS_OF[path.suffix], claimed)
        if answer == "truncated":
            data = data[: len(data) * 3 // 5]
        names = [f"{path.stem}-R{book.parts}{path.suffix}"]
        if answer == "duplicate":
            names.append(f"{path.stem}-R{book.parts}-again{path.suffix}")
        return [self._lay(name, data) for name in names]

    def _bounce(self, path: Path, document: Document[PaymentHead, PaymentRow], reason: str, book: Book) -> list[str]:
        """Money that was paid comes back: the first paid row that did not come back yet."""
        paid = [row for row in document.rows if book.answered.get(str(row.seq), [""])[0] == PAID]
        row = next((row for row in paid if str(row.seq) not in book.bounced), None)
        if row is None:
            return []
        book.bounced.append(str(row.seq))
        book.parts += 1
        head = ReturnHead(document.head.batch, BOUNCE, document.head.pay_on, book.parts)
        back = [ReturnRow(row.seq, row.account, row.amount_fen, FAILED, reason)]
        return [self._lay(f"{path.stem}-R{book.parts}{path.suffix}", render(head, back, FORMATS_OF[path.suffix]))]

    def _statement(self, path: Path, document: Document[PaymentHead, PaymentRow], lump: bool, book: Book) -> list[str]:
        """What moved on the paying account since the last statement: the total once, then what came back."""
        number, day = document.head.batch, document.head.pay_on
        total = sum(row.amount_fen for row in document.rows)
        failed = [row for row in document.rows if book.answered.get(str(row.seq), [""])[0] == FAILED]
        entries = {"D": StatementRow(f"{number}-D", day, "借", total, f"代发 {number}")}
        for mark, word, rows in (
            ("C", "代发退回", failed),
            ("B", "退汇", [row for row in document.rows if str(row.seq) in book.bounced]),
        ):
            for row in rows:
                text = f"{word} {number} 第 {row.seq} 笔"
                entries[f"{mark}{row.seq}"] = StatementRow(f"{number}-{mark}{row.seq}", day, "贷", row.amount_fen, text)
        new = {key: entry for key, entry in entries.items() if key not in book.booked}
        book.booked += new
        came_back = [entry for key, entry in new.items() if key[0] == "C"]
        booked = [entry for key, entry in new.items() if key[0] != "C" or not lump]
        if lump and came_back:
            text = f"代发退回 {number} 共 {len(came_back)} 笔"
            booked.append(
                StatementRow(f"{number}-L{book.parts}", day, "贷", sum(x.amount_fen for x in came_back), text)
            )
        if not booked:
            return []
        data = render(StatementHead(document.head.account, day, day), booked, FORMATS_OF[path.suffix])
        return [self._lay(f"{path.stem}-S{book.parts}{path.suffix}", data)]

    def _lay(self, name: str, data: bytes) -> str:
        """A file appears in the inbox whole or not at all."""
        part = self.inbox / f".{name}.{secrets.token_hex(4)}"
        part.write_bytes(data)
        os.replace(part, self.inbox / name)
        return name


def _results(rows: list[PaymentRow], order: Order) -> list[ReturnRow]:
    if order.answer == "partial":
        rows = rows[: max(1, len(rows) // 2)]
    out = []
    for n, row in enumerate(rows):
        result, reason = usual_result(row.account)
        if order.answer == "accepted":
            result, reason = PAID, ""
        elif order.answer == "rejected":
            result, reason = (FAILED, order.reason) if n % 3 == 0 else (PAID, "")
        out.append(ReturnRow(row.seq, row.account, row.amount_fen, result, reason))
    return out
