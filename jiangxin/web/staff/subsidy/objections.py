"""异议: the list by what is due, and the page where one is weighed and answered, with what follows from each answer."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.jobs import wake
from jiangxin.ground.refusal import Refusal
from jiangxin.subsidy.models import Objection
from jiangxin.subsidy.operations.notices import answer_objection, may_answer_objection, reveal_contact
from jiangxin.subsidy.queries.decisions import asked_of, line_of
from jiangxin.subsidy.queries.notices import objection_of, objections_in
from jiangxin.subsidy.terms import Terms
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm
from jiangxin.web.staff.subsidy.chosen import page_of


class AnswerForm(PlainForm):
    """The outcome and its words."""

    outcome = forms.ChoiceField(
        label="查下来", choices=[("rejected", "异议不成立，继续办理"), ("upheld", "异议成立，取消这一笔")],
        widget=forms.RadioSelect,
    )  # fmt: skip
    answer = forms.CharField(
        label="答复", max_length=1000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="写清查了什么、依据哪一条。提异议的人和补贴本人都看得到。",
    )  # fmt: skip


@entry("staff")
def objections(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Objections in scope: those to be answered first, by their last day; or those answered."""
    is_open, page, today = request.GET.get("view") != "answered", page_of(request), day_of(at)
    found, total = objections_in(actor.regions, is_open=is_open, page=page)
    calendar = Terms(at).calendar
    shown = {
        "rows": [(one, calendar.left(today, one.due_on), one.due_on < today) for one in found],
        "late": sum(one.due_on < today for one in found) if is_open else 0,
        "is_open": is_open,
        "total": total,
        "page": page,
        "pages": -(-total // 50),
    }
    return TemplateResponse(request, "staff/subsidy/objections.html", shown)


def _about(request: Request, actor: Actor, at: datetime, found: Objection, **more: object) -> HttpResponseBase:
    line = line_of(found.line_id)
    asked = asked_of(line)
    shown = {
        "objection": found,
        "line": line,
        "rules": asked[0].rules if asked else [],
        "may": may_answer_objection(actor, found),
        "late": found.state == "open" and found.due_on < day_of(at),
        "left": Terms(at).calendar.left(day_of(at), found.due_on),
        "form": AnswerForm(),
        "contact": None,
    }
    return TemplateResponse(request, "staff/subsidy/objection.html", shown | more)


@entry("staff", methods=("GET", "POST"))
def objection(request: Request, actor: Actor, at: datetime, objection_id: UUID) -> HttpResponseBase:
    """What is said, against which line, and the answer."""
    found = objection_of(actor.regions, objection_id)
    if request.method == "GET":
        return _about(request, actor, at, found)
    form = AnswerForm(request.POST)
    if form.is_valid():
        upheld = form.cleaned_data["outcome"] == "upheld"
        try:
            answer_objection(actor, at, found.id, upheld, form.cleaned_data["answer"])
        except Refusal as no:
            form.add_error("answer", no.sentence + no.remedy)
        else:
            said = "异议成立，这一笔已取消" if upheld else "异议不成立，这一笔继续办理"
            messages.success(request, f"已答复：{said}。")
            wake()
            return HttpResponseRedirect(reverse("staff-objections"))
    return _about(request, actor, at, found, form=form)


@entry("staff", "maker", "checker", methods=("POST",))
def contact(request: Request, actor: Actor, at: datetime, objection_id: UUID) -> HttpResponseBase:
    """The page once, with the contact in clear; the reading is journalled."""
    found = objection_of(actor.regions, objection_id)
    return _about(request, actor, at, found, contact=reveal_contact(actor, at, found))


urlpatterns = [
    path("objections/", objections, name="staff-objections"),
    path("objections/<uuid:objection_id>/", objection, name="staff-objection"),
    path("objections/<uuid:objection_id>/contact/", contact, name="staff-objection-contact"),
]
