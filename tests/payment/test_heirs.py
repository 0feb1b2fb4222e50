"""A line whose person died is paid to the heir's account: the batch, the bank's file, a failure and the next try."""

from datetime import date

import pytest

from jiangxin.ground.actor import Actor
from jiangxin.mainline import STEPS, what_is_due
from jiangxin.parties.models import PayeeAccount, Person
from jiangxin.parties.operations.payees import confirm_account, propose_account
from jiangxin.payment.bank_file import read_payment
from jiangxin.payment.operations.batches import HadAHandInIt, build_batch, sealed_content, send_batch
from jiangxin.payment.operations.retries import NoLiveAccountYet, lines_with_corrected_account, retry_line
from jiangxin.payment.operations.returns import apply_return
from jiangxin.payment.queries import failed_lines, lines_awaiting_payment
from jiangxin.subsidy.models import Hold, SubsidyLine
from jiangxin.subsidy.operations.heirs import confirm_heir, enter_heir
from tests.factories.bank import FUND, answer, built, role, sent
from tests.factories.lines import approved_lines, new_account, paying_account
from tests.factories.refused import refused
from tests.factories.steps import adopt
from tests.factories.world import World


def inherited(world: World) -> tuple[SubsidyLine, Person]:
    """An approved line that the last door holds because its person died, and its heir, confirmed by two."""
    adopt(world, "sample_share_percent", 0)
    paying_account(world)
    (line,) = approved_lines(world, 1)
    world.spell(line.person, "dead", start=date(2026, 3, 1))
    assert build_batch(world.machine, world.at, world.office.id, FUND) is None
    assert Hold.objects.get(line=line).kind == "died"
    spouse = world.person("李承", account=False)
    new_account(world, spouse)
    heir = enter_heir(world.staff["maker"], world.at, line.id, spouse.id, "配偶", "死亡证明、结婚证")
    assert lines_awaiting_payment() == []
    confirm_heir(world.staff["checker"], world.at, heir.id)
    return line, spouse


def test_the_heir_is_paid_and_nobody_else(world: World) -> None:
    line, spouse = inherited(world)
    account = PayeeAccount.objects.get(person=spouse)
    (waiting,) = lines_awaiting_payment()
    assert (waiting.account_id, waiting.holder, waiting.missing) == (account.id, "李承", ())
    batch = built(world)
    (row,) = read_payment(sealed_content(batch)).rows
    assert (row.holder, row.account[-4:], row.line) == ("李承", account.tail, line.number)
    sent(world, batch)
    apply_return(world.machine, world.at, "r.txt", answer(batch))
    assert SubsidyLine.objects.get(id=line.id).state == "paid"


def test_the_heir_does_not_release_the_own_money(world: World) -> None:
    _, spouse = inherited(world)
    batch = built(world)
    heir = world.as_person("releaser", spouse)
    with refused(HadAHandInIt), role("releaser"):
        send_batch(heir, world.at, batch.id)


def test_what_the_bank_did_not_pay_waits_for_the_heirs_next_account(world: World) -> None:
    line, spouse = inherited(world)
    first = PayeeAccount.objects.get(person=spouse)
    batch = sent(world)
    apply_return(world.machine, world.at, "r.txt", answer(batch, {1: "账户已销户"}))
    assert SubsidyLine.objects.get(id=line.id).state == "failed"
    (failed,) = failed_lines([world.region])
    assert (failed.person_id, failed.payee_id, failed.tail) == (line.person_id, spouse.id, first.tail)
    PayeeAccount.objects.filter(person=spouse).update(state="failed")
    with refused(NoLiveAccountYet):
        retry_line(world.staff["maker"], world.at, line.id)
    assert lines_with_corrected_account() == []
    own = Actor("本人", person_id=spouse.id)
    second = propose_account(own, world.at, spouse, "嘉善农商银行", "李承", "6217003990001234567")
    confirm_account(own, world.at, second)
    assert lines_with_corrected_account() == [line.id]
    retry_line(world.machine, world.at, line.id)
    assert SubsidyLine.objects.get(id=line.id).account_id == second.id
    assert build_batch(world.machine, world.at, world.office.id, FUND) is None
    assert [hold.kind for hold in Hold.objects.filter(line=line, state="open")] == ["account_changed"]


def test_a_failed_payment_to_the_dead_is_held_once_for_the_heir(world: World) -> None:
    adopt(world, "sample_share_percent", 0)
    paying_account(world)
    (line,) = approved_lines(world, 1)
    spouse = world.person("李承", account=False)
    account = new_account(world, spouse)
    apply_return(world.machine, world.at, "r.txt", answer(sent(world), {1: "账户已销户"}))
    assert what_is_due(world.at.date())["hold_failed"] == 0
    world.spell(line.person, "dead", start=date(2026, 3, 1))
    step = next(step for step in STEPS if step.name == "hold_failed")
    assert what_is_due(world.at.date())["hold_failed"] == 1
    assert step.do
    assert step.do(world.machine, world.at) == 1
    assert what_is_due(world.at.date())["hold_failed"] == 0
    assert (SubsidyLine.objects.get(id=line.id).state, Hold.objects.get(line=line).kind) == ("held", "died")
    heir = enter_heir(world.staff["maker"], world.at, line.id, spouse.id, "配偶", "死亡证明、结婚证")
    confirm_heir(world.staff["checker"], world.at, heir.id)
    (payment,) = built(world).payments.all()
    assert (payment.line_id, payment.account_id, payment.person_id) == (line.id, account.id, line.person_id)


@pytest.mark.parametrize("state", ["closed", "failed"])
def test_without_a_live_account_the_heir_is_waited_for(world: World, state: str) -> None:
    _, spouse = inherited(world)
    PayeeAccount.objects.filter(person=spouse).update(state=state)
    assert lines_awaiting_payment()[0].missing == ("没有本人确认或登记认证的收款账户",)
    assert build_batch(world.machine, world.at, world.office.id, FUND) is None
