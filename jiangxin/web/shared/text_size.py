"""The reader's text size: one cookie, no account, works without script."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path

from jiangxin.ground.actor import Actor
from jiangxin.web.door import entry
from jiangxin.web.session import safe_next
from jiangxin.web.shared.templatetags.jx import TEXT_SIZE_COOKIE, TEXT_SIZES

A_YEAR = 366 * 24 * 3600


@entry("public", methods=("POST",))
def switch_text_size(request: HttpRequest, actor: Actor, at: datetime) -> HttpResponse:
    """Set the size the button names and go back to the page it stood on."""
    response = HttpResponseRedirect(safe_next(request, "/"))
    if (size := request.POST.get("size")) in TEXT_SIZES:
        response.set_cookie(TEXT_SIZE_COOKIE, size, max_age=A_YEAR, samesite="Lax", httponly=True)
    return response


urlpatterns = [path("text-size", switch_text_size, name="text-size")]
