"""Registers: load an extract with the days it answers for, make its template, list what is loaded, take one back."""

import argparse
import json
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from django.core.exceptions import ValidationError

from jiangxin.commands.arguments import day
from jiangxin.commands.files import place_to_write, read_file, write_file
from jiangxin.ground.actor import PROVINCE, Actor, acting, machine
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import Refusal
from jiangxin.ground.sheets import write_workbook
from jiangxin.parties.models import Account, RegisterLoad
from jiangxin.parties.operations.registers import Loaded, withdraw_load
from jiangxin.parties.queries.accounts import actor_of
from jiangxin.parties.register_files import Extract, RegisterFileWrong, digest
from jiangxin.parties.registers import REGISTERS
from jiangxin.subsidy.operations.registers import shape_of, take_in

ROLE = "worker"
SHOWN = 20


class AccountUnknown(Refusal):
    sentence = "没有“{username}”这个账号。"
    remedy = "请核对登录名。"


class LoadUnknown(Refusal):
    sentence = "没有编号为 {load} 的一批。"
    remedy = "请用 jiangxin register list 查编号。"


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`jiangxin register load|template|list|withdraw`."""
    actions = subparsers.add_parser("register", help=__doc__).add_subparsers(metavar="ACTION", required=True)
    loading = actions.add_parser("load", help="check a whole file, then take it in")
    loading.add_argument("file", type=Path)
    loading.add_argument("--register", required=True, help="one of: " + " ".join(REGISTERS))
    loading.add_argument("--region", type=int, default=PROVINCE, help="the region it answers for (default %(default)s)")
    for name, text in (("from", "first day it answers for"), ("until", "last day"), ("extracted", "day it was drawn")):
        loading.add_argument(f"--{name}", dest=f"{name}_on", type=day, required=True, help=text)
    loading.add_argument("--began", dest="began_on", type=day, help="titles: the day work began here")
    loading.add_argument("--as", dest="username", help="the account that loads (default: the machine)")
    loading.set_defaults(run=load)
    template = actions.add_parser("template", help="write the template of a register")
    template.add_argument("register")
    template.add_argument("-o", "--out", type=place_to_write, required=True)
    template.set_defaults(run=write_template)
    listing = actions.add_parser("list", help="what is loaded, newest first")
    listing.add_argument("--register")
    listing.set_defaults(run=show_loads)
    withdrawing = actions.add_parser("withdraw", help="take a whole load back, by a second person")
    withdrawing.add_argument("load")
    withdrawing.add_argument("--as", dest="username", required=True, help="the account that takes it back")
    withdrawing.add_argument("--reason", required=True)
    withdrawing.set_defaults(run=withdraw)


def load(args: argparse.Namespace) -> int:
    """Read, check and take in one file; wrong cells are listed and nothing is written."""
    data = read_file(args.file)
    extract = Extract(
        args.register, args.region, args.from_on, args.until_on, args.extracted_on, args.file.name, digest(data)
    )
    say = (lambda text: None) if args.json else partial(print, flush=True)
    with acting(machine()) as at:
        try:
            loaded = take_in(_actor(args.username, at), at, extract, data, args.began_on, say)
        except RegisterFileWrong as wrong:
            _show_wrongs(wrong, args.json)
            raise
    _show_loaded(loaded, args.json)
    return 0


def _actor(username: str | None, at: datetime) -> Actor:
    if username is None:
        return machine("命令行")
    account = Account.objects.filter(username=username).first()
    if account is None:
        raise AccountUnknown(username=username)
    return actor_of(account, day_of(at))


def _show_wrongs(wrong: RegisterFileWrong, as_json: bool) -> None:
    if as_json:
        print(json.dumps([asdict(cell) for cell in wrong.wrongs], ensure_ascii=False))
        return
    for cell in wrong.wrongs[:SHOWN]:
        print(f"第 {cell.row} 行 {cell.cell} {cell.column}：{cell.problem}。{cell.remedy}。")
    if len(wrong.wrongs) > SHOWN:
        print(f"… 还有 {len(wrong.wrongs) - SHOWN} 处")


def _show_loaded(loaded: Loaded, as_json: bool) -> None:
    facts = {
        "load": str(loaded.load.pk),
        "rows": loaded.load.rows,
        "persons_made": loaded.persons,
        "misnamed_rows": loaded.misnamed,
    }
    if as_json:
        print(json.dumps(facts, ensure_ascii=False))
        return
    print(f"入库 {loaded.load.rows:,} 行，新增 {loaded.persons:,} 人。批次编号 {loaded.load.pk}")
    if loaded.misnamed:
        shown = "、".join(map(str, loaded.misnamed[:SHOWN]))
        print(f"有 {len(loaded.misnamed)} 行的姓名和登记的不一样，登记的姓名没有改。行号：{shown}")


def write_template(args: argparse.Namespace) -> int:
    """Write the empty workbook that a register's keeper fills."""
    name, keeper = REGISTERS.get(args.register, ("", ""))
    columns = shape_of(args.register).columns
    notes = (f"由{keeper}提供。每行一条，表头不要改，带 * 的必填。", "整个文件先检查，有一处错就一行也不入库。")
    write_file(args.out, write_workbook(name, notes, name, columns))
    print(json.dumps({"file": str(args.out)}, ensure_ascii=False) if args.json else f"模板已写到 {args.out}")
    return 0


def show_loads(args: argparse.Namespace) -> int:
    """Print the loads with their coverage and state."""
    loads = RegisterLoad.objects.select_related("register").order_by("-loaded_at", "-id")
    if args.register:
        shape_of(args.register)
        loads = loads.filter(register_id=args.register)
    facts = [
        {
            "load": str(load.pk), "register": load.register_id, "region": load.region_id, "from": str(load.from_on),
            "until": str(load.until_on), "extracted": str(load.extracted_on), "rows": load.rows,
            "by": load.loaded_by_name, "state": load.state,
        }
        for load in loads
    ]  # fmt: skip
    if args.json:
        print(json.dumps(facts, ensure_ascii=False))
        return 0
    for load, fact in zip(loads, facts, strict=True):
        print(
            f"{fact['load']}  {load.register.name}  {fact['region']}  {fact['from']} 至 {fact['until']}"
            f"  {load.rows:,} 行  {load.get_state_display()}"
        )
    return 0


def withdraw(args: argparse.Namespace) -> int:
    """Take a load back as the named account."""
    with acting(machine()) as at:
        actor = _actor(args.username, at)
        try:
            standing = RegisterLoad.objects.filter(pk=UUID(args.load)).first()
        except (ValueError, ValidationError):
            standing = None
        if standing is None:
            raise LoadUnknown(load=args.load)
        taken = withdraw_load(actor, at, standing, args.reason)
    facts = {"load": str(taken.pk), "state": taken.state}
    print(json.dumps(facts, ensure_ascii=False) if args.json else f"已撤回 {taken.rows:,} 行，它们不再作数。")
    return 0
