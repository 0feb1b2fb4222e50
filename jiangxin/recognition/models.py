"""Who is held to be what: dated titles of bodies, with their scope and source, and the yearly plans of assessors."""

from django.db import models
from django.db.models import F, Q

from jiangxin.ground.free_text import FreeText
from jiangxin.ground.table import Row
from jiangxin.ground.transitions import States

TITLE_KINDS = {
    "assessor": "评价机构备案",
    "provider": "培训机构目录",
    "licence": "办学许可",
    "platform": "线上平台目录",
}


class Title(Row):
    """A title of a body between two days: from a list that was taken in, or granted on an application.

    `ended_at` is the instant from which it counts no more (exit, P38); `until_on` is then the day before.
    """

    organisation = models.ForeignKey("Organisation", on_delete=models.PROTECT, related_name="titles")
    kind = models.CharField(max_length=20, choices=list(TITLE_KINDS.items()))
    region = models.ForeignKey("Region", on_delete=models.PROTECT)
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    source = models.CharField(max_length=200)
    loaded_at = models.DateTimeField()
    before_start = models.BooleanField(default=False)
    load = models.ForeignKey("RegisterLoad", null=True, on_delete=models.PROTECT)
    application = models.OneToOneField("Application", null=True, on_delete=models.PROTECT, related_name="title")
    ended_at = models.DateTimeField(null=True)
    end_reason = FreeText(max_length=200, default="")

    class Meta:
        indexes = [models.Index(fields=["organisation", "kind", "from_on"], name="title_by_body")]
        constraints = [
            # A title that is ended on its first day runs on no day at all.
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")) | Q(ended_at__isnull=False),
                name="title_runs_forward",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, end_reason="")
                | Q(ended_at__isnull=False, until_on__isnull=False) & ~Q(end_reason=""),
                name="title_ends_for_a_reason",
            ),
        ]


class TitleScope(Row):
    """What a title covers: an occupation at a level, an item or a programme; empty level means every level."""

    title = models.ForeignKey(Title, on_delete=models.CASCADE, related_name="scopes")
    subject = models.CharField(max_length=60)
    level = models.CharField(max_length=12, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["title", "subject", "level"], name="title_scope_once")]


YEARLY_PLAN_STATES = States(
    words={"draft": "填写中", "published": "已公开", "replaced": "已有新的一份"},
    moves={"": ("draft",), "draft": ("published",), "published": ("replaced",)},
)


class YearlyPlan(Row):
    """What an assessor will assess in a year, public by the end of January (facts 4.3); `lines` as it was written.

    A line: subject, level, form, range, sign_up, exam, fee_fen, contact, process.
    """

    body = models.ForeignKey("Organisation", on_delete=models.PROTECT, related_name="yearly_plans")
    region = models.ForeignKey("Region", on_delete=models.PROTECT)
    year = models.SmallIntegerField()
    lines = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=YEARLY_PLAN_STATES.choices, default="draft")
    begun_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    published_by_name = models.CharField(max_length=60, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["body", "year"], condition=Q(state="published"), name="one_public_plan_a_year"
            ),
            models.UniqueConstraint(
                fields=["body", "year"], condition=Q(state="draft"), name="one_drafted_plan_a_year"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", published_at=None) | ~Q(state="draft") & Q(published_at__isnull=False),
                name="public_plan_has_its_moment",
            ),
        ]
