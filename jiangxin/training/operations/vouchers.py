"""What happens to a voucher in its person's hand: taken by a seat, used, settled, given back, frozen (16.3, P37).

All of these run in the caller's transaction, for many at once or for none. Who may is the caller's affair (a seat, a
sign-in, a decision); only freezing is a deed of its own.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet

from jiangxin.funds.models import Pool
from jiangxin.funds.operations import begin_money, continue_money, lock_pools
from jiangxin.funds.queries import available_in, takes_reservations
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.free_text import refuse_numbers
from jiangxin.ground.journal import entry, note, note_all
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.staging import rows_of, run, stage
from jiangxin.training.queries.vouchers import FITS_CLASS, USABLE, past_scope
from jiangxin.training.vouchers import VOUCHER_STATES, Voucher

ON_A_SEAT = ("reserved", "in_use")


class VoucherNotUsable(Refusal):
    sentence = "有 {count} 张培训券现在不能用：{why}。"
    remedy = "请换一张券，或不用券报名。"


class VoucherNotHeld(Refusal):
    sentence = "有 {count} 张培训券不能办这一步：{why}。"
    remedy = "请刷新后看券的最新状态。"


class FreezeNeedsReason(Refusal):
    sentence = "冻结培训券要写明原因。"
    remedy = "写清是什么事，至少 5 个字；本人看得到。"


# ── taken by a seat ────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class _Taken:
    """A voucher about to be taken, and what it takes with it from which pool; none where nothing is set aside."""

    voucher_id: UUID
    enrolment_id: UUID
    pool_id: UUID | None
    region_id: int
    fen: int


# What is refused says why: the first of these that is so.
WHY = f"""
CASE WHEN v.person_id <> e.person_id THEN '不是本人的券'
     WHEN v.state IN ('reserved', 'in_use') THEN '已经用在别的班'
     WHEN NOT ({USABLE}) THEN '已经用掉、停用或不在有效期内'
     WHEN NOT ({FITS_CLASS}) THEN '不能用于这个班'
     ELSE '' END
"""
TAKEN = f"""
SELECT v.id, e.id, p.id, coalesce(p.region_id, v.region_id), k.reserved_at, k.value, b.face_fen, {WHY}
  FROM voucher_wanted w JOIN training_voucher v ON v.id = w.voucher_id
  JOIN training_enrolment e ON e.id = w.enrolment_id
  JOIN training_training_class c ON c.id = e.class_id
  JOIN training_voucher_batch b ON b.id = v.batch_id
  JOIN training_voucher_kind k ON k.code = b.kind_id
  LEFT JOIN funds_pool p ON p.id = b.pool_id
 ORDER BY w.place
"""
LOCK = "SELECT id FROM training_voucher WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
TAKE = """
UPDATE training_voucher v SET state = 'reserved', state_since = %(at)s, held_since = %(at)s,
       opened_at = coalesce(v.opened_at, %(at)s), reserved_fen = v.reserved_fen + t.fen
  FROM voucher_taken t WHERE t.id = v.id
