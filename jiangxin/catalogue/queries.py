"""Reads of the catalogue."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from jiangxin.catalogue.models import GuidanceClass
from jiangxin.ground.regions import chain


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
