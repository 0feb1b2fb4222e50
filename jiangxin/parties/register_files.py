"""What a register's file looks like, and reading one whole: every wrong cell is named, and one is enough to stop it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from jiangxin.ground.cells import Column, Wrong
from jiangxin.ground.identity import mask_number
from jiangxin.ground.refusal import Refusal
from jiangxin.ground.sheets import Sheet
from jiangxin.parties.models import DOCUMENT_KINDS
from jiangxin.parties.operations.persons import PersonRow, check_person
from jiangxin.parties.registers import SPELL_KINDS

Record = dict[str, Any]
Row = TypeVar("Row")

PERSON_COLUMNS = (
    Column("name", "姓名", required=True, example="张三"),
    Column("document_kind", "证件类型", "choice", choices=tuple(DOCUMENT_KINDS.values()), note="不填就是居民身份证"),
    Column("number", "证件号码", "code", required=True, longest=40, mask=mask_number, example="330499198506070012"),
    Column("sex", "性别", "choice", choices=("男", "女"), note="证件不是居民身份证时要填"),
    Column("born_on", "出生日期", "date", note="证件不是居民身份证时要填"),
)
REGION = Column("region", "区划代码", "integer", note="6 位，如 330421", example="330421")
ACCOUNT_COLUMNS = (
    *PERSON_COLUMNS,
    Column("bank", "开户银行", required=True, example="中国工商银行"),
    Column("account", "银行账号", "code", required=True, longest=32, mask=mask_number),
)
_KINDS = {name: code for code, name in DOCUMENT_KINDS.items()}
_SEXES = {"男": "male", "女": "female", None: None}


@dataclass(frozen=True, slots=True)
class WrongCell:
    """One cell that cannot be taken: where it is, what is wrong, what to do, and what stood there, masked."""

    row: int
    cell: str
    column: str
    given: str
    problem: str
    remedy: str


class RegisterFileWrong(Refusal):
    """Raised with all wrong cells, before anything is written."""

    sentence = "文件里有 {count} 处错误，一行也没有入库。"
    remedy = "请照下面的提示改好，再传整个文件。"

    def __init__(self, wrongs: list[WrongCell]) -> None:
        super().__init__(count=len(wrongs))
        self.wrongs = wrongs


@dataclass(frozen=True, slots=True)
class Extract:
    """What a register file says it is: its register, and the region and days it answers for (P2)."""

    register: str
    region_id: int
    from_on: date
    until_on: date
    extracted_on: date
    file_name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SpellRow:
    """A status of a person between two days as a register states it."""

    person: PersonRow
    kind: str
    region_id: int | None
    from_on: date
    until_on: date | None
    months: int | None


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account of a person as the card register states it; the holder is the person."""

    person: PersonRow
    bank: str
    number: str


def digest(data: bytes) -> str:
    """The hash by which the same file is known again."""
    return hashlib.sha256(data).hexdigest()


def kinds_of(register: str) -> dict[str, str]:
    """The statuses a register brings: Chinese word → code."""
    return {name: code for code, (name, by, _) in SPELL_KINDS.items() if by == register}


def spell_columns(register: str) -> tuple[Column, ...]:
    """The columns of a status register's file; the status is asked only where the register knows several."""
    words = tuple(kinds_of(register))
    return (
        *PERSON_COLUMNS,
        *([Column("kind", "状态", "choice", required=True, choices=words)] if len(words) > 1 else ()),
        REGION,
        Column("from_on", "开始日期", "date", required=True, example="2024-01-01"),
        Column("until_on", "结束日期", "date", note="至今有效的不填"),
        *([Column("months", "累计月数", "integer")] if register == "insurance_employee" else ()),
    )


def read_whole(sheet: Sheet, build: Callable[[Record], Row]) -> list[tuple[int, Row]]:
    """(row number, what `build` makes of the row) for every row; raises RegisterFileWrong with all wrong cells."""
    built, wrongs = read_rows(sheet, build)
    if wrongs:
        raise RegisterFileWrong(wrongs)
    return built


def read_rows(sheet: Sheet, build: Callable[[Record], Row]) -> tuple[list[tuple[int, Row]], list[WrongCell]]:
    """The good rows as (row number, what `build` makes of the row), and the wrong cells of all others.

    `build` raises CellRefused for a row that it cannot make anything of.
    """
    built: list[tuple[int, Row]] = []
    wrongs: list[WrongCell] = []
    keys = [column.key for column in sheet.columns]
    for number, values in sheet.rows():
        if cells := [(key, value) for key, value in zip(keys, values, strict=True) if isinstance(value, Wrong)]:
            wrongs += [wrong_cell(sheet, number, key, wrong) for key, wrong in cells]
            continue
        try:
            built.append((number, build(dict(zip(keys, values, strict=True)))))
        except CellRefused as refused:
            wrongs.append(wrong_cell(sheet, number, refused.key, refused.wrong))
    return built, wrongs


class CellRefused(Exception):
    """Raised by a builder: what is wrong with the cell of the column `key`."""

    def __init__(self, key: str, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.key, self.wrong = key, Wrong(problem, remedy)


def wrong_cell(sheet: Sheet, row: int, key: str, wrong: Wrong) -> WrongCell:
    """A wrong value with the place where people find it."""
    title = next(column.title for column in sheet.columns if column.key == key)
    return WrongCell(row, sheet.cell(row, key), title, wrong.given, wrong.problem, wrong.remedy)


def person_of(record: Record) -> PersonRow:
    """The checked person of a row of PERSON_COLUMNS."""
    row = PersonRow(
        _KINDS[record["document_kind"] or DOCUMENT_KINDS["resident"]], record["number"], record["name"],
        _SEXES[record["sex"]], record["born_on"],
    )  # fmt: skip
    try:
        return check_person(row)
    except Refusal as refusal:
        raise CellRefused("number", refusal.sentence.rstrip("。"), refusal.remedy.rstrip("。")) from None


def region_of(record: Record, known: frozenset[int], key: str = "region") -> int | None:
    """The region of a row, or None where the cell is blank; outside the province's divisions it is refused."""
    region: int | None = record[key]
    if region is not None and region not in known:
        raise CellRefused(key, "没有这个区划代码", "请填浙江省内的 6 位代码")
    return region


def spell_builder(register: str, regions: frozenset[int]) -> Callable[[Record], SpellRow]:
    """Makes rows of a status register out of `spell_columns(register)`."""
    kinds = kinds_of(register)
    only = next(iter(kinds.values()))

    def build(record: Record) -> SpellRow:
        from_on, until_on = record["from_on"], record["until_on"]
        if until_on is not None and until_on < from_on:
            raise CellRefused("until_on", "结束日期早于开始日期", "请核对两个日期")
        return SpellRow(
            person_of(record), kinds[record["kind"]] if len(kinds) > 1 else only, region_of(record, regions),
            from_on, until_on, record.get("months"),
        )  # fmt: skip

    return build


def build_account(record: Record) -> AccountRow:
    """Makes a row of the card register out of ACCOUNT_COLUMNS."""
    return AccountRow(person_of(record), record["bank"], record["account"])
