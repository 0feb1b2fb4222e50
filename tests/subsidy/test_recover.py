"""Paid on a certificate that was revoked since: marked for recovery, its money and its count stay as they are."""

from datetime import date
from pathlib import Path

import pytest

from jiangxin.assessment.models import Certificate
from jiangxin.funds.models import PoolBalance
from jiangxin.ground.journal import JournalEntry
from jiangxin.ground.refusal import NotYourDuty
from jiangxin.payment.operations.returns import apply_return
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.subsidy.operations.recover import mark_recoveries, paid_on_revoked
from tests.factories.bank import answer, sent
from tests.factories.lines import approved_lines, paying_account
from tests.factories.refused import refused
from tests.factories.steps import decided, states
from tests.factories.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("JIANGXIN_BANK", str(tmp_path))
    return World()


@pytest.fixture
def paid(world: World) -> list[SubsidyLine]:
    paying_account(world)
    lines = approved_lines(world, 2)
    apply_return(world.machine, world.at, "r.txt", answer(sent(world)))
    assert states(lines) == ["paid", "paid"]
    return lines


def revoke(line: SubsidyLine) -> None:
    Certificate.objects.filter(id=line.certificate_id).update(revoked_on=date(2026, 3, 2), revoked_reason="替考")


def test_what_was_paid_on_a_revoked_certificate_is_marked_once(world: World, paid: list[SubsidyLine]) -> None:
    assert paid_on_revoked() == []
    revoke(paid[0])
    assert paid_on_revoked() == [paid[0].id]
    assert mark_recoveries(world.machine, world.at) == 1
    assert states(paid) == ["recovering", "paid"]
    assert mark_recoveries(world.machine, world.at) == 0
    (noted,) = JournalEntry.objects.filter(verb="marked_for_recovery")
    assert (noted.subject_id, noted.detail["cause"]) == (paid[0].id, "证书已被撤销")


def test_until_the_money_is_back_it_counts_as_paid(world: World, paid: list[SubsidyLine]) -> None:
    """M20: the place in the year and the level are free only when the money is back."""
    before = PoolBalance.objects.get(account="paid").balance_fen
    revoke(paid[0])
    mark_recoveries(world.machine, world.at)
    line = SubsidyLine.objects.get(id=paid[0].id)
    assert (line.slot, PoolBalance.objects.get(account="paid").balance_fen) == (1, before)
    (again,) = decided(world, world.certificate(line.person, level="5"))
    assert (again.state, again.reasons) == ("refused", ["not_taken_before"])


def test_what_is_not_paid_yet_is_not_recovered(world: World) -> None:
    lines = approved_lines(world, 1)
    revoke(lines[0])
    assert mark_recoveries(world.machine, world.at) == 0
    assert states(lines) == ["approved"]


def test_only_the_main_line_marks(world: World, paid: list[SubsidyLine]) -> None:
    revoke(paid[0])
    with refused(NotYourDuty):
        mark_recoveries(world.staff["maker"], world.at)
