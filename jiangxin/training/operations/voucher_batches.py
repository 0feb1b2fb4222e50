"""Batches of vouchers (16.3): what an office issues to whom; entered by one, issued by another, stopped with a reason.

Matching and handing out are long work for a hundred thousand persons: a person asks here, a job does it (voucher_jobs).
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from jiangxin.funds.models import Pool
from jiangxin.funds.queries import takes_reservations
from jiangxin.ground import jobs
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.free_text import refuse_numbers
from jiangxin.ground.jobs import Job
from jiangxin.ground.journal import note
from jiangxin.ground.reference import rows_of_file
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.staging import rows_of, run
from jiangxin.ground.transitions import move_one
from jiangxin.parties.models import Office
from jiangxin.training.operations.vouchers import lift_money
from jiangxin.training.vouchers import VOUCHER_BATCH_STATES, VoucherBatch, VoucherKind

DATA = Path(__file__).parent.parent / "data"
MOST = 500_000


class VoucherKindNotThere(Refusal):
    sentence = "没有这种培训券。"
    remedy = "请从列出的种类里选。"


class VoucherPersonsMissing(Refusal):
    sentence = "没有说发给哪些人。"
    remedy = "通用的请至少选一类人员；定向的请选一个已有名册的班。"


class VoucherDaysWrong(Refusal):
    sentence = "有效期不对：从 {first} 到 {last}。"
    remedy = "最后一天要在第一天之后，而且还没有过去。"


class VoucherNumberWrong(Refusal):
    sentence = "计划发放数要在 1 和 {most} 之间。"
    remedy = "人数更多的，请分成几批。"


class VoucherPoolMissing(Refusal):
    sentence = "这种券要留出资金，没有可用的资金池。"
    remedy = "请选本单位使用中的资金池；没有的，请预算管理人员先开。"


class VoucherFaceMissing(Refusal):
    sentence = "固定面值的券要写面值。"
    remedy = "请填每张多少元。"


class VoucherBatchIsIssued(Refusal):
    sentence = "这一批已经发放，不能再改。"
    remedy = "要停，请办停发；要改，请另开一批。"


class VoucherBatchAtWork(Refusal):
    sentence = "这一批正在处理。"
    remedy = "请等做完再看。"


class VoucherBatchNotMatched(Refusal):
    sentence = "这一批还没有匹配到人，不能发放。"
    remedy = "请先匹配；匹配到 0 人的，请改人员范围。"


class VouchersNeedAnother(Refusal):
    sentence = "登记人不能发放自己登记的培训券。"
    remedy = "请由另一位培训管理人员发放。"


class VoucherBatchNotIssued(Refusal):
    sentence = "这一批没有在发放，不用停。"
    remedy = "没有发放的，改成别的内容即可。"


class StoppingNeedsReason(Refusal):
    sentence = "停发要写明原因。"
    remedy = "至少写 5 个字；没有用的券会作废，本人看得到原因。"


@dataclass(frozen=True)
class BatchTerms:
    """What is said of a batch: kind, content, providers, persons, days, number and pool (facts 2)."""

    kind_id: str
    name: str
    region_id: int
    planned: int
    from_on: date
    until_on: date
    subjects: tuple[str, ...] = ()
    level: str = ""
    providers: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    training_class_id: UUID | None = None
    pool_id: UUID | None = None
    face_fen: int = 0
    document: str = ""


def load_voucher_kinds() -> int:
    """The kinds of vouchers as data says them; a new row is a new kind, a changed one is taken over."""
    kinds = [
        VoucherKind(**row | {"named": row["named"] == "1", "pays": row["pays"] == "1"})
        for row in rows_of_file(DATA / "voucher_kinds.csv")
    ]
    fields = ["name", "value", "reserved_at", "named", "pays", "source"]
    VoucherKind.objects.bulk_create(kinds, update_conflicts=True, unique_fields=["code"], update_fields=fields)
    return VoucherKind.objects.count()


# ── entered ────────────────────────────────────────────────────────────────────────────────────────────────────────
def may_issue_vouchers(actor: Actor, region_id: int | None = None) -> bool:
    """Whether the actor makes batches: a training desk, in its own regions."""
    return actor.has("training") and (region_id is None or region_id in actor.regions)


def draft_batch(actor: Actor, at: datetime, terms: BatchTerms) -> VoucherBatch:
    """Enter a batch; nobody has a voucher of it before another person issues it."""
    office = _checked(actor, at, terms)
    run("SELECT pg_advisory_xact_lock(hashtext('voucher_number'))")
    day = day_of(at)
    head = f"Q{terms.region_id}-{day:%y%m%d}-"
    nth = VoucherBatch.objects.filter(number__startswith=head).count() + 1
    batch = VoucherBatch.objects.create(
        number=f"{head}{nth:02d}", office=office, entered_by_id=actor.account_id, entered_at=at, **_columns(terms)
    )
    note(actor, at, "entered_voucher_batch", batch, planned=batch.planned, voucher_kind=batch.kind_id)
    return batch


def change_batch(actor: Actor, at: datetime, batch_id: UUID, terms: BatchTerms) -> VoucherBatch:
    """Say a batch anew before it is issued; who was matched is struck out, and whoever says it has entered it."""
    batch = lock_voucher_batch(actor, batch_id)
    _not_issued(batch)
    _checked(actor, at, terms)
    run("DELETE FROM training_voucher WHERE batch_id = %s AND state = 'matched'", [batch.id])
    if batch.state == "matched":
        move_one(batch, VOUCHER_BATCH_STATES, "draft")
    VoucherBatch.objects.filter(pk=batch.pk).update(
        matched=0, matched_on=None, entered_by_id=actor.account_id, entered_at=at, **_columns(terms)
    )
    note(actor, at, "changed_voucher_batch", batch, planned=terms.planned)
    batch.refresh_from_db()
    return batch


def _columns(terms: BatchTerms) -> dict[str, object]:
    lists = {name: list(getattr(terms, name)) for name in ("subjects", "providers", "groups")}
    return asdict(terms) | lists | {"name": terms.name.strip(), "document": terms.document.strip()}


def _checked(actor: Actor, at: datetime, terms: BatchTerms) -> Office:
    """The actor's office, once the terms hold together."""
    if not may_issue_vouchers(actor, terms.region_id):
        raise NotYourDuty()
    refuse_numbers(terms.name, terms.document)
    kind = VoucherKind.objects.filter(code=terms.kind_id).first()
    if kind is None:
        raise VoucherKindNotThere()
    if not (terms.training_class_id if kind.named else terms.groups):
        raise VoucherPersonsMissing()
    if terms.until_on < max(terms.from_on, day_of(at)):
        raise VoucherDaysWrong(first=terms.from_on, last=terms.until_on)
    if not 1 <= terms.planned <= MOST:
        raise VoucherNumberWrong(most=f"{MOST:,}")
    if kind.value == "face" and terms.face_fen <= 0:
        raise VoucherFaceMissing()
    own = Pool.objects.filter(takes_reservations(day_of(at)), office_id=actor.the_office, id__in=[terms.pool_id])
    if kind.reserved_at != "never" and not own.exists():
        raise VoucherPoolMissing()
    return Office.objects.get(id=actor.the_office)


