"""Where and by whom people are trained: rooms, teachers, classes with their lessons, seats and who waits for one."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from jiangxin.ground.free_text import FreeText
from jiangxin.ground.table import Row
from jiangxin.ground.transitions import States
from jiangxin.rules.vocabulary import LEVELS


class TimeSpan(Func):
    """`tstzrange(starts, ends)`, the end not held, for exclusion constraints: lessons may follow each other."""

    function = "tstzrange"


# ── what a provider has ────────────────────────────────────────────────────────────────────────────────────────────
class Room(Row):
    """A classroom or workshop of a provider; its place is what a sign-in code is bound to."""

    body = models.ForeignKey("Organisation", on_delete=models.PROTECT, related_name="rooms")
    region = models.ForeignKey("Region", on_delete=models.PROTECT)
    name = models.CharField(max_length=60)
    address = FreeText(max_length=120)
    capacity = models.SmallIntegerField()
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["body", "name"], condition=Q(closed_on=None), name="room_named_once"),
            models.CheckConstraint(condition=Q(capacity__gt=0), name="room_has_seats"),
        ]


class Teacher(Row):
    """A person who teaches for a provider between two days, full- or part-time (9.1)."""

    personal = "教师姓名、任教单位"

    person = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="teaching")
    body = models.ForeignKey("Organisation", on_delete=models.PROTECT, related_name="teachers")
    full_time = models.BooleanField()
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    certificate_number = models.CharField(max_length=40, default="")
    entered_by_name = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["body", "person"], condition=Q(until_on=None), name="teacher_once_in_a_body"
            ),
            # Holds nothing itself: the key that a lesson and its teacher's person point to.
            models.UniqueConstraint(fields=["id", "person"], name="teacher_with_its_person"),
        ]


class TeacherQualification(Row):
    """What a teacher may teach: a subject up to a level, by a document; confirmed by the county once it saw that."""

    teacher = models.ForeignKey(Teacher, on_delete=models.CASCADE, related_name="qualifications")
    subject = models.CharField(max_length=60)
    level = models.CharField(max_length=12, default="")
    document = FreeText(max_length=120)
    until_on = models.DateField(null=True)
    confirmed_by_name = models.CharField(max_length=60, default="")
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["teacher", "subject", "level"], name="qualification_once")]


# ── classes ────────────────────────────────────────────────────────────────────────────────────────────────────────
CLASS_STATES = States(
    {
        "draft": "填写中",
        "submitted": "等县里审核",
        "returned": "退回修改",
        "refused": "不同意开班",
        "open": "招生中",
        "running": "上课中",
        "finished": "已结业",
        "cancelled": "已取消",
    },
    {
        "": ("draft",),
        "draft": ("submitted", "cancelled"),
        "returned": ("submitted", "cancelled"),
        "submitted": ("open", "returned", "refused", "draft"),
        "open": ("running", "cancelled"),
        "running": ("finished", "cancelled"),
    },
)
PUBLIC_STATES = ("open", "running", "finished")
MODES = {"pre_job": "岗前", "on_job": "在岗", "off_job": "脱产"}
# The ten landmark industries of article 1 (1.1).
INDUSTRIES = (
    "数字安防", "集成电路", "网络通信", "生物医药", "炼化一体化和新材料",
    "智能计算", "节能与新能源汽车", "智能装备", "智能家居", "现代纺织",
)  # fmt: skip
ENROLMENT_WAYS = {"public": "公开招生", "roster": "名册招生"}
PAYS = {
    "person": "补给个人",
    "project": "项目制，补给机构",
    "employer": "岗前培训，补给用人单位",
    "nobody": "不涉及补贴",
}


class TrainingClass(Row):
    """A class (班级): what is taught to whom, where, when and by whom; filed with the county before it begins.

    `taken` is how many seats are held or sat on, kept by the same statement that takes or frees one (S1).
    """

    number = models.CharField(max_length=40, unique=True)
    body = models.ForeignKey("Organisation", on_delete=models.PROTECT, related_name="classes")
    region = models.ForeignKey("Region", on_delete=models.PROTECT)
    kind = models.CharField(max_length=20)
    edition = models.CharField(max_length=10, default="")
    subject = models.CharField(max_length=60)
    level = models.CharField(max_length=12, default="")
    title = models.CharField(max_length=80)
    industry = models.CharField(max_length=40, default="")
    mode = models.CharField(max_length=10, choices=list(MODES.items()))
    enrolment = models.CharField(max_length=10, choices=list(ENROLMENT_WAYS.items()))
    pays = models.CharField(max_length=10, choices=list(PAYS.items()))
    room = models.ForeignKey(Room, null=True, on_delete=models.PROTECT)
    capacity = models.IntegerField()
    taken = models.IntegerField(default=0)
    fee_fen = models.BigIntegerField(default=0)
    materials = FreeText(max_length=400, default="")
    examination = FreeText(max_length=400, default="")
    hours = models.IntegerField(default=0)
    online_hours = models.IntegerField(default=0)
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    state = models.CharField(max_length=12, choices=CLASS_STATES.choices, default="draft")
    state_since = models.DateTimeField()
    entered_by_name = models.CharField(max_length=60)
    submitted_at = models.DateTimeField(null=True)
    due_on = models.DateField(null=True)
    decided_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    opinion = FreeText(max_length=400, default="")

    @property
    def seats_left(self) -> int:
        """Seats that nobody holds."""
        return self.capacity - self.taken

    @property
    def level_name(self) -> str:
        """The level in words; "" for items and projects."""
        return LEVELS.get(self.level, "")

    class Meta:
        indexes = [
            models.Index(fields=["region", "state", "first_on"], name="class_by_region"),
            models.Index(fields=["body", "state"], name="class_by_body"),
            models.Index(fields=["subject", "level"], name="class_by_subject"),
        ]
        constraints = [
            # Holds nothing itself: the key that an enrolment and its class's body point to.
            models.UniqueConstraint(fields=["id", "body"], name="class_with_its_body"),
            models.CheckConstraint(
                condition=Q(taken__gte=0) & Q(taken__lte=F("capacity")), name="seats_within_capacity"
            ),
            models.CheckConstraint(
                condition=Q(online_hours__gte=0) & Q(online_hours__lte=F("hours")), name="online_part_of_the_hours"
            ),
            models.CheckConstraint(condition=Q(first_on=None) | Q(last_on__gte=F("first_on")), name="class_runs_on"),
        ]


class ClassOffer(Row):
    """A class that a provider holds ready for a body's people: an order-based class (订单班, 5.2)."""

    training_class = models.ForeignKey(
        TrainingClass, on_delete=models.PROTECT, related_name="offers", db_column="class_id"
    )
    body = models.ForeignKey("Organisation", on_delete=models.PROTECT, related_name="+")
    provider = models.ForeignKey("Organisation", on_delete=models.PROTECT, related_name="+")
    region_id = models.IntegerField()
    offered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    entered_by_name = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["training_class", "body"], condition=Q(ended_at=None), name="offered_once_to_a_body"
            )
        ]


