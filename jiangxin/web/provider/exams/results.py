"""Supervision and publishing of a plan, and the passed with their numbers."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path

from jiangxin.assessment.exam_queries import candidates_of, plan_of, supervisions_of
from jiangxin.assessment.exams import ExamPlan
from jiangxin.assessment.operations.exam_results import may_publish, publish_results, record_supervision
from jiangxin.ground.actor import Actor
from jiangxin.ground.jobs import wake
from jiangxin.ground.refusal import Refusal
from jiangxin.web.door import entry
from jiangxin.web.provider.exams.plans import PER_PAGE, about, back_to
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm


class SupervisionForm(PlainForm):
    """What the supervisor looked at and found."""

    supervisor = forms.CharField(label="督导员", max_length=60)
    findings = forms.CharField(
        label="看了什么、有什么问题", max_length=1000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="看了哪些考场、试卷、评分表；有问题的写清怎么改。",
    )  # fmt: skip
    agreed = forms.ChoiceField(
        label="结论", choices=[("yes", "同意公布"), ("no", "有问题，先不公布")], widget=forms.RadioSelect
    )


def _shown(request: Request, actor: Actor, plan: ExamPlan, **more: object) -> HttpResponseBase:
    shown = Paginator(candidates_of(plan).exclude(state__in=("refused", "withdrawn")), PER_PAGE)
    page = shown.get_page(request.GET.get("page"))
    numbers = {}
    if plan.state == "published":
        found = page.object_list.prefetch_related("certificates")  # type: ignore[attr-defined]
        numbers = {one.pk: certificate.number for one in found for certificate in one.certificates.all()}
    told = about(
        actor, plan, "results", page=page, rows=[(one, numbers.get(one.pk, "")) for one in page],
        supervisions=list(supervisions_of(plan)), form=SupervisionForm(),
        may_supervise=plan.state == "closed" and actor.has("clerk", "head"), may_publish=may_publish(actor, plan),
    )  # fmt: skip
    return TemplateResponse(request, "provider/exams/results.html", told | more)


@entry("provider", "clerk", "head", "examiner", methods=("GET", "POST"))
def outcome(request: Request, actor: Actor, at: datetime, plan_id: UUID) -> HttpResponseBase:
    """Supervision so far, and what comes next; posting records what the supervisor found."""
    plan = plan_of(actor.body_id, plan_id)
    if request.method == "GET":
        return _shown(request, actor, plan)
    form = SupervisionForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            record_supervision(actor, at, plan_id, said["supervisor"], said["findings"], said["agreed"] == "yes")
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            messages.success(request, "督导记录已保存。")
            return back_to("provider-exam-results", plan_id)
    return _shown(request, actor, plan, form=form)


@entry("provider", "head", methods=("POST",))
def publish(request: Request, actor: Actor, at: datetime, plan_id: UUID) -> HttpResponseBase:
    """Publish the results; the main line is woken and does the rest."""
    plan_of(actor.body_id, plan_id)
    many = publish_results(actor, at, plan_id)
    messages.success(request, f"已公布，生成 {many} 张证书。补贴由系统核定，不用再申请。")
    wake()
    return back_to("provider-exam-results", plan_id)


urlpatterns = [
    path("exams/<uuid:plan_id>/results/", outcome, name="provider-exam-results"),
    path("exams/<uuid:plan_id>/publish/", publish, name="provider-exam-publish"),
]
