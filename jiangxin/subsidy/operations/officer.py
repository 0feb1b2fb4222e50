"""经办人员核定: what no register answers is answered by officers, kept with day, evidence and who; then decided again.

A student's major (P7) and the person's own request (P6) are entered by one and confirmed by another (P28); whether
somebody past retirement age is able and willing (P8) is found by one, as before.
"""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from jiangxin.ground.actor import Actor, see_region
from jiangxin.ground.clock import day_of
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.transitions import move_one
from jiangxin.parties.operations.persons import find_able_and_willing
from jiangxin.subsidy.models import Decision, SubsidyLine
from jiangxin.subsidy.officer import ABLE, ANSWER_STATES, QUESTIONS, OfficerAnswer
from jiangxin.subsidy.operations.decide import OFFICER
from jiangxin.subsidy.operations.lines import lock_line_of_another, move_lines

# The rule that a question answers.
RULES = {"major_related": "major_related", "requested": "within_window"}
OPEN = ("waiting", "refused")


class NothingToAnswer(Refusal):
    sentence = "这一笔现在不等这一项核定。"
    remedy = "刷新后可看到它在等什么。"


class AnswerNeedsEvidence(Refusal):
    sentence = "要写明依据。"
    remedy = "写清看了什么材料、怎么核实的，至少 5 个字。"


class AnswerDayImpossible(Refusal):
    sentence = "日期应在 {first} 到 {last} 之间。"
    remedy = "不能早于证书核发，不能晚于今天。请核对材料上的日期。"


class AnswerEntered(Refusal):
    sentence = "已经有人填了，等另一位确认。"
    remedy = "请先确认或不采用那一条。"


class AnswerNeedsAnother(Refusal):
    sentence = "核定要两个人，这一条是您填的。"
    remedy = "请由另一位同事确认。"


class AnswerIsClosed(Refusal):
    sentence = "这一条已经处理过。"
    remedy = "刷新后可看到结果。"


def _at_the_desk(actor: Actor, line: SubsidyLine, *duties: str) -> bool:
    mine = actor.has(*duties) and line.region_id in actor.regions and actor.person_id != line.person_id
    return mine and line.state in OPEN


def _said(line: SubsidyLine, rule: str) -> str:
    """What the present decision of a line answers to a rule."""
    return str(Decision.objects.values_list("answers", flat=True).get(id=line.decision_id).get(rule, ""))


def may_find_able(actor: Actor, line: SubsidyLine) -> bool:
    """Whether the actor may say that the person is able and willing, or not: while it is asked, or was answered no."""
    if not _at_the_desk(actor, line, "maker"):
        return False
    return ABLE in line.waits_for if line.state == "waiting" else _said(line, "able_and_willing") == "no"


def may_enter_answer(actor: Actor, line: SubsidyLine, question: str) -> bool:
    """Whether the actor may answer a question: its rule says no, or waits for an officer."""
    if RULES[question] not in line.reasons or not _at_the_desk(actor, line, "maker"):
        return False
    if line.state == "refused":
        return _said(line, RULES[question]) == "no"
    asked = OFFICER in line.waits_for
    return asked and (line.certificate.late if question == "requested" else "学籍登记" not in line.waits_for)


def may_answer_here(actor: Actor, line: SubsidyLine) -> bool:
    """Whether anything about the line is the actor's to answer, or waits for a second person."""
    asked = any(may_enter_answer(actor, line, question) for question in QUESTIONS)
    return asked or may_find_able(actor, line) or line.answers.filter(state="entered").exists()


def may_close_answer(actor: Actor, answer: OfficerAnswer) -> bool:
    """Whether the actor may confirm an answer that another entered."""
    other = answer.state == "entered" and answer.entered_by_id != actor.account_id
    return other and _at_the_desk(actor, answer.line, "maker", "checker")


def _decide_anew(actor: Actor, at: datetime, lines: Collection[SubsidyLine], cause: str) -> None:
    """Lines not promised wait for their decision by the main line, which looks at them now."""
    anew = [line for line in lines if line.state in OPEN]
    move_lines(
        actor, at, "settled_by_officer", anew, "waiting", cause=cause[:200], outcome="unknown", amount_fen=0,
        waits_for=["重新核定"], known_changes=0,
    )  # fmt: skip


