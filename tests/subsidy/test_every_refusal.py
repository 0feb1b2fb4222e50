"""No refusal of decisions and money is only written down: each is raised by a test that looks at what it leaves."""

import importlib
import pkgutil
import re
from pathlib import Path

from jiangxin.funds import operations as funds
from jiangxin.ground.refusal import Refusal
from jiangxin.subsidy import operations as subsidy

TESTS = Path(__file__).parents[1]


def refusals() -> set[str]:
    modules = [importlib.import_module(f"{subsidy.__name__}.{m.name}") for m in pkgutil.iter_modules(subsidy.__path__)]
    return {
        name
        for module in [funds, *modules]
        for name, kind in vars(module).items()
        if isinstance(kind, type) and issubclass(kind, Refusal) and kind.__module__ == module.__name__
    }


def named_by_tests() -> set[str]:
    """All words of all tests; an import that is not used would not pass the linter."""
    files = (path for path in TESTS.rglob("test_*.py") if path != Path(__file__))
    return {word for path in files for word in re.findall(r"\w+", path.read_text())}


def test_each_is_raised_somewhere() -> None:
    assert refusals() - named_by_tests() == set()
