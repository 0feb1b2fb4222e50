"""Who: persons and their documents, bodies, offices, accounts and duties, dated statuses, payee accounts."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from jiangxin.ground.free_text import FreeText
from jiangxin.ground.identity import SealedField
from jiangxin.ground.table import Row, Table
from jiangxin.ground.transitions import States
from jiangxin.parties.payee_account import PAYEE_STATES, PayeeAccount  # noqa: F401


class DateSpan(Func):
    """`daterange(from, until, '[]')`, both days held, for exclusion constraints."""

    function = "daterange"
    template = "%(function)s(%(expressions)s, '[]')"


# ── persons ────────────────────────────────────────────────────────────────────────────────────────────────────────
class Person(Row):
    """One human being; counts and the archive follow the person, not a name or a document (16.1, P33)."""

    personal = "姓名、性别、出生日期"

    name = models.CharField(max_length=60)
    pinyin = models.CharField(max_length=200)
    sex = models.CharField(max_length=6, choices=[("male", "男"), ("female", "女")])
    born_on = models.DateField()
    merged_into = models.ForeignKey("Person", null=True, on_delete=models.PROTECT)
    registered_at = models.DateTimeField()
    phone = SealedField(null=True)
    phone_index = models.BinaryField(max_length=32, null=True, db_index=True)
    able_and_willing_on = models.DateField(null=True)
    able_and_willing = models.BooleanField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(merged_into=F("id")), name="person_not_merged_into_self")]


DOCUMENT_KINDS = {
    "resident": "居民身份证",
    "hk_macao_pass": "港澳居民来往内地通行证",
    "hk_macao_tw_residence": "港澳台居民居住证",
    "taiwan_pass": "台湾居民来往大陆通行证",
    "foreigner_residence": "外国人永久居留身份证",
    "officer": "军官证",
    "passport": "护照",
}


class PersonDocument(Row):
    """A document of a person between two days; its number is sealed and found by its keyed index."""

    personal = "证件号码（加密）"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=30, choices=list(DOCUMENT_KINDS.items()))
    number = SealedField()
    number_index = models.BinaryField(max_length=32)
    masked = models.CharField(max_length=40)
    from_on = models.DateField(null=True)
    until_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "number_index"], name="one_person_per_document"),
            models.CheckConstraint(condition=~Q(masked__regex=r"\d{6}"), name="document_is_masked"),
        ]


class PersonName(Row):
    """A name borne between two days: certificates keep the name of their day, the bank compares today's (P33)."""

    personal = "曾用名"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="names")
    name = models.CharField(max_length=60)
    from_on = models.DateField(null=True)
    until_on = models.DateField(null=True)


class PersonMerge(Row):
    """Two records found to be one person; `moved` lists what changed hands, so that it can be undone."""

    personal = "两条人员记录的关系"

    kept = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="merges_kept")
    gone = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="merges_gone")
    reason = FreeText(max_length=200)
    merged_at = models.DateTimeField()
    merged_by = models.ForeignKey("Account", on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    moved = models.JSONField()


# ── offices, bodies, accounts ──────────────────────────────────────────────────────────────────────────────────────
class Office(Row):
    """A desk of the state: 省本级, 市本级, a county, a functional zone; belongs to a region, owns pools (P26)."""

    region = models.ForeignKey("Region", on_delete=models.PROTECT)
    kind = models.CharField(
        max_length=20, choices=[("province", "省本级"), ("city", "市本级"), ("county", "县区"), ("zone", "功能区")]
    )
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=40, default="")
    address = models.CharField(max_length=120, default="")
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    successor = models.ForeignKey("Office", null=True, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region"], condition=Q(closed_on=None) & ~Q(kind="zone"), name="one_main_office_per_region"
            )
        ]


class LocalClosing(Row):
    """A day on which one office was closed (typhoon, local holiday), with its document."""

    office = models.ForeignKey("Office", on_delete=models.PROTECT)
    day = models.DateField()
    document = FreeText(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "day"], name="local_closing_once")]


class Organisation(Row):
    """A body: provider, assessor, employer; known by its unified social credit code (GB 32100)."""

    name = models.CharField(max_length=120)
    credit_code = models.CharField(max_length=18, unique=True)
    region = models.ForeignKey("Region", on_delete=models.PROTECT)
    opened_on = models.DateField(null=True)


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts by their sign-in name."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(username=username)


class Account(AbstractBaseUser, Row):
    """A sign-in: of staff and clerks by password and code, of a worker by the citizen's identity service."""

    personal = "工作人员姓名"

    username = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=[("staff", "工作人员"), ("clerk", "机构人员"), ("worker", "劳动者")])
    office = models.ForeignKey(Office, null=True, on_delete=models.PROTECT)
    body = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT)
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    code_secret = SealedField(null=True)
    code_last_step = models.BigIntegerField(default=0)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(kind="worker"), name="one_worker_account_per_person"
            ),
            models.CheckConstraint(
                condition=Q(kind="staff", office__isnull=False, body=None)
                | Q(kind="clerk", body__isnull=False, office=None)
                | Q(kind="worker", person__isnull=False, office=None, body=None),
                name="account_has_its_place",
            ),
        ]


