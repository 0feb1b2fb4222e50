"""What waits at a training desk: classes, batches for a second person, pleas, learners told nothing."""

from datetime import timedelta
from typing import Any

import pytest

from jiangxin.training.evidence import Attendance
from jiangxin.training.operations.attendance import close_lessons
from jiangxin.training.operations.exceptions import ask_exception
from jiangxin.training.operations.transfers import offer_transfer
from jiangxin.training.queries.desk import training_waiting
from tests.factories.school import School
from tests.training.test_transfers import WORDS, stopped
from tests.training.vouchers import matched, unemployed

pytestmark = pytest.mark.django_db


def kinds(school: School, actor: Any) -> dict[str, int]:
    school.world.see_all()
    return {kind: count for kind, (count, _) in training_waiting(actor, (school.world.region,)).items()}


def test_a_batch_waits_for_whoever_did_not_enter_it(school: School) -> None:
    unemployed(school.world)
    matched(school.world)
    assert "voucher_batch" not in kinds(school, school.world.staff["training"]), "it is the own one"
    assert kinds(school, school.world.staff["training2"]) == {"voucher_batch": 1}


def test_learners_of_a_stopped_body_wait_for_the_county(school: School) -> None:
    found = school.opened()
    school.join(found, school.world.person())
    assert kinds(school, school.county) == {}
    measure = stopped(school)
    assert kinds(school, school.county) == {"learner": 1}
    offer_transfer(school.county, school.world.at, measure.pk, found.pk, None, WORDS)
    assert kinds(school, school.county) == {}


def test_a_plea_too_late_for_the_school_waits_for_the_county(school: School) -> None:
    found, [place] = school.running(1)
    missed = Attendance.objects.filter(enrolment=place.enrolment).earliest("starts_at")
    school.world.see_all()
    late = missed.ends_at + timedelta(hours=2)
    close_lessons(school.world.machine, late, [missed.lesson_id])
    asked = ask_exception(
        school.learner(place.enrolment.person_id), late, missed.pk, "forgot", "忘记扫码了，老师可以作证"
    )
    assert kinds(school, school.county) == {}
    for state in ("proposed", "county"):
        type(asked).objects.filter(pk=asked.pk).update(
            state=state, finding="来过", proposed_at=late, proposed_by_id=school.clerk.account_id
        )
    assert kinds(school, school.county) == {"plea": 1}
    assert found.state == "running"
