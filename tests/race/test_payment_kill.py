"""Kill -9 of the payment process at every statement and file boundary: nothing paid twice, nothing lost (M10–M14).

The victim is a process of its own, killed before its n-th step: a statement, a COPY, a commit, a link, a sync, a move.
Each next attempt is also the run after the cut; after every one all invariants are asked.
"""

import os
import secrets
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections, transaction

from jiangxin.commands.verify import check
from jiangxin.ground.actor import Actor, acting, machine
from jiangxin.payment import exchange
from jiangxin.payment.bank_file import read_payment
from jiangxin.payment.models import Batch, Payment
from jiangxin.payment.operations import batches
from jiangxin.payment.operations.batches import BatchNotSealed, build_batch, release_batch
from jiangxin.payment.operations.returns import reap_inbox
from jiangxin.payment.queries import inbox_files
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.synth.bank import Bank
from tests.factories.bank import FUND
from tests.factories.lines import approved_lines, paying_account
from tests.factories.world import World

STEPS = (
    (psycopg.Cursor, "execute"), (psycopg.Cursor, "copy"), (psycopg.Connection, "commit"),
    (os, "link"), (os, "fsync"), (os, "unlink"), (os, "replace"),
)  # fmt: skip


@pytest.fixture(scope="module")
def world(clone: str, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock():
        with transaction.atomic():
            world = World()
            paying_account(world)
            world.money = world.pool()  # type: ignore[attr-defined]
        yield world
    connections.close_all()


@pytest.fixture(autouse=True)
def folder(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test has its bank, and two approved lines of its own."""
    monkeypatch.setenv("JIANGXIN_BANK", str(tmp_path))
    with acting(world.machine):
        approved_lines(world, 2, pool=world.money)  # type: ignore[attr-defined]
    return tmp_path


def _die_before(step: int, work: Callable[[], object]) -> None:
    """Run the work and kill this process before that step; ends well when there are not so many."""
    passed = 0

    def count() -> None:
        nonlocal passed
        passed += 1
        if passed == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **more: Any) -> Any:
            count()
            return real(*args, **more)

        return run

    for owner, name in STEPS:
        setattr(owner, name, counted(getattr(owner, name)))
    work()
    count()


def killed_before(step: int, work: Callable[[], object]) -> bool:
    """Whether a process doing the work was killed before that step, so that there may be a later one."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            _die_before(step, work)
            status = 0
        finally:
            os._exit(status)
    _, ended = os.waitpid(child, 0)
    assert ended in (0, signal.SIGKILL), f"the victim failed at step {step}"
    return ended != 0


def paid_by_bank(folder: Path) -> Counter[str]:
    """How often a bank that pays each file of the outbox once has paid each line."""
    files = [path for path in (folder / "outbox").glob("*") if not path.name.startswith(".")]
    return Counter(row.line for path in files for row in read_payment(path.read_bytes()).rows)


def keep_killing(work: Callable[[], object], folder: Path) -> int:
    """Kill at step 1, 2, 3, … until the work ends well; every invariant holds after each; returns how many steps."""
    step = 1
    while killed_before(step, work):
        actor = machine()
        with acting(actor) as at:
            broken = [(found.id, found.statement) for found in check(at) if found.violations]
        assert broken == [], f"after step {step}"
        assert set(paid_by_bank(folder).values()) <= {1}, f"after step {step}"
        step += 1
    return step


def build(world: World) -> Batch | None:
    actor = machine()
    with acting(actor) as at:
        return build_batch(actor, at, world.office.id, FUND)


def send(actor: Actor, batch: Batch) -> None:
    try:
        release_batch(actor, batch.id)
    except BatchNotSealed:
        return


def reap() -> int:
    actor = machine()
    with acting(actor) as at:
        return reap_inbox(actor, at)


def states(batch: Batch) -> tuple[str, set[str], set[str]]:
    with acting(machine()):
        payments = Payment.objects.filter(batch=batch).select_related("line")
        return Batch.objects.get(id=batch.id).state, {p.state for p in payments}, {p.line.state for p in payments}


def test_building(world: World, folder: Path) -> None:
    with acting(machine()):
        lines = list(SubsidyLine.objects.filter(state="approved").values_list("id", flat=True))
    assert keep_killing(lambda: build(world), folder) > 30
    with acting(machine()):
        assert Payment.objects.filter(line_id__in=lines, state="sealed").count() == len(lines) == 2


def test_sending(world: World, folder: Path) -> None:
    batch = build(world)
    assert batch is not None
    assert keep_killing(lambda: send(world.staff["releaser"], batch), folder) > 25
    assert states(batch) == ("sent", {"sent"}, {"sent"})
    assert len(paid_by_bank(folder)) == 2
    assert [path.name for path in (folder / "outbox").iterdir() if path.name[0] != "."] == [batch.file_name]


def test_applying_a_return(world: World, folder: Path) -> None:
    batch = build(world)
    assert batch is not None
    release_batch(world.staff["releaser"], batch.id)
    Bank(folder).turn(0)
    assert len(inbox_files()) == 2
    assert keep_killing(reap, folder) > 30
    assert inbox_files() == []
    assert states(batch) == ("returned", {"paid"}, {"paid"})
    assert sorted(path.name[9:] for path in (folder / "inbox" / "done").iterdir()) == [
        f"{batch.number}-R1.txt",
        f"{batch.number}-S1.txt",
    ]


def test_with_fresh_names_the_same_cuts_pay_twice(world: World, folder: Path) -> None:
    """The control: write, then commit, under a new name each time: cut off in between, the bank pays again."""
    batch = build(world)
    assert batch is not None

    def careless(name: str, content: bytes) -> None:
        exchange.publish(f"{secrets.token_hex(4)}-{name}", content)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "publish", careless)
        step = 1
        while killed_before(step, lambda: send(world.staff["releaser"], batch)):
            step += 1
    assert states(batch) == ("sent", {"sent"}, {"sent"})
    assert min(paid_by_bank(folder).values()) > 1
