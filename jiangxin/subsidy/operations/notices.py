"""Public notice (公示, P16) and objections: the list is released by the maker, an objection stops its own line only."""

import hashlib
import json
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from jiangxin.ground.actor import Actor, see_region
from jiangxin.ground.clock import day_of
from jiangxin.ground.identity import mask_name, seal, unseal
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.transitions import move_one
from jiangxin.parties.models import Office
from jiangxin.subsidy.models import NOTICE_STATES, OBJECTION_STATES, SCHEMES, Notice, NoticeLine, Objection, SubsidyLine
from jiangxin.subsidy.operations.lines import (
    free_money,
    lock_line,
    lock_line_of_another,
    lock_lines,
    move_lines,
)
from jiangxin.subsidy.terms import Terms

GROWN_UP = 18
CONTACT = "subsidy_objection|contact|{}"


class NothingToPost(Refusal):
    sentence = "没有可以公示的行。"
    remedy = "请先选中等待公示的行。"


class LinesOfOtherOffices(Refusal):
    sentence = "一份公示只能是一个单位的行。"
    remedy = "请按单位分开公示。"


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


def may_release_notice(actor: Actor, office_id: UUID) -> bool:
    """Whether the actor is a maker of this office."""
    return actor.has("maker") and actor.office_id == office_id


def _shown_names(lines: Collection[SubsidyLine], at: datetime) -> dict[UUID, str]:
    """Names for the notice; a person under 18 is a number only."""
    shown, young, today = {}, 0, day_of(at)
    for line in lines:
        born = line.person.born_on
        age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        young += age < GROWN_UP
        shown[line.id] = f"未成年人{young}号" if age < GROWN_UP else mask_name(line.person.name)
    return shown


def release_notice(actor: Actor, at: datetime, office: Office, line_ids: Collection[UUID]) -> Notice:
    """Post a checked list: from today for the region's working days, the day of posting not counted."""
    if not may_release_notice(actor, office.id):
        raise NotYourDuty()
    lines = [line for line in lock_lines(line_ids) if line.state == "to_notice"]
    if not lines:
        raise NothingToPost()
    if any(line.office_id != office.id for line in lines):
        raise LinesOfOtherOffices()
    term = Terms(at).working_days(office.region_id, "notice_working_days")
    year = day_of(at).year
    number = (Notice.objects.filter(office=office, year=year).aggregate(n=Max("number"))["n"] or 0) + 1
    notice_id = new_id()
    shown = _shown_names(lines, at)
    rows = [_notice_line(notice_id, seq, line, shown[line.id]) for seq, line in enumerate(lines, 1)]
    content = json.dumps(
        [[r.seq, r.shown_name, r.scheme, r.body, r.title, r.level, r.amount_fen] for r in rows], ensure_ascii=False
    )
    notice = Notice.objects.create(
        id=notice_id,
        region_id=office.region_id,
        office=office,
        year=year,
        number=number,
        posted_at=at,
        ends_on=term.ends_on,
        provisional=term.provisional,
        phone=office.phone,
        address=office.address,
        released_by_id=actor.the_account,
        sha256=hashlib.sha256(content.encode()).hexdigest(),
    )
    NoticeLine.objects.bulk_create(rows)
    move_lines(actor, at, "posted", lines, "in_notice", due_on=term.ends_on)
    note(actor, at, "released_notice", notice, heads=len(rows))
    return notice


def _notice_line(notice_id: UUID, seq: int, line: SubsidyLine, shown_name: str) -> NoticeLine:
    certificate = line.certificate
    return NoticeLine(
        notice_id=notice_id,
        region_id=line.region_id,
        line=line,
        seq=seq,
        shown_name=shown_name,
        scheme=SCHEMES[line.scheme],
        body=certificate.assessor.name,
        title=certificate.title,
        level=certificate.level,
        amount_fen=line.amount_fen,
    )


def close_notices(actor: Actor, at: datetime, notices: Collection[Notice]) -> int:
    """Take down notices whose last day is over; their lines go on, but for those with an objection open."""
    if not actor.has("machine"):
        raise NotYourDuty()
    for notice in notices:
        move_one(notice, NOTICE_STATES, "ended", taken_down_at=at)
        lines = lock_lines([row.line_id for row in notice.lines.all()])
        move_lines(actor, at, "ended_notice", [line for line in lines if line.state == "in_notice"], "noticed")
        note(actor, at, "took_down_notice", notice)
    return len(notices)


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


def answer_objection(actor: Actor, at: datetime, objection_id: UUID, upheld: bool, answer: str) -> Objection:
    """Answer an objection: upheld, the line is struck and its money free; not upheld, it goes on where it was."""
    objection = (
        Objection.objects.select_for_update(of=("self",)).select_related("notice").filter(id=objection_id).first()
    )
    if objection is None:
        raise NotFound()
    if objection.state != "open":
        raise ObjectionAnswered()
    if not may_answer_objection(actor, objection):
        raise NotYourDuty()
    if len(answer.strip()) < 5:
        raise AnswerNeedsText()
    line = lock_line_of_another(actor, objection.line_id)
    move_one(
        objection,
        OBJECTION_STATES,
        "upheld" if upheld else "rejected",
        answer=answer.strip(),
        answered_by_id=actor.account_id,
        answered_at=at,
    )
    if upheld:
        free_money(actor, at, "struck", [line], "struck", cause="异议成立")
    elif objection.notice.state == "posted":
        move_lines(actor, at, "went_on", [line], "in_notice", due_on=objection.notice.ends_on)
    else:
        move_lines(actor, at, "went_on", [line], "noticed")
    note(actor, at, "answered_objection", objection, person_id=line.person_id, upheld=upheld)
    return objection
