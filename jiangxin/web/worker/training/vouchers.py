"""我的券: what I was given, what each is good for and until when, and the picture that is scanned at the door."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import segno
from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.safestring import SafeString, mark_safe

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.rules.vocabulary import LEVELS
from jiangxin.training.operations.vouchers import open_voucher
from jiangxin.training.queries.vouchers import Own, own_voucher, own_vouchers
from jiangxin.training.voucher_codes import code_of, step_now, token_of
from jiangxin.training.vouchers import VOUCHER_CAUSES
from jiangxin.web.door import entry
from jiangxin.web.session import Request

SOON = 14
SHOWN = ("issued", "reserved", "in_use")
# How each state is said: look, word, what it means for me.
STATES = {
    "issued": ("ok", "可以用", "报名时选这张券，就留下座位。"),
    "reserved": ("run", "已留座", "已经用来报名。开课那天出示券码签到。"),
    "in_use": ("run", "正在用", "上课期间出示券码签到。"),
    "settled": ("off", "用完了", "这一班已经结束，券用完了。"),
    "expired": ("off", "过期了", "没有在有效期内用掉。"),
    "void": ("off", "作废了", "这一批停发，没有用的都作废。"),
    "frozen": ("wait", "暂停使用", "正在核实，核实清楚后把停的日子补给您。"),
}


@dataclass(frozen=True)
class Card:
    """A voucher as it is told: its state as a look and a word, and what comes next."""

    own: Own
    look: str
    word: str
    said: str
    why: str

    @property
    def can_show(self) -> bool:
        """Whether the picture is of any use now."""
        return self.own.voucher.state in SHOWN and (self.own.voucher.state != "issued" or self.own.days_left > 0)

    @property
    def level(self) -> str:
        return LEVELS.get(self.own.voucher.batch.level, "")


def tell(own: Own, at: datetime) -> Card:
    """One voucher in plain words."""
    voucher = own.voucher
    look, word, said = STATES[voucher.state]
    if voucher.state == "issued" and own.days_left < 1:
        look, word, said = STATES["expired"]
    elif voucher.state == "issued" and voucher.from_on > day_of(at):
        look, word = "wait", "还没到日子"
    elif voucher.state == "issued" and own.days_left <= SOON:
        look, word = "wait", f"还有 {own.days_left} 天"
    why = {
        "expired": VOUCHER_CAUSES.get(voucher.cause, ""),
        "void": voucher.batch.stopped_reason,
        "frozen": voucher.frozen_reason,
    }
    return Card(own, look, word, said, why.get(voucher.state, ""))


def picture(voucher_id: UUID) -> SafeString:
    """The code that a device scans, good for half a minute; drawn here, of letters and digits only."""
    drawn = segno.make(token_of(voucher_id, step_now()), error="m", micro=False)
    return mark_safe(drawn.svg_inline(omitsize=True, border=2, svgclass="jx-qr", lineclass=None, light="#fff"))


@entry("worker")
def vouchers(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """All my vouchers, those I can use first."""
    cards = [tell(own, at) for own in own_vouchers(actor.the_person, day_of(at))]
    return TemplateResponse(request, "worker/training/vouchers.html", {"cards": cards})


@entry("worker", writes=True)
def voucher(request: Request, actor: Actor, at: datetime, voucher_id: UUID) -> HttpResponseBase:
    """One voucher with its picture; that it was looked at is written the first time."""
    card = tell(own_voucher(actor, voucher_id, at), at)
    open_voucher(actor, at, voucher_id)
    shown = {"card": card, "code": code_of(voucher_id), "picture": picture(voucher_id) if card.can_show else ""}
    return TemplateResponse(request, "worker/training/voucher.html", shown)


@entry("worker")
def voucher_picture(request: Request, actor: Actor, at: datetime, voucher_id: UUID) -> HttpResponseBase:
    """The picture alone, drawn anew; asked for by the page before the last one is stale."""
    card = tell(own_voucher(actor, voucher_id, at), at)
    shown = {"card": card, "picture": picture(voucher_id) if card.can_show else ""}
    return TemplateResponse(request, "worker/training/picture.html", shown)


urlpatterns = [
    path("vouchers", vouchers, name="worker-vouchers"),
    path("vouchers/<uuid:voucher_id>", voucher, name="worker-voucher"),
    path("vouchers/<uuid:voucher_id>/picture", voucher_picture, name="worker-voucher-picture"),
]
