"""What an .xlsx holds, measured from its own bytes before any reader opens it: sizes, rows, formulas, foreign parts."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from xml.etree import ElementTree

from jiangxin.ground.refusal import Refusal

PIECE = 1 << 20
ENTRIES = 500
SMALL_PART = 4 << 20
UNREADABLE = (
    zipfile.BadZipFile, ElementTree.ParseError, zlib.error, struct.error, EOFError, KeyError, NotImplementedError,
    OSError, RuntimeError, ValueError,
)  # fmt: skip
_LOCAL_HEADER = 30
_NAMESPACE = re.compile(r"\{.*?\}")
_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\s[^>]*?ref=[\"'](?:[A-Z]+\d+:)?([A-Z]+)(\d+)[\"']")
_FORMULA = re.compile(rb"<(?!xm:)(?:\w+:)?f[\s>/]")
_NAMELESS = re.compile(rb"<(?:\w+:)?c(?=[\s>/])(?![^>]*?\sr=[\"'])")
_CELL_NAME = re.compile(rb"\sr=[\"']([A-Za-z]+)(\d+)[\"']")
_ROW = re.compile(rb"<(?:\w+:)?row\s(?:[^>]*?\s)?r=[\"'](\d+)")


@dataclass(frozen=True)
class Limits:
    """The largest workbook that is opened: unpacked bytes, rows and columns of a sheet, cells of a sheet."""

    unpacked: int = 300_000_000
    rows: int = 200_000
    columns: int = 60
    cells: int = 4_000_000


class FileDamaged(Refusal):
    sentence = "这个文件打不开，可能没有传完整，或已经损坏。"
    remedy = "请在 Excel 里打开，另存为 .xlsx 后再传。"


class FileIsNoWorkbook(Refusal):
    sentence = "这个文件不是 Excel 工作簿，而是{found}。"
    remedy = "请在 Excel 里打开，另存为 .xlsx 后再传。"


class FileUnpacksTooLarge(Refusal):
    sentence = "这个文件解开后超过 {limit} MB，没有打开它。"
    remedy = "请只留要上传的工作表，或分成几个文件。"


class SheetTooLarge(Refusal):
    sentence = "工作表“{sheet}”大到 {cell}，最多 {rows} 行、{columns} 列，合计 {cells} 格。"
    remedy = "数据下面或右边如果是空白，请选中后整行整列删除，保存再传；数据确实多，请分成几个文件。"


class FormulaInCell(Refusal):
    sentence = "工作表“{sheet}”的单元格 {cell} 里是公式，数值可能变。"
    remedy = "请全选、复制，再“粘贴为数值”，保存后再传。"


class WorkbookHasMacros(Refusal):
    sentence = "这个文件带宏，不能收。"
    remedy = "请另存为不带宏的 .xlsx 后再传。"


class WorkbookLinksElsewhere(Refusal):
    sentence = "这个文件引用了别的文件，数值可能变。"
    remedy = "请在 Excel 的“数据 → 编辑链接”里断开链接，保存后再传。"


class WorkbookIsLocked(Refusal):
    sentence = "这个文件加了密码，打不开。"
    remedy = "请取消密码，保存后再传。"


def inspect_workbook(data: bytes, limits: Limits) -> None:
    """Refuse an .xlsx that is too large, damaged, or holds formulas, macros or links; nothing of it is kept in memory.

    Every part is unpacked piece by piece and must be as long as the directory says, so the sum of the directory is a
    true bound for whoever opens the file afterwards.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_directory(entries, limits)
            names = _sheet_names(archive)
    except UNREADABLE:
        raise FileDamaged() from None
    for entry in entries:
        _check_part(_unpacked(data, entry), names.get(entry.filename, entry.filename), limits)


