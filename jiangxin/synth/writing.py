"""The files of a planted demo: result workbooks to be sent, two fresh ones for people to try, the extract left out."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from jiangxin.ground.actor import PROVINCE
from jiangxin.ground.state import write_atomically
from jiangxin.synth.bodies import STRANGER
from jiangxin.synth.courses import GAP
from jiangxin.synth.errors import WRONG_ROWS, break_rows
from jiangxin.synth.learners import Result
from jiangxin.synth.people import LAST_DAY, Citizen
from jiangxin.synth.registers import missing_extract
from jiangxin.synth.scenarios import PLAIN
from jiangxin.synth.workbooks import ResultBook, books_of, cells_of, write_rows

BOOKS, MANIFEST = "results", "manifest.json"
EXTRACT = f"public-staff-{GAP[0]:%Y%m%d}-{GAP[1]:%Y%m%d}.xlsx"
FIRST_ROW = 2


@dataclass
class Folder:
    """A folder being filled, and what was put into it."""

    path: Path
    books: list[ResultBook] = field(default_factory=list)
    fresh: dict[str, dict[str, Any]] = field(default_factory=dict)
    on_the_list: list[Citizen] = field(default_factory=list)

    def add_missing_extract(self, people: Iterable[Citizen]) -> None:
        """Remember who stands on the list of public staff that is not loaded."""
        self.on_the_list += [citizen for citizen in people if citizen.public_staff or citizen.seconded]

    def write(
        self, results: list[Result], fresh: dict[str, list[Result]], places: dict[int, str], random: Random,
        report: Callable[[str, int, int], None],
    ) -> None:  # fmt: skip
        """Write every workbook: those of the year, the two fresh ones, the extract of the fortnight."""
        (self.path / BOOKS).mkdir(parents=True, exist_ok=True)
        self.books = list(books_of(results))
        for done, book in enumerate(self.books, 1):
            rows = (cells_of(result, places) for result in book.results)
            (self.path / BOOKS / book.file_name).write_bytes(write_rows(book.kind, rows))
            report("结果工作簿", done, len(self.books))
        for name, group in fresh.items():
            self._write_fresh(name, group, results, places, random)
        (self.path / EXTRACT).write_bytes(missing_extract(self.on_the_list))

    def _write_fresh(
        self, name: str, group: list[Result], results: list[Result], places: dict[int, str], random: Random
    ) -> None:
        rows = [cells_of(result, places) for result in group]
        errors: dict[str, list[int]] = {}
        assessor = group[0].course.assessor
        loaded = [r for r in results if r.course.assessor == assessor and r.scenario == PLAIN]
        if name == "wrong" and len(rows) >= WRONG_ROWS and len(loaded) > 1:
            known = [cells_of(result, places) for result in random.sample(loaded, 2)]
            rows, errors = break_rows(random, rows, known, STRANGER)
        file = f"fresh-{name}.xlsx"
        (self.path / file).write_bytes(write_rows("skill_level", rows))
        self.fresh[name] = {
            "file": file, "assessor": assessor.key, "kind": "skill_level", "rows": len(rows),
            "wrong_rows": len({row for found in errors.values() for row in found}),
            "errors": {code: [row + FIRST_ROW for row in found] for code, found in errors.items()},
        }  # fmt: skip

    def manifest(self) -> dict[str, Any]:
        """Which files there are and what each holds."""
        return {
            "folder": str(self.path),
            "books": [
                {
                    "file": f"{BOOKS}/{book.file_name}", "assessor": book.assessor, "kind": book.kind,
                    "received_on": book.received_on.isoformat(), "rows": len(book.results),
                }
                for book in self.books
            ],
            "fresh": self.fresh,
            "missing_extract": {
                "file": EXTRACT, "register": "public_staff", "region": PROVINCE, "from": GAP[0].isoformat(),
                "until": GAP[1].isoformat(), "extracted": LAST_DAY.isoformat(),
                "rows": sum(citizen.died_on is None for citizen in self.on_the_list),
            },
        }  # fmt: skip

    def save(self, manifest: dict[str, Any]) -> None:
        """Write the manifest beside the workbooks."""
        write_atomically(self.path / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1), 0o644)
