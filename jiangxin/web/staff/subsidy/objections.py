"""异议: the list by what is due, and the page where one is weighed and answered, with what follows from each answer.

Not upheld: one answers. Upheld: one proposes, another upholds or does not agree.
"""

from datetime import datetime
from typing import Any
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
from jiangxin.subsidy.operations.objections import (
    drop_upholding,
    may_answer_objection,
    may_uphold_objection,
    propose_upholding,
    reject_objection,
    reveal_contact,
    uphold_objection,
)
from jiangxin.subsidy.queries.decisions import asked_of, line_of
from jiangxin.subsidy.queries.notices import objection_of, objections_in
from jiangxin.subsidy.terms import Terms
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.chosen import page_of
from jiangxin.web.shared.forms import PlainForm

SAID = {
    "rejected": "已答复：异议不成立，这一笔继续办理。",
    "proposed": "已提出异议成立，等另一位同事确认。确认前这一笔还停着，谁也看不到答复。",
    "upheld": "已答复：异议成立，这一笔已取消。",
    "dropped": "没有取消。异议还等着答复。",
}


class AnswerForm(PlainForm):
    """What is decided, and its words: the answer, or why one does not agree; who confirms says which proposal."""

    outcome = forms.ChoiceField(choices=list(SAID.items()))
    answer = forms.CharField(
        label="答复", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="写清查了什么、依据哪一条。提异议的人和补贴本人都看得到。",
    )  # fmt: skip
    reason = forms.CharField(label="为什么不同意", max_length=400, required=False)
    proposed_at = forms.DateTimeField(required=False)


@entry("staff")
def objections(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Objections in scope: those to be answered first, by their last day; or those answered."""
    is_open, page, today = request.GET.get("view") != "answered", page_of(request), day_of(at)
    found, total = objections_in(actor.regions, is_open=is_open, page=page)
    calendar = Terms(at).calendar
    shown = {
        "rows": [(one, calendar.left(today, one.due_on), one.due_on < today) for one in found],
        "account_id": actor.account_id,
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
        "may_uphold": may_uphold_objection(actor, found),
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
        try:
            _decide(actor, at, found.id, form.cleaned_data)
        except Refusal as no:
            form.add_error("answer", no.sentence + no.remedy)
        else:
            messages.success(request, SAID[form.cleaned_data["outcome"]])
            wake()
            return HttpResponseRedirect(reverse("staff-objections"))
    return _about(request, actor, at, found, form=form)


def _decide(actor: Actor, at: datetime, objection_id: UUID, given: dict[str, Any]) -> None:
    match given["outcome"]:
        case "rejected":
            reject_objection(actor, at, objection_id, given["answer"])
        case "proposed":
            propose_upholding(actor, at, objection_id, given["answer"])
        case "upheld":
            uphold_objection(actor, at, objection_id, given["proposed_at"])
        case _:
            drop_upholding(actor, at, objection_id, given["reason"])


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
