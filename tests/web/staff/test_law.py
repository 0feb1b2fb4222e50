"""政策与标准 and 职业类别: what is in force, a number by document through two people, classes kept by the province."""

import re
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from jiangxin.catalogue.class_sheet import COLUMNS, class_workbook
from jiangxin.catalogue.models import GuidanceClass
from jiangxin.catalogue.queries import Listed, classes_on, guidance_catalogue
from jiangxin.ground.actor import machine, set_scope
from jiangxin.ground.jobs import Job
from jiangxin.ground.journal import JournalEntry
from jiangxin.parties.models import Account
from jiangxin.rules.numbers import NUMBERS
from jiangxin.rules.parameters import PUBLISHED, Law
from jiangxin.subsidy.law import current_law
from jiangxin.subsidy.models import AdoptedStandard
from jiangxin.subsidy.operations.standards import try_standard_job
from jiangxin.web.staff.law.values import value_form
from tests.factories.whole import whole
from tests.web.people import staff
from tests.web.staff.desk import at_desk, desk
from tests.web.village import Village

pytestmark = pytest.mark.role("web")
LAW, NEW, CLASSES, LIST = "/desk/law/", "/desk/law/standards/new/", "/desk/classes/", "/desk/law/standards/"
AMOUNT = f"{NEW}?what=certificate_subsidy/amount"
PAPER = {
    "issued_by": "嘉善县人社局、财政局", "title": "关于调整补贴标准的通知", "number": "善人社〔2026〕9号",
    "published_on": "2026-03-02", "link": "https://example.gov.cn/9", "from_on": "2026-03-10", "until_on": "",
}  # fmt: skip
ELECTRICIAN, CARER, TURNER = "6-31-01-03", "4-10-01-05", "6-18-01-01"


@pytest.fixture(scope="module")
def village(clone: str) -> Village:
    village = desk()
    village.line()
    opened: dict[str, Account] = {}
    for username, duty, region in (
        ("one", "budget", 330421), ("two", "budget", 330421), ("far", "budget", 330402), ("prov", "register", 330000),
        ("prov-budget", "budget", 330000), ("plain-maker", "maker", 330421), ("keeper", "register", 330421),
    ):  # fmt: skip
        staff(opened, username, f"演示{username}", duty, region)
    return village


@pytest.fixture
def one(village: Village) -> Client:
    return at_desk("one")


def text(answer: Any, status: int = 200) -> str:
    """The words of a page's main part, without its tags."""
    assert answer.status_code == status, answer.content.decode()[:800]
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", answer.content.decode().split("<main")[1]))


def propose(browser: Client, **change: str) -> str:
    """Propose an amount for every level; the address of its page."""
    table = {f"levels/any/{level}": "2345.00" for level in "54321"}
    answer = browser.post(AMOUNT, PAPER | table | change)
    assert answer.status_code == 302, text(answer)
    return str(answer["Location"])


def run_trials() -> None:
    for job in Job.objects.filter(kind="try_standard", state="waiting"):
        try_standard_job(job, lambda done, total: None)
        Job.objects.filter(pk=job.pk).update(state="done")


def counted() -> tuple[int, int, int]:
    with transaction.atomic():
        set_scope(machine())
        deeds = JournalEntry.objects.filter(subject_kind__in=("GuidanceClass", "AdoptedStandard")).count()
        return AdoptedStandard.objects.filter(state="confirmed").count(), GuidanceClass.objects.count(), deeds


def queries(browser: Client, address: str) -> int:
    browser.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(address).status_code == 200
    return len(asked)


def test_the_law_of_my_region_on_a_day(one: Client) -> None:
    said = text(one.get(LAW))
    assert re.match(r".*嘉善县3月2日的规定：\d+项数字，\d+项查明", said)
    assert "演示假设" in said
    assert "抽查回访比例" in said
    past = text(one.get(LAW, {"region": 330421, "on": "2019-01-01"}))
    assert "2019年1月1日" in past
    assert past != said
    assert "请从给出的选项里选" in text(one.get(LAW, {"region": 330402, "on": "2026-03-02"}))


