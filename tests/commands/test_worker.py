"""A job whose worker was killed is found and runs again; one whose worker lives is left alone."""

import asyncio

import pytest
from procrastinate.contrib.django import app

from jiangxin.commands import worker

TAKE = """
    WITH w AS (
        INSERT INTO procrastinate_workers (last_heartbeat) VALUES (clock_timestamp() - %s::interval) RETURNING id
    )
    UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM w) WHERE id = %s
"""


async def sweep() -> int:
    connector = app.connector.get_worker_connector()
    async with app.with_connector(connector).open_async() as jobs:
        return await worker.retry_stalled(jobs)


@pytest.fixture
def job(clone, connect):
    """A job, and a function that puts it in a worker's hand with a heartbeat so long ago."""
    number = app.configure_task("unheard-of").defer()
    owner = connect("owner", autocommit=True)
    yield number, lambda silent_for: owner.execute(TAKE, [silent_for, number]), owner
    owner.execute("DELETE FROM procrastinate_jobs")


def status(owner, number: int) -> str:
    return owner.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [number]).fetchone()[0]


@pytest.mark.parametrize(("silent_for", "found", "then"), [("1 minute", 1, "todo"), ("1 second", 0, "doing")])
def test_a_silent_worker_loses_its_job(job, silent_for, found, then):
    number, take, owner = job
    take(silent_for)
    assert asyncio.run(sweep()) == found
    assert status(owner, number) == then


def test_a_job_of_a_worker_that_left_is_found(job):
    number, take, owner = job
    take("1 second")
    owner.execute("DELETE FROM procrastinate_workers")
    assert asyncio.run(sweep()) == 1
    assert status(owner, number) == "todo"


def test_a_file_from_the_bank_wakes_the_main_line_once(clone, connect, tmp_path, monkeypatch):
    monkeypatch.setenv("JIANGXIN_BANK", str(tmp_path))
    owner = connect("owner", autocommit=True)
    asked = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'tick' AND status = 'todo'"

    async def hear(known: set[str]) -> set[str]:
        connector = app.connector.get_worker_connector()
        async with app.with_connector(connector).open_async() as jobs:
            return await worker.hear_the_bank(jobs, known)

    assert asyncio.run(hear(set())) == set()
    assert owner.execute(asked).fetchone() == (0,)
    (tmp_path / "inbox" / ".half").write_text("")
    (tmp_path / "inbox" / "R1.txt").write_text("")
    known = asyncio.run(hear(set()))
    assert known == {"R1.txt"}
    assert owner.execute(asked).fetchone() == (1,)
    owner.execute("DELETE FROM procrastinate_jobs")
    assert asyncio.run(hear(known)) == known
    assert owner.execute(asked).fetchone() == (0,)
