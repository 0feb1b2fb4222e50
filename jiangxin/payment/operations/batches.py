"""Batches: built behind the last door, sealed by hash, sent once by the releaser's hand, or withdrawn before that.

One batch is one fund, one paying account, one office (P19). What may have reached the bank is never withdrawn.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q

from jiangxin.assessment.models import Certificate
from jiangxin.funds.operations import continue_money
from jiangxin.ground.actor import Actor, acting, machine, set_scope
from jiangxin.ground.calendar import load_calendar
from jiangxin.ground.clock import day_of, read_clock
from jiangxin.ground.free_text import refuse_numbers
from jiangxin.ground.identity import seal, unseal
from jiangxin.ground.jobs import Handler, Job, Progress
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import ChangedMeanwhile, NotFound, NotYourDuty, Refusal
from jiangxin.ground.roles import working_as
from jiangxin.ground.staging import run, stage
from jiangxin.ground.transitions import move, move_one
from jiangxin.parties.models import Account, PayeeAccount
from jiangxin.parties.operations.payees import reveal_accounts
from jiangxin.parties.queries.accounts import actor_of
from jiangxin.payment.bank_file import FORMATS, PaymentHead, PaymentRow, render
from jiangxin.payment.exchange import publish, published
from jiangxin.payment.models import BATCH_STATES, PAYMENT_STATES, Batch, PayingAccount
from jiangxin.payment.operations.paying_accounts import paying_number
from jiangxin.payment.queries import lines_awaiting_payment
from jiangxin.rules.vocabulary import FUNDS
from jiangxin.subsidy.heirs import payees_of
from jiangxin.subsidy.law import number
from jiangxin.subsidy.models import ApprovalSheet, SubsidyLine
from jiangxin.subsidy.operations.holds import ask_holds
from jiangxin.subsidy.operations.lines import lock_lines, move_lines

PLACE = "payment_batch|content|{}"
FUND_SHORT = {
    "employment_grant": "JY",
    "unemployment_fund": "SY",
    "special_account": "ZZ",
    "local_talent": "RC",
    "industry_development": "CY",
}
logger = logging.getLogger(__name__)


class NoPayingAccount(Refusal):
    sentence = "还没有登记{fund}的付款账户。"
    remedy = "请预算管理人员先登记付款账户和银行文件格式。"


class DownloadNeedsPurpose(Refusal):
    sentence = "下载付款文件要写明用途。"
    remedy = "如：网银上传。写明后再下载。"


class BatchNotSealed(Refusal):
    sentence = "批次 {number} 的状态是“{state}”，不能再办这一步。"
    remedy = "请刷新后看最新状态。"


class HadAHandInIt(Refusal):
    sentence = "您经手过这一批里的审批，或里面有您本人的补贴，不能放行。"
    remedy = "请由另一位财政拨付人员放行。"


class BatchNoLongerClean(Refusal):
    sentence = "批次 {number} 里有 {count} 行现在不能付（证书撤销、账户停用或正在核查）。"
    remedy = "请撤回这一批；其余各行会编入下一批。"


class BatchMayBePaid(Refusal):
    sentence = "批次 {number} 的文件已经放到发件夹，银行可能已付，不能撤回。"
    remedy = "请继续放行，再按银行回单处理。"


class SealBroken(Refusal):
    sentence = "批次 {number} 的付款文件与封存时不一样，没有发送。"
    remedy = "请立即联系系统管理员核查；核查清楚之前不要付款。"


# ── building ───────────────────────────────────────────────────────────────────────────────────────────────────────
def may_build_batch(actor: Actor) -> bool:
    """The main line builds batches: the last door needs to see the whole province, whoever asked."""
    return actor.has("machine")


def is_pay_day(region_id: int, at: datetime) -> bool:
    """Whether batches are built today: a working day, on the weekdays (1 is Monday) the region filed, if it did."""
    today = day_of(at)
    weekdays = number(region_id, "payment_weekdays", today)
    return load_calendar().is_working(today) and (not weekdays.known or today.isoweekday() in weekdays.value)


def build_batch(actor: Actor, at: datetime, office_id: UUID, fund: str) -> Batch | None:
    """Seal the lines of an office's fund that may be paid now into a batch, or None where nothing passes the last door.

    The pool of the longest waiting line comes first; each pool is a batch of its own. Lines caught at the door are
    held and stay out. Raises NoPayingAccount.
    """
    if not may_build_batch(actor):
        raise NotYourDuty()
    accounts = PayingAccount.objects.select_for_update(of=("self",), no_key=True).filter(closed_on=None)
    paying = accounts.filter(office_id=office_id, fund=fund).first()
    if paying is None:
        raise NoPayingAccount(fund=FUNDS[fund])
    waiting = [line for line in lines_awaiting_payment(office_id, fund=fund) if not line.missing]
    if not waiting or not is_pay_day(paying.region_id, at):
        return None
    pool_id = waiting[0].pool_id
    lines = _last_door(actor, at, [line.line_id for line in waiting if line.pool_id == pool_id])
    return _seal(actor, at, paying, pool_id, lines) if lines else None


def _last_door(actor: Actor, at: datetime, ids: Sequence[UUID]) -> list[SubsidyLine]:
    """The lines that may still be paid, asked again under lock, each with the account it is paid to (issue 3, 8.6)."""
    lines = lock_lines(ids)
    certificates = Certificate.objects.select_for_update(no_key=True).order_by("id")
    list(certificates.filter(id__in=[line.certificate_id for line in lines]))
    locked = PayeeAccount.objects.select_for_update(no_key=True).order_by("id")
    payees = set(payees_of([line.id for line in lines]).values())
    live = set(locked.filter(owner__in=payees).values_list("id", flat=True))
    now = {x.line_id: x for x in lines_awaiting_payment(lines[0].office_id, lines[0].pool_id) if not x.missing}
    lines = [line for line in lines if line.id in now and now[line.id].account_id in live]
    moved = [line for line in lines if line.account_id != now[line.id].account_id]
    for line in moved:
        line.account_id = now[line.id].account_id
    SubsidyLine.objects.bulk_update(moved, ["account"], batch_size=2000)
    return ask_holds(actor, at, lines)


def _seal(actor: Actor, at: datetime, paying: PayingAccount, pool_id: UUID, lines: list[SubsidyLine]) -> Batch:
    key = new_id()
    accounts = PayeeAccount.objects.in_bulk([line.account_id for line in lines])
    numbers = reveal_accounts(actor, at, list(accounts.values()), "付款")
    name = _next_number(paying, at)
    rows = [
        PaymentRow(seq, numbers[account.id], account.holder, account.bank, line.amount_fen, line.number)
        for seq, line in enumerate(lines, 1)
        for account in [accounts[line.account_id]]
    ]
    head = PaymentHead(name, paying_number(paying), paying.holder, FUNDS[paying.fund], day_of(at))
    content = render(head, rows, paying.file_format)
    batch = Batch.objects.create(
        id=key, office_id=paying.office_id, region_id=paying.region_id, fund=paying.fund, pool_id=pool_id, number=name,
        paying_account=paying, heads=len(rows), total_fen=sum(row.amount_fen for row in rows), built_at=at,
        file_name=name + FORMATS[paying.file_format], content=seal(content, PLACE.format(key)),
        sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    _write_payments(batch, lines)
    move_lines(actor, at, "batched", lines, "in_batch")
    note(actor, at, "built_batch", batch, heads=batch.heads, total_fen=batch.total_fen, sha256=batch.sha256)
    return batch


def _next_number(paying: PayingAccount, at: datetime) -> str:
    """The next free number of the region's fund on this day; whoever asks meanwhile waits."""
    prefix = f"{paying.region_id:06d}-{FUND_SHORT[paying.fund]}-{day_of(at):%Y%m%d}-"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [prefix])
    return f"{prefix}{Batch.objects.filter(number__startswith=prefix).count() + 1:02d}"


