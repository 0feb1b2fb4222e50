"""Batches: what passes the last door, what the file says, and what is withdrawn."""

import pytest
from django.db import IntegrityError, connection, transaction

from jiangxin.assessment.models import Certificate
from jiangxin.funds.models import Pool
from jiangxin.ground.calendar import CalendarDay
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotYourDuty
from jiangxin.parties.models import PayeeAccount
from jiangxin.payment.bank_file import read_payment
from jiangxin.payment.models import Batch, Payment
from jiangxin.payment.operations.batches import (
    BatchMayBePaid,
    BatchNotSealed,
    NoPayingAccount,
    build_batch,
    sealed_content,
    withdraw_batch,
)
from jiangxin.payment.operations.paying_accounts import (
    HolderNotWritable,
    PayingAccountThere,
    close_paying_account,
    open_paying_account,
)
from jiangxin.payment.queries import awaiting_payment, lines_awaiting_payment
from jiangxin.subsidy.models import Hold, Notice, Objection, SubsidyLine
from tests.factories.bank import FUND, built, sent
from tests.factories.lines import approved_lines, new_account, paying_account
from tests.factories.world import World


def missing(line: SubsidyLine) -> tuple[str, ...]:
    return next(x.missing for x in lines_awaiting_payment() if x.line_id == line.id)


def states(lines: list[SubsidyLine]) -> list[str]:
    return [SubsidyLine.objects.get(id=line.id).state for line in lines]


def test_a_batch_is_its_file_and_its_lines(world: World) -> None:
    paying_account(world)
    lines = approved_lines(world, 3)
    assert awaiting_payment() == {(world.office.id, FUND)}
    batch = built(world)
    assert (batch.number, batch.heads, batch.total_fen) == ("330421-JY-20260302-01", 3, 450_003)
    document = read_payment(sealed_content(batch))
    assert document.head.batch == batch.number
    assert {row.line for row in document.rows} == {line.number for line in lines}
    assert {row.account[-4:] for row in document.rows} == set(PayeeAccount.objects.values_list("tail", flat=True))
    assert states(lines) == ["in_batch"] * 3
    assert lines_awaiting_payment() == []
    assert build_batch(world.machine, world.at, world.office.id, FUND) is None


def test_only_the_main_line_builds_and_only_with_a_paying_account(world: World) -> None:
    approved_lines(world, 1)
    with pytest.raises(NotYourDuty):
        build_batch(world.staff["maker"], world.at, world.office.id, FUND)
    with pytest.raises(NoPayingAccount):
        build_batch(world.machine, world.at, world.office.id, FUND)
    assert awaiting_payment() == set()
    assert not Batch.objects.exists()


def test_no_batch_on_a_day_off(world: World) -> None:
    paying_account(world)
    approved_lines(world, 1)
    CalendarDay.objects.filter(day=world.at.date()).update(is_working=False)
    assert build_batch(world.machine, world.at, world.office.id, FUND) is None


def test_each_thing_that_stops_a_line_is_named_and_the_rest_is_paid(world: World) -> None:
    paying_account(world)
    lines = approved_lines(world, 6, names=("张三", "李四", "王五", "赵六", "张䶮", "孙七"))
    good, revoked, held, objected, unwritten, accountless = lines
    Certificate.objects.filter(id=revoked.certificate_id).update(revoked_on=world.at.date(), revoked_reason="冒名")
    Hold.objects.create(
        line=held, region_id=world.region, kind="sample_call", evidence="x", opened_at=world.at, due_on=world.at.date()
    )
    notice = Notice.objects.create(
        region_id=world.region, office=world.office, year=2026, number=1, posted_at=world.at, ends_on=world.at.date(),
        phone="", address="", sha256="x", released_by_id=world.staff["maker"].account_id,
    )  # fmt: skip
    Objection.objects.create(
        line=objected, region_id=world.region, notice=notice, text="不实", received_at=world.at, due_on=world.at.date()
    )
    PayeeAccount.objects.filter(person_id=accountless.person_id).update(state="closed")
    assert missing(good) == ()
    assert missing(revoked) == ("证书已被撤销",)
    assert missing(held) == ("有核查没有放行",)
    assert missing(objected) == ("有异议没有答复",)
    assert "“䶮”" in missing(unwritten)[0]
    assert missing(accountless) == ("没有本人确认或登记认证的收款账户",)
    batch = built(world)
    assert [payment.line_id for payment in batch.payments.all()] == [good.id]
    assert states(lines) == ["in_batch"] + ["approved"] * 5


def test_what_the_last_door_catches_is_held_and_the_rest_goes(world: World) -> None:
    """The detectors are asked again under lock: one account here was changed a day ago."""
    paying_account(world)
    lines = approved_lines(world, 3)
    PayeeAccount.objects.filter(id=lines[1].account_id).update(first=False)
    batch = built(world)
    assert batch.heads == 2
    assert states(lines) == ["in_batch", "held", "in_batch"]
    assert Hold.objects.get(line=lines[1]).kind == "account_changed"


def test_when_nothing_passes_there_is_no_batch_but_the_holds_stay(world: World) -> None:
    paying_account(world)
    lines = approved_lines(world, 1)
    PayeeAccount.objects.filter(id=lines[0].account_id).update(first=False)
    assert build_batch(world.machine, world.at, world.office.id, FUND) is None
    assert states(lines) == ["held"]


def test_a_line_goes_to_the_account_that_is_live_today(world: World) -> None:
    paying_account(world)
    line = approved_lines(world, 1)[0]
    PayeeAccount.objects.filter(id=line.account_id).update(state="closed")
    other = new_account(world, line.person)
    assert built(world).payments.get().account_id == other.id
    assert SubsidyLine.objects.get(id=line.id).account_id == other.id


