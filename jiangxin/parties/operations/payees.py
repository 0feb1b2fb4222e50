"""Where a person's money may go: accounts certified by the card register, or proposed and then confirmed (P13)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from jiangxin.ground.actor import Actor, everybody
from jiangxin.ground.free_text import hide_numbers
from jiangxin.ground.identity import blind_index, normalise_number, seal, tail, unseal
from jiangxin.ground.journal import entry, note, note_all
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.staging import rows_of, run, stage
from jiangxin.ground.transitions import move, move_one
from jiangxin.parties.models import PAYEE_STATES, PayeeAccount, Person
from jiangxin.parties.operations.persons import PurposeMissing, register_persons
from jiangxin.parties.operations.registers import Loaded, begin_load
from jiangxin.parties.queries.persons import fold_name, is_known_here
from jiangxin.parties.register_files import AccountRow, Extract

PLACE = "parties_payee_account|number|{}"
LIVE = ("certified", "confirmed")


class AccountBelongsToAnother(Refusal):
    sentence = "{where}账号登记在别人名下，不能用来收款。"
    remedy = "请填本人名下的账号。"


class HolderIsNotThePerson(Refusal):
    sentence = "{where}户名和登记的姓名不一样。"
    remedy = "请填本人名下的账号；改过名的，请先办理更名。"


class AccountNumberWrong(Refusal):
    sentence = "账号应为 8 到 32 位数字。"
    remedy = "请对照银行卡重新填写。"


class AccountNotOpen(Refusal):
    sentence = "这个账户现在不能这样办。"
    remedy = "请刷新后看账户的最新状态。"


class ConfirmingNeedsAnother(Refusal):
    sentence = "登记账户的人不能替本人确认。"
    remedy = "请本人确认，或由另一位工作人员向本人核实后确认。"


def may_change_account(actor: Actor, person_id: UUID) -> bool:
    """Whether the actor may propose, confirm or close an account of this person: the person, or the counter."""
    return actor.person_id == person_id or actor.has("maker", "checker")


def may_confirm_account(actor: Actor, account: PayeeAccount) -> bool:
    """The owner always; at the counter only somebody other than who typed it in."""
    owner = actor.person_id == account.person_id
    return owner or (actor.has("maker", "checker") and actor.name != account.entered_by_name)


def check_account_number(number: str) -> str:
    """The normalised account number: digits only, 8 to 32 of them."""
    digits = normalise_number(number).replace("-", "")
    if not (digits.isdecimal() and digits.isascii() and 8 <= len(digits) <= 32):
        raise AccountNumberWrong()
    return digits


def account_index(number: str) -> bytes:
    """The index under which a normalised account number is kept."""
    return blind_index(number, "account")


# Rows of the card register that cannot be: the number of another's account, a holder who is not the person.
TAKEN = """
SELECT n.row FROM new_account n JOIN parties_payee_account a ON a.number_index = n.number_index
 WHERE a.person_id <> n.person_id AND a.state NOT IN ('closed', 'unconfirmed')
UNION
SELECT n.row FROM new_account n JOIN new_account o ON o.number_index = n.number_index AND o.person_id <> n.person_id
 ORDER BY 1
"""
MISNAMED = """
SELECT n.row FROM new_account n JOIN parties_person p ON p.id = n.person_id WHERE p.name <> n.holder ORDER BY 1
"""
# A number only proposed by somebody gives way to the register, and so does an earlier card of the same person.
GIVES_WAY = """
UPDATE parties_payee_account a SET state = 'closed' FROM new_account n
 WHERE (a.number_index = n.number_index AND a.person_id <> n.person_id AND a.state = 'unconfirmed')
    OR (a.person_id = n.person_id AND a.number_index <> n.number_index AND a.state = 'certified')
"""
CERTIFY = """
UPDATE parties_payee_account a SET state = 'certified', load_id = %(load)s, since = %(at)s FROM new_account n
 WHERE a.person_id = n.person_id AND a.number_index = n.number_index AND a.state = 'unconfirmed'
   AND NOT EXISTS (
     SELECT FROM parties_payee_account o WHERE o.person_id = a.person_id AND o.state IN ('certified', 'confirmed'))
"""
# Who confirmed an account of their own keeps it; a known number is not written twice.
INSERT_ACCOUNTS = """
INSERT INTO parties_payee_account (
       id, person_id, bank, holder, number, number_index, tail, state, first, since, entered_by_name, load_id)
SELECT DISTINCT ON (n.person_id) n.id, n.person_id, n.bank, n.holder, n.number, n.number_index, n.tail, 'certified',
       NOT EXISTS (SELECT FROM parties_payee_account e WHERE e.person_id = n.person_id), %(at)s, %(by)s, %(load)s
  FROM new_account n
 WHERE NOT EXISTS (
     SELECT FROM parties_payee_account o WHERE o.person_id = n.person_id
        AND (o.state IN ('certified', 'confirmed') OR (o.number_index = n.number_index AND o.state <> 'closed')))
 ORDER BY n.person_id, n.row DESC
