"""Tables in and out as Excel or CSV files: refused when they are not what they say, read cell by cell, written as text.

`read_sheet` looks at the bytes before it opens them; `Sheet.rows` hands out values and named wrongs; `write_workbook`
makes a template, or sends wrong rows back in the same template with their reasons.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from io import BytesIO, StringIO

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from jiangxin.ground.cells import LONGEST_EXACT, Column, Value, as_shown, tidy
from jiangxin.ground.refusal import Refusal
from jiangxin.ground.unpacking import (
    FileDamaged,
    FileIsNoWorkbook,
    FileUnpacksTooLarge,
    Limits,
    SheetTooLarge,
    column_letters,
    inspect_workbook,
)

LIMITS = Limits()
HEADER_SEARCH = 6
REASON = "错误原因"
EXPLANATION = "填表说明"
CHOICES = "选项"
_SIGNATURES = (
    (b"\xd0\xcf\x11\xe0", "旧版 .xls，或加了密码的工作簿"),
    (b"%PDF", "PDF 文件"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"Rar!", "压缩包"),
    (b"7z\xbc\xaf", "压缩包"),
    (b"\x1f\x8b", "压缩包"),
    (b"\xff\xfe", "Unicode 文本"),
    (b"\xfe\xff", "Unicode 文本"),
)
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
_UNSEEN = re.compile(r"[\s*＊]")


class FileNotThere(Refusal):
    sentence = "读不了文件 {path}。"
    remedy = "请核对路径。"


class FileIsEmpty(Refusal):
    sentence = "这个文件是空的。"
    remedy = "请检查文件后再传。"


class FileNameDisagrees(Refusal):
    sentence = "文件名以“{suffix}”结尾，内容却是{found}。"
    remedy = "请在 Excel 里打开，另存为 .xlsx 后再传；不要只改文件名。"


class ColumnsMissing(Refusal):
    sentence = "没有找到这些列：{titles}。"
    remedy = "请下载模板，按模板的表头填写。"


class ColumnTwice(Refusal):
    sentence = "“{title}”这一列出现了两次。"
    remedy = "请删去多余的一列。"


class NoRows(Refusal):
    sentence = "表头下面没有数据。"
    remedy = "请填好后再传。"


Cells = Sequence[object]
Source = CalamineSheet | list[list[str]]


@dataclass(frozen=True)
class Sheet:
    """The data sheet of a file whose header has been found; rows can be walked more than once.

    `places` gives for each asked column its index in the file, or None where the file has no such column.
    """

    name: str
    columns: tuple[Column, ...]
    places: tuple[int | None, ...]
    header_row: int
    source: Source = field(repr=False)

    @cached_property
    def last_row(self) -> int:
        """The number of the last row that holds anything."""
        return len(self.source) if isinstance(self.source, list) else self.source.total_height

    def lines(self) -> Iterator[tuple[int, list[object]]]:
        """(row number as Excel shows it, the cells as they stand, in the order of `columns`); blank rows left out."""
        for number, cells in enumerate(_walk(self.source), 1):
            if number > self.header_row and any(cell != "" for cell in cells):
                width = len(cells)
                yield number, ["" if at is None or at >= width else cells[at] for at in self.places]

    def rows(self) -> Iterator[tuple[int, list[Value]]]:
        """(row number, values in the order of `columns`): text, date, Decimal, int, None for blank, or a Wrong."""
        readers = [column.read for column in self.columns]
        for number, cells in self.lines():
            yield number, [read(cell) for read, cell in zip(readers, cells, strict=True)]

    def cell(self, row: int, key: str) -> str:
        """The name of a cell as Excel shows it (C15); only the row's number where the file has no such column."""
        index = next(i for i, column in enumerate(self.columns) if column.key == key)
        place = self.places[index]
        return f"{column_letters(place + 1)}{row}" if place is not None else str(row)


