"""Who an account is on a day: its duties, its office, whose rows it sees; and what a demo shows of its accounts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast
from uuid import UUID

from django.db.models import Prefetch, Q

from jiangxin.ground.actor import Actor
from jiangxin.ground.regions import regions_within
from jiangxin.parties import codes
from jiangxin.parties.models import DUTIES, Account, Duty, Office, PersonDocument


def _held(on: date) -> Q:
    return Q(Q(until_on=None) | Q(until_on__gte=on), from_on__lte=on, ended_at=None)


def duties_on(account: Account, on: date) -> list[Duty]:
    """The duties that an account holds on a day, with their offices."""
    return list(account.duties.filter(_held(on)).select_related("office").order_by("from_on", "id"))


def actor_of(account: Account, on: date, office_id: UUID | None = None) -> Actor:
    """The account at work on a day: read anew at each request, so that what was taken back no longer counts (Z8).

    Staff act at one office at a time: their own, or `office_id` when a duty is held there on that day (P27). A clerk
    sees the rows of the body, a worker the own ones.
    """
    if account.kind == "worker":
        return Actor(account.name, account_id=account.pk, person_id=account.person_id)
    held = duties_on(account, on)
    if account.body:
        return Actor(
            account.name, account_id=account.pk, person_id=account.person_id, body_id=account.body_id,
            region_id=account.body.region_id,
            duties=frozenset(duty.duty for duty in held),
        )  # fmt: skip
    lent = {duty.office_id: duty.office for duty in held}
    office = lent.get(office_id) or cast(Office, account.office)
    return Actor(
        account.name, account_id=account.pk, person_id=account.person_id, office_id=office.pk,
        region_id=office.region_id, duties=frozenset(duty.duty for duty in held if duty.office_id == office.pk),
        regions=regions_within(office.region_id),
    )  # fmt: skip


def duty_words(duties: Iterable[str]) -> str:
    """Duties in Chinese, in the order of the law's steps: 经办、复核."""
    held = set(duties)
    return "、".join(word for code, word in DUTIES.items() if code in held)


@dataclass(frozen=True)
class DemoAccount:
    """A demo account as the demo page prints it; `code` is "" while the next one is `wait_seconds` away."""

    username: str
    name: str
    duties: str
    place: str
    kind: str
    code: str
    wait_seconds: int


def current_unused_code(account: Account) -> tuple[str, int]:
    """The code that would be accepted now, or "" and the seconds until one will be. Only for demo accounts."""
    if not account.is_demo:
        raise ValueError("codes are shown for demo accounts only")
    step = max(codes.step_now(), account.code_last_step + 1)
    wait = codes.seconds_until(step - codes.WINDOW)
    return ("" if wait else codes.code_at(account, step)), wait


def demo_accounts(on: date) -> list[DemoAccount]:
    """The demo accounts that sign in with password and code, in the order of the people's work."""
    accounts = Account.objects.filter(is_demo=True, is_active=True).exclude(kind="worker")
    held = Prefetch("duties", Duty.objects.filter(_held(on)), to_attr="held")
    found = []
    for account in accounts.select_related("office", "body").prefetch_related(held).order_by("id"):
        duties = duty_words(duty.duty for duty in account.held)
        place = account.office.name if account.office else account.body.name if account.body else ""
        code, wait = current_unused_code(account)
        found.append(DemoAccount(account.username, account.name, duties, place, account.kind, code, wait))
    return found


@dataclass(frozen=True)
class Citizen:
    """A synthetic person whom the simulated identity service offers."""

    document_id: UUID
    name: str
    masked: str
    username: str


def demo_citizens(name: str, limit: int = 20) -> Sequence[Citizen]:
    """The demo workers, or with the beginning of a name the synthetic people who bear it."""
    documents = PersonDocument.objects.select_related("person").filter(kind="resident", person__merged_into=None)
    workers: dict[UUID, str] = dict(
        Account.objects.filter(kind="worker", is_demo=True).values_list("person_id", "username")
    )
    chosen = documents.filter(person__name__startswith=name) if name else documents.filter(person_id__in=workers)
    found = chosen.order_by("person__pinyin", "pk")[:limit]
    rows = [Citizen(row.pk, row.person.name, row.masked, workers.get(row.person_id, "")) for row in found]
    return sorted(rows, key=lambda row: (len(row.username), row.username))
