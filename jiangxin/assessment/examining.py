"""Who examines, what was scored by whom, who looked over it, and how certificates are numbered (P35, C2, C3)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from jiangxin.assessment.exams import PARTS, Candidate, ExamPlan, ExamRoom
from jiangxin.ground.free_text import FreeText
from jiangxin.ground.table import Row
from jiangxin.ground.transitions import States
from jiangxin.training.models import TimeSpan

# ── who numbers certificates ───────────────────────────────────────────────────────────────────────────────────────
LETTERS = {"S": "社会培训评价组织", "Y": "用人单位"}


class NumberSeries(Row):
    """A body's part of a certificate number, given when it is filed: kind of body and six digits (facts 4.4)."""

    body = models.ForeignKey("Organisation", on_delete=models.PROTECT, related_name="+")
    region_id = models.IntegerField()
    letter = models.CharField(max_length=1, choices=list(LETTERS.items()))
    serial = models.CharField(max_length=6)
    given_at = models.DateTimeField()
    given_by_name = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["body"], name="one_series_per_body"),
            models.UniqueConstraint(fields=["serial"], name="series_given_once"),
            models.CheckConstraint(condition=Q(letter__in=["S", "Y"], serial__regex=r"^\d{6}$"), name="series_fits"),
        ]


class NumberCounter(Row):
    """The last number a body used of one sort in a year; locked by whoever takes the next ones, so without a gap.

    `sort` is S, Y, Z (专项职业能力), P (培训合格) or J (plans).
    """

    series = models.ForeignKey(NumberSeries, on_delete=models.PROTECT, related_name="counters")
    sort = models.CharField(max_length=1)
    year = models.SmallIntegerField()
    last = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "sort", "year"], name="counter_of_a_year")]


# ── who examines ───────────────────────────────────────────────────────────────────────────────────────────────────
class Examiner(Row):
    """A 考评员 of a body between two days, with the card; `subjects` are the keys examined, each up to a level."""

    personal = "考评员姓名、证卡"

    person = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="examining")
    body = models.ForeignKey("Organisation", on_delete=models.PROTECT, related_name="examiners")
    region_id = models.IntegerField()
    card_number = models.CharField(max_length=40)
    subjects = models.JSONField(default=list)
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    entered_by_name = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["body", "person"], condition=Q(until_on=None), name="examiner_once"),
            # Holds nothing itself: the key that a duty and its examiner's person point to.
            models.UniqueConstraint(fields=["id", "person"], name="examiner_with_its_person"),
        ]


class ExamDuty(Row):
    """An examiner in a room of a plan; taken off, the row stays. Nobody examines in two rooms at once."""

    personal = "谁在哪一场考评"

    plan = models.ForeignKey(ExamPlan, on_delete=models.PROTECT, related_name="exam_duties")
    room = models.ForeignKey(ExamRoom, on_delete=models.PROTECT, related_name="exam_duties")
    examiner = models.ForeignKey(Examiner, on_delete=models.PROTECT, related_name="exam_duties")
    person = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="+")
    region_id = models.IntegerField()
    body_id = models.UUIDField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    given_by_name = models.CharField(max_length=60)
    given_at = models.DateTimeField()
    taken_off_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="examiner_in_one_room",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (TimeSpan("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(taken_off_at=None),
            )
        ]


# ── scores ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class ScoreEntry(Row):
    """A score as one account typed it from the paper: first, second, and a third look where the two differ."""

    personal = "录入的成绩"

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="entries")
    region_id = models.IntegerField()
    body_id = models.UUIDField()
    part = models.CharField(max_length=10, choices=list(PARTS.items()))
    turn = models.SmallIntegerField()
    score = models.DecimalField(max_digits=4, decimal_places=1)
    note = FreeText(max_length=200, default="")
    entered_by = models.ForeignKey("Account", on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["candidate", "part", "turn"], name="entry_once_a_turn"),
            models.UniqueConstraint(fields=["candidate", "part", "entered_by"], name="entries_by_different_people"),
            models.CheckConstraint(
                condition=Q(turn__gte=1, turn__lte=3, score__gte=0, score__lte=100), name="entry_fits"
            ),
        ]


SCORE_CHANGE_STATES = States(
    {"asked": "等另一位确认", "confirmed": "已更正", "dropped": "没有更正"},
    {"": ("asked",), "asked": ("confirmed", "dropped")},
)


class ScoreChange(Row):
    """A fixed score corrected after the scores were closed: asked with a reason, confirmed by another account."""

    personal = "更正的成绩"

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="changes")
    region_id = models.IntegerField()
    body_id = models.UUIDField()
    part = models.CharField(max_length=10, choices=list(PARTS.items()))
    was = models.DecimalField(max_digits=4, decimal_places=1)
    becomes = models.DecimalField(max_digits=4, decimal_places=1)
    reason = FreeText(max_length=200)
    asked_by = models.ForeignKey("Account", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=SCORE_CHANGE_STATES.choices, default="asked")
    closed_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["candidate", "part"], condition=Q(state="asked"), name="one_open_change_of_a_score"
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | Q(closed_by__isnull=False) & ~Q(closed_by=F("asked_by")),
                name="change_confirmed_by_another",
            ),
        ]


class Supervision(Row):
    """内部质量督导 of one batch, or the county's external one: what was looked at and found, before it is published."""

    personal = ""

    plan = models.ForeignKey(ExamPlan, on_delete=models.PROTECT, related_name="supervisions")
    region_id = models.IntegerField()
    body_id = models.UUIDField()
    external = models.BooleanField()
    agreed = models.BooleanField()
    findings = FreeText(max_length=1000)
    supervisor = models.CharField(max_length=60)
    entered_by = models.ForeignKey("Account", on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["plan", "entered_at"], name="supervision_by_plan")]
