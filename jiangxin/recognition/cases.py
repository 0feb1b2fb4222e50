"""What is asked for and what is done about it: applications with their papers, promises and reviews, and measures."""

from django.db import models
from django.db.models import F, Q

from jiangxin.ground.free_text import FreeText
from jiangxin.ground.identity import SealedField
from jiangxin.ground.table import Row
from jiangxin.ground.transitions import States

APPLICATION_STATES = States(
    words={
        "draft": "填写中",
        "submitted": "等受理",
        "returned": "退回补正",
        "reviewing": "审核中",
        "proposed": "等领导决定",
        "publicity": "公示中",
        "granted": "已认定",
        "refused": "不予认定",
        "withdrawn": "已撤回",
    },
    moves={
        "": ("draft",),
        "draft": ("submitted", "granted", "withdrawn"),
        "submitted": ("reviewing", "returned", "withdrawn"),
        "returned": ("submitted", "withdrawn"),
        "reviewing": ("proposed", "returned", "withdrawn"),
        "proposed": ("reviewing", "publicity", "granted", "refused"),
        "publicity": ("granted", "reviewing"),
    },
)
ALIVE = ("draft", "submitted", "returned", "reviewing", "proposed", "publicity")


class Application(Row):
    """A body asks for a title by a procedure; what it answered, promised and signed, and what was decided (7.1).

    `digest` is the file of the procedure it was begun under. The officer proposes, a leader decides; by promise it is
    decided on the spot by the signature.
    """

    personal = "机构负责人姓名"

    body = models.ForeignKey("Organisation", on_delete=models.PROTECT, related_name="applications")
    region = models.ForeignKey("Region", on_delete=models.PROTECT)
    procedure = models.CharField(max_length=30)
    digest = models.CharField(max_length=64)
    answers = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=APPLICATION_STATES.choices, default="draft")
    state_since = models.DateTimeField()
    begun_at = models.DateTimeField()
    entered_by_name = models.CharField(max_length=60)
    submitted_at = models.DateTimeField(null=True)
    due_on = models.DateField(null=True)
    signed_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True)
    signed_text = FreeText(max_length=6000, default="")
    signed_sha256 = models.CharField(max_length=64, default="")
    return_reason = FreeText(max_length=1000, default="")
    proposal = models.CharField(max_length=8, default="", choices=[("", ""), ("grant", "认定"), ("refuse", "不予认定")])
    opinion = FreeText(max_length=1000, default="")
    proposed_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    disagreed = FreeText(max_length=1000, default="")
    decided_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    posted_at = models.DateTimeField(null=True)
    posted_until = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["region", "state", "due_on"], name="application_by_due"),
            models.Index(fields=["body", "state"], name="application_by_body"),
        ]
        constraints = [
            # Holds nothing itself: the key that a title and its application's body point to.
            models.UniqueConstraint(fields=["id", "body"], name="application_with_its_body"),
            models.UniqueConstraint(
                fields=["body", "procedure"], condition=Q(state__in=ALIVE), name="one_application_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(signed_at=None, signed_by=None, signed_sha256="")
                | Q(signed_at__isnull=False, signed_by__isnull=False, signed_sha256__regex="^[0-9a-f]{64}$"),
                name="promise_is_signed_whole",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(proposed_by__isnull=False) & ~Q(decided_by=F("proposed_by")),
                name="application_decided_by_another",
            ),
            # By promise the signature decides; else a leader has.
            models.CheckConstraint(
                condition=~Q(state__in=["granted", "refused", "publicity"])
                | Q(decided_by__isnull=False)
                | Q(state="granted", signed_at__isnull=False),
                name="application_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="publicity") | Q(posted_at__isnull=False, posted_until__isnull=False),
                name="publicity_has_an_end",
            ),
        ]


class ApplicationMaterial(Row):
    """A paper of an application, kept sealed and never changed; of one kind the latest counts."""

    personal = "申请材料原件（加密）"

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="materials")
    body = models.ForeignKey("Organisation", on_delete=models.PROTECT)
    region_id = models.IntegerField()
    code = models.CharField(max_length=30)
    file_name = FreeText(max_length=120)
    content_type = models.CharField(max_length=40)
    content = SealedField()
    sha256 = models.CharField(max_length=64)
    size = models.IntegerField()
    sent_at = models.DateTimeField()
    sent_by_name = models.CharField(max_length=60)

    class Meta:
        indexes = [models.Index(fields=["application", "code", "sent_at"], name="material_by_application")]


