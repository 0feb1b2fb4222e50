"""What goes to a bank and what comes back, as files: three documents, two ways of writing them (P20). Pure.

A document is a head, rows and an end that states their number, their totals and a check of every cell before it. It is
written as fixed columns in GBK or as an .xlsx of text cells; whoever reads takes either, whole or not at all. A third
way of writing is one more pair of functions between records and bytes.
"""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Annotated, Any, Generic, TypeVar, cast, get_type_hints

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from python_calamine import CalamineError, CalamineWorkbook

from jiangxin.ground.refusal import Refusal
from jiangxin.ground.unpacking import Limits, inspect_workbook

FORMATS = {"fixed_gbk": ".txt", "xlsx": ".xlsx"}
CODING = "gbk"
PAID, FAILED = "成功", "失败"
ANSWER, BOUNCE = "回单", "退汇"
# The bank's word about an account that will not take money whoever tries again, and the other words.
ACCOUNT_REASONS = ("户名不符", "账号不存在", "账户未激活", "冻结止付", "已销户")
REASONS = (*ACCOUNT_REASONS, "超限", "格式错误")
_END = b"\r\n"
_DAY = re.compile(r"\d{8}")
_NUMBER = re.compile(r"0|[1-9]\d*")
_MONEY = re.compile(r"(0|[1-9]\d*)\.(\d\d)")


class FileDoubtful(Exception):
    """A file that is not taken, with the reason in Chinese as `why`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Cell:
    """How a value stands in a file: its title, its width in bytes, what it is (text, number, money, day)."""

    title: str
    width: int
    kind: str = "text"


def _places_of(record: type[Any]) -> list[tuple[str, Cell]]:
    """(attribute, cell) of the values of a record, in the order of the file."""
    hints = get_type_hints(record, include_extras=True)
    return [(name, hint.__metadata__[0]) for name, hint in hints.items()]


@dataclass(frozen=True, slots=True)
class PaymentHead:
    """Which batch, from which account, on which day."""

    batch: Annotated[str, Cell("批次号", 40)]
    account: Annotated[str, Cell("付款账号", 40)]
    holder: Annotated[str, Cell("付款户名", 160)]
    fund: Annotated[str, Cell("资金", 60)]
    pay_on: Annotated[date, Cell("付款日期", 8, "day")]


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """One sum to one account; `line` is our number of the subsidy, for the holder's statement."""

    seq: Annotated[int, Cell("序号", 8, "number")]
    account: Annotated[str, Cell("收款账号", 40)]
    holder: Annotated[str, Cell("收款户名", 120)]
    bank: Annotated[str, Cell("开户银行", 120)]
    amount_fen: Annotated[int, Cell("金额（元）", 15, "money")]
    line: Annotated[str, Cell("附言", 40)]


@dataclass(frozen=True, slots=True)
class ReturnHead:
    """Which batch is answered, for which time; `kind` is 回单, or 退汇 for money that came back after it was paid."""

    batch: Annotated[str, Cell("批次号", 40)]
    kind: Annotated[str, Cell("文件种类", 8)]
    answered_on: Annotated[date, Cell("处理日期", 8, "day")]
    part: Annotated[int, Cell("第几份", 4, "number")]


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """What became of one row of the payment file, and why it failed."""

    seq: Annotated[int, Cell("序号", 8, "number")]
    account: Annotated[str, Cell("收款账号", 40)]
    amount_fen: Annotated[int, Cell("金额（元）", 15, "money")]
    result: Annotated[str, Cell("结果", 8)]
    reason: Annotated[str, Cell("原因", 60)]


