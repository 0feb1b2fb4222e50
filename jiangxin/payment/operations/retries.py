"""Paying again what the bank did not pay: only after its word that it failed, to an account that is live today (M6)."""

from datetime import datetime
from uuid import UUID

from jiangxin.ground.actor import Actor
from jiangxin.ground.refusal import NotYourDuty, Refusal
from jiangxin.ground.staging import rows_of
from jiangxin.payment.operations.batches import see_all
from jiangxin.subsidy.heirs import PAYEE, payees_of
from jiangxin.subsidy.operations.confirm import live_account
from jiangxin.subsidy.operations.lines import lock_line, move_lines

CORRECTED = f"""
SELECT l.id FROM subsidy_subsidy_line l
  JOIN parties_payee_account n ON n.owner = {PAYEE} AND n.state IN ('certified', 'confirmed')
 WHERE l.state = 'failed' AND n.id NOT IN (
   SELECT p.account_id FROM payment_payment p WHERE p.line_id = l.id AND p.state IN ('failed', 'bounced'))
 ORDER BY l.id
"""


class NoLiveAccountYet(Refusal):
    sentence = "这个人现在没有可以付款的账户。"
    remedy = "请本人在手机上确认一个账户，或到窗口登记。"


class LineNotFailed(Refusal):
    sentence = "这一笔不是付款失败的状态，不用重付。"
    remedy = "请刷新后看最新状态。"


def may_retry_line(actor: Actor, region_id: int) -> bool:
    """The maker in scope, or the main line once the account was corrected."""
    return actor.has("machine") or (actor.has("maker") and region_id in actor.regions)


def retry_line(actor: Actor, at: datetime, line_id: UUID) -> None:
    """Let a line that the bank did not pay wait for a batch again, with the payee's account of today."""
    see_all(actor)
    line = lock_line(line_id)
    if not may_retry_line(actor, line.region_id):
        raise NotYourDuty()
    if line.state != "failed":
        raise LineNotFailed()
    account = live_account(payees_of([line.id])[line.id])
    if account is None:
        raise NoLiveAccountYet()
    move_lines(actor, at, "retried", [line], "approved", account_id=account.id)


def lines_with_corrected_account() -> list[UUID]:
    """Failed lines whose payee now has another live account than those the bank would not pay to."""
    return [line for (line,) in rows_of(CORRECTED)]


def retry_corrected(actor: Actor, at: datetime) -> int:
    """Let every failed line whose account was corrected wait for a batch again; returns how many."""
    found = lines_with_corrected_account()
    for line_id in found:
        retry_line(actor, at, line_id)
    return len(found)
