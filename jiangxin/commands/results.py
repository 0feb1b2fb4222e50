"""Results: make a template, check a file without keeping anything, or take it in as its assessor."""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from jiangxin.assessment.columns import write_template
from jiangxin.assessment.models import CERTIFICATE_KINDS, FILE_STATES, ResultFile
from jiangxin.assessment.operations.files import (
    check_file,
    finish_loading,
    load_file,
    load_good_rows,
    receive_file,
)
from jiangxin.assessment.queries import errors_of, wrong_rows_workbook
from jiangxin.commands.files import place_to_write, read_file, write_file
from jiangxin.ground.actor import Actor, acting, machine
from jiangxin.ground.refusal import Refusal
from jiangxin.parties.models import Organisation
from jiangxin.subsidy.law import current_law

ROLE = "worker"
SHOWN = 20


class BodyUnknown(Refusal):
    sentence = "没有信用代码为 {code} 的机构。"
    remedy = "请核对统一社会信用代码。"


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`jiangxin results template|check|import`."""
    actions = subparsers.add_parser("results", help=__doc__).add_subparsers(metavar="ACTION", required=True)
    template = actions.add_parser("template", help="write the empty workbook of a kind of certificate")
    template.add_argument("kind", choices=CERTIFICATE_KINDS)
    template.add_argument("-o", "--out", type=place_to_write, required=True)
    template.set_defaults(run=make_template)
    checking = actions.add_parser("check", help="check a whole file; nothing is kept")
    importing = actions.add_parser("import", help="check a whole file and load it when all of it is right")
    for action in (checking, importing):
        action.add_argument("file", type=Path)
        action.add_argument("--kind", choices=CERTIFICATE_KINDS, required=True)
        action.add_argument("--body", required=True, metavar="CREDIT_CODE", help="the assessor whose results these are")
        action.add_argument("--wrong-rows", type=place_to_write, metavar="FILE", help="write the wrong rows here")
    checking.set_defaults(run=check)
    importing.add_argument("--good-rows", action="store_true", help="load the good rows of a wrong file, with --reason")
    importing.add_argument("--reason", default="")
    importing.set_defaults(run=take_in)


def make_template(args: argparse.Namespace) -> int:
    """Write a template."""
    with acting(machine(), read_only=True):
        write_file(args.out, write_template(args.kind))
    print(json.dumps({"file": str(args.out)}, ensure_ascii=False) if args.json else f"模板已写到 {args.out}")
    return 0


def check(args: argparse.Namespace) -> int:
    """Check a file and show what is wrong; all of it is rolled back."""
    with _received(args) as (actor, at, file):
        file = check_file(actor, at, file, current_law(), _progress(args))
        code = _show(args, file)
        transaction.set_rollback(True)
        return code


def take_in(args: argparse.Namespace) -> int:
    """Check a file and load it: the clean one, or the good rows of a wrong one when that was chosen."""
    with _received(args) as (actor, at, file):
        file = check_file(actor, at, file, current_law(), _progress(args))
        if file.state == "clean":
            load_file(actor, at, file)
        elif file.state == "wrong" and args.good_rows:
            load_good_rows(actor, at, file, args.reason)
        file = finish_loading(actor, at, file, current_law(), _progress(args))
        return _show(args, file)


@contextmanager
def _received(args: argparse.Namespace) -> Iterator[tuple[Actor, datetime, ResultFile]]:
    """The file as the named body sent it, in one transaction, seen by the machine with the whole province."""
    data = read_file(args.file)
    actor = machine("命令行")
    with acting(actor) as at:
        body = Organisation.objects.filter(credit_code=args.body).first()
        if body is None:
            raise BodyUnknown(code=args.body)
        actor = replace(actor, body_id=body.pk, region_id=body.region_id)
        yield actor, at, receive_file(actor, at, args.kind, args.file.name, data)


def _progress(args: argparse.Namespace) -> Any:
    def show(done: int, total: int) -> None:
        if not args.json and sys.stderr.isatty():
            print(f"\r{done:,} / {total:,}", end="\n" if done == total else "", file=sys.stderr, flush=True)

    return show


def _show(args: argparse.Namespace, file: ResultFile) -> int:
    """Print the outcome; 0 when nothing was wrong or the good rows were loaded by choice, else 1."""
    errors = list(errors_of(file).values("sheet", "row", "cell", "column", "given", "problem", "remedy"))
    if args.wrong_rows and errors:
        write_file(args.wrong_rows, wrong_rows_workbook(file))
    right = file.state in ("clean", "loaded")
    if args.json:
        facts = ("state", "rows", "wrong_rows", "loaded_rows", "trouble")
        print(json.dumps({name: getattr(file, name) for name in facts} | {"errors": errors}, ensure_ascii=False))
        return 0 if right else 1
    for error in errors[:SHOWN]:
        print(f"{error['sheet']} {error['cell']}：{error['problem']}。{error['remedy']}。")
    if len(errors) > SHOWN:
        print(f"… 还有 {len(errors) - SHOWN:,} 处")
    counts = f"共 {file.rows:,} 行，错 {file.wrong_rows:,} 行，入库 {file.loaded_rows:,} 行。"
    print(f"{FILE_STATES.words[file.state]}。{counts}{file.trouble}")
    return 0 if right else 1
