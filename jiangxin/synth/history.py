"""Subsidies of 2022 to 2025 that were paid before or elsewhere (P3): those of the scenarios, and the ordinary ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from jiangxin.synth.learners import Result
from jiangxin.synth.marginals import assumed
from jiangxin.synth.people import Citizen
from jiangxin.synth.trades import OCCUPATIONS

FIRST_YEAR, LAST_YEAR = 2022, 2024
YUAN_OF_LEVEL = {"5": 600, "4": 900, "3": 1200, "2": 1600, "1": 2000}
PAYEES = {"person": 0.8, "employer": 0.12, "provider": 0.08}


@dataclass(frozen=True, slots=True)
class Earlier:
    """One paid subsidy of a person; `card` is the account it went to, where the record names one."""

    citizen: Citizen
    scheme: str
    subject: str
    level: str
    year: int
    amount_fen: int
    paid_on: date
    payee: str
    card: str = ""


def draw_history(random: Random, people: Sequence[Citizen], results: Sequence[Result]) -> Iterator[Earlier]:
    """What the scenarios need, then one in twelve people of working age with an unrelated one."""
    subjects: dict[str, set[str]] = {}
    for result in results:
        subjects.setdefault(result.citizen.number, set()).add(result.course.subject)
    strangers = [citizen for citizen in people if not citizen.card and citizen.number not in subjects]
    for result in results:
        yield from _of_scenario(random, result, strangers)
    for citizen in people:
        if 22 <= citizen.age_on(date(LAST_YEAR, 1, 1)) < 59 and random.random() < assumed("earlier_subsidy"):
            code = random.choice([code for code in OCCUPATIONS if code not in subjects.get(citizen.number, ())])
            level = random.choice(OCCUPATIONS[code].levels)
            yield _earlier(random, citizen, code, level, random.randint(FIRST_YEAR, LAST_YEAR))


def _of_scenario(random: Random, result: Result, strangers: list[Citizen]) -> Iterator[Earlier]:
    citizen, course = result.citizen, result.course
    if result.scenario == "same_level":
        yield _earlier(random, citizen, course.subject, course.level, LAST_YEAR, payee="employer")
    elif result.scenario == "higher_level":
        yield _earlier(random, citizen, course.subject, "3", LAST_YEAR)
    elif result.scenario == "other_channel":
        yield _earlier(random, citizen, course.subject, course.level, LAST_YEAR, scheme="skill_uplift")
    elif result.scenario == "three_taken":
        others = [code for code in OCCUPATIONS if code != course.subject]
        for code in random.sample(others, 3):
            yield _earlier(random, citizen, code, OCCUPATIONS[code].levels[0], course.received_on.year)
    elif result.scenario == "shared_account" and strangers:
        yield _earlier(random, random.choice(strangers), "4-10-01-06", "5", LAST_YEAR, card=citizen.card)


def _earlier(
    random: Random, citizen: Citizen, subject: str, level: str, year: int, *, scheme: str = "certificate_subsidy",
    payee: str = "", card: str = "",
) -> Earlier:  # fmt: skip
    days = 50 if year == 2026 else 300
    paid_on = date(year, 1, 5) + timedelta(days=random.randint(0, days))
    payee = payee or ("person" if card else random.choices(list(PAYEES), list(PAYEES.values()))[0])
    return Earlier(citizen, scheme, subject, level, year, YUAN_OF_LEVEL[level] * 100, paid_on, payee, card)
