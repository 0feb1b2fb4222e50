"""Money on its way: paying accounts, batches and their sealed files, returns, statements."""

from django.db import models
from django.db.models import F, Q

from jiangxin.ground.free_text import FreeText
from jiangxin.ground.identity import SealedField
from jiangxin.ground.table import Row
from jiangxin.ground.transitions import States


class PayingAccount(Row):
    """The account that an office's fund pays from, and its channel (P20)."""

    personal = ""

    office = models.ForeignKey("Office", on_delete=models.PROTECT)
    region_id = models.IntegerField()
    fund = models.CharField(max_length=24)
    bank = FreeText(max_length=60)
    holder = FreeText(max_length=80)
    number = SealedField()
    tail = models.CharField(max_length=4)
    file_format = models.CharField(max_length=10, choices=[("fixed_gbk", "定长文本（GBK）"), ("xlsx", "Excel 表格")])
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "fund"], condition=Q(closed_on=None), name="one_paying_account")
        ]


BATCH_STATES = States(
    {
        "sealed": "已封存，等财政放行",
        "sent": "已送银行，等回单",
        "returned": "回单已入账",
        "reconciled": "已对账",
        "withdrawn": "已撤回",
    },
    {"": ("sealed",), "sealed": ("sent", "withdrawn"), "sent": ("returned",), "returned": ("reconciled",)},
)


class Batch(Row):
    """One file to one bank: one fund, one paying account, one office; sealed by hash, named by number (M10, M11)."""

    personal = "付款文件原件（加密）"

    office = models.ForeignKey("Office", on_delete=models.PROTECT)
    region_id = models.IntegerField()
    fund = models.CharField(max_length=24)
    pool = models.ForeignKey("Pool", on_delete=models.PROTECT)
    paying_account = models.ForeignKey(PayingAccount, on_delete=models.PROTECT)
    number = models.CharField(max_length=40, unique=True)
    state = models.CharField(max_length=12, choices=BATCH_STATES.choices, default="sealed")
    heads = models.IntegerField()
    total_fen = models.BigIntegerField()
    file_name = models.CharField(max_length=80)
    content = SealedField()
    sha256 = models.CharField(max_length=64)
    built_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    returned_at = models.DateTimeField(null=True)
    reconciled_at = models.DateTimeField(null=True)
    reconciled_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(heads__gt=0, total_fen__gt=0), name="batch_pays_somebody"),
            models.CheckConstraint(
                condition=Q(sent_by=None) | Q(reconciled_by=None) | ~Q(sent_by=F("reconciled_by")),
                name="releaser_is_not_reconciler",
            ),
        ]


PAYMENT_STATES = States(
    {
        "sealed": "待放行",
        "sent": "在途",
        "paid": "已到账",
        "failed": "未付成",
        "bounced": "退汇",
        "withdrawn": "已撤回",
    },
    {"": ("sealed",), "sealed": ("sent", "withdrawn"), "sent": ("paid", "failed"), "paid": ("bounced",)},
)


class Payment(Row):
    """One line of a batch: at most one alive per subsidy line; a retry needs the bank's word that it failed (M6)."""

    personal = "付款金额、收款账户"

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="payments")
    region_id = models.IntegerField()
    line = models.ForeignKey("SubsidyLine", on_delete=models.PROTECT, related_name="payments")
    person_id = models.UUIDField()
    account = models.ForeignKey("PayeeAccount", on_delete=models.PROTECT)
    seq = models.IntegerField()
    amount_fen = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=PAYMENT_STATES.choices, default="sealed")
    reason = models.CharField(max_length=60, default="")
    return_file = models.ForeignKey("ReturnFile", null=True, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "seq"], name="payment_place_in_batch"),
            models.UniqueConstraint(
                fields=["line"], condition=Q(state__in=["sealed", "sent", "paid"]), name="one_live_payment_per_line"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="payment_above_zero"),
            models.CheckConstraint(
                condition=Q(state__in=["sealed", "sent", "withdrawn"]) | Q(return_file__isnull=False),
                name="result_needs_bank_evidence",
            ),
        ]


RETURN_STATES = States(
    {"applied": "已入账", "quarantined": "有疑问，没有入账", "closed": "已查明，归档"},
    {"": ("applied", "quarantined"), "quarantined": ("closed",)},
)


class ReturnFile(Row):
    """A file the bank sent back: applied once and whole, or set aside whole with the reason (M12).

    What was set aside is closed by finance with what was found out; nothing of it is ever applied.
    """

    personal = "银行回单原件（加密）"

    batch = models.ForeignKey(Batch, null=True, on_delete=models.PROTECT, related_name="return_files")
    region_id = models.IntegerField(null=True)
    file_name = FreeText(max_length=80)
    sha256 = models.CharField(max_length=64)
    content = SealedField()
    state = models.CharField(max_length=12, choices=RETURN_STATES.choices)
    trouble = FreeText(max_length=400, default="")
    rows = models.IntegerField(default=0)
    paid_fen = models.BigIntegerField(default=0)
    failed_fen = models.BigIntegerField(default=0)
    received_at = models.DateTimeField()
    closed_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    finding = FreeText(max_length=200, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sha256"], name="return_file_once"),
            models.CheckConstraint(
                condition=Q(closed_by__isnull=False, closed_at__isnull=False, state="closed") & ~Q(finding="")
                | Q(closed_by=None, closed_at=None, finding="") & ~Q(state="closed"),
                name="return_file_closed_with_a_finding",
            ),
        ]


class StatementEntry(Row):
    """A line of the bank's statement of a paying account: one debit for a batch, credits for what came back."""

    paying_account = models.ForeignKey(PayingAccount, on_delete=models.PROTECT)
    region_id = models.IntegerField()
    booked_on = models.DateField()
    amount_fen = models.BigIntegerField()
    reference = models.CharField(max_length=60)
    text = FreeText(max_length=120)
    sha256 = models.CharField(max_length=64)
    batch = models.ForeignKey(Batch, null=True, on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["paying_account", "reference"], name="statement_entry_once")]
