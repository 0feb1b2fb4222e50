"""The simulated bank of a demo: watches the outbox and answers into the inbox; knows files, not the database."""

import argparse
import json
import time

from jiangxin.payment.exchange import exchange_folder
from jiangxin.synth.bank import ANSWERS, Bank, order_next

LOOK_SECONDS = 2


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`jiangxin bank-simulator [--once] [--next ANSWER [--reason WORDS] [--lump]]`."""
    parser = subparsers.add_parser("bank-simulator", help=__doc__)
    parser.add_argument("--once", action="store_true", help="look once and end")
    parser.add_argument("--next", choices=sorted(ANSWERS), help="only say what the running bank answers next")
    parser.add_argument("--reason", default="户名不符", help="why it fails what it fails (default %(default)s)")
    parser.add_argument("--lump", action="store_true", help="book what came back as one sum")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Answer until told to stop; each answer is named on a line of its own."""
    if args.next:
        order_next(exchange_folder(), args.next, args.reason, args.lump)
        return 0
    bank = Bank(exchange_folder())
    while True:
        for name in bank.turn(time.time()):
            print(json.dumps({"laid": name}) if args.json else name, flush=True)
        if args.once:
            return 0
        time.sleep(LOOK_SECONDS)
