"""Result files: received and kept sealed, checked as a whole, loaded when clean; "load the good rows" is a choice."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from jiangxin.assessment.columns import COLUMNS
from jiangxin.assessment.examination import PLACE, Examination, examine
from jiangxin.assessment.models import CERTIFICATE_KINDS, FILE_STATES, ResultFile
from jiangxin.assessment.operations.certificates import import_results
from jiangxin.ground import jobs
from jiangxin.ground.actor import Actor, acting, machine
from jiangxin.ground.clock import day_of
from jiangxin.ground.free_text import hide_numbers
from jiangxin.ground.identity import seal
from jiangxin.ground.jobs import Job, Progress
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.staging import rows_of, run, stage
from jiangxin.ground.transitions import move_one
from jiangxin.parties.models import Organisation
from jiangxin.rules.parameters import Law

LARGEST = 50_000_000
ERROR_LINES = 5_000
LONGEST_REASON = 200


class ResultKindUnknown(Refusal):
    sentence = "没有这种结果模板。"
    remedy = "请从职业资格、职业技能等级、专项职业能力、培训合格里选。"


class FileTooHeavy(Refusal):
    sentence = "文件超过 50 MB。"
    remedy = "请分成几个文件再传。"


class FileSentAlready(Refusal):
    sentence = "这个文件 {sent_on} 已经传过，现在是“{state}”。"
    remedy = "不用再传，请看那一批的结果。"


class FileNotClean(Refusal):
    sentence = "这个文件现在不能入库：{state}。"
    remedy = "有错的请改好再传，或写明原因先载入正确的行。"


class FileLoadedAlready(Refusal):
    sentence = "这个文件{state}，不用再点。"
    remedy = "结果就在这一页。"


class NoGoodRows(Refusal):
    sentence = "这个文件没有一行是对的。"
    remedy = "请下载错误行，改好再传。"


class PartLoadNeedsReason(Refusal):
    sentence = "先载入正确的行要写明原因。"
    remedy = "请填写原因，200 字以内。"


class FileInUse(Refusal):
    sentence = "这个文件已经入库或正在处理，不能放弃。"
    remedy = "入库的证书有错，请办理撤销。"


def may_send_results(actor: Actor) -> bool:
    """Whether the actor sends results: the assessor's own clerk, or the machine on behalf of a body."""
    return actor.body_id is not None and actor.has("clerk", "machine")


def may_load(actor: Actor, file: ResultFile) -> bool:
    """Whether the actor may have this clean file loaded."""
    return _own(actor, file) and file.state == "clean"


def may_load_part(actor: Actor, file: ResultFile) -> bool:
    """Whether the actor may have the good rows of this file loaded and leave the others behind."""
    return _own(actor, file) and file.state == "wrong" and file.wrong_rows < file.rows


def may_drop(actor: Actor, file: ResultFile) -> bool:
    """Whether the actor may give up this file."""
    return _own(actor, file) and FILE_STATES.may(file.state, "dropped")


def _own(actor: Actor, file: ResultFile) -> bool:
    return may_send_results(actor) and actor.body_id == file.body_id


def _locked(actor: Actor, file: ResultFile) -> ResultFile:
    """The file as it stands now, locked; of another body it does not exist."""
    found = ResultFile.objects.select_for_update().defer("content").filter(pk=file.pk).first()
    if found is None or not _own(actor, found):
        raise NotFound()
    return found


