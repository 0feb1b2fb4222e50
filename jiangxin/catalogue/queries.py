"""Reads of the catalogue."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from jiangxin.catalogue.models import OCCUPATION_CLASSES, GuidanceClass, TrainingItem
from jiangxin.ground.actor import PROVINCE
from jiangxin.ground.regions import Region, chain
from jiangxin.ground.staging import rows_of


def classes_on(edition: str, codes: Iterable[str], region_id: int, on: date) -> dict[str, str]:
    """The class of each occupation on a day, by code: the nearest region's filing counts; an unfiled code is absent."""
    regions = chain(region_id)
    filed = GuidanceClass.objects.filter(
        Q(until_on=None) | Q(until_on__gte=on),
        edition=edition,
        code__in=list(codes),
        region_id__in=regions,
        from_on__lte=on,
    ).values_list("region_id", "code", "occupation_class")
    nearest_last = sorted(filed, key=lambda row: regions.index(row[0]), reverse=True)
    return {code: occupation_class for _, code, occupation_class in nearest_last}


@dataclass(frozen=True)
class Listed:
    """An occupation in the guidance catalogue on a day; without a class, `occupation_class` is "" and the rest None."""

    code: str
    name: str
    occupation_class: str
    from_on: date | None
    until_on: date | None
    document: str

    @property
    def class_name(self) -> str:
        return OCCUPATION_CLASSES.get(self.occupation_class, "")


@dataclass(frozen=True)
class ListedPage:
    """A page of occupations and how many there are in all."""

    rows: list[Listed]
    total: int


LISTED = """
SELECT o.code, o.name, coalesce(g.occupation_class, ''), g.from_on, g.until_on, coalesce(g.document, ''),
       count(*) OVER ()
  FROM catalogue_occupation o
  LEFT JOIN catalogue_guidance_class g ON g.edition = o.edition AND g.code = o.code AND g.region_id = %(province)s
   AND g.from_on <= %(on)s AND (g.until_on IS NULL OR g.until_on >= %(on)s)
 WHERE o.edition = %(edition)s AND (o.from_on IS NULL OR o.from_on <= %(on)s)
   AND (o.until_on IS NULL OR o.until_on >= %(on)s)
   AND (%(class)s = '' OR coalesce(g.occupation_class, 'none') = %(class)s)
   AND (%(find)s = '' OR o.code LIKE %(find)s || '%%' OR position(%(find)s in o.name) > 0
        OR position(lower(%(find)s) in replace(o.pinyin, ' ', '')) = 1
        OR EXISTS (SELECT FROM catalogue_occupation_alias a
                    WHERE a.edition = o.edition AND a.code = o.code AND position(%(find)s in a.alias) > 0))
 ORDER BY string_to_array(o.code, '-') LIMIT %(limit)s OFFSET %(offset)s
"""
CLASS_COUNTS = """
SELECT coalesce(g.occupation_class, 'none'), count(*) FROM catalogue_occupation o
  LEFT JOIN catalogue_guidance_class g ON g.edition = o.edition AND g.code = o.code AND g.region_id = %(province)s
   AND g.from_on <= %(on)s AND (g.until_on IS NULL OR g.until_on >= %(on)s)
 WHERE o.edition = %(edition)s AND (o.from_on IS NULL OR o.from_on <= %(on)s)
   AND (o.until_on IS NULL OR o.until_on >= %(on)s) GROUP BY 1
"""


def guidance_catalogue(
    edition: str, on: date, find: str = "", occupation_class: str = "", page: int = 1, per_page: int = 50
) -> ListedPage:
    """The province's catalogue on a day, of one class ("none": without one, "": all); `find` by name, reading, code."""
    rows = rows_of(
        LISTED,
        {
            "province": PROVINCE,
            "edition": edition,
            "on": on,
            "find": find.strip(),
            "class": occupation_class,
            "limit": per_page,
            "offset": (max(page, 1) - 1) * per_page,
        },
    )
    return ListedPage([Listed(*row[:6]) for row in rows], rows[0][6] if rows else 0)


def class_counts(edition: str, on: date) -> dict[str, int]:
    """How many occupations each class has on a day; "none": how many have no class."""
    return dict(rows_of(CLASS_COUNTS, {"province": PROVINCE, "edition": edition, "on": on}))


# ── projects (10.2) ────────────────────────────────────────────────────────────────────────────────────────────────
def projects(find: str = "", *, on: date | None = None, region_id: int | None = None) -> QuerySet[TrainingItem]:
    """Published projects by name or code: those that hold on a day or begin later (none: all), of one region or all."""
    found = TrainingItem.objects.filter(kind="training_pass", published_at__isnull=False)
    if on is not None:
        found = found.exclude(until_on__lt=on)
    if region_id is not None:
        found = found.filter(region_id=region_id)
    if find:
        found = found.filter(Q(name__contains=find) | Q(code__contains=find) | Q(standard__contains=find))
    return found.order_by("name", "code")


def published_project(code: str) -> TrainingItem | None:
    """One published project by its code."""
    return TrainingItem.objects.filter(kind="training_pass", published_at__isnull=False, code=code).first()


def item_in_force(kind: str, code: str, on: date) -> bool:
    """Whether an item or project stands in the catalogue on a day: begun and not ended."""
    found = TrainingItem.objects.filter(kind=kind, code=code, from_on__lte=on).exclude(until_on__lt=on)
    return found.exists()


def names_of_regions(region_ids: Iterable[int]) -> dict[int, str]:
    """The names of regions by code."""
    return dict(Region.objects.filter(id__in=set(region_ids)).values_list("id", "name"))
