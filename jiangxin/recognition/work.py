"""What waits at a desk of recognition, by kind: how many and the earliest day that matters (今日)."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from jiangxin.ground.actor import Actor
from jiangxin.ground.staging import rows_of
from jiangxin.parties.models import Organisation
from jiangxin.recognition.models import Title, YearlyPlan
from jiangxin.recognition.procedures import procedures

WAITING = """
SELECT kind, count(*), min(due) FROM (
  SELECT 'application_' || state AS kind, due_on AS due FROM recognition_application
   WHERE region_id = %(own)s AND (state IN ('submitted', 'reviewing')
      OR state = 'proposed' AND proposed_by_id IS DISTINCT FROM %(account)s)
  UNION ALL
  SELECT 'review', a.due_on FROM recognition_review r JOIN recognition_application a ON a.id = r.application_id
   WHERE r.reviewer_id = %(account)s AND r.answered_at IS NULL AND r.conflict IS NOT TRUE AND a.state = 'reviewing'
  UNION ALL
  SELECT 'promise', CASE state WHEN 'due' THEN due_on ELSE correct_by END FROM recognition_promise_check
   WHERE region_id = ANY(%(regions)s) AND state IN ('due', 'untrue')
  UNION ALL
  SELECT 'measure', answer_by FROM recognition_measure
   WHERE region_id = ANY(%(regions)s) AND state = 'open' AND opened_by_id IS DISTINCT FROM %(account)s
  UNION ALL
  SELECT 'hearing', (hearing_asked_at AT TIME ZONE 'Asia/Shanghai')::date FROM recognition_measure
   WHERE region_id = ANY(%(regions)s) AND state = 'open' AND hearing_asked_at IS NOT NULL AND hearing_record = '') w
 GROUP BY kind
"""


def recognition_waiting(actor: Actor, regions: Collection[int], today: date) -> dict[str, tuple[int, date | None]]:
    """All that waits in these regions by kind, less what this actor may not do because it had a hand in it.

    `plan_missing`: assessors without a public plan of this year, by the day the procedure names (facts 4.3).
    """
    facts = {"regions": list(regions), "own": actor.region_id, "account": actor.account_id}
    found: dict[str, tuple[int, date | None]] = {kind: (count, due) for kind, count, due in rows_of(WAITING, facts)}
    if missing := assessors_without_plan(regions, today).count():
        found["plan_missing"] = (missing, plan_due_on(today.year))
    return found


def plan_due_on(year: int) -> date:
    """The last day on which an assessor makes a year's plan public."""
    yearly = procedures()["assessor_filing"].yearly_check
    return date(year, yearly.month, yearly.day) if yearly else date(year, 1, 31)


def assessors_in(regions: Collection[int], today: date) -> QuerySet[Organisation]:
    """Bodies of these regions that may assess today, by name."""
    titles = Title.objects.filter(
        organisation=OuterRef("pk"), kind="assessor", from_on__lte=today, ended_at=None
    ).exclude(until_on__lt=today).exclude(load__state="withdrawn")  # fmt: skip
    found = Organisation.objects.filter(Exists(titles), region_id__in=regions)
    return found.select_related("region").order_by("name", "id")


def assessors_without_plan(regions: Collection[int], today: date) -> QuerySet[Organisation]:
    """Those of them whose plan of this year nobody can read."""
    public = YearlyPlan.objects.filter(body=OuterRef("pk"), year=today.year, state="published")
    return assessors_in(regions, today).filter(~Exists(public))


def public_plans(bodies: Collection[UUID], year: int) -> dict[UUID, YearlyPlan]:
    """The public plan of a year by body."""
    return {one.body_id: one for one in YearlyPlan.objects.filter(body_id__in=bodies, year=year, state="published")}


def plans_of(body_id: UUID, year: int) -> tuple[YearlyPlan | None, YearlyPlan | None]:
    """A body's draft and public plan of a year."""
    found = {one.state: one for one in YearlyPlan.objects.filter(body_id=body_id, year=year).exclude(state="replaced")}
    return found.get("draft"), found.get("published")
