"""Who is held to be what: dated titles of bodies, with their scope and source."""

from django.db import models
from django.db.models import F, Q

from jiangxin.ground.table import Row


class Title(Row):
    """A title of a body between two days: assessor or provider (further kinds come as rows)."""

    organisation = models.ForeignKey("Organisation", on_delete=models.PROTECT, related_name="titles")
    kind = models.CharField(max_length=20, choices=[("assessor", "评价机构备案"), ("provider", "培训机构目录")])
    region = models.ForeignKey("Region", on_delete=models.PROTECT)
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    source = models.CharField(max_length=200)
    loaded_at = models.DateTimeField()
    before_start = models.BooleanField(default=False)
    load = models.ForeignKey("RegisterLoad", null=True, on_delete=models.PROTECT)

    class Meta:
        indexes = [models.Index(fields=["organisation", "kind", "from_on"], name="title_by_body")]
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")), name="title_runs_forward"
            )
        ]


class TitleScope(Row):
    """What a title covers: an occupation at a level, an item or a programme; empty level means every level."""

    title = models.ForeignKey(Title, on_delete=models.CASCADE, related_name="scopes")
    subject = models.CharField(max_length=60)
    level = models.CharField(max_length=12, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["title", "subject", "level"], name="title_scope_once")]
