"""The whole system in one process tree: database, web, worker; Ctrl-C stops it."""

import argparse
import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import psycopg

from jiangxin.commands.arguments import whole_number
from jiangxin.commands.main import exists
from jiangxin.ground import postgres, state, tree
from jiangxin.ground.refusal import Refusal

FIRST_PORT, LAST_PORT = 8000, 8099
READY_SECONDS = 60


class NoFreePort(Refusal):
    sentence = "端口 {first} 到 {last} 都被占用。"
    remedy = "请用 --port 指定一个空闲的端口。"


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`jiangxin serve`."""
    parser = subparsers.add_parser("serve", help=__doc__)
    add_port(parser)
    parser.set_defaults(run=lambda args: serve(args))


def add_port(parser: argparse.ArgumentParser) -> None:
    """The option that both `serve` and `demo` take."""
    parser.add_argument(
        "--port", type=whole_number(1, 65_535), default=FIRST_PORT, help="first port to try (default %(default)s)"
    )


class Web:
    """The web server: keeps its port once it was announced; before that moves on to a free one."""

    def __init__(self, first_port: int) -> None:
        self.port = first_port
        self.announced = False
        self._claim: socket.socket | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def spawn(self) -> "subprocess.Popen[bytes]":
        """Start granian: its own workers are respawned by it, cut off after one second when it stops."""
        if not self.announced:
            self._choose_port()
        command = [tree.executable("granian"), "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--workers", "2", "--blocking-threads", "4", "--no-ws", "--respawn-failed-workers"]
        command += ["--workers-kill-timeout", "1", "--log-level", "warning", "config.wsgi:application"]
        return tree.launch("web", command, "web")

    def answers(self) -> bool:
        """Whether GET /healthz says 200."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as response:
                return response.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def _choose_port(self) -> None:
        for port in range(self.port, max(self.port, LAST_PORT) + 1):
            if self._take(port):
                self.port = port
                return
        raise NoFreePort(first=self.port, last=max(self.port, LAST_PORT))

    def _take(self, port: int) -> bool:
        """Whether the port is free and no other clone is about to bind it (claimed by a name that dies with us)."""
        claim = socket.socket(socket.AF_UNIX)
        try:
            if sys.platform == "linux":
                claim.bind(f"\0jiangxin-port-{port}")
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            return False
        if self._claim:
            self._claim.close()
        self._claim = claim
        return True


def is_demo() -> bool:
    """Whether the database is a demo (asked before any child of the demo's own is started)."""
    with psycopg.connect(**state.connection("worker")) as connection:  # type: ignore[arg-type]
        row = connection.execute("SELECT demo_at IS NOT NULL FROM ground_clock").fetchone()
    return bool(row and row[0])


def serve(args: argparse.Namespace, before: list[list[str]] | None = None, after: list[list[str]] | None = None) -> int:
    """Run the tree until told to stop.

    `before` and `after` are `jiangxin` commands run once the database stands and once the web answers.
    """
    with tree.one_tree() as running:
        if state.embedded():
            running.add("postgres", postgres.spawn)
            running.wait_for("postgres", postgres.answers, READY_SECONDS)
        running.run(["db", "init", "--quiet", "--static"])
        for command in before or []:
            running.run(command)
        web = Web(args.port)
        running.add("web", web.spawn)
        running.add("worker", lambda: tree.launch("worker", [tree.executable("jiangxin"), "worker"], "worker"))
        if exists("bank-simulator") and is_demo():
            bank = [tree.executable("jiangxin"), "bank-simulator"]
            running.add("bank-simulator", lambda: tree.launch("bank-simulator", bank, "worker"))
        running.wait_for("web", web.answers, READY_SECONDS)
        web.announced = True
        running.url = os.environ["JIANGXIN_URL"] = web.url
        running.write_down()
        print(json.dumps({"ready": web.url}) if args.json else f"ready {web.url}", flush=True)
        for command in after or []:
            running.run(command)
        running.watch()
    return 0
