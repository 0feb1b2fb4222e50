"""Candidates of a plan: a class taken over in one click, one person by document, conditions judged, the roster."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path

from jiangxin.assessment.eligibility import source_of_conditions
from jiangxin.assessment.exam_queries import candidates_of, classes_for, plan_of, verdict_of
from jiangxin.assessment.exams import CANDIDATE_SOURCES, CANDIDATE_STATES, Candidate, ExamPlan
from jiangxin.assessment.operations.exam_candidates import (
    CandidateGiven,
    admit_all,
    admit_candidate,
    sign_up_class,
    sign_up_person,
    turn_away,
)
from jiangxin.ground.actor import Actor
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.parties.models import DOCUMENT_KINDS
from jiangxin.parties.operations.persons import PersonRow
from jiangxin.subsidy.law import current_law
from jiangxin.web.door import entry
from jiangxin.web.provider.exams.plans import PER_PAGE, about, back_to
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PRIVATE, DayInput, PlainForm

VERDICTS = {"yes": ("ok", "条件符合"), "no": ("no", "条件不符"), "unknown": ("wait", "要看材料")}
LOOKS = {"admitted": "ok", "sat": "ok", "passed": "ok", "signed_up": "wait", "failed": "no", "refused": "no"}


class PersonForm(PlainForm):
    """One candidate, by the names of the province's candidate sheet (facts 4.6)."""

    name = forms.CharField(label="姓名", max_length=60)
    document_kind = forms.ChoiceField(label="证件类型", choices=list(DOCUMENT_KINDS.items()), initial="resident")
    number = forms.CharField(label="身份证号", max_length=40, widget=forms.TextInput(attrs=PRIVATE))
    sex = forms.ChoiceField(
        label="性别", choices=[("", "看证件"), ("male", "男"), ("female", "女")], required=False,
        help_text="不是居民身份证的要填",
    )  # fmt: skip
    born_on = forms.DateField(label="出生日期", required=False, widget=DayInput, help_text="不是居民身份证的要填")
    source = forms.ChoiceField(label="考生来源", choices=list(CANDIDATE_SOURCES.items()), initial="society")
    job_years = forms.IntegerField(label="本职业工作年限", required=False, min_value=0, max_value=60)
    make_up = forms.BooleanField(label="补考：上次合格的科目保留", required=False)


def _shown(request: Request, actor: Actor, plan: ExamPlan, **more: object) -> HttpResponseBase:
    state = request.GET.get("state", "")
    found = Paginator(candidates_of(plan, state if state in CANDIDATE_STATES.words else ""), PER_PAGE)
    page = found.get_page(request.GET.get("page"))
    subjects = list(plan.subjects.order_by("title", "level"))
    opened = plan.state == "open" and actor.has("clerk")
    told = about(
        actor, plan, "candidates", page=page, state=state, subjects=subjects, form=PersonForm(), opened=opened,
        rows=[(one, *VERDICTS[verdict_of(one)], LOOKS.get(one.state, "off")) for one in page],
        classes=[(subject, classes_for(plan, subject.subject)) for subject in subjects] if opened else [],
    )  # fmt: skip
    return TemplateResponse(request, "provider/exams/candidates.html", told | more)


@entry("provider", "clerk", "head", "examiner", methods=("GET", "POST"))
def candidates(request: Request, actor: Actor, at: datetime, plan_id: UUID) -> HttpResponseBase:
    """The candidates; posting signs one person up."""
    plan = plan_of(actor.body_id, plan_id)
    if request.method == "GET":
        return _shown(request, actor, plan)
    form = PersonForm(request.POST)
    if form.is_valid():
        try:
            _sign_up(request, actor, at, plan, form)
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            messages.success(request, f"{form.cleaned_data['name']}已报名。")
            return back_to("provider-exam-candidates", plan_id)
    return _shown(request, actor, plan, form=form)


def _sign_up(request: Request, actor: Actor, at: datetime, plan: ExamPlan, form: PersonForm) -> None:
    said = form.cleaned_data
    person = PersonRow(said["document_kind"], said["number"], said["name"], said["sex"] or None, said["born_on"])
    given = CandidateGiven(person, said["source"], said["job_years"], make_up=said["make_up"])
    sign_up_person(actor, at, plan.pk, _key(request, "subject"), given, current_law())


def _key(request: Request, name: str) -> UUID:
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        raise NotFound() from None


@entry("provider", "clerk", methods=("POST",))
def from_class(request: Request, actor: Actor, at: datetime, plan_id: UUID) -> HttpResponseBase:
    """Sign up a whole class."""
    plan_of(actor.body_id, plan_id)
    made = sign_up_class(actor, at, plan_id, _key(request, "subject"), _key(request, "class"), current_law())
    messages.success(request, f"已报名 {len(made)} 人。条件符合的可以一起准考。")
    return back_to("provider-exam-candidates", plan_id)


@entry("provider", "clerk", methods=("POST",))
def admit_met(request: Request, actor: Actor, at: datetime, plan_id: UUID) -> HttpResponseBase:
    """Admit everybody whose conditions the registers confirm."""
    plan_of(actor.body_id, plan_id)
    messages.success(request, f"准考 {admit_all(actor, at, plan_id)} 人。其余的要逐个看材料。")
    return back_to("provider-exam-candidates", plan_id)


def _candidate(actor: Actor, candidate_id: UUID) -> tuple[ExamPlan, Candidate]:
    found = Candidate.objects.select_related("subject", "training_class").filter(pk=candidate_id).first()
    if found is None:
        raise NotFound()
    return plan_of(actor.body_id, found.plan_id), found


@entry("provider", "clerk", "head", "examiner", methods=("GET", "POST"))
def candidate(request: Request, actor: Actor, at: datetime, candidate_id: UUID) -> HttpResponseBase:
    """One candidate with every condition and its source; posting admits, refuses or withdraws."""
    plan, found = _candidate(actor, candidate_id)
    error = ""
    if request.method == "POST":
        try:
            _judge(request, actor, at, found)
        except Refusal as no:
            error = no.sentence + no.remedy
        else:
            return back_to("provider-exam-candidates", plan.pk)
    told = about(
        actor, plan, "candidates", one=found, error=error, source=source_of_conditions(),
        verdict=VERDICTS[verdict_of(found)], look=LOOKS.get(found.state, "off"), said=request.POST.get("words", ""),
        may_judge=actor.has("clerk") and plan.state == "open" and found.state == "signed_up",
        may_withdraw=actor.has("clerk") and plan.state == "open" and found.state in ("signed_up", "admitted"),
    )  # fmt: skip
    return TemplateResponse(request, "provider/exams/candidate.html", told)


def _judge(request: Request, actor: Actor, at: datetime, found: Candidate) -> None:
    words = request.POST.get("words", "")
    match request.POST.get("deed"):
        case "admit":
            admit_candidate(actor, at, found.pk, words)
            messages.success(request, f"{found.name_then}准考。")
        case "withdraw":
            turn_away(actor, at, found.pk, words, withdrawn=True)
            messages.success(request, f"{found.name_then}已退考。")
        case _:
            turn_away(actor, at, found.pk, words)
            messages.success(request, f"{found.name_then}资格不符，本人会看到原因。")


urlpatterns = [
    path("exams/<uuid:plan_id>/candidates/", candidates, name="provider-exam-candidates"),
    path("exams/<uuid:plan_id>/candidates/class/", from_class, name="provider-exam-class"),
    path("exams/<uuid:plan_id>/candidates/admit/", admit_met, name="provider-exam-admit"),
    path("exams/candidates/<uuid:candidate_id>/", candidate, name="provider-exam-candidate"),
]
