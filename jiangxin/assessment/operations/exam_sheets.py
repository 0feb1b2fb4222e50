"""Candidates from a sheet: the whole file is checked first, one wrong row is enough to stop it (facts 4.6)."""

from datetime import datetime
from uuid import UUID

from jiangxin.assessment.candidate_sheet import CANDIDATE_COLUMNS, TIMES
from jiangxin.assessment.exam_facts import Applicant
from jiangxin.assessment.exams import CANDIDATE_SOURCES, GONE, Candidate, ExamSubject
from jiangxin.assessment.operations.exam_candidates import CandidateGiven, open_for_sign_up, put_down
from jiangxin.ground.actor import Actor, everybody, machine
from jiangxin.ground.cells import Wrong
from jiangxin.ground.refusal import Refusal
from jiangxin.ground.sheets import Sheet, read_sheet
from jiangxin.parties.operations.persons import PersonRow, register_persons
from jiangxin.parties.queries.persons import known_persons
from jiangxin.parties.register_files import Record, RegisterFileWrong, WrongCell, person_of, read_whole, wrong_cell
from jiangxin.rules.parameters import Law

LARGEST = 5_000_000
_SOURCES = {word: code for code, word in CANDIDATE_SOURCES.items()}
Given = list[tuple[int, CandidateGiven]]


class CandidateSheetTooHeavy(Refusal):
    sentence = "报名表超过 5 MB。"
    remedy = "请分成几个文件再传。"


def build_candidate(record: Record) -> CandidateGiven:
    """Makes a candidate out of a row of CANDIDATE_COLUMNS."""
    person = person_of(record)
    person = PersonRow(person.kind, person.number, person.name, person.sex, person.born_on, record["phone"])
    source = _SOURCES.get(record["source"], "society")
    make_up = TIMES.get(record["times"], False)
    return CandidateGiven(person, source, record["job_years"], record["condition"] or "", make_up)


def sign_up_sheet(
    actor: Actor, at: datetime, plan_id: UUID, subject_id: UUID, name: str, data: bytes, law: Law
) -> list[Candidate]:
    """Sign up everybody of a sheet for one subject, or nobody. Raises RegisterFileWrong with every wrong cell."""
    plan, subject = open_for_sign_up(actor, at, plan_id, subject_id)
    if len(data) > LARGEST:
        raise CandidateSheetTooHeavy()
    sheet = read_sheet(data, name, CANDIDATE_COLUMNS)
    rows = read_whole(sheet, build_candidate)
    if wrongs := _against_the_archive(sheet, subject, rows):
        raise RegisterFileWrong(wrongs)
    with everybody():
        found = register_persons(machine(), at, [given.person for _, given in rows])
    asked = [Applicant(key, None, given.job_years) for key, (_, given) in zip(found.ids, rows, strict=True)]
    return put_down(actor, at, plan, subject, asked, law, None, [given for _, given in rows])


def _against_the_archive(sheet: Sheet, subject: ExamSubject, rows: Given) -> list[WrongCell]:
    """What is wrong with rows that are in order by themselves: names, people twice, people who signed up before."""
    with everybody():
        known = known_persons([(given.person.kind, given.person.number) for _, given in rows])
    alive = set(Candidate.objects.filter(subject=subject).exclude(state__in=GONE).values_list("person_id", flat=True))
    seen: dict[tuple[str, str], int] = {}
    wrongs = []
    for (line, given), person in zip(rows, known, strict=True):
        key = (given.person.kind, given.person.number)
        if key in seen:
            wrongs.append(_wrong(sheet, line, "number", f"和第 {seen[key]} 行是同一个人", "请删去重复的一行"))
        elif person and not person.bears(given.person.name):
            wrongs.append(_wrong(sheet, line, "name", "姓名和这个证件登记的不一致", "请对照证件核对同音字"))
        elif person and person.person_id in alive:
            wrongs.append(_wrong(sheet, line, "number", "这个人已经报了这一项", "请删去这一行"))
        elif given.make_up and person is None:
            wrongs.append(_wrong(sheet, line, "times", "没有考过，不能补考", "请改成新考"))
        seen.setdefault(key, line)
    return wrongs


def _wrong(sheet: Sheet, line: int, key: str, problem: str, remedy: str) -> WrongCell:
    return wrong_cell(sheet, line, key, Wrong(problem, remedy))
