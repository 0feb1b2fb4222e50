"""The front door: what everybody may look up, and every sign-in; the pulse for monitoring."""

from datetime import datetime

from django.http import HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path

from jiangxin.ground.actor import Actor
from jiangxin.web.door import entry
from jiangxin.web.nav import PUBLIC
from jiangxin.web.session import Request


@entry("public")
def home(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The public home, 200 without signing in (issue 3, 8.13)."""
    services = [link for part in PUBLIC for link in part.links if link.note]
    return TemplateResponse(request, "public/home/home.html", {"services": services})


@entry("public")
def healthz(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """200 when the web answers and the database behind it."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
]
