"""Whether a body held a title on a day, and may act at an instant: yes, no, or unknown without a list (P2, P38)."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from jiangxin.ground.clock import day_of
from jiangxin.ground.staging import rows_of, stage
from jiangxin.recognition.cases import Measure

# body, kind of title, subject ("*" excluded), level ("" where there is none), day
Asked = tuple[UUID, str, str, str, date]
ANYTHING = "any"

ANSWERS = """
SELECT a.place, bool_or(s.id IS NOT NULL), bool_or(t.id IS NOT NULL) OR EXISTS (
         SELECT FROM parties_register_load l WHERE l.register_id = 'titles_' || a.kind AND l.state = 'active'
            AND l.region_id IN (o.region_id, o.region_id / 100 * 100, o.region_id / 10000 * 10000)
            AND a.on_day BETWEEN l.from_on AND l.until_on)
  FROM asked_title a JOIN parties_organisation o ON o.id = a.body_id
  LEFT JOIN recognition_title_in_force t ON t.organisation_id = a.body_id AND t.kind = a.kind
        AND t.from_on <= a.on_day AND coalesce(t.until_on, 'infinity') >= a.on_day
  LEFT JOIN recognition_title_scope s ON s.title_id = t.id
        AND (s.subject IN ('*', a.subject) OR a.subject = 'any') AND (s.level IN ('', a.level) OR a.subject = 'any')
 GROUP BY a.place, a.kind, a.on_day, o.region_id
"""


ONE = """
WITH asked_title AS (
  SELECT 0 AS place, %s::uuid AS body_id, %s AS kind, %s AS subject, %s AS level, %s::date AS on_day)
"""


def title_answers(asked: Collection[Asked]) -> dict[Asked, bool | None]:
    """For each question True, False or None (unknown), in two statements whatever their number.

    A title of the day says all that it covers. Without one, "no" needs a list that answers for the body's region
    and that day; else it is unknown. The subject ANYTHING asks for the title alone.
    """
    questions = list(dict.fromkeys(asked))
    stage(
        "asked_title", "place int, body_id uuid, kind text, subject text, level text, on_day date",
        ((place, *question) for place, question in enumerate(questions)),
    )  # fmt: skip
    answers: dict[Asked, bool | None] = dict.fromkeys(questions)
    for place, holds, known in rows_of(ANSWERS):
        answers[questions[place]] = True if holds else False if known else None
    return answers


def holds_title(body_id: UUID, kind: str, subject: str, level: str, on: date) -> bool | None:
    """Whether one body held a title of a kind for a subject at a level on a day; None = unknown. Writes nothing."""
    [(_, holds, known)] = rows_of(ONE + ANSWERS, [body_id, kind, subject, level, on])
    return True if holds else False if known else None


def suspensions_at(at: datetime) -> QuerySet[Measure]:
    """The suspensions that hold at an instant: from their decision until they are lifted, or their last day is over."""
    return Measure.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=at), kind="suspension", state__in=["in_force", "lifted", "ended"],
        decided_at__lte=at, until_on__gte=day_of(at),
    )  # fmt: skip


def suspended_bodies(at: datetime, bodies: Collection[UUID] | None = None) -> set[UUID]:
    """The bodies suspended at an instant, of these or of all: no new class, no money to them (P38)."""
    found = suspensions_at(at)
    if bodies is not None:
        found = found.filter(body_id__in=bodies)
    return set(found.values_list("body_id", flat=True))


def may_act(body_id: UUID, kind: str, subject: str, level: str, at: datetime) -> bool | None:
    """Whether a body may teach or assess a subject at this instant: title in force and not suspended; None = unknown.

    Asked before something new begins and at the last door before money; what was taught or examined before an exit
    or a suspension is asked by its own day (`title_answers`), which neither of them touches.
    """
    if suspended_bodies(at, [body_id]):
        return False
    return holds_title(body_id, kind, subject, level, day_of(at))


def stopped_bodies(kind: str, bodies: Collection[UUID], at: datetime) -> set[UUID]:
    """Which of these bodies get no money at this instant: suspended, or their title of this kind was ended (P38).

    A body whose title is merely unknown is not stopped here; one whose licence was withdrawn is, whatever its title.
    """
    today = day_of(at)
    questions: dict[UUID, Asked] = {body: (body, kind, ANYTHING, "", today) for body in bodies}
    answers = title_answers(questions.values())
    exited = set(
        Measure.objects.filter(
            body_id__in=bodies, kind="delisting", state="in_force", title__kind=kind, decided_at__lte=at
        ).values_list("body_id", flat=True)
    )
    closed = Measure.objects.filter(body_id__in=bodies, kind="withdrawal", state="in_force", decided_at__lte=at)
    stopped = suspended_bodies(at, bodies) | {body for body in exited if not answers[questions[body]]}
    return stopped | set(closed.values_list("body_id", flat=True))
