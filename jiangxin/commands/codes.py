"""The demo's accounts, each with the code it would be let in with now (also `jiangxin demo codes`)."""

import argparse
import json
from dataclasses import asdict

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.clock import day_of, is_demo
from jiangxin.ground.refusal import Refusal
from jiangxin.parties.operations.accounts import DEMO_PASSWORD
from jiangxin.parties.queries.accounts import demo_accounts

ROLE = "worker"


class CodesOnlyInDemo(Refusal):
    sentence = "这不是演示库，没有演示账号。"
    remedy = "请看自己验证器上的动态码。"


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`jiangxin codes`."""
    subparsers.add_parser("codes", help=__doc__).set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print sign-in name, role and current unused code of every demo account, and the one password."""
    with acting(machine(), read_only=True) as at:
        if not is_demo():
            raise CodesOnlyInDemo()
        accounts = demo_accounts(day_of(at))
    if args.json:
        print(
            json.dumps({"password": DEMO_PASSWORD, "accounts": [asdict(row) for row in accounts]}, ensure_ascii=False)
        )
        return 0
    print(f"密码都是 {DEMO_PASSWORD}；动态码用过一次就换下一个。")
    for row in accounts:
        print(f"{row.code or f'{row.wait_seconds} 秒后':>8}  {row.username:<20} {row.duties}  {row.place} {row.name}")
    return 0
