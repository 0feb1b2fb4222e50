"""What can be learnt: occupations by edition, the eight levels, the classes of the guidance catalogue."""

from django.db import models
from django.db.models import Q

from jiangxin.ground.free_text import FreeText
from jiangxin.ground.table import Row, Table


class Occupation(Table):
    """An occupation (职业) of one edition of the national classification; codes are never overwritten."""

    pk = models.CompositePrimaryKey("edition", "code")
    edition = models.CharField(max_length=10)
    code = models.CharField(max_length=12)
    name = models.CharField(max_length=80)
    pinyin = models.CharField(max_length=300)
    from_on = models.DateField(null=True)
    until_on = models.DateField(null=True)
    digital = models.BooleanField(default=False)
    green = models.BooleanField(default=False)
    is_new = models.BooleanField(default=False)


class OccupationAlias(Row):
    """An everyday name by which an occupation is searched."""

    edition = models.CharField(max_length=10)
    code = models.CharField(max_length=12)
    alias = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["edition", "code"], name="alias_by_occupation")]


class SkillLevel(Table):
    """A rung of the eight-level ladder (14.2); only five carry a public digit in a certificate number."""

    code = models.CharField(primary_key=True, max_length=12)
    rank = models.SmallIntegerField(unique=True)
    name = models.CharField(max_length=20)
    public_name = models.CharField(max_length=20)
    public_digit = models.CharField(max_length=1, null=True)
    source = models.CharField(max_length=300)


OCCUPATION_CLASSES = {
    "manufacturing": "生产制造类",
    "social": "社会生产类",
    "agriculture_life": "农林牧渔生产及生活服务类",
}


class GuidanceClass(Row):
    """The class of an occupation in the provincial guidance catalogue, between two days, with its document (19.2)."""

    region_id = models.IntegerField()
    edition = models.CharField(max_length=10)
    code = models.CharField(max_length=12)
    occupation_class = models.CharField(max_length=20, choices=list(OCCUPATION_CLASSES.items()))
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    document = FreeText(max_length=200)
    end_document = FreeText(max_length=200, default="")
    entered_by_name = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region_id", "edition", "code"],
                condition=Q(until_on=None),
                name="one_open_class_per_occupation",
            )
        ]


class TrainingItem(Row):
    """An item of 专项职业能力 or a project that ends in a 培训合格 certificate, known by its public code.

    A project that was published has its standard (10.2): hours, amount a head, what is taught, and the document.
    """

    kind = models.CharField(
        max_length=20, choices=[("special_skill", "专项职业能力"), ("training_pass", "培训合格项目")]
    )
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    region_id = models.IntegerField()
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    source = models.CharField(max_length=200)
    hours = models.SmallIntegerField(null=True)
    amount_fen = models.BigIntegerField(null=True)
    standard = FreeText(max_length=2000, default="")
    document = FreeText(max_length=120, default="")
    published_at = models.DateTimeField(null=True)
    published_by_name = models.CharField(max_length=60, default="")
