"""Province, cities, counties; dated lists of counties (26 mountain counties until 2024-07, 25 from 2024-08)."""

from django.db import models

from jiangxin.ground.table import Row, Table


class Region(Table):
    """A division of GB/T 2260; `id` is its code as a number (330421), `parent` the division above it."""

    id = models.IntegerField(primary_key=True)
    name = models.CharField(max_length=40)
    kind = models.CharField(max_length=10)
    parent = models.ForeignKey("Region", null=True, on_delete=models.PROTECT, related_name="children")
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    pinyin = models.CharField(max_length=80)


class RegionList(Row):
    """Membership of a county in a named list between two days; an unknown first day is kept empty."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    list_name = models.CharField(max_length=40)
    from_on = models.DateField(null=True)
    until_on = models.DateField(null=True)
    source = models.CharField(max_length=300)


def chain(region_id: int) -> tuple[int, ...]:
    """A region's code and those above it, nearest first: 330421 → (330421, 330400, 330000)."""
    return tuple(dict.fromkeys((region_id, region_id // 100 * 100, region_id // 10000 * 10000)))


def regions_within(region_id: int) -> tuple[int, ...]:
    """The region and all below it, in order of code."""
    width = 10000 if region_id % 10000 == 0 else 100 if region_id % 100 == 0 else 1
    found = Region.objects.filter(id__gte=region_id, id__lt=region_id + width)
    return tuple(found.order_by("id").values_list("id", flat=True))
