"""The stories of the main line, told in a browser by the people they happen to; in this order, in one demo."""

import re
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from jiangxin.ground.identity import mask_name
from tests.journeys.demo import Demo
from tests.journeys.desks import alter_pool, approve, look_for_work, notice_days_pass, pay, post_notice, release_hold
from tests.journeys.people import Person, Street

RESULTS = "职业技能等级证书"


def test_the_tour_printed_after_the_start_leads_to_pages_that_are_there(demo: Demo, street: Street):
    walk = demo.said.read_text().partition("\n 1. ")[2]
    links = re.findall(r"http://\S+", walk)
    assert len(links) > 9
    for link in links:
        answer = street.person("").page.goto(link)
        assert answer is not None
        assert answer.ok
    for path in re.findall(r"\S+\.xlsx", walk):
        assert Path(path.partition(" ")[0]).exists()


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
        why = str(sheet.cell(row, at["错误原因"]).value).partition("：")[2]
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


def names_in(path: Path) -> list[str]:
    """The people of a results workbook, each name once, in its order."""
    sheet = openpyxl.load_workbook(path)["考生成绩"]
    return list(dict.fromkeys(str(row[0]) for row in sheet.iter_rows(min_row=2, max_col=1, values_only=True)))


def worker_of(demo: Demo, scenario: str) -> str:
    """The demo account of somebody to whom a planted case happened."""
    workers: dict[str, str] = demo.manifest["accounts"]["workers"]
    return next(role for role, case in workers.items() if case == scenario)


def test_a_certificate_becomes_money_on_the_card(demo: Demo, street: Street):
    fresh = demo.manifest["fresh"]["clean"]
    clerk = send(street.person(fresh["assessor"]), demo.file(fresh["file"]))
    clerk.waits_for(f"{fresh['rows']} 行全部正确，等您入库")
    clerk.press(f"入库 {fresh['rows']} 行").waits_for(f"{fresh['rows']} 张证书已入库")
    look_for_work(street)
    name = names_in(demo.file(fresh["file"]))[0]
    worker = street.citizen(name).open("/me/").sees("要您办").open("/me/money")
    worker.press("确认收款").press(re.compile("^确认，")).sees("已确认收款")
    post_notice(street)
    worker.open("/me/money").sees("公示")
    notice_days_pass(street)
    release_hold(street, name)
    approve(street)
    pay(street)
    worker.open("/me/money").sees("已到账")


def test_a_refusal_says_why_and_what_would_change_it(demo: Demo, street: Street):
    worker = street.person(worker_of(demo, "same_level")).open("/me/money")
    worker.sees("不予补贴", "您已就这个职业和等级享受过补贴", "同一职业同一等级不可重复享受", "第13条", "怎样就能领")
    worker.press("逐条看").sees("不符合 1 条")
    street.person("").open("/law").sees("浙人社发〔2022〕32号")


def test_a_register_that_was_missing_lets_the_lines_go_on(demo: Demo, street: Street):
    worker = street.person(worker_of(demo, "staff_gap")).open("/me/money").sees("等财政供养人员库，数据一到自动再算")
    maker = street.person("jiashan-maker").open("/desk/waiting/").press("财政供养人员库")
    (waited,) = maker.counts(r"(\d+) 笔在等财政供养人员库")
    extract = demo.manifest["missing_extract"]
    keeper = street.person("zhejiang-data").open("/desk/registers/").pick("哪个登记来源", "财政供养人员")
    keeper.pick("管哪个地区", "浙江省").fill("管的日期从", extract["from"]).fill("到", extract["until"])
    keeper.fill("哪天提取的", extract["extracted"]).fill("文件", demo.file(extract["file"])).press("检查并入库")
    keeper.waits_for(f"已入库 {extract['rows']} 行")
    look_for_work(street)
    maker.open("/desk/waiting/")
    assert waited
    assert "财政供养人员库" not in maker.main.inner_text()
    assert "等财政供养人员库" not in worker.open("/me/money").main.inner_text()


def test_declined_and_reopened_when_the_pool_has_run_dry(demo: Demo, street: Street):
    worker = street.citizen(names_in(demo.file(demo.manifest["fresh"]["clean"]["file"]))[1]).open("/me/money")
    worker.press("不要了").press(re.compile("元我不要了$")).sees("这一笔您不要了，名额没有用掉")
    line = worker.page.url
    budget = street.person("jiashan-budget").open("/desk/pools/").press("就业补助资金")
    yuan, _ = budget.counts(r"可用 ([\d,]+)\.(\d\d) 元")
    alter_pool(street, f"-{yuan}", "嘉善财社〔2026〕12号收回")
    worker.open(line).press("重新办理").press("重新办理").sees("已重新办理")
    look_for_work(street)
    worker.open(line).sees("第 1 位")
    budget.open("/desk/pools/").press("就业补助资金").sees("1 笔在排队")
    short, _ = budget.counts(r"还差 ([\d,]+)\.(\d\d) 元")
    alter_pool(street, str(short + yuan), "嘉善财社〔2026〕13号追加")
    look_for_work(street)
    budget.open("/desk/pools/").press("就业补助资金").sees("没有人在排队")
    worker.open(line).sees("确认收款")


def test_the_public_objects_once_rightly_and_once_wrongly(street: Street):
    post_notice(street)
    visitor, maker, checker = street.person(""), street.person("jiashan-maker"), street.person("jiashan-checker")
    for row, words, upheld, answer, said in (
        (1, "此人当时在外地上班，没有参加培训。", True, "经核对，本人没有参加。", "异议成立"),
        (2, "我没有在培训班上见过这个人。", False, "经核对签到，本人全程参加。", "异议不成立"),
    ):
        visitor.open("/notices").press(re.compile("^嘉善县.*号$")).press(re.compile(f"第 {row} 行$"))
        visitor.fill("哪里不对", words).press("提交异议").sees("已收到，最晚")
        receipt = visitor.page.url
        maker.open("/desk/objections/").press(re.compile("."), among=maker.main.locator("tbody th")).sees(words)
        if upheld:
            about = maker.page.url
            maker.press("异议成立，请另一位确认").fill("查了什么、为什么成立", answer).press("提出异议成立")
            maker.sees("等另一位同事确认").open(about).sees("是您提出的")
            visitor.open(receipt).sees("已收到，最晚")
            checker.open("/desk/").sees("异议成立 1 件等第二个人确认").open(about).sees(answer)
            checker.press("查过，确认异议成立").press("确定取消这一笔").sees("已答复：" + said)
        else:
            maker.fill("答复", answer).press("异议不成立，继续办理").sees("已答复：" + said)
        visitor.open(receipt).sees(said, answer)


def test_a_rejected_account_is_corrected_and_paid_on_the_second_try(street: Street):
    worker = street.person("worker-failed").open("/me/money").sees("没付成", "银行退回")
    worker.press("换成我的另一个账户").fill("开户银行", "嘉善农商银行").fill("账号", "6217003990001234567")
    worker.fill("再填一次账号", "6217003990001234567").press("下一步")
    worker.press(re.compile("^确认，付到尾号")).sees("已换好", "尾号 4567")
    look_for_work(street)
    holder = mask_name(worker.open("/me/archive").main.locator("strong").first.inner_text())
    release_hold(street, holder)
    look_for_work(street)
    pay(street)
    worker.open("/me/money").sees("已到账")


def test_every_invariant_holds_after_all_of_it(demo: Demo):
    found = demo.asked("verify")
    assert len(found) > 20
    assert [one for one in found if one["violations"]] == []
    assert sum(one["checked"] for one in found) > 1000