def test_a_number_goes_from_document_through_two_people(village: Village, one: Client) -> None:
    assert "嘉善县补贴标准：照文件填" in text(one.get(AMOUNT))
    page = propose(one)
    assert "正在试算" in text(one.get(page))
    assert one.get(f"{page}progress/").status_code == 200
    run_trials()
    assert one.get(f"{page}progress/")["HX-Refresh"] == "true"
    said = text(one.get(page))
    assert "过去12个月会影响" in said
    assert "要由另一位预算管理人员对照文件确认" in said
    assert "2,345.00元" in said
    before = counted()
    assert one.post(f"{page}confirm/").status_code == 302
    assert "提出的人不能自己确认" in text(one.get(page))
    assert counted() == before
    two = at_desk("two")
    assert "确认采用" in text(two.get(page))
    assert two.post(f"{page}confirm/").status_code == 302
    assert "2026年善人社" not in text(two.get(page))
    assert "3月10日起按善人社〔2026〕9号执行" in text(two.get(page))
    assert counted()[0] == before[0] + 1
    with transaction.atomic():
        set_scope(machine())
        entry = JournalEntry.objects.filter(verb="confirmed_standard").latest("at")
        value = current_law().value("330421", "certificate_subsidy", "amount", date(2026, 3, 10))
    assert entry.actor_name == "演示two"
    assert value == {"levels": {"any": dict.fromkeys("54321", 234_500)} | value["levels"]} | {
        kind: value[kind] for kind in value if kind != "levels"
    }
    assert "善人社〔2026〕9号" in text(one.get(LAW, {"region": 330421, "on": "2026-03-10"}))
    assert "善人社〔2026〕9号" not in text(one.get(LAW, {"region": 330421, "on": "2026-03-09"}))
    assert "善人社〔2026〕9号" in text(one.get(LIST, {"state": "confirmed"}))


def test_an_amount_by_the_lesson_goes_through_the_form_and_back() -> None:
    by_lesson = {"training_pass_by_lesson": {"per_lesson": 2_500, "at_most": 200_000}}
    shown = value_form("amount", by_lesson).initial
    assert shown["items"] == "课时 25 2000"
    form = value_form("amount", None, shown)
    assert form.is_valid()
    assert form.value == by_lesson


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"number": ""}, "文号：请填写"),
        ({"link": "文件柜"}, "文件网址："),
        ({"from_on": "2026-03-01"}, "标准不能追溯到文件发布以前"),
        ({"published_on": "2026-03-20", "from_on": "2026-04-01"}, "还没有到"),
        ({"levels/any/5": "1.005"}, "不分"),
        ({"items": "专项 x 很多"}, "请照例子逐行核对"),
        ({"items": "item:x 500"}, "请照例子逐行核对"),
    ],
)
def test_a_form_that_is_refused_keeps_what_was_entered(one: Client, change: dict[str, str], said: str) -> None:
    before = AdoptedStandard.objects.count()
    answer = one.post(AMOUNT, PAPER | {"levels/any/4": "777.25"} | change)
    if said != "不分":
        assert said in text(answer)
    assert 'value="777.25"' in answer.content.decode()
    assert PAPER["title"] in answer.content.decode()
    assert "还没有提交" in text(answer)
    assert AdoptedStandard.objects.count() == before


def test_single_items_are_entered_in_words(one: Client) -> None:
    page = propose(one, items="专项 33A012 500\n项目 P7 1200.5")
    with transaction.atomic():
        set_scope(machine())
        value = AdoptedStandard.objects.get(pk=page.rstrip("/").rpartition("/")[2]).value
    assert value["special_skill"] == {"item:33A012": 50_000}
    assert value["training_pass"] == {"project:P7": 120_050}
    assert "item:" not in text(one.get(AMOUNT))


def test_a_county_is_not_offered_what_the_province_sets(one: Client) -> None:
    county, province = text(one.get(NEW)), text(at_desk("prov-budget").get(NEW))
    assert "每人每年享受次数" not in county
    assert "每人每年享受次数" in province
    assert "请从给出的选项里选" in text(one.get(NEW, {"what": "common/yearly_cap"}))


