"""The dated numbers of the law: read from files, refused when unsourced, looked up by region, scheme, number and day.

A file `<region>/<scheme or "common">/<number>.yaml` holds title, unit, checked_on and `values`, each with

- `from`: first day in force; `until` (optional): last day in force, inclusive;
- `last_seen` (optional): last day a source was seen in force; after it, and before a newer value, it is unknown;
- `value`: a scalar, list or table; `null` says that a rule exists whose content, or whose days, were not found;
- `source`: {document, number, url}; `certainty`:

| certainty | meaning |
| --- | --- |
| found | seen in the source named |
| computed | arithmetic on found values |
| default | our own starting value for procedure, no document seen; a locality replaces it by filing one |
| known | general knowledge, unverified: unknown unless the law was loaded with `accept_unverified` |
| assumed | made up for a demo: refused unless the law is loaded with `allow_assumed` |

A number is looked up in the county, else its city, else the province, within a region in the scheme before "common".
The first region that ever had a value of its own decides: it does not fall back when its own value is unknown.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from jiangxin.ground.refusal import Refusal
from jiangxin.rules.filed import LawMalformed, Number, Value, ordered, read_number
from jiangxin.rules.numbers import NUMBERS

PUBLISHED = Path(__file__).parent / "parameters"
COMMON = "common"
PROVINCE = 330000
_EPOCH = date(1970, 1, 1)
_LONG_AGO = -(10**9)


class NumberUnknown(Refusal):
    sentence = "{title}在 {on} 没有可用的规定：{why}。"
    remedy = "请由有权的部门登记有文号的规定后再办。"


class Why(Enum):
    """Why a number is unknown on a day; the value is the Chinese phrase."""

    KNOWN = "已知"
    NOT_FILED = "没有登记过规定"
    BEFORE_FIRST = "早于最早的已知规定"
    AFTER_LAST_SEEN = "此后是否仍有效未查到"
    ENDED = "规定已到期，没有新规定"
    NOT_FOUND = "有规定，但内容或起止日期未查到"
    UNVERIFIED = "来源未经核实"
    NO_REGION = "地区未知"
    NO_DAY = "日期未知"


@dataclass(frozen=True, eq=False)
class Entry:
    """What a look-up finds for one day: the value with its source, or why there is none."""

    why: Why
    value: Any = None
    dated: Value | None = None
    number: Number | None = None

    @property
    def known(self) -> bool:
        return self.why is Why.KNOWN

    @property
    def filed(self) -> bool:
        """Whether any region of the chain ever filed this number: a local condition nobody filed does not apply."""
        return self.why is not Why.NOT_FILED


NOT_FILED = Entry(Why.NOT_FILED)
NO_REGION = Entry(Why.NO_REGION)
NO_DAY = Entry(Why.NO_DAY)


@dataclass(frozen=True, eq=False)
class Timeline:
    """Entries of one number in one region: entry i holds from day number starts[i] until the next start."""

    starts: tuple[int, ...]
    entries: tuple[Entry, ...]

    def on(self, day: int) -> Entry:
        return self.entries[bisect_right(self.starts, day) - 1]


def day_number(day: date) -> int:
    """Days since 1970-01-01, as in datetime64[D]."""
    return (day - _EPOCH).days


def region_chain(region: int) -> tuple[int, ...]:
    """County, city, province of a six-digit code, without repeats; none for an unknown region."""
    return tuple(dict.fromkeys((region, region // 100 * 100, region // 10000 * 10000))) if region > 0 else ()


class Law:
    """An unchangeable set of numbers; `lay_over` and `accepting` give another one."""

    def __init__(self, numbers: Iterable[Number], accept_unverified: bool = False) -> None:
        self.numbers = {number.key: number for number in numbers}
        self.accept_unverified = accept_unverified
        self._timelines: dict[tuple[str, str, int], Timeline] = {}

    @classmethod
    def load(
        cls, folders: Sequence[Path] = (PUBLISHED,), allow_assumed: bool = False, accept_unverified: bool = False
    ) -> "Law":
        """Read the files of these folders; values of one number in several folders form one line of dates.

        Raises LawMalformed for a file without unit, source or check date, overlapping values, or assumed values
        where they are not allowed.
        """
        numbers: dict[tuple[str, str, str], Number] = {}
        for folder in folders:
            for path in sorted(folder.glob("*/*/*.yaml")):
                region, scheme, name = path.parts[-3], path.parts[-2], path.stem
                where = f"{region}/{scheme}/{name}"
                content = yaml.load(path.read_text("utf-8"), Loader=_LOADER)
                number = read_number({**content, "region": region, "scheme": scheme, "number": name}, where)
                known = numbers.get(number.key)
                if known:
                    number = replace(number, values=ordered(known.values + number.values, where))
                numbers[number.key] = number
        if not allow_assumed:
            _refuse_assumed(numbers.values())
        return cls(numbers.values(), accept_unverified)

    def lay_over(self, rows: Iterable[Mapping[str, Any]]) -> "Law":
        """This law with other numbers on top: adopted documents, or a simulation.

        A row has the shape of a file plus region, scheme and number. From its `from` day its value replaces what was
        in force; an earlier value then ends the day before, a later one stays.
        """
        numbers = dict(self.numbers)
        for row in rows:
            where = f"{row.get('region')}/{row.get('scheme')}/{row.get('number')}"
            upper = read_number(row, where)
            lower = numbers.get(upper.key)
            merged = _merged(lower.values, upper.values) if lower else upper.values
            numbers[upper.key] = replace(upper, values=ordered(merged, where))
        return Law(numbers.values(), self.accept_unverified)

    def accepting_unverified(self) -> "Law":
        """The same numbers with the unverified ones taken as law: for a demo only."""
        return Law(self.numbers.values(), True)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all numbers, whether unverified ones count, and the code of the rules."""
        content = [self.numbers[key].canonical for key in sorted(self.numbers)]
        said = "\n".join([*content, str(self.accept_unverified), code_digest()])
        return hashlib.sha256(said.encode()).hexdigest()

    @cached_property
    def span(self) -> tuple[int, int]:
        """First and last day number on which any number changes; before and after it nothing does."""
        ends = [
            day_number(day) for n in self.numbers.values() for v in n.values for day in (v.from_on, v.last_on) if day
        ]
        return (min(ends), max(ends) + 1) if ends else (0, 0)

    def timeline(self, scheme: str, number: str, region: int) -> Timeline:
        known = self._timelines.get((scheme, number, region))
        if known is None:
            known = self._timelines[scheme, number, region] = self._timeline(scheme, number, region)
        return known

    def _timeline(self, scheme: str, number: str, region: int) -> Timeline:
        chain = region_chain(region)
        for code in chain:
            for shelf in (scheme, COMMON):
                own = self.numbers.get((f"{code:06d}", shelf, number))
                if own:
                    return _drawn(own, self.accept_unverified)
        return Timeline((_LONG_AGO,), (NOT_FILED if chain else NO_REGION,))

    def find(self, region: str, scheme: str, number: str, on: date) -> Entry:
        """The entry in force in a region on a day, or the entry that says why there is none."""
        return self.timeline(scheme, number, int(region or 0)).on(day_number(on))

    def value(self, region: str, scheme: str, number: str, on: date) -> Any:
        """The value in force in a region on a day. Raises NumberUnknown when there is none."""
        entry = self.find(region, scheme, number, on)
        if not entry.known:
            title = entry.number.title if entry.number else NUMBERS[number].title
            raise NumberUnknown(title=f"《{title}》", on=on, why=entry.why.value)
        return entry.value

    def in_force(self, region: str, on: date) -> list[tuple[str, str, Entry]]:
        """(scheme, number, entry) of every number that reaches this region, by scheme and number."""
        chain = {f"{code:06d}" for code in region_chain(int(region))}
        names = sorted({(scheme, number) for code, scheme, number in self.numbers if code in chain})
        return [(scheme, number, self.find(region, scheme, number, on)) for scheme, number in names]


