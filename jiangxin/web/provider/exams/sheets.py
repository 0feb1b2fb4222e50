"""Candidates by sheet: the template, a filled one sent, the wrong cells shown; and the roster to take away."""

from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path

from jiangxin.assessment.candidate_sheet import candidate_template, roster_workbook
from jiangxin.assessment.exam_queries import candidates_of, plan_of
from jiangxin.assessment.exams import ExamPlan
from jiangxin.assessment.operations.exam_sheets import sign_up_sheet
from jiangxin.ground.actor import Actor
from jiangxin.ground.refusal import Refusal
from jiangxin.parties.register_files import RegisterFileWrong, WrongCell
from jiangxin.subsidy.law import current_law
from jiangxin.web.door import entry
from jiangxin.web.provider.exams.plans import about, back_to
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 100


class SheetForm(PlainForm):
    """A sheet and what its people are examined in."""

    subject: forms.ModelChoiceField = forms.ModelChoiceField(queryset=None, label="考什么", empty_label=None)
    file = forms.FileField(
        label="报名表", help_text="模板填好的 .xlsx，或 CSV。", widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"})
    )

    def __init__(self, plan: ExamPlan, *args: object) -> None:
        super().__init__(*args)
        field = self.fields["subject"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = plan.subjects.order_by("title", "level")
        field.label_from_instance = lambda one: f"{one.title} {one.level}".strip()  # type: ignore[method-assign, assignment]


@entry("provider", "clerk", methods=("GET", "POST"))
def sheet(request: Request, actor: Actor, at: datetime, plan_id: UUID) -> HttpResponseBase:
    """Send a sheet; one wrong row and nobody is signed up."""
    plan = plan_of(actor.body_id, plan_id)
    form = SheetForm(plan, request.POST or None, request.FILES or None)
    wrongs: list[WrongCell] = []
    if request.method == "POST" and form.is_valid():
        sent, subject = form.cleaned_data["file"], form.cleaned_data["subject"]
        try:
            made = sign_up_sheet(actor, at, plan_id, subject.pk, sent.name, sent.read(), current_law())
        except Refusal as no:
            wrongs = no.wrongs if isinstance(no, RegisterFileWrong) else []
            form.add_error("file", no.sentence + no.remedy)
        else:
            messages.success(request, f"已报名 {len(made)} 人。")
            return back_to("provider-exam-candidates", plan_id)
    told = about(actor, plan, "candidates", form=form, wrongs=wrongs[:SHOWN], more=len(wrongs) - SHOWN)
    return TemplateResponse(request, "provider/exams/sheet.html", told)


@entry("provider", "clerk")
def sheet_template(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The empty sheet."""
    return _download(candidate_template(), "考生报名表.xlsx")


@entry("provider", "clerk", "head")
def roster(request: Request, actor: Actor, at: datetime, plan_id: UUID) -> HttpResponseBase:
    """The candidates with seats and scores, as a workbook."""
    plan = plan_of(actor.body_id, plan_id)
    return _download(roster_workbook(candidates_of(plan)), f"考生名单_{plan.number}.xlsx")


def _download(content: bytes, name: str) -> HttpResponse:
    said = f"attachment; filename*=UTF-8''{quote(name)}"
    return HttpResponse(content, content_type=SHEET_TYPE, headers={"Content-Disposition": said})


urlpatterns = [
    path("exams/sheet-template/", sheet_template, name="provider-exam-template"),
    path("exams/<uuid:plan_id>/sheet/", sheet, name="provider-exam-sheet"),
    path("exams/<uuid:plan_id>/roster.xlsx", roster, name="provider-exam-roster-sheet"),
]
