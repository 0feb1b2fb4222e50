"""The only door for money: opening pools, allotting to them, and moving each line's money along its chain."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from jiangxin.funds.models import POOL_STATES, TEMPLATES, BudgetLine, Pool
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.money import yuan
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.staging import run, stage
from jiangxin.ground.transitions import move_one
from jiangxin.parties.models import Office
from jiangxin.rules.vocabulary import FUNDS


class PoolAlreadyOpen(Refusal):
    sentence = "{office}{year}年的{fund}已经有资金池。"
    remedy = "请直接在这个资金池里登记指标。"


class BudgetNeedsAnother(Refusal):
    sentence = "登记人不能确认自己登记的指标。"
    remedy = "请由另一位预算管理人员确认。"


class BudgetAlreadyConfirmed(Refusal):
    sentence = "这一条指标已经确认过。"
    remedy = "刷新后可看到最新余额。"


class BudgetDropped(Refusal):
    sentence = "这一条指标已经退回或撤回。"
    remedy = "要用的话，请重新登记。"


class DropNeedsReason(Refusal):
    sentence = "退回或撤回要写明原因。"
    remedy = "写清哪里登记错了，至少 5 个字。"


class TakesBackTooMuch(Refusal):
    sentence = "要收回 {wanted} 元，可用的只有 {available} 元。"
    remedy = "已留、在途、已付的不能收回。请退回这一条，按可用的金额重新登记。"


class PoolTooShort(Refusal):
    sentence = "可用资金只有 {available} 元，不够这次 {wanted} 元。"
    remedy = "请减少金额，或先补充上级资金池。"


class FundsNotMixed(Refusal):
    sentence = "两个资金池不是同一种资金、同一年度。"
    remedy = "两种资金不能互相调剂；请选同一种资金、同一年度的上级资金池。"


class PoolIsClosed(Refusal):
    sentence = "这个资金池已经关账，不能再进钱。"
    remedy = "请登记到使用中的资金池。"


class AmountIsZero(Refusal):
    sentence = "金额不能为 0。"
    remedy = "下达填正数，收回填负数。"


class MoneyNotThere(Exception):
    """A defect: money was to move on from a place where it is not."""


def may_budget(actor: Actor) -> bool:
    """Whether the actor manages budgets (预算管理)."""
    return actor.has("budget")


def _manages(actor: Actor, *pools: Pool | None) -> bool:
    """Whether the actor manages the budgets of all these pools; one out of sight comes as None."""
    return may_budget(actor) and all(pool is not None and pool.region_id in actor.regions for pool in pools)


def may_confirm_budget(actor: Actor, line: BudgetLine) -> bool:
    """Whether this actor may confirm this line: manages both pools, did not enter it, and it is not confirmed yet."""
    pools = [line.pool, line.from_pool] if line.from_pool_id else [line.pool]
    return _manages(actor, *pools) and line.is_open and line.entered_by_id != actor.account_id


def may_drop_budget(actor: Actor, line: BudgetLine) -> bool:
    """Whether this actor may drop this line, taken back as the own or given back as another's, while it is open."""
    return _manages(actor, line.pool) and line.is_open


def open_pool(
    actor: Actor,
    at: datetime,
    office: Office,
    fund: str,
    year: int,
    document: str,
    last_reservation_on: date | None = None,
) -> Pool:
    """Open the pool of an office's fund in a year (19.1); its accounts are laid out by the database."""
    if not may_budget(actor) or office.region_id not in actor.regions:
        raise NotYourDuty()
    if Pool.objects.filter(office=office, fund=fund, year=year).exists():
        raise PoolAlreadyOpen(office=office.name, year=year, fund=FUNDS[fund])
    pool = Pool.objects.create(
        office=office,
        region_id=office.region_id,
        fund=fund,
        year=year,
        document=document,
        opened_at=at,
        last_reservation_on=last_reservation_on,
    )
    note(actor, at, "opened_pool", pool, fund=fund, year=year)
    return pool


def propose_budget(
    actor: Actor, at: datetime, pool: Pool, amount_fen: int, document: str, from_pool: Pool | None = None
) -> BudgetLine:
    """Enter an allotment to a pool (negative: taken back); it counts when another person confirms it.

    Passed down from a pool above, it stays the same kind of money of the same year (P19).
    """
    if not _manages(actor, pool, from_pool or pool):
        raise NotYourDuty()
    if amount_fen == 0:
        raise AmountIsZero()
    if from_pool and (from_pool.fund, from_pool.year) != (pool.fund, pool.year):
        raise FundsNotMixed()
    _still_open(pool if amount_fen > 0 else from_pool)
    line = BudgetLine.objects.create(
        pool=pool,
        region_id=pool.region_id,
        amount_fen=amount_fen,
        document=document,
        entered_by_id=actor.account_id,
        entered_by_name=actor.name,
        entered_at=at,
        from_pool=from_pool,
    )
    note(actor, at, "entered_budget_line", line, amount_fen=amount_fen)
    return line


def _open_budget(line_id: UUID) -> BudgetLine:
    """A budget line that waits for another person, locked."""
    found = BudgetLine.objects.select_for_update(of=("self",)).select_related("pool", "from_pool")
    line = found.filter(id=line_id).first()
    if line is None:
        raise NotFound()
    if line.confirmed_at:
        raise BudgetAlreadyConfirmed()
    if line.dropped_at:
        raise BudgetDropped()
    return line


