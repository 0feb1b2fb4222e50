"""What the desk sees of lines: a list by filter, and one line with both schemes, its law, its past and its money."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from jiangxin.ground.identity import mask_name
from jiangxin.ground.refusal import NotFound
from jiangxin.ground.staging import rows_of
from jiangxin.rules.engine import Explained, explain
from jiangxin.rules.schemes import SCHEMES as LAWS
from jiangxin.rules.vocabulary import FUNDS, KINDS, LEVELS
from jiangxin.subsidy.law import current_law
from jiangxin.subsidy.models import LINE_STATES, SCHEMES, Decision, SubsidyLine
from jiangxin.subsidy.queries.person import PLACES, names_of_codes

PAGE = 50
OUTCOMES = {"yes": "符合", "no": "不符合", "unknown": "待核实"}
ORDERS = {
    "": "l.decided_at DESC, l.id DESC",
    "amount": "l.amount_fen, l.id",
    "-amount": "l.amount_fen DESC, l.id",
    "received": "l.received_on, l.id",
    "-received": "l.received_on DESC, l.id",
}
SEARCHED = """   AND (%(scheme)s = '' OR l.scheme = %(scheme)s)
   AND (%(find)s = '' OR p.name = %(find)s OR l.number = %(find)s OR c.number = %(find)s OR c.title = %(find)s)
   AND (%(waits)s = '' OR l.waits_for ? %(waits)s)
   AND (%(since)s::date IS NULL OR l.received_on >= %(since)s)
   AND (%(until)s::date IS NULL OR l.received_on <= %(until)s)
   AND (%(least)s::bigint IS NULL OR l.amount_fen >= %(least)s)
   AND (%(most)s::bigint IS NULL OR l.amount_fen <= %(most)s)"""
LIST = """
SELECT l.id, l.number, p.name, d.masked, l.scheme, l.state, l.amount_fen, l.fund, l.received_on, l.issued_on,
       l.due_on, l.waits_for, l.reasons, c.title, c.kind, c.level, b.name, l.region_id, count(*) OVER (),
       sum(l.amount_fen) OVER ()
  FROM subsidy_subsidy_line l JOIN assessment_certificate c ON c.id = l.certificate_id
  JOIN parties_person p ON p.id = l.person_id JOIN parties_organisation b ON b.id = c.assessor_id
  LEFT JOIN LATERAL (SELECT masked FROM parties_person_document WHERE person_id = p.id ORDER BY id LIMIT 1) d ON true
 WHERE l.region_id = ANY(%(regions)s) AND (%(state)s = '' OR l.state = %(state)s)
{searched} ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s
"""
COUNTS = """
SELECT l.state, count(*), coalesce(sum(l.amount_fen), 0)::bigint
  FROM subsidy_subsidy_line l JOIN assessment_certificate c ON c.id = l.certificate_id
  JOIN parties_person p ON p.id = l.person_id
 WHERE l.region_id = ANY(%(regions)s)
{searched}
 GROUP BY l.state
"""
PAST = """
SELECT at, verb, actor_name, coalesce(detail->>'to_state', ''), coalesce(detail->>'cause', '') FROM ground_journal_entry
 WHERE subject_id = %s ORDER BY at, id
