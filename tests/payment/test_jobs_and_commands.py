"""Sending as a job and by hand: as whoever asked, in the releaser's role; run again it says what happened."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction

from jiangxin.commands import payments
from jiangxin.ground.actor import Actor, acting, machine
from jiangxin.ground.jobs import Job
from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.ground.roles import working_as
from jiangxin.ground.sheets import FileNotThere
from jiangxin.parties.models import Account
from jiangxin.payment.bank_file import StatementHead, StatementRow, render
from jiangxin.payment.models import Batch, Payment
from jiangxin.payment.operations.batches import JOBS, BatchNotSealed, build_batch
from tests.factories.bank import DAY, FUND, answer
from tests.factories.lines import approved_lines, paying_account
from tests.factories.world import World


@pytest.fixture(scope="module")
def world(clone: str, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock():
        with transaction.atomic():
            world = World()
            paying_account(world)
            world.money = world.pool()  # type: ignore[attr-defined]
        yield world
    connections.close_all()


@pytest.fixture
def batch(world: World) -> Batch:
    actor = machine()
    with acting(actor) as at:
        approved_lines(world, 2, pool=world.money)  # type: ignore[attr-defined]
        built = build_batch(actor, at, world.office.id, FUND)
    assert built is not None
    return built


def state(batch: Batch) -> str:
    with acting(machine()):
        return Batch.objects.get(id=batch.id).state


def job(actor: Actor, kind: str, batch: Batch, **more: str) -> str | None:
    args = {"batch_id": str(batch.id), "office_id": str(actor.office_id)} | more
    return JOBS[kind](Job(kind=kind, args=args, account_id=actor.account_id), lambda done, total: None)


def command(run: Any, capsys: pytest.CaptureFixture[str], as_json: bool = False, **args: object) -> tuple[int, str]:
    code = run(argparse.Namespace(json=as_json, **args))
    return code, capsys.readouterr().out.strip()


def test_a_job_sends_for_who_asked_and_run_again_says_it_is_done(world: World, batch: Batch) -> None:
    said = f"批次 {batch.number} 已送银行，共 2 笔。"
    assert job(world.staff["releaser"], "send_batch", batch) == said
    assert job(world.staff["releaser"], "send_batch", batch) == said
    with pytest.raises(BatchNotSealed):
        job(world.staff["reconciler"], "send_batch", batch)
    assert state(batch) == "sent"


def test_a_job_of_another_duty_sends_nothing(world: World, batch: Batch) -> None:
    with pytest.raises(NotYourDuty):
        job(world.staff["maker"], "send_batch", batch)
    with pytest.raises(NotYourDuty):
        JOBS["send_batch"](Job(kind="send_batch", args={"batch_id": str(batch.id)}), lambda done, total: None)
    assert state(batch) == "sealed"
    assert (
        job(world.staff["maker"], "withdraw_batch", batch, reason="重编")
        == f"批次 {batch.number} 已撤回，2 行等待下一批。"
    )
    assert state(batch) == "withdrawn"


def test_a_transaction_is_never_continued_as_another_role(world: World) -> None:
    own = connections["default"]
    with transaction.atomic(), pytest.raises(transaction.TransactionManagementError), working_as("releaser"):
        pass
    with working_as("releaser"), connections["default"].cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone()[0].endswith("_releaser")
    assert connections["default"] is own


def test_by_hand_from_the_command_line(
    world: World, batch: Batch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    username = Account.objects.get(id=world.staff["releaser"].account_id).username
    for wrong in ({"batch": "330421-JY-20000101-01", "username": username}, {"batch": batch.number, "username": "x"}):
        with pytest.raises(NotFound):
            payments.send(argparse.Namespace(json=False, **wrong))
    code, out = command(payments.send, capsys, batch=batch.number, username=username, as_json=True)
    assert (code, json.loads(out)["sha256"]) == (0, batch.sha256)

    file = tmp_path / "r.txt"
    file.write_bytes(answer(batch, {1: "超限"}))
    assert command(payments.take_return, capsys, file=file) == (0, f"已入账：到账 {batch.heads - 1} 笔，未付成 1 笔。")
    code, out = command(payments.take_return, capsys, file=file, as_json=True)
    assert (code, json.loads(out)["again"]) == (0, True)
    file.write_bytes(answer(batch, part=2))
    code, out = command(payments.take_return, capsys, file=file)
    assert (code, "没有入账" in out) == (1, True)
    with acting(machine()):
        states = dict(Payment.objects.filter(batch=batch).values_list("seq", "state"))
    assert states == {seq: "failed" if seq == 1 else "paid" for seq in range(1, batch.heads + 1)}

    head = StatementHead("1936000000000016", DAY, DAY)
    file.write_bytes(
        render(head, [StatementRow("D1", DAY, "借", batch.total_fen, f"代发 {batch.number}")], "fixed_gbk")
    )
    assert command(payments.take_statement, capsys, file=file) == (0, "账户明细已记入 1 条。")
    with pytest.raises(FileNotThere):
        payments.take_return(argparse.Namespace(json=False, file=tmp_path / "none.txt"))
