"""Gathers, in a fixed number of queries whatever the batch, the facts that the law asks about certificates.

The caller has staged the certificates in `due(id uuid)` and sees the whole province. What no register covers stays
unknown (P2); a row found is a fact even outside coverage.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import numpy as np

from jiangxin.ground.actor import PROVINCE
from jiangxin.ground.clock import day_of
from jiangxin.ground.staging import rows_of
from jiangxin.rules.facts import UNKNOWN_COUNT, UNKNOWN_REGION
from jiangxin.rules.parameters import Law
from jiangxin.rules.schemes.certificate_facts import CertificateFacts, occupation_class
from jiangxin.rules.vocabulary import KINDS, KINDS_WITH_LEVELS, LEVELS

TRUE, FALSE, UNKNOWN = np.int8(1), np.int8(0), np.int8(2)
EDITION = "2022"
HISTORY = ("earlier_certificate_subsidy", "earlier_skill_uplift")

CASES = """
SELECT c.id, c.person_id, c.number, c.kind, c.region_id,
       CASE c.kind WHEN 'special_skill' THEN 'item:' || c.item WHEN 'training_pass' THEN 'project:' || c.item
            ELSE CASE WHEN c.edition = %(edition)s THEN c.occupation END END AS subject,
       c.occupation, c.level, l.rank, c.issued_on, c.exam_on, (c.received_at AT TIME ZONE
         'Asia/Shanghai')::date AS received_on,
       s.requested_on, c.late AND NOT coalesce(s.late_accepted, false) AS late, c.training_first_on,
         c.training_last_on, c.training_hours,
       c.training_region_id, c.class_region_id, c.provider_id, c.assessor_id, c.revoked_on, p.born_on, p.sex,
       p.able_and_willing_on, y.listed
  FROM due d JOIN assessment_certificate c ON c.id = d.id JOIN parties_person p ON p.id = c.person_id
  LEFT JOIN catalogue_skill_level l ON l.code = c.level
  LEFT JOIN LATERAL (SELECT min(requested_on) AS requested_on, bool_or(late_accepted) AS late_accepted
                       FROM subsidy_subsidy_line WHERE certificate_id = c.id) s ON true
  LEFT JOIN LATERAL (
    SELECT bool_or(q.name = c.name_then AND q.level = c.level AND q.issued_on = c.issued_on AND q.subject =
      c.title) AS listed
      FROM assessment_listing q JOIN parties_register_load r ON r.id = q.load_id AND r.state = 'active'
     WHERE q.number = c.number) y ON true
 ORDER BY c.person_id, c.received_at, c.issued_on, l.rank NULLS FIRST, c.number
"""

STATUSES = """
SELECT d.id,
       (array_agg(s.region_id ORDER BY s.from_on DESC) FILTER (WHERE s.kind_id = 'hukou'))[1],
       (array_agg(s.region_id ORDER BY s.from_on DESC) FILTER (WHERE s.kind_id = 'residence'))[1],
       (array_agg(s.region_id ORDER BY s.from_on DESC) FILTER (WHERE s.kind_id IN ('employed', 'unemployed',
         'self_employed',
                                                                              'platform_worker')))[1],
       (array_agg(s.region_id ORDER BY s.from_on DESC) FILTER (WHERE s.kind_id = 'insured'))[1],
       max(s.months) FILTER (WHERE s.kind_id = 'unemployment_insured'),
       bool_or(s.kind_id = 'public_staff'), bool_or(s.kind_id = 'full_time_student'),
       bool_or(s.kind_id = 'pension_employee'), min(s.from_on) FILTER (WHERE s.kind_id = 'dead')
  FROM due d JOIN assessment_certificate c ON c.id = d.id
  JOIN parties_spell s ON s.person_id = c.person_id AND (s.kind_id = 'dead'
       OR s.from_on <= coalesce(c.training_last_on, c.issued_on)
      AND coalesce(s.until_on, 'infinity') >= coalesce(c.training_first_on, c.issued_on))
  LEFT JOIN parties_register_load r ON r.id = s.load_id
 WHERE r.state IS DISTINCT FROM 'withdrawn'
 GROUP BY d.id
