"""机构目录 and 在招的班, for everybody: who may train or assess, what is done about them, which classes take people."""

from datetime import datetime
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import NotFound
from jiangxin.recognition.reads import directory, in_force_about, titles_of
from jiangxin.recognition.work import public_plans
from jiangxin.training.queries.classes import lessons_of, open_classes, public_class, titles_of_subjects
from jiangxin.web.door import entry
from jiangxin.web.session import Request

PER_PAGE = 30
KINDS = {"provider": "培训机构", "assessor": "评价机构"}


def _find(request: Request) -> str:
    return request.GET.get("find", "").strip()[:40]


@entry("public")
def providers(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The directory of one kind, by name or place."""
    kind = request.GET.get("kind", "provider")
    kind = kind if kind in KINDS else "provider"
    shown = Paginator(directory(day_of(at), _find(request), kind), PER_PAGE).get_page(request.GET.get("page"))
    page = {"bodies": shown, "kind": kind, "kinds": KINDS.items(), "find": _find(request)}
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
    page = {
        "body": held[0].organisation, "measures": in_force_about(body_id, at),
        "titles": [(one, [(names.get(s.subject, s.subject), s.level) for s in one.scopes.all()]) for one in held],
        "plan": plan, "lines": [(names.get(one["subject"], one["subject"]), one) for one in plan.lines] if plan else [],
        "assesses": any(one.kind == "assessor" for one in held), "year": today.year,
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
