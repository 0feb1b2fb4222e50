"""A process tree under one supervisor: children started, written down, healed when they die, stopped in time."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from jiangxin.ground import postgres, processes, state
from jiangxin.ground.processes import Process
from jiangxin.ground.refusal import Refusal

GRACE_SECONDS = 2
DEATHS_ALLOWED, WITHIN_SECONDS = 5, 30
LOG_BYTES_KEPT = 5_000_000
Spawn = Callable[[], "subprocess.Popen[bytes]"]


class AlreadyRunning(Refusal):
    sentence = "这份程序已经在运行（{url}）。"
    remedy = "请直接打开这个地址，或先在原窗口按 Ctrl-C 停止。"


class ChildKeepsDying(Refusal):
    sentence = "{name} 反复退出，已全部停止：{why}"
    remedy = "请看日志 {log}，处理后再启动。"


class NotReadyInTime(Refusal):
    sentence = "{name} 没有在 {seconds} 秒内就绪：{why}"
    remedy = "请看日志 {log}，处理后再启动。"


class CommandFailed(Refusal):
    sentence = "“jiangxin {command}”没有完成。"
    remedy = "请看上面的说明，处理后再启动。"


@dataclass
class Child:
    """One long-lived process and the times of its recent deaths."""

    name: str
    spawn: Spawn
    process: "subprocess.Popen[bytes]"
    leader: Process
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=DEATHS_ALLOWED))


def log_of(name: str) -> Path:
    """The file that a child writes its output to."""
    return state.state_folder() / f"{name}.log"


def launch(name: str, command: list[str], role: str) -> "subprocess.Popen[bytes]":
    """Start a command in a session of its own, as a database role, its output in its log; it dies with us."""
    log = log_of(name)
    if log.exists() and log.stat().st_size > LOG_BYTES_KEPT:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as file:
        return subprocess.Popen(
            command,
            env=os.environ | {"JIANGXIN_ROLE": role, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
            preexec_fn=postgres.die_with_parent,
        )


class Tree:
    """The children of this process. Make it in the main thread, within `one_tree()`."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.url = ""
        self._asked_to_stop = 0
        self._busy = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._asked_to_stop += 1
        if self._asked_to_stop == 1 and not self._busy:
            raise KeyboardInterrupt

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """No child is started without being written down: a signal waits until both are done."""
        self._busy = True
        try:
            yield
        finally:
            self._busy = False
        if self._asked_to_stop:
            raise KeyboardInterrupt

    def write_down(self) -> None:
        """Record the groups and the address, for the next start to sweep and to say."""
        groups = [[child.leader.pid, child.leader.started] for child in self.children]
        state.write_atomically(_record(), json.dumps({"url": self.url, "groups": groups}))

    def add(self, name: str, spawn: Spawn) -> None:
        """Start a child that is to live as long as the tree."""
        with self._undisturbed():
            process = spawn()
            self.children.append(Child(name, spawn, process, _identity(process)))
            self.write_down()

    def heal(self) -> None:
        """Start again whoever died; refuses when one dies too often."""
        for child in self.children:
            if child.process.poll() is None:
                continue
            now = time.monotonic()
            child.deaths.append(now)
            if len(child.deaths) == DEATHS_ALLOWED and now - child.deaths[0] < WITHIN_SECONDS:
                log = log_of(child.name)
                raise ChildKeepsDying(name=child.name, why=postgres.last_words(log), log=log)
            time.sleep(0.3 * (len(child.deaths) - 1))
            processes.end_groups([child.leader], grace=0)
            with self._undisturbed():
                child.process = child.spawn()
                child.leader = _identity(child.process)
                self.write_down()

    def wait_for(self, name: str, true: Callable[[], bool], seconds: float) -> None:
        """Go on healing until the condition of a child holds; refuses when it does not in time."""
        deadline = time.monotonic() + seconds
        while not true():
            if time.monotonic() > deadline:
                log = log_of(name)
                raise NotReadyInTime(name=name, seconds=seconds, why=postgres.last_words(log), log=log)
            self.heal()
            time.sleep(0.2)

    def watch(self) -> None:
        """Heal until told to stop; a stop asked for is the normal end."""
        try:
            while True:
                self.heal()
                time.sleep(0.2)
        except KeyboardInterrupt:
            return

    def run(self, command: list[str]) -> None:
        """Run a `jiangxin` command to its end, with its output on our terminal, healing the tree meanwhile."""
        with self._undisturbed():
            process = subprocess.Popen(
                [executable("jiangxin"), *command], start_new_session=True, preexec_fn=postgres.die_with_parent
            )
            leader = _identity(process)
        try:
            while process.poll() is None:
                self.heal()
                time.sleep(0.05)
        finally:
            processes.end_groups([leader], grace=1)
            process.wait()
        if process.returncode:
            raise CommandFailed(command=" ".join(command))

    def stop(self) -> None:
        """End all within five seconds: the web and the workers first, the database when nobody uses it any more."""
        self._busy = True
        own = [child for child in self.children if child.name != "postgres"]
        for child in own:
            if child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
        processes.wait_until(
            lambda: self._asked_to_stop > 1 or all(child.process.poll() is not None for child in own), GRACE_SECONDS
        )
        processes.end_groups([child.leader for child in own], grace=0)
        for child in own:
            child.process.wait()
        if own != self.children:
            postgres.stop()
        _record().unlink(missing_ok=True)


def executable(name: str) -> str:
    """The path of a program of this environment."""
    return str(Path(sys.executable).with_name(name))


def _identity(process: "subprocess.Popen[bytes]") -> Process:
    """The child as the next start would recognise it; not yet collected, so its number cannot be used again."""
    return processes.find(process.pid) or Process(process.pid, process.pid, "")


def _record() -> Path:
    return state.state_folder() / "tree.json"


def sweep() -> None:
    """End what an earlier tree of this clone left behind when it was killed, and only that."""
    if _record().exists():
        groups = json.loads(_record().read_text())["groups"]
        processes.end_groups([Process(pid, pid, started) for pid, started in groups], grace=1)
        _record().unlink()
    if state.embedded():
        postgres.stop()


@contextmanager
def one_tree() -> Iterator[Tree]:
    """The tree of this clone, alone: swept before, stopped after, whatever happens; refused while another runs."""
    try:
        with state.locked("tree", wait=False):
            sweep()
            tree = Tree()
            try:
                yield tree
            finally:
                tree.stop()
    except BlockingIOError:
        url = json.loads(_record().read_text())["url"] if _record().exists() else ""
        raise AlreadyRunning(url=url or "正在启动") from None
