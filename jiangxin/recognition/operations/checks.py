"""After a grant by promise (7.1): each promise is looked at; untrue, it is put right by a day, or a measure follows."""

from datetime import date, datetime
from uuid import UUID

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.transitions import move_one
from jiangxin.recognition.cases import CHECK_STATES, PromiseCheck
from jiangxin.recognition.operations.measures import open_measure
from jiangxin.rules.parameters import Law


class PromiseFindingNeedsText(Refusal):
    sentence = "请写明核查看到了什么。"
    remedy = "至少写 5 个字。"


class CorrectionNeedsDay(Refusal):
    sentence = "承诺不实的，要写明限期改正到哪一天。"
    remedy = "请填今天之后的日期。"


class CheckNotAtThisStep(Refusal):
    sentence = "这一条承诺现在不在这一步。"
    remedy = "刷新后可看到它的情况。"


class CorrectionDayNotOver(Refusal):
    sentence = "改正的期限还没有到。"
    remedy = "过了 {until} 再转处置。"


def may_check_promise(actor: Actor, check: PromiseCheck) -> bool:
    """Whether the actor looks at promises of this region."""
    return actor.has("training") and check.region_id in actor.regions


def _locked(actor: Actor, check_id: UUID, state: str) -> PromiseCheck:
    checks = PromiseCheck.objects.select_for_update(of=("self",)).select_related("application__title", "body")
    found = checks.filter(pk=check_id).first()
    if found is None or found.region_id not in actor.regions:
        raise NotFound()
    if not may_check_promise(actor, found):
        raise NotYourDuty()
    if found.state != state:
        raise CheckNotAtThisStep()
    return found


def check_promise(
    actor: Actor, at: datetime, check_id: UUID, *, kept: bool, finding: str, correct_by: date | None = None
) -> PromiseCheck:
    """Write down what was found of one promise: true; or untrue, with the day by which it is to be put right."""
    check = _locked(actor, check_id, "due")
    if len(finding.strip()) < 5:
        raise PromiseFindingNeedsText()
    if not kept and (correct_by is None or correct_by <= day_of(at)):
        raise CorrectionNeedsDay()
    found = {"finding": finding.strip(), "found_by_id": actor.the_account, "found_at": at}
    if kept:
        move_one(check, CHECK_STATES, "kept", **found, closed_at=at)
    else:
        move_one(check, CHECK_STATES, "untrue", **found, correct_by=correct_by)
    note(actor, at, "checked_promise", check, kept=kept)
    return check


def accept_correction(actor: Actor, at: datetime, check_id: UUID, outcome: str) -> PromiseCheck:
    """What was untrue has been put right; the record of it stays."""
    check = _locked(actor, check_id, "untrue")
    if len(outcome.strip()) < 5:
        raise PromiseFindingNeedsText()
    move_one(check, CHECK_STATES, "corrected", outcome=outcome.strip(), closed_at=at)
    note(actor, at, "accepted_correction", check)
    return check


def escalate_promise(actor: Actor, at: datetime, check_id: UUID, outcome: str, law: Law) -> PromiseCheck:
    """Not put right in time: the measure that takes the title away is opened, with its letter and hearing (P38)."""
    check = _locked(actor, check_id, "untrue")
    if len(outcome.strip()) < 5:
        raise PromiseFindingNeedsText()
    if check.correct_by is not None and day_of(at) <= check.correct_by:
        raise CorrectionDayNotOver(until=check.correct_by)
    title = check.application.title
    facts = f"承诺“{check.sentence}”不实：{check.finding}限期内没有改正：{outcome.strip()}"
    kind = "withdrawal" if title.kind == "licence" else "delisting"
    measure = open_measure(actor, at, check.body_id, kind, "untrue_promise", facts, law, title_id=title.pk)
    move_one(check, CHECK_STATES, "escalated", outcome=outcome.strip(), closed_at=at, measure_id=measure.pk)
    note(actor, at, "escalated_promise", check)
    return check
