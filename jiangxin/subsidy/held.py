"""Reasons to look before money leaves (P23): what held a line, and who let it go."""

from django.db import models
from django.db.models import F, Q

from jiangxin.ground.free_text import FreeText
from jiangxin.ground.table import Row
from jiangxin.ground.transitions import States

HOLD_KINDS = {
    "new_body": "新机构的首批",
    "account_changed": "账户刚刚变更",
    "shared_contact": "电话或账户与他人相同",
    "elsewhere": "培训期间在别处",
    "sample_call": "抽中电话回访",
    "revoked": "证书已被撤销",
    "died": "本人已去世",
    "many_pleas": "机构补记过多",
    "body_stopped": "收款单位被暂停或已退出",
}
HOLD_STATES = States({"open": "核查中", "released": "已放行"}, {"": ("open",), "open": ("released",)})


class Hold(Row):
    """A reason to look before paying: cause, evidence, owner; released by two people; never a refusal (P23, M15)."""

    personal = "付款前核查的原因和依据"

    line = models.ForeignKey("SubsidyLine", on_delete=models.PROTECT, related_name="holds")
    region_id = models.IntegerField()
    kind = models.CharField(max_length=20, choices=list(HOLD_KINDS.items()))
    evidence = FreeText(max_length=400)
    state = models.CharField(max_length=10, choices=HOLD_STATES.choices, default="open")
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    finding = FreeText(max_length=400, default="")
    first_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    first_at = models.DateTimeField(null=True)
    second_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "kind", "evidence"], name="one_hold_per_evidence"),
            models.CheckConstraint(
                condition=Q(state="open")
                | Q(first_by__isnull=False, second_by__isnull=False) & ~Q(first_by=F("second_by")),
                name="hold_released_by_two",
            ),
        ]
