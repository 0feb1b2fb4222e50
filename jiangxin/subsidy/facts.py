"""Gathers, in a fixed number of queries whatever the batch, the facts that the law asks about certificates.

The caller has staged the certificates in `due(id uuid)` and sees the whole province. What no register covers stays
unknown (P2); a row found is a fact even outside coverage.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np

from jiangxin.ground.actor import PROVINCE
from jiangxin.ground.clock import day_of
from jiangxin.ground.staging import rows_of, run
from jiangxin.recognition.queries import title_answers
from jiangxin.rules.facts import UNKNOWN_COUNT, UNKNOWN_REGION
from jiangxin.rules.parameters import Law
from jiangxin.rules.schemes.certificate_facts import CertificateFacts, occupation_class
from jiangxin.rules.vocabulary import BODY_SCHEMES, KINDS, KINDS_WITH_LEVELS, LEVELS, PERSON_SCHEMES
from jiangxin.subsidy.facts_queries import CASES, CLASSES, COVERAGES, IN_TURN, PASTS, STATUSES

TRUE, FALSE, UNKNOWN = np.int8(1), np.int8(0), np.int8(2)
EDITION = "2022"
HISTORY = ("earlier_certificate_subsidy", "earlier_skill_uplift")
COUNTED = ("count_issued_year", "count_received_year", "count_decided_year")
BODY_OF_CLASS = {"project": ("project_class",), "employer": ("pre_job",)}
LEVELLED = tuple(KINDS)[:KINDS_WITH_LEVELS]


class Case(NamedTuple):
    """One certificate to decide, as the table `cases` holds it."""

    id: UUID
    person_id: UUID
    number: str
    kind: str
    region_id: int
    subject: str | None
    edition: str
    occupation: str
    level: str
    rank: int | None
    issued_on: date
    exam_on: date | None
    received_on: date
    requested_on: date | None
    late: bool
    training_first_on: date | None
    training_last_on: date | None
    training_subject: str | None
    training_hours: int | None
    training_region_id: int | None
    class_region_id: int | None
    provider_id: UUID | None
    assessor_id: UUID
    revoked_on: date | None
    born_on: date
    sex: str
    able_and_willing: bool | None
    major_related: bool | None
    listed: bool | None
    received_at: datetime
    pays: str | None
    payee_id: UUID | None
    planned_hours: int | None
    attended_hours: int | None
    course_days: int | None
    fee_fen: int | None
    published: bool | None
    project_fen: int | None

    @property
    def schemes(self) -> tuple[str, ...]:
        """The schemes it is decided under: the one that pays the body of its class, or the two that pay the person."""
        return BODY_OF_CLASS.get(self.pays or "", PERSON_SCHEMES)


class Coverage:
    """The days each register has been loaded for the whole province, adjoining extracts joined.

    The year still running is complete where the histories are not older than `lag_days`; None: unknown, never.
    """

    def __init__(self, loads: Sequence[tuple[str, date, date]], lag_days: int | None = None) -> None:
        self.lag_days = lag_days
        self.spans: dict[str, list[list[np.datetime64]]] = {}
        for register, start, end in loads:
            spans = self.spans.setdefault(register, [])
            first, last = np.datetime64(start, "D"), np.datetime64(end, "D")
            if spans and first <= spans[-1][1] + 1:
                spans[-1][1] = max(spans[-1][1], last)
            else:
                spans.append([first, last])

    def holds(self, register: str, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Per row: whether the register covers every day from first to last."""
        covered = np.zeros(len(first), dtype=bool)
        for start, end in self.spans.get(register, ()):
            covered |= (first >= start) & (last <= end)
        return covered

    def year(self, year: int, today: date) -> bool:
        """Whether both histories are complete for a counted year: all of it, or so far when it is still running."""
        return all(self._complete(register, year, today) for register in HISTORY)

    def _complete(self, register: str, year: int, today: date) -> bool:
        first, last = np.datetime64(f"{year}-01-01"), np.datetime64(f"{year}-12-31")
        spans = self.spans.get(register, [])
        if year == today.year and self.lag_days is not None:
            last = max(np.datetime64(today, "D") - self.lag_days, first)
        return any(start <= first and end >= last for start, end in spans)

    def unbroken_since_first(self, year: int, today: date) -> bool:
        """Whether both histories run without a gap from their first loaded day through the counted year."""
        return self.year(year, today) and all(len(self.spans[register]) == 1 for register in HISTORY)


