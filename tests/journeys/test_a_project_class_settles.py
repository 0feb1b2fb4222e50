"""A project class from the school's account to the learner's phone, clicked by school and county (5.2, 10.2, P24)."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction

from jiangxin.payment.operations.returns import apply_return
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.subsidy.operations.approvals import make_sheet, sign_sheet
from tests.factories.bank import answer, built, sent
from tests.factories.lines import paying_account
from tests.factories.project import NUMBER, Project
from tests.factories.steps import adopt, after
from tests.factories.world import World
from tests.journeys.desks import post_notice
from tests.journeys.people import Street
from tests.journeys.site import at_work, open_accounts, stands_at

pytestmark = pytest.mark.role("web")


@pytest.fixture(scope="module")
def project(clone: str) -> Project:
    """Three learners, one of whom never came; two have their certificates, decided for the school."""
    with transaction.atomic():
        world = World()
        world.pool()
        adopt(world, "sample_share_percent", 0)
        made = Project(world, heads=3)
        made.taught(absent=1)
        made.certified(*made.people[:2])
    office = {"office": world.office}
    open_accounts(
        ("school-head", "head", {"body": world.provider}),
        ("jiashan-maker", "maker", office),
        ("jiashan-checker", "checker", office),
    )
    return made


def test_the_school_is_paid_for_whom_it_taught_and_the_learner_reads_it(
    project: Project, lane: Street, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, maker, checker = (lane.person(role) for role in ("school-head", "jiashan-maker", "jiashan-checker"))
    title = project.found.title
    learner = lane.citizen(project.people[0].name).open("/me/money").sees("等机构结算")
    head.open("/provider/settlements/").sees("没有账户不能结算", "课时没有学满 1 人")
    head.press("登记账户").fill("开户行", "嘉善农商行").fill("统一社会信用代码", project.world.provider.credit_code)
    head.fill("账号", NUMBER).press("提交核对").sees("县里核对后可以收款", f"尾号 {NUMBER[-4:]}")
    head.sees("等县里核对，核对后才付款")
    checker.open("/desk/settlements/").sees("单位账户待核对").confirm("核对无误", "确认").sees("账户已确认")
    head.open("/provider/settlements/").sees("县里已核对")
    head.confirm("提交结算", "提交").sees("已提交 3 人，县里要回访 1 人")
    assert head.counts(r"提交\s+(\d+)\s*人\s+剔除\s+(\d+)\s*人\s+待结算\s+(\d+)\s*人") == [3, 1, 2]
    maker.open("/desk/settlements/").press(title).sees("还要回访 1 人", "嘉善农商行")
    maker.press("打电话").choose("打通了").choose("参加了").fill("给机构交过多少钱", "0").press("记下").sees("已记下")
    maker.confirm("结算", "结算").sees("已结算：通过 2 人，剔除 1 人")
    assert maker.counts(r"提交\s+(\d+)\s*人\s+剔除\s+(\d+)\s*人\s+通过\s+(\d+)\s*人") == [3, 1, 2]
    head.open("/provider/settlements/").press(title).sees("已结算", "课时没有学满")
    learner.open("/me/money").sees("等公示")
    post_notice(lane)
    learner.open("/me/money").sees("公示第 1 天")
    learner.open("/me/").sees("正在路上", "公示第 1 天")
    monkeypatch.setenv("JIANGXIN_BANK", str(tmp_path))
    pay_what_was_noticed(project.world)
    learner.open("/me/money").sees("已付给嘉善技工学校，用掉您一次").press(re.compile("^项目 · 培训合格证书")).sees(
        "付给嘉善技工学校"
    )
    assert "尾号" not in learner.main.inner_text(), "the school's account is no business of the learner"
    learner.open("/me/").sees("2026年还能领 2 次")
    assert "最近" not in learner.main.inner_text(), "nothing came to the person"


def pay_what_was_noticed(world: World) -> None:
    """The days of the notice, the signatures and the bank, which the demo's stories click."""
    stands_at(world, after(world.at, 6))
    with at_work(world):
        assert set(SubsidyLine.objects.values_list("state", flat=True)) == {"to_approve"}
        paying_account(world)
        sheet = make_sheet(world.staff["maker"], world.at, list(SubsidyLine.objects.values_list("id", flat=True)))
        for step, duty in enumerate(("checker", "leader"), 1):
            sheet = sign_sheet(world.staff[duty], world.at, sheet.id, sheet.sha256, step)
        batch = sent(world, built(world))
        apply_return(world.machine, world.at + timedelta(days=1), "r.txt", answer(batch))
