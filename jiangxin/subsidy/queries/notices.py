"""Public notices, objections, and lines on their way to a list, as the desk works on them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from jiangxin.ground.identity import mask_name
from jiangxin.ground.refusal import NotFound
from jiangxin.ground.staging import rows_of
from jiangxin.rules.vocabulary import KINDS, LEVELS
from jiangxin.subsidy.heirs import heir_words
from jiangxin.subsidy.models import NOTICE_STATES, OBJECTION_STATES, SCHEMES, Notice, Objection

PAGE, AT_MOST = 50, 500
ON_THE_WAY = """
SELECT l.id, l.number, p.name, d.masked, l.scheme, c.title, c.kind, c.level, b.name, coalesce(a.bank, ''),
       coalesce(a.tail, ''), l.amount_fen, l.state_since, l.pool_id, e.relation, a.holder,
       count(*) OVER (PARTITION BY l.pool_id),
       count(*) OVER ()
  FROM subsidy_subsidy_line l JOIN assessment_certificate c ON c.id = l.certificate_id
  JOIN parties_person p ON p.id = l.person_id JOIN parties_organisation b ON b.id = c.assessor_id
  LEFT JOIN parties_payee_account a ON a.id = l.account_id
  LEFT JOIN subsidy_heir_payee e ON e.line_id = l.id AND e.state = 'confirmed'
  LEFT JOIN LATERAL (SELECT masked FROM parties_person_document WHERE person_id = p.id ORDER BY id LIMIT 1) d ON true
 WHERE l.region_id = ANY(%(regions)s) AND l.office_id = %(office)s AND l.state = %(state)s AND l.sheet_id IS NULL
 ORDER BY CASE WHEN l.state = 'to_approve' THEN l.pool_id END, l.state_since, l.id LIMIT %(limit)s
"""
NOTICES = """
SELECT n.id, o.name, n.year, n.number, n.state, n.posted_at, n.ends_on, n.provisional, x.heads, x.total, j.objections,
       j.open, count(*) OVER ()
  FROM subsidy_notice n JOIN parties_office o ON o.id = n.office_id
  JOIN LATERAL (SELECT count(*) AS heads, coalesce(sum(amount_fen), 0)::bigint AS total FROM subsidy_notice_line
                 WHERE notice_id = n.id) x ON true
  JOIN LATERAL (SELECT count(*) AS objections, count(*) FILTER (WHERE state = 'open') AS open FROM subsidy_objection
                 WHERE notice_id = n.id) j ON true
 WHERE n.region_id = ANY(%(regions)s) AND n.state = %(state)s
 ORDER BY n.posted_at DESC, n.id DESC LIMIT %(limit)s OFFSET %(offset)s
"""
OBJECTIONS = """
SELECT j.id, p.name, c.title, c.level, c.kind, l.amount_fen, j.text, j.received_at, j.due_on, j.state, j.answered_at,
       o.name, n.year, n.number, j.proposed_by_id, b.name, count(*) OVER ()
  FROM subsidy_objection j JOIN subsidy_subsidy_line l ON l.id = j.line_id
  JOIN assessment_certificate c ON c.id = l.certificate_id JOIN parties_person p ON p.id = l.person_id
  JOIN subsidy_notice n ON n.id = j.notice_id JOIN parties_office o ON o.id = n.office_id
  LEFT JOIN parties_account b ON b.id = j.proposed_by_id
 WHERE j.region_id = ANY(%(regions)s) AND (%(open)s::boolean IS NULL OR (j.state = 'open') = %(open)s)
   AND (%(notice)s::uuid IS NULL OR j.notice_id = %(notice)s)
 ORDER BY j.state <> 'open', CASE WHEN j.state = 'open' THEN j.due_on END, j.answered_at DESC, j.id
 LIMIT %(limit)s OFFSET %(offset)s
