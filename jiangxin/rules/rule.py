"""What a rule is: a function of facts and law to yes, no, unknown or not applicable, with the words that explain it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Protocol, TypeVar

import numpy as np

from jiangxin.rules.facts import FactRecord
from jiangxin.rules.lookup import Found, Grid, Places
from jiangxin.rules.parameters import Law, day_number

NO, YES, UNKNOWN, NOT_APPLICABLE = np.int8(0), np.int8(1), np.int8(2), np.int8(3)
ANSWER_NAMES = ("no", "yes", "unknown", "not_applicable")

# answers combined: "no" outweighs "unknown" outweighs "yes"; what does not apply has no say
_BOTH = np.array([[0, 0, 0, 0], [0, 1, 2, 1], [0, 2, 2, 2], [0, 1, 2, 3]], dtype=np.int8).ravel()
_EITHER = np.array([[0, 1, 2, 0], [1, 1, 1, 1], [2, 1, 2, 2], [0, 1, 2, 3]], dtype=np.int8).ravel()
_OPPOSITE = np.array([1, 0, 2, 3], dtype=np.int8)


def both(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return _BOTH[(one << 2) | other]


def either(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return _EITHER[(one << 2) | other]


def opposite(answer: np.ndarray) -> np.ndarray:
    return _OPPOSITE[answer]


def yes_if(condition: np.ndarray, known: np.ndarray | bool = True) -> np.ndarray:
    """Yes where the condition holds, no where it does not, unknown where it is not known."""
    if known is True:
        return np.asarray(condition, dtype=np.int8)
    return np.where(known, condition, UNKNOWN)


def add_months(days: np.ndarray, months: np.ndarray | int) -> np.ndarray:
    """The same day of a later month, or that month's last day when it is shorter (31 January + 1 = 28 February)."""
    month = days.astype("datetime64[M]")
    target = month + months
    first = target.astype("datetime64[D]")
    last = (target + 1).astype("datetime64[D]") - 1
    return np.minimum(first + (days - month.astype("datetime64[D]")), last)


def in_chinese(day: date | None) -> str:
    """2025年3月1日; an unknown day says so."""
    return f"{day.year}年{day.month}月{day.day}日" if day else "日期未知"


Column = Callable[["Ask"], np.ndarray]
T = TypeVar("T")


def spread(values: np.ndarray | np.generic, rows: int) -> np.ndarray:
    """A single value as a column of so many rows; a column as it is."""
    return np.asarray(values) if np.ndim(values) else np.full(rows, values)


class Ask:
    """One scheme asked about one batch: the facts, the numbers where and when a rule names them, shared steps once."""

    def __init__(self, scheme: str, facts: Any, law: Law) -> None:
        self.scheme = scheme
        self.facts = facts
        self.law = law
        self.rows = len(facts)
        self.used: dict[str, Found] = {}
        self._kept: dict[Any, Any] = {}

    def once(self, step: Callable[["Ask"], T]) -> T:
        """The result of a step that several rules share."""
        if step not in self._kept:
            self._kept[step] = step(self)
        return self._kept[step]

    def number(self, name: str, region: Column, on: Column) -> Found:
        """The number for every row, in the region and on the day these two steps give."""
        found = self._kept.get((name, region, on))
        if found is None:
            grid = self._kept.get((region, on)) or self._grid(region, on)
            found = self._kept[name, region, on] = grid.look(self.scheme, name)
        self.used[name] = found
        return found

    def _grid(self, region: Column, on: Column) -> Grid:
        """What it takes to find region and day is not among the numbers a rule rests on."""
        used = dict(self.used)
        grid = self._kept[region, on] = Grid(self.law, self._places(region), self.once(on))
        self.used = used
        return grid

    def _places(self, region: Column) -> Places:
        places = self._kept.get((Places, region))
        if places is None:
            places = self._kept[Places, region] = Places(self.once(region))
        return places


class Answering(Protocol):
    def __call__(self, ask: Ask, /) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class Rule:
    """A rule of a scheme.

    `words` is the law's wording, exact when `quoted`, else our paraphrase (转述). The sentences take {field} for a
    fact, {number} for a number used, and what `details` adds; `yes_of` says which of several yes a row has; `change`
    says what would turn a no into a yes, and `turned_by` names the one fact that does it, when there is one; a rule
    that never says no has neither. `reads` are the facts it rests on; `settled_by` says what settles an unknown when
    none of them and no number is missing.
    `since` is the first day of an article that says no by itself; where a number does, the number has its own days.
    """

    code: str
    title: str
    article: str
    words: str
    quoted: bool
    reads: tuple[str, ...]
    yes: str
    unknown: str
    answer: Answering
    yes_of: Callable[[Ask], str] | None = None
    no: str = ""
    change: str = ""
    turned_by: str = ""
    settled_by: str = ""
    not_applicable: str = "这一条不适用。"
    details: Callable[[Ask], Mapping[str, str]] | None = None
    since: date | None = None

    def too_young(self, answer: np.ndarray, dated: np.ndarray) -> np.ndarray:
        """Where a no rests on an article younger than the row: what the law said of it then was not found."""
        return (answer == NO) & (dated < np.datetime64(self.since, "D"))


def rule(**said: Any) -> Callable[[Answering], Rule]:
    """Make a Rule of the function below; its name is the rule's code."""

    def made(answer: Any) -> Rule:
        return Rule(code=answer.__name__, answer=answer, **said)

    return made


@dataclass(frozen=True)
class Version:
    """The rules in article order for certificates issued from this day on."""

    from_on: date
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Scheme:
    """A cause for which public money is paid; `paid` works out what a yes is worth and who pays it."""

    code: str
    title: str
    facts: type[FactRecord]
    dated_on: str
    versions: tuple[Version, ...]
    paid: Callable[[Ask], "Paid"]

    @cached_property
    def starts(self) -> np.ndarray:
        """First day number of each version, oldest first."""
        return np.array([day_number(version.from_on) for version in self.versions])


@dataclass(frozen=True)
class Paid:
    """Per row: amount in fen (UNKNOWN_AMOUNT where unknown), paying region, fund as index into `fund_codes`, counted
    year (0 unknown), whether a yes takes a count, and whether the scheme is paid here (yes, no, unknown)."""

    amount_fen: np.ndarray
    region: np.ndarray
    fund: np.ndarray
    count_year: np.ndarray
    takes_count: np.ndarray
    here: np.ndarray
    fund_codes: tuple[str, ...] = field(default=())


UNKNOWN_AMOUNT = -1