def drop_budget(actor: Actor, at: datetime, line_id: UUID, reason: str) -> BudgetLine:
    """Drop a line entered wrong before it counts; it stays with its reason, and moves no money ever."""
    line = _open_budget(line_id)
    if not may_drop_budget(actor, line):
        raise NotYourDuty()
    if len(reason.strip()) < 5:
        raise DropNeedsReason()
    line.dropped_by_id, line.dropped_at, line.dropped_reason = actor.account_id, at, reason.strip()
    line.save(update_fields=["dropped_by", "dropped_at", "dropped_reason"])
    note(actor, at, "dropped_budget_line", line, amount_fen=line.amount_fen, reason=reason.strip())
    return line


def confirm_budget(actor: Actor, at: datetime, line_id: UUID) -> BudgetLine:
    """Confirm a budget line entered by another: the money becomes available, or leaves, now."""
    line = _open_budget(line_id)
    if line.entered_by_id == actor.account_id:
        raise BudgetNeedsAnother()
    if not may_confirm_budget(actor, line):
        raise NotYourDuty()
    lock_pools({line.pool_id} | ({line.from_pool_id} if line.from_pool_id else set()))
    giver, taker = (line.from_pool, line.pool) if line.amount_fen > 0 else (line.pool, line.from_pool)
    _still_open(taker)
    if giver is not None:
        _enough(giver, abs(line.amount_fen), TakesBackTooMuch if line.amount_fen < 0 else PoolTooShort)
    line.confirmed_by_id, line.confirmed_at = actor.account_id, at
    line.save(update_fields=["confirmed_by", "confirmed_at"])
    amount = abs(line.amount_fen)
    moves = [("allot" if line.amount_fen > 0 else "withdraw", line.pool)]
    if line.from_pool is not None:
        moves.append(("withdraw" if line.amount_fen > 0 else "allot", line.from_pool))
    for kind, pool in moves:
        begin_money(kind, at, [(pool.id, pool.region_id, amount, line.id, line.id)])
    note(actor, at, "confirmed_budget_line", line, amount_fen=line.amount_fen)
    return line


def _still_open(pool: Pool | None) -> None:
    """Money comes into an open pool only."""
    if pool is not None and not Pool.objects.filter(id=pool.id, state="open").exists():
        raise PoolIsClosed()


def _enough(pool: Pool, wanted_fen: int, refusal: type[Refusal]) -> None:
    available = pool.balances.get(account="available").balance_fen
    if available < wanted_fen:
        raise refusal(available=yuan(available), wanted=yuan(wanted_fen))


def close_pool(actor: Actor, at: datetime, pool: Pool) -> None:
    """Close a pool to new reservations; what is reserved goes on."""
    if not _manages(actor, pool):
        raise NotYourDuty()
    move_one(pool, POOL_STATES, "closed")
    note(actor, at, "closed_pool", pool)


def lock_pools(pool_ids: Iterable[UUID]) -> list[Pool]:
    """Lock pools in key order for the rest of the transaction: everybody takes them in the same order."""
    pools: QuerySet[Pool] = Pool.objects.select_for_update(no_key=True).filter(id__in=list(pool_ids)).order_by("id")
    return list(pools)


Beginning = tuple[UUID, int, int, UUID, UUID]


def begin_money(kind: str, at: datetime, rows: Iterable[Beginning]) -> int:
    """Write transfers that begin a chain: (pool, region, fen, subject, event). Below zero the database refuses all."""
    debit, credit = TEMPLATES[kind]
    stage(
        "money_begun",
        "id uuid, pool_id uuid, region_id int, amount_fen bigint, subject_id uuid, event_id uuid",
        ((new_id(), *row) for row in rows),
    )
    return run(
        "INSERT INTO funds_transfer (id, pool_id, region_id, kind, debit, credit, amount_fen, continues_id,"
        " subject_id, event_id, at)"
        " SELECT id, pool_id, region_id, %s, %s, %s, amount_fen, NULL, subject_id, event_id, %s FROM money_begun",
        [kind, debit, credit, at],
    )


def continue_money(kind: str, at: datetime, rows: Iterable[tuple[UUID, UUID]]) -> int:
    """Move on the money of subjects: (subject, event); raises MoneyNotThere if any subject's money lies elsewhere."""
    debit, credit = TEMPLATES[kind]
    wanted = stage("money_moved", "id uuid, subject_id uuid, event_id uuid", ((new_id(), *row) for row in rows))
    moved = run(
        "INSERT INTO funds_transfer (id, pool_id, region_id, kind, debit, credit, amount_fen, continues_id,"
        " subject_id, event_id, at)"
        " SELECT m.id, t.pool_id, t.region_id, %s, %s, %s, t.amount_fen, t.id, t.subject_id, m.event_id, %s"
        " FROM money_moved m JOIN funds_transfer t ON t.subject_id = m.subject_id AND t.credit = %s"
        " WHERE NOT EXISTS (SELECT FROM funds_transfer n WHERE n.continues_id = t.id)",
        [kind, debit, credit, at, debit],
    )
    if moved != wanted:
        raise MoneyNotThere(f"{kind}: {moved} of {wanted}")
    return moved


def year_of(at: datetime) -> int:
    """The budget year an instant falls in."""
    return day_of(at).year
