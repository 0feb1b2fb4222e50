"""What a learner is offered when the school is suspended or exits (7.3, P38): stay or move."""

from django.db import models
from django.db.models import Q

from jiangxin.ground.free_text import FreeText
from jiangxin.ground.table import Row
from jiangxin.ground.transitions import States

TRANSFER_STATES = States(
    {"offered": "等学员答复", "moved": "已转班", "stayed": "留在原班", "withdrawn": "已收回"},
    {"": ("offered",), "offered": ("moved", "stayed", "withdrawn")},
)


class TransferOffer(Row):
    """One learner's way out of a class whose school was suspended or put out: the county offers, the learner decides.

    `to_class` is the other school's class; without it the learner is told to be taught out where one sits. `region_id`
    and `body` are those of the class that is left; `new_seat` the seat that seat and voucher moved to.
    """

    personal = "谁在哪个班、转到哪里"

    measure = models.ForeignKey("Measure", on_delete=models.PROTECT, related_name="transfer_offers")
    enrolment = models.ForeignKey("Enrolment", on_delete=models.PROTECT, related_name="transfer_offers")
    person = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="transfer_offers")
    from_class = models.ForeignKey("TrainingClass", on_delete=models.PROTECT, related_name="transfers_from")
    region_id = models.IntegerField()
    body = models.ForeignKey("Organisation", on_delete=models.PROTECT, related_name="+")
    to_class = models.ForeignKey("TrainingClass", null=True, on_delete=models.PROTECT, related_name="transfers_to")
    new_seat = models.ForeignKey("Enrolment", null=True, on_delete=models.PROTECT, related_name="+")
    words = FreeText(max_length=400)
    state = models.CharField(max_length=10, choices=TRANSFER_STATES.choices, default="offered")
    offered_at = models.DateTimeField()
    offered_by_name = models.CharField(max_length=60)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person", "state"], name="transfer_by_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"], condition=Q(state="offered"), name="one_transfer_offer_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state="offered", answered_at=None) | ~Q(state="offered") & Q(answered_at__isnull=False),
                name="transfer_answered_at_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(state="moved", to_class__isnull=False, new_seat__isnull=False)
                | ~Q(state="moved") & Q(new_seat=None),
                name="moved_to_a_seat",
            ),
            models.CheckConstraint(
                condition=Q(to_class=None) | ~Q(to_class=models.F("from_class")), name="transfer_leads_elsewhere"
            ),
        ]
