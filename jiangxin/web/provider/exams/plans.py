"""Assessment plans of the own body: the list, a new one, and one plan with its step, its subjects and its filing."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.assessment.exam_queries import plan_of, plans_of, series_of, state_counts
from jiangxin.assessment.exams import CANDIDATE_STATES, EXAM_FORMS, EXAMINED_KINDS, PLAN_STATES, ExamPlan
from jiangxin.assessment.operations.exam_plans import (
    PlanGiven,
    SubjectGiven,
    add_exam_subject,
    cancel_plan,
    change_plan,
    draft_plan,
    drop_exam_subject,
    file_plan,
    may_plan,
)
from jiangxin.ground.actor import Actor
from jiangxin.ground.refusal import Refusal
from jiangxin.rules.vocabulary import LEVELS
from jiangxin.subsidy.law import current_law
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import DayInput, PlainForm

PER_PAGE = 50
LOOKS = {
    "draft": "off",
    "filed": "wait",
    "returned": "no",
    "open": "run",
    "rostered": "run",
    "closed": "wait",
    "supervised": "wait",
    "published": "ok",
    "cancelled": "off",
}
STEPS = (
    ("填写", ("draft", "returned")),
    ("县里备案", ("filed",)),
    ("报名、排考", ("open",)),
    ("考试、录分", ("rostered",)),
    ("质量督导", ("closed",)),
    ("公布", ("supervised",)),
)
LEVELLED = [(code, LEVELS[code]) for code in ("5", "4", "3", "2", "1")]
NO_PART = [("", "不考"), *EXAM_FORMS.items()]


class PlanForm(PlainForm):
    """A plan: what it is called, where and when."""

    name = forms.CharField(label="计划名称", max_length=80, help_text="如：2026 年第二批电工认定")
    kind = forms.ChoiceField(label="证书种类", choices=list(EXAMINED_KINDS.items()), widget=forms.RadioSelect)
    site = forms.CharField(label="考试地点", max_length=120)
    sign_up_until = forms.DateField(label="报名截止", widget=DayInput)
    exam_on = forms.DateField(label="考试日", widget=DayInput)


class SubjectForm(PlainForm):
    """An occupation and level with the form of each part."""

    code = forms.CharField(label="职业编码或项目编号", max_length=40, help_text="如 6-31-01-03；专项填项目编号")
    level = forms.ChoiceField(label="等级", choices=[("", "不分等级"), *LEVELLED], required=False)
    theory = forms.ChoiceField(label="理论", choices=NO_PART, required=False)
    practice = forms.ChoiceField(label="实操", choices=NO_PART, required=False)
    review = forms.ChoiceField(label="综合评审", choices=NO_PART, required=False, help_text="技师、高级技师必考")
    theory_minutes = forms.IntegerField(label="理论多少分钟", initial=90, min_value=1, max_value=600)
    practice_minutes = forms.IntegerField(label="实操多少分钟", initial=60, min_value=1, max_value=600)
    review_minutes = forms.IntegerField(label="评审多少分钟", initial=30, min_value=1, max_value=600)


class ReasonForm(PlainForm):
    """Why a plan is given up."""

    reason = forms.CharField(label="原因", max_length=200, help_text="考生会看到。")


@dataclass(frozen=True)
class PlanStep:
    """A step of the bar: done, now or todo."""

    label: str
    state: str


def steps_of(plan: ExamPlan) -> list[PlanStep]:
    """Where a plan stands among its steps; a cancelled one stands nowhere."""
    place = next((n for n, (_, states) in enumerate(STEPS) if plan.state in states), -1)
    here = len(STEPS) if plan.state == "published" else place
    return [
        PlanStep(label, "done" if n < here else "now" if n == here else "todo") for n, (label, _) in enumerate(STEPS)
    ]


def about(actor: Actor, plan: ExamPlan, tab: str, **more: object) -> dict[str, object]:
    """What every page of a plan shows: its head, its step bar, its tabs."""
    counts = state_counts(plan)
    return {
        "plan": plan,
        "look": LOOKS[plan.state],
        "steps": steps_of(plan),
        "tab": tab,
        "many": sum(many for state, many in counts.items() if state not in ("refused", "withdrawn")),
        "counts": [(state, words, counts[state]) for state, words in CANDIDATE_STATES.words.items() if state in counts],
        "is_clerk": actor.has("clerk"),
        **more,
    }


def back_to(name: str, plan_id: object) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(name, args=[plan_id]))


@entry("provider", "clerk", "head", "examiner")
def plans(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The body's plans, the latest exam first."""
    state = request.GET.get("state", "")
    found = plans_of(actor.body_id) if actor.body_id else ExamPlan.objects.none()
    shown = Paginator(found.filter(state=state) if state in PLAN_STATES.words else found, PER_PAGE)
    page = shown.get_page(request.GET.get("page"))
    told = {
        "page": page,
        "rows": [(plan, LOOKS[plan.state]) for plan in page],
        "state": state,
        "states": PLAN_STATES.words.items(),
        "may": may_plan(actor),
    }
    return TemplateResponse(request, "provider/exams/plans.html", told)


