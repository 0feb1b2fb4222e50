"""Where money may go: the account of a person or of a body (P13, P24)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from jiangxin.ground.free_text import FreeText
from jiangxin.ground.identity import SealedField
from jiangxin.ground.table import Row
from jiangxin.ground.transitions import States

PAYEE_STATES = States(
    {
        "unconfirmed": "待确认",
        "certified": "社保卡登记认证",
        "confirmed": "本人已确认",
        "failed": "付款失败",
        "closed": "已停用",
    },
    {
        "": ("unconfirmed", "certified", "confirmed"),
        "unconfirmed": ("confirmed", "certified", "closed"),
        # Back to unconfirmed: of two records found to be one person, the second one's account waits for the owner.
        "certified": ("confirmed", "failed", "closed", "unconfirmed"),
        "confirmed": ("certified", "failed", "closed", "unconfirmed"),
        "failed": ("closed", "confirmed"),
    },
)


class PayeeAccount(Row):
    """A bank account of one person, or of one body (P24); paid only once confirmed or certified (P13).

    A person's is confirmed by its owner or certified by the card register, a body's by an office. `owner` is whose.
    """

    personal = "银行账号（加密）、户名"

    person = models.ForeignKey("Person", null=True, on_delete=models.PROTECT, related_name="payee_accounts")
    body = models.ForeignKey("Organisation", null=True, on_delete=models.PROTECT, related_name="payee_accounts")
    owner = models.GeneratedField(
        expression=Coalesce("person", "body"), output_field=models.UUIDField(), db_persist=True
    )
    bank = FreeText(max_length=60)
    holder = models.CharField(max_length=120)
    number = SealedField()
    number_index = models.BinaryField(max_length=32)
    tail = models.CharField(max_length=4)
    state = models.CharField(max_length=12, choices=PAYEE_STATES.choices)
    first = models.BooleanField()
    since = models.DateTimeField()
    entered_by_name = models.CharField(max_length=60)
    load = models.ForeignKey("RegisterLoad", null=True, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number_index"], condition=~Q(state="closed"), name="account_belongs_to_one_person"
            ),
            models.UniqueConstraint(
                fields=["owner"], condition=Q(state__in=["certified", "confirmed"]), name="one_live_account_per_owner"
            ),
            models.CheckConstraint(
                condition=Q(person=None, body__isnull=False) | Q(person__isnull=False, body=None),
                name="account_of_a_person_or_a_body",
            ),
            # Holds nothing itself: the key that an heir and the account point to.
            models.UniqueConstraint(fields=["id", "person"], name="account_with_its_person"),
        ]
        indexes = [models.Index(fields=["since"], condition=Q(state="unconfirmed"), name="account_to_confirm")]
