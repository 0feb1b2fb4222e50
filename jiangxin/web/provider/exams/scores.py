"""Scores of a plan, part by part: everybody types a whole list; what another typed is not shown before both agree."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path

from jiangxin.assessment.exam_queries import changes_of, plan_of, score_rows
from jiangxin.assessment.exams import PARTS, Candidate, ExamPlan
from jiangxin.assessment.operations.exam_scores import (
    ask_score_change,
    close_scores,
    decide_score_change,
    enter_score,
    mark_absent,
    may_enter_scores,
)
from jiangxin.ground.actor import Actor
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.web.door import entry
from jiangxin.web.provider.exams.plans import about, back_to
from jiangxin.web.session import Request

SCORE_LOOKS = {"一致": "ok", "缺考": "off", "没有录": "wait", "已录一次，等另一人再录": "run"}
NOT_A_NUMBER = "成绩要填数字，最多一位小数"


def _part(request: Request, plan: ExamPlan) -> tuple[str, list[tuple[str, str]]]:
    """The part shown, and those the plan examines."""
    subjects = list(plan.subjects.all())
    parts = [(part, words) for part, words in PARTS.items() if any(getattr(one, part) for one in subjects)]
    asked = request.GET.get("part") or request.POST.get("part", "")
    return asked if asked in dict(parts) else parts[0][0] if parts else "theory", parts


def _shown(request: Request, actor: Actor, plan: ExamPlan, wrong: dict[str, str] | None = None) -> HttpResponseBase:
    part, parts = _part(request, plan)
    rows = score_rows(plan, actor.account_id, part)
    typed = request.POST if wrong else {}
    told = about(
        actor, plan, "scores", part=part, parts=parts, may=may_enter_scores(actor, plan),
        rows=[
            (
                row, SCORE_LOOKS.get(row.word, "no"), (wrong or {}).get(str(row.candidate.pk), ""),
                typed.get(f"score-{row.candidate.pk}", ""), typed.get(f"note-{row.candidate.pk}", ""),
            )
            for row in rows
        ],
        wrong=len(wrong or {}), left=sum(row.fixed is None and row.candidate.state != "absent" for row in rows),
        may_close=actor.has("clerk") and plan.state == "rostered",
        changes=list(changes_of(plan)), account_id=actor.account_id, locked=plan.state in ("closed", "supervised"),
    )  # fmt: skip
    return TemplateResponse(request, "provider/exams/scores.html", told)


@entry("provider", "clerk", "head", "examiner", methods=("GET", "POST"))
def scores(request: Request, actor: Actor, at: datetime, plan_id: UUID) -> HttpResponseBase:
    """The list of one part; posting enters what was typed. A refused row stays as typed, the others are in."""
    plan = plan_of(actor.body_id, plan_id)
    if request.method == "GET":
        return _shown(request, actor, plan)
    part, _ = _part(request, plan)
    wrong: dict[str, str] = {}
    done = 0
    for name, text in request.POST.items():
        if not name.startswith("score-") or not str(text).strip():
            continue
        key = name.removeprefix("score-")
        try:
            remark = request.POST.get(f"note-{key}", "")
            enter_score(actor, at, UUID(key), part, Decimal(str(text).strip()), remark)
            done += 1
        except (InvalidOperation, ValueError):
            wrong[key] = NOT_A_NUMBER
        except Refusal as no:
            wrong[key] = no.sentence + no.remedy
    if done:
        messages.success(request, f"已录 {done} 个成绩。")
    return _shown(request, actor, plan, wrong) if wrong else _back(plan_id, part)


def _back(plan_id: UUID, part: str) -> HttpResponseBase:
    response = back_to("provider-exam-scores", plan_id)
    response["Location"] += f"?part={part}"
    return response


@entry("provider", "clerk", "examiner", methods=("POST",))
def absent(request: Request, actor: Actor, at: datetime, plan_id: UUID, candidate_id: UUID) -> HttpResponseBase:
    """Mark a candidate absent, or take that back."""
    plan_of(actor.body_id, plan_id)
    mark_absent(actor, at, candidate_id, came=request.POST.get("came") == "yes")
    return _back(plan_id, request.POST.get("part", ""))


@entry("provider", "clerk", methods=("POST",))
def close(request: Request, actor: Actor, at: datetime, plan_id: UUID) -> HttpResponseBase:
    """Lock the scores."""
    close_scores(actor, at, plan_id)
    messages.success(request, "成绩已锁定。接下来由督导员督导。")
    return back_to("provider-exam-results", plan_id)


@entry("provider", "clerk", "examiner", methods=("GET", "POST"))
def change(request: Request, actor: Actor, at: datetime, candidate_id: UUID) -> HttpResponseBase:
    """Ask for a locked score to be corrected."""
    found = Candidate.objects.select_related("subject").filter(pk=candidate_id).first()
    if found is None:
        raise NotFound()
    plan, error = plan_of(actor.body_id, found.plan_id), ""
    if request.method == "POST":
        said = request.POST
        try:
            becomes = Decimal(said.get("becomes", "").strip())
            ask_score_change(actor, at, candidate_id, said.get("part", ""), becomes, said.get("reason", ""))
        except InvalidOperation:
            error = NOT_A_NUMBER
        except Refusal as no:
            error = no.sentence + no.remedy
        else:
            messages.success(request, "已提出更正，等另一位同事确认。")
            return back_to("provider-exam-scores", plan.pk)
    held = [(part, PARTS[part], getattr(found, part)) for part in found.parts]
    told = about(actor, plan, "scores", one=found, held=held, error=error, typed=request.POST)
    return TemplateResponse(request, "provider/exams/change.html", told)


@entry("provider", "clerk", "examiner", methods=("POST",))
def decide_change(request: Request, actor: Actor, at: datetime, plan_id: UUID, change_id: UUID) -> HttpResponseBase:
    """Confirm or drop a correction."""
    plan_of(actor.body_id, plan_id)
    agree = request.POST.get("agree") == "yes"
    decide_score_change(actor, at, change_id, agree)
    messages.success(request, "成绩已更正。" if agree else "没有更正。")
    return back_to("provider-exam-scores", plan_id)


urlpatterns = [
    path("exams/<uuid:plan_id>/scores/", scores, name="provider-exam-scores"),
    path("exams/<uuid:plan_id>/scores/<uuid:candidate_id>/absent/", absent, name="provider-exam-absent"),
    path("exams/<uuid:plan_id>/scores/close/", close, name="provider-exam-close"),
    path("exams/candidates/<uuid:candidate_id>/change/", change, name="provider-exam-change"),
    path("exams/<uuid:plan_id>/changes/<uuid:change_id>/", decide_change, name="provider-exam-decide-change"),
]
