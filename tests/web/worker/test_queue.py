"""Before a short pool a worker sees the own place, what the pool has and what is ahead, and nobody else's line."""

import pytest

from jiangxin.parties.models import Person
from tests.web.village import Village, enter
from tests.web.worker.test_money import text

pytestmark = pytest.mark.role("web")


@pytest.fixture(scope="module")
def village(clone: str) -> Village:
    return Village.built(yuan=2_000)


def test_the_place_in_the_queue_and_the_state_of_the_pool(village):
    assert village.line().state == "to_confirm"
    first, second = village.line(), village.line()
    assert (first.state, second.state) == ("queued", "queued")
    told = text(enter(Person.objects.get(pk=second.person_id)).get("/me/money"))
    assert "您排在第2位" in told
    assert "就业补助资金现有200.00元可用，您前面还要1,800.00元" in told
    told = text(enter(Person.objects.get(pk=first.person_id)).get(f"/me/money/{first.pk}"))
    assert "您排在第1位" in told
    assert "您前面还要0.00元" in told
