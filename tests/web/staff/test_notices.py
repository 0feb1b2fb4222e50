"""Posting notices, answering objections, sending for approval: through the pages."""

import re

import pytest
from pytest_django import DjangoAssertNumQueries

from jiangxin.ground.actor import Actor, acting, machine
from jiangxin.ground.journal import JournalEntry
from jiangxin.subsidy.models import ApprovalSheet, Notice, Objection, SubsidyLine
from jiangxin.subsidy.operations.approvals import return_sheet
from jiangxin.subsidy.operations.objections import file_objection
from tests.web.staff.desk import at_desk, desk, noted, page, to_approve
from tests.web.village import Village

pytestmark = pytest.mark.role("web")


@pytest.fixture(scope="module")
def village(clone: str) -> Village:
    return desk()


def objected(village: Village, contact: str = "王先生 13800000001") -> tuple[SubsidyLine, Objection]:
    line = village.line()
    notice = village.notice(line)
    public = Actor("公众")
    with acting(public) as at:
        found = file_objection(public, at, notice.lines.get(line_id=line.id).id, "他没有参加考试", contact)
    return line, found


def test_ticked_lines_are_posted_and_the_others_stay(village: Village) -> None:
    first, second = village.line(), village.line()
    for line in (first, second):
        village.confirm(line)
    maker = at_desk("web-maker")
    said = page(maker, "/desk/notices/")
    assert "2 笔等待公示" in said
    assert said.count("checked>") == 2
    answer = maker.post("/desk/notices/post/", {"row": [str(first.id)]}, follow=True)
    assert "1 人" in answer.content.decode()
    assert (village.now(first).state, village.now(second).state) == ("in_notice", "to_notice")
    assert noted("released_notice")
    assert "还有 5 个工作日" in page(maker, "/desk/notices/?view=posted")


def test_nothing_ticked_posts_nothing(village: Village) -> None:
    maker = at_desk("web-maker")
    with acting(machine()):
        before = Notice.objects.count()
    said = maker.post("/desk/notices/post/", follow=True).content.decode()
    assert "没有可以公示的行" in said
    with acting(machine()):
        assert Notice.objects.count() == before


def test_another_county_sees_neither_notice_nor_objection_page(village: Village) -> None:
    _, objection = objected(village)
    far = at_desk("far-maker")
    for address in (f"/desk/notices/{objection.notice_id}/", f"/desk/objections/{objection.id}/"):
        assert far.get(address).status_code == 404
    assert "没有等着答复的异议" in page(far, "/desk/objections/")
    assert far.post(f"/desk/objections/{objection.id}/contact/").status_code == 404


def test_a_contact_is_shown_once_and_journalled(village: Village) -> None:
    _, objection = objected(village, "李女士 13900000002")
    maker, address = at_desk("web-maker"), f"/desk/objections/{objection.id}/"
    assert "13900000002" not in page(maker, address)
    assert "13900000002" in maker.post(address + "contact/").content.decode()
    assert [entry.purpose for entry in noted("revealed_contact", objection.id)] == ["答复异议"]


ANSWER = "已调取考场签到和录像"


def test_one_answers_that_an_objection_is_not_upheld(village: Village) -> None:
    line, objection = objected(village)
    checker, address = at_desk("web-checker"), f"/desk/objections/{objection.id}/"
    said = page(checker, address)
    assert "他没有参加考试" in said
    assert "当时是怎么核定的" in said
    wrong = checker.post(address, {"outcome": "rejected", "answer": "短"})
    assert "请写明答复内容" in wrong.content.decode()
    assert village.now(line).state == "objected"
    assert checker.post(address, {"outcome": "rejected", "answer": ANSWER}).status_code == 302
    assert village.now(line).state == "in_notice"
    assert noted("rejected_objection", objection.id)
    assert ANSWER in page(checker, address)


def asked_to_confirm(said: str) -> dict[str, str]:
    """What the button of the second person sends."""
    found = re.search(r'name="proposed_at" value="([^"]+)"', said)
    assert found
    return {"outcome": "upheld", "proposed_at": found.group(1)}


