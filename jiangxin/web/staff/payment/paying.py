"""付款账户: the accounts that an office's funds are paid from, opened and closed by those who manage budgets."""

from datetime import datetime
from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.parties.models import Office
from jiangxin.payment.models import PayingAccount
from jiangxin.payment.operations.paying_accounts import (
    close_paying_account,
    may_manage_paying_accounts,
    open_paying_account,
)
from jiangxin.rules.vocabulary import FUNDS
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PRIVATE, PlainForm
from jiangxin.web.staff.payment.pages import MONEY


class PayingForm(PlainForm):
    """The account of a fund, and the kind of file its bank takes."""

    fund = forms.ChoiceField(label="资金", choices=list(FUNDS.items()))
    bank = forms.CharField(label="开户行", max_length=60)
    holder = forms.CharField(label="户名", max_length=80)
    number = forms.CharField(
        label="账号",
        max_length=40,
        help_text="加密保存，以后只显示尾号。",
        widget=forms.TextInput(attrs=PRIVATE | {"inputmode": "numeric"}),
    )
    file_format = forms.ChoiceField(
        label="银行收的文件",
        choices=[("fixed_gbk", "定长文本（GBK）"), ("xlsx", "Excel 表格")],
        widget=forms.RadioSelect,
    )


@entry("staff", *MONEY, methods=("GET", "POST"))
def paying_accounts(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The paying accounts in scope; budget people open one for their own office."""
    office = Office.objects.get(pk=cast(UUID, actor.office_id))
    form = PayingForm(request.POST or None, initial={"file_format": "fixed_gbk"})
    if request.method == "POST" and form.is_valid():
        try:
            account = open_paying_account(actor, at, office, **form.cleaned_data)
            messages.success(request, f"已登记尾号 {account.tail} 的付款账户，下一批起用它付。")
            return HttpResponseRedirect(reverse("staff-paying-accounts"))
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
    found = PayingAccount.objects.filter(region_id__in=actor.regions).select_related("office")
    rows = [
        (account, FUNDS[account.fund], account.closed_on is None and may_manage_paying_accounts(actor, account.office))
        for account in found.order_by("closed_on", "region_id", "fund", "pk").defer("number")
    ]
    page = {
        "rows": sorted(rows, key=lambda row: row[0].closed_on is not None),
        "open": sum(account.closed_on is None for account, _, _ in rows),
        "office": office,
        "form": form if may_manage_paying_accounts(actor, office) else None,
    }
    return TemplateResponse(request, "staff/payment/paying.html", page)


@entry("staff", "budget", methods=("POST",))
def close_paying(request: Request, actor: Actor, at: datetime, account_id: UUID) -> HttpResponseBase:
    """Nothing more is paid from this account."""
    account = PayingAccount.objects.select_related("office").filter(pk=account_id, region_id__in=actor.regions).first()
    if account is None:
        raise NotFound()
    close_paying_account(actor, at, account)
    messages.success(request, f"尾号 {account.tail} 的付款账户已停用。登记新账户之前，这项资金付不出去。")
    return HttpResponseRedirect(reverse("staff-paying-accounts"))


urlpatterns = [
    path("paying-accounts/", paying_accounts, name="staff-paying-accounts"),
    path("paying-accounts/<uuid:account_id>/close/", close_paying, name="staff-close-paying"),
]