DUTIES = {
    "maker": "经办",
    "checker": "复核",
    "leader": "审批",
    "releaser": "财政拨付",
    "reconciler": "财政对账",
    "register": "数据管理",
    "budget": "预算管理",
    "training": "培训管理",
    "clerk": "评价机构经办",
    "school": "培训机构经办",
    "head": "机构负责人",
    "teacher": "教师",
    "examiner": "考评员",
    "employer": "用人单位经办",
    "viewer": "查看",
}
MONEY_DUTIES = ("maker", "checker", "leader", "releaser", "reconciler")


class Duty(Row):
    """A duty held by an account at an office between two days; conflicting duties exclude each other (P27, Z6).

    `ended_at` takes it away before its last day, at once. The same duty may be held at a second office (borrowed).
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="duties")
    office = models.ForeignKey(Office, null=True, on_delete=models.PROTECT)
    duty = models.CharField(max_length=20, choices=list(DUTIES.items()))
    exclusive = models.BooleanField()
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = FreeText(max_length=200, default="")

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_money_duty_per_account",
                expressions=[
                    ("account", RangeOperators.EQUAL),
                    ("duty", RangeOperators.NOT_EQUAL),
                    (DateSpan("from_on", "until_on"), RangeOperators.OVERLAPS),
                ],
                condition=Q(exclusive=True, ended_at=None),
            ),
            models.CheckConstraint(
                condition=Q(duty__in=MONEY_DUTIES, exclusive=True) | ~Q(duty__in=MONEY_DUTIES) & Q(exclusive=False),
                name="money_duties_are_exclusive",
            ),
        ]


class SpentTicket(Row):
    """A ticket of the citizens' identity service that was used: none signs in twice, whoever issues it."""

    digest = models.BinaryField(max_length=32, unique=True)
    spent_at = models.DateTimeField()


# ── dated statuses and the registers they come from ────────────────────────────────────────────────────────────────
class Register(Table):
    """A source of facts: who keeps it and what it answers."""

    code = models.CharField(primary_key=True, max_length=30)
    name = models.CharField(max_length=60)
    keeper = models.CharField(max_length=60)


class SpellKind(Table):
    """A kind of dated status: a new status is a row here, never a table; `audience` is who may see it (P17)."""

    code = models.CharField(primary_key=True, max_length=30)
    name = models.CharField(max_length=60)
    register = models.ForeignKey(Register, on_delete=models.PROTECT)
    audience = models.CharField(
        max_length=12, choices=[("worker", "本人和经办"), ("officer", "经办"), ("case", "办案")]
    )


LOAD_STATES = States(
    {"active": "有效", "withdrawn": "已撤回"},
    {"": ("active",), "active": ("withdrawn",)},
)


class RegisterLoad(Row):
    """One register file taken in: whose, for which region and days, by whom; loaded and withdrawn whole (P2, P3)."""

    register = models.ForeignKey(Register, on_delete=models.PROTECT)
    region_id = models.IntegerField()
    from_on = models.DateField()
    until_on = models.DateField()
    extracted_on = models.DateField()
    file_name = FreeText(max_length=120)
    sha256 = models.CharField(max_length=64)
    rows = models.IntegerField()
    loaded_at = models.DateTimeField()
    loaded_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT)
    loaded_by_name = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=LOAD_STATES.choices, default="active")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sha256"], condition=Q(state="active"), name="register_file_once"),
            models.CheckConstraint(condition=Q(from_on__lte=F("until_on")), name="coverage_runs_forward"),
        ]


class RegisterFile(Row):
    """A register file as a data keeper sent it, until it is taken in; `wrongs` are its wrong cells, masked."""

    personal = "登记来源文件原件（加密，入库后清空）"

    register = models.ForeignKey(Register, on_delete=models.PROTECT)
    region_id = models.IntegerField()
    office = models.ForeignKey(Office, on_delete=models.PROTECT)
    from_on = models.DateField()
    until_on = models.DateField()
    extracted_on = models.DateField()
    file_name = FreeText(max_length=120)
    sha256 = models.CharField(max_length=64)
    content = SealedField(null=True)
    sent_by = models.ForeignKey(Account, on_delete=models.PROTECT)
    sent_at = models.DateTimeField()
    job_id = models.UUIDField(null=True)
    wrongs = models.JSONField(default=list)
    load = models.ForeignKey(RegisterLoad, null=True, on_delete=models.PROTECT)

    class Meta:
        indexes = [models.Index(fields=["office", "sent_at"], name="register_file_by_office")]


class Spell(Row):
    """A status of a person between two days, from a register ("certified") or declared and not yet certified."""

    personal = "身份状态（户籍、居住、参保、在编、学籍、养老待遇、死亡等）"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="spells")
    kind = models.ForeignKey(SpellKind, on_delete=models.PROTECT)
    region_id = models.IntegerField(null=True)
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    months = models.IntegerField(null=True)
    certified = models.BooleanField()
    load = models.ForeignKey(RegisterLoad, null=True, on_delete=models.PROTECT, related_name="spells")
    source = models.CharField(max_length=200, default="")

    class Meta:
        indexes = [models.Index(fields=["person", "kind", "from_on"], name="spell_by_person")]
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")), name="spell_runs_forward"
            ),
            models.CheckConstraint(
                condition=Q(certified=False) | Q(load__isnull=False), name="certified_by_a_register"
            ),
        ]
