"""机构管理, for the county: applications, promises to look at, measures; one proposes, a leader decides (7.1, 7.3)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.recognition.cases import APPLICATION_STATES, ARRANGEMENTS, EXITS, GROUNDS, MEASURE_KINDS
from jiangxin.recognition.operations.applications import procedure_of
from jiangxin.recognition.operations.checks import accept_correction, check_promise, escalate_promise
from jiangxin.recognition.operations.decisions import (
    accept_application,
    decide_outcome,
    disagree_with_outcome,
    may_decide_outcome,
    may_handle,
    propose_outcome,
    return_application,
    stop_publicity,
)
from jiangxin.recognition.operations.measures import (
    decide_measure,
    hold_hearing,
    lift_measure,
    may_handle_measure,
    open_measure,
    why_not_yet,
)
from jiangxin.recognition.operations.papers import may_read_papers
from jiangxin.recognition.procedures import check_answers, procedures
from jiangxin.recognition.reads import (
    application_counts,
    application_in,
    applications_in,
    bodies_of,
    checks_in,
    measure_in,
    measures_in,
    reviews_of,
    titles_of,
)
from jiangxin.subsidy.law import current_law
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.answered import conditions_in_words, told_answers
from jiangxin.web.shared.forms import DayInput, PlainForm

PER_PAGE = 50
DESK = ("training", "leader", "viewer")
STEPS = {
    "accept": "已受理。", "return": "已退回补正。", "grant": "已提出：认定，等领导决定。",
    "refuse": "已提出：不予认定，等领导决定。", "decide": "已决定。", "disagree": "已退回重新审核。",
    "stop": "公示已停止，重新审核。",
}  # fmt: skip


class WordsForm(PlainForm):
    """A step and its words."""

    step = forms.ChoiceField(choices=list(STEPS.items()), widget=forms.HiddenInput)
    words = forms.CharField(label="意见", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    proposed_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)


class FindingForm(PlainForm):
    """What was found of one promise."""

    outcome = forms.ChoiceField(
        label="核查结果",
        choices=[
            ("kept", "属实"),
            ("untrue", "不实，限期改正"),
            ("corrected", "已改正"),
            ("escalate", "没有改正，转处置"),
        ],
    )
    finding = forms.CharField(label="查到的情况", max_length=1000)
    correct_by = forms.DateField(label="改正到哪天", required=False, widget=DayInput)


class MeasureForm(PlainForm):
    """A measure about a body, with its facts."""

    body = forms.ChoiceField(label="机构")
    kind = forms.ChoiceField(label="处置", choices=list(MEASURE_KINDS.items()))
    grounds = forms.ChoiceField(label="原因", choices=list(GROUNDS.items()))
    facts = forms.CharField(label="事实和证据", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    until_on = forms.DateField(label="暂停到哪天", required=False, widget=DayInput, help_text="只有暂停才填。")


class DecisionForm(PlainForm):
    """A leader's word on a measure."""

    in_force = forms.ChoiceField(label="决定", choices=[("yes", "处置生效"), ("no", "不予处置")])
    arrangement = forms.ChoiceField(
        label="在训的班怎么办", required=False, choices=[("", "警告不用选"), *ARRANGEMENTS.items()]
    )
    decision = forms.CharField(label="理由", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class HearingForm(PlainForm):
    """A hearing that was held."""

    held_on = forms.DateField(label="哪天举行", widget=DayInput)
    record = forms.CharField(label="听证记录", max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))