@entry("provider", "clerk", methods=("GET", "POST"))
def new_plan(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Begin a plan; refused, what was typed stays."""
    form = PlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            plan = draft_plan(actor, at, PlanGiven(**form.cleaned_data))
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            return back_to("provider-exam", plan.pk)
    return TemplateResponse(request, "provider/exams/new.html", {"form": form})


@entry("provider", "clerk", "head", "examiner", methods=("GET", "POST"))
def plan(request: Request, actor: Actor, at: datetime, plan_id: UUID) -> HttpResponseBase:
    """One plan: what it says, what it examines, what comes next. Posting changes what it says."""
    found = plan_of(actor.body_id, plan_id)
    said = {name: getattr(found, name) for name in PlanForm.base_fields}
    form = PlanForm(request.POST if request.method == "POST" else None, initial=said)
    if request.method == "POST" and form.is_valid():
        try:
            change_plan(actor, at, plan_id, PlanGiven(**form.cleaned_data))
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            messages.success(request, "已改好。")
            return back_to("provider-exam", plan_id)
    return _shown(request, actor, found, form=form)


def _shown(request: Request, actor: Actor, found: ExamPlan, **more: object) -> HttpResponseBase:
    said = {name: getattr(found, name) for name in PlanForm.base_fields}
    told = about(
        actor, found, "plan", subjects=list(found.subjects.order_by("title", "level")), series=series_of(found.body_id),
        writing=actor.has("clerk") and found.state in ("draft", "returned"),
        may_cancel=actor.has("clerk") and PLAN_STATES.may(found.state, "cancelled"),
    )  # fmt: skip
    told |= {"form": PlanForm(initial=said), "subject_form": SubjectForm(), "reason_form": ReasonForm()}
    return TemplateResponse(request, "provider/exams/plan.html", told | more)


@entry("provider", "clerk", methods=("POST",))
def add_subject(request: Request, actor: Actor, at: datetime, plan_id: UUID) -> HttpResponseBase:
    """Add what is examined."""
    found, form = plan_of(actor.body_id, plan_id), SubjectForm(request.POST)
    if form.is_valid():
        try:
            add_exam_subject(actor, at, plan_id, SubjectGiven(**form.cleaned_data), current_law())
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            return back_to("provider-exam", plan_id)
    return _shown(request, actor, found, subject_form=form)


@entry("provider", "clerk", methods=("POST",))
def drop_subject(request: Request, actor: Actor, at: datetime, plan_id: UUID, subject_id: UUID) -> HttpResponseBase:
    """Strike a subject out."""
    drop_exam_subject(actor, at, plan_id, subject_id)
    return back_to("provider-exam", plan_id)


@entry("provider", "clerk", methods=("POST",))
def file(request: Request, actor: Actor, at: datetime, plan_id: UUID) -> HttpResponseBase:
    """Send the plan to the county."""
    filed = file_plan(actor, at, plan_id)
    messages.success(request, f"已报县里备案，计划编号 {filed.number}。")
    return back_to("provider-exam", plan_id)


@entry("provider", "clerk", methods=("POST",))
def cancel(request: Request, actor: Actor, at: datetime, plan_id: UUID) -> HttpResponseBase:
    """Give the plan up, with a reason."""
    found, form = plan_of(actor.body_id, plan_id), ReasonForm(request.POST)
    if form.is_valid():
        try:
            cancel_plan(actor, at, plan_id, form.cleaned_data["reason"])
        except Refusal as no:
            form.add_error("reason", no.sentence + no.remedy)
        else:
            messages.success(request, "计划已取消。")
            return back_to("provider-exam", plan_id)
    return _shown(request, actor, found, reason_form=form)


urlpatterns = [
    path("exams/", plans, name="provider-exams"),
    path("exams/new/", new_plan, name="provider-new-exam"),
    path("exams/<uuid:plan_id>/", plan, name="provider-exam"),
    path("exams/<uuid:plan_id>/subjects/", add_subject, name="provider-exam-subject"),
    path("exams/<uuid:plan_id>/subjects/<uuid:subject_id>/drop/", drop_subject, name="provider-exam-drop-subject"),
    path("exams/<uuid:plan_id>/file/", file, name="provider-exam-file"),
    path("exams/<uuid:plan_id>/cancel/", cancel, name="provider-exam-cancel"),
]
