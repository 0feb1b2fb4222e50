"""The catalogue of projects through the pages: published by the county, found by everybody, ended (10.2)."""

import pytest
from django.test import Client

from jiangxin.ground.actor import acting, machine
from jiangxin.parties.operations.accounts import DEMO_PASSWORD, grant_duty, open_account
from tests.factories.world import World
from tests.web.test_recognition import browser, done, told

pytestmark = pytest.mark.role("web")
PAGE = "/desk/projects/catalogue/"
GIVEN = {
    "code": "XM-2026-01", "name": "电商直播", "standard": "选品、直播、售后；实操考核合格", "hours": "40",
    "amount": "800", "document": "嘉人社〔2026〕8号", "from_on": "2026-01-01",
}  # fmt: skip


@pytest.fixture(scope="module")
def world(clone: str) -> World:
    made = World()
    with acting(machine()) as at:
        for name, duty in (("project-desk", "training"), ("project-viewer", "viewer")):
            account = open_account(
                machine(), at, kind="staff", username=name, name=name, password=DEMO_PASSWORD, office=made.office,
                demo=True,
            )  # fmt: skip
            grant_duty(machine(), at, account, duty)
    return made


def test_a_project_is_published_found_and_ended(world: World) -> None:
    desk, viewer, anybody = browser("project-desk"), browser("project-viewer"), Client()
    assert "还没有公布项目" in told(anybody, "/projects/")
    assert "还没有公布项目" in told(desk, PAGE)
    assert "公布一个项目" not in told(viewer, PAGE)
    wrong = done(desk, PAGE, **(GIVEN | {"code": "项目 1"}))
    assert "请用 3 到 40 位" in wrong
    assert "嘉人社〔2026〕8号" in wrong, "what was typed is kept"
    assert "补贴标准" in done(desk, PAGE, **(GIVEN | {"amount": "0"}))
    assert "已公布" in done(desk, PAGE, **GIVEN)
    assert "已经公布过" in done(desk, PAGE, **GIVEN)
    assert "电商直播" in told(anybody, "/projects/", find="直播")
    assert "没有找到" in told(anybody, "/projects/", find="查无此项")
    page = told(anybody, "/projects/XM-2026-01/")
    assert "800.00 元/人" in page
    assert "现在没有在招的班" in page
    assert anybody.get("/projects/XM-2026-99/").status_code == 404
    end = {"code": "XM-2026-01", "until_on": "2025-01-01", "end_document": "嘉人社〔2026〕9号"}
    assert "停用日期早于开始日期" in done(desk, PAGE, **end)
    assert "停用，之后不能开班" in done(desk, PAGE, **(end | {"until_on": "2026-03-01"}))
    assert "还没有公布项目" in told(anybody, "/projects/")
    assert "已停用" in told(anybody, "/projects/XM-2026-01/")
    assert "电商直播" in told(desk, PAGE, view="all")
    assert "由培训管理岗位" in told(viewer, PAGE)
