"""Batches: what passes the last door, what the file says, who sends, what is never sent twice or withdrawn late."""

import pytest

from jiangxin.payment.bank_file import read_payment
from jiangxin.payment.operations.batches import build_batch, sealed_content
from jiangxin.payment.queries import lines_awaiting_payment
from jiangxin.subsidy.models import SubsidyLine
from tests.factories.lines import approved_lines, paying_account
from tests.factories.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def test_a_batch_is_its_file_and_its_lines(world: World) -> None:
    paying_account(world)
    lines = approved_lines(world, 3)
    batch = build_batch(world.machine, world.at, world.office.id, "employment_grant")
    assert batch is not None
    assert (batch.number, batch.heads, batch.total_fen) == ("330421-JY-20260302-01", 3, 450_003)
    document = read_payment(sealed_content(batch))
    assert document.head.batch == batch.number
    assert {row.line for row in document.rows} == {line.number for line in lines}
    assert set(SubsidyLine.objects.values_list("state", flat=True)) == {"in_batch"}
    assert lines_awaiting_payment() == []
