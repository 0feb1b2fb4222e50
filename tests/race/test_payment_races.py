"""Two hands at the same money at the same moment: one sends, one applies; without guards the bank pays many times."""

import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections, transaction

from jiangxin.funds.operations import MoneyNotThere
from jiangxin.ground.actor import acting, machine
from jiangxin.ground.processes import wait_until
from jiangxin.ground.refusal import ChangedMeanwhile
from jiangxin.ground.roles import working_as
from jiangxin.payment.exchange import publish
from jiangxin.payment.models import Batch, ReturnFile
from jiangxin.payment.operations import batches, returns
from jiangxin.payment.operations.batches import BatchNotSealed, build_batch, release_batch, sealed_content
from jiangxin.payment.operations.returns import apply_return
from jiangxin.subsidy.models import Hold, SubsidyLine
from tests.factories.bank import FUND, answer
from tests.factories.lines import approved_lines, paying_account
from tests.factories.world import World

RACERS = 8


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
def batch(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Batch:
    """A sealed batch of three lines, with a bank's folders of its own."""
    monkeypatch.setenv("JIANGXIN_BANK", str(tmp_path))
    actor = machine()
    with acting(actor) as at:
        approved_lines(world, 3, pool=world.money)  # type: ignore[attr-defined]
        built = build_batch(actor, at, world.office.id, FUND)
    assert built is not None
    return built


def barrier() -> threading.Barrier:
    """Where all racers wait for the last."""
    return threading.Barrier(RACERS, timeout=30)


def race(work: Callable[[], object]) -> list[object]:
    """What each of the racers returned or raised."""

    def run(_turn: int) -> object:
        try:
            return work()
        except Exception as no:
            return no
        finally:
            connections.close_all()

    with ThreadPoolExecutor(RACERS) as pool:
        return list(pool.map(run, range(RACERS)))


def in_transit(batch: Batch) -> int:
    """What was sent of this batch and not answered, by the ledger itself."""
    with acting(machine()), connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(t.amount_fen) FILTER (WHERE kind = 'send'), 0)"
            " - coalesce(sum(t.amount_fen) FILTER (WHERE kind IN ('settle', 'fail')), 0) FROM funds_transfer t"
            " JOIN payment_payment p ON p.line_id = t.subject_id WHERE p.batch_id = %s",
            [batch.id],
        )
        return int(cursor.fetchone()[0])


def files(folder: Path) -> list[str]:
    return [path.name for path in (folder / "outbox").iterdir() if path.name[0] != "."]


def unlocked(start: threading.Barrier) -> Callable[[Any], Batch]:
    """A look at the batch without a lock: all have looked before anybody goes on."""

    def look(batch_id: Any) -> Batch:
        batch = Batch.objects.get(id=batch_id)
        start.wait()
        return batch

    return look


# ── sending ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_batch_released_by_many_at_once_leaves_once(world: World, batch: Batch, tmp_path: Path) -> None:
    start = barrier()

    def release() -> Batch:
        start.wait()
        return release_batch(world.staff["releaser"], batch.id)

    ends = race(release)
    assert sorted(type(end).__name__ for end in ends) == ["Batch"] + ["BatchNotSealed"] * (RACERS - 1)
    assert in_transit(batch) == batch.total_fen
    assert files(tmp_path) == [batch.file_name]