LESSON_KINDS = {"theory": "理论", "practice": "实操", "online": "线上"}


class Lesson(Row):
    """A stretch of teaching of one class, worth so many hours of 45 minutes.

    `fixed` once its class was submitted: from then on teacher and room are taken (S3).
    """

    personal = "任课教师"

    training_class = models.ForeignKey(
        TrainingClass, on_delete=models.CASCADE, related_name="lessons", db_column="class_id"
    )
    kind = models.CharField(max_length=10, choices=list(LESSON_KINDS.items()))
    topic = FreeText(max_length=120)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    hours = models.SmallIntegerField()
    room = models.ForeignKey(Room, null=True, on_delete=models.PROTECT)
    teacher = models.ForeignKey(Teacher, null=True, on_delete=models.PROTECT)
    teacher_person = models.ForeignKey("Person", null=True, on_delete=models.PROTECT)
    fixed = models.BooleanField(default=False)
    teacher_in_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["training_class", "starts_at"], name="lesson_by_class")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")) & Q(hours__gt=0), name="lesson_takes_time"),
            models.CheckConstraint(
                condition=Q(kind="online") | Q(room__isnull=False, teacher__isnull=False) | Q(fixed=False),
                name="lesson_has_room_and_teacher",
            ),
            ExclusionConstraint(
                name="teacher_in_one_place",
                expressions=[
                    ("teacher_person", RangeOperators.EQUAL),
                    (TimeSpan("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(fixed=True) & ~Q(kind="online"),
            ),
            ExclusionConstraint(
                name="room_for_one_lesson",
                expressions=[
                    ("room", RangeOperators.EQUAL),
                    (TimeSpan("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(fixed=True, room__isnull=False),
            ),
        ]


# ── seats ──────────────────────────────────────────────────────────────────────────────────────────────────────────
ENROLMENT_STATES = States(
    {
        "waiting": "候补",
        "held": "留座，等确认",
        "seated": "已入班",
        "completed": "已结业",
        "failed": "未结业",
        "left": "已退出",
        "lapsed": "留座过期",
    },
    {
        "": ("waiting", "held", "seated"),
        "waiting": ("held", "seated", "left"),
        "held": ("seated", "left", "lapsed"),
        "seated": ("completed", "failed", "left"),
    },
)
ON_A_SEAT = ("held", "seated", "completed", "failed")
SOURCES = {"self": "本人", "roster": "机构名册", "employer": "用人单位", "platform": "平台企业", "counter": "窗口"}


class Enrolment(Row):
    """One person and one class: waiting in turn, on a seat, or gone; never twice alive (S2).

    `waits_since` orders the queue (S5). `voucher` is the voucher the seat was taken with.
    """

    personal = "谁参加了哪个班"

    training_class = models.ForeignKey(
        TrainingClass, on_delete=models.PROTECT, related_name="enrolments", db_column="class_id"
    )
    person = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="enrolments")
    region_id = models.IntegerField()
    body = models.ForeignKey("Organisation", on_delete=models.PROTECT)
    state = models.CharField(max_length=12, choices=ENROLMENT_STATES.choices)
    source = models.CharField(max_length=10, choices=list(SOURCES.items()))
    employer = models.ForeignKey("Organisation", null=True, on_delete=models.PROTECT, related_name="+")
    voucher = models.ForeignKey("Voucher", null=True, on_delete=models.PROTECT, related_name="enrolments")
    waits_since = models.DateTimeField()
    held_until = models.DateTimeField(null=True)
    state_since = models.DateTimeField()
    entered_by_name = models.CharField(max_length=60)
    reason = FreeText(max_length=200, default="")
    forecast = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["training_class", "state", "waits_since"], name="enrolment_by_class"),
            models.Index(fields=["person", "state"], name="enrolment_by_person"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["training_class", "person"],
                condition=~Q(state__in=["left", "lapsed"]),
                name="once_alive_in_a_class",
            ),
            # Holds nothing itself: the key that an attendance and its enrolment's person and class point to.
            models.UniqueConstraint(fields=["id", "person", "training_class"], name="enrolment_with_person_and_class"),
            models.UniqueConstraint(
                fields=["voucher"], condition=~Q(state__in=["left", "lapsed"]), name="voucher_for_one_seat"
            ),
            models.CheckConstraint(
                condition=Q(state="held", held_until__isnull=False) | ~Q(state="held"), name="held_seat_has_an_end"
            ),
            # Somebody sent by a body names the body: it is what may see the seat and give it back (4.2).
            models.CheckConstraint(
                condition=Q(employer__isnull=False) | ~Q(source__in=["employer", "platform"]),
                name="sent_by_an_employer",
            ),
        ]
