"""What the bank answers: a file is applied once and whole, or set aside whole with the reason (M12).

A row without an answer stays in transit until the bank answers it: no machine pays it again (M14).
"""

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from django.db import transaction

from jiangxin.funds.operations import continue_money
from jiangxin.ground.actor import Actor, acting
from jiangxin.ground.free_text import hide_numbers
from jiangxin.ground.identity import seal
from jiangxin.ground.jobs import Handler, Job, Progress, ask
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.transitions import move, move_one
from jiangxin.parties.models import PAYEE_STATES, PayeeAccount
from jiangxin.payment.bank_file import (
    ACCOUNT_REASONS,
    BOUNCE,
    PAID,
    Document,
    FileDoubtful,
    PaymentRow,
    ReturnHead,
    ReturnRow,
    StatementHead,
    read,
    read_payment,
    read_return,
)
from jiangxin.payment.exchange import folder, publish
from jiangxin.payment.models import BATCH_STATES, PAYMENT_STATES, RETURN_STATES, Batch, Payment, ReturnFile
from jiangxin.payment.operations.batches import asker_of, lock_batch, sealed_content, see_all
from jiangxin.payment.operations.statements import load_statement
from jiangxin.payment.queries import inbox_files
from jiangxin.subsidy.operations.lines import lock_lines, move_lines

PLACE = "payment_return_file|content|{}"
# What the bank's word makes of a payment, of its line and of its money.
EFFECTS = {
    "paid": ("paid", "paid", "settle"),
    "failed": ("failed", "payment_failed", "fail"),
    "bounced": ("failed", "bounced", "bounce"),
}


class BatchNotSentYet(Refusal):
    sentence = "批次 {number} 还没有放行，回单先不入账。"
    remedy = "放行后会自动入账。"


class NotDoubtful(Refusal):
    sentence = "这份回单没有疑问，或已经归档。"
    remedy = "刷新后可看到最新状态。"


class FindingNeeded(Refusal):
    sentence = "归档要写明查到了什么。"
    remedy = "写清问了银行哪一位、怎么处理的，至少 5 个字。"


@dataclass(frozen=True)
class Taken:
    """What became of a return: its record, whether it had come before, how many rows it settled, how many failed."""

    file: ReturnFile
    again: bool
    paid: int = 0
    failed: int = 0

    @property
    def sentence(self) -> str:
        """What to tell whoever brought the file."""
        if self.file.state == "quarantined":
            return f"没有入账：{self.file.trouble}。文件已留存，请与银行核对。"
        if self.again:
            return "这份回单以前已经入账，没有重复处理。"
        return f"已入账：到账 {self.paid} 笔，未付成 {self.failed} 笔。"


def may_apply_return(actor: Actor) -> bool:
    """The main line takes what lies in the inbox; finance brings files by hand."""
    return actor.has("machine", "releaser", "reconciler")


def apply_return(actor: Actor, at: datetime, file_name: str, data: bytes) -> Taken:
    """Apply a return to its batch, whole; or set it aside whole where anything in it is not as it must be.

    The same file again changes nothing. Raises BatchNotSentYet for a batch whose sending has not been written down.
    """
    if not may_apply_return(actor):
        raise NotYourDuty()
    see_all(actor)
    try:
        document = read_return(data)
    except FileDoubtful as doubt:
        return set_aside(actor, at, file_name, data, doubt.why)
    found = Batch.objects.filter(number=document.head.batch).first()
    if found is None:
        return set_aside(actor, at, file_name, data, f"没有批次 {document.head.batch}")
    batch = lock_batch(found.id)
    if batch.state == "sealed":
        raise BatchNotSentYet(number=batch.number)
    payments = {payment.seq: payment for payment in batch.payments.select_related("line")}
    sent = {row.seq: row for row in read_payment(sealed_content(batch)).rows}
    trouble = _trouble(batch, document, sent, payments)
    if trouble:
        return set_aside(actor, at, file_name, data, trouble, batch)
    return _book(actor, at, batch, _record(at, file_name, data, batch), document, payments)


def _trouble(
    batch: Batch, document: Document[ReturnHead, ReturnRow], sent: dict[int, PaymentRow], payments: dict[int, Payment]
) -> str:
    """Why a return cannot be applied to its batch, or nothing. The rows are compared with the file as it was sent."""
    if batch.state == "withdrawn":
        return f"批次 {batch.number} 已经撤回，银行不应收到"
    for row in document.rows:
        was = sent.get(row.seq)
        if was is None:
            return f"第 {row.seq} 笔不在批次 {batch.number} 里"
        if (row.account, row.amount_fen) != (was.account, was.amount_fen):
            return f"第 {row.seq} 笔的账号或金额与付款文件不同"
        payment = payments[row.seq]
        to = _outcome(document.head, row)
        if to not in _agreeing(payment) and not PAYMENT_STATES.may(payment.state, to):
            word = PAYMENT_STATES.words[payment.state]
            return f"第 {row.seq} 笔已记为“{word}”，这份{document.head.kind}写的是{row.result}"
        if to == "bounced" and payment.line.state == "recovering":
            return f"第 {row.seq} 笔正在追回核实，退汇请人工处理"
    return ""


