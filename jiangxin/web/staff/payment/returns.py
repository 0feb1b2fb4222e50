"""银行回单: what the bank sent back, applied or set aside whole; a file brought by hand; a demo's next answer."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import is_demo
from jiangxin.ground.jobs import Job
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.payment.bank_file import REASONS
from jiangxin.payment.exchange import exchange_folder
from jiangxin.payment.models import ReturnFile
from jiangxin.payment.operations.returns import LARGEST, bring_file, close_return, may_bring_file, may_close_return
from jiangxin.payment.queries import inbox_files
from jiangxin.synth.bank import ANSWERS, order_next
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm
from jiangxin.web.staff.payment.pages import MONEY

PER_PAGE = 50
LOOKS = {"applied": "ok", "quarantined": "no", "closed": "off"}


class BringForm(PlainForm):
    """A return or a statement, as the bank gave it."""

    file = forms.FileField(
        label="回单或账户明细",
        help_text="银行给的原文件，.txt 或 .xlsx，不要改动。",
        widget=forms.FileInput(attrs={"accept": ".txt,.xlsx"}),
    )

    def clean_file(self) -> object:
        """The file, if it is not too heavy to be a bank's."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError("文件超过 20 MB，不像银行的回单或明细")
        return file


class NextAnswerForm(PlainForm):
    """What the simulated bank answers to the next file."""

    answer = forms.ChoiceField(label="下一份付款文件怎么回", choices=list(ANSWERS.items()), widget=forms.RadioSelect)
    reason = forms.ChoiceField(label="退回的原因", choices=[(word, word) for word in REASONS])
    lump = forms.BooleanField(label="没付成的合成一笔退回", required=False)


@entry("staff", *MONEY, methods=("GET", "POST"))
def returns(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The files of the bank, newest first; finance may bring one by hand."""
    form = BringForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            bring_file(actor, at, sent.name, sent.read())
            return HttpResponseRedirect(reverse("staff-returns"))
        except Refusal as no:
            form.add_error("file", no.sentence + no.remedy)
    found = ReturnFile.objects.filter(Q(region_id__in=actor.regions) | Q(region_id=None))
    found = (
        found.select_related("batch", "closed_by").defer("content", "batch__content").order_by("-received_at", "-id")
    )
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    page = {
        "files": shown,
        "rows": [(file, LOOKS[file.state], may_close_return(actor, file)) for file in shown],
        "strange": found.filter(state="quarantined").count(),
        "waiting": len(inbox_files()),
        "form": form if may_bring_file(actor) else None,
        "jobs": Job.objects.filter(kind="take_bank_file", account_id=actor.account_id).order_by("-asked_at", "-id")[:5],
        "demo_bank": is_demo(),
    }
    return TemplateResponse(request, "staff/payment/returns.html", page)


@entry("staff", "releaser", "reconciler", methods=("POST",))
def close(request: Request, actor: Actor, at: datetime, file_id: UUID) -> HttpResponseBase:
    """Put a doubtful file away with what was found out."""
    file = close_return(actor, at, file_id, request.POST.get("finding", ""))
    messages.success(request, f"已归档：{file.file_name}。里面的一笔也没有入账。")
    return HttpResponseRedirect(reverse("staff-returns"))


@entry("staff", methods=("GET", "POST"))
def next_answer(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """In a demo only: choose what the simulated bank answers to the next payment file."""
    if not is_demo():
        raise NotFound()
    form = NextAnswerForm(request.POST or None, initial={"answer": "usual"})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        order_next(exchange_folder(), said["answer"], said["reason"], said["lump"])
        messages.success(request, f"记下了。下一份付款文件：{ANSWERS[said['answer']]}。")
        return HttpResponseRedirect(reverse("staff-next-answer"))
    return TemplateResponse(request, "staff/payment/next_answer.html", {"form": form})


urlpatterns = [
    path("returns/", returns, name="staff-returns"),
    path("returns/<uuid:file_id>/close/", close, name="staff-close-return"),
    path("returns/next-answer/", next_answer, name="staff-next-answer"),
]
