"""The accounts that offices pay from: opened and closed by those who manage budgets (P19, P20)."""

from datetime import datetime

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.identity import seal, tail, unseal
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotYourDuty, Refusal
from jiangxin.parties.models import Office
from jiangxin.parties.operations.payees import check_account_number
from jiangxin.payment.bank_file import unwritable
from jiangxin.payment.models import PayingAccount
from jiangxin.rules.vocabulary import FUNDS

PLACE = "payment_paying_account|number|{}"


class PayingAccountThere(Refusal):
    sentence = "{office}的{fund}已经有付款账户（尾号 {tail}）。"
    remedy = "请先停用原来的账户，再登记新的。"


class HolderNotWritable(Refusal):
    sentence = "户名里的“{lost}”银行文件写不下。"
    remedy = "请按银行登记的写法填写，或选 Excel 格式。"


def may_manage_paying_accounts(actor: Actor, office: Office) -> bool:
    """Whether the actor may open and close the paying accounts of an office: budget duty, in scope."""
    return actor.has("budget") and office.region_id in actor.regions


def open_paying_account(
    actor: Actor, at: datetime, office: Office, fund: str, *, bank: str, holder: str, number: str, file_format: str
) -> PayingAccount:
    """Register the account that an office's fund pays from, and the format its bank takes (a key of FORMATS)."""
    if not may_manage_paying_accounts(actor, office):
        raise NotYourDuty()
    if there := PayingAccount.objects.filter(office=office, fund=fund, closed_on=None).first():
        raise PayingAccountThere(office=office.name, fund=FUNDS[fund], tail=there.tail)
    if lost := unwritable(holder, file_format):
        raise HolderNotWritable(lost=lost)
    digits, key = check_account_number(number), new_id()
    account = PayingAccount.objects.create(
        id=key, office=office, region_id=office.region_id, fund=fund, bank=bank.strip(), holder=holder.strip(),
        number=seal(digits, PLACE.format(key)), tail=tail(digits), file_format=file_format, opened_on=day_of(at),
    )  # fmt: skip
    note(actor, at, "opened_paying_account", account, fund=fund, tail=account.tail)
    return account


def close_paying_account(actor: Actor, at: datetime, account: PayingAccount) -> None:
    """Nothing more is paid from this account; what it sent is still answered."""
    if not may_manage_paying_accounts(actor, account.office):
        raise NotYourDuty()
    PayingAccount.objects.filter(pk=account.pk, closed_on=None).update(closed_on=day_of(at))
    note(actor, at, "closed_paying_account", account, tail=account.tail)


def paying_number(account: PayingAccount) -> str:
    """The clear number of a paying account, for the head of a file and for finding whose statement this is."""
    return unseal(bytes(account.number), PLACE.format(account.pk)).decode()