"""


@dataclass(frozen=True)
class Filter:
    """What a list of lines is narrowed to; empty means all."""

    state: str = ""
    scheme: str = ""
    find: str = ""
    waits: str = ""
    since: date | None = None
    until: date | None = None
    least_fen: int | None = None
    most_fen: int | None = None
    sort: str = ""


@dataclass(frozen=True)
class Row:
    """A line in a list, names and numbers masked as the desk sees them at a glance."""

    id: UUID
    number: str
    name: str
    document: str
    scheme: str
    state: str
    amount_fen: int
    fund: str
    received_on: date
    issued_on: date
    due_on: date | None
    waits_for: list[str]
    reasons: list[str]
    title: str
    kind: str
    level: str
    assessor: str
    region_id: int

    @property
    def scheme_name(self) -> str:
        return SCHEMES[self.scheme]

    @property
    def state_words(self) -> str:
        return LINE_STATES.words[self.state]

    @property
    def level_name(self) -> str:
        return LEVELS.get(self.level, self.level) or KINDS[self.kind]

    @property
    def fund_name(self) -> str:
        return FUNDS.get(self.fund, "")


@dataclass(frozen=True)
class Found:
    """One page of a list with how many there are in all and their sum."""

    rows: list[Row]
    total: int
    total_fen: int


def lines_of(regions: Collection[int], wanted: Filter, page: int = 1, per_page: int = PAGE) -> Found:
    """The lines of these regions that a filter leaves, a page of them."""
    rows = rows_of(
        LIST.format(searched=SEARCHED, order=ORDERS.get(wanted.sort, ORDERS[""])),
        _asked(regions, wanted) | {"limit": per_page, "offset": (max(page, 1) - 1) * per_page},
    )
    found = [_row(row) for row in rows]
    return Found(found, rows[0][18] if rows else 0, int(rows[0][19]) if rows else 0)


def _row(row: Sequence[Any]) -> Row:
    said = [*row[:18]]
    said[2], said[3] = mask_name(row[2]), row[3] or ""
    said[11], said[12] = json.loads(row[11]), json.loads(row[12])
    return Row(*said)


def _asked(regions: Collection[int], wanted: Filter) -> dict[str, Any]:
    return {
        "regions": list(regions),
        "state": wanted.state,
        "scheme": wanted.scheme,
        "find": wanted.find.strip(),
        "waits": wanted.waits,
        "since": wanted.since,
        "until": wanted.until,
        "least": wanted.least_fen,
        "most": wanted.most_fen,
    }


def counts_by_state(regions: Collection[int], wanted: Filter) -> dict[str, tuple[int, int]]:
    """How many of the lines looked for, and how much money, in each state."""
    rows = rows_of(COUNTS.format(searched=SEARCHED), _asked(regions, wanted))
    return {state: (count, fen) for state, count, fen in rows}


@dataclass(frozen=True)
class Step:
    """One thing that happened to a line: when, what, by whom."""

    at: datetime
    verb: str
    actor: str
    to_state: str
    cause: str


@dataclass(frozen=True)
class Asked:
    """One scheme's answer to a certificate: the line and every rule explained by the facts frozen with it."""

    line: SubsidyLine
    decision: Decision
    rules: list[Explained]

    @property
    def scheme_name(self) -> str:
        return SCHEMES[self.line.scheme]

    def answer(self, code: str) -> str:
        """The answer of one rule by its code; not applicable where the scheme does not ask it.

        What was unknown when another rule said no is not waited for: unasked.
        """
        answer = next((one.answer for one in self.rules if one.code == code), "not_applicable")
        return "unasked" if answer == "unknown" and self.line.state == "refused" else answer


@dataclass(frozen=True)
class Compared:
    """A rule as both schemes answered it; the words are of the first that asks it."""

    rule: Explained
    answers: list[tuple[str, str]]

    @property
    def open(self) -> bool:
        """Whether it stands in the way of the line looked at, which is the first."""
        return self.answers[0][1] in ("no", "unknown")


def line_of(line_id: UUID) -> SubsidyLine:
    """A line in scope with its certificate, person, office, pool and account; NotFound outside."""
    line = (
        SubsidyLine.objects.select_related(
            "certificate__assessor", "certificate__provider", "person", "office", "pool", "account", "sheet"
        )
        .filter(id=line_id)
        .first()
    )
    if line is None:
        raise NotFound()
    return line


def asked_of(line: SubsidyLine) -> list[Asked]:
    """Both schemes' lines of the line's certificate, the given one first, each explained."""
    lines = sorted(SubsidyLine.objects.filter(certificate_id=line.certificate_id), key=lambda one: one.id != line.id)
    found = Decision.objects.in_bulk([one.decision_id for one in lines])
    law, names = current_law(), _names(line)
    return [
        Asked(one, found[one.decision_id], explain_decision(found[one.decision_id], one.scheme, law, names))
        for one in lines
        if one.decision_id in found
    ]


def _names(line: SubsidyLine) -> dict[str, str]:
    """Regions, what was taught and what is certified in words, for the sentences of the law."""
    certificate = line.certificate
    return names_of_codes() | {
        certificate.training_subject: certificate.training_title,
        line.subject: certificate.title,
    }


def explain_decision(decision: Decision, scheme: str, law: Any, names: dict[str, str]) -> list[Explained]:
    """Every rule of a decision in words, by the facts frozen with it."""
    return explain(scheme, LAWS[scheme].facts.from_rows([decision.facts]), 0, law, names)


def compared(asked: Sequence[Asked]) -> list[Compared]:
    """The rules of all schemes side by side, in article order; what stands in the way first, a no before what waits."""
    order: dict[str, Explained] = {}
    for one in asked:
        for rule in one.rules:
            order.setdefault(rule.code, rule)
    rows = [Compared(rule, [(one.scheme_name, one.answer(code)) for one in asked]) for code, rule in order.items()]
    return sorted(rows, key=lambda row: (not row.open, row.answers[0][1] != "no"))


def past_of(line_id: UUID) -> list[Step]:
    """What happened to a line, oldest first."""
    return [Step(*row) for row in rows_of(PAST, [line_id])]


def version_of(line: SubsidyLine, decision_id: UUID) -> tuple[Decision, list[Explained]]:
    """One decision of a line, the latest or an earlier one, with its rules in words; NotFound for another line's."""
    decision = Decision.objects.filter(id=decision_id, line_id=line.id).first()
    if decision is None:
        raise NotFound()
    return decision, explain_decision(decision, line.scheme, current_law(), _names(line))


def places_in_queue(line_ids: Collection[UUID]) -> dict[UUID, int]:
    """The place of each queued line before its pool, for a desk that sees the pool's lines."""
    return {line: place for line, place, *_ in rows_of(PLACES, [list(line_ids)])} if line_ids else {}
