"""找班和我的班, on the worker's phone: classes near me, what they bring me, a seat or a place in the queue."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import NotFound
from jiangxin.parties.queries.registers import spells_of
from jiangxin.subsidy.law import current_law
from jiangxin.subsidy.queries.person import Prospect, counts_of
from jiangxin.subsidy.queries.worth import class_worth
from jiangxin.training.calendar_file import lessons_file
from jiangxin.training.models import TrainingClass
from jiangxin.training.operations.seats import (
    Joining,
    confirm_seat,
    enrol,
    leave_class,
    may_leave,
    may_take_seat,
    place_in_queue,
)
from jiangxin.training.queries.attendance import own_attendances
from jiangxin.training.queries.classes import (
    lessons_of,
    open_classes,
    own_enrolment,
    own_enrolments,
    public_class,
)
from jiangxin.training.queries.vouchers import usable_vouchers
from jiangxin.web.door import entry
from jiangxin.web.session import Request

PER_PAGE = 20
NEAR_ME = ("residence", "hukou")
LOOKS = {
    "waiting": "wait", "held": "wait", "seated": "run", "completed": "ok", "failed": "no", "left": "off",
    "lapsed": "off",
}  # fmt: skip


@entry("worker")
def classes(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Classes that take people now: near me first, or the whole province, with what each is worth."""
    today = day_of(at)
    near = _near(actor, at)
    whole = request.GET.get("place") == "all" or near is None
    found = open_classes(today, None if whole else near, request.GET.get("find", "").strip()[:40])
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    page = {
        "rows": [(one, class_worth(one, today) if one.pays == "person" else None) for one in shown],
        "classes": shown, "whole": whole, "near": near, "find": request.GET.get("find", ""),
    }  # fmt: skip
    return TemplateResponse(request, "worker/training/classes.html", page)


def _near(actor: Actor, at: datetime) -> int | None:
    """The county where I live, else where I am registered."""
    found = spells_of(actor.the_person, day_of(at)).filter(kind__in=NEAR_ME)
    places = dict(found.values_list("kind_id", "region_id"))
    return next((places[kind] for kind in NEAR_ME if places.get(kind)), None)


@entry("worker", methods=("GET", "POST"))
def one(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """A class: what, where, when, by whom; what it would bring me; and my place in it."""
    found = public_class(class_id)
    own = own_enrolment(actor.the_person, class_id)
    if found is None and own is None:
        raise NotFound()
    found = found or own.training_class  # type: ignore[union-attr]
    if request.method == "POST":
        return _join(actor, at, found, request)
    alive = own if own and own.state not in ("left", "lapsed") else None
    lessons = own_attendances(alive.id) if alive and alive.state != "waiting" else []
    page = {
        "found": found, "own": own, "alive": alive, "look": LOOKS[own.state] if own else "off",
        "lessons": lessons, "counted": sum(row.counted for row in lessons),
        "plan": lessons_of(found.id) if not alive or alive.state == "waiting" else [],
        "may_join": alive is None and may_take_seat(actor, found), "may_leave": bool(alive and may_leave(actor, alive)),
        "place": place_in_queue(alive) if alive and alive.state == "waiting" else 0,
        "left": found.capacity - found.taken, "at": at, **_forecast(actor, at, found),
    }  # fmt: skip
    return TemplateResponse(request, "worker/training/class.html", page)


def _forecast(actor: Actor, at: datetime, found: TrainingClass) -> dict[str, object]:
    """What would follow from passing: the amount, the counts left this year, the voucher that fits (P37)."""
    today = day_of(at)
    voucher = usable_vouchers([actor.the_person], found, today).get(actor.the_person)
    return {
        "worth": class_worth(found, today) if found.pays == "person" else None,
        "counts": counts_of(actor.the_person, found.region_id, Prospect(at).terms),
        "voucher": voucher,
    }


def _join(actor: Actor, at: datetime, found: TrainingClass, request: Request) -> HttpResponseBase:
    forecast = _forecast(actor, at, found)
    told = {"worth_fen": forecast["worth"], "voucher": str(forecast["voucher"].id) if forecast["voucher"] else ""}  # type: ignore[attr-defined]
    place = enrol(actor, at, found.id, Joining(actor.the_person, "self", forecast=told), class_worth)
    said = "报上了，座位是您的。" if place.seated else f"班满了，您排在候补第 {place.place} 位，轮到时会为您留座。"
    messages.success(request, said)
    return HttpResponseRedirect(reverse("worker-class", args=[found.id]))


@entry("worker")
def mine(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """My classes."""
    rows = [(one, LOOKS[one.state]) for one in own_enrolments(actor.the_person)]
    return TemplateResponse(request, "worker/training/mine.html", {"rows": rows})


@entry("worker", methods=("POST",))
def confirm(request: Request, actor: Actor, at: datetime, enrolment_id: UUID) -> HttpResponseBase:
    """Take the seat that is held for me."""
    own = confirm_seat(actor, at, enrolment_id)
    messages.success(request, "座位是您的了。")
    return HttpResponseRedirect(reverse("worker-class", args=[own.training_class_id]))


@entry("worker", methods=("POST",))
def leave(request: Request, actor: Actor, at: datetime, enrolment_id: UUID) -> HttpResponseBase:
    """Give my seat back."""
    own = leave_class(actor, at, enrolment_id, "本人退出", current_law(), class_worth)
    messages.success(request, "已退出。培训券连同占用的天数都退给您了。")
    return HttpResponseRedirect(reverse("worker-class", args=[own.training_class_id]))


@entry("worker")
def calendar(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """My lessons as a file for the phone's calendar (RFC 5545)."""
    own = own_enrolment(actor.the_person, class_id)
    if own is None:
        raise NotFound()
    text = lessons_file(own.training_class.title, lessons_of(class_id), at)
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="lessons.ics"'
    return answer


urlpatterns = [
    path("classes/", classes, name="worker-classes"),
    path("classes/mine", mine, name="worker-my-classes"),
    path("classes/<uuid:class_id>", one, name="worker-class"),
    path("classes/<uuid:class_id>/lessons.ics", calendar, name="worker-class-calendar"),
    path("seats/<uuid:enrolment_id>/confirm", confirm, name="worker-confirm-seat"),
    path("seats/<uuid:enrolment_id>/leave", leave, name="worker-leave-class"),
]
