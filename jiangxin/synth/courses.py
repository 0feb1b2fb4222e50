"""Training classes of a year: what was taught by whom on which days, who assessed, when the result was sent."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from random import Random

from jiangxin.synth import bodies
from jiangxin.synth.bodies import Body
from jiangxin.synth.marginals import assumed
from jiangxin.synth.people import LAST_DAY
from jiangxin.synth.scenarios import PLAIN, SCENARIOS, planted
from jiangxin.synth.trades import ITEMS, OCCUPATIONS, PROJECTS, QUALIFICATIONS, WITHOUT_STANDARD, Trade

FIRST_MONTH, MONTHS = date(2025, 3, 1), 12
# The fortnight for which the public_staff extract is not loaded (issue: coverage).
GAP = (date(2025, 9, 15), date(2025, 9, 28))
CLASS_SIZE, CAMPAIGNS = 14, 5
KIND_OF_LETTER = {"skill_level": "JN", "qualification": "ZG", "special_skill": "ZX", "training_pass": "PX"}


@dataclass(frozen=True)
class Course:
    """One class from its first lesson to the day its results were sent; `taught` is its `trade` but for a scenario."""

    number: str
    county: int
    kind: str
    trade: Trade
    taught: Trade
    level: str
    assessor: Body
    provider: Body
    first_on: date
    last_on: date
    exam_on: date
    issued_on: date
    received_on: date
    size: int
    scenario: str = PLAIN

    @property
    def subject(self) -> str:
        """The key under which the law counts it (P9)."""
        return {"special_skill": "item:", "training_pass": "project:"}.get(self.kind, "") + self.trade.code


@dataclass(frozen=True)
class Days:
    """When the certificates of a class were issued and when their file was sent."""

    issued_on: date
    received_on: date


class Timetable:
    """Draws the classes of one county."""

    def __init__(self, random: Random, county: int, every_body: dict[str, Body]) -> None:
        self.random = random
        self.county = county
        self.bodies = [body for body in every_body.values() if body.county == county]
        self.by_key = every_body
        self.serial = count(1)
        self.levels: Counter[str] = Counter()
        self.campaigns = {body.key: [self._campaign() for _ in range(CAMPAIGNS)] for body in self.bodies}

    def plan(self, certificates: int) -> list[Course]:
        """Classes for so many certificates; in the demo county also those of the planted scenarios."""
        special = list(self._special(certificates)) if self.county == bodies.DEMO else []
        left = certificates - sum(course.size for course in special)
        sizes = [min(CLASS_SIZE, left - start) for start in range(0, left, CLASS_SIZE)]
        return special + [self._plain(kind, size) for kind, size in zip(self._kinds(len(sizes)), sizes, strict=True)]

    def fresh(self, assessor: str, size: int, issued_on: date, received_on: date) -> list[Course]:
        """Classes of one assessor whose results nobody has sent yet, for so many certificates."""
        body, days = self.by_key[assessor], Days(issued_on, received_on)
        return [
            self._course("skill_level", min(CLASS_SIZE, size - start), body, days=days)
            for start in range(0, size, CLASS_SIZE)
        ]

    def _kinds(self, classes: int) -> list[str]:
        """Kinds in their shares; the small counties have no items and projects of their own."""
        shares = assumed("certificate_kinds")
        if self.county != bodies.DEMO:
            return ["skill_level"] * classes
        kinds = [kind for kind, share in shares.items() for _ in range(round(share * classes))]
        self.random.shuffle(kinds)
        return (kinds + ["skill_level"] * classes)[:classes]

    def _campaign(self) -> Days:
        """A day on which an assessor issues the certificates of several classes, and when it sends them."""
        month = self.random.choices(range(MONTHS), assumed("monthly_seasonality"))[0]
        year, index = divmod(FIRST_MONTH.month - 1 + month, 12)
        issued_on = date(FIRST_MONTH.year + year, index + 1, self.random.randint(3, 22))
        return Days(issued_on, min(issued_on + timedelta(days=self.random.randint(3, 20)), LAST_DAY))

    def _assessors(self, kind: str) -> list[Body]:
        """Who may give certificates of a kind and is neither new nor at its end."""
        return [
            body for body in self.bodies
            if (held := body.holds("assessor")) and held.from_on == bodies.LONG_AGO and not held.until_on
            and _subjects(kind, body)
        ]  # fmt: skip

    def _plain(self, kind: str, size: int) -> Course:
        while True:
            assessor = self.random.choice(self._assessors(kind))
            course = self._course(kind, size, assessor, days=self.random.choice(self.campaigns[assessor.key]))
            if not overlaps_gap(course):
                return course
            self.campaigns[assessor.key] = [self._campaign() for _ in range(CAMPAIGNS)]

    def _course(
        self, kind: str, size: int, assessor: Body, *, days: Days, provider: Body | None = None,
        first_on: date | None = None, scenario: str = PLAIN,
    ) -> Course:  # fmt: skip
        random = self.random
        providers = [provider] if provider else [b for b in self.bodies if _trains_plainly(b)]
        pairs = [(b, s) for s in _subjects(kind, assessor) for b in providers if _teaches(b, s, kind, assessor)]
        unpriced = scenario == "no_standard"
        chosen, trade = random.choice([pair for pair in pairs if (pair[1].code == WITHOUT_STANDARD) == unpriced])
        taught = random.choice(_others(chosen, trade)) if scenario == "other_occupation" else trade
        length = timedelta(days=max(6, taught.hours // 5))
        exam_on = days.issued_on - timedelta(days=random.randint(6, 14))
        last_on = exam_on - timedelta(days=random.randint(1, 6))
        if first_on:
            last_on = first_on + length
            exam_on = last_on + timedelta(days=3)
        return Course(
            number=f"{KIND_OF_LETTER[kind]}{self.county}{days.issued_on:%Y}{next(self.serial):04d}", county=self.county,
            kind=kind, trade=trade, taught=taught, level=self._level(trade, size), assessor=assessor, provider=chosen,
            first_on=first_on or last_on - length, last_on=last_on, exam_on=exam_on,
            issued_on=days.issued_on, received_on=days.received_on, size=size, scenario=scenario,
        )  # fmt: skip

    def _level(self, trade: Trade, size: int) -> str:
        """The level of the trade that is furthest behind its share."""
        if not trade.levels:
            return ""
        total = self.levels.total() + size
        level = max(trade.levels, key=lambda level: assumed("levels")[level] * total - self.levels[level])
        self.levels[level] += size
        return level

    def _special(self, certificates: int) -> Iterator[Course]:
        """The classes of each scenario that is a matter of a class's days or bodies."""
        for special in SPECIALS:
            left = planted(SCENARIOS[special.scenario], certificates)
            for start in range(0, left, CLASS_SIZE):
                yield self._one_special(special, min(CLASS_SIZE, left - start))

    def _one_special(self, special: "Special", size: int) -> Course:
        received_on = special.issued_on + timedelta(days=special.sent_after)
        in_gap = GAP[0] - timedelta(days=self.random.randint(0, 4))
        return self._course(
            "skill_level", size, self.by_key[special.assessor], days=Days(special.issued_on, received_on),
            provider=self.by_key[special.provider] if special.provider else None, scenario=special.scenario,
            first_on=in_gap if special.scenario == "staff_gap" else None,
        )  # fmt: skip


