"""Play the demo's first weeks by its named accounts: from the workbooks of the assessors to reconciled payments."""

import argparse
import time

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.clock import is_demo
from jiangxin.ground.refusal import Refusal
from jiangxin.payment.exchange import exchange_folder
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.synth.bank import Bank
from jiangxin.synth.plant import demo_folder
from jiangxin.synth.play import Play

ROLE = "worker"
# Long enough that the simulated bank has made up its mind about everything in its outbox.
AN_HOUR = 3600


class PlayedAlready(Refusal):
    sentence = "这个演示库已经走过一遍主线。"
    remedy = "请直接打开网页继续，或换一个空库重新开始。"


class PlayOnlyInDemo(Refusal):
    sentence = "这不是演示库，不能演示。"
    remedy = "请先在空库里运行 jiangxin synth。"


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`jiangxin play [--keep]`."""
    parser = subparsers.add_parser("play", help=__doc__)
    parser.add_argument("--keep", action="store_true", help="where it was played already, leave it as it is")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Play once, showing each act as it ends."""
    with acting(machine(), read_only=True):
        demo, played = is_demo(), SubsidyLine.objects.exists()
    if not demo:
        raise PlayOnlyInDemo()
    if played:
        if args.keep:
            return 0
        raise PlayedAlready()
    Play(demo_folder(), (lambda _act: None) if args.json else _show, _let_the_bank_answer).perform()
    return 0


def _let_the_bank_answer() -> None:
    bank = Bank(exchange_folder())
    while bank.turn(time.time() + AN_HOUR):
        pass


def _show(act: str) -> None:
    print(act, flush=True)
