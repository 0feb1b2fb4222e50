"""Who is signed in, what one request knows, and the way to another page of ours."""

import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast
from uuid import UUID

from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of, read_clock
from jiangxin.ground.keys import new_id
from jiangxin.parties.models import Account
from jiangxin.parties.queries.accounts import actor_of

AUDIENCE_OF_KIND = {"staff": "staff", "clerk": "provider", "worker": "worker"}
HOMES = {"staff": "/desk/", "provider": "/provider/", "worker": "/me/", "public": "/"}
IDLE_SECONDS, LONGEST_SECONDS, TOUCH_SECONDS = 30 * 60, 12 * 3600, 60
BACKEND = "jiangxin.web.public.entrance.backend.PasswordAndCode"


@dataclass
class Visit:
    """What one request knows of who came. `inside` while the page's transaction is open; `frame` is filled once."""

    request_id: UUID = field(default_factory=new_id)
    audience: str = "public"
    account: Account | None = None
    actor: Actor | None = None
    at: datetime | None = None
    inside: bool = False
    frame: dict[str, object] | None = None

    @property
    def who(self) -> Account:
        """The account, on a page that only an account opens."""
        if self.account is None:
            raise TypeError("nobody is signed in on a public page")
        return self.account

    @property
    def number(self) -> str:
        """The short number that a person quotes and the log knows."""
        return self.request_id.hex[-8:].upper()


class Request(HttpRequest):
    """A request that came through the door."""

    visit: Visit


def visit_of(request: HttpRequest) -> Visit:
    """The visit of a request; a fresh one where it never reached the door."""
    if not hasattr(request, "visit"):
        cast(Request, request).visit = Visit()
    return cast(Request, request).visit


def signed_in_account(request: HttpRequest) -> Account | None:
    """Who is signed in, as the database says now; nobody after 30 minutes' rest or 12 hours (invariants 5.1)."""
    if auth.SESSION_KEY not in request.session:
        return None
    now = int(time.time())
    since, seen = request.session.get("since", 0), request.session.get("seen", 0)
    if now - since > LONGEST_SECONDS or now - seen > IDLE_SECONDS or not request.user.is_authenticated:
        auth.logout(request)
        return None
    if now - seen > TOUCH_SECONDS:
        request.session["seen"] = now
    return request.user


def recognise(request: HttpRequest) -> Visit:
    """Fill in the visit: the account, and the actor that it is today at the office it works at."""
    visit = visit_of(request)
    visit.account, visit.at = signed_in_account(request), read_clock()
    if visit.account:
        office_id = request.session.get("office")
        actor = actor_of(visit.account, day_of(visit.at), UUID(office_id) if office_id else None)
        visit.actor = replace(actor, request_id=visit.request_id)
        visit.audience = AUDIENCE_OF_KIND[visit.account.kind]
    return visit


def open_session(request: HttpRequest, account: Account) -> None:
    """Sign an account in, under a new session id."""
    auth.login(request, account, backend=BACKEND)
    request.session["since"] = request.session["seen"] = int(time.time())


def end_soon(request: HttpRequest) -> None:
    """Let the session be refused at the next request, whatever becomes of the present transaction."""
    request.session["since"] = 0


def _is_ours(request: HttpRequest, address: str) -> bool:
    return url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())


def safe_next(request: HttpRequest, default: str) -> str:
    """The address in `next`, if it is one of ours."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    return asked if _is_ours(request, asked) else default


def came_from(request: HttpRequest, default: str) -> str:
    """The page of ours that a form was sent from."""
    referer = request.headers.get("Referer", "")
    return referer if _is_ours(request, referer) else default


def go(request: HttpRequest, to: str) -> HttpResponse:
    """Send the whole browser to an address, from a fragment too."""
    return HttpResponseClientRedirect(to) if getattr(request, "htmx", False) else HttpResponseRedirect(to)
