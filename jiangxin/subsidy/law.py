"""The law in force here: the published files, in a demo the assumed ones too, and the documents adopted since."""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings

from jiangxin.ground.clock import day_of, is_demo
from jiangxin.ground.staging import rows_of
from jiangxin.rules.numbers import NUMBERS
from jiangxin.rules.parameters import PUBLISHED, Entry, Law
from jiangxin.subsidy.models import AdoptedStandard

ADOPTED = """
SELECT lpad(region_id::text, 6, '0'), scheme, number, from_on, until_on, value::text,
       issued_by || '《' || document || '》', document_number, link, confirmed_at
  FROM subsidy_adopted_standard WHERE state = 'confirmed' ORDER BY from_on, id
"""
EVER = date(1900, 1, 1)


class Adopted(NamedTuple):
    """One adopted number; `value` as JSON, so that the whole is a key by which a law is kept."""

    region: str
    scheme: str
    number: str
    from_on: date
    until_on: date | None
    value: str
    document: str
    document_number: str
    link: str
    confirmed_at: datetime


@lru_cache(maxsize=2)
def _filed(demo: bool) -> Law:
    if demo:
        return Law.load((PUBLISHED, settings.ASSUMED_LAW), allow_assumed=True, accept_unverified=True)
    return Law.load((PUBLISHED,))


@lru_cache(maxsize=8)
def _laid_over(demo: bool, adopted: tuple[Adopted, ...]) -> Law:
    law = _filed(demo)
    return law.lay_over(_as_file(law, one, [(one.from_on, one.until_on)]) for one in adopted) if adopted else law


def _as_file(law: Law, one: Adopted, days: Iterable[tuple[date, date | None]]) -> dict[str, Any]:
    """An adopted number in the shape of a file, in force between these days."""
    below = law.find(one.region, one.scheme, one.number, one.from_on).number
    value, source = json.loads(one.value), {"document": one.document, "number": one.document_number, "url": one.link}
    return {
        "region": one.region,
        "scheme": one.scheme,
        "number": one.number,
        "title": below.title if below else NUMBERS[one.number].title,
        "unit": NUMBERS[one.number].unit,
        "checked_on": day_of(one.confirmed_at),
        "values": [
            {"from": first, "until": last, "value": value, "source": source, "certainty": "found"}
            for first, last in days
        ],
    }


def _adopted() -> tuple[Adopted, ...]:
    return tuple(Adopted(*row) for row in rows_of(ADOPTED))


def current_law() -> Law:
    """The law as this database knows it now; the same object as long as nothing was adopted."""
    return _laid_over(is_demo(), _adopted())


def laws_so_far() -> Iterator[Law]:
    """The law of today and as it stood after each adoption, back to the files alone: what past decisions rest on."""
    adopted = _adopted()
    for day in sorted({one.confirmed_at for one in adopted}, reverse=True):
        yield _laid_over(is_demo(), tuple(one for one in adopted if one.confirmed_at <= day))
    yield _laid_over(is_demo(), ())


def _proposed(standard: AdoptedStandard) -> Adopted:
    return Adopted(
        f"{standard.region_id:06d}", standard.scheme, standard.number, standard.from_on, standard.until_on,
        json.dumps(standard.value), f"{standard.issued_by}《{standard.document}》", standard.document_number,
        standard.link, standard.entered_at,
    )  # fmt: skip


def law_with(standard: AdoptedStandard) -> Law:
    """The law as it would be with this proposal adopted. Raises LawMalformed where the two do not fit together."""
    return _laid_over(is_demo(), tuple(sorted((*_adopted(), _proposed(standard)), key=lambda one: one.from_on)))


def law_as_if_ever(standard: AdoptedStandard) -> Law:
    """The law had this proposal's number always been in force: what past decisions are tried on."""
    law, one = current_law(), _proposed(standard)
    known = law.numbers.get((one.region, one.scheme, one.number))
    starts = {EVER, *(value.from_on for value in known.values)} if known else {EVER}
    return law.lay_over([_as_file(law, one, [(start, None) for start in sorted(starts)])])


def number(region_id: int, name: str, on: date, scheme: str = "common") -> Entry:
    """A number of the procedure (days, shares, limits) in force in a region on a day."""
    return current_law().find(f"{region_id:06d}", scheme, name, on)


def value(region_id: int, name: str, on: date, scheme: str = "common") -> Any:
    """Its value; raises NumberUnknown, which says which number of the law is missing."""
    return current_law().value(f"{region_id:06d}", scheme, name, on)
