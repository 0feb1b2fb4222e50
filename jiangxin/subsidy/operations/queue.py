"""The queue before a short pool: strictly by day of decision, nobody overtakes, it moves when money comes."""

from datetime import date, datetime
from uuid import UUID

from jiangxin.funds.models import Pool
from jiangxin.funds.operations import begin_money, lock_pools
from jiangxin.funds.queries import available_in, takes_reservations
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import NotYourDuty
from jiangxin.ground.staging import rows_of
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.subsidy.operations.lines import lock_lines, move_lines
from jiangxin.subsidy.terms import Terms


def fundable(pool_id: UUID, available_fen: int) -> list[UUID]:
    """The head of a pool's queue that this much money pays, in order, stopping at the first that does not fit."""
    found = rows_of(
        "SELECT id FROM (SELECT id, sum(amount_fen) OVER (ORDER BY decided_at, id) AS up_to FROM subsidy_subsidy_line"
        " WHERE pool_id = %s AND state = 'queued') q WHERE up_to <= %s",
        [pool_id, available_fen],
    )
    return [line for (line,) in found]


def pools_with_queue(today: date) -> list[UUID]:
    """Pools in front of which somebody waits and that could promise the first one's money today."""
    found = rows_of(
        "SELECT q.pool_id FROM (SELECT DISTINCT ON (pool_id) pool_id, amount_fen FROM subsidy_subsidy_line"
        " WHERE state = 'queued' ORDER BY pool_id, decided_at, id) q"
        " JOIN funds_pool p ON p.id = q.pool_id AND p.state = 'open'"
        " AND coalesce(p.last_reservation_on, 'infinity') >= %s"
        " JOIN funds_pool_balance b ON b.pool_id = q.pool_id AND b.account = 'available' AND b.balance_fen >="
        " q.amount_fen"
        " ORDER BY q.pool_id",
        [today],
    )
    return [pool for (pool,) in found]


def fund_queue(actor: Actor, at: datetime, pool_id: UUID) -> int:
    """Reserve for the head of a pool's queue what has become available; returns how many went on."""
    if not actor.has("machine"):
        raise NotYourDuty()
    lock_pools([pool_id])
    if not Pool.objects.filter(takes_reservations(day_of(at)), id=pool_id).exists():
        return 0
    lines = lock_lines(fundable(pool_id, available_in([pool_id])[pool_id]))
    begin_money("reserve", at, ((pool_id, x.region_id, x.amount_fen, x.id, x.decision_id) for x in lines))
    terms = Terms(at)
    move_lines(actor, at, "funded", [x for x in lines if x.payee_body_id], "to_settle", reserved_at=at)
    by_day: dict[int, list[SubsidyLine]] = {}
    for line in [x for x in lines if x.payee_body_id is None]:
        by_day.setdefault(line.region_id, []).append(line)
    for region, group in by_day.items():
        move_lines(actor, at, "funded", group, "to_confirm", due_on=terms.silence_ends(region), reserved_at=at)
    return len(lines)
