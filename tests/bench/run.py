"""Runs the measures, prints them and writes them down."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from django.db import connection

from jiangxin.ground import state
from tests import database
from tests.bench import attendance, decisions, ledger, look_ups, rules, seats, vouchers, workbook, xapi
from tests.bench.crew import CONNECTIONS


@dataclass(frozen=True)
class Ratio:
    """`ratio` of two times of one run; `ok` when it is on the good side of the goal."""

    name: str
    ratio: float
    goal: str
    ok: bool
    note: str = ""


def at_most(name: str, ratio: float, goal: float, note: str = "") -> Ratio:
    """A ratio that should be small."""
    return Ratio(name, round(ratio, 2), f"≤ {goal:g}", ratio <= goal, note)


def at_least(name: str, ratio: float, goal: float, note: str = "") -> Ratio:
    """A ratio that should be large."""
    return Ratio(name, round(ratio, 2), f"≥ {goal:g}", ratio >= goal, note)


def _measures(size: int) -> Iterator[Ratio]:
    yield at_most("rules at 100,000 / plain numpy", rules.ratio(size), 1.5)
    crowd = decisions.Crowd(size)
    batch, floor, single = decisions.batch_floor_single(crowd)
    yield at_most("batch decision / COPY of the same rows with indexes", batch / floor, 2.5, f"{size:,} results")
    yield at_least("one by one / batch, per result", single / (batch / size), 60)
    took = look_ups.medians(crowd)
    one = took["SELECT 1"]
    yield at_most("find_person and certificates_of_person, p50 / SELECT 1", took["by document"] / one, 5, "2 queries")
    yield at_most("own_lines (首页、我的钱), p50 / SELECT 1", took["my money"] / one, 5, "1 query")
    yield at_most("certificate_numbered (评价机构查证书), p50 / SELECT 1", took["by number"] / one, 4, "1 query")
    money, plain = ledger.batch_and_plain(crowd)
    yield at_most("20,000 transfers on hot pools / plain insert", money / plain, 1.3)
    deadlocks, _lines = ledger.sixteen_writers(crowd)
    yield at_most("deadlocks of 16 writers on hot pools", deadlocks, 0)
    batch, floor, heads = vouchers.batch_and_copy(crowd)
    name = "voucher batch (match, issue, announce) / COPY of the same rows with indexes"
    yield at_most(name, batch / floor, 12, f"{heads:,} persons")
    taken, counted, floor, statements = xapi.batch_count_and_copy(crowd, size)
    name = "learning records taken (checked, sealed, indexed) / COPY of the same rows with indexes"
    yield at_most(name, taken / floor, 5, f"{statements:,} statements")
    yield at_most("learning records counted into hours / COPY of the same rows", counted / floor, 4, "20 learners")
    yield from _classes(crowd)
    imported, read, peak = workbook.import_and_read(size)
    yield at_most("import of a workbook / reading it only", imported / read, 12, f"{size:,} rows")
    yield at_most("peak memory of that import, MB", peak, 400)


def _classes(crowd: decisions.Crowd) -> Iterator[Ratio]:
    """What happens around a class: the rush for its last seats, a morning of sign-ins, the boards."""
    rush, plain, applicants = seats.rush_and_plain(crowd)
    name = f"last {seats.SEATS} seats, {CONNECTIONS} connections / conditional update and insert of the same rows"
    yield at_most(name, rush / plain, 15, f"{applicants:,} applicants, oversold 0, twice 0")
    came, read = attendance.measures(crowd)
    beside = f"{came.scans:,} scans, {CONNECTIONS} connections, {attendance.READERS} readers"
    name = "sign-in by code, one by one / plain insert and update of the same rows"
    yield at_most(name, came.one_by_one / came.one_by_one_plain, 15, beside)
    yield at_most("sign-ins out of a device's buffer / the same rows", came.buffered / came.buffered_plain, 12)
    yield at_most("board read during the sign-ins, p95 / idle, p50", came.read_p95 / came.read_idle, 20)
    running = f"{attendance.LESSONS} running lessons"
    yield at_most("board of a lesson / indexed select of its rows", read.board / read.board_plain, 25, running)
    yield at_most("lessons of a school / indexed select of its rows", read.school / read.lessons_plain, 10, running)
    yield at_most("lessons of a county with heads / indexed select", read.county / read.lessons_plain, 15, running)


def main(arguments: list[str]) -> int:
    """Measure at 100,000, or at the size given; exits 1 when a goal is missed."""
    size = int(arguments[0]) if arguments else 100_000
    found = []
    template = database.ensure_template()
    with database.copy_of(template):
        _as_worker()
        for ratio in _measures(size):
            found.append(ratio)
            print(
                f"{'✓' if ratio.ok else '✗'} {ratio.ratio:>10,.2f}  {ratio.goal:<8} {ratio.name}  {ratio.note}",
                flush=True,
            )
    path = Path("build/bench.json")
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1))
    return 0 if all(one.ok for one in found) else 1


def _as_worker() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'SET ROLE "{state.role_name("worker")}"')