def test_two_uphold_an_objection(village: Village) -> None:
    line, objection = objected(village)
    maker, checker, address = at_desk("web-maker"), at_desk("web-checker"), f"/desk/objections/{objection.id}/"
    wrong = maker.post(address, {"outcome": "proposed", "answer": "假的"}).content.decode()
    assert '<details class="jx-confirm" open>' in wrong
    assert ">假的</textarea>" in wrong
    assert maker.post(address, {"outcome": "proposed", "answer": ANSWER}).status_code == 302
    assert village.now(line).state == "objected"
    said = page(maker, address)
    assert "是您提出的" in said
    assert "确定取消这一笔" not in said
    assert "您提出成立，等另一位" in page(maker, "/desk/objections/")
    assert "异议成立 1 件等第二个人确认" not in page(maker, "/desk/")
    assert "异议成立 1 件等第二个人确认" in page(checker, "/desk/")
    assert "经办甲提出成立" in page(checker, "/desk/objections/")
    said = page(checker, address)
    assert "这一笔不再付，不能恢复" in said
    assert ANSWER in said
    with acting(machine()):
        before = JournalEntry.objects.count()
    assert "这是您提出的" in maker.post(address, asked_to_confirm(said)).content.decode()
    assert "刚被别人改过" in checker.post(address, {"outcome": "upheld"}).content.decode()
    with acting(machine()):
        assert JournalEntry.objects.count() == before
    assert checker.post(address, asked_to_confirm(said)).status_code == 302
    assert village.now(line).state == "struck"
    assert [entry.actor_name for entry in noted("upheld_objection", objection.id)] == ["复核乙"]
    said = page(checker, address)
    assert "经办甲" in said
    assert "复核乙" in said
    assert ANSWER in said


def test_a_second_person_who_does_not_agree_says_why(village: Village) -> None:
    line, objection = objected(village)
    maker, checker, address = at_desk("web-maker"), at_desk("web-checker"), f"/desk/objections/{objection.id}/"
    maker.post(address, {"outcome": "proposed", "answer": ANSWER})
    assert "请写明为什么不同意" in checker.post(address, {"outcome": "dropped", "reason": "不"}).content.decode()
    assert checker.post(address, {"outcome": "dropped", "reason": "录像看不清，请再查"}).status_code == 302
    assert village.now(line).state == "objected"
    said = page(maker, address)
    assert "录像看不清，请再查" in said
    assert ANSWER not in said
    assert maker.post(address, {"outcome": "rejected", "answer": ANSWER}).status_code == 302
    assert village.now(line).state == "in_notice"


def test_lines_are_sent_for_approval_and_a_returned_sheet_stands_on_top(village: Village) -> None:
    line, other = to_approve(village), to_approve(village)
    maker = at_desk("web-maker")
    assert "2 笔等您送审" in page(maker, "/desk/sheets/")
    assert maker.post("/desk/sheets/", {"row": [str(line.id)]}).status_code == 302
    with acting(machine()):
        sheet = ApprovalSheet.objects.get(lines=line)
        assert sheet.heads == 1
    assert "1 笔等您送审" in page(maker, "/desk/sheets/")
    checker = village.world.staff["checker"]
    with acting(checker) as at:
        return_sheet(checker, at, sheet.id, "证书等级和申报不符")
    said = page(maker, "/desk/sheets/")
    assert "证书等级和申报不符" in said
    assert maker.post("/desk/sheets/", {"row": [str(line.id), str(other.id)]}).status_code == 302
    assert "证书等级和申报不符" not in page(maker, "/desk/sheets/")


def test_lists_ask_few_questions(village: Village, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    maker = at_desk("web-maker")
    for address in ("/desk/notices/", "/desk/notices/?view=posted", "/desk/objections/", "/desk/sheets/"):
        with django_assert_max_num_queries(40):
            page(maker, address)
