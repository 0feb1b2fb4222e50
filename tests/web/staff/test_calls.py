"""久未答复: whom to call, on which number, and what a call leaves behind (P13)."""

import pytest
from django.test import Client

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.identity import seal
from jiangxin.parties.models import Person
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.subsidy.operations.lines import free_money, lock_lines
from tests.web.people import as_worker
from tests.web.staff.desk import at_desk, desk, noted, page
from tests.web.village import Village

pytestmark = pytest.mark.role("web")
TODAY = "久未答复 1 人，要打电话"


@pytest.fixture(scope="module")
def village(clone: str) -> Village:
    return desk()


@pytest.fixture
def silent(village: Village) -> SubsidyLine:
    line = village.line()
    with as_worker(), acting(machine()) as at:
        free_money(machine(), at, "found_silent", lock_lines([line.id]), "silent", due_on=at.date())
        Person.objects.filter(pk=line.person_id).update(
            phone=seal("13700000003", f"parties_person|phone|{line.person_id}")
        )
    return village.now(line)


def call(browser: Client, line: SubsidyLine, reached: str, said: str) -> str:
    answer = browser.post(f"/desk/decisions/{line.id}/called/", {"reached": reached, "note": said}, follow=True)
    return answer.content.decode()


def test_the_maker_calls_and_the_call_is_kept(village: Village, silent: SubsidyLine) -> None:
    maker, to = at_desk("web-maker"), f"/desk/decisions/{silent.id}/"
    assert TODAY in page(maker, "/desk/")
    assert to in page(maker, "/desk/decisions/?state=silent")
    assert "13700000003" not in page(maker, to)
    assert "13700000003" in maker.post(f"{to}phone/").content.decode()
    assert [one.purpose for one in noted("revealed_phone", silent.person_id)] == ["电话联系本人"]
    assert "请选打通没有" in call(maker, silent, "", "没人接电话")
    assert "替本人办的要留记录" in call(maker, silent, "yes", "没接")
    assert not noted("called_person", silent.id)
    assert "还留在今日" in call(maker, silent, "no", "没人接电话")
    assert TODAY in page(maker, "/desk/")
    told = call(maker, silent, "yes", "10 点打给本人，说下周来办")
    assert "给本人打电话" in told
    assert "说下周来办" in told
    assert TODAY not in page(maker, "/desk/")
    assert village.now(silent).state == "silent"


def test_nobody_else_calls(village: Village, silent: SubsidyLine) -> None:
    to = f"/desk/decisions/{silent.id}/"
    assert "看电话号码" not in page(at_desk("web-checker"), to)
    assert at_desk("web-checker").post(f"{to}phone/").status_code == 403
    assert at_desk("far-maker").post(f"{to}phone/").status_code == 404
    assert at_desk("far-maker").post(f"{to}called/", {"reached": "yes", "note": "打给本人了"}).status_code == 404
    paid = village.line()
    village.confirm(paid)
    assert at_desk("web-maker").post(f"/desk/decisions/{paid.id}/phone/").status_code == 302
    assert not noted("revealed_phone", paid.person_id)
    assert not noted("called_person", silent.id)


def test_a_maker_speaks_for_nobody_without_a_record(village: Village) -> None:
    line, maker = village.line(), at_desk("web-maker")
    for deed, given in (("confirm", {"how": "counter"}), ("decline", {}), ("decline", {"note": "不要"})):
        told = maker.post(f"/desk/decisions/{line.id}/{deed}/", given, follow=True).content.decode()
        assert "替本人办的要留记录" in told
    assert village.now(line).state == "to_confirm"
