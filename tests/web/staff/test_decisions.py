"""The list of lines and the page of one line, as the maker sees and works them."""

import re
from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jiangxin.ground.actor import acting, machine, set_scope
from jiangxin.ground.journal import JournalEntry
from jiangxin.subsidy.models import Decision, SubsidyLine
from jiangxin.subsidy.operations.decide import decide_certificates
from jiangxin.subsidy.operations.objections import file_objection
from tests.web.people import as_worker
from tests.web.staff.desk import at_desk, desk, to_approve
from tests.web.village import Village

pytestmark = pytest.mark.role("web")
LIST = "/desk/decisions/"
ONE = {"scheme": "certificate_subsidy"}


@pytest.fixture(scope="module")
def village(clone: str) -> Village:
    return desk()


@pytest.fixture
def maker(village: Village) -> Client:
    return at_desk("web-maker")


def page(line: SubsidyLine) -> str:
    return reverse("staff-decision", args=[line.id])


def deed(line: SubsidyLine, name: str) -> str:
    return reverse("staff-answer", args=[line.id, name])


def text(answer) -> str:
    """The words of a page's main part, without its tags."""
    assert answer.status_code == 200, answer.content.decode()[:500]
    main = answer.content.decode().split("<main")[1]
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", main))


def last_deed(line: SubsidyLine) -> tuple[str, str]:
    """The latest journal entry of a line: what was done, by whom."""
    with transaction.atomic():
        set_scope(machine())
        found = JournalEntry.objects.filter(subject_id=line.id).order_by("-at", "-id").first()
        return (found.verb, found.actor_name)


def test_the_list_finds_a_person_by_name_and_shows_it_masked(village, maker):
    line = village.line(village.person("欧阳明月"))
    told = text(maker.get(LIST, ONE | {"find": "欧阳明月"}))  # its chip repeats what was asked
    assert "1笔，合计1,800.00元" in told
    assert line.number in told
    assert "等本人确认" in told
    assert "欧阳明月" not in told.replace("职业：欧阳明月", "")


def test_the_list_narrows_by_amount_and_by_state(village, maker):
    line = village.line()
    assert "1笔，合计1,800.00元" in text(
        maker.get(LIST, ONE | {"find": line.number, "least": "1800", "most": "1800.00"})
    )
    assert "没有符合条件的" in text(maker.get(LIST, ONE | {"find": line.number, "least": "1800.01"}))
    assert "没有符合条件的" in text(maker.get(LIST, ONE | {"find": line.number, "most": "1799.99"}))
    assert "没有符合条件的" in text(maker.get(LIST, ONE | {"find": line.number, "state": "paid"}))


def test_a_wrong_condition_is_said_beside_its_field(village, maker):
    told = text(maker.get(LIST, {"since": "去年"}))
    assert "请写成2026-03-18这样的日期" in told
    assert "查询条件不对" in told
    assert "合计" not in told


def test_the_tabs_count_what_is_looked_for(village, maker):
    village.line()
    line = village.line(village.person("端木独有"))
    shown = maker.get(LIST, ONE | {"find": line.number}).content.decode()
    tabs = shown.split('aria-label="按状态看"')[1].split("</nav>")[0]
    assert re.findall(r"state=\w+[^>]*>([^<]+)</a>", tabs) == ["等本人确认 1"]


def test_the_maker_is_led_to_where_the_line_moves_on(village, maker):
    line, ready = village.line(), to_approve(village)
    village.confirm(line)
    assert "去公示" in deeds(maker, line)
    assert "去送审" in deeds(maker, ready)
    assert "现在没有要您办的" not in deeds(maker, ready)
    assert "去送审" not in deeds(at_desk("web-checker"), ready)


def deeds(browser: Client, line: SubsidyLine) -> str:
    """The panel of what may be done with a line."""
    return browser.get(page(line)).content.decode().split('aria-label="能做的"')[1].split("</section>")[0]


def test_the_list_is_exported_as_filtered_and_masked(village, maker):
    line = village.line(village.person("司马导出"))
    answer = maker.get(LIST, ONE | {"find": line.number, "export": "1"})
    book = openpyxl.load_workbook(BytesIO(answer.content))
    cells = [str(cell) for row in book["核定"].iter_rows(values_only=True) for cell in row if cell is not None]
    assert line.number in cells
    assert "司马导出" not in cells
    assert not any(re.search(r"\d{17}[\dX]", cell) for cell in cells)


def test_a_line_of_another_office_is_not_there(village):
    line = village.line()
    browser = at_desk("far-maker")
    assert browser.get(page(line)).status_code == 404
    assert browser.post(deed(line, "confirm"), {"how": "counter"}).status_code == 404
    assert village.now(line).state == "to_confirm"
    assert "没有符合条件的" in text(browser.get(LIST, {"find": line.number}))


def test_the_page_of_a_no_begins_with_the_reason_and_its_article(village, maker):
    person = village.person()
    taken = village.line(person)
    again = village.line(person, level="5")
    assert village.now(again).state == "refused"
    told = text(maker.get(page(again)))
    assert "条没有过" in told
    first = told.index("怎样就能领")
    assert "没有享受过更高等级" in told[:first]
    assert told.index("享受过更高等级的补贴") < told.index("逐条看")
    assert "。。" not in told
    assert "《" in told[:first]
    assert "代本人确认收款" not in told
    assert "代本人确认收款" in text(maker.get(page(taken)))


