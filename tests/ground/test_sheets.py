"""Sheets: files that are not what they say are refused with a reason; cells become values or named wrongs."""

import random
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook

from jiangxin.ground import sheets, unpacking
from jiangxin.ground.cells import Column, Wrong
from jiangxin.ground.identity import check_digit
from jiangxin.ground.refusal import Refusal
from jiangxin.ground.sheets import read_sheet, write_workbook
from jiangxin.ground.unpacking import Limits, column_letters, column_number

NUMBER = "330499" + "19900501001"
NUMBER += check_digit(NUMBER)
COLUMNS = (
    Column("name", "姓名", required=True),
    Column("number", "身份证号", "identity", required=True),
    Column("day", "发证日期", "date"),
    Column("score", "理论成绩", "number"),
    Column("hours", "课时", "integer"),
    Column("level", "等级", "choice", choices=("三级", "四级")),
    Column("code", "证书编号", "code", longest=22),
)
GOOD = ["张三", NUMBER, date(2026, 3, 2), 88.5, 80, "三级", "s0001"]


def workbook(change: Callable[[Workbook], None] | None = None) -> bytes:
    book = load_workbook(BytesIO(write_workbook("模板", ["说明"], "数据", COLUMNS, [GOOD])))
    if change:
        change(book)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(data: bytes, change: Callable[[str, bytes], bytes | None], **more: bytes) -> bytes:
    """The same archive with its parts changed, left out (None) or added."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if (part := change(name, old.read(name))) is not None:
                new.writestr(name, part)
        for name, part in more.items():
            new.writestr(name, part)
    return out.getvalue()


def refused(data: bytes, name: str = "a.xlsx", limits: Limits = sheets.LIMITS) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read_sheet(data, name, COLUMNS, limits)
    assert caught.value.sentence
    assert caught.value.remedy
    return caught.value


def only_row(data: bytes, name: str = "a.xlsx") -> list[object]:
    (row,) = read_sheet(data, name, COLUMNS).rows()
    return row[1]


def cell(column: Column, given: object) -> object:
    return column.read(given)


def put(place: str, value: object) -> Callable[[Workbook], None]:
    def change(book: Workbook) -> None:
        book["数据"][place] = value

    return change


def test_a_template_filled_in_comes_back_as_values() -> None:
    sheet = read_sheet(workbook(), "结果.XLSX", COLUMNS)
    assert list(sheet.rows()) == [(2, ["张三", NUMBER, date(2026, 3, 2), Decimal("88.5"), 80, "三级", "S0001"])]
    assert (sheet.name, sheet.cell(2, "level")) == ("数据", "F2")


@pytest.mark.parametrize(
    ("data", "name", "refusal"),
    [
        (b"", "a.xlsx", sheets.FileIsEmpty),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.xlsx", unpacking.FileIsNoWorkbook),
        (b"%PDF-1.7", "a.csv", unpacking.FileIsNoWorkbook),
        (b"\x89PNG\r\n", "a.xlsx", unpacking.FileIsNoWorkbook),
        (b"<html><table><tr><td>1</td></tr></table></html>", "a.xls", unpacking.FileIsNoWorkbook),
        ("姓名".encode("utf-16"), "a.csv", unpacking.FileIsNoWorkbook),
        (b"a\0b", "a.csv", unpacking.FileIsNoWorkbook),
        ("姓名,身份证号\n".encode(), "a.xlsx", sheets.FileNameDisagrees),
        (workbook(), "a.csv", sheets.FileNameDisagrees),
        (workbook()[:-200], "a.xlsx", unpacking.FileDamaged),
        (b"PK\x03\x04" + bytes(50), "a.xlsx", unpacking.FileDamaged),
        ("姓名,性别\n张三,男\n".encode(), "a.csv", sheets.ColumnsMissing),
        ("姓名,姓名,身份证号\n张三,张三,1\n".encode(), "a.csv", sheets.ColumnTwice),
        ("姓名,身份证号\n,\n".encode(), "a.csv", sheets.NoRows),
        ('姓名,身份证号\n"张三,1\n'.encode(), "a.csv", unpacking.FileDamaged),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(data: bytes, name: str, refusal: type[Refusal]) -> None:
    assert type(refused(data, name)) is refusal


def test_a_word_file_is_called_by_its_name() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert "Word" in refused(out.getvalue()).sentence


def test_a_formula_is_named_by_its_cell() -> None:
    refusal = refused(workbook(put("D2", "=80+8")))
    assert isinstance(refusal, unpacking.FormulaInCell)
    assert "“数据”的单元格 D2" in refusal.sentence


@pytest.mark.parametrize(
    ("part", "refusal"),
    [
        ("xl/vbaProject.bin", unpacking.WorkbookHasMacros),
        ("xl/externalLinks/externalLink1.xml", unpacking.WorkbookLinksElsewhere),
    ],
)
def test_macros_and_links_are_refused(part: str, refusal: type[Refusal]) -> None:
    assert type(refused(repacked(workbook(), lambda _, data: data, **{part: b"x"}))) is refusal


def test_a_bomb_is_refused_by_its_stated_and_by_its_true_size() -> None:
    bomb = repacked(workbook(), lambda _, data: data, **{"xl/media/a.bin": bytes(5_000_000)})
    assert type(refused(bomb, limits=Limits(unpacked=1_000_000))) is unpacking.FileUnpacksTooLarge
    # The directory says ten bytes where five million come out.
    at = bomb.rindex(b"xl/media/a.bin") - 46
    lying = bytearray(bomb)
    lying[at + 24 : at + 28] = (10).to_bytes(4, "little")
    assert type(refused(bytes(lying))) is unpacking.FileDamaged


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'ref="A1:G2"', b'ref="A1:G10000000"'),
        (b"</sheetData>", b'<row r="1048576"><c r="A1048576" s="1"/></row></sheetData>'),
        (b"</sheetData>", b'<row r="4"><c r="XFD4"><v>1</v></c></row></sheetData>'),
        (b"</sheetData>", b"<row r='4'><c r='XFD4'><v>1</v></c></row></sheetData>"),
        (b"</sheetData>", b'<row r="3"><c s="1" r="A999999"><v>1</v></c></row></sheetData>'),
        (b"</sheetData>", b'<row r="3"><c r="xfd3"><v>1</v></c></row></sheetData>'),
        (b"</sheetData>", b'<row r="3"><c r="G4294967295"><v>1</v></c></row></sheetData>'),
        (b"</sheetData>", b'<row r="150000"><c r="AZ150000"><v>1</v></c></row></sheetData>'),
    ],
)
def test_a_sheet_that_reaches_too_far_is_refused_before_it_is_opened(old: bytes, new: bytes) -> None:
    far = repacked(
        workbook(), lambda name, data: data.replace(old, new) if name == "xl/worksheets/sheet2.xml" else data
    )
    refusal = refused(far)
    assert isinstance(refusal, unpacking.SheetTooLarge)
    assert "“数据”" in refusal.sentence


def test_cells_without_a_name_and_foreign_declarations_are_refused() -> None:
    def nameless(name: str, data: bytes) -> bytes:
        return data.replace(b'<c r="A2"', b"<c ") if name == "xl/worksheets/sheet2.xml" else data

    def declared(name: str, data: bytes) -> bytes:
        return b'<!DOCTYPE a [<!ENTITY b "c">]>' + data if name == "xl/worksheets/sheet2.xml" else data

    assert type(refused(repacked(workbook(), nameless))) is unpacking.FileDamaged
    assert type(refused(repacked(workbook(), declared))) is unpacking.FileDamaged


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("mark", [",", "\t"])
def test_a_csv_is_read_in_each_coding_with_rare_characters(coding: str, mark: str) -> None:
    text = mark.join(("身份证号*", "姓名")) + "\r\n" + mark.join((NUMBER, "䶮㐂")) + "\r\n"
    assert only_row(text.encode(coding), "a.csv")[:2] == ["䶮㐂", NUMBER]


def test_a_csv_has_limits_too() -> None:
    long = "姓名,身份证号\n" + f"张三,{NUMBER}\n" * 12
    assert type(refused(long.encode(), "a.csv", Limits(rows=10))) is unpacking.SheetTooLarge
    assert type(refused(long.encode(), "a.csv", Limits(columns=1))) is unpacking.SheetTooLarge


DATES = (date(2026, 3, 2), datetime(2026, 3, 2, 8, 30), 20260302, 20260302.0, "20260302")
WRITTEN = ("2026-03-02", "2026/3/2", "2026.3.2", "2026年3月2日", "２０２６－０３－０２", " 2026-3-2 ")


@pytest.mark.parametrize("given", [*DATES, *WRITTEN])
def test_a_date_is_read_however_it_is_written(given: object) -> None:
    assert cell(COLUMNS[2], given) == date(2026, 3, 2)


@pytest.mark.parametrize("given", ["2026-02-30", "明天", 46083.0, "1026-01-01", True, "26-3-2"])
def test_what_is_no_date_is_named(given: object) -> None:
    assert isinstance(cell(COLUMNS[2], given), Wrong)


WIDE = NUMBER.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
OLD, OLD_AS_A_NUMBER = "330499900501001", 330499900501001.0


@pytest.mark.parametrize("given", [NUMBER.lower(), f" {NUMBER} ", "'" + NUMBER, WIDE, OLD, OLD_AS_A_NUMBER])
def test_an_identity_number_is_normalised(given: object) -> None:
    found = cell(COLUMNS[1], given)
    assert isinstance(found, str)
    assert len(found) == 18
    assert found[:17] == NUMBER[:17]


@pytest.mark.parametrize("given", [3.30499199005e17, "3.30499E+17", 330499199005010010.0])
def test_a_number_that_excel_has_cut_is_refused_with_what_to_do(given: object) -> None:
    found = cell(COLUMNS[1], given)
    assert isinstance(found, Wrong)
    assert found.problem == "身份证号变成了科学计数，末几位已经丢失"
    assert "设为“文本”" in found.remedy


@pytest.mark.parametrize(
    ("n", "given", "problem"),
    [
        (0, None, "没有填姓名"),
        (0, " ", "没有填姓名"),
        (0, "张" * 61, "姓名太长"),
        (0, date(2026, 1, 1), "这里不该是日期或真假值"),
        (3, "八十", "理论成绩不是数字"),
        (3, "NaN", "理论成绩不是数字"),
        (3, -1, "理论成绩不是数字"),
        (3, "=80", "单元格里是公式"),
        (4, 7.5, "课时要是整数"),
        (5, "五级", "没有这个等级"),
        (6, "S" * 23, "证书编号太长"),
    ],
)
def test_a_wrong_cell_says_what_and_what_to_do(n: int, given: object, problem: str) -> None:
    found = cell(COLUMNS[n], given)
    assert isinstance(found, Wrong)
    assert found.problem == problem
    assert found.remedy


def test_text_loses_only_what_nobody_sees() -> None:
    assert cell(COLUMNS[0], "　阿依\u200b古丽·Ａ１ \n") == "阿依古丽·A1"
    assert cell(COLUMNS[3], "８０") == 80


def test_what_is_shown_is_masked() -> None:
    found = cell(COLUMNS[1], NUMBER[:17] + ("0" if NUMBER[17] != "0" else "1"))
    assert isinstance(found, Wrong)
    assert found.given.count("*") == 16


def test_a_template_explains_and_offers_and_keeps_text() -> None:
    book = load_workbook(
        BytesIO(write_workbook("模板", ["说明一"], "数据", COLUMNS, [[*GOOD[:6], "=1", "因为"]], reasons=True))
    )
    assert book.sheetnames == ["填表说明", "数据", "选项"]
    assert book["选项"].sheet_state == "hidden"
    data = book["数据"]
    assert [c.value for c in data[1]][:2] == ["姓名*", "身份证号*"]
    assert data["H1"].value == "错误原因"
    assert all(c.font.bold for c in data[1])
    assert data.column_dimensions["B"].number_format == "@"
    (rule,) = data.data_validations.dataValidation
    assert (str(rule.sqref).split(":")[0], rule.formula1) == ("F2", "选项!$A$1:$A$2")
    assert (data["G2"].data_type, data["G2"].value) == ("s", "=1")


def test_letters_and_numbers_of_columns() -> None:
    assert [column_letters(n) for n in (1, 26, 27, 52, 702, 703)] == ["A", "Z", "AA", "AZ", "ZZ", "AAA"]
    assert all(column_number(column_letters(n)) == n for n in range(1, 800))


def test_whatever_bytes_are_broken_the_answer_is_a_refusal_or_the_rows() -> None:
    chance, whole, refusals = random.Random(7), workbook(), 0
    for _ in range(300):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        try:
            list(read_sheet(bytes(broken), "a.xlsx", COLUMNS).rows())
        except Refusal:
            refusals += 1
    assert refusals


def test_a_worksheet_is_measured_whatever_it_is_called() -> None:
    """A reader takes any part for a worksheet that the workbook names, also one whose root is broken."""

    def hidden(name: str, data: bytes) -> bytes:
        far = data.replace(b'r="G2"', b'r="G4294967295"').replace(b"<worksheet", b"<workshe<t")
        return far if name == "xl/worksheets/sheet2.xml" else data

    assert type(refused(repacked(workbook(), hidden))) is unpacking.SheetTooLarge
