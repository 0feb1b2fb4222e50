"""A certificate is revoked by its assessor's clerk or by a keeper of data, and by nobody else; what then follows."""

import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jiangxin.assessment.models import Certificate
from jiangxin.assessment.operations.certificates import RevocationNeedsReason, revoke_certificate
from jiangxin.ground.actor import acting, machine
from jiangxin.ground.journal import JournalEntry
from jiangxin.mainline import STEPS, run_step
from jiangxin.parties.models import Account, Organisation
from jiangxin.parties.operations.accounts import DEMO_PASSWORD, grant_duty, open_account
from jiangxin.payment.operations.returns import apply_return
from jiangxin.subsidy.models import SubsidyLine
from tests.factories.bank import answer, sent
from tests.factories.lines import approved_lines
from tests.factories.whole import whole
from tests.factories.world import World
from tests.web.people import as_worker, staff
from tests.web.staff.desk import at_desk
from tests.web.staff.finance import county, seen

pytestmark = pytest.mark.role("web")
LIST = "/provider/certificates/"
FAR = 330522
SAID = {"on": "2026-03-01", "reason": "查实替考"}


def clerk_of(body: Organisation, username: str, duty: str) -> None:
    """A clerk of a body who can sign in, with a duty."""
    actor = machine()
    with acting(actor) as at:
        account = open_account(
            actor, at, kind="clerk", username=username, name="机构丙", password=DEMO_PASSWORD, body=body, demo=True
        )
        grant_duty(actor, at, account, duty)


@pytest.fixture(scope="module")
def world(clone: str) -> World:
    world = county()
    other = Organisation.objects.create(name="别的中心", credit_code="91330421MA00000003", region_id=world.region)
    for body, username, duty in (
        (world.assessor, "own-clerk", "clerk"),
        (world.assessor, "own-viewer", "viewer"),
        (other, "other-clerk", "clerk"),
        (world.provider, "school-clerk", "clerk"),
    ):
        clerk_of(body, username, duty)
    opened: dict[str, Account] = {}
    staff(opened, "web-register", "数据丙", "register")
    staff(opened, "far-register", "外县数据", "register", FAR)
    return world


def certificate(world: World, name: str = "") -> Certificate:
    with as_worker(), acting(machine()):
        return world.certificate(world.person(name))


def own(found: Certificate) -> str:
    return f"{LIST}{found.id}/"


def desk(found: Certificate) -> str:
    return f"/desk/certificates/{found.id}/"


def text(response, status: int = 200) -> str:
    """The words of a page's main part, without its tags."""
    assert response.status_code == status, response.content.decode()[:500]
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", response.content.decode().split("<main")[1]))


def stands(found: Certificate) -> bool:
    """Whether nothing happened to a certificate."""
    now = seen(Certificate, found.pk)
    with whole():
        noted = JournalEntry.objects.filter(verb="revoked_certificate", subject_id=found.pk).count()
    return (now.revoked_on, now.revoked_reason, noted) == (None, "", 0)


def paid(world: World, folder: Path, monkeypatch: pytest.MonkeyPatch) -> SubsidyLine:
    """A line whose money arrived."""
    monkeypatch.setenv("JIANGXIN_BANK", str(folder))
    with as_worker(), acting(machine()) as at:
        (line,) = approved_lines(world, 1, pool=world.money)  # type: ignore[attr-defined]
        apply_return(machine(), at, "r.txt", answer(sent(world)))
    return line


def recover() -> int:
    """What the main line does next about paid lines."""
    with as_worker():
        return run_step(next(step for step in STEPS if step.name == "recover"))


