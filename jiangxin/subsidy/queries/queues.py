"""Who waits for money before a pool, in the order in which it comes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from jiangxin.ground.staging import rows_of
from jiangxin.rules.vocabulary import KINDS, LEVELS

PAGE = 50
LENGTHS = """
SELECT pool_id, count(*), sum(amount_fen)::bigint, min(decided_at) FROM subsidy_subsidy_line
 WHERE state = 'queued' AND pool_id = ANY(%s) GROUP BY pool_id
"""
QUEUE = """
SELECT q.* FROM (
  SELECT row_number() OVER line AS place, l.id, l.number, p.name, c.title, c.level, c.kind, l.amount_fen,
         (sum(l.amount_fen) OVER line)::bigint, l.decided_at
    FROM subsidy_subsidy_line l JOIN parties_person p ON p.id = l.person_id
    JOIN assessment_certificate c ON c.id = l.certificate_id
   WHERE l.pool_id = %s AND l.state = 'queued' WINDOW line AS (ORDER BY l.decided_at, l.id)) q
 ORDER BY q.place LIMIT %s OFFSET %s
"""


@dataclass(frozen=True)
class Length:
    """How many wait before a pool, for how much, and since when the first."""

    count: int
    fen: int
    since: datetime | None


def queue_lengths(pool_ids: Collection[UUID]) -> dict[UUID, Length]:
    """The queues before these pools, those that are not empty."""
    return {pool: Length(*rest) for pool, *rest in rows_of(LENGTHS, [list(pool_ids)])}


@dataclass(frozen=True)
class Waiter:
    """A line in a queue; `up_to_fen` is what the pool must have so that its turn comes."""

    place: int
    line_id: UUID
    number: str
    name: str
    title: str
    level: str
    kind: str
    amount_fen: int
    up_to_fen: int
    decided_at: datetime

    @property
    def level_name(self) -> str:
        return LEVELS.get(self.level) or KINDS[self.kind]


def queue_of(pool_id: UUID, page: int = 1) -> list[Waiter]:
    """A page of the queue before a pool."""
    return [Waiter(*row) for row in rows_of(QUEUE, [pool_id, PAGE, PAGE * (page - 1)])]
