"""Me: what is on record of me and where from; the account my money goes to."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.assessment.queries import certificates_of_person
from jiangxin.ground.actor import Actor
from jiangxin.ground.jobs import wake
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.ground.regions import Region
from jiangxin.parties.models import DOCUMENT_KINDS, PAYEE_STATES, PayeeAccount, Person, PersonDocument, Spell
from jiangxin.parties.operations.payees import LIVE, confirm_account, may_confirm_account, propose_account
from jiangxin.parties.queries.registers import spells_of
from jiangxin.subsidy.queries.person import Prospect, earlier_of, own_lines
from jiangxin.web.door import entry
from jiangxin.web.session import Request, go
from jiangxin.web.shared.forms import PlainForm
from jiangxin.web.worker.parties.archive import archive, source_of
from jiangxin.web.worker.subsidy.story import Told, tell

LOOKS = {"certified": "ok", "confirmed": "ok", "unconfirmed": "wait", "failed": "no"}


@dataclass(frozen=True)
class Status:
    """A dated status as its person sees it."""

    spell: Spell
    place: str
    source: str


@dataclass(frozen=True)
class Card:
    """A bank account of mine by its last digits."""

    account: PayeeAccount
    look: str
    word: str


def _cards(person_id: UUID) -> list[Card]:
    accounts = PayeeAccount.objects.filter(person_id=person_id).exclude(state="closed").order_by("-since")
    return [Card(account, LOOKS[account.state], PAYEE_STATES.words[account.state]) for account in accounts]


@entry("worker")
def me(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Who I am here, what the registers say of me, my accounts, and everything on record in one dated list."""
    person = Person.objects.get(pk=actor.the_person)
    spells = list(spells_of(person.pk).filter(kind__audience="worker").select_related("load"))
    documents = PersonDocument.objects.filter(person=person).order_by("pk")
    places = dict(Region.objects.values_list("id", "name"))
    page = {
        "person": person,
        "documents": [(DOCUMENT_KINDS[row.kind], row.masked) for row in documents],
        "statuses": [Status(spell, places.get(spell.region_id or 0, ""), source_of(spell)) for spell in spells],
        "accounts": _cards(person.pk),
        "entries": archive(certificates_of_person(person.pk), own_lines(person.pk), earlier_of(person.pk), spells),
    }
    return TemplateResponse(request, "worker/parties/me.html", page)


class AccountForm(PlainForm):
    """An account in my own name: the name is not asked, it is mine."""

    bank = forms.CharField(label="开户银行", max_length=60, help_text="例：嘉善农商银行。建议用社保卡的金融账户。")
    number = forms.CharField(
        label="账号", max_length=40, help_text="银行卡正面的号码，只能是您本人名下的。",
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "data-private": True}),
    )  # fmt: skip


def _failed(actor: Actor, at: datetime) -> list[Told]:
    return tell(actor, at, [line for line in own_lines(actor.the_person) if line.state == "failed"])


@entry("worker", methods=("GET", "POST"))
def account(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Name another account of mine; it is used only after the next page confirms it."""
    form = AccountForm(request.POST if request.method == "POST" else None)
    person = Person.objects.get(pk=actor.the_person)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            proposed = propose_account(actor, at, person, given["bank"], person.name, given["number"])
        except Refusal as no:
            form.add_error("number", no.sentence + no.remedy)
        else:
            if proposed.state in LIVE:
                messages.info(request, f"尾号 {proposed.tail} 的账户已经在用，不用再登记。")
                return go(request, reverse("worker-account"))
            return go(request, reverse("worker-account-confirm", args=[proposed.pk]))
    page = {"form": form, "person": person, "accounts": _cards(person.pk), "failed": _failed(actor, at)}
    return TemplateResponse(request, "worker/parties/account.html", page)


@entry("worker", methods=("GET", "POST"))
def account_confirm(request: Request, actor: Actor, at: datetime, account_id: UUID) -> HttpResponseBase:
    """The second step: from now on the money goes here."""
    found = PayeeAccount.objects.filter(pk=account_id, person_id=actor.the_person).first()
    if found is None or not may_confirm_account(actor, found):
        raise NotFound()
    if request.method == "POST":
        confirm_account(actor, at, found)
        wake()
        then = "没付成的会自动重付" if found.first else "工作人员核对新账户后，没付成的自动重付"
        messages.success(request, f"已换好：以后付到尾号 {found.tail} 的账户。{then}，名额不重复扣。")
        return go(request, reverse("worker-money"))
    failed, lines = _failed(actor, at), own_lines(actor.the_person)
    hold_days = Prospect(at).number(lines[0].region_id, "account_changed_hold_days") if lines else None
    page = {
        "account": found, "failed": failed, "hold_days": None if found.first else hold_days,
        "used": PayeeAccount.objects.filter(person_id=actor.the_person, state__in=LIVE).exclude(pk=found.pk).first(),
    }  # fmt: skip
    return TemplateResponse(request, "worker/parties/account_confirm.html", page)


urlpatterns = [
    path("archive", me, name="worker-me"),
    path("archive/account", account, name="worker-account"),
    path("archive/account/<uuid:account_id>/confirm", account_confirm, name="worker-account-confirm"),
]
