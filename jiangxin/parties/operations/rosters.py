"""Lists of people from bodies: the whole file is checked first, the good rows are loaded by a second choice."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from jiangxin.ground.actor import Actor
from jiangxin.ground.free_text import hide_numbers, refuse_numbers
from jiangxin.ground.identity import seal
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.transitions import move_one
from jiangxin.parties.queries.workforce import CONTENT, content_of
from jiangxin.parties.register_files import digest
from jiangxin.parties.rosters import Checked, Roster, check_roster, wrong_rows_workbook
from jiangxin.parties.workforce import ROSTER_STATES, RosterFile

LARGEST, MOST_ROWS = 5_000_000, 2_000


class RosterTooHeavy(Refusal):
    sentence = "名册超过 5 MB 或 {most} 人。"
    remedy = "请分成几个文件再传。"


class RosterHandledAlready(Refusal):
    sentence = "这份名册{state}，不能再办。"
    remedy = "刷新后可看到最新状态。"


class RosterHasNoGoodRow(Refusal):
    sentence = "这份名册里没有一行能载入。"
    remedy = "请下载错误行，改好再传。"


class RosterPartNeedsReason(Refusal):
    sentence = "先载入正确的行，要写明原因。"
    remedy = "如“错误行要等本人补证件号”，至少 5 个字。"


class RosterChangedMeanwhile(Refusal):
    sentence = "检查以后又有 {count} 行不能载入了。"
    remedy = "请把文件再传一次，看是哪几行。"


Take = Callable[[Sequence[Any]], int]


def may_send_roster(actor: Actor) -> bool:
    """Whether the actor may send lists of people: who keeps a body's classes or its workforce."""
    return actor.body_id is not None and actor.has("school", "head", "employer")


def receive_roster(
    actor: Actor, at: datetime, roster: Roster, name: str, data: bytes, about: UUID | None = None
) -> RosterFile:
    """Check a whole list and keep it sealed until somebody decides about it; nobody is taken in yet."""
    if actor.body_id is None or not may_send_roster(actor):
        raise NotYourDuty()
    if len(data) > LARGEST:
        raise RosterTooHeavy(most=MOST_ROWS)
    checked = check_roster(roster, data, name)
    if checked.total > MOST_ROWS:
        raise RosterTooHeavy(most=MOST_ROWS)
    file = RosterFile(
        body_id=actor.body_id, region_id=actor.region_id or 0, purpose=roster.purpose, about=about,
        file_name=hide_numbers(name)[-120:], sha256=digest(data), sent_by_name=actor.name, sent_at=at,
        state="wrong" if checked.wrongs else "clean", **_found(checked),
    )  # fmt: skip
    file.content = seal(data, CONTENT.format(file.pk))
    file.save(force_insert=True)
    note(actor, at, "sent_roster", file, rows=file.rows, wrong=file.wrong_rows, sha256=file.sha256)
    return file


def _found(checked: Checked) -> dict[str, Any]:
    kept = [asdict(one) for one in checked.wrongs]
    return {"rows": checked.total, "wrong_rows": len(checked.wrong_lines), "wrongs": kept}


def _locked(actor: Actor, file_id: UUID) -> RosterFile:
    found = RosterFile.objects.select_for_update().filter(id=file_id, body_id=actor.body_id).first()
    if actor.body_id is None or found is None:
        raise NotFound()
    if not may_send_roster(actor):
        raise NotYourDuty()
    if found.state not in ("wrong", "clean"):
        raise RosterHandledAlready(state=ROSTER_STATES.words[found.state])
    return found


def load_roster(
    actor: Actor, at: datetime, file_id: UUID, roster: Roster, take: Take, reason: str = ""
) -> RosterFile:  # fmt: skip
    """Take in the good rows of a list by `take`, all of them or none; with wrong rows beside them it needs a reason.

    The list is checked once more: what became wrong since it was sent stops it.
    """
    file = _locked(actor, file_id)
    checked = check_roster(roster, content_of(file), file.file_name)
    if (more := len(checked.wrong_lines) - file.wrong_rows) > 0:
        raise RosterChangedMeanwhile(count=more)
    if not checked.good:
        raise RosterHasNoGoodRow()
    if checked.wrongs and len(reason.strip()) < 5:
        raise RosterPartNeedsReason()
    refuse_numbers(reason)
    loaded = take([row for _, row in checked.good])
    left = wrong_rows_workbook(roster, checked.sheet, checked.wrongs) if checked.wrongs else None
    move_one(
        file, ROSTER_STATES, "loaded", loaded_rows=loaded, part_reason=reason.strip() if checked.wrongs else "",
        content=left and seal(left, CONTENT.format(file.pk)), **_found(checked),
    )  # fmt: skip
    note(actor, at, "loaded_roster", file, loaded=loaded, left=file.wrong_rows, reason=file.part_reason)
    return file


def drop_roster(actor: Actor, at: datetime, file_id: UUID) -> RosterFile:
    """Give up a list that was not loaded; the file is forgotten."""
    file = _locked(actor, file_id)
    move_one(file, ROSTER_STATES, "dropped", content=None)
    note(actor, at, "dropped_roster", file)
    return file