def test_a_proposal_is_taken_back(one: Client) -> None:
    page = propose(one, from_on="2026-09-01")
    assert one.post(f"{page}try/").status_code == 302
    assert one.post(f"{page}withdraw/").status_code == 302
    assert "已撤回，没有生效" in text(one.get(page))
    assert one.post(f"{page}withdraw/").status_code == 302
    assert "不能再改" in text(one.get(page))
    assert one.post(f"{page}nonsense/").status_code == 404


def test_another_county_sees_nothing_of_it(one: Client) -> None:
    page = propose(one, from_on="2026-10-01")
    far = at_desk("far")
    assert far.get(page).status_code == 404
    before = counted()
    for deed in ("confirm", "withdraw", "try"):
        assert far.post(f"{page}{deed}/").status_code == 404
    assert counted() == before
    assert "善人社" not in text(far.get(LIST))
    maker = at_desk("plain-maker")
    assert "由嘉善县的预算管理人员确认" in text(maker.get(page))
    assert maker.post(f"{page}withdraw/").status_code == 403
    assert maker.get(NEW).status_code == 403


def test_pages_ask_little(one: Client) -> None:
    page = propose(one, from_on="2026-11-01")
    for address, most in ((LAW, 22), (LIST, 20), (AMOUNT, 20), (page, 22), (CLASSES, 20)):
        assert queries(one, address) <= most, address


@pytest.mark.parametrize("number", NUMBERS)
def test_every_number_has_a_form_that_gives_back_what_it_shows(number: str) -> None:
    """Whatever the files hold, shown in the form and sent unchanged, is the same value."""
    law = Law.load((PUBLISHED, settings.ASSUMED_LAW), allow_assumed=True)
    entries = [value for one in law.numbers.values() if one.number == number for value in one.values]
    held = [value.value for value in entries if value.value is not None]
    unfiled = {"payment_weekdays": [1, 3], "lifetime_cap": 9, "excludes_insured_elsewhere": True}
    for before in held or [unfiled[number]]:
        shown = value_form(number, before)
        sent = {name: value for name in shown.fields if (value := shown.initial.get(name)) is not None}
        again = value_form(number, None, sent)
        assert again.is_valid(), (before, again.errors)
        assert again.value == before
        assert NUMBERS[number].fits(again.value)
    assert not value_form(number, None, {}).is_valid() or number in ("scarce_uplift_percent", "class_hours_min")


# ── the guidance catalogue ─────────────────────────────────────────────────────────────────────────────────────────
FILED = {"occupation_class": "social", "from_on": "2026-03-10", "document": "浙人社发〔2026〕3号"}


def test_the_province_files_classes_and_a_county_reads_them(village: Village, one: Client) -> None:
    province = at_desk("prov")
    assert "登记" in text(province.get(CLASSES))
    chosen = FILED | {"row": [ELECTRICIAN, CARER], "from_on": "2026-03-01"}
    assert province.post(CLASSES, chosen).status_code == 302
    county = text(one.get(CLASSES, {"kind": "social"}))
    assert "电工" in county
    assert "浙人社发〔2026〕3号" in county
    assert "给选中的职业登记类别" not in county
    ended = FILED | {"occupation_class": "none", "row": [CARER], "from_on": "2026-06-01", "document": "x〔2026〕4号"}
    assert province.post(CLASSES, ended).status_code == 302
    with whole():
        days = [classes_on("2022", [CARER], 330421, day).get(CARER) for day in (date(2026, 5, 31), date(2026, 6, 1))]
        verbs = JournalEntry.objects.filter(subject_kind="GuidanceClass").values_list("verb", flat=True)
        assert {"set_guidance_class", "ended_guidance_class"} <= set(verbs)
        row = GuidanceClass.objects.get(code=CARER)
    assert days == ["social", None]
    assert (row.until_on, row.end_document) == (date(2026, 5, 31), "x〔2026〕4号")