@dataclass(frozen=True)
class Special:
    """The classes of one scenario: who assessed, who trained (any of long standing if empty), and their days."""

    scenario: str
    assessor: str
    provider: str
    issued_on: date
    sent_after: int = 8


SPECIALS = (
    Special("provider_untitled", "assessor-3", "provider-7", date(2025, 6, 20)),
    Special("staff_gap", "assessor-3", "", date(2025, 10, 20)),
    Special("late_over_year", "assessor-2", "", date(2025, 11, 28), sent_after=50),
    Special("late_past_window", "assessor-3", "", date(2025, 1, 21), sent_after=386),
    Special("no_standard", "assessor-3", "provider-2", date(2025, 9, 9)),
    Special("new_assessor", "assessor-6", "", date(2026, 2, 6)),
    Special("new_provider", "assessor-2", "provider-8", date(2026, 1, 28)),
    Special("late_same_year", "assessor-2", "", date(2025, 5, 22), sent_after=95),
    Special("assessor_ended", "assessor-5", "", date(2025, 12, 5)),
    Special("other_occupation", "assessor-2", "provider-4", date(2025, 7, 18)),
)


def overlaps_gap(course: Course) -> bool:
    """Whether a training day falls into the fortnight that the public_staff extract does not cover."""
    return course.first_on <= GAP[1] and course.last_on >= GAP[0]


def _subjects(kind: str, assessor: Body) -> list[Trade]:
    """What an assessor gives certificates of a kind for."""
    held = assessor.holds("assessor")
    subjects = held.subjects if held else ()
    if kind == "special_skill":
        return [trade for code, trade in ITEMS.items() if f"item:{code}" in subjects]
    if kind == "training_pass":
        return [trade for code, trade in PROJECTS.items() if f"project:{code}" in subjects]
    return [OCCUPATIONS[s] for s in subjects if s in OCCUPATIONS and (s in QUALIFICATIONS) == (kind == "qualification")]


def _others(provider: Body, trade: Trade) -> list[Trade]:
    """The occupations that a provider teaches besides this one."""
    held = provider.holds("provider")
    return [OCCUPATIONS[s] for s in (held.subjects if held else ()) if s in OCCUPATIONS and s != trade.code]


def _trains_plainly(body: Body) -> bool:
    held = body.holds("provider")
    return bool(held and held.from_on == bodies.LONG_AGO)


def _teaches(provider: Body, trade: Trade, kind: str, assessor: Body) -> bool:
    """Whether a provider trains it; a 培训合格 certificate is given by the provider itself."""
    if kind == "training_pass":
        return provider.key == assessor.key
    held = provider.holds("provider")
    subject = f"item:{trade.code}" if kind == "special_skill" else trade.code
    return bool(held and subject in held.subjects)
