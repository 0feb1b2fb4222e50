"""Lists of people as bodies send them: how each is read, and what is wrong in it before anybody is taken in."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from jiangxin.ground.actor import everybody
from jiangxin.ground.cells import Column, Wrong
from jiangxin.ground.identity import mask_name, mask_number
from jiangxin.ground.sheets import Sheet, read_sheet, write_workbook
from jiangxin.parties.models import DOCUMENT_KINDS
from jiangxin.parties.operations.persons import PersonRow
from jiangxin.parties.queries.persons import Known, known_persons
from jiangxin.parties.register_files import CellRefused, Record, WrongCell, person_of, read_rows, wrong_cell
from jiangxin.parties.workforce import EMPLOYMENTS

PEOPLE_COLUMNS = (
    Column("name", "姓名", required=True, mask=mask_name, note="和证件上一致", example="张三"),
    Column("document_kind", "证件类型", "choice", choices=tuple(DOCUMENT_KINDS.values()), note="不填就是居民身份证"),
    Column("number", "证件号码", "code", True, longest=40, mask=mask_number, note="18 位；其他证件填证件号码"),
    Column("sex", "性别", "choice", choices=("男", "女"), note="证件不是居民身份证时要填"),
    Column("born_on", "出生日期", "date", note="证件不是居民身份证时要填"),
    Column("phone", "手机号码", "code", longest=20, mask=mask_number, note="11 位，用来通知本人；可以不填"),
)
WORKER_COLUMNS = (
    *PEOPLE_COLUMNS,
    Column("kind", "用工形式", "choice", True, choices=tuple(EMPLOYMENTS.values()), example=EMPLOYMENTS["contract"]),
    Column("from_on", "从哪天起", "date", True, note="合同或接单开始的日期", example="2026-01-05"),
)
NOTES = (
    "每人一行，表头不要改。带 * 的必填。",
    "先检查整个文件。错的行会原样退回，多一列“错误原因”；对的行可以先载入。",
    "证件号码一列已设为文本，请不要改格式。",
)
_KINDS = {word: code for code, word in EMPLOYMENTS.items()}


class Named(Protocol):
    """A row that names a person."""

    @property
    def person(self) -> PersonRow: ...


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody on the list of a class."""

    person: PersonRow


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """Somebody who works for a body: how, and since when."""

    person: PersonRow
    kind: str
    from_on: date


Rows = list[tuple[int, Any]]
# Asks the archive about rows that are in order by themselves; `known` are their persons, None for whoever is new.
Examine = Callable[[Sheet, Rows, Sequence[Known | None]], Iterable[WrongCell]]


@dataclass(frozen=True)
class Roster:
    """A kind of list: for what it is, how its template is called, how a row is read and what the archive is asked."""

    purpose: str
    title: str
    sheet: str
    columns: tuple[Column, ...]
    build: Callable[[Record], Any]
    examine: Examine

    def template(self, rows: Iterable[Sequence[object]] = (), *, reasons: bool = False) -> bytes:
        """The .xlsx template, empty or with rows in the order of its columns (and 错误原因 as one more cell)."""
        return write_workbook(self.title, NOTES, self.sheet, self.columns, rows, reasons=reasons)


@dataclass(frozen=True)
class Checked:
    """A list read whole: its good rows with their numbers, its wrong cells, and how many rows it has."""

    sheet: Sheet
    good: Rows
    wrongs: list[WrongCell]
    total: int

    @property
    def wrong_lines(self) -> set[int]:
        """The numbers of the rows in which something is wrong."""
        return {one.row for one in self.wrongs}


def check_roster(roster: Roster, data: bytes, name: str) -> Checked:
    """Read a whole list and say of every row what is wrong with it."""
    sheet = read_sheet(data, name, roster.columns)
    built, wrongs = read_rows(sheet, roster.build)
    with everybody():
        known = known_persons([(row.person.kind, row.person.number) for _, row in built])
    wrongs += _by_person(sheet, built, known)
    wrongs += roster.examine(sheet, built, known)
    wrongs.sort(key=lambda one: (one.row, one.cell))
    bad = {one.row for one in wrongs}
    good = [(line, row) for line, row in built if line not in bad]
    return Checked(sheet, good, wrongs, sum(1 for _ in sheet.lines()))


def _by_person(sheet: Sheet, rows: Rows, known: Sequence[Known | None]) -> Iterable[WrongCell]:
    """Names that differ from the archive's, and people who stand in the list twice."""
    seen: dict[tuple[str, str], int] = {}
    for (line, row), person in zip(rows, known, strict=True):
        key = (row.person.kind, row.person.number)
        if key in seen:
            yield wrong_at(sheet, line, "number", f"和第 {seen[key]} 行是同一个人", "请删去重复的一行")
        elif person and not person.bears(row.person.name):
            yield wrong_at(sheet, line, "name", "姓名和这个证件登记的不一致", "请对照证件核对同音字")
        seen.setdefault(key, line)


def wrong_at(sheet: Sheet, line: int, key: str, problem: str, remedy: str) -> WrongCell:
    """What is wrong with one cell of a row."""
    return wrong_cell(sheet, line, key, Wrong(problem, remedy))


def wrong_rows_workbook(roster: Roster, sheet: Sheet, wrongs: Iterable[WrongCell]) -> bytes:
    """The wrong rows as they came, in their own template, each with its 错误原因 and its row in the file."""
    reasons: dict[int, list[str]] = {}
    for one in wrongs:
        reasons.setdefault(one.row, []).append(f"{one.problem}，{one.remedy}")
    rows = [
        [*cells, f"原表第 {line} 行：{'；'.join(reasons[line])}"] for line, cells in sheet.lines() if line in reasons
    ]
    return roster.template(rows, reasons=True)


def build_listed(record: Record) -> Listed:
    """Makes a row of PEOPLE_COLUMNS."""
    person = person_of(record)
    return Listed(PersonRow(person.kind, person.number, person.name, person.sex, person.born_on, record["phone"]))


def worker_builder(today: date) -> Callable[[Record], WorkerRow]:
    """Makes rows of WORKER_COLUMNS; nobody is entered for a day to come."""

    def build(record: Record) -> WorkerRow:
        if record["from_on"] > today:
            raise CellRefused("from_on", "这一天还没有到", "到了那天再报，或核对日期")
        return WorkerRow(build_listed(record).person, _KINDS[record["kind"]], record["from_on"])

    return build


def staff_list(rows: Iterable[Sequence[object]]) -> bytes:
    """A body's people to take away: name, masked number, kind of work, since when."""
    columns = (
        Column("name", "姓名"), Column("number", "证件号码"), Column("kind", "用工形式"),
        Column("from_on", "从哪天起", "date"),
    )  # fmt: skip
    return write_workbook("在册人员", ("证件号码已遮盖。",), "人员", columns, rows)
