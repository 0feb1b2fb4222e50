"""培训券 at the desk: entered, matched by a job, issued by another, its funnel, stopped; who may see it."""

import io
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from openpyxl import load_workbook

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.jobs import work_off
from jiangxin.mainline import JOBS
from jiangxin.training.operations.voucher_ends import expire_vouchers
from jiangxin.training.vouchers import VoucherBatch
from tests.factories.whole import whole
from tests.training import vouchers as made
from tests.web.people import as_worker, staff
from tests.web.staff.desk import at_desk, desk, noted, page
from tests.web.village import Village

pytestmark = pytest.mark.role("web")
SAID = {
    "kind": "sign_in", "name": "春季失业人员券", "region": "330421", "groups": ["unemployed"], "subjects": "电工",
    "planned": "100", "from_on": "2026-03-01", "until_on": "2026-05-31", "document": "嘉人社〔2026〕3号",
}  # fmt: skip


@pytest.fixture(scope="module")
def village(clone: str) -> Village:
    village = desk()
    for name in ("training", "training2"):
        staff({}, f"web-{name}", f"培训{name[-1]}", "training")
    staff({}, "web-budget", "预算己", "budget")
    staff({}, "far-training", "外县培训", "training", 330522)
    return village


def persons(village: Village, count: int) -> None:
    with as_worker(), acting(machine()):
        made.unemployed(village.world, count)


def batch_at(answer: Any) -> VoucherBatch:
    assert answer.status_code == 302, answer.content.decode()
    with whole():
        return VoucherBatch.objects.get(id=UUID(answer["Location"].strip("/").split("/")[-1]))


def worked(batch: VoucherBatch) -> VoucherBatch:
    with whole():
        batch.refresh_from_db()
    with as_worker():
        work_off(batch.job_id, JOBS)  # type: ignore[arg-type]
    with whole():
        batch.refresh_from_db()
    return batch


def entered(browser: Client, **more: Any) -> VoucherBatch:
    return batch_at(browser.post("/desk/vouchers/new/", SAID | more))


def test_from_the_form_to_the_phones_by_two_people(village: Village) -> None:
    persons(village, 3)
    first, second = at_desk("web-training"), at_desk("web-training2")
    batch = entered(first, name="两个人发的")
    address = f"/desk/vouchers/{batch.id}/"
    assert "还没有匹配人员" in page(first, address)
    first.post(f"{address}match/")
    assert "正在匹配人员" in page(first, address)
    assert "正在匹配人员" in page(first, f"{address}progress/")
    worked(batch)
    told = page(first, address)
    assert "匹配到 3 人" in told
    assert "要另一位培训管理人员发放" in told
    assert first.get(f"{address}progress/")["HX-Refresh"] == "true"
    first.post(f"{address}issue/")
    assert "登记人不能发放自己登记的" in page(first, address)
    assert "发放 3 张" in page(second, address)
    second.post(f"{address}issue/")
    assert worked(batch).issued == 3
    assert "已发放 3 张" in page(second, address)
    assert "两个人发的" in page(at_desk("web-budget"), "/desk/vouchers/")
    assert [entry.detail["issued"] for entry in noted("issued_vouchers", batch.id)] == [3]
    assert "请写明原因" not in page(first, address)
    first.post(f"{address}stop/", {"reason": "停"})
    assert "停发要写明原因" in page(first, address)
    first.post(f"{address}stop/", {"reason": "资金另有安排"})
    assert "已停发：资金另有安排" in page(first, address)


def test_the_funnel_adds_up_and_goes_into_a_workbook(village: Village) -> None:
    with as_worker(), acting(machine()):
        made.unemployed(village.world, 3)
        batch = made.issued(village.world, name="看漏斗的", planned=3)
        expire_vouchers(machine(), village.world.at.replace(month=6))
    browser = at_desk("web-training")
    told = page(browser, f"/desk/vouchers/{batch.id}/")
    assert "过期的 3 张为什么没有用" in told
    assert "从没看过" in told
    assert "嘉善县" in page(browser, "/desk/vouchers/counties/")
    for address in (f"/desk/vouchers/{batch.id}.xlsx", "/desk/vouchers/counties.xlsx"):
        rows = list(load_workbook(io.BytesIO(browser.get(address).content))["各地"].values)
        assert rows[0][:2] == ("地区", "发放")
        (county,) = [row for row in rows if row[0] == "嘉善县"]
        assert sum(county[8:]) == county[6] >= 3


def test_what_was_typed_stays_and_what_is_wrong_is_said(village: Village) -> None:
    browser = at_desk("web-training")
    for more, said in (
        ({"subjects": "电工\n没有的职业"}, "没有“没有的职业”这个职业"),
        ({"providers": "嘉善"}, "是不是：嘉善技工学校"),
        ({"class_number": "X"}, "没有这个编号的班"),
        ({"groups": []}, "没有说发给哪些人"),
        ({"kind": "general"}, "没有可用的资金池"),
        ({"until_on": "2026-02-01"}, "有效期不对"),
        ({"document": ""}, "请填写"),
    ):
        told = browser.post("/desk/vouchers/new/", SAID | more).content.decode()
        assert said in told
        assert "春季失业人员券" in told
    assert "说清发给谁" in page(browser, "/desk/vouchers/new/")


def test_a_batch_is_said_anew_before_it_is_issued(village: Village) -> None:
    browser = at_desk("web-training")
    batch = entered(browser, providers="嘉善技工学校", level="4", name="要改的")
    address = f"/desk/vouchers/{batch.id}/edit/"
    told = page(browser, address)
    assert "嘉善技工学校" in told
    assert "电工</textarea>" in told
    assert browser.post(address, SAID | {"name": "改好了", "planned": "7"}).status_code == 302
    assert "最多 7 张" in page(browser, f"/desk/vouchers/{batch.id}/")
    with as_worker(), acting(machine()):
        made.unemployed(village.world)
        done = made.issued(village.world, name="发过的", subjects=("6-18-01-01",))
    assert "已经发放，不能再改" in browser.post(f"/desk/vouchers/{done.id}/edit/", SAID).content.decode()


def test_other_duties_and_other_counties_do_not_get_in(village: Village) -> None:
    batch = entered(at_desk("web-training"), name="别处看不到")
    far = at_desk("far-training")
    assert far.get(f"/desk/vouchers/{batch.id}/").status_code == 404
    assert "还没有发过培训券" in page(far, "/desk/vouchers/")
    assert "还没有发放" in page(far, "/desk/vouchers/counties/")
    assert at_desk("web-maker").get("/desk/vouchers/").status_code == 403
    assert at_desk("web-budget").get("/desk/vouchers/new/").status_code == 403
    assert far.post(f"/desk/vouchers/{batch.id}/match/").status_code == 404
