"""Training vouchers (职业培训券, 16.3): kinds are data, an office issues batches, one voucher a person in each."""

from django.db import models
from django.db.models import F, Q

from jiangxin.ground.free_text import FreeText
from jiangxin.ground.table import Row, Table
from jiangxin.ground.transitions import States

VALUES = {"none": "不带金额，凭券签到", "standard": "按补贴标准", "face": "固定面值"}
RESERVED_AT = {"never": "不留资金", "issue": "发券时留", "seat": "留座时留"}


class VoucherKind(Table):
    """A kind of voucher, told by what it does: a new kind is a row here, never code.

    `value` is what it is worth, `reserved_at` when money is set aside for it (P37), `named` whether its persons and
    class are named before it is issued (定向), `pays` whether a subsidy may follow at all (打卡签到专用券: no).
    """

    code = models.CharField(primary_key=True, max_length=20)
    name = models.CharField(max_length=40)
    value = models.CharField(max_length=10, choices=list(VALUES.items()))
    reserved_at = models.CharField(max_length=10, choices=list(RESERVED_AT.items()))
    named = models.BooleanField()
    pays = models.BooleanField()
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(value="none") | Q(reserved_at="never"), name="no_value_nothing_reserved"
            )
        ]


VOUCHER_BATCH_STATES = States(
    {"draft": "填写中", "matched": "已匹配，等发放", "issued": "已发放", "stopped": "已停发"},
    {"": ("draft",), "draft": ("matched",), "matched": ("draft", "issued"), "issued": ("stopped",)},
)
ISSUED_BATCH = ("issued", "stopped")


class VoucherBatch(Row):
    """What an office issues to whom: content, providers, persons, validity, number, pool (facts 2).

    `groups` are kinds of status; a named kind takes the roster of `training_class` instead. `issued_by` said yes at
    `issued_at`; the vouchers follow by a job.
    """

    number = models.CharField(max_length=40, unique=True)
    kind = models.ForeignKey(VoucherKind, on_delete=models.PROTECT)
    office = models.ForeignKey("Office", on_delete=models.PROTECT)
    region_id = models.IntegerField()
    name = models.CharField(max_length=80)
    subjects = models.JSONField(default=list)
    level = models.CharField(max_length=12, default="")
    providers = models.JSONField(default=list)
    groups = models.JSONField(default=list)
    training_class = models.ForeignKey("TrainingClass", null=True, on_delete=models.PROTECT, db_column="class_id")
    pool = models.ForeignKey("Pool", null=True, on_delete=models.PROTECT)
    face_fen = models.BigIntegerField(default=0)
    planned = models.IntegerField()
    matched = models.IntegerField(default=0)
    matched_on = models.DateField(null=True)
    issued = models.IntegerField(default=0)
    from_on = models.DateField()
    until_on = models.DateField()
    document = FreeText(max_length=200, default="")
    state = models.CharField(max_length=10, choices=VOUCHER_BATCH_STATES.choices, default="draft")
    entered_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    issued_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_reason = FreeText(max_length=200, default="")
    job_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["office", "entered_at"], name="voucher_batch_by_office")]
        constraints = [
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="voucher_batch_runs_forward"),
            models.CheckConstraint(
                condition=Q(issued__gte=0) & Q(issued__lte=F("planned")), name="issued_within_the_plan"
            ),
            models.CheckConstraint(
                condition=Q(issued_by=None) | ~Q(issued_by=F("entered_by")), name="voucher_batch_needs_two_people"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "matched"]) | Q(issued_by__isnull=False, issued_at__isnull=False),
                name="voucher_batch_issued_by_somebody",
            ),
        ]


VOUCHER_STATES = States(
    {
        "matched": "待发放",
        "issued": "可用",
        "reserved": "已留座",
        "in_use": "使用中",
        "settled": "已核销",
        "expired": "已过期",
        "void": "已作废",
        "frozen": "冻结",
    },
    {
        "": ("matched", "issued"),
        "matched": ("issued", "void"),
        "issued": ("reserved", "expired", "void", "frozen"),
        # Held by a seat it does not expire: its days stand still (16.3).
        "reserved": ("issued", "in_use", "void", "frozen"),
        "in_use": ("issued", "settled", "void", "frozen"),
        "expired": ("issued",),
        "frozen": ("issued", "reserved", "in_use", "void"),
    },
)
VOUCHER_CAUSES = {
    "never_opened": "从没看过",
    "no_class": "附近没有合适的班",
    "class_full": "想上的班满了",
    "not_eligible": "不再符合条件",
    "not_used": "看过，没有报名",
    "left": "报了名又退出",
}


class Voucher(Row):
    """A voucher of one person: used by nobody else and once (V1, V2); its code is known by a keyed index (V3).

    `region_id` is the county in which its person was found, `spell_kind` the status that let them in. `held_since`
    is when a seat took it: given back, it gets those days back. `reserved_fen` lies in the pool under its name.
    """

    personal = "谁领到了哪种培训券"

    # Both stand first in another index: a batch of a hundred thousand writes each index twice.
    batch = models.ForeignKey(VoucherBatch, on_delete=models.PROTECT, related_name="vouchers", db_index=False)
    person = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="vouchers", db_index=False)
    region_id = models.IntegerField()
    spell_kind = models.CharField(max_length=30, default="")
    code_index = models.BinaryField(max_length=32, unique=True)
    state = models.CharField(max_length=10, choices=VOUCHER_STATES.choices)
    state_since = models.DateTimeField()
    from_on = models.DateField()
    until_on = models.DateField()
    opened_at = models.DateTimeField(null=True)
    held_since = models.DateTimeField(null=True)
    reserved_fen = models.BigIntegerField(default=0)
    first_used_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=16, choices=list(VOUCHER_CAUSES.items()), default="")
    frozen_from = models.CharField(max_length=10, default="")
    frozen_reason = FreeText(max_length=200, default="")

    class Meta:
        indexes = [
            models.Index(fields=["person", "state"], name="voucher_by_person"),
            models.Index(fields=["state", "until_on"], name="voucher_by_end"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["batch", "person"], name="one_voucher_a_person_in_a_batch"),
            # Holds nothing itself: the key that an enrolment and its person's voucher point to.
            models.UniqueConstraint(fields=["id", "person"], name="voucher_with_its_person"),
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="voucher_runs_forward"),
            models.CheckConstraint(condition=Q(reserved_fen__gte=0), name="voucher_reserves_money"),
            models.CheckConstraint(
                condition=Q(state="expired") & ~Q(cause="") | ~Q(state="expired"), name="expired_for_a_cause"
            ),
            models.CheckConstraint(
                condition=Q(state="frozen") & ~Q(frozen_from="") & ~Q(frozen_reason="")
                | ~Q(state="frozen") & Q(frozen_from=""),
                name="frozen_from_a_state_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["reserved", "in_use", "settled"], held_since__isnull=False)
                | ~Q(state__in=["reserved", "in_use", "settled"]),
                name="held_voucher_says_since_when",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["in_use", "settled"], first_used_at__isnull=False)
                | ~Q(state__in=["in_use", "settled"]),
                name="used_voucher_says_since_when",
            ),
        ]
