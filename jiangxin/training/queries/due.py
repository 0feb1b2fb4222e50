"""What of training is due: classes to begin, seats held too long, lessons that are over."""

from datetime import date, datetime, timedelta
from uuid import UUID

from jiangxin.ground.staging import rows_of
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


# A device that was without a network sends its scans within three days (P36).
LATE_SCANS = timedelta(days=4)
# New statements, or a lesson in a room that was signed after the count of what was learnt elsewhere. Of lessons long
# over, the end of the class asks once more.
TO_COUNT = """
SELECT enrolment_id FROM (
  SELECT DISTINCT enrolment_id FROM training_statement WHERE counted_at IS NULL AND enrolment_id IS NOT NULL
  UNION
  SELECT s.enrolment_id FROM training_study_count s JOIN training_enrolment e ON e.id = s.enrolment_id
    JOIN training_lesson l ON l.id = s.lesson_id AND l.ends_at > %(since)s
   WHERE e.state = 'seated' AND EXISTS (
     SELECT FROM training_attendance a WHERE a.person_id = s.person_id AND NOT a.online AND a.active
        AND (a.in_at > s.counted_at AND a.in_at <= %(at)s OR a.out_at > s.counted_at AND a.out_at <= %(at)s))) f
 ORDER BY enrolment_id LIMIT %(most)s
"""


def seats_to_count(at: datetime, most: int) -> list[UUID]:
    """Seats with online learning that no count took in yet, at most so many."""
    return [key for (key,) in rows_of(TO_COUNT, {"at": at, "since": at - LATE_SCANS, "most": most})]


# A seat is told once in a measure; of two measures at a time the later one tells. Whoever sat down since knew of it.
TEACH_OUT = """
SELECT DISTINCT ON (e.id) m.id, e.id FROM recognition_measure m
  JOIN training_training_class c ON c.body_id = m.body_id AND c.state IN ('open', 'running')
  JOIN training_enrolment e ON e.class_id = c.id AND e.state IN ('held', 'seated') AND e.state_since <= m.decided_at
 WHERE m.state = 'in_force' AND m.kind IN ('suspension', 'delisting', 'withdrawal') AND m.arrangement = 'teach_out'
   AND NOT EXISTS (SELECT FROM training_transfer_offer o WHERE o.enrolment_id = e.id
                      AND (o.measure_id = m.id OR o.state = 'offered'))
 ORDER BY e.id, m.decided_at DESC
"""


def seats_to_teach_out() -> dict[UUID, list[UUID]]:
    """By measure that a leader decided to be taught out: the seats whose learners were told nothing yet (P38)."""
    found: dict[UUID, list[UUID]] = {}
    for measure_id, seat in rows_of(TEACH_OUT):
        found.setdefault(measure_id, []).append(seat)
    return found
