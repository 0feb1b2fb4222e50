"""A project class from its seats to the school's account: taught, settled, noticed, approved, paid (P24, 10.2)."""

from datetime import timedelta
from pathlib import Path

import pytest

from jiangxin.funds.models import PoolBalance
from jiangxin.ground.actor import set_scope
from jiangxin.ground.clock import Clock
from jiangxin.payment.models import Payment
from jiangxin.payment.operations.returns import apply_return
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.subsidy.operations.approvals import make_sheet, sign_sheet
from jiangxin.subsidy.operations.notices import close_notices, release_notice
from jiangxin.subsidy.operations.settlements import record_settlement_call, settle_class, submit_settlement
from jiangxin.subsidy.queries.person import own_lines, received_fen
from jiangxin.subsidy.queries.settlements import paid_of
from tests.factories.bank import answer, built, sent
from tests.factories.lines import paying_account
from tests.factories.project import Project
from tests.factories.steps import adopt, after, asked
from tests.factories.world import World

pytestmark = pytest.mark.django_db


def test_a_school_is_paid_for_its_heads_and_each_learner_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIANGXIN_BANK", str(tmp_path))
    world = World()
    pool = world.pool()
    adopt(world, "sample_share_percent", 0)
    project = Project(world, heads=3)
    project.taught()
    project.certified()
    account = project.with_account()
    settlement = submit_settlement(project.head, world.at, project.found.id)
    world.see_all()
    maker = world.staff["maker"]
    for head in settlement.heads.filter(drawn=True):
        record_settlement_call(maker, world.at, head.id, True, 0, "")
    settle_class(maker, world.at, settlement.id)
    lines = list(SubsidyLine.objects.order_by("id"))
    notice = release_notice(maker, world.at, world.office, [line.id for line in lines])
    world.at = after(world.at, 6)
    Clock.objects.update(demo_at=world.at)
    close_notices(world.machine, world.at, [notice])
    assert len(asked(world, list(SubsidyLine.objects.all()))) == 3, "nothing to look into"
    paying_account(world)
    sheet = make_sheet(maker, world.at, [line.id for line in lines])
    for step, duty in enumerate(("checker", "leader"), 1):
        sheet = sign_sheet(world.staff[duty], world.at, sheet.id, sheet.sha256, step)
    batch = sent(world, built(world))
    assert set(Payment.objects.values_list("account_id", "amount_fen")) == {(account.id, 20_000)}
    world.at += timedelta(days=1)
    taken = apply_return(world.machine, world.at, "r.txt", answer(batch))
    assert (taken.paid, taken.failed, taken.file.paid_fen) == (3, 0, 60_000)
    assert PoolBalance.objects.get(pool=pool, account="paid").balance_fen == 60_000
    [told] = own_lines(project.people[0].id)
    assert (told.state, told.payee, told.count_year) == ("paid", "嘉善技工学校", 2026)
    assert received_fen([told], []) == 0, "nothing came to the person"
    set_scope(project.head)
    assert paid_of(settlement) == (3, 60_000), "the school reads it, though it sees no line"
