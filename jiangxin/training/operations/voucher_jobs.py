"""The long work of vouchers, each in one set: finding the persons of a batch, handing its vouchers out (16.3, P37)."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from uuid import UUID

from jiangxin.funds.models import Pool
from jiangxin.funds.operations import begin_money, lock_pools
from jiangxin.funds.queries import available_in, takes_reservations
from jiangxin.ground.actor import Actor, acting, machine
from jiangxin.ground.clock import day_of
from jiangxin.ground.jobs import Handler, Job, Progress
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.money import yuan
from jiangxin.ground.refusal import Refusal
from jiangxin.ground.staging import in_bulk, rows_of, run, stage
from jiangxin.ground.transitions import move_one
from jiangxin.training.models import TrainingClass
from jiangxin.training.operations.voucher_batches import (
    VoucherBatchIsIssued,
    VoucherBatchNotMatched,
    lock_voucher_batch,
)
from jiangxin.training.queries.voucher_batches import MATCHED, ROSTER
from jiangxin.training.voucher_codes import indexes_of
from jiangxin.training.vouchers import ISSUED_BATCH, VOUCHER_BATCH_STATES, Voucher, VoucherBatch

Worth = Callable[[TrainingClass, date], int | None]


def _unseen(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


class PoolTooShortForVouchers(Refusal):
    sentence = "资金池可用 {available} 元，{count} 张要留 {wanted} 元，不够发。"
    remedy = "请减少人数，或先补充资金。"


class VoucherWorthUnknown(Refusal):
    sentence = "这个班的补贴标准还没有，算不出每张要留多少。"
    remedy = "请先由预算管理人员登记标准。"


# ── matched ──────────────────────────────────────────────────────────────────────────────────────────────────────────
INSERT_MATCHED = """
INSERT INTO training_voucher (id, batch_id, person_id, region_id, spell_kind, code_index, state, state_since, from_on,
       until_on, reserved_fen, cause, frozen_from, frozen_reason)
SELECT id, %(batch)s, person_id, region_id, spell_kind, code_index, 'matched', %(at)s, %(from)s, %(until)s,
       0, '', '', ''
  FROM voucher_matched
"""
VOUCHER_COLUMNS = "id uuid, person_id uuid, region_id int, spell_kind text, code_index bytea"


def match_batch(actor: Actor, at: datetime, batch_id: UUID, progress: Progress = _unseen) -> int:
    """Find the persons of a batch by their statuses on this day, at most as many as planned; returns how many.

    The machine's work, for statuses are seen by the law alone (P17). Out are the dead, merged records, and who holds
    a voucher of the same kind and content. First the groups as listed, in them who was registered first.
    """
    batch = lock_voucher_batch(actor, batch_id)
    if batch.state in ISSUED_BATCH:
        raise VoucherBatchIsIssued()
    run("DELETE FROM training_voucher WHERE batch_id = %s AND state = 'matched'", [batch.id])
    progress(0, batch.planned)
    persons = rows_of(ROSTER if batch.kind.named else MATCHED, _asked(batch, day_of(at)))
    progress(0, len(persons))
    with in_bulk():
        keys = indexes_of(new_id() for _ in persons)
        rows = ((key, *person, index) for (key, index), person in zip(keys, persons, strict=True))
        stage("voucher_matched", VOUCHER_COLUMNS, rows)
    run(INSERT_MATCHED, {"batch": batch.id, "at": at, "from": batch.from_on, "until": batch.until_on})
    progress(len(persons), len(persons))
    if batch.state == "draft":
        move_one(batch, VOUCHER_BATCH_STATES, "matched")
    VoucherBatch.objects.filter(pk=batch.pk).update(matched=len(persons), matched_on=day_of(at))
    note(actor, at, "matched_vouchers", batch, matched=len(persons), planned=batch.planned)
    return len(persons)


def _asked(batch: VoucherBatch, on: date) -> dict[str, object]:
    region = batch.region_id
    width = 10000 if region % 10000 == 0 else 100 if region % 100 == 0 else 1
    return {
        "groups": batch.groups, "on": on, "low": region, "high": region + width - 1, "batch": batch.id,
        "class": batch.training_class_id, "planned": batch.planned,
    }  # fmt: skip


# ── issued ───────────────────────────────────────────────────────────────────────────────────────────────────────────
# Between matching and issuing a person may have died, or been found to be another record.
GONE = """
(p.merged_into_id IS NOT NULL OR EXISTS (
    SELECT FROM parties_spell s LEFT JOIN parties_register_load l ON l.id = s.load_id
     WHERE s.person_id = p.id AND s.kind_id = 'dead' AND s.from_on <= %(on)s
       AND (s.load_id IS NULL OR l.state = 'active')))
