"""Rooms and examiners of a plan: rooms added, candidates seated, examiners put in, the roster closed."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path

from jiangxin.assessment.exam_queries import duties_of, examiners_of, plan_of, taught_them
from jiangxin.assessment.exams import PARTS, ExamPlan
from jiangxin.assessment.operations.exam_examiners import assign_examiner, take_off_examiner
from jiangxin.assessment.operations.exam_rooms import (
    RoomGiven,
    add_exam_room,
    change_places,
    close_roster,
    room_loads,
    seat_candidates,
)
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import SHANGHAI
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.subsidy.law import current_law
from jiangxin.web.door import entry
from jiangxin.web.provider.exams.plans import about, back_to
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm


class RoomForm(PlainForm):
    """A room of one part on the day of the exam."""

    part = forms.ChoiceField(label="考哪一部分", choices=list(PARTS.items()))
    name = forms.CharField(label="考场名称", max_length=60, help_text="如：301 教室、电工一组")
    places = forms.IntegerField(label="座位数", min_value=1, max_value=1000)
    starts = forms.TimeField(label="开始", widget=forms.TimeInput(attrs={"type": "time"}))
    ends = forms.TimeField(label="结束", widget=forms.TimeInput(attrs={"type": "time"}))


def _shown(request: Request, actor: Actor, plan: ExamPlan, **more: object) -> HttpResponseBase:
    loads, duties = room_loads(plan, current_law()), list(duties_of(plan))
    never = taught_them(plan)
    may_assign = plan.state in ("open", "rostered") and actor.has("clerk")
    offered = [one for one in examiners_of(plan.body_id, plan.exam_on) if one.person_id not in never]
    told = about(
        actor, plan, "rooms", rooms=[(load, [d for d in duties if d.room_id == load.room.pk]) for load in loads],
        form=RoomForm(), opened=plan.state == "open" and actor.has("clerk"), may_assign=may_assign,
        examiners=offered if may_assign else [], kept_out=len(never),
    )  # fmt: skip
    return TemplateResponse(request, "provider/exams/rooms.html", told | more)


@entry("provider", "clerk", "head", "examiner", methods=("GET", "POST"))
def rooms(request: Request, actor: Actor, at: datetime, plan_id: UUID) -> HttpResponseBase:
    """The rooms with what each lacks; posting adds a room."""
    plan = plan_of(actor.body_id, plan_id)
    if request.method == "GET":
        return _shown(request, actor, plan)
    form = RoomForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        start, end = (datetime.combine(plan.exam_on, said[name], SHANGHAI) for name in ("starts", "ends"))
        try:
            add_exam_room(actor, at, plan_id, RoomGiven(said["part"], said["name"], said["places"], start, end))
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            return back_to("provider-exam-rooms", plan_id)
    return _shown(request, actor, plan, form=form)


@entry("provider", "clerk", methods=("POST",))
def places(request: Request, actor: Actor, at: datetime, plan_id: UUID, room_id: UUID) -> HttpResponseBase:
    """Change how many places a room has."""
    plan_of(actor.body_id, plan_id)
    said = request.POST.get("places", "")
    change_places(actor, at, room_id, int(said) if said.isdecimal() and len(said) < 5 else 0)
    messages.success(request, "座位数已改，这个考场要重新排座。")
    return back_to("provider-exam-rooms", plan_id)


@entry("provider", "clerk", methods=("POST",))
def seat(request: Request, actor: Actor, at: datetime, plan_id: UUID) -> HttpResponseBase:
    """Seat everybody anew."""
    messages.success(request, f"已为 {seat_candidates(actor, at, plan_id)} 名考生排座。同班的人已打散。")
    return back_to("provider-exam-rooms", plan_id)


@entry("provider", "clerk", methods=("POST",))
def assign(request: Request, actor: Actor, at: datetime, plan_id: UUID, room_id: UUID) -> HttpResponseBase:
    """Put an examiner into a room."""
    plan_of(actor.body_id, plan_id)
    try:
        examiner = UUID(request.POST.get("examiner", ""))
    except ValueError:
        raise NotFound() from None
    assign_examiner(actor, at, room_id, examiner)
    return back_to("provider-exam-rooms", plan_id)


@entry("provider", "clerk", methods=("POST",))
def take_off(request: Request, actor: Actor, at: datetime, plan_id: UUID, duty_id: UUID) -> HttpResponseBase:
    """Take an examiner out of a room."""
    plan_of(actor.body_id, plan_id)
    take_off_examiner(actor, at, duty_id)
    return back_to("provider-exam-rooms", plan_id)


@entry("provider", "clerk", methods=("POST",))
def close(request: Request, actor: Actor, at: datetime, plan_id: UUID) -> HttpResponseBase:
    """Close the roster."""
    plan = close_roster(actor, at, plan_id, current_law())
    drawn = "这一批抽中了县里外部督导。" if plan.external else ""
    messages.success(request, f"名单已定，考生可以打印准考证。{drawn}")
    return back_to("provider-exam-rooms", plan_id)


urlpatterns = [
    path("exams/<uuid:plan_id>/rooms/", rooms, name="provider-exam-rooms"),
    path("exams/<uuid:plan_id>/rooms/<uuid:room_id>/places/", places, name="provider-exam-places"),
    path("exams/<uuid:plan_id>/rooms/<uuid:room_id>/examiner/", assign, name="provider-exam-assign"),
    path("exams/<uuid:plan_id>/duties/<uuid:duty_id>/off/", take_off, name="provider-exam-take-off"),
    path("exams/<uuid:plan_id>/seats/", seat, name="provider-exam-seat"),
    path("exams/<uuid:plan_id>/roster/", close, name="provider-exam-roster"),
]
