"""An enterprise through the pages: its list sent and loaded, people who leave, classes for its people (4.2, 5.2)."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from openpyxl import load_workbook

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.clock import Clock
from jiangxin.parties.models import Organisation
from jiangxin.parties.operations.accounts import DEMO_PASSWORD, grant_duty, open_account
from jiangxin.parties.operations.persons import PersonRow, register_persons
from jiangxin.parties.rosters import PEOPLE_COLUMNS, WORKER_COLUMNS
from jiangxin.parties.workforce import EMPLOYMENTS, Employment, RosterFile
from jiangxin.training.models import Enrolment, TrainingClass
from tests.factories.school import School
from tests.factories.whole import whole
from tests.factories.world import World, number_of
from tests.web.people import credentials
from tests.web.village import enter

pytestmark = pytest.mark.role("web")
CONTRACT, PLATFORM = EMPLOYMENTS["contract"], EMPLOYMENTS["platform"]
CODE = "5233049982JK5JHY4B"


@pytest.fixture(scope="module")
def school(clone: str) -> School:
    with transaction.atomic():
        made = School(World())
        made.world.pool()
        firm = Organisation.objects.create(name="嘉善快送", credit_code=CODE, region_id=made.world.region)
    actor = machine()
    with acting(actor) as at:
        for name, body, duties in (
            ("boss", firm, ("employer",)), ("page-school", made.world.provider, ("school",)),
            ("both", made.world.provider, ("school", "employer")),
        ):  # fmt: skip
            account = open_account(
                actor, at, kind="clerk", username=name, name=name, password=DEMO_PASSWORD, body=body, demo=True
            )
            for duty in duties:
                grant_duty(actor, at, account, duty)
    return made


def browser(name: str) -> Client:
    made = Client()
    assert made.post("/sign-in", credentials(name)).status_code == 302
    return made


def told(made: Client, address: str, **asked: str) -> str:
    answer = made.get(address, asked, follow=True)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def done(made: Client, page: str, **given: Any) -> str:
    answer = made.post(page, given, follow=True)
    assert answer.status_code == 200, (page, answer.status_code)
    return answer.content.decode()


def csv(columns: Any, *rows: dict[str, str]) -> Callable[[], SimpleUploadedFile]:
    """A list in the columns of its template."""
    head = ",".join(column.title for column in columns)
    lines = [",".join(row.get(column.key, "") for column in columns) for row in rows]
    text = "\n".join((head, *lines))
    return lambda: SimpleUploadedFile("名册.csv", text.encode(), "text/csv")


def worker(n: int, **more: str) -> dict[str, str]:
    return {"name": f"员工{n}", "number": number_of(200 + n), "kind": CONTRACT, "from_on": "2026-01-05"} | more


def last_file() -> RosterFile:
    with whole():
        return RosterFile.objects.latest("sent_at", "id")


def test_the_home_and_the_menus_of_a_workforce(school: School) -> None:
    boss = browser("boss")
    home = told(boss, "/provider/")
    assert "我的人员 0 人" in home
    assert "还没有人员" in home
    assert "给员工报班" in home
    assert "结果导入" not in home
    both = told(browser("both"), "/provider/")
    assert "申请开班" in both
    assert "我的人员" in both
    assert browser("page-school").get("/provider/staff/").status_code == 403
    assert "还没有传过名册" in told(boss, "/provider/staff/send/")
    assert "没有员工在学" in told(boss, "/provider/staff/seats/")
    template = load_workbook(BytesIO(boss.get("/provider/staff/send/template.xlsx").content))
    assert "用工形式*" in [cell.value for cell in template["人员"][1]]


def test_a_list_with_wrong_rows_then_its_good_ones(school: School) -> None:
    boss = browser("boss")
    with whole():
        Clock.objects.update(demo_at=school.world.at)
    assert "请选择文件" in done(boss, "/provider/staff/send/")
    bad = SimpleUploadedFile("名册.xlsx", b"not a workbook")
    assert "请在 Excel 里打开，另存为" in done(boss, "/provider/staff/send/", file=bad)
    made = csv(WORKER_COLUMNS, worker(1), worker(2, kind=PLATFORM), worker(3, number="330499199005010000"))
    page = done(boss, "/provider/staff/send/", file=made())
    assert "1 行要改，还没有载入任何人" in page
    assert "先载入正确的 2 行" in page
    assert "330499199005010000" not in page
    address = f"/provider/staff/send/{last_file().id}/"
    assert boss.get(f"{address}wrong-rows.xlsx").status_code == 200
    assert "请填写" in done(boss, f"{address}load/", reason="")
    short = done(boss, f"{address}load/", reason="等")
    assert "至少 5 个字" in short
    assert 'value="等"' in short, "what was typed stays"
    assert "已载入 2 人" in done(boss, f"{address}load/", reason="错误行等本人补证件号")
    assert "还有 1 行没有载入" in told(boss, address)
    back = load_workbook(BytesIO(boss.get(f"{address}wrong-rows.xlsx").content))["人员"]
    assert back.max_row == 2
    people = told(boss, "/provider/staff/")
    assert "我的人员 2 人" in people
    assert "员工1" in people
    assert number_of(201) not in people
    assert "没有找到叫这个名字的人" in told(boss, "/provider/staff/", find="没有")
    assert "员工2" not in told(boss, "/provider/staff/", kind="contract")
    sheet = load_workbook(BytesIO(boss.get("/provider/staff/people.xlsx").content))["人员"]
    assert sheet.max_row == 3


def test_a_clean_list_and_one_given_up(school: School) -> None:
    boss = browser("boss")
    page = done(boss, "/provider/staff/send/", file=csv(WORKER_COLUMNS, worker(4), worker(5))())
    assert "2 行全部正确" in page
    address = f"/provider/staff/send/{last_file().id}/"
    assert "已放弃" in done(boss, f"{address}drop/")
    assert "已放弃，没有载入任何人" in told(boss, address)
    assert boss.get(f"{address}wrong-rows.xlsx").status_code == 404
    done(boss, "/provider/staff/send/", file=csv(WORKER_COLUMNS, worker(4), worker(5))())
    done(boss, f"/provider/staff/send/{last_file().id}/load/")
    assert "我的人员 4 人" in told(boss, "/provider/staff/")
    assert browser("both").get(address).status_code == 404, "another body's list"


def test_people_leave(school: School) -> None:
    boss = browser("boss")
    with whole():
        leaver = Employment.objects.get(person__name="员工5")
    assert "没有选人" in done(boss, "/provider/staff/", until_on=school.world.at.date().isoformat())
    wrong = done(boss, "/provider/staff/", row=str(leaver.id), until_on="2020-01-01")
    assert "不能早于开始的日期" in wrong
    assert 'value="2020-01-01"' in wrong
    yesterday = (school.world.at.date() - timedelta(days=1)).isoformat()
    assert "已记下 1 人离开" in done(boss, "/provider/staff/", row=str(leaver.id), until_on=yesterday)
    assert "员工5" in told(boss, "/provider/staff/", kind="gone")


def test_classes_for_ones_people(school: School) -> None:
    boss = browser("boss")
    assert "现在没有能报的班" in told(boss, "/provider/staff/classes/")
    with whole():
        found = school.opened(capacity=3)
        people = [Employment.objects.get(person__name=f"员工{n}").person for n in (1, 2, 4)]
        stranger = school.world.person("外人")
    assert found.number in told(boss, "/provider/staff/classes/", find="电工")
    assert "没有找到这样的班" in told(boss, "/provider/staff/classes/", find="养老")
    assert "还没有留给本单位的班" in told(boss, "/provider/staff/classes/", kept="yes")
    address = f"/provider/staff/classes/{found.id}/"
    page = told(boss, address)
    assert "可以报" in page
    assert "本人约可领" in page or "没有登记标准" in page
    assert "没有选人" in done(boss, f"{address}enrol/")
    rows = [str(person.id) for person in people]
    assert "给 3 人报名" in done(boss, f"{address}enrol/", row=rows)
    assert "不在本单位的用工名册里" in done(boss, f"{address}enrol/", row=[str(stranger.id)], sure="yes")
    assert "已给 2 人报上" in done(boss, f"{address}enrol/", row=rows[:2], sure="yes")
    assert "已经在这个班里" in told(boss, address)
    again = done(boss, f"{address}enrol/", row=rows)
    assert "报不上：已经在这个班里" in again
    assert "只剩 1 个座位" in again
    sheet = load_workbook(BytesIO(boss.get("/provider/staff/seats.xlsx").content))["员工"]
    assert (sheet.max_row, sheet["D2"].value) == (3, found.number)
    phone = enter(people[0])
    assert "用人单位：嘉善快送" in told(phone, f"/me/classes/{found.id}")
    assert "把我报进用工名册的单位" in told(phone, "/me/archive")
    seats = told(boss, "/provider/staff/seats/")
    assert "员工的班 2 人次" in seats
    with whole():
        seat = Enrolment.objects.get(person=people[0])
    assert "至少写 5 个字" in done(boss, f"/provider/staff/seats/{seat.id}/leave/", reason="走")
    assert "已退班" in done(boss, f"/provider/staff/seats/{seat.id}/leave/", reason="这个人已经离职了")
    assert "员工的班 1 人次" in told(boss, "/provider/staff/seats/")
    assert "这个人已经离职了" in told(boss, "/provider/staff/seats/", which="all")
    assert boss.get(f"/provider/staff/classes/{school.world.provider.id}/").status_code == 404


def test_a_class_kept_for_a_body(school: School) -> None:
    clerk, boss = browser("page-school"), browser("boss")
    with whole():
        found = school.draft(school.lessons(start=60), enrolment="roster", capacity=5)
    address = f"/provider/classes/{found.id}/"
    assert "给单位留名额" in told(clerk, address)
    assert "没有找到这家单位" in done(clerk, f"{address}offer/", credit_code="91330499N2GPQHLN75")
    assert "已给嘉善快送留名额" in done(clerk, f"{address}offer/", credit_code=CODE)
    with whole():
        from_list = register_persons(machine(), school.world.at, [PersonRow("resident", number_of(230), "名册甲")])
        assert from_list.ids
    page = done(clerk, f"{address}roster/", file=csv(PEOPLE_COLUMNS, {"name": "名册甲", "number": number_of(230)})())
    assert "1 行全部正确" in page
    assert "已载入 1 位学员" in done(clerk, f"/provider/rosters/{last_file().id}/load/")
    assert "名册甲" in told(clerk, address)
    page = done(clerk, f"{address}roster/", file=csv(PEOPLE_COLUMNS, {"name": "名册甲", "number": number_of(230)})())
    assert "已经在这个班里" in page
    file = last_file()
    assert clerk.get(f"/provider/rosters/{file.id}/wrong-rows.xlsx").status_code == 200
    assert "没有一行能载入" in done(clerk, f"/provider/rosters/{file.id}/load/", reason="没有别的行可报")
    assert "已放弃" in done(clerk, f"/provider/rosters/{file.id}/drop/")
    assert boss.get(f"/provider/rosters/{file.id}/").status_code == 403
    sheet = load_workbook(BytesIO(clerk.get(f"{address}learners.xlsx").content))["学员"]
    assert sheet["A2"].value == "名册甲"
    assert "*" in sheet["B2"].value
    assert clerk.get(f"{address}roster/template.xlsx").status_code == 200
    with whole():
        school.opened_from(TrainingClass.objects.get(id=found.id))
    assert found.number in told(boss, "/provider/staff/classes/", kept="yes")
    with whole():
        offer = found.offers.get()
    assert "不再给嘉善快送留名额" in done(clerk, f"/provider/offers/{offer.id}/end/")
    assert found.number not in told(boss, "/provider/staff/classes/")