def receive_file(actor: Actor, at: datetime, kind: str, name: str, data: bytes) -> ResultFile:
    """Keep a file sealed as it came and ask for its check; the same bytes from one body are taken once."""
    if actor.body_id is None or not may_send_results(actor):
        raise NotYourDuty()
    if kind not in CERTIFICATE_KINDS:
        raise ResultKindUnknown()
    if len(data) > LARGEST:
        raise FileTooHeavy()
    body = Organisation.objects.get(pk=actor.body_id)
    file = ResultFile(
        id=new_id(), body=body, region_id=body.region_id, kind=kind, file_name=hide_numbers(name)[-120:],
        sha256=hashlib.sha256(data).hexdigest(), uploaded_by_id=actor.account_id, uploaded_by_name=actor.name,
        received_at=at,
    )  # fmt: skip
    file.content = seal(data, PLACE.format(file.pk))
    ResultFile.objects.bulk_create([file], ignore_conflicts=True)
    if not ResultFile.objects.filter(pk=file.pk).exists():
        raise _sent_already(file)
    _ask(actor, at, file, "check_results", "检查")
    note(actor, at, "received_result_file", file, result_kind=kind, bytes=len(data), sha256=file.sha256)
    return file


def _sent_already(file: ResultFile) -> FileSentAlready:
    standing = (
        ResultFile.objects.filter(body_id=file.body_id, sha256=file.sha256)
        .exclude(state__in=["wrong", "unreadable", "dropped"])
        .exclude(pk=file.pk)
        .get()
    )
    return FileSentAlready(
        sent_on=day_of(standing.received_at), state=FILE_STATES.words[standing.state], file_id=standing.pk
    )


def _ask(actor: Actor, at: datetime, file: ResultFile, kind: str, words: str) -> None:
    job = jobs.ask(actor, at, kind, f"{words} {file.file_name}"[:120], lock=jobs.WORKBOOK, file_id=str(file.pk))
    ResultFile.objects.filter(pk=file.pk).update(job_id=job.pk)
    file.job_id = job.pk


def check_file(actor: Actor, at: datetime, file: ResultFile, law: Law, progress: Progress) -> ResultFile:
    """Check a waiting file as a whole and write its state and errors; one already checked stays as it is.

    The law in force here, with the documents adopted, is a later chapter's: the caller hands it down.
    """
    file = _to_work_on(file)
    if file.state != "checking":
        return file
    try:
        found = examine(file, at, law, progress)
    except Refusal as refusal:
        move_one(file, FILE_STATES, "unreadable", trouble=hide_numbers(f"{refusal.sentence}{refusal.remedy}")[:400])
        note(actor, at, "found_file_unreadable", file, cause=refusal.code)
        return file
    write_errors(file, found)
    state = "wrong" if found.wrong else "clean"
    move_one(file, FILE_STATES, state, rows=found.rows, wrong_rows=found.wrong)
    note(actor, at, "checked_result_file", file, rows=found.rows, wrong=found.wrong)
    return file


def _to_work_on(file: ResultFile) -> ResultFile:
    """The file locked, with its body and without its content."""
    found = ResultFile.objects.select_for_update(of=("self",)).select_related("body").defer("content")
    return found.get(pk=file.pk)


ERROR_COLUMNS = (
    "id uuid, line int, column_title text, cell text, given text, problem text, remedy text"  # as staged below
)
INSERT_ERRORS = """
INSERT INTO assessment_result_file_error (id, file_id, region_id, sheet, row, "column", cell, given, problem, remedy)
SELECT id, %s, %s, %s, line, column_title, cell, given, problem, remedy FROM new_error ORDER BY line, id
"""


def write_errors(file: ResultFile, found: Examination) -> None:
    """Put the problems of the last examination in the place of those written before."""
    run("DELETE FROM assessment_result_file_error WHERE file_id = %s", [file.pk])
    last = rows_of("SELECT coalesce(max(line), 0) FROM result_problem")[0][0]
    for start in range(0, last + 1, ERROR_LINES):
        problems = rows_of(
            "SELECT line, key, problem, remedy, given FROM result_problem WHERE line >= %s AND line < %s ORDER BY line",
            [start, start + ERROR_LINES],
        )
        stage("new_error", ERROR_COLUMNS, _errors(file, found, problems))
        run(INSERT_ERRORS, [file.pk, file.region_id, found.sheet[:40]])


