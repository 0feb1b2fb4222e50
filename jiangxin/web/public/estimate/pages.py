"""What would I get: region, certificate, occupation, level and day → amount with its source. No personal data."""

from datetime import datetime

from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.estimate import estimate, subjects


@entry("public")
def what_would_i_get(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The look-up and its answer, kept in the address."""
    page = {"estimate": estimate(request.GET, day_of(at), None)}
    return TemplateResponse(request, "public/estimate/estimate.html", page)


@entry("public")
def suggested(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """What the words written so far may mean, as a fragment."""
    page = {"found": subjects(request.GET, day_of(at))}
    return TemplateResponse(request, "shared/estimate_subjects.html", page)


urlpatterns = [
    path("estimate", what_would_i_get, name="estimate"),
    path("estimate/subjects", suggested, name="estimate-subjects"),
]