def test_the_page_names_what_was_taught_and_what_is_certified(village, maker):
    other = village.line(training_subject="4-10-01-05", training_title="养老护理员")
    told = text(maker.get(page(other)))
    assert "您培训的是养老护理员，考取的是电工，不是同一职业。" in told
    assert "4-10-01-05" not in told
    untold = village.line(training_subject="", training_title="")
    assert "培训的职业（未知）和证书的职业（电工）还没有对上。" in text(maker.get(page(untold)))


def test_the_maker_confirms_at_the_counter(village, maker):
    line = village.line()
    assert "代本人确认收款" in text(maker.get(page(line)))
    told = text(maker.post(deed(line, "confirm"), {"how": "telephone"}, follow=True))
    assert "替本人办的要留记录" in told
    assert village.now(line).state == "to_confirm"
    said = "3月2日9点通话，本人同意"
    told = text(maker.post(deed(line, "confirm"), {"how": "telephone", "note": said}, follow=True))
    assert said in told
    assert "已记下本人确认" in told
    assert village.now(line).state == "to_notice"
    assert village.now(line).confirmed_how == "telephone"
    assert last_deed(line) == ("confirmed", "经办甲")


def test_what_stops_a_line_is_one_press_away(village, maker):
    line = village.line()
    notice = village.notice(line)
    with transaction.atomic():
        set_scope(machine())
        row = notice.lines.get()
    with acting(machine()) as at:
        objection = file_objection(machine(), at, row.id, "没有参加过培训")
    assert reverse("staff-objection", args=[objection.id]) in maker.get(page(line)).content.decode()


def test_the_maker_declines_and_reopens_for_a_person(village, maker):
    line = village.line()
    maker.post(deed(line, "decline"), {"note": "本人说不要"})
    assert village.now(line).state == "declined"
    assert village.now(line).slot is None
    assert "重新办理" in text(maker.get(page(line)))
    maker.post(deed(line, "reopen"))
    assert village.now(line).state == "waiting"
    assert last_deed(line) == ("reopened", "经办甲")


def test_the_maker_puts_off_to_a_day_within_the_window_only(village, maker):
    line = village.line()
    told = text(maker.post(deed(line, "defer"), {"until": "2027-02-03"}, follow=True))
    assert "可以暂缓到" in told
    assert "请填写暂缓到哪一天" in text(maker.post(deed(line, "defer"), follow=True))
    assert village.now(line).state == "to_confirm"
    maker.post(deed(line, "defer"), {"until": "2026-06-01"})
    assert (village.now(line).state, village.now(line).due_on) == ("deferred", date(2026, 6, 1))


def test_nobody_but_the_maker_answers_for_a_person(village):
    line = village.line()
    checker = at_desk("web-checker")
    assert "代本人确认收款" not in text(checker.get(page(line)))
    assert checker.post(deed(line, "confirm"), {"how": "counter"}).status_code == 403
    assert village.now(line).state == "to_confirm"


def test_each_decision_opens_as_it_was_given(village, maker):
    line = village.line()
    maker.post(deed(line, "decline"), {"note": "本人到窗口说不要"})
    maker.post(deed(line, "reopen"))
    with as_worker(), acting(machine()) as at:
        decide_certificates(machine(), at, [line.certificate_id], "重新办理")
    with transaction.atomic():
        set_scope(machine())
        first, second = Decision.objects.filter(line_id=line.id).order_by("decided_at", "id")
        other = Decision.objects.exclude(line__certificate_id=line.certificate_id).first()
    link = reverse("staff-decision-version", args=[line.id, first.id])
    assert link in maker.get(page(line)).content.decode()
    assert "后来又核定过" in text(maker.get(link))
    assert "现在有效的一次" in text(maker.get(reverse("staff-decision-version", args=[line.id, second.id])))
    assert maker.get(reverse("staff-decision-version", args=[line.id, other.id])).status_code == 404


def test_a_refused_line_waits_for_no_other_rule_and_counts_its_own(village, maker):
    line = village.line(listed=False, issued_on=date(2025, 2, 1), exam_on=date(2025, 1, 25),
                        training_first_on=date(2024, 12, 1), training_last_on=date(2025, 1, 15))  # fmt: skip
    assert line.state == "refused"
    told = text(maker.get(page(line)))
    assert "这项补贴共29条，1条没有过" in told
    assert "没有再查" in told
    assert "所以先等" not in told


def test_the_search_box_opens_what_it_finds(village, maker):
    line = village.line(village.person("诸葛独一"))
    assert maker.get("/desk/find/", {"q": line.number})["Location"] == page(line)
    for number in ("330499199005010012", "33049919900501001x", "330499 19900501 0012", "330499900501001"):
        answer = maker.get("/desk/find/", {"q": number})
        assert answer["Location"] == "/desk/people/"
        assert "身份证号不能写进网址" in text(maker.get("/desk/people/"))
    refused = maker.get("/desk/decisions/", {"find": "330499199005010012"})
    assert refused["Location"] == "/desk/people/"
    assert maker.get("/desk/find/", {"q": "a&state=paid"})["Location"].endswith("?find=a%26state%3Dpaid")


def test_pages_ask_the_database_little(village, maker):
    line = village.line()
    for address, most in ((LIST, 16), (page(line), 28)):
        maker.get(address)
        with CaptureQueriesContext(connection) as asked:
            maker.get(address)
        assert len(asked) <= most, address
