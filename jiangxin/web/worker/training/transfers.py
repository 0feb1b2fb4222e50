"""换班, on the worker's phone: my school was stopped; I stay to the end or move, seat and voucher together (P38)."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.recognition.reads import desk_of
from jiangxin.subsidy.queries.worth import class_worth
from jiangxin.training.operations.transfers import accept_transfer, decline_transfer, may_answer_transfer, why_not_to
from jiangxin.training.queries.attendance import own_attendances
from jiangxin.training.queries.classes import lessons_of
from jiangxin.training.queries.transfers import own_offer
from jiangxin.training.transfers import TransferOffer
from jiangxin.web.door import entry
from jiangxin.web.session import Request


def _page(request: Request, actor: Actor, at: datetime, offer: TransferOffer, error: str = "") -> HttpResponseBase:
    target = offer.to_class
    shown = {
        "offer": offer, "old": offer.from_class, "new": target, "error": error,
        "may": may_answer_transfer(actor, offer), "desk": desk_of(offer.region_id),
        "counted": sum(row.counted for row in own_attendances(offer.enrolment_id)),
        "why": why_not_to(offer.from_class, target, at) if target and offer.state == "offered" else "",
        "plan": lessons_of(target.pk) if target else [],
    }  # fmt: skip
    return TemplateResponse(request, "worker/training/transfer.html", shown)


@entry("worker", methods=("GET", "POST"))
def transfer(request: Request, actor: Actor, at: datetime, offer_id: UUID) -> HttpResponseBase:
    """What happened to my school, where I can go, and my answer."""
    offer = own_offer(actor.the_person, offer_id)
    if offer is None:
        raise NotFound()
    if request.method == "GET":
        return _page(request, actor, at, offer)
    try:
        if request.POST.get("answer") == "move":
            seat = accept_transfer(actor, at, offer.pk, class_worth)
            messages.success(request, "转好了，座位是您的。用着的培训券也一起转过去了。")
            return HttpResponseRedirect(reverse("worker-class", args=[seat.training_class_id]))
        decline_transfer(actor, at, offer.pk)
    except Refusal as no:
        return _page(request, actor, at, offer, no.sentence + no.remedy)
    messages.success(request, "记下了，您留在原班。")
    return HttpResponseRedirect(reverse("worker-class", args=[offer.from_class_id]))


urlpatterns = [path("transfers/<uuid:offer_id>", transfer, name="worker-transfer")]
