"""Loading what the whole house stands on: divisions, dated lists of them, the published calendar. Safe to repeat."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

import chinese_calendar
from django.db import models

from jiangxin.ground.calendar import CalendarDay
from jiangxin.ground.pinyin import pinyin_of
from jiangxin.ground.regions import Region, RegionList

DATA = Path(__file__).parent / "data"
CALENDAR_YEARS = (2020, 2026)
# The 26 mountain counties gave way to the 25 mountain and island counties in August 2024 (data/README.md).
LAST_DAY_OF_26 = date(2024, 7, 31)
LIST_SOURCES = {
    "mountain26": "自行整理，数目与浙人社发〔2022〕32号所称山区26县一致，未见正式名单",
    "mountain_island25": "中国新闻网 m.olppe.com/caijing/20250107/07147860.html",
}


def rows_of_file(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a reference file by column name."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def add_missing(key: tuple[str, ...], wanted: Sequence[models.Model]) -> int:
    """Insert the rows of one model whose key is not there yet; returns how many rows the table then has."""
    table = type(wanted[0])._default_manager
    there = set(table.values_list(*key))
    table.bulk_create(row for row in wanted if tuple(getattr(row, name) for name in key) not in there)
    return table.count()


def load_regions() -> int:
    """The province, its cities and counties (GB/T 2260), parents first; a changed name or point is taken over."""
    regions = [
        Region(
            id=int(row["adcode"]),
            name=row["name"],
            kind=row["level"],
            parent_id=int(row["parent_adcode"]) if row["parent_adcode"] else None,
            longitude=float(row["lon"]) if row["lon"] else None,
            latitude=float(row["lat"]) if row["lat"] else None,
            pinyin=pinyin_of(row["name"]),
        )
        for row in rows_of_file(DATA / "zj_divisions.csv")
    ]
    Region.objects.bulk_create(
        regions, update_conflicts=True, unique_fields=["id"],
        update_fields=["name", "kind", "parent", "longitude", "latitude", "pinyin"],
    )  # fmt: skip
    return len(regions)


def load_region_lists() -> int:
    """Mountain counties by list and days; an unknown first day stays empty, an end by month is the day before it."""
    members = []
    for row in rows_of_file(DATA / "zj_mountain_membership.csv"):
        ends = LAST_DAY_OF_26 if row["list"] == "mountain26" else None
        members.append(
            RegionList(
                region_id=int(row["adcode"]),
                list_name=row["list"],
                from_on=date.fromisoformat(f"{row['from_month']}-01") if row["from_month"] else None,
                until_on=date.fromisoformat(f"{row['to_month']}-01") - timedelta(days=1) if row["to_month"] else ends,
                source=LIST_SOURCES[row["list"]],
            )
        )
    return add_missing(("region_id", "list_name", "from_on"), members)


def load_calendar_days() -> int:
    """Every day of the published years, working or not (P32); a year published since is added."""
    source = f"国务院办公厅节假日安排，据 chinesecalendar {version('chinesecalendar')}"
    first, last = date(CALENDAR_YEARS[0], 1, 1), date(CALENDAR_YEARS[1], 12, 31)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    CalendarDay.objects.bulk_create(
        [CalendarDay(day=day, is_working=chinese_calendar.is_workday(day), source=source) for day in days],
        ignore_conflicts=True, batch_size=1000,
    )  # fmt: skip
    return CalendarDay.objects.count()
