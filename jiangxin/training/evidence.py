"""Attendance: evidence of every hour, from whom and with what certainty, never a tick (13.1, P36)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from jiangxin.ground.free_text import FreeText
from jiangxin.ground.identity import SealedField
from jiangxin.ground.table import Row
from jiangxin.ground.transitions import States
from jiangxin.training.models import TimeSpan

ATTENDANCE_STATES = States(
    {
        "expected": "未到",
        "present": "在场",
        "attended": "已出勤",
        "late": "迟到",
        "excused": "请假",
        "absent": "缺勤",
    },
    {
        "": ("expected",),
        "expected": ("present", "absent", "excused", "attended"),
        "present": ("attended", "late", "absent"),
        "late": ("attended",),
        "absent": ("attended", "late"),
        "excused": ("attended",),
    },
)
CERTAINTIES = {
    "": "没有记录",
    "code": "扫码",
    "offline": "断网扫码，后来上传",
    "exception": "例外补记",
    "online": "线上学习记录",
}


class Attendance(Row):
    """One learner in one lesson, laid out when the seat is taken; nobody is in two lessons at once (S3).

    `hours` are those of the lesson, `counted` those with evidence; `by_exception` tells the ones counted on a plea.
    """

    personal = "谁哪一课到没到"

    lesson = models.ForeignKey("Lesson", on_delete=models.CASCADE, related_name="attendances")
    enrolment = models.ForeignKey("Enrolment", on_delete=models.CASCADE, related_name="attendances")
    person = models.ForeignKey("Person", on_delete=models.PROTECT)
    class_id = models.UUIDField()
    region_id = models.IntegerField()
    body_id = models.UUIDField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    online = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    hours = models.SmallIntegerField()
    counted = models.SmallIntegerField(default=0)
    by_exception = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=ATTENDANCE_STATES.choices, default="expected")
    in_at = models.DateTimeField(null=True)
    out_at = models.DateTimeField(null=True)
    certainty = models.CharField(max_length=10, choices=list(CERTAINTIES.items()), default="")

    class Meta:
        indexes = [models.Index(fields=["class_id", "person"], name="attendance_by_class")]
        constraints = [
            models.UniqueConstraint(fields=["lesson", "person"], condition=Q(active=True), name="once_in_a_lesson"),
            models.CheckConstraint(
                condition=Q(counted__gte=0) & Q(counted__lte=F("hours")), name="counted_within_the_lesson"
            ),
            models.CheckConstraint(condition=Q(counted=0) | ~Q(certainty=""), name="no_hour_without_evidence"),
            ExclusionConstraint(
                name="learner_in_one_place",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (TimeSpan("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(active=True, online=False),
            ),
        ]


DIRECTIONS = {"in": "签到", "out": "签退", "leave": "离开", "back": "回来"}


class Scan(Row):
    """A code shown at a device, as it came: kept whether it counted or not, never changed."""

    personal = "谁何时在哪间教室扫码"

    lesson = models.ForeignKey("Lesson", on_delete=models.PROTECT, related_name="scans")
    person = models.ForeignKey("Person", null=True, on_delete=models.PROTECT)
    class_id = models.UUIDField()
    region_id = models.IntegerField()
    body_id = models.UUIDField()
    direction = models.CharField(max_length=6, choices=list(DIRECTIONS.items()))
    device = models.CharField(max_length=40)
    device_at = models.DateTimeField()
    received_at = models.DateTimeField()
    offline = models.BooleanField(default=False)
    accepted = models.BooleanField()
    problem = models.CharField(max_length=40, default="")
    account_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["lesson", "received_at"], name="scan_by_lesson")]
        constraints = [
            models.UniqueConstraint(
                fields=["lesson", "person", "direction", "device_at"], condition=Q(accepted=True), name="scan_once"
            ),
            models.CheckConstraint(
                condition=Q(accepted=True, problem="", person__isnull=False) | Q(accepted=False) & ~Q(problem=""),
                name="scan_counts_or_says_why",
            ),
        ]


EXCEPTION_STATES = States(
    {
        "asked": "等机构核实",
        "proposed": "等计入",
        "counted": "已计入",
        "county": "等县里决定",
        "refused": "不计入",
    },
    {
        "": ("asked",),
        "asked": ("proposed", "refused"),
        "proposed": ("counted", "county"),
        "county": ("counted", "refused"),
    },
)
EXCEPTION_CAUSES = {"forgot": "忘记扫码", "device": "设备坏了", "phone": "手机没电或没网", "other": "其他"}


class AttendanceException(Row):
    """A learner was there without a scan: said by the learner, proposed by the provider within a day (P36)."""

    personal = "学员说明没有扫码的原因"

    attendance = models.OneToOneField(Attendance, on_delete=models.PROTECT, related_name="exception")
    person = models.ForeignKey("Person", on_delete=models.PROTECT)
    class_id = models.UUIDField()
    region_id = models.IntegerField()
    body_id = models.UUIDField()
    cause = models.CharField(max_length=10, choices=list(EXCEPTION_CAUSES.items()))
    said = FreeText(max_length=200)
    asked_at = models.DateTimeField()
    finding = FreeText(max_length=200, default="")
    proposed_at = models.DateTimeField(null=True)
    proposed_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    opinion = FreeText(max_length=200, default="")
    state = models.CharField(max_length=10, choices=EXCEPTION_STATES.choices, default="asked")


class ClassPhoto(Row):
    """A photo of a lesson as the teacher took it, sealed; shown to provider and county."""

    personal = "课堂照片（加密）"

    lesson = models.ForeignKey("Lesson", on_delete=models.PROTECT, related_name="photos")
    region_id = models.IntegerField()
    body_id = models.UUIDField()
    content = SealedField()
    sha256 = models.CharField(max_length=64)
    taken_at = models.DateTimeField()
    received_at = models.DateTimeField()
    taken_by_name = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sha256"], name="photo_used_once")]


class HeadCount(Row):
    """An inspector's unannounced count in a lesson, beside what the scans said at that instant (15.3)."""

    lesson = models.ForeignKey("Lesson", on_delete=models.PROTECT, related_name="head_counts")
    region_id = models.IntegerField()
    body_id = models.UUIDField()
    counted = models.SmallIntegerField()
    scanned = models.SmallIntegerField()
    note = FreeText(max_length=200, default="")
    at = models.DateTimeField()
    counted_by = models.ForeignKey("Account", on_delete=models.PROTECT)
