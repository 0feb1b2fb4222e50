"""The rules of the house as functions from a file to complaints. Every complaint says what to do instead.

Each check stands with an example that passes and one that does not; `test_checks.py` runs both.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("jiangxin", "config", "tests")
DRAWERS = {"utils", "helpers", "common", "misc", "manager", "managers", "base"}
MAY_WRITE = ("ground", "commands", "migrations", "synth")
MANAGER_WRITES = {"create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "delete", "save"}
CHAPTERS = "|".join(path.name for path in sorted((ROOT / "jiangxin").iterdir()) if (path / "models.py").exists())
# A table named after a chapter, or one put in by a placeholder; temporary tables are nobody's business.
TABLE = rf'"?(?:{CHAPTERS}|ground|procrastinate)_\w+'
WRITING_SQL = re.compile(
    rf"\b(?:INSERT\s+INTO|DELETE\s+FROM|TRUNCATE)\s+(?:{TABLE}|{{|$)"
    rf"|(?<!FOR )(?<!KEY )\bUPDATE\s+{TABLE}|\bCOPY\s+{TABLE}.*\bFROM\b"
)
TIME_SQL = re.compile(r"\b(now\(\)|clock_timestamp\(\)|current_timestamp|current_date|localtimestamp)", re.IGNORECASE)
ASKS_TIME = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "timezone.now", "timezone.localdate"}
MAY_ASK_TIME = ("jiangxin/ground/clock.py",)
# Put together here, so that this file does not hold what it looks for.
HOSTS = re.compile("|".join(("py" + r"pi\.org", "python" + r"hosted\.org", "npm" + r"js\.(org|com)", "npm" + "mirror")))
MACHINE = re.compile(r"(?<![\w.])/(wo" + r"rk|ho" + r"me/\w+|ro" + r"ot)/")
LATER = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")


@dataclass(frozen=True)
class File:
    """One file: its path from the root, and its text."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def parts(self) -> tuple[str, ...]:
        return Path(self.path).parts


@dataclass(frozen=True)
class Check:
    """A rule, to which files it applies, and an example of each kind."""

    rule: Callable[[File], Iterator[str]]
    applies: Callable[[str], bool]
    good: File
    bad: File


def _own(path: str) -> bool:
    return path.endswith(".py") and path.startswith("jiangxin/")


def _python(path: str) -> bool:
    return path.endswith(".py") and path.split("/")[0] in CODE


def _template(path: str) -> bool:
    return path.startswith("jiangxin/") and path.endswith(".html")


def _any(path: str) -> bool:
    return "/static/vendor/" not in path and Path(path).suffix not in (".lock", ".svg")


def _prose(path: str) -> bool:
    return _any(path) and Path(path).suffix in (".py", ".html", ".js", ".css", ".sql", ".md", ".yaml", ".toml", "")


def short_functions(file: File) -> Iterator[str]:
    """A function has at most 70 lines."""
    for node in ast.walk(file.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > 70:
                yield f"{node.name} has {length} lines: name the parts and call them (at most 70)"


def short_files(file: File) -> Iterator[str]:
    """A file has at most 400 lines, a test file 600, a template 150."""
    if "migrations" in file.parts:
        return
    limit = 150 if file.path.endswith(".html") else 600 if file.parts[0] == "tests" else 400
    if (length := file.text.count("\n")) > limit:
        yield f"{length} lines: split it by noun (at most {limit})"


def no_drawers(file: File) -> Iterator[str]:
    """No file is named after a drawer."""
    if Path(file.path).stem in DRAWERS:
        yield "name the module by what it knows"


def no_get_model(file: File) -> Iterator[str]:
    """No model is fetched by its name (migrations must)."""
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Attribute) and node.attr == "get_model" and "migrations" not in file.parts:
            yield f"line {node.lineno}: import the model; get_model hides a dependency from the import contract"


def _is_write(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return False
    if call.func.attr == "update":
        # A query set is updated by keywords only; dictionaries, sets and digests take a value.
        return bool(call.keywords) and not call.args
    if call.func.attr == "save":
        # A row is saved as it is; a workbook or an image is saved to somewhere.
        return not call.args
    return call.func.attr in MANAGER_WRITES


def writes_in_operations(file: File) -> Iterator[str]:
    """Rows are written in a chapter's operations and nowhere else."""
    if file.parts[1] in MAY_WRITE or any(Path(part).stem == "operations" for part in file.parts):
        return
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Call) and _is_write(node):
            yield f"line {node.lineno}: call an operation of the chapter instead of writing here"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and WRITING_SQL.search(node.value):
            yield f"line {node.lineno}: move this writing SQL into the chapter's operations"


