"""Reads of online learning: what of it counted and why the rest did not, for the learner and the school; platforms."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from jiangxin.recognition.models import Title
from jiangxin.training.evidence import Attendance
from jiangxin.training.models import Enrolment, Lesson
from jiangxin.training.online import REASONS
from jiangxin.training.statements import OnlinePlatform, StudyCount


@dataclass(frozen=True)
class Refused:
    """Minutes that did not count, why, and what to do about it."""

    why: str
    remedy: str
    minutes: int


@dataclass(frozen=True)
class Stretch:
    """One refused stretch of time."""

    since: datetime
    until: datetime
    minutes: int
    why: str


@dataclass(frozen=True)
class Learnt:
    """What one learner's online lesson came to so far; `study` is None while nothing was reported."""

    attendance: Attendance
    study: StudyCount | None

    @property
    def claimed(self) -> int:
        """Minutes that the platform reported."""
        return minutes_of(self.study.claimed) if self.study else 0

    @property
    def counted(self) -> int:
        """Minutes that count."""
        return minutes_of(self.study.counted) if self.study else 0

    @property
    def refused(self) -> list[Refused]:
        """What does not count, by reason, the most first."""
        found = self.study.refused.items() if self.study else ()
        return [
            Refused(*REASONS[code], minutes_of(seconds))
            for code, seconds in sorted(found, key=lambda pair: -pair[1])
            if seconds
        ]

    @property
    def stretches(self) -> list[Stretch]:
        """When that was, in the order of time."""
        pieces = self.study.pieces if self.study else ()
        return [
            Stretch(datetime.fromisoformat(since), datetime.fromisoformat(until), minutes_of(seconds), REASONS[code][0])
            for since, until, seconds, code in pieces
        ]


def minutes_of(seconds: int) -> int:
    """Minutes as people are told them, rounded up for what was begun."""
    return -(-seconds // 60)


def _learnt(attendances: Iterable[Attendance]) -> list[Learnt]:
    rows = list(attendances)
    found = StudyCount.objects.filter(enrolment__in={row.enrolment_id for row in rows})
    studies: Mapping[tuple[UUID, UUID], StudyCount] = {(one.enrolment_id, one.lesson_id): one for one in found}
    return [Learnt(row, studies.get((row.enrolment_id, row.lesson_id))) for row in rows]


def own_online(person_id: UUID) -> list[Learnt]:
    """A learner's online lessons, the latest first."""
    found = Attendance.objects.filter(person_id=person_id, online=True, active=True)
    return _learnt(found.select_related("lesson", "enrolment__training_class").order_by("-starts_at", "id")[:100])


def own_online_lesson(person_id: UUID, attendance_id: UUID) -> Learnt | None:
    """One of them."""
    found = Attendance.objects.filter(id=attendance_id, person_id=person_id, online=True)
    return next(iter(_learnt(found.select_related("lesson", "enrolment__training_class"))), None)


def online_in_class(class_id: UUID) -> QuerySet[Attendance]:
    """The online lessons of a class, learner by learner."""
    found = Attendance.objects.filter(class_id=class_id, online=True, active=True).select_related("lesson", "person")
    return found.order_by("person__pinyin", "person_id", "starts_at", "id")


def learnt_in(attendances: Iterable[Attendance]) -> list[Learnt]:
    """What these lessons of these learners came to."""
    return _learnt(attendances)


def online_lessons_of(class_id: UUID) -> list[Lesson]:
    """The online lessons that a class was filed with."""
    return list(Lesson.objects.filter(training_class_id=class_id, kind="online").order_by("starts_at", "id"))


def seats_of(class_id: UUID) -> list[Enrolment]:
    """The learners on seats of a class, by name."""
    found = Enrolment.objects.filter(training_class_id=class_id, state="seated").select_related("person")
    return list(found.order_by("person__pinyin", "id"))


def platforms_in(regions: Collection[int]) -> QuerySet[OnlinePlatform]:
    """Platforms of bodies of these regions, those in use first."""
    found = OnlinePlatform.objects.filter(body__region_id__in=regions).select_related("body", "opened_by")
    return found.order_by("-closed_at", "-opened_at", "id")


def platform_in(regions: Collection[int], platform_id: UUID) -> OnlinePlatform | None:
    """One of them."""
    return platforms_in(regions).filter(id=platform_id).first()


def platform_bodies(regions: Collection[int], on: date) -> list[tuple[str, str]]:
    """Bodies of these regions that are on the list of platforms on a day: (key, name)."""
    found = Title.objects.filter(kind="platform", organisation__region_id__in=regions, from_on__lte=on, ended_at=None)
    rows = found.exclude(until_on__lt=on).exclude(load__state="withdrawn").select_related("organisation")
    return sorted({(str(one.organisation_id), one.organisation.name) for one in rows}, key=lambda pair: pair[1])
