"""A certificate earned inside: class, voucher, seat, lessons, examination, and then money, without another click."""

from datetime import timedelta

import pytest

from jiangxin.assessment.exams import Candidate
from jiangxin.assessment.models import Certificate
from jiangxin.assessment.operations import exam_candidates, exam_plans, exam_results, exam_scores
from jiangxin.assessment.operations.exam_rooms import close_roster
from jiangxin.funds.models import PoolBalance
from jiangxin.ground.clock import Clock
from jiangxin.mainline import STEPS
from jiangxin.subsidy.law import current_law
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.training.evidence import Attendance
from jiangxin.training.models import Lesson
from jiangxin.training.operations.attendance import Shown, close_lessons, finish_class, sign
from jiangxin.training.operations.classes import start_classes
from jiangxin.training.presence import code_at, seed_of
from jiangxin.training.vouchers import Voucher
from tests.assessment.exam_hall import PASSING, Hall
from tests.factories.school import School
from tests.training.vouchers import WORTH, issued, unemployed

pytestmark = pytest.mark.django_db
STEP = 1_000_000


def taught(school: School, found, person_id) -> None:
    """Every lesson attended from beginning to end, by the codes of the moment; then the class is finished."""
    world, law = school.world, current_law()
    world.at = Lesson.objects.filter(training_class=found).earliest("starts_at").starts_at
    start_classes(world.machine, world.at, [found.id])
    for one in Attendance.objects.filter(person_id=person_id).select_related("lesson").order_by("starts_at"):
        code = code_at(seed_of(one.enrolment_id), one.lesson_id, one.lesson.room_id, STEP)
        for direction, when in (("in", one.starts_at), ("out", one.ends_at)):
            assert sign(school.teacher_actor, when, one.lesson_id, Shown(code, direction, "", STEP), law).accepted
    world.at = Lesson.objects.filter(training_class=found).latest("ends_at").ends_at + timedelta(hours=1)
    close_lessons(world.machine, world.at, list(found.lessons.values_list("id", flat=True)))
    assert finish_class(school.clerk, world.at, found.id, law).state == "finished"
    world.see_all()


def examined(hall: Hall, found) -> Certificate:
    """The class is examined by the assessor, typed twice, supervised and published."""
    plan = hall.draft()
    hall.only = hall.subject(plan)
    hall.do(hall.clerk, exam_plans.file_plan, plan.id)
    hall.do(hall.training, exam_plans.decide_plan, plan.id, True)
    hall.do(hall.clerk, exam_candidates.sign_up_class, plan.id, hall.only.id, found.id, hall.law)
    hall.staffed(plan)
    hall.do(hall.clerk, close_roster, plan.id, hall.law, at=hall.exam_day)
    for one in Candidate.objects.filter(plan=plan, state="admitted"):
        for part in one.parts:
            for actor in (hall.clerk, hall.second):
                hall.score(actor, one.id, part, PASSING[part])
    hall.do(hall.clerk, exam_scores.close_scores, plan.id, at=hall.exam_day)
    said = "看了两个考场和全部试卷，没有问题。"
    hall.do(hall.supervisor, exam_results.record_supervision, plan.id, "督导丁", said, True, at=hall.exam_day)
    hall.do(hall.head, exam_results.publish_results, plan.id, at=hall.exam_day)
    return Certificate.objects.get()


def test_from_an_open_class_to_money_that_waits_for_its_person() -> None:
    hall = Hall()
    world, pool = hall.world, hall.world.pool()
    school = School(world)
    [person] = unemployed(world)
    world.account(person)
    issued(world, "general", pool_id=pool.id)
    found = school.opened(level="5")
    place = school.join(found, person, worth=lambda _class, _on: WORTH)
    assert PoolBalance.objects.get(pool=pool, account="reserved").balance_fen == WORTH
    taught(school, found, person.id)
    certificate = examined(hall, found)
    assert (certificate.class_number, certificate.training_hours) == (found.number, 56)
    Clock.objects.update(demo_at=hall.exam_day)
    world.see_all()
    decide = next(step for step in STEPS if step.name == "decide")
    assert decide.do is not None
    assert decide.do(world.machine, hall.exam_day) == 1
    line = SubsidyLine.objects.get(scheme="certificate_subsidy")
    assert line.state == "to_confirm", line.reasons
    assert Voucher.objects.get(id=place.enrolment.voucher_id).state == "settled"
    reserved = PoolBalance.objects.get(pool=pool, account="reserved").balance_fen
    assert reserved == line.amount_fen, "the voucher's money made room for the line's, in one deed"
