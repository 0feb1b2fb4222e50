"""Style, types and the directions of import, as `make lint` asks them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.checks import ROOT


@pytest.mark.parametrize("command", ["ruff check --quiet", "lint-imports", "mypy"])
def test_tool_has_no_complaint(command):
    program, *arguments = command.split()
    done = subprocess.run(
        [Path(sys.executable).with_name(program), *arguments], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
