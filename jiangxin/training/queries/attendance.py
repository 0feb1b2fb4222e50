"""Reads about attendance: the board of a lesson, a learner's hours, what waits for an answer."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from jiangxin.training.evidence import Attendance, AttendanceException, ClassPhoto, HeadCount
from jiangxin.training.models import Lesson

AHEAD, BACK = timedelta(days=14), timedelta(days=1)


@dataclass(frozen=True)
class Board:
    """One lesson as it stands: its learners and how many are there, late, gone, on a plea."""

    lesson: Lesson
    rows: list[Attendance]
    present: int
    done: int
    absent: int
    exceptions: int
    photos: list[UUID]
    head_counts: list[HeadCount]

    @property
    def expected(self) -> int:
        return len(self.rows) - self.present - self.done - self.absent


def lesson_of(lesson_id: UUID) -> Lesson | None:
    """A lesson with its class, room and teacher."""
    found = Lesson.objects.select_related("training_class__body", "room", "teacher__person")
    return found.filter(id=lesson_id).first()


def board_of(lesson: Lesson) -> Board:
    """The board of a lesson, within the scope of who asks."""
    rows = list(
        Attendance.objects.filter(lesson=lesson, active=True).select_related("person").order_by("person__pinyin", "id")
    )
    states = [row.state for row in rows]
    return Board(
        lesson=lesson,
        rows=rows,
        present=states.count("present"),
        done=sum(state in ("attended", "late") for state in states),
        absent=states.count("absent"),
        exceptions=sum(row.by_exception for row in rows),
        photos=list(ClassPhoto.objects.filter(lesson=lesson).order_by("taken_at").values_list("id", flat=True)),
        head_counts=list(HeadCount.objects.filter(lesson=lesson).select_related("counted_by").order_by("at")),
    )


def lessons_about(at: datetime, *, teacher: UUID | None = None, body: UUID | None = None) -> list[Lesson]:
    """Lessons of a teacher, or of a whole body, from yesterday to a fortnight ahead."""
    found = Lesson.objects.filter(fixed=True, ends_at__gt=at - BACK, starts_at__lt=at + AHEAD)
    found = found.filter(training_class__state__in=("open", "running")).exclude(kind="online")
    found = found.filter(teacher_person_id=teacher) if teacher else found.filter(training_class__body_id=body)
    return list(found.select_related("training_class", "room", "teacher__person").order_by("starts_at")[:200])


def lessons_today_in(regions: Collection[int], at: datetime) -> QuerySet[Lesson]:
    """Lessons that run now or run today in these regions, with how many signed in."""
    found = Lesson.objects.filter(
        fixed=True, training_class__region_id__in=regions, ends_at__gt=at - timedelta(hours=12),
        starts_at__lt=at + timedelta(hours=12),
    ).exclude(kind="online")  # fmt: skip
    return (
        found.select_related("training_class__body", "room", "teacher__person")
        .annotate(seats=_counted(active=True), there=_counted(active=True, state="present"))
        .order_by("starts_at", "id")
    )


def _counted(**of: object) -> Coalesce:
    """How many of a lesson's learners are so: asked by lesson, for grouping by every shown column costs far more."""
    rows = Attendance.objects.filter(lesson=OuterRef("pk"), **of).order_by().values("lesson")
    return Coalesce(Subquery(rows.annotate(many=Count("id")).values("many")), 0)


def own_attendances(enrolment_id: UUID) -> list[Attendance]:
    """A learner's timetable with what counted."""
    found = Attendance.objects.filter(enrolment_id=enrolment_id, active=True).select_related("lesson__room")
    return list(found.select_related("lesson__teacher__person").order_by("starts_at"))


def hours_in(class_id: UUID) -> dict[UUID, tuple[int, int]]:
    """By enrolment: hours counted, and of them by exception."""
    rows = Attendance.objects.filter(class_id=class_id, active=True).values_list("enrolment_id")
    summed = rows.annotate(all=Sum("counted"), pleas=Sum("counted", filter=Q(by_exception=True)))
    return {key: (hours or 0, pleas or 0) for key, hours, pleas in summed}


def exceptions_of_body(body_id: UUID) -> QuerySet[AttendanceException]:
    """Pleas that a school has to look into first, then those that were answered."""
    found = AttendanceException.objects.filter(body_id=body_id)
    return found.select_related("person", "attendance__lesson__training_class").order_by("proposed_at", "asked_at")


def exceptions_for_county(regions: Collection[int]) -> QuerySet[AttendanceException]:
    """Pleas that the rule leaves to the county."""
    found = AttendanceException.objects.filter(region_id__in=regions, state="county")
    return found.select_related("person", "attendance__lesson__training_class__body").order_by("asked_at")


def photo_of(photo_id: UUID) -> ClassPhoto | None:
    """A photo, within the scope of who asks."""
    return ClassPhoto.objects.filter(id=photo_id).first()


def own_lessons_about(person_id: UUID, at: datetime) -> list[Attendance]:
    """A learner's lessons in a room, from an hour ago to a fortnight ahead."""
    found = Attendance.objects.filter(
        person_id=person_id, active=True, online=False, ends_at__gt=at - timedelta(hours=1), starts_at__lt=at + AHEAD
    )
    return list(found.select_related("lesson__room", "lesson__training_class").order_by("starts_at")[:50])


def own_attendance(person_id: UUID, attendance_id: UUID) -> Attendance | None:
    """One lesson of a learner's own."""
    found = Attendance.objects.filter(id=attendance_id, person_id=person_id)
    return found.select_related("lesson__training_class").first()


def plea_for(attendance_id: UUID) -> AttendanceException | None:
    """What was said about a missing scan, if anything."""
    return AttendanceException.objects.filter(attendance_id=attendance_id).first()