"""

HISTORIES = """
SELECT person_id, subject, level_rank, count_year, amount_fen, scheme, certificate_id
  FROM (SELECT l.person_id, l.subject, l.level_rank, l.count_year, l.amount_fen, l.scheme, l.certificate_id
          FROM subsidy_subsidy_line l WHERE l.state = ANY(%(live)s)
        UNION ALL
        SELECT e.person_id, e.subject, e.level_rank, e.count_year, e.amount_fen, e.scheme, NULL
          FROM subsidy_earlier_subsidy e JOIN parties_register_load r ON r.id = e.load_id AND r.state = 'active') h
 WHERE person_id IN (SELECT c.person_id FROM due d JOIN assessment_certificate c ON c.id = d.id)
"""

COVERAGES = """
SELECT register_id, from_on, until_on FROM parties_register_load
 WHERE state = 'active' AND region_id = %(province)s ORDER BY register_id, from_on
"""

TITLES = """
SELECT d.id, t.kind, bool_or(s.subject IN ('*', c.subject) AND (s.level = '' OR s.level = c.level))
  FROM due d JOIN (SELECT *, CASE kind WHEN 'special_skill' THEN 'item:' || item WHEN 'training_pass' THEN
    'project:' || item
                                ELSE occupation END AS subject FROM assessment_certificate) c ON c.id = d.id
  JOIN recognition_title_in_force t ON (t.kind = 'assessor' AND t.organisation_id = c.assessor_id
                               AND t.from_on <= c.issued_on AND coalesce(t.until_on, 'infinity') >= c.issued_on)
                           OR (t.kind = 'provider' AND t.organisation_id = c.provider_id
                               AND t.from_on <= c.training_first_on AND coalesce(t.until_on, 'infinity') >=
                                 c.training_last_on)
  JOIN recognition_title_scope s ON s.title_id = t.id
 GROUP BY d.id, t.kind
"""

CLASSES = """
SELECT DISTINCT ON (d.id) d.id, g.occupation_class
  FROM due d JOIN assessment_certificate c ON c.id = d.id
  JOIN catalogue_guidance_class g ON g.edition = c.edition AND g.code = c.occupation
   AND g.region_id IN (c.region_id, c.region_id / 100 * 100, %(province)s)
   AND g.from_on <= c.issued_on AND coalesce(g.until_on, 'infinity') > c.issued_on
 ORDER BY d.id, g.region_id DESC