def read_sheet(data: bytes, name: str, columns: Sequence[Column], limits: Limits = LIMITS) -> Sheet:
    """The sheet of an .xlsx or CSV file that has these columns, found by its header among the first rows.

    Raises a Refusal for a file that is not what its name says, too large, damaged, with formulas, macros or links,
    without the required columns or without rows.
    """
    if not data:
        raise FileIsEmpty()
    suffix = "." + name.rpartition(".")[2].lower() if "." in name else ""
    if data.startswith(b"PK"):
        inspect_workbook(data, limits)
        _agree(suffix, (".xlsx",), "Excel 工作簿（.xlsx）")
        sheets = _open_workbook(data)
    else:
        sheets = iter([("CSV", _open_csv(data, limits))])
        _agree(suffix, (".csv", ".txt"), "文本（CSV）")
    del data  # the reader has its own copy, and laying a large sheet out is when memory is shortest
    return _find(sheets, tuple(columns))


def _agree(suffix: str, allowed: tuple[str, ...], found: str) -> None:
    if suffix not in allowed:
        raise FileNameDisagrees(suffix=suffix, found=found)


def _open_workbook(data: bytes) -> Iterator[tuple[str, Source]]:
    """The sheets one after the other: each is laid out in memory only when it is come to."""
    try:
        book = CalamineWorkbook.from_object(BytesIO(data))
        del data
        for name in book.sheet_names:
            yield name, book.get_sheet_by_name(name)
    except (CalamineError, OSError, ValueError):
        raise FileDamaged() from None


def _open_csv(data: bytes, limits: Limits) -> list[list[str]]:
    for start, words in _SIGNATURES:
        if data.startswith(start):
            raise FileIsNoWorkbook(found=words)
    if _MARKUP.match(data):
        raise FileIsNoWorkbook(found="网页或 XML 文件")
    if len(data) > limits.unpacked:
        raise FileUnpacksTooLarge(limit=limits.unpacked // 1_000_000)
    text = _decoded(data)
    first = text.partition("\n")[0]
    table: list[list[str]] = []
    width = 0
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=max(",\t;", key=first.count), strict=True):
            table.append(row)
            width = max(width, len(row))
            if len(table) > limits.rows + 1 or width > limits.columns or len(table) * width > limits.cells + width:
                raise SheetTooLarge(
                    sheet="CSV", cell=f"{column_letters(width)}{len(table)}", rows=f"{limits.rows:,}",
                    columns=limits.columns, cells=f"{limits.cells:,}",
                )  # fmt: skip
    except csv.Error:
        raise FileDamaged() from None
    return table


