"""Online learning as platforms report it over xAPI, and what of it counts (11.2)."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from jiangxin.ground.identity import SealedField
from jiangxin.ground.table import Row

CONTENT = "training_statement|content|{}"
READ_AS = {"start": "开始", "beat": "在学", "stop": "停下"}


class OnlinePlatform(Row):
    """A platform that may send statements, by its own key and secret; the secret is kept as a keyed hash."""

    body = models.ForeignKey("Organisation", on_delete=models.PROTECT, related_name="platforms")
    name = models.CharField(max_length=60)
    key = models.CharField(max_length=40, unique=True)
    secret = models.BinaryField(max_length=32)
    opened_by = models.ForeignKey("Account", on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    renewed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["body", "name"], condition=Q(closed_at=None), name="platform_named_once"),
        ]


class Statement(Row):
    """One xAPI statement as it was stored: sealed whole, with what the rules read from it beside; only voided later.

    `marks` are keyed hashes of all it may be asked for by. Whose minutes it tells stands in `enrolment`; where that is
    empty the learner or the lesson is not ours, and it counts for nothing. `counted_at` is when the count took it in.
    """

    personal = "谁何时在哪台设备学了多久（原文加密，设备和会话只存带密钥的摘要）"

    platform = models.ForeignKey(OnlinePlatform, on_delete=models.PROTECT, related_name="statements")
    sender_id = models.UUIDField()
    number = models.UUIDField()
    stored_at = models.DateTimeField()
    enrolment = models.ForeignKey("Enrolment", null=True, on_delete=models.PROTECT, related_name="statements")
    lesson = models.ForeignKey("Lesson", null=True, on_delete=models.PROTECT, related_name="statements")
    person = models.ForeignKey("Person", null=True, on_delete=models.PROTECT)
    class_id = models.UUIDField(null=True)
    region_id = models.IntegerField(null=True)
    body_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=6, choices=list(READ_AS.items()))
    claimed_ms = models.BigIntegerField(null=True)
    position_ms = models.BigIntegerField(null=True)
    speed_percent = models.IntegerField(null=True)
    session = models.CharField(max_length=24, default="")
    device = models.CharField(max_length=24, default="")
    refers_to = models.UUIDField(null=True)
    voids = models.BooleanField(default=False)
    marks = ArrayField(models.CharField(max_length=24))
    content = SealedField()
    voided_at = models.DateTimeField(null=True)
    counted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["platform", "stored_at", "id"], name="statement_by_platform"),
            models.Index(fields=["platform", "refers_to"], condition=~Q(refers_to=None), name="statement_refers"),
            models.Index(fields=["person", "at"], condition=~Q(enrolment=None), name="statement_by_person"),
            models.Index(fields=["device", "at"], condition=~Q(device=""), name="statement_by_device"),
            models.Index(
                fields=["enrolment"], condition=Q(counted_at=None) & ~Q(enrolment=None), name="statement_uncounted"
            ),
            GinIndex(fields=["marks"], name="statement_marks"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["platform", "number"], name="statement_once"),
            models.CheckConstraint(
                condition=Q(enrolment=None, lesson=None, person=None, class_id=None, region_id=None, body_id=None)
                | Q(
                    enrolment__isnull=False, lesson__isnull=False, person__isnull=False, class_id__isnull=False,
                    region_id__isnull=False, body_id__isnull=False,
                ),
                name="statement_of_a_seat_or_of_none",
            ),
            models.CheckConstraint(condition=Q(voids=False) | Q(voided_at=None), name="voiding_is_not_voided"),
        ]  # fmt: skip


class StudyCount(Row):
    """What one learner's online time in one lesson came to: every second counted, or refused for a reason in words.

    `refused` has the seconds by reason, `pieces` when each refused stretch was: [from, to, seconds, reason].
    """

    personal = "谁哪一课线上学了多久、哪些不计"

    enrolment = models.ForeignKey("Enrolment", on_delete=models.PROTECT, related_name="study")
    lesson = models.ForeignKey("Lesson", on_delete=models.PROTECT, related_name="study")
    person = models.ForeignKey("Person", on_delete=models.PROTECT)
    class_id = models.UUIDField()
    region_id = models.IntegerField()
    body_id = models.UUIDField()
    claimed = models.IntegerField()
    counted = models.IntegerField()
    refused = models.JSONField(default=dict)
    pieces = models.JSONField(default=list)
    statements = models.IntegerField()
    last_at = models.DateTimeField(null=True)
    counted_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["class_id", "person"], name="study_by_class")]
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "lesson"], name="study_counted_once"),
            models.CheckConstraint(
                condition=Q(counted__gte=0) & Q(counted__lte=F("claimed")), name="study_within_what_was_claimed"
            ),
        ]
