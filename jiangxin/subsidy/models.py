"""Decisions on public money: lines and their lives, frozen decisions, notices, objections, approvals, holds."""

from django.db import models
from django.db.models import F, Q

from jiangxin.ground.free_text import FreeText
from jiangxin.ground.identity import SealedField
from jiangxin.ground.table import Row, Table
from jiangxin.ground.transitions import States
from jiangxin.rules.vocabulary import BODY_SCHEMES
from jiangxin.rules.vocabulary import SCHEME_TITLES as SCHEMES
from jiangxin.subsidy.adopted import STANDARD_STATES, AdoptedStandard  # noqa: F401
from jiangxin.subsidy.held import HOLD_KINDS, HOLD_STATES, Hold  # noqa: F401

LINE_STATES = States(
    {
        "refused": "不予补贴",
        "waiting": "待核实",
        "shown": "由其他渠道办理",
        "not_taken": "按另一项补贴办理",
        "queued": "排队等资金",
        "to_confirm": "等本人确认",
        "to_settle": "等班级结算",
        "deferred": "本人选择暂缓",
        "declined": "本人放弃",
        "silent": "久未答复，已转人工",
        "to_notice": "等待公示",
        "in_notice": "公示中",
        "objected": "有异议，暂停",
        "noticed": "公示期满",
        "held": "核查中",
        "to_approve": "等待审批",
        "approved": "已审批，等待付款",
        "in_batch": "已编入付款批次",
        "sent": "已送银行",
        "paid": "已到账",
        "failed": "付款失败，等改账户",
        "struck": "已取消",
        "recovering": "追回核实中",
    },
    {
        "": ("refused", "waiting", "shown", "not_taken", "queued", "to_confirm", "to_settle"),
        "waiting": ("refused", "shown", "not_taken", "queued", "to_confirm", "to_settle", "waiting"),
        "refused": ("waiting", "queued", "to_confirm", "to_settle", "not_taken", "shown"),
        "shown": ("waiting", "refused", "queued", "to_confirm", "to_settle", "not_taken"),
        "not_taken": ("waiting", "refused", "queued", "to_confirm", "shown"),
        "queued": ("to_confirm", "to_settle", "declined", "deferred", "struck", "refused"),
        "to_confirm": ("to_notice", "declined", "deferred", "silent", "struck"),
        "to_settle": ("to_notice", "struck"),
        "deferred": ("queued", "to_confirm", "declined", "refused", "waiting", "not_taken", "shown"),
        "declined": ("queued", "to_confirm", "refused", "waiting", "not_taken", "shown"),
        "silent": ("queued", "to_confirm", "declined", "deferred", "refused", "waiting", "not_taken", "shown"),
        "to_notice": ("in_notice", "declined", "struck"),
        "in_notice": ("objected", "noticed", "to_notice", "struck"),
        "objected": ("in_notice", "noticed", "struck"),
        "noticed": ("held", "to_approve", "struck"),
        "held": ("noticed", "to_approve", "struck", "approved"),
        "to_approve": ("approved", "noticed", "held", "to_notice", "struck"),
        "approved": ("in_batch", "held", "struck", "noticed"),
        "in_batch": ("sent", "approved"),
        "sent": ("paid", "failed"),
        "failed": ("approved", "struck", "held"),
        "paid": ("failed", "recovering"),
    },
)
# States that hold money, a count and the level lock (issue: outcome; a queued yes keeps count and lock, no money).
LIVE = (
    "queued", "to_confirm", "to_settle", "to_notice", "in_notice", "objected", "noticed", "held", "to_approve",
    "approved", "in_batch", "sent", "paid", "failed", "recovering",
)  # fmt: skip
# Ended by a person's word: only taking it up again leads back to a decision.
ENDED = ("deferred", "declined", "silent", "struck")


