"""Sending: the releaser's hand only, once, under one name with one content; nothing unclean, nothing changed."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from jiangxin.assessment.models import Certificate
from jiangxin.funds.models import Transfer
from jiangxin.ground.identity import seal
from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.parties.models import PayeeAccount
from jiangxin.payment import exchange as exchange_module
from jiangxin.payment.exchange import OutboxFileDiffers, publish
from jiangxin.payment.models import Batch
from jiangxin.payment.operations.batches import (
    PLACE,
    BatchNoLongerClean,
    BatchNotSealed,
    HadAHandInIt,
    SealBroken,
    may_send_batch,
    sealed_content,
    send_batch,
)
from jiangxin.subsidy.models import Approval, ApprovalSheet, SubsidyLine
from tests.factories.bank import built, role, sent
from tests.factories.lines import approved_lines, paying_account
from tests.factories.world import World


@pytest.fixture
def batch(world: World) -> Batch:
    paying_account(world)
    approved_lines(world, 2)
    return built(world)


def money(batch: Batch) -> dict[str, int]:
    return dict(batch.pool.balances.exclude(account__in=("source", "available")).values_list("account", "balance_fen"))


def nothing_left(batch: Batch, exchange: Path) -> bool:
    """Nothing of the batch is on its way."""
    states = set(SubsidyLine.objects.values_list("state", flat=True)) | set(
        batch.payments.values_list("state", flat=True)
    )
    files = exchange / "outbox"
    return (
        states == {"in_batch", "sealed"}
        and money(batch)["in_transit"] == 0
        and not (files.exists() and any(files.iterdir()))
    )


def test_sent_is_money_in_transit_and_the_file_in_the_outbox(world: World, batch: Batch, exchange: Path) -> None:
    assert money(batch) == {"reserved": 300_001, "in_transit": 0, "paid": 0}
    assert may_send_batch(world.staff["releaser"], batch)
    done = sent(world, batch)
    assert (done.state, done.sent_at, done.sent_by_id) == ("sent", world.at, world.staff["releaser"].account_id)
    assert money(batch) == {"reserved": 0, "in_transit": 300_001, "paid": 0}
    assert [path.name for path in (exchange / "outbox").iterdir()] == [batch.file_name]
    assert (exchange / "outbox" / batch.file_name).read_bytes() == sealed_content(batch)
    assert set(SubsidyLine.objects.values_list("state", flat=True)) == {"sent"}
    assert Transfer.objects.filter(kind="send", event_id=batch.id).count() == 2


def test_a_certificate_from_another_county_leaves_no_line_behind(world: World, batch: Batch) -> None:
    """Whose office pays is not where the certificate lies: the releaser's scope must not hide it (issue 3, 8.5)."""
    Certificate.objects.update(region_id=330402)
    assert world.staff["releaser"].regions == (330421,)
    assert sent(world, batch).heads == 2
    assert money(batch)["in_transit"] == 300_001


@pytest.mark.parametrize("duty", ["maker", "checker", "leader", "reconciler", "budget"])
def test_other_duties_do_not_send(world: World, batch: Batch, exchange: Path, duty: str) -> None:
    with role("releaser"), pytest.raises(NotYourDuty):
        send_batch(world.staff[duty], world.at, batch.id)
    assert nothing_left(batch, exchange)


def test_nobody_sends_another_county(world: World, batch: Batch, exchange: Path) -> None:
    with role("releaser"), pytest.raises(NotYourDuty):
        send_batch(replace(world.staff["releaser"], regions=(330402,)), world.at, batch.id)
    with role("releaser"), pytest.raises(NotFound):
        send_batch(world.staff["releaser"], world.at, world.office.id)
    assert nothing_left(batch, exchange)


