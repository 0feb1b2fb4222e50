"""A demo of the stories' own: the real process tree, begun once and stopped at the end."""

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

from jiangxin.ground import processes
from tests.commands.clones import JIANGXIN, environment, jiangxin

# The fewest people among whom every planted case is found, and both fresh workbooks are whole.
PEOPLE = 3_000
PATIENCE = 300


class Demo:
    """A running `jiangxin demo` that has said all it says at its start, its files and its command line."""

    def __init__(self, folder: Path) -> None:
        self.state = folder
        said = self.said = folder / "demo.out"
        with said.open("wb") as out:
            command = [JIANGXIN, "demo", "--people", str(PEOPLE)]
            self.process = subprocess.Popen(command, env=environment(folder), stdout=out, stderr=subprocess.STDOUT)
        ready = processes.wait_until(lambda: "\n10. " in said.read_text() or self.process.poll(), PATIENCE)
        assert ready, said.read_text()
        assert self.process.poll() is None, said.read_text()
        self.url = said.read_text().partition("\nready ")[2].split()[0]
        self.manifest: dict[str, Any] = json.loads((folder / "demo/manifest.json").read_text())

    def file(self, name: str) -> Path:
        """A file that the demo laid ready."""
        return self.state / "demo" / name

    def asked(self, *arguments: str) -> Any:
        """What a command answers in JSON, whatever its exit code."""
        return json.loads(jiangxin(self.state, *arguments, "--json").stdout)

    def stop(self) -> None:
        """End the tree as its user would."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(PATIENCE) == 0
