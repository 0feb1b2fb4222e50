"""Notices as the public sees them: masked, for their days only, not for machines; an objection stops its line."""

from datetime import timedelta

import pytest
from django.test import Client

from jiangxin.ground.actor import Actor, acting, machine, set_scope
from jiangxin.ground.clock import Clock
from jiangxin.ground.identity import unseal
from jiangxin.ground.journal import JournalEntry
from jiangxin.subsidy.models import Objection
from jiangxin.subsidy.operations.notices import close_notices
from jiangxin.subsidy.operations.objections import propose_upholding, reject_objection, uphold_objection
from tests.factories.whole import whole
from tests.factories.world import AT
from tests.web.village import Village
from tests.web.worker.test_money import text

pytestmark = pytest.mark.role("web")


@pytest.fixture(scope="module")
def village(clone: str) -> Village:
    return Village.built()


@pytest.fixture(autouse=True)
def _today(village: Village) -> None:
    Clock.objects.update(demo_at=AT)


def posted(village: Village, *names: str):
    return village.notice(*(village.line(village.person(name)) for name in names))


def rows_of(notice) -> list:
    with acting(machine()):
        return list(notice.lines.order_by("seq"))


def objections(notice) -> list[Objection]:
    with acting(machine()):
        return list(Objection.objects.filter(notice=notice).select_related("line"))


def test_a_posted_list_shows_masked_names_and_no_more(village):
    notice = posted(village, "欧阳小芳", "林芳")
    answer = Client().get(f"/notices/{notice.pk}")
    told = text(answer)
    assert "欧*芳" in told
    assert "林*" in told
    assert "欧阳小芳" not in told
    assert "3,600.00元" in told
    assert "共5个工作日" in told
    assert "名单指纹" in told
    with acting(machine()):
        shown = list(notice.lines.select_related("line"))
    assert not [row for row in shown if row.line.number in told or str(row.line.person_id) in answer.content.decode()]
    assert "noindex" in answer["X-Robots-Tag"]
    assert 'name="robots" content="noindex"' in answer.content.decode()
    assert f"/notices/{notice.pk}" in Client().get("/notices?region=330421").content.decode()
    assert f"/notices/{notice.pk}" not in Client().get("/notices?region=330100").content.decode()


@pytest.mark.parametrize("closed", [False, True])
def test_when_its_days_are_over_it_only_says_so(village, closed):
    notice = posted(village, "陈小明")
    Clock.objects.update(demo_at=AT + timedelta(days=8))
    if closed:
        with acting(machine()) as at:
            close_notices(machine(), at, [notice])
    answer = Client().get(f"/notices/{notice.pk}")
    assert answer.status_code == 410
    said = answer.content.decode()
    assert "已经结束" in said
    assert "陈*明" not in said
    assert f"/notices/{notice.pk}" not in Client().get("/notices").content.decode()
    row = rows_of(notice)[0]
    assert Client().get(f"/notices/lines/{row.pk}/objection").status_code == 404


def test_no_notice_is_nothing(village):
    assert Client().get(f"/notices/{village.pool.pk}").status_code == 404
    assert Client().get(f"/notices/objections/{village.pool.pk}").status_code == 404


def test_an_objection_stops_its_line_and_gives_a_receipt(village):
    notice = posted(village, "陈小明", "林芳")
    row, untouched = rows_of(notice)
    browser = Client()
    address = f"/notices/lines/{row.pk}/objection"
    assert "别的行照常办理" in text(browser.get(address))
    answer = browser.post(address, {"text": "他当天在外地上班", "contact": "李某 13900000000"}, follow=True)
    told = text(answer)
    assert "最晚3月9日答复" in told
    assert "李某" not in told
    (objection,) = objections(notice)
    assert objection.line.state == "objected"
    assert unseal(objection.contact, f"subsidy_objection|contact|{objection.pk}").decode() == "李某 13900000000"
    with whole():
        assert JournalEntry.objects.filter(verb="received_objection", subject_id=objection.pk).exists()
    with acting(machine()):
        assert untouched.line.state == "in_notice"
    list_now = browser.get(f"/notices/{notice.pk}").content.decode()
    assert "已有人提异议" in list_now
    assert address not in list_now
    assert f"/notices/lines/{untouched.pk}/objection" in list_now
    maker = village.world.staff["maker"]
    with acting(maker) as at:
        reject_objection(maker, at, objection.pk, "经核对签到，本人全程参加。")
    assert "经核对签到，本人全程参加。" in text(browser.get(f"/notices/objections/{objection.pk}"))
    assert address in browser.get(f"/notices/{notice.pk}").content.decode()


