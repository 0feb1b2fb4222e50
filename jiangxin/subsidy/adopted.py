"""Numbers of the law adopted by document: proposed by one, confirmed by another, one a day."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from jiangxin.ground.free_text import FreeText
from jiangxin.ground.table import Row
from jiangxin.ground.transitions import States
from jiangxin.parties.models import DateSpan

STANDARD_STATES = States({"proposed": "待确认", "confirmed": "已采用", "withdrawn": "已撤回"},
                         {"": ("proposed",), "proposed": ("confirmed", "withdrawn")})  # fmt: skip


class AdoptedStandard(Row):
    """A number of the law by a document, laid over the files (P15, M18); `effect`: what it would change (19.2)."""

    region_id = models.IntegerField()
    scheme = models.CharField(max_length=30)
    number = models.CharField(max_length=60)
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    value = models.JSONField()
    issued_by = FreeText(max_length=120)
    document = FreeText(max_length=200)
    document_number = FreeText(max_length=60)
    link = models.CharField(max_length=300)
    published_on = models.DateField()
    state = models.CharField(max_length=10, choices=STANDARD_STATES.choices, default="proposed")
    entered_by = models.ForeignKey("Account", on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    effect = models.JSONField(null=True)
    confirmed_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(from_on__gte=F("published_on")), name="effective_after_published"),
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="standard_has_days"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("entered_by")), name="standard_needs_two_people"),
            models.CheckConstraint(
                condition=Q(state="confirmed", confirmed_by__isnull=False, confirmed_at__isnull=False)
                | ~Q(state="confirmed") & Q(confirmed_by=None, confirmed_at=None), name="adopted_by_confirmation"),
            ExclusionConstraint(
                name="one_standard_per_day", condition=Q(state="confirmed"),
                expressions=[(name, RangeOperators.EQUAL) for name in ("region_id", "scheme", "number")]
                + [(DateSpan("from_on", "until_on"), RangeOperators.OVERLAPS)]),
        ]  # fmt: skip
