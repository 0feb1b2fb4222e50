"""What no register answers and an officer does (经办人员核定): a student's major (P7), the own request (P6)."""

from django.db import models
from django.db.models import F, Q

from jiangxin.ground.free_text import FreeText
from jiangxin.ground.table import Row
from jiangxin.ground.transitions import States
from jiangxin.subsidy.models import SubsidyLine

# Who answers it, as a waiting line says it.
ABLE = "经办机构核实"
QUESTIONS = {"major_related": "证书与所学专业是否相关", "requested": "本人哪一天提出过申领"}
ANSWER_STATES = States(
    {"entered": "等另一位确认", "confirmed": "已确认", "withdrawn": "不予采用"},
    {"": ("entered",), "entered": ("confirmed", "withdrawn")},
)


class OfficerAnswer(Row):
    """A fact of one certificate, entered by one officer with what it rests on and confirmed by another (P28)."""

    personal = "经办核定的事实和依据"

    line = models.ForeignKey(SubsidyLine, on_delete=models.PROTECT, related_name="answers")
    region_id = models.IntegerField()
    question = models.CharField(max_length=20, choices=list(QUESTIONS.items()))
    answer = models.BooleanField()
    found_on = models.DateField()
    evidence = FreeText(max_length=200)
    state = models.CharField(max_length=10, choices=ANSWER_STATES.choices, default="entered")
    entered_by = models.ForeignKey("Account", on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    closed_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "question"], condition=Q(state="entered"), name="one_answer_waits_for_another"
            ),
            models.CheckConstraint(
                condition=Q(state="entered", closed_by=None, closed_at=None)
                | Q(closed_by__isnull=False, closed_at__isnull=False)
                & (Q(state="withdrawn") | Q(state="confirmed") & ~Q(closed_by=F("entered_by"))),
                name="officers_answer_by_two",
            ),
        ]

    @property
    def words(self) -> str:
        """The answer in words."""
        if self.question == "requested":
            return f"本人 {self.found_on:%Y-%m-%d} 提出过申领"
        return "证书与所学专业相关" if self.answer else "证书与所学专业无关"
