"""The one way into a page: who comes, may they, whose rows they see, and what is said when it is refused.

A page is declared with `@entry(audience, *duties)` and written as `view(request, actor, at, **kwargs)`. It runs in one
transaction, in the actor's scope, read-only for GET, and is rendered before the transaction closes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.urls import reverse

from jiangxin.ground.actor import Actor, acting
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.parties.operations.accounts import CodeWrong, verify_code
from jiangxin.web import errors
from jiangxin.web.session import HOMES, Request, came_from, end_soon, go, recognise, visit_of

WRONG_CODES = 5
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Entry:
    """Who may open a page: an audience, any of these duties (none: the whole audience), by which methods.

    `writes` marks the rare page whose GET writes (the way back from the citizens' identity service).
    """

    audience: str
    duties: frozenset[str]
    methods: tuple[str, ...]
    writes: bool


def entry(
    audience: str, *duties: str, methods: tuple[str, ...] = ("GET",), writes: bool = False
) -> Callable[[View], View]:
    """Declare a page: audience public, worker, provider or staff; duties of which one is needed; methods answered.

    The declaration is data on the view, `view.jx_entry`, which the house tests walk (Z1).
    """
    if audience not in HOMES:
        raise ValueError(f"no audience {audience}")
    declared = Entry(audience, frozenset(duties), methods, writes)

    def declare(view: View) -> View:
        @wraps(view)
        def enter(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            response = _enter(cast(Request, request), declared, view, kwargs)
            if audience != "public":
                response["Cache-Control"] = "no-store"
            return response

        enter.jx_entry = declared  # type: ignore[attr-defined]
        return enter

    return declare


class OnlyDeclared:
    """Middleware: every request is numbered, and a view that was not declared is not opened (Z1: deny by default)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        visit_of(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> None:
        """Refuse a view without a declaration."""
        if not hasattr(view, "jx_entry"):
            raise TypeError(f"{view.__module__}.{view.__name__} has no @entry")


def _enter(request: Request, declared: Entry, view: View, kwargs: dict[str, Any]) -> HttpResponseBase:
    method = "GET" if request.method == "HEAD" else str(request.method)
    if method not in declared.methods:
        return HttpResponseNotAllowed(declared.methods)
    visit = recognise(request)
    if declared.audience == "public":
        visit.audience, visit.actor = "public", Actor("公众", request_id=visit.request_id)
    elif visit.account is None:
        return _to_sign_in(request, declared.audience)
    elif visit.audience != declared.audience:
        return errors.forbidden(request)
    elif declared.duties and not cast(Actor, visit.actor).has(*declared.duties):
        return errors.say_no(request, 403, NotYourDuty())
    try:
        return _open(request, declared, method == "GET" and not declared.writes, view, kwargs)
    except NotFound:
        return errors.not_found(request)
    except Refusal as refusal:
        return errors.say_no(request, 409, refusal) if method == "GET" else _send_back(request, refusal)


def _open(request: Request, declared: Entry, read_only: bool, view: View, kwargs: dict[str, Any]) -> HttpResponseBase:
    """Run and write out the page while the actor's scope stands."""
    visit = request.visit
    actor = cast(Actor, visit.actor)
    with acting(actor, read_only=read_only) as at:
        visit.at, visit.inside = at, True
        try:
            response = view(request, actor, at, **kwargs)
            if response.streaming:
                raise TypeError("a streamed response would be read after the actor's scope has ended")
            return response.render() if hasattr(response, "render") else response
        finally:
            visit.inside = False


def _to_sign_in(request: Request, audience: str) -> HttpResponse:
    """Send to the sign-in of an audience, and back here afterwards."""
    back = request.get_full_path() if request.method == "GET" else came_from(request, HOMES[audience])
    page = reverse("citizen-sign-in" if audience == "worker" else "sign-in")
    return go(request, f"{page}?{urlencode({'next': back})}")


def _send_back(request: Request, refusal: Refusal) -> HttpResponse:
    """Say why not above the page that asked. A form that wants to keep its input catches the refusal itself."""
    messages.error(request, refusal.sentence + refusal.remedy)
    return go(request, came_from(request, HOMES[request.visit.audience]))


def use_code(request: Request, code: str) -> int:
    """Use up a one-time code of whoever is signed in, once more before a deed that binds; returns its step.

    After five wrong ones the session ends: guessing goes on only behind the lock of the sign-in page.
    """
    try:
        return verify_code(request.visit.who, code)
    except CodeWrong:
        request.session["wrong_codes"] = request.session.get("wrong_codes", 0) + 1
        if request.session["wrong_codes"] >= WRONG_CODES:
            end_soon(request)
        raise