class Review(Row):
    """What one expert says to the conditions that experts judge; whoever has an interest declares it and is out."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="reviews")
    region_id = models.IntegerField()
    reviewer = models.ForeignKey("Account", on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    invited_by_name = models.CharField(max_length=60)
    conflict = models.BooleanField(null=True)
    conflict_note = FreeText(max_length=400, default="")
    answers = models.JSONField(default=dict)
    total = models.SmallIntegerField(null=True)
    note = FreeText(max_length=1000, default="")
    declared_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "reviewer"], name="one_review_an_expert"),
            models.CheckConstraint(
                condition=Q(total=None, answered_at=None)
                | Q(total__isnull=False, answered_at__isnull=False, conflict=False),
                name="review_without_an_interest",
            ),
        ]


CHECK_STATES = States(
    words={
        "due": "待核查",
        "kept": "属实",
        "untrue": "不实，限期改正",
        "corrected": "已改正",
        "escalated": "没有改正，转处置",
    },
    moves={
        "": ("due",),
        "due": ("kept", "untrue"),
        "untrue": ("corrected", "escalated"),
    },
)


class PromiseCheck(Row):
    """One promised condition, to be looked at after the grant: true, or to be put right by a day, or a measure."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="checks")
    body = models.ForeignKey("Organisation", on_delete=models.PROTECT)
    region_id = models.IntegerField()
    criterion = models.CharField(max_length=40)
    sentence = models.CharField(max_length=300)
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=CHECK_STATES.choices, default="due")
    finding = FreeText(max_length=1000, default="")
    found_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    found_at = models.DateTimeField(null=True)
    correct_by = models.DateField(null=True)
    outcome = FreeText(max_length=1000, default="")
    closed_at = models.DateTimeField(null=True)
    measure = models.ForeignKey("Measure", null=True, on_delete=models.PROTECT, related_name="checks")

    class Meta:
        indexes = [models.Index(fields=["region_id", "state", "due_on"], name="check_by_due")]
        constraints = [
            models.UniqueConstraint(fields=["application", "criterion"], name="one_check_a_promise"),
            models.CheckConstraint(
                condition=Q(state="due") | Q(found_by__isnull=False, found_at__isnull=False) & ~Q(finding=""),
                name="check_says_what_was_found",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["untrue", "corrected", "escalated"]) | Q(correct_by__isnull=False),
                name="untrue_promise_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state="escalated", measure__isnull=False) | ~Q(state="escalated") & Q(measure=None),
                name="escalated_to_a_measure",
            ),
        ]


MEASURE_KINDS = {"warning": "警告", "suspension": "暂停", "delisting": "移出目录", "withdrawal": "吊销办学许可"}
EXITS = ("delisting", "withdrawal")
GROUNDS = {
    "fake_records": "虚报人数、身份或课时",
    "resale": "转包培训任务或买卖生源",
    "poor_effect": "培训效果差，整改后仍不合格",
    "untrue_promise": "承诺不实，限期内没有改正",
    "outside_licence": "超出许可或备案的范围",
    "yearly_check": "连续两年年检不合格，或拒不参加年检",
    "tutoring_again": "又从事学科类培训",
    "no_plan": "不公开年度评价计划",
    "no_data": "不送达学习记录",
    "safety": "场地有安全隐患",
    "other": "其他违反规定的情形",
}
ARRANGEMENTS = {
    "teach_out": "在监督下由原机构上完",
    "transfer": "转到别的机构继续",
    "none": "没有在训班级",
}
MEASURE_STATES = States(
    words={
        "open": "等答复和决定",
        "in_force": "生效",
        "dropped": "不予处置",
        "lifted": "已解除",
        "ended": "到期结束",
    },
    moves={"": ("open",), "open": ("in_force", "dropped"), "in_force": ("lifted", "ended")},
)
HEARD = (
    Q(hearing_record__gt="", hearing_on__isnull=False)
    | Q(hearing_waived_at__isnull=False)
    | Q(hearing_asked_at=None, hearing_term_passed=True)
)


class Measure(Row):
    """What is done about a body (7.3, P38): a warning, an interim suspension with its last day, and exit in two acts.

    One officer opens it with a letter, the body answers, a leader decides. A suspension needs no answer first. A
    licence is withdrawn only after a hearing was offered, and was held, waived, or not asked for within the term.
    """

    body = models.ForeignKey("Organisation", on_delete=models.PROTECT, related_name="measures")
    region = models.ForeignKey("Region", on_delete=models.PROTECT)
    title = models.ForeignKey("Title", null=True, on_delete=models.PROTECT, related_name="measures")
    kind = models.CharField(max_length=12, choices=list(MEASURE_KINDS.items()))
    grounds = models.CharField(max_length=20, choices=list(GROUNDS.items()))
    facts = FreeText(max_length=2000)
    opened_by = models.ForeignKey("Account", on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    answer_by = models.DateField(null=True)
    answer = FreeText(max_length=2000, default="")
    answered_at = models.DateTimeField(null=True)
    hearing_asked_at = models.DateTimeField(null=True)
    hearing_waived_at = models.DateTimeField(null=True)
    hearing_on = models.DateField(null=True)
    hearing_record = FreeText(max_length=4000, default="")
    hearing_term_passed = models.BooleanField(default=False)
    until_on = models.DateField(null=True)
    arrangement = models.CharField(max_length=10, default="", choices=[("", ""), *ARRANGEMENTS.items()])
    arrangement_note = FreeText(max_length=400, default="")
    decision = FreeText(max_length=1000, default="")
    decided_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=MEASURE_STATES.choices, default="open")
    state_since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    end_reason = FreeText(max_length=400, default="")

    class Meta:
        indexes = [
            models.Index(fields=["body", "state", "kind"], name="measure_by_body"),
            models.Index(fields=["region", "state"], name="measure_by_region"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="suspension", until_on__isnull=False) | ~Q(kind="suspension") & Q(until_on=None),
                name="suspension_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=EXITS, title__isnull=False) | ~Q(kind__in=EXITS) & Q(title=None),
                name="exit_is_from_a_title",
            ),
            models.CheckConstraint(
                condition=Q(kind="suspension", answer_by=None) | ~Q(kind="suspension") & Q(answer_by__isnull=False),
                name="measure_gives_a_term",
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_by=None)
                | ~Q(state="open") & Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decision=""),
                name="measure_is_decided_whole",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("opened_by")), name="measure_decided_by_another"
            ),
            models.CheckConstraint(
                condition=~Q(kind="withdrawal") | Q(state__in=["open", "dropped"]) | HEARD,
                name="withdrawal_after_a_hearing",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["in_force", "lifted", "ended"]) | Q(kind="warning") | ~Q(arrangement=""),
                name="running_classes_are_thought_of",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["lifted", "ended"])
                | Q(ended_at__isnull=False, kind__in=["warning", "suspension"]) & ~Q(end_reason=""),
                name="an_exit_is_not_lifted",
            ),
        ]
