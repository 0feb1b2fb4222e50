"""A year's classes and certificates: dates in order, shares kept, every planted scenario true of its people."""

import csv
from collections import Counter
from datetime import timedelta
from random import Random

import pytest

from jiangxin.catalogue.operations import DATA as CATALOGUE
from jiangxin.parties.registers import SPELL_KINDS
from jiangxin.synth.bodies import DEMO, LONG_AGO, STRANGER, draw_bodies
from jiangxin.synth.courses import CLASS_SIZE, GAP, Course, Timetable, overlaps_gap
from jiangxin.synth.errors import KINDS, WRONG_ROWS, break_rows
from jiangxin.synth.history import Earlier, draw_history
from jiangxin.synth.learners import Enrolment, Result
from jiangxin.synth.marginals import assumed
from jiangxin.synth.people import LAST_DAY, Population
from jiangxin.synth.registers import spells_of
from jiangxin.synth.scenarios import PLAIN, SCENARIOS, planted
from jiangxin.synth.trades import OCCUPATIONS
from jiangxin.synth.workbooks import books_of, cells_of

CERTIFICATES = 600


def draw(seed: int) -> tuple[list[Course], list[Result], list[Earlier]]:
    people = Population(seed).draw(DEMO, 0, CERTIFICATES * 16)
    courses = Timetable(Random(seed), DEMO, draw_bodies(seed)).plan(CERTIFICATES)
    results = Enrolment(Random(seed), people, Counter()).fill(courses)
    return courses, results, list(draw_history(Random(seed), people, results))


@pytest.fixture(scope="module")
def year() -> tuple[list[Course], list[Result], list[Earlier]]:
    return draw(1)


@pytest.fixture(scope="module")
def courses(year: tuple[list[Course], list[Result], list[Earlier]]) -> list[Course]:
    return year[0]


@pytest.fixture(scope="module")
def results(year: tuple[list[Course], list[Result], list[Earlier]]) -> list[Result]:
    return year[1]


def test_the_same_seed_gives_the_same_year(year: tuple[list[Course], list[Result], list[Earlier]]) -> None:
    assert draw(1) == year
    assert draw(2) != year


def test_days_of_a_class_are_in_order(courses: list[Course]) -> None:
    for course in courses:
        assert course.first_on <= course.last_on <= course.exam_on <= course.issued_on <= course.received_on <= LAST_DAY


def test_only_the_classes_of_the_gap_touch_it(courses: list[Course]) -> None:
    assert all(overlaps_gap(course) == (course.scenario == "staff_gap") for course in courses)


def test_plain_classes_are_sent_in_time(courses: list[Course]) -> None:
    late = {c.scenario for c in courses if c.received_on > c.issued_on + timedelta(days=30)}
    assert late == {"late_same_year", "late_over_year", "late_past_window"}


def test_kinds_and_levels_keep_their_shares(results: list[Result]) -> None:
    levels = Counter(result.course.level for result in results if result.course.level)
    for level, share in assumed("levels").items():
        assert levels[level] / levels.total() == pytest.approx(share, abs=2 * CLASS_SIZE / levels.total())
    kinds = Counter(result.course.kind for result in results if result.course.scenario == PLAIN)
    for kind, share in assumed("certificate_kinds").items():
        assert kinds[kind] / kinds.total() == pytest.approx(share, abs=0.06)


def test_every_scenario_is_planted_in_its_share(results: list[Result]) -> None:
    counted = Counter(result.scenario for result in results)
    assert len(results) == CERTIFICATES
    assert {code: counted[code] for code in SCENARIOS} == {
        code: planted(scenario, CERTIFICATES) for code, scenario in SCENARIOS.items()
    }


def test_numbers_are_unique(results: list[Result]) -> None:
    assert len({result.number for result in results}) == len(results)


def test_some_people_hold_two_certificates_and_none_more(results: list[Result]) -> None:
    held = Counter(result.citizen.number for result in results)
    assert set(held.values()) == {1, 2}


def test_occupations_are_those_of_the_catalogue() -> None:
    with (CATALOGUE / "occupations_2022.csv").open(encoding="utf-8") as file:
        names = {row["code"]: row["name"] for row in csv.DictReader(file)}
    assert {code: names.get(code) for code in OCCUPATIONS} == {code: trade.name for code, trade in OCCUPATIONS.items()}


