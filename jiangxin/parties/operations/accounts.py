"""Accounts: opened and closed, duties given, lent and taken back, codes used up, citizens brought in (P27, Z6, Z8)."""

from datetime import date, datetime

from django.db import connection
from django.db.models import Q

from jiangxin.ground.actor import Actor, everybody
from jiangxin.ground.clock import day_of, is_demo
from jiangxin.ground.free_text import refuse_numbers
from jiangxin.ground.identity import blind_index
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotYourDuty, Refusal
from jiangxin.parties import codes
from jiangxin.parties.citizen import CitizenIdP
from jiangxin.parties.models import DUTIES, MONEY_DUTIES, Account, Duty, Office, Organisation, Person
from jiangxin.parties.operations.persons import PersonRow, register_persons

PASSWORD_LENGTH = 15
DEMO_PASSWORD = "jiangxin-demo-only"
BODY_DUTIES = frozenset({"clerk", "school", "head", "teacher", "examiner", "employer"})
DUTIES_OF_KIND = {
    "staff": frozenset(DUTIES) - BODY_DUTIES,
    "clerk": BODY_DUTIES | {"viewer"},
    "worker": frozenset(),
}


class UsernameTaken(Refusal):
    sentence = "登录名 {username} 已经有人用了。"
    remedy = "请换一个登录名。"


class AccountNeedsName(Refusal):
    sentence = "登录名和姓名都要写。"
    remedy = "请补上。"


class PasswordTooShort(Refusal):
    sentence = "密码至少要 {length} 个字符。"
    remedy = "请用一句自己记得住的话作密码。"


class DemoAccountsOnlyInDemo(Refusal):
    sentence = "正式库不能开演示账号。"
    remedy = "请为工作人员开实名账号。"


class AccountIsClosed(Refusal):
    sentence = "账号 {username} 已经停用。"
    remedy = "请联系系统管理员。"


class DutyDoesNotFit(Refusal):
    sentence = "账号 {username} 不能担任“{duty}”。"
    remedy = "请核对账号是工作人员还是机构人员。"


class DutyConflicts(Refusal):
    sentence = "{name}在这段时间已是“{held}”，不能同时担任“{wanted}”。"
    remedy = "请换一位同事，或先结束“{held}”。"


class DutyEndsBeforeItBegins(Refusal):
    sentence = "岗位的最后一天 {until_on} 早于第一天 {from_on}。"
    remedy = "请核对这两个日期。"


class BorrowingNeedsReason(Refusal):
    sentence = "借调要写明原因和止期，并且是借到别的单位。"
    remedy = "请补上原因、最后一天和借入单位。"


class DutyAlreadyEnded(Refusal):
    sentence = "这个岗位已经结束了。"
    remedy = "请刷新后看最新状态。"


class CodeWrong(Refusal):
    sentence = "动态码不对，或已经过时。"
    remedy = "请看验证器上现在的 6 位数字，重新填写。"


class CodeAlreadyUsed(Refusal):
    sentence = "这个动态码已经用过一次。"
    remedy = "请等验证器换下一个数字，再填写。"


class TicketAlreadyUsed(Refusal):
    sentence = "这次登录凭证已经用过。"
    remedy = "请重新从浙里办登录。"


class CitizenNotVerified(Refusal):
    sentence = "浙里办还没有核实您的身份。"
    remedy = "请先在浙里办完成个人实名认证，再登录。"


def may_manage_accounts(actor: Actor) -> bool:
    """Accounts and duties are given at the server's own command line; nobody gives them to oneself on a page."""
    return actor.has("machine")


def _permit(actor: Actor) -> None:
    if not may_manage_accounts(actor):
        raise NotYourDuty()


def open_account(
    actor: Actor, at: datetime, *, kind: str, username: str, name: str, password: str = "",
    office: Office | None = None, body: Organisation | None = None, person: Person | None = None, demo: bool = False,
) -> Account:  # fmt: skip
    """Open a sign-in: of staff at an office, of a clerk of a body (both with password and authenticator), of a worker.

    A worker's account needs no password: a citizen comes through the citizens' identity service.
    """
    _permit(actor)
    if not (username.strip() and name.strip()):
        raise AccountNeedsName()
    if Account.objects.filter(username=username).exists():
        raise UsernameTaken(username=username)
    if demo and not is_demo():
        raise DemoAccountsOnlyInDemo()
    if kind != "worker" and len(password) < PASSWORD_LENGTH:
        raise PasswordTooShort(length=PASSWORD_LENGTH)
    return _write_account(
        actor, at, kind, username, name, password, office=office, body=body, person=person, is_demo=demo
    )


def _write_account(
    actor: Actor, at: datetime, kind: str, username: str, name: str, password: str = "", **place: object
) -> Account:
    account = Account(id=new_id(), kind=kind, username=username, name=name, **place)
    if kind == "worker":
        account.set_unusable_password()
    else:
        account.set_password(password)
        account.code_secret = codes.new_sealed_secret(account)
    account.save(force_insert=True)
    note(actor, at, "opened_account", account, account_kind=kind)
    return account