"""


def reserve_vouchers(
    actor: Actor, at: datetime, pairs: Sequence[tuple[UUID, UUID]], *, amounts: Mapping[UUID, int] | None = None
) -> None:
    """Take vouchers with seats, all or none: `pairs` of enrolment and voucher (P37). Raises VoucherNotUsable.

    `amounts`: what each enrolment would be paid by the law, in fen, for kinds worth the standard. What the pool cannot
    carry is not set aside, and the seat is kept all the same: the forecast says that money is short.
    """
    if not pairs:
        return
    with past_scope():
        taken = _carried(_wanted(pairs, amounts or {}, at), at)
        stage("voucher_taken", "id uuid, fen bigint", ((one.voucher_id, one.fen) for one in taken))
        vouchers = list(Voucher.objects.filter(id__in=[one.voucher_id for one in taken]))
        run(TAKE, {"at": at})
        _set_aside(at, taken)
    seats = {one.voucher_id: one.enrolment_id for one in taken}
    _note(actor, at, "reserved_voucher", vouchers, enrolments=seats)


def _wanted(pairs: Sequence[tuple[UUID, UUID]], amounts: Mapping[UUID, int], at: datetime) -> list[_Taken]:
    """The vouchers locked in key order; refused when any may not be taken, or is asked for twice."""
    columns = "place int, enrolment_id uuid, voucher_id uuid"
    stage("voucher_wanted", columns, ((place, *pair) for place, pair in enumerate(pairs)))
    rows_of(LOCK, [[voucher for _, voucher in pairs]])
    found = rows_of(TAKEN, {"on": day_of(at)})
    whys = [row[-1] for row in found if row[-1]]
    if whys:
        raise VoucherNotUsable(count=len(whys), why=whys[0])
    missing = len(pairs) - len({row[0] for row in found})
    if missing:
        raise VoucherNotUsable(count=missing, why="没有找到，或一张用了两次")
    return [
        _Taken(key, seat, pool, region, worth if reserved_at == "seat" and pool else 0)
        for key, seat, pool, region, reserved_at, value, face_fen, _ in found
        for worth in [face_fen if value == "face" else amounts.get(seat, 0)]
    ]


def _carried(wanted: Sequence[_Taken], at: datetime) -> list[_Taken]:
    """What the pools can carry, first come first served; the pools stay locked for the rest of the transaction."""
    pools = lock_pools({one.pool_id for one in wanted if one.pool_id and one.fen})
    open_ones = Pool.objects.filter(takes_reservations(day_of(at)), id__in=[pool.id for pool in pools])
    left = available_in(open_ones.values_list("id", flat=True))
    carried = []
    for one in wanted:
        fen = one.fen if one.pool_id and left.get(one.pool_id, 0) >= one.fen else 0
        if one.pool_id and fen:
            left[one.pool_id] -= fen
        carried.append(replace(one, fen=fen))
    return carried


def _set_aside(at: datetime, taken: Sequence[_Taken]) -> None:
    """Money under the vouchers' names; each time under an event of its own, for a voucher may be taken again."""
    event = new_id()
    rows = [(one.pool_id, one.region_id, one.fen, one.voucher_id, event) for one in taken if one.pool_id and one.fen]
    if rows:
        begin_money("earmark", at, rows)


# ── used, settled, given back ──────────────────────────────────────────────────────────────────────────────────────
def use_vouchers(actor: Actor, at: datetime, voucher_ids: Collection[UUID]) -> None:
    """The first sign-in with vouchers held by seats, all or none; a voucher is used once (V1)."""
    with past_scope():
        held = _lock_in(voucher_ids, ("reserved",), "没有占着座位，或已经用过")
        _all(held).update(state="in_use", state_since=at, first_used_at=at)
    _note(actor, at, "used_voucher", held)


def settle_vouchers(actor: Actor, at: datetime, voucher_ids: Collection[UUID]) -> None:
    """Close vouchers whose class has paid off: their money is free for the line that takes it over (P37)."""
    with past_scope():
        used = _lock_in(voucher_ids, ("in_use",), "还没有用过，或已经核销")
        _all(used).update(state="settled", state_since=at, reserved_fen=0)
        lift_money(at, [one.id for one in used if one.reserved_fen])
    _note(actor, at, "settled_voucher", used)


# A named voucher keeps its money until it ends: it was set aside when issued. Of a stopped batch nothing comes back.
GIVE_BACK = """
UPDATE training_voucher v
   SET state = CASE WHEN v.state = 'frozen' THEN 'frozen' WHEN b.state = 'stopped' THEN 'void' ELSE 'issued' END,
       frozen_from = CASE WHEN v.state = 'frozen' THEN 'issued' ELSE '' END,
       state_since = %(at)s, held_since = NULL, first_used_at = NULL,
       until_on = v.until_on + (%(on)s::date - (v.held_since AT TIME ZONE 'Asia/Shanghai')::date),
       reserved_fen = CASE WHEN k.reserved_at = 'issue' AND b.state <> 'stopped' THEN v.reserved_fen ELSE 0 END
  FROM training_voucher_batch b JOIN training_voucher_kind k ON k.code = b.kind_id
 WHERE b.id = v.batch_id AND v.id = ANY(%(ids)s)
"""


def return_vouchers(actor: Actor, at: datetime, voucher_ids: Collection[UUID], cause: str) -> None:
    """Give vouchers back that a seat held, with the days they were held, all or none; their money is free.

    One whose last day passed meanwhile is good again. A frozen one stays frozen, with its days.
    """
    with past_scope():
        held = _lock_in(voucher_ids, ON_A_SEAT, "没有占着座位", frozen_too=True)
        run(GIVE_BACK, {"at": at, "on": day_of(at), "ids": [one.id for one in held]})
        kept = set(_all(held).filter(reserved_fen__gt=0).values_list("id", flat=True))
        lift_money(at, [one.id for one in held if one.reserved_fen and one.id not in kept])
    _note(actor, at, "returned_voucher", held, cause=cause)


