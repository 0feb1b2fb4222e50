"""The pass rate that the public may read: none of fewer than the law's number of persons."""

from datetime import timedelta

import pytest

from jiangxin.assessment.exams import Candidate
from jiangxin.assessment.rates import Rate, public_rate
from jiangxin.ground.actor import Actor, set_scope
from jiangxin.rules.parameters import Law
from jiangxin.subsidy.law import current_law
from tests.assessment.exam_hall import Hall

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("learners", "told"), [(4, None), (5, Rate(5, 5))])
def test_a_rate_of_few_is_not_told(learners: int, told: Rate | None) -> None:
    hall = Hall()
    plan = hall.published(learners=learners)
    today = plan.exam_on
    set_scope(Actor("公众"))
    assert public_rate(plan.body_id, plan.region_id, False, today, current_law()) == told
    provider = hall.world.provider.pk
    assert public_rate(provider, plan.region_id, True, today, current_law()) == told
    assert public_rate(plan.body_id, plan.region_id, False, today, Law([])) is None
    assert public_rate(plan.body_id, plan.region_id, False, today + timedelta(days=400), current_law()) is None
    assert not Candidate.objects.exists(), "the rows themselves stay unseen"


def test_the_share_is_rounded_down() -> None:
    assert Rate(6, 4).percent == 66
