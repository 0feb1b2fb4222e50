"""The main line: what is due at each step, and doing it."""

import argparse
import json

from jiangxin.commands.arguments import day
from jiangxin.commands.clock import set_day
from jiangxin.ground.actor import acting, machine
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import Refusal
from jiangxin.mainline import STEPS, Step, run_step, run_until_idle, what_is_due

ROLE = "worker"


class NoSuchStep(Refusal):
    sentence = "没有叫“{step}”的步骤。"
    remedy = "可用的步骤：{steps}。"


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`jiangxin mainline run [--step S] [--until-idle] [--at DATE]`, `jiangxin mainline due`."""
    actions = subparsers.add_parser("mainline", help=__doc__).add_subparsers(metavar="ACTION", required=True)
    run = actions.add_parser("run", help="do what is due")
    run.add_argument("--step", default="", help="only this step")
    run.add_argument("--until-idle", action="store_true", help="again and again until nothing is due")
    run.add_argument("--at", type=day, help="first move the clock to this day; only in a demo")
    run.set_defaults(run=do)
    actions.add_parser("due", help="say what is due").set_defaults(run=say)


def do(args: argparse.Namespace) -> int:
    """Run one round of the steps, or until nothing is due, and print how many each did."""
    names = [step.name for step in STEPS if step.do]
    if args.step and args.step not in names:
        raise NoSuchStep(step=args.step, steps="、".join(names))
    if args.at:
        set_day(machine("命令行"), args.at)
    show = (lambda _step, _done: None) if args.json else _show
    if args.until_idle:
        done = run_until_idle(show, only=args.step)
    else:
        done = {step.name: run_step(step) for step in STEPS if step.do and args.step in ("", step.name)}
    if args.json:
        print(json.dumps(done, ensure_ascii=False))
    elif not any(done.values()):
        print("没有到期的事。")
    return 0


def say(args: argparse.Namespace) -> int:
    """Print how many wait before each step."""
    with acting(machine(), read_only=True) as at:
        waiting = what_is_due(day_of(at))
    if args.json:
        print(json.dumps(waiting, ensure_ascii=False))
    else:
        for step in STEPS:
            print(f"{waiting[step.name]:>8}  {step.title}")
    return 0


def _show(step: Step, done: int) -> None:
    print(f"{step.title}  {done:,}", flush=True)