"""


@dataclass(frozen=True)
class OnTheWay:
    """A line that somebody chooses for a notice or a sheet; masked, amount in fen, `in_pool` how many its pool has."""

    id: UUID
    number: str
    name: str
    document: str
    scheme: str
    title: str
    kind: str
    level: str
    assessor: str
    bank: str
    tail: str
    amount_fen: int
    since: datetime
    pool_id: UUID
    heir: str
    in_pool: int

    @property
    def scheme_name(self) -> str:
        return SCHEMES[self.scheme]

    @property
    def level_name(self) -> str:
        return LEVELS.get(self.level, self.level) or KINDS[self.kind]


def on_the_way(regions: Collection[int], office_id: UUID | None, state: str) -> tuple[list[OnTheWay], int]:
    """An office's lines in a state and on no sheet, AT_MOST of them and how many in all.

    The longest waiting first; those for approval pool by pool.
    """
    asked = {"regions": list(regions), "office": office_id, "state": state, "limit": AT_MOST}
    rows = rows_of(ON_THE_WAY, asked)
    found = [
        OnTheWay(*(*row[:2], mask_name(row[2]), row[3] or "", *row[4:14], heir_words(row[15], row[14]), row[16]))
        for row in rows
    ]
    return found, rows[0][17] if rows else 0


@dataclass(frozen=True)
class NoticeRow:
    """A notice in a list: its heads and sum, how many objected and how many of them wait for an answer."""

    id: UUID
    office: str
    year: int
    number: int
    state: str
    posted_at: datetime
    ends_on: date
    provisional: bool
    heads: int
    total_fen: int
    objections: int
    open: int

    @property
    def state_words(self) -> str:
        return NOTICE_STATES.words[self.state]


def notices_in(regions: Collection[int], state: str, page: int = 1) -> tuple[list[NoticeRow], int]:
    """A page of the notices of these regions in a state, the latest first, and how many there are."""
    asked = {"regions": list(regions), "state": state, "limit": PAGE, "offset": PAGE * (page - 1)}
    rows = rows_of(NOTICES, asked)
    return [NoticeRow(*row[:12]) for row in rows], rows[0][12] if rows else 0


def notice_of(regions: Collection[int], notice_id: UUID) -> Notice:
    """One notice of these regions; NotFound outside."""
    found = Notice.objects.select_related("office", "released_by")
    notice = found.filter(id=notice_id, region_id__in=list(regions)).first()
    if notice is None:
        raise NotFound()
    return notice


@dataclass(frozen=True)
class Objected:
    """An objection in a list, with the line it is against: name masked, amount in fen."""

    id: UUID
    name: str
    title: str
    level: str
    kind: str
    amount_fen: int
    text: str
    received_at: datetime
    due_on: date
    state: str
    answered_at: datetime | None
    office: str
    year: int
    number: int
    proposed_by_id: UUID | None
    proposed_by: str | None

    @property
    def state_words(self) -> str:
        return OBJECTION_STATES.words[self.state]

    @property
    def level_name(self) -> str:
        return LEVELS.get(self.level, self.level) or KINDS[self.kind]


def objections_in(
    regions: Collection[int], *, is_open: bool | None = None, notice_id: UUID | None = None, page: int = 1
) -> tuple[list[Objected], int]:
    """A page of objections, open or answered or both, to one notice when given: the open ones by their last day."""
    asked = {
        "regions": list(regions), "open": is_open, "notice": notice_id, "limit": PAGE, "offset": PAGE * (page - 1),
    }  # fmt: skip
    rows = rows_of(OBJECTIONS, asked)
    return [Objected(row[0], mask_name(row[1]), *row[2:16]) for row in rows], rows[0][16] if rows else 0


def objection_of(regions: Collection[int], objection_id: UUID) -> Objection:
    """One objection of these regions; NotFound outside."""
    found = Objection.objects.select_related("notice", "proposed_by", "answered_by")
    objection = found.filter(id=objection_id, region_id__in=list(regions)).first()
    if objection is None:
        raise NotFound()
    return objection
