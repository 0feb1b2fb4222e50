"""Who sat in which class: people chosen so that each planted scenario is true of them, and the results they got."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from random import Random

from jiangxin.synth.courses import GAP, Course
from jiangxin.synth.marginals import assumed
from jiangxin.synth.numbers import (
    card_number,
    item_certificate_number,
    level_certificate_number,
    qualification_number,
)
from jiangxin.synth.people import COUNTED_ON, LAST_DAY, Citizen
from jiangxin.synth.scenarios import PLAIN, SCENARIOS, planted

LEAST_AGE = {"": 18, "5": 18, "4": 20, "3": 24, "2": 30, "1": 36}
NEAREST = 12
CHILD = 13
# One in so many of those trained in the fortnight without a list turns out to have been on it.
SECONDED = 12
# Below these ages the retirement age of no group is reached; above the later ones it is reached by every group.
SURELY_BEFORE, SURELY_PAST = {"male": 59, "female": 49}, {"male": 62, "female": 59}


@dataclass(slots=True)
class Result:
    """One certificate as its assessor sends it, and the scenario it stands for."""

    citizen: Citizen
    course: Course
    number: str
    scenario: str
    theory: int
    practice: int
    review: int | None

    @property
    def trained(self) -> bool:
        """Whether the file carries its training record."""
        return self.scenario != "untrained"


def _plainly(citizen: Citizen, course: Course) -> bool:
    """Whether nothing in the law stands against this person in this class."""
    return (
        bool(citizen.card) and _free(citizen) and citizen.insured in (None, citizen.county)
        and LEAST_AGE[course.level] <= citizen.age_on(course.first_on) < SURELY_BEFORE[citizen.sex]
    )  # fmt: skip


def _free(citizen: Citizen) -> bool:
    status = citizen.public_staff or citizen.student_since or citizen.pension_since or citizen.died_on
    return citizen.document == "resident" and not status


def _of_working_age(citizen: Citizen, course: Course) -> bool:
    age = citizen.age_on(course.first_on)
    return LEAST_AGE[course.level] <= age < SURELY_BEFORE[citizen.sex] and not citizen.died_on


def _public_staff(citizen: Citizen, course: Course) -> bool:
    return citizen.public_staff and _of_working_age(citizen, course)


def _student(citizen: Citizen, course: Course) -> bool:
    since, until = citizen.student_since, citizen.student_until
    return bool(since and until and since <= course.first_on <= until and not citizen.died_on)


def _pensioner(citizen: Citizen, course: Course) -> bool:
    since = citizen.pension_since
    return bool(since and since <= course.first_on and not citizen.died_on) and citizen.age_on(course.first_on) < 72


def _too_young(citizen: Citizen, course: Course) -> bool:
    return _free(citizen) and 14 <= citizen.age_on(course.first_on) < 16


def _dead(citizen: Citizen, course: Course) -> bool:
    died_on = citizen.died_on
    other_reasons = citizen.public_staff or citizen.student_since or citizen.pension_since
    age = citizen.age_on(course.first_on)
    return bool(died_on and died_on < course.first_on) and not other_reasons and 16 <= age < SURELY_BEFORE[citizen.sex]


def _over_age(citizen: Citizen, course: Course) -> bool:
    return bool(citizen.card) and _free(citizen) and SURELY_PAST[citizen.sex] <= citizen.age_on(course.first_on) < 72


def _without_card(citizen: Citizen, course: Course) -> bool:
    return not citizen.card and _free(citizen) and _of_working_age(citizen, course)


def _insured(citizen: Citizen, course: Course) -> bool:
    return citizen.insured is not None and _plainly(citizen, course)


# Insured there while trained in the demo county: 平湖市.
NEXT_COUNTY = 330482
FITS: dict[str, Callable[[Citizen, Course], bool]] = {
    "public_staff": _public_staff,
    "student": _student,
    "pensioner": _pensioner,
    "under_16": _too_young,
    "dead": _dead,
    "over_age_unconfirmed": _over_age,
    "over_age_confirmed": _over_age,
    "over_age_unable": _over_age,
    "no_account": _without_card,
    "insured_elsewhere": _insured,
}


class Enrolment:
    """Fills the classes of one county with its people; a person of a scenario holds one certificate only."""

    def __init__(self, random: Random, people: list[Citizen], serials: "Counter[str]") -> None:
        self.random = random
        self.waiting = random.sample(people, len(people))
        self.children = [citizen for citizen in self.waiting if citizen.age_on(COUNTED_ON) < CHILD]
        self.serials = serials
        self.twice: set[str] = set()
        self.places = 0

    def fill(self, courses: list[Course]) -> list[Result]:
        """A result for every place of the classes that somebody fits."""
        plain = [course for course in courses if course.scenario == PLAIN for _ in range(course.size)]
        special = [course for course in courses if course.scenario != PLAIN for _ in range(course.size)]
        self.random.shuffle(plain)
        results = [result for course in special if (result := self._result(course, course.scenario))]
        if special:
            results += self._scenarios_of_people(plain, len(plain) + len(special))
        holders: list[Result] = []
        for course in plain:
            again = self._again(holders, course) if self.random.random() < assumed("second_certificate") else None
            if result := self._result(course, PLAIN, again):
                holders.append(result)
        return results + holders

    def _scenarios_of_people(self, plain: list[Course], certificates: int) -> Iterator[Result]:
        for scenario in SCENARIOS.values():
            if scenario.of == "person":
                for _ in range(planted(scenario, certificates)):
                    place = next((i for i, course in enumerate(plain) if _suits(scenario.code, course)), None)
                    if place is not None and (result := self._result(plain[place], scenario.code)):
                        del plain[place]
                        yield result

    def _again(self, holders: list[Result], course: Course) -> Citizen | None:
        """Somebody who holds one plain certificate of another subject, taught at another time of the year."""
        apart = timedelta(days=45)
        for holder in self.random.sample(holders, min(len(holders), 20)):
            other = holder.course
            if other.subject != course.subject and abs(other.issued_on - course.issued_on) > apart:
                if _plainly(holder.citizen, course) and holder.citizen.number not in self.twice:
                    self.twice.add(holder.citizen.number)
                    return holder.citizen
        return None

    def _result(self, course: Course, scenario: str, again: Citizen | None = None) -> Result | None:
        citizen = again or self._choose(FITS.get(scenario, _plainly), course)
        if citizen is None:
            return None
        self.places += scenario == "staff_gap"
        self._touch(citizen, course, scenario)
        score = self.random.randint
        review = score(62, 92) if course.level in ("1", "2") else None
        return Result(citizen, course, self._number(course), scenario, score(60, 97), score(60, 97), review)

    def _choose(self, fits: Callable[[Citizen, Course], bool], course: Course) -> Citizen | None:
        """Of the first in the shuffled line who fit, one who works in the trade's major group, else the first."""
        fitting = (place for place, citizen in enumerate(self.waiting) if fits(citizen, course))
        nearest = list(islice(fitting, NEAREST))
        if not nearest:
            return None
        of_the_trade = (place for place in nearest if self.waiting[place].major == course.trade.major)
        return self.waiting.pop(next(of_the_trade, nearest[0]))

    def _touch(self, citizen: Citizen, course: Course, scenario: str) -> None:
        """What a scenario changes in a person or in the people around."""
        if scenario in ("over_age_confirmed", "over_age_unable"):
            citizen.able_and_willing_on = course.first_on - timedelta(days=10)
            citizen.unable = scenario == "over_age_unable"
        elif scenario == "staff_gap" and self.places % SECONDED == 1:
            citizen.seconded = (GAP[0] + timedelta(days=1), GAP[1] - timedelta(days=2))
        elif scenario == "died_later":
            citizen.died_on = LAST_DAY
        elif scenario == "insured_elsewhere":
            citizen.insured = NEXT_COUNTY
        elif scenario == "account_changed":
            citizen.new_card = card_number(int(citizen.card[6:18]) + 10**9)
        elif scenario == "shared_phone":
            for _ in range(2):
                self.children.pop().phone = citizen.phone

    def _number(self, course: Course) -> str:
        """The next number of its kind: by assessor where the number names one, else by county."""
        giver = course.assessor.key if course.level else str(course.county)
        self.serials[giver] += 1
        serial, issued_on = self.serials[giver], course.issued_on
        if course.kind == "skill_level":
            return level_certificate_number(course.assessor.prefix, issued_on, course.level, serial)
        if course.kind == "qualification":
            city, body = course.county // 100 * 100, course.assessor.serial % 1000
            return qualification_number(city, body, issued_on, course.level, serial)
        return item_certificate_number(course.trade.code[:2], course.county, issued_on, serial)


def _suits(scenario: str, course: Course) -> bool:
    """Whether a class can hold a scenario: level rules need a level with one above it that exists."""
    if scenario in ("same_level", "other_channel"):
        return bool(course.level)
    if scenario == "higher_level":
        return course.level in ("5", "4") and "3" in course.trade.levels
    return True
