"""A class through the pages: room, teacher, application, the county's word, a seat, a queue, the end (issue 4, 6)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.clock import Clock
from jiangxin.parties.models import Person
from jiangxin.parties.operations.accounts import DEMO_PASSWORD, grant_duty, open_account
from jiangxin.recognition.models import TitleScope
from jiangxin.training.calendar_file import lessons_file
from jiangxin.training.models import Enrolment, Lesson, Room, Teacher, TrainingClass
from tests.factories.school import ELECTRICIAN, School
from tests.factories.whole import whole
from tests.factories.world import World, number_of
from tests.web.people import credentials
from tests.web.village import enter

pytestmark = pytest.mark.role("web")


@pytest.fixture(scope="module")
def school(clone: str) -> School:
    with transaction.atomic():
        made = School(World())
        made.world.pool()
        TitleScope.objects.filter(title__organisation=made.world.provider).update(subject=ELECTRICIAN)
    actor = machine()
    with acting(actor) as at:
        place = {"school": {"body": made.world.provider}, "training": {"office": made.world.office}}
        for duty, kind in (("school", "clerk"), ("training", "staff")):
            account = open_account(
                actor, at, kind=kind, username=f"page-{duty}", name=duty, password=DEMO_PASSWORD, demo=True,
                **place[duty],
            )  # fmt: skip
            grant_duty(actor, at, account, duty)
    return made


def browser(name: str) -> Client:
    made = Client()
    assert made.post("/sign-in", credentials(name)).status_code == 302
    return made


def told(made: Client, address: str, **asked: str) -> str:
    answer = made.get(address, asked)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def done(made: Client, page: str, **given: Any) -> str:
    answer = made.post(page, given, follow=True)
    assert answer.status_code == 200, (page, answer.status_code)
    return answer.content.decode()


def applied(school: School, clerk: Client, **more: Any) -> TrainingClass:
    """Apply for a class of two seats, by the form."""
    with whole():
        room = Room.objects.get(name="201 教室")
    given = {
        "subject": ELECTRICIAN, "level": "4", "mode": "off_job", "enrolment": "public", "pays": "person",
        "capacity": "1", "fee": "0", "room": str(room.id), "materials": "电工教材", "examination": "理论和实操",
    } | more  # fmt: skip
    assert "接着排课" in done(clerk, "/provider/classes/new/", **given)
    with whole():
        return TrainingClass.objects.latest("state_since", "id")


def pattern(school: School, **more: Any) -> dict[str, Any]:
    with whole():
        room, teacher = Room.objects.get(name="201 教室"), Teacher.objects.get(person__name="孙老师")
    first = school.world.at.date() + timedelta(days=14)
    return {
        "first": first.isoformat(), "last": (first + timedelta(days=20)).isoformat(), "weekdays": list("01234"),
        "begins": "09:00", "minutes": "180", "hours": "4", "kind": "practice", "topic": "实操", "room": str(room.id),
        "teacher": str(teacher.id),
    } | more  # fmt: skip


def test_room_and_teacher(school: School) -> None:
    clerk = browser("page-school")
    assert "没有班级" in told(clerk, "/provider/classes/") or "还没有班级" in told(clerk, "/provider/classes/")
    assert "请填写" in done(clerk, "/provider/rooms/", name="", address="x", capacity="3")
    assert "教室已登记" in done(clerk, "/provider/rooms/", name="201 教室", address="人民大道 1 号", capacity="30")
    assert "已经有一间叫" in done(clerk, "/provider/rooms/", name="201 教室", address="人民大道 1 号", capacity="30")
    given = {
        "name": "孙老师", "kind": "resident", "number": number_of(900), "full_time": "yes", "certificate": "",
        "subjects": [ELECTRICIAN], "level": "", "document": "高级技师证书 2 号",
    }  # fmt: skip
    assert "身份证号不对" in done(clerk, "/provider/teachers/", **(given | {"number": "330499199005010000"}))
    assert "教师已登记" in done(clerk, "/provider/teachers/", **given)
    assert number_of(900) not in told(clerk, "/provider/teachers/")
    assert browser("page-training").get("/provider/rooms/").status_code == 403


def test_from_application_to_seats_and_back(school: School) -> None:
    clerk, desk = browser("page-school"), browser("page-training")
    found = applied(school, clerk)
    address = f"/provider/classes/{found.id}/"
    assert "还没有排课" in told(clerk, address)
    assert "还不能提交" in done(clerk, f"{address}submit/")
    wrong = pattern(school, last="2020-01-01")
    assert "天以内" in done(clerk, f"{address}lessons/", **wrong)
    assert "加了 15 次课" in done(clerk, f"{address}lessons/", **pattern(school))
    assert "已提交，等县里审核" in done(clerk, f"{address}submit/")
    assert "已撤回" in done(clerk, f"{address}recall/")
    done(clerk, f"{address}submit/")
    assert found.number in told(desk, "/desk/openings/")
    opening = f"/desk/openings/{found.id}/"
    assert "教师有资格、有空" in told(desk, opening)
    assert "至少 5 个字" in done(desk, opening, outcome="returned", opinion="改")
    assert "已答复：同意开班" in done(desk, opening, outcome="open", opinion="")
    assert "县里答复" in told(clerk, address), "what the county did stands in the school's history too"
    with whole():
        people = [school.world.person(f"学员{n}") for n in range(2)]
    _seats(school, clerk, found, people)


def _seats(school: School, clerk: Client, found: TrainingClass, people: list[Person]) -> None:
    first, second = (enter(person) for person in people)
    assert "电工" in told(first, "/me/classes/")
    assert "没有合适的班" in told(first, "/me/classes/", find="养老", place="all")
    address = f"/me/classes/{found.id}"
    assert "报名不占次数" in told(first, address)
    assert "座位是您的" in done(first, address)
    assert "已经报过这个班" in done(first, address)
    assert "候补第 1 位" in done(second, address)
    assert "候补第 1 位" in told(second, address)
    assert "BEGIN:VEVENT" in told(first, f"{address}/lessons.ics")
    with whole():
        mine = Enrolment.objects.get(person=people[0])
        waiting = Enrolment.objects.get(person=people[1])
    assert second.post(f"/me/seats/{mine.id}/leave").status_code == 404
    assert "已退出" in done(first, f"/me/seats/{mine.id}/leave")
    assert "轮到您了" in told(second, address)
    assert "电工有座位了" in told(second, "/me/"), "home says what needs the person before it lapses"
    assert "座位是您的了" in done(second, f"/me/seats/{waiting.id}/confirm")
    assert "有座位了" not in told(second, "/me/")
    assert "学员1" in told(clerk, f"/provider/classes/{found.id}/")
    assert "至少写 5 个字" in done(clerk, f"/provider/learners/{waiting.id}/out/", reason="退")
    assert "班级已取消" in done(clerk, f"/provider/classes/{found.id}/cancel/", reason="报名的人太少，不开了")
    assert "取消" in told(second, address)


def test_my_classes_and_strangers(school: School) -> None:
    with whole():
        person = school.world.person("路人")
    phone = enter(person)
    assert "还没有报过班" in told(phone, "/me/classes/mine")
    with whole():
        hidden = TrainingClass.objects.filter(state="cancelled").latest("id")
    assert phone.get(f"/me/classes/{hidden.id}").status_code == 404
    assert browser("page-school").get("/desk/openings/").status_code == 403


def test_lines_of_the_calendar_file_are_short(school: School) -> None:
    with whole():
        lesson = Lesson.objects.select_related("room").first()
        assert lesson is not None
        lesson.topic = "很长的课题，" * 20
        text = lessons_file("电工；中级", [lesson], Clock.objects.get().demo_at)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert re.search(r"SUMMARY:电工；中级 · 很长的课题", text.replace("\r\n ", ""))
