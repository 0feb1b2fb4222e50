"""Settling a class with the body that bore its cost (5.2, 10.2, P24): submitted, called by draw, struck off, approved.

Money was promised to each head by the rules; nothing here decides again. The draw is made again by anybody: the order
of the hashes of a published seed, the settlement's number and the seat.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from jiangxin.ground.actor import Actor, see_region
from jiangxin.ground.clock import day_of
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import ChangedMeanwhile, NotFound, NotYourDuty, Refusal
from jiangxin.ground.staging import rows_of
from jiangxin.ground.transitions import move_one
from jiangxin.recognition.queries import stopped_bodies
from jiangxin.subsidy.law import value
from jiangxin.subsidy.operations.confirm import live_account
from jiangxin.subsidy.operations.lines import free_money, lock_lines, move_lines
from jiangxin.subsidy.queries.settlements import Candidate, candidates_of, counted_so_far, scheme_of
from jiangxin.subsidy.settlements import SETTLEMENT_STATES, Settlement, SettlementHead
from jiangxin.training.models import TrainingClass

SEED = "匠心班级结算回访"
CALL_SHARE, CALL_ATTEMPTS = "settlement_call_percent", "settlement_call_attempts"


class ClassNotFinished(Refusal):
    sentence = "这个班还没有结业，不能结算。"
    remedy = "请先在班级页面办结业。"


class NothingToSettle(Refusal):
    sentence = "这个班现在没有可以结算的人。"
    remedy = "等学员取得证书、核定之后再来；{pending} 人还在核定。"


class SettlementOpen(Refusal):
    sentence = "这个班有一份结算还没有办完。"
    remedy = "请等县里办完，再报剩下的人。"


class BodyWithoutAccount(Refusal):
    sentence = "还没有县里确认过的单位账户。"
    remedy = "请先在“结算”里登记本单位的对公账户，县里核对后再提交。"


class BodyIsStopped(Refusal):
    sentence = "{body}现在被暂停，或已退出，不能结算。"
    remedy = "处置结束后再办；学员本人的补贴不受影响。"


class NotDrawn(Refusal):
    sentence = "这位学员没有被抽中，不用回访。"
    remedy = "请给名单上抽中的人打电话。"


class CallNeedsAnswers(Refusal):
    sentence = "请把三个问题都记上。"
    remedy = "有没有参加、交过多少钱、有没有人许诺好处。"


class SettlementClosed(Refusal):
    sentence = "这份结算已经办过：{state}。"
    remedy = "刷新后可看到结果。"


class CallsMissing(Refusal):
    sentence = "抽中的还有 {count} 人没有回访到。"
    remedy = "回访完再结算；打不通的，记下来，系统会换下一位。"


class ReturnNeedsReason(Refusal):
    sentence = "退回结算要写明原因。"
    remedy = "写清要机构改什么，至少 5 个字。"


def may_submit_settlement(actor: Actor, found: TrainingClass) -> bool:
    """Whether the actor asks money for this class: head or clerk of the school, or an employer's of those in it."""
    school = found.pays == "project" and actor.body_id == found.body_id and actor.has("head", "school")
    return school or (found.pays == "employer" and actor.body_id is not None and actor.has("employer"))


def draw_order(number: str, seats: Sequence[UUID]) -> list[UUID]:
    """The seats of a settlement in the order in which they are called; the same for whoever draws again."""
    return sorted(seats, key=lambda seat: hashlib.sha256(f"{SEED}|{number}|{seat}".encode()).digest())


