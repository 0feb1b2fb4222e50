"""What an attack is: one illegal statement, the guard that stops it, and for whom; every other role lacks the grant."""

from collections.abc import Mapping
from dataclasses import dataclass, field

CHECK, UNIQUE, OVERLAP, FOREIGN, DENIED = "23514", "23505", "23P01", "23503", "42501"
WRITERS = ("web", "worker", "owner")


@dataclass(frozen=True)
class Attack:
    """`sql`: the statement, or the steps that lead to it. `by`: whom `guard` stops with `sqlstate`.

    `instead`: roles that another guard stops earlier. `lawful`: for whom it is no attack.
    All others are denied for want of a grant.
    """

    name: str
    guard: str
    sql: str | tuple[str, ...]
    by: tuple[str, ...] = WRITERS
    sqlstate: str = CHECK
    instead: Mapping[str, str] = field(default_factory=dict)
    lawful: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[str, ...]:
        return (self.sql,) if isinstance(self.sql, str) else self.sql

    def expected(self, role: str) -> tuple[str, str | None]:
        """(SQLSTATE, constraint) with which a role is refused."""
        if role in self.instead:
            return CHECK, self.instead[role]
        return (self.sqlstate, self.guard) if role in self.by else (DENIED, None)


def insert(table: str, **values: str) -> str:
    """INSERT of one row of SQL expressions, with a key of its own."""
    row = {"id": "gen_random_uuid()"} | values
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(row.values())})"
