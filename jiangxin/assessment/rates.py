"""What the public may know of a body's examinations: how many of how many passed, where nobody is told by it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Q

from jiangxin.assessment.exams import Candidate
from jiangxin.ground.actor import PROVINCE, seeing
from jiangxin.ground.clock import add_months
from jiangxin.ground.regions import regions_within
from jiangxin.rules.parameters import Law

LEAST = "public_rate_least_persons"
MONTHS = 12


@dataclass(frozen=True)
class Rate:
    """Persons examined and passed within a year, and the share in percent, rounded down."""

    examined: int
    passed: int

    @property
    def percent(self) -> int:
        """The share of those who passed."""
        return self.passed * 100 // self.examined


def public_rate(body_id: UUID, region_id: int, taught: bool, today: date, law: Law) -> Rate | None:
    """The pass rate of what a body examined, or (`taught`) of whom it taught, in the results published within a year.

    None where fewer persons than the law's number were examined, or nobody filed that number: a share of three tells
    who failed. The rows themselves are shown to nobody.
    """
    least = law.find(f"{region_id:06d}", "common", LEAST, today)
    if not least.known:
        return None
    who = Q(training_class__body_id=body_id) if taught else Q(plan__body_id=body_id)
    with seeing(regions_within(PROVINCE)):
        found = Candidate.objects.filter(
            who, plan__state="published", plan__exam_on__gt=add_months(today, -MONTHS), state__in=("passed", "failed")
        ).aggregate(
            examined=Count("person", distinct=True), passed=Count("person", distinct=True, filter=Q(state="passed"))
        )
    return Rate(**found) if found["examined"] >= int(least.value) else None
