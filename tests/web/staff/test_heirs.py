"""Heirs on the page of what is held for a death: entered by a maker, confirmed by another, told wherever money is."""

import pytest

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.keys import new_id
from jiangxin.parties.models import Person
from jiangxin.subsidy.models import Hold, SubsidyLine
from tests.factories.lines import new_account
from tests.factories.world import number_of
from tests.web.staff.desk import at_desk, desk, noted, page
from tests.web.village import Village

pytestmark = pytest.mark.role("web")
PAPERS = "死亡证明、继承公证书第18号"


@pytest.fixture(scope="module")
def village(clone: str) -> Village:
    return desk()


def held(village: Village) -> tuple[SubsidyLine, str]:
    """A line held because its person died, and the page of that hold."""
    line = village.line()
    village.notice(line)
    line = village.walk(line, ("ended_notice", "noticed"), ("held", "held"))
    with acting(machine()) as at:
        hold = Hold.objects.create(
            id=new_id(), line=line, region_id=line.region_id, kind="died", evidence="死亡登记：本人于2026-03-03去世",
            opened_at=at, due_on=at.date(),
        )  # fmt: skip
    return line, f"/desk/holds/{hold.id}/"


def said_of(n: int, **more: str) -> dict[str, str]:
    return {"name": "李承", "number": number_of(n), "relation": "配偶", "papers": PAPERS} | more


def test_two_officers_put_the_heir_in_the_place_of_the_dead(village: Village) -> None:
    line, address = held(village)
    maker, checker = at_desk("web-maker"), at_desk("web-checker")
    assert "付给继承人" in page(maker, address)
    assert "付给继承人" not in page(checker, address)
    said = maker.post(address + "heir/", said_of(900)).content.decode()
    assert "继承人还没有能收款的账户" in said
    assert "去登记继承人的账户" in said
    with acting(machine()):
        heir = Person.objects.get(name="李承")
        account = new_account(village.world, heir)
    assert "李承" in page(maker, f"/desk/people/{heir.id}/")
    assert "登记的姓名不一样" in maker.post(address + "heir/", said_of(900, name="李错")).content.decode()
    assert "至少" in maker.post(address + "heir/", said_of(900, papers="证明")).content.decode()
    assert checker.post(address + "heir/", said_of(900)).status_code == 403
    assert maker.post(address + "heir/", said_of(900)).status_code == 302
    said = page(maker, address)
    assert "继承人 李*（配偶）" in said
    assert "李承" not in said
    assert "是您登记的" in said
    assert "继承人 1 位等第二个人确认" not in page(maker, "/desk/")
    assert "继承人 1 位等第二个人确认" in page(checker, "/desk/")
    assert "继承人等第二个人确认" in page(checker, "/desk/holds/?kind=died")
    said = page(checker, address)
    assert account.tail in said
    assert PAPERS in said
    with acting(machine()):
        waiting = line.heirs.get(state="entered")
    confirm = f"/desk/heirs/{waiting.id}/confirm/"
    assert "这一位是您登记的" in maker.post(confirm, follow=True).content.decode()
    assert village.now(line).state == "held"
    assert at_desk("far-maker").post(confirm).status_code == 404
    assert checker.post(f"/desk/heirs/{waiting.id}/else/").status_code == 404
    assert checker.post(confirm).status_code == 302
    now = village.now(line)
    assert (now.state, now.account_id) == ("to_approve", account.id)
    assert [entry.actor_name for entry in noted("confirmed_heir", line.id)] == ["复核乙"]
    for browser, told in ((maker, address), (maker, f"/desk/decisions/{line.id}/"), (maker, "/desk/sheets/")):
        assert "继承人 李*（配偶）" in page(browser, told)
    assert "这一位继承人已经处理过" in checker.post(confirm, follow=True).content.decode()
    maker.post("/desk/sheets/", {"row": [str(line.id)]})
    sheet = f"/desk/approvals/{village.now(line).sheet_id}/"
    assert page(checker, sheet).count("收款人：继承人 李*（配偶）") == 2


def test_an_heir_not_taken_leaves_the_line_held(village: Village) -> None:
    line, address = held(village)
    maker, checker = at_desk("web-maker"), at_desk("web-checker")
    maker.post(address + "heir/", said_of(901, name="王承"))
    with acting(machine()):
        new_account(village.world, Person.objects.get(name="王承"))
    maker.post(address + "heir/", said_of(901, name="王承"))
    with acting(machine()):
        waiting = line.heirs.get(state="entered")
    assert "登记了继承人，还没有处理" in maker.post(address, {"finding": "登记有误，本人在"}).content.decode()
    assert checker.post(f"/desk/heirs/{waiting.id}/withdraw/").status_code == 302
    assert village.now(line).state == "held"
    assert "付给继承人" in page(maker, address)
    assert "第一个人看" in page(checker, address)
