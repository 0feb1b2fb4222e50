"""Deciding certificates in sets: facts, law, one of two schemes, money from the right pool, all in one transaction.

Articles 13, 16 (16.4) of 浙人社发〔2022〕32号; P1–P10, P19. One certificate is a batch of one.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import numpy as np

from jiangxin.funds.models import Pool
from jiangxin.funds.operations import begin_money, lock_pools, year_of
from jiangxin.funds.queries import available_in, takes_reservations
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotYourDuty
from jiangxin.ground.staging import in_bulk, rows_of, run, stage
from jiangxin.parties.models import Office
from jiangxin.rules.engine import choose, evaluate
from jiangxin.rules.facts import FactRecord, canonical, digest_of
from jiangxin.rules.parameters import Law
from jiangxin.rules.rule import ANSWER_NAMES, NO, UNKNOWN, YES
from jiangxin.rules.verdicts import Verdicts, answer_digest
from jiangxin.rules.vocabulary import PERSON_SCHEMES
from jiangxin.subsidy.facts import Gathered, gather
from jiangxin.subsidy.law import current_law
from jiangxin.subsidy.models import ENDED, LIVE
from jiangxin.subsidy.queries.due import changes_known
from jiangxin.subsidy.terms import Terms

NORM = 3
NO_POOL, OFFICER, LAW = "资金池", "经办人员核定", "补贴标准和办理规定"

# Whoever decides about a person waits for whoever does so now: counts and levels are seen whole.
LOCK_PERSONS = (
    "SELECT id FROM parties_person WHERE id IN (SELECT c.person_id FROM due d JOIN assessment_certificate c ON"
    " c.id = d.id)"
    " ORDER BY id FOR NO KEY UPDATE"
)
# What differs from row to row; the rest is joined: the certificate from `cases`, what the rules said from `traces`.
STAGED = (
    "line_id uuid, decision_id uuid, certificate_id uuid, scheme text, payee_body_id uuid, region_id int, pool_id uuid,"
    " fund text,"
    " state text, outcome text, amount_fen bigint, count_year smallint, slot smallint, count_cap smallint,"
    " count_document text, waits_for jsonb, due_on date, trace int, facts jsonb, facts_digest text, answer_digest text"
)
TRACED = "n int, answers jsonb, reasons jsonb"


@dataclass(frozen=True, eq=False)
class Trace:
    """Answers of one row, which thousands share: as canonical JSON, the rules not met, what the unknown ones read."""

    said: str
    wanting: list[str]
    open_reads: list[tuple[str, ...]]


@dataclass(slots=True)
class Answer:
    """What becomes of one certificate under one scheme."""

    line_id: UUID
    row: int
    scheme: str
    outcome: str
    state: str
    amount_fen: int
    region_id: int
    waits_for: list[str]
    trace: Trace
    facts: str
    pool: Pool | None = None
    payee_body: UUID | None = None
    fund: str = ""
    count_year: int | None = None
    slot: int | None = None
    count_cap: int = 3
    count_document: str = ""
    due_on: date | None = None
    decision_id: UUID = field(default_factory=new_id)


def decide_certificates(actor: Actor, at: datetime, certificate_ids: Collection[UUID], cause: str) -> dict[str, int]:
    """Decide these certificates under both schemes and reserve the money of each yes; returns how many in each state.

    Certificates with a line that was promised, or that somebody ended, are left alone. Must run with the province in
    scope.
    """
    if not actor.has("machine"):
        raise NotYourDuty()
    stage("due", "id uuid", ((certificate,) for certificate in certificate_ids))
    rows_of(LOCK_PERSONS)
    run(
        "DELETE FROM due d USING subsidy_subsidy_line l WHERE l.certificate_id = d.id AND l.state = ANY(%s)",
        [[*LIVE, *ENDED]],
    )
    law = current_law()
    with in_bulk():
        cases = gather(at, LIVE, law)
        if not len(cases):
            return {}
        answers = _Deciding(cases, law, at).all()
        _reserve(answers, at)
        _write(actor, at, cases, answers, law.digest, cause)
    tally: dict[str, int] = defaultdict(int)
    for answer in answers:
        tally[answer.state] += 1
    return dict(tally)


class Seen:
    """The facts of a round under one scheme and what the law answers."""

    def __init__(self, facts: FactRecord, verdicts: Verdicts) -> None:
        self.facts, self.verdicts, self.frozen = facts, verdicts, facts.canonical_rows()
        self._traces: dict[bytes, Trace] = {}
        self._columns = np.ascontiguousarray(verdicts.answers.T)

    def trace(self, at: int) -> Trace:
        """The trace of one row; a yes wants nothing."""
        column = self._columns[at]
        key = column.tobytes()
        if key not in self._traces:
            rules = self.verdicts.rules
            wanting = [n for n in np.flatnonzero((column == NO) | (column == UNKNOWN)).tolist()]
            self._traces[key] = Trace(
                said=canonical(self.verdicts.answers_of(at)),
                wanting=[rules[n].code for n in wanting],
                open_reads=[rules[n].reads for n in wanting if column[n] == UNKNOWN],
            )
        return self._traces[key]

    def registers(self, at: int) -> list[str]:
        """Who would answer the unknown rules of one row."""
        frozen = self.facts.row(at)
        return sorted({name for reads in self.trace(at).open_reads for name in _registers(reads, frozen, self.facts)})


class _Deciding:
    """One batch being decided, a round for each turn of a person, so that an earlier yes counts for a later one."""

    def __init__(self, cases: Gathered, law: Law, at: datetime) -> None:
        self.cases, self.law = cases, law
        self.offices = {o.region_id: o for o in Office.objects.filter(closed_on=None).exclude(kind="zone")}
        pools = Pool.objects.filter(takes_reservations(day_of(at)), year=year_of(at))
        self.pools = {(pool.office_id, pool.fund): pool for pool in pools}
        self.lines = {
            (certificate, scheme): line
            for certificate, scheme, line in rows_of(
                "SELECT l.certificate_id, l.scheme, l.id FROM subsidy_subsidy_line l JOIN due d ON d.id ="
                " l.certificate_id"
            )
        }
        self.caps: dict[tuple[int, str, str, date], tuple[int, str]] = {}
        self.slots: dict[tuple[UUID, int], set[int]] = defaultdict(set)
        for person, year, slot in rows_of(
            "SELECT person_id, count_year, slot FROM subsidy_subsidy_line WHERE slot IS NOT NULL AND person_id IN"
            " (SELECT c.person_id FROM due d JOIN assessment_certificate c ON c.id = d.id)"
        ):
            self.slots[person, year].add(slot)

    def all(self) -> list[Answer]:
        return [answer for rows in self.cases.rounds() for answer in self._round(rows)]

    def _round(self, rows: np.ndarray) -> Iterator[Answer]:
        """Every certificate of the round: most under the two schemes of persons, some under that of their class."""
        asked: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for i in rows.tolist():
            asked[self.cases.cases[i].schemes].append(i)
        for schemes, members in asked.items():
            if schemes == PERSON_SCHEMES:
                yield from self._for_persons(np.array(members))
            else:
                yield from self._for_body(np.array(members), *schemes)

    def _for_body(self, rows: np.ndarray, scheme: str) -> Iterator[Answer]:
        seen = self._see(rows, scheme)
        for at, i in enumerate(rows.tolist()):
            answer = self._plain(i, at, seen)
            answer.payee_body = self.cases.cases[i].payee_id
            if answer.outcome == "yes" and seen.verdicts.paid_here[at] == YES:
                self._take(answer, seen.verdicts, at)
            yield answer

    def _for_persons(self, rows: np.ndarray) -> Iterator[Answer]:
        seen = [self._see(rows, scheme) for scheme in PERSON_SCHEMES]
        choice = choose(seen[0].verdicts, seen[1].verdicts, self.law)
        taken, not_taken = choice.taken.tolist(), choice.not_taken.tolist()
        for at, i in enumerate(rows.tolist()):
            for place, one in enumerate(seen):
                answer = self._plain(i, at, one)
                if taken[at] == place:
                    self._take(answer, one.verdicts, at)
                elif not_taken[at] == place:
                    answer.state = "not_taken"
                yield answer

    def _see(self, rows: np.ndarray, scheme: str) -> "Seen":
        facts = self.cases.facts(rows, scheme)
        return Seen(facts, evaluate(scheme, facts, self.law))

    def _plain(self, i: int, at: int, seen: "Seen") -> Answer:
        verdict, case, trace = seen.verdicts, self.cases.cases[i], seen.trace(at)
        region = int(verdict.paying_region[at])
        outcome = ANSWER_NAMES[verdict.outcome[at]]
        shown = outcome != "no" and verdict.paid_here[at] == NO
        return Answer(
            line_id=self.lines.get((case.id, verdict.scheme)) or new_id(),
            row=i,
            scheme=verdict.scheme,
            outcome=outcome,
            state="shown" if shown else "refused" if outcome == "no" else "waiting",
            amount_fen=max(int(verdict.amount_fen[at]), 0) if outcome == "yes" else 0,
            region_id=region if region in self.offices else case.region_id,
            waits_for=[] if shown or outcome != "unknown" else seen.registers(at),
            trace=trace,
            facts=seen.frozen[at],
        )

    def _take(self, answer: Answer, verdict: Verdicts, at: int) -> None:
        """A yes: the pool of the paying office's fund, a slot of the counted year; without a pool it waits for one."""
        fund, office = verdict.fund_of(at) or "", self.offices[answer.region_id]
        pool = self.pools.get((office.id, fund))
        if pool is None:
            answer.state, answer.outcome, answer.waits_for = "waiting", "unknown", [NO_POOL]
            return
        answer.state, answer.pool, answer.fund = "queued", pool, fund
        self._count(answer, verdict, at)
        self.cases.remember(answer.row, answer.count_year or 0)

    def _count(self, answer: Answer, verdict: Verdicts, at: int) -> None:
        """The line's place in the counted year; by a document of the region more than three, or none (P9)."""
        case = self.cases.cases[answer.row]
        number = "yearly_cap" if verdict.takes_count[at] else "takes_count"
        asked = answer.region_id, answer.scheme, number, case.issued_on
        if asked not in self.caps:
            self.caps[asked] = self._cap(*asked)
        answer.count_cap, answer.count_document = self.caps[asked]
        if verdict.takes_count[at]:
            answer.count_year = year = int(verdict.count_year[at])
            taken = self.slots[case.person_id, year]
            answer.slot = next(n for n in range(1, len(taken) + 2) if n not in taken)
            taken.add(answer.slot)

    def _cap(self, region_id: int, scheme: str, name: str, on: date) -> tuple[int, str]:
        """How many times a year, none where no count is taken; other than three, the document that says so."""
        found = self.law.find(f"{region_id:06d}", scheme, name, on)
        cap = int(found.value) if name == "yearly_cap" else 0
        if cap == NORM or not found.dated:
            return cap, ""
        source = found.dated.source
        return cap, f"{source.document} {source.number}".strip()[:200]


