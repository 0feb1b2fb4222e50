"""Objections to a notice (P16): one stops its own line only, and is answered within the term.

Not upheld, the line goes on, by one officer. Upheld, a worker loses money: one proposes it, another decides.
"""

from datetime import datetime
from uuid import UUID

from jiangxin.ground.actor import Actor, see_region
from jiangxin.ground.clock import day_of
from jiangxin.ground.identity import seal, unseal
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import ChangedMeanwhile, NotFound, NotYourDuty, Refusal
from jiangxin.ground.transitions import move_one
from jiangxin.subsidy.models import OBJECTION_STATES, NoticeLine, Objection, SubsidyLine
from jiangxin.subsidy.operations.lines import free_money, lock_line, lock_line_of_another, move_lines
from jiangxin.subsidy.terms import Terms

CONTACT = "subsidy_objection|contact|{}"


class NotInNotice(Refusal):
    sentence = "这一行不在公示期内，不能提异议。"
    remedy = "公示期过后，可向主管部门反映或申请行政复议。"


class ObjectionNeedsText(Refusal):
    sentence = "请写明有什么问题。"
    remedy = "至少写 5 个字，说明是哪里不对。"


class AlreadyObjected(Refusal):
    sentence = "这一行已有异议正在处理。"
    remedy = "请等待答复后再提。"


class AnswerNeedsText(Refusal):
    sentence = "请写明答复内容。"
    remedy = "写清查到的情况和依据。"


class ObjectionAnswered(Refusal):
    sentence = "这条异议已经答复过。"
    remedy = "刷新后可看到答复。"


class UpholdingProposed(Refusal):
    sentence = "已经有人提出异议成立，等另一位同事确认。"
    remedy = "请先确认，或写明为什么不同意，再答复。"


class UpholdingNotProposed(Refusal):
    sentence = "现在没有等着确认的“异议成立”。"
    remedy = "刷新后可看到这件异议到了哪一步。"


class UpholdingNeedsAnother(Refusal):
    sentence = "取消一笔补贴要两个人，这是您提出的。"
    remedy = "请由另一位同事确认。"


class DisagreementNeedsText(Refusal):
    sentence = "请写明为什么不同意。"
    remedy = "至少写 5 个字，说明还要查什么或哪里不对。"


def file_objection(actor: Actor, at: datetime, notice_line_id: UUID, text: str, contact: str = "") -> Objection:
    """Somebody objects to a posted line: the line stops, the others go on; answered within the region's term."""
    row = NoticeLine.objects.select_related("notice").filter(id=notice_line_id).first()
    if row is None or row.notice.state != "posted" or day_of(at) > row.notice.ends_on:
        raise NotInNotice()
    if len(text.strip()) < 5:
        raise ObjectionNeedsText()
    see_region(actor, row.region_id)
    if Objection.objects.filter(line_id=row.line_id, state="open").exists():
        raise AlreadyObjected()
    line = lock_line(row.line_id)
    if line.state != "in_notice":
        raise NotInNotice()
    terms = Terms(at)
    asked = terms.find(line.region_id, "objection_working_days")
    # Nobody's objection waits for a number: without one it is to be answered while the notice still stands.
    due = terms.calendar.add(terms.today, int(asked.value)).ends_on if asked.known else row.notice.ends_on
    objection_id = new_id()
    objection = Objection.objects.create(
        id=objection_id,
        line=line,
        region_id=line.region_id,
        notice=row.notice,
        text=text.strip(),
        received_at=at,
        due_on=due,
        contact=seal(contact, CONTACT.format(objection_id)) if contact else None,
    )
    move_lines(actor, at, "objected", [line], "objected", due_on=due)
    note(actor, at, "received_objection", objection, person_id=line.person_id)
    return objection


def may_answer_objection(actor: Actor, objection: Objection) -> bool:
    """Whether the actor may answer: a maker or checker in scope, and the objection still open."""
    return actor.has("maker", "checker") and objection.region_id in actor.regions and objection.state == "open"


