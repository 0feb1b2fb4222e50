"""What of training is due: classes to begin, seats held too long, lessons that are over."""

from datetime import date, timedelta
from uuid import UUID

from jiangxin.ground.clock import opening_of
from jiangxin.training.models import Enrolment, Lesson, TrainingClass

DAY = timedelta(days=1)


def classes_to_start(today: date) -> list[UUID]:
    """Open classes whose first day has come."""
    return list(TrainingClass.objects.filter(state="open", first_on__lte=today).values_list("id", flat=True))


def holds_over(today: date) -> int:
    """Held seats whose time ends today or ended before; the deed itself looks at the hour."""
    return Enrolment.objects.filter(state="held", held_until__lt=opening_of(today + DAY)).count()


def lessons_over(today: date) -> list[UUID]:
    """Lessons of today and before that were not closed; the deed itself looks at the hour."""
    found = Lesson.objects.filter(fixed=True, closed_at=None, ends_at__lt=opening_of(today + DAY))
    living = found.filter(training_class__state__in=("open", "running")).exclude(kind="online")
    return list(living.values_list("id", flat=True))