def lift_money(at: datetime, voucher_ids: Collection[UUID]) -> None:
    """Give the money under these vouchers' names back to their pools; they say none already."""
    if voucher_ids:
        event = new_id()
        continue_money("lift", at, ((key, event) for key in voucher_ids))


def _lock_in(
    voucher_ids: Collection[UUID], states: Sequence[str], why: str, *, frozen_too: bool = False
) -> list[Voucher]:
    """Lock vouchers in key order; refused when any is not in one of these states. Raises VoucherNotHeld."""
    wanted = set(voucher_ids)
    locked = Voucher.objects.select_for_update(no_key=True).filter(id__in=wanted).order_by("id")
    fit = [one for one in locked if one.state in states or (frozen_too and one.frozen_from in states)]
    if len(fit) != len(wanted):
        raise VoucherNotHeld(count=len(wanted) - len(fit), why=why)
    return fit


def _all(vouchers: Sequence[Voucher]) -> QuerySet[Voucher]:
    return Voucher.objects.filter(id__in=[one.id for one in vouchers])


# ── looked at, frozen ──────────────────────────────────────────────────────────────────────────────────────────────
def open_voucher(actor: Actor, at: datetime, voucher_id: UUID) -> None:
    """Its person looks at a voucher for the first time; afterwards nothing is written."""
    found = Voucher.objects.filter(pk=voucher_id, person_id=actor.the_person).exclude(state="matched").first()
    if found is None:
        raise NotFound()
    if Voucher.objects.filter(pk=voucher_id, opened_at=None).update(opened_at=at):
        note(actor, at, "opened_voucher", found, person_id=found.person_id)


def may_freeze_vouchers(actor: Actor) -> bool:
    """Whether the actor may stop vouchers for a while: training desks, and the machine after a finding."""
    return actor.has("training", "machine")


# Held by a seat its clock stood already; else it gets the days it was frozen.
THAW = """
UPDATE training_voucher
   SET state = frozen_from, frozen_from = '', state_since = %(at)s,
       until_on = until_on + CASE frozen_from WHEN 'issued'
           THEN %(on)s::date - (state_since AT TIME ZONE 'Asia/Shanghai')::date ELSE 0 END
 WHERE id = ANY(%(ids)s)
"""


def freeze_vouchers(actor: Actor, at: datetime, voucher_ids: Collection[UUID], reason: str) -> None:
    """Stop vouchers that are under enquiry, all or none; nothing is done with them until they are let go."""
    refuse_numbers(reason)
    if not may_freeze_vouchers(actor):
        raise NotYourDuty()
    if len(reason.strip()) < 5:
        raise FreezeNeedsReason()
    live = _lock_in(voucher_ids, VOUCHER_STATES.before("frozen"), "已经结束或已经冻结")
    _all(live).update(state="frozen", frozen_from=F("state"), state_since=at, frozen_reason=reason.strip())
    _note(actor, at, "froze_voucher", live, cause=reason.strip())


def unfreeze_vouchers(actor: Actor, at: datetime, voucher_ids: Collection[UUID]) -> None:
    """Let frozen vouchers go, all or none: as they were, and with the days they stood still."""
    if not may_freeze_vouchers(actor):
        raise NotYourDuty()
    frozen = _lock_in(voucher_ids, ("frozen",), "没有冻结")
    run(THAW, {"at": at, "on": day_of(at), "ids": [one.id for one in frozen]})
    _note(actor, at, "unfroze_voucher", frozen)


def _note(
    actor: Actor, at: datetime, verb: str, vouchers: Sequence[Voucher], cause: str = "",
    enrolments: Mapping[UUID, UUID] | None = None,
) -> None:  # fmt: skip
    """One entry of the journal for each voucher, under its person's name, with the state it came from."""
    seats = {key: str(seat) for key, seat in (enrolments or {}).items()}
    note_all(
        entry(actor, at, verb, one, from_state=one.state, cause=cause, enrolment_id=seats.get(one.id, ""))
        for one in vouchers
    )
