"""My duties: which I hold, until when, and at which office I am at work now."""

from datetime import datetime
from uuid import UUID

from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import NotFound
from jiangxin.parties.queries.accounts import duties_on
from jiangxin.web.door import entry
from jiangxin.web.session import Request


@entry("staff")
def account(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The duties of whoever is signed in, own and lent (P27)."""
    held = duties_on(request.visit.who, day_of(at))
    others = {duty.office_id: duty.office for duty in held if duty.office_id != actor.office_id}
    own = request.visit.who.office
    if own and own.pk != actor.office_id:
        others[own.pk] = own
    page = {"duties": held, "here": actor.office_id, "others": others.values()}
    return TemplateResponse(request, "staff/account/account.html", page)


@entry("staff", methods=("POST",))
def change_office(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Go to work at another office where a duty is held today; each page asks again whether it still is."""
    account = request.visit.who
    office_id = UUID(request.POST["office"])
    if office_id not in {account.office_id, *(duty.office_id for duty in duties_on(account, day_of(at)))}:
        raise NotFound()
    request.session["office"] = str(office_id)
    return HttpResponseRedirect(reverse("staff-account"))


urlpatterns = [
    path("account", account, name="staff-account"),
    path("account/office", change_office, name="change-office"),
]
