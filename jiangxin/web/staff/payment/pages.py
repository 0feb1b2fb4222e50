"""银行批次: what is sealed, sent, returned and reconciled; one batch with its lines, its file and its deeds."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of, is_demo
from jiangxin.ground.jobs import Job, ask, wake
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.payment.models import BATCH_STATES, PAYMENT_STATES, Batch
from jiangxin.payment.operations.batches import (
    BatchNotSealed,
    download_batch,
    may_download_batch,
    may_send_batch,
    may_withdraw_batch,
    sealed_content,
)
from jiangxin.payment.operations.statements import may_reconcile, reconcile
from jiangxin.payment.queries import (
    PAGE,
    batch_counts,
    batches_of,
    failed_lines,
    past_of_batch,
    sheets_in,
    statement_differences,
    sums_of,
)
from jiangxin.rules.vocabulary import FUNDS
from jiangxin.web.door import entry, use_code
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm

LOOKS = {"sealed": "wait", "sent": "run", "returned": "wait", "reconciled": "ok", "withdrawn": "off"}
PAYMENT_LOOKS = {"sealed": "wait", "sent": "run", "paid": "ok", "failed": "no", "bounced": "no", "withdrawn": "off"}
MONEY = ("releaser", "reconciler", "maker", "checker", "leader", "budget", "viewer")
VERBS = {
    "built_batch": "编批封存", "sent_batch": "放行送银行", "withdrew_batch": "撤回", "applied_return": "银行回单入账",
    "downloaded_batch": "下载付款文件", "reconciled_batch": "对账签字",
}  # fmt: skip
PAYMENTS = 200
DEEDS = {
    "send_batch": ("放行", may_send_batch),
    "withdraw_batch": ("撤回", may_withdraw_batch),
    "reconcile": ("对账", may_reconcile),
}
AT_WORK = ("waiting", "running")


class AlreadyAsked(Refusal):
    sentence = "批次 {number} 正在办理，不用再点。"
    remedy = "请等这一页显示结果。"


class DeedForm(PlainForm):
    """A fresh one-time code before money moves; a withdrawal also says why."""

    code = forms.CharField(
        label="动态码",
        max_length=6,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
    reason = forms.CharField(label="撤回原因（撤回时必填）", required=False, max_length=200)

    def clean(self) -> dict[str, object]:
        """Why a batch is withdrawn stays in the journal."""
        said = super().clean() or {}
        if self.data.get("deed") == "withdraw_batch" and not said.get("reason", "").strip():
            self.add_error("reason", "请写明为什么撤回")
        return said


class DownloadForm(PlainForm):
    """Why the file with account numbers leaves the house."""

    purpose = forms.CharField(label="用途", max_length=60, help_text="如：网银上传。会记入日志。")


@entry("staff", *MONEY)
def batches(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The batches in scope, of one state when asked; those that wait for a person first."""
    state = request.GET.get("state", "")
    state = state if state in BATCH_STATES.words else ""
    number = max(int(request.GET["page"]) if request.GET.get("page", "").isdecimal() else 1, 1)
    rows, total = batches_of(actor.regions, state, number)
    counts = batch_counts(actor.regions)
    page = {
        "rows": [(row, LOOKS[row.state], BATCH_STATES.words[row.state], FUNDS[row.fund]) for row in rows],
        "to_send": counts.get("sealed", 0) if actor.has("releaser") else 0,
        "to_reconcile": counts.get("returned", 0) if actor.has("reconciler") else 0,
        "counts": [(code, words, counts[code]) for code, words in BATCH_STATES.words.items() if code in counts],
        "all": sum(counts.values()),
        "state": state,
        "total": total,
        "page": number,
        "pages": -(-total // PAGE),
        "failed": len(failed_lines(actor.regions)),
        "demo_bank": is_demo(),
    }
    return TemplateResponse(request, "staff/payment/batches.html", page)


def _batch(actor: Actor, batch_id: UUID) -> Batch:
    found = Batch.objects.select_related("office", "paying_account", "pool").defer("content")
    batch = found.filter(id=batch_id, region_id__in=actor.regions).first()
    if batch is None:
        raise NotFound()
    return batch


@entry("staff", *MONEY, methods=("GET", "POST"))
def batch(request: Request, actor: Actor, at: datetime, batch_id: UUID) -> HttpResponseBase:
    """One batch: its sums, its lines, its returns, and the deed whose turn it is."""
    found = _batch(actor, batch_id)
    form = DeedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _deed(request, actor, at, found, form)
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
    page = _about(request, actor, at, found) | {"form": form}
    return TemplateResponse(request, "staff/payment/batch.html", page)


def _job_of(batch: Batch) -> Job | None:
    """The last that was asked to be done with a batch."""
    asked = Job.objects.filter(kind__in=["send_batch", "withdraw_batch"], args__batch_id=str(batch.id))
    return asked.order_by("-asked_at", "-id").first()


def _about(request: Request, actor: Actor, at: datetime, found: Batch) -> dict[str, object]:
    payments = found.payments.select_related("line__person", "line__certificate", "account").order_by("seq")
    shown = Paginator(payments, PAYMENTS).get_page(request.GET.get("page"))
    job = _job_of(found)
    at_work = job is not None and job.state in AT_WORK
    return {
        "batch": found,
        "look": LOOKS[found.state],
        "fund": FUNDS[found.fund],
        "rows": [(one, PAYMENT_LOOKS[one.state]) for one in shown],
        "shown": shown,
        "sums": [(one, PAYMENT_LOOKS[one.state], PAYMENT_STATES.words[one.state]) for one in sums_of(found.id)],
        "sheets": sheets_in(found.id),
        "past": [(one, VERBS.get(one.verb, one.verb)) for one in past_of_batch(found.id)],
        "returns": found.return_files.defer("content").order_by("received_at"),
        "doubtful": found.return_files.filter(state="quarantined").count(),
        "differences": statement_differences([found.id], day_of(at)),
        "job": job,
        "job_look": "ok" if job and job.state == "done" else "no",
        "at_work": at_work,
        "may": {deed: may(actor, found) and not at_work for deed, (_, may) in DEEDS.items()},
        "download": DownloadForm() if may_download_batch(actor, found) else None,
    }


def _deed(request: Request, actor: Actor, at: datetime, found: Batch, form: DeedForm) -> HttpResponseBase:
    """Send, withdraw or reconcile: sending and withdrawing are jobs, for only the worker may move such money."""
    deed = request.POST.get("deed", "")
    if deed not in DEEDS:
        raise NotFound()
    words, may = DEEDS[deed]
    job = _job_of(found)
    if job and job.state in AT_WORK:
        raise AlreadyAsked(number=found.number)
    if deed != "reconcile" and found.state != "sealed":
        raise BatchNotSealed(number=found.number, state=BATCH_STATES.words[found.state])
    if deed != "reconcile" and not may(actor, found):
        raise NotYourDuty()
    use_code(request, form.cleaned_data["code"])
    if deed == "reconcile":
        reconcile(actor, at, found.id)
        messages.success(request, f"批次 {found.number} 已对账，分文不差。")
    else:
        args = {
            "batch_id": str(found.id),
            "office_id": str(actor.office_id or ""),
            "reason": form.cleaned_data["reason"],
        }
        ask(actor, at, deed, f"{words}批次 {found.number}", **args)
        messages.success(request, f"已交系统{words}批次 {found.number}，几秒后这一页显示结果。")
    wake()
    return HttpResponseRedirect(reverse("staff-batch", args=[found.id]))


@entry("staff", "releaser", methods=("POST",))
def batch_file(request: Request, actor: Actor, at: datetime, batch_id: UUID) -> HttpResponseBase:
    """The sealed payment file, for the releaser only; the download stays in the journal with its purpose."""
    found = download_batch(actor, at, _batch(actor, batch_id).id, request.POST.get("purpose", ""))
    named = {"Content-Disposition": f'attachment; filename="{found.file_name}"'}
    return HttpResponse(sealed_content(found), content_type="application/octet-stream", headers=named)


urlpatterns = [
    path("batches/", batches, name="staff-batches"),
    path("batches/<uuid:batch_id>/", batch, name="staff-batch"),
    path("batches/<uuid:batch_id>/file/", batch_file, name="staff-batch-file"),
]