@dataclass
class Gathered:
    """The cases of a batch in order of person and turn, with the columns of the law's facts.

    `taken` says per scheme whether the same level was taken, `channel` what another channel paid, in fen.
    """

    cases: list[Case]
    columns: dict[str, Any]
    taken: dict[str, np.ndarray]
    channel: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.cases)

    def rounds(self) -> list[np.ndarray]:
        """Row numbers by turn: the first certificate of each person, then the second, …"""
        turn, previous, turns = 0, None, np.empty(len(self), dtype=np.int32)
        for i, case in enumerate(self.cases):
            turn = turn + 1 if case.person_id == previous else 0
            turns[i], previous = turn, case.person_id
        return [np.flatnonzero(turns == t) for t in range(int(turns.max(initial=-1)) + 1)]

    def facts(self, rows: np.ndarray, scheme: str) -> CertificateFacts:
        """The law's facts of these rows as they stand now."""
        own = {"same_level_taken": self.taken[scheme], "other_channel_paid_fen": self.channel[scheme]}
        return CertificateFacts.from_columns(
            {
                name: values[rows] if isinstance(values, np.ndarray) else [values[i] for i in rows]
                for name, values in (self.columns | own).items()
            }
        )

    def remember(self, i: int, year: int) -> None:
        """A yes just given counts for the person's later certificates of the same batch, whatever the scheme."""
        given, later = self.cases[i], i + 1
        while later < len(self) and self.cases[later].person_id == given.person_id:
            case = self.cases[later]
            years = (case.issued_on.year, case.received_on.year, self.columns["decided_on"][later].astype(object).year)
            for name, counted in zip((*COUNTED, "lifetime_count"), (*years, year), strict=True):
                if counted == year and self.columns[name][later] != UNKNOWN_COUNT:
                    self.columns[name][later] += 1
            if case.subject == given.subject:
                if case.rank == given.rank:
                    for taken in self.taken.values():
                        taken[later] = TRUE
                elif case.rank is not None and given.rank is not None and given.rank > case.rank:
                    self.columns["higher_level_taken"][later] = TRUE
            later += 1


def gather(at: datetime, live: Sequence[str], law: Law) -> Gathered:
    """The facts of the staged certificates `due` on the day of `at`; `live` are the states that count.

    The class of an occupation is the guidance catalogue's row, else the region's dated class map in `law`.
    """
    run("DROP TABLE IF EXISTS cases")
    run(CASES, {"edition": EDITION})
    run("ANALYZE cases (id, person_id)")
    cases = [Case(*row) for row in rows_of(IN_TURN)]
    place = {case.id: i for i, case in enumerate(cases)}
    lag = law.find(f"{PROVINCE:06d}", "common", "history_lag_days", day_of(at))
    coverage = Coverage(rows_of(COVERAGES, {"province": PROVINCE}), lag.value)
    columns = _plain_columns(cases, day_of(at))
    columns |= _statuses(place, columns, coverage)
    columns |= _titles(cases)
    columns["occupation_class"] = _classes(cases, law)
    return _with_pasts(cases, place, columns, coverage, live, day_of(at))


