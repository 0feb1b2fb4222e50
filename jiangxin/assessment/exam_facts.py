"""What the archive knows of candidates, asked for a whole list at once; the answers alone are shown (P17)."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from jiangxin.assessment.eligibility import CandidateFacts
from jiangxin.assessment.exams import ExamPlan, ExamSubject
from jiangxin.ground.actor import machine, seeing
from jiangxin.ground.staging import rows_of, stage


class Applicant(NamedTuple):
    """Who wants to sit: the person, from which seat of a class, and the years in the job that were declared."""

    person_id: UUID
    enrolment_id: UUID | None = None
    job_years: int | None = None


SEATED = """
SELECT a.place, p.born_on, coalesce(CASE WHEN e.state IN ('completed', 'seated') THEN e.state END, ''),
       coalesce(t.number, '')
  FROM applicant a JOIN parties_person p ON p.id = a.person_id
  LEFT JOIN training_enrolment e ON e.id = a.enrolment_id AND e.person_id = a.person_id
  LEFT JOIN training_training_class t ON t.id = e.class_id AND t.subject = %(subject)s
"""
PRIOR = """
SELECT a.place, c.level, min(c.issued_on), bool_or(c.assessor_id = %(body)s AND c.level = %(level)s)
  FROM applicant a JOIN assessment_certificate c ON c.person_id = a.person_id AND c.revoked_on IS NULL
 WHERE %(subject)s IN (c.occupation, CASE c.kind WHEN 'special_skill' THEN 'item:' || c.item
                                              WHEN 'training_pass' THEN 'project:' || c.item END)
 GROUP BY 1, 2
"""
# Days at work in any register, counted once however many registers tell of them.
WORKED = """
SELECT place, sum(upper(r) - lower(r)) * 12 / 365
  FROM (SELECT a.place, unnest(range_agg(daterange(s.from_on, least(s.until_on, %(on)s), '[]'))) AS r
          FROM applicant a JOIN parties_spell s ON s.person_id = a.person_id
          LEFT JOIN parties_register_load l ON l.id = s.load_id
         WHERE s.kind_id IN ('insured', 'employed', 'self_employed', 'platform_worker') AND s.from_on <= %(on)s
           AND l.state IS DISTINCT FROM 'withdrawn' GROUP BY 1) t
 GROUP BY 1
"""


def candidate_facts(plan: ExamPlan, subject: ExamSubject, asked: Sequence[Applicant]) -> list[CandidateFacts]:
    """The facts of each applicant in the given order, in three questions whatever their number."""
    stage(
        "applicant", "place int, person_id uuid, enrolment_id uuid",
        ((place, one.person_id, one.enrolment_id) for place, one in enumerate(asked)),
    )  # fmt: skip
    about = {"subject": subject.subject, "level": subject.level, "body": plan.body_id, "on": plan.exam_on}
    with seeing(machine().regions):
        seated = {place: rest for place, *rest in rows_of(SEATED, about)}
        held = rows_of(PRIOR, about)
        worked = dict(rows_of(WORKED, about))
    prior: dict[int, dict[str, date]] = {}
    again = set()
    for place, level, since, own in held:
        prior.setdefault(place, {})[level] = since
        if own:
            again.add(place)
    return [
        CandidateFacts(
            born_on=seated[place][0], trained=seated[place][1] if seated[place][2] else "",
            class_number=seated[place][2], prior=prior.get(place, {}), job_years=one.job_years,
            registered_months=int(worked[place]) if place in worked else None, holds_already=place in again,
        )
        for place, one in enumerate(asked)
    ]  # fmt: skip