def test_without_the_lock_the_ledger_still_lets_it_leave_once(world: World, batch: Batch, tmp_path: Path) -> None:
    """The second guard: the same money does not move on twice, and the file appears only after it moved."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "lock_batch", unlocked(barrier()))
        ends = race(lambda: release_batch(world.staff["releaser"], batch.id))
    assert [type(end) for end in ends].count(Batch) == 1
    assert {type(end) for end in ends} <= {Batch, MoneyNotThere, ChangedMeanwhile, BatchNotSealed}
    assert in_transit(batch) == batch.total_fen
    assert files(tmp_path) == [batch.file_name]


def test_looked_at_and_then_written_it_leaves_many_times(world: World, batch: Batch, tmp_path: Path) -> None:
    """The control: look, then write the file under a fresh name; every racer sends."""
    start = barrier()

    def careless() -> None:
        with working_as("releaser"), acting(world.staff["releaser"]):
            found = unlocked(start)(batch.id)
            if found.state == "sealed":
                publish(f"{secrets.token_hex(4)}-{found.file_name}", sealed_content(found))

    assert race(careless) == [None] * RACERS
    assert len(files(tmp_path)) == RACERS


# ── returns ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_same_return_by_many_at_once_is_applied_once(world: World, batch: Batch) -> None:
    start = barrier()
    release_batch(world.staff["releaser"], batch.id)
    data = answer(batch)

    def bring() -> tuple[bool, int]:
        actor = machine()
        with acting(actor) as at:
            start.wait()
            taken = apply_return(actor, at, "r.txt", data)
        return taken.again, taken.paid

    assert sorted(race(bring)) == [(False, 3)] + [(True, 0)] * (RACERS - 1)  # type: ignore[type-var]
    assert in_transit(batch) == 0


def test_an_unreadable_file_by_many_at_once_is_kept_once(world: World, batch: Batch) -> None:
    start = barrier()

    def bring() -> bool:
        actor = machine()
        with acting(actor) as at:
            start.wait()
            return apply_return(actor, at, "r.txt", b"nonsense of this test").again

    assert sorted(race(bring)) == [False] + [True] * (RACERS - 1)  # type: ignore[type-var]


def test_without_lock_and_key_the_same_return_is_applied_again(
    world: World, batch: Batch, connect: Callable[..., psycopg.Connection[Any]]
) -> None:
    """The control: with the look unlocked and the key on the bytes gone, only the money still says no."""
    release_batch(world.staff["releaser"], batch.id)
    data = answer(batch)
    owner = connect("owner", autocommit=True)
    owner.execute("ALTER TABLE payment_return_file DROP CONSTRAINT return_file_once")
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(returns, "_keep", lambda file: file.save(force_insert=True) or file)
            patch.setattr(returns, "lock_batch", unlocked(barrier()))

            def bring() -> bool:
                actor = machine()
                with acting(actor) as at:
                    return apply_return(actor, at, "r.txt", data).again

            ends = race(bring)
        assert ends.count(False) == 1
        assert {type(end) for end in ends if end is not False} <= {MoneyNotThere, ChangedMeanwhile}
        assert len(ends) > ends.count(False)
        with acting(machine()):
            assert ReturnFile.objects.filter(batch=batch).count() == 1
    finally:
        owner.execute("ALTER TABLE payment_return_file ADD CONSTRAINT return_file_once UNIQUE (sha256)")


# ── the last door ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_hold_that_comes_while_a_batch_is_built_is_in_time_or_too_late_never_both(world: World, batch: Batch) -> None:
    """M15: whoever has the line's lock first wins; a held line is never in a batch."""
    start = barrier()
    actor = machine()
    with acting(actor):
        line = approved_lines(world, 1, pool=world.money)[0]  # type: ignore[attr-defined]

    def both() -> object:
        place = start.wait()
        racer = machine()
        with acting(racer) as at:
            if place % 2:
                return build_batch(racer, at, world.office.id, FUND)
            locked = SubsidyLine.objects.select_for_update(of=("self",)).get(id=line.id)
            if locked.state == "approved":
                SubsidyLine.objects.filter(id=line.id).update(state="held")
                Hold.objects.create(
                    line=locked,
                    region_id=world.region,
                    kind="sample_call",
                    evidence="x",
                    opened_at=at,
                    due_on=at.date(),
                )
        return None

    ends = race(both)
    assert [end for end in ends if isinstance(end, Exception)] == []
    with acting(actor):
        state = SubsidyLine.objects.get(id=line.id).state
        held = Hold.objects.filter(line=line, state="open").exists()
        assert (state, held, line.payments.count()) in [("held", True, 0), ("in_batch", False, 1)]


def test_a_revocation_under_way_is_waited_for(
    world: World, batch: Batch, connect: Callable[..., psycopg.Connection[Any]]
) -> None:
    """The certificate is valid when the line is looked for and revoked when its lock is had: it is not paid (M15)."""
    with acting(machine()):
        line = approved_lines(world, 1, pool=world.money)[0]  # type: ignore[attr-defined]
    revoker, watcher = connect("owner"), connect("owner", autocommit=True)
    revoker.execute("SELECT set_config('app.regions', %s, true)", [f"{{{world.region}}}"])
    revoked = revoker.execute(
        "UPDATE assessment_certificate SET revoked_on = '2026-03-02' WHERE id = %s", [line.certificate_id]
    )
    assert revoked.rowcount == 1

    def build() -> object:
        actor = machine()
        try:
            with acting(actor) as at:
                return build_batch(actor, at, world.office.id, FUND)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        building = pool.submit(build)
        waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        assert wait_until(lambda: building.done() or watcher.execute(waits).fetchone() == (1,), 20)
        revoker.commit()
        assert building.result(timeout=20) is None
    with acting(machine()):
        assert SubsidyLine.objects.get(id=line.id).state in ("approved", "held")