class SubsidyLine(Row):
    """One certificate under one scheme: what the person is owed, from which money, and where the matter stands."""

    personal = "个人补贴的金额与进度"

    # Two keys of several columns in lines.sql hold these four: the certificate's person, the pool's office and fund.
    certificate = models.ForeignKey("Certificate", on_delete=models.PROTECT, related_name="lines", db_constraint=False)
    person = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="lines", db_constraint=False)
    scheme = models.CharField(max_length=30, choices=list(SCHEMES.items()))
    number = models.CharField(max_length=30, unique=True)
    region_id = models.IntegerField()
    office = models.ForeignKey("Office", null=True, on_delete=models.PROTECT, db_constraint=False)
    pool = models.ForeignKey("Pool", null=True, on_delete=models.PROTECT, db_constraint=False)
    fund = models.CharField(max_length=24, default="")
    state = models.CharField(max_length=12, choices=LINE_STATES.choices)
    outcome = models.CharField(max_length=8, choices=[("yes", "符合"), ("no", "不符合"), ("unknown", "待核实")])
    amount_fen = models.BigIntegerField(default=0)
    subject = models.CharField(max_length=60)
    level_rank = models.SmallIntegerField(null=True)
    count_year = models.SmallIntegerField(null=True)
    slot = models.SmallIntegerField(null=True)
    # Three a year, unless a document of the paying region says otherwise; 0: this subsidy takes no count (P9).
    count_cap = models.SmallIntegerField(default=3, db_default=3)
    count_document = FreeText(max_length=200, default="", db_default="")
    received_on = models.DateField()
    requested_on = models.DateField(null=True)
    late_accepted = models.BooleanField(default=False)
    issued_on = models.DateField()
    first_decided_at = models.DateTimeField()
    decided_at = models.DateTimeField()
    decision_id = models.UUIDField()
    waits_for = models.JSONField(default=list)
    known_changes = models.IntegerField(default=0)
    reasons = models.JSONField(default=list)
    reserved_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_how = models.CharField(max_length=12, default="")
    account = models.ForeignKey("PayeeAccount", null=True, on_delete=models.PROTECT)
    # Whom a project class or a training before the job pays, for this head (P24); the person where empty.
    payee_body = models.ForeignKey("Organisation", null=True, on_delete=models.PROTECT, related_name="+")
    state_since = models.DateTimeField()
    due_on = models.DateField(null=True)
    sheet = models.ForeignKey("ApprovalSheet", null=True, on_delete=models.PROTECT, related_name="lines")
    holds_checked_on = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["region_id", "state", "id"], name="line_by_region_state"),
            models.Index(fields=["person", "count_year"], name="line_by_person"),
            models.Index(fields=["pool", "decided_at", "id"], condition=Q(state="queued"), name="queue_of_pool"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["certificate", "scheme"], name="one_line_per_certificate_scheme"),
            models.UniqueConstraint(
                fields=["certificate"], condition=Q(state__in=LIVE), name="one_live_line_per_certificate"
            ),
            models.UniqueConstraint(
                fields=["person", "count_year", "slot"], condition=Q(slot__isnull=False), name="one_slot_of_the_year"
            ),
            models.UniqueConstraint(
                fields=["person", "subject", "level_rank"],
                condition=Q(state__in=LIVE),
                nulls_distinct=False,
                name="once_per_occupation_and_level",
            ),
            models.CheckConstraint(
                condition=Q(pool=None, office=None) | Q(pool__isnull=False, office__isnull=False),
                name="pool_comes_with_its_office",
            ),
            models.CheckConstraint(
                condition=Q(slot=None) | Q(slot__gte=1, slot__lte=F("count_cap")), name="slots_are_three"
            ),
            models.CheckConstraint(
                condition=Q(count_cap=3) | Q(count_cap__gte=0) & ~Q(count_document=""), name="three_but_by_document"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=LIVE)
                | Q(outcome="yes", amount_fen__gt=0, pool__isnull=False)
                & (Q(slot__isnull=False) | Q(count_cap=0, count_year=None)),
                name="live_line_is_a_yes_with_pool_and_slot",
            ),
            models.CheckConstraint(condition=Q(state__in=LIVE) | Q(slot=None), name="only_live_lines_take_a_count"),
            models.CheckConstraint(condition=Q(amount_fen__gte=0), name="amount_not_negative"),
            # One payee: a body is settled with, a person is asked (P13, P24).
            models.CheckConstraint(
                condition=Q(scheme__in=BODY_SCHEMES) & (~Q(state__in=LIVE) | Q(payee_body__isnull=False))
                | ~Q(scheme__in=BODY_SCHEMES) & Q(payee_body=None),
                name="bodies_are_paid_by_their_schemes",
            ),
            models.CheckConstraint(
                condition=~Q(state="to_settle") & ~Q(state__in=["to_confirm", "deferred", "declined", "silent"])
                | Q(state="to_settle", payee_body__isnull=False)
                | Q(state__in=["to_confirm", "deferred", "declined", "silent"], payee_body=None),
                name="a_body_settles_a_person_confirms",
            ),
        ]


