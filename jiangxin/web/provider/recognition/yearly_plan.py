"""年度评价计划, for an assessor: line by line, then public for everybody by the end of January (14.1, facts 4.3)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.recognition.models import YearlyPlan
from jiangxin.recognition.operations.plans import publish_plan, save_plan
from jiangxin.recognition.reads import titles_of
from jiangxin.recognition.work import plan_due_on, plans_of
from jiangxin.rules.vocabulary import LEVELS
from jiangxin.training.queries.classes import titles_of_subjects
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm

LEVELLED = [("", "不分等级"), *((code, LEVELS[code]) for code in ("5", "4", "3", "2", "1"))]


class LineForm(PlainForm):
    """One occupation and level of the plan, with all that a candidate wants to know."""

    subject = forms.CharField(label="职业编码或项目编号", max_length=60, help_text="如 6-31-01-03；只能写备案了的")
    level = forms.ChoiceField(label="等级", choices=LEVELLED, required=False)
    form = forms.CharField(label="评价方式", max_length=120, help_text="如 理论机考、实操")
    range = forms.CharField(label="评价范围", max_length=120, help_text="如 面向社会；本单位职工")
    sign_up = forms.CharField(label="报名时间", max_length=120)
    exam = forms.CharField(label="认定时间", max_length=120)
    fee = forms.DecimalField(label="收费标准（元）", min_value=0, max_digits=8, decimal_places=2)
    contact = forms.CharField(label="联系方式", max_length=120, help_text="公开给所有人看，写单位电话。")
    process = forms.CharField(label="流程", max_length=400, widget=forms.Textarea(attrs={"rows": 2}))

    def line(self) -> dict[str, Any]:
        """As the operation wants it: money in fen."""
        given = dict(self.cleaned_data)
        return given | {"fee_fen": int(given.pop("fee") * 100)}


def _year(request: Request, today: date) -> int:
    asked = request.GET.get("year", "")
    return today.year + 1 if asked == str(today.year + 1) else today.year


@entry("provider", "clerk", "head", methods=("GET", "POST"))
def yearly_plan(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The plan of this or the next year: what is public, the draft, and a form for another line."""
    if actor.body_id is None:
        raise NotFound()
    year = _year(request, day_of(at))
    draft, public = plans_of(actor.body_id, year)
    form = LineForm(request.POST if request.POST.get("step") == "add" else None)
    error = ""
    if request.method == "POST" and (not form.is_bound or form.is_valid()):
        try:
            said = _step(actor, at, year, request.POST, form, draft, public)
        except Refusal as no:
            error = no.sentence + no.remedy
        else:
            messages.success(request, said)
            return HttpResponseRedirect(f"{reverse('provider-yearly-plan')}?year={year}")
    lines = draft.lines if draft else public.lines if public else []
    names = titles_of_subjects({line["subject"] for line in lines})
    shown = {
        "year": year, "years": (day_of(at).year, day_of(at).year + 1), "due_on": plan_due_on(year), "draft": draft,
        "public": public, "form": form, "error": error, "may": actor.has("clerk"),
        "late": public is None and day_of(at) > plan_due_on(year),
        "files": any(one.kind == "assessor" and one.ended_at is None for one in titles_of(actor.body_id)),
        "lines": [(place, line, names.get(line["subject"], line["subject"])) for place, line in enumerate(lines)],
    }  # fmt: skip
    return TemplateResponse(request, "provider/recognition/yearly_plan.html", shown)


def _step(
    actor: Actor, at: datetime, year: int, given: Mapping[str, Any], form: LineForm, draft: YearlyPlan | None,
    public: YearlyPlan | None,
) -> str:  # fmt: skip
    lines = list(draft.lines if draft else public.lines if public else [])
    match given.get("step"):
        case "add":
            line = form.line()
            same = [one for one in lines if (one["subject"], one["level"]) != (line["subject"], line["level"])]
            save_plan(actor, at, year, [*same, line])
            return "已加进草稿。还没有公开。"
        case "remove":
            place = str(given.get("place", ""))
            kept = [line for n, line in enumerate(lines) if str(n) != place]
            save_plan(actor, at, year, kept)
            return "已从草稿里拿掉。还没有公开。"
        case _:
            if draft is None:
                raise NotFound()
            publish_plan(actor, at, draft.pk)
            return f"{year} 年的计划已公开，机构目录里谁都查得到。"


urlpatterns = [path("yearly-plan/", yearly_plan, name="provider-yearly-plan")]
