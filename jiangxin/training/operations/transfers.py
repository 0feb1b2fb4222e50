"""Learners of a school that was suspended or put out: offered to stay or to move, seat and voucher together (P38)."""

from datetime import datetime
from uuid import UUID

from jiangxin.ground.actor import Actor, see_region
from jiangxin.ground.clock import day_of
from jiangxin.ground.free_text import refuse_numbers
from jiangxin.ground.journal import entry, note, note_all
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.transitions import move, move_one
from jiangxin.recognition.cases import Measure
from jiangxin.recognition.queries import may_act
from jiangxin.training.models import Enrolment, TrainingClass
from jiangxin.training.operations.seats import Worth, move_seat, no_worth
from jiangxin.training.queries.due import seats_to_teach_out
from jiangxin.training.transfers import TRANSFER_STATES, TransferOffer

STOPS = ("suspension", "delisting", "withdrawal")
GOING_ON = ("open", "running")
ON_SEATS = ("held", "seated")


class MeasureStopsNobody(Refusal):
    sentence = "这件处置没有生效，或不影响在训的班。"
    remedy = "暂停、移出目录、吊销许可生效以后，才安排在训的学员。"


class ClassNotUnderMeasure(Refusal):
    sentence = "这个班不是这家机构在招或在上的班。"
    remedy = "请从处置页列出的班里选。"


class TransferTargetUnfit(Refusal):
    sentence = "不能转到这个班：{why}。"
    remedy = "请另选一个别家机构、同一职业和等级、还没开课并有空座的班。"


class TransferWordsMissing(Refusal):
    sentence = "请给学员写明怎么安排、找谁问。"
    remedy = "至少写 5 个字，学员在手机上看得到。"


class NobodyToTransfer(Refusal):
    sentence = "这个班没有要安排的学员。"
    remedy = "没有人在座，或都已经发过、还没答复；要改先收回。"


class TransferAnswered(Refusal):
    sentence = "这件安排已经答复过，或已收回。"
    remedy = "请看“我的班”里现在的情况；要改请联系经办单位。"


class NoClassToMoveTo(Refusal):
    sentence = "这次安排是留在原班上完，没有要转去的班。"
    remedy = "想换班的，请联系经办单位。"


def may_offer_transfer(actor: Actor, measure: Measure) -> bool:
    """Whether the actor's desk arranges for the learners: the county's training desk, while the measure holds (P38)."""
    holds = measure.state == "in_force" and measure.kind in STOPS
    return holds and actor.has("training") and measure.region_id in actor.regions


def offer_transfer(
    actor: Actor, at: datetime, measure_id: UUID, class_id: UUID, to_class_id: UUID | None, words: str
) -> list[TransferOffer]:
    """Offer each learner on a seat of a class to move to another school's class, or (None) to be taught out (7.3).

    Whoever has an open offer keeps that one. Raises MeasureStopsNobody, ClassNotUnderMeasure, TransferTargetUnfit.
    """
    measure = Measure.objects.filter(pk=measure_id).first()
    if measure is None or measure.region_id not in actor.regions:
        raise NotFound()
    if not actor.has("training"):
        raise NotYourDuty()
    if not may_offer_transfer(actor, measure):
        raise MeasureStopsNobody()
    found = TrainingClass.objects.select_for_update(no_key=True).filter(pk=class_id, body_id=measure.body_id).first()
    if found is None or found.state not in GOING_ON or found.region_id not in actor.regions:
        raise ClassNotUnderMeasure()
    if len(words.strip()) < 5:
        raise TransferWordsMissing()
    refuse_numbers(words)
    to_class = _target(found, to_class_id, at) if to_class_id else None
    return _offer(actor, at, measure, found, to_class, words.strip())


def _target(found: TrainingClass, to_class_id: UUID, at: datetime) -> TrainingClass:
    """The class to move to, fit for this one's learners. Raises TransferTargetUnfit."""
    target = TrainingClass.objects.filter(pk=to_class_id).first()
    if why := "没有这个班" if target is None else why_not_to(found, target, at):
        raise TransferTargetUnfit(why=why)
    return target  # type: ignore[return-value]


def why_not_to(found: TrainingClass, target: TrainingClass, at: datetime) -> str:
    """Why learners of a class cannot be moved to another; "" when they can."""
    if target.body_id == found.body_id:
        return "是同一家机构的"
    if (target.subject, target.level) != (found.subject, found.level):
        return "职业或等级不同"
    if target.state != "open" or target.first_on is None or target.first_on <= day_of(at):
        return "不在招生，或已经开课"
    if target.seats_left < 1:
        return "已满"
    if may_act(target.body_id, "provider", target.subject, target.level, at) is False:
        return "那家机构也被暂停，或已移出目录"
    return ""


