"""The guidance catalogue as a sheet: what is sent out comes back in the same columns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from jiangxin.catalogue.models import OCCUPATION_CLASSES
from jiangxin.catalogue.operations import Filing
from jiangxin.catalogue.queries import Listed
from jiangxin.ground.cells import Column, Wrong
from jiangxin.ground.sheets import Sheet, read_sheet, write_workbook

ENDED = "不再归类"
CHOICES = {name: code for code, name in OCCUPATION_CLASSES.items()} | {ENDED: ""}
COLUMNS = (
    Column("code", "职业编码", "code", True, longest=12, note="职业分类大典 2022 年版编码", example="6-18-02-04"),
    Column("name", "职业名称", required=True, longest=80, note="和编码对得上", example="焊工"),
    Column(
        "occupation_class",
        "类别",
        "choice",
        choices=tuple(CHOICES),
        note=f"空着的行不动；“{ENDED}”从开始日期起没有类别",
    ),
    Column("from_on", "开始日期", "date", note="从这一天起按这个类别", example="2026-03-02"),
    Column("document", "文件", longest=200, note="文件名称和文号"),
)
NOTES = (
    "每个职业一行。和现在登记的一样的行不动，改了的行按开始日期生效，原来的类别到前一天为止。",
    "先整表检查，有一行错也不会写入。",
)


@dataclass(frozen=True)
class Fault:
    """One cell that cannot be taken: where, what is wrong, what to do."""

    cell: str
    problem: str
    remedy: str


def class_workbook(rows: Iterable[Listed]) -> bytes:
    """The .xlsx of these occupations with their classes."""
    cells = ([row.code, row.name, row.class_name or None, row.from_on, row.document or None] for row in rows)
    return write_workbook("职业类别", NOTES, "职业类别", COLUMNS, cells)


def read_classes(data: bytes, name: str, listed: dict[str, Listed]) -> tuple[list[Filing], list[Fault]]:
    """What a file changes against what is `listed` now (by code), or its faults. Raises a Refusal for no such sheet."""
    sheet = read_sheet(data, name, COLUMNS)
    wanted: dict[tuple[str, date, str], list[str]] = {}
    faults: list[Fault] = []
    seen: set[object] = set()
    for number, values in sheet.rows():
        row = dict(zip((column.key for column in COLUMNS), values, strict=True))
        found = [*_faults(sheet, number, row), *_told(sheet, number, row, listed, seen)]
        seen.add(row["code"])
        faults += found
        if not found and _changes(row, listed):
            key = (CHOICES[str(row["occupation_class"])], row["from_on"], str(row["document"]))
            wanted.setdefault(key, []).append(str(row["code"]))  # type: ignore[arg-type]
    return [Filing(tuple(codes), *key) for key, codes in wanted.items()], faults


def _faults(sheet: Sheet, number: int, row: Mapping[str, object]) -> list[Fault]:
    return [
        Fault(sheet.cell(number, key), value.problem, value.remedy)
        for key, value in row.items()
        if isinstance(value, Wrong)
    ]


def _told(
    sheet: Sheet, number: int, row: Mapping[str, object], listed: dict[str, Listed], seen: set[object]
) -> list[Fault]:
    code = row["code"]
    if isinstance(code, Wrong):
        return []
    if code not in listed:
        return [Fault(sheet.cell(number, "code"), f"没有编码 {code} 的职业", "请核对职业编码")]
    if code in seen:
        return [Fault(sheet.cell(number, "code"), f"{code} 出现了两次", "每个职业只留一行")]
    if row["name"] != listed[str(code)].name and not isinstance(row["name"], Wrong):
        return [Fault(sheet.cell(number, "name"), f"编码 {code} 是{listed[str(code)].name}", "请核对编码和名称")]
    if not row["occupation_class"] or isinstance(row["occupation_class"], Wrong):
        return []
    asked = {"from_on": "开始日期", "document": "文件"}
    return [Fault(sheet.cell(number, key), f"没有填{words}", "请补上") for key, words in asked.items() if not row[key]]


def _changes(row: Mapping[str, object], listed: dict[str, Listed]) -> bool:
    """Whether a whole row says anything else than what is listed."""
    now = listed[str(row["code"])]
    if not row["occupation_class"]:
        return False
    return (CHOICES[str(row["occupation_class"])], row["from_on"], row["document"]) != (
        now.occupation_class, now.from_on, now.document,
    )  # fmt: skip
