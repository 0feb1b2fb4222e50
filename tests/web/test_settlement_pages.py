"""A project class settled on the pages: account named and confirmed, submitted, called about, settled (P24)."""

import re

import pytest
from django.db import transaction
from django.test import Client

from jiangxin.ground.actor import acting, machine
from jiangxin.parties.operations.accounts import DEMO_PASSWORD, grant_duty, open_account
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.subsidy.settlements import Settlement
from tests.factories.project import NUMBER, Project
from tests.factories.whole import whole
from tests.factories.world import World
from tests.web.people import credentials
from tests.web.village import enter

pytestmark = pytest.mark.role("web")


@pytest.fixture(scope="module")
def project(clone: str) -> Project:
    with transaction.atomic():
        world = World()
        world.pool()
        made = Project(world, heads=3)
        made.taught(absent=1)
        made.certified(*made.people[:2])
    actor = machine()
    with acting(actor) as at:
        for duty, kind, place in (
            ("head", "clerk", {"body": made.world.provider}),
            ("maker", "staff", {"office": made.world.office}),
            ("checker", "staff", {"office": made.world.office}),
        ):
            account = open_account(
                actor, at, kind=kind, username=f"settle-{duty}", name=f"结算{duty}", password=DEMO_PASSWORD, demo=True,
                **place,
            )  # fmt: skip
            grant_duty(actor, at, account, duty)
    return made


def browser(name: str) -> Client:
    made = Client()
    assert made.post("/sign-in", credentials(name)).status_code == 302
    return made


def told(made: Client, address: str) -> str:
    answer = made.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def done(made: Client, page: str, **given: str) -> str:
    answer = made.post(page, given, follow=True)
    assert answer.status_code == 200, (page, answer.status_code)
    return answer.content.decode()


def test_a_class_is_settled_by_school_and_desk_and_the_worker_reads_it(project: Project) -> None:
    head, maker, checker = browser("settle-head"), browser("settle-maker"), browser("settle-checker")
    body, found = project.world.provider, project.found
    shown = told(head, "/provider/settlements/")
    assert "没有账户不能结算" in shown
    assert "课时没有学满 1 人" in shown
    account = {"bank": "嘉善农商行", "holder": "别家", "credit_code": body.credit_code, "number": NUMBER}
    wrong = done(head, "/provider/settlements/account/", **account)
    assert "只能填本单位名下的对公账户" in wrong
    assert NUMBER in wrong, "nothing typed is lost"
    assert "县里核对后可以收款" in done(head, "/provider/settlements/account/", **account | {"holder": body.name})
    early = done(head, f"/provider/settlements/class/{found.id}/")
    assert "还没有县里确认过的单位账户" in early
    todo = told(checker, "/desk/settlements/")
    confirm = re.search(r'action="(/desk/settlements/accounts/[^"]+)"', todo)
    assert confirm
    assert "账户已确认" in done(checker, confirm[1])
    assert "县里要回访 1 人" in done(head, f"/provider/settlements/class/{found.id}/")
    with whole():
        settlement = Settlement.objects.get()
    page = f"/desk/settlements/{settlement.id}/"
    assert "还有 1 人没有回访到" in done(maker, page)
    call = re.search(rf'href="({page}[^"]+)"', told(maker, page))
    assert call
    assert "没有登记电话" in done(maker, f"{call[1]}phone/")
    assert "请选择一项" in done(maker, call[1], offered="")
    assert "请把三个问题都记上" in done(maker, call[1], reached="yes", attended="yes")
    assert "已记下" in done(maker, call[1], reached="yes", attended="yes", charged="0")
    assert "通过 2 人，剔除 1 人" in done(maker, page)
    mine = told(head, f"/provider/settlements/{settlement.id}/")
    assert "已结算" in mine
    assert re.search(r"已到账</dt><dd>0.00", mine), "nothing paid yet"
    assert "班级结算" in told(maker, "/desk/settlements/?state=settled")
    with whole():
        assert set(SubsidyLine.objects.values_list("state", flat=True)) == {"to_notice"}
    money = told(enter(project.people[0]), "/me/money")
    assert "项目制" in money
    assert "等公示" in money


def test_a_settlement_that_was_closed_does_not_go_back(project: Project) -> None:
    maker = browser("settle-maker")
    with whole():
        settlement = Settlement.objects.latest("submitted_at")
    again = done(maker, f"/desk/settlements/{settlement.id}/", give_back="1", reason="名单和班级不一致。")
    assert "这份结算已经办过：已结算" in again
    assert "没有已退回的结算" in told(maker, "/desk/settlements/?state=returned")
