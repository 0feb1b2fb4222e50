"""名册, for a school's clerk: a class's list sent, checked and put on seats, or taken away; a class kept for a body."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.refusal import NotFound
from jiangxin.parties.operations.rosters import drop_roster
from jiangxin.parties.queries.workforce import roster_file_of, roster_files_of, wrong_rows_of
from jiangxin.parties.workforce import RosterFile
from jiangxin.subsidy.queries.worth import class_worth
from jiangxin.training.lesson_sheet import learners_workbook
from jiangxin.training.models import TrainingClass
from jiangxin.training.operations.rosters import (
    class_roster,
    end_offer,
    offer_class,
    receive_class_roster,
    seat_class_roster,
)
from jiangxin.training.queries.classes import class_of_body
from jiangxin.training.queries.rosters import class_list
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.rosters import Way, download, drop_page, file_page, load_page, send_page

SCHOOL = ("school", "head")


def own_class(actor: Actor, class_id: UUID | None) -> TrainingClass:
    """One class of the clerk's own body. Raises NotFound."""
    found = class_of_body(actor.body_id, class_id) if actor.body_id and class_id else None
    if found is None:
        raise NotFound()
    return found


def _way(found: TrainingClass) -> Way:
    here = reverse("provider-class", args=[found.id])
    return Way(
        f"学员名册：{found.title}", f"{found.number} · 还有 {found.seats_left} 个座位。先检查，再入班。",
        ((reverse("provider-classes"), "班级"), (here, found.title)), "provider-roster", here, "位学员", (found.id,),
    )  # fmt: skip


def _file(actor: Actor, file_id: UUID) -> tuple[TrainingClass, RosterFile]:
    file = roster_file_of(actor.body_id, file_id, "class")
    return own_class(actor, file.about), file


@entry("provider", *SCHOOL, methods=("GET", "POST"))
def send(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """Send the list of a class; it is checked as a whole before anybody sits."""
    found = own_class(actor, class_id)
    return send_page(
        request, _way(found), lambda: roster_files_of(found.body_id, "class", class_id),
        lambda name, data: receive_class_roster(actor, at, class_id, name, data),
    )  # fmt: skip


@entry("provider", *SCHOOL)
def template(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """The empty list of a class."""
    found = own_class(actor, class_id)
    return download(class_roster(found).template(), f"学员名册_{found.number}.xlsx")


@entry("provider", *SCHOOL)
def sent(request: Request, actor: Actor, at: datetime, file_id: UUID) -> HttpResponseBase:
    """One list that was sent."""
    found, file = _file(actor, file_id)
    return file_page(request, _way(found), file)


@entry("provider", *SCHOOL, methods=("POST",))
def load(request: Request, actor: Actor, at: datetime, file_id: UUID) -> HttpResponseBase:
    """Put the good rows on seats."""
    found, file = _file(actor, file_id)
    return load_page(
        request, _way(found), file, lambda reason: seat_class_roster(actor, at, file_id, class_worth, reason)
    )


@entry("provider", *SCHOOL, methods=("POST",))
def drop(request: Request, actor: Actor, at: datetime, file_id: UUID) -> HttpResponseBase:
    """Give a list up."""
    found, _ = _file(actor, file_id)
    return drop_page(request, _way(found), lambda: drop_roster(actor, at, file_id))


@entry("provider", *SCHOOL)
def wrong_rows(request: Request, actor: Actor, at: datetime, file_id: UUID) -> HttpResponseBase:
    """The wrong rows in their template, with 错误原因."""
    found, file = _file(actor, file_id)
    return download(wrong_rows_of(file, class_roster(found)), f"错误行_{file.file_name}")


@entry("provider", *SCHOOL)
def learners_sheet(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """The learners of a class as a workbook."""
    found = own_class(actor, class_id)
    return download(learners_workbook(found.number, class_list(class_id)), f"学员名单_{found.number}.xlsx")


@entry("provider", *SCHOOL, methods=("POST",))
def offer(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """Keep the class for a body's people."""
    made = offer_class(actor, at, class_id, request.POST.get("credit_code", ""))
    messages.success(request, f"已给{made.body.name}留名额，它可以给自己的人报这个班。")
    return HttpResponseRedirect(reverse("provider-class", args=[class_id]))


@entry("provider", *SCHOOL, methods=("POST",))
def offer_ended(request: Request, actor: Actor, at: datetime, offer_id: UUID) -> HttpResponseBase:
    """Keep it no longer."""
    ended = end_offer(actor, at, offer_id)
    messages.success(request, f"不再给{ended.body.name}留名额；已经报上的人不变。")
    return HttpResponseRedirect(reverse("provider-class", args=[ended.training_class_id]))


urlpatterns = [
    path("classes/<uuid:class_id>/roster/", send, name="provider-roster"),
    path("classes/<uuid:class_id>/roster/template.xlsx", template, name="provider-roster-template"),
    path("rosters/<uuid:file_id>/", sent, name="provider-roster-file"),
    path("rosters/<uuid:file_id>/load/", load, name="provider-roster-load"),
    path("rosters/<uuid:file_id>/drop/", drop, name="provider-roster-drop"),
    path("rosters/<uuid:file_id>/wrong-rows.xlsx", wrong_rows, name="provider-roster-wrong-rows"),
    path("classes/<uuid:class_id>/learners.xlsx", learners_sheet, name="provider-class-learners"),
    path("classes/<uuid:class_id>/offer/", offer, name="provider-offer-class"),
    path("offers/<uuid:offer_id>/end/", offer_ended, name="provider-end-offer"),
]
