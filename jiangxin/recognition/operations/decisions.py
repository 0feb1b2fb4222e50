"""Applications at the desk: accepted or returned, judged by experts, proposed by one and decided by another (13.3)."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID

from jiangxin.ground.actor import Actor
from jiangxin.ground.calendar import load_calendar
from jiangxin.ground.clock import day_of
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import ChangedMeanwhile, NotFound, NotYourDuty, Refusal
from jiangxin.ground.transitions import move_one
from jiangxin.recognition.cases import APPLICATION_STATES, Application, Review
from jiangxin.recognition.operations.applications import procedure_of
from jiangxin.recognition.operations.granting import grant_title
from jiangxin.recognition.procedures import Procedure, check_answers
from jiangxin.recognition.reads import fit_reviewers


class ReasonNeedsText(Refusal):
    sentence = "请写明理由。"
    remedy = "至少写 5 个字，让申请的机构看得懂要做什么。"


class NotAtThisStep(Refusal):
    sentence = "这件申请现在不在这一步。"
    remedy = "刷新后可看到它到了哪一步。"


class ExpertDoesNotFit(Refusal):
    sentence = "选的人里有不能当评审的。"
    remedy = "请选本地或上级有“培训管理”岗位的在岗人员。"


class ReviewNotYours(Refusal):
    sentence = "这份评审不是请您做的，或您已经交过。"
    remedy = "请核对您的评审清单。"


class InterestNotDeclared(Refusal):
    sentence = "评审前要先说明和申请机构有没有利害关系。"
    remedy = "请先声明；有关系的，说明后退出。"


class ScoresNotWhole(Refusal):
    sentence = "每一条都要打分，并且不超过满分。"
    remedy = "请逐条填写分数。"


class ReviewsMissing(Refusal):
    sentence = "评审要 {wanted} 人，现在只有 {got} 人交了。"
    remedy = "请等评审交齐，有人回避的另请一位。"


class GrantNotFounded(Refusal):
    sentence = "有不符合的条件，不能提出认定：{which}。"
    remedy = "退回补正，或提出不予认定并写明理由。"


class OutcomeNeedsAnother(Refusal):
    sentence = "提出和决定要两个人，这是您提出或评审的。"
    remedy = "请由另一位领导决定。"


def _at_desk(actor: Actor, application_id: UUID, duty: str, *states: str) -> Application:
    """An application in the actor's scope, locked, in one of these states."""
    found = Application.objects.select_for_update(of=("self",)).select_related("body").filter(pk=application_id).first()
    if found is None or found.region_id not in actor.regions:
        raise NotFound()
    if not may_handle(actor, found, duty):
        raise NotYourDuty()
    if found.state not in states:
        raise NotAtThisStep()
    return found


def may_handle(actor: Actor, application: Application, duty: str = "training") -> bool:
    """Whether the actor's desk decides for the region of the application, and it holds the duty."""
    return actor.has(duty) and application.region_id == actor.region_id


def _due(at: datetime, procedure: Procedure, state: str) -> date | None:
    days = procedure.working_days(state)
    return None if days is None else load_calendar().add(day_of(at), days).ends_on


def accept_application(actor: Actor, at: datetime, application_id: UUID) -> Application:
    """Take an application in hand; the days of the review begin."""
    application = _at_desk(actor, application_id, "training", "submitted")
    due_on = _due(at, procedure_of(application), "reviewing")
    move_one(application, APPLICATION_STATES, "reviewing", state_since=at, due_on=due_on)
    note(actor, at, "accepted_application", application)
    return application


def return_application(actor: Actor, at: datetime, application_id: UUID, reason: str) -> Application:
    """Send an application back to be completed, saying what is lacking; the body's own time is not the desk's."""
    application = _at_desk(actor, application_id, "training", "submitted", "reviewing")
    if len(reason.strip()) < 5:
        raise ReasonNeedsText()
    move_one(application, APPLICATION_STATES, "returned", state_since=at, due_on=None, return_reason=reason.strip())
    note(actor, at, "returned_application", application)
    return application


