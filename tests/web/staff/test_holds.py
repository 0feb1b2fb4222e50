"""Holds before money: two people look, the call is journalled, a struck line frees its money."""

import pytest

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.identity import seal
from jiangxin.ground.keys import new_id
from jiangxin.parties.models import Person
from jiangxin.subsidy.models import Hold, SubsidyLine
from tests.web.staff.desk import at_desk, desk, noted, page
from tests.web.village import Village

pytestmark = pytest.mark.role("web")


@pytest.fixture(scope="module")
def village(clone: str) -> Village:
    return desk()


def held(village: Village, kind: str = "sample_call") -> tuple[SubsidyLine, Hold]:
    line = village.line()
    village.notice(line)
    line = village.walk(line, ("ended_notice", "noticed"), ("held", "held"))
    with acting(machine()) as at:
        hold = Hold.objects.create(
            id=new_id(), line=line, region_id=line.region_id, kind=kind, evidence="抽中，请电话回访本人",
            opened_at=at, due_on=at.date(),
        )  # fmt: skip
    return line, hold


def test_two_people_release_a_hold(village: Village) -> None:
    line, hold = held(village)
    address = f"/desk/holds/{hold.id}/"
    maker, checker = at_desk("web-maker"), at_desk("web-checker")
    assert "电话里这样问" in page(maker, address)
    assert "2026年1月15日，电工" in page(maker, address)
    assert "至少 5 个字" in maker.post(address, {"finding": "好"}).content.decode()
    assert maker.post(address, {"finding": "本人确认参加过培训"}).status_code == 302
    assert village.now(line).state == "held"
    assert "您已经签过" in page(maker, address)
    assert "您已经签过" in maker.post(address, {"outcome": "release", "finding": ""}).content.decode()
    assert "1 项等您签第二个" in page(checker, "/desk/holds/")
    assert checker.post(address, {"outcome": "release", "finding": ""}).status_code == 302
    assert village.now(line).state == "to_approve"
    assert noted("released_hold", hold.id)


def test_a_second_person_strikes_with_a_reason(village: Village) -> None:
    line, hold = held(village, "elsewhere")
    address = f"/desk/holds/{hold.id}/"
    maker, checker = at_desk("web-maker"), at_desk("web-checker")
    maker.post(address, {"finding": "签到是别人代签的"})
    assert "请写明为什么取消" in checker.post(address, {"outcome": "strike", "finding": ""}).content.decode()
    assert village.now(line).state == "held"
    assert checker.post(address, {"outcome": "strike", "finding": "和机构核实，属实"}).status_code == 302
    assert village.now(line).state == "struck"
    assert noted("struck_held_line", hold.id)


def test_the_telephone_is_shown_once_and_journalled(village: Village) -> None:
    line, hold = held(village)
    with acting(machine()):
        sealed = seal("13700000003", f"parties_person|phone|{line.person_id}")
        Person.objects.filter(pk=line.person_id).update(phone=sealed)
    maker, address = at_desk("web-maker"), f"/desk/holds/{hold.id}/"
    assert "13700000003" not in page(maker, address)
    assert "13700000003" in maker.post(address + "phone/").content.decode()
    assert [entry.purpose for entry in noted("revealed_phone", line.person_id)] == ["付款前核查回访"]


def test_another_county_and_another_duty_do_not_get_in(village: Village) -> None:
    _, hold = held(village)
    far = at_desk("far-maker")
    assert far.get(f"/desk/holds/{hold.id}/").status_code == 404
    assert "没有要核查的" in page(far, "/desk/holds/")
    keeper = at_desk("web-register")
    assert keeper.post(f"/desk/holds/{hold.id}/phone/").status_code == 403
    keeper.post(f"/desk/holds/{hold.id}/", {"finding": "数据岗位看过了"})
    with acting(machine()):
        assert Hold.objects.get(id=hold.id).first_by_id is None


def test_kinds_are_told_apart(village: Village) -> None:
    held(village, "new_body")
    maker = at_desk("web-maker")
    assert "新机构的首批" in page(maker, "/desk/holds/?kind=new_body")
    assert "没有要核查的" not in page(maker, "/desk/holds/?kind=sample_call")
    assert "已取消" in page(maker, "/desk/holds/?view=released")
