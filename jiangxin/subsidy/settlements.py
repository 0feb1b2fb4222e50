"""Settlement of a class paid to a body: the heads it submits, those called, those struck off, the sum (P24)."""

from django.db import models
from django.db.models import F, Q

from jiangxin.ground.free_text import FreeText
from jiangxin.ground.table import Row
from jiangxin.ground.transitions import States
from jiangxin.subsidy.models import SCHEMES, SubsidyLine

SETTLEMENT_STATES = States(
    {"calling": "抽查回访中", "settled": "已结算", "returned": "已退回"},
    {"": ("calling",), "calling": ("settled", "returned")},
)
HEAD_STATES = {"open": "待结算", "approved": "通过", "struck": "剔除", "returned": "随表退回"}


class Settlement(Row):
    """What a body asks for one class: counts that add up, fixed when it is settled.

    `struck` says by reason how many heads were struck off; submitted = struck + approved.
    """

    number = models.CharField(max_length=40, unique=True)
    training_class = models.ForeignKey("TrainingClass", on_delete=models.PROTECT, related_name="settlements")
    body = models.ForeignKey("Organisation", on_delete=models.PROTECT, related_name="settlements")
    region_id = models.IntegerField()
    scheme = models.CharField(max_length=30, choices=list(SCHEMES.items()))
    state = models.CharField(max_length=10, choices=SETTLEMENT_STATES.choices)
    submitted = models.IntegerField()
    to_call = models.IntegerField()
    struck = models.JSONField(default=dict)
    struck_heads = models.IntegerField(null=True)
    approved = models.IntegerField(null=True)
    sum_fen = models.BigIntegerField(null=True)
    submitted_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    submitted_by_name = models.CharField(max_length=60)
    submitted_at = models.DateTimeField()
    closed_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    reason = FreeText(max_length=400, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["training_class", "body"], condition=Q(state="calling"), name="one_open_settlement_of_a_class"
            ),
            models.CheckConstraint(
                condition=~Q(state="settled")
                | Q(submitted=F("struck_heads") + F("approved"), sum_fen__gte=0, closed_at__isnull=False),
                name="settled_counts_add_up",
            ),
            models.CheckConstraint(condition=Q(submitted__gt=0) & Q(to_call__gte=0), name="settlement_has_heads"),
        ]


class SettlementHead(Row):
    """One head of a settlement: approved with its line, or struck off for a reason; called when the draw fell on it.

    `place` is the place in the drawn order: the first `to_call` of those that would be paid are called.
    """

    personal = "项目班学员、回访记录"

    settlement = models.ForeignKey(Settlement, on_delete=models.PROTECT, related_name="heads")
    region_id = models.IntegerField()
    body_id = models.UUIDField()
    enrolment = models.ForeignKey("Enrolment", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(SubsidyLine, null=True, on_delete=models.PROTECT, related_name="settlement_heads")
    amount_fen = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=list(HEAD_STATES.items()))
    reason = models.CharField(max_length=60, default="")
    place = models.IntegerField(null=True)
    drawn = models.BooleanField(default=False)
    attempts = models.SmallIntegerField(default=0)
    attended = models.BooleanField(null=True)
    charged_fen = models.BigIntegerField(null=True)
    offered = FreeText(max_length=200, default="")
    called_at = models.DateTimeField(null=True)
    called_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["settlement", "state"], name="head_by_settlement")]
        constraints = [
            models.UniqueConstraint(fields=["settlement", "enrolment"], name="head_once_in_a_settlement"),
            models.UniqueConstraint(
                fields=["enrolment"], condition=Q(state__in=["open", "approved"]), name="head_settled_once"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["open", "approved"]) | Q(line__isnull=False, amount_fen__gt=0),
                name="paid_head_has_its_line",
            ),
            models.CheckConstraint(condition=~Q(state="struck") | ~Q(reason=""), name="struck_head_has_a_reason"),
        ]
