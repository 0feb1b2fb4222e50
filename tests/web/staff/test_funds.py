"""Pools at the desk: sums that add up, two people for every fen of budget, the queue in its order, the main line."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from jiangxin.funds.models import BudgetLine, Pool
from jiangxin.funds.operations import open_pool
from jiangxin.funds.queries import CourseDay, Pace, available_in
from jiangxin.ground.actor import acting, machine
from jiangxin.ground.jobs import Job
from jiangxin.parties.models import Account, Office
from jiangxin.parties.queries.accounts import actor_of
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.subsidy.queries.queues import Length
from jiangxin.web.staff.funds.pages import NOTHING, outlook, points_of
from tests.factories.lines import reserved_lines
from tests.factories.world import World
from tests.web.people import as_worker, staff
from tests.web.staff.desk import at_desk, noted, page
from tests.web.staff.finance import CITY, county, seen, work

pytestmark = pytest.mark.role("web")
TODAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def world(clone: str) -> World:
    return county()


def address(pool: Pool) -> str:
    return f"/desk/pools/{pool.id}/"


def available(pool: Pool) -> int:
    with acting(machine()):
        return available_in([pool.id])[pool.id]


@pytest.fixture
def money(world: World) -> Pool:
    return world.money  # type: ignore[attr-defined]


def test_a_pool_adds_up_and_shows_its_course(world: World, money: Pool, django_assert_max_num_queries: Any) -> None:
    with as_worker(), acting(machine()):
        reserved_lines(world, money, 2, amount_fen=1_000_000)
    budget = at_desk("web-budget")
    with django_assert_max_num_queries(40):
        shown = page(budget, address(money))
    left = available(money)
    assert f"可用 {left / 100:,.2f} 元" in shown
    assert "加起来相等" in shown
    assert 'data-plot="goal"' in shown
    assert "照近 1 天的速度（留出 20,000.01 元）" in shown
    with django_assert_max_num_queries(30):
        shown = page(budget, "/desk/pools/")
    assert f"{left / 100:,.2f}" in shown
    assert "1 个资金池" in shown


def test_a_budget_line_counts_when_another_confirmed_it(money: Pool) -> None:
    first, second, before = at_desk("web-budget"), at_desk("web-budget2"), available(money)
    assert first.post(address(money), {"amount": "5000.50", "document": "嘉财〔2026〕9号"}).status_code == 302
    assert available(money) == before
    with acting(machine()):
        line = BudgetLine.objects.get(document="嘉财〔2026〕9号")
    to = f"/desk/pools/confirm/{line.id}/"
    assert to not in page(first, address(money))
    assert to in page(second, "/desk/pools/")
    first.post(to)
    assert available(money) == before
    assert at_desk("web-maker").post(to).status_code == 403
    assert at_desk("far-budget").post(to).status_code == 404
    assert seen(BudgetLine, line.id).confirmed_at is None
    assert second.post(to).status_code == 302
    assert available(money) == before + 500_050
    assert noted("confirmed_budget_line", line.id)


def test_more_than_there_is_cannot_be_taken_back(money: Pool) -> None:
    first, second, before = at_desk("web-budget"), at_desk("web-budget2"), available(money)
    assert first.post(address(money), {"amount": "-99000000", "document": "收回"}).status_code == 302
    with acting(machine()):
        line = BudgetLine.objects.get(document="收回")
    second.post(f"/desk/pools/confirm/{line.id}/")
    told = page(second, address(money))
    assert f"要收回 99,000,000.00 元，可用的只有 {before / 100:,.2f} 元" in told
    assert available(money) == before
    zero = first.post(address(money), {"amount": "0", "document": "零"}).content.decode()
    assert "金额不能为 0" in zero
    assert 'value="零"' in zero


def to_confirm(browser: Client) -> int:
    """How many budget lines 今日 says wait for this reader."""
    found = re.search(r"指标待确认 (\d+) 条", page(browser, "/desk/"))
    return int(found[1]) if found else 0


def test_a_wrong_entry_is_taken_back_or_given_back_before_it_counts(money: Pool) -> None:
    first, second, before = at_desk("web-budget"), at_desk("web-budget2"), available(money)
    for who, word in ((first, "撤回"), (second, "退回")):
        others = to_confirm(second)
        first.post(address(money), {"amount": "88", "document": f"嘉财{word}"})
        with acting(machine()):
            line = BudgetLine.objects.get(document=f"嘉财{word}")
        to = f"/desk/pools/drop/{line.id}/"
        assert to in page(who, address(money))
        assert to in page(who, "/desk/pools/")
        assert at_desk("web-maker").post(to, {"reason": "不是我登记的"}).status_code == 403
        assert at_desk("far-budget").post(to, {"reason": "不是我县的"}).status_code == 404
        who.post(to, {"reason": "错"})
        assert "退回或撤回要写明原因" in page(who, address(money))
        assert to_confirm(second) == others + 1
        who.post(to, {"reason": "文号和金额登记错了"})
        told = page(first, address(money))
        assert f"{word}：文号和金额登记错了" in told
        assert "没有采用" in told
        assert to_confirm(second) == others
        second.post(f"/desk/pools/confirm/{line.id}/")
        assert "已经退回或撤回" in page(second, address(money))
        assert seen(BudgetLine, line.id).confirmed_at is None
        assert noted("dropped_budget_line", line.id)
    assert available(money) == before


def test_money_is_passed_down_from_the_pool_above(money: Pool) -> None:
    city = actor_of(Account.objects.get(username="city-budget"), TODAY)
    with acting(city) as at:
        office = Office.objects.exclude(kind="zone").get(region_id=CITY)
        above = open_pool(city, at, office, money.fund, money.year, "嘉市财〔2026〕1号")
    asked = {"amount": "100", "document": "下拨", "from_pool": str(above.id)}
    assert "请从给出的选项里选" in at_desk("web-budget").post(address(money), asked).content.decode()
    assert at_desk("city-budget").post(address(money), asked).status_code == 302
    with acting(machine()):
        assert BudgetLine.objects.get(document="下拨").from_pool_id == above.id


def test_a_pool_is_opened_and_closed_by_budget_people(world: World) -> None:
    budget, to = at_desk("web-budget"), "/desk/pools/"
    asked = {"fund": "special_account", "year": "2026", "document": "专账〔2026〕1号", "last_on": "2026-06-30"}
    assert at_desk("web-viewer").post(to, asked).status_code in (200, 302)
    with acting(machine()):
        assert not Pool.objects.filter(fund="special_account").exists()
    assert budget.post(to, asked).status_code == 302
    assert "已经有资金池" in budget.post(to, asked).content.decode()
    with acting(machine()):
        pool = Pool.objects.get(fund="special_account")
    assert pool.last_reservation_on == date(2026, 6, 30)
    assert at_desk("far-budget").post(f"{address(pool)}close/").status_code == 404
    assert at_desk("web-maker").post(f"{address(pool)}close/").status_code == 403
    assert budget.post(f"{address(pool)}close/").status_code == 302
    assert seen(Pool, pool.id).state == "closed"
    assert "已关账" in page(budget, to)


def test_the_queue_shows_places_and_what_is_short(world: World) -> None:
    with as_worker(), acting(machine()):
        pool = world.pool("local_talent", yuan=100)
        lines = reserved_lines(world, world.money, 2, amount_fen=30_000)  # type: ignore[attr-defined]
        for step in (
            {"state": "to_notice"},
            {"state": "declined", "slot": None},
            {"pool": pool, "fund": pool.fund},
            {"state": "queued", "slot": 1},
        ):
            SubsidyLine.objects.filter(id__in=[line.id for line in lines]).update(**step)
    shown = page(at_desk("web-viewer"), address(pool))
    assert "2 笔在排队，还差 500.01 元" in shown
    assert '<td class="jx-num">600.01</td>' in shown
    assert shown.index("300.00") < shown.index("300.01")
    assert "2 笔 600.01 元在排队等资金" in page(at_desk("web-viewer"), "/desk/pools/")


def test_a_city_sees_its_counties_ranked_and_opens_one(money: Pool) -> None:
    city = at_desk("city-budget")
    shown = page(city, "/desk/pools/")
    assert "各地还剩多少" in shown
    assert "?region=330421" in shown
    assert address(money) in page(city, "/desk/pools/?region=330421")
    assert city.get("/desk/pools/?region=330522").status_code == 404
    assert at_desk("web-viewer").get(f"/desk/pools/?region={CITY}").status_code == 404
    assert at_desk("far-viewer").get(address(money)).status_code == 404


def test_how_long_money_lasts_is_said_in_words() -> None:
    assert outlook(TODAY, 100, Pace(100, 10), NOTHING).words == "约 3月12日用完"
    assert outlook(TODAY, 100_000, Pace(100, 10), NOTHING).words == "够用到年底"
    assert outlook(TODAY, 100, None, NOTHING).words == "够用到年底"
    assert outlook(TODAY, 100, Pace(100, 10), Length(23, 500, None)).words == "不够，23 笔排队"
    assert outlook(TODAY, 500, Pace(100, 10), Length(23, 500, None)).words == "够了，23 笔正在往前走"


def test_the_plot_runs_to_today_and_no_further_than_the_money() -> None:
    course = [CourseDay(TODAY - timedelta(days=200), 1_000, 0, 0, 0), CourseDay(TODAY, 1_000, 100, 0, 500)]
    points = points_of(course, Pace(50, 10), TODAY)
    assert len(points) <= 2 * 60
    assert [point.day for point in points if point.now] == [TODAY]
    assert points[0].day == course[0].day
    assert points[0].known == course[0]
    ahead = [point.forecast for point in points if point.day > TODAY]
    assert ahead == sorted(ahead, key=lambda fen: fen or 0)
    assert max(fen or 0 for fen in ahead) <= 1_000
    assert points_of([], None, TODAY) == []
    assert points_of(course, None, TODAY)[-1].forecast is None


def test_the_main_line_says_what_waits_and_looks_when_asked(world: World) -> None:
    maker = at_desk("web-maker")
    shown = page(maker, "/desk/mainline/")
    assert "现在就看" in shown
    assert "资金到位，排队的往前走" in shown
    assert 'href="/desk/batches/?state=sealed"' in shown
    staff({}, "web-keeper", "数据丙", "register")
    keeper = page(at_desk("web-keeper"), "/desk/mainline/")
    assert "财政拨付放行" in keeper
    assert "/desk/batches/" not in keeper
    assert at_desk("web-viewer").post("/desk/mainline/now/").status_code == 403
    assert maker.post("/desk/mainline/now/").status_code == 302
    assert maker.post("/desk/mainline/now/").status_code == 302
    assert Job.objects.filter(kind="mainline").count() == 1
    shown = page(maker, "/desk/mainline/")
    assert "正在推进" in shown
    job = Job.objects.get(kind="mainline")
    assert "hx-get" in page(maker, f"/desk/jobs/{job.id}/")
    assert at_desk("far-maker").get(f"/desk/jobs/{job.id}/").status_code == 404
    assert [done.state for done in work()] == ["done"]
    assert maker.get(f"/desk/jobs/{job.id}/")["HX-Refresh"] == "true"
    assert noted("asked_mainline")
