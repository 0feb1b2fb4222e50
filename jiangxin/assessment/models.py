"""Results and certificates: files as they came, certificates as they stand, the second source that lists them."""

from django.db import models
from django.db.models import F, Q

from jiangxin.ground.free_text import FreeText
from jiangxin.ground.identity import SealedField
from jiangxin.ground.table import Row
from jiangxin.ground.transitions import States

CERTIFICATE_KINDS = {
    "qualification": "职业资格证书",
    "skill_level": "职业技能等级证书",
    "special_skill": "专项职业能力证书",
    "training_pass": "培训合格证书",
}

CERTIFICATE_STATES = {"valid": "在册", "revoked": "已撤销"}

FILE_STATES = States(
    {
        "checking": "正在检查",
        "wrong": "有错，没有入库",
        "clean": "全部正确，等待入库",
        "loading": "正在入库",
        "loaded": "已入库",
        "unreadable": "读不了，没有入库",
        "dropped": "已放弃",
    },
    {
        "": ("checking",),
        "checking": ("wrong", "clean", "unreadable"),
        "wrong": ("loading", "dropped"),
        "clean": ("loading", "dropped"),
        "loading": ("loaded", "checking"),
    },
)


class ResultFile(Row):
    """A workbook or CSV of results as a clerk sent it; kept sealed, checked as a whole before anything is written."""

    personal = "评价结果文件原件（加密）"

    body = models.ForeignKey("Organisation", on_delete=models.PROTECT)
    region_id = models.IntegerField()
    kind = models.CharField(max_length=20, choices=list(CERTIFICATE_KINDS.items()))
    file_name = FreeText(max_length=120)
    sha256 = models.CharField(max_length=64)
    content = SealedField()
    state = models.CharField(max_length=12, choices=FILE_STATES.choices, default="checking")
    rows = models.IntegerField(default=0)
    wrong_rows = models.IntegerField(default=0)
    loaded_rows = models.IntegerField(default=0)
    trouble = FreeText(max_length=400, default="")
    part_reason = FreeText(max_length=200, default="")
    uploaded_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT)
    uploaded_by_name = models.CharField(max_length=60)
    received_at = models.DateTimeField()
    loaded_at = models.DateTimeField(null=True)
    job_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["body", "received_at"], name="result_file_by_body")]
        constraints = [
            models.UniqueConstraint(
                fields=["body", "sha256"],
                condition=Q(state__in=["checking", "clean", "loading", "loaded"]),
                name="result_file_once",
            )
        ]


class ResultFileError(Row):
    """What is wrong in one cell of a file, and what to do; `given` is masked."""

    file = models.ForeignKey(ResultFile, on_delete=models.CASCADE, related_name="errors")
    region_id = models.IntegerField()
    sheet = models.CharField(max_length=40)
    row = models.IntegerField()
    column = models.CharField(max_length=40)
    cell = models.CharField(max_length=12)
    given = models.CharField(max_length=60)
    problem = models.CharField(max_length=200)
    remedy = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["file", "row"], name="error_by_file")]


class Certificate(Row):
    """A certificate with the result it rests on and the training it ended (P1); revoked once, never un-revoked.

    `training_subject` is what was taught, by the key under which the law counts it (P9); empty where nothing is told.
    """

    personal = "证书、考核成绩、培训记录"

    person = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="certificates")
    region_id = models.IntegerField()
    kind = models.CharField(max_length=20, choices=list(CERTIFICATE_KINDS.items()))
    number = models.CharField(max_length=40, unique=True)
    name_then = models.CharField(max_length=60)
    edition = models.CharField(max_length=10, default="")
    occupation = models.CharField(max_length=12, default="")
    trade = models.CharField(max_length=60, default="")
    item = models.CharField(max_length=40, default="")
    title = models.CharField(max_length=80)
    level = models.CharField(max_length=12, default="")
    issued_on = models.DateField()
    exam_on = models.DateField(null=True)
    theory_score = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    practice_score = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    review_score = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    assessor = models.ForeignKey("Organisation", on_delete=models.PROTECT, related_name="certificates_issued")
    provider = models.ForeignKey(
        "Organisation", null=True, on_delete=models.PROTECT, related_name="certificates_trained"
    )
    class_number = models.CharField(max_length=40, default="")
    class_region_id = models.IntegerField(null=True)
    training_region_id = models.IntegerField(null=True)
    training_first_on = models.DateField(null=True)
    training_last_on = models.DateField(null=True)
    training_hours = models.IntegerField(null=True)
    training_edition = models.CharField(max_length=10, default="")
    training_subject = models.CharField(max_length=60, default="")
    training_title = models.CharField(max_length=80, default="")
    received_at = models.DateTimeField()
    late = models.BooleanField(default=False)
    file = models.ForeignKey(ResultFile, null=True, on_delete=models.PROTECT, related_name="certificates")
    file_row = models.IntegerField(null=True)
    candidate = models.ForeignKey("Candidate", null=True, on_delete=models.PROTECT, related_name="certificates")
    revoked_on = models.DateField(null=True)
    revoked_reason = FreeText(max_length=200, default="")

    class Meta:
        indexes = [
            models.Index(fields=["person", "issued_on"], name="certificate_by_person"),
            models.Index(fields=["assessor", "received_at"], name="certificate_by_assessor"),
        ]
        constraints = [
            # Holds nothing itself: the key that a line and its certificate's person point to.
            models.UniqueConstraint(fields=["id", "person"], name="certificate_with_its_person"),
            models.CheckConstraint(
                condition=Q(kind__in=["qualification", "skill_level"]) & ~Q(occupation="") & ~Q(level="")
                | Q(kind__in=["special_skill", "training_pass"], level="") & ~Q(item=""),
                name="certificate_names_its_subject",
            ),
            models.CheckConstraint(
                condition=Q(training_first_on=None) | Q(training_last_on__gte=F("training_first_on")),
                name="training_runs_forward",
            ),
            models.UniqueConstraint(
                fields=["person", "edition", "occupation", "item", "level", "assessor"],
                condition=Q(revoked_on=None),
                name="one_valid_certificate_per_level_and_body",
            ),
            models.UniqueConstraint(fields=["candidate"], name="one_certificate_of_a_candidate"),
        ]


class Listing(Row):
    """A line of the second source that makes a certificate "queryable" (P11), loaded by another than the assessor."""

    personal = "证书查询结果（姓名、证书编号）"

    number = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    level = models.CharField(max_length=12, default="")
    issued_on = models.DateField()
    listed_on = models.DateField()
    load = models.ForeignKey("RegisterLoad", on_delete=models.PROTECT)

    class Meta:
        indexes = [models.Index(fields=["number"], name="listing_by_number")]
