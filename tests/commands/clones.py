"""State folders of throw-away clones: readable by the user that the database server runs as, removed at the end."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

JIANGXIN = str(Path(sys.executable).with_name("jiangxin"))


@contextmanager
def state_of_a_clone() -> Iterator[Path]:
    """A fresh state folder; whatever server still runs on it is stopped at the end."""
    folder = Path(tempfile.mkdtemp(prefix="jx-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        jiangxin(folder, "db", "stop")
        shutil.rmtree(folder)


def environment(folder: Path) -> dict[str, str]:
    """What a command of that clone finds in its environment."""
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return inherited | {"JIANGXIN_STATE": str(folder)}


def jiangxin(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command of that clone to its end."""
    return subprocess.run([JIANGXIN, *arguments], env=environment(folder), capture_output=True, text=True)