def answer_able(actor: Actor, at: datetime, line_id: UUID, on: date, able: bool, reason: str = "") -> SubsidyLine:
    """Say whether the line's person is able to work and willing to train; all lines that ask it are decided again."""
    line = lock_line_of_another(actor, line_id)
    if not may_find_able(actor, line):
        raise NothingToAnswer() if actor.has("maker") else NotYourDuty()
    find_able_and_willing(actor, at, line.person_id, on, able, reason)
    see_region(actor, line.region_id)
    lines = SubsidyLine.objects.select_for_update(of=("self",)).filter(person_id=line.person_id, state__in=OPEN)
    asked = [one for one in lines.order_by("id") if ABLE in one.waits_for or "able_and_willing" in one.reasons]
    _decide_anew(actor, at, asked, "核实有能力、有意愿" if able else f"核实没有能力或意愿：{reason.strip()}")
    return line


def enter_answer(
    actor: Actor, at: datetime, line_id: UUID, question: str, answer: bool, found_on: date, evidence: str
) -> OfficerAnswer:
    """Enter a fact with its evidence; nothing is decided by it before another confirms it."""
    line = lock_line_of_another(actor, line_id)
    if not may_enter_answer(actor, line, question):
        raise NothingToAnswer() if actor.has("maker") else NotYourDuty()
    if not line.issued_on <= found_on <= day_of(at):
        raise AnswerDayImpossible(first=line.issued_on, last=day_of(at))
    if len(evidence.strip()) < 5:
        raise AnswerNeedsEvidence()
    if line.answers.filter(question=question, state="entered").exists():
        raise AnswerEntered()
    entered = OfficerAnswer.objects.create(
        line=line, region_id=line.region_id, question=question, answer=answer, found_on=found_on,
        evidence=evidence.strip(), entered_by_id=actor.the_account, entered_at=at,
    )  # fmt: skip
    note(actor, at, "entered_answer", line, cause=f"{entered.words}：{entered.evidence}")
    return entered


def _to_close(actor: Actor, answer_id: UUID) -> tuple[OfficerAnswer, SubsidyLine]:
    """An answer that waits and its line, locked."""
    found = OfficerAnswer.objects.select_for_update(of=("self",)).filter(id=answer_id).first()
    if found is None:
        raise NotFound()
    if found.state != "entered":
        raise AnswerIsClosed()
    found.line = lock_line_of_another(actor, found.line_id)
    return found, found.line


def confirm_answer(actor: Actor, at: datetime, answer_id: UUID) -> OfficerAnswer:
    """Another officer looked at the evidence and confirms: the fact counts, the certificate is decided again."""
    answer, line = _to_close(actor, answer_id)
    if answer.entered_by_id == actor.account_id:
        raise AnswerNeedsAnother()
    if not may_close_answer(actor, answer):
        raise NothingToAnswer() if actor.has("maker", "checker") else NotYourDuty()
    move_one(answer, ANSWER_STATES, "confirmed", closed_by_id=actor.the_account, closed_at=at)
    if answer.question == "requested":
        SubsidyLine.objects.filter(certificate_id=line.certificate_id).update(requested_on=answer.found_on)
    note(actor, at, "confirmed_answer", answer, person_id=line.person_id)
    _decide_anew(actor, at, [line], answer.words)
    return answer


def withdraw_answer(actor: Actor, at: datetime, answer_id: UUID) -> OfficerAnswer:
    """Not taken: by who entered it, or by another who does not agree; the line stays as it was."""
    answer, line = _to_close(actor, answer_id)
    if not _at_the_desk(actor, line, "maker", "checker"):
        raise NotYourDuty()
    move_one(answer, ANSWER_STATES, "withdrawn", closed_by_id=actor.the_account, closed_at=at)
    note(actor, at, "withdrew_answer", line, cause=answer.words)
    return answer
