"""Which tests to run before a commit: the house's, and those of the chapters in which something changed.

`python -m tests.changed` prints them; whatever everything rests on (ground, migrations, factories) asks for all.
"""

import subprocess
from collections.abc import Iterable
from pathlib import Path

TESTS = Path(__file__).parent
EVERYTHING = (
    "jiangxin/ground/", "jiangxin/models.py", "tests/factories/", "tests/conftest.py", "pyproject.toml", "config/",
)  # fmt: skip
GUARDS = "jiangxin/migrations/"


def changed() -> list[str]:
    """Files that differ from the last commit, or in a clean tree those of the last commit."""
    said = _git("status", "--porcelain", "--untracked-files=all")
    files = [line[3:].split(" -> ")[-1] for line in said]
    return files or _git("diff", "--name-only", "HEAD~1")


def _git(*words: str) -> list[str]:
    done = subprocess.run(["git", *words], cwd=TESTS.parent, capture_output=True, text=True, check=False)
    return done.stdout.splitlines()


def chosen(files: Iterable[str]) -> list[str]:
    """Folders and files of tests for these changed files, in order; all of them when everything may be touched."""
    found = {"tests/house"}
    for name in files:
        if name.startswith(EVERYTHING):
            return ["tests"]
        path = Path(name)
        if name.startswith(GUARDS):
            found.add("tests/sql")
        elif name.startswith("tests/") and path.suffix == ".py" and path.name.startswith("test_"):
            found.add(name)
        elif len(path.parts) > 2 and path.parts[0] in ("jiangxin", "tests") and (TESTS / path.parts[1]).is_dir():
            found.add(f"tests/{path.parts[1]}")
        elif name == "jiangxin/mainline.py":
            found |= {"tests/test_mainline.py", "tests/test_earned.py"}
    return sorted(one for one in found if (TESTS.parent / one).exists())


if __name__ == "__main__":
    print(" ".join(chosen(changed())))
