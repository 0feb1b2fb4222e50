"""正在上的课, for the county: who is there now, photos, an unannounced head count; and pleas the rule leaves to it."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.training.operations.attendance import count_heads, may_count_heads, reveal_photo
from jiangxin.training.operations.exceptions import decide_exception
from jiangxin.training.queries.attendance import (
    board_of,
    exceptions_for_county,
    lesson_of,
    lessons_today_in,
    photo_of,
)
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm


class CountForm(PlainForm):
    """What an inspector counted on the spot."""

    counted = forms.IntegerField(label="现场人数", min_value=0, max_value=999)
    said = forms.CharField(label="备注", max_length=200, required=False)


class OpinionForm(PlainForm):
    """The county's word on a plea."""

    counted = forms.ChoiceField(label="决定", choices=[("yes", "计入"), ("no", "不计入")])
    opinion = forms.CharField(label="理由", max_length=200)


@entry("staff", "training", "viewer")
def lessons(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Today's lessons, those that run now on top of each hour."""
    found = lessons_today_in(actor.regions, at)[:300]
    shown = {"lessons": [(one, one.starts_at <= at <= one.ends_at) for one in found]}
    return TemplateResponse(request, "staff/training/lessons.html", shown)


@entry("staff", "training", "viewer", methods=("GET", "POST"))
def lesson(request: Request, actor: Actor, at: datetime, lesson_id: UUID) -> HttpResponseBase:
    """The class board, and the head count beside what the codes say."""
    found = lesson_of(lesson_id)
    if found is None or found.training_class.region_id not in actor.regions:
        raise NotFound()
    form = CountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            count = count_heads(actor, at, found.id, **form.cleaned_data)
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            messages.success(request, f"已记下：现场 {count.counted} 人，签到在场 {count.scanned} 人。")
            return HttpResponseRedirect(reverse("staff-lesson", args=[found.id]))
    shown = {
        "lesson": found, "board": board_of(found), "form": form,
        "may": may_count_heads(actor, found.training_class),
    }  # fmt: skip
    return TemplateResponse(request, "staff/training/lesson.html", shown)


@entry("staff", "training", writes=True)
def picture(request: Request, actor: Actor, at: datetime, photo_id: UUID) -> HttpResponseBase:
    """One photo; the looking is journalled."""
    found = photo_of(photo_id)
    if found is None:
        raise NotFound()
    content = reveal_photo(actor, at, found)
    return HttpResponse(content, content_type="image/png" if content.startswith(b"\x89PNG") else "image/jpeg")


@entry("staff", "training", methods=("GET", "POST"))
def exceptions(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Pleas above the share, too late, or where a count was short."""
    form = OpinionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            asked = UUID(request.POST["exception"])
            decide_exception(actor, at, asked, given["counted"] == "yes", given["opinion"])
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            messages.success(request, "已决定，学员和机构都看得到。")
            return HttpResponseRedirect(reverse("staff-exceptions"))
    shown = {"rows": list(exceptions_for_county(actor.regions)[:200]), "form": form}
    return TemplateResponse(request, "staff/training/exceptions.html", shown)


urlpatterns = [
    path("lessons/", lessons, name="staff-lessons"),
    path("lessons/<uuid:lesson_id>/", lesson, name="staff-lesson"),
    path("lessons/photos/<uuid:photo_id>/", picture, name="staff-photo"),
    path("exceptions/", exceptions, name="staff-exceptions"),
]
