"""Approval: maker → checker → leader, above the limit a second leader; each bound to the sheet's hash (Z6, Z7)."""

import hashlib
import json
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.transitions import move_one
from jiangxin.subsidy.law import value
from jiangxin.subsidy.models import SCHEMES, SHEET_STATES, Approval, ApprovalSheet, SubsidyLine
from jiangxin.subsidy.operations.lines import lock_lines, move_lines

STEPS = {"made": ("check", "checker"), "checked": ("lead", "leader"), "led": ("lead2", "leader")}


class NothingToApprove(Refusal):
    sentence = "没有可以送审的行。"
    remedy = "请先选中等待审批、还没有送审的行。"


class OneSheetOnePool(Refusal):
    sentence = "一份审批表只能是一个单位、一个资金池的行。"
    remedy = "请按资金分开送审。"


class OwnWork(Refusal):
    sentence = "您不能审批自己经手的表。"
    remedy = "请由另一位同事办理。"


class OwnMoney(Refusal):
    sentence = "表里有您本人的补贴，您不能审批。"
    remedy = "请由另一位同事办理。"


class AlreadySigned(Refusal):
    sentence = "您已在这份表上签过。"
    remedy = "下一步由另一位同事办理。"


class ContentChanged(Refusal):
    sentence = "表的内容和您看到的不一样了。"
    remedy = "请刷新，重新看过再签。"


class LineLeftMeanwhile(Refusal):
    sentence = "表里有 {count} 行已不能审批（有异议、被核查或已撤下）。"
    remedy = "请退回经办，剔除这些行后重送。"


class ReasonNeeded(Refusal):
    sentence = "退回要写明原因。"
    remedy = "写清哪一行、要改什么，至少 5 个字。"


def make_sheet(actor: Actor, at: datetime, line_ids: Collection[UUID]) -> ApprovalSheet:
    """Send checked lines of one office and pool for approval; what is sent is fixed by its hash."""
    if not actor.has("maker"):
        raise NotYourDuty()
    lines = [line for line in lock_lines(line_ids) if line.state == "to_approve" and line.sheet_id is None]
    if not lines:
        raise NothingToApprove()
    if len({(line.office_id, line.pool_id) for line in lines}) != 1:
        raise OneSheetOnePool()
    office, pool = lines[0].office, lines[0].pool
    if office is None or pool is None or office.id != actor.office_id:
        raise NotYourDuty()
    content = [_content(line) for line in lines]
    year = day_of(at).year
    number = (ApprovalSheet.objects.filter(office=office, year=year).aggregate(n=Max("number"))["n"] or 0) + 1
    limit = value(office.region_id, "leader_limit_fen", day_of(at))
    sheet = ApprovalSheet.objects.create(
        id=new_id(),
        region_id=office.region_id,
        office=office,
        pool=pool,
        year=year,
        number=number,
        content=content,
        sha256=hash_of(content),
        heads=len(lines),
        total_fen=sum(line.amount_fen for line in lines),
        made_by_id=actor.the_account,
        made_at=at,
        second_leader=any(line.amount_fen > limit for line in lines),
    )
    SubsidyLine.objects.filter(id__in=[line.id for line in lines]).update(sheet=sheet)
    note(actor, at, "made_sheet", sheet, heads=sheet.heads, total_fen=sheet.total_fen)
    return sheet


def _content(line: SubsidyLine) -> dict[str, Any]:
    certificate = line.certificate
    return {
        "line": str(line.id),
        "number": line.number,
        "person": str(line.person_id),
        "name": line.person.name,
        "scheme": SCHEMES[line.scheme],
        "certificate": certificate.number,
        "title": certificate.title,
        "level": certificate.level,
        "amount_fen": line.amount_fen,
        "account": str(line.account_id),
        "decision": str(line.decision_id),
    }


def hash_of(content: list[dict[str, Any]]) -> str:
    """SHA-256 of a sheet's content in canonical JSON."""
    said = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def compared_with(sheet: ApprovalSheet, lines: Collection[SubsidyLine]) -> tuple[int, bool]:
    """A sheet against its lines as they stand, in key order: how many left it, and whether they still say the same."""
    left = sum(line.state != "to_approve" or line.sheet_id != sheet.id for line in lines)
    return left, hash_of([_content(line) for line in lines]) == sheet.sha256


def sits_right(actor: Actor, state: str, office_id: UUID) -> bool:
    """Whether the next signature is given from the actor's desk: the sheet's own, for the second leader any above."""
    return state == "led" or actor.office_id == office_id


def may_sign(actor: Actor, sheet: ApprovalSheet) -> bool:
    """Whether the next signature on the sheet is the actor's to give.

    The city lends a county only the second leader above the limit; who helps out more is lent the duty there (P27).
    """
    step = STEPS.get(sheet.state)
    return (
        step is not None
        and actor.has(step[1])
        and sheet.region_id in actor.regions
        and sits_right(actor, sheet.state, sheet.office_id)
        and sheet.made_by_id != actor.account_id
        and not sheet.approvals.filter(account_id=actor.the_account).exists()
    )


def _to_sign(actor: Actor, sheet_id: UUID) -> ApprovalSheet:
    sheet = ApprovalSheet.objects.select_for_update(of=("self",)).filter(id=sheet_id).first()
    if sheet is None:
        raise NotFound()
    if sheet.made_by_id == actor.account_id:
        raise OwnWork()
    if sheet.approvals.filter(account_id=actor.the_account).exists():
        raise AlreadySigned()
    if not may_sign(actor, sheet):
        raise NotYourDuty()
    return sheet


def sign_sheet(
    actor: Actor, at: datetime, sheet_id: UUID, sha256: str, code_step: int, opinion: str = ""
) -> ApprovalSheet:
    """Sign the content seen (`sha256`) with a fresh code (`code_step`); the last signature needed approves."""
    sheet = _to_sign(actor, sheet_id)
    if sha256 != sheet.sha256:
        raise ContentChanged()
    if actor.person_id and any(row["person"] == str(actor.person_id) for row in sheet.content):
        raise OwnMoney()
    lines = lock_lines([UUID(row["line"]) for row in sheet.content])
    left, same = compared_with(sheet, lines)
    if left or not same:
        raise LineLeftMeanwhile(count=left or "几")
    step, _ = STEPS[sheet.state]
    Approval.objects.create(
        id=new_id(),
        sheet=sheet,
        region_id=sheet.region_id,
        step=step,
        account_id=actor.the_account,
        sha256=sha256,
        opinion=opinion.strip(),
        code_step=code_step,
        at=at,
    )
    following = {"check": "checked", "lead": "led" if sheet.second_leader else "approved", "lead2": "approved"}[step]
    move_one(sheet, SHEET_STATES, following)
    note(actor, at, "signed_sheet", sheet, step=step, sha256=sha256)
    if following == "approved":
        move_lines(actor, at, "approved", lines, "approved")
    return sheet


def return_sheet(actor: Actor, at: datetime, sheet_id: UUID, reason: str) -> ApprovalSheet:
    """Give a sheet back to its maker with a reason; its lines are free to be sent again."""
    sheet = _to_sign(actor, sheet_id)
    if len(reason.strip()) < 5:
        raise ReasonNeeded()
    move_one(sheet, SHEET_STATES, "returned", return_reason=reason.strip())
    SubsidyLine.objects.filter(sheet=sheet).update(sheet=None)
    note(actor, at, "returned_sheet", sheet, reason=reason.strip())
    return sheet