@pytest.mark.parametrize(
    ("who", "change", "said"),
    [
        ("prov", {"document": ""}, "请填写"),
        ("prov", {"row": []}, "请先在表里勾选职业"),
        ("prov", {"row": ["9-99-99-99"]}, "没有代码9-99-99-99"),
        ("prov", {"occupation_class": "none"}, "没有登记类别"),
    ],
)
def test_classes_that_are_refused_change_nothing(village: Village, who: str, change: dict[str, Any], said: str) -> None:
    before = counted()
    answer = at_desk(who).post(CLASSES, FILED | {"row": [TURNER]} | change)
    assert said in answer.content.decode().replace(" ", "")
    assert counted() == before


@pytest.mark.parametrize("who", ["keeper", "one"])
def test_a_county_files_no_classes(village: Village, who: str) -> None:
    before, browser = counted(), at_desk(who)
    for sent in (FILED | {"row": [TURNER]}, upload()):
        assert browser.post(CLASSES, sent).status_code == 302
        assert "您的岗位不能办这件事" in text(browser.get(CLASSES))
    assert counted() == before


def listed() -> dict[str, Listed]:
    with transaction.atomic():
        return {row.code: row for row in guidance_catalogue("2022", date(2026, 3, 2), per_page=9999).rows}


def upload(*rows: list[object]) -> dict[str, Any]:
    book = load_workbook(BytesIO(class_workbook([])))
    sheet = book["职业类别"]
    for row in rows:
        sheet.append(row)
    out = BytesIO()
    book.save(out)
    return {"sheet": "yes", "file": SimpleUploadedFile("类别.xlsx", out.getvalue())}


def test_a_sheet_goes_out_and_comes_back(village: Village) -> None:
    province = at_desk("prov")
    answer = province.get(CLASSES, {"export": 1, "find": "电工"})
    sheet = load_workbook(BytesIO(answer.content))["职业类别"]
    assert [cell.value for cell in sheet[1]] == [column.header for column in COLUMNS]
    codes = [row[0].value for row in sheet.iter_rows(min_row=2)]
    assert ELECTRICIAN in codes
    before = counted()
    same = {"sheet": "yes", "file": SimpleUploadedFile("类别.xlsx", answer.content)}
    assert province.post(CLASSES, same).status_code == 302
    assert counted()[1] == before[1], "an unchanged sheet changes nothing"
    row = [TURNER, "车工", "生产制造类", date(2026, 3, 2), "浙人社发〔2026〕3号"]
    assert province.post(CLASSES, upload(row, ["6-18-01-02", "铣工"])).status_code == 302
    with transaction.atomic():
        assert classes_on("2022", [TURNER], 330421, date(2026, 3, 2)) == {TURNER: "manufacturing"}
    assert counted()[1] == before[1] + 1


def test_one_wrong_row_stops_the_whole_sheet(village: Village) -> None:
    before = counted()
    names = {code: row.name for code, row in listed().items()}
    good = ["6-18-01-03", names["6-18-01-03"], "生产制造类", date(2026, 3, 2), "文〔2026〕1号"]
    rows = [
        good, ["9-99-99-99", "没有的"], good, ["6-18-01-07", names["6-18-01-07"], "生产制造类"],
        ["6-18-01-08", names["6-18-01-08"], "好的一类"], ["6-18-01-09", "厨师"],
    ]  # fmt: skip
    said = text(at_desk("prov").post(CLASSES, upload(*rows)))
    for words in (
        "6处要改，一行也没有写入", "A3", "没有编码9-99-99-99的职业", "A4", "出现了两次", "D5", "没有填开始日期", "E5",
        "C6", "B7", "请核对编码和名称",
    ):  # fmt: skip
        assert words in said, words
    assert counted() == before
    renamed = {"sheet": "yes", "file": SimpleUploadedFile("类别.xlsx", b"not a workbook")}
    assert "请在Excel里打开，另存为.xlsx" in text(at_desk("prov").post(CLASSES, renamed))


def test_a_class_of_a_workbook_has_words() -> None:
    turner = Listed("6-18-01-01", "车工", "social", date(2026, 3, 2), None, "文")
    sheet = load_workbook(BytesIO(class_workbook([turner])))["职业类别"]
    assert [cell.value for cell in sheet[2]][:3] == ["6-18-01-01", "车工", "社会生产类"]
    assert reverse("staff-classes") == CLASSES
