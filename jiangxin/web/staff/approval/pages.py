"""复核和审批: the sheets that wait, and one sheet all flat on one page, signed with a one-time code."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.funds.queries import available_in, reserved_for
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.jobs import wake
from jiangxin.ground.money import yuan
from jiangxin.ground.refusal import Refusal
from jiangxin.rules.vocabulary import FUNDS
from jiangxin.subsidy.models import SHEET_STATES, ApprovalSheet
from jiangxin.subsidy.operations.approvals import may_sign, return_sheet, sign_sheet
from jiangxin.subsidy.queries.sheets import (
    OPEN,
    PAGE,
    checks_of,
    left_out_of,
    notices_of,
    parts_of,
    sheet_lines,
    sheet_of,
    sheets_of,
)
from jiangxin.subsidy.terms import Terms
from jiangxin.web.door import entry, use_code
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm

LOOKS = {"made": "wait", "checked": "wait", "led": "wait", "approved": "ok", "returned": "no"}
DEEDS = {"made": "复核", "checked": "审批", "led": "第二位审批"}
READERS = ("checker", "leader", "maker", "viewer", "releaser", "reconciler", "budget")


class OpinionForm(PlainForm):
    """Pass or return, with the opinion and a fresh code."""

    choice = forms.ChoiceField(
        label="您的意见", choices=[("pass", "通过"), ("return", "退回经办")], widget=forms.RadioSelect
    )
    opinion = forms.CharField(
        label="意见（退回必填）", required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 3})
    )
    code = forms.CharField(
        label="动态码",
        max_length=6,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
    sha256 = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, object]:
        """A return says why."""
        said = super().clean() or {}
        if said.get("choice") == "return" and len(said.get("opinion", "").strip()) < 5:
            self.add_error("opinion", "退回要写明原因，至少 5 个字")
        return said


@entry("staff", *READERS)
def approvals(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The sheets in scope, of one state when asked; open ones first."""
    state = request.GET.get("state", "")
    state = state if state in SHEET_STATES.words else ""
    number = int(request.GET["page"]) if request.GET.get("page", "").isdecimal() else 1
    found = sheets_of(actor, (state,) if state else tuple(SHEET_STATES.words), max(number, 1))
    page = {
        "rows": [(row, LOOKS[row.state]) for row in found.rows],
        "mine": sum(row.mine for row in found.rows),
        "open": sum(found.counts.get(one, 0) for one in OPEN),
        "counts": [
            (code, words, found.counts[code]) for code, words in SHEET_STATES.words.items() if code in found.counts
        ],
        "all": sum(found.counts.values()),
        "state": state,
        "total": found.total,
        "page": number,
        "pages": -(-found.total // PAGE),
    }
    return TemplateResponse(request, "staff/approval/approvals.html", page)


@entry("staff", *READERS, methods=("GET", "POST"))
def approval(request: Request, actor: Actor, at: datetime, sheet_id: UUID) -> HttpResponseBase:
    """One sheet: everything to look at, and the opinion."""
    sheet = sheet_of(actor, sheet_id)
    form = OpinionForm(request.POST or None, initial={"choice": "pass", "sha256": sheet.sha256})
    if request.method == "POST" and form.is_valid():
        try:
            return _sign(request, actor, at, sheet, form)
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
    return TemplateResponse(request, "staff/approval/approval.html", _about(actor, at, sheet) | {"form": form})


def _about(actor: Actor, at: datetime, sheet: ApprovalSheet) -> dict[str, object]:
    """All that is on the page of a sheet but the form."""
    lines, left_out = sheet_lines(sheet), left_out_of(sheet)
    reserved = reserved_for(row["line"] for row in sheet.content)
    out = sum(count for _, count in left_out)
    return {
        "sheet": sheet,
        "open": sheet.state in OPEN,
        "deed": DEEDS.get(sheet.state, ""),
        "lines": lines,
        "parts": parts_of(lines),
        "special": [line for line in lines if line.looks],
        "left_out": left_out,
        "out": out,
        "posted": sheet.heads + out,
        "notices": notices_of(sheet),
        "fund": FUNDS[sheet.pool.fund],
        "available": available_in([sheet.pool_id])[sheet.pool_id],
        "reserved": reserved,
        "pay_day": Terms(at).pay_day(sheet.region_id, day_of(at)),
        "approvals": list(sheet.approvals.select_related("account").order_by("at")),
        "may": may_sign(actor, sheet),
        "checks": checks_of(actor, sheet, reserved) if sheet.state in OPEN and actor.has("checker", "leader") else [],
        "look": LOOKS[sheet.state],
    }


def _sign(request: Request, actor: Actor, at: datetime, sheet: ApprovalSheet, form: OpinionForm) -> HttpResponseBase:
    said = form.cleaned_data
    step = use_code(request, said["code"])
    if said["choice"] == "return":
        return_sheet(actor, at, sheet.id, said["opinion"])
        messages.success(request, "已退回经办。")
    else:
        signed = sign_sheet(actor, at, sheet.id, said["sha256"], step, said["opinion"])
        words = SHEET_STATES.words[signed.state]
        messages.success(request, f"已签：{signed.heads} 人 {yuan(signed.total_fen)} 元。{words}。")
    wake()
    return HttpResponseRedirect(reverse("staff-approvals"))


urlpatterns = [
    path("approvals/", approvals, name="staff-approvals"),
    path("approvals/<uuid:sheet_id>/", approval, name="staff-approval"),
]