def _with_pasts(
    cases: list[Case],
    place: dict[UUID, int],
    columns: dict[str, Any],
    coverage: Coverage,
    live: Sequence[str],
    today: date,
) -> Gathered:
    """Counts, levels and amounts taken before: what is not found is none only where the history is complete."""
    asked = {year for case in cases for year in (case.issued_on.year, case.received_on.year)} | {today.year}
    complete = {year: coverage.year(year, today) for year in asked}
    unbroken = {year: coverage.unbroken_since_first(year, today) for year in asked}
    years = {
        "count_issued_year": [case.issued_on.year for case in cases],
        "count_received_year": [case.received_on.year for case in cases],
        "count_decided_year": [today.year] * len(cases),
    }
    known = {name: np.array([complete[year] for year in column], dtype=bool) for name, column in years.items()}
    whole = np.array([unbroken[case.received_on.year] for case in cases], dtype=bool)
    keyed = whole & np.array([case.subject is not None for case in cases], dtype=bool)
    counts = {name: np.where(here, 0, UNKNOWN_COUNT).astype(np.int64) for name, here in known.items()}
    counts["lifetime_count"] = np.where(whole, 0, UNKNOWN_COUNT).astype(np.int64)
    untaken = np.where(keyed, FALSE, UNKNOWN)
    taken = {scheme: untaken.copy() for scheme in (*PERSON_SCHEMES, *BODY_SCHEMES)}
    channel = {scheme: counts["lifetime_count"].copy() for scheme in taken}
    higher = untaken.copy()
    at, found = _found(place, rows_of(PASTS, {"live": list(live), "year": today.year}), 9)
    for held, said in zip(counts.values(), found[:4], strict=True):
        held[at] = np.where(held[at] == UNKNOWN_COUNT, UNKNOWN_COUNT, said.astype(np.int64))
    for scheme, same, paid in zip(PERSON_SCHEMES, found[4:6], found[7:9], strict=True):
        taken[scheme][at[same.astype(bool)]] = TRUE
        channel[scheme][at] = np.where(whole[at], paid.astype(np.int64), channel[scheme][at])
    # A body is not paid for what was paid before to anybody, whatever the scheme: none of it is another channel.
    for scheme in BODY_SCHEMES:
        taken[scheme][at[found[4].astype(bool) | found[5].astype(bool)]] = TRUE
    higher[at[found[6].astype(bool)]] = TRUE
    return Gathered(cases, columns | counts | {"higher_level_taken": higher}, taken, channel)


