"""结算, for a body that is paid by class: its account, classes to settle, what came of each (P24)."""

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
from jiangxin.parties.models import Organisation
from jiangxin.parties.operations.body_accounts import may_propose_body_account, propose_body_account
from jiangxin.subsidy.operations.settlements import may_submit_settlement, submit_settlement
from jiangxin.subsidy.queries.settlements import (
    body_accounts,
    candidates_in,
    classes_to_settle,
    counted,
    counted_so_far,
    heads_of,
    paid_of,
    settlement_in,
    settlements_of_body,
)
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PRIVATE, PlainForm

BODY = ("head", "school", "employer")
PER_PAGE = 50
LOOKS = {"calling": "run", "settled": "ok", "returned": "no"}
ACCOUNT_WORDS = {"unconfirmed": "等县里核对", "confirmed": "县里已核对", "failed": "付款没有成功，请换账户"}
HEAD_LOOKS = {"open": "wait", "approved": "ok", "struck": "no", "returned": "off"}


class AccountForm(PlainForm):
    """The body's own account."""

    bank = forms.CharField(label="开户行", max_length=60)
    holder = forms.CharField(label="户名", max_length=120, help_text="和本单位登记的名称完全一样")
    credit_code = forms.CharField(label="统一社会信用代码", max_length=18, widget=forms.TextInput(attrs=PRIVATE))
    number = forms.CharField(label="账号", max_length=40, widget=forms.TextInput(attrs=PRIVATE))


@entry("provider", *BODY)
def settlements(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Classes that may be settled now, with the counts beforehand, and every settlement so far."""
    body_id = actor.the_body
    waiting = []
    classes = classes_to_settle(body_id)
    heads = candidates_in(classes, body_id)
    for found in classes:
        counts = counted(heads[found.id])
        if counts.submitted or counts.pending:
            waiting.append((found, counts, may_submit_settlement(actor, found) and counts.approved > 0))
    shown = Paginator(settlements_of_body(body_id), PER_PAGE).get_page(request.GET.get("page"))
    page = {
        "waiting": waiting, "settlements": shown, "rows": [(one, LOOKS[one.state]) for one in shown],
        "accounts": [(one, ACCOUNT_WORDS[one.state]) for one in body_accounts(body_id) if one.state != "closed"],
    }  # fmt: skip
    return TemplateResponse(request, "provider/settlements/settlements.html", page)


@entry("provider", *BODY, methods=("GET", "POST"))
def account(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Name the account that is paid; the county looks at it before."""
    body = Organisation.objects.get(id=actor.the_body)
    form = AccountForm(request.POST or None, initial={"holder": body.name})
    if request.method == "POST" and form.is_valid():
        try:
            propose_body_account(actor, at, body.id, **form.cleaned_data)
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            messages.success(request, "已提交，县里核对后可以收款。")
            return HttpResponseRedirect(reverse("provider-settlements"))
    may = may_propose_body_account(actor, body.id)
    return TemplateResponse(request, "provider/settlements/account.html", {"form": form, "body": body, "may": may})


@entry("provider", *BODY, methods=("POST",))
def submit(request: Request, actor: Actor, at: datetime, class_id: UUID) -> HttpResponseBase:
    """Submit the heads of a class that are decided."""
    made = submit_settlement(actor, at, class_id)
    messages.success(request, f"已提交 {made.submitted} 人，县里要回访 {made.to_call} 人，回访完结算。")
    return HttpResponseRedirect(reverse("provider-settlement", args=[made.id]))


@entry("provider", *BODY)
def settlement(request: Request, actor: Actor, at: datetime, settlement_id: UUID) -> HttpResponseBase:
    """One settlement: its counts, and each head with what became of it."""
    found = settlement_in(settlement_id)
    if found is None or found.body_id != actor.body_id:
        raise NotFound()
    paid, paid_fen = paid_of(found)
    shown = {
        "paid": paid, "paid_fen": paid_fen, "found": found, "counts": counted_so_far(found), "look": LOOKS[found.state],
        "heads": [(one, HEAD_LOOKS[one.state]) for one in heads_of(found)],
    }  # fmt: skip
    return TemplateResponse(request, "provider/settlements/settlement.html", shown)


urlpatterns = [
    path("settlements/", settlements, name="provider-settlements"),
    path("settlements/account/", account, name="provider-body-account"),
    path("settlements/class/<uuid:class_id>/", submit, name="provider-submit-settlement"),
    path("settlements/<uuid:settlement_id>/", settlement, name="provider-settlement"),
]
