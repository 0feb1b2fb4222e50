"""Me: what is on record of me and where from; the account my money goes to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
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
from jiangxin.parties.operations.payees import (
    LIVE,
    close_payee_account,
    confirm_account,
    may_confirm_account,
    propose_account,
)
from jiangxin.parties.queries.registers import spells_of
from jiangxin.parties.queries.workforce import own_employments
from jiangxin.subsidy.queries.person import Prospect, earlier_of, own_lines
from jiangxin.web.door import entry
from jiangxin.web.session import Request, go
from jiangxin.web.shared.forms import PRIVATE, PlainForm, holds_document
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
        "work": own_employments(person.pk),
        "entries": archive(certificates_of_person(person.pk), own_lines(person.pk), earlier_of(person.pk), spells),
    }
    return TemplateResponse(request, "worker/parties/me.html", page)


# A bank by its name: 嘉善农商银行, 农村信用合作联社, 交行嘉善支行.
_WORDS = r"[\u4e00-\u9fffA-Za-z（）() ]"
BANK = rf"^{_WORDS}{{0,36}}(银行|信用社|信用联社|信用合作|农信|[\u4e00-\u9fff]行){_WORDS}{{0,20}}$"


class NumberInput(forms.TextInput):
    """An account number: digits on the phone, kept by no draft."""

    def __init__(self) -> None:
        super().__init__(PRIVATE | {"inputmode": "numeric"})


class AccountForm(PlainForm):
    """An account in my own name: the name is not asked, it is mine. The number is typed twice: it never comes back."""

    bank = forms.RegexField(
        BANK, label="开户银行", max_length=60, help_text="例：嘉善农商银行。建议用社保卡的金融账户。",
        error_messages={"invalid": "请写银行的名称，例：嘉善农商银行"},
    )  # fmt: skip
    number = forms.CharField(
        label="账号", max_length=40, help_text="银行卡正面的号码，只能是您本人名下的。", widget=NumberInput()
    )
    again = forms.CharField(label="再填一次账号", max_length=40, widget=NumberInput())

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        number = "".join(given.get("number", "").split())
        if (len(number) == 18 and holds_document(number)) or len(set(number)) == 1:
            self.add_error("number", "这不是银行账号，请对照银行卡填写")
        elif number != "".join(given.get("again", "").split()) and "again" in given:
            self.add_error("again", "两次填的账号不一样，请对照银行卡再填")
        return given


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


def _checked_first(hold_days: int | None) -> str:
    return f"为防冒领，新换的账户 {hold_days} 天内付款前先核查，会打电话向您核实。" if hold_days else ""


@entry("worker", methods=("GET", "POST"))
def account_confirm(request: Request, actor: Actor, at: datetime, account_id: UUID) -> HttpResponseBase:
    """The second step: from now on the money goes here."""
    found = PayeeAccount.objects.filter(pk=account_id, person_id=actor.the_person).first()
    if found is None or not may_confirm_account(actor, found):
        raise NotFound()
    lines = own_lines(actor.the_person)
    known = Prospect(at).number(lines[0].region_id, "account_changed_hold_days") if lines else None
    hold_days = None if found.first else known
    if request.method == "POST":
        confirm_account(actor, at, found)
        wake()
        messages.success(request, f"已换好：以后付到尾号 {found.tail} 的账户。{_checked_first(hold_days)}")
        return go(request, reverse("worker-money"))
    page = {
        "account": found, "failed": _failed(actor, at), "checked": _checked_first(hold_days),
        "used": PayeeAccount.objects.filter(person_id=actor.the_person, state__in=LIVE).exclude(pk=found.pk).first(),
    }  # fmt: skip
    return TemplateResponse(request, "worker/parties/account_confirm.html", page)


@entry("worker", methods=("POST",))
def account_close(request: Request, actor: Actor, at: datetime, account_id: UUID) -> HttpResponseBase:
    """An account typed in by mistake is taken out; one that is in use is only ever replaced."""
    found = PayeeAccount.objects.filter(pk=account_id, person_id=actor.the_person, state="unconfirmed").first()
    if found is None:
        raise NotFound()
    close_payee_account(actor, at, found)
    messages.success(request, f"已删除尾号 {found.tail} 的账户。")
    return go(request, reverse("worker-account"))


urlpatterns = [
    path("archive", me, name="worker-me"),
    path("archive/account", account, name="worker-account"),
    path("archive/account/<uuid:account_id>/confirm", account_confirm, name="worker-account-confirm"),
    path("archive/account/<uuid:account_id>/close", account_close, name="worker-account-close"),
]
