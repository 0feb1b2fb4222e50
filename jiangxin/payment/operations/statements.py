"""The bank's statement against our ledger: entries loaded once, matched to batches, signed by another person."""

import hashlib
import re
from datetime import datetime
from uuid import UUID

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.free_text import hide_numbers
from jiangxin.ground.identity import tail
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.money import yuan
from jiangxin.ground.refusal import NotYourDuty, Refusal
from jiangxin.ground.transitions import move_one
from jiangxin.payment.bank_file import FileDoubtful, StatementRow, read_statement
from jiangxin.payment.models import BATCH_STATES, Batch, PayingAccount, StatementEntry
from jiangxin.payment.operations.batches import lock_batch, see_all
from jiangxin.payment.operations.paying_accounts import paying_number
from jiangxin.payment.queries import statement_differences

_BATCH_NUMBER = re.compile(r"\d{6}-[A-Z]{2}-\d{8}-\d{2,}")


class StatementDoubtful(Refusal):
    sentence = "账户明细没有记入：{why}。"
    remedy = "请向银行重新取一份明细。"


class StatementOfUnknownAccount(Refusal):
    sentence = "账户明细没有记入：尾号 {tail} 的账户不是登记过的付款账户。"
    remedy = "请核对文件，或先登记这个付款账户。"


class StatementContradicts(Refusal):
    sentence = "账户明细没有记入：流水 {reference} 以前记的金额或摘要不同。"
    remedy = "请与银行核对这一条。"


class ReleaserMayNotReconcile(Refusal):
    sentence = "这一批是您放行的，不能由您对账。"
    remedy = "请由另一位财政对账人员办理。"


class BatchNotReturned(Refusal):
    sentence = "批次 {number} 的状态是“{state}”，还不能对账。"
    remedy = "等每一笔都有银行回单后再对账。"


class StatementDiffers(Refusal):
    sentence = "批次 {number} 与银行明细不一致：{differences}。"
    remedy = "请逐项与银行核对，明细补齐后再对账。"


def may_load_statement(actor: Actor) -> bool:
    """The main line takes what lies in the inbox; the reconciler brings statements by hand."""
    return actor.has("machine", "reconciler")


def load_statement(actor: Actor, at: datetime, file_name: str, data: bytes) -> int:
    """Write the entries of a statement that are new, matched to batches by the number in their text; returns how many.

    All or nothing; an entry known already changes nothing. Raises StatementDoubtful, StatementOfUnknownAccount,
    StatementContradicts.
    """
    if not may_load_statement(actor):
        raise NotYourDuty()
    see_all(actor)
    try:
        document = read_statement(data)
    except FileDoubtful as doubt:
        raise StatementDoubtful(why=doubt.why) from None
    account = _account_of(document.head.account)
    known = {entry.reference: entry for entry in StatementEntry.objects.filter(paying_account=account)}
    batches = dict(Batch.objects.filter(paying_account=account).values_list("number", "id"))
    digest = hashlib.sha256(data).hexdigest()
    new = []
    for row in document.rows:
        entry = known.get(row.reference)
        if entry is None:
            named = _BATCH_NUMBER.search(row.text)
            new.append(
                StatementEntry(
                    id=new_id(), paying_account=account, region_id=account.region_id, booked_on=row.booked_on,
                    amount_fen=_signed(row), reference=row.reference, text=hide_numbers(row.text), sha256=digest,
                    batch_id=batches.get(named[0]) if named else None,
                )
            )  # fmt: skip
        elif (entry.amount_fen, entry.text, entry.booked_on) != (_signed(row), hide_numbers(row.text), row.booked_on):
            raise StatementContradicts(reference=row.reference)
    StatementEntry.objects.bulk_create(new, batch_size=5000)
    note(actor, at, "loaded_statement", account, file=file_name, sha256=digest, entries=len(new))
    return len(new)


def _signed(row: StatementRow) -> int:
    return -row.amount_fen if row.side == "借" else row.amount_fen


def _account_of(number: str) -> PayingAccount:
    """The paying account of this number, locked: two statements of one account are loaded one after the other."""
    candidates = PayingAccount.objects.select_for_update(of=("self",), no_key=True).filter(tail=tail(number))
    for account in candidates.order_by("id"):
        if paying_number(account) == number:
            return account
    raise StatementOfUnknownAccount(tail=tail(number))


def may_reconcile(actor: Actor, batch: Batch) -> bool:
    """The reconciler in scope, who did not release the batch (P27)."""
    duty = actor.has("reconciler") and batch.region_id in actor.regions
    return duty and batch.state == "returned" and batch.sent_by_id != actor.account_id


def reconcile(actor: Actor, at: datetime, batch_id: UUID) -> Batch:
    """Sign that a batch and the bank's statement agree to the fen; refused with every difference named."""
    batch = lock_batch(batch_id)
    if batch.sent_by_id is not None and batch.sent_by_id == actor.account_id:
        raise ReleaserMayNotReconcile()
    if not actor.has("reconciler") or batch.region_id not in actor.regions:
        raise NotYourDuty()
    if batch.state != "returned":
        raise BatchNotReturned(number=batch.number, state=BATCH_STATES.words[batch.state])
    if found := statement_differences([batch.id], day_of(at)):
        said = "；".join(f"{x.what}，账上 {yuan(x.ledger_fen)} 元，银行 {yuan(x.bank_fen)} 元" for x in found)
        raise StatementDiffers(number=batch.number, differences=said)
    move_one(batch, BATCH_STATES, "reconciled", reconciled_at=at, reconciled_by_id=actor.account_id)
    note(actor, at, "reconciled_batch", batch)
    return batch
