"""付款失败: what the bank did not pay and why; the account corrected at the counter by two people, then paid again."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.jobs import wake
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.parties.models import PayeeAccount, Person, PersonDocument
from jiangxin.parties.operations.payees import confirm_account, may_change_account, may_confirm_account
from jiangxin.payment.operations.retries import may_retry_line, retry_line
from jiangxin.payment.queries import FailedLine, failed_lines
from jiangxin.subsidy.heirs import HeirPayee
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.staff.parties.pages import AccountForm, confirmed_of, said_of
from jiangxin.web.staff.payment.pages import MONEY

HOW = {"failed": "银行没有付成", "bounced": "到账后被退回"}


@entry("staff", *MONEY)
def failed(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Payments that the bank did not make, the longest waiting first: why, and what happens next."""
    found = failed_lines(actor.regions)
    page = {"rows": [(line, HOW[line.how]) for line in found], "total": sum(line.amount_fen for line in found)}
    return TemplateResponse(request, "staff/payment/failed.html", page)


def _line(actor: Actor, line_id: UUID) -> FailedLine:
    found = failed_lines(actor.regions, line_id)
    if not found:
        raise NotFound()
    return found[0]


def _proposed(line: FailedLine) -> PayeeAccount | None:
    return PayeeAccount.objects.get(pk=line.proposed_id) if line.proposed_id else None


@entry("staff", *MONEY, methods=("GET", "POST"))
def failed_line(request: Request, actor: Actor, at: datetime, line_id: UUID) -> HttpResponseBase:
    """One of them: what the bank said, the payee's accounts, and the account entered at the counter."""
    if not failed_lines(actor.regions, line_id) and SubsidyLine.objects.filter(id=line_id).exists():
        messages.info(request, "这一笔已经不在付款失败里。")
        return HttpResponseRedirect(reverse("staff-failed"))
    line = _line(actor, line_id)
    person = Person.objects.filter(pk=line.payee_id).first()
    form = AccountForm(request.POST or None)
    if person and request.method == "POST" and form.is_valid():
        try:
            messages.success(request, said_of(form.propose(actor, at, person)))
            return HttpResponseRedirect(reverse("staff-failed-line", args=[line_id]))
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
    proposed = _proposed(line)
    page = {
        "line": line,
        "how": HOW[line.how],
        "heir": HeirPayee.objects.filter(line_id=line_id, state="confirmed").select_related("account").first(),
        "document": PersonDocument.objects.filter(person_id=line.person_id).order_by("pk").first(),
        "accounts": PayeeAccount.objects.filter(owner=line.payee_id).order_by("-since", "-pk"),
        "form": form if person and may_change_account(actor, person.pk) else None, "of_body": person is None,
        "may_confirm": person is not None and proposed is not None and may_confirm_account(actor, proposed),
        "may_retry": may_retry_line(actor, line.region_id) and line.next_account_id is not None,
    }
    return TemplateResponse(request, "staff/payment/failed_line.html", page)


@entry("staff", "maker", "checker", methods=("POST",))
def confirm_proposed(request: Request, actor: Actor, at: datetime, line_id: UUID) -> HttpResponseBase:
    """A second person asked the owner and confirms the account; the main line then pays again by itself."""
    line = _line(actor, line_id)
    account = _proposed(line)
    if account is None:
        raise NotFound()
    confirmed = confirm_account(actor, at, account)
    messages.success(request, confirmed_of(confirmed, line.region_id, at))
    wake()
    return HttpResponseRedirect(reverse("staff-failed"))


@entry("staff", "maker", methods=("POST",))
def retry(request: Request, actor: Actor, at: datetime, line_id: UUID) -> HttpResponseBase:
    """Let a line wait for the next batch now, with the payee's account of today."""
    retry_line(actor, at, _line(actor, line_id).line_id)
    messages.success(request, "已排进下一批付款。")
    wake()
    return HttpResponseRedirect(reverse("staff-failed"))


urlpatterns = [
    path("failed/", failed, name="staff-failed"),
    path("failed/<uuid:line_id>/", failed_line, name="staff-failed-line"),
    path("failed/<uuid:line_id>/confirm/", confirm_proposed, name="staff-confirm-proposed"),
    path("failed/<uuid:line_id>/retry/", retry, name="staff-retry"),
]
