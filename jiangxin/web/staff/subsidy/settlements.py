"""班级结算, for the desk that pays: who was drawn and what they said, the counts, settle or give back (P24)."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.parties.operations.body_accounts import confirm_body_account, may_confirm_body_account
from jiangxin.parties.operations.persons import reveal_phone
from jiangxin.subsidy.operations.settlements import (
    SEED,
    may_work_settlement,
    record_settlement_call,
    return_settlement,
    settle_class,
)
from jiangxin.subsidy.queries.settlements import (
    accounts_to_confirm,
    body_account,
    counted_so_far,
    heads_of,
    settlement_in,
    settlements_in,
    still_to_call,
)
from jiangxin.subsidy.settlements import SETTLEMENT_STATES, Settlement, SettlementHead
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm

DESK = ("maker", "checker", "leader", "viewer")
PER_PAGE = 50
LOOKS = {"calling": "run", "settled": "ok", "returned": "no"}
HEAD_LOOKS = {"open": "wait", "approved": "ok", "struck": "no", "returned": "off"}


class CallForm(PlainForm):
    """The three questions of a call, or that nobody answered."""

    reached = forms.ChoiceField(
        label="打通了吗", choices=[("yes", "打通了"), ("no", "没打通")], widget=forms.RadioSelect
    )
    attended = forms.ChoiceField(
        label="参加了这个班吗", choices=[("yes", "参加了"), ("no", "没有参加")], widget=forms.RadioSelect,
        required=False,
    )  # fmt: skip
    charged = forms.DecimalField(
        label="给机构交过多少钱（元）", min_value=0, max_digits=8, decimal_places=2, required=False,
        help_text="没有交就填 0",
    )  # fmt: skip
    offered = forms.CharField(
        label="有没有人许诺钱或好处", max_length=200, required=False, help_text="谁、许诺什么；没有就空着"
    )

    def answers(self) -> tuple[bool | None, int | None, str]:
        """Attended, paid in fen, who offered; all empty when not reached."""
        given = self.cleaned_data
        if given["reached"] == "no":
            return None, None, ""
        charged = given["charged"]
        attended = {"yes": True, "no": False}.get(given["attended"], True)
        known = given["attended"] and charged is not None
        return attended, int(charged * 100) if known else None, given["offered"]


class ReturnForm(PlainForm):
    """Why a settlement goes back."""

    reason = forms.CharField(label="退回原因", max_length=400, widget=forms.Textarea(attrs={"rows": 3}))


@entry("staff", *DESK)
def settlements(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Settlements of one state, and the accounts of bodies that wait to be looked at."""
    state = request.GET.get("state", "calling")
    state = state if state in SETTLEMENT_STATES.words else "calling"
    shown = Paginator(settlements_in(actor.regions, state), PER_PAGE).get_page(request.GET.get("page"))
    missing = still_to_call(list(shown))
    page = {
        "settlements": shown, "state": state, "word": SETTLEMENT_STATES.words[state],
        "states": SETTLEMENT_STATES.words.items(), "rows": [(one, missing[one.id]) for one in shown],
        "accounts": [(one, may_confirm_body_account(actor, one)) for one in accounts_to_confirm(actor.regions)],
    }  # fmt: skip
    return TemplateResponse(request, "staff/subsidy/settlements.html", page)


@entry("staff", "maker", "checker", methods=("POST",))
def confirm_account(request: Request, actor: Actor, at: datetime, account_id: UUID) -> HttpResponseBase:
    """The licence of the account was seen."""
    confirm_body_account(actor, at, account_id)
    messages.success(request, "账户已确认，可以收款。")
    return HttpResponseRedirect(reverse("staff-settlements"))


@entry("staff", *DESK, methods=("GET", "POST"))
def settlement(request: Request, actor: Actor, at: datetime, settlement_id: UUID) -> HttpResponseBase:
    """One settlement: counts, the drawn and their answers, every head; settle it, or give it back."""
    found = settlement_in(settlement_id)
    if found is None or found.region_id not in actor.regions:
        raise NotFound()
    form = ReturnForm(request.POST if "give_back" in request.POST else None)
    if request.method == "POST":
        if "give_back" not in request.POST:
            done = settle_class(actor, at, found.id)
            messages.success(request, f"已结算：通过 {done.approved} 人，剔除 {done.struck_heads} 人，下一步公示。")
            return HttpResponseRedirect(reverse("staff-settlement", args=[found.id]))
        if form.is_valid():
            try:
                return_settlement(actor, at, found.id, form.cleaned_data["reason"])
            except Refusal as no:
                form.add_error("reason", no.sentence + no.remedy)
            else:
                messages.success(request, "已退回，机构改好后重新提交。")
                return HttpResponseRedirect(reverse("staff-settlements"))
    heads = heads_of(found)
    shown = {
        "found": found, "counts": counted_so_far(found), "form": form, "may": may_work_settlement(actor, found),
        "missing": still_to_call([found])[found.id], "seed": SEED, "paid_to": body_account(found.body_id),
        "drawn": [one for one in heads if one.drawn or one.attempts],
        "heads": [(one, HEAD_LOOKS[one.state]) for one in heads], "look": LOOKS[found.state],
    }  # fmt: skip
    return TemplateResponse(request, "staff/subsidy/settlement.html", shown)


@entry("staff", "maker", methods=("GET", "POST"))
def call(request: Request, actor: Actor, at: datetime, settlement_id: UUID, head_id: UUID) -> HttpResponseBase:
    """Call one of the drawn and write down what was said."""
    found, head = _called(actor, settlement_id, head_id)
    form = CallForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            done = record_settlement_call(actor, at, head.id, *form.answers())
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            moved = not done.drawn
            messages.success(request, "多次打不通，已换下一位。" if moved else "已记下。")
            return HttpResponseRedirect(reverse("staff-settlement", args=[found.id]))
    page = {"found": found, "head": head, "form": form, "phone": None}
    return TemplateResponse(request, "staff/subsidy/settlement_call.html", page)


@entry("staff", "maker", methods=("POST",))
def phone(request: Request, actor: Actor, at: datetime, settlement_id: UUID, head_id: UUID) -> HttpResponseBase:
    """The page once, with the learner's telephone in clear; the reading is journalled."""
    found, head = _called(actor, settlement_id, head_id)
    number = reveal_phone(actor, at, head.person, "班级结算回访")
    page = {"found": found, "head": head, "form": CallForm(), "phone": number}
    return TemplateResponse(request, "staff/subsidy/settlement_call.html", page)


def _called(actor: Actor, settlement_id: UUID, head_id: UUID) -> tuple[Settlement, SettlementHead]:
    """A settlement of the actor's regions and one of its heads, or not found."""
    found = settlement_in(settlement_id)
    head = next((one for one in heads_of(found) if one.id == head_id), None) if found else None
    if found is None or head is None or found.region_id not in actor.regions:
        raise NotFound()
    return found, head


urlpatterns = [
    path("settlements/", settlements, name="staff-settlements"),
    path("settlements/accounts/<uuid:account_id>/", confirm_account, name="staff-confirm-body-account"),
    path("settlements/<uuid:settlement_id>/", settlement, name="staff-settlement"),
    path("settlements/<uuid:settlement_id>/<uuid:head_id>/", call, name="staff-settlement-call"),
    path("settlements/<uuid:settlement_id>/<uuid:head_id>/phone/", phone, name="staff-settlement-phone"),
]
