"""Sets of rows on their way in: COPY into a table of the transaction, then INSERT … SELECT (COPY passes no policy)."""

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor


@contextmanager
def in_bulk() -> Iterator[None]:
    """Make a great many rows that all live until the end: the collector would go through them in vain each time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def stage(name: str, columns: str, rows: Iterable[Sequence[object]]) -> int:
    """Make the temporary table `name` with these column definitions, fill it by COPY; returns the number of rows.

    The table lives until the end of the transaction; staged again in one transaction, it starts empty.
    """
    count = 0
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
        cursor.execute(f"CREATE TEMP TABLE {name} ({columns}) ON COMMIT DROP")
        with cursor.copy(f"COPY {name} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
                count += 1
        cursor.execute(f"ANALYZE {name} ({columns.split()[0]})")
    return count


def rows_of(sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of one query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def rows_of_prepared(sql: str, params: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """All rows of one small query that is asked all day: a connection plans it once, then only runs it.

    Row-level security makes planning dearer than a look-up by key itself. Not for temporary tables.
    """
    connection.ensure_connection()
    raw = connection.connection
    before, raw.prepare_threshold = raw.prepare_threshold, 0
    cursor: Any = ServerBindingCursor(raw)  # type: ignore[call-arg]
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    try:
        with wrap(cursor) as asking:
            asking.execute(sql, params)
            return asking.fetchall()
    finally:
        raw.prepare_threshold = before


def run(sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> int:
    """Run one statement; returns how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount
