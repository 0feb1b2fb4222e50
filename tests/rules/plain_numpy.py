"""The certificate subsidy of the demo county in 2025 and 2026, straight down in numpy with its numbers built in.

The engine's twin: it must agree with it on every row, and is what the engine's speed is measured against. It has no
dates of law, no regions, no reasons; what it saves by that is the price of the engine.
"""

from typing import Any

import numpy as np

from jiangxin.rules.facts import UNKNOWN_COUNT
from jiangxin.rules.schemes.certificate_facts import CertificateFacts

COUNTY = 330421
# [class manufacturing, social, agriculture_life, unknown][level 5, 4, 3, 2, 1, unknown]
LEVELS = np.array(
    [
        [100000, 150000, 200000, 250000, 300000, -1],
        [60000, 90000, 120000, 160000, 200000, -1],
        [40000, 60000, 80000, 110000, 140000, -1],
        [-1, -1, -1, -1, -1, -1],
    ]
)
SCARCE = ("4-10-01-05", "6-31-01-03")
EXTRA = np.array([20, 20, 30, 30, 30, 0])


def months_later(days: np.ndarray, months: int) -> np.ndarray:
    month = days.astype("datetime64[M]")
    day = days - month.astype("datetime64[D]")
    last = (month + months + 1).astype("datetime64[D]") - 1
    return np.minimum((month + months).astype("datetime64[D]") + day, last)


def amount(f: CertificateFacts) -> np.ndarray:
    fen = LEVELS[f.occupation_class, f.level]
    fen = np.where(f.cert_kind == 2, 50000, np.where(f.cert_kind == 3, 30000, fen))
    for kind, item, special in (
        (2, "item:ZX330421001", 60000),
        (3, "project:PX330421001", 50000),
        (3, "project:PX330421002", 40000),
    ):
        if item in f.occupations:
            fen = np.where((f.cert_kind == kind) & (f.occupation_key == f.occupations.index(item)), special, fen)
    scarce = np.isin(f.occupation_key, [f.occupations.index(name) for name in SCARCE if name in f.occupations])
    raised = np.where(scarce & (fen > 0), fen * (100 + EXTRA[f.level]) // 100, fen)
    return np.where(f.occupation_key < 0, -1, raised)


def past_retirement(f: CertificateFacts, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Certainly past, certainly below."""
    born_month, month = f.born_on.astype("datetime64[M]"), first.astype("datetime64[M]")
    born_day = f.born_on - born_month.astype("datetime64[D]")
    day = first - month.astype("datetime64[D]")
    last = (month + 1).astype("datetime64[D]") - 1 - month.astype("datetime64[D]")
    age = (month - born_month).astype(int) - (day < np.minimum(born_day, last))
    born = born_month.astype(int)

    def reached(base: int, since: str, every: int, limit: int) -> np.ndarray:
        delay = np.maximum((born - np.datetime64(since, "M").astype(int)) // every + 1, 0)
        return age >= np.minimum(base + delay, limit)

    man = reached(720, "1965-01", 4, 756)
    early, late = reached(600, "1975-01", 2, 660), reached(660, "1970-01", 4, 696)
    female = f.sex == 1
    return np.where(female, late, man), np.where(female, ~early, ~man)


def decide(f: CertificateFacts) -> tuple[np.ndarray, np.ndarray]:
    """(outcome 0 no, 1 yes, 2 unknown; fen, -1 unknown) of each row, all of them filed and trained in the county."""
    nat = np.isnat
    first = np.where(nat(f.training_first_on), f.issued_on, f.training_first_on)
    claim = np.fmin(f.received_on, f.requested_on)
    last_day = months_later(f.issued_on, 12)
    timely = f.issued_on + 30
    fen = amount(f)
    past, below = past_retirement(f, first)
    missed = claim > last_day
    same_year = timely.astype("datetime64[Y]") == f.received_on.astype("datetime64[Y]")
    exam_known = ~nat(f.training_last_on) & ~nat(f.exam_on)
    span_known = ~nat(f.training_first_on) & ~nat(f.training_last_on)
    trained = exam_known & (f.training_recorded == 1)
    keys_known = (f.training_occupation_key >= 0) & (f.occupation_key >= 0)
    lived = np.fmax(f.training_last_on, f.exam_on)
    lived = np.where(nat(lived), f.issued_on, lived)
    dead = ~nat(f.died_on)
    levels = f.cert_kind < 2
    paid = f.other_channel_paid_fen
    no = (
        (trained & (f.training_last_on > f.exam_on))
        | (keys_known & (f.training_occupation_key != f.occupation_key))
        | (f.provider_titled == 0)
        | ~nat(f.revoked_on)
        | (f.assessor_titled == 0)
        | (fen == 0)
        | (missed & ~f.late_upload)
        | (span_known & (f.training_first_on > f.training_last_on))
        | (f.public_staff == 1)
        | (f.full_time_student == 1)
        | (f.employee_pension == 1)
        | (past & (f.able_and_willing == 0))
        | (first < months_later(f.born_on, 16 * 12))
        | (dead & (f.died_on < lived))
        | (f.count_received_year >= 3)
        | (f.same_level_taken == 1)
        | (levels & (f.higher_level_taken == 1))
        | (paid > 0)
        | (f.evidence_here & (f.attended_hours == 63))
    )
    unknown = (
        ~trained
        | ~keys_known
        | (f.provider_titled == 2)
        | (f.listed != 1)
        | (f.assessor_titled == 2)
        | (fen < 0)
        | (f.late_upload & (missed | ~same_year))
        | ~span_known
        | (f.public_staff == 2)
        | (f.full_time_student == 2)
        | (f.employee_pension == 2)
        | (~below & (f.able_and_willing != 1) & ~(past & (f.able_and_willing == 0)))
        | (~dead & ~f.death_known)
        | (f.count_received_year == UNKNOWN_COUNT)
        | (f.same_level_taken == 2)
        | (levels & (f.higher_level_taken == 2))
        | (paid == UNKNOWN_COUNT)
        | (f.evidence_here & (f.attended_hours == UNKNOWN_COUNT))
    )
    unknown |= (f.full_time_student != 0) & (f.major_related != 1)
    return np.where(no, 0, np.where(unknown, 2, 1)), fen


class Draw:
    """Seeded columns."""

    def __init__(self, rows: int, seed: int) -> None:
        self.rows = rows
        self.random = np.random.default_rng(seed)

    def tri(self, yes: float, unknown: float = 0.01) -> np.ndarray:
        return self.random.choice(3, self.rows, p=[1 - yes - unknown, yes, unknown]).astype(np.int8)

    def chance(self, share: float) -> np.ndarray:
        return self.random.random(self.rows) < share

    def seldom(self, days: np.ndarray, share: float) -> np.ndarray:
        return np.where(self.chance(share), days, np.datetime64("NaT", "D"))

    def whole(self, low: int, high: int) -> np.ndarray:
        return self.random.integers(low, high, self.rows)

    def counts(self, highest: int) -> np.ndarray:
        return np.where(self.chance(0.01), UNKNOWN_COUNT, self.whole(0, highest))


def _certificates(draw: Draw) -> dict[str, Any]:
    kind = draw.random.choice(4, draw.rows, p=[0.1, 0.7, 0.1, 0.1]).astype(np.int8)
    keys = ["6-18-01-01", "6-18-02-04", "4-10-01-05", "6-31-01-03"]
    items = ["item:ZX330421001", "project:PX330421001", "project:PX330421002", "project:other"]
    drawn = zip(kind, draw.random.choice(4, draw.rows, p=[0.6, 0.2, 0.1, 0.1]), strict=True)
    key = [keys[place] if code < 2 else items[place] for code, place in drawn]
    return {
        "cert_kind": kind,
        "occupation_key": key,
        "training_occupation_key": [own if same else keys[0] for own, same in zip(key, draw.chance(0.98), strict=True)],
        "level": np.where(kind < 2, draw.whole(0, 5), -1).astype(np.int8),
        "occupation_class": draw.whole(-1, 3).astype(np.int8),
        "listed": draw.tri(0.98),
        "assessor_titled": draw.tri(0.98),
        "provider_titled": draw.tri(0.98),
        "training_recorded": draw.tri(0.97),
    }


def _days(draw: Draw) -> dict[str, Any]:
    issued = np.datetime64("2025-03-01") + draw.whole(0, 360)
    received = issued + draw.whole(0, 400)
    exam = issued - draw.whole(3, 20)
    last = exam - draw.whole(-1, 20)
    return {
        "decided_on": received + 5,
        "received_on": received,
        "requested_on": draw.seldom(issued + 40, 0.3),
        "issued_on": issued,
        "exam_on": np.where(draw.chance(0.01), np.datetime64("NaT", "D"), exam),
        "late_upload": draw.chance(0.05),
        "training_first_on": last - draw.whole(-1, 30),
        "training_last_on": last,
        "revoked_on": draw.seldom(issued + 30, 0.01),
        "died_on": draw.seldom(issued - 5, 0.01),
        "death_known": draw.chance(0.99),
        "born_on": np.datetime64("1955-01-01") + draw.whole(0, 365 * 56),
    }


def _person(draw: Draw) -> dict[str, Any]:
    seldom = ("public_staff", "full_time_student", "insured_elsewhere", "employee_pension")
    taken = ("same_level_taken", "higher_level_taken")
    years = ("count_issued_year", "count_received_year", "count_decided_year", "lifetime_count")
    return {
        **{name: draw.tri(0.02) for name in (*seldom, *taken)},
        **{name: draw.counts(4) for name in years},
        "major_related": draw.tri(0.5),
        "sex": draw.whole(0, 2).astype(np.int8),
        "able_and_willing": draw.tri(0.4, 0.4),
        "insured_months": draw.counts(60),
        "other_channel_paid_fen": np.where(draw.chance(0.02), 50000, 0),
    }


def _class(draw: Draw) -> dict[str, Any]:
    """Attendance kept here for some, four fifths of 80 hours or just less; nothing of what only bodies are paid by."""
    return {
        "evidence_here": draw.chance(0.3),
        "planned_hours": np.full(draw.rows, 80),
        "attended_hours": np.where(draw.chance(0.01), UNKNOWN_COUNT, np.where(draw.chance(0.97), 64, 63)),
        "course_days": np.full(draw.rows, UNKNOWN_COUNT),
        "learner_fee_fen": np.full(draw.rows, UNKNOWN_COUNT),
        "project_fen": np.full(draw.rows, UNKNOWN_COUNT),
        "project_published": np.full(draw.rows, 2, dtype=np.int8),
        "payee_named": np.full(draw.rows, False),
    }


def population(rows: int, seed: int = 1) -> CertificateFacts:
    """Made-up facts of certificates of the county in 2025 and 2026, with every answer in them."""
    draw = Draw(rows, seed)
    county = np.full(rows, COUNTY, dtype=np.int32)
    regions = [name for name, column in CertificateFacts.columns().items() if column.kind == "region"]
    return CertificateFacts.from_columns(
        {
            "ref": ["made-up"] * rows,
            "training_hours": np.full(rows, 80),
            **_class(draw),
            **{name: county for name in regions},
            **_certificates(draw),
            **_days(draw),
            **_person(draw),
        }
    )
