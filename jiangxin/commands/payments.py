"""Payments by hand: take in a return or a statement of the bank, send a batch."""

import argparse
import json
from pathlib import Path

from jiangxin.commands.files import read_file
from jiangxin.ground.actor import acting, machine
from jiangxin.ground.clock import day_of, read_clock
from jiangxin.ground.refusal import NotFound
from jiangxin.parties.models import Account
from jiangxin.parties.queries.accounts import actor_of
from jiangxin.payment.models import Batch
from jiangxin.payment.operations.batches import release_batch
from jiangxin.payment.operations.returns import apply_return
from jiangxin.payment.operations.statements import load_statement

ROLE = "worker"


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`jiangxin payments return FILE`, `payments statement FILE`, `payments send BATCH --as USERNAME`."""
    actions = subparsers.add_parser("payments", help=__doc__).add_subparsers(metavar="ACTION", required=True)
    taking = actions.add_parser("return", help="apply a return of the bank, whole or not at all")
    taking.add_argument("file", type=Path)
    taking.set_defaults(run=take_return)
    stating = actions.add_parser("statement", help="load a statement of a paying account")
    stating.add_argument("file", type=Path)
    stating.set_defaults(run=take_statement)
    sending = actions.add_parser("send", help="send a sealed batch to the bank")
    sending.add_argument("batch", help="its number")
    sending.add_argument("--as", dest="username", required=True, help="the releaser's sign-in name")
    sending.set_defaults(run=send)


def take_return(args: argparse.Namespace) -> int:
    """Exit 0 when the file was applied, now or before; 1 when it was set aside."""
    data, actor = read_file(args.file), machine("命令行")
    with acting(actor) as at:
        taken = apply_return(actor, at, args.file.name, data)
    facts = {
        "state": taken.file.state, "again": taken.again, "paid": taken.paid, "failed": taken.failed,
        "trouble": taken.file.trouble,
    }  # fmt: skip
    print(json.dumps(facts, ensure_ascii=False) if args.json else taken.sentence)
    return 0 if taken.file.state == "applied" else 1


def take_statement(args: argparse.Namespace) -> int:
    """Load a statement and say how many entries were new."""
    data, actor = read_file(args.file), machine("命令行")
    with acting(actor) as at:
        new = load_statement(actor, at, args.file.name, data)
    print(json.dumps({"entries": new}) if args.json else f"账户明细已记入 {new} 条。")
    return 0


def send(args: argparse.Namespace) -> int:
    """Send a batch as a named account that holds the releaser's duty."""
    account = Account.objects.filter(username=args.username, is_active=True).first()
    if account is None:
        raise NotFound()
    actor = actor_of(account, day_of(read_clock()))
    with acting(actor, read_only=True):
        batch = Batch.objects.filter(number=args.batch).first()
    if batch is None:
        raise NotFound()
    batch = release_batch(actor, batch.id)
    facts = {"batch": batch.number, "heads": batch.heads, "total_fen": batch.total_fen, "sha256": batch.sha256}
    print(json.dumps(facts) if args.json else f"批次 {batch.number} 已送银行，共 {batch.heads} 笔。")
    return 0
