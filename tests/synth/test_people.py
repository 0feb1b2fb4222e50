"""People drawn by the marginals: the same by the same seed, true to the sourced figures, assumptions named."""

import json
from collections import Counter
from collections.abc import Callable

import pytest

from jiangxin.ground.identity import check_identity
from jiangxin.synth.marginals import DATA, age_shares, assumed, found, majors
from jiangxin.synth.people import COUNTED_ON, Citizen, Population

COUNTY, MANY = 330421, 20_000
TOLERANCE = 0.012
BANDS = [("0-15", 0, 15), ("16-59", 16, 59), ("60+", 60, 99), ("65+", 65, 99)]


@pytest.fixture(scope="module")
def people() -> list[Citizen]:
    return Population(1).draw(COUNTY, 0, MANY)


def test_the_same_seed_gives_the_same_people() -> None:
    assert Population(1).draw(COUNTY, 0, 500) == Population(1).draw(COUNTY, 0, 500)
    assert Population(1).draw(COUNTY, 0, 500) != Population(2).draw(COUNTY, 0, 500)


def test_two_counties_and_parts_share_no_number() -> None:
    population = Population(5)
    drawn = [c for part in (0, 1) for county in (COUNTY, 330122) for c in population.draw(county, part, 2000)]
    for what in ("number", "phone"):
        assert len({getattr(citizen, what) for citizen in drawn}) == len(drawn)
    cards = [citizen.card for citizen in drawn if citizen.card]
    assert len(set(cards)) == len(cards)


def test_numbers_say_birth_and_sex_and_name_no_county(people: list[Citizen]) -> None:
    for citizen in people:
        if citizen.document == "resident":
            identity = check_identity(citizen.number)
            assert (identity.born_on, identity.sex) == (citizen.born_on, citizen.sex)
            assert citizen.number[4:6] == "99"


def share(people: list[Citizen], true: Callable[[Citizen], bool]) -> float:
    return sum(map(true, people)) / len(people)


def works(citizen: Citizen) -> bool:
    return citizen.work not in ("", "unemployed")


@pytest.mark.parametrize(
    ("band", "first", "last"), [("0-15", 0, 15), ("16-59", 16, 59), ("60+", 60, 99), ("65+", 65, 99)]
)
def test_ages_are_those_of_the_bulletin(people: list[Citizen], band: str, first: int, last: int) -> None:
    drawn = share(people, lambda citizen: first <= citizen.age_on(COUNTED_ON) <= last)
    assert drawn == pytest.approx(found("age_2021", band, "value"), abs=TOLERANCE)


def test_sexes_and_work_are_those_of_the_sources(people: list[Citizen]) -> None:
    employed = [citizen for citizen in people if works(citizen)]
    wanted = found("employed_total_2023", "value") / (found("population_by_city_2023", "total", "value") * 10_000)
    assert share(people, lambda c: c.sex == "male") == pytest.approx(
        found("sex_2021_population", "male", "value"), abs=TOLERANCE
    )
    assert len(employed) / len(people) == pytest.approx(wanted, abs=TOLERANCE)
    assert share(employed, lambda c: c.sex == "male") == pytest.approx(
        found("employed_sex_2020", "male", "value"), abs=TOLERANCE
    )


def test_occupation_groups_are_those_of_the_census(people: list[Citizen]) -> None:
    employed = [citizen for citizen in people if works(citizen)]
    groups = Counter(citizen.major for citizen in employed)
    for place, row in enumerate(found("employed_by_major_2020").values(), start=1):
        assert groups[str(place)] / len(employed) == pytest.approx(row["share"], abs=0.02)


@pytest.mark.parametrize("where", ["own_county", "same_city", "same_province", "other_province"])
def test_registration_is_shared_out_as_assumed(people: list[Citizen], where: str) -> None:
    def place(citizen: Citizen) -> str:
        if citizen.hukou is None:
            return "other_province"
        if citizen.hukou == COUNTY:
            return "own_county"
        return "same_city" if citizen.hukou // 100 == COUNTY // 100 else "same_province"

    assert share(people, lambda c: place(c) == where) == pytest.approx(assumed("hukou")[where], abs=TOLERANCE)


def test_names_are_of_all_kinds(people: list[Citizen]) -> None:
    names = [citizen.name for citizen in people]
    assert share(people, lambda citizen: len(citizen.name) == 2) == pytest.approx(0.18, abs=0.06)
    assert any("·" in name for name in names)
    assert any(set(name) & set("䶮㛃堃翀犇") for name in names)


def test_a_figure_without_a_source_is_refused() -> None:
    with pytest.raises(LookupError, match=r"assumptions\.json"):
        found("age_within_16_59", "value")


def test_every_assumption_says_why() -> None:
    entries = json.loads((DATA / "assumptions.json").read_text())
    assert all(entry["note"] for name, entry in entries.items() if name != "about")


def test_shares_add_up() -> None:
    assert sum(age_shares().values()) == pytest.approx(1)
    for name in ("hukou", "certificate_kinds", "levels"):
        assert sum(assumed(name).values()) == pytest.approx(1)
    assert sum(assumed("age_within_16_59").values()) == pytest.approx(found("age_2021", "16-59", "value"))
    assert sum(assumed("age_above_60").values()) == pytest.approx(found("age_2021", "60+", "value"))
    assert sum(assumed("levels")[level] for level in "321") == pytest.approx(
        found("skilled_2025_08", "high_share_of_skilled", "value")
    )
    assert sum(majors("male").values()) == pytest.approx(1)
