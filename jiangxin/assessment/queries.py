"""Reads of the assessment chapter: an assessor's files and what is wrong in them; a person's certificates."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, QuerySet

from jiangxin.assessment.columns import write_template
from jiangxin.assessment.examination import open_file
from jiangxin.assessment.models import CERTIFICATE_KINDS, Certificate, ResultFile, ResultFileError
from jiangxin.ground.cells import as_shown
from jiangxin.ground.refusal import NotFound
from jiangxin.ground.staging import rows_of, rows_of_prepared
from jiangxin.rules.vocabulary import LEVELS

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


def file_counts(body_id: UUID) -> dict[str, int]:
    """How many files of a body stand in each state."""
    counted = ResultFile.objects.filter(body_id=body_id).values("state").annotate(count=Count("id")).order_by("state")
    return {row["state"]: row["count"] for row in counted}


@dataclass(frozen=True)
class ErrorGroup:
    """One kind of mistake in a file: its first cell, what stood there, how often it was made."""

    sheet: str
    cell: str
    column: str
    given: str
    problem: str
    remedy: str
    count: int


GROUPS = """
SELECT DISTINCT ON ("column", remedy) sheet, cell, "column", given, problem, remedy,
       count(*) OVER (PARTITION BY "column", remedy)
  FROM assessment_result_file_error WHERE file_id = %s ORDER BY "column", remedy, row
"""


def error_groups(file: ResultFile) -> list[ErrorGroup]:
    """The mistakes of a file by kind, the most frequent first: one column and one remedy are one kind."""
    return sorted((ErrorGroup(*row) for row in rows_of(GROUPS, [file.pk])), key=lambda group: -group.count)


def errors_of(file: ResultFile, column: str = "", remedy: str = "") -> QuerySet[ResultFileError]:
    """The errors of a file by row, of one kind when named."""
    errors = ResultFileError.objects.filter(file=file).order_by("row", "id")
    return errors.filter(column=column, remedy=remedy) if column else errors


@dataclass(frozen=True)
class Excerpt:
    """A few cells of the file as they stand, masked: heads with their letters, then rows with the wrong one marked."""

    heads: list[str]
    rows: list[tuple[int, list[tuple[str, bool]]]]


def excerpt(file: ResultFile, error: ResultFileError) -> Excerpt | None:
    """The wrong cell among its neighbours; None for a large file, which is not opened for one cell."""
    if file.rows > LOOKED_INTO:
        return None
    sheet = open_file(file)
    at = next(n for n, column in enumerate(sheet.columns) if column.title == error.column)
    near = range(max(at - COLUMNS_AROUND, 0), min(at + COLUMNS_AROUND + 1, len(sheet.columns)))
    shown = [n for n in near if sheet.places[n] is not None]
    heads = [f"{sheet.cell(0, sheet.columns[n].key).rstrip('0')} {sheet.columns[n].header}" for n in shown]
    rows = []
    for line, cells in sheet.lines():
        if line > error.row + ROWS_AROUND:
            break
        if line >= error.row - ROWS_AROUND:
            rows.append(
                (line, [(sheet.columns[n].masked(as_shown(cells[n])), line == error.row and n == at) for n in shown])
            )
    return Excerpt(heads, rows)


def certificates_of(file: ResultFile) -> QuerySet[Certificate]:
    """The certificates that a file brought, in the order of its rows."""
    return Certificate.objects.filter(file=file).order_by("file_row")


def certificate_numbered(body_id: UUID, number: str) -> UUID | None:
    """The certificate of this number, if the body issued it."""
    asked = "SELECT id FROM assessment_certificate WHERE number = %s AND assessor_id = %s"
    found = rows_of_prepared(asked, [number, body_id])
    return found[0][0] if found else None


def certificates_issued(body_id: UUID, find: str = "", state: str = "") -> QuerySet[Certificate]:
    """The certificates that a body issued, last received first: of this number or beginning of a name, of this state.

    States are those of `CERTIFICATE_STATES`.
    """
    found = Certificate.objects.filter(assessor_id=body_id).order_by("-received_at", "-id")
    if find:
        numbered = certificate_numbered(body_id, find)
        found = found.filter(pk=numbered) if numbered else found.filter(name_then__startswith=find)
    return found.filter(revoked_on__isnull=state == "valid") if state else found


def certificate_in_scope(certificate_id: UUID, body_id: UUID | None = None) -> Certificate:
    """One certificate that the actor sees, of this assessor when named. Raises NotFound."""
    found = Certificate.objects.select_related("assessor", "provider").filter(pk=certificate_id)
    certificate = (found.filter(assessor_id=body_id) if body_id else found).first()
    if certificate is None:
        raise NotFound()
    return certificate


ROW_NAMED = re.compile(r"第 (\d+) 行")


def _row_here(place: int | None) -> str:
    return f"（本表第 {place} 行）" if place else ""


def wrong_rows_workbook(file: ResultFile) -> bytes:
    """The wrong rows of a file as they came, in its own template, each with its 错误原因 and its row in the file."""
    reasons: dict[int, list[str]] = {}
    for row, problem, remedy in errors_of(file).values_list("row", "problem", "remedy"):
        reasons.setdefault(row, []).append(f"{problem}，{remedy}")
    here = {line: place for place, line in enumerate(sorted(reasons), 2)}

    def named(reason: str) -> str:
        return ROW_NAMED.sub(lambda row: f"原表第 {row[1]} 行{_row_here(here.get(int(row[1])))}", reason)

    rows: list[Sequence[object]] = [
        [*cells, f"原表第 {line} 行：{named('；'.join(reasons[line]))}"]
        for line, cells in open_file(file).lines()
        if line in reasons
    ]
    return write_template(file.kind, rows, reasons=True)


@dataclass(frozen=True)
class OwnCertificate:
    """A certificate as its person sees it, with the training it ended and the day the second source listed it."""

    id: UUID
    kind: str
    number: str
    title: str
    level: str
    issued_on: date
    exam_on: date | None
    theory_score: Decimal | None
    practice_score: Decimal | None
    assessor: str
    provider: str
    class_number: str
    training_first_on: date | None
    training_last_on: date | None
    training_hours: int | None
    training_title: str
    received_at: datetime
    revoked_on: date | None
    revoked_reason: str
    listed_on: date | None

    @property
    def level_name(self) -> str:
        """The level, or the kind of certificate where there is none."""
        return LEVELS.get(self.level, self.level) or CERTIFICATE_KINDS[self.kind]

    @property
    def kind_name(self) -> str:
        return CERTIFICATE_KINDS[self.kind]


OWN = """
SELECT c.id, c.kind, c.number, c.title, c.level, c.issued_on, c.exam_on, c.theory_score, c.practice_score, a.name,
       coalesce(p.name, ''), c.class_number, c.training_first_on, c.training_last_on, c.training_hours,
       c.training_title, c.received_at, c.revoked_on, c.revoked_reason,
       (SELECT min(s.listed_on) FROM assessment_listing s JOIN parties_register_load r
            ON r.id = s.load_id AND r.state = 'active'
         WHERE s.number = c.number AND s.name = c.name_then AND s.level = c.level AND s.issued_on = c.issued_on)
  FROM assessment_certificate c
  JOIN parties_organisation a ON a.id = c.assessor_id
  LEFT JOIN parties_organisation p ON p.id = c.provider_id
 WHERE c.person_id = %s ORDER BY c.issued_on DESC, c.id
"""


def certificates_of_person(person_id: UUID) -> list[OwnCertificate]:
    """The certificates of a person, the newest first."""
    return [OwnCertificate(*row) for row in rows_of_prepared(OWN, [person_id])]
