"""An entry by experts, through the pages: papers opened, interests declared, marks, a posting stopped (7.1, P16)."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.journal import JournalEntry
from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.parties.models import Account, Office
from jiangxin.parties.operations.accounts import DEMO_PASSWORD, grant_duty, open_account
from jiangxin.recognition.cases import Application, ApplicationMaterial, Review
from jiangxin.recognition.operations import decisions
from jiangxin.recognition.operations.papers import reveal_material
from tests.factories.refused import refused
from tests.factories.whole import whole
from tests.recognition.desk import DIRECTORY, FILING, PDF, Town, elsewhere
from tests.web.test_recognition import browser, done, told

pytestmark = pytest.mark.role("web")
EXPERTS = ("rev-a", "rev-b", "rev-c", "rev-d")


@pytest.fixture(scope="module")
def town(clone: str) -> Town:
    with transaction.atomic():
        made = Town()
        made.see_all()
        city = Office.objects.get(region_id=330400)
        Office.objects.filter(pk=city.pk).update(phone="0573-82000000")
    actor = machine()
    with acting(actor) as at:
        for name, duty in (("rev-head", "head"), ("rev-school", "school")):
            account = open_account(
                actor, at, kind="clerk", username=name, name=name, password=DEMO_PASSWORD, body=made.school, demo=True
            )
            grant_duty(actor, at, account, duty)
        for name, duty in (("rev-desk", "training"), ("rev-leader", "leader"), *((one, "training") for one in EXPERTS)):
            account = open_account(
                actor, at, kind="staff", username=name, name=name, password=DEMO_PASSWORD, office=city, demo=True
            )
            grant_duty(actor, at, account, duty)
    return made


def test_experts_judge_and_the_posting_is_stopped(town: Town) -> None:
    desk, leader = browser("rev-desk"), browser("rev-leader")
    with acting(machine()):
        found = town.signed(town.filled("assessor_filing", FILING))
    page = f"/desk/applications/{found.pk}/"
    assert "已受理" in done(desk, page, step="accept", words="")
    form = told(desk, f"{page}reviewers/")
    assert "rev-a" in form
    assert "rev-leader" not in form
    assert "不能当评审" in done(desk, f"{page}reviewers/")
    with whole():
        keys = {one.username: str(one.pk) for one in Account.objects.filter(username__in=EXPERTS)}
    assert "已请 4 位评审" in done(desk, f"{page}reviewers/", reviewer=list(keys.values()))
    assert "评审要 3 人" in done(desk, page, step="grant", words="专家一致同意")
    with whole():
        reviews = {one.reviewer.username: one.pk for one in Review.objects.select_related("reviewer")}
    first = browser("rev-a")
    assert "东方培训学校" in told(first, "/desk/reviews/")
    filled = told(first, f"/desk/reviews/{reviews['rev-a']}/")
    assert "社会培训评价组织" in filled
    assert "焊工，四级（中级工）" in filled
    assert "[[" not in filled
    own = f"/desk/reviews/{reviews['rev-a']}/"
    assert browser("rev-b").get(own).status_code == 404
    assert "评审前要先说明" in done(first, own, expert_site="40", expert_rules="40", note="")
    assert "至少" in done(first, own, conflict="yes", words="")
    assert "已退出" in done(first, own, conflict="yes", words="在这家机构兼课")
    assert "已回避" in told(first, "/desk/reviews/", view="over")
    for name in EXPERTS[1:]:
        expert, own = browser(name), f"/desk/reviews/{reviews[name]}/"
        assert "请打分" in done(expert, own, conflict="no", words="")
        assert "不能大于 50" in done(expert, own, expert_site="51", expert_rules="40", note="")
        assert "已提交" in done(expert, own, expert_site="45", expert_rules="40", note="场地和设备都看过")
        assert "打分" not in told(expert, own).split("您的评审")[0].split("<main")[1]
    assert "回避" in told(desk, page)
    assert "等领导决定" in done(desk, page, step="grant", words="专家一致同意")
    with whole():
        proposed = Application.objects.get(pk=found.pk).proposed_at
    assert proposed is not None
    assert "已决定" in done(leader, page, step="decide", words="", proposed_at=proposed.isoformat())
    anybody = Client()
    listed = anybody.get("/recognition-notices/", {"find": "东方"})
    assert listed["X-Robots-Tag"].startswith("noindex")
    assert "东方培训学校" in listed.content.decode()
    notice = told(anybody, f"/recognition-notices/{found.pk}/")
    assert "0573-82000000" in notice
    assert "共 5 个工作日" in notice
    assert "没有找到" in told(anybody, "/recognition-notices/", find="查无此校")
    assert "至少" in done(desk, page, step="stop", words="")
    assert "公示已停止" in done(desk, page, step="stop", words="有人反映场地是借的，待查")
    assert anybody.get(f"/recognition-notices/{found.pk}/").status_code == 404
    assert "这里会列出" in told(anybody, "/recognition-notices/")


def test_papers_are_opened_by_who_judges_and_by_who_sent_them(town: Town) -> None:
    with acting(machine()):
        found = town.signed(town.filled("provider_directory", DIRECTORY))
    with whole():
        paper = ApplicationMaterial.objects.filter(application=found).first()
    assert paper is not None
    desk, school = browser("rev-desk"), browser("rev-school")
    assert f"/desk/materials/{paper.pk}/" in told(desk, f"/desk/applications/{found.pk}/")
    answer = desk.get(f"/desk/materials/{paper.pk}/")
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert f"/provider/materials/{paper.pk}/" in told(school, f"/provider/applications/{found.pk}/")
    assert school.get(f"/provider/materials/{paper.pk}/").content == PDF
    with whole():
        looks = JournalEntry.objects.filter(verb="revealed_material", subject_id=paper.pk)
        assert {one.actor_name for one in looks} == {"rev-desk", "rev-school"}
        assert {one.purpose for one in looks} == {"查看申请材料"}


@pytest.mark.django_db
def test_papers_are_for_nobody_else() -> None:
    town = Town()
    made = town.filled("provider_directory", DIRECTORY)
    paper = ApplicationMaterial.objects.filter(application=made).first()
    assert paper is not None
    with refused(NotYourDuty):
        reveal_material(town.staff["training"], town.at, paper.pk)
    town.signed(made)
    with refused(NotYourDuty):
        reveal_material(town.staff["maker"], town.at, paper.pk)
    with refused(NotFound):
        reveal_material(elsewhere(town.staff["training"]), town.at, paper.pk)
    assert reveal_material(town.staff["training"], town.at + timedelta(days=1), paper.pk)[1] == PDF


@pytest.mark.django_db
def test_a_leader_who_judged_does_not_decide() -> None:
    town = Town()
    desk, leader = town.staff["training"], town.staff["leader"]
    made = town.signed(town.filled("provider_directory", DIRECTORY))
    decisions.accept_application(desk, town.at, made.pk)
    decisions.propose_outcome(desk, town.at, made.pk, "grant", "材料齐全，实地看过")
    made.refresh_from_db()
    assert decisions.may_decide_outcome(leader, made)
    Review.objects.create(
        application=made, region_id=made.region_id, reviewer_id=leader.account_id, invited_at=town.at,
        invited_by_name="培训",
    )  # fmt: skip
    assert not decisions.may_decide_outcome(leader, made)
    with refused(decisions.OutcomeNeedsAnother):
        decisions.decide_outcome(leader, town.at, made.pk, made.proposed_at)
