"""What of training is due: classes to begin, seats held too long, lessons that are over."""

from datetime import date, datetime
from uuid import UUID

from jiangxin.training.models import Enrolment, Lesson, TrainingClass
from jiangxin.training.presence import LATEST


def classes_to_start(today: date) -> list[UUID]:
    """Open classes whose first day has come."""
    return list(TrainingClass.objects.filter(state="open", first_on__lte=today).values_list("id", flat=True))


def holds_over(at: datetime) -> int:
    """Held seats whose time is over."""
    return Enrolment.objects.filter(state="held", held_until__lt=at).count()


def lessons_over(at: datetime) -> list[UUID]:
    """Lessons that are over, with the time to sign out, and were not closed."""
    found = Lesson.objects.filter(fixed=True, closed_at=None, ends_at__lt=at - LATEST)
    living = found.filter(training_class__state__in=("open", "running")).exclude(kind="online")
    return list(living.values_list("id", flat=True))
