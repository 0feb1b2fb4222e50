"""线上平台, for the training desk: who may send learning records, a key and a secret shown once, stopped (11.2)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import Refusal
from jiangxin.training.operations.platforms import (
    Issued,
    close_platform,
    may_run_platforms,
    open_platform,
    renew_platform,
)
from jiangxin.training.queries.online import platform_bodies, platforms_in
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm

PER_PAGE = 50


class PlatformForm(PlainForm):
    """Whose platform, and what it is called."""

    body = forms.ChoiceField(label="机构", help_text="在线上平台目录里的机构。")
    name = forms.CharField(label="平台名称", max_length=60)

    def __init__(self, *args: Any, regions: tuple[int, ...], on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].choices = [("", "请选择"), *platform_bodies(regions, on)]  # type: ignore[attr-defined]


@entry("staff", "training", "viewer", methods=("GET", "POST"))
def platforms(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The platforms, and the form that opens another."""
    form = PlatformForm(request.POST or None, regions=actor.regions, on=day_of(at))
    if request.method == "POST" and form.is_valid():
        try:
            issued = open_platform(actor, at, UUID(form.cleaned_data["body"]), form.cleaned_data["name"])
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            return _issued(request, issued)
    shown = Paginator(platforms_in(actor.regions), PER_PAGE).get_page(request.GET.get("page"))
    page = {
        "form": form, "shown": shown, "may": may_run_platforms(actor),
        "bodies": len(form.fields["body"].choices) > 1,  # type: ignore[attr-defined]
    }  # fmt: skip
    return TemplateResponse(request, "staff/training/platforms.html", page)


def _issued(request: Request, issued: Issued) -> HttpResponseBase:
    """The one page on which a secret is ever seen."""
    page = {"issued": issued, "address": request.build_absolute_uri("/xapi/")}
    return TemplateResponse(request, "staff/training/platform_key.html", page)


@entry("staff", "training", methods=("POST",))
def renew(request: Request, actor: Actor, at: datetime, platform_id: UUID) -> HttpResponseBase:
    """A new secret; the old one opens nothing any more."""
    return _issued(request, renew_platform(actor, at, platform_id))


@entry("staff", "training", methods=("POST",))
def close(request: Request, actor: Actor, at: datetime, platform_id: UUID) -> HttpResponseBase:
    """Stop a platform."""
    closed = close_platform(actor, at, platform_id)
    messages.success(request, f"{closed.name} 已停用，以前报来的照样算数。")
    return HttpResponseRedirect(reverse("staff-platforms"))


urlpatterns = [
    path("platforms/", platforms, name="staff-platforms"),
    path("platforms/<uuid:platform_id>/renew/", renew, name="staff-renew-platform"),
    path("platforms/<uuid:platform_id>/close/", close, name="staff-close-platform"),
]
