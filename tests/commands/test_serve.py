"""The whole tree for real: it comes up, heals whoever is killed, survives its own death, and stops when asked."""

import json
import os
import signal
import subprocess
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from jiangxin.ground import postgres, processes, state
from tests.commands.clones import JIANGXIN, environment, jiangxin, state_of_a_clone

PATIENCE = 60
pytestmark = pytest.mark.slow


def wait(true: Callable[[], bool]) -> None:
    """Fails when the condition does not come true at all; how fast is not asked."""
    assert processes.wait_until(true, PATIENCE)


def defer(owner: "psycopg.Connection[Any]", task: str) -> int:
    """Ask for a job; its number."""
    row = owner.execute(
        "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('default', %s, 0, NULL, NULL, '{}', NULL)]"
        "::procrastinate_job_to_defer_v1[])",
        [task],
    ).fetchone()
    return row[0][0]


def status(owner: "psycopg.Connection[Any]", job: int) -> str:
    """How a job stands."""
    return owner.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [job]).fetchone()[0]


class Tree:
    """A running `jiangxin serve` and what can be asked of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [JIANGXIN, "serve", "--port", "8700"], env=environment(folder), stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout
        self.url = self.process.stdout.readline().removeprefix("ready ").strip()

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=20) as response:
                return response.status == 200
        except OSError:
            return False

    def leaders(self) -> list[processes.Process]:
        """The leaders of the groups written down: the database's, the web's, the worker's."""
        groups = json.loads((self.folder / "tree.json").read_text())["groups"]
        return [processes.Process(pid, pid, started) for pid, started in groups]

    def everybody(self) -> list[processes.Process]:
        return [member for leader in self.leaders() for member in processes.members(leader)]

    def working(self) -> bool:
        """Whether a worker takes a job that is deferred now."""
        with psycopg.connect(**state.connection("owner"), autocommit=True) as owner:
            job = defer(owner, "unheard-of")
            return processes.wait_until(lambda: status(owner, job) != "todo", PATIENCE)

    def well(self) -> bool:
        return postgres.answers() and self.answers() and self.working()

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self.process.stdout.close()
        return code


@pytest.fixture(scope="module")
def folder():
    with state_of_a_clone() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("JIANGXIN_STATE", str(folder))
        patch.delenv("DATABASE_URL", raising=False)
        yield folder


@pytest.fixture(scope="module")
def trees(folder):
    """The running tree, in a list of one: a test that kills it puts its successor there."""
    trees = [Tree(folder)]
    yield trees
    if trees[0].process.poll() is None:
        trees[0].end(signal.SIGINT)


def test_ready_line_stands_alone_without_a_final_slash(trees):
    assert trees[0].url.startswith("http://127.0.0.1:87")
    assert trees[0].url[-1].isdigit()
    assert trees[0].well()


def test_a_second_start_names_the_first(trees):
    second = jiangxin(trees[0].folder, "serve")
    assert second.returncode == 1
    assert trees[0].url in second.stderr


@pytest.mark.parametrize("name", ["postgres", "web", "worker"])
def test_killed_leader_is_replaced(trees, name):
    which = ["postgres", "web", "worker"].index(name)
    before = trees[0].leaders()[which]
    os.kill(before.pid, signal.SIGKILL)
    wait(lambda: trees[0].leaders()[which] != before)
    wait(trees[0].well)


def test_killed_web_worker_is_replaced(trees):
    leader = trees[0].leaders()[1]
    workers = [process for process in processes.members(leader) if process != leader]
    for process in workers:
        os.kill(process.pid, signal.SIGKILL)
    wait(lambda: len(processes.members(leader)) > 1 and not set(workers) & set(processes.members(leader)))
    wait(trees[0].answers)


def test_all_killed_at_once_the_next_start_has_the_data(trees, folder):
    with postgres.admin("jiangxin") as admin:
        admin.execute("CREATE TABLE kept AS SELECT 1 AS n")
    everybody = trees[0].everybody()
    trees[0].process.kill()
    for process in everybody:
        os.kill(process.pid, signal.SIGKILL)
    trees[0].process.wait()
    trees[0].process.stdout.close()
    trees[0] = Tree(folder)
    assert trees[0].well()
    with postgres.admin("jiangxin") as admin:
        assert admin.execute("SELECT n FROM kept").fetchone() == (1,)


def test_a_killed_supervisor_leaves_nothing_that_hinders_the_next(trees, folder):
    trees[0].process.kill()
    trees[0].process.wait()
    trees[0].process.stdout.close()
    trees[0] = Tree(folder)
    assert trees[0].well()


def test_stopped_with_a_request_and_a_job_in_hand_the_next_start_runs_the_job(trees, folder):
    """The last one: what waits for a lock does not keep the tree from ending, nobody is left, the job is not lost."""
    owner = psycopg.connect(**state.connection("owner"))
    owner.execute("LOCK TABLE ground_clock")
    waiting = "SELECT count(DISTINCT usename) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted"
    with ThreadPoolExecutor(1) as pool, postgres.admin("jiangxin") as watcher:
        pool.submit(trees[0].answers)
        job = defer(watcher, "tick")
        wait(lambda: watcher.execute(waiting).fetchone() == (2,) and status(watcher, job) == "doing")
        everybody = trees[0].everybody()
        assert trees[0].end(signal.SIGINT) == 0
    assert not [process for process in everybody if processes.find(process.pid) == process]
    owner.close()
    trees[0] = Tree(folder)
    with postgres.admin("jiangxin") as watcher:
        wait(lambda: status(watcher, job) == "succeeded")
