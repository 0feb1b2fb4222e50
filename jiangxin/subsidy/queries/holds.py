"""付款前核查 as the desk sees it (P23): holds by kind, what is due first, who has signed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from jiangxin.ground.identity import mask_name
from jiangxin.ground.refusal import NotFound
from jiangxin.ground.staging import rows_of
from jiangxin.rules.vocabulary import KINDS, LEVELS
from jiangxin.subsidy.models import HOLD_KINDS, Hold

LIST = """
SELECT h.id, h.line_id, h.kind, h.evidence, h.opened_at, h.due_on, h.finding, h.first_by_id, f.name, p.name, c.title,
       c.level, c.kind, l.amount_fen, count(*) OVER (), h.released_at, l.state,
       h.kind = 'died' AND EXISTS (SELECT FROM subsidy_heir_payee e WHERE e.line_id = l.id AND e.state = 'entered')
  FROM subsidy_hold h JOIN subsidy_subsidy_line l ON l.id = h.line_id
  JOIN assessment_certificate c ON c.id = l.certificate_id JOIN parties_person p ON p.id = l.person_id
  LEFT JOIN parties_account f ON f.id = h.first_by_id
 WHERE h.region_id = ANY(%(regions)s) AND h.state = %(state)s AND (%(kind)s = '' OR h.kind = %(kind)s)
 ORDER BY h.released_at DESC NULLS FIRST, (h.first_by_id IS NULL OR h.first_by_id = %(account)s), h.due_on, h.id
 LIMIT 50 OFFSET %(offset)s
"""
COUNTS = """
SELECT kind, count(*), count(*) FILTER (WHERE due_on < %s),
       count(*) FILTER (WHERE first_by_id IS NOT NULL AND first_by_id IS DISTINCT FROM %s)
  FROM subsidy_hold WHERE region_id = ANY(%s) AND state = 'open' GROUP BY kind ORDER BY 2 DESC, 1
"""


@dataclass(frozen=True)
class Held:
    """A hold in a list; name masked, amount in fen, `line_state` what became of the line."""

    id: UUID
    line_id: UUID
    kind: str
    evidence: str
    opened_at: datetime
    due_on: date
    finding: str
    first_by_id: UUID | None
    first_by: str | None
    name: str
    title: str
    level: str
    cert_kind: str
    amount_fen: int
    line_state: str
    heir_waits: bool

    @property
    def kind_words(self) -> str:
        return HOLD_KINDS[self.kind]

    @property
    def level_name(self) -> str:
        return LEVELS.get(self.level, self.level) or KINDS[self.cert_kind]


def holds_in(
    regions: Collection[int], account_id: UUID | None, state: str, kind: str = "", page: int = 1
) -> tuple[list[Held], int]:
    """A page of holds: first those that wait for this account's second signature, then what is due first."""
    asked = {
        "regions": list(regions), "account": account_id, "state": state, "kind": kind, "offset": 50 * (page - 1),
    }  # fmt: skip
    rows = rows_of(LIST, asked)
    held = [Held(*(*row[:9], mask_name(row[9]), *row[10:14], *row[16:])) for row in rows]
    return held, rows[0][14] if rows else 0


@dataclass(frozen=True)
class KindCount:
    """How many open holds of a kind, how many late, how many wait for a second signature of this account."""

    kind: str
    count: int
    late: int
    second: int

    @property
    def words(self) -> str:
        return HOLD_KINDS[self.kind]


def counts_by_kind(regions: Collection[int], account_id: UUID | None, today: date) -> list[KindCount]:
    """Open holds of these regions by kind, the most frequent first."""
    return [KindCount(*row) for row in rows_of(COUNTS, [today, account_id, list(regions)])]


def hold_of(regions: Collection[int], hold_id: UUID) -> Hold:
    """One hold of these regions; NotFound outside."""
    found = Hold.objects.select_related("first_by", "second_by")
    hold = found.filter(id=hold_id, region_id__in=list(regions)).first()
    if hold is None:
        raise NotFound()
    return hold
