"""What a person is shown of the own money: every line with its certificate, what happened to it, and what comes next.

Run in the person's own scope. Only answers that rest on other people's rows (a place in the queue) look further.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from jiangxin.catalogue.operations import EDITION
from jiangxin.ground.actor import Actor, seeing
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import NotFound
from jiangxin.ground.regions import Region
from jiangxin.ground.staging import rows_of, rows_of_prepared
from jiangxin.rules.engine import Explained, explain
from jiangxin.rules.schemes import SCHEMES as LAWS
from jiangxin.rules.vocabulary import FUNDS, KINDS, LEVELS
from jiangxin.subsidy.law import current_law
from jiangxin.subsidy.models import SCHEMES, Decision, EarlierSubsidy
from jiangxin.subsidy.terms import Terms

LINES = """
SELECT l.id, l.number, l.scheme, l.state, l.amount_fen, l.region_id, l.pool_id, l.fund, l.count_year, l.slot,
       l.issued_on, l.decided_at, l.decision_id, l.state_since, l.due_on, l.waits_for,
       l.subject, c.id, c.title, c.training_subject, c.training_title, c.kind, c.level, c.received_at, c.theory_score,
       c.practice_score, b.name, o.name, o.phone, a.bank, a.tail, a.id, n.id, n.posted_at, n.ends_on, y.name
  FROM subsidy_subsidy_line l
  JOIN assessment_certificate c ON c.id = l.certificate_id
  JOIN parties_organisation b ON b.id = c.assessor_id
  LEFT JOIN parties_office o ON o.id = l.office_id
  LEFT JOIN parties_organisation y ON y.id = l.payee_body_id
  LEFT JOIN parties_payee_account a ON a.id = l.account_id
  LEFT JOIN subsidy_notice_line x ON x.line_id = l.id AND l.state IN ('in_notice', 'objected')
  LEFT JOIN subsidy_notice n ON n.id = x.notice_id AND n.state = 'posted'
 WHERE l.person_id = %(person)s AND (%(line)s::uuid IS NULL OR l.id = %(line)s)
 ORDER BY l.issued_on DESC, l.certificate_id, l.scheme, n.posted_at NULLS LAST
"""


@dataclass(frozen=True)
class OwnLine:
    """A line as its person is told of it; amounts in fen, `tail` that of the account it is or was paid to."""

    id: UUID
    number: str
    scheme: str
    state: str
    amount_fen: int
    region_id: int
    pool_id: UUID | None
    fund: str
    count_year: int | None
    slot: int | None
    issued_on: date
    decided_at: datetime
    decision_id: UUID
    state_since: datetime
    due_on: date | None
    waits_for: list[str]
    subject: str
    certificate_id: UUID
    title: str
    training_subject: str
    training_title: str
    kind: str
    level: str
    received_at: datetime
    theory_score: float | None
    practice_score: float | None
    assessor: str
    office: str
    phone: str
    bank: str
    tail: str
    account_id: UUID | None
    notice_id: UUID | None
    posted_at: datetime | None
    notice_ends_on: date | None
    # The body that is paid for this head (P24); "" where the person is.
    payee: str

    @property
    def scheme_name(self) -> str:
        return SCHEMES[self.scheme]

    @property
    def level_name(self) -> str:
        """The level, or the kind of certificate where there is none."""
        return LEVELS.get(self.level, self.level) or KINDS[self.kind]

    @property
    def fund_name(self) -> str:
        return FUNDS.get(self.fund, "")

    @property
    def other_year(self) -> int | None:
        """The year whose count it took, where that is not the year it came to stand as it does."""
        return self.count_year if self.count_year != day_of(self.state_since).year else None


TOLD = tuple(field.name for field in fields(OwnLine) if field.name != "waits_for")


def _own(row: Sequence[Any]) -> OwnLine:
    waits = {"waits_for": json.loads(row[15])}
    told = (*row[:15], *row[16:27], *(value or "" for value in row[27:31]), *row[31:-1], row[-1] or "")
    return OwnLine(**dict(zip(TOLD, told, strict=True)), **waits)


def own_lines(person_id: UUID) -> list[OwnLine]:
    """All lines of a person, the newest certificate first."""
    rows = rows_of_prepared(LINES, {"person": person_id, "line": None})
    return list({row[0]: _own(row) for row in rows}.values())


def own_line(person_id: UUID, line_id: UUID) -> OwnLine:
    """One line of a person. Raises NotFound, also for another's."""
    rows = rows_of_prepared(LINES, {"person": person_id, "line": line_id})
    if not rows:
        raise NotFound()
    return _own(rows[0])


