"""Numbers for a whole batch at once: rows are sorted into (region, day) cells, and each cell is looked up once."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from jiangxin.rules.parameters import NO_DAY, Entry, Law

_NO_DAY = np.iinfo(np.int64).min


class Found:
    """The entries of a number for every row: `index` says which entry a row has; None = all rows have the one."""

    def __init__(self, entries: tuple[Entry, ...], index: np.ndarray | None) -> None:
        self.entries = entries
        self.index = index
        self._kept: dict[Any, np.ndarray] = {}

    @property
    def rows(self) -> np.ndarray | int:
        """What picks each row's line in `tables`."""
        return 0 if self.index is None else self.index

    @property
    def known(self) -> np.ndarray:
        return self.each(_known, bool)

    def ints(self) -> np.ndarray:
        """The values as int64; 0 where unknown, so always used together with `known`."""
        return self.each(_int, np.int64)

    def each(self, of: Callable[[Entry], Any], dtype: type) -> np.ndarray:
        """`of` once per entry, spread over the rows; a single value stands for all rows.

        Kept by `of`, which therefore is a function of a module and not one made on the spot.
        """
        answers = self._kept.get(of)
        if answers is None:
            each: np.ndarray = np.array([of(entry) for entry in self.entries], dtype=dtype)
            answers = self._kept[of] = each[0] if self.index is None else each[self.index]
        return answers

    def tables(self, of: Callable[[Entry], np.ndarray]) -> np.ndarray:
        """One table per entry, on top of each other; kept by `of`."""
        stacked = self._kept.get(of)
        if stacked is None:
            stacked = self._kept[of] = np.stack([of(entry) for entry in self.entries])
        return stacked

    def at(self, row: int) -> Entry:
        return self.entries[0 if self.index is None else self.index[row]]


@lru_cache(maxsize=8192)
def alone(entry: Entry) -> Found:
    """One entry for all rows; kept, so that what was worked out from it is not worked out again."""
    return Found((entry,), None)


def _known(entry: Entry) -> bool:
    return entry.known


def _int(entry: Entry) -> int:
    return entry.value if entry.known else 0


class Places:
    """The distinct regions of a column, and which of them each row has."""

    def __init__(self, regions: np.ndarray) -> None:
        if len(regions) == 1:
            self.codes, self.rank = [int(regions[0])], np.zeros(1, dtype=np.int32)
            return
        # the last place of both tables is that of the unknown region, -1
        size = int(regions.max(initial=0)) + 2
        seen = np.zeros(size, dtype=bool)
        seen[regions] = True
        self.codes = [int(code) if code < size - 1 else -1 for code in np.flatnonzero(seen)]
        rank = np.empty(size, dtype=np.int32)
        rank[self.codes] = np.arange(len(self.codes))
        self.rank = rank[regions]


class Grid:
    """Where rows lie in region and time; built once per pair of columns and used for every number asked there."""

    def __init__(self, law: Law, places: Places, days: np.ndarray) -> None:
        self.law = law
        self.regions = places.codes
        numbers = days.astype("datetime64[D]", copy=False).view(np.int64)
        self.cells = None
        if len(numbers) == 1:
            self.first = int(numbers[0])
            return
        dayless = numbers == _NO_DAY
        self.dayless = bool(dayless.any())
        clipped = np.clip(numbers, law.span[0] - 1, law.span[1])
        self.first = int(clipped.min(initial=law.span[1], where=~dayless))
        # one place more than there are days: the rows whose day is unknown
        self.width = int(clipped.max(initial=self.first, where=~dayless)) - self.first + 2
        offset = np.where(dayless, self.width - 1, clipped - self.first)
        self.cells = places.rank * self.width + offset

    def look(self, scheme: str, name: str) -> Found:
        """The number of a scheme for every row of the grid."""
        if self.cells is None:
            return alone(self._one(scheme, name))
        entries: dict[Entry, int] = {}
        table = np.empty((len(self.regions), self.width), dtype=np.int32)
        for rank, region in enumerate(self.regions):
            timeline = self.law.timeline(scheme, name, region)
            last = self.first + self.width - 2
            for start, end, entry in zip(
                timeline.starts, (*timeline.starts[1:], last + 1), timeline.entries, strict=True
            ):
                if start <= last and end > self.first:
                    place = entries.setdefault(entry, len(entries))
                    table[rank, max(start - self.first, 0) : end - self.first] = place
        if self.dayless:
            table[:, -1] = entries.setdefault(NO_DAY, len(entries))
        if len(entries) == 1:
            return alone(next(iter(entries)))
        return Found(tuple(entries), table.ravel()[self.cells])

    def _one(self, scheme: str, name: str) -> Entry:
        if self.first == _NO_DAY:
            return NO_DAY
        return self.law.timeline(scheme, name, self.regions[0]).on(self.first)