@dataclass(frozen=True, slots=True)
class StatementHead:
    """Whose statement, for which days."""

    account: Annotated[str, Cell("账号", 40)]
    from_on: Annotated[date, Cell("起日", 8, "day")]
    until_on: Annotated[date, Cell("止日", 8, "day")]


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One movement of the paying account: 借 out of it, 贷 into it."""

    reference: Annotated[str, Cell("流水号", 60)]
    booked_on: Annotated[date, Cell("记账日期", 8, "day")]
    side: Annotated[str, Cell("借贷", 4)]
    amount_fen: Annotated[int, Cell("金额（元）", 15, "money")]
    text: Annotated[str, Cell("摘要", 120)]


Head = PaymentHead | ReturnHead | StatementHead
Row = PaymentRow | ReturnRow | StatementRow
H = TypeVar("H", bound=Head)
R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class Document(Generic[H, R]):
    """A document as read: everything it states about itself was found true."""

    head: H
    rows: list[R]


@dataclass(frozen=True)
class _Layout:
    mark: str
    title: str
    head: type[Head]
    row: type[Row]
    totals: dict[str, Callable[[Any], bool]]


_LAYOUTS = {
    layout.head: layout
    for layout in (
        _Layout("PAY", "代发付款清单", PaymentHead, PaymentRow, {"合计金额（元）": lambda row: True}),
        _Layout(
            "RET", "代发回单", ReturnHead, ReturnRow,
            {"成功金额（元）": lambda row: row.result == PAID, "失败金额（元）": lambda row: row.result == FAILED},
        ),
        _Layout(
            "STM", "账户明细", StatementHead, StatementRow,
            {"借方合计（元）": lambda row: row.side == "借", "贷方合计（元）": lambda row: row.side == "贷"},
        ),
    )
}  # fmt: skip
_MARKS = {layout.mark: layout for layout in _LAYOUTS.values()}


# ── values and cells ───────────────────────────────────────────────────────────────────────────────────────────────
def _written(kind: str, value: Any) -> str:
    if kind == "day":
        return f"{value:%Y%m%d}"
    if kind == "money":
        return f"{value // 100}.{value % 100:02d}"
    return str(value)


def _understood(cell: Cell, text: str) -> Any:
    kind = cell.kind
    if kind == "number" and _NUMBER.fullmatch(text):
        return int(text)
    if kind == "money" and (money := _MONEY.fullmatch(text)):
        return int(money[1]) * 100 + int(money[2])
    if kind == "day" and _DAY.fullmatch(text):
        try:
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            pass
    if kind == "text":
        return text
    raise FileDoubtful(f"{cell.title}写的是“{text[:20]}”，读不懂")


def _cells(records: Sequence[Head | Row]) -> list[list[str]]:
    places = _places_of(type(records[0])) if records else []
    return [[_written(cell.kind, getattr(record, name)) for name, cell in places] for record in records]


def _records(kind: type[Any], table: list[list[str]]) -> list[Any]:
    cells = [cell for _, cell in _places_of(kind)]
    return [kind(*(map(_understood, cells, texts))) for texts in table]


def _totals(layout: _Layout, rows: Sequence[Any]) -> list[int]:
    return [sum(row.amount_fen for row in rows if counts(row)) for counts in layout.totals.values()]


def _digest(records: list[list[str]]) -> str:
    return hashlib.sha256(json.dumps(records, ensure_ascii=False).encode()).hexdigest()


def unwritable(text: str, file_format: str) -> str:
    """The characters of a text that a format cannot carry; none is ever replaced by another (P33)."""
    wrong = [c for c in text if not c.isprintable()]
    if file_format == "fixed_gbk":
        wrong += [c for c in text if c.isprintable() and c.encode(CODING, "ignore") == b""]
    return "".join(dict.fromkeys(wrong))


# ── fixed columns ──────────────────────────────────────────────────────────────────────────────────────────────────
def _places(layout: _Layout, which: str) -> list[Cell]:
    """The cells of a record: H the head, D a row, T the end."""
    if which != "T":
        return [cell for _, cell in _places_of(layout.head if which == "H" else layout.row)]
    return [Cell("笔数", 8, "number"), *(Cell(title, 18, "money") for title in layout.totals), Cell("校验码", 64)]


def _to_fixed(layout: _Layout, records: list[list[str]]) -> bytes:
    places = {which: _places(layout, which) for which in "HDT"}
    out = []
    for n, texts in enumerate(records):
        which = "H" if n == 0 else "T" if n == len(records) - 1 else "D"
        line = (which + (layout.mark if which == "H" else "")).encode()
        for cell, text in zip(places[which], texts, strict=True):
            data = text.encode(CODING)
            if len(data) > cell.width:
                raise ValueError(f"{cell.title} is wider than {cell.width} bytes")
            line += data.ljust(cell.width) if cell.kind == "text" else data.rjust(cell.width, b"0")
        out.append(line + _END)
    return b"".join(out)


def _from_fixed(data: bytes) -> tuple[_Layout, list[list[str]]]:
    lines = data.split(_END)
    layout = _MARKS.get(data[1:4].decode("ascii", "replace")) if data[:1] == b"H" else None
    if layout is None:
        raise FileDoubtful("不是付款清单、回单或账户明细")
    if lines.pop() != b"" or len(lines) < 2 or not lines[-1].startswith(b"T"):
        raise FileDoubtful("文件不完整，没有结尾行")
    places = {which: _places(layout, which) for which in "HDT"}
    body = [("H", lines[0][4:]), *((chr(line[0]), line[1:]) if line else ("", b"") for line in lines[1:])]
    if [which for which, _ in body] != ["H", *"D" * (len(body) - 2), "T"]:
        raise FileDoubtful("行的次序不对")
    return layout, [_split(places[which], line) for which, line in body]


def _split(places: list[Cell], line: bytes) -> list[str]:
    if len(line) != sum(cell.width for cell in places):
        raise FileDoubtful("有一行的长度不对")
    texts, start = [], 0
    for cell in places:
        piece, start = line[start : start + cell.width], start + cell.width
        try:
            text = piece.decode(CODING)
        except UnicodeDecodeError:
            raise FileDoubtful(f"{cell.title}里有读不懂的字") from None
        if cell.kind == "text":
            texts.append(text.rstrip(" "))
        else:
            bare = text.lstrip("0")
            texts.append(f"0{bare}" if bare[:1] in ("", ".") else bare)
    return texts


# ── workbook ───────────────────────────────────────────────────────────────────────────────────────────────────────
def _to_workbook(layout: _Layout, records: list[list[str]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(layout.title)
    titles = {which: [cell.title for cell in _places(layout, which)] for which in "HDT"}
    top = [[layout.title, layout.mark], titles["H"], records[0], titles["D"]]
    table = [*top, *records[1:-1], titles["T"], records[-1]]
    for n in range(max(map(len, table))):
        sheet.column_dimensions["ABCDEFGH"[n]].width = 26
    for cells in table:
        row = [WriteOnlyCell(sheet, cell) for cell in cells]
        for place in row:
            place.data_type, place.number_format = "s", "@"
        sheet.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _from_workbook(data: bytes) -> tuple[_Layout, list[list[str]]]:
    try:
        inspect_workbook(data, Limits())
        book = CalamineWorkbook.from_object(BytesIO(data))
        table = [_shown(cells) for cells in book.get_sheet_by_index(0).to_python(skip_empty_area=False)]
    except Refusal as refusal:
        raise FileDoubtful(refusal.sentence.rstrip("。")) from None
    except (CalamineError, OSError, ValueError, IndexError):
        raise FileDoubtful("工作簿打不开") from None
    layout = _MARKS.get(table[0][1]) if len(table) > 5 and len(table[0]) > 1 else None
    if layout is None:
        raise FileDoubtful("不是付款清单、回单或账户明细，或不完整")
    widths = {which: len(_places(layout, which)) for which in "HDT"}
    for n, which in ((1, "H"), (3, "D"), (-2, "T")):
        if table[n][: widths[which]] != [cell.title for cell in _places(layout, which)]:
            raise FileDoubtful("表头不对，或文件不完整")
    rows = [(cells, "D") for cells in table[4:-2]]
    body = [(table[2], "H"), *rows, (table[-1], "T")]
    if any(any(cells[widths[which] :]) for cells, which in body):
        raise FileDoubtful("有一行的列数不对")
    return layout, [(cells + [""] * widths[which])[: widths[which]] for cells, which in body]


def _shown(cells: Sequence[object]) -> list[str]:
    if any(not isinstance(cell, str) for cell in cells):
        raise FileDoubtful("有单元格不是文本")
    return cast(list[str], list(cells))


# ── documents ──────────────────────────────────────────────────────────────────────────────────────────────────────
def render(head: Head, rows: Sequence[Row], file_format: str, claimed: Sequence[int] = ()) -> bytes:
    """The bytes of a document in a format of FORMATS; amounts in fen.

    `claimed` states other totals than the true ones: only a bank that errs, played by the simulator, does so. Raises
    UnicodeEncodeError or ValueError for what the format cannot carry: ask `unwritable` first.
    """
    layout = _LAYOUTS[type(head)]
    records = [*_cells([head]), *_cells(rows)]
    end = [str(len(rows)), *(_written("money", total) for total in claimed or _totals(layout, rows))]
    records.append([*end, _digest([*records, end])])
    return _to_fixed(layout, records) if file_format == "fixed_gbk" else _to_workbook(layout, records)


def read(data: bytes) -> Document[Head, Row]:
    """A document of any kind in any format; raises FileDoubtful when anything it states about itself is not so."""
    fixed = not data.startswith(b"PK")
    layout, records = _from_fixed(data) if fixed else _from_workbook(data)
    head, rows = _records(layout.head, records[:1])[0], _records(layout.row, records[1:-1])
    count, *totals, digest = records[-1]
    if digest != _digest([*records[:-1], [count, *totals]]):
        raise FileDoubtful("校验码不符，内容被改过或没有传完整")
    if count != str(len(rows)):
        raise FileDoubtful(f"结尾写的是 {count} 笔，实有 {len(rows)} 笔")
    for title, stated, found in zip(layout.totals, totals, _totals(layout, rows), strict=True):
        if stated != _written("money", found):
            raise FileDoubtful(f"{title}写的是 {stated}，各行相加是 {_written('money', found)}")
    if fixed and _to_fixed(layout, records) != data:
        raise FileDoubtful("有的列没有按格式填写")
    _check(head, rows)
    return Document(head, rows)


def _check(head: Head, rows: Sequence[Row]) -> None:
    """What the columns cannot say: each place once, results and reasons of the known kinds."""
    key = "reference" if isinstance(head, StatementHead) else "seq"
    seen = [getattr(row, key) for row in rows]
    if len(set(seen)) < len(seen):
        raise FileDoubtful("同一笔出现了两次")
    if isinstance(head, ReturnHead):
        if head.kind not in (ANSWER, BOUNCE) or not rows:
            raise FileDoubtful("文件种类不对，或没有一笔")
        for row in cast(Sequence[ReturnRow], rows):
            known = (PAID, FAILED) if head.kind == ANSWER else (FAILED,)
            if row.result not in known or (row.result == FAILED) != bool(row.reason):
                raise FileDoubtful(f"第 {row.seq} 笔的结果或原因不对")
    elif isinstance(head, StatementHead) and {row.side for row in cast(Sequence[StatementRow], rows)} - {"借", "贷"}:
        raise FileDoubtful("借贷方向不对")


def _of_kind(data: bytes, kind: type[H]) -> Document[H, Any]:
    document = read(data)
    if not isinstance(document.head, kind):
        raise FileDoubtful(f"这是{_LAYOUTS[type(document.head)].title}，不是{_LAYOUTS[cast(type[Head], kind)].title}")
    return cast(Document[H, Any], document)


def read_payment(data: bytes) -> Document[PaymentHead, PaymentRow]:
    """The payment file as the bank reads it, or as we read again what we sent."""
    return _of_kind(data, PaymentHead)


def read_return(data: bytes) -> Document[ReturnHead, ReturnRow]:
    """A return; raises FileDoubtful."""
    return _of_kind(data, ReturnHead)


def read_statement(data: bytes) -> Document[StatementHead, StatementRow]:
    """A statement of a paying account; raises FileDoubtful."""
    return _of_kind(data, StatementHead)
