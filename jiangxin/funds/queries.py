"""Reads of the money: standings of pools and what is available now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from jiangxin.funds.models import Pool
from jiangxin.ground.staging import rows_of
from jiangxin.rules.vocabulary import FUNDS


@dataclass(frozen=True)
class Standing:
    """Where a pool's money is, in fen: allotted = available + reserved + in transit + paid (M13)."""

    pool_id: UUID
    office: str
    region_id: int
    fund: str
    year: int
    state: str
    allotted: int
    available: int
    reserved: int
    in_transit: int
    paid: int

    @property
    def fund_name(self) -> str:
        return FUNDS[self.fund]


def standings(regions: Iterable[int], year: int) -> list[Standing]:
    """The pools of a year in these regions."""
    rows = rows_of(
        "SELECT p.id, o.name, p.region_id, p.fund, p.year, p.state,"
        " -max(b.balance_fen) FILTER (WHERE b.account = 'source'), max(b.balance_fen) FILTER (WHERE b.account"
        " = 'available'),"
        " max(b.balance_fen) FILTER (WHERE b.account = 'reserved'), max(b.balance_fen) FILTER (WHERE b.account"
        " = 'in_transit'),"
        " max(b.balance_fen) FILTER (WHERE b.account = 'paid')"
        " FROM funds_pool p JOIN parties_office o ON o.id = p.office_id JOIN funds_pool_balance b ON b.pool_id = p.id"
        " WHERE p.region_id = ANY(%s) AND p.year = %s GROUP BY p.id, o.name ORDER BY p.region_id, p.fund",
        [list(regions), year],
    )
    return [Standing(*row) for row in rows]


def available_in(pool_ids: Iterable[UUID]) -> dict[UUID, int]:
    """What each pool has available, in fen."""
    rows = rows_of(
        "SELECT pool_id, balance_fen FROM funds_pool_balance WHERE account = 'available' AND pool_id = ANY(%s)",
        [list(pool_ids)],
    )
    return dict(rows)


def paid_by_day(pool_id: UUID) -> list[tuple[date, int]]:
    """Net money paid from a pool, day by day."""
    return rows_of(
        "SELECT (at AT TIME ZONE 'Asia/Shanghai')::date AS day,"
        " sum(CASE WHEN credit = 'paid' THEN amount_fen ELSE -amount_fen END)::bigint"
        " FROM funds_transfer WHERE pool_id = %s AND 'paid' IN (debit, credit) GROUP BY 1 ORDER BY 1",
        [pool_id],
    )


def pools_of(office_funds: Iterable[tuple[UUID, str]], year: int) -> dict[tuple[UUID, str], Pool]:
    """The pools of a year by (office, fund)."""
    wanted = set(office_funds)
    found = Pool.objects.filter(year=year, office_id__in={office for office, _ in wanted})
    return {(pool.office_id, pool.fund): pool for pool in found if (pool.office_id, pool.fund) in wanted}


def reserved_for(subject_ids: Iterable[UUID]) -> int:
    """How much money of these subjects lies reserved now, in fen."""
    ((total,),) = rows_of(
        "SELECT coalesce(sum(t.amount_fen), 0)::bigint FROM funds_transfer t WHERE t.subject_id = ANY(%s)"
        " AND t.credit = 'reserved' AND NOT EXISTS (SELECT FROM funds_transfer n WHERE n.continues_id = t.id)",
        [list(subject_ids)],
    )
    return int(total)
