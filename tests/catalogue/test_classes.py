"""The class of an occupation in the guidance catalogue: by document, from a day on, nearest region first."""

from dataclasses import replace
from datetime import date

import pytest

from jiangxin.catalogue.models import GuidanceClass
from jiangxin.catalogue.operations import (
    ClassNeedsDocument,
    ClassStartsTooEarly,
    OccupationNotInEdition,
    load_occupations,
    set_guidance_class,
)
from jiangxin.catalogue.queries import classes_on
from jiangxin.ground.actor import PROVINCE
from jiangxin.ground.journal import JournalEntry
from jiangxin.ground.refusal import NotYourDuty
from tests.factories.whole import whole
from tests.parties.people import AT, DATA_KEEPER

pytestmark = pytest.mark.django_db

KEEPER = replace(DATA_KEEPER, region_id=PROVINCE)
WELDER, CARER = "6-18-02-04", "4-10-01-05"
NOTICE = "浙人社发〔2024〕某号"


@pytest.fixture(autouse=True)
def _occupations(db: None) -> None:
    load_occupations()


def _file(codes: list[str], to: str, day: date, region_id: int = PROVINCE) -> None:
    set_guidance_class(KEEPER, AT, region_id, "2022", codes, to, day, NOTICE)


def test_a_class_holds_from_its_day_until_the_next_filing() -> None:
    _file([WELDER, CARER], "social", date(2024, 8, 1))
    _file([WELDER], "manufacturing", date(2025, 1, 1))
    days = {day: classes_on("2022", [WELDER, CARER], 330421, day) for day in (
        date(2024, 7, 31), date(2024, 8, 1), date(2024, 12, 31), date(2025, 1, 1))}  # fmt: skip
    assert list(days.values()) == [
        {},
        {WELDER: "social", CARER: "social"},
        {WELDER: "social", CARER: "social"},
        {WELDER: "manufacturing", CARER: "social"},
    ]
    with whole():
        assert JournalEntry.objects.filter(verb="set_guidance_class").count() == 2


def test_the_nearest_region_counts() -> None:
    _file([WELDER], "manufacturing", date(2024, 8, 1))
    _file([WELDER], "social", date(2024, 8, 1), region_id=330421)
    _file([WELDER], "agriculture_life", date(2024, 8, 1), region_id=330400)
    on = date(2025, 1, 1)
    found = [classes_on("2022", [WELDER], region, on)[WELDER] for region in (330421, 330424, 330122)]
    assert found == ["social", "agriculture_life", "manufacturing"]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"actor": replace(KEEPER, region_id=330421)}, NotYourDuty),
        ({"actor": replace(KEEPER, duties=frozenset({"maker"}))}, NotYourDuty),
        ({"document": "  "}, ClassNeedsDocument),
        ({"codes": [CARER, "9-99-99-99"]}, OccupationNotInEdition),
        ({"edition": "2015"}, OccupationNotInEdition),
        ({"from_on": date(2024, 8, 1)}, ClassStartsTooEarly),
    ],
)
def test_what_is_refused_changes_nothing(changes: dict[str, object], refusal: type[Exception]) -> None:
    _file([WELDER], "social", date(2024, 8, 1))
    with whole():
        before = list(GuidanceClass.objects.values()), JournalEntry.objects.count()
    asked = {
        "actor": KEEPER, "at": AT, "region_id": PROVINCE, "edition": "2022", "codes": [WELDER],
        "occupation_class": "manufacturing", "from_on": date(2025, 1, 1), "document": NOTICE,
    }  # fmt: skip
    with pytest.raises(refusal):
        set_guidance_class(**(asked | changes))  # type: ignore[arg-type]
    with whole():
        assert (list(GuidanceClass.objects.values()), JournalEntry.objects.count()) == before
