"""The guards of the database as its catalog knows them, and how to take one away for a moment."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import sql

OURS = r"^((funds|payment|subsidy|parties|recognition|assessment|catalogue|ground|training)_)"
KEYS_AND_CHECKS = """
SELECT r.relname, c.conname, 'constraint' FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
 WHERE c.connamespace = 'public'::regnamespace AND r.relname ~ %(ours)s
   AND (c.contype IN ('c', 'u', 'x') OR c.conname IN ('line_and_pool_agree', 'line_is_of_its_certificate',
                                                'heir_has_an_own_account', 'attendance_is_of_its_seat',
                                                'enrolment_is_of_its_class', 'seat_with_an_own_voucher',
                                                'lesson_names_its_teacher', 'statement_is_of_its_seat',
                                                'study_is_of_its_seat', 'offer_is_of_its_class'))
UNION ALL
SELECT r.relname, x.relname, 'index' FROM pg_index i
  JOIN pg_class r ON r.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
 WHERE i.indisunique AND NOT i.indisprimary AND r.relnamespace = 'public'::regnamespace AND r.relname ~ %(ours)s
   AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
UNION ALL
SELECT r.relname, t.tgname, 'trigger' FROM pg_trigger t JOIN pg_class r ON r.oid = t.tgrelid
 WHERE NOT t.tgisinternal AND r.relnamespace = 'public'::regnamespace AND r.relname ~ %(ours)s
"""
SOURCES = (
    "SELECT p.oid, p.prosrc FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosrc LIKE '%RAISE%'"
)
PROMISE = r"RAISE EXCEPTION '[^']*'[^;]*CONSTRAINT = '({})';"


@dataclass(frozen=True, order=True)
class Guard:
    """A constraint, unique index or trigger of a table; or a promise: one named refusal inside a trigger's function."""

    kind: str
    table: str
    name: str

    @property
    def words(self) -> str:
        return f"{self.table}.{self.name}" if self.kind == "trigger" else self.name


def all_guards(raw: Any) -> list[Guard]:
    """Every guard there is, in order; triggers of other tables than the product's are not counted."""
    rows = raw.execute(KEYS_AND_CHECKS, {"ours": OURS}).fetchall()
    found = [Guard(kind, table, name) for table, name, kind in rows]
    for _, source in raw.execute(SOURCES).fetchall():
        found += [Guard("promise", "", name) for name in re.findall(PROMISE.format(r"\w+"), source)]
    return sorted(set(found))


@contextmanager
def without(raw: Any, guard: Guard) -> Iterator[None]:
    """Work without a guard, as the owner; everything is rolled back at the end, the guard too."""
    with raw.transaction(force_rollback=True):
        if guard.kind == "promise":
            _silence(raw, guard.name)
        else:
            table, name = sql.Identifier(guard.table), sql.Identifier(guard.name)
            drop = {
                "constraint": "ALTER TABLE {table} DROP CONSTRAINT {name}",
                "index": "DROP INDEX {name}",
                "trigger": "DROP TRIGGER {name} ON {table}",
            }
            raw.execute(sql.SQL(drop[guard.kind]).format(table=table, name=name))
        yield


def _silence(raw: Any, name: str) -> None:
    """Let a function pass over one of its refusals."""
    for oid, source in raw.execute(SOURCES).fetchall():
        if re.search(PROMISE.format(name), source):
            whole = raw.execute("SELECT pg_get_functiondef(%s)", [oid]).fetchone()[0]
            raw.execute(re.sub(PROMISE.format(name), "NULL;", whole).encode())
