"""A large workbook of results: checked and loaded, against only reading it, in a process of its own for its memory."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from django.db import connection, transaction

from tests.assessment.large import large_workbook, measure_import
from tests.assessment.results import Desk


def import_and_read(size: int) -> tuple[float, float, float]:
    """Seconds to check and load a workbook of so many rows, seconds to only read it, and the peak of memory in MB."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.workbook_alone", str(size)], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    return found["check"] + found["load"], found["read"], found["peak_mb"]


def alone(size: int) -> None:
    """The measure itself, in this process, on the database that Django is open on."""
    with transaction.atomic(), tempfile.TemporaryDirectory() as kept:
        desk = Desk()
        print(json.dumps(measure_import(desk, large_workbook(desk, size, Path(kept)))))
        connection.set_rollback(True)
