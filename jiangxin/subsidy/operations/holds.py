"""Holds before money (P23): reasons to look first, with evidence a clerk can read; released by two, no refusal.

Asked after the notice and again under lock when a batch is built. The sample is drawn by a hash of a published seed and
the line's key, so that anybody can draw it again.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.free_text import hide_numbers
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.staging import rows_of, run, stage
from jiangxin.ground.transitions import move, move_one
from jiangxin.recognition.queries import stopped_bodies
from jiangxin.subsidy.detectors import DETECTORS
from jiangxin.subsidy.law import number
from jiangxin.subsidy.models import HOLD_STATES, Hold, SubsidyLine
from jiangxin.subsidy.operations.lines import free_money, lock_line_of_another, move_lines
from jiangxin.subsidy.terms import Terms

SAMPLE_SEED = "匠心回访抽样"
OPEN = "SELECT line_id FROM subsidy_hold WHERE state = 'open' AND line_id IN (SELECT line_id FROM asked)"


class FindingNeedsText(Refusal):
    sentence = "请写明查到了什么。"
    remedy = "写清怎么核实的、结果如何，至少 5 个字。"


class HoldNeedsAnother(Refusal):
    sentence = "放行要两个人，您已经签过。"
    remedy = "请由另一位同事确认放行。"


class NotLookedIntoYet(Refusal):
    sentence = "还没有人写明查到了什么。"
    remedy = "请先由一位同事写明核查结果，再由另一位决定。"


class HeirWaits(Refusal):
    sentence = "登记了继承人，还没有处理。"
    remedy = "请先确认或不采用继承人，再签核查。"


class HoldAlreadyReleased(Refusal):
    sentence = "这一项已经放行。"
    remedy = "刷新后可看到最新状态。"


def drawn(line_id: UUID, share_percent: float) -> bool:
    """Whether a line falls into the call sample: its hash with the published seed lies in the lowest share."""
    digest = hashlib.sha256(f"{SAMPLE_SEED}|{line_id}".encode()).digest()
    return int.from_bytes(digest[:8]) < share_percent / 100 * 2**64


def ask_holds(actor: Actor, at: datetime, lines: Collection[SubsidyLine]) -> list[SubsidyLine]:
    """Ask every detector about locked lines; those caught are held with their evidence, the clean ones returned.

    What was released is not held again on the same evidence; on other evidence it is (the account changed once more).
    """
    if not actor.has("machine"):
        raise NotYourDuty()
    today = day_of(at)
    share = _stage_asked(at, lines)
    found: dict[tuple[UUID, str], set[str]] = defaultdict(set)
    for kind, sql in DETECTORS.items():
        for line_id, evidence in rows_of(sql):
            found[line_id, kind].add(evidence)
    bodies = {line.payee_body_id for line in lines if line.payee_body_id}
    stopped = stopped_bodies("provider", bodies, at) if bodies else set()
    for line in lines:
        if line.payee_body_id in stopped:
            found[line.id, "body_stopped"].add(f"{today}起核：收款单位被暂停，或已退出目录、吊销许可")
        if not line.payee_body_id and drawn(line.id, share[line.region_id]):
            found[line.id, "sample_call"].add(f"按种子“{SAMPLE_SEED}”抽中，请电话回访本人")
    seen = set(rows_of("SELECT line_id, kind, evidence FROM subsidy_hold WHERE line_id IN (SELECT line_id FROM asked)"))
    said = {(*of, hide_numbers("；".join(sorted(reasons)))[:400]) for of, reasons in found.items()}
    region = {line.id: line.region_id for line in lines}
    due = Terms(at).calendar.add(today, 5).ends_on
    Hold.objects.bulk_create(
        Hold(
            id=new_id(), line_id=line, region_id=region[line], kind=kind, evidence=evidence, opened_at=at, due_on=due
        )
        for line, kind, evidence in sorted(said - seen)
    )  # fmt: skip
    caught = {line for (line,) in rows_of(OPEN)}
    move_lines(actor, at, "held", [x for x in lines if x.id in caught and x.state != "held"], "held", due_on=due)
    run("UPDATE subsidy_subsidy_line SET holds_checked_on = %s WHERE id IN (SELECT line_id FROM asked)", [today])
    return [line for line in lines if line.id not in caught]


def _stage_asked(at: datetime, lines: Collection[SubsidyLine]) -> dict[int, float]:
    """Stage the lines with their region's numbers for the detectors; returns each region's share of the sample.

    Where a region has no number today, its detector is off and nobody is drawn: the others are asked all the same.
    """
    numbers = {
        region: (
            _or(region, "account_changed_hold_days", at, 0),
            _or(region, "new_body_first_batches", at, 0),
            _or(region, "phone_shared_persons", at, 10**6),
            _or(region, "exception_share_percent", at, 100),
        )
        for region in {line.region_id for line in lines}
    }
    stage(
        "asked",
        "line_id uuid, region_id int, today date, account_days int, new_body_batches int, phone_persons int,"
        " pleas_percent int",
        ((line.id, line.region_id, day_of(at), *numbers[line.region_id]) for line in lines),
    )
    return {region: _or(region, "sample_share_percent", at, 0) for region in numbers}


def _or(region_id: int, name: str, at: datetime, absent: float) -> float:
    """A number of a detector, or what switches it off where the region filed none."""
    entry = number(region_id, name, day_of(at))
    return entry.value if entry.known else absent


def may_release_hold(actor: Actor, hold: Hold) -> bool:
    """Whether the actor may sign the release: maker, checker or leader in scope, and not the one who signed first."""
    duty = actor.has("maker", "checker", "leader") and hold.region_id in actor.regions
    return duty and hold.state == "open" and hold.first_by_id != actor.account_id


def _to_release(actor: Actor, hold_id: UUID) -> tuple[Hold, SubsidyLine]:
    """An open hold and its line, locked, for whoever may sign about it now."""
    hold = Hold.objects.select_for_update(of=("self",)).filter(id=hold_id).first()
    if hold is None:
        raise NotFound()
    if hold.state != "open":
        raise HoldAlreadyReleased()
    if hold.first_by_id and hold.first_by_id == actor.account_id:
        raise HoldNeedsAnother()
    if not may_release_hold(actor, hold):
        raise NotYourDuty()
    line = lock_line_of_another(actor, hold.line_id)
    if line.heirs.filter(state="entered").exists():
        raise HeirWaits()
    return hold, line


def go_on(actor: Actor, at: datetime, line: SubsidyLine) -> None:
    """Let a line that nothing holds any more go on where it was."""
    if line.state == "held" and not line.holds.filter(state="open").exists():
        approved = line.sheet is not None and line.sheet.state == "approved"
        move_lines(actor, at, "went_on", [line], "approved" if approved else "to_approve")


def release_hold(actor: Actor, at: datetime, hold_id: UUID, finding: str) -> Hold:
    """Sign that a hold was looked into: the first signature records the finding, the second releases the line."""
    hold, line = _to_release(actor, hold_id)
    if hold.first_by_id is None:
        if len(finding.strip()) < 5:
            raise FindingNeedsText()
        hold.finding, hold.first_by_id, hold.first_at = finding.strip(), actor.account_id, at
        hold.save(update_fields=["finding", "first_by", "first_at"])
        note(actor, at, "signed_hold_release", hold)
        return hold
    move_one(hold, HOLD_STATES, "released", second_by_id=actor.account_id, released_at=at)
    note(actor, at, "released_hold", hold)
    go_on(actor, at, line)
    return hold


def strike_held(actor: Actor, at: datetime, hold_id: UUID, finding: str) -> Hold:
    """A hold was found true by the first signer and a second person: the line is struck and its money free.

    What else held the line has nothing left to hold and ends with it, by the same two.
    """
    hold, line = _to_release(actor, hold_id)
    if hold.first_by_id is None:
        raise NotLookedIntoYet()
    ended = {"first_by_id": hold.first_by_id, "second_by_id": actor.account_id, "released_at": at}
    found = f"{hold.finding}；{finding.strip()}".rstrip("；")[:400]
    move_one(hold, HOLD_STATES, "released", finding=found, **ended)
    move(line.holds.filter(state="open"), HOLD_STATES, "released", finding=f"已取消：{found}"[:400], **ended)
    free_money(actor, at, "struck", [line], "struck", cause="核查属实，不予支付")
    note(actor, at, "struck_held_line", hold, person_id=line.person_id)
    return hold