def statuses(result: Result) -> set[str]:
    """The kinds of status of the person on the training days."""
    course = result.course
    return {
        kind
        for kind, _, first, last, _ in spells_of(result.citizen)
        if first <= course.last_on and (last is None or last >= course.first_on)
    }


# For each scenario of a person: what must be true of its certificates and of no plain one.
BLOCKING = {
    "public_staff": "public_staff",
    "student": "full_time_student",
    "pensioner": "pension_employee",
    "dead": "dead",
}


@pytest.mark.parametrize(("scenario", "status"), BLOCKING.items())
def test_a_status_stands_on_the_training_days(results: list[Result], scenario: str, status: str) -> None:
    assert status in SPELL_KINDS
    assert all(status in statuses(result) for result in results if result.scenario == scenario)
    assert not any(status in statuses(result) for result in results if result.scenario not in BLOCKING)


def test_whoever_died_later_lived_through_the_exam(results: list[Result]) -> None:
    died = [result for result in results if result.scenario == "died_later"]
    assert died
    assert all(r.citizen.died_on and r.citizen.died_on > r.course.exam_on for r in died)


def test_age_scenarios_hold_on_the_first_training_day(results: list[Result]) -> None:
    for result in results:
        age = result.citizen.age_on(result.course.first_on)
        if result.scenario == "under_16":
            assert age < 16
        elif result.scenario.startswith("over_age"):
            assert age >= 59
            assert (result.citizen.able_and_willing_on is None) == (result.scenario == "over_age_unconfirmed")
            assert result.citizen.unable == (result.scenario == "over_age_unable")
        elif result.scenario == PLAIN:
            assert 18 <= age < 59


def test_history_holds_what_the_scenarios_need(year: tuple[list[Course], list[Result], list[Earlier]]) -> None:
    _, results, history = year
    taken: dict[str, list[Earlier]] = {}
    for row in history:
        taken.setdefault(row.citizen.number, []).append(row)
    for result in results:
        rows, course = taken.get(result.citizen.number, []), result.course
        alike = [row for row in rows if row.subject == course.subject]
        in_year = [row for row in rows if row.year == course.received_on.year]
        assert (len(in_year) >= 3) == (result.scenario == "three_taken")
        wanted = {"same_level": course.level, "higher_level": "3", "other_channel": course.level}.get(result.scenario)
        assert [row.level for row in alike] == ([wanted] if wanted else [])


def test_a_provider_without_title_is_planted_and_no_other(results: list[Result]) -> None:
    for result in results:
        held = result.course.provider.holds("provider")
        assert held is not None
        assert (held.from_on > result.course.first_on) == (result.scenario == "provider_untitled")
        new = held.from_on > LONG_AGO and result.scenario != "provider_untitled"
        assert new == (result.scenario == "new_provider")


def test_only_the_classes_of_another_occupation_teach_one_that_their_provider_may(results: list[Result]) -> None:
    for result in results:
        course, held = result.course, result.course.provider.holds("provider")
        assert (course.taught != course.trade) == (course.scenario == "other_occupation")
        assert held is not None
        assert {course.taught.code, f"item:{course.taught.code}", f"project:{course.taught.code}"} & set(held.subjects)
        if result.trained:
            assert cells_of(result, {DEMO: "嘉善县"})["training_code"] == course.taught.code


def test_one_in_twelve_of_the_gap_was_on_the_list(results: list[Result]) -> None:
    gap = [result.citizen for result in results if result.scenario == "staff_gap"]
    seconded = [citizen for citizen in gap if citizen.seconded]
    assert len(seconded) == -(-len(gap) // 12)
    for citizen in seconded:
        assert citizen.seconded is not None
        assert GAP[0] <= citizen.seconded[0] <= citizen.seconded[1] <= GAP[1]


def test_files_hold_every_result_once(results: list[Result]) -> None:
    books = list(books_of(results))
    assert sorted(r.number for book in books for r in book.results) == sorted(result.number for result in results)
    assert len({book.file_name for book in books}) == len(books)


def test_every_error_is_planted_and_the_other_rows_stay_right(results: list[Result]) -> None:
    rows = [cells_of(r, {DEMO: "嘉善县"}) for r in results if r.course.kind == "skill_level" and r.trained][:60]
    broken, where = break_rows(Random(1), rows, rows[-2:], STRANGER)
    wrong = {place for places in where.values() for place in places}
    assert set(where) == set(KINDS)
    assert len(wrong) == WRONG_ROWS
    assert all(broken[place] == rows[place] for place in range(len(rows)) if place not in wrong)