"""
LEFT = f"""
SELECT count(*) FROM training_voucher v JOIN parties_person p ON p.id = v.person_id
 WHERE v.batch_id = %(batch)s AND v.state = 'matched' AND NOT {GONE}
"""
STRIKE_OUT = f"""
DELETE FROM training_voucher v USING parties_person p
 WHERE v.batch_id = %(batch)s AND v.state = 'matched' AND p.id = v.person_id AND {GONE}
"""
ISSUE = """
UPDATE training_voucher SET state = 'issued', state_since = %(at)s, reserved_fen = %(each)s
 WHERE batch_id = %(batch)s AND state = 'matched'
"""
# The roster has its seats already: a named voucher goes to its seat at once, and waits for no choice of its person.
SEAT_ROSTER = """
UPDATE training_enrolment e SET voucher_id = v.id FROM training_voucher v
 WHERE v.batch_id = %(batch)s AND e.person_id = v.person_id AND e.class_id = %(class)s AND e.voucher_id IS NULL
   AND e.state IN ('held', 'seated')
"""
HOLD_SEATED = """
UPDATE training_voucher v SET state = 'reserved', held_since = %(at)s
 WHERE v.batch_id = %(batch)s AND v.state = 'issued'
   AND EXISTS (SELECT FROM training_enrolment e WHERE e.voucher_id = v.id)
   AND %(on)s BETWEEN v.from_on AND v.until_on
"""


def hand_out_vouchers(actor: Actor, at: datetime, batch_id: UUID, worth: Worth, progress: Progress = _unseen) -> int:
    """Hand out the vouchers of a batch that was agreed to, in one set; returns how many.

    `worth` tells what the law pays for a class on a day: a later chapter's knowledge. For named ones money is set aside
    now (P37), all of it or nothing is issued.
    """
    batch = lock_voucher_batch(actor, batch_id)
    if batch.state == "issued":
        return batch.issued
    if batch.state != "matched" or batch.issued_by_id is None:
        raise VoucherBatchNotMatched()
    on = {"batch": batch.id, "at": at, "on": day_of(at), "class": batch.training_class_id}
    progress(0, batch.matched)
    each = _each_fen(batch, day_of(at), worth) if batch.kind.reserved_at == "issue" else 0
    pool = _carrying(at, batch, rows_of(LEFT, on)[0][0], each) if each else None
    run(STRIKE_OUT, on)
    issued = run(ISSUE, on | {"each": each})
    move_one(batch, VOUCHER_BATCH_STATES, "issued", issued=issued)
    if pool and issued:
        keys = Voucher.objects.filter(batch=batch, state="issued").values_list("id", flat=True)
        begin_money("earmark", at, ((pool.id, pool.region_id, each, key, batch.id) for key in keys))
    if batch.kind.named:
        run(SEAT_ROSTER, on)
        run(HOLD_SEATED, on)
    progress(issued, issued)
    note(actor, at, "issued_vouchers", batch, issued=issued, reserved_fen=each * issued)
    return issued


def _each_fen(batch: VoucherBatch, on: date, worth: Worth) -> int:
    """What one voucher sets aside when it is issued."""
    if batch.kind.value == "face":
        return batch.face_fen
    found = worth(batch.training_class, on) if batch.training_class else None
    if found is None:
        raise VoucherWorthUnknown()
    return found


def _carrying(at: datetime, batch: VoucherBatch, count: int, each: int) -> Pool:
    """The batch's pool, locked, once it can carry so many times the sum. Raises PoolTooShortForVouchers."""
    (pool,) = lock_pools([batch.pool_id])  # type: ignore[list-item]
    takes = Pool.objects.filter(takes_reservations(day_of(at)), id=pool.id).exists()
    available = available_in([pool.id])[pool.id] if takes else 0
    if available < count * each:
        raise PoolTooShortForVouchers(available=yuan(available), count=count, wanted=yuan(count * each))
    return pool


# ── jobs ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _match_job(job: Job, progress: Progress) -> str:
    actor = machine()
    with acting(actor) as at:
        return f"匹配到 {match_batch(actor, at, UUID(job.args['batch_id']), progress):,} 人"


def _issue_job(worth: Worth, job: Job, progress: Progress) -> str:
    actor = machine()
    with acting(actor) as at:
        return f"已发放 {hand_out_vouchers(actor, at, UUID(job.args['batch_id']), worth, progress):,} 张"


def voucher_jobs(worth: Worth) -> dict[str, Handler]:
    """The long work by its kind, as the machine, which sees the whole province."""
    return {"match_vouchers": _match_job, "issue_vouchers": partial(_issue_job, worth)}
