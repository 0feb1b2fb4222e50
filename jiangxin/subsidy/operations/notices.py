"""Public notice (公示, P16): the list is released by the maker, and taken down when its days are over."""

import hashlib
import json
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.identity import mask_name
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotYourDuty, Refusal
from jiangxin.ground.transitions import move_one
from jiangxin.parties.models import Office
from jiangxin.subsidy.models import NOTICE_STATES, SCHEMES, Notice, NoticeLine, SubsidyLine
from jiangxin.subsidy.operations.lines import lock_lines, move_lines
from jiangxin.subsidy.terms import Terms

GROWN_UP = 18


class NothingToPost(Refusal):
    sentence = "没有可以公示的行。"
    remedy = "请先选中等待公示的行。"


class LinesOfOtherOffices(Refusal):
    sentence = "一份公示只能是一个单位的行。"
    remedy = "请按单位分开公示。"


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