def test_a_struck_line_takes_no_further_objection(village):
    notice = posted(village, "陈小明", "林芳")
    row, _ = rows_of(notice)
    browser = Client()
    browser.post(f"/notices/lines/{row.pk}/objection", {"text": "他当天在外地上班"})
    (objection,) = objections(notice)
    maker, checker = village.world.staff["maker"], village.world.staff["checker"]
    receipt = f"/notices/objections/{objection.pk}"
    with acting(maker) as at:
        propose_upholding(maker, at, objection.pk, "经核对，本人当天不在。")
    assert "本人当天不在" not in text(browser.get(receipt))
    with acting(checker) as later:
        uphold_objection(checker, later, objection.pk, at)
    assert "异议成立，这一笔已取消" in text(browser.get(receipt))
    assert "经核对，本人当天不在。" in text(browser.get(receipt))
    list_now = browser.get(f"/notices/{notice.pk}").content.decode()
    assert "已从这次公示撤下" in list_now
    assert f"/notices/lines/{row.pk}/objection" not in list_now
    told = text(browser.get(f"/notices/{notice.pk}"))
    assert "2人发放补贴共3,600.00元" in told
    assert "这是张贴时的人数和金额；其中已撤下1人、1,800.00元，不再发放" in told


def test_a_receipt_is_found_by_its_number(village):
    notice = posted(village, "陈小明")
    (row,) = rows_of(notice)
    answer = Client().post(f"/notices/lines/{row.pk}/objection", {"text": "他当天在外地上班"})
    (objection,) = objections(notice)
    number = objection.pk.hex[-12:].upper()
    number = f"{number[:4]}-{number[4:8]}-{number[8:]}"
    assert f"受理号{number}" in text(Client().get(answer["Location"]))
    assert "凭受理号查答复" in text(Client().get("/notices"))
    assert "12位" in text(Client().get("/notices/objections"))
    for typed in (number, number.replace("-", "").lower()):
        assert Client().get("/notices/objections", {"number": typed})["Location"] == answer["Location"]
    for typed in ("0000-0000-0000", "陈小明", number[:9]):
        assert "没有这个受理号" in text(Client().get("/notices/objections", {"number": typed}))


def test_nobody_is_told_of_a_scope_on_a_page_that_does_not_exist():
    told = Client().get("/nothing/here")
    assert told.status_code == 404
    assert "这一页已经撤下" in told.content.decode()
    assert "管辖" not in told.content.decode()


def test_an_objection_without_words_or_twice_changes_nothing(village):
    notice = posted(village, "陈小明")
    (row,) = rows_of(notice)
    address = f"/notices/lines/{row.pk}/objection"
    short = Client().post(address, {"text": "不对", "contact": "李某"})
    assert "至少写5个字" in text(short)
    assert 'value="李某"' in short.content.decode()
    assert objections(notice) == []
    Client().post(address, {"text": "他当天在外地上班"})
    assert "已有异议正在处理" in text(Client().post(address, {"text": "他真的不在场啊"}))
    assert len(objections(notice)) == 1


def test_one_browser_objects_three_times_a_day(village):
    notice = posted(village, "陈小一", "陈小二", "陈小三", "陈小四")
    browser = Client()
    answers = [
        browser.post(f"/notices/lines/{row.pk}/objection", {"text": "他当天在外地上班"}) for row in rows_of(notice)
    ]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 200]
    assert "今天从这里已经提过3条异议" in text(answers[3])
    assert len(objections(notice)) == 3


def test_the_public_sees_no_line_by_itself(village):
    posted(village, "陈小明")
    public = Actor("公众")
    with acting(public):
        set_scope(public)
        assert Objection.objects.count() == 0
