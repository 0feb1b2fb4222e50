"""Online learning through the pages: a platform opened, its records counted, the reasons read by learner and school."""

import re
from io import BytesIO

import pytest
from django.db import transaction
from django.test import Client
from openpyxl import load_workbook

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.clock import Clock
from jiangxin.mainline import run_until_idle
from jiangxin.parties.models import Person
from jiangxin.parties.operations.accounts import DEMO_PASSWORD, grant_duty, open_account
from jiangxin.training.operations.platforms import fits_secret
from jiangxin.training.statements import OnlinePlatform
from jiangxin.training.xapi_reading import name_of_lesson
from tests.factories.platform import HOUR, Online
from tests.factories.school import School
from tests.factories.whole import whole
from tests.factories.world import World
from tests.web.people import credentials
from tests.web.village import enter

pytestmark = pytest.mark.role("web")


@pytest.fixture(scope="module")
def online(clone: str) -> Online:
    with transaction.atomic():
        made = Online(School(World()), learners=2)
        night = made.lesson.starts_at + 22 * HOUR + HOUR / 2
        made.send(made.session(minutes=60, start=night), at=night + 2 * HOUR)
    with acting(machine()) as at:
        body, office = made.school.world.provider, made.school.world.office
        clerk = open_account(
            machine(), at, kind="clerk", username="online-school", name="教务", password=DEMO_PASSWORD, body=body,
            demo=True,
        )  # fmt: skip
        grant_duty(machine(), at, clerk, "school")
        desk = open_account(
            machine(), at, kind="staff", username="online-desk", name="培训岗", password=DEMO_PASSWORD,
            office=office, demo=True,
        )  # fmt: skip
        grant_duty(machine(), at, desk, "training")
    with whole():
        Clock.objects.update(demo_at=night + 3 * HOUR)
    run_until_idle(only="count_online")
    return made


def browser(name: str) -> Client:
    made = Client()
    assert made.post("/sign-in", credentials(name)).status_code == 302
    return made


def phone(online: Online, place: int) -> Client:
    with whole():
        person = Person.objects.get(id=online.places[place].enrolment.person_id)
    return enter(person)


def told(made: Client, address: str) -> str:
    answer = made.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def test_the_learner_reads_what_counted_and_why_not_more(online: Online) -> None:
    made = phone(online, 0)
    assert "/me/online/" in told(made, "/me/classes/mine")
    said = told(made, "/me/online/")
    assert online.token(0) in said
    assert "安全用电" in said
    assert "有不计的" in said
    with whole():
        row = online.attendance(0)
    one = told(made, f"/me/online/{row.id}")
    assert "夜间不计" in one
    assert "请在白天学" in one
    assert "60 分钟" in one
    assert "30 分钟，合 0/4 课时" in one
    assert f"/me/online/{row.id}" in told(made, f"/me/classes/{online.found.id}")
    other = phone(online, 1)
    assert other.get(f"/me/online/{row.id}").status_code == 404
    with whole():
        own = online.attendance(1)
    assert "还没有报来" in told(other, f"/me/online/{own.id}")


def test_somebody_without_online_lessons(online: Online) -> None:
    with whole(), transaction.atomic():
        person = online.school.world.person()
    assert "没有线上课" in told(enter(person), "/me/online/")


def test_the_school_reads_it_and_hands_the_list_to_the_platform(online: Online) -> None:
    made = browser("online-school")
    address = f"/provider/classes/{online.found.id}/online/"
    assert address in told(made, f"/provider/classes/{online.found.id}/")
    said = told(made, address)
    assert "夜间不计：30 分钟" in said
    assert name_of_lesson(online.lesson.id) in said
    assert "还没有记录" in said
    answer = made.get(f"{address}roster.xlsx")
    book = load_workbook(BytesIO(answer.content))
    rows = list(book["名单"].values)
    assert {row[2] for row in rows[1:]} == {online.token(0), online.token(1)}
    assert all("*" in row[1] for row in rows[1:])
    assert made.get("/provider/classes/01a22fb9-c9de-7059-a9e4-9d6fcce7a247/online/").status_code == 404


def test_the_desk_opens_renews_and_stops_a_platform(online: Online) -> None:
    desk = browser("online-desk")
    said = told(desk, "/desk/platforms/")
    assert "云学堂" in said
    given = {"body": str(online.body.id), "name": "移动学堂"}
    shown = desk.post("/desk/platforms/", given).content.decode()
    secret = re.search(r"密钥</dt><dd><code>([\w-]{40,})</code>", shown)
    assert secret
    with whole():
        platform = OnlinePlatform.objects.get(name="移动学堂")
    assert fits_secret(platform, secret[1])
    assert secret[1] not in told(desk, "/desk/platforms/")
    again = desk.post("/desk/platforms/", given).content.decode()
    assert "已经有一个叫“移动学堂”的平台" in again
    assert 'value="移动学堂"' in again
    assert "请填写" in desk.post("/desk/platforms/", given | {"name": ""}).content.decode()
    anew = desk.post(f"/desk/platforms/{platform.id}/renew/").content.decode()
    assert platform.key in anew
    assert secret[1] not in anew
    stopped = desk.post(f"/desk/platforms/{platform.id}/close/", follow=True).content.decode()
    assert "移动学堂 已停用" in stopped
    assert browser("online-school").get("/desk/platforms/").status_code == 403