def time_is_given(file: File) -> Iterator[str]:
    """Nobody asks for the time: `at` is passed in (issue: one clock)."""
    if file.path in MAY_ASK_TIME:
        return
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ASKS_TIME:
            yield f"line {node.lineno}: take `at` as an argument; only ground/clock.py reads the clock"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and TIME_SQL.search(node.value):
            yield f"line {node.lineno}: pass `at` into the SQL"


def no_inline_style(file: File) -> Iterator[str]:
    """No inline style, script or handler: the content security policy blocks them."""
    for number, line in enumerate(file.text.split("\n"), 1):
        if re.search(r"\sstyle=|\son[a-z]+=\"|<style|<script(?![^>]*\ssrc=)", line):
            yield f"line {number}: use a class of jx.css, an attribute read by jx.js"


def no_registry(file: File) -> Iterator[str]:
    """No package registry is named: where packages come from is the installer's affair."""
    if found := HOSTS.search(file.text):
        yield f"{found[0]} is named: leave the address to the installer's own settings"


def no_machine_path(file: File) -> Iterator[str]:
    """No path of one machine."""
    if found := MACHINE.search(file.text):
        yield f"{found[0]} is a path of one machine: use one relative to the clone"


def nothing_left_for_later(file: File) -> Iterator[str]:
    """What is to be done is an issue, not a comment."""
    if found := LATER.search(file.text):
        yield f"{found[0]}: do it, or open an issue"


def _long(lines: int) -> str:
    return "def long():\n" + "    x = 1\n" * lines


CHECKS = [
    Check(short_functions, _python, File("jiangxin/a.py", _long(69)), File("jiangxin/a.py", _long(70))),
    Check(
        short_files,
        lambda p: _python(p) or _template(p),
        File("jiangxin/a.py", "\n" * 400),
        File("jiangxin/a.html", "\n" * 151),
    ),
    Check(no_drawers, _python, File("jiangxin/funds/ledger.py", ""), File("jiangxin/funds/utils.py", "")),
    Check(
        no_get_model,
        _python,
        File("jiangxin/migrations/0003.py", "apps.get_model('x')"),
        File("jiangxin/funds/queries.py", "apps.get_model('x')"),
    ),
    Check(
        writes_in_operations,
        _own,
        File("jiangxin/web/page.py", "seen.update(more); book.save(out); 'SELECT 1 FOR UPDATE'; 'INSERT INTO staged'"),
        File("jiangxin/web/page.py", "Pool.objects.filter(id=1).update(name='x')"),
    ),
    Check(
        writes_in_operations,
        _own,
        File("jiangxin/funds/operations/pools.py", "Pool.objects.create()"),
        File("jiangxin/funds/queries.py", "'WITH a AS (SELECT 1) INSERT INTO funds_pool SELECT 1'"),
    ),
    Check(
        writes_in_operations,
        _own,
        File("jiangxin/commands/load.py", "'UPDATE funds_pool SET name = 1'"),
        File("jiangxin/funds/queries.py", "'UPDATE funds_pool p SET name = 1'; f'INSERT INTO {table} SELECT 1'"),
    ),
    Check(
        time_is_given,
        _own,
        File("jiangxin/ground/clock.py", "datetime.now()"),
        File("jiangxin/subsidy/operations.py", "datetime.now(SHANGHAI)"),
    ),
    Check(
        time_is_given,
        _own,
        File("jiangxin/subsidy/queries.py", "'SELECT known_on FROM t'"),
        File("jiangxin/subsidy/queries.py", "'SELECT now() FROM t'"),
    ),
    Check(
        no_inline_style,
        _template,
        File("jiangxin/a.html", '<script src="jx.js"></script><p class="x">'),
        File("jiangxin/a.html", '<p style="color:red">'),
    ),
    Check(
        no_inline_style,
        _template,
        File("jiangxin/a.html", '<a href="?on=1">'),
        File("jiangxin/a.html", '<a onclick="go()">'),
    ),
    Check(
        no_registry, _any, File("a.md", "see the docs"), File("package-lock.json", "https://registry.npm" + "js.org/x")
    ),
    Check(no_machine_path, _any, File("a.md", "docs/home/x/y, /var/lib"), File("a.md", "see /ho" + "me/anna/x")),
    Check(nothing_left_for_later, _prose, File("a.py", "# todos"), File("a.py", "# TO" + "DO later")),
]