def invite_reviewers(actor: Actor, at: datetime, application_id: UUID, accounts: Collection[UUID]) -> list[Review]:
    """Ask experts of the own desk or one above to judge; whoever was asked before stays asked."""
    application = _at_desk(actor, application_id, "training", "reviewing")
    wanted = set(accounts)
    fit = fit_reviewers(application.region_id, day_of(at)).filter(pk__in=wanted)
    if not wanted or set(fit.values_list("pk", flat=True)) != wanted:
        raise ExpertDoesNotFit()
    known = set(Review.objects.filter(application=application).values_list("reviewer_id", flat=True))
    made = Review.objects.bulk_create(
        Review(
            application=application, region_id=application.region_id, reviewer_id=account, invited_at=at,
            invited_by_name=actor.name,
        )
        for account in sorted(wanted - known)
    )  # fmt: skip
    note(actor, at, "invited_reviewers", application, reviewers=[str(one.reviewer_id) for one in made])
    return made


def _own_review(actor: Actor, review_id: UUID) -> Review:
    review = Review.objects.select_for_update(of=("self",)).select_related("application").filter(pk=review_id).first()
    if review is None:
        raise NotFound()
    if review.reviewer_id != actor.account_id or review.answered_at or review.conflict:
        raise ReviewNotYours()
    if review.application.state != "reviewing":
        raise NotAtThisStep()
    return review


def declare_interest(actor: Actor, at: datetime, review_id: UUID, conflict: bool, words: str = "") -> Review:
    """Say whether one has an interest in the body; with one, the review ends here and another is asked."""
    review = _own_review(actor, review_id)
    if conflict and len(words.strip()) < 5:
        raise ReasonNeedsText()
    review.conflict, review.conflict_note, review.declared_at = conflict, words.strip(), at
    review.save(update_fields=["conflict", "conflict_note", "declared_at"])
    note(actor, at, "declared_interest", review, conflict=conflict)
    return review


def answer_review(actor: Actor, at: datetime, review_id: UUID, scores: Mapping[str, int], words: str = "") -> Review:
    """Score each condition that experts judge, once."""
    review = _own_review(actor, review_id)
    if review.conflict is None:
        raise InterestNotDeclared()
    asked = {one.code: one.score for one in procedure_of(review.application).reviewed}
    if set(scores) != set(asked) or any(not 0 <= scores[code] <= most for code, most in asked.items()):
        raise ScoresNotWhole()
    review.answers, review.total = dict(scores), sum(scores.values())
    review.note, review.answered_at = words.strip(), at
    review.save(update_fields=["answers", "total", "note", "answered_at"])
    note(actor, at, "answered_review", review)
    return review


def propose_outcome(actor: Actor, at: datetime, application_id: UUID, proposal: str, opinion: str) -> Application:
    """Propose to grant or to refuse, with reasons. A grant needs every condition of the data and the experts' marks."""
    application = _at_desk(actor, application_id, "training", "reviewing")
    procedure = procedure_of(application)
    if len(opinion.strip()) < 5 or proposal not in ("grant", "refuse"):
        raise ReasonNeedsText()
    answered = Review.objects.filter(application=application, total__isnull=False).values_list("total", flat=True)
    totals = [total for total in answered if total is not None]
    if len(totals) < procedure.reviewers:
        raise ReviewsMissing(wanted=procedure.reviewers, got=len(totals))
    if proposal == "grant":
        _refuse_unfounded(application, procedure, totals)
    move_one(
        application, APPLICATION_STATES, "proposed", state_since=at, due_on=_due(at, procedure, "proposed"),
        proposal=proposal, opinion=opinion.strip(), proposed_by_id=actor.the_account, proposed_at=at, disagreed="",
    )  # fmt: skip
    note(actor, at, "proposed_outcome", application, proposal=proposal)
    return application