def reveal_contact(actor: Actor, at: datetime, objection: Objection) -> str:
    """How to reach whoever objected, in clear; every reading is in the journal (I6). Empty where none was left."""
    if not actor.has("maker", "checker") or objection.region_id not in actor.regions:
        raise NotYourDuty()
    if objection.contact is None:
        return ""
    note(actor.for_purpose("答复异议"), at, "revealed_contact", objection)
    return unseal(objection.contact, CONTACT.format(objection.pk)).decode()


def _to_answer(actor: Actor, objection_id: UUID) -> tuple[Objection, SubsidyLine]:
    """An open objection and its line, locked, for whoever may answer it now."""
    found = Objection.objects.select_for_update(of=("self",)).select_related("notice").filter(id=objection_id).first()
    if found is None:
        raise NotFound()
    if found.state != "open":
        raise ObjectionAnswered()
    if not may_answer_objection(actor, found):
        raise NotYourDuty()
    return found, lock_line_of_another(actor, found.line_id)


def reject_objection(actor: Actor, at: datetime, objection_id: UUID, answer: str) -> Objection:
    """Answer that an objection is not upheld: its line goes on where it was."""
    objection, line = _to_answer(actor, objection_id)
    if objection.proposed_by_id:
        raise UpholdingProposed()
    if len(answer.strip()) < 5:
        raise AnswerNeedsText()
    decided = {"answer": answer.strip(), "answered_by_id": actor.the_account, "answered_at": at}
    move_one(objection, OBJECTION_STATES, "rejected", **decided)
    if objection.notice.state == "posted":
        move_lines(actor, at, "went_on", [line], "in_notice", due_on=objection.notice.ends_on)
    else:
        move_lines(actor, at, "went_on", [line], "noticed")
    note(actor, at, "rejected_objection", objection, person_id=line.person_id)
    return objection


def propose_upholding(actor: Actor, at: datetime, objection_id: UUID, answer: str) -> Objection:
    """Propose that an objection is upheld, with the answer it shall have; nothing follows before another upholds it."""
    objection, line = _to_answer(actor, objection_id)
    if objection.proposed_by_id:
        raise UpholdingProposed()
    if len(answer.strip()) < 5:
        raise AnswerNeedsText()
    objection.answer, objection.disagreed = answer.strip(), ""
    objection.proposed_by_id, objection.proposed_at = actor.the_account, at
    objection.save(update_fields=["answer", "disagreed", "proposed_by", "proposed_at"])
    note(actor, at, "proposed_upholding", objection, person_id=line.person_id)
    return objection


def may_uphold_objection(actor: Actor, objection: Objection) -> bool:
    """Whether the actor may decide what another proposed."""
    proposed = objection.proposed_by_id is not None and objection.proposed_by_id != actor.account_id
    return proposed and may_answer_objection(actor, objection)


def uphold_objection(actor: Actor, at: datetime, objection_id: UUID, proposed_at: datetime | None) -> Objection:
    """Uphold an objection as another proposed it, at the moment the actor read: struck, the line's money is free."""
    objection, line = _to_answer(actor, objection_id)
    if objection.proposed_by_id is None:
        raise UpholdingNotProposed()
    if not may_uphold_objection(actor, objection):
        raise UpholdingNeedsAnother()
    if objection.proposed_at != proposed_at:
        raise ChangedMeanwhile()
    move_one(objection, OBJECTION_STATES, "upheld", answered_by_id=actor.the_account, answered_at=at)
    free_money(actor, at, "struck", [line], "struck", cause="异议成立")
    proposer = str(objection.proposed_by_id)
    note(actor, at, "upheld_objection", objection, person_id=line.person_id, proposed_by=proposer)
    return objection


def drop_upholding(actor: Actor, at: datetime, objection_id: UUID, reason: str) -> Objection:
    """Not agreed, or taken back by who proposed it: the objection waits for an answer as before."""
    objection, line = _to_answer(actor, objection_id)
    if objection.proposed_by_id is None:
        raise UpholdingNotProposed()
    if len(reason.strip()) < 5:
        raise DisagreementNeedsText()
    proposer = str(objection.proposed_by_id)
    objection.answer, objection.disagreed = "", reason.strip()
    objection.proposed_by_id = objection.proposed_at = None
    objection.save(update_fields=["answer", "disagreed", "proposed_by", "proposed_at"])
    note(actor, at, "dropped_upholding", objection, person_id=line.person_id, proposed_by=proposer)
    return objection
