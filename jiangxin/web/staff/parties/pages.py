"""人员: one person found by document, shown as the desk may see it; the account changed; two records merged."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.assessment.models import Certificate
from jiangxin.ground.actor import Actor, everybody
from jiangxin.ground.jobs import wake
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.parties.models import PayeeAccount, Person, PersonDocument, PersonMerge
from jiangxin.parties.operations.merges import may_merge, merge_persons, undo_merge
from jiangxin.parties.operations.payees import (
    confirm_account,
    may_change_account,
    may_confirm_account,
    propose_account,
)
from jiangxin.parties.operations.persons import find_at_counter, may_reveal, reveal_document
from jiangxin.subsidy.models import EarlierSubsidy, SubsidyLine
from jiangxin.subsidy.queries.desk import accounts_to_confirm
from jiangxin.subsidy.terms import Terms
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PRIVATE, PlainForm
from jiangxin.web.staff.parties.served import serve, served_person

PURPOSES = {"核对身份": "核对身份", "办理补贴": "办理补贴", "处理异议": "处理异议"}


class FindForm(PlainForm):
    """A document number, sent by POST and never put into an address; and why the person is looked for."""

    number = forms.CharField(
        label="身份证号", max_length=40, widget=forms.TextInput(attrs=PRIVATE | {"inputmode": "text"})
    )
    purpose = forms.ChoiceField(label="为什么找", choices=list(PURPOSES.items()), initial="办理补贴")


class AccountForm(PlainForm):
    """A bank account of the person's own, entered at the counter as the card says."""

    bank = forms.CharField(label="开户行", max_length=60)
    holder = forms.CharField(label="户名", max_length=60, help_text="要和登记的姓名一样")
    number = forms.CharField(
        label="账号", max_length=40, widget=forms.TextInput(attrs=PRIVATE | {"inputmode": "numeric"})
    )

    def propose(self, actor: Actor, at: datetime, person: Person) -> PayeeAccount:
        """What the valid form says, entered; raises the operation's refusals."""
        said = self.cleaned_data
        return propose_account(actor, at, person, said["bank"], said["holder"], said["number"])


def said_of(account: PayeeAccount) -> str:
    """What follows once an account has been entered at the counter."""
    if account.state != "unconfirmed":
        return f"尾号 {account.tail} 的账户早就登记过，现在是“{account.get_state_display()}”。"
    return f"已登记尾号 {account.tail} 的账户，等本人在手机上确认，或由另一位同事向本人核实后确认。"


def confirmed_of(account: PayeeAccount, region_id: int | None, at: datetime) -> str:
    """What follows once an account is confirmed: another than the first is looked into before it is paid to (P23)."""
    days = Terms(at).find(region_id, "account_changed_hold_days") if region_id and not account.first else None
    then = "新换的账户先进付款前核查，两个人看过才付" if days and days.known else "付款失败的会在下一批自动重付"
    return f"已确认尾号 {account.tail} 的账户。{then}。"


class MergeForm(PlainForm):
    """Two document numbers of one person, and how that is known."""

    kept = forms.CharField(label="保留的证件号", max_length=40, widget=forms.TextInput(attrs=PRIVATE))
    gone = forms.CharField(label="并过来的证件号", max_length=40, widget=forms.TextInput(attrs=PRIVATE))
    reason = forms.CharField(label="依据", max_length=200)


class NobodyByThatNumber(Refusal):
    sentence = "没有这个证件号的人。"
    remedy = "请核对 18 位号码；没有培训或证书记录的人不在库里。"


def _found(request: Request, actor: Actor, at: datetime, number: str, purpose: str) -> Person:
    """Who holds the document shown at the counter, served from here for a while."""
    person = find_at_counter(actor, at, number, purpose)
    if person is None:
        raise NobodyByThatNumber()
    serve(request, person)
    return person


