"""Signing in and out: staff and clerks by password and code, workers by the citizens' identity service."""

import hmac
import secrets
from datetime import datetime

from django import forms
from django.contrib import auth
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor, machine
from jiangxin.ground.clock import day_of, is_demo
from jiangxin.ground.refusal import Refusal
from jiangxin.parties.citizen import citizen_service
from jiangxin.parties.models import Account
from jiangxin.parties.operations.accounts import DEMO_PASSWORD, note_sign_in, sign_in_citizen
from jiangxin.parties.queries.accounts import actor_of, current_unused_code
from jiangxin.web.door import entry
from jiangxin.web.session import AUDIENCE_OF_KIND, HOMES, Request, open_session, safe_next
from jiangxin.web.shared.forms import PlainForm


class CitizenSignInBroken(Refusal):
    sentence = "这次登录不是从本页开始的，或已经过时。"
    remedy = "请重新从浙里办登录。"


class FreshInput(forms.TextInput):
    """An input that is empty again after a failed try: the code has changed meanwhile."""

    def format_value(self, value: object) -> None:
        """Nothing, whatever was typed."""


class SignInForm(PlainForm):
    """Two secrets on one page, one answer for both."""

    username = forms.CharField(
        label="登录名", max_length=40,
        widget=forms.TextInput({"autocomplete": "username", "autofocus": True, "data-private": True}),
    )  # fmt: skip
    password = forms.CharField(
        label="密码", max_length=128, strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}, render_value=False),
    )  # fmt: skip
    code = forms.CharField(
        label="动态码", max_length=6, help_text="手机验证器上现在的 6 位数字。",
        widget=FreshInput({"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )  # fmt: skip


class FilledSignInForm(SignInForm):
    """The same form in a demo, filled in for one of its accounts."""

    password = forms.CharField(
        label="密码", strip=False, widget=forms.PasswordInput({"autocomplete": "off"}, render_value=True)
    )
    code = forms.CharField(label="动态码", max_length=6, widget=forms.TextInput({"autocomplete": "off"}))


@entry("public", methods=("GET", "POST"))
def sign_in(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The sign-in of staff and clerks; `as` fills it in for a demo account."""
    demo = is_demo()
    if request.method == "POST":
        form = SignInForm(request.POST)
        if form.is_valid():
            account = auth.authenticate(request, **form.cleaned_data)
            if isinstance(account, Account):
                return _let_in(request, at, account)
            locked = getattr(request, "axes_locked_out", False)
            form.add_error(None, LOCKED if locked else WRONG)
    else:
        form = _filled(request.GET["as"]) if demo and "as" in request.GET else SignInForm()
    page = {"form": form, "demo_accounts": demo, "next": safe_next(request, "")}
    status = 429 if getattr(request, "axes_locked_out", False) else 200
    response = TemplateResponse(request, "public/entrance/sign_in.html", page, status=status)
    response["Cache-Control"] = "no-store"
    return response


WRONG = "登录名、密码或动态码不对。动态码每 30 秒换一次，用过一次就不能再用。"
LOCKED = "试错的次数太多。请过 15 分钟再试，或联系本单位的系统管理员。"


def _filled(username: str) -> SignInForm:
    account = Account.objects.filter(username=username, is_demo=True).exclude(kind="worker").first()
    if account is None:
        return SignInForm()
    code, _ = current_unused_code(account)
    return FilledSignInForm(initial={"username": username, "password": DEMO_PASSWORD, "code": code})


def _let_in(request: Request, at: datetime, account: Account) -> HttpResponse:
    to = safe_next(request, HOMES[AUDIENCE_OF_KIND[account.kind]])
    open_session(request, account)
    note_sign_in(actor_of(account, day_of(at)), at, account)
    return HttpResponseRedirect(to)


@entry("public", methods=("POST",))
def sign_out(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """End the session."""
    auth.logout(request)
    request.visit.account = None
    return HttpResponseRedirect(reverse("home"))


@entry("public")
def citizen_sign_in(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Leave for the identity service, having bound a fresh state to this browser's session."""
    state = secrets.token_urlsafe(24)
    service = citizen_service(actor, at)
    request.session["citizen"] = {"state": state, "next": safe_next(request, HOMES["worker"])}
    return HttpResponseRedirect(service.sign_in_address(state))


@entry("public", writes=True)
def citizen_back(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Come back with a ticket: accepted once, in the browser that left, with the state it left with."""
    begun = request.session.pop("citizen", None)
    state, ticket = request.GET.get("state", ""), request.GET.get("ticket", "")
    if begun is None or not ticket or not hmac.compare_digest(begun["state"].encode(), state.encode()):
        raise CitizenSignInBroken()
    service = machine("浙里办登录")
    account = sign_in_citizen(service, at, citizen_service(service, at), ticket)
    open_session(request, account)
    note_sign_in(actor_of(account, day_of(at)), at, account)
    return HttpResponseRedirect(begun["next"])


urlpatterns = [
    path("sign-in", sign_in, name="sign-in"),
    path("sign-out", sign_out, name="sign-out"),
    path("sign-in/citizen", citizen_sign_in, name="citizen-sign-in"),
    path("sign-in/citizen/back", citizen_back, name="citizen-back"),
]
