"""在训学员的安排, for the county: after a suspension or an exit each is offered to stay or to move (7.3, P38)."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.recognition.reads import measure_in
from jiangxin.training.operations.transfers import STOPS, may_offer_transfer, offer_transfer, withdraw_transfer_offers
from jiangxin.training.queries.transfers import Stopped, classes_to_move_to, stopped_classes
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm

TARGETS = 100
STAY = "stay"


class OfferForm(PlainForm):
    """Where a class's learners may go, and what they are told."""

    to_class = forms.ChoiceField(label="安排")
    words = forms.CharField(
        label="给学员的话", max_length=400, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写清怎么安排、哪天前答复、找谁问。学员在手机上看得到。",
    )  # fmt: skip


def offer_form(row: Stopped, at: datetime, *args: object) -> OfferForm:
    """The form of one class: taught out here, or one of the classes that fit."""
    form = OfferForm(*args, auto_id=f"id_{row.found.pk}_%s")
    fit = classes_to_move_to(row.found, day_of(at))[:TARGETS]
    form.fields["to_class"].choices = [  # type: ignore[attr-defined]
        (STAY, "留在原班，在监督下上完"),
        *(
            (
                str(one.pk),
                f"转到 {one.body.name} {one.title}，{one.first_on} 开课，{one.region.name}，剩 {one.seats_left} 座",
            )
            for one in fit
        ),
    ]
    return form


@entry("staff", "training", "leader", "viewer", methods=("GET", "POST"))
def learners(request: Request, actor: Actor, at: datetime, measure_id: UUID) -> HttpResponseBase:
    """The classes that a measure stops, with their learners' answers and a form for each class."""
    measure = measure_in(actor.regions, measure_id)
    if measure is None or measure.kind not in STOPS:
        raise NotFound()
    rows = stopped_classes(measure.body_id, measure.pk, actor.regions)
    posted = next((row for row in rows if str(row.found.pk) == request.POST.get("class")), None)
    forms_of = {row.found.pk: offer_form(row, at) for row in rows}
    if request.method == "POST":
        if posted is None:
            raise NotFound()
        form = forms_of[posted.found.pk] = offer_form(posted, at, request.POST)
        if "withdraw" in request.POST or form.is_valid():
            try:
                said = _deed(actor, at, measure.pk, posted, request, form)
            except Refusal as no:
                form.add_error(None, no.sentence + no.remedy)
            else:
                messages.success(request, said)
                return HttpResponseRedirect(reverse("staff-measure-learners", args=[measure.pk]))
    shown = {
        "found": measure, "may": may_offer_transfer(actor, measure),
        "rows": [(row, forms_of[row.found.pk]) for row in rows],
        "wrong": forms_of[posted.found.pk] if posted else None,
    }  # fmt: skip
    return TemplateResponse(request, "staff/recognition/learners.html", shown)


def _deed(actor: Actor, at: datetime, measure_id: UUID, row: Stopped, request: Request, form: OfferForm) -> str:
    if "withdraw" in request.POST:
        count = withdraw_transfer_offers(actor, at, measure_id, row.found.pk)
        return f"已收回 {count} 人还没有答复的安排。"
    given = form.cleaned_data
    to_class = None if given["to_class"] == STAY else UUID(given["to_class"])
    made = offer_transfer(actor, at, measure_id, row.found.pk, to_class, given["words"])
    return f"已发给 {len(made)} 位学员，在手机的“学习”里答复。"


urlpatterns = [path("measures/<uuid:measure_id>/learners/", learners, name="staff-measure-learners")]
