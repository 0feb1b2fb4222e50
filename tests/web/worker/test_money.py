"""My money on the phone: what each line says, and the answers that only its person gives."""

import re
from datetime import date, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jiangxin.ground.actor import Actor, acting, machine
from jiangxin.ground.clock import SHANGHAI
from jiangxin.ground.journal import JournalEntry
from jiangxin.parties.models import Person
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.subsidy.operations.deferrals import keep_deferrals
from jiangxin.subsidy.operations.objections import file_objection, propose_upholding, uphold_objection
from tests.factories.whole import whole
from tests.web.people import as_worker
from tests.web.village import Village, enter

pytestmark = pytest.mark.role("web")


@pytest.fixture(scope="module")
def village(clone: str) -> Village:
    return Village.built()


def text(answer) -> str:
    """The words of a page, without its tags."""
    assert answer.status_code == 200, answer.content.decode()[:500]
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", answer.content.decode()))


def mine(village: Village, line: SubsidyLine) -> Client:
    return enter(Person.objects.get(pk=line.person_id))


def page(line: SubsidyLine, deed: str = "") -> str:
    return f"/me/money/{line.pk}" + (f"/{deed}" if deed else "")


def verbs(line: SubsidyLine) -> list[str]:
    with whole():
        return list(JournalEntry.objects.filter(subject_id=line.pk).order_by("at", "id").values_list("verb", flat=True))


def test_a_promised_line_says_amount_day_and_what_silence_means(village):
    line = village.line()
    told = text(mine(village, line).get("/me/money"))
    assert "1,800.00元" in told
    assert "等您确认收款" in told
    assert "3月9日前" in told
    assert "到期不答复" in told
    assert "核定通过，1,800.00元留给您" in told
    assert told.index("核定通过") < told.index("等您确认收款") < told.index("公示5个工作日") < told.index("两个人审批")


def test_confirming_shows_account_and_count_first_and_binds_only_on_the_button(village):
    line = village.line()
    browser = mine(village, line)
    asked = text(browser.get(page(line, "confirm")))
    assert "占用次数2026年第1次，每年共3次" in asked
    with whole():
        account = village.now(line).person.payee_accounts.get()
    assert f"尾号{account.tail}" in asked
    assert village.now(line).state == "to_confirm"
    answer = browser.post(page(line, "confirm"), follow=True)
    assert village.now(line).state == "to_notice"
    assert verbs(line)[-1] == "confirmed"
    with whole():
        assert JournalEntry.objects.get(subject_id=line.pk, verb="confirmed").account_id is not None
    assert "已确认收款" in text(answer)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'tick'")
        assert cursor.fetchone()[0] >= 1


def test_without_an_account_the_page_leads_to_one(village):
    line = village.line(village.person(account=False))
    browser = mine(village, line)
    assert "还没有可以收款的账户" in text(browser.get(page(line, "confirm")))
    told = text(browser.post(page(line, "confirm"), HTTP_REFERER=page(line, "confirm"), follow=True))
    assert "还没有可以收款的账户。请先登记" in told
    assert village.now(line).state == "to_confirm"


def test_declining_says_what_it_means_and_can_be_taken_back(village):
    line = village.line()
    browser = mine(village, line)
    assert "名额不用掉" in text(browser.get(page(line, "decline")))
    browser.post(page(line, "decline"), {"reason": "单位另有安排"})
    gone = village.now(line)
    assert (gone.state, gone.slot) == ("declined", None)
    with whole():
        assert JournalEntry.objects.get(subject_id=line.pk, verb="declined").detail["cause"] == "单位另有安排"
    assert "您选了不要" in text(browser.get("/me/money"))
    assert "符合的，资金不够时排在队尾" in text(browser.get(page(line, "reopen")))
    browser.post(page(line, "reopen"))
    assert village.now(line).state == "waiting"
    told = text(browser.get(page(line)))
    assert "正在重新核定" in told
    assert "核定通过，1,800.00元留给您" in told
    assert "待核实" not in told


def test_deferring_past_the_window_is_refused_beside_the_field(village):
    line = village.line()
    browser = mine(village, line)
    late = browser.post(page(line, "defer"), {"until": "2027-02-03"})
    assert "最晚只能到2027年2月2日，请选更早的日期" in text(late)
    past = browser.post(page(line, "defer"), {"until": "2026-03-02"})
    assert "请选2026年3月3日或以后的日期" in text(past)
    assert 'min="2026-03-03"' in past.content.decode()
    assert 'max="2027-02-02"' in past.content.decode()
    assert village.now(line).state == "to_confirm"
    browser.post(page(line, "defer"), {"until": "2026-04-01"})
    later = village.now(line)
    assert (later.state, later.due_on) == ("deferred", date(2026, 4, 1))