def _outcome(head: ReturnHead, row: ReturnRow) -> str:
    return "bounced" if head.kind == BOUNCE else "paid" if row.result == PAID else "failed"


def _agreeing(payment: Payment) -> tuple[str, ...]:
    """The answers that say only what is known already: what bounced had been paid before."""
    return ("paid", "bounced") if payment.state == "bounced" else (payment.state,)


def _record(at: datetime, file_name: str, data: bytes, batch: Batch | None, trouble: str = "") -> ReturnFile:
    key = new_id()
    return ReturnFile(
        id=key, batch=batch, region_id=batch.region_id if batch else None, file_name=hide_numbers(file_name)[:80],
        sha256=hashlib.sha256(data).hexdigest(), content=seal(data, PLACE.format(key)), received_at=at,
        trouble=hide_numbers(trouble)[:400], state="quarantined" if trouble else "applied",
    )  # fmt: skip


def _keep(file: ReturnFile) -> ReturnFile:
    """Write the record of a file, or find the one written when the same bytes came before, perhaps this moment."""
    ReturnFile.objects.bulk_create([file], ignore_conflicts=True)
    return ReturnFile.objects.get(sha256=file.sha256)


def set_aside(
    actor: Actor, at: datetime, file_name: str, data: bytes, trouble: str, batch: Batch | None = None
) -> Taken:
    """Keep a file of the bank with the reason why nothing of it was applied."""
    file = _record(at, file_name, data, batch or _named_in(file_name), trouble)
    kept = _keep(file)
    if kept.id == file.id:
        note(actor, at, "set_return_aside", kept, trouble=trouble)
    return Taken(kept, again=kept.id != file.id)


def _named_in(file_name: str) -> Batch | None:
    """The batch whose number stands in the name of a file that itself says nothing that can be read."""
    found = re.search(r"\d{6}-\w+-\d{8}-\d{2,}", file_name)
    return Batch.objects.filter(number=found[0]).first() if found else None


def may_close_return(actor: Actor, file: ReturnFile) -> bool:
    """Finance closes a doubtful file in its scope, or one whose region nobody could tell."""
    in_scope = file.region_id is None or file.region_id in actor.regions
    return actor.has("releaser", "reconciler") and file.state == "quarantined" and in_scope


def close_return(actor: Actor, at: datetime, file_id: UUID, finding: str) -> ReturnFile:
    """Put a doubtful file away with what was found out about it; nothing of it is applied."""
    file = ReturnFile.objects.select_for_update(of=("self",)).defer("content").filter(id=file_id).first()
    if file is None:
        raise NotFound()
    if not actor.has("releaser", "reconciler"):
        raise NotYourDuty()
    if not may_close_return(actor, file):
        raise NotDoubtful()
    if len(finding.strip()) < 5:
        raise FindingNeeded()
    move_one(file, RETURN_STATES, "closed", closed_by_id=actor.account_id, closed_at=at, finding=finding.strip()[:200])
    note(actor, at, "closed_return", file, finding=finding.strip())
    return file


def _book(
    actor: Actor, at: datetime, batch: Batch, file: ReturnFile, document: Document[ReturnHead, ReturnRow],
    payments: dict[int, Payment],
) -> Taken:  # fmt: skip
    fresh: dict[tuple[str, str], list[Payment]] = {}
    for row in document.rows:
        payment, to = payments[row.seq], _outcome(document.head, row)
        if to not in _agreeing(payment):
            fresh.setdefault((to, row.reason), []).append(payment)
    counts = {to: [p for (state, _), group in fresh.items() if state == to for p in group] for to in EFFECTS}
    file.rows = sum(map(len, counts.values()))
    file.paid_fen = sum(payment.amount_fen for payment in counts["paid"])
    file.failed_fen = sum(payment.amount_fen for payment in counts["failed"] + counts["bounced"])
    kept = _keep(file)
    if kept.id != file.id:
        return Taken(kept, again=True)
    for (to, reason), group in sorted(fresh.items()):
        _settle(actor, at, kept, to, reason, group)
    if batch.state == "sent" and not batch.payments.filter(state="sent").exists():
        move_one(batch, BATCH_STATES, "returned", returned_at=at)
    failed = len(counts["failed"]) + len(counts["bounced"])
    note(actor, at, "applied_return", batch, file=str(kept.id), paid=len(counts["paid"]), failed=failed)
    return Taken(kept, False, len(counts["paid"]), failed)