def _write_payments(batch: Batch, lines: Sequence[SubsidyLine]) -> None:
    """All payments of a batch in one statement: the database compares them with the batch's heads and total."""
    stage(
        "payment_new", "id uuid, line_id uuid, person_id uuid, account_id uuid, seq int, amount_fen bigint",
        ((new_id(), x.id, x.person_id, x.account_id, seq, x.amount_fen) for seq, x in enumerate(lines, 1)),
    )  # fmt: skip
    run(
        "INSERT INTO payment_payment"
        " (id, batch_id, region_id, line_id, person_id, account_id, seq, amount_fen, state, reason)"
        " SELECT id, %s, %s, line_id, person_id, account_id, seq, amount_fen, 'sealed', '' FROM payment_new",
        [batch.id, batch.region_id],
    )


# ── sending and withdrawing ────────────────────────────────────────────────────────────────────────────────────────
def lock_batch(batch_id: UUID) -> Batch:
    """Lock a batch for the rest of the transaction, or refuse: not there or not in scope."""
    batch = Batch.objects.select_for_update(of=("self",), no_key=True).filter(id=batch_id).first()
    if batch is None:
        raise NotFound()
    return batch


def see_all(actor: Actor) -> None:
    """From here on see the whole province: a line paid here may rest on a certificate from elsewhere (issue 3, 8.5)."""
    set_scope(replace(actor, regions=machine().regions))