def _registers(reads: tuple[str, ...], frozen: dict[str, Any], facts: FactRecord) -> Iterator[str]:
    """Who would answer an unknown rule: a register for a missing fact, an officer, or the number of the law itself."""
    columns = type(facts).columns()
    missing = [columns[name].register for name in reads if frozen[name] is None and columns[name].register]
    if "listed" in reads and not frozen["listed"]:
        missing = [columns["listed"].register]
    elif "death_known" in reads and not frozen["death_known"]:
        missing = ["死亡登记"]
    elif "late_upload" in reads and frozen["late_upload"]:
        missing = [OFFICER]
    yield from missing or [LAW]


def _reserve(answers: list[Answer], at: datetime) -> None:
    """Give each yes its money in turn; behind a queue, or where the pool is short, it queues: nobody overtakes."""
    wanted = [answer for answer in answers if answer.pool]
    pools = {pool.id for pool in (a.pool for a in wanted) if pool}
    if not pools:
        return
    lock_pools(pools)
    left = available_in(pools)
    queued = {
        pool
        for (pool,) in rows_of(
            "SELECT DISTINCT pool_id FROM subsidy_subsidy_line WHERE state = 'queued' AND pool_id = ANY(%s)",
            [list(pools)],
        )
    }
    terms = Terms(at)
    begun = []
    for answer in sorted(wanted, key=lambda a: a.line_id):
        assert answer.pool
        pool = answer.pool
        if pool.id in queued or left[pool.id] < answer.amount_fen:
            queued.add(pool.id)
            continue
        left[pool.id] -= answer.amount_fen
        if answer.payee_body:
            answer.state = "to_settle"
        else:
            answer.state, answer.due_on = "to_confirm", terms.silence_ends(answer.region_id)
        begun.append((pool.id, pool.region_id, answer.amount_fen, answer.line_id, answer.decision_id))
    begin_money("reserve", at, begun)