@entry("staff", *DESK)
def applications(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Applications by what is due; promises to be looked at."""
    state = request.GET.get("state", "submitted")
    state = state if state in APPLICATION_STATES.words and state != "draft" else "submitted"
    shown = Paginator(applications_in(actor.regions, state), PER_PAGE).get_page(request.GET.get("page"))
    counts, names = application_counts(actor.regions), {code: one.name for code, one in procedures().items()}
    page = {
        "rows": [(one, names.get(one.procedure, ""), bool(one.due_on and one.due_on < day_of(at))) for one in shown],
        "applications": shown, "state": state, "word": APPLICATION_STATES.words[state],
        "counts": [(one, word, counts.get(one, 0)) for one, word in APPLICATION_STATES.words.items() if one != "draft"],
        "checks": checks_in(actor.regions).count(),
    }  # fmt: skip
    return TemplateResponse(request, "staff/recognition/applications.html", page)


@entry("staff", *DESK, methods=("GET", "POST"))
def application(request: Request, actor: Actor, at: datetime, application_id: UUID) -> HttpResponseBase:
    """One application, all flat, and the next step."""
    found = application_in(actor.regions, application_id)
    if found is None:
        raise NotFound()
    form = WordsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _step(actor, at, found.pk, form.cleaned_data)
        except Refusal as no:
            form.add_error("words", no.sentence + no.remedy)
        else:
            messages.success(request, STEPS[form.cleaned_data["step"]])
            return HttpResponseRedirect(reverse("staff-application", args=[found.pk]))
    procedure = procedure_of(found)
    papers = {one.code: one.label for one in procedure.materials}
    promised = [one.code for one in procedure.promised] if found.signed_at else []
    shown = {
        "found": found, "procedure": procedure, "form": form,
        "answers": told_answers(procedure, found.answers), "titles": titles_of(found.body_id),
        "checked": conditions_in_words(procedure, check_answers(procedure, found.answers, promised)),
        "papers": [(papers.get(one.code, ""), one) for one in found.materials.order_by("sent_at")],
        "may": may_handle(actor, found),
        "may_decide": may_decide_outcome(actor, found), "late": bool(found.due_on and found.due_on < day_of(at)),
        "reviews": reviews_of(found.pk), "may_read": may_read_papers(actor, found),
    }  # fmt: skip
    return TemplateResponse(request, "staff/recognition/application.html", shown)


def _step(actor: Actor, at: datetime, application_id: UUID, given: dict[str, Any]) -> None:
    words = given["words"]
    match given["step"]:
        case "accept":
            accept_application(actor, at, application_id)
        case "return":
            return_application(actor, at, application_id, words)
        case "grant" | "refuse":
            propose_outcome(actor, at, application_id, given["step"], words)
        case "decide":
            decide_outcome(actor, at, application_id, given["proposed_at"])
        case "stop":
            stop_publicity(actor, at, application_id, words)
        case _:
            disagree_with_outcome(actor, at, application_id, words)


@entry("staff", *DESK, methods=("GET", "POST"))
def checks(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Promises still to be looked at, or to be put right."""
    form = FindingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given, key = form.cleaned_data, UUID(request.POST["check"])
        try:
            if given["outcome"] in ("kept", "untrue"):
                kept = given["outcome"] == "kept"
                check_promise(actor, at, key, kept=kept, finding=given["finding"], correct_by=given["correct_by"])
            elif given["outcome"] == "corrected":
                accept_correction(actor, at, key, given["finding"])
            else:
                escalate_promise(actor, at, key, given["finding"], current_law())
        except Refusal as no:
            form.add_error("finding", no.sentence + no.remedy)
        else:
            messages.success(request, "已记下。")
            return HttpResponseRedirect(reverse("staff-promise-checks"))
    shown = {"rows": list(checks_in(actor.regions)[:200]), "form": form, "today": day_of(at)}
    return TemplateResponse(request, "staff/recognition/checks.html", shown)


@entry("staff", *DESK, methods=("GET", "POST"))
def measures(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Measures open and over, and a form for another."""
    form, is_open = MeasureForm(request.POST or None), request.GET.get("view") != "over"
    form.fields["body"].choices = [(str(key), name) for key, name in bodies_of(actor.regions)]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        body_id = UUID(given["body"])
        try:
            made = open_measure(
                actor, at, body_id, given["kind"], given["grounds"], given["facts"], current_law(),
                title_id=_title(body_id, given["kind"]), until_on=given["until_on"],
            )  # fmt: skip
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            messages.success(request, "已立案，机构看得到，等领导决定。")
            return HttpResponseRedirect(reverse("staff-measure", args=[made.pk]))
    shown = {"rows": list(measures_in(actor.regions, is_open=is_open)[:200]), "is_open": is_open, "form": form}
    return TemplateResponse(request, "staff/recognition/measures.html", shown)


def _title(body_id: UUID, kind: str) -> UUID | None:
    """The title that an exit is from: the directory's or the licence."""
    if kind not in EXITS:
        return None
    wanted = ("licence",) if kind == "withdrawal" else ("provider", "assessor", "platform")
    return next((one.pk for one in titles_of(body_id) if one.kind in wanted and one.ended_at is None), None)


@entry("staff", *DESK, methods=("GET", "POST"))
def measure(request: Request, actor: Actor, at: datetime, measure_id: UUID) -> HttpResponseBase:
    """One measure: the body's word, the hearing, the leader's decision, and lifting it."""
    found = measure_in(actor.regions, measure_id)
    if found is None:
        raise NotFound()
    decide = DecisionForm(request.POST if "in_force" in request.POST else None)
    hearing = HearingForm(request.POST if "record" in request.POST else None)
    if request.method == "POST":
        form: PlainForm = decide if "in_force" in request.POST else hearing
        try:
            if _deed(actor, at, found.pk, request, decide, hearing):
                messages.success(request, "已办理。")
                return HttpResponseRedirect(reverse("staff-measure", args=[found.pk]))
        except Refusal as no:
            if not form.is_bound:
                raise
            form.add_error(None, no.sentence + no.remedy)
    leads = may_handle_measure(actor, found, "leader")
    shown = {
        "found": found, "decide": decide, "hearing": hearing, "why": why_not_yet(found, day_of(at)),
        "may_decide": found.state == "open" and leads,
        "may_hear": found.state == "open" and bool(found.hearing_asked_at) and actor.has("training"),
        "may_lift": found.state == "in_force" and found.kind not in EXITS and leads,
    }  # fmt: skip
    return TemplateResponse(request, "staff/recognition/measure.html", shown)


def _deed(actor: Actor, at: datetime, key: UUID, request: Request, decide: DecisionForm, hearing: HearingForm) -> bool:
    """Do what the form asks for; whether it was filled in."""
    if "in_force" in request.POST:
        if not decide.is_valid():
            return False
        given = decide.cleaned_data
        in_force = given["in_force"] == "yes"
        decide_measure(actor, at, key, in_force=in_force, decision=given["decision"], arrangement=given["arrangement"])
    elif "record" in request.POST:
        if not hearing.is_valid():
            return False
        hold_hearing(actor, at, key, hearing.cleaned_data["held_on"], hearing.cleaned_data["record"])
    else:
        lift_measure(actor, at, key, request.POST.get("reason", ""))
    return True


urlpatterns = [
    path("applications/", applications, name="staff-applications"),
    path("applications/<uuid:application_id>/", application, name="staff-application"),
    path("promises/", checks, name="staff-promise-checks"),
    path("measures/", measures, name="staff-measures"),
    path("measures/<uuid:measure_id>/", measure, name="staff-measure"),
]