def lines_of(batch: Batch) -> list[SubsidyLine]:
    """All lines of a batch, locked in key order; needs the sight of the whole province."""
    lines = lock_lines(list(batch.payments.values_list("line_id", flat=True)))
    if len(lines) != batch.heads:
        raise ChangedMeanwhile()
    return lines


def sealed_content(batch: Batch) -> bytes:
    """The file as it was sealed; raises SealBroken, and sounds the alarm in the log, when its hash is another (M10)."""
    content = unseal(bytes(batch.content), PLACE.format(batch.id))
    if hashlib.sha256(content).hexdigest() != batch.sha256:
        logger.critical("the sealed file of batch %s does not have its hash", batch.number)
        raise SealBroken(number=batch.number)
    return content


def may_download_batch(actor: Actor, batch: Batch) -> bool:
    """Whether the actor may hold the payment file with its account numbers: the releaser in scope."""
    return actor.has("releaser") and batch.region_id in actor.regions


def download_batch(actor: Actor, at: datetime, batch_id: UUID, purpose: str) -> Batch:
    """Let the releaser take the sealed file away, for a purpose that stays in the journal; see `sealed_content`."""
    batch = lock_batch(batch_id)
    if not may_download_batch(actor, batch):
        raise NotYourDuty()
    if not purpose.strip():
        raise DownloadNeedsPurpose()
    refuse_numbers(purpose)
    note(actor.for_purpose(purpose.strip()), at, "downloaded_batch", batch, sha256=batch.sha256)
    return batch


def may_send_batch(actor: Actor, batch: Batch) -> bool:
    """Whether sending this batch is the actor's to do: releaser in scope, on the finance side (P27)."""
    return actor.has("releaser") and batch.region_id in actor.regions and batch.state == "sealed"


def may_withdraw_batch(actor: Actor, batch: Batch) -> bool:
    """The maker's side takes a batch back, and the releaser who will not release it gives it back."""
    return actor.has("maker", "releaser") and batch.region_id in actor.regions and batch.state == "sealed"


def _took_part(actor: Actor, batch: Batch) -> bool:
    """Whether the actor made or signed a sheet of the batch, or would be paid by it (Z6)."""
    sheets = ApprovalSheet.objects.filter(lines__payments__batch=batch)
    signed = Q(made_by_id=actor.account_id) | Q(approvals__account_id=actor.account_id)
    paid = Q(person_id=actor.person_id) | Q(account__person_id=actor.person_id)
    own = actor.person_id is not None and batch.payments.filter(paid).exists()
    return own or sheets.filter(signed).exists()


def _no_longer_clean(batch: Batch) -> int:
    """How many lines of a sealed batch met something since: a revocation, a closed account, a hold, an objection."""
    trouble = (
        Q(line__certificate__revoked_on__isnull=False)
        | ~Q(account__state__in=("certified", "confirmed"))
        | Q(line__holds__state="open")
        | Q(line__objections__state="open")
    )
    return batch.payments.filter(trouble).distinct().count()