@entry("staff", "maker", "checker", "leader", "register", methods=("GET", "POST"))
def people(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Find somebody by document number."""
    form = FindForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            found = _found(request, actor, at, said["number"], said["purpose"])
            return HttpResponseRedirect(reverse("staff-person", args=[found.id]))
        except Refusal as no:
            form.add_error("number", no.sentence + no.remedy)
    page = {
        "form": form,
        "may_merge": may_merge(actor),
        "proposed": accounts_to_confirm(actor) if actor.has("maker", "checker") else [],
    }
    return TemplateResponse(request, "staff/parties/people.html", page)


@entry("staff", "maker", "checker", "leader", "register")
def person(request: Request, actor: Actor, at: datetime, person_id: UUID) -> HttpResponseBase:
    """One person: documents, certificates, lines in scope, accounts, what was paid before."""
    shown = _page(actor, served_person(request, actor, at, person_id))
    return TemplateResponse(request, "staff/parties/person.html", shown)


def _page(
    actor: Actor, found: Person, form: AccountForm | None = None, shown: dict[UUID, str] | None = None
) -> dict[str, object]:
    accounts = list(found.payee_accounts.order_by("-since"))
    proposed = next((one for one in accounts if one.state == "unconfirmed"), None)
    return {
        "person": found,
        "documents": [(one, (shown or {}).get(one.id)) for one in found.documents.order_by("kind", "id")],
        "certificates": Certificate.objects.filter(person=found).select_related("assessor").order_by("-issued_on"),
        "lines": SubsidyLine.objects.filter(person=found).select_related("certificate").order_by("-decided_at"),
        "accounts": accounts,
        "proposed": proposed,
        "may_confirm": proposed is not None and may_confirm_account(actor, proposed),
        "earlier": EarlierSubsidy.objects.filter(person=found, load__state="active").order_by("-paid_on"),
        "may_change": may_change_account(actor, found.id),
        "may_reveal": may_reveal(actor, found.id),
        "form": form or AccountForm(),
        "purposes": list(PURPOSES),
    }


@entry("staff", "maker", "checker", "leader", "register", methods=("POST",))
def reveal(request: Request, actor: Actor, at: datetime, document_id: UUID) -> HttpResponseBase:
    """Show one number in clear, once, for a purpose that stays in the journal and that its holder can see."""
    with everybody():
        document = PersonDocument.objects.filter(id=document_id).first()
    if document is None:
        raise NotFound()
    holder = served_person(request, actor, at, document.person_id)
    purpose = PURPOSES.get(request.POST.get("purpose", ""), "核对身份")
    number = reveal_document(actor, at, document, purpose)
    return TemplateResponse(request, "staff/parties/person.html", _page(actor, holder, shown={document.id: number}))


@entry("staff", "maker", "checker", methods=("POST",))
def account(request: Request, actor: Actor, at: datetime, person_id: UUID) -> HttpResponseBase:
    """Enter an account for the person who stands at the counter; somebody else confirms it."""
    found, form = served_person(request, actor, at, person_id), AccountForm(request.POST)
    if form.is_valid():
        try:
            messages.success(request, said_of(form.propose(actor, at, found)))
            return HttpResponseRedirect(reverse("staff-person", args=[found.id]))
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
    return TemplateResponse(request, "staff/parties/person.html", _page(actor, found, form))


@entry("staff", "maker", "checker", methods=("POST",))
def confirm(request: Request, actor: Actor, at: datetime, person_id: UUID) -> HttpResponseBase:
    """A second person asked the owner and confirms the account entered; a failed payment then goes to it by itself."""
    served_person(request, actor, at, person_id)
    proposed = PayeeAccount.objects.filter(person_id=person_id, state="unconfirmed").first()
    if proposed is None:
        raise NotFound()
    confirmed = confirm_account(actor, at, proposed)
    messages.success(request, confirmed_of(confirmed, actor.region_id, at))
    wake()
    return HttpResponseRedirect(reverse("staff-person", args=[person_id]))


@entry("staff", "register", methods=("GET", "POST"))
def merges(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Merge two records of one person; the merges so far, each undone until the next payment."""
    form = MergeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            said = form.cleaned_data
            kept, gone = (_found(request, actor, at, said[which], "合并记录") for which in ("kept", "gone"))
            merge_persons(actor, at, kept.id, gone.id, said["reason"])
            messages.success(request, "已合并。下一次付款之前可以撤销。")
            return HttpResponseRedirect(reverse("staff-merges"))
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
    done = PersonMerge.objects.select_related("kept", "gone", "merged_by").order_by("-merged_at")[:50]
    return TemplateResponse(request, "staff/parties/merges.html", {"form": form, "done": done})


@entry("staff", "register", methods=("POST",))
def undo(request: Request, actor: Actor, at: datetime, merge_id: UUID) -> HttpResponseBase:
    """Give back exactly what a merge moved."""
    undo_merge(actor, at, merge_id)
    messages.success(request, "已撤销合并，两条记录恢复原样。")
    return HttpResponseRedirect(reverse("staff-merges"))


urlpatterns = [
    path("people/", people, name="staff-people"),
    path("people/merges/", merges, name="staff-merges"),
    path("people/merges/<uuid:merge_id>/undo/", undo, name="staff-undo-merge"),
    path("people/documents/<uuid:document_id>/", reveal, name="staff-reveal"),
    path("people/<uuid:person_id>/", person, name="staff-person"),
    path("people/<uuid:person_id>/account/", account, name="staff-person-account"),
    path("people/<uuid:person_id>/account/confirm/", confirm, name="staff-confirm-account"),
]
