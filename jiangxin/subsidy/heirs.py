"""To whom money goes when its person died (P12): an heir, entered by one officer and confirmed by another."""

from collections.abc import Collection
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from jiangxin.ground.free_text import FreeText
from jiangxin.ground.identity import mask_name
from jiangxin.ground.staging import rows_of
from jiangxin.ground.table import Row
from jiangxin.ground.transitions import States
from jiangxin.subsidy.models import SubsidyLine

HEIR_STATES = States(
    {"entered": "等另一位确认", "confirmed": "已确认", "withdrawn": "不予采用", "replaced": "已另换继承人"},
    {"": ("entered",), "entered": ("confirmed", "withdrawn"), "confirmed": ("replaced",)},
)
# Whose account the line `l` is paid to: that of the body it is settled with (P24), its heir's, who may change the own
# account as anybody may, or its person's. The same as `owner` of an account.
PAYEE = """coalesce(l.payee_body_id, (SELECT h.person_id FROM subsidy_heir_payee h
                                        WHERE h.line_id = l.id AND h.state = 'confirmed'), l.person_id)"""


def heir_words(holder: str | None, relation: str | None) -> str:
    """An heir as a page and the journal say it, masked; nothing where the person is paid."""
    return f"继承人 {mask_name(holder or '')}（{relation}）" if relation else ""


class HeirPayee(Row):
    """Who inherits one line, by which papers, with an account of the own. A later heir takes the place of one dead."""

    personal = "继承人、与本人的关系、继承材料"

    line = models.ForeignKey(SubsidyLine, on_delete=models.PROTECT, related_name="heirs")
    region_id = models.IntegerField()
    # One key in lines.sql holds both: the heir, and the account the heir had when the papers were seen.
    person = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    account = models.ForeignKey("PayeeAccount", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    relation = FreeText(max_length=20)
    papers = FreeText(max_length=200)
    state = models.CharField(max_length=10, choices=HEIR_STATES.choices, default="entered")
    entered_by = models.ForeignKey("Account", on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    closed_by = models.ForeignKey("Account", null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line"], condition=Q(state="entered"), name="one_heir_waits_for_another"),
            models.UniqueConstraint(fields=["line"], condition=Q(state="confirmed"), name="one_heir_of_a_line"),
            models.CheckConstraint(
                condition=Q(state="entered", closed_by=None, closed_at=None)
                | Q(closed_by__isnull=False, closed_at__isnull=False)
                & (Q(state="withdrawn") | ~Q(state="entered") & ~Q(closed_by=F("entered_by"))),
                name="heir_by_two",
            ),
        ]

    @property
    def words(self) -> str:
        """The heir in words."""
        return heir_words(self.account.holder, self.relation)


def heir_of(line: SubsidyLine) -> HeirPayee | None:
    """The confirmed heir of a line, with the account; only an heir puts another's account on it."""
    if line.payee_body_id or line.account is None or line.account.person_id == line.person_id:
        return None
    return line.heirs.filter(state="confirmed").select_related("account").first()


def payees_of(line_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The person or body to whom each line is paid."""
    return dict(rows_of(f"SELECT l.id, {PAYEE} FROM subsidy_subsidy_line l WHERE l.id = ANY(%s)", [list(line_ids)]))
