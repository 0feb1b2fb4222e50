"""我的线上学习, on the worker's phone: what counted, and in plain words why the rest did not (11.2)."""

from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path

from jiangxin.ground.actor import Actor
from jiangxin.ground.refusal import NotFound
from jiangxin.training.queries.online import own_online, own_online_lesson
from jiangxin.training.xapi_reading import token_of_seat
from jiangxin.web.door import entry
from jiangxin.web.session import Request


@entry("worker")
def online(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """My online lessons by class, each with the code by which its platform knows me."""
    found = own_online(actor.the_person)
    seats = {row.attendance.enrolment for row in found if row.attendance.enrolment.state == "seated"}
    classes = [
        (seat, token_of_seat(seat.id) if seat in seats else "", list(rows))
        for seat, rows in groupby(
            sorted(found, key=lambda row: row.attendance.enrolment_id, reverse=True),
            key=lambda row: row.attendance.enrolment,
        )
    ]
    return TemplateResponse(request, "worker/training/online.html", {"classes": classes, "at": at})


@entry("worker")
def lesson(request: Request, actor: Actor, at: datetime, attendance_id: UUID) -> HttpResponseBase:
    """One online lesson: every refused stretch with its time and reason."""
    found = own_online_lesson(actor.the_person, attendance_id)
    if found is None:
        raise NotFound()
    return TemplateResponse(request, "worker/training/online_lesson.html", {"found": found})


urlpatterns = [
    path("online/", online, name="worker-online"),
    path("online/<uuid:attendance_id>", lesson, name="worker-online-lesson"),
]