def send_batch(actor: Actor, at: datetime, batch_id: UUID) -> Batch:
    """Release a batch to the bank: its money is in transit and its file in the outbox, together or not at all.

    Runs as the database role `releaser`, see `release_batch`. The file is laid down last, when every promise of the
    database is kept and only the commit is left: cut off there, sending again finds the same file and goes on (M11).
    """
    batch = lock_batch(batch_id)
    if not may_send_batch(actor, batch) and batch.state == "sealed":
        raise NotYourDuty()
    if batch.state != "sealed":
        raise BatchNotSealed(number=batch.number, state=BATCH_STATES.words[batch.state])
    see_all(actor)
    if _took_part(actor, batch):
        raise HadAHandInIt()
    content = sealed_content(batch)
    if not published(batch.file_name) and (count := _no_longer_clean(batch)):
        raise BatchNoLongerClean(number=batch.number, count=count)
    lines = lines_of(batch)
    continue_money("send", at, ((line.id, batch.id) for line in lines))
    move_lines(actor, at, "sent", lines, "sent")
    if move(batch.payments.all(), PAYMENT_STATES, "sent") != batch.heads:
        raise ChangedMeanwhile()
    move_one(batch, BATCH_STATES, "sent", sent_at=at, sent_by_id=actor.account_id)
    note(actor, at, "sent_batch", batch, heads=batch.heads, total_fen=batch.total_fen, sha256=batch.sha256)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    publish(batch.file_name, content)
    return batch


def release_batch(actor: Actor, batch_id: UUID) -> Batch:
    """Send a batch as the role that may, in a transaction of its own."""
    with working_as("releaser"), acting(actor) as at:
        return send_batch(actor, at, batch_id)


def withdraw_batch(actor: Actor, at: datetime, batch_id: UUID, reason: str) -> Batch:
    """Take a sealed batch back: its lines wait for the next one. Refused once the bank may have its file."""
    refuse_numbers(reason)
    batch = lock_batch(batch_id)
    if batch.state != "sealed":
        raise BatchNotSealed(number=batch.number, state=BATCH_STATES.words[batch.state])
    if not may_withdraw_batch(actor, batch):
        raise NotYourDuty()
    if published(batch.file_name):
        raise BatchMayBePaid(number=batch.number)
    see_all(actor)
    lines = lines_of(batch)
    move(batch.payments.all(), PAYMENT_STATES, "withdrawn")
    move_lines(actor, at, "left_batch", lines, "approved", cause=reason)
    move_one(batch, BATCH_STATES, "withdrawn")
    note(actor, at, "withdrew_batch", batch, reason=reason)
    return batch


# ── jobs ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def asker_of(job: Job) -> Actor:
    """The account that asked for a job, with the duties it holds today at the office it asked from."""
    if job.account_id is None:
        raise NotYourDuty()
    account = Account.objects.get(pk=job.account_id)
    office = job.args.get("office_id")
    return actor_of(account, day_of(read_clock()), UUID(office) if office else None)


def send_batch_job(job: Job, progress: Progress) -> str:
    """Send the batch `batch_id` for whoever asked (at `office_id`); run again after it was cut off, it says so."""
    asker = asker_of(job)
    try:
        batch = release_batch(asker, UUID(job.args["batch_id"]))
    except BatchNotSealed:
        with acting(asker, read_only=True):
            done = Batch.objects.filter(pk=job.args["batch_id"], sent_by_id=asker.account_id).first()
        if done is None:
            raise
        batch = done
    progress(batch.heads, batch.heads)
    return f"批次 {batch.number} 已送银行，共 {batch.heads} 笔。"


def withdraw_batch_job(job: Job, progress: Progress) -> str:
    """Withdraw the batch `batch_id` for whoever asked, with the `reason` given."""
    asker = asker_of(job)
    with acting(asker) as at:
        batch = withdraw_batch(asker, at, UUID(job.args["batch_id"]), job.args.get("reason", ""))
    progress(batch.heads, batch.heads)
    return f"批次 {batch.number} 已撤回，{batch.heads} 行等待下一批。"


JOBS: dict[str, Handler] = {"send_batch": send_batch_job, "withdraw_batch": withdraw_batch_job}
