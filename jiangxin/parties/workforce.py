"""Who works for whom, as a body says it; and lists of people that a body sends, until they are taken in (2.1, 4.2)."""

from django.db import models
from django.db.models import F, Q

from jiangxin.ground.free_text import FreeText
from jiangxin.ground.identity import SealedField
from jiangxin.ground.table import Row
from jiangxin.ground.transitions import States

EMPLOYMENTS = {"contract": "劳动合同", "platform": "平台接单，没有劳动合同"}
EMPLOYMENT_SOURCES = {"roster": "单位名册"}


class Employment(Row):
    """Somebody works for a body between two days; a platform's people have no contract (4.2).

    It is what the body says. For a platform it brings a declared status (`spell`), never a certified one (P2).
    """

    personal = "在哪家单位做工"

    person = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="employments")
    body = models.ForeignKey("Organisation", on_delete=models.PROTECT, related_name="workforce")
    region_id = models.IntegerField()
    kind = models.CharField(max_length=10, choices=list(EMPLOYMENTS.items()))
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    source = models.CharField(max_length=10, choices=list(EMPLOYMENT_SOURCES.items()))
    spell = models.ForeignKey("Spell", null=True, on_delete=models.PROTECT, related_name="+")
    entered_by_name = models.CharField(max_length=60)

    class Meta:
        indexes = [models.Index(fields=["person", "until_on"], name="employment_by_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["body", "person", "kind"], condition=Q(until_on=None), name="one_open_employment_of_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")), name="employment_runs_forward"
            ),
            models.CheckConstraint(
                condition=Q(kind="platform") | Q(kind="contract", spell=None), name="only_platforms_declare_a_status"
            ),
        ]


ROSTER_PURPOSES = {"workforce": "用工名册", "class": "班级名册"}
ROSTER_STATES = States(
    {"wrong": "有错行，等您处理", "clean": "全部正确，等您载入", "loaded": "已载入", "dropped": "已放弃"},
    {"": ("wrong", "clean"), "wrong": ("loaded", "dropped"), "clean": ("loaded", "dropped", "wrong")},
)


class RosterFile(Row):
    """A list of people as a body sent it: checked whole, then loaded whole, or its good rows with a reason.

    `about` is the class of a class's list. The file lies sealed until it is loaded or dropped; where the good rows were
    loaded alone, the wrong ones stay in its place. `wrongs` are its wrong cells, masked.
    """

    personal = "单位送来的人员名册原件（加密，载入后只留错误行，放弃后清空）"

    body = models.ForeignKey("Organisation", on_delete=models.PROTECT, related_name="+")
    region_id = models.IntegerField()
    purpose = models.CharField(max_length=10, choices=list(ROSTER_PURPOSES.items()))
    about = models.UUIDField(null=True)
    file_name = FreeText(max_length=120)
    sha256 = models.CharField(max_length=64)
    content = SealedField(null=True)
    rows = models.IntegerField()
    wrong_rows = models.IntegerField()
    loaded_rows = models.IntegerField(default=0)
    wrongs = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=ROSTER_STATES.choices)
    part_reason = FreeText(max_length=200, default="")
    sent_by_name = models.CharField(max_length=60)
    sent_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["body", "purpose", "sent_at"], name="roster_file_by_body")]
        constraints = [
            models.CheckConstraint(
                condition=Q(wrong_rows__lte=F("rows")) & Q(loaded_rows__lte=F("rows")), name="roster_counts_its_rows"
            ),
            models.CheckConstraint(condition=~Q(state="dropped") | Q(content=None), name="roster_emptied_when_dropped"),
        ]