"""


@dataclass(frozen=True)
class Past:
    """One subsidy already promised or paid to a person, here or elsewhere."""

    subject: str
    rank: int | None
    year: int
    amount_fen: int
    scheme: str
    certificate_id: UUID | None


class Coverage:
    """The days each register has been loaded for the whole province, adjoining extracts joined."""

    def __init__(self, loads: Sequence[tuple[str, date, date]]) -> None:
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

    def year(self, year: int) -> bool:
        """Whether both histories are complete for a counted year."""
        first, last = np.array([f"{year}-01-01"], "M8[D]"), np.array([f"{year}-12-31"], "M8[D]")
        return all(bool(self.holds(register, first, last)[0]) for register in HISTORY)

    def unbroken_since_first(self, year: int) -> bool:
        """Whether both histories run without a gap from their first loaded day to the end of the year."""
        end = np.datetime64(f"{year}-12-31")
        return all(len(s := self.spans.get(register, [])) == 1 and s[0][1] >= end for register in HISTORY)


@dataclass
class Gathered:
    """The cases of a batch in order of person and turn, with the columns of the law's facts."""

    certificate_ids: list[UUID]
    person_ids: list[UUID]
    numbers: list[str]
    regions: np.ndarray
    subjects: list[str | None]
    ranks: list[int | None]
    received_on: list[date]
    requested_on: list[date | None]
    issued_on: list[date]
    columns: dict[str, Any]
    pasts: dict[UUID, list[Past]]
    coverage: Coverage

    def __len__(self) -> int:
        return len(self.certificate_ids)

    def rounds(self) -> list[np.ndarray]:
        """Row numbers by turn: the first certificate of each person, then the second, …"""
        turn, previous, turns = 0, None, np.empty(len(self), dtype=np.int32)
        for i, person in enumerate(self.person_ids):
            turn = turn + 1 if person == previous else 0
            turns[i], previous = turn, person
        return [np.flatnonzero(turns == t) for t in range(int(turns.max(initial=-1)) + 1)]

    def facts(self, rows: np.ndarray, scheme: str) -> CertificateFacts:
        """The law's facts of these rows as they stand now, counts and duplicates from the pasts."""
        columns = {
            name: values[rows] if isinstance(values, np.ndarray) else [values[i] for i in rows]
            for name, values in self.columns.items()
        }
        return CertificateFacts.from_columns(columns | self._history(rows, scheme))

    def _history(self, rows: np.ndarray, scheme: str) -> dict[str, Any]:
        size = len(rows)
        counts = {
            name: np.full(size, UNKNOWN_COUNT, dtype=np.int64)
            for name in (
                "count_issued_year",
                "count_received_year",
                "count_decided_year",
                "lifetime_count",
                "other_channel_paid_fen",
            )
        }
        same, higher = np.full(size, UNKNOWN), np.full(size, UNKNOWN)
        covered: dict[int, bool] = {}
        unbroken: dict[int, bool] = {}
        decided_year = self.columns["decided_on"][0].astype(object).year if len(self) else 0
        for at, i in enumerate(rows):
            pasts = [p for p in self.pasts.get(self.person_ids[i], ()) if p.certificate_id != self.certificate_ids[i]]
            years = (self.issued_on[i].year, self.received_on[i].year, decided_year)
            for name, year in zip(
                ("count_issued_year", "count_received_year", "count_decided_year"), years, strict=True
            ):
                if covered.setdefault(year, self.coverage.year(year)):
                    counts[name][at] = sum(p.year == year for p in pasts)
            complete = unbroken.setdefault(years[1], self.coverage.unbroken_since_first(years[1]))
            alike = [p for p in pasts if p.subject == self.subjects[i]]
            level = self.ranks[i]
            known = FALSE if complete and self.subjects[i] is not None else UNKNOWN
            # Paid by the other scheme elsewhere is another channel (P4); what this system promised is the same subsidy.
            own = (p for p in alike if p.scheme == scheme or p.certificate_id)
            same[at] = TRUE if any(p.rank == level for p in own) else known
            higher[at] = (
                TRUE if level is not None and any(p.rank is not None and p.rank > level for p in alike) else known
            )
            if complete:
                counts["lifetime_count"][at] = len(pasts)
                counts["other_channel_paid_fen"][at] = sum(
                    p.amount_fen for p in alike if p.rank == level and p.scheme != scheme
                )
        return counts | {"same_level_taken": same, "higher_level_taken": higher}

    def remember(self, i: int, scheme: str, year: int, amount_fen: int) -> None:
        """A yes just given counts for the person's later certificates of the same batch."""
        subject = self.subjects[i] or ""
        past = Past(subject, self.ranks[i], year, amount_fen, scheme, self.certificate_ids[i])
        self.pasts.setdefault(self.person_ids[i], []).append(past)


def gather(at: datetime, live: Sequence[str], law: Law) -> Gathered:
    """The facts of the staged certificates `due` on the day of `at`; `live` are the states that count.

    The class of an occupation is the guidance catalogue's row, else the region's dated class map in `law`.
    """
    cases = rows_of(CASES, {"edition": EDITION})  # type: ignore[arg-type]
    place = {case[0]: i for i, case in enumerate(cases)}
    pasts: dict[UUID, list[Past]] = {}
    for person, *past in rows_of(HISTORIES, {"live": list(live)}):  # type: ignore[arg-type]
        pasts.setdefault(person, []).append(Past(*past))
    coverage = Coverage(rows_of(COVERAGES, {"province": PROVINCE}))  # type: ignore[arg-type]
    columns = _plain_columns(cases, day_of(at))
    columns |= _statuses(place, columns, coverage)
    columns |= _titles(place, cases)
    columns["occupation_class"] = _classes(cases, law)
    return Gathered(
        certificate_ids=[case[0] for case in cases],
        person_ids=[case[1] for case in cases],
        numbers=[case[2] for case in cases],
        regions=np.array([case[4] for case in cases], dtype=np.int32),
        subjects=[case[5] for case in cases],
        ranks=[case[8] for case in cases],
        received_on=[case[11] for case in cases],
        requested_on=[case[12] for case in cases],
        issued_on=[case[9] for case in cases],
        columns=columns,
        pasts=pasts,
        coverage=coverage,
    )