def _settle(actor: Actor, at: datetime, file: ReturnFile, to: str, reason: str, payments: Sequence[Payment]) -> None:
    """Write one word of the bank on payments, lines and money; an account it will not pay to is not tried again."""
    line_state, verb, kind = EFFECTS[to]
    lines = lock_lines([payment.line_id for payment in payments])
    continue_money(kind, at, ((line.id, file.id) for line in lines))
    rows = Payment.objects.filter(id__in=[payment.id for payment in payments])
    move(rows, PAYMENT_STATES, to, reason=reason, return_file=file)
    move_lines(actor, at, verb, lines, line_state, cause=reason)
    if reason in ACCOUNT_REASONS:
        accounts = PayeeAccount.objects.filter(id__in=[payment.account_id for payment in payments])
        move(accounts, PAYEE_STATES, "failed")


# ── the inbox ──────────────────────────────────────────────────────────────────────────────────────────────────────
def _put_away(path: Path, where: str, sha256: str) -> None:
    """Move a file that was taken in out of the inbox; done before by another, there is nothing to do."""
    with suppress(FileNotFoundError):
        path.replace(folder(f"inbox/{where}") / f"{sha256[:8]}-{path.name}")


def take_file(actor: Actor, at: datetime, file_name: str, data: bytes) -> tuple[str, bool]:
    """Take in a return or a statement; returns what to tell people, and whether it was applied (else set aside)."""
    try:
        is_statement = isinstance(read(data).head, StatementHead)
    except FileDoubtful:
        is_statement = False
    if not is_statement:
        taken = apply_return(actor, at, file_name, data)
        return taken.sentence, taken.file.state == "applied"
    try:
        return f"账户明细已记入 {load_statement(actor, at, file_name, data)} 条。", True
    except NotYourDuty:
        raise
    except Refusal as no:
        return set_aside(actor, at, file_name, data, no.sentence.rstrip("。")).sentence, False


def reap_inbox(actor: Actor, at: datetime) -> int:
    """Take in what the bank laid into the inbox; returns how many files. They are moved away after the commit.

    Cut off between commit and move, the next run finds the same bytes applied and only moves them. An answer to a
    batch whose sending was cut off waits where it lies; a file that another took meanwhile is passed over.
    """
    taken = 0
    for path in inbox_files():
        try:
            data = path.read_bytes()
            _, applied = take_file(actor, at, path.name, data)
        except (BatchNotSentYet, FileNotFoundError):
            continue
        where = "done" if applied else "quarantine"
        transaction.on_commit(partial(_put_away, path, where, hashlib.sha256(data).hexdigest()))
        taken += 1
    return taken


# ── brought by hand ────────────────────────────────────────────────────────────────────────────────────────────────
LARGEST = 20_000_000
BY_HAND, TITLE = "inbox/by-hand", "记入 "


class BankFileEmpty(Refusal):
    sentence = "文件是空的。"
    remedy = "请重新向银行取一份。"


class BankFileTooLarge(Refusal):
    sentence = "文件超过 20 MB，不像银行的回单或明细。"
    remedy = "请核对选的文件。"


class BankFileTakenIn(Refusal):
    sentence = "这份文件已经处理过了。"
    remedy = "请在回单列表里看结果。"


def may_bring_file(actor: Actor) -> bool:
    """Who may bring a file of the bank: finance, on both sides; what may be done with it is asked when it is read."""
    return actor.has("releaser", "reconciler")


def bring_file(actor: Actor, at: datetime, file_name: str, data: bytes) -> Job:
    """Lay a return or a statement aside to be taken in by the worker, who alone may write it."""
    if not may_bring_file(actor):
        raise NotYourDuty()
    if not data:
        raise BankFileEmpty()
    if len(data) > LARGEST:
        raise BankFileTooLarge()
    name = str(new_id())
    publish(name, data, BY_HAND)
    office = str(actor.office_id or "")
    job = ask(actor, at, "take_bank_file", f"{TITLE}{file_name[:80]}", file=name, office_id=office)
    note(actor, at, "brought_bank_file", job, sha256=hashlib.sha256(data).hexdigest())
    return job


def take_file_job(job: Job, progress: Progress) -> str:
    """Take in the file `file` for whoever brought it; cut off after the commit, it finds the same bytes applied."""
    asker, path = asker_of(job), folder(BY_HAND) / str(job.args["file"])
    if not path.exists():
        raise BankFileTakenIn()
    data = path.read_bytes()
    try:
        with acting(asker) as at:
            sentence, applied = take_file(asker, at, job.title.removeprefix(TITLE), data)
    except Refusal:
        path.unlink()
        raise
    progress(1, 1)
    _put_away(path, "done" if applied else "quarantine", hashlib.sha256(data).hexdigest())
    return sentence


JOBS: dict[str, Handler] = {"take_bank_file": take_file_job}
