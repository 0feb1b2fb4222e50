"""Assessment plans at the county: taken on file or sent back, watched where drawn; digits given to assessors."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.assessment.exam_queries import (
    assessors_without_series,
    plan_in,
    plans_in,
    series_of,
    state_counts,
    supervisions_of,
)
from jiangxin.assessment.examining import LETTERS
from jiangxin.assessment.exams import CANDIDATE_STATES, PLAN_STATES, ExamPlan
from jiangxin.assessment.operations.exam_plans import decide_plan, give_number_series, may_decide_plan
from jiangxin.assessment.operations.exam_results import may_watch, watch_plan
from jiangxin.ground.actor import Actor
from jiangxin.ground.refusal import Refusal
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm

PER_PAGE = 50
LOOKS = {"filed": "wait", "returned": "no", "published": "ok", "cancelled": "off"}


class SeriesForm(PlainForm):
    """The digits of an assessor."""

    body: forms.ModelChoiceField = forms.ModelChoiceField(queryset=None, label="评价机构")
    letter = forms.ChoiceField(label="机构种类", choices=[(code, f"{code} {word}") for code, word in LETTERS.items()])
    serial = forms.CharField(label="6 位编号", min_length=6, max_length=6, help_text="照省里的备案通知填")

    def __init__(self, regions: tuple[int, ...], *args: object) -> None:
        super().__init__(*args)
        field = self.fields["body"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = assessors_without_series(regions)
        field.label_from_instance = lambda body: body.name  # type: ignore[method-assign, assignment]


@entry("staff", "training", methods=("GET", "POST"))
def plans(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The filed plans of the county; posting gives an assessor its digits."""
    form = SeriesForm(actor.regions, request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            give_number_series(actor, at, said["body"].pk, said["letter"], said["serial"])
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            messages.success(request, f"{said['body'].name}的编号是 {said['letter']}000033{said['serial']}。")
            return HttpResponseRedirect(reverse("staff-exams"))
    state = request.GET.get("state", "filed")
    found = Paginator(plans_in(actor.regions, state if state in PLAN_STATES.words else ""), PER_PAGE)
    page = found.get_page(request.GET.get("page"))
    told = {
        "page": page,
        "rows": [(plan, LOOKS.get(plan.state, "run")) for plan in page],
        "state": state,
        "states": [(code, word) for code, word in PLAN_STATES.words.items() if code not in ("draft", "filed")],
        "form": form,
    }
    return TemplateResponse(request, "staff/exams/plans.html", told)


def _shown(request: Request, actor: Actor, plan: ExamPlan, error: str = "") -> HttpResponseBase:
    counts = state_counts(plan)
    told = {
        "plan": plan,
        "look": LOOKS.get(plan.state, "run"),
        "subjects": list(plan.subjects.order_by("title", "level")),
        "series": series_of(plan.body_id),
        "counts": [(CANDIDATE_STATES.words[state], many) for state, many in sorted(counts.items())],
        "supervisions": list(supervisions_of(plan)),
        "may_decide": may_decide_plan(actor, plan),
        "may_watch": may_watch(actor, plan),
        "error": error,
        "said": request.POST.get("words", ""),
    }
    return TemplateResponse(request, "staff/exams/plan.html", told)


@entry("staff", "training", methods=("GET", "POST"))
def plan(request: Request, actor: Actor, at: datetime, plan_id: UUID) -> HttpResponseBase:
    """One plan; posting takes it on file, sends it back, or records the county's supervision."""
    found = plan_in(actor.regions, plan_id)
    if request.method == "GET":
        return _shown(request, actor, found)
    words, deed = request.POST.get("words", ""), request.POST.get("deed", "")
    try:
        if deed in ("watched", "stopped"):
            watch_plan(actor, at, plan_id, words, deed == "watched")
            messages.success(request, "外部督导记录已保存。")
        else:
            decide_plan(actor, at, plan_id, deed == "agree", words)
            messages.success(request, "已备案，机构可以开始报名。" if deed == "agree" else "已退回。")
    except Refusal as no:
        return _shown(request, actor, found, no.sentence + no.remedy)
    return HttpResponseRedirect(reverse("staff-exam", args=[plan_id]))


urlpatterns = [
    path("exams/", plans, name="staff-exams"),
    path("exams/<uuid:plan_id>/", plan, name="staff-exam"),
]
