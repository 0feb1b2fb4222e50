"""给员工报班, for an employer's or platform's clerk: a class, own people ticked, what it means, confirmed (5.2)."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import NotFound
from jiangxin.parties.queries.workforce import kinds_of_work, masked_numbers, people_named, workforce_of
from jiangxin.subsidy.law import current_law
from jiangxin.subsidy.queries.worth import class_worth
from jiangxin.training.lesson_sheet import sent_workbook
from jiangxin.training.models import TrainingClass
from jiangxin.training.operations.rosters import enrol_staff
from jiangxin.training.operations.seats import leave_class, may_leave
from jiangxin.training.queries.classes import lessons_of
from jiangxin.training.queries.rosters import class_open_to, classes_open_to, obstacles, sent_by
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.chosen import chosen_rows
from jiangxin.web.shared.rosters import FindForm, download

PER_PAGE, MOST_ROWS = 50, 10_000
LOOKS = {
    "waiting": "wait", "held": "wait", "seated": "run", "completed": "ok", "failed": "no", "left": "off",
    "lapsed": "off",
}  # fmt: skip


def _body(actor: Actor) -> UUID:
    if actor.body_id is None:
        raise NotFound()
    return actor.body_id


@entry("provider", "employer")
def classes(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Classes that take this body's people: public ones, its own, and those kept for it."""
    find, offered = request.GET.get("find", "").strip()[:40], request.GET.get("kept") == "yes"
    found = classes_open_to(_body(actor), day_of(at), find, offered)
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    page = {"classes": shown, "find": find, "offered": offered}
    return TemplateResponse(request, "enterprise/training/classes.html", page)


def _open(actor: Actor, class_id: UUID) -> TrainingClass:
    found = class_open_to(_body(actor), class_id)
    if found is None:
        raise NotFound()
    return found


def _worth(found: TrainingClass, at: datetime) -> int | None:
    return class_worth(found, day_of(at)) if found.pays == "person" else None


@entry("provider", "employer")
def one(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """A class and the body's people beside it: who can take a seat, and what stands against it."""
    found, find = _open(actor, class_id), FindForm(request.GET)
    shown = Paginator(workforce_of(_body(actor), day_of(at), find=find.said), PER_PAGE).get_page(
        request.GET.get("page")
    )
    ids = [one.person_id for one in shown]
    against, numbers = obstacles(found, ids), masked_numbers(ids)
    page = {
        "found": found, "find": find, "people": shown, "worth": _worth(found, at), "lessons": lessons_of(found.id),
        "rows": [(one, numbers.get(one.person_id, ""), against.get(one.person_id, "")) for one in shown],
    }  # fmt: skip
    return TemplateResponse(request, "enterprise/training/class.html", page)


@entry("provider", "employer", methods=("POST",))
def enrol(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """What would follow for each of the chosen; confirmed, they sit."""
    found, chosen = _open(actor, class_id), list(dict.fromkeys(chosen_rows(request)))
    if request.POST.get("sure") == "yes" or not chosen:
        count = enrol_staff(actor, at, class_id, chosen, class_worth)
        messages.success(request, f"已给 {count} 人报上“{found.title}”，本人手机上看得到。")
        return HttpResponseRedirect(reverse("provider-staff-seats"))
    here, against, numbers = (
        kinds_of_work(_body(actor), chosen, day_of(at)), obstacles(found, chosen), masked_numbers(chosen)
    )  # fmt: skip
    people = [person for person in people_named(chosen) if person.id in here]
    page = {
        "found": found, "worth": _worth(found, at), "enough": found.seats_left >= len(people),
        "rows": [(person, numbers.get(person.id, ""), against.get(person.id, "")) for person in people],
        "may": bool(people) and not against and found.seats_left >= len(people),
    }  # fmt: skip
    return TemplateResponse(request, "enterprise/training/confirm.html", page)


@entry("provider", "employer")
def seats(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Who of the body's people is in which class."""
    find, every = FindForm(request.GET), request.GET.get("which") == "all"
    shown = Paginator(sent_by(_body(actor), find.said, alive=not every), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(one, LOOKS[one.state], may_leave(actor, one)) for one in shown]
    page = {"rows": rows, "seats": shown, "find": find, "every": every}
    return TemplateResponse(request, "enterprise/training/seats.html", page)


@entry("provider", "employer")
def seats_sheet(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Everybody of the body's people who is or was in a class, as a workbook."""
    found = list(sent_by(_body(actor), alive=False)[:MOST_ROWS])
    return download(sent_workbook(found, masked_numbers([one.person_id for one in found])), "员工的班.xlsx")


@entry("provider", "employer", methods=("POST",))
def leave(request: Request, actor: Actor, at: datetime, enrolment_id: UUID) -> HttpResponseBase:
    """Take one of the own people out, with the reason."""
    leave_class(actor, at, enrolment_id, request.POST.get("reason", ""), current_law(), class_worth)
    messages.success(request, "已退班。")
    return HttpResponseRedirect(reverse("provider-staff-seats"))


urlpatterns = [
    path("staff/classes/", classes, name="provider-staff-classes"),
    path("staff/classes/<uuid:class_id>/", one, name="provider-staff-class"),
    path("staff/classes/<uuid:class_id>/enrol/", enrol, name="provider-staff-enrol"),
    path("staff/seats/", seats, name="provider-staff-seats"),
    path("staff/seats.xlsx", seats_sheet, name="provider-staff-seats-sheet"),
    path("staff/seats/<uuid:enrolment_id>/leave/", leave, name="provider-staff-leave"),
]
