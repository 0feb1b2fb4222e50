"""What only the key can tell: every sealed value opens in its place (I4), a batch's file is what was sealed (M10).

All are opened, none is read: the clear value is hashed and forgotten in one function, so there is no entry of access
to write (I6). Without the key nothing opens, and verify says so.
"""

import uuid
from collections.abc import Iterator
from typing import Any

from jiangxin.ground.identity import SealedField, authentic_digest
from jiangxin.ground.table import all_tables
from jiangxin.training.voucher_codes import indexes_of

FIRST = uuid.UUID(int=0)
NUMBERS, FILES = 5000, 5


def sealed_columns() -> list[tuple[str, str]]:
    """Every (table, column) of sealed values, as the models declare them."""
    return [
        (model._meta.db_table, field.name)
        for model in all_tables()
        for field in model._meta.fields
        if isinstance(field, SealedField)
    ]


def _digests(cursor: Any, table: str, column: str, beside: str = "NULL") -> Iterator[tuple[str | None, Any]]:
    """(digest of what opened, what stands beside it) of a column, read in parts by key: files are large."""
    last, most = FIRST, FILES if column == "content" else NUMBERS
    while True:
        cursor.execute(
            f"SELECT id, {column}, {beside} FROM {table}"
            f" WHERE id > %s AND {column} IS NOT NULL ORDER BY id LIMIT {most}",
            [last],
        )
        rows = cursor.fetchall()
        for key, value, said in rows:
            yield authentic_digest(value, f"{table}|{column}|{key}"), said
        if len(rows) < most:
            return
        last = rows[-1][0]


def values_that_do_not_open(cursor: Any) -> tuple[int, int]:
    """(how many sealed values were opened or tried, how many did not open where they stand)."""
    opened = [digest is not None for table, column in sealed_columns() for digest, _ in _digests(cursor, table, column)]
    return len(opened), opened.count(False)


def vouchers_unlike_their_code(cursor: Any) -> tuple[int, int]:
    """(how many vouchers, how many whose index is not that of the code their key gives): none was put there by hand."""
    last, count, wrong = FIRST, 0, 0
    while True:
        cursor.execute(f"SELECT id, code_index FROM training_voucher WHERE id > %s ORDER BY id LIMIT {NUMBERS}", [last])
        rows = cursor.fetchall()
        said = indexes_of(key for key, _ in rows)
        count, wrong = (
            count + len(rows),
            wrong + sum(bytes(index) != right for (_, index), (_, right) in zip(rows, said, strict=True)),
        )
        if len(rows) < NUMBERS:
            return count, wrong
        last = rows[-1][0]


def batches_unlike_their_hash(cursor: Any) -> tuple[int, int]:
    """(how many batches, how many whose sealed file does not have the hash that was approved for sending)."""
    same = [digest == said for digest, said in _digests(cursor, "payment_batch", "content", "sha256")]
    return len(same), same.count(False)
