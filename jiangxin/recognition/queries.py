"""Whether a body held a title on a day: yes, no, or unknown where no list answers (P2)."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from jiangxin.ground.staging import rows_of, stage

# body, kind of title, subject ("*" excluded), level ("" where there is none), day
Asked = tuple[UUID, str, str, str, date]

ANSWERS = """
SELECT a.place, bool_or(s.id IS NOT NULL), bool_or(t.id IS NOT NULL) OR EXISTS (
         SELECT FROM parties_register_load l WHERE l.register_id = 'titles_' || a.kind AND l.state = 'active'
            AND l.region_id IN (o.region_id, o.region_id / 100 * 100, o.region_id / 10000 * 10000)
            AND a.on_day BETWEEN l.from_on AND l.until_on)
  FROM asked_title a JOIN parties_organisation o ON o.id = a.body_id
  LEFT JOIN recognition_title_in_force t ON t.organisation_id = a.body_id AND t.kind = a.kind
        AND t.from_on <= a.on_day AND coalesce(t.until_on, 'infinity') >= a.on_day
  LEFT JOIN recognition_title_scope s ON s.title_id = t.id
        AND s.subject IN ('*', a.subject) AND s.level IN ('', a.level)
 GROUP BY a.place, a.kind, a.on_day, o.region_id
"""


ONE = """
WITH asked_title AS (
  SELECT 0 AS place, %s::uuid AS body_id, %s AS kind, %s AS subject, %s AS level, %s::date AS on_day)
"""


def title_answers(asked: Collection[Asked]) -> dict[Asked, bool | None]:
    """For each question True, False or None (unknown), in two statements whatever their number.

    A title of the day says all that it covers. Without one, "no" needs a list that answers for the body's region
    and that day; else it is unknown.
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
