"""The dots of a map of Zhejiang: a county's bodies at its centre point, as an SVG that needs no script.

Without outlines: the boundary files at hand carry no map approval number, and a plain map is drawn by everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians, sqrt

from jiangxin.ground.actor import PROVINCE
from jiangxin.ground.regions import Region

WEST, NORTH, EAST, SOUTH = 117.9, 31.3, 123.0, 27.0
WIDTH = 400
SCALE = WIDTH / (EAST - WEST)
STRETCH = 1 / cos(radians((NORTH + SOUTH) / 2))
HEIGHT = round((NORTH - SOUTH) * SCALE * STRETCH)


@dataclass(frozen=True)
class Dot:
    """A county with its bodies: where on the map, how large."""

    region_id: int
    name: str
    count: int
    x: int
    y: int
    r: int


@dataclass(frozen=True)
class Mark:
    """The name of a city, to find one's way."""

    name: str
    x: int
    y: int


def _at(longitude: float, latitude: float) -> tuple[int, int]:
    return round((longitude - WEST) * SCALE), round((NORTH - latitude) * SCALE * STRETCH)


def dots(places: Sequence[tuple[int, str, int]]) -> tuple[list[Dot], list[Mark]]:
    """The dots of these places, the largest first so that small ones lie on top, and the cities' names."""
    most = max((count for _, _, count in places), default=1)
    centres = {
        one.id: _at(one.longitude, one.latitude)
        for one in Region.objects.filter(id__in=[key for key, _, _ in places])
        if one.longitude is not None and one.latitude is not None
    }
    found = [
        Dot(key, name, count, *centres[key], 4 + round(14 * sqrt(count / most)))
        for key, name, count in places
        if key in centres
    ]
    cities = Region.objects.filter(parent_id=PROVINCE, longitude__isnull=False).order_by("id")
    marks = [Mark(one.name.removesuffix("市"), *_at(one.longitude or 0, one.latitude or 0)) for one in cities]
    return found, marks
