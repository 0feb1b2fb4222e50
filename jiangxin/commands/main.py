"""The command line `jiangxin`: finds the command's module, opens Django when it asks for a role, prints or refuses.

A command is a module of this package with `add(subparsers)` that sets `run=function(args) -> int`. What it prints
for machines it prints under `--json`. A module constant `ROLE = "worker"` (or `set_defaults(role=…)` on one of its
sub-commands) names the database role it works as; without one it runs without Django.
"""

import argparse
import ast
import importlib
import json
import os
import pkgutil
import sys
from pathlib import Path

import django

from jiangxin.commands.arguments import NotUnderstood, Parser
from jiangxin.ground import postgres
from jiangxin.ground.refusal import Refusal

PACKAGE = "jiangxin.commands"


def enter(role: str) -> None:
    """Open Django as a database role; refuses at once when no database answers."""
    os.environ["JIANGXIN_ROLE"] = role
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    postgres.refuse_when_down()
    django.setup()


def _commands() -> dict[str, ast.Module]:
    """Every command's name and the syntax tree of its module, which is read without being run."""
    found = {}
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        tree = ast.parse((Path(__file__).parent / f"{module.name}.py").read_text())
        if any(isinstance(node, ast.FunctionDef) and node.name == "add" for node in tree.body):
            found[module.name.replace("_", "-")] = tree
    return found


def exists(name: str) -> bool:
    """Whether there is a command of that name."""
    return name in _commands()


def _role(tree: ast.Module) -> str | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ROLE":
            return str(ast.literal_eval(node.value))
    return None


def _first_line(tree: ast.Module) -> str:
    return (ast.get_docstring(tree) or "").split("\n")[0].rstrip(".")


def _everywhere_json(parser: argparse.ArgumentParser) -> None:
    """Give every parser below (and itself) `--json` where it has none."""
    if "--json" not in parser._option_string_actions:
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for child in action.choices.values():
                _everywhere_json(child)


def parse(arguments: list[str]) -> argparse.Namespace:
    """The arguments of one command. Only its own module is imported, in Django when it names a role."""
    trees = _commands()
    parser = Parser(prog="jiangxin", description="匠心：终身职业技能培训公共服务")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    name = next((word for word in arguments if not word.startswith("-")), "")
    if name in trees:
        if role := _role(trees[name]):
            enter(role)
        module = importlib.import_module(f"{PACKAGE}.{name.replace('-', '_')}")
        module.add(subparsers)
        _everywhere_json(subparsers.choices[name])
    else:
        for other, tree in sorted(trees.items()):
            subparsers.add_parser(other, help=_first_line(tree))
    args = parser.parse_args(arguments)
    if role := getattr(args, "role", None):
        enter(role)
    return args


def say_no(refusal: Refusal, as_json: bool) -> None:
    """Print why not and what to do: one sentence for people, an object for machines."""
    if as_json:
        said = {"refused": refusal.code, "sentence": refusal.sentence, "remedy": refusal.remedy}
        print(json.dumps(said, ensure_ascii=False))
    else:
        print(refusal.sentence + refusal.remedy, file=sys.stderr)


def main() -> None:
    """The entry point: exits 0 when done, 1 when refused, 2 when not understood, 130 when interrupted."""
    arguments = sys.argv[1:]
    try:
        args = parse(arguments)
        sys.exit(args.run(args))
    except Refusal as refusal:
        say_no(refusal, "--json" in arguments)
        sys.exit(2 if isinstance(refusal, NotUnderstood) else 1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
