"""Reads for lists of learners: what speaks against a seat for each, which classes are open to a body's people (5.2)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from jiangxin.ground.staging import rows_of
from jiangxin.parties.queries.workforce import masked_numbers
from jiangxin.training.models import ClassOffer, Enrolment, TrainingClass
from jiangxin.training.queries.attendance import hours_in
from jiangxin.training.queries.classes import learners_of
from jiangxin.training.queries.vouchers import past_scope

IN_CLASS, ELSEWHERE = "已经在这个班里", "上课时间和已经报的别的班冲突"
# The lessons of the class beside those that each person sits in already, wherever that is; online ones clash with none.
CLASHES = """
SELECT DISTINCT a.person_id FROM training_lesson l
  JOIN training_attendance a ON a.person_id = ANY(%(persons)s) AND a.active AND NOT a.online
   AND a.class_id <> l.class_id AND tstzrange(a.starts_at, a.ends_at) && tstzrange(l.starts_at, l.ends_at)
 WHERE l.class_id = %(class)s AND l.kind <> 'online'
"""


def obstacles(found: TrainingClass, person_ids: Collection[UUID]) -> dict[UUID, str]:
    """What speaks against a seat in this class, for each person for whom something does."""
    alive = Enrolment.objects.filter(training_class=found, person_id__in=person_ids)
    alive = alive.exclude(state__in=("left", "lapsed"))
    with past_scope():
        inside = set(alive.values_list("person_id", flat=True))
        asked = {"class": found.id, "persons": list(person_ids)}
        elsewhere = {person for (person,) in rows_of(CLASHES, asked)}
    return dict.fromkeys(elsewhere, ELSEWHERE) | dict.fromkeys(inside, IN_CLASS)


def _kept_for(body_id: UUID) -> Q:
    offered = ClassOffer.objects.filter(training_class=OuterRef("pk"), body_id=body_id, ended_at=None)
    return Q(body_id=body_id) | Q(Exists(offered))


def _open_to(body_id: UUID) -> Q:
    return Q(enrolment="public") | _kept_for(body_id)


def is_open_to(body_id: UUID | None, found: TrainingClass) -> bool:
    """Whether a class takes a body's people: a public one, its own, or one that is offered to it (5.2)."""
    return body_id is not None and TrainingClass.objects.filter(_open_to(body_id), pk=found.pk).exists()


def classes_open_to(body_id: UUID, on: date, find: str = "", offered: bool = False) -> QuerySet[TrainingClass]:
    """Classes that take a body's people now, the nearest start first; only its own and those offered to it, or all."""
    found = TrainingClass.objects.filter(_open_to(body_id), state="open", first_on__gt=on)
    if offered:
        found = found.filter(_kept_for(body_id))
    if find:
        found = found.filter(Q(title__contains=find) | Q(body__name__contains=find) | Q(number__contains=find))
    return found.select_related("body", "region", "room").order_by("first_on", "id")


def class_open_to(body_id: UUID, class_id: UUID) -> TrainingClass | None:
    """One class that takes a body's people now."""
    found = TrainingClass.objects.filter(_open_to(body_id), id=class_id, state="open")
    return found.select_related("body", "region", "room").first()


def offers_of(class_id: UUID) -> list[ClassOffer]:
    """To whom a class is offered now."""
    found = ClassOffer.objects.filter(training_class_id=class_id, ended_at=None).select_related("body")
    return list(found.order_by("offered_at", "id"))


def sent_by(body_id: UUID, find: str = "", alive: bool = True) -> QuerySet[Enrolment]:
    """Seats and places in the queue of a body's people, the latest first; those that go on, or all."""
    found = Enrolment.objects.filter(employer_id=body_id).select_related("person", "training_class__body")
    if alive:
        found = found.filter(state__in=("waiting", "held", "seated"))
    if find:
        found = found.filter(Q(person__name__contains=find) | Q(training_class__title__contains=find))
    return found.order_by("-state_since", "-id")


@dataclass(frozen=True)
class Learner:
    """A learner as a list of the class tells: the number masked, hours with evidence and of them by a plea."""

    name: str
    number: str
    state: str
    source: str
    employer: str
    hours: int
    pleas: int


def class_list(class_id: UUID) -> Sequence[Learner]:
    """Everybody of a class for its list (花名册): who sits, waits, or left."""
    learners, hours = learners_of(class_id), hours_in(class_id)
    numbers = masked_numbers([one.person_id for one in learners])
    return [
        Learner(
            one.person.name, numbers.get(one.person_id, ""), one.get_state_display(), one.get_source_display(),
            one.employer.name if one.employer else "", *hours.get(one.id, (0, 0)),
        )
        for one in learners
    ]  # fmt: skip
