"""Check every invariant, read only, over the whole province; prints one line each, exits 1 on a violation."""

import argparse
import json
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from jiangxin.commands.invariants import INVARIANTS
from jiangxin.ground.actor import acting, machine
from jiangxin.ground.refusal import Refusal

ROLE = "verifier"


class NoSuchInvariant(Refusal):
    sentence = "没有不变量 {id}。"
    remedy = "可以写 {ids}。"


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


def check(at: datetime, only: str = "") -> list[Found]:
    """Every invariant, or the one asked for, inside the caller's transaction and scope. Raises NoSuchInvariant."""
    asked = [invariant for invariant in INVARIANTS if only in ("", invariant.id)]
    if not asked:
        raise NoSuchInvariant(id=only, ids="、".join(invariant.id for invariant in INVARIANTS))
    with connection.cursor() as cursor:
        return [Found(one.id, one.statement, *one.count(cursor, at)) for one in asked]


def verify(args: argparse.Namespace) -> int:
    """Print the findings; the exit code is 1 when anything is violated."""
    with acting(machine("核验"), read_only=True) as at:
        found = check(at, args.only)
    if args.json:
        said = [{"id": one.id, "checked": one.checked, "violations": one.violations} for one in found]
        print(json.dumps(said, ensure_ascii=False))
    else:
        for one in found:
            print(
                f"{'✗' if one.violations else '✓'} {one.id:<4} {one.checked:>10,} 查  {one.violations:>6,} 违反"
                f"  {one.statement}"
            )
    return 1 if any(one.violations for one in found) else 0
