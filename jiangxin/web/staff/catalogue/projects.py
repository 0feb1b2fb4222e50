"""培训项目目录, for a training desk: projects published with standard, hours, amount and document, and ended (10.2)."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.catalogue.operations import Project, end_project, may_publish_project, publish_project
from jiangxin.catalogue.queries import projects
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import Refusal
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import DayInput, PlainForm

PER_PAGE = 50
PAGE = "staff-project-catalogue"


class ProjectForm(PlainForm):
    """A project as it is published."""

    code = forms.RegexField(
        r"^[A-Za-z0-9_-]{3,40}$", label="项目编号", help_text="字母、数字和横线，公布后不改。如 XM-2026-01",
        error_messages={"invalid": "请用 3 到 40 位字母、数字和横线"},
    )  # fmt: skip
    name = forms.CharField(label="项目名称", max_length=80)
    standard = forms.CharField(
        label="培训内容和标准", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="教什么、怎么考、怎样算合格。",
    )  # fmt: skip
    hours = forms.IntegerField(label="学时", min_value=1, max_value=2000)
    amount = forms.DecimalField(label="补贴标准（元/人）", min_value=0, max_digits=8, decimal_places=2)
    document = forms.CharField(label="文件和文号", max_length=120)
    from_on = forms.DateField(label="从哪天起执行", widget=DayInput)

    def project(self) -> Project:
        """As the operation wants it: money in fen."""
        given: dict[str, Any] = dict(self.cleaned_data)
        return Project(amount_fen=int(given.pop("amount") * 100), **given)


class EndForm(PlainForm):
    """From when a project is not taught any more."""

    code = forms.CharField(widget=forms.HiddenInput)
    until_on = forms.DateField(label="最后一天", widget=DayInput)
    end_document = forms.CharField(label="停用的文件和文号", max_length=120)


@entry("staff", "training", "leader", "viewer", methods=("GET", "POST"))
def catalogue(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The projects of the desk's region, running or all, with the form for another and an end for each."""
    ends = "until_on" in request.POST
    form = ProjectForm(request.POST if request.method == "POST" and not ends else None)
    end = EndForm(request.POST if ends else None)
    chosen: PlainForm = end if ends else form
    if request.method == "POST" and chosen.is_valid():
        try:
            said = _deed(actor, at, form, end)
        except Refusal as no:
            chosen.add_error(None, no.sentence + no.remedy)
        else:
            messages.success(request, said)
            return HttpResponseRedirect(reverse(PAGE))
    everything, find = request.GET.get("view") == "all", request.GET.get("find", "").strip()[:40]
    on = None if everything else day_of(at)
    found = Paginator(projects(find, on=on, region_id=actor.region_id), PER_PAGE).get_page(request.GET.get("page"))
    shown = {
        "rows": list(found), "projects": found, "everything": everything, "find": find, "form": form, "end": end,
        "ended_code": request.POST.get("code", "") if ends else "", "may": may_publish_project(actor),
        "today": day_of(at),
    }  # fmt: skip
    return TemplateResponse(request, "staff/catalogue/projects.html", shown)


def _deed(actor: Actor, at: datetime, form: ProjectForm, end: EndForm) -> str:
    if end.is_bound:
        given = end.cleaned_data
        done = end_project(actor, at, given["code"], given["until_on"], given["end_document"])
        return f"“{done.name}”到 {done.until_on} 停用，之后不能开班。"
    made = publish_project(actor, at, form.project())
    return f"“{made.name}”已公布，谁都查得到。"


urlpatterns = [path("projects/catalogue/", catalogue, name=PAGE)]
