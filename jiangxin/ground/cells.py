"""One column of a sheet and what may stand in its cells: text as people type it becomes a value or a named wrong."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from jiangxin.ground.free_text import hide_numbers, holds_number
from jiangxin.ground.identity import IdentityNumberWrong, check_identity, mask_number, normalise_number

LONGEST_EXACT = 10**15
GIVEN_LENGTH = 60
_NO_TEXT = (bool, date)
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[Ee]\+?\d+")
_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))")
_HALF_WIDTH = {0x3000: " "} | {
    code: chr(code - 0xFEE0) for first, last in ("０９", "ＡＺ", "ａｚ") for code in range(ord(first), ord(last) + 1)
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """A cell that cannot be taken: what is wrong, what to do, and what stood there (masked where the column says)."""

    problem: str
    remedy: str
    given: str = ""


Value = str | date | Decimal | int | None | Wrong


@dataclass(frozen=True)
class Column:
    """A column: `key` for programs, `title` as officials write it, what its cells hold and how it is shown.

    kind: text | code (letters and digits, upper case) | identity (GB 11643) | date | number | integer | choice
    (`choices`: the words offered; empty means free). `mask` hides what stands there wherever an error is shown.
    """

    key: str
    title: str
    kind: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    longest: int = 60
    note: str = ""
    example: str = ""
    mask: Callable[[str], str] | None = None

    @property
    def header(self) -> str:
        return self.title + "*" * self.required

    def masked(self, text: str) -> str:
        """The text as it may be shown to people and kept in a table of errors."""
        hide = self.mask or (mask_number if self.kind == "identity" else None)
        if not text:
            return text
        return (hide(text) if hide else hide_numbers(text))[:GIVEN_LENGTH]

    def wrong(self, problem: str, remedy: str, cell: object = "") -> Wrong:
        return Wrong(problem, remedy, self.masked(as_shown(cell)))

    def read(self, cell: object) -> Value:
        """The value of a cell as a reader hands it over; blank is None, refused when the column is required."""
        if isinstance(cell, str):
            cell = tidy(cell)
            if cell[:1] == "=":
                return self.wrong("单元格里是公式", "请粘贴成数值，或直接填写", cell)
        if cell is None or cell == "":
            return self._blank()
        return _READERS[self.kind](self, cell)

    def _blank(self) -> Value:
        return Wrong(f"没有填{self.title}", "请补上") if self.required else None


def tidy(text: str) -> str:
    """Full-width digits and letters folded, blanks at both ends, line breaks and invisible characters removed."""
    if not text.isascii():
        text = text.translate(_HALF_WIDTH)
    if not text.isprintable():
        text = "".join(c for c in text if c.isprintable())
    return text.strip().lstrip("'")


def as_shown(cell: object) -> str:
    """A cell as the sheet's reader shows it to people."""
    if isinstance(cell, float):
        return f"{cell:.15g}".upper() if abs(cell) >= LONGEST_EXACT else f"{cell:.15g}"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == cell.min.time() else cell.isoformat(" ")
    return "" if cell is None else str(cell)


def _text_of(column: Column, cell: object) -> str | Wrong:
    """A cell of a text column as text; numbers that Excel has cut to fifteen digits are refused."""
    if isinstance(cell, str):
        cut = column.kind != "text" and bool(_SCIENTIFIC.fullmatch(cell))
    elif isinstance(cell, _NO_TEXT):
        return column.wrong("这里不该是日期或真假值", f"请把“{column.title}”这一列设为“文本”，重新填写", cell)
    else:
        cut = isinstance(cell, (float, int)) and abs(cell) >= LONGEST_EXACT
    if cut:
        remedy = f"请把“{column.title}”这一列设为“文本”，重新填写完整号码"
        return column.wrong(f"{column.title}变成了科学计数，末几位已经丢失", remedy, cell)
    return cell if isinstance(cell, str) else as_shown(cell)


def _read_text(column: Column, cell: object) -> Value:
    text = _text_of(column, cell)
    if isinstance(text, str) and len(text) > column.longest:
        return column.wrong(f"{column.title}太长", f"最多 {column.longest} 个字", text)
    # Numbers of 15 digits are class and file numbers more often than persons; those of 18 carry a check digit.
    if isinstance(text, str) and column.mask is not mask_number and holds_number(text, 18):
        return column.wrong(f"{column.title}里有身份证号码", "不要在这一列写证件号码", text)
    return text


def _read_code(column: Column, cell: object) -> Value:
    text = _text_of(column, cell)
    return text if isinstance(text, Wrong) else _read_text(column, normalise_number(text))


def _read_identity(column: Column, cell: object) -> Value:
    text = _text_of(column, cell)
    if isinstance(text, Wrong):
        return text
    try:
        return check_identity(text).number
    except IdentityNumberWrong as refusal:
        return column.wrong(refusal.sentence.rstrip("。"), refusal.remedy.rstrip("。"), text)


@lru_cache(maxsize=16_384)
def _day_of_text(text: str) -> date | None:
    found = _DATE.fullmatch(re.sub(r"\s", "", unicodedata.normalize("NFKC", text)))
    if not found:
        return None
    year, month, day = (int(part) for part in found.groups() if part)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _read_date(column: Column, cell: object) -> Value:
    if isinstance(cell, datetime):
        day: date | None = cell.date()
    elif isinstance(cell, date):
        day = cell
    else:
        day = None if isinstance(cell, bool) else _day_of_text(as_shown(cell))
    if day is None or not 1900 <= day.year <= 2100:
        return column.wrong(f"{column.title}不是日期，或没有这一天", "请写成 2026-03-02 这样", cell)
    return day


def _read_number(column: Column, cell: object) -> Value:
    try:
        number = Decimal(_plain_digits(as_shown(cell)))
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(cell, _NO_TEXT) or not number.is_finite() or not 0 <= number < 10**9:
        return column.wrong(f"{column.title}不是数字", "请只填数字", cell)
    return number


def _plain_digits(text: str) -> str:
    return text if text.isdigit() and text.isascii() else unicodedata.normalize("NFKC", text).replace(",", "")


def _read_integer(column: Column, cell: object) -> Value:
    number = _read_number(column, cell)
    if not isinstance(number, Decimal):
        return number
    return int(number) if number == int(number) else column.wrong(f"{column.title}要是整数", "请去掉小数", cell)


def _read_choice(column: Column, cell: object) -> Value:
    text = _read_text(column, cell)
    if isinstance(text, Wrong) or text in column.choices:
        return text
    return column.wrong(f"没有这个{column.title}", f"请从下拉里选：{'、'.join(column.choices[:8])}", text)


_READERS: dict[str, Callable[[Column, object], Value]] = {
    "text": _read_text,
    "code": _read_code,
    "identity": _read_identity,
    "date": _read_date,
    "number": _read_number,
    "integer": _read_integer,
    "choice": _read_choice,
}