def _errors(file: ResultFile, found: Examination, problems: list[tuple[Any, ...]]) -> Iterator[tuple[object, ...]]:
    columns = {column.key: column for column in COLUMNS[file.kind]}
    for line, key, problem, remedy, given in problems:
        column = columns[key]
        shown = column.masked(given or "")
        yield new_id(), line, column.title, found.cell(line, key), shown, problem[:200], remedy[:200]


def load_file(actor: Actor, at: datetime, file: ResultFile) -> ResultFile:
    """Have a clean file loaded."""
    file = _locked(actor, file)
    _not_yet_loaded(file)
    if not may_load(actor, file):
        raise FileNotClean(state=FILE_STATES.words[file.state])
    return _begin_loading(actor, at, file, "")


def load_good_rows(actor: Actor, at: datetime, file: ResultFile, reason: str) -> ResultFile:
    """Have the good rows of a wrong file loaded: a second choice, with a reason that stays in the journal."""
    file = _locked(actor, file)
    reason = reason.strip()
    _not_yet_loaded(file)
    if file.state != "wrong":
        raise FileNotClean(state=FILE_STATES.words[file.state])
    if file.wrong_rows >= file.rows:
        raise NoGoodRows()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise PartLoadNeedsReason()
    return _begin_loading(actor, at, file, reason)


def _not_yet_loaded(file: ResultFile) -> None:
    if file.state in ("loading", "loaded"):
        raise FileLoadedAlready(state=FILE_STATES.words[file.state])


def _begin_loading(actor: Actor, at: datetime, file: ResultFile, reason: str) -> ResultFile:
    try:
        with transaction.atomic():
            move_one(file, FILE_STATES, "loading", part_reason=reason)
    except IntegrityError:
        raise _sent_already(file) from None
    _ask(actor, at, file, "load_results", "入库")
    note(actor, at, "asked_to_load_results", file, rows=file.rows, wrong=file.wrong_rows, reason=reason)
    return file


def drop_file(actor: Actor, at: datetime, file: ResultFile) -> ResultFile:
    """Give up a file that was not loaded."""
    file = _locked(actor, file)
    if not may_drop(actor, file):
        raise FileInUse()
    move_one(file, FILE_STATES, "dropped")
    note(actor, at, "dropped_result_file", file)
    return file


def finish_loading(actor: Actor, at: datetime, file: ResultFile, law: Law, progress: Progress) -> ResultFile:
    """Read a file asked to be loaded once more and write its certificates; wrong by now, it goes back to the clerk."""
    file = _to_work_on(file)
    if file.state != "loading":
        return file
    run("SELECT pg_advisory_xact_lock(hashtext('load_results'))")
    found = examine(file, at, law, progress, persons=True)
    write_errors(file, found)
    if found.wrong == found.rows or (found.wrong and not file.part_reason):
        move_one(file, FILE_STATES, "checking", part_reason="")
        move_one(file, FILE_STATES, "wrong", rows=found.rows, wrong_rows=found.wrong)
        note(actor, at, "found_results_wrong_at_loading", file, rows=found.rows, wrong=found.wrong)
        return file
    loaded = import_results(actor, at, file, law, found.persons)
    move_one(file, FILE_STATES, "loaded", rows=found.rows, wrong_rows=found.wrong, loaded_rows=loaded, loaded_at=at)
    jobs.wake()
    note(actor, at, "loaded_results", file, loaded=loaded, left=found.wrong, reason=file.part_reason)
    return file


def check_results_job(law: Callable[[], Law], job: Job, progress: Progress) -> str:
    """Job: check one file as the machine, which sees the whole province."""
    actor = machine()
    with acting(actor) as at:
        file = check_file(actor, at, ResultFile(pk=UUID(job.args["file_id"])), law(), progress)
        return FILE_STATES.words[file.state]


def load_results_job(law: Callable[[], Law], job: Job, progress: Progress) -> str:
    """Job: load one file as the machine."""
    actor = machine()
    with acting(actor) as at:
        file = finish_loading(actor, at, ResultFile(pk=UUID(job.args["file_id"])), law(), progress)
        return FILE_STATES.words[file.state]
