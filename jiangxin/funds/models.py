"""The money: pools by office, fund and year; an append-only ledger in which every line's money is one chain."""

from django.db import models
from django.db.models import F, Q

from jiangxin.ground.free_text import FreeText
from jiangxin.ground.table import Row, Table
from jiangxin.ground.transitions import States

POOL_STATES = States({"open": "使用中", "closed": "已关账"}, {"": ("open",), "open": ("closed",)})


class Pool(Row):
    """The money of one office from one fund in one year; two legal kinds of money are never mixed (P19)."""

    office = models.ForeignKey("Office", on_delete=models.PROTECT)
    region_id = models.IntegerField()
    fund = models.CharField(max_length=24)
    year = models.SmallIntegerField()
    state = models.CharField(max_length=10, choices=POOL_STATES.choices, default="open")
    last_reservation_on = models.DateField(null=True)
    document = FreeText(max_length=200)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "fund", "year"], name="one_pool_per_office_fund_year"),
            models.UniqueConstraint(fields=["id", "office", "fund"], name="pool_with_office_and_fund"),
        ]


# What a transfer may be: its kind, where the money leaves and where it arrives (M3).
TEMPLATES = {
    "allot": ("source", "available"),
    "withdraw": ("available", "source"),
    "reserve": ("available", "reserved"),
    "void": ("reserved", "available"),
    "send": ("reserved", "in_transit"),
    "settle": ("in_transit", "paid"),
    "fail": ("in_transit", "reserved"),
    "bounce": ("paid", "reserved"),
    "recover": ("paid", "available"),
    # A voucher's money: set aside under the voucher's name, given back the same way, never paid out itself (P37).
    "earmark": ("available", "reserved"),
    "lift": ("reserved", "available"),
}
BEGINNINGS = ("allot", "withdraw", "reserve", "earmark")
ACCOUNTS = {
    "source": "上级下达",
    "available": "可用",
    "reserved": "已留",
    "in_transit": "在途",
    "paid": "已付",
}


class TransferTemplate(Table):
    """The permitted movements, as rows for the database to check against."""

    pk = models.CompositePrimaryKey("kind", "debit", "credit")
    kind = models.CharField(max_length=12)
    debit = models.CharField(max_length=12)
    credit = models.CharField(max_length=12)


class PoolBalance(Table):
    """The standing of one account of a pool; moved only by the ledger's trigger (M4)."""

    pk = models.CompositePrimaryKey("pool", "account")
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="balances")
    account = models.CharField(max_length=12, choices=list(ACCOUNTS.items()))
    balance_fen = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(balance_fen__gte=0) | Q(account="source"), name="pool_never_below_zero"),
            models.CheckConstraint(condition=Q(balance_fen__lte=0) | ~Q(account="source"), name="source_only_gives"),
        ]


class Transfer(Row):
    """One movement: out of the debit account into the credit account, amount above zero, never changed.

    `continues` is the transfer that brought the same money to the debit account: a reservation is posted or voided
    at most once, and never for another sum (M1, two-phase transfers).
    """

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT)
    region_id = models.IntegerField()
    kind = models.CharField(max_length=12)
    debit = models.CharField(max_length=12)
    credit = models.CharField(max_length=12)
    amount_fen = models.BigIntegerField()
    continues = models.ForeignKey("Transfer", null=True, on_delete=models.PROTECT, db_index=False)
    subject_id = models.UUIDField()
    event_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["pool", "at"], name="transfer_by_pool"),
            models.Index(fields=["subject_id"], name="transfer_by_subject"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="transfer_moves_money"),
            models.UniqueConstraint(fields=["continues"], name="money_moves_on_once"),
            models.UniqueConstraint(fields=["kind", "event_id", "subject_id"], name="one_transfer_per_event"),
            models.CheckConstraint(
                condition=Q(kind__in=BEGINNINGS, continues=None) | ~Q(kind__in=BEGINNINGS) & Q(continues__isnull=False),
                name="later_transfers_continue_one",
            ),
        ]


class BudgetLine(Row):
    """An allotment to a pool, or a withdrawal (negative), by a document; entered by one, confirmed by another.

    Until then it may be dropped with a reason: taken back by who entered it, given back by another.
    """

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="budget_lines")
    region_id = models.IntegerField()
    amount_fen = models.BigIntegerField()
    document = FreeText(max_length=200)
    entered_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    entered_by_name = models.CharField(max_length=60)
    entered_at = models.DateTimeField()
    confirmed_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    from_pool = models.ForeignKey(Pool, null=True, on_delete=models.PROTECT, related_name="passed_down")
    dropped_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    dropped_at = models.DateTimeField(null=True)
    dropped_reason = FreeText(max_length=200, default="")

    @property
    def is_open(self) -> bool:
        """Whether it still waits for another person."""
        return self.confirmed_at is None and self.dropped_at is None

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount_fen=0), name="budget_line_moves_money"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("entered_by")), name="budget_needs_two_people"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(dropped_at=None), name="budget_dropped_or_confirmed"
            ),
            models.CheckConstraint(
                condition=Q(dropped_at=None, dropped_by=None, dropped_reason="")
                | Q(dropped_at__isnull=False, dropped_by__isnull=False) & ~Q(dropped_reason=""),
                name="budget_dropped_by_whom_and_why",
            ),
            models.CheckConstraint(condition=Q(from_pool=None) | ~Q(from_pool=F("pool")), name="pool_not_from_itself"),
        ]