def _found(
    place: dict[UUID, int], rows: Sequence[tuple[Any, ...]], width: int
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Where the certificates of some rows stand, and the other columns: what was found about each, None for nothing."""
    at = np.array([place[row[0]] for row in rows], dtype=np.intp)
    return at, [np.array([row[n] for row in rows], dtype=object) for n in range(1, width + 1)]


def _classes(cases: Sequence[Case], law: Law) -> list[str | None]:
    listed = dict(rows_of(CLASSES, {"province": PROVINCE}))
    mapped: dict[tuple[int, str, date], str | None] = {}
    classes = []
    for case in cases:
        key = (case.class_region_id or case.region_id, case.occupation, case.issued_on)
        if key not in mapped:
            entry = law.find(f"{key[0]:06d}", "common", "occupation_classes", key[2])
            mapped[key] = occupation_class(entry.value, key[1]) if entry.known else None
        classes.append(listed.get(case.id) or mapped[key])
    return classes


def _days(values: Sequence[date | None]) -> np.ndarray:
    return np.array(values, dtype="datetime64[D]")


def _regions(values: Sequence[int | None]) -> np.ndarray:
    return np.array([UNKNOWN_REGION if v is None else v for v in values], dtype=np.int32)


def _counts(values: Sequence[int | None]) -> np.ndarray:
    return np.array([UNKNOWN_COUNT if v is None else v for v in values], dtype=np.int64)


def _tri(values: Sequence[bool | None]) -> np.ndarray:
    return np.array([UNKNOWN if v is None else v for v in values], dtype=np.int8)


def _plain_columns(cases: Sequence[Case], today: date) -> dict[str, Any]:
    trained = [bool(case.training_first_on and case.training_last_on) for case in cases]
    return {
        "ref": [case.number for case in cases],
        "decided_on": _days([today] * len(cases)),
        "received_on": _days([case.received_on for case in cases]),
        "requested_on": _days([case.requested_on for case in cases]),
        "issued_on": _days([case.issued_on for case in cases]),
        "exam_on": _days([case.exam_on for case in cases]),
        "late_upload": np.array([case.late for case in cases], dtype=bool),
        "cert_kind": [case.kind for case in cases],
        "occupation_key": [case.subject for case in cases],
        "level": [case.level if case.level in LEVELS and case.kind in LEVELLED else None for case in cases],
        "training_recorded": np.where(trained, TRUE, UNKNOWN),
        "training_occupation_key": [case.training_subject for case in cases],
        "training_first_on": _days([case.training_first_on for case in cases]),
        "training_last_on": _days([case.training_last_on for case in cases]),
        "training_hours": _counts([case.training_hours for case in cases]),
        "training_region": _regions([case.training_region_id for case in cases]),
        "class_filed_region": _regions([case.class_region_id for case in cases]),
        "evidence_here": np.array([case.pays is not None for case in cases], dtype=bool),
        "planned_hours": _counts([case.planned_hours for case in cases]),
        "attended_hours": _counts([case.attended_hours for case in cases]),
        "course_days": _counts([case.course_days for case in cases]),
        "learner_fee_fen": _counts([case.fee_fen for case in cases]),
        "project_published": _tri([case.published for case in cases]),
        "project_fen": _counts([case.project_fen for case in cases]),
        "payee_named": np.array([case.payee_id is not None for case in cases], dtype=bool),
        "listed": _tri([case.listed for case in cases]),
        "revoked_on": _days([case.revoked_on for case in cases]),
        "born_on": _days([case.born_on for case in cases]),
        "sex": [case.sex for case in cases],
        "able_and_willing": _tri([case.able_and_willing for case in cases]),
        "major_related": _tri([case.major_related for case in cases]),
    }


def _statuses(place: dict[UUID, int], columns: dict[str, Any], coverage: Coverage) -> dict[str, Any]:
    size = len(place)
    first = np.where(np.isnat(columns["training_first_on"]), columns["issued_on"], columns["training_first_on"])
    last = np.where(np.isnat(columns["training_last_on"]), columns["issued_on"], columns["training_last_on"])
    exam = np.where(np.isnat(columns["exam_on"]), last, np.fmax(columns["exam_on"], last))
    covered = {
        name: coverage.holds(register, first, last)
        for name, register in (
            ("hukou_region", "household"),
            ("residence_region", "residence"),
            ("employment_region", "employment"),
            ("insured_region", "insurance_employee"),
            ("public_staff", "public_staff"),
            ("full_time_student", "student"),
            ("employee_pension", "pension_employee"),
        )
    }
    regions = {name: np.where(covered[name], 0, UNKNOWN_REGION).astype(np.int32) for name in list(covered)[:4]}
    statuses = {name: np.where(covered[name], FALSE, UNKNOWN) for name in list(covered)[4:]}
    months = np.where(covered["insured_region"], 0, UNKNOWN_COUNT).astype(np.int64)
    died = np.full(size, np.datetime64("NaT"), dtype="datetime64[D]")
    at, found = _found(place, rows_of(STATUSES), 9)
    numbers: list[np.ndarray] = [*regions.values(), months]
    for held, said in zip(numbers, found[:5], strict=True):
        held[at] = [was if now is None else now for was, now in zip(held[at], said, strict=True)]
    for held, said in zip(statuses.values(), found[5:8], strict=True):
        held[at[said.astype(bool)]] = TRUE
    died[at] = found[8].astype("datetime64[D]")
    # An own row of the death register answers by itself; silence answers only where the register was loaded.
    known = coverage.holds("death", first, exam) | ~np.isnat(died)
    insured, trained_at = regions["insured_region"], columns["training_region"]
    elsewhere = np.where(insured == UNKNOWN_REGION, UNKNOWN, (insured != 0) & (insured != trained_at)).astype(np.int8)
    elsewhere[(trained_at == UNKNOWN_REGION) & (insured > 0)] = UNKNOWN
    return (
        regions
        | statuses
        | {
            "insured_months": months,
            "died_on": died,
            "death_known": known,
            "insured_elsewhere": elsewhere,
        }
    )


def _titles(cases: Sequence[Case]) -> dict[str, np.ndarray]:
    """The assessor's title on the issue day; the provider's, for what it taught, on the first and last training day."""
    assessors = [(c.assessor_id, "assessor", c.subject or "", c.level, c.issued_on) for c in cases]
    trained = [
        c if c.provider_id and c.training_subject and c.training_first_on and c.training_last_on else None
        for c in cases
    ]
    firsts = [c and (c.provider_id, "provider", c.training_subject, c.level, c.training_first_on) for c in trained]
    lasts = [c and (c.provider_id, "provider", c.training_subject, c.level, c.training_last_on) for c in trained]
    answers: dict[Any, bool | None] = {None: None}
    answers |= title_answers([question for question in (*assessors, *firsts, *lasts) if question])  # type: ignore[misc]
    said = {True: TRUE, False: FALSE, None: UNKNOWN}
    both = [
        FALSE if False in (answers[first], answers[last]) else said[answers[first] and answers[last]]
        for first, last in zip(firsts, lasts, strict=True)
    ]
    return {
        "assessor_titled": np.array([said[answers[question]] for question in assessors], dtype=np.int8),
        "provider_titled": np.array(both, dtype=np.int8),
    }