def _decoded(data: bytes) -> str:
    """UTF-8 with or without its mark, else GB18030 (it takes rare characters of names)."""
    for coding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(coding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise FileIsNoWorkbook(found="读不懂的内容")


def _walk(source: Source) -> Iterable[Cells]:
    return source if isinstance(source, list) else source.iter_rows()


def _title(text: object) -> str:
    """A header as it is compared: without star and blanks, brackets of one form."""
    return _UNSEEN.sub("", tidy(as_shown(text))).translate(str.maketrans("()", "（）"))


def _find(sheets: Iterator[tuple[str, Source]], columns: tuple[Column, ...]) -> Sheet:
    """The first sheet and row that carry every required title; else say what the nearest one lacks."""
    nearest: list[str] = [column.title for column in columns if column.required]
    for name, source in sheets:
        for number, cells in zip(range(1, HEADER_SEARCH + 1), _walk(source), strict=False):
            titles = [_title(cell) for cell in cells]
            missing = [column.title for column in columns if column.required and _title(column.title) not in titles]
            if not missing:
                return _with_rows(Sheet(name, columns, _places(columns, titles), number, source))
            nearest = min(nearest, missing, key=len)
    raise ColumnsMissing(titles="、".join(nearest))


def _places(columns: tuple[Column, ...], titles: list[str]) -> tuple[int | None, ...]:
    for column in columns:
        if titles.count(_title(column.title)) > 1:
            raise ColumnTwice(title=column.title)
    return tuple(titles.index(_title(column.title)) if _title(column.title) in titles else None for column in columns)


def _with_rows(sheet: Sheet) -> Sheet:
    if next(sheet.lines(), None) is None:
        raise NoRows()
    return sheet


# ── out ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def write_workbook(
    title: str, notes: Sequence[str], sheet: str, columns: Sequence[Column], rows: Iterable[Cells] = (),
    reasons: bool = False,
) -> bytes:  # fmt: skip
    """An .xlsx: first the explanation sheet, then the data sheet with its header, drop-downs and text columns.

    `rows` stand in the order of `columns`; with `reasons` each carries one more cell that goes under 错误原因.
    """
    book = Workbook(write_only=True)
    _explain(book.create_sheet(EXPLANATION), title, notes, columns)
    data = book.create_sheet(sheet)
    offered = [column for column in columns if column.choices]
    _lay_out(data, columns, {column.key: n for n, column in enumerate(offered, 1)})
    head = [column.header for column in columns] + [REASON] * reasons
    data.append([_styled(data, text) for text in head])
    exact = [column.kind in ("identity", "code") for column in columns]
    for row in rows:
        data.append([_plain(data, cell, n < len(exact) and exact[n]) for n, cell in enumerate(row)])
    if offered:
        choices = book.create_sheet(CHOICES)
        choices.sheet_state = "hidden"
        for n in range(max(len(column.choices) for column in offered)):
            choices.append([column.choices[n] if n < len(column.choices) else None for column in offered])
    book.active = 1
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _explain(sheet: Worksheet, title: str, notes: Sequence[str], columns: Sequence[Column]) -> None:
    for letter, width in zip("ABCD", (24, 8, 64, 28), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.append([_styled(sheet, title)])
    for note in notes:
        sheet.append([note])
    sheet.append([])
    sheet.append([_styled(sheet, text) for text in ("列", "必填", "怎么填", "例")])
    for column in columns:
        how = column.note or ("请从下拉里选" if column.choices else "")
        sheet.append([column.title, "是" if column.required else "", how, _plain(sheet, column.example)])


def _lay_out(sheet: Worksheet, columns: Sequence[Column], offered: dict[str, int]) -> None:
    """Widths, whole columns as text or date, drop-downs from the hidden sheet, header kept in sight."""
    sheet.freeze_panes = "A2"
    last = LIMITS.rows + 1
    for n, column in enumerate(columns, 1):
        letter = column_letters(n)
        look = sheet.column_dimensions[letter]
        look.width = max(12, min(2 * len(column.header) + 4, 40), 24 if column.kind in ("identity", "code") else 0)
        if column.kind in ("text", "code", "identity", "choice"):
            look.number_format = "@"
        elif column.kind == "date":
            look.number_format = "yyyy-mm-dd"
        if column.key in offered:
            place = column_letters(offered[column.key])
            rule = DataValidation(
                type="list", formula1=f"{CHOICES}!${place}$1:${place}${len(column.choices)}", allow_blank=True,
                showErrorMessage=True, errorTitle=column.title, error="请从下拉里选",
            )  # fmt: skip
            rule.add(f"{letter}2:{letter}{last}")
            sheet.data_validations.append(rule)


def _styled(sheet: Worksheet, text: str) -> Cell:
    cell = WriteOnlyCell(sheet, text)
    cell.font = Font(bold=True)
    return cell


def _plain(sheet: Worksheet, cell: object, exact: bool = False) -> object:
    """A cell as it stood, its text without invisible characters; what looks like a formula stays text.

    An `exact` cell (a number in a text column) is text in a cell of its own, so that editing it keeps every digit.
    """
    if cell is None:
        return None
    if not isinstance(cell, str):
        if not exact and (isinstance(cell, int | Decimal | date) or abs(float(str(cell))) < LONGEST_EXACT):
            return cell
        cell = as_shown(cell)
    text = cell if cell.isprintable() else "".join(c for c in cell if c.isprintable())
    if not exact and not text.startswith("="):
        return text
    out = WriteOnlyCell(sheet, text)
    out.data_type = "s"
    out.number_format = "@"
    return out
