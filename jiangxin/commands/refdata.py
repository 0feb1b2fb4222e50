"""Reference data: divisions, offices, registers, occupations, levels, working days."""

import argparse
import json
from collections.abc import Callable
from datetime import datetime

from jiangxin.catalogue.operations import load_aliases, load_levels, load_occupations
from jiangxin.ground.actor import Actor, acting, machine
from jiangxin.ground.journal import note
from jiangxin.ground.reference import load_calendar_days, load_region_lists, load_regions
from jiangxin.parties.operations.offices import load_offices, load_registers
from jiangxin.training.operations.voucher_batches import load_voucher_kinds

ROLE = "worker"
# In this order: offices stand on divisions.
PARTS: dict[str, tuple[str, Callable[[], int]]] = {
    "regions": ("行政区划", load_regions),
    "region_lists": ("山区县名单", load_region_lists),
    "offices": ("经办机构", load_offices),
    "registers": ("登记来源", load_registers),
    "levels": ("技能等级", load_levels),
    "occupations": ("职业", load_occupations),
    "aliases": ("职业俗称", load_aliases),
    "calendar_days": ("日历", load_calendar_days),
    "voucher_kinds": ("培训券种类", load_voucher_kinds),
}


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`jiangxin refdata load`."""
    actions = subparsers.add_parser("refdata", help=__doc__).add_subparsers(metavar="ACTION", required=True)
    actions.add_parser("load", help="load what is missing; safe to repeat").set_defaults(run=load)


def load_refdata(actor: Actor, at: datetime, report: Callable[[str, int], None]) -> dict[str, int]:
    """Load every part inside the caller's transaction, reporting (name, rows there); returns rows by part."""
    counts = {}
    for code, (name, load_part) in PARTS.items():
        counts[code] = load_part()
        report(name, counts[code])
    note(actor, at, "loaded_reference_data", kind="Region", rows=counts)
    return counts


def load(args: argparse.Namespace) -> int:
    """Load all in one transaction, showing each part as it is done."""
    actor = machine()
    with acting(actor) as at:
        counts = load_refdata(actor, at, (lambda name, rows: None) if args.json else _show)
    if args.json:
        print(json.dumps(counts, ensure_ascii=False))
    return 0


def _show(name: str, rows: int) -> None:
    print(f"{name}  {rows:,} 条", flush=True)
