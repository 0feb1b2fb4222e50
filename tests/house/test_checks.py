"""The house checks the house, and each check is checked by a good and a bad example."""

import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.house.checks import CHECKS, CODE, ROOT, Check, File

LEFT_OUT = {"__pycache__", "node_modules", "build", "static", ".git", ".venv", ".state"}


def _paths() -> list[str]:
    """The files of the tree: those git knows or would add; without git, all."""
    known = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if known.returncode == 0:
        return [path for path in known.stdout.split("\0") if path and (ROOT / path).is_file()]
    every = (path for path in ROOT.rglob("*") if path.is_file() and not LEFT_OUT.intersection(path.parts))
    return [str(path.relative_to(ROOT)) for path in every]


@cache
def _files() -> list[File]:
    found = []
    for path in _paths():
        try:
            found.append(File(path, (ROOT / path).read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.rule.__name__)
def test_check_knows_good_from_bad(check: Check):
    assert not list(check.rule(check.good))
    assert list(check.rule(check.bad))
    assert check.applies(check.bad.path)


@pytest.mark.parametrize("rule", dict.fromkeys(check.rule for check in CHECKS), ids=lambda rule: rule.__name__)
def test_house_keeps(rule):
    applies = next(check.applies for check in CHECKS if check.rule is rule)
    complaints = [f"{file.path}: {said}" for file in _files() if applies(file.path) for said in rule(file)]
    assert not complaints, "\n".join([rule.__doc__ or "", *complaints])


def test_every_folder_of_code_is_a_package():
    folders = {
        Path(file.path).parent for file in _files() if file.path.endswith(".py") and file.path.split("/")[0] in CODE
    }
    missing = [str(folder) for folder in sorted(folders) if not (ROOT / folder / "__init__.py").exists()]
    assert not missing, "the import contract cannot see a folder without __init__.py"


def test_files_are_found():
    paths = {file.path for file in _files()}
    assert {"Makefile", "jiangxin/ground/state.py", "tests/house/checks.py"} <= paths
