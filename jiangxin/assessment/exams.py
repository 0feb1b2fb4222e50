"""Examinations: the plan, what it examines, its rooms, its candidates (14.1, facts 4.2, 4.6)."""

from django.db import models
from django.db.models import F, Q

from jiangxin.assessment.models import CERTIFICATE_KINDS
from jiangxin.ground.free_text import FreeText
from jiangxin.ground.table import Row
from jiangxin.ground.transitions import States

PARTS = {"theory": "理论", "practice": "实操", "review": "综合评审"}
EXAM_FORMS = {
    "computer": "机考",
    "paper": "笔试",
    "scene": "现场操作",
    "oral": "口试",
    "defence": "答辩",
    "thesis": "论文评审",
    "works": "作品评审",
}
EXAMINED_KINDS = {kind: word for kind, word in CERTIFICATE_KINDS.items() if kind != "qualification"}


# ── the plan ───────────────────────────────────────────────────────────────────────────────────────────────────────
PLAN_STATES = States(
    {
        "draft": "填写中",
        "filed": "等县里备案",
        "returned": "退回修改",
        "open": "报名中",
        "rostered": "名单已定，考试、录分",
        "closed": "成绩已锁定，等质量督导",
        "supervised": "督导完成，等公布",
        "published": "已公布",
        "cancelled": "已取消",
    },
    {
        "": ("draft",),
        "draft": ("filed", "cancelled"),
        "returned": ("filed", "cancelled"),
        "filed": ("open", "returned"),
        "open": ("rostered", "cancelled"),
        "rostered": ("closed",),
        "closed": ("supervised",),
        # A score changed after the supervisor looked: he looks again.
        "supervised": ("published", "closed"),
    },
)
PUBLIC_PLANS = ("open", "rostered", "closed", "supervised", "published")


class ExamPlan(Row):
    """An assessment plan (评价计划): one batch of one assessor at one site, filed with the county (facts 4.2, 4.3).

    `external` was drawn at the closing of the roster: own examiners of a 用人单位 are watched by the county (P35).
    """

    number = models.CharField(max_length=40, unique=True)
    body = models.ForeignKey("Organisation", on_delete=models.PROTECT, related_name="exam_plans")
    region = models.ForeignKey("Region", on_delete=models.PROTECT)
    name = FreeText(max_length=80)
    site = FreeText(max_length=120)
    kind = models.CharField(max_length=20, choices=list(EXAMINED_KINDS.items()))
    sign_up_until = models.DateField()
    exam_on = models.DateField()
    state = models.CharField(max_length=12, choices=PLAN_STATES.choices, default="draft")
    state_since = models.DateTimeField()
    entered_by_name = models.CharField(max_length=60)
    filed_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    opinion = FreeText(max_length=400, default="")
    external = models.BooleanField(default=False)
    closed_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    published_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["body", "state", "exam_on"], name="plan_by_body"),
            models.Index(fields=["region", "state"], name="plan_by_region"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(sign_up_until__lte=F("exam_on")), name="sign_up_ends_before_the_exam"),
            models.CheckConstraint(
                condition=Q(published_by=None) | ~Q(published_by=F("closed_by")), name="two_people_publish"
            ),
        ]