def _staged(
    cases: Gathered, answers: list[Answer], traces: dict[Trace, int], law_digest: str
) -> Iterator[tuple[Any, ...]]:
    for a in answers:
        facts = digest_of(a.facts)
        yield (
            a.line_id, a.decision_id, cases.cases[a.row].id, a.scheme, a.payee_body, a.region_id,
            a.pool and a.pool.id, a.fund, a.state, a.outcome, a.amount_fen, a.count_year, a.slot, a.count_cap,
            a.count_document,
            _json(a.waits_for) if a.waits_for else "[]", a.due_on, traces[a.trace], a.facts, facts,
            answer_digest(facts, law_digest, a.outcome, a.amount_fen, a.trace.said),
        )  # fmt: skip


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


UPDATE_LINES = """
UPDATE subsidy_subsidy_line l
   SET region_id = d.region_id, office_id = p.office_id, pool_id = d.pool_id, fund = d.fund, state = d.state,
       outcome = d.outcome, amount_fen = d.amount_fen, subject = coalesce(c.subject, ''), level_rank = c.rank,
       count_year = d.count_year, slot = d.slot, count_cap = d.count_cap, count_document = d.count_document,
       waits_for = d.waits_for, reasons = t.reasons, due_on = d.due_on,
       known_changes = %(changes)s, decision_id = d.decision_id, decided_at = %(at)s,
       state_since = CASE WHEN l.state = d.state THEN l.state_since ELSE %(at)s END,
       payee_body_id = coalesce(l.payee_body_id, d.payee_body_id),
       reserved_at = CASE WHEN d.state IN ('to_confirm', 'to_settle') THEN %(at)s END
  FROM decided d JOIN cases c ON c.id = d.certificate_id JOIN traces t ON t.n = d.trace
  LEFT JOIN funds_pool p ON p.id = d.pool_id
 WHERE l.id = d.line_id
"""
INSERT_LINES = """
INSERT INTO subsidy_subsidy_line (id, number, certificate_id, person_id, scheme, region_id, office_id, pool_id, fund,
       state, outcome, amount_fen, subject, level_rank, count_year, slot, count_cap, count_document, received_on,
       requested_on, late_accepted, issued_on, waits_for, known_changes, reasons, due_on, decision_id,
       first_decided_at, decided_at, state_since, payee_body_id, reserved_at, confirmed_how)
SELECT d.line_id, d.region_id || '-' || %(year)s || '-' || lpad(nextval('subsidy_line_number')::text, 7, '0'),
       d.certificate_id, c.person_id, d.scheme, d.region_id, p.office_id, d.pool_id, d.fund, d.state, d.outcome,
       d.amount_fen, coalesce(c.subject, ''), c.rank, d.count_year, d.slot, d.count_cap, d.count_document,
       c.received_on, c.requested_on, false, c.issued_on, d.waits_for, %(changes)s, t.reasons, d.due_on, d.decision_id,
       %(at)s, %(at)s, %(at)s, d.payee_body_id, CASE WHEN d.state IN ('to_confirm', 'to_settle') THEN %(at)s END, ''
  FROM decided d JOIN cases c ON c.id = d.certificate_id JOIN traces t ON t.n = d.trace
  LEFT JOIN funds_pool p ON p.id = d.pool_id
 WHERE NOT EXISTS (SELECT FROM subsidy_subsidy_line l WHERE l.id = d.line_id) ORDER BY d.line_id
"""
INSERT_DECISIONS = """
INSERT INTO subsidy_decision (id, line_id, person_id, region_id, decided_at, outcome, amount_fen, answers, facts,
       facts_digest, law_digest, answer_digest, cause)
SELECT d.decision_id, d.line_id, c.person_id, d.region_id, %(at)s, d.outcome, d.amount_fen, t.answers, d.facts,
       d.facts_digest, %(law)s, d.answer_digest, %(cause)s
  FROM decided d JOIN cases c ON c.id = d.certificate_id JOIN traces t ON t.n = d.trace
"""
# The entry has the decision's key: keys grow with time, and so deeds of one instant keep their order.
INSERT_JOURNAL = """
INSERT INTO ground_journal_entry (id, at, verb, subject_kind, subject_id, person_id, region_id, account_id, actor_name,
       purpose, request_id, detail)
SELECT d.decision_id, %(at)s, 'decided', 'SubsidyLine', d.line_id, c.person_id, d.region_id, %(account)s, %(name)s,
       %(cause)s, %(request)s, jsonb_build_object('outcome', d.outcome, 'to_state', d.state, 'decision', d.decision_id)
  FROM decided d JOIN cases c ON c.id = d.certificate_id
"""


def _write(actor: Actor, at: datetime, cases: Gathered, answers: list[Answer], law_digest: str, cause: str) -> None:
    """Lines, decisions and journal from one staged set; each constraint of the database has its say here."""
    traces: dict[Trace, int] = {}
    for answer in answers:
        traces.setdefault(answer.trace, len(traces))
    stage("traces", TRACED, ((n, trace.said, _json(trace.wanting)) for trace, n in traces.items()))
    stage("decided", STAGED, _staged(cases, answers, traces, law_digest))
    run(UPDATE_LINES, {"at": at, "changes": changes_known()})
    run(INSERT_LINES, {"at": at, "changes": changes_known(), "year": str(year_of(at))})
    run(INSERT_DECISIONS, {"at": at, "cause": cause, "law": law_digest})
    who = {"account": actor.account_id, "name": actor.name, "request": actor.request_id}
    run(INSERT_JOURNAL, {"at": at, "cause": cause} | who)
