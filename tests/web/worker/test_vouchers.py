"""我的券 on the phone: what it is good for, its days, a picture that changes, written once that it was looked at."""

import re
from datetime import timedelta

import pytest
from django.db import transaction

from jiangxin.ground.actor import Actor, acting, machine, set_scope
from jiangxin.parties.models import Person
from jiangxin.training import voucher_codes
from jiangxin.training.operations.voucher_batches import stop_batch
from jiangxin.training.operations.voucher_ends import expire_vouchers
from jiangxin.training.operations.vouchers import freeze_vouchers, reserve_vouchers, return_vouchers, use_vouchers
from jiangxin.training.queries.vouchers import usable_vouchers, voucher_by_token
from jiangxin.training.vouchers import Voucher
from tests.training import vouchers as made
from tests.web.people import as_worker
from tests.web.village import Village, enter

pytestmark = pytest.mark.role("web")


@pytest.fixture(scope="module")
def village(clone: str) -> Village:
    return Village.built()


def given(village: Village, **more: object) -> tuple[Person, Voucher]:
    """A person with a voucher that was just issued."""
    with as_worker(), acting(machine()):
        (person,) = made.unemployed(village.world)
        batch = made.issued(village.world, **more)
        return person, Voucher.objects.select_related("batch").get(batch=batch, person=person)


def text(answer) -> str:
    assert answer.status_code == 200, answer.content.decode()[:500]
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", answer.content.decode()))


def now(voucher: Voucher) -> Voucher:
    with transaction.atomic():
        set_scope(machine())
        return Voucher.objects.get(id=voucher.id)


def test_a_new_voucher_is_announced_until_it_is_opened(village: Village) -> None:
    person, voucher = given(village)
    browser = enter(person)
    assert "发给您的培训券" in text(browser.get("/me/"))
    assert "打卡签到专用券" in text(browser.get("/me/vouchers"))
    assert now(voucher).opened_at is None
    told = text(browser.get(f"/me/vouchers/{voucher.id}"))
    assert "学什么电工" in told
    assert "3月1日到5月31日，还有91天" in told
    assert "只用来签到，不带补贴" in told
    assert now(voucher).opened_at is not None
    assert "发给您的培训券" not in text(browser.get("/me/"))


def test_the_picture_changes_and_is_nobody_elses(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    person, voucher = given(village)
    browser, address = enter(person), f"/me/vouchers/{voucher.id}/picture"
    steps = iter((100, 100, 101))
    monkeypatch.setattr("jiangxin.web.worker.training.vouchers.step_now", lambda: next(steps))
    drawn = [browser.get(address).content.decode() for _ in range(3)]
    assert 'class="jx-qr"' in drawn[0]
    assert drawn[0] == drawn[1] != drawn[2]
    with transaction.atomic():
        found = voucher_by_token(voucher_codes.token_of(voucher.id, 100), 101)
    assert found is not None
    assert found.id == voucher.id
    stranger, _ = given(village)
    for beyond in ("", "/picture"):
        assert enter(stranger).get(f"/me/vouchers/{voucher.id}{beyond}").status_code == 404


def test_ended_vouchers_say_why_and_show_no_code(village: Village) -> None:
    person, voucher = given(village)
    with as_worker(), acting(machine()):
        freeze_vouchers(village.world.staff["training"], village.world.at, [voucher.id], "正在核实身份")
    browser = enter(person)
    assert "原因：正在核实身份" in text(browser.get(f"/me/vouchers/{voucher.id}"))
    other, stopped = given(village)
    with as_worker(), acting(machine()):
        stop_batch(village.world.staff["training"], village.world.at, stopped.batch_id, "资金另有安排")
    told = text(enter(other).get(f"/me/vouchers/{stopped.id}"))
    assert "作废了" in told
    assert "资金另有安排" in told
    assert "现在不能出示" in told
    last, over = given(village)
    with as_worker(), acting(machine()):
        expire_vouchers(machine(), village.world.at + timedelta(days=91))
    told = text(enter(last).get(f"/me/vouchers/{over.id}"))
    assert "过期了" in told
    assert "从没看过" in told
    assert voucher_codes.code_of(over.id) not in told


def test_who_has_none_is_told_how_they_come(village: Village) -> None:
    with acting(machine()):
        nobody = village.world.person(account=False)
    assert "还没有培训券" in text(enter(nobody).get("/me/vouchers"))
    assert "看我的券" in text(enter(nobody).get("/me/learning"))


def test_a_person_takes_a_voucher_with_a_seat_and_the_school_uses_it(village: Village) -> None:
    """By the web role, each in the own scope: money moves in the county's pool, which neither of them sees."""
    world = village.world
    with as_worker(), acting(machine()):
        (person,) = made.unemployed(world)
        batch = made.issued(world, "general", pool_id=village.pool.id)
        (voucher,) = Voucher.objects.filter(batch=batch, person=person)
        training_class = made.a_class(world, "JS2026-77")
        (seat,) = made.seats(world, training_class, [person], [voucher])
    me = Actor("本人", person_id=person.id)
    with acting(me) as at:
        assert usable_vouchers([person.id], training_class, at.date())[person.id].id == voucher.id
        reserve_vouchers(me, at, [(seat.id, voucher.id)], amounts={seat.id: made.WORTH})
    assert (now(voucher).state, now(voucher).reserved_fen) == ("reserved", made.WORTH)
    school = Actor("学校", body_id=world.provider.id)
    with acting(school) as at:
        use_vouchers(school, at, [voucher.id])
    assert now(voucher).state == "in_use"
    with acting(school) as at:
        return_vouchers(school, at, [voucher.id], "班取消了")
    assert (now(voucher).state, now(voucher).reserved_fen) == ("issued", 0)