@dataclass(frozen=True)
class Happened:
    """One step of a line's past: the deed, the state it led to, why; of a decision also the amount it named."""

    at: datetime
    verb: str
    to_state: str
    cause: str
    amount_fen: int | None


PAST = """
SELECT e.subject_id, e.at, e.verb, coalesce(e.detail->>'to_state', ''), coalesce(e.detail->>'cause', ''), d.amount_fen
  FROM ground_journal_entry e LEFT JOIN subsidy_decision d ON d.id = e.id
 WHERE e.subject_id = ANY(%s) AND e.subject_kind = 'SubsidyLine' AND e.detail ? 'to_state' ORDER BY e.at, e.id
"""


def happened(line_ids: Collection[UUID]) -> dict[UUID, list[Happened]]:
    """What happened to each line, oldest first, from the journal; an answer given twice in a row is told once."""
    told: dict[UUID, list[Happened]] = defaultdict(list)
    for line_id, *step in rows_of(PAST, [list(line_ids)]):
        if not (told[line_id] and told[line_id][-1].to_state == step[2] and step[1] == "decided"):
            told[line_id].append(Happened(*step))
    return told


@dataclass(frozen=True)
class Place:
    """Where a line stands before a short pool: how many and how much money are ahead, what the pool has now."""

    place: int
    ahead_fen: int
    available_fen: int
    fund: str


PLACES = """
SELECT m.id, 1 + count(q.id), coalesce(sum(q.amount_fen), 0)::bigint, max(b.balance_fen), max(m.fund)
  FROM subsidy_subsidy_line m
  JOIN funds_pool_balance b ON b.pool_id = m.pool_id AND b.account = 'available'
  LEFT JOIN subsidy_subsidy_line q
    ON q.pool_id = m.pool_id AND q.state = 'queued' AND (q.decided_at, q.id) < (m.decided_at, m.id)
 WHERE m.id = ANY(%s) GROUP BY m.id
"""


def queue_places(actor: Actor, lines: Collection[OwnLine]) -> dict[UUID, Place]:
    """The place in the queue of each queued line."""
    queued = [line for line in lines if line.state == "queued"]
    if not queued:
        return {}
    with seeing({line.region_id for line in queued}):
        rows = rows_of(PLACES, [[line.id for line in queued]])
    return {line: Place(place, ahead, has, FUNDS[fund]) for line, place, ahead, has, fund in rows}


@dataclass(frozen=True)
class Answer:
    """How an objection to a line stands; never who objected or with what words."""

    due_on: date
    state: str
    answer: str
    answered_at: datetime | None


def objections_to(line_ids: Collection[UUID]) -> dict[UUID, Answer]:
    """The latest objection to each line."""
    rows = rows_of(
        "SELECT DISTINCT ON (line_id) line_id, due_on, state, CASE WHEN state <> 'open' THEN answer ELSE '' END,"
        " answered_at FROM subsidy_objection"
        " WHERE line_id = ANY(%s) ORDER BY line_id, received_at DESC",
        [list(line_ids)],
    )
    return {line: Answer(*rest) for line, *rest in rows}


def names_of_codes() -> dict[str, str]:
    """Region codes in words, for the sentences of the law."""
    return {f"{code:06d}": name for code, name in Region.objects.values_list("id", "name")}


def reasons_of(lines: Collection[OwnLine]) -> dict[UUID, list[Explained]]:
    """Every rule of each line's present decision explained by the facts it rested on, in a fixed number of queries."""
    found = Decision.objects.in_bulk([line.decision_id for line in lines])
    law, names = current_law(), names_of_codes()
    told = {}
    for line in lines:
        facts = LAWS[line.scheme].facts.from_rows([found[line.decision_id].facts])
        subjects = {line.training_subject: line.training_title, line.subject: line.title}
        told[line.id] = explain(line.scheme, facts, 0, law, names | subjects)
    return told


# ── what comes next ────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Ahead:
    """The days a line can be told: the notice's last, the latest of review and of payment; None where none is known."""

    notice_ends: date | None = None
    approved_by: date | None = None
    paid_by: date | None = None


UNDER_REVIEW = ("noticed", "to_approve")
WAITS_FOR_PAYMENT = ("approved", "in_batch")