@pytest.mark.parametrize("deed", ["", "rules", "confirm", "decline", "defer", "reopen"])
def test_anothers_line_is_not_there(village, deed):
    line = village.line()
    other = enter(village.person())
    assert other.get(page(line, deed)).status_code == 404
    if deed not in ("", "rules"):
        assert other.post(page(line, deed), {"until": "2026-04-01"}).status_code == 404
    assert village.now(line).state == "to_confirm"


def test_an_answer_that_no_longer_fits_changes_nothing(village):
    line = village.line()
    village.confirm(line)
    browser = mine(village, line)
    for again in (browser.get, browser.post):
        answer = again(page(line, "confirm"))
        assert answer["Location"] == page(line)
        assert "您已经答复过了。现在：等公示。" in text(browser.get(answer["Location"]))
    assert "这一笔现在不能这样办。现在：等公示。" in text(browser.post(page(line, "reopen"), follow=True))
    assert village.now(line).state == "to_notice"
    assert verbs(line).count("confirmed") == 1
    assert browser.get(page(line, "pay")).status_code == 404


def test_a_no_begins_with_its_reason_then_the_article_then_the_way(village):
    line = village.line(issued_on=date(2025, 2, 1), exam_on=date(2025, 1, 25), training_first_on=date(2024, 12, 1),
                        training_last_on=date(2025, 1, 15))  # fmt: skip
    assert line.state == "refused"
    browser = mine(village, line)
    told = text(browser.get("/me/money"))
    assert told.index("原因：") < told.index("自证书核发之日起12个月内申领") < told.index("怎样就能领")
    asked = text(browser.get(page(line, "rules")))
    assert "不符合1条" in asked
    assert "申领期限：12个月" in asked


def test_trained_for_another_occupation_names_both(village):
    line = village.line(training_subject="4-10-01-05", training_title="养老护理员")
    told = text(mine(village, line).get("/me/money"))
    assert "您培训的是养老护理员，考取的是电工，不是同一职业。" in told
    assert "另有电工培训记录的，由培训机构补报后再次核定。" in told
    assert "4-10-01-05" not in told


def test_on_notice_the_day_is_counted_and_the_paper_linked(village):
    line = village.line()
    notice = village.notice(line)
    answer = mine(village, line).get("/me/money")
    assert "公示第1天，共5个工作日，2026年3月9日结束" in text(answer)
    assert f"/notices/{notice.pk}" in answer.content.decode()


def test_an_objection_is_told_without_who_or_what(village):
    line = village.line()
    notice = village.notice(line)
    public = Actor("公众")
    with acting(public) as at:
        objection = file_objection(public, at, notice.lines.get().pk, "他当天不在场，我亲眼看到", "李某 13900000000")
    browser = mine(village, line)
    told = text(browser.get("/me/money"))
    assert "有人提出异议" in told
    assert "3月9日答复" in told
    assert "亲眼看到" not in told
    assert "李某" not in told
    maker, checker = village.world.staff["maker"], village.world.staff["checker"]
    with acting(maker) as at:
        propose_upholding(maker, at, objection.pk, "经核对签到，异议成立。")
    assert "异议成立" not in text(browser.get("/me/"))
    assert "经核对签到" not in text(browser.get("/me/money"))
    with acting(checker) as later:
        uphold_objection(checker, later, objection.pk, at)
    told = text(browser.get("/me/"))
    assert "异议成立" in told
    assert "经核对签到，异议成立。" in told
    for address in ("/me/money", page(line)):
        told = text(browser.get(address))
        assert "原因：异议成立。答复：经核对签到，异议成立。" in told
        assert "觉得不对，打" in told


def test_a_deferral_that_ran_out_is_not_told_as_a_choice(village):
    line = village.line()
    browser = mine(village, line)
    browser.post(page(line, "defer"), {"until": "2026-04-01"})
    village.walk(line, ("lapsed", "declined"), cause="暂缓到期未答复")
    for address in ("/me/money", page(line)):
        told = text(browser.get(address))
        assert "暂缓到期" in told
        assert "您选了不要" not in told
    assert "过了申领期限没有重新办理；名额没有用掉" in told


