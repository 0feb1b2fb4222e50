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
    """Seconds to check and load a workbook of so many rows, seconds to only read it, and the peak of memory in MB.

    One process writes the workbook, another takes it in, so that the peak is that of the import.
    """
    with tempfile.TemporaryDirectory() as kept:
        command = [sys.executable, "-m", "tests.bench.workbook_alone", str(size), kept]
        subprocess.run(command, check=True)
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    return found["check"] + found["load"], found["read"], found["peak_mb"]


def alone(size: int, kept: Path) -> None:
    """Write the workbook where it is not there yet; else the measure itself, on the database Django is open on."""
    with transaction.atomic():
        desk, fresh = Desk(), not any(kept.iterdir())
        path = large_workbook(desk, size, kept)
        if not fresh:
            print(json.dumps(measure_import(desk, path)))
        connection.set_rollback(True)
