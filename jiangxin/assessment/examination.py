"""A sealed file read whole: rows staged, problems found; nothing that stays is written here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache

from jiangxin.assessment.checks import find_problems
from jiangxin.assessment.columns import COLUMNS
from jiangxin.assessment.models import ResultFile
from jiangxin.assessment.reading import STAGED, ResultRow, RowReader, Setting
from jiangxin.ground.clock import day_of
from jiangxin.ground.identity import unseal
from jiangxin.ground.jobs import Progress
from jiangxin.ground.regions import Region
from jiangxin.ground.sheets import Sheet, read_sheet
from jiangxin.ground.staging import stage
from jiangxin.parties.operations.persons import PersonRow
from jiangxin.rules.parameters import Law

PLACE = "assessment_result_file|content|{}"
REPORT_EVERY = 2_000


@dataclass
class Examination:
    """What was found: the sheet's name, how a cell is called, rows in all and wrong, persons of the good rows."""

    sheet: str
    cell: Callable[[int, str], str]
    rows: int = 0
    wrong: int = 0
    persons: dict[int, PersonRow] = field(default_factory=dict)


def open_file(file: ResultFile) -> Sheet:
    """The sheet of a stored file. Raises a Refusal when it cannot be read as a result template of its kind."""
    return read_sheet(_content(file), file.file_name, COLUMNS[file.kind])


def _content(file: ResultFile) -> bytes:
    """The file as it came; what it was sealed in is given up before the reader lays out the sheet."""
    sealed = ResultFile.objects.values_list("content", flat=True).get(pk=file.pk)
    return unseal(bytes(sealed), PLACE.format(file.pk))


def places_by_name() -> dict[str, int]:
    """Counties and cities by code, by name, and by both as people write them."""
    found: dict[str, int] = {}
    for code, name, parent in Region.objects.values_list("id", "name", "parent__name"):
        found |= dict.fromkeys((f"{code:06d}", name, f"{code:06d}{name}", f"{parent or ''}{name}"), code)
    return found


def _pass_mark(law: Law, region_id: int) -> Callable[[date], int | None]:
    """The pass mark of each part on a day; None where no rule is known for that day."""

    @cache
    def find(on: date) -> int | None:
        entry = law.find(f"{region_id:06d}", "common", "pass_mark", on)
        return entry.value if entry.known else None

    return find


def examine(file: ResultFile, at: datetime, law: Law, progress: Progress, *, persons: bool = False) -> Examination:
    """Stage the rows of a file in `result_row` and name what is wrong in `result_problem`, by the law handed down.

    With `persons` the persons of rows that are in order by themselves are kept in memory, for registering.
    """
    found = _stage_rows(file, at, law, progress, persons)
    found.wrong = find_problems(file.kind, file.body_id)
    progress(found.rows, found.rows)
    return found


def _stage_rows(file: ResultFile, at: datetime, law: Law, progress: Progress, persons: bool) -> Examination:
    """Read and stage; the workbook, which the reader holds in memory, is given up on return."""
    sheet = open_file(file)
    pass_mark = _pass_mark(law, file.region_id)
    reader = RowReader(Setting(file.kind, file.body.name, day_of(at), places_by_name(), pass_mark))
    letters = {column.key: sheet.cell(0, column.key).rstrip("0") for column in sheet.columns}
    found = Examination(sheet.name, lambda line, key: f"{letters[key]}{line}")

    def read() -> Iterator[ResultRow]:
        for done, (line, cells) in enumerate(sheet.rows()):
            row = reader.read(line, cells)
            if persons and not row.problems:
                found.persons[line] = row.person()
            if done % REPORT_EVERY == 0:
                progress(done, sheet.last_row)
            yield row

    found.rows = stage("result_row", STAGED, (row.staged() for row in read()))
    return found
