"""A large result file for the bench: read only, checked and loaded, with the time of each and the memory used.

Called with Django open on a database that is thrown away afterwards, as the worker role.
"""

import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from jiangxin.assessment.columns import COLUMNS, write_template
from jiangxin.assessment.models import ResultFile
from jiangxin.assessment.operations.files import check_file, finish_loading, load_file, receive_file
from jiangxin.ground.identity import check_digit
from jiangxin.ground.sheets import read_sheet
from jiangxin.subsidy.law import current_law
from tests.assessment.results import Desk, still

KIND = "skill_level"


def large_workbook(desk: Desk, rows: int, kept_in: Path) -> Path:
    """A clean workbook of so many people, written once and kept."""
    path = kept_in / f"results-{rows}.xlsx"
    if not path.exists():
        path.write_bytes(write_template(KIND, _rows(desk, rows)))
    return path


def _rows(desk: Desk, rows: int) -> Iterator[list[object]]:
    for n in range(rows):
        day, place = divmod(n, 1000)
        born = date.fromordinal(date(1970, 1, 1).toordinal() + day)
        first = f"330499{born:%Y%m%d}{place:03d}"
        yield desk.row(n, number=first + check_digit(first), certificate=f"S000033000001264{n:06d}")


def measure_import(desk: Desk, path: Path) -> dict[str, float]:
    """Seconds to read only, to check, to load; peak memory of the process in MB; certificates written."""
    seconds = {}

    def timed(name: str, act: Callable[[], ResultFile | int]) -> ResultFile | int:
        start = time.perf_counter()
        result = act()
        seconds[name] = time.perf_counter() - start
        return result

    world = desk.world
    timed("read", lambda: sum(1 for _ in read_sheet(path.read_bytes(), path.name, COLUMNS[KIND]).rows()))
    file = timed("receive", lambda: receive_file(desk.clerk, world.at, KIND, path.name, path.read_bytes()))
    assert isinstance(file, ResultFile)
    # As the jobs have it: by its key only, not with its sealed bytes.
    file = ResultFile(pk=file.pk)
    timed("check", lambda: check_file(world.machine, world.at, file, current_law(), still))
    load_file(desk.clerk, world.at, file)
    loaded = timed("load", lambda: finish_loading(world.machine, world.at, file, current_law(), still))
    assert isinstance(loaded, ResultFile)
    return seconds | {"peak_mb": _peak_mb(), "certificates": loaded.loaded_rows}


def _peak_mb() -> float:
    """The most memory this process ever held; not ru_maxrss, which a child inherits from who started it."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) / 1024
