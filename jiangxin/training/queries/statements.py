"""Reads of statements: what a platform asks back of its own, what counted of them and what did not."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from jiangxin.ground.actor import Actor
from jiangxin.ground.identity import unseal
from jiangxin.ground.staging import rows_of
from jiangxin.training.statements import CONTENT, OnlinePlatform, Statement


@dataclass(frozen=True)
class Wanted:
    """Which statements of a platform are asked for; `marks` are what they are found by, `after` where a page ended."""

    marks: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 100
    ascending: bool = False
    after: tuple[datetime, UUID] | None = None


@dataclass(frozen=True)
class Kept:
    """A statement as it was stored."""

    id: UUID
    stored_at: datetime
    given: dict[str, Any]


def platform_with_key(key: str) -> OnlinePlatform | None:
    """The platform that a key names, closed or not."""
    return OnlinePlatform.objects.filter(key=key).first()


def actor_of_platform(platform: OnlinePlatform) -> Actor:
    """A platform at work: in the scope of its own body, with no duty."""
    return Actor(f"平台 {platform.name}"[:60], body_id=platform.body_id)


def _kept(row: tuple[Any, ...]) -> Kept:
    key, stored_at, content = row
    return Kept(key, stored_at, json.loads(unseal(content, CONTENT.format(key))))


def statement_of(platform_id: UUID, number: UUID, *, voided: bool) -> Kept | None:
    """One statement by its number: of those that stand, or of the voided."""
    found = Statement.objects.filter(platform_id=platform_id, number=number, voided_at__isnull=not voided)
    row = found.values_list("id", "stored_at", "content").first()
    return _kept(row) if row else None


# A statement that refers to another is found by what the other says too, however far (1.0.3 Communication 2.1.3).
REFERRING = """
WITH RECURSIVE chain AS (
  SELECT id, refers_to FROM training_statement WHERE platform_id = %(platform)s AND refers_to IS NOT NULL
  UNION
  SELECT c.id, t.refers_to FROM chain c
    JOIN training_statement t ON t.platform_id = %(platform)s AND t.number = c.refers_to AND t.refers_to IS NOT NULL)
SELECT c.id FROM chain c JOIN training_statement t ON t.platform_id = %(platform)s AND t.number = c.refers_to
 WHERE t.marks @> %(marks)s::varchar[]
"""
PAGE = """
SELECT id, stored_at, content FROM training_statement
 WHERE platform_id = %(platform)s AND voided_at IS NULL {which} ORDER BY stored_at {way}, id {way} LIMIT %(limit)s
"""


def statements_of(platform_id: UUID, wanted: Wanted) -> tuple[list[Kept], bool]:
    """A page of a platform's statements that stand, by when they were stored; and whether there are more."""
    asked = {
        "platform": platform_id, "marks": list(wanted.marks), "since": wanted.since, "until": wanted.until,
        "limit": wanted.limit + 1,
    }  # fmt: skip
    which = []
    if wanted.marks:
        which.append(f"(marks @> %(marks)s::varchar[] OR id IN ({REFERRING}))")
    if wanted.since:
        which.append("stored_at > %(since)s")
    if wanted.until:
        which.append("stored_at <= %(until)s")
    if wanted.after:
        asked["last_at"], asked["last_id"] = wanted.after
        which.append(f"(stored_at, id) {'>' if wanted.ascending else '<'} (%(last_at)s, %(last_id)s)")
    sql = PAGE.format(which="".join(f" AND {one}" for one in which), way="ASC" if wanted.ascending else "DESC")
    found = rows_of(sql, asked)
    return [_kept(row) for row in found[: wanted.limit]], len(found) > wanted.limit


# Batches of the platform still being written hold its lock; what they store bears a time after their beginning.
BEGUN = """
SELECT min(a.xact_start) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
   AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('xapi', 0) # hashtextextended(%s, 0)
"""


def consistent_through(platform_id: UUID, at: datetime) -> datetime:
    """The instant up to which every statement of a platform can be seen (1.0.3 Communication 2.1.3)."""
    [(begun,)] = rows_of(BEGUN, [str(platform_id)])
    return min(at, begun) if begun else at
