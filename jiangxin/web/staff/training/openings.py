"""开班审核, for the county: applications by their last day, all flat on one page, agreed to, returned or refused."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import PROVINCE, Actor
from jiangxin.ground.calendar import load_calendar
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.recognition.models import Title
from jiangxin.recognition.reads import titles_of
from jiangxin.subsidy.law import current_law
from jiangxin.training.models import CLASS_STATES, Teacher, TeacherQualification, TrainingClass
from jiangxin.training.operations.classes import decide_class, may_decide_class
from jiangxin.training.operations.places import confirm_qualifications
from jiangxin.training.queries.classes import (
    checks_of,
    class_counts_in,
    class_in,
    classes_in,
    history_of,
    lessons_of,
    teachers_in,
    titles_of_subjects,
)
from jiangxin.training.queries.rosters import offers_of
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.chosen import chosen_rows
from jiangxin.web.shared.forms import PlainForm

PER_PAGE = 50
TERM = "opening_review_working_days"


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
    term = current_law().find(f"{actor.region_id or PROVINCE:06d}", "common", TERM, today)
    page = {
        "find": request.GET.get("find", "").strip(), "term": int(term.value) if term.known else None,
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
        "late": bool(found.due_on and found.due_on < day_of(at)), "teachers": _teachers(found),
        "titles": [(one, _in_force(one, at)) for one in titles_of(found.body_id)], "may_confirm": actor.has("training"),
        "offers": offers_of(found.id),
    }  # fmt: skip
    return TemplateResponse(request, "staff/training/opening.html", shown)


def _in_force(title: Title, at: datetime) -> bool:
    today = day_of(at)
    return title.from_on <= today and (title.until_on is None or title.until_on >= today)


def _teachers(found: TrainingClass) -> list[tuple[Teacher, list[tuple[TeacherQualification, str]], bool]]:
    """Each teacher with what may be taught in words, and whether anything of it waits to be confirmed."""
    teachers = teachers_in(found.id)
    names = titles_of_subjects({able.subject for one in teachers for able in one.qualifications.all()})
    return [
        (
            one, [(able, names.get(able.subject, able.subject)) for able in one.qualifications.all()],
            any(able.confirmed_at is None for able in one.qualifications.all()),
        )
        for one in teachers
    ]  # fmt: skip


@entry("staff", "training", methods=("POST",))
def qualified(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """The papers behind what the teachers of a class may teach were looked at."""
    count = confirm_qualifications(actor, at, chosen_rows(request))
    messages.success(request, f"已核对 {count} 项任教资格。")
    return HttpResponseRedirect(reverse("staff-opening", args=[class_id]))


urlpatterns = [
    path("openings/", openings, name="staff-openings"),
    path("openings/<uuid:class_id>/", opening, name="staff-opening"),
    path("openings/<uuid:class_id>/teachers/", qualified, name="staff-confirm-teachers"),
]