def lock_voucher_batch(actor: Actor, batch_id: UUID) -> VoucherBatch:
    """The batch as it stands now, locked; out of scope it does not exist."""
    found = VoucherBatch.objects.select_for_update(of=("self",)).select_related("kind", "training_class")
    batch = found.filter(pk=batch_id).first()
    if batch is None or not (actor.has("machine") or batch.region_id in actor.regions):
        raise NotFound()
    return batch


def _not_issued(batch: VoucherBatch) -> None:
    if batch.state in ("issued", "stopped"):
        raise VoucherBatchIsIssued()
    if Job.objects.filter(id__in=[batch.job_id], state__in=["waiting", "running"]).exists():
        raise VoucherBatchAtWork()


def _ask(actor: Actor, at: datetime, batch: VoucherBatch, kind: str, words: str) -> None:
    job = jobs.ask(actor, at, kind, f"{words} {batch.number}", lock="vouchers", batch_id=str(batch.pk))
    VoucherBatch.objects.filter(pk=batch.pk).update(job_id=job.pk)
    batch.job_id = job.pk


# ── matched ────────────────────────────────────────────────────────────────────────────────────────────────────────
def ask_match(actor: Actor, at: datetime, batch_id: UUID) -> VoucherBatch:
    """Have the persons of a batch found, or found anew."""
    batch = lock_voucher_batch(actor, batch_id)
    _not_issued(batch)
    if not may_issue_vouchers(actor, batch.region_id):
        raise NotYourDuty()
    _ask(actor, at, batch, "match_vouchers", "匹配人员")
    note(actor, at, "asked_to_match_vouchers", batch)
    return batch