def test_the_clerk_revokes_an_own_certificate(world):
    found, clerk = certificate(world, "端木清"), at_desk("own-clerk")
    told = text(clerk.get(own(found)))
    assert "端木清·电工" in told
    assert "撤销后不能恢复；已付的补贴进入追回，未付的停下。" in told
    assert clerk.post(own(found), SAID).status_code == 302
    told = text(clerk.get(own(found)))
    assert f"已撤销证书{found.number}。" in told
    assert "3月1日原因查实替考" in told
    assert "没有已付或在办的补贴" in told
    assert "确定撤销" not in told
    now = seen(Certificate, found.pk)
    assert (f"{now.revoked_on}", now.revoked_reason) == (SAID["on"], SAID["reason"])
    with whole():
        (noted,) = JournalEntry.objects.filter(verb="revoked_certificate", subject_id=found.pk)
    assert (noted.actor_name, noted.region_id, noted.detail) == ("机构丙", world.region, SAID)


def test_the_list_finds_by_number_by_name_and_by_state(world):
    found, other, clerk = certificate(world, "拓跋一"), certificate(world, "拓跋二"), at_desk("own-clerk")
    assert clerk.post(own(other), SAID).status_code == 302
    told = text(clerk.get(LIST, {"find": found.number}))
    assert "1张证书" in told
    assert "拓跋一" in told
    told = text(clerk.get(LIST, {"find": "拓跋"}))
    assert "2张证书" in told
    assert "在册2-02" in told
    assert "已撤销3月1日，查实替考" in told
    assert "拓跋一" not in text(clerk.get(LIST, {"find": "拓跋", "state": "revoked"}))
    assert "没有符合条件的证书" in text(clerk.get(LIST, {"find": found.number[:-1]}))
    assert "不要填身份证号" in text(clerk.get(LIST, {"find": "330499199005010015"}))
    assert "请从给出的选项里选" in text(clerk.get(LIST, {"state": "gone"}))


