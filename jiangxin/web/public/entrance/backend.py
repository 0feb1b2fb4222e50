"""Password and one-time code as one question with one answer: no word, and no time, tells which of them was wrong."""

from typing import Any
from uuid import UUID

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse

from jiangxin.ground.clock import is_demo
from jiangxin.ground.identity import blind_index
from jiangxin.ground.refusal import Refusal
from jiangxin.parties.models import Account
from jiangxin.parties.operations.accounts import verify_code


class PasswordAndCode(BaseBackend):
    """Staff and clerks sign in here; workers only through the citizens' identity service."""

    def authenticate(
        self, request: HttpRequest | None, username: str = "", password: str = "", code: str = "", **_: Any
    ) -> Account | None:
        """The account, its code used up; None for an unknown name, a wrong password, a wrong or used code."""
        account = Account.objects.filter(username=username, is_active=True).exclude(kind="worker").first()
        if account is None or (account.is_demo and not is_demo()):
            make_password(password)
            return None
        if not account.check_password(password):
            return None
        try:
            verify_code(account, code)
        except Refusal:
            return None
        return account

    def get_user(self, user_id: UUID) -> Account | None:
        """The account of a session, unless it was closed meanwhile (Z8)."""
        return Account.objects.select_related("office", "body").filter(pk=user_id, is_active=True).first()


def attempt_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The name under which failed attempts are counted: a keyed digest, for people type their numbers anywhere (I3)."""
    typed = (credentials or {}).get("username") or request.POST.get("username", "")
    return blind_index(typed, "sign-in").hex()


def keep_page(request: HttpRequest, response: HttpResponse, credentials: dict[str, Any] | None) -> HttpResponse:
    """Being locked out is said by the sign-in page itself."""
    return response
