"""Result workbooks as assessors would send them, in the house's templates: one for each assessor, kind and day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from jiangxin.assessment.columns import COLUMNS, write_template
from jiangxin.parties.models import DOCUMENT_KINDS
from jiangxin.rules.vocabulary import LEVELS
from jiangxin.synth.learners import Result
from jiangxin.synth.registers import SEX_WORDS

Cells = dict[str, object]


@dataclass(frozen=True)
class ResultBook:
    """One workbook: whose it is, what it holds, and the day it was sent."""

    assessor: str
    kind: str
    received_on: date
    results: tuple[Result, ...]

    @property
    def file_name(self) -> str:
        return f"{self.assessor}-{self.kind}-{self.received_on:%Y%m%d}.xlsx"


def cells_of(result: Result, places: dict[int, str]) -> Cells:
    """The cells of a result by column key; `places` gives the names of counties."""
    citizen, course = result.citizen, result.course
    cells: Cells = {
        "name": citizen.name, "document_kind": DOCUMENT_KINDS[citizen.document], "number": citizen.number,
        "sex": SEX_WORDS[citizen.sex], "phone": citizen.phone,
        "occupation": course.trade.name, "code": course.trade.code,
        "level": LEVELS.get(course.level, ""), "theory": result.theory, "practice": result.practice,
        "review": result.review, "exam_on": course.exam_on, "issued_on": course.issued_on,
        "certificate": result.number, "assessor": course.assessor.name,
    }  # fmt: skip
    if citizen.document != "resident":
        cells["born_on"] = citizen.born_on
    if result.trained:
        cells |= {
            "provider": course.provider.name, "provider_code": course.provider.credit_code,
            "class_number": course.number, "class_region": places[course.county],
            "training_region": places[course.county], "first_on": course.first_on, "last_on": course.last_on,
            "hours": course.taught.hours, "training_code": course.taught.code,
        }  # fmt: skip
    return cells


def write_rows(kind: str, rows: Iterable[Cells]) -> bytes:
    """A workbook of these rows in the template of a kind of certificate."""
    keys = [column.key for column in COLUMNS[kind]]
    return write_template(kind, [["" if row.get(key) is None else row[key] for key in keys] for row in rows])


def books_of(results: Iterable[Result]) -> Iterator[ResultBook]:
    """The results sorted into files, in the order in which they were sent."""
    together = sorted(results, key=_of_file)
    for (received_on, assessor, kind), group in groupby(together, key=_of_file):
        yield ResultBook(assessor, kind, received_on, tuple(group))


def _of_file(result: Result) -> tuple[date, str, str]:
    course = result.course
    return course.received_on, course.assessor.key, course.kind