def test_the_list_goes_on_page_by_page(world, monkeypatch):
    monkeypatch.setattr("jiangxin.web.provider.assessment.certificates.PER_PAGE", 1)
    for name in ("独孤甲", "独孤乙"):
        certificate(world, name)
    clerk = at_desk("own-clerk")
    told = clerk.get(LIST, {"find": "独孤"}).content.decode()
    assert "第 1 页，共 2 页" in told
    assert "第2页" in text(clerk.get(LIST, {"find": "独孤", "page": "2"}))


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ({"on": "2026-02-01"}, "撤销日期早于发证日期，或在今天之后"),
        ({"on": "2026-03-03"}, "撤销日期早于发证日期，或在今天之后"),
        ({"on": "前天"}, "请写成2026-03-18这样的日期"),
        ({"reason": "  "}, "请填写"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(world, said, answered):
    found, clerk = certificate(world), at_desk("own-clerk")
    given = SAID | said
    answer_ = clerk.post(own(found), given)
    assert answered in text(answer_)
    shown = answer_.content.decode()
    assert f'value="{given["on"]}"' in shown
    assert given["reason"] in shown
    assert '<details class="jx-confirm" open>' in shown
    assert stands(found)


def test_the_operation_itself_wants_a_reason(world):
    found = certificate(world)
    with acting(machine()) as at, pytest.raises(RevocationNeedsReason):
        revoke_certificate(machine(), at, found, found.issued_on, " ")
    assert stands(found)


def test_the_page_says_what_was_taught_beside_what_is_certified(world):
    with as_worker(), acting(machine()):
        other = world.certificate(training_subject="6-18-01-01", training_title="车工")
        untold = world.certificate(training_subject="", training_title="")
    for browser, page in ((at_desk("own-clerk"), own), (at_desk("web-register"), desk)):
        assert "职业或项目电工" in text(browser.get(page(other)))
        assert "培训职业车工" in text(browser.get(page(other)))
        assert "培训职业没有报" in text(browser.get(page(untold)))


def test_a_certificate_is_revoked_once(world):
    found, clerk, keeper = certificate(world), at_desk("own-clerk"), at_desk("web-register")
    clerk.post(own(found), SAID)
    again = keeper.post(desk(found), SAID | {"reason": "再来一次"}, follow=True, headers={"referer": desk(found)})
    assert "这张证书2026-03-01已经撤销" in text(again)
    assert seen(Certificate, found.pk).revoked_reason == SAID["reason"]


@pytest.mark.parametrize("username", ["other-clerk", "school-clerk"])
def test_another_body_does_not_find_it(world, username):
    """The school that taught the class sees the row in the database, and no page of it: it did not issue it."""
    found, stranger = certificate(world), at_desk(username)
    assert stranger.get(own(found)).status_code == 404
    assert stranger.post(own(found), SAID).status_code == 404
    assert "没有符合条件的证书" in text(stranger.get(LIST, {"find": found.number}))
    assert "还没有证书" in text(stranger.get(LIST))
    assert stands(found)


def test_the_menu_shows_certificates_to_clerks_only(world):
    assert f'href="{LIST}"' in at_desk("own-clerk").get("/provider/").content.decode()
    viewer = at_desk("own-viewer")
    assert viewer.get(LIST).status_code == 403
    assert f'href="{LIST}"' not in viewer.get("/provider/").content.decode()


def test_the_keeper_revokes_at_the_desk(world):
    found, keeper = certificate(world, "尉迟明月"), at_desk("web-register")
    assert desk(found) in keeper.get(f"/desk/people/{found.person_id}/").content.decode()
    told = text(keeper.get(desk(found)))
    assert "尉*月·电工" in told
    assert "尉迟明月" not in told
    assert "在本管辖范围没有补贴" in told
    assert keeper.post(desk(found), SAID).status_code == 302
    assert "查实替考" in text(keeper.get(desk(found)))
    with whole():
        (noted,) = JournalEntry.objects.filter(verb="revoked_certificate", subject_id=found.pk)
    assert noted.actor_name == "数据丙"


@pytest.mark.parametrize("username", ["web-maker", "web-checker", "web-leader"])
def test_the_others_at_the_desk_look_and_do_not_revoke(world, username):
    found, browser = certificate(world), at_desk(username)
    told = text(browser.get(desk(found)))
    assert "确定撤销" not in told
    assert "由发证的评价机构，或当地的数据管理岗位撤销" in told
    answered = browser.post(desk(found), SAID, follow=True, headers={"referer": desk(found)})
    assert "您的岗位不能办这件事" in text(answered)
    assert stands(found)


@pytest.mark.parametrize(("username", "status"), [("far-register", 404), ("web-releaser", 403)])
def test_who_has_nothing_to_do_with_it_does_not_see_it(world, username, status):
    found, browser = certificate(world), at_desk(username)
    assert browser.get(desk(found)).status_code == status
    assert browser.post(desk(found), SAID).status_code == status
    assert stands(found)


def followed(clerk: Client, line: SubsidyLine) -> str:
    """What the clerk's page says about the money: never how much."""
    told = text(clerk.get(f"{LIST}{line.certificate_id}/"))
    assert "1,500" not in told
    return told


def test_what_was_paid_goes_into_recovery(world, tmp_path, monkeypatch):
    line, clerk, keeper = paid(world, tmp_path, monkeypatch), at_desk("own-clerk"), at_desk("web-register")
    assert clerk.post(f"{LIST}{line.certificate_id}/", SAID).status_code == 302
    assert "补贴已付，马上进入追回" in followed(clerk, line)
    assert recover() == 1
    assert "补贴已付，已进入追回" in followed(clerk, line)
    told = text(keeper.get(f"/desk/certificates/{line.certificate_id}/"))
    assert f"{line.number}追回核实中1,500.00" in told


def test_what_was_not_paid_stops(world):
    with as_worker(), acting(machine()):
        (line,) = approved_lines(world, 1, pool=world.money)
    clerk = at_desk("own-clerk")
    assert clerk.post(f"{LIST}{line.certificate_id}/", SAID).status_code == 302
    assert "补贴还没有付，已停下，不会付款" in followed(clerk, line)
    assert recover() == 0
    assert seen(SubsidyLine, line.id).state == "approved"


def test_pages_ask_the_database_little(world):
    found = certificate(world)
    pages = (("own-clerk", LIST), ("own-clerk", own(found)), ("web-register", desk(found)))
    for username, address in pages:
        browser = at_desk(username)
        browser.get(address)
        with CaptureQueriesContext(connection) as asked:
            browser.get(address)
        assert len(asked) <= 16, address
