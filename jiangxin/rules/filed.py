"""A number as a file or an adopted document gives it: checked, typed, with its values in order of time."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any

from jiangxin.ground.refusal import Refusal
from jiangxin.rules.numbers import NUMBERS, Declared

CERTAINTIES = ("found", "computed", "default", "known", "assumed")


class LawMalformed(Refusal):
    sentence = "参数 {where} 不能载入：{what}。"
    remedy = "请补全后再载入：每个数值都要有单位、来源、核对日期和起始日。"


@dataclass(frozen=True)
class Source:
    document: str
    number: str
    url: str


@dataclass(frozen=True)
class Value:
    from_on: date
    until: date | None
    last_seen: date | None
    value: Any
    source: Source
    certainty: str
    note: str = ""

    @property
    def last_on(self) -> date | None:
        """Last day on which the value counts as known to be in force; None = no end."""
        ends = [day for day in (self.until, self.last_seen) if day]
        return min(ends) if ends else None


@dataclass(frozen=True)
class Number:
    region: str
    scheme: str
    number: str
    title: str
    unit: str
    checked_on: date
    values: tuple[Value, ...]

    @property
    def key(self) -> tuple[str, str, str]:
        return self.region, self.scheme, self.number

    @cached_property
    def canonical(self) -> str:
        """The whole number as one line of JSON, for the digest."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return json.dumps(plain(named), ensure_ascii=False, sort_keys=True)


def read_number(content: Mapping[str, Any], where: str) -> Number:
    """A number from the shape of a file, its value as `numbers` declares it. Raises LawMalformed."""
    for name, words in _REQUIRED.items():
        if not content.get(name):
            raise LawMalformed(where=where, what=f"没有{words}（{name}）")
    region, number, unit = str(content["region"]), content["number"], content["unit"]
    if not (len(region) == 6 and region.isascii() and region.isdigit()):
        raise LawMalformed(where=where, what=f"地区 {region} 不是 6 位区划代码")
    declared = NUMBERS.get(number)
    if declared is None:
        raise LawMalformed(where=where, what="没有声明过这个参数，请先在 jiangxin/rules/numbers.py 里声明")
    if unit != declared.unit:
        raise LawMalformed(where=where, what=f"单位应当是{declared.unit}，不是{unit}")
    values = tuple(_read_value(value, declared, where) for value in content.get("values") or ())
    if not values:
        raise LawMalformed(where=where, what="没有数值（values）")
    return Number(
        region=region,
        scheme=content["scheme"],
        number=number,
        title=content["title"],
        unit=unit,
        checked_on=_day(content.get("checked_on"), where, "核对日期（checked_on）"),
        values=ordered(values, where),
    )


_REQUIRED = {"region": "地区", "scheme": "项目", "number": "名称", "title": "标题", "unit": "单位"}


def _read_value(content: Mapping[str, Any], declared: Declared, where: str) -> Value:
    source = content.get("source") or {}
    if not source.get("document"):
        raise LawMalformed(where=where, what="数值没有来源（source.document）")
    certainty = content.get("certainty")
    if certainty not in CERTAINTIES:
        raise LawMalformed(where=where, what=f"可信程度（certainty）{certainty!r} 不在 {'、'.join(CERTAINTIES)} 之列")
    if "value" not in content:
        raise LawMalformed(where=where, what="缺少数值（value），未查到的请写 null")
    if content["value"] is not None and not declared.fits(content["value"]):
        raise LawMalformed(where=where, what=f"数值 {content['value']!r} 不合这个参数的要求")
    until, last_seen = content.get("until"), content.get("last_seen")
    return Value(
        from_on=_day(content.get("from"), where, "起始日（from）"),
        until=_day(until, where, "截止日（until）") if until else None,
        last_seen=_day(last_seen, where, "最后见到日（last_seen）") if last_seen else None,
        value=content["value"],
        source=Source(source["document"], source.get("number") or "", source.get("url") or ""),
        certainty=certainty,
        note=content.get("note") or "",
    )


def _day(given: Any, where: str, words: str) -> date:
    if isinstance(given, str):
        try:
            given = date.fromisoformat(given)
        except ValueError:
            given = None
    if type(given) is not date:
        raise LawMalformed(where=where, what=f"{words}不是日期")
    return given


def ordered(values: Iterable[Value], where: str) -> tuple[Value, ...]:
    """By first day; one version per day, no overlap (invariant M18)."""
    ordered = tuple(sorted(values, key=lambda value: value.from_on))
    for value in ordered:
        if value.last_on and value.last_on < value.from_on:
            raise LawMalformed(where=where, what=f"{value.from_on} 起的数值在起始日之前就结束了")
    for earlier, later in pairwise(ordered):
        if earlier.from_on == later.from_on or (earlier.last_on and earlier.last_on >= later.from_on):
            raise LawMalformed(where=where, what=f"{earlier.from_on} 起与 {later.from_on} 起的数值时间重叠")
    return ordered


def plain(thing: Any) -> Any:
    """Dataclasses, dates and tables as JSON values."""
    if isinstance(thing, date):
        return thing.isoformat()
    if isinstance(thing, Mapping):
        return {str(name): plain(value) for name, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [plain(value) for value in thing]
    if isinstance(thing, Value | Source):
        return {field.name: plain(getattr(thing, field.name)) for field in fields(thing)}
    return thing