def _classes(cases: Sequence[tuple[Any, ...]], law: Law) -> list[str | None]:
    listed = dict(rows_of(CLASSES, {"province": PROVINCE}))  # type: ignore[arg-type]
    mapped: dict[tuple[int, str, date], str | None] = {}
    classes = []
    for case in cases:
        key = (case[18] or case[4], case[6], case[9])
        if key not in mapped:
            entry = law.find(f"{key[0]:06d}", "common", "occupation_classes", key[2])
            mapped[key] = occupation_class(entry.value, key[1]) if entry.known else None
        classes.append(listed.get(case[0]) or mapped[key])
    return classes


def _days(values: Sequence[date | None]) -> np.ndarray:
    return np.array(values, dtype="datetime64[D]")


def _regions(values: Sequence[int | None]) -> np.ndarray:
    return np.array([UNKNOWN_REGION if v is None else v for v in values], dtype=np.int32)


def _plain_columns(cases: Sequence[tuple[Any, ...]], today: date) -> dict[str, Any]:
    kinds, levels = list(KINDS), list(LEVELS)
    subjects = [case[5] for case in cases]
    trained = np.array([TRUE if case[14] and case[15] else UNKNOWN for case in cases], dtype=np.int8)
    return {
        "ref": [case[2] for case in cases],
        "decided_on": _days([today] * len(cases)),
        "received_on": _days([case[11] for case in cases]),
        "requested_on": _days([case[12] for case in cases]),
        "issued_on": _days([case[9] for case in cases]),
        "exam_on": _days([case[10] for case in cases]),
        "late_upload": np.array([bool(case[13]) for case in cases], dtype=bool),
        "cert_kind": [case[3] for case in cases],
        "occupation_key": subjects,
        "level": [
            case[7] if case[7] in levels and kinds.index(case[3]) < KINDS_WITH_LEVELS else None for case in cases
        ],
        "training_recorded": trained,
        "training_occupation_key": [s if t == TRUE else None for s, t in zip(subjects, trained, strict=True)],
        "training_first_on": _days([case[14] for case in cases]),
        "training_last_on": _days([case[15] for case in cases]),
        "training_hours": np.array([UNKNOWN_COUNT if case[16] is None else case[16] for case in cases], dtype=np.int64),
        "training_region": _regions([case[17] for case in cases]),
        "class_filed_region": _regions([case[18] for case in cases]),
        "listed": np.array([UNKNOWN if case[25] is None else case[25] for case in cases], dtype=np.int8),
        "revoked_on": _days([case[21] for case in cases]),
        "born_on": _days([case[22] for case in cases]),
        "sex": [case[23] for case in cases],
        "able_and_willing": np.array([TRUE if case[24] else UNKNOWN for case in cases], dtype=np.int8),
        "major_related": np.full(len(cases), UNKNOWN),
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
    for certificate, *found in rows_of(STATUSES):
        i = place[certificate]
        for name, region in zip(regions, found[:4], strict=True):
            if region is not None:
                regions[name][i] = region
        if found[4] is not None:
            months[i] = found[4]
        for name, said in zip(statuses, found[5:8], strict=True):
            if said:
                statuses[name][i] = TRUE
        if found[8] is not None:
            died[i] = found[8]
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


def _titles(place: dict[UUID, int], cases: Sequence[tuple[Any, ...]]) -> dict[str, np.ndarray]:
    titled = {
        "assessor": np.full(len(cases), FALSE),
        "provider": np.array([UNKNOWN if case[19] is None else FALSE for case in cases], dtype=np.int8),
    }
    for certificate, kind, held in rows_of(TITLES):
        titled[kind][place[certificate]] = TRUE if held else FALSE
    return {"assessor_titled": titled["assessor"], "provider_titled": titled["provider"]}
