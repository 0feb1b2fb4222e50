"""Reads of the money: standings of pools and what is available now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q

from jiangxin.funds.models import ACCOUNTS, TEMPLATES, Pool
from jiangxin.ground.staging import rows_of
from jiangxin.rules.vocabulary import FUNDS


@dataclass(frozen=True)
class Standing:
    """Where a pool's money is, in fen: allotted = available + reserved + in transit + paid − recovered (M13)."""

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
    recovered: int

    @property
    def spoken_for(self) -> int:
        """What is promised or gone: reserved, in transit, paid and not come back."""
        return self.allotted - self.available

    @property
    def pieces(self) -> tuple[int, int, int]:
        """Paid, in transit, reserved: the pieces of a bar over what was allotted."""
        return self.paid - self.recovered, self.in_transit, self.reserved

    @property
    def fund_name(self) -> str:
        return FUNDS[self.fund]


STANDINGS = """
SELECT p.id, o.name, p.region_id, p.fund, p.year, p.state,
       -max(b.balance_fen) FILTER (WHERE b.account = 'source'),
       max(b.balance_fen) FILTER (WHERE b.account = 'available'),
       max(b.balance_fen) FILTER (WHERE b.account = 'reserved'),
       max(b.balance_fen) FILTER (WHERE b.account = 'in_transit'),
       max(b.balance_fen) FILTER (WHERE b.account = 'paid') + r.fen, r.fen
  FROM funds_pool p JOIN parties_office o ON o.id = p.office_id JOIN funds_pool_balance b ON b.pool_id = p.id
  CROSS JOIN LATERAL (
       SELECT coalesce(sum(t.amount_fen), 0)::bigint AS fen FROM funds_transfer t
        WHERE t.pool_id = p.id AND t.kind = 'recover') r
 WHERE p.region_id = ANY(%s) AND p.year = %s
 GROUP BY p.id, o.name, r.fen ORDER BY p.region_id, p.fund
"""


def standings(regions: Iterable[int], year: int) -> list[Standing]:
    """The pools of a year in these regions."""
    return [Standing(*row) for row in rows_of(STANDINGS, [list(regions), year])]


def takes_reservations(today: date) -> Q:
    """The pools that may still promise money on a day: open, and not past their last day for it (P19)."""
    return Q(Q(last_reservation_on=None) | Q(last_reservation_on__gte=today), state="open")


def available_in(pool_ids: Iterable[UUID]) -> dict[UUID, int]:
    """What each pool has available, in fen."""
    rows = rows_of(
        "SELECT pool_id, balance_fen FROM funds_pool_balance WHERE account = 'available' AND pool_id = ANY(%s)",
        [list(pool_ids)],
    )
    return dict(rows)


@dataclass(frozen=True)
class CourseDay:
    """A pool at the end of a day, in fen."""

    day: date
    allotted: int
    reserved: int
    in_transit: int
    paid: int

    @property
    def spoken_for(self) -> int:
        """What is promised or gone."""
        return self.reserved + self.in_transit + self.paid


MOVED_BY_DAY = """
SELECT (at AT TIME ZONE 'Asia/Shanghai')::date, kind, sum(amount_fen)::bigint
  FROM funds_transfer WHERE pool_id = %s GROUP BY 1, 2 ORDER BY 1
"""


def course_of(pool_id: UUID) -> list[CourseDay]:
    """How a pool got where it is: its standing at the end of each day on which money moved, oldest first."""
    held = dict.fromkeys(ACCOUNTS, 0)
    course: dict[date, CourseDay] = {}
    for day, kind, fen in rows_of(MOVED_BY_DAY, [pool_id]):
        debit, credit = TEMPLATES[kind]
        held[debit] -= fen
        held[credit] += fen
        course[day] = CourseDay(day, -held["source"], held["reserved"], held["in_transit"], held["paid"])
    return list(course.values())


LOOK_BACK_DAYS = 84
SPENT = """
SELECT pool_id, min((at AT TIME ZONE 'Asia/Shanghai')::date),
       sum(CASE WHEN kind IN ('reserve', 'earmark') THEN amount_fen ELSE -amount_fen END)::bigint
  FROM funds_transfer
 WHERE pool_id = ANY(%s) AND kind IN ('reserve', 'void', 'earmark', 'lift')
   AND (at AT TIME ZONE 'Asia/Shanghai')::date > %s
 GROUP BY pool_id
"""


@dataclass(frozen=True)
class Pace:
    """How much a pool promised lately, net of what came free: fen in so many days up to today."""

    fen: int
    days: int

    def lasts_until(self, today: date, available_fen: int) -> date | None:
        """The day on which so much would be used up at this pace; None where nothing is being used or for ages."""
        if self.fen <= 0:
            return None
        days = available_fen * self.days // self.fen
        return today + timedelta(days=days) if days < 3660 else None


def paces(pool_ids: Iterable[UUID], today: date) -> dict[UUID, Pace]:
    """The pace of pools over the last twelve weeks, or since their first reservation in them."""
    rows = rows_of(SPENT, [list(pool_ids), today - timedelta(days=LOOK_BACK_DAYS)])
    return {pool: Pace(fen, (today - first).days + 1) for pool, first, fen in rows}


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