@cache
def published_law() -> Law:
    """The published law of the tree, without assumed values; unverified numbers are unknown."""
    return Law.load()


def _merged(lower: tuple[Value, ...], upper: tuple[Value, ...]) -> list[Value]:
    merged = list(upper)
    starts = sorted(value.from_on for value in upper)
    for value in lower:
        if value.from_on in starts:
            continue
        cut = next((start - timedelta(days=1) for start in starts if start > value.from_on), None)
        if cut and value.last_on and value.last_on > cut:
            value = replace(value, until=cut, last_seen=min(value.last_seen, cut) if value.last_seen else None)
        merged.append(value)
    return merged


def _refuse_assumed(numbers: Iterable[Number]) -> None:
    for number in numbers:
        if any(value.certainty == "assumed" for value in number.values):
            raise LawMalformed(where="/".join(number.key), what="含有演示用的假设值，只有演示库可以载入")


def _drawn(number: Number, accept_unverified: bool) -> Timeline:
    starts, entries = [_LONG_AGO], [Entry(Why.BEFORE_FIRST, number=number)]
    for value in number.values:
        if value.value is None:
            why = Why.NOT_FOUND
        else:
            why = Why.UNVERIFIED if value.certainty == "known" and not accept_unverified else Why.KNOWN
        starts.append(day_number(value.from_on))
        entries.append(Entry(why, value.value, value, number))
        if value.last_on:
            starts.append(day_number(value.last_on) + 1)
            ended = Why.ENDED if value.last_on == value.until else Why.AFTER_LAST_SEEN
            entries.append(Entry(ended, dated=value, number=number))
    return Timeline(tuple(starts), tuple(entries))


@cache
def code_digest() -> str:
    """SHA-256 over the source of the rules: a replay tells whether the code was the same."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.relative_to(Path(__file__).parent).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
