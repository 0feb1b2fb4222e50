"""The stories of the main line, told in a browser by the people they happen to; in this order, in one demo."""

from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from tests.journeys.demo import Demo
from tests.journeys.people import Person, Street

RESULTS = "职业技能等级证书"


def send(clerk: Person, file: Path) -> Person:
    """A clerk sends a workbook of results to be checked."""
    return clerk.open("/provider/").press("上传结果").choose(RESULTS).fill("结果文件", file).press("上传并检查")


def columns(sheet: Worksheet) -> dict[str, int]:
    """Where each column of a results sheet stands, by its head without the star."""
    return {str(cell.value).rstrip("*"): cell.column for cell in sheet[1]}


def mend(path: Path, right: dict[str, object]) -> int:
    """Correct in a workbook of wrong rows the cells named first in 错误原因, and drop the rows of other mistakes.

    Returns how many rows are left.
    """
    book = openpyxl.load_workbook(path)
    sheet = book["考生成绩"]
    at = columns(sheet)
    for row in range(sheet.max_row, 1, -1):
        why = str(sheet.cell(row, at["错误原因"]).value)
        column = next((name for name in right if why.startswith(name)), None)
        if column is None:
            sheet.delete_rows(row)
        else:
            sheet.cell(row, at[column]).value = right[column]
    book.save(path)
    return sheet.max_row - 1


def test_a_wrong_workbook_comes_back_and_its_mended_rows_go_in(demo: Demo, street: Street, tmp_path: Path):
    fresh = demo.manifest["fresh"]["wrong"]
    clerk = street.person(fresh["assessor"])
    send(clerk, demo.file(fresh["file"])).waits_for("行要改，还没有写入任何数据")
    wrong, good = clerk.counts(r"(\d+) 行错\s+(\d+) 行对")
    assert wrong + good == fresh["rows"]
    with clerk.page.expect_download() as download:
        clerk.main.get_by_role("link", name=f"下载这 {wrong} 行").click()
    download.value.save_as(rows := tmp_path / "错误行.xlsx")
    clerk.fill("原因", "错误行要等学员回话").press(f"先载入 {good} 行").waits_for(f"{good} 张证书已入库")
    mended = mend(rows, {"手机号码": "15400000123", "理论成绩": 60, "课时": 84})
    send(clerk, rows).waits_for(f"{mended} 行全部正确，等您入库")
    clerk.press(f"入库 {mended} 行").waits_for(f"{mended} 张证书已入库")
