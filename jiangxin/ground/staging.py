"""Sets of rows on their way in: COPY into a table of the transaction, then INSERT … SELECT (COPY passes no policy)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection


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


def run(sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> int:
    """Run one statement; returns how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount
