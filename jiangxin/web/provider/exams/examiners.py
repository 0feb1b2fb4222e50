"""The assessor's examiners: the list, a new one by document and card, one ended."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.assessment.exam_queries import examiners_of
from jiangxin.assessment.operations.exam_examiners import ExaminerGiven, end_examiner, register_examiner
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.parties.operations.persons import PersonRow
from jiangxin.web.door import entry
from jiangxin.web.provider.exams.plans import LEVELLED, PER_PAGE
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PRIVATE, DayInput, PlainForm


class ExaminerForm(PlainForm):
    """An examiner by the card."""

    name = forms.CharField(label="姓名", max_length=60)
    number = forms.CharField(label="身份证号", max_length=40, widget=forms.TextInput(attrs=PRIVATE))
    card_number = forms.CharField(label="证卡编号", max_length=40)
    subjects = forms.CharField(
        label="可考评的职业编码", max_length=400, help_text="几个职业用逗号隔开；专项写 item:编号，项目写 project:编号"
    )
    level = forms.ChoiceField(label="最高到哪一级", choices=[("", "各等级"), *LEVELLED], required=False)
    from_on = forms.DateField(label="生效日期", widget=DayInput)
    until_on = forms.DateField(label="失效日期", required=False, widget=DayInput)


@entry("provider", "clerk", methods=("GET", "POST"))
def examiners(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """All examiners; posting enters one."""
    if actor.body_id is None:
        raise NotFound()
    form = ExaminerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _register(actor, at, form)
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            messages.success(request, f"{form.cleaned_data['name']}已登记为考评员。")
            return HttpResponseRedirect(reverse("provider-examiners"))
    page = Paginator(examiners_of(actor.body_id), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(one, "、".join(key for key, _ in one.subjects)) for one in page]
    told = {"page": page, "rows": rows, "form": form, "on": day_of(at)}
    return TemplateResponse(request, "provider/exams/examiners.html", told)


def _register(actor: Actor, at: datetime, form: ExaminerForm) -> None:
    said = form.cleaned_data
    keys = [key.strip() for key in said["subjects"].replace("，", ",").replace("、", ",").split(",") if key.strip()]
    given = ExaminerGiven(
        PersonRow("resident", said["number"], said["name"]), said["card_number"],
        tuple((key, said["level"]) for key in keys), said["from_on"], said["until_on"],
    )  # fmt: skip
    register_examiner(actor, at, given)


@entry("provider", "clerk", methods=("POST",))
def end(request: Request, actor: Actor, at: datetime, examiner_id: UUID) -> HttpResponseBase:
    """End an examiner today."""
    end_examiner(actor, at, examiner_id)
    messages.success(request, "已停用，以后不再派考。")
    return HttpResponseRedirect(reverse("provider-examiners"))


urlpatterns = [
    path("examiners/", examiners, name="provider-examiners"),
    path("examiners/<uuid:examiner_id>/end/", end, name="provider-examiner-end"),
]
