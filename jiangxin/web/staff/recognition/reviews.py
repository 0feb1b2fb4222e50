"""评审, for the desk: experts are asked, declare an interest or score; papers are opened (7.1, 13.3)."""

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
from jiangxin.recognition.cases import Review
from jiangxin.recognition.operations.applications import procedure_of
from jiangxin.recognition.operations.decisions import answer_review, declare_interest, invite_reviewers, may_handle
from jiangxin.recognition.operations.papers import may_read_papers, reveal_material
from jiangxin.recognition.procedures import Procedure, check_answers, procedures
from jiangxin.recognition.reads import application_in, fit_reviewers, review_for, reviews_for, reviews_of
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.answered import conditions_in_words, told_answers
from jiangxin.web.shared.downloads import as_file
from jiangxin.web.shared.forms import PlainForm

PER_PAGE = 50


class InterestForm(PlainForm):
    """Whether the expert has an interest in the body."""

    conflict = forms.ChoiceField(
        label="和这家机构有没有利害关系",
        choices=[("no", "没有"), ("yes", "有，我退出这次评审")],
        help_text="任职、投资、亲属、授课、合作，或其他可能影响公正的关系。",
    )
    words = forms.CharField(label="是什么关系", max_length=400, required=False, help_text="退出的要写明。")


class ScoresForm(PlainForm):
    """A mark for each condition that experts judge."""

    note = forms.CharField(
        label="评语", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="扣分的写明为什么。",
    )  # fmt: skip


def scores_form(procedure: Procedure, *args: Any) -> ScoresForm:
    """The form of a procedure's marks, none above its full mark."""
    marks = {
        one.code: forms.IntegerField(
            label=one.sentence, min_value=0, max_value=one.score, help_text=f"满分 {one.score} 分。{one.source}"
        )
        for one in procedure.reviewed
    }  # fmt: skip
    made: ScoresForm = type("Scores", (ScoresForm,), marks)(*args)
    return made


@entry("staff", "training", "leader", writes=True)
def material(request: Request, actor: Actor, at: datetime, material_id: UUID) -> HttpResponseBase:
    """A paper of an application, as it was sent; the looking is journalled."""
    found, content = reveal_material(actor, at, material_id)
    return as_file(content, found.file_name, found.content_type)


@entry("staff", "training", methods=("GET", "POST"))
def invite(request: Request, actor: Actor, at: datetime, application_id: UUID) -> HttpResponseBase:
    """Choose experts of the own desk or one above."""
    found = application_in(actor.regions, application_id)
    if found is None or not may_handle(actor, found):
        raise NotFound()
    asked = {one.reviewer_id for one in reviews_of(found.pk)}
    fit = list(fit_reviewers(found.region_id, day_of(at)))
    chosen, error = set(request.POST.getlist("reviewer")), ""
    if request.method == "POST":
        known = [one.pk for one in fit if str(one.pk) in chosen]
        try:
            made = invite_reviewers(actor, at, found.pk, known)
        except Refusal as no:
            error = no.sentence + no.remedy
        else:
            messages.success(request, f"已请 {len(made)} 位评审，各人在“评审”里看得到。")
            return HttpResponseRedirect(reverse("staff-application", args=[found.pk]))
    shown = {
        "found": found, "procedure": procedure_of(found), "error": error,
        "rows": [(one, one.pk in asked, str(one.pk) in chosen) for one in fit],
    }  # fmt: skip
    return TemplateResponse(request, "staff/recognition/invite.html", shown)


@entry("staff", "training")
def reviews(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """What the reader is asked to judge, or has judged."""
    is_open = request.GET.get("view") != "over"
    found = Paginator(reviews_for(actor.the_account, is_open=is_open), PER_PAGE).get_page(request.GET.get("page"))
    names = {code: one.name for code, one in procedures().items()}
    rows = [(one, names.get(one.application.procedure, ""), _word(one)) for one in found]
    shown = {"rows": rows, "reviews": found, "is_open": is_open}
    return TemplateResponse(request, "staff/recognition/reviews.html", shown)


def _word(one: Review) -> tuple[str, str]:
    if one.conflict:
        return "off", "已回避"
    if one.answered_at:
        return "ok", f"{one.total} 分"
    if one.application.state != "reviewing":
        return "off", "不用再评"
    return ("run", "等打分") if one.declared_at else ("wait", "等声明")


@entry("staff", "training", methods=("GET", "POST"))
def review(request: Request, actor: Actor, at: datetime, review_id: UUID) -> HttpResponseBase:
    """One review: first whether there is an interest, then the marks, once."""
    found = review_for(actor.the_account, review_id)
    if found is None:
        raise NotFound()
    procedure = procedure_of(found.application)
    interest = InterestForm(request.POST if "conflict" in request.POST else None)
    scores = scores_form(procedure, request.POST if request.POST and "conflict" not in request.POST else None)
    form: PlainForm = interest if interest.is_bound else scores
    if request.method == "POST" and form.is_valid():
        try:
            said = _answer(actor, at, found, form)
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            messages.success(request, said)
            return HttpResponseRedirect(reverse("staff-review", args=[found.pk]))
    application = found.application
    promised = [one.code for one in procedure.promised] if application.signed_at else []
    shown = {
        "review": found, "found": application, "procedure": procedure, "interest": interest, "scores": scores,
        "answers": told_answers(procedure, application.answers), "word": _word(found),
        "checked": conditions_in_words(procedure, check_answers(procedure, application.answers, promised)),
        "papers": list(application.materials.order_by("sent_at")), "may_read": may_read_papers(actor, application),
        "is_open": application.state == "reviewing" and not found.answered_at and not found.conflict,
        "marks": [(one, found.answers.get(one.code)) for one in procedure.reviewed],
    }  # fmt: skip
    return TemplateResponse(request, "staff/recognition/review.html", shown)


def _answer(actor: Actor, at: datetime, found: Review, form: PlainForm) -> str:
    given = dict(form.cleaned_data)
    if isinstance(form, InterestForm):
        out = given["conflict"] == "yes"
        declare_interest(actor, at, found.pk, out, given["words"])
        return "已退出，经办会另请一位。" if out else "已声明没有利害关系，请打分。"
    words = given.pop("note")
    answer_review(actor, at, found.pk, given, words)
    return "评审已提交，不能再改。"


urlpatterns = [
    path("materials/<uuid:material_id>/", material, name="staff-application-material"),
    path("applications/<uuid:application_id>/reviewers/", invite, name="staff-invite-reviewers"),
    path("reviews/", reviews, name="staff-reviews"),
    path("reviews/<uuid:review_id>/", review, name="staff-review"),
]
