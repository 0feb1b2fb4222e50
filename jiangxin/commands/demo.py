"""The demo: everything from nothing, with synthetic people, in one process tree."""

import argparse
import os

from jiangxin.commands.arguments import PEOPLE
from jiangxin.commands.serve import add_port, serve
from jiangxin.ground.tree import executable

# Each is a `jiangxin` command that may be repeated: what is there already it leaves alone.
FILL = [["refdata", "load"], ["synth", "--keep", "--people", "{people}"], ["play", "--keep"]]
AFTER_READY = [["codes"], ["tour"]]


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`jiangxin demo [--people N]`, `jiangxin demo codes`."""
    parser = subparsers.add_parser("demo", help=__doc__)
    add_port(parser)
    parser.add_argument("--people", type=PEOPLE, default=20_000, help="how many synthetic people (default %(default)s)")
    parser.set_defaults(run=run)
    actions = parser.add_subparsers(metavar="[codes]")
    actions.add_parser("codes", help="the demo's accounts and their codes").set_defaults(run=codes)


def run(args: argparse.Namespace) -> int:
    """Fill the database once, then serve until told to stop."""
    fill = [[word.format(people=args.people) for word in command] for command in FILL]
    return serve(args, before=fill, after=AFTER_READY)


def codes(args: argparse.Namespace) -> int:
    """Become `jiangxin codes`."""
    os.execv(executable("jiangxin"), ["jiangxin", "codes", *(["--json"] if args.json else [])])
