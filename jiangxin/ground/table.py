"""The base of every model: its table is named after its chapter, its key is a UUIDv7."""

import re

from django.db import models

from jiangxin.ground.keys import new_id


class _Named(models.base.ModelBase):
    """Puts `db_table = <chapter>_<snake name>` where a model names none."""

    def __new__(cls, name, bases, attrs, **kwargs):  # type: ignore[no-untyped-def]
        meta = attrs.get("Meta")
        if not getattr(meta, "abstract", False) and not hasattr(meta, "db_table"):
            chapter = attrs["__module__"].split(".")[1]
            snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
            attrs["Meta"] = type("Meta", (meta,) if meta else (), {"db_table": f"{chapter}_{snake}"})
        return super().__new__(cls, name, bases, attrs, **kwargs)


class Table(models.Model, metaclass=_Named):
    """`personal` says which personal data the table holds, in words; "" means none (PIPL record of processing)."""

    personal = ""

    class Meta:
        abstract = True


class Row(Table):
    """A table keyed by a UUIDv7 of the application's making."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True


def all_tables() -> list[type[Table]]:
    """Every model of the house that was imported, in the order of their tables' names."""
    models_ = {*Table.__subclasses__(), *Row.__subclasses__()} - {Row}
    return sorted(models_, key=lambda model: model._meta.db_table)
