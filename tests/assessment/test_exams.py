"""From a plan to the decision: filed, a class signed up, scored twice, looked over, published, decided (14.1)."""

from datetime import date, timedelta

import pytest

from jiangxin.assessment.exams import Candidate
from jiangxin.assessment.models import Certificate, Listing
from jiangxin.assessment.operations import exam_results
from jiangxin.ground.clock import Clock
from jiangxin.parties.models import RegisterLoad
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.subsidy.operations.decide import decide_certificates
from jiangxin.subsidy.queries import due
from tests.assessment.exam_hall import Hall

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall() -> Hall:
    return Hall()


def test_who_passed_has_a_certificate_and_the_main_line_decides_it_by_itself(hall: Hall) -> None:
    hall.world.pool()
    plan = hall.published(learners=3)
    assert (plan.state, plan.number) == ("published", "S042101-2026-001")
    certificates = list(Certificate.objects.exclude(candidate=None).order_by("number"))
    assert [one.number for one in certificates] == [f"S000033042101265{n:06d}" for n in (1, 2, 3)]
    one = certificates[0]
    assert (one.training_hours, one.class_number, one.provider_id) == (16, "JS2026-00", hall.world.provider.id)
    assert (one.training_first_on, one.training_last_on) == (date(2026, 1, 5), date(2026, 1, 6))
    assert (one.training_subject, one.theory_score, one.practice_score) == ("6-31-01-03", 80, 75)
    assert (one.issued_on, one.exam_on, one.kind, one.level) == (
        date(2026, 3, 12),
        date(2026, 3, 12),
        "skill_level",
        "5",
    )
    Clock.objects.update(demo_at=hall.exam_day)
    waiting = due.certificates_awaiting_decision(10)
    assert set(waiting) == {one.id for one in certificates}
    decide_certificates(hall.world.machine, hall.exam_day, waiting, "新到证书")
    lines = SubsidyLine.objects.filter(certificate__in=certificates, scheme="certificate_subsidy")
    assert [line.state for line in lines] == ["to_confirm"] * 3


def test_who_is_below_the_mark_in_one_part_fails_and_gets_no_number(hall: Hall) -> None:
    hall.published(learners=2, practice="59.5")
    assert not Certificate.objects.exclude(candidate=None).exists()
    assert set(Candidate.objects.values_list("state", flat=True)) == {"failed"}
    assert not Listing.objects.exists()


def test_the_platforms_own_register_lists_what_was_published(hall: Hall) -> None:
    hall.published(learners=2)
    load = RegisterLoad.objects.get(file_name__startswith="平台考务")
    assert (load.region_id, load.loaded_by_id, load.loaded_by_name) == (hall.world.region, None, "平台考务")
    assert load.from_on == load.until_on == hall.exam_day.date()
    listed = set(Listing.objects.filter(load=load).values_list("number", "name", "level"))
    issued = set(Certificate.objects.exclude(candidate=None).values_list("number", "name_then", "level"))
    assert listed == issued
    assert len(listed) == 2


def test_the_next_batch_goes_on_with_the_numbers(hall: Hall) -> None:
    hall.published(learners=2)
    plan = hall.supervised(learners=1)
    hall.do(hall.head, exam_results.publish_results, plan.id, at=hall.exam_day + timedelta(hours=1))
    numbers = Certificate.objects.exclude(candidate=None).order_by("number").values_list("number", flat=True)
    assert [number[-6:] for number in numbers] == ["000001", "000002", "000003"]
