"""认定公示, for everybody: bodies about to get a title, what it covers, until when and where to object (P16)."""

from datetime import datetime
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import NotFound
from jiangxin.recognition.cases import Application
from jiangxin.recognition.procedures import procedures
from jiangxin.recognition.reads import desk_of, posted
from jiangxin.training.queries.classes import titles_of_subjects
from jiangxin.web.door import entry
from jiangxin.web.session import Request

PER_PAGE = 30


def _hidden(response: TemplateResponse) -> TemplateResponse:
    """Not for search engines, not for copies (P16)."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Cache-Control"] = "no-store"
    return response


@entry("public")
def postings(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The applications posted today, the first to end first."""
    find = request.GET.get("find", "").strip()[:40]
    found = Paginator(posted(day_of(at), find), PER_PAGE).get_page(request.GET.get("page"))
    names = {code: one.name for code, one in procedures().items()}
    page = {"rows": [(one, names.get(one.procedure, "")) for one in found], "postings": found, "find": find}
    return _hidden(TemplateResponse(request, "public/postings/postings.html", page))


@entry("public")
def posting(request: Request, actor: Actor, at: datetime, application_id: UUID) -> HttpResponseBase:
    """One posting as a notice: grounds, what it covers, its days, where to object; gone when its days are over."""
    found = posted(day_of(at)).filter(pk=application_id).first()
    procedure = procedures().get(found.procedure) if found else None
    if found is None or procedure is None:
        raise NotFound()
    page = {"found": found, "procedure": procedure, "covers": _covers(found), "desk": desk_of(found.region_id)}
    return _hidden(TemplateResponse(request, "public/postings/posting.html", page))


def _covers(found: Application) -> list[tuple[str, str]]:
    """The subjects that were applied for, by name, with their level."""
    key = procedures()[found.procedure].subjects_field
    pairs = found.answers.get(key, []) if key else []
    names = titles_of_subjects({subject for subject, _ in pairs})
    return [(names.get(subject, subject), level) for subject, level in pairs]


urlpatterns = [
    path("recognition-notices/", postings, name="postings"),
    path("recognition-notices/<uuid:application_id>/", posting, name="posting"),
]
