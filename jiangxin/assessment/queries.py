"""Reads of the assessment chapter: an assessor's files, what is wrong in them, the wrong cell among its neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Min, QuerySet

from jiangxin.assessment.columns import write_template
from jiangxin.assessment.examination import open_file
from jiangxin.assessment.models import ResultFile, ResultFileError
from jiangxin.ground.cells import as_shown
from jiangxin.ground.refusal import NotFound
from jiangxin.ground.unpacking import column_letters

LOOKED_INTO = 20_000
ROWS_AROUND, COLUMNS_AROUND = 2, 3


def files_of(body_id: UUID) -> QuerySet[ResultFile]:
    """The files of a body, newest first, without their content."""
    return ResultFile.objects.filter(body_id=body_id).defer("content").order_by("-received_at", "-id")


def file_of(body_id: UUID, file_id: UUID) -> ResultFile:
    """One file of a body, without its content. Raises NotFound."""
    found = files_of(body_id).filter(pk=file_id).first()
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True)
class ErrorGroup:
    """One kind of mistake in a file: its first cell, what stood there, how many rows share it."""

    sheet: str
    cell: str
    row: int
    column: str
    given: str
    problem: str
    remedy: str
    rows: int


def error_groups(file: ResultFile) -> list[ErrorGroup]:
    """The mistakes of a file by kind, the most frequent first; the same one is told once (numbers in it aside)."""
    errors = ResultFileError.objects.filter(file=file)
    groups = errors.values("column", "remedy").annotate(rows=Count("row", distinct=True), first=Min("row"))
    shown = []
    for group in groups.order_by("-rows", "first", "column"):
        one = errors.filter(row=group["first"], column=group["column"], remedy=group["remedy"]).order_by("id")[0]
        shown.append(
            ErrorGroup(one.sheet, one.cell, one.row, one.column, one.given, one.problem, one.remedy, group["rows"])
        )
    return shown


def errors_of(file: ResultFile, column: str = "", remedy: str = "") -> QuerySet[ResultFileError]:
    """The errors of a file by row, of one kind when named."""
    errors = ResultFileError.objects.filter(file=file).order_by("row", "id")
    return errors.filter(column=column, remedy=remedy) if column else errors


@dataclass(frozen=True)
class Excerpt:
    """A few cells of the file as they stand, masked: column letters and titles, then rows with the wrong one marked."""

    heads: list[tuple[str, str]]
    rows: list[tuple[int, list[tuple[str, bool]]]]


def excerpt(file: ResultFile, error: ResultFileError) -> Excerpt | None:
    """The wrong cell among its neighbours; None for a large file, which is not opened for one cell."""
    if file.rows > LOOKED_INTO:
        return None
    sheet = open_file(file)
    at = next(n for n, column in enumerate(sheet.columns) if column.title == error.column)
    shown = range(max(at - COLUMNS_AROUND, 0), min(at + COLUMNS_AROUND + 1, len(sheet.columns)))
    heads = [
        (column_letters(place + 1) if (place := sheet.places[n]) is not None else "", sheet.columns[n].header)
        for n in shown
    ]
    rows = []
    for line, cells in sheet.lines():
        if line > error.row + ROWS_AROUND:
            break
        if line >= error.row - ROWS_AROUND:
            rows.append(
                (line, [(sheet.columns[n].masked(as_shown(cells[n])), line == error.row and n == at) for n in shown])
            )
    return Excerpt(heads, rows)


def wrong_rows_workbook(file: ResultFile) -> bytes:
    """The wrong rows of a file as they came, in its own template, each with its 错误原因."""
    reasons: dict[int, list[str]] = {}
    for row, problem, remedy in errors_of(file).values_list("row", "problem", "remedy"):
        reasons.setdefault(row, []).append(f"{problem}，{remedy}")
    rows: list[Sequence[object]] = [
        [*cells, "；".join(reasons[line])] for line, cells in open_file(file).lines() if line in reasons
    ]
    return write_template(file.kind, rows, reasons=True)