def _offer(
    actor: Actor, at: datetime, measure: Measure, found: TrainingClass, to_class: TrainingClass | None, words: str
) -> list[TransferOffer]:
    asked = TransferOffer.objects.filter(from_class=found, state="offered").values_list("enrolment_id", flat=True)
    seats = Enrolment.objects.filter(training_class=found, state__in=ON_SEATS).exclude(id__in=list(asked))
    made = TransferOffer.objects.bulk_create(
        TransferOffer(
            id=new_id(), measure=measure, enrolment=seat, person_id=seat.person_id, from_class=found,
            region_id=found.region_id, body_id=found.body_id, to_class=to_class, words=words, offered_at=at,
            offered_by_name=actor.name,
        )
        for seat in seats
    )  # fmt: skip
    if not made:
        raise NobodyToTransfer()
    note_all(
        entry(actor, at, "offered_transfer", one, measure=str(measure.pk), to_class=str(one.to_class_id or ""))
        for one in made
    )
    return made


def withdraw_transfer_offers(actor: Actor, at: datetime, measure_id: UUID, class_id: UUID) -> int:
    """Take back what a class's learners have not answered; returns how many."""
    measure = Measure.objects.filter(pk=measure_id).first()
    if measure is None or measure.region_id not in actor.regions:
        raise NotFound()
    if not actor.has("training"):
        raise NotYourDuty()
    open_ones = TransferOffer.objects.select_for_update(of=("self",)).filter(
        measure=measure, from_class_id=class_id, state="offered", region_id__in=actor.regions
    )
    found = list(open_ones.order_by("id"))
    if not found:
        raise NobodyToTransfer()
    keys = [one.pk for one in found]
    move(TransferOffer.objects.filter(pk__in=keys), TRANSFER_STATES, "withdrawn", answered_at=at)
    note_all(entry(actor, at, "withdrew_transfer_offer", one) for one in found)
    return len(found)


def may_answer_transfer(actor: Actor, offer: TransferOffer) -> bool:
    """Whether the learner may still answer: one's own offer, on a seat that one still sits on."""
    own = actor.person_id is not None and actor.person_id == offer.person_id
    return own and offer.state == "offered" and offer.enrolment.state in ON_SEATS


def _own(actor: Actor, offer_id: UUID) -> TransferOffer:
    offers = TransferOffer.objects.select_for_update(of=("self",)).select_related("enrolment", "to_class", "from_class")
    found = offers.filter(pk=offer_id).first()
    if found is None or found.person_id != actor.person_id:
        raise NotFound()
    if not may_answer_transfer(actor, found):
        raise TransferAnswered()
    return found


def accept_transfer(actor: Actor, at: datetime, offer_id: UUID, worth: Worth = no_worth) -> Enrolment:
    """Move to the other class: seat and voucher in one transaction, or nothing (P38).

    Raises ClassTakesNobody when it filled up meanwhile, InAnotherLesson, VoucherStaysBehind.
    """
    offer = _own(actor, offer_id)
    target = offer.to_class
    if target is None:
        raise NoClassToMoveTo()
    if why := why_not_to(offer.from_class, target, at):
        raise TransferTargetUnfit(why=why)
    see_region(actor, offer.region_id)
    reason = f"转到 {target.title}（{target.number}）"
    seat = move_seat(actor, at, offer.enrolment, target, reason, worth)
    move_one(offer, TRANSFER_STATES, "moved", answered_at=at, new_seat=seat)
    note(actor, at, "moved_seat", seat, offer=str(offer.pk), from_class=str(offer.from_class_id))
    return seat


def decline_transfer(actor: Actor, at: datetime, offer_id: UUID) -> TransferOffer:
    """Stay in the class that one sits in; its seat and voucher stay as they are."""
    offer = _own(actor, offer_id)
    move_one(offer, TRANSFER_STATES, "stayed", answered_at=at)
    note(actor, at, "stayed_in_class", offer)
    return offer


TAUGHT_OUT = "机构{measure}，您的班在县里监督下由原机构上完，座位、课时、培训券都不变。"


def offer_teach_out(actor: Actor, at: datetime) -> int:
    """Tell every learner of a stopped body that one is taught out, where a leader decided so; returns how many (P38).

    Run by the main line; whoever was offered something under the same measure keeps that.
    """
    if not actor.has("machine"):
        raise NotYourDuty()
    found = [
        (Measure.objects.get(pk=measure_id), seat)
        for measure_id, seats in seats_to_teach_out().items()
        for seat in Enrolment.objects.select_related("training_class").filter(pk__in=seats).order_by("pk")
    ]
    made = TransferOffer.objects.bulk_create(
        TransferOffer(
            id=new_id(), measure=measure, enrolment=seat, person_id=seat.person_id,
            from_class_id=seat.training_class_id, region_id=seat.region_id, body_id=seat.body_id,
            words=TAUGHT_OUT.format(measure=measure.get_kind_display()), offered_at=at, offered_by_name=actor.name,
        )
        for measure, seat in found
    )  # fmt: skip
    note_all(entry(actor, at, "offered_transfer", one, measure=str(one.measure_id), to_class="") for one in made)
    return len(made)