def _refuse_unfounded(application: Application, procedure: Procedure, totals: list[int]) -> None:
    checked = check_answers(procedure, application.answers)
    unmet = [one.criterion.sentence for one in checked if one.answer == "no" and one.criterion.binding]
    if totals and sum(totals) < procedure.pass_score * len(totals):
        unmet.append(f"评审平均分不到 {procedure.pass_score} 分")
    if unmet:
        raise GrantNotFounded(which="；".join(unmet))


def may_decide_outcome(actor: Actor, application: Application) -> bool:
    """Whether the actor may decide what another proposed: a leader who neither proposed nor judged."""
    if application.state != "proposed" or not may_handle(actor, application, "leader"):
        return False
    judged = Review.objects.filter(application=application, reviewer_id=actor.account_id).exists()
    return application.proposed_by_id != actor.account_id and not judged


def _to_decide(actor: Actor, application_id: UUID) -> Application:
    application = _at_desk(actor, application_id, "leader", "proposed")
    if not may_decide_outcome(actor, application):
        raise OutcomeNeedsAnother()
    return application


def decide_outcome(actor: Actor, at: datetime, application_id: UUID, proposed_at: datetime | None) -> Application:
    """Decide as another proposed, at the moment the actor read: posted first where the procedure says so (P16)."""
    application = _to_decide(actor, application_id)
    if application.proposed_at != proposed_at:
        raise ChangedMeanwhile()
    procedure = procedure_of(application)
    decided = {"decided_by_id": actor.the_account, "decided_at": at, "state_since": at, "due_on": None}
    if application.proposal == "refuse":
        move_one(application, APPLICATION_STATES, "refused", **decided)
    elif procedure.publicity_working_days:
        until = load_calendar().add(day_of(at), procedure.publicity_working_days).ends_on
        posted = {"posted_at": at, "posted_until": until, "due_on": until}
        move_one(application, APPLICATION_STATES, "publicity", **decided | posted)
    else:
        move_one(application, APPLICATION_STATES, "granted", **decided)
        grant_title(actor, at, application, procedure)
    note(actor, at, "decided_outcome", application, state=application.state)
    return application


def disagree_with_outcome(actor: Actor, at: datetime, application_id: UUID, reason: str) -> Application:
    """Send a proposal back to the desk, saying why."""
    application = _to_decide(actor, application_id)
    if len(reason.strip()) < 5:
        raise ReasonNeedsText()
    return _back_to_review(actor, at, application, reason, "disagreed_with_outcome")


def stop_publicity(actor: Actor, at: datetime, application_id: UUID, reason: str) -> Application:
    """Something was said against an application that is posted: it is taken down and judged anew."""
    application = _at_desk(actor, application_id, "training", "publicity")
    if len(reason.strip()) < 5:
        raise ReasonNeedsText()
    return _back_to_review(actor, at, application, reason, "stopped_publicity")


def _back_to_review(actor: Actor, at: datetime, application: Application, reason: str, verb: str) -> Application:
    proposer = str(application.proposed_by_id)
    move_one(
        application, APPLICATION_STATES, "reviewing", state_since=at, disagreed=reason.strip(), proposal="",
        due_on=_due(at, procedure_of(application), "reviewing"), proposed_by_id=None, proposed_at=None,
        decided_by_id=None, decided_at=None, posted_at=None, posted_until=None,
    )  # fmt: skip
    note(actor, at, verb, application, proposed_by=proposer)
    return application


def grant_posted(actor: Actor, at: datetime) -> int:
    """Grant every application whose posting is over; returns how many (mainline)."""
    if not actor.has("machine"):
        raise NotYourDuty()
    over = Application.objects.select_for_update().filter(state="publicity", posted_until__lt=day_of(at))
    found = list(over.order_by("id"))
    for application in found:
        move_one(application, APPLICATION_STATES, "granted", state_since=at, due_on=None)
        grant_title(actor, at, application, procedure_of(application))
    return len(found)
