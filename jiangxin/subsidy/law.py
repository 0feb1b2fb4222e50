"""The law in force here: the published files, in a demo the assumed ones too, and the documents adopted since."""

from datetime import date
from functools import lru_cache
from typing import Any

from django.conf import settings

from jiangxin.ground.clock import is_demo
from jiangxin.ground.staging import rows_of
from jiangxin.rules.numbers import NUMBERS
from jiangxin.rules.parameters import PUBLISHED, Entry, Law

ADOPTED = """
SELECT lpad(region_id::text, 6, '0'), scheme, number, from_on, until_on, value, document, link, published_on,
  confirmed_at
  FROM subsidy_adopted_standard WHERE confirmed_at IS NOT NULL ORDER BY from_on, confirmed_at, id
"""


@lru_cache(maxsize=2)
def _filed(demo: bool) -> Law:
    if demo:
        return Law.load((PUBLISHED, settings.ASSUMED_LAW), allow_assumed=True, accept_unverified=True)
    return Law.load((PUBLISHED,))


@lru_cache(maxsize=8)
def _laid_over(demo: bool, adopted: tuple[tuple[Any, ...], ...]) -> Law:
    law = _filed(demo)
    rows = []
    for region, scheme, number, from_on, until_on, value, document, link, published_on, confirmed_at in adopted:
        below = law.find(region, scheme, number, from_on).number
        rows.append(
            {
                "region": region,
                "scheme": scheme,
                "number": number,
                "title": below.title if below else number,
                "unit": NUMBERS[number].unit,
                "checked_on": confirmed_at.date(),
                "values": [
                    {
                        "from": from_on,
                        "until": until_on,
                        "value": value,
                        "source": {"document": document, "url": link, "published_on": published_on},
                        "certainty": "found",
                    }
                ],
            }
        )
    return law.lay_over(rows)


def current_law() -> Law:
    """The law as this database knows it now; the same object as long as nothing was adopted."""
    adopted = rows_of(ADOPTED)
    demo = is_demo()
    return (
        _laid_over(demo, tuple((*row[:5], _frozen(row[5]), *row[6:]) for row in adopted)) if adopted else _filed(demo)
    )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def number(region_id: int, name: str, on: date, scheme: str = "common") -> Entry:
    """A number of the procedure (days, shares, limits) in force in a region on a day."""
    return current_law().find(f"{region_id:06d}", scheme, name, on)


def value(region_id: int, name: str, on: date, scheme: str = "common") -> Any:
    """Its value; raises NumberUnknown, which says which number of the law is missing."""
    return current_law().value(f"{region_id:06d}", scheme, name, on)
