"""Reads of transfers: whose classes a measure stops, where their learners could go, what a learner is offered."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from jiangxin.training.models import TrainingClass
from jiangxin.training.transfers import TransferOffer


@dataclass(frozen=True)
class Stopped:
    """A class of a school that a measure is about, with its learners and what they answered."""

    found: TrainingClass
    seated: int
    waits: int
    moved: int
    stayed: int

    @property
    def unasked(self) -> int:
        """Learners on a seat who have no offer open and did not say that they stay."""
        return max(self.seated - self.waits - self.stayed, 0)


def stopped_classes(body_id: UUID, measure_id: UUID, regions: Collection[int]) -> list[Stopped]:
    """The classes of a body that take people or run in these regions, the first to begin first."""
    on_seat = Q(enrolments__state__in=("held", "seated"))
    found = TrainingClass.objects.filter(body_id=body_id, region_id__in=regions, state__in=("open", "running"))
    classes = list(found.annotate(seated=Count("enrolments", filter=on_seat)).order_by("first_on", "id"))
    offers = TransferOffer.objects.filter(measure_id=measure_id, from_class__in=classes)
    counts: dict[tuple[UUID, str], int] = {
        (key, state): count for key, state, count in offers.values_list("from_class_id", "state").annotate(Count("id"))
    }
    return [
        Stopped(one, one.seated, *(counts.get((one.pk, state), 0) for state in ("offered", "moved", "stayed")))
        for one in classes
    ]


def classes_to_move_to(found: TrainingClass, today: date) -> QuerySet[TrainingClass]:
    """Classes of other schools that teach the same, have not begun and have a seat, the first to begin first."""
    fit = TrainingClass.objects.filter(
        subject=found.subject, level=found.level, state="open", first_on__gt=today, taken__lt=F("capacity")
    ).exclude(body_id=found.body_id)
    return fit.select_related("body", "region").order_by("first_on", "id")


def own_offers(person_id: UUID) -> list[TransferOffer]:
    """What a learner is still to answer, on seats that one still sits on."""
    found = TransferOffer.objects.filter(person_id=person_id, state="offered", enrolment__state__in=("held", "seated"))
    return list(found.select_related("from_class__body", "to_class__body").order_by("offered_at"))


def own_offer(person_id: UUID, offer_id: UUID) -> TransferOffer | None:
    """One offer to a learner."""
    found = TransferOffer.objects.filter(person_id=person_id, pk=offer_id)
    return found.select_related(
        "from_class__body", "from_class__room", "to_class__body", "to_class__room", "to_class__region", "enrolment",
        "measure",
    ).first()  # fmt: skip
