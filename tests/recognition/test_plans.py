"""Yearly plans of assessors: each line whole, nothing beyond what is filed, one public plan a year (facts 4.3)."""

from datetime import date
from typing import Any

import pytest

from jiangxin.ground.actor import Actor
from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.recognition.models import YearlyPlan
from jiangxin.recognition.operations.applications import AnswerMalformed
from jiangxin.recognition.operations.plans import (
    PlanBeyondFiling,
    PlanForThatYearNotOpen,
    PlanIsEmpty,
    PlanLineIncomplete,
    publish_plan,
    save_plan,
)
from jiangxin.recognition.work import assessors_without_plan, plan_due_on, plans_of, recognition_waiting
from tests.factories.refused import refused
from tests.recognition.desk import Town

pytestmark = pytest.mark.django_db
LINE: dict[str, Any] = {
    "subject": "6-31-01-03", "level": "4", "form": "机考", "range": "社会", "sign_up": "3 月", "exam": "4 月",
    "fee_fen": 20000, "contact": "0573-84000000", "process": "报名、考试、发证",
}  # fmt: skip


@pytest.fixture
def town() -> Town:
    return Town()


def test_a_plan_is_written_line_by_line_and_made_public(town: Town) -> None:
    clerk, at = town.assessing, town.at
    with refused(NotYourDuty):
        save_plan(town.head, at, 2026, [LINE])
    with refused(PlanForThatYearNotOpen):
        save_plan(clerk, at, 2025, [LINE])
    with refused(PlanLineIncomplete):
        save_plan(clerk, at, 2026, [LINE | {"process": ""}])
    with refused(PlanLineIncomplete):
        save_plan(clerk, at, 2026, [LINE | {"fee_fen": None}])
    with refused(AnswerMalformed):
        save_plan(clerk, at, 2026, [LINE | {"subject": "9-99-99-99"}])
    draft = save_plan(clerk, at, 2026, [])
    with refused(PlanIsEmpty):
        publish_plan(clerk, at, draft.pk)
    save_plan(clerk, at, 2026, [LINE])
    with refused(NotFound):
        publish_plan(town.clerk, at, draft.pk)
    head = town.of_body("负责人", "head", town.assessor)
    with refused(NotYourDuty):
        publish_plan(head, at, draft.pk)
    assert publish_plan(clerk, at, draft.pk).state == "published"
    again = save_plan(clerk, at, 2026, [LINE, LINE | {"level": "3"}])
    assert plans_of(town.assessor.pk, 2026) == (again, draft)
    publish_plan(clerk, at, again.pk)
    assert set(YearlyPlan.objects.values_list("state", flat=True)) == {"replaced", "published"}


def test_a_body_that_assesses_nothing_publishes_nothing(town: Town) -> None:
    clerk = town.of_body("学校评价", "clerk")
    made = save_plan(clerk, town.at, 2026, [LINE])
    with refused(PlanBeyondFiling):
        publish_plan(clerk, town.at, made.pk)


def test_the_county_sees_who_has_no_plan(town: Town) -> None:
    desk, today = town.as_(town.staff["training"]), town.at.date()
    assert town.assessor in assessors_without_plan(desk.regions, today)
    count, due = recognition_waiting(desk, desk.regions, today)["plan_missing"]
    assert (count, due) == (assessors_without_plan(desk.regions, today).count(), date(2026, 1, 31))
    assert plan_due_on(2027) == date(2027, 1, 31)
    town.see_all()
    for body in assessors_without_plan(desk.regions, today):
        clerk = town.of_body("评价", "clerk", body)
        publish_plan(clerk, town.at, save_plan(clerk, town.at, 2026, [LINE]).pk)
    assert "plan_missing" not in recognition_waiting(desk, desk.regions, today)


def test_work_is_counted_once_for_whom_it_waits(town: Town) -> None:
    made = town.signed(town.filled("provider_directory", {
        "nature": "private", "address": "嘉善大道1号", "contact": "0573-84000000", "capacity": 240, "teachers": 8,
        "full_time": 2, "programmes": [["6-18-02-04", "4"]],
    }))  # fmt: skip

    def kinds(actor: Actor) -> dict[str, int]:
        found = recognition_waiting(actor, actor.regions, town.at.date())
        return {kind: count for kind, (count, _) in found.items() if kind != "plan_missing"}

    from_desk = kinds(town.staff["training"])
    assert from_desk == {"application_submitted": 1}
    town.licensed()
    assert kinds(town.staff["training"])["promise"] == 4
    assert made.state == "submitted"
