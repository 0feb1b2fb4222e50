"""A school is suspended: the county offers, a learner moves on the phone, another stays (7.3, P38)."""

import pytest
from django.db import transaction

from jiangxin.ground.actor import acting, machine
from jiangxin.parties.operations.accounts import DEMO_PASSWORD, grant_duty, open_account
from jiangxin.recognition.cases import Measure
from jiangxin.training.models import Enrolment, TrainingClass
from jiangxin.training.transfers import TransferOffer
from jiangxin.training.vouchers import Voucher
from tests.factories.school import School
from tests.factories.whole import whole
from tests.factories.world import World
from tests.training.test_transfers import other_school, stopped
from tests.training.vouchers import issued
from tests.web.people import as_worker
from tests.web.test_recognition import browser, done, told
from tests.web.village import enter

pytestmark = pytest.mark.role("web")


class Street:
    """A school suspended with two learners in its class, another school with a class that takes people."""

    def __init__(self) -> None:
        with as_worker(), transaction.atomic():
            self.world = World()
            self.world.pool()
            self.school = School(self.world)
            self.target = other_school(self.world).opened(capacity=2)
            self.people = [self.world.person(f"学员{n}") for n in range(2)]
            for person in self.people:
                self.world.spell(person, "unemployed", self.world.region)
            issued(self.world)
            self.world.see_all()
            self.found = self.school.opened()
            for person in self.people:
                self.school.join(self.found, person)
            self.measure: Measure = stopped(self.school)


@pytest.fixture(scope="module")
def street(clone: str) -> Street:
    made = Street()
    actor = machine()
    with acting(actor) as at:
        for name, duty in (("move-desk", "training"), ("move-viewer", "viewer")):
            account = open_account(
                actor, at, kind="staff", username=name, name=name, password=DEMO_PASSWORD, office=made.world.office,
                demo=True,
            )  # fmt: skip
            grant_duty(actor, at, account, duty)
    return made


def test_learners_are_offered_another_class(street: Street) -> None:
    desk = browser("move-desk")
    assert f"/desk/measures/{street.measure.pk}/learners/" in told(desk, f"/desk/measures/{street.measure.pk}/")
    page = f"/desk/measures/{street.measure.pk}/learners/"
    assert "西塘培训学校" in told(desk, page)
    assert "发给没有安排的学员" not in told(browser("move-viewer"), page)
    given = {"class": str(street.found.pk), "to_class": str(street.target.pk), "words": "好"}
    assert "至少写 5 个字" in done(desk, page, **given)
    assert "请从给出的选项里选" in done(desk, page, **(given | {"to_class": str(street.found.pk)}))
    given["words"] = "原机构暂停，可以转到西塘，问培训科"
    assert "已发给 2 位学员" in done(desk, page, **given)
    assert "收回还没答复的" in told(desk, page)
    assert "已收回 2 人" in done(desk, page, **{"class": str(street.found.pk), "withdraw": "yes"})
    assert "已发给 2 位学员" in done(desk, page, **given)
    first, second = (enter(person) for person in street.people)
    assert "您的班有变化" in told(first, "/me/learning")
    with whole():
        offers = {
            one.person_id: one.pk for one in TransferOffer.objects.filter(measure=street.measure, state="offered")
        }
    own = f"/me/transfers/{offers[street.people[0].pk]}"
    assert second.get(own).status_code == 404
    assert "西塘培训学校" in told(first, own)
    assert "转好了" in done(first, own, answer="move")
    assert "已转班" in told(first, own)
    assert "已经答复过" in done(first, own, answer="move")
    assert "您的班有变化" not in told(first, "/me/learning")
    assert "您留在原班" in done(second, f"/me/transfers/{offers[street.people[1].pk]}", answer="stay")
    with whole():
        moved = Enrolment.objects.get(training_class=street.target, person=street.people[0])
        assert moved.voucher is not None
        assert Voucher.objects.get(person=street.people[0]).state == "reserved"
        assert TrainingClass.objects.get(pk=street.found.pk).taken == 1
    told_desk = told(desk, page)
    assert "留在原班" in told_desk
    assert "发给没有安排的学员" in told_desk or "等答复" in told_desk