# ── issued ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def may_issue_batch(actor: Actor, batch: VoucherBatch) -> bool:
    """Whether the actor may issue this batch: matched, and entered by another."""
    entered_by_another = batch.entered_by_id != actor.account_id
    return may_issue_vouchers(actor, batch.region_id) and batch.state == "matched" and entered_by_another


def issue_batch(actor: Actor, at: datetime, batch_id: UUID) -> VoucherBatch:
    """Say yes to a batch that another entered: its vouchers are handed out by a job, and announced with that."""
    batch = lock_voucher_batch(actor, batch_id)
    _not_issued(batch)
    if batch.state != "matched" or not batch.matched:
        raise VoucherBatchNotMatched()
    if not may_issue_vouchers(actor, batch.region_id):
        raise NotYourDuty()
    if batch.entered_by_id == actor.account_id:
        raise VouchersNeedAnother()
    if batch.until_on < day_of(at):
        raise VoucherDaysWrong(first=batch.from_on, last=batch.until_on)
    VoucherBatch.objects.filter(pk=batch.pk).update(issued_by_id=actor.account_id, issued_at=at)
    _ask(actor, at, batch, "issue_vouchers", "发放")
    note(actor, at, "agreed_to_issue_vouchers", batch, matched=batch.matched)
    return batch


# ── stopped ────────────────────────────────────────────────────────────────────────────────────────────────────────
def may_stop_batch(actor: Actor, batch: VoucherBatch) -> bool:
    """Whether the actor may stop this batch."""
    return may_issue_vouchers(actor, batch.region_id) and batch.state == "issued"


STOP = """
UPDATE training_voucher SET state = 'void', state_since = %(at)s, reserved_fen = 0, frozen_from = ''
 WHERE batch_id = %(batch)s AND (state = 'issued' OR state = 'frozen' AND frozen_from = 'issued')
"""
WITH_MONEY = """
SELECT id FROM training_voucher WHERE batch_id = %(batch)s AND reserved_fen > 0
   AND (state = 'issued' OR state = 'frozen' AND frozen_from = 'issued') FOR NO KEY UPDATE
"""


def stop_batch(actor: Actor, at: datetime, batch_id: UUID, reason: str) -> int:
    """Stop a batch: what no seat holds is void and its money free; who sits in a class goes on. Returns how many."""
    refuse_numbers(reason)
    batch = lock_voucher_batch(actor, batch_id)
    if batch.state != "issued":
        raise VoucherBatchNotIssued()
    if not may_stop_batch(actor, batch):
        raise NotYourDuty()
    if len(reason.strip()) < 5:
        raise StoppingNeedsReason()
    on = {"batch": batch.id, "at": at}
    money = [key for (key,) in rows_of(WITH_MONEY, on)]
    void = run(STOP, on)
    lift_money(at, money)
    move_one(batch, VOUCHER_BATCH_STATES, "stopped", stopped_at=at, stopped_reason=reason.strip())
    note(actor, at, "stopped_voucher_batch", batch, void=void, reason=reason.strip())
    return void
