"""Synthetic people, registers and results: fills an unused database and makes it a demo."""

import argparse
import json
import sys

from jiangxin.commands.arguments import PEOPLE
from jiangxin.ground.actor import acting, machine
from jiangxin.synth.plant import PeopleAlreadyThere, begin_demo, demo_folder, plant

ROLE = "worker"


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`jiangxin synth [--people N] [--seed S] [--keep]`."""
    parser = subparsers.add_parser("synth", help=__doc__)
    parser.add_argument("--people", type=PEOPLE, default=20_000, help="people of the demo county (default %(default)s)")
    parser.add_argument("--seed", type=int, default=330421, help="the same seed, the same people (default %(default)s)")
    parser.add_argument("--keep", action="store_true", help="where a demo is filled already, leave it as it is")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Plant all in one transaction, showing progress on the error stream; prints what was planted."""
    actor = machine("演示")
    try:
        with acting(actor):
            at = begin_demo()
            manifest = plant(actor, at, args.people, args.seed, demo_folder(), _show)
    except PeopleAlreadyThere:
        if not args.keep:
            raise
        return 0
    if args.json:
        print(json.dumps(manifest, ensure_ascii=False))
    else:
        _tell(manifest)
    return 0


def _show(what: str, done: int, total: int) -> None:
    if done == total or sys.stderr.isatty():
        end = "\n" if done == total else "\r"
        print(f"{what}  {done:,} / {total:,}", end=end, file=sys.stderr, flush=True)


def _tell(manifest: dict) -> None:
    people = sum(manifest["people"].values())
    certificates = sum(county["certificates"] for county in manifest["counties"].values())
    rows = sum(manifest["rows"].values())
    print(f"人员 {people:,}，登记 {rows:,} 条，证书 {certificates:,}，文件在 {manifest['folder']}")
