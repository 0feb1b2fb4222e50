"""银行批次: what is sealed, sent, returned and reconciled; what failed; how the simulated bank answers in a demo."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of, is_demo
from jiangxin.ground.jobs import Job, ask, wake
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.payment.exchange import exchange_folder
from jiangxin.payment.models import BATCH_STATES, Batch, ReturnFile
from jiangxin.payment.operations.batches import may_send_batch, may_withdraw_batch, sealed_content
from jiangxin.payment.operations.retries import may_retry_line, retry_line
from jiangxin.payment.operations.statements import may_reconcile, reconcile
from jiangxin.payment.queries import failed_lines, statement_differences
from jiangxin.rules.vocabulary import FUNDS
from jiangxin.synth.bank import ANSWERS, order_next
from jiangxin.web.door import entry, use_code
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm

LOOKS = {"sealed": "wait", "sent": "run", "returned": "wait", "reconciled": "ok", "withdrawn": "off"}
PAYMENT_LOOKS = {"sealed": "wait", "sent": "run", "paid": "ok", "failed": "no", "bounced": "no", "withdrawn": "off"}
MONEY = ("releaser", "reconciler", "maker", "checker", "leader", "budget", "viewer")
PAYMENTS = 300


class CodeForm(PlainForm):
    """A fresh one-time code before money moves."""

    code = forms.CharField(
        label="动态码",
        max_length=6,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class NextAnswerForm(PlainForm):
    """What the simulated bank answers to the next file."""

    answer = forms.ChoiceField(label="下一份付款文件怎么回", choices=list(ANSWERS.items()))


@entry("staff", *MONEY)
def batches(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The batches in scope, those that wait first."""
    found = Batch.objects.filter(region_id__in=actor.regions).select_related("office").defer("content")
    rows = [(batch, LOOKS[batch.state], FUNDS[batch.fund]) for batch in found.order_by("-built_at", "-id")[:100]]
    to_send = sum(may_send_batch(actor, batch) for batch, _, _ in rows)
    to_reconcile = sum(may_reconcile(actor, batch) for batch, _, _ in rows)
    strange = ReturnFile.objects.filter(state="quarantined").defer("content").order_by("-received_at")[:20]
    page = {
        "rows": rows,
        "to_send": to_send,
        "to_reconcile": to_reconcile,
        "strange": strange,
        "failed": len(failed_lines(actor.regions)),
        "next": NextAnswerForm() if is_demo() else None,
    }
    return TemplateResponse(request, "staff/payment/batches.html", page)


def _batch(batch_id: UUID) -> Batch:
    batch = (
        Batch.objects.select_related("office", "paying_account", "sent_by", "reconciled_by").filter(id=batch_id).first()
    )
    if batch is None:
        raise NotFound()
    return batch


@entry("staff", *MONEY, methods=("GET", "POST"))
def batch(request: Request, actor: Actor, at: datetime, batch_id: UUID) -> HttpResponseBase:
    """One batch: its sums, its lines, its returns, and the deed whose turn it is."""
    found = _batch(batch_id)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _deed(request, actor, at, found, form.cleaned_data["code"])
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
    payments = found.payments.select_related("line__person", "line__certificate", "account").order_by("seq")
    job = Job.objects.filter(kind="send_batch", args__batch_id=str(found.id)).order_by("-asked_at", "-id").first()
    page = {
        "batch": found,
        "state": BATCH_STATES.words[found.state],
        "look": LOOKS[found.state],
        "fund": FUNDS[found.fund],
        "rows": [(one, PAYMENT_LOOKS[one.state]) for one in payments[:PAYMENTS]],
        "returns": found.return_files.defer("content").order_by("received_at"),
        "differences": statement_differences([found.id], day_of(at)),
        "form": form,
        "job": job if found.state == "sealed" else None,
        "may_send": may_send_batch(actor, found),
        "may_withdraw": may_withdraw_batch(actor, found),
        "may_reconcile": may_reconcile(actor, found),
    }
    return TemplateResponse(request, "staff/payment/batch.html", page)


def _deed(request: Request, actor: Actor, at: datetime, found: Batch, code: str) -> HttpResponseBase:
    """Send, withdraw or reconcile: sending and withdrawing are jobs, for only the worker may move such money."""
    use_code(request, code)
    deed = request.POST.get("deed", "")
    if deed == "reconcile":
        reconcile(actor, at, found.id)
        messages.success(request, f"批次 {found.number} 已对账，分文不差。")
    elif deed in ("send_batch", "withdraw_batch"):
        words = {"send_batch": "放行", "withdraw_batch": "撤回"}[deed]
        ask(
            actor, at, deed, f"{words}批次 {found.number}", batch_id=str(found.id), office_id=str(actor.office_id or "")
        )
        messages.success(request, f"正在{words}批次 {found.number}，几秒后刷新看结果。")
    else:
        raise NotFound()
    wake()
    return HttpResponseRedirect(reverse("staff-batch", args=[found.id]))


@entry("staff", "releaser", methods=("POST",))
def batch_file(request: Request, actor: Actor, at: datetime, batch_id: UUID) -> HttpResponseBase:
    """The sealed payment file, for the releaser only; the download stays in the journal."""
    found = _batch(batch_id)
    note(actor, at, "downloaded_payment_file", found)
    named = {"Content-Disposition": f'attachment; filename="{found.file_name}"'}
    return HttpResponse(sealed_content(found), content_type="application/octet-stream", headers=named)


@entry("staff", *MONEY)
def failed(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Payments that the bank did not make: why, and what happens next."""
    rows = [
        (line, may_retry_line(actor, line.region_id) and line.next_account_id is not None)
        for line in failed_lines(actor.regions)
    ]
    return TemplateResponse(
        request, "staff/payment/failed.html", {"rows": rows, "total": sum(r.amount_fen for r, _ in rows)}
    )


@entry("staff", "maker", methods=("POST",))
def retry(request: Request, actor: Actor, at: datetime, line_id: UUID) -> HttpResponseBase:
    """Let a line whose account was corrected wait for the next batch now."""
    retry_line(actor, at, line_id)
    messages.success(request, "已改到新账户，等下一批付款。")
    wake()
    return HttpResponseRedirect(reverse("staff-failed"))


@entry("staff", *MONEY, methods=("POST",))
def next_answer(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """In a demo: what the simulated bank answers next."""
    if not is_demo():
        raise NotFound()
    form = NextAnswerForm(request.POST)
    if form.is_valid():
        order_next(exchange_folder(), form.cleaned_data["answer"], "户名不符", False)
        messages.success(request, f"下一份付款文件：{ANSWERS[form.cleaned_data['answer']]}。")
    return HttpResponseRedirect(reverse("staff-batches"))


urlpatterns = [
    path("batches/", batches, name="staff-batches"),
    path("batches/next-answer/", next_answer, name="staff-next-answer"),
    path("batches/<uuid:batch_id>/", batch, name="staff-batch"),
    path("batches/<uuid:batch_id>/file/", batch_file, name="staff-batch-file"),
    path("failed/", failed, name="staff-failed"),
    path("failed/<uuid:line_id>/", retry, name="staff-retry"),
]