def test_who_had_a_hand_in_it_does_not_send(world: World, batch: Batch, exchange: Path) -> None:
    releaser = world.staff["releaser"]
    signer = replace(releaser, account_id=Approval.objects.first().account_id)
    maker = replace(releaser, account_id=ApprovalSheet.objects.get().made_by_id)
    payee = replace(releaser, person_id=batch.payments.first().person_id)
    for actor in (signer, maker, payee):
        with role("releaser"), pytest.raises(HadAHandInIt):
            send_batch(actor, world.at, batch.id)
    assert nothing_left(batch, exchange)


def test_what_met_trouble_after_sealing_is_not_sent(world: World, batch: Batch, exchange: Path) -> None:
    account = batch.payments.first().account
    PayeeAccount.objects.filter(id=account.id).update(state="closed")
    Certificate.objects.update(revoked_on=world.at.date(), revoked_reason="冒名")
    with role("releaser"), pytest.raises(BatchNoLongerClean) as no:
        send_batch(world.staff["releaser"], world.at, batch.id)
    assert "2 行" in no.value.sentence
    assert nothing_left(batch, exchange)


def test_but_what_the_bank_has_seen_goes_on(world: World, batch: Batch, exchange: Path) -> None:
    publish(batch.file_name, sealed_content(batch))
    Certificate.objects.update(revoked_on=world.at.date(), revoked_reason="冒名")
    assert sent(world, batch).state == "sent"


def test_a_batch_is_sent_once(world: World, batch: Batch) -> None:
    sent(world, batch)
    with role("releaser"), pytest.raises(BatchNotSealed):
        send_batch(world.staff["releaser"], world.at, batch.id)
    assert money(batch)["in_transit"] == 300_001


def test_another_file_under_its_name_stops_everything(world: World, batch: Batch, exchange: Path) -> None:
    publish(batch.file_name, b"something else")
    with role("releaser"), pytest.raises(OutboxFileDiffers), transaction.atomic():
        send_batch(world.staff["releaser"], world.at, batch.id)
    assert money(batch)["in_transit"] == 0
    assert [path.name for path in (exchange / "outbox").iterdir()] == [batch.file_name]


def test_a_content_swapped_in_the_database_is_not_sent(world: World, batch: Batch, exchange: Path) -> None:
    """The owner himself, past the trigger, puts another file under the seal: the hash says so (M10)."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; RESET ROLE")
        cursor.execute("ALTER TABLE payment_batch DISABLE TRIGGER sealed")
        cursor.execute("UPDATE payment_batch SET content = %s", [seal(b"other", PLACE.format(batch.id))])
    with role("releaser"), pytest.raises(SealBroken):
        send_batch(world.staff["releaser"], world.at, batch.id)
    assert nothing_left(batch, exchange)


def test_as_the_worker_role_nothing_is_sent(world: World, batch: Batch, exchange: Path) -> None:
    """Take the guard away and this test fails: the worker has every other right that sending needs."""
    with pytest.raises(IntegrityError, match="only the releaser"), transaction.atomic():
        send_batch(world.staff["releaser"], world.at, batch.id)
    assert nothing_left(batch, exchange)


@pytest.mark.parametrize("table", ["payment_batch", "payment_payment", "subsidy_subsidy_line", "parties_payee_account"])
def test_the_releaser_role_changes_nothing_else(world: World, batch: Batch, table: str) -> None:
    column = {"payment_batch": "total_fen", "subsidy_subsidy_line": "amount_fen", "parties_payee_account": "tail"}
    with role("releaser"):
        for sql in (f"UPDATE {table} SET {column.get(table, 'amount_fen')} = NULL", f"DELETE FROM {table}"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                connection.cursor().execute(sql)


def test_publishing_again_changes_nothing_and_leaves_no_part(exchange: Path) -> None:
    for _ in range(2):
        publish("a.txt", b"1")
    with pytest.raises(OutboxFileDiffers):
        publish("a.txt", b"2")
    assert [(path.name, path.read_bytes()) for path in (exchange / "outbox").iterdir()] == [("a.txt", b"1")]
    assert exchange_module.published("a.txt")