class Decision(Row):
    """The law's answer on one day, with the facts it rested on; never changed: a new answer is a new row (M17)."""

    personal = "核定所依据的事实（不含证件号码）"

    line = models.ForeignKey(SubsidyLine, on_delete=models.PROTECT, related_name="decisions", db_constraint=False)
    person_id = models.UUIDField()
    region_id = models.IntegerField()
    decided_at = models.DateTimeField()
    outcome = models.CharField(max_length=8)
    amount_fen = models.BigIntegerField()
    answers = models.JSONField()
    facts = models.JSONField()
    facts_digest = models.CharField(max_length=64)
    law_digest = models.CharField(max_length=64)
    answer_digest = models.CharField(max_length=64)
    cause = models.CharField(max_length=60)

    class Meta:
        indexes = [models.Index(fields=["line", "decided_at"], name="decision_by_line")]


class LevelLock(Table):
    """The highest level paid or promised to a person in one occupation: no equal or lower one follows (M7)."""

    pk = models.CompositePrimaryKey("person_id", "subject")
    person_id = models.UUIDField()
    subject = models.CharField(max_length=60)
    level_rank = models.SmallIntegerField()


class EarlierSubsidy(Row):
    """A subsidy paid before or elsewhere (已享受补贴, P3): counts in every rule, is never payable."""

    personal = "已享受补贴记录"

    person = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="earlier_subsidies")
    scheme = models.CharField(max_length=30, choices=list(SCHEMES.items()))
    subject = models.CharField(max_length=60)
    level_rank = models.SmallIntegerField(null=True)
    count_year = models.SmallIntegerField()
    amount_fen = models.BigIntegerField()
    paid_on = models.DateField()
    payee = models.CharField(
        max_length=12, choices=[("person", "本人"), ("employer", "单位"), ("provider", "培训机构")]
    )
    account_index = models.BinaryField(max_length=32, null=True)
    load = models.ForeignKey("RegisterLoad", on_delete=models.PROTECT)

    class Meta:
        indexes = [models.Index(fields=["person", "count_year"], name="earlier_by_person")]


NOTICE_STATES = States({"posted": "公示中", "ended": "已期满"}, {"": ("posted",), "posted": ("ended",)})


class Notice(Row):
    """A public notice (公示, P16) of one office: fields, days and contacts as posted; sealed at its end."""

    region_id = models.IntegerField()
    office = models.ForeignKey("Office", on_delete=models.PROTECT)
    year = models.SmallIntegerField()
    number = models.IntegerField()
    state = models.CharField(max_length=8, choices=NOTICE_STATES.choices, default="posted")
    posted_at = models.DateTimeField()
    ends_on = models.DateField()
    provisional = models.BooleanField(default=False)
    taken_down_at = models.DateTimeField(null=True)
    phone = models.CharField(max_length=40)
    address = models.CharField(max_length=120)
    released_by = models.ForeignKey("Account", on_delete=models.PROTECT)
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "year", "number"], name="notice_number_once")]


