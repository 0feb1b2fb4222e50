"""An assessor's year through the pages: written line by line, made public, and who has none is work of the county."""

import pytest
from django.db import transaction
from django.test import Client

from jiangxin.ground.actor import acting, machine
from jiangxin.parties.operations.accounts import DEMO_PASSWORD, grant_duty, open_account
from tests.recognition.desk import DIRECTORY, Town
from tests.web.test_recognition import browser, done, told

pytestmark = pytest.mark.role("web")
PAGE = "/provider/yearly-plan/"
LINE = {
    "step": "add", "subject": "6-31-01-03", "level": "4", "form": "理论机考、实操", "range": "面向社会",
    "sign_up": "3 月", "exam": "4 月", "fee": "200", "contact": "0573-84000000", "process": "报名、考试、发证",
}  # fmt: skip


@pytest.fixture(scope="module")
def town(clone: str) -> Town:
    with transaction.atomic():
        made = Town()
    actor = machine()
    with acting(actor) as at:
        for name, duty, body in (("plan-clerk", "clerk", made.assessor), ("plan-head", "head", made.school)):
            account = open_account(
                actor, at, kind="clerk", username=name, name=name, password=DEMO_PASSWORD, body=body, demo=True
            )
            grant_duty(actor, at, account, duty)
        for name, duty in (("plan-desk", "training"), ("plan-leader", "leader")):
            account = open_account(
                actor, at, kind="staff", username=name, name=name, password=DEMO_PASSWORD, office=made.office, demo=True
            )
            grant_duty(actor, at, account, duty)
    return made


def test_a_plan_is_written_and_made_public(town: Town) -> None:
    clerk, desk, anybody = browser("plan-clerk"), browser("plan-desk"), Client()
    assert "年度评价计划 1 家没有公开" in told(desk, "/desk/")
    assert "嘉善评价中心" in told(desk, "/desk/yearly-plans/")
    assert "还没有公开 2026 年的评价计划" in told(anybody, f"/providers/{town.assessor.pk}/")
    assert "已过期限" in told(clerk, PAGE)
    assert "请填写" in done(clerk, PAGE, **(LINE | {"process": ""}))
    wrong = done(clerk, PAGE, **(LINE | {"subject": "9-99-99-99"}))
    assert "目录里没有" in wrong
    assert "9-99-99-99" in wrong, "what was typed is kept"
    assert "已加进草稿" in done(clerk, PAGE, **LINE)
    assert "已加进草稿" in done(clerk, PAGE, **(LINE | {"level": "3", "fee": "260.50"}))
    assert "已从草稿里拿掉" in done(clerk, PAGE, step="remove", place="0")
    draft = told(clerk, PAGE)
    assert "260.50" in draft
    assert "200.00" not in draft
    assert "0573-84000000" not in told(anybody, f"/providers/{town.assessor.pk}/")
    assert "计划已公开" in done(clerk, PAGE, step="publish")
    assert "计划已公开" not in done(clerk, PAGE, step="publish"), "there is no draft left"
    public = told(anybody, f"/providers/{town.assessor.pk}/")
    assert "260.50" in public
    assert "报名、考试、发证" in public
    assert "1 项" in told(desk, "/desk/yearly-plans/", view="all")
    assert "还没有写" in told(clerk, PAGE, year="2027")
    head = told(browser("plan-head"), PAGE)
    assert "没有备案的评价资质" in head
    assert "加进草稿" not in head


def test_what_waits_stands_on_today(town: Town) -> None:
    with acting(machine()):
        town.signed(town.filled("provider_directory", DIRECTORY))
        town.licensed()
    desk, leader = browser("plan-desk"), browser("plan-leader")
    today = told(desk, "/desk/")
    assert "认定申请 1 件等受理" in today
    assert "承诺 4 条要核查或看改正" in today
    assert "等受理" not in told(leader, "/desk/")
    given = {
        "body": str(town.school.pk), "kind": "warning", "grounds": "safety", "facts": "消防通道堆放杂物三处。",
        "until_on": "",
    }  # fmt: skip
    assert "等领导决定" in done(desk, "/desk/measures/", **given)
    assert "处置 1 件等您决定" in told(leader, "/desk/")
