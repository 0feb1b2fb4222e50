"""Approval on one page: what it shows adds up; a signature needs the duty, a code and the content that was seen."""

from typing import Any

import pytest
from django.test import Client

from jiangxin.ground.actor import acting, machine
from jiangxin.parties.models import Account
from jiangxin.subsidy.models import Approval, ApprovalSheet, SubsidyLine
from jiangxin.subsidy.operations.approvals import make_sheet
from jiangxin.subsidy.operations.notices import release_notice
from tests.factories.lines import reserved_lines
from tests.factories.world import World
from tests.web.people import as_worker, staff
from tests.web.staff.desk import at_desk, noted, page
from tests.web.staff.finance import CITY, code_of, county, lines_of, seen, sheet

pytestmark = pytest.mark.role("web")


@pytest.fixture(scope="module")
def world(clone: str) -> World:
    return county()


def address(one: ApprovalSheet) -> str:
    return f"/desk/approvals/{one.id}/"


def said(one: ApprovalSheet, username: str, **more: str) -> dict[str, str]:
    return {"choice": "pass", "opinion": "", "code": code_of(username), "sha256": one.sha256} | more


def text(browser: Client, to: str, data: dict[str, str]) -> str:
    answer = browser.post(to, data)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_is_whole_and_adds_up(world: World, django_assert_max_num_queries: Any) -> None:
    one = sheet(world, 3, amount_fen=150_000)
    checker = at_desk("web-checker")
    page(checker, "/desk/approvals/")
    with django_assert_max_num_queries(45):
        shown = page(checker, address(one))
    assert f"请您复核：3 人 {one.total_fen / 100:,.2f} 元" in shown
    assert "公示 3 − 未列入 0 ＝ 3" in shown
    assert "3 行全部列出" in shown
    assert "每一行都还等着审批" in shown
    assert one.sha256[:4] in shown
    assert f"签：3 人 {one.total_fen / 100:,.2f} 元" in shown
    assert "1 张审批表等您签" in page(checker, "/desk/approvals/?state=made")


def test_a_city_leader_is_not_asked_to_be_a_countys_first(world: World) -> None:
    opened: dict[str, Account] = {}
    staff(opened, "city-leader", "市领导", "leader", CITY)
    one = sheet(world, 1, amount_fen=150_000)
    at_desk("web-checker").post(address(one), said(one, "web-checker"))
    assert seen(ApprovalSheet, one.id).state == "checked"
    city = at_desk("city-leader")
    assert "等您审批" not in page(city, "/desk/")
    assert "没有等您签的" in page(city, "/desk/approvals/")
    shown = page(city, address(one))
    assert "这一步不是您签" in shown
    assert 'name="code"' not in shown
    assert "您的岗位不能办这件事" in text(city, address(one), said(one, "city-leader"))
    assert seen(ApprovalSheet, one.id).state == "checked"
    assert "等您审批" in page(at_desk("web-leader"), "/desk/")


def test_who_was_posted_and_left_out_is_counted_by_reason(world: World) -> None:
    maker = world.staff["maker"]
    with as_worker(), acting(machine()):
        lines = reserved_lines(world, world.money, 3)  # type: ignore[attr-defined]
        SubsidyLine.objects.filter(id__in=[x.id for x in lines]).update(state="to_notice", confirmed_at=world.at)
    with acting(maker) as at:
        release_notice(maker, at, world.office, [x.id for x in lines])
    with acting(machine()):
        for state in ("noticed", "to_approve"):
            SubsidyLine.objects.filter(id__in=[x.id for x in lines[:2]]).update(state=state)
    with acting(maker) as at:
        one = make_sheet(maker, at, [x.id for x in lines[:2]])
    shown = page(at_desk("web-checker"), address(one))
    assert "公示 3 − 未列入 1 ＝ 2" in shown
    assert "<td>公示中</td>" in shown


def test_lines_to_look_at_twice_say_why(world: World) -> None:
    one = sheet(world, 2)
    line = lines_of(one)[0]
    with acting(machine()):
        SubsidyLine.objects.filter(id=line.id).update(late_accepted=True, confirmed_how="telephone")
    shown = page(at_desk("web-checker"), address(one))
    assert "要您特别看的 1 行" in shown
    assert "结果迟报，经办同意" in shown
    assert "由经办代本人确认" in shown


def test_checker_then_leader_approve_and_the_journal_knows(world: World) -> None:
    one = sheet(world)
    checker, leader = at_desk("web-checker"), at_desk("web-leader")
    assert "请您" not in page(leader, address(one))
    assert checker.post(address(one), said(one, "web-checker", opinion="无异议")).status_code == 302
    assert seen(ApprovalSheet, one.id).state == "checked"
    shown = page(leader, address(one))
    assert "请您审批：2 人" in shown
    assert "复核：复核乙" in shown
    assert leader.post(address(one), said(one, "web-leader")).status_code == 302
    assert {line.state for line in lines_of(one)} == {"approved"}
    assert [entry.detail["step"] for entry in noted("signed_sheet", one.id)] == ["check", "lead"]
    with acting(machine()):
        assert all(row.sha256 == one.sha256 for row in Approval.objects.filter(sheet=one))


def test_a_return_says_why_and_frees_the_lines(world: World) -> None:
    one = sheet(world)
    checker = at_desk("web-checker")
    shown = text(checker, address(one), said(one, "web-checker", choice="return", opinion="短"))
    assert "至少 5 个字" in shown
    assert "短</textarea>" in shown
    assert seen(ApprovalSheet, one.id).state == "made"
    answer = checker.post(address(one), said(one, "web-checker", choice="return", opinion="第 2 行等级不对，请核"))
    assert answer.status_code == 302
    assert seen(ApprovalSheet, one.id).state == "returned"
    assert {line.sheet_id for line in lines_of(one)} == {None}
    assert "第 2 行等级不对，请核" in page(at_desk("web-maker"), address(one))


@pytest.mark.parametrize(
    ("username", "more", "why"),
    [
        ("web-checker", {"code": "000000"}, "动态"),
        ("web-checker", {"sha256": "0" * 64}, "和您看到的不一样"),
        ("web-leader", {}, "您的岗位不能办这件事"),
        ("web-maker", {}, "您的岗位不能办这件事"),
    ],
)
def test_what_is_refused_changes_nothing(world: World, username: str, more: dict[str, str], why: str) -> None:
    one = sheet(world)
    shown = text(at_desk(username), address(one), said(one, username, opinion="看过了") | more)
    assert why in shown
    assert seen(ApprovalSheet, one.id).state == "made"
    assert not noted("signed_sheet", one.id)


def test_a_line_that_left_meanwhile_stops_the_signature_and_the_page_says_so(world: World) -> None:
    one = sheet(world)
    with acting(machine()):
        SubsidyLine.objects.filter(id=one.content[0]["line"]).update(state="held")
    checker = at_desk("web-checker")
    assert "1 行已不能审批" in page(checker, address(one))
    assert "表里有 1 行已不能审批" in text(checker, address(one), said(one, "web-checker"))
    assert seen(ApprovalSheet, one.id).state == "made"


def test_another_county_finds_nothing(world: World) -> None:
    one = sheet(world)
    far = at_desk("far-checker")
    assert far.get(address(one)).status_code == 404
    assert far.post(address(one), said(one, "far-checker")).status_code == 404
    assert "没有等您签的审批表" in page(far, "/desk/approvals/")
