"""今日: the work that waits for a duty, what is late, and the view of a city."""

import re
from datetime import date

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jiangxin.ground.actor import Actor, acting, machine, set_scope
from jiangxin.parties.models import Account
from jiangxin.subsidy.models import AdoptedStandard, SubsidyLine
from jiangxin.subsidy.operations.confirm import defer_line
from jiangxin.subsidy.operations.deferrals import keep_deferrals
from jiangxin.subsidy.operations.objections import file_objection
from tests.factories.steps import adopt
from tests.web.people import as_worker, staff
from tests.web.staff.desk import at_desk, desk
from tests.web.village import Village

pytestmark = pytest.mark.role("web")
HOME = "/desk/"
CITY, OTHER_CITY = 330400, 330500


@pytest.fixture(scope="module")
def village(clone: str) -> Village:
    village = desk()
    opened: dict[str, Account] = {}
    staff(opened, "city-viewer", "市里查看", "viewer", CITY)
    staff(opened, "far-city", "外市查看", "viewer", OTHER_CITY)
    return village


def text(browser: Client, address: str = HOME) -> str:
    """The words of a page's main part, without its tags."""
    answer = browser.get(address)
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", answer.content.decode().split("<main")[1]))


def test_work_is_shown_to_whose_duty_it_is(village):
    line = village.line()
    village.confirm(line)
    told = text(at_desk("web-maker"))
    assert "待公示1笔，1,800.00元" in told
    assert "不公示就不能审批付款" in told
    assert "待公示1笔" not in text(at_desk("web-checker"))
    assert "今天没有要您办的" in text(at_desk("far-maker"))


def menu(browser: Client) -> dict[str, str]:
    """What the menu counts, by the words of its entry; "late" follows where a day has passed."""
    bar = browser.get(HOME).content.decode().split('aria-label="主菜单"')[1].split("</nav>")[0]
    found = re.findall(r"</svg>([^<]+)<em( class=\"is-now\")?>([\d,]+)", bar)
    return {label.strip(): count + (" late" if late else "") for label, late, count in found}


def test_the_menu_counts_what_waits_for_its_reader(village):
    before = int(menu(at_desk("web-maker")).get("公示", 0))
    village.confirm(village.line())
    counted = menu(at_desk("web-maker"))
    assert counted["公示"] == str(before + 1)
    assert "复核审批" not in counted
    assert "公示" not in menu(at_desk("web-checker"))
    assert menu(at_desk("far-maker")) == {}


def test_an_objection_past_its_day_stands_on_top_as_late(village):
    notice = village.notice(village.line())
    with transaction.atomic():
        set_scope(machine())
        row = notice.lines.get()
    with acting(machine()) as at:
        objection = file_objection(machine(), at, row.id, "没有参加过培训")
    assert "已超期" not in text(at_desk("web-maker"))
    with acting(machine()):
        type(objection).objects.filter(id=objection.id).update(due_on="2026-02-26")
    told = text(at_desk("web-maker"))
    assert "1类已超期" in told
    assert "超4天" in told
    assert menu(at_desk("web-maker"))["异议"] == "1 late"


def test_a_city_sees_its_counties_and_one_by_one(village):
    village.line()
    told = text(at_desk("city-viewer"))
    assert "嘉善县" in told
    assert "嘉善县" in text(at_desk("city-viewer"), "/desk/?region=330421")
    assert "嘉善县" not in text(at_desk("far-city"))
    assert "嘉善县" not in text(at_desk("far-city"), "/desk/?region=330421")


def test_the_home_asks_the_database_little(village):
    browser = at_desk("web-maker")
    browser.get(HOME)
    with CaptureQueriesContext(connection) as asked:
        browser.get(HOME)
    assert len(asked) <= 24


def test_deferrals_near_their_end_stand_on_the_makers_list(village):
    line = village.line(
        issued_on=date(2025, 3, 20), exam_on=date(2025, 3, 1), training_first_on=date(2025, 1, 6),
        training_last_on=date(2025, 2, 10),
    )  # fmt: skip
    with acting(Actor("本人", person_id=line.person_id)) as at:
        defer_line(Actor("本人", person_id=line.person_id), at, line.id, date(2026, 3, 10))
    assert "暂缓快到期" not in text(at_desk("web-maker"))
    with as_worker(), acting(machine()) as at:
        keep_deferrals(machine(), at)
    assert "暂缓快到期1人，要打电话" in text(at_desk("web-maker"))
    told = text(at_desk("web-maker"), f"/desk/decisions/{line.id}/")
    assert "提醒本人：暂缓快到期" in told
    assert "过了申领期限没有办，按放弃办结" in told
    assert "暂缓快到期" not in text(at_desk("web-checker"))


def test_an_unanswered_line_says_which_number_it_waits_for(village):
    line = village.line()
    with transaction.atomic():
        set_scope(machine())
        adopt(village.world, "silence_action", "go_on")
        AdoptedStandard.objects.update(until_on=date(2026, 3, 1))
        SubsidyLine.objects.filter(id=line.id).update(due_on=date(2026, 3, 1))
    told = text(at_desk("web-maker"), f"/desk/decisions/{line.id}/")
    assert "《本人未答复时的处理》规定已到期，没有新规定，先等着" in told
