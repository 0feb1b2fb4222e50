"""What an invariant is: a statement about the whole database, counted by one question (invariants.md)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Checked = tuple[int, int]


@dataclass(frozen=True)
class Invariant:
    """`sql` returns one row (checked, violations), `%(at)s` is the time; `beyond` adds what SQL cannot tell."""

    id: str
    statement: str
    sql: str
    beyond: Callable[[Any], Checked] = lambda _: (0, 0)

    def count(self, cursor: Any, at: datetime) -> Checked:
        """How many things were checked, and how many violate it."""
        cursor.execute(self.sql, {"at": at})
        checked, violations = cursor.fetchone()
        more, wrong = self.beyond(cursor)
        return max(int(checked), more), int(violations) + wrong


def bad_in(id_: str, statement: str, from_: str, bad: str, *beyond: Callable[[Any], Checked]) -> Invariant:
    """An invariant of the rows of a FROM clause, those that violate it named by a condition."""
    return Invariant(id_, statement, f"SELECT count(*), count(*) FILTER (WHERE {bad}) FROM {from_}", *beyond)
