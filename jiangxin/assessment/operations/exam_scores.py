"""Scores: typed twice by two accounts, a third look where they differ, closed; later corrected only by two (14.1)."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from jiangxin.assessment.examining import SCORE_CHANGE_STATES, ScoreChange, ScoreEntry
from jiangxin.assessment.exams import CANDIDATE_STATES, PARTS, PLAN_STATES, Candidate, ExamPlan
from jiangxin.assessment.operations.exam_plans import PlanElsewhere, own_plan
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import ChangedMeanwhile, NotFound, Refusal
from jiangxin.ground.transitions import move_one

SCORERS = ("clerk", "examiner", "machine")
CLOSED = ("closed", "supervised")
HUNDRED = Decimal(100)


class ExamNotYet(Refusal):
    sentence = "{exam_on} 才考试，现在不能录成绩。"
    remedy = "请考完再录。"


class ScoreOutOfRange(Refusal):
    sentence = "成绩要在 0 到 100 之间，最多一位小数。"
    remedy = "请对照原卷核对。"


class PartNotTaken(Refusal):
    sentence = "{name}这次不考{part}。"
    remedy = "请看准考证上的科目。"


class ScoreFixedAlready(Refusal):
    sentence = "{name}的{part}成绩已经两次录入一致。"
    remedy = "成绩锁定后发现有错，请办更正。"


class EntryNeedsAnother(Refusal):
    sentence = "{name}的{part}成绩是您录的，要由另一个账号再录一次。"
    remedy = "请换一位同事录第二遍。"


class ThirdLookNeedsNote(Refusal):
    sentence = "两次录入不一致（{first} 和 {second}），第三次要写明对照了什么。"
    remedy = "写明对照的原卷或评分表，至少 5 个字。"


class AbsentHasScores(Refusal):
    sentence = "{name}已经录了成绩，不能记缺考。"
    remedy = "请核对是不是录错了人。"


class ScoresMissing(Refusal):
    sentence = "还有 {count} 名考生的成绩没有录全，或两次录入不一致。"
    remedy = "请补录，缺考的记缺考，不一致的由第三人核对。"


class ScoreNotClosed(Refusal):
    sentence = "成绩还没有锁定，或已经公布，不能办更正。"
    remedy = "锁定前请按三次录入核对；公布后发现有错，请办证书撤销。"


class ChangeNeedsReason(Refusal):
    sentence = "更正成绩要写明原因，新成绩要和原来的不同。"
    remedy = "写清依据，如“实操第 3 项漏计 5 分，见评分表”，至少 5 个字。"


class ChangeAskedAlready(Refusal):
    sentence = "{name}的{part}成绩已有一件更正等着确认。"
    remedy = "请先确认或不同意那一件。"


class ChangeNeedsAnother(Refusal):
    sentence = "更正成绩要两个人，这是您提出的。"
    remedy = "请由另一位同事确认。"


def may_enter_scores(actor: Actor, plan: ExamPlan) -> bool:
    """Whether the actor types scores of this plan now: clerk or examiner of the assessor, the roster closed."""
    return actor.body_id == plan.body_id and actor.has(*SCORERS) and plan.state == "rostered"


def _locked(actor: Actor, candidate_id: UUID, *states: str) -> tuple[ExamPlan, Candidate]:
    plan_id = Candidate.objects.filter(pk=candidate_id).values_list("plan_id", flat=True).first()
    if plan_id is None:
        raise NotFound()
    # Shared with whoever else types: only the candidate is locked.
    plan = ExamPlan.objects.filter(pk=plan_id, body_id=actor.body_id).first()
    if plan is None or not actor.has(*SCORERS):
        raise NotFound()
    if states and plan.state not in states:
        raise PlanElsewhere(state=PLAN_STATES.words[plan.state])
    found = Candidate.objects.select_for_update(of=("self",)).select_related("subject").get(pk=candidate_id)
    return plan, found


def enter_score(
    actor: Actor, at: datetime, candidate_id: UUID, part: str, score: Decimal, remark: str = ""
) -> Candidate:
    """Type a score from the paper. Two accounts that agree fix it; where they differ a third looks and fixes it."""
    plan, found = _locked(actor, candidate_id, "rostered")
    if day_of(at) < plan.exam_on:
        raise ExamNotYet(exam_on=plan.exam_on)
    if not 0 <= score <= HUNDRED or score != round(score, 1):
        raise ScoreOutOfRange()
    words = {"name": found.name_then, "part": PARTS.get(part, "")}
    if part not in found.parts or found.state not in ("admitted", "sat"):
        raise PartNotTaken(**words)
    if getattr(found, part) is not None:
        raise ScoreFixedAlready(**words)
    before = list(ScoreEntry.objects.filter(candidate=found, part=part).order_by("turn"))
    if actor.the_account in {entry.entered_by_id for entry in before}:
        raise EntryNeedsAnother(**words)
    if len(before) == 2 and len(remark.strip()) < 5:
        raise ThirdLookNeedsNote(first=before[0].score, second=before[1].score)
    ScoreEntry.objects.create(
        candidate=found, region_id=found.region_id, body_id=found.body_id, part=part, turn=len(before) + 1,
        score=score, note=remark.strip(), entered_by_id=actor.the_account, entered_at=at,
    )  # fmt: skip
    if len(before) == 2 or (before and before[0].score == score):
        Candidate.objects.filter(pk=found.pk).update(**{part: score})
        if found.state == "admitted":
            move_one(found, CANDIDATE_STATES, "sat", state_since=at)
    note(actor, at, "entered_score", found, part=part, turn=len(before) + 1)
    found.refresh_from_db()
    return found


def mark_absent(actor: Actor, at: datetime, candidate_id: UUID, *, came: bool = False) -> Candidate:
    """Write down that a candidate did not come; or, marked by mistake, that the candidate came after all."""
    _, found = _locked(actor, candidate_id, "rostered")
    if not came and ScoreEntry.objects.filter(candidate=found).exists():
        raise AbsentHasScores(name=found.name_then)
    move_one(found, CANDIDATE_STATES, "admitted" if came else "absent", state_since=at)
    note(actor, at, "marked_present" if came else "marked_absent", found)
    return found


def close_scores(actor: Actor, at: datetime, plan_id: UUID) -> ExamPlan:
    """Lock the scores of a plan: everybody has each score twice alike, or was absent."""
    plan = own_plan(actor, plan_id, "rostered")
    sitting = Candidate.objects.select_for_update().filter(plan=plan, state__in=("admitted", "sat"))
    missing = [one for one in sitting if any(getattr(one, part) is None for part in one.parts)]
    if missing:
        raise ScoresMissing(count=len(missing))
    move_one(plan, PLAN_STATES, "closed", state_since=at, closed_by_id=actor.account_id)
    note(actor, at, "closed_scores", plan)
    return plan


def ask_score_change(
    actor: Actor, at: datetime, candidate_id: UUID, part: str, becomes: Decimal, reason: str
) -> ScoreChange:
    """Ask for a locked score to be corrected, with the reason; nothing changes before another confirms it."""
    plan, found = _locked(actor, candidate_id)
    if plan.state not in CLOSED:
        raise ScoreNotClosed()
    words = {"name": found.name_then, "part": PARTS.get(part, "")}
    if part not in found.parts or getattr(found, part) is None:
        raise PartNotTaken(**words)
    if not 0 <= becomes <= HUNDRED or becomes != round(becomes, 1):
        raise ScoreOutOfRange()
    if len(reason.strip()) < 5 or becomes == getattr(found, part):
        raise ChangeNeedsReason()
    change = ScoreChange(
        candidate=found, region_id=found.region_id, body_id=found.body_id, part=part, was=getattr(found, part),
        becomes=becomes, reason=reason.strip(), asked_by_id=actor.the_account, asked_at=at,
    )  # fmt: skip
    ScoreChange.objects.bulk_create([change], ignore_conflicts=True)
    if not ScoreChange.objects.filter(pk=change.pk).exists():
        raise ChangeAskedAlready(**words)
    note(actor, at, "asked_score_change", change, person_id=found.person_id, part=part)
    return change


def decide_score_change(actor: Actor, at: datetime, change_id: UUID, agree: bool) -> ScoreChange:
    """Confirm a correction another asked for, or drop it; after a confirmed one the supervisor looks again."""
    candidate_id = ScoreChange.objects.filter(pk=change_id).values_list("candidate_id", flat=True).first()
    if candidate_id is None:
        raise NotFound()
    plan, found = _locked(actor, candidate_id)
    if plan.state not in CLOSED:
        raise ScoreNotClosed()
    change = ScoreChange.objects.select_for_update().get(pk=change_id)
    if agree and change.asked_by_id == actor.the_account:
        raise ChangeNeedsAnother()
    if getattr(found, change.part) != change.was:
        raise ChangedMeanwhile()
    closed = {"closed_by_id": actor.the_account, "closed_at": at}
    move_one(change, SCORE_CHANGE_STATES, "confirmed" if agree else "dropped", **closed)
    if agree:
        Candidate.objects.filter(pk=found.pk).update(**{change.part: change.becomes})
        if plan.state == "supervised":
            move_one(plan, PLAN_STATES, "closed", state_since=at)
    note(actor, at, "confirmed_score_change" if agree else "dropped_score_change", change, person_id=found.person_id)
    return change