class NoticeLine(Row):
    """One line as the public sees it: masked name, never a number, an account, a group, an age or an address."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="lines")
    region_id = models.IntegerField()
    line = models.ForeignKey(SubsidyLine, on_delete=models.PROTECT, related_name="notice_lines")
    seq = models.IntegerField()
    shown_name = models.CharField(max_length=60)
    scheme = models.CharField(max_length=40)
    body = models.CharField(max_length=120)
    title = models.CharField(max_length=80)
    level = models.CharField(max_length=20)
    amount_fen = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "line"], name="once_in_a_notice")]


OBJECTION_STATES = States(
    {"open": "等待答复", "upheld": "异议成立", "rejected": "异议不成立"},
    {"": ("open",), "open": ("upheld", "rejected")},
)


class Objection(Row):
    """Somebody says a noticed line is wrong: holds its line only, answered within the term (P16).

    Upheld, it takes a worker's money: one proposes that in `answer`, and another upholds it or does not agree.
    """

    personal = "异议人称呼、联系方式（加密）、异议内容"

    line = models.ForeignKey(SubsidyLine, on_delete=models.PROTECT, related_name="objections")
    region_id = models.IntegerField()
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT)
    text = FreeText(max_length=1000)
    contact = SealedField(null=True)
    received_at = models.DateTimeField()
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=OBJECTION_STATES.choices, default="open")
    answer = FreeText(max_length=1000, default="")
    proposed_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    disagreed = FreeText(max_length=400, default="", db_default="")
    answered_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line"], condition=Q(state="open"), name="one_open_objection_per_line"),
            models.CheckConstraint(
                condition=Q(state="open") | Q(answered_by__isnull=False) & ~Q(answer=""), name="objection_is_answered"
            ),
            models.CheckConstraint(
                condition=Q(state="open")
                | Q(state="rejected", proposed_by=None)
                | Q(state="upheld", proposed_by__isnull=False) & ~Q(proposed_by=F("answered_by")),
                name="objection_upheld_by_two",
            ),
        ]


SHEET_STATES = States(
    {"made": "等复核", "checked": "等审批", "led": "等第二位领导", "approved": "已通过", "returned": "已退回"},
    {
        "": ("made",),
        "made": ("checked", "returned"),
        "checked": ("approved", "led", "returned"),
        "led": ("approved", "returned"),
    },
)


class ApprovalSheet(Row):
    """What two people approve: the list of lines of one office and fund, bound by the hash of its content (Z7)."""

    region_id = models.IntegerField()
    office = models.ForeignKey("Office", on_delete=models.PROTECT)
    pool = models.ForeignKey("Pool", on_delete=models.PROTECT)
    year = models.SmallIntegerField()
    number = models.IntegerField()
    state = models.CharField(max_length=10, choices=SHEET_STATES.choices, default="made")
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    heads = models.IntegerField()
    total_fen = models.BigIntegerField()
    second_leader = models.BooleanField()
    made_by = models.ForeignKey("Account", on_delete=models.PROTECT)
    made_at = models.DateTimeField()
    return_reason = FreeText(max_length=400, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "year", "number"], name="sheet_number_once")]


class Approval(Row):
    """One signature on a sheet: by whom, as what, on which content; nobody signs twice or own work (Z6)."""

    sheet = models.ForeignKey(ApprovalSheet, on_delete=models.PROTECT, related_name="approvals")
    region_id = models.IntegerField()
    step = models.CharField(max_length=10, choices=[("check", "复核"), ("lead", "审批"), ("lead2", "第二位审批")])
    account = models.ForeignKey("Account", on_delete=models.PROTECT)
    sha256 = models.CharField(max_length=64)
    opinion = FreeText(max_length=400, default="")
    code_step = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "step"], name="one_signature_per_step"),
            models.UniqueConstraint(fields=["sheet", "account"], name="nobody_signs_twice"),
        ]
