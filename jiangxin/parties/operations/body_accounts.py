"""The account of a body that is paid (P24): its own, name and credit code matching, confirmed by an office."""

from datetime import datetime
from uuid import UUID

from jiangxin.ground.actor import Actor, everybody
from jiangxin.ground.identity import seal, tail
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.transitions import move, move_one
from jiangxin.parties.models import PAYEE_STATES, Organisation, PayeeAccount
from jiangxin.parties.operations.payees import (
    LIVE,
    PLACE,
    AccountBelongsToAnother,
    AccountNotOpen,
    account_index,
    check_account_number,
)
from jiangxin.parties.queries.persons import fold_name


class NotTheBodysAccount(Refusal):
    sentence = "户名或统一社会信用代码和本单位登记的不一样。"
    remedy = "只能填本单位名下的对公账户；单位改过名的，请先办理变更登记。"


class OfficeConfirms(Refusal):
    sentence = "单位账户要由经办机构核对后确认。"
    remedy = "请等县里核对开户许可证；核对前不会付款。"


def may_propose_body_account(actor: Actor, body_id: UUID) -> bool:
    """Whether the actor may name the account of this body: its own head, school clerk or employer's clerk."""
    return actor.body_id == body_id and actor.has("head", "school", "employer")


def may_confirm_body_account(actor: Actor, account: PayeeAccount) -> bool:
    """Whether the actor confirms it: a maker or checker of the body's region, not whoever entered it."""
    assert account.body is not None
    in_scope = actor.has("maker", "checker") and account.body.region_id in actor.regions
    return in_scope and account.state == "unconfirmed" and actor.name != account.entered_by_name


def propose_body_account(
    actor: Actor, at: datetime, body_id: UUID, bank: str, holder: str, credit_code: str, number: str
) -> PayeeAccount:
    """Enter the account of the actor's own body; nothing is paid to it before an office confirmed it.

    Raises NotTheBodysAccount, AccountNumberWrong, AccountBelongsToAnother. An earlier proposal gives way.
    """
    if not may_propose_body_account(actor, body_id):
        raise NotYourDuty()
    body = Organisation.objects.select_for_update().get(pk=body_id)
    if fold_name(holder) != fold_name(body.name) or credit_code.strip().upper() != body.credit_code:
        raise NotTheBodysAccount()
    digits = check_account_number(number)
    with everybody():
        standing = PayeeAccount.objects.filter(number_index=account_index(digits)).exclude(state="closed").first()
    if standing and standing.body_id != body_id:
        raise AccountBelongsToAnother(where="这个")
    if standing and standing.state != "failed":
        return standing
    own = PayeeAccount.objects.filter(body=body)
    account = PayeeAccount(
        body=body, bank=bank.strip(), holder=body.name, number_index=account_index(digits), tail=tail(digits),
        state="unconfirmed", first=not own.exists(), since=at, entered_by_name=actor.name,
    )  # fmt: skip
    account.number = seal(digits, PLACE.format(account.pk))
    move(own.filter(state="unconfirmed"), PAYEE_STATES, "closed")
    if standing:
        move_one(standing, PAYEE_STATES, "closed")
    PayeeAccount.objects.bulk_create([account])
    note(actor, at, "proposed_body_account", account, region_id=body.region_id, tail=account.tail)
    return account


def confirm_body_account(actor: Actor, at: datetime, account_id: UUID) -> PayeeAccount:
    """The office saw the licence of the account and says that it is the body's; the one used until now is closed."""
    account = PayeeAccount.objects.select_for_update(of=("self",)).filter(pk=account_id, person=None).first()
    if account is None:
        raise NotFound()
    if account.state != "unconfirmed":
        raise AccountNotOpen()
    if not may_confirm_body_account(actor, account):
        raise OfficeConfirms() if actor.body_id else NotYourDuty()
    others = PayeeAccount.objects.filter(body_id=account.body_id, state__in=LIVE).exclude(pk=account.pk)
    move(others, PAYEE_STATES, "closed")
    move_one(account, PAYEE_STATES, "confirmed", since=at)
    note(actor, at, "confirmed_body_account", account, tail=account.tail)
    return account
