"""复核和审批: the sheets that wait, and one sheet all flat on one page, signed with a one-time code."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.funds.queries import available_in
from jiangxin.ground.actor import Actor
from jiangxin.ground.jobs import wake
from jiangxin.ground.money import yuan
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.rules.vocabulary import FUNDS
from jiangxin.subsidy.models import SHEET_STATES, ApprovalSheet
from jiangxin.subsidy.operations.approvals import may_sign, return_sheet, sign_sheet
from jiangxin.subsidy.queries.signing import STEPS, parts_of, sheet_lines, sheets_in, struck_before
from jiangxin.web.door import entry, use_code
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm

LOOKS = {"made": "wait", "checked": "wait", "led": "wait", "approved": "ok", "returned": "no"}
OPEN = ("made", "checked", "led")


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


@entry("staff", "checker", "leader", "maker", "viewer")
def approvals(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The sheets in scope: those to sign first, then the finished ones."""
    waiting = sheets_in(actor.regions, OPEN)
    rows = [(sheet, LOOKS[sheet.state], may_sign(actor, sheet)) for sheet in waiting]
    done = [(sheet, LOOKS[sheet.state], False) for sheet in sheets_in(actor.regions, ("approved", "returned"))[-50:]]
    mine = sum(may for _, _, may in rows)
    return TemplateResponse(request, "staff/approval/approvals.html", {"rows": rows, "done": done[::-1], "mine": mine})


@entry("staff", "checker", "leader", "maker", "viewer", methods=("GET", "POST"))
def approval(request: Request, actor: Actor, at: datetime, sheet_id: UUID) -> HttpResponseBase:
    """One sheet: everything to look at, and the opinion."""
    sheet = ApprovalSheet.objects.select_related("office", "pool", "made_by").filter(id=sheet_id).first()
    if sheet is None:
        raise NotFound()
    form = OpinionForm(request.POST or None, initial={"choice": "pass", "sha256": sheet.sha256})
    if request.method == "POST" and form.is_valid():
        try:
            return _sign(request, actor, at, sheet, form)
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
    lines = sheet_lines(sheet)
    page = {
        "sheet": sheet,
        "form": form,
        "lines": lines,
        "parts": parts_of(lines),
        "twice": [line for line in lines if line.twice],
        "struck": struck_before(sheet),
        "fund": FUNDS[sheet.pool.fund],
        "available": available_in([sheet.pool_id])[sheet.pool_id],
        "approvals": [(one, STEPS[one.step]) for one in sheet.approvals.select_related("account").order_by("at")],
        "may": may_sign(actor, sheet),
        "look": LOOKS[sheet.state],
        "state": SHEET_STATES.words[sheet.state],
        "hash": [sheet.sha256[n : n + 8] for n in range(0, 64, 8)],
    }
    return TemplateResponse(request, "staff/approval/approval.html", page)


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