@dataclass
class Prospect:
    """What comes next for a person's lines, counted by the numbers of the law and the calendar."""

    at: datetime

    @cached_property
    def terms(self) -> Terms:
        """The terms of today."""
        return Terms(self.at)

    def number(self, region_id: int, name: str) -> Any:
        """A number of the procedure in force today, None where it is not known."""
        entry = self.terms.find(region_id, name)
        return entry.value if entry.known else None

    def window_ends(self, line: OwnLine) -> date | None:
        """The last day for deferring or reopening; None where the region has no number for it."""
        return self.terms.window_ends(line.issued_on, line.region_id)

    def ahead(self, line: OwnLine) -> Ahead:
        """Counted from the notice's end, or from the day the line got where it is; nothing before it is posted."""
        if line.state in WAITS_FOR_PAYMENT:
            return Ahead(paid_by=self.terms.pay_day(line.region_id, self.terms.today))
        begins = line.notice_ends_on if line.state == "in_notice" else day_of(line.state_since)
        days = self.number(line.region_id, "review_working_days")
        if begins is None or days is None or line.state not in ("in_notice", *UNDER_REVIEW):
            return Ahead(line.notice_ends_on)
        approved = self.terms.calendar.add(begins, days).ends_on
        return Ahead(line.notice_ends_on, approved, self.terms.pay_day(line.region_id, max(approved, self.terms.today)))

    def notice_day(self, line: OwnLine) -> tuple[int, int]:
        """Which working day of how many of its notice today is; the day of posting is not counted."""
        if line.posted_at is None or line.notice_ends_on is None:
            raise ValueError(f"line {line.number} is not in a posted notice")
        left = self.terms.calendar.left
        total = left(day_of(line.posted_at), line.notice_ends_on)
        return total - max(left(self.terms.today, line.notice_ends_on), 0), total


# ── the year's counts, and what was paid before ────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Counts:
    """How often a person may be paid in a year, and how often it was promised or paid; `cap` None = not known."""

    year: int
    cap: int | None
    used: int

    @property
    def left(self) -> int | None:
        return None if self.cap is None else max(self.cap - self.used, 0)


def counts_of(person_id: UUID, region_id: int, terms: Terms) -> Counts:
    """The counts of this year over both schemes, with what was paid elsewhere or to an employer (P9)."""
    ((used,),) = rows_of(
        "SELECT (SELECT count(*) FROM subsidy_subsidy_line WHERE person_id = %(person)s AND count_year = %(year)s"
        " AND slot IS NOT NULL) + (SELECT count(*) FROM subsidy_earlier_subsidy e JOIN parties_register_load r"
        " ON r.id = e.load_id AND r.state = 'active' WHERE e.person_id = %(person)s AND e.count_year = %(year)s)",
        {"person": person_id, "year": terms.today.year},
    )
    cap = terms.find(region_id, "yearly_cap", "certificate_subsidy")
    return Counts(terms.today.year, int(cap.value) if cap.known else None, used)


@dataclass(frozen=True)
class Earlier:
    """A subsidy paid before this system or elsewhere, with the file it is known from."""

    scheme: str
    title: str
    level: str
    amount_fen: int
    paid_on: date
    payee: str
    source: str
    count_year: int

    @property
    def to_person(self) -> bool:
        """Whether the person got the money; what an employer or provider got counts, but was not received."""
        return self.payee == "本人"


EARLIER = """
SELECT e.scheme, coalesce(o.name, i.name, e.subject), coalesce(s.public_name, ''), e.amount_fen, e.paid_on, e.payee,
       r.file_name, e.count_year
  FROM subsidy_earlier_subsidy e
  JOIN parties_register_load r ON r.id = e.load_id AND r.state = 'active'
  LEFT JOIN catalogue_occupation o ON o.code = e.subject AND o.edition = %(edition)s
  LEFT JOIN catalogue_training_item i ON split_part(e.subject, ':', 2) = i.code
  LEFT JOIN catalogue_skill_level s ON s.rank = e.level_rank
 WHERE e.person_id = %(person)s ORDER BY e.paid_on DESC
"""


def earlier_of(person_id: UUID) -> list[Earlier]:
    """What was paid to or for a person before and elsewhere, the latest first."""
    payees = dict(EarlierSubsidy._meta.get_field("payee").choices or ())
    rows = rows_of(EARLIER, {"person": person_id, "edition": EDITION})
    return [
        Earlier(SCHEMES[scheme], title, level, fen, paid_on, payees[payee], source, year)
        for scheme, title, level, fen, paid_on, payee, source, year in rows
    ]


def received_fen(lines: Collection[OwnLine], earlier: Collection[Earlier]) -> int:
    """All the money that came to the person, here and before, in fen."""
    here = sum(line.amount_fen for line in lines if line.state == "paid" and not line.payee)
    return here + sum(row.amount_fen for row in earlier if row.to_person)
