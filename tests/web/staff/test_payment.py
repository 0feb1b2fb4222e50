"""Batches at the desk: sent once with a code by the releaser alone, withdrawn with a reason, reconciled by another."""

import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.jobs import Job
from jiangxin.parties.models import PayeeAccount
from jiangxin.payment.bank_file import StatementHead, StatementRow, render
from jiangxin.payment.models import Batch, PayingAccount, ReturnFile
from jiangxin.payment.operations.batches import sealed_content
from jiangxin.subsidy.models import SubsidyLine
from tests.factories.bank import DAY, answer
from tests.factories.world import World
from tests.web.people import as_worker
from tests.web.staff.desk import at_desk, noted, page
from tests.web.staff.finance import batch, code_of, county, seen, work

pytestmark = pytest.mark.role("web")


@pytest.fixture(autouse=True)
def exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders of its own for each test."""
    monkeypatch.setenv("JIANGXIN_BANK", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def world(clone: str) -> World:
    return county()


def address(one: Batch) -> str:
    return f"/desk/batches/{one.id}/"


def deed(username: str, one: Batch, name: str, **more: str) -> Any:
    return at_desk(username).post(address(one), {"deed": name, "code": code_of(username)} | more)


def sent(world: World, n: int = 2) -> Batch:
    """A batch that the releaser sent from the page."""
    one = batch(world, n)
    assert deed("web-releaser", one, "send_batch").status_code == 302
    (job,) = work()
    assert job.state == "done", job.message
    return one


def bring(browser: Client, data: bytes, name: str = "R1.txt") -> Any:
    return browser.post("/desk/returns/", {"file": SimpleUploadedFile(name, data)})


def answered(world: World, failed: dict[int, str] | None = None, n: int = 2) -> Batch:
    """A batch whose return was brought by hand and applied."""
    one = sent(world, n)
    with acting(machine()):
        data = answer(Batch.objects.get(pk=one.pk), failed)
    assert bring(at_desk("web-releaser"), data).status_code == 302
    (job,) = work()
    assert job.state == "done", job.message
    return one


def test_the_releaser_sends_with_a_code_and_sees_the_progress(
    world: World, exchange: Path, django_assert_max_num_queries: Any
) -> None:
    one = batch(world)
    releaser = at_desk("web-releaser")
    with django_assert_max_num_queries(40):
        shown = page(releaser, address(one))
    assert f"放行：2 笔 {one.total_fen / 100:,.2f} 元" in shown
    assert one.sha256[:4] in shown
    assert "1 批等您放行" in page(releaser, "/desk/batches/")
    assert releaser.post(address(one), {"deed": "send_batch", "code": code_of("web-releaser")}).status_code == 302
    shown = page(releaser, address(one))
    assert f"已交系统放行批次 {one.number}" in shown
    assert 'hx-trigger="every 2s"' in shown
    assert 'value="send_batch"' not in shown
    again = releaser.post(address(one), {"deed": "send_batch", "code": code_of("web-releaser")})
    assert "正在办理，不用再点" in again.content.decode()
    (job,) = work()
    assert job.state == "done"
    assert releaser.get(f"/desk/jobs/{job.id}/")["HX-Refresh"] == "true"
    assert seen(Batch, one.id).state == "sent"
    assert (exchange / "outbox" / one.file_name).exists()
    shown = page(releaser, address(one))
    assert "放行送银行：拨付丁" in shown
    assert f"批次 {one.number} 已送银行，共 2 笔" in shown
    again = releaser.post(address(one), {"deed": "send_batch", "code": code_of("web-releaser")}).content.decode()
    assert "的状态是“已送银行，等回单”，不能再办这一步" in again


@pytest.mark.parametrize(
    ("username", "name", "more", "why"),
    [
        ("web-releaser", "send_batch", {"code": "000000"}, "动态"),
        ("web-checker", "send_batch", {}, "您的岗位不能办这件事"),
        ("web-reconciler", "withdraw_batch", {"reason": "重编"}, "您的岗位不能办这件事"),
        ("web-releaser", "withdraw_batch", {"reason": " "}, "请写明为什么撤回"),
        ("web-reconciler", "reconcile", {}, "还不能对账"),
    ],
)
def test_what_is_refused_asks_for_nothing(
    world: World, username: str, name: str, more: dict[str, str], why: str
) -> None:
    one = batch(world)
    assert why in deed(username, one, name, **more).content.decode()
    assert not Job.objects.filter(args__batch_id=str(one.id)).exists()
    assert seen(Batch, one.id).state == "sealed"


def test_a_withdrawal_says_why(world: World) -> None:
    one = batch(world)
    assert deed("web-maker", one, "withdraw_batch", reason="名单要重编").status_code == 302
    (job,) = work()
    assert job.state == "done"
    assert seen(Batch, one.id).state == "withdrawn"
    assert "名单要重编" in page(at_desk("web-viewer"), address(one))


def test_a_job_that_was_refused_says_why_on_the_page(world: World) -> None:
    one = batch(world)
    with as_worker(), acting(machine()):
        PayeeAccount.objects.filter(payment__batch=one).update(state="failed")
    assert deed("web-releaser", one, "send_batch").status_code == 302
    (job,) = work()
    assert job.state == "refused"
    assert "现在不能付" in page(at_desk("web-releaser"), address(one))


def test_the_file_leaves_for_the_releaser_with_a_purpose_only(world: World) -> None:
    one = batch(world)
    releaser = at_desk("web-releaser")
    assert at_desk("web-reconciler").post(f"{address(one)}file/", {"purpose": "看看"}).status_code == 403
    assert releaser.post(f"{address(one)}file/", {"purpose": " "}).status_code == 302
    assert not noted("downloaded_batch", one.id)
    got = releaser.post(f"{address(one)}file/", {"purpose": "网银上传"})
    with acting(machine()):
        assert got.content == sealed_content(Batch.objects.get(pk=one.pk))
    assert [entry.purpose for entry in noted("downloaded_batch", one.id)] == ["网银上传"]


def test_a_return_brought_by_hand_is_applied_once(world: World) -> None:
    one = answered(world, {1: "户名不符"})
    assert seen(Batch, one.id).state == "returned"
    with acting(machine()):
        file = ReturnFile.objects.get(batch=one)
    assert (file.state, file.rows) == ("applied", 2)
    shown = page(at_desk("web-releaser"), "/desk/returns/")
    assert "到账 1 笔，未付成 1 笔" in shown
    assert one.number in shown
    assert noted("brought_bank_file")
    releaser = at_desk("web-releaser")
    with acting(machine()):
        data = answer(Batch.objects.get(pk=one.pk), {1: "户名不符"})
    bring(releaser, data)
    (job,) = work()
    assert job.message == "这份回单以前已经入账，没有重复处理。"


def test_a_file_of_nothing_known_is_set_aside_and_shown(world: World) -> None:
    releaser = at_desk("web-releaser")
    bring(releaser, f"不是回单 {secrets.token_hex(4)}".encode(), "奇怪.txt")
    (job,) = work()
    assert "没有入账" in job.message
    shown = page(releaser, "/desk/returns/")
    assert "份回单有疑问，没有入账" in shown
    assert "奇怪.txt" in shown


def test_a_doubtful_file_is_named_on_its_batch_and_closed_with_a_finding(world: World) -> None:
    one, releaser = sent(world), at_desk("web-releaser")
    bring(releaser, f"乱码 {secrets.token_hex(4)}".encode(), f"{one.number}-回单.txt")
    work()
    with acting(machine()):
        file = ReturnFile.objects.get(file_name=f"{one.number}-回单.txt")
    assert (file.state, file.batch_id) == ("quarantined", one.id)
    assert "这一批有 1 份回单有疑问" in page(releaser, address(one))
    to = f"/desk/returns/{file.id}/close/"
    assert to in page(releaser, "/desk/returns/")
    assert to not in page(at_desk("web-maker"), "/desk/returns/")
    assert at_desk("web-maker").post(to, {"finding": "不归我管的"}).status_code == 403
    told = releaser.post(to, {"finding": "好"}, follow=True).content.decode()
    assert "归档要写明查到了什么" in told
    assert seen(ReturnFile, file.id).state == "quarantined"
    told = releaser.post(to, {"finding": "银行传错，已另发一份"}, follow=True).content.decode()
    assert "里面的一笔也没有入账" in told
    assert "查明：银行传错，已另发一份" in told
    assert seen(ReturnFile, file.id).state == "closed"
    assert noted("closed_return", file.id)
    assert "没有疑问，或已经归档" in releaser.post(to, {"finding": "再归档一次"}, follow=True).content.decode()
    assert "份回单有疑问" not in page(releaser, address(one))


def test_who_may_not_bring_a_file_is_told(world: World) -> None:
    before = Job.objects.count()
    shown = bring(at_desk("web-maker"), b"x").content.decode()
    assert "手工交一份" not in shown
    assert Job.objects.count() == before
    statement = render(StatementHead("1936000000000016", DAY, DAY), [], "fixed_gbk")
    bring(at_desk("web-releaser"), statement)
    (job,) = work()
    assert job.state == "refused"
    assert "您的岗位不能办这件事" in job.message


def test_the_reconciler_signs_when_the_statement_agrees(world: World) -> None:
    one = answered(world)
    reconciler = at_desk("web-reconciler")
    shown = page(reconciler, "/desk/reconciliation/")
    assert "银行还没有扣款" in shown
    assert "项和银行对不上" in shown
    refused = deed("web-reconciler", one, "reconcile").content.decode()
    assert "与银行明细不一致" in refused
    assert seen(Batch, one.id).state == "returned"
    row = StatementRow(one.number, DAY, "借", one.total_fen, f"代发 {one.number}")
    bring(reconciler, render(StatementHead("1936000000000016", DAY, DAY), [row], "fixed_gbk"))
    (job,) = work()
    assert job.message == "账户明细已记入 1 条。"
    assert deed("web-reconciler", one, "reconcile").status_code == 302
    assert seen(Batch, one.id).state == "reconciled"
    assert noted("reconciled_batch", one.id)


def test_the_pools_add_up_to_the_fen_on_any_day(world: World, django_assert_max_num_queries: Any) -> None:
    viewer = at_desk("web-viewer")
    with django_assert_max_num_queries(30):
        shown = page(viewer, "/desk/reconciliation/")
    assert "相等" in shown
    assert "不等" not in shown
    assert "1,000,000.00" in shown
    assert "1,000,000.00" not in page(viewer, "/desk/reconciliation/?day=2026-02-28")


def failed_line(one: Batch) -> SubsidyLine:
    with acting(machine()):
        return SubsidyLine.objects.get(payments__batch=one, state="failed")


def test_two_people_correct_the_account_of_a_failed_payment(world: World) -> None:
    one = answered(world, {1: "账号不存在"})
    line = failed_line(one)
    with acting(machine()):
        holder = line.person.name
    to = f"/desk/failed/{line.id}/"
    maker = at_desk("web-maker")
    assert "没付成：账号不存在" in page(maker, to)
    wrong = maker.post(to, {"bank": "中国银行", "holder": "别人", "number": "6217000000000012345"})
    assert "户名和登记的姓名不一样" in wrong.content.decode()
    number = f"62170000{secrets.randbelow(10**11):011d}"
    assert maker.post(to, {"bank": "中国银行", "holder": holder, "number": number}).status_code == 302
    shown = page(maker, to)
    assert f"尾号 {number[-4:]} 等确认" in shown
    assert number not in shown
    assert "已向本人核实，确认这个账户" not in shown
    maker.post(f"{to}confirm/")
    assert failed_line(one)
    checker = at_desk("web-checker")
    assert "已向本人核实，确认这个账户" in page(checker, to)
    told = checker.post(f"{to}confirm/", follow=True).content.decode()
    assert f"已确认尾号 {number[-4:]} 的账户。新换的账户先进付款前核查，两个人看过才付。" in told
    assert f"已换成尾号 {number[-4:]}" in page(checker, "/desk/failed/")
    assert maker.post(f"{to}retry/").status_code == 302
    assert seen(SubsidyLine, line.id).state == "approved"
    with acting(machine()):
        assert SubsidyLine.objects.get(pk=line.pk).account.tail == number[-4:]  # type: ignore[union-attr]
    assert maker.get(to)["Location"] == "/desk/failed/"


def test_another_county_sees_none_of_it(world: World) -> None:
    one = answered(world, {1: "账号不存在"})
    line = failed_line(one)
    far = at_desk("far-maker")
    assert far.get(address(one)).status_code == 404
    assert far.get(f"/desk/failed/{line.id}/").status_code == 404
    assert far.post(f"/desk/failed/{line.id}/retry/").status_code == 404
    assert seen(SubsidyLine, line.id).state == "failed"
    assert one.number not in page(far, "/desk/batches/")
    assert one.number not in page(far, "/desk/returns/")
    assert "没有付款失败的" in page(far, "/desk/failed/")
    assert at_desk("far-releaser").post(f"{address(one)}file/", {"purpose": "看看"}).status_code == 404


def test_paying_accounts_are_opened_and_closed_by_budget_people(world: World) -> None:
    to, budget = "/desk/paying-accounts/", at_desk("web-budget")
    account = {"fund": "unemployment_fund", "bank": "中国银行", "holder": "嘉善县财政局", "file_format": "xlsx"}
    assert "8 到 32 位数字" in budget.post(to, account | {"number": "12"}).content.decode()
    assert budget.post(to, account | {"number": "4000000000000077"}).status_code == 302
    shown = page(budget, to)
    assert "…0077" in shown
    assert "4000000000000077" not in shown
    with acting(machine()):
        opened = PayingAccount.objects.get(tail="0077")
    refused = at_desk("web-releaser").post(to, account | {"number": "4000000000000088", "fund": "local_talent"})
    assert "登记一个" not in refused.content.decode()
    with acting(machine()):
        assert not PayingAccount.objects.filter(tail="0088").exists()
    assert at_desk("far-budget").post(f"{to}{opened.id}/close/").status_code == 404
    assert budget.post(f"{to}{opened.id}/close/").status_code == 302
    assert seen(PayingAccount, opened.id).closed_on == DAY
    assert noted("closed_paying_account", opened.id)


def test_a_demo_says_how_the_bank_answers_next(world: World, exchange: Path) -> None:
    releaser = at_desk("web-releaser")
    assert "/desk/returns/next-answer/" in page(releaser, "/desk/batches/")
    to = "/desk/returns/next-answer/"
    assert "请从给出的选项里选" in releaser.post(to, {"answer": "forget", "reason": "超限"}).content.decode()
    assert releaser.post(to, {"answer": "rejected", "reason": "已销户", "lump": "on"}).status_code == 302
    order = json.loads((exchange / "bank/next.json").read_text())
    assert order == {"answer": "rejected", "reason": "已销户", "lump": True}
