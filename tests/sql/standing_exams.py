"""Examinations as the attacks find them: published, closed, being scored, open; the digits of two bodies."""

from typing import Any

from jiangxin.assessment.examining import NumberCounter, NumberSeries, Supervision
from jiangxin.assessment.exams import Candidate
from jiangxin.assessment.models import Certificate
from jiangxin.assessment.operations import exam_examiners, exam_plans, exam_scores
from tests.assessment.exam_hall import ELECTRICIAN, Hall
from tests.factories.world import World

LOOKED = "看了两个考场和全部试卷，没有问题。"


def exams(world: World) -> dict[str, Any]:
    """Keys of what stands, by name."""
    hall = Hall(world)
    published = hall.published(learners=2)
    passed = Candidate.objects.filter(plan=published).order_by("id")
    closed = hall.closed(learners=2)
    one, other = Candidate.objects.filter(plan=closed).order_by("id")
    asked = [
        hall.do(hall.clerk, exam_scores.ask_score_change, who.id, "theory", who.theory - 5, "漏计五分，见评分表")
        for who in (one, other)
    ]
    Supervision.objects.create(
        plan=closed, region_id=world.region, body_id=hall.body.id, external=False, agreed=False, findings=LOOKED,
        supervisor="督导丁", entered_by_id=hall.supervisor.account_id, entered_at=hall.at,
    )  # fmt: skip
    scoring = hall.rostered(learners=2)
    sitting, half = Candidate.objects.filter(plan=scoring).order_by("id")
    hall.score(hall.clerk, half.id, "theory", "80")
    opened = hall.opened()
    taught = hall.taught(2)
    joined = hall.join_class(opened, taught)
    room = hall.room(opened, "theory", name="开放考场", hour=6)
    duty = hall.do(hall.clerk, exam_examiners.assign_examiner, room.id, hall.examiner().id)
    trainer = hall.examiner(person=hall.trainer)
    learner = hall.examiner(person=hall.learners[0])
    colleague = hall.examiner(person=world.person("同事"))
    type(world.provider.teachers.first()).objects.create(  # type: ignore[union-attr]
        person=colleague.person, body=world.provider, full_time=True, from_on="2020-01-01", entered_by_name="t"
    )
    draft = hall.draft()
    other_body = world.body("第二评价中心", "91330421MA00000088", "assessor")
    hall.do(hall.training, exam_plans.give_number_series, other_body.id, "S", "042188")
    bare = world.body("第三评价中心", "91330421MA00000089", "assessor")
    series = NumberSeries.objects.get(body=hall.body)
    certificate = Certificate.objects.filter(candidate__isnull=False).first()
    assert certificate
    return {
        "exam_body": hall.body.id, "bare_body": bare.id, "series": series.id, "exam_clerk": hall.clerk.account_id,
        "exam_second": hall.second.account_id, "exam_third": hall.third.account_id,
        "counter": NumberCounter.objects.filter(series=series, sort="S").get().id,
        "plan": opened.id, "plan_number": published.number, "closed_plan": closed.id, "draft_plan": draft.id,
        "published_plan": published.id, "exam_subject": hall.only.id, "exam_room": room.id, "joined": joined[0].id,
        "joined_person": joined[0].person_id, "class": taught.id, "joining": world.person().id,
        "passed": passed[0].id, "passed_person": passed[0].person_id, "sitting": sitting.id, "half": half.id,
        "changed": one.id, "change": asked[0].id, "exam_certificate": certificate.id,
        "exam_duty": duty.id, "on_duty": duty.examiner_id, "on_duty_person": duty.person_id,
        "trainer": trainer.id, "trainer_person": trainer.person_id, "learner": learner.id,
        "learner_person": learner.person_id, "colleague": colleague.id, "colleague_person": colleague.person_id,
        "exam_day": hall.exam_day, "exam_occupation": ELECTRICIAN,
    }  # fmt: skip
