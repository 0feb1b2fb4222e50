"""Processes known by number and start time, so that a number used again is never taken for the old process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """One living process: its number, its group's, and when it began (opaque, comparable only for equality)."""

    pid: int
    group: int
    started: str


def _from_proc(pid: str) -> Process | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    state, *fields = stat[stat.rindex(")") + 2 :].split()
    return None if state in "ZX" else Process(int(pid), int(fields[1]), fields[18])


def _from_ps() -> Iterable[Process]:
    out = subprocess.run(["ps", "-axo", "pid=,pgid=,stat=,lstart="], capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        pid, group, state, started = line.split(maxsplit=3)
        if not state.startswith("Z"):
            yield Process(int(pid), int(group), started)


def living() -> list[Process]:
    """Every process that runs; one that ended and waits to be collected by its parent does not."""
    if sys.platform == "linux":
        return [found for pid in os.listdir("/proc") if pid.isdigit() and (found := _from_proc(pid))]
    return list(_from_ps())


def find(pid: int) -> Process | None:
    """The living process of that number."""
    if sys.platform == "linux":
        return _from_proc(str(pid))
    return next((process for process in living() if process.pid == pid), None)


def members(leader: Process) -> list[Process]:
    """Who lives in the group that `leader` founded; nobody when its number now names another process."""
    group = [process for process in living() if process.group == leader.pid]
    reused = any(process.pid == leader.pid and process.started != leader.started for process in group)
    return [] if reused else group


def wait_until(true: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true within the time; asked twenty times a second."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def end_groups(leaders: list[Process], grace: float) -> None:
    """End whole groups: asked politely, and after `grace` seconds killed. Returns when none lives."""
    for number, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, max(grace, 1))):
        left = [leader for leader in leaders if members(leader)]
        for leader in left:
            try:
                os.killpg(leader.pid, number)
            except ProcessLookupError:
                continue
        if wait_until(lambda left=left: not any(members(leader) for leader in left), patience):  # type: ignore[misc]
            return