def _check_directory(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    names = [entry.filename for entry in entries]
    if sum(entry.file_size for entry in entries) > limits.unpacked or len(entries) > ENTRIES:
        raise FileUnpacksTooLarge(limit=limits.unpacked // 1_000_000)
    if any(entry.flag_bits & 1 for entry in entries):
        raise WorkbookIsLocked()
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise WorkbookHasMacros()
    if any(name.startswith("xl/externalLinks/") for name in names):
        raise WorkbookLinksElsewhere()
    if "xl/workbook.xml" not in names:
        raise FileIsNoWorkbook(found=_kind_of_archive(names))
    if len(set(names)) < len(names):
        raise FileDamaged()


def _kind_of_archive(names: list[str]) -> str:
    for start, words in (
        ("xl/workbook.bin", "二进制工作簿（.xlsb）"),
        ("word/", "Word 文档"),
        ("ppt/", "演示文稿"),
        ("content.xml", "OpenDocument 文件（.ods）"),
    ):
        if any(name.startswith(start) for name in names):
            return words
    return "压缩包"


def _sheet_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """Part of the archive → the sheet's name, for naming a sheet to people."""
    targets = {}
    for link in _small_part(archive, "xl/_rels/workbook.xml.rels"):
        target = link.get("Target", "")
        targets[link.get("Id")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    found = {}
    for element in _small_part(archive, "xl/workbook.xml").iter():
        plain = {_NAMESPACE.sub("", name): value for name, value in element.attrib.items()}
        if _NAMESPACE.sub("", element.tag) == "sheet" and plain.get("id") in targets:
            found[targets[plain["id"]]] = plain.get("name", "")
    return found


def _small_part(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    if archive.getinfo(name).file_size > SMALL_PART:
        raise FileDamaged()
    text = archive.read(name)
    if b"<!DOCTYPE" in text:
        raise FileDamaged()
    return ElementTree.fromstring(text)


def _unpacked(data: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of one part in pieces of at most a megabyte; damaged when its true length is not the stated one."""
    header = data[entry.header_offset : entry.header_offset + _LOCAL_HEADER]
    if len(header) < _LOCAL_HEADER or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FileDamaged()
    begin = entry.header_offset + _LOCAL_HEADER + sum(struct.unpack_from("<HH", header, 26))
    raw = memoryview(data)[begin : begin + entry.compress_size]
    length = 0
    for piece in _inflated(raw) if entry.compress_type == zipfile.ZIP_DEFLATED else _split(raw):
        length += len(piece)
        if length > entry.file_size:
            raise FileDamaged()
        yield piece
    if length != entry.file_size:
        raise FileDamaged()


def _split(raw: memoryview) -> Iterator[bytes]:
    for start in range(0, len(raw), PIECE):
        yield bytes(raw[start : start + PIECE])


def _inflated(raw: memoryview) -> Iterator[bytes]:
    engine = zlib.decompressobj(-15)
    try:
        for start in range(0, len(raw), PIECE // 16):
            piece = engine.decompress(raw[start : start + PIECE // 16], PIECE)
            while piece:
                yield piece
                piece = engine.decompress(engine.unconsumed_tail, PIECE)
    except zlib.error:
        raise FileDamaged() from None


def column_number(letters: str) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """1 → A, 26 → Z, 27 → AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class _Extent:
    """The furthest row and column a worksheet reaches; a reader lays out all cells up to it."""

    def __init__(self, sheet: str, limits: Limits) -> None:
        self.sheet, self.limits = sheet, limits
        self.row = self.column = 1
        self.beyond = _beyond(1, limits.rows)

    def reach(self, column: int, row: int) -> None:
        """Note a cell; refuse when the sheet has become too large."""
        limits = self.limits
        self.row = max(self.row, row)
        if column > self.column:
            self.column, self.beyond = column, _beyond(column, limits.rows)
        large = self.row * self.column > limits.cells + limits.columns
        if large or self.row > limits.rows + 1 or self.column > limits.columns:
            raise SheetTooLarge(
                sheet=self.sheet,
                cell=f"{column_letters(self.column)}{self.row}",
                rows=f"{limits.rows:,}",
                columns=limits.columns,
                cells=f"{limits.cells:,}",
            )


def _beyond(column: int, rows: int) -> re.Pattern[bytes]:
    """Finds a cell, written the usual way, to the right of a column or far down: one search instead of reading all."""
    letters = column_letters(column)
    wider = [f"[A-Z]{{{len(letters) + 1},}}"]
    for n, letter in enumerate(letters):
        if letter < "Z":
            wider.append(f"{letters[:n]}[{chr(ord(letter) + 1)}-Z]{'[A-Z]' * (len(letters) - n - 1)}")
    return re.compile(f'<c r="(?:(?:{"|".join(wider)})\\d|[A-Z]+\\d{{{len(str(rows))},}})'.encode(), re.IGNORECASE)


def _check_part(pieces: Iterator[bytes], name: str, limits: Limits) -> None:
    """Walk through one part. A reader takes for a worksheet whatever holds sheet data, so that is looked into."""
    extent = None
    for piece in _whole_tags(pieces):
        if b"<!DOCTYPE" in piece:
            raise FileDamaged()
        if extent is None and b"sheetData" in piece:
            extent = _Extent(name, limits)
            if said := _DIMENSION.search(piece):
                extent.reach(column_number(said[1].decode()), int(said[2]))
        if extent:
            _check_cells(piece, extent)


def _whole_tags(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, cut only behind a tag; damaged where a megabyte of markup holds none."""
    rest = b""
    for piece in pieces:
        text = rest + piece
        cut = text.rfind(b">") + 1
        if len(text) - cut > PIECE:
            raise FileDamaged()
        yield text[:cut]
        rest = text[cut:]
    yield rest


def _check_cells(text: bytes, extent: _Extent) -> None:
    if (b"<f" in text or b":f" in text) and (formula := _FORMULA.search(text)):
        before = _CELL_NAME.findall(text[max(formula.start() - 400, 0) : formula.start()])
        raise FormulaInCell(sheet=extent.sheet, cell=b"".join(before[-1]).decode() if before else "")
    usual = text.count(b"<c") == text.count(b'<c r="') and b":c" not in text
    if not usual and _NAMELESS.search(text):
        raise FileDamaged()
    extent.reach(1, max(map(int, _ROW.findall(text)), default=1))
    if not usual or extent.beyond.search(text):
        for letters, row in set(_CELL_NAME.findall(text)):
            extent.reach(column_number(letters.decode()), int(row))
