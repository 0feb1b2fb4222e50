"""A day of lessons through the pages: code on the phone, device, buffer, photo, head count, a plea up to the county."""

import json
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.clock import Clock
from jiangxin.mainline import run_until_idle
from jiangxin.parties.codes import step_now
from jiangxin.parties.models import Account, Person
from jiangxin.parties.operations.accounts import DEMO_PASSWORD, grant_duty, open_account
from jiangxin.training.evidence import Attendance, AttendanceException, ClassPhoto, HeadCount, Scan
from jiangxin.training.models import Lesson
from jiangxin.training.presence import code_at, seed_of
from tests.factories.school import School
from tests.factories.whole import whole
from tests.factories.world import World
from tests.web.people import credentials
from tests.web.village import enter

pytestmark = pytest.mark.role("web")
PICTURE = b"\xff\xd8\xff a class"


class Day:
    """A class on its first day: who is there, and their browsers."""

    def __init__(self) -> None:
        with transaction.atomic():
            self.school = School(World())
            self.found, self.places = self.school.running(2)
        self.lesson = Lesson.objects.filter(training_class=self.found).earliest("starts_at")
        actor = machine()
        with acting(actor) as at:
            body, office = self.school.world.provider, self.school.world.office
            for name, duty in (("day-teacher", "teacher"), ("day-school", "school"), ("day-clerk", "clerk")):
                person = self.school.teacher.person if duty == "teacher" else None
                made = open_account(
                    actor, at, kind="clerk", username=name, name=name, password=DEMO_PASSWORD, body=body,
                    person=person, demo=True,
                )  # fmt: skip
                grant_duty(actor, at, made, duty)
            made = open_account(
                actor,
                at,
                kind="staff",
                username="day-desk",
                name="培训岗",
                password=DEMO_PASSWORD,
                office=office,
                demo=True,
            )
            grant_duty(actor, at, made, "training")

    def stands_at(self, when: object) -> None:
        with whole():
            Clock.objects.update(demo_at=when)

    def attendance(self, place: int, lesson: int = 0) -> Attendance:
        with whole():
            own = Attendance.objects.filter(enrolment=self.places[place].enrolment).select_related("lesson")
            return own.order_by("starts_at")[lesson]

    def code(self, place: int, lesson: int = 0, ago: int = 0) -> str:
        one = self.attendance(place, lesson)
        return code_at(seed_of(one.enrolment_id), one.lesson_id, one.lesson.room_id, step_now() - ago // 30)

    def phone(self, place: int) -> Client:
        with whole():
            person = Person.objects.get(id=self.places[place].enrolment.person_id)
        return enter(person)


@pytest.fixture(scope="module")
def day(clone: str) -> Day:
    return Day()


@pytest.fixture(autouse=True)
def _first_lesson(day: Day) -> None:
    day.stands_at(day.lesson.starts_at)


def browser(name: str) -> Client:
    made = Client()
    assert made.post("/sign-in", credentials(name)).status_code == 302
    return made


def told(made: Client, address: str) -> str:
    answer = made.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def test_the_phone_shows_the_code_that_the_device_takes(day: Day) -> None:
    said = told(day.phone(0), "/me/code")
    digits = re.search(r"data-digits>(\d{4}) (\d{4})<", said)
    assert digits
    teacher = browser("day-teacher")
    assert "第 1 天 1" in told(teacher, "/provider/lessons/")
    address = f"/provider/lessons/{day.lesson.id}/"
    given = {"code": "".join(digits.groups()), "direction": "in"}
    assert "签到：记下了" in teacher.post(address, given, follow=True).content.decode()
    assert day.attendance(0).state == "present"
    assert "已经签过" in teacher.post(address, given, follow=True).content.decode()
    assert (
        "签到码不对或已过期"
        in teacher.post(address, {"code": "12345678", "direction": "in"}, follow=True).content.decode()
    )
    assert "请填写" in teacher.post(address, {"code": "", "direction": "in"}).content.decode()
    assert "在场" in told(teacher, f"{address}board/")
    assert browser("day-clerk").get(address).status_code == 403
    asked_again = {"HX-Request": "true"}
    assert "data-digits" in day.phone(0).get("/me/code", headers=asked_again).content.decode()
    day.stands_at(day.lesson.starts_at - timedelta(days=3))
    assert day.phone(0).get("/me/code", headers=asked_again)["HX-Refresh"] == "true", "a code that ended goes away"


def test_what_was_read_without_a_network_comes_later(day: Day) -> None:
    teacher, hour = browser("day-teacher"), 3600
    day.stands_at(day.lesson.starts_at + timedelta(hours=6))
    rows = [
        {"code": day.code(1, ago=6 * hour), "direction": "in", "ago": 6 * hour},
        {"code": day.code(1, ago=3 * hour), "direction": "out", "ago": 3 * hour},
        {"code": "00000000", "direction": "in", "ago": 10},
    ]
    address = f"/provider/lessons/{day.lesson.id}/buffer/"
    answer = teacher.post(address, json.dumps(rows), content_type="application/json")
    assert [bool(one["problem"]) for one in answer.json()["answers"]] == [False, False, True]
    one = day.attendance(1)
    assert (one.state, one.counted, one.certainty) == ("attended", 4, "offline")
    assert teacher.post(address, "no list", content_type="application/json").status_code == 400
    with whole():
        assert Scan.objects.filter(offline=True, accepted=True).count() == 2


def test_teacher_photo_and_head_count(day: Day) -> None:
    teacher, desk = browser("day-teacher"), browser("day-desk")
    address = f"/provider/lessons/{day.lesson.id}/"
    assert "您已签到" in teacher.post(f"{address}teacher/", follow=True).content.decode()
    wrong = {"photo": SimpleUploadedFile("a.gif", b"GIF89a")}
    assert "5 MB 以内的 JPEG 或 PNG" in teacher.post(f"{address}photo/", wrong).content.decode()
    right = {"photo": SimpleUploadedFile("a.jpg", PICTURE)}
    assert "照片已保存" in teacher.post(f"{address}photo/", right, follow=True).content.decode()
    with whole():
        photo = ClassPhoto.objects.get()
    assert teacher.get(f"/provider/photos/{photo.id}/").content == PICTURE
    assert desk.get(f"/desk/lessons/photos/{photo.id}/").content == PICTURE
    assert "101 教室" in told(desk, "/desk/lessons/")
    said = desk.post(
        f"/desk/lessons/{day.lesson.id}/", {"counted": "0", "said": "没有人"}, follow=True
    ).content.decode()
    assert "现场 0 人" in said
    with whole():
        assert HeadCount.objects.get().counted == 0


def test_a_plea_goes_to_the_school_and_the_county(day: Day) -> None:
    with whole():
        second = Lesson.objects.filter(training_class=day.found).order_by("starts_at")[1]
    day.stands_at(second.ends_at + timedelta(hours=2))
    run_until_idle()
    one = day.attendance(0, 1)
    assert one.state == "absent"
    phone, school, desk = day.phone(0), browser("day-school"), browser("day-desk")
    address = f"/me/lessons/{one.id}/plea"
    assert "至少写 5 个字" in phone.post(address, {"cause": "phone", "said": "没电"}).content.decode()
    assert phone.post(address, {"cause": "phone", "said": "手机没电，同桌可以作证"}).status_code == 302
    assert "等机构核实" in told(phone, address)
    assert day.phone(1).get(address).status_code == 404
    with whole():
        plea = AttendanceException.objects.get()
    assert "同桌可以作证" in told(school, "/provider/exceptions/")
    given = {"exception": str(plea.id), "agreed": "yes", "finding": "在"}
    assert "至少写 5 个字" in school.post("/provider/exceptions/", given).content.decode()
    answered = school.post("/provider/exceptions/", given | {"finding": "教师证实在场"}, follow=True).content.decode()
    assert "等县里决定" in answered
    assert "教师证实在场" in told(desk, "/desk/exceptions/")
    decided = {"exception": str(plea.id), "counted": "yes", "opinion": "照片里有本人，计入"}
    assert "已决定" in desk.post("/desk/exceptions/", decided, follow=True).content.decode()
    assert day.attendance(0, 1).certainty == "exception"


def test_nobody_is_told_of_anothers_lesson(day: Day) -> None:
    with whole():
        assert Account.objects.filter(username="day-desk").exists()
    assert Client().get(f"/provider/lessons/{day.lesson.id}/").status_code == 302
    assert day.phone(1).get("/provider/lessons/").status_code == 403
