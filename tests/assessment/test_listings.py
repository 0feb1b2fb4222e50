"""The second source of "queryable": loaded by somebody else than the assessor, compared as certificates are named."""

from datetime import date

import pytest

from jiangxin.assessment.models import Listing
from jiangxin.assessment.operations.listings import (
    LISTING_COLUMNS,
    ListingFromAssessor,
    listing_builder,
    load_listing,
)
from jiangxin.ground.refusal import NotYourDuty
from jiangxin.ground.sheets import read_sheet
from jiangxin.parties.operations.registers import RegisterFileLoadedAlready
from jiangxin.parties.register_files import Extract, RegisterFileWrong, read_whole
from tests.assessment.results import Desk

pytestmark = pytest.mark.django_db
HEAD = "证书编号,姓名,职业或项目,等级,发证日期\n"
GOOD = "S000033000001264000001,张测1,电工（维修电工）,四级,2026-02-02\n"
EXTRACT = Extract("listing", 330421, date(2026, 1, 1), date(2026, 3, 1), date(2026, 3, 2), "名单.csv", "a" * 64)


def rows_of(text: str):  # type: ignore[no-untyped-def]
    sheet = read_sheet((HEAD + text).encode(), "名单.csv", LISTING_COLUMNS)
    return read_whole(sheet, listing_builder(date(2026, 3, 2)))


def test_a_list_is_loaded_by_the_keeper_of_data(db: None) -> None:
    desk = Desk()
    rows = rows_of(GOOD + "ZX-1-00001,李测2,项目ZX-1,,2026-02-02\n")
    load = load_listing(desk.world.staff["register"], desk.world.at, EXTRACT, rows).load
    first, second = Listing.objects.order_by("number")
    assert (first.number, first.name, first.subject, first.level) == ("S000033000001264000001", "张测1", "电工", "4")
    assert (second.subject, second.level, second.listed_on) == ("项目ZX-1", "", date(2026, 3, 2))
    assert load.rows == 2
    with pytest.raises(RegisterFileLoadedAlready):
        load_listing(desk.world.staff["register"], desk.world.at, EXTRACT, rows)
    assert Listing.objects.count() == 2


def test_an_assessors_account_cannot_vouch_for_its_own_certificates(db: None) -> None:
    desk = Desk()
    with pytest.raises(ListingFromAssessor):
        load_listing(desk.clerk, desk.world.at, EXTRACT, rows_of(GOOD))
    with pytest.raises(NotYourDuty):
        load_listing(desk.world.staff["maker"], desk.world.at, EXTRACT, rows_of(GOOD))
    assert Listing.objects.count() == 0


@pytest.mark.parametrize(
    ("row", "cell"), [(GOOD.replace("四级", "四级半"), "D2"), (GOOD.replace("2026-02-02", "2026-03-03"), "E2")]
)
def test_a_wrong_row_stops_the_list(row: str, cell: str) -> None:
    with pytest.raises(RegisterFileWrong) as caught:
        rows_of(row)
    assert [wrong.cell for wrong in caught.value.wrongs] == [cell]