def submit_settlement(actor: Actor, at: datetime, class_id: UUID) -> Settlement:
    """Submit every head of a finished class that is decided; those still being decided wait for the next one.

    Raises ClassNotFinished, SettlementOpen, BodyWithoutAccount, BodyIsStopped, NothingToSettle.
    """
    found = TrainingClass.objects.select_related("body").filter(id=class_id).first()
    if found is None:
        raise NotFound()
    if not may_submit_settlement(actor, found) or actor.body_id is None:
        raise NotYourDuty()
    body_id = actor.body_id
    if found.state != "finished":
        raise ClassNotFinished()
    if Settlement.objects.filter(training_class=found, body_id=body_id, state="calling").exists():
        raise SettlementOpen()
    _may_be_paid(body_id, found, at)
    see_region(actor, found.region_id)
    heads = candidates_of(found, body_id)
    if not any(one.paid for one in heads):
        raise NothingToSettle(pending=sum(one.pending for one in heads))
    settlement = _written(actor, at, found, body_id, [one for one in heads if not one.pending])
    note(actor, at, "submitted_settlement", settlement, heads=settlement.submitted, to_call=settlement.to_call)
    return settlement


def _may_be_paid(body_id: UUID, found: TrainingClass, at: datetime) -> None:
    if live_account(body_id) is None:
        raise BodyWithoutAccount()
    if stopped_bodies("provider", [body_id], at):
        raise BodyIsStopped(body="本单位" if body_id != found.body_id else found.body.name)


