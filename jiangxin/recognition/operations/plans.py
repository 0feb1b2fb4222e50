"""Yearly plans of assessors (14.1): written, and made public by the end of January; a later one replaces the former."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.free_text import refuse_numbers
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.transitions import move, move_one
from jiangxin.parties.models import Organisation
from jiangxin.recognition.models import YEARLY_PLAN_STATES, YearlyPlan
from jiangxin.recognition.operations.applications import check_subjects
from jiangxin.recognition.queries import title_answers

# What the province asks a plan to tell of each occupation and level (facts 4.3).
TOLD = {
    "form": "评价方式", "range": "评价范围", "sign_up": "报名时间", "exam": "认定时间", "contact": "联系方式",
    "process": "流程",
}  # fmt: skip


class PlanLineIncomplete(Refusal):
    sentence = "第 {line} 行还缺：{missing}。"
    remedy = "请补上再保存。"


class PlanIsEmpty(Refusal):
    sentence = "计划里还没有职业。"
    remedy = "至少写一个职业和等级再公开。"


class PlanBeyondFiling(Refusal):
    sentence = "计划里有备案以外的职业或等级：{which}。"
    remedy = "请删去，或先申请扩大备案范围。"


class PlanForThatYearNotOpen(Refusal):
    sentence = "只能写今年和明年的计划。"
    remedy = "请核对年份。"


def save_plan(actor: Actor, at: datetime, year: int, lines: Sequence[Mapping[str, Any]]) -> YearlyPlan:
    """Keep the draft of a year's plan; each line tells all that the public is to know."""
    if actor.body_id is None or not actor.has("clerk"):
        raise NotYourDuty()
    if year not in (day_of(at).year, day_of(at).year + 1):
        raise PlanForThatYearNotOpen()
    kept = [_line(number, line) for number, line in enumerate(lines, 1)]
    check_subjects("职业", [(line["subject"], line["level"]) for line in kept])
    body = Organisation.objects.select_for_update().get(pk=actor.body_id)
    plan = YearlyPlan.objects.filter(body=body, year=year, state="draft").first()
    if plan is None:
        plan = YearlyPlan(id=new_id(), body=body, region_id=body.region_id, year=year, begun_at=at)
    plan.lines = kept
    plan.save()
    note(actor, at, "saved_plan", plan, year=year, count=len(kept))
    return plan


def _line(number: int, line: Mapping[str, Any]) -> dict[str, Any]:
    words = {key: str(line.get(key, "")).strip() for key in TOLD}
    missing = [title for key, title in TOLD.items() if not words[key]]
    if not line.get("subject"):
        missing.insert(0, "职业")
    fee = line.get("fee_fen")
    if type(fee) is not int or fee < 0:
        missing.append("收费标准")
    if missing:
        raise PlanLineIncomplete(line=number, missing="、".join(missing))
    refuse_numbers(*words.values())
    return words | {"subject": str(line["subject"]), "level": str(line.get("level", "")), "fee_fen": fee}


def publish_plan(actor: Actor, at: datetime, plan_id: UUID) -> YearlyPlan:
    """Make a drafted plan public: nothing in it beyond what is filed; the year's former one is replaced."""
    plan = YearlyPlan.objects.select_for_update().filter(pk=plan_id).first()
    if plan is None or plan.body_id != actor.body_id:
        raise NotFound()
    if not actor.has("clerk"):
        raise NotYourDuty()
    if not plan.lines:
        raise PlanIsEmpty()
    today = day_of(at)
    asked = [(plan.body_id, "assessor", line["subject"], line["level"], today) for line in plan.lines]
    answers = title_answers(asked)
    if beyond := [one[2] for one in asked if answers[one] is not True]:
        raise PlanBeyondFiling(which="、".join(dict.fromkeys(beyond)))
    move(YearlyPlan.objects.filter(body_id=plan.body_id, year=plan.year), YEARLY_PLAN_STATES, "replaced")
    move_one(plan, YEARLY_PLAN_STATES, "published", published_at=at, published_by_name=actor.name)
    note(actor, at, "published_plan", plan, year=plan.year, count=len(plan.lines))
    return plan
