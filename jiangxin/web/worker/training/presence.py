"""签到码: what a learner shows at the lesson that runs or comes next; and why a lesson has no scan (P36)."""

from datetime import datetime
from uuid import UUID

import segno
from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString, mark_safe

from jiangxin.ground.actor import Actor
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.parties.codes import step_now
from jiangxin.training.evidence import EXCEPTION_CAUSES, Attendance
from jiangxin.training.operations.exceptions import ask_exception, may_ask_exception
from jiangxin.training.presence import EARLIEST, LATEST, code_at, seed_of
from jiangxin.training.queries.attendance import own_attendance, own_lessons_about, plea_for
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm


class PleaForm(PlainForm):
    """Why there was no scan."""

    cause = forms.ChoiceField(label="原因", choices=list(EXCEPTION_CAUSES.items()), widget=forms.RadioSelect)
    said = forms.CharField(
        label="怎么回事", max_length=200, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写清当时的情况，谁能证明您在场。培训机构核实后补记。",
    )  # fmt: skip


def _code(attendance: Attendance) -> tuple[str, SafeString]:
    """The digits of the moment and their picture."""
    lesson = attendance.lesson
    digits = code_at(seed_of(attendance.enrolment_id), lesson.id, lesson.room_id, step_now())
    drawn = segno.make(digits, error="m", micro=False)
    # Drawn here out of eight digits of our own.
    return digits, mark_safe(drawn.svg_inline(scale=6, border=3))


def _shown(found: list[Attendance], at: datetime) -> dict[str, object]:
    now = next((one for one in found if one.starts_at - EARLIEST <= at <= one.ends_at + LATEST), None)
    digits, picture = _code(now) if now else ("", "")
    return {
        "now": now, "digits": f"{digits[:4]} {digits[4:]}", "picture": picture,
        "seed": seed_of(now.enrolment_id).hex() if now else "", "coming": [one for one in found if one is not now][:5],
    }  # fmt: skip


@entry("worker")
def code(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The code of the lesson that runs now, or what comes next."""
    shown = _shown(own_lessons_about(actor.the_person, at), at)
    if not request.headers.get("HX-Request"):
        return TemplateResponse(request, "worker/training/code.html", shown)
    if shown["now"] is None:
        # The lesson ended while its code stood open.
        return HttpResponse(headers={"HX-Refresh": "true"})
    return TemplateResponse(request, "worker/training/code_picture.html", shown)


@entry("worker", methods=("GET", "POST"))
def plea(request: Request, actor: Actor, at: datetime, attendance_id: UUID) -> HttpResponseBase:
    """Say that I was there although no scan says so."""
    found = own_attendance(actor.the_person, attendance_id)
    if found is None:
        raise NotFound()
    form = PleaForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ask_exception(actor, at, found.id, **form.cleaned_data)
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            messages.success(request, "已提交，等培训机构核实。")
            return HttpResponseRedirect(reverse("worker-code"))
    asked = plea_for(found.id)
    may = asked is None and may_ask_exception(actor, found)
    shown = {"attendance": found, "form": form, "asked": asked, "may": may}
    return TemplateResponse(request, "worker/training/plea.html", shown)


urlpatterns = [
    path("code", code, name="worker-code"),
    path("lessons/<uuid:attendance_id>/plea", plea, name="worker-plea"),
]