"""
NEW_ACCOUNT = "row int, id uuid, person_id uuid, bank text, holder text, number bytea, number_index bytea, tail text"


def load_card_accounts(actor: Actor, at: datetime, extract: Extract, rows: Sequence[tuple[int, AccountRow]]) -> Loaded:
    """Take in the card register as (row number, row): certified accounts, one live one per person (P13).

    Refused as a whole when a row's number belongs to another person or its holder is not the person of today.
    """
    load = begin_load(actor, at, extract, len(rows))
    found = register_persons(actor, at, [row.person for _, row in rows])
    stage("new_account", NEW_ACCOUNT, map(_sealed, rows, found.ids))
    if taken := rows_of(TAKEN):
        raise AccountBelongsToAnother(where=_rows([row for (row,) in taken]))
    if misnamed := rows_of(MISNAMED):
        raise HolderIsNotThePerson(where=_rows([row for (row,) in misnamed]))
    facts = {"load": load.pk, "at": at, "by": actor.name}
    run(GIVES_WAY)
    run(CERTIFY, facts)
    run(INSERT_ACCOUNTS, facts)
    return Loaded(load, found.created, [])


def _rows(rows: Sequence[int]) -> str:
    shown = "、".join(map(str, rows[:10]))
    return f"第 {shown} {'等 ' + str(len(rows)) + ' ' if len(rows) > 10 else ''}行的"


def _sealed(numbered: tuple[int, AccountRow], person_id: UUID) -> tuple[object, ...]:
    row_number, row = numbered
    account_id, number = new_id(), check_account_number(row.number)
    return (
        row_number, account_id, person_id, hide_numbers(row.bank), fold_name(row.person.name),
        seal(number, PLACE.format(account_id)), account_index(number), tail(number),
    )  # fmt: skip


def propose_account(actor: Actor, at: datetime, person: Person, bank: str, holder: str, number: str) -> PayeeAccount:
    """Enter an account for a person; nothing is paid to it before it is confirmed. An earlier proposal gives way."""
    if not may_change_account(actor, person.pk):
        raise NotYourDuty()
    if not is_known_here(person.pk):
        raise NotFound()
    person = Person.objects.select_for_update().get(pk=person.pk)
    digits = check_account_number(number)
    if fold_name(holder) != person.name:
        raise HolderIsNotThePerson(where="")
    own = PayeeAccount.objects.filter(person=person)
    with everybody():
        standing = PayeeAccount.objects.filter(number_index=account_index(digits)).exclude(state="closed").first()
    if standing and standing.person_id != person.pk:
        raise AccountBelongsToAnother(where="这个")
    if standing and standing.state != "failed":
        return standing
    account = PayeeAccount(
        person=person, bank=bank.strip(), holder=person.name, number_index=account_index(digits), tail=tail(digits),
        state="unconfirmed", first=not own.exists(), since=at, entered_by_name=actor.name,
    )  # fmt: skip
    account.number = seal(digits, PLACE.format(account.pk))
    move(own.filter(state="unconfirmed"), PAYEE_STATES, "closed")
    if standing:
        move_one(standing, PAYEE_STATES, "closed")
    PayeeAccount.objects.bulk_create([account])
    note(actor, at, "proposed_account", account, tail=account.tail)
    return account


def _seen(actor: Actor, account: PayeeAccount) -> PayeeAccount:
    """The account as it stands, locked, of somebody whom the actor may serve."""
    found = PayeeAccount.objects.select_for_update().filter(pk=account.pk).first()
    if found is None or found.person_id is None:
        raise NotFound()
    if not may_change_account(actor, found.person_id):
        raise NotYourDuty()
    return found


def confirm_account(actor: Actor, at: datetime, account: PayeeAccount) -> PayeeAccount:
    """The owner says this is the account to pay; the one used until now is closed."""
    account = _seen(actor, account)
    if not may_confirm_account(actor, account):
        raise ConfirmingNeedsAnother()
    if not PAYEE_STATES.may(account.state, "confirmed"):
        raise AccountNotOpen()
    others = PayeeAccount.objects.filter(owner=account.owner, state__in=LIVE).exclude(pk=account.pk)
    move(others, PAYEE_STATES, "closed")
    since = account.since if account.state == "certified" else at
    move_one(account, PAYEE_STATES, "confirmed", since=since)
    note(actor, at, "confirmed_account", account, tail=account.tail)
    return account


def close_payee_account(actor: Actor, at: datetime, account: PayeeAccount) -> PayeeAccount:
    """Nothing more is paid to this account."""
    account = _seen(actor, account)
    if not PAYEE_STATES.may(account.state, "closed"):
        raise AccountNotOpen()
    move_one(account, PAYEE_STATES, "closed")
    note(actor, at, "closed_payee_account", account, tail=account.tail)
    return account


def reveal_accounts(actor: Actor, at: datetime, accounts: Sequence[PayeeAccount], purpose: str) -> dict[UUID, str]:
    """The clear numbers of accounts, by account; the one place where they are read, each with its entry (I6)."""
    if not actor.has("machine", "releaser") and any(actor.person_id != account.person_id for account in accounts):
        raise NotYourDuty()
    if not purpose.strip():
        raise PurposeMissing()
    reader = actor.for_purpose(purpose.strip())
    note_all(entry(reader, at, "revealed_account", account) for account in accounts)
    return {account.pk: unseal(account.number, PLACE.format(account.pk)).decode() for account in accounts}