def _written(
    actor: Actor, at: datetime, found: TrainingClass, body_id: UUID, heads: Sequence[Candidate]
) -> Settlement:  # fmt: skip
    [(serial,)] = rows_of("SELECT nextval('subsidy_settlement_number')")
    number = f"{found.region_id:06d}-JS{day_of(at):%Y}-{serial:06d}"
    share = int(value(found.region_id, CALL_SHARE, day_of(at)))
    order = draw_order(number, [one.enrolment_id for one in heads if one.paid])
    to_call = -(-len(order) * share // 100)
    settlement = Settlement.objects.create(
        id=new_id(), number=number, training_class=found, body_id=body_id, region_id=found.region_id,
        scheme=scheme_of(found), state="calling", submitted=len(heads), to_call=to_call,
        submitted_by_id=actor.account_id, submitted_by_name=actor.name, submitted_at=at,
    )  # fmt: skip
    place = {seat: n for n, seat in enumerate(order, 1)}
    SettlementHead.objects.bulk_create(
        SettlementHead(
            id=new_id(), settlement=settlement, region_id=found.region_id, body_id=body_id,
            enrolment_id=one.enrolment_id, person_id=one.person_id, line_id=one.line_id, amount_fen=one.amount_fen,
            state="open" if one.paid else "struck", reason=one.reason, place=place.get(one.enrolment_id),
            drawn=0 < place.get(one.enrolment_id, 0) <= to_call,
        )
        for one in heads
    )  # fmt: skip
    return settlement


def may_work_settlement(actor: Actor, settlement: Settlement) -> bool:
    """Whether the actor calls and closes: a maker of the paying region, while it is open."""
    return actor.has("maker") and settlement.region_id in actor.regions and settlement.state == "calling"


def _open(actor: Actor, settlement_id: UUID) -> Settlement:
    found = Settlement.objects.select_for_update(of=("self",)).select_related("training_class__body", "body")
    settlement = found.filter(id=settlement_id).first()
    if settlement is None:
        raise NotFound()
    if settlement.state != "calling":
        raise SettlementClosed(state=SETTLEMENT_STATES.words[settlement.state])
    if not may_work_settlement(actor, settlement):
        raise NotYourDuty()
    return settlement


def record_settlement_call(
    actor: Actor, at: datetime, head_id: UUID, attended: bool | None, charged_fen: int | None, offered: str
) -> SettlementHead:
    """What a drawn head said: attended, paid how much (fen), who offered money; `attended` None: not reached.

    Who cannot be reached so many times gives the call to the next of the draw; nobody is struck off for silence.
    """
    settlement_id = SettlementHead.objects.filter(id=head_id).values_list("settlement_id", flat=True).first()
    settlement = _open(actor, settlement_id) if settlement_id else None
    head = SettlementHead.objects.select_for_update(of=("self",)).filter(id=head_id).first()
    if settlement is None or head is None:
        raise NotFound()
    if not head.drawn:
        raise NotDrawn()
    head.called_at, head.called_by_id = at, actor.the_account
    if attended is None:
        head.attempts += 1
        limit = int(value(settlement.region_id, CALL_ATTEMPTS, day_of(at)))
        following = settlement.heads.filter(drawn=False, state="open", attempts=0).order_by("place").first()
        if head.attempts >= limit and following:
            head.drawn, following.drawn = False, True
            following.save(update_fields=["drawn"])
    elif charged_fen is None or charged_fen < 0:
        raise CallNeedsAnswers()
    else:
        head.attended, head.charged_fen, head.offered = attended, charged_fen, offered.strip()
    head.save(update_fields=["attempts", "drawn", "attended", "charged_fen", "offered", "called_at", "called_by"])
    note(actor, at, "called_for_settlement", head, reached=attended is not None, attended=attended, charged=charged_fen)
    return head


def _found_by_call(head: SettlementHead) -> str:
    if head.attended is False:
        return "回访：本人说没有参加"
    return "回访：本人说交过钱" if head.charged_fen else ""


def settle_class(actor: Actor, at: datetime, settlement_id: UUID) -> Settlement:
    """Close it: who would not stand the call is struck off, the others go to the notice, paid to the body's account.

    Raises CallsMissing, BodyIsStopped, BodyWithoutAccount, ChangedMeanwhile.
    """
    settlement = _open(actor, settlement_id)
    heads = list(settlement.heads.select_for_update(of=("self",)).order_by("id"))
    if missing := settlement.to_call - sum(head.drawn and head.attended is not None for head in heads):
        raise CallsMissing(count=missing)
    _may_be_paid(settlement.body_id, settlement.training_class, at)
    lines = {line.id: line for line in lock_lines([x.line_id for x in heads if x.state == "open" and x.line_id])}
    if any(line.state != "to_settle" for line in lines.values()):
        raise ChangedMeanwhile()
    for head in heads:
        if head.state == "open":
            head.reason = _found_by_call(head)
            head.state = "struck" if head.reason else "approved"
    SettlementHead.objects.bulk_update(heads, ["state", "reason"], batch_size=2000)
    counts = counted_so_far(settlement)
    move_one(
        settlement, SETTLEMENT_STATES, "settled", struck=counts.struck, struck_heads=counts.struck_heads,
        approved=counts.approved, sum_fen=counts.sum_fen, closed_by_id=actor.the_account, closed_at=at,
    )  # fmt: skip
    approved = {head.line_id for head in heads if head.state == "approved"}
    struck = [line for line in lines.values() if line.id not in approved]
    free_money(actor, at, "struck", struck, "struck", cause="班级结算回访不实")
    account = live_account(settlement.body_id)
    assert account is not None
    move_lines(
        actor, at, "settled", [line for line in lines.values() if line.id in approved], "to_notice",
        cause=f"班级结算 {settlement.number}", confirmed_at=at, confirmed_how="settlement", account_id=account.id,
    )  # fmt: skip
    note(actor, at, "settled_class", settlement, approved=counts.approved, struck=counts.struck, sum_fen=counts.sum_fen)
    return settlement


def return_settlement(actor: Actor, at: datetime, settlement_id: UUID, reason: str) -> Settlement:
    """Give it back to the body with a reason; its heads may be submitted again."""
    settlement = _open(actor, settlement_id)
    if len(reason.strip()) < 5:
        raise ReturnNeedsReason()
    settlement.heads.update(state="returned")
    move_one(
        settlement, SETTLEMENT_STATES, "returned", reason=reason.strip(), closed_by_id=actor.the_account, closed_at=at
    )
    note(actor, at, "returned_settlement", settlement, reason=reason.strip())
    return settlement
