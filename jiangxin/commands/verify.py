"""Check every invariant by SQL, read only, over the whole province; prints one line each, exits 1 on a violation."""

import argparse
import json
from dataclasses import asdict, dataclass

from django.db import connection

from jiangxin.commands.invariants import INVARIANTS
from jiangxin.ground.actor import acting, machine
from jiangxin.ground.refusal import Refusal

ROLE = "verifier"


class NoSuchInvariant(Refusal):
    sentence = "没有编号为“{id}”的不变量。"
    remedy = "可以用的有：{known}。"


@dataclass(frozen=True)
class Found:
    """How many things one invariant was checked on, and how many violate it."""

    id: str
    statement: str
    checked: int
    violations: int


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`jiangxin verify [--only M4]`."""
    parser = subparsers.add_parser("verify", help=__doc__)
    parser.add_argument("--only", default="", help="one invariant by its id")
    parser.set_defaults(run=verify)


def check(only: str = "") -> list[Found]:
    """Every invariant, inside the caller's transaction and scope."""
    found = []
    with connection.cursor() as cursor:
        for invariant in INVARIANTS:
            if only in ("", invariant.id):
                cursor.execute(invariant.sql)
                checked, violations = cursor.fetchone()
                found.append(Found(invariant.id, invariant.statement, int(checked), int(violations)))
    return found


def verify(args: argparse.Namespace) -> int:
    """Print the findings; the exit code is 1 when anything is violated."""
    known = [invariant.id for invariant in INVARIANTS]
    if args.only and args.only not in known:
        raise NoSuchInvariant(id=args.only, known="、".join(known))
    with acting(machine("核验"), read_only=True):
        found = check(args.only)
    if args.json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False))
    else:
        for one in found:
            print(
                f"{'✗' if one.violations else '✓'} {one.id:<4} {one.checked:>10,} 查  {one.violations:>6,} 违反"
                f"  {one.statement}"
            )
    return 1 if any(one.violations for one in found) else 0