def test_a_refused_line_waits_for_nothing(village):
    line = village.line(listed=False, issued_on=date(2025, 2, 1), exam_on=date(2025, 1, 25),
                        training_first_on=date(2024, 12, 1), training_last_on=date(2025, 1, 15))  # fmt: skip
    assert line.state == "refused"
    told = text(mine(village, line).get(page(line, "rules")))
    assert "没有再查" in told
    assert "等：" not in told
    assert "待核实" not in told


def test_money_of_this_year_that_counted_for_another_says_so(village):
    line = village.line(issued_on=date(2025, 12, 20), exam_on=date(2025, 12, 10), training_last_on=date(2025, 12, 5),
                        received_at=datetime(2025, 12, 28, 9, tzinfo=SHANGHAI))  # fmt: skip
    assert line.count_year == 2025
    village.notice(line)
    village.walk(line, ("ended_notice", "noticed"), ("cleared", "to_approve"))
    village.approve(line)
    village.walk(line, ("batched", "in_batch"), ("sent", "sent"), ("paid", "paid"))
    browser = mine(village, line)
    told = text(browser.get("/me/money"))
    assert "2026年还能领3次（共3次）" in told
    assert "算2025年的次数" in told
    assert "算2025年的次数" in text(browser.get("/me/"))


def test_what_is_done_elsewhere_says_where(village):
    person = village.person()
    with acting(machine()):
        village.world.spell(person, "insured", 330421, months=40)
    line = village.line(person)
    with acting(machine()):
        other = SubsidyLine.objects.get(certificate=line.certificate, scheme="skill_uplift")
    assert other.state == "shown"
    told = text(mine(village, line).get(page(other)))
    assert "请问参保地的失业保险经办机构" in told


def test_a_failed_payment_is_urgent_and_says_the_banks_reason(village):
    line = village.line()
    village.notice(line)
    village.walk(line, ("ended_notice", "noticed"), ("cleared", "to_approve"))
    village.approve(line)
    village.walk(line, ("batched", "in_batch"), ("sent", "sent"))
    village.walk(line, ("payment_failed", "failed"), cause="户名不符")
    browser = mine(village, line)
    told = text(browser.get("/me/"))
    assert "要您办1件" in told
    assert "没付成：户名不符" in told
    told = text(browser.get("/me/money"))
    assert "银行退回：户名不符" in told
    assert "换成我的另一个账户" in told
    number = "6228480000009876543"
    typed = browser.post("/me/archive/account", {"bank": "农业银行", "number": number, "again": number})["Location"]
    told = text(browser.post(typed, follow=True))
    assert "已换好：以后付到尾号6543的账户。" in told
    assert "账户已换好，等重新付款" in told
    assert "等您换账户" not in told
    assert "换成我的另一个账户" not in told
    assert "要您办" not in text(browser.get("/me/"))


def test_the_page_asks_the_database_a_fixed_number_of_times(village):
    person = village.person()
    village.line(person)
    browser = enter(person)
    browser.get("/me/money")
    with CaptureQueriesContext(connection) as one:
        browser.get("/me/money")
    village.line(person, occupation="6-18-01-01")
    village.line(person, occupation="4-10-01-05")
    with CaptureQueriesContext(connection) as three:
        browser.get("/me/money")
    assert len(three) <= len(one) + 1
    assert len(three) <= 24, [query["sql"][:90] for query in three]


# Issued so long ago that the window ends on 20 March.
OLD = {
    "issued_on": date(2025, 3, 20), "exam_on": date(2025, 3, 1), "training_first_on": date(2025, 1, 6),
    "training_last_on": date(2025, 2, 10),
}  # fmt: skip


def test_a_deferral_near_its_end_is_told_first_on_the_phone(village):
    line = village.line(**OLD)
    browser = mine(village, line)
    browser.post(page(line, "defer"), {"until": "2026-03-10"})
    home = text(browser.get("/me/"))
    assert "您选了以后再说" in home
    assert "要您办" not in home
    with as_worker(), acting(machine()) as at:
        assert keep_deferrals(machine(), at) == 1
    assert verbs(line)[-1] == "warned_deferral"
    home = text(browser.get("/me/"))
    assert "要您办1件" in home
    assert "3月20日前" in home
    told = text(browser.get(page(line)))
    assert "暂缓快到期" in told
    assert "3月20日前随时可以重新办理" in told
    assert "提醒您：暂缓快到期" in told
