"""Who may train, through the pages: a licence by promise, what is found later, a suspension (7.1, 7.3, P38)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from jiangxin.ground.actor import acting, machine
from jiangxin.parties.operations.accounts import DEMO_PASSWORD, grant_duty, open_account
from jiangxin.recognition.cases import Application, Measure, PromiseCheck
from jiangxin.recognition.models import Title
from tests.factories.whole import whole
from tests.recognition.desk import DIRECTORY, PDF, Town
from tests.web.people import credentials

pytestmark = pytest.mark.role("web")
FORM = {
    "address": "嘉善大道1号", "head": "钱校长", "capacity": "240", "theory_area": "300", "lease_years": "3",
    "investment": "500000", "assets": "300000", "registered": "200000", "teachers": "8", "full_time": "2",
    "programmes": "6-18-02-04 4\n4-10-01-05",
}  # fmt: skip


@pytest.fixture(scope="module")
def town(clone: str) -> Town:
    with transaction.atomic():
        made = Town()
    actor = machine()
    with acting(actor) as at:
        for name, duty in (("rec-head", "head"), ("rec-school", "school")):
            account = open_account(
                actor, at, kind="clerk", username=name, name=name, password=DEMO_PASSWORD, body=made.school, demo=True
            )
            grant_duty(actor, at, account, duty)
        for name, duty in (("rec-desk", "training"), ("rec-leader", "leader")):
            account = open_account(
                actor, at, kind="staff", username=name, name=name, password=DEMO_PASSWORD, office=made.office, demo=True
            )
            grant_duty(actor, at, account, duty)
    return made


def browser(name: str) -> Client:
    made = Client()
    assert made.post("/sign-in", credentials(name)).status_code == 302
    return made


def told(made: Client, page: str, **asked: str) -> str:
    answer = made.get(page, asked)
    assert answer.status_code == 200, (page, answer.status_code)
    return answer.content.decode()


def done(made: Client, page: str, **given: Any) -> str:
    answer = made.post(page, given, follow=True)
    assert answer.status_code == 200, (page, answer.status_code)
    return answer.content.decode()


def asked_for(town: Town, clerk: Client, code: str) -> Application:
    assert clerk.post(f"/provider/titles/ask/{code}/").status_code == 302
    with whole():
        return Application.objects.get(procedure=code, body=town.school)


def test_a_licence_by_promise_and_what_is_found_later(town: Town) -> None:
    clerk, head, desk = browser("rec-school"), browser("rec-head"), browser("rec-desk")
    assert "民办职业培训学校办学许可" in told(clerk, "/provider/titles/")
    found = asked_for(town, clerk, "school_licence")
    page = f"/provider/applications/{found.pk}/"
    assert "请只填数字" in done(clerk, page, **(FORM | {"capacity": "很多"}))
    assert "已保存" in done(clerk, page, **FORM)
    assert "还缺" in told(clerk, page)
    for code in ("articles", "premises", "head"):
        paper = SimpleUploadedFile(f"{code}.pdf", PDF)
        assert "材料已上传" in done(clerk, f"{page}paper/", code=code, file=paper)
    assert "请机构负责人" in told(clerk, page)
    form = told(head, page)
    assert "逐条承诺并签署" in form
    digest = form.split('name="sha256" value="')[1][:64]
    with whole():
        promised = ["head", "teachers", "premises", "rules"]
    assert "当场认定" in done(head, f"{page}sign/", promised=promised, sha256=digest)
    with whole():
        assert Title.objects.get(application=found).kind == "licence"
        check = PromiseCheck.objects.filter(application=found).order_by("pk").first()
    assert check is not None
    assert "要核查" in told(desk, "/desk/promises/")
    given = {"check": str(check.pk), "outcome": "untrue", "finding": "只有一名教师", "correct_by": ""}
    assert "改正" in done(desk, "/desk/promises/", **given)
    later = (town.at.date() + timedelta(days=20)).isoformat()
    assert "已记下" in done(desk, "/desk/promises/", **(given | {"correct_by": later}))
    assert "办学许可" in told(Client(), f"/providers/{town.school.pk}/")


def test_the_directory_is_entered_by_review(town: Town) -> None:
    desk, leader = browser("rec-desk"), browser("rec-leader")
    with acting(machine()):
        found = town.signed(town.filled("provider_directory", DIRECTORY))
    page = f"/desk/applications/{found.pk}/"
    assert "东方培训学校" in told(desk, "/desk/applications/")
    assert "已受理" in done(desk, page, step="accept", words="")
    assert "至少" in done(desk, page, step="grant", words="好")
    assert "等领导决定" in done(desk, page, step="grant", words="材料齐全，条件符合")
    with whole():
        proposed = Application.objects.get(pk=found.pk).proposed_at
    assert proposed is not None
    assert "已决定" in done(leader, page, step="decide", words="", proposed_at=proposed.isoformat())
    with whole():
        assert Application.objects.get(pk=found.pk).state in ("publicity", "granted")


def test_a_suspension_is_opened_by_one_and_decided_by_a_leader(town: Town) -> None:
    desk, leader, head = browser("rec-desk"), browser("rec-leader"), browser("rec-head")
    given = {
        "body": str(town.school.pk), "kind": "suspension", "grounds": "fake_records",
        "facts": "抽查时 30 人的班只有 6 人在场。", "until_on": "",
    }  # fmt: skip
    assert "暂停" in done(desk, "/desk/measures/", **given)
    until = (town.at.date() + timedelta(days=30)).isoformat()
    assert "等领导决定" in done(desk, "/desk/measures/", **(given | {"until_on": until}))
    with whole():
        measure = Measure.objects.get(body=town.school)
    page = f"/desk/measures/{measure.pk}/"
    decision = {"in_force": "yes", "arrangement": "", "decision": "证据确凿，先暂停"}
    assert "在训" in done(leader, page, **decision)
    assert "已办理" in done(leader, page, **(decision | {"arrangement": "teach_out"}))
    assert "暂停" in told(head, "/provider/titles/")
    assert "暂停" in told(Client(), f"/providers/{town.school.pk}/")
    assert "东方培训学校" in told(Client(), "/providers/", find="东方")
    assert "没有找到" in told(Client(), "/providers/", find="查无此校")
    assert "已办理" in done(leader, page, reason="整改到位，现场复查合格")
    assert browser("rec-school").get("/desk/measures/").status_code == 403
