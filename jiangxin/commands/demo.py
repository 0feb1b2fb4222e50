"""The demo: everything from nothing, with synthetic people, in one process tree."""

import argparse

from jiangxin.commands.main import parse
from jiangxin.commands.serve import add_port, serve

# Each is a `jiangxin` command that may be repeated: what is there already it leaves alone.
FILL: list[list[str]] = []
AFTER_READY: list[list[str]] = []


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`jiangxin demo [--people N]`, `jiangxin demo codes`."""
    parser = subparsers.add_parser("demo", help=__doc__)
    add_port(parser)
    parser.add_argument("--people", type=int, default=20_000, help="how many synthetic people (default %(default)s)")
    parser.set_defaults(run=run)
    actions = parser.add_subparsers(metavar="ACTION")
    actions.add_parser("codes", help="the accounts and their current codes").set_defaults(run=show_codes)


def run(args: argparse.Namespace) -> int:
    """Fill the database once, then serve until told to stop."""
    fill = [[word.format(people=args.people) for word in command] for command in FILL]
    return serve(args, before=fill, after=AFTER_READY)


def show_codes(args: argparse.Namespace) -> int:
    """The accounts of the demo, as the command `codes` prints them."""
    codes = parse(["codes", *(["--json"] if args.json else [])])
    return codes.run(codes)