def test_funds_and_pools_are_never_mixed_and_numbers_count_up(world: World) -> None:
    paying_account(world)
    paying_account(world, "unemployment_fund", "xlsx")
    first = approved_lines(world, 1, pool=world.pool())
    approved_lines(world, 1, pool=world.pool(year=2025))
    approved_lines(world, 1, pool=world.pool("unemployment_fund"))
    batches = [built(world), built(world)]
    insurance = build_batch(world.machine, world.at, world.office.id, "unemployment_fund")
    assert insurance is not None
    assert batches[0].payments.get().line_id == first[0].id
    assert [batch.number for batch in batches] == ["330421-JY-20260302-01", "330421-JY-20260302-02"]
    assert (insurance.number, insurance.file_name) == ("330421-SY-20260302-01", "330421-SY-20260302-01.xlsx")
    assert len({batch.pool_id for batch in [*batches, insurance]}) == 3


def test_a_batch_withdrawn_lets_its_lines_go_into_the_next(world: World) -> None:
    paying_account(world)
    lines = approved_lines(world, 2)
    batch = built(world)
    with pytest.raises(NotYourDuty):
        withdraw_batch(world.staff["checker"], world.at, batch.id, "x")
    assert withdraw_batch(world.staff["maker"], world.at, batch.id, "有人去世").state == "withdrawn"
    assert states(lines) == ["approved", "approved"]
    with pytest.raises(BatchNotSealed):
        withdraw_batch(world.staff["maker"], world.at, batch.id, "x")
    assert built(world).number.endswith("-02")
    assert Payment.objects.filter(state="withdrawn").count() == 2


def test_what_the_bank_may_have_seen_is_not_withdrawn(world: World, exchange) -> None:
    """The file lies in the outbox although the commit was cut off: the batch stays."""
    paying_account(world)
    lines = approved_lines(world, 1)
    batch = built(world)
    (exchange / "outbox").mkdir()
    (exchange / "outbox" / batch.file_name).write_bytes(sealed_content(batch))
    with pytest.raises(BatchMayBePaid):
        withdraw_batch(world.staff["maker"], world.at, batch.id, "x")
    assert states(lines) == ["in_batch"]
    assert sent(world, batch).state == "sent"


def test_paying_accounts_are_opened_once_by_those_who_manage_budgets(world: World) -> None:
    facts = {"bank": "农行", "number": "1936000000000016", "file_format": "fixed_gbk"}
    with pytest.raises(NotYourDuty):
        open_paying_account(world.staff["maker"], world.at, world.office, FUND, holder="财政局", **facts)
    with pytest.raises(HolderNotWritable):
        open_paying_account(world.staff["budget"], world.at, world.office, FUND, holder="财政䶮局", **facts)
    account = paying_account(world)
    with pytest.raises(PayingAccountThere):
        paying_account(world)
    with pytest.raises(NotYourDuty):
        close_paying_account(world.staff["maker"], world.at, account)
    close_paying_account(world.staff["budget"], world.at, account)
    assert paying_account(world).id != account.id


# ── what the database itself refuses ───────────────────────────────────────────────────────────────────────────────
def refused(constraint: str, sql: str, *params: object) -> None:
    with pytest.raises(IntegrityError) as no, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
    assert no.value.__cause__.diag.constraint_name == constraint


ADD = (
    "INSERT INTO payment_payment"
    " (id, batch_id, region_id, line_id, person_id, account_id, seq, amount_fen, state, reason)"
    " SELECT %s, %s, region_id, id, person_id, account_id, 99, amount_fen + %s, 'sealed', ''"
    "   FROM subsidy_subsidy_line WHERE id = %s"
)


def test_the_database_refuses_what_is_not_a_batch(world: World) -> None:
    paying_account(world)
    pool = world.pool()
    inside = approved_lines(world, 1, pool=pool)[0]
    batch = built(world)
    outside = approved_lines(world, 1, pool=pool)[0]
    refused("batch_is_its_lines", ADD, new_id(), batch.id, 0, outside.id)
    refused("payment_fits_its_line", ADD, new_id(), batch.id, 1, outside.id)
    refused("one_live_payment_per_line", ADD, new_id(), batch.id, 0, inside.id)
    Hold.objects.create(
        line=outside,
        region_id=world.region,
        kind="sample_call",
        evidence="x",
        opened_at=world.at,
        due_on=world.at.date(),
    )
    refused("held_line_is_not_paid", ADD, new_id(), batch.id, 0, outside.id)
    refused("payment_batch_is_kept", "UPDATE payment_batch SET total_fen = total_fen + 1 WHERE id = %s", batch.id)
    refused("payment_payment_is_kept", "UPDATE payment_payment SET amount_fen = 1 WHERE batch_id = %s", batch.id)
    refused("payment_batch_states", "UPDATE payment_batch SET state = 'returned' WHERE id = %s", batch.id)


@pytest.mark.parametrize("table", ["payment_batch", "payment_payment"])
@pytest.mark.parametrize("by", ["worker", "owner"])
def test_nobody_but_the_releaser_sends(world: World, table: str, by: str) -> None:
    paying_account(world)
    approved_lines(world, 1)
    built(world)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE" if by == "owner" else "SELECT 1")
    refused("only_the_releaser_sends", f"UPDATE {table} SET state = 'sent'")


def test_pool_of_another_office_or_fund_is_refused(world: World) -> None:
    """A batch is of one pool: a payment on a line of another pool does not fit it (M9)."""
    paying_account(world)
    approved_lines(world, 1, pool=world.pool())
    batch = built(world)
    other = approved_lines(world, 1, pool=world.pool(year=2025))[0]
    assert Pool.objects.count() == 2
    refused("payment_fits_its_line", ADD, new_id(), batch.id, 0, other.id)
