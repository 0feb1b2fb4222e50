"""继承人 (P12): on the page of what is held for a death, who inherits it, entered by one and confirmed by another."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.jobs import wake
from jiangxin.ground.refusal import NotFound
from jiangxin.subsidy.heirs import HeirPayee, heir_of
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.subsidy.operations.heirs import (
    confirm_heir,
    may_confirm_heir,
    may_enter_heir,
    may_withdraw_heir,
    withdraw_heir,
)
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PRIVATE, PlainForm


class HeirForm(PlainForm):
    """The heir as the card says, how they are related, and the papers seen."""

    name = forms.CharField(label="继承人姓名", max_length=60)
    number = forms.CharField(label="身份证号", max_length=40, widget=forms.TextInput(attrs=PRIVATE))
    relation = forms.CharField(label="和本人的关系", max_length=20, help_text="例：配偶、儿子")
    papers = forms.CharField(
        label="看了哪些材料", max_length=200, min_length=5, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="例：死亡证明、继承公证书（2026）浙嘉证字第 18 号",
    )  # fmt: skip


def heirs_shown(actor: Actor, line: SubsidyLine) -> dict[str, object]:
    """What the page of a hold shows of heirs: who is paid, who waits for a second person, what may be done."""
    waiting = line.heirs.filter(state="entered").select_related("account", "entered_by", "line").first()
    return {
        "heir": heir_of(line),
        "waiting": waiting,
        "may_enter_heir": may_enter_heir(actor, line),
        "may_withdraw_heir": waiting is not None and may_withdraw_heir(actor, waiting),
        "may_confirm_heir": waiting is not None and may_confirm_heir(actor, waiting),
        "heir_form": HeirForm(),
    }


@entry("staff", "maker", "checker", methods=("POST",))
def close_heir(request: Request, actor: Actor, at: datetime, heir_id: UUID, how: str) -> HttpResponseBase:
    """The second person: confirm the heir whom another entered, or do not take it."""
    deeds = {
        "confirm": (confirm_heir, "已确认，钱付给继承人。没有别的核查，就继续办理。"),
        "withdraw": (withdraw_heir, "没有采用，这一笔还在核查。"),
    }
    if how not in deeds or not HeirPayee.objects.filter(id=heir_id, region_id__in=actor.regions).exists():
        raise NotFound()
    deed, said = deeds[how]
    deed(actor, at, heir_id)
    messages.success(request, said)
    wake()
    return HttpResponseRedirect(reverse("staff-holds"))


urlpatterns = [path("heirs/<uuid:heir_id>/<slug:how>/", close_heir, name="staff-close-heir")]
