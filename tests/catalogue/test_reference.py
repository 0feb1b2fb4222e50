"""Reference data: complete, repeatable, with what is unknown left empty; and the terms it is read by."""

import argparse
import json
from datetime import date

import pytest
from django.db.models import Q

from jiangxin.catalogue.models import Occupation, OccupationAlias, SkillLevel
from jiangxin.commands import refdata
from jiangxin.ground.actor import machine
from jiangxin.ground.calendar import CalendarDay, load_calendar
from jiangxin.ground.pinyin import pinyin_of, pinyin_of_name
from jiangxin.ground.reference import add_missing
from jiangxin.ground.regions import Region, RegionList, chain, regions_within
from jiangxin.parties.models import Office
from jiangxin.parties.operations.offices import load_offices
from tests.parties.people import AT, lay_ground


@pytest.fixture(scope="module")
def loaded(clone: str) -> dict[str, int]:
    """All parts, loaded once for the module into its own database."""
    return refdata.load_refdata(machine(), AT, lambda name, rows: None)


@pytest.mark.django_db
def test_loading_again_adds_nothing(loaded: dict[str, int]) -> None:
    assert refdata.load_refdata(machine(), AT, lambda name, rows: None) == loaded
    assert loaded == {
        "regions": 102, "region_lists": 51, "offices": 102, "registers": loaded["registers"], "levels": 8,
        "occupations": 1631, "aliases": 1643, "calendar_days": 2557, "voucher_kinds": 3,
    }  # fmt: skip


@pytest.mark.django_db
def test_divisions_hang_together(loaded: dict[str, int]) -> None:
    county = Region.objects.get(id=330421)
    assert (county.name, county.kind, county.parent_id, county.pinyin) == ("嘉善县", "county", 330400, "jia shan xian")
    assert Region.objects.filter(parent=None).get().id == 330000
    assert len(regions_within(330000)) == 102
    assert set(chain(330421)) == {330421, 330400, 330000}
    readings = dict(Region.objects.values_list("name", "pinyin"))
    assert readings["莲都区"] == "lian du qu"
    assert readings["乐清市"] == "yue qing shi"
    assert readings["台州市"] == "tai zhou shi"


@pytest.mark.django_db
def test_mountain_counties_of_a_day(loaded: dict[str, int]) -> None:
    def on(day: date) -> set[str]:
        open_on = Q(Q(from_on=None) | Q(from_on__lte=day), Q(until_on=None) | Q(until_on__gte=day))
        return set(RegionList.objects.filter(open_on).values_list("region__name", flat=True))

    before, after = on(date(2024, 7, 31)), on(date(2024, 8, 1))
    assert (len(before), len(after)) == (26, 25)
    assert before - after == {"平阳县", "柯城区", "莲都区"}
    assert after - before == {"洞头区", "嵊泗县"}
    assert not RegionList.objects.filter(list_name="mountain26").exclude(from_on=None).exists()


@pytest.mark.django_db
def test_every_region_has_its_office(loaded: dict[str, int]) -> None:
    names = dict(Office.objects.values_list("region_id", "name"))
    assert names[330000] == "浙江省人力资源和社会保障厅"
    assert names[330400] == "嘉兴市人力资源和社会保障局"
    assert names[330421] == "嘉善县人力资源和社会保障局"
    assert names[330402] == "嘉兴市南湖区人力资源和社会保障局"
    assert len(set(names.values())) == 102
    assert not Office.objects.filter(kind="zone").exists()


@pytest.mark.django_db
def test_eight_levels_of_which_five_carry_a_digit(loaded: dict[str, int]) -> None:
    levels = list(SkillLevel.objects.order_by("rank").values_list("rank", "name", "public_digit"))
    assert [name for _, name, _ in levels] == [
        "学徒工", "初级工", "中级工", "高级工", "技师", "高级技师", "特级技师", "首席技师",
    ]  # fmt: skip
    assert [digit for _, _, digit in levels] == [None, "5", "4", "3", "2", "1", None, None]


@pytest.mark.django_db
def test_occupations_as_their_traps_demand(loaded: dict[str, int]) -> None:
    names = dict(Occupation.objects.values_list("code", "name"))
    assert names["4-13-04-04"] == "研学旅行指导师"
    assert "2-02-32-00" not in names
    assert not [name for name in names.values() if name[-1] in "SL/"]
    dated = Occupation.objects.exclude(from_on=None)
    assert set(dated.values_list("code", flat=True)) == {"2-02-32-01", "2-02-32-02", "4-05-02-01", "4-05-02-02"}
    assert set(Occupation.objects.values_list("edition", flat=True)) == {"2022"}
    aliases = list(OccupationAlias.objects.values_list("code", "alias"))
    assert len(aliases) == len(set(aliases))
    assert {code for code, _ in aliases} <= set(names)


@pytest.mark.django_db
def test_an_occupation_once_loaded_is_not_overwritten(loaded: dict[str, int]) -> None:
    Occupation.objects.filter(code="6-18-02-04").update(name="焊工（改）")
    refdata.load_refdata(machine(), AT, lambda name, rows: None)
    assert Occupation.objects.get(code="6-18-02-04").name == "焊工（改）"


@pytest.mark.django_db
def test_days_are_those_published(loaded: dict[str, int]) -> None:
    counts = [CalendarDay.objects.filter(day__year=year, is_working=True).count() for year in range(2022, 2027)]
    assert counts == [249, 249, 251, 248, 248]
    calendar = load_calendar()
    assert not calendar.is_working(date(2026, 2, 17))
    assert calendar.is_working(date(2026, 2, 28)), "a Saturday worked to make up"
    assert calendar.add(date(2026, 3, 2), 5).ends_on == date(2026, 3, 9)
    assert calendar.add(date(2026, 12, 30), 5).provisional


@pytest.mark.django_db
def test_offices_stand_on_divisions_and_are_not_made_twice() -> None:
    lay_ground()
    Office.objects.filter(region_id=330421).update(name="嘉善县人社局")
    assert load_offices() == 102
    assert Office.objects.get(region_id=330421).name == "嘉善县人社局"
    assert add_missing(("region_id", "kind"), [Office(region_id=330421, kind="zone", name="嘉善开发区")]) == 103


def test_the_command_says_how_many(clone: str, capsys: pytest.CaptureFixture[str], django_db_blocker: object) -> None:
    parser = argparse.ArgumentParser()
    refdata.add(parser.add_subparsers())
    args = parser.parse_args(["refdata", "load"])
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        args.json = True
        assert args.run(args) == 0
        assert json.loads(capsys.readouterr().out)["regions"] == 102
        args.json = False
        assert args.run(args) == 0
    assert "职业  1,631 条" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "reading"),
    [("单秀英", "shan xiu ying"), ("欧阳锋", "ou yang feng"), ("尉迟恭", "yu chi gong"), ("曾宝", "zeng bao")],
)
def test_surnames_are_read_as_surnames(name: str, reading: str) -> None:
    assert pinyin_of_name(name) == reading


def test_terms_are_read_as_words() -> None:
    assert pinyin_of("银行会计") == "yin hang kuai ji"