class ExamSubject(Row):
    """What a plan examines: a subject at a level, by which form each part, and the pass mark of its day."""

    plan = models.ForeignKey(ExamPlan, on_delete=models.PROTECT, related_name="subjects")
    edition = models.CharField(max_length=10, default="")
    subject = models.CharField(max_length=60)
    level = models.CharField(max_length=12, default="")
    title = models.CharField(max_length=80)
    theory = models.CharField(max_length=10, choices=list(EXAM_FORMS.items()), default="")
    practice = models.CharField(max_length=10, choices=list(EXAM_FORMS.items()), default="")
    review = models.CharField(max_length=10, choices=list(EXAM_FORMS.items()), default="")
    theory_minutes = models.SmallIntegerField(default=90)
    practice_minutes = models.SmallIntegerField(default=60)
    review_minutes = models.SmallIntegerField(default=30)
    pass_mark = models.SmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "subject", "level"], name="subject_once_in_a_plan"),
            models.CheckConstraint(
                condition=~Q(theory="") | ~Q(practice="") | ~Q(review=""), name="subject_is_examined_somehow"
            ),
        ]

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts a candidate has to pass."""
        return tuple(part for part in PARTS if getattr(self, part))


class ExamRoom(Row):
    """A room of a plan for one part: so many places between two instants; practice groups are rooms too."""

    plan = models.ForeignKey(ExamPlan, on_delete=models.PROTECT, related_name="rooms")
    part = models.CharField(max_length=10, choices=list(PARTS.items()))
    name = FreeText(max_length=60)
    places = models.SmallIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "part", "name", "starts_at"], name="exam_room_once"),
            models.CheckConstraint(
                condition=Q(places__gt=0) & Q(ends_at__gt=F("starts_at")), name="exam_room_has_places_and_time"
            ),
        ]


# ── candidates ─────────────────────────────────────────────────────────────────────────────────────────────────────
CANDIDATE_STATES = States(
    {
        "signed_up": "已报名，等资格审核",
        "admitted": "准考",
        "refused": "资格不符",
        "withdrawn": "已退考",
        "sat": "已考",
        "absent": "缺考",
        "passed": "合格",
        "failed": "不合格",
    },
    {
        "": ("signed_up",),
        "signed_up": ("admitted", "refused", "withdrawn"),
        "admitted": ("sat", "absent", "withdrawn"),
        "sat": ("passed", "failed"),
        "absent": ("admitted", "failed"),
    },
)
GONE = ("refused", "withdrawn")
CANDIDATE_SOURCES = {
    "enterprise": "企业",
    "organ": "机关",
    "society": "社会",
    "student": "学校在校生",
    "army": "军队",
    "other": "其他",
}


class Candidate(Row):
    """One person in one examination, from a class or by the sheet of facts 4.6; never twice alive in one subject.

    `eligibility` holds each condition's answer with its source; `parts` what is taken now, the others are carried
    over from `earlier` (补考). `paper` says on which paper an unknown condition was taken as met.
    """

    personal = "报考信息、资格条件、成绩"

    subject = models.ForeignKey(ExamSubject, on_delete=models.PROTECT, related_name="candidates")
    plan = models.ForeignKey(ExamPlan, on_delete=models.PROTECT, related_name="candidates")
    person = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="candidacies")
    region_id = models.IntegerField()
    body = models.ForeignKey("Organisation", on_delete=models.PROTECT, related_name="+")
    name_then = models.CharField(max_length=60)
    document = models.CharField(max_length=40)
    enrolment = models.ForeignKey("Enrolment", null=True, on_delete=models.PROTECT, related_name="candidacies")
    training_class = models.ForeignKey("TrainingClass", null=True, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=12, choices=list(CANDIDATE_SOURCES.items()), default="society")
    job_years = models.SmallIntegerField(null=True)
    condition = models.CharField(max_length=40, default="")
    eligibility = models.JSONField(default=list)
    paper = FreeText(max_length=200, default="")
    admitted_by_name = models.CharField(max_length=60, default="")
    parts = models.JSONField(default=list)
    earlier = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    theory_room = models.ForeignKey(ExamRoom, null=True, on_delete=models.PROTECT, related_name="+")
    theory_seat = models.SmallIntegerField(null=True)
    practice_room = models.ForeignKey(ExamRoom, null=True, on_delete=models.PROTECT, related_name="+")
    practice_seat = models.SmallIntegerField(null=True)
    review_room = models.ForeignKey(ExamRoom, null=True, on_delete=models.PROTECT, related_name="+")
    review_seat = models.SmallIntegerField(null=True)
    theory = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    practice = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    review = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    state = models.CharField(max_length=12, choices=CANDIDATE_STATES.choices, default="signed_up")
    state_since = models.DateTimeField()
    reason = FreeText(max_length=200, default="")
    entered_by_name = models.CharField(max_length=60)

    class Meta:
        indexes = [
            models.Index(fields=["plan", "state"], name="candidate_by_plan"),
            models.Index(fields=["person"], name="candidate_by_person"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "person"], condition=~Q(state__in=GONE), name="candidate_once_alive"
            ),
            # Holds nothing itself: the key that a certificate and its candidate's person point to.
            models.UniqueConstraint(fields=["id", "person"], name="candidate_with_its_person"),
            models.UniqueConstraint(fields=["theory_room", "theory_seat"], name="one_on_a_theory_seat"),
            models.UniqueConstraint(fields=["practice_room", "practice_seat"], name="one_on_a_practice_place"),
            models.UniqueConstraint(fields=["review_room", "review_seat"], name="one_on_a_review_place"),
            models.CheckConstraint(
                condition=(Q(theory=None) | Q(theory__gte=0, theory__lte=100))
                & (Q(practice=None) | Q(practice__gte=0, practice__lte=100))
                & (Q(review=None) | Q(review__gte=0, review__lte=100)),
                name="scores_out_of_a_hundred",
            ),
        ]