def grant_duty(
    actor: Actor, at: datetime, account: Account, duty: str, *, from_on: date | None = None,
    until_on: date | None = None, office: Office | None = None, reason: str = "",
) -> Duty:  # fmt: skip
    """Give a duty between two days (from today, without an end, when not given), at the account's own office.

    Raises DutyEndsBeforeItBegins, and DutyConflicts when another of the five money duties is held on one of those
    days (P27, Z6).
    """
    held_by = Account.objects.select_for_update().get(pk=account.pk)
    _permit(actor)
    if not held_by.is_active:
        raise AccountIsClosed(username=held_by.username)
    if duty not in DUTIES_OF_KIND[held_by.kind]:
        raise DutyDoesNotFit(username=held_by.username, duty=DUTIES.get(duty, duty))
    first = from_on or day_of(at)
    if until_on and until_on < first:
        raise DutyEndsBeforeItBegins(from_on=first, until_on=until_on)
    exclusive = duty in MONEY_DUTIES
    if exclusive:
        _refuse_conflict(held_by, duty, first, until_on)
    given = Duty.objects.create(
        account=held_by, office_id=office.pk if office else held_by.office_id, duty=duty, exclusive=exclusive,
        from_on=first, until_on=until_on, reason=reason,
    )  # fmt: skip
    note(actor, at, "granted_duty", given, account=str(held_by.pk), duty=duty, office=str(given.office_id or ""))
    return given


def _refuse_conflict(account: Account, duty: str, from_on: date, until_on: date | None) -> None:
    overlapping = account.duties.filter(Q(until_on=None) | Q(until_on__gte=from_on), exclusive=True, ended_at=None)
    if until_on:
        overlapping = overlapping.filter(from_on__lte=until_on)
    if other := overlapping.exclude(duty=duty).first():
        raise DutyConflicts(name=account.name, held=DUTIES[other.duty], wanted=DUTIES[duty])


def borrow_duty(
    actor: Actor,
    at: datetime,
    account: Account,
    duty: str,
    *,
    office: Office,
    from_on: date,
    until_on: date,
    reason: str,
) -> Duty:
    """Lend staff to another office for a duty between two days: a deputy, or a county short of people (P27)."""
    if not reason.strip() or until_on < from_on or office.pk == account.office_id:
        raise BorrowingNeedsReason()
    return grant_duty(actor, at, account, duty, from_on=from_on, until_on=until_on, office=office, reason=reason)


def end_duty(actor: Actor, at: datetime, duty: Duty) -> None:
    """Take a duty back at once: the next page no longer knows it."""
    ending = Duty.objects.select_for_update().get(pk=duty.pk)
    _permit(actor)
    if ending.ended_at:
        raise DutyAlreadyEnded()
    Duty.objects.filter(pk=ending.pk).update(ended_at=at)
    note(actor, at, "ended_duty", ending, account=str(ending.account_id), duty=ending.duty)


def close_account(actor: Actor, at: datetime, account: Account, reason: str) -> None:
    """End an account and all its duties; its open sessions are refused at their next request (Z8)."""
    refuse_numbers(reason)
    closing = Account.objects.select_for_update().get(pk=account.pk)
    _permit(actor)
    if not closing.is_active:
        raise AccountIsClosed(username=closing.username)
    Account.objects.filter(pk=closing.pk).update(is_active=False)
    ended = closing.duties.filter(ended_at=None).update(ended_at=at)
    note(actor, at, "closed_account", closing, duties=ended, reason=reason)


def verify_code(account: Account, code: str) -> int:
    """Use up a one-time code: its step is taken once, also by two at the same moment (compare and set).

    Raises CodeWrong, or CodeAlreadyUsed for this or an earlier step than the last one used.
    """
    step = codes.matching_step(account, code.strip())
    if step is None:
        raise CodeWrong()
    if not Account.objects.filter(pk=account.pk, code_last_step__lt=step).update(code_last_step=step):
        raise CodeAlreadyUsed()
    return step


def sign_in_citizen(actor: Actor, at: datetime, service: CitizenIdP, ticket: str) -> Account:
    """The worker's account behind a ticket of the citizens' identity service; opened at the first visit.

    The ticket is spent here, whatever the service itself forbids; the identity is bound by the blind index of its
    number and by nothing else (invariants 5.1). Raises TicketAlreadyUsed, CitizenNotVerified and the service's own
    refusals. The actor is the machine: whoever comes is not known before.
    """
    _permit(actor)
    with connection.cursor() as cursor:
        cursor.execute(SPEND_TICKET, [new_id(), blind_index(ticket, "ticket"), at])
        if not cursor.rowcount:
            raise TicketAlreadyUsed()
    with everybody():
        identity = service.exchange(ticket)
        if identity.kind != "person" or identity.level != "verified":
            raise CitizenNotVerified()
        registered = register_persons(actor, at, [PersonRow("resident", identity.number, identity.name)])
    person = Person.objects.select_for_update().get(pk=registered.ids[0])
    if person.merged_into_id:
        person = Person.objects.select_for_update().get(pk=person.merged_into_id)
    return _worker_account(actor, at, person)


SPEND_TICKET = "INSERT INTO parties_spent_ticket (id, digest, spent_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"


def _worker_account(actor: Actor, at: datetime, person: Person) -> Account:
    account = Account.objects.filter(person=person, kind="worker").first()
    account = account or _write_account(actor, at, "worker", str(person.pk), person.name, person=person)
    if not account.is_active:
        raise AccountIsClosed(username=account.name)
    return account


def note_sign_in(actor: Actor, at: datetime, account: Account) -> None:
    """Write a sign-in into the journal; `actor` is the account itself."""
    note(actor, at, "signed_in", account)
