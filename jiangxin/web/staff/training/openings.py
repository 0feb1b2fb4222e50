"""开班审核, for the county: applications by their last day, all flat on one page, agreed to, returned or refused."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.calendar import load_calendar
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.subsidy.law import current_law
from jiangxin.training.models import CLASS_STATES
from jiangxin.training.operations.classes import decide_class, may_decide_class
from jiangxin.training.queries.classes import (
    checks_of,
    class_counts_in,
    class_in,
    classes_in,
    history_of,
    lessons_of,
)
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm

PER_PAGE = 50


class DecisionForm(PlainForm):
    """The county's answer."""

    outcome = forms.ChoiceField(
        label="答复", choices=[("open", "同意开班"), ("returned", "退回修改"), ("refused", "不同意开班")],
        widget=forms.RadioSelect,
    )  # fmt: skip
    opinion = forms.CharField(
        label="意见", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="退回或不同意要写明原因，机构看得到。",
    )  # fmt: skip


@entry("staff", "training", "viewer")
def openings(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Classes of one state, those waiting for an answer first by their last day."""
    state = request.GET.get("state", "submitted")
    state = state if state in CLASS_STATES.words else "submitted"
    found = classes_in(actor.regions, [state], request.GET.get("find", "").strip())
    shown, today = Paginator(found, PER_PAGE).get_page(request.GET.get("page")), day_of(at)
    counts = class_counts_in(actor.regions)
    calendar = load_calendar()
    page = {
        "rows": [
            (one, calendar.left(today, one.due_on) if one.due_on else None, bool(one.due_on and one.due_on < today))
            for one in shown
        ],
        "classes": shown, "state": state, "word": CLASS_STATES.words[state],
        "counts": [(code, word, counts.get(code, 0)) for code, word in CLASS_STATES.words.items() if code != "draft"],
    }  # fmt: skip
    return TemplateResponse(request, "staff/training/openings.html", page)


@entry("staff", "training", "viewer", methods=("GET", "POST"))
def opening(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """One application: every condition, every lesson, and the answer."""
    found = class_in(actor.regions, class_id)
    if found is None or found.state == "draft":
        raise NotFound()
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            decide_class(actor, at, found.id, given["outcome"], given["opinion"])
        except Refusal as no:
            form.add_error("opinion", no.sentence + no.remedy)
        else:
            messages.success(request, f"已答复：{dict(form.fields['outcome'].choices)[given['outcome']]}。")  # type: ignore[attr-defined]
            return HttpResponseRedirect(reverse("staff-openings"))
    shown = {
        "found": found, "form": form, "may": may_decide_class(actor, found), "lessons": lessons_of(found.id),
        "checks": checks_of(found, found.submitted_at or at, current_law()), "history": history_of(found.id),
        "late": bool(found.due_on and found.due_on < day_of(at)),
    }  # fmt: skip
    return TemplateResponse(request, "staff/training/opening.html", shown)


urlpatterns = [
    path("openings/", openings, name="staff-openings"),
    path("openings/<uuid:class_id>/", opening, name="staff-opening"),
]
