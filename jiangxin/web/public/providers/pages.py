"""机构目录 and 在招的班, for everybody: who may train or assess, what is done about them, which classes take people."""

from datetime import datetime
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path

from jiangxin.assessment.rates import public_rate
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import NotFound
from jiangxin.recognition.reads import directory, directory_places, in_force_about, titles_of
from jiangxin.recognition.work import public_plans
from jiangxin.subsidy.law import current_law
from jiangxin.training.queries.classes import (
    hours_taught,
    lessons_of,
    open_classes,
    public_class,
    titles_of_subjects,
)
from jiangxin.web.door import entry
from jiangxin.web.public.providers.places import HEIGHT, WIDTH, dots
from jiangxin.web.session import Request

PER_PAGE = 30
KINDS = {"provider": "培训机构", "assessor": "评价机构"}
TEACH = {"provider", "licence"}


def _find(request: Request) -> str:
    return request.GET.get("find", "").strip()[:40]


@entry("public")
def providers(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The directory of one kind, by name or place, beside a map of where they are."""
    today, kind = day_of(at), request.GET.get("kind", "provider")
    kind = kind if kind in KINDS else "provider"
    places = directory_places(today, kind)
    chosen = next((row for row in places if str(row[0]) == request.GET.get("region")), None)
    found = directory(today, _find(request), kind, chosen[0] if chosen else None)
    map_dots, cities = dots(places)
    page = {
        "bodies": Paginator(found, PER_PAGE).get_page(request.GET.get("page")), "kind": kind, "kinds": KINDS.items(),
        "find": _find(request), "places": places, "chosen": chosen, "dots": map_dots, "cities": cities,
        "width": WIDTH, "height": HEIGHT,
    }  # fmt: skip
    return TemplateResponse(request, "public/providers/providers.html", page)


@entry("public")
def provider(request: Request, actor: Actor, at: datetime, body_id: UUID) -> HttpResponseBase:
    """One body: titles with what they cover, measures in force, classes that take people."""
    today = day_of(at)
    held = [one for one in titles_of(body_id) if one.ended_at is None and (not one.until_on or one.until_on >= today)]
    if not held:
        raise NotFound()
    plan = public_plans([body_id], today.year).get(body_id)
    subjects = {scope.subject for one in held for scope in one.scopes.all()}
    names = titles_of_subjects(subjects | {line["subject"] for line in plan.lines} if plan else subjects)
    body, kinds = held[0].organisation, {one.kind for one in held}
    law = current_law()
    page = {
        "body": body, "hours": hours_taught(body_id),
        "examined": public_rate(body_id, body.region_id, False, today, law) if "assessor" in kinds else None,
        "trained": public_rate(body_id, body.region_id, True, today, law) if kinds & TEACH else None,
        "teaches": bool(kinds & TEACH), "measures": in_force_about(body_id, at),
        "titles": [(one, [(names.get(s.subject, s.subject), s.level) for s in one.scopes.all()]) for one in held],
        "plan": plan, "lines": [(names.get(one["subject"], one["subject"]), one) for one in plan.lines] if plan else [],
        "assesses": "assessor" in kinds, "year": today.year,
        "classes": list(open_classes(today).filter(body_id=body_id)[:20]),
    }  # fmt: skip
    return TemplateResponse(request, "public/providers/provider.html", page)


@entry("public")
def classes(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Classes that take people from the public now."""
    shown = Paginator(open_classes(day_of(at), None, _find(request)), PER_PAGE).get_page(request.GET.get("page"))
    return TemplateResponse(request, "public/providers/classes.html", {"classes": shown, "find": _find(request)})


@entry("public")
def one_class(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """A class with its timetable; enrolling leads to the worker's phone."""
    found = public_class(class_id)
    if found is None:
        raise NotFound()
    return TemplateResponse(request, "public/providers/class.html", {"found": found, "lessons": lessons_of(class_id)})


urlpatterns = [
    path("providers/", providers, name="providers"),
    path("providers/<uuid:body_id>/", provider, name="provider"),
    path("classes/", classes, name="classes"),
    path("classes/<uuid:class_id>/", one_class, name="class"),
]
