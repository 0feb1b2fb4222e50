"""The clock: what day it is, and in a demo letting time go on."""

import argparse
import json
from datetime import date, datetime

from jiangxin.commands.arguments import day
from jiangxin.ground.actor import Actor, acting, machine
from jiangxin.ground.clock import day_of, is_demo
from jiangxin.ground.demo import move_demo_clock, next_workday
from jiangxin.mainline import next_due_on

ROLE = "worker"


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`jiangxin clock [--at DATE | --next-workday | --next-due]`."""
    parser = subparsers.add_parser("clock", help=__doc__)
    move = parser.add_mutually_exclusive_group()
    move.add_argument("--at", type=day, metavar="DATE", help="go on to this day; only in a demo")
    move.add_argument("--next-workday", action="store_true", help="go on to the next working day")
    move.add_argument("--next-due", action="store_true", help="go on to the next day on which something is due")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Move the clock where asked, and say what time it is."""
    actor = machine("命令行")
    with acting(actor) as at:
        to = _target(args, at)
        now = move_demo_clock(actor, at, to) if to else at
        demo = is_demo()
    if args.json:
        print(json.dumps({"at": now.isoformat(), "demo": demo}))
    else:
        print(f"{now:%Y-%m-%d %H:%M}" + ("（演示时间）" if demo else ""))
    return 0


def _target(args: argparse.Namespace, at: datetime) -> date | None:
    if args.next_workday:
        return next_workday(at)
    if args.next_due:
        return next_due_on(day_of(at))
    return args.at


def set_day(actor: Actor, to: date) -> datetime:
    """Move a demo's clock to a day, in a transaction of its own; returns the new instant."""
    with acting(actor) as at:
        return move_demo_clock(actor, at, to)
