"""The demo: everything from nothing, with synthetic people, in one process tree."""

import argparse

from jiangxin.commands.serve import add_port, serve

# Each is a `jiangxin` command that may be repeated: what is there already it leaves alone.
FILL: list[list[str]] = []
AFTER_READY: list[list[str]] = []


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`jiangxin demo [--people N]`."""
    parser = subparsers.add_parser("demo", help=__doc__)
    add_port(parser)
    parser.add_argument("--people", type=int, default=20_000, help="how many synthetic people (default %(default)s)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Fill the database once, then serve until told to stop."""
    fill = [[word.format(people=args.people) for word in command] for command in FILL]
    return serve(args, before=fill, after=AFTER_READY)
