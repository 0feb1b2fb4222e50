"""Rows about people under row-level security (Z3, P17): for the person, a counter visited, a desk with business."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from jiangxin.ground import postgres, state
from tests.sql.people_seen import ABOUT_PEOPLE
from tests.sql.standing import Known, leave, prepare

Connect = Callable[..., psycopg.Connection[Any]]
HERE = 330421
MORE = (
    "INSERT INTO subsidy_earlier_subsidy (id, person_id, scheme, subject, level_rank, count_year, amount_fen, paid_on,"
    " payee, load_id) SELECT gen_random_uuid(), person, 'certificate_subsidy', 'x', 1, 2025, 1, '2025-01-01', 'person',"
    " gen_random_uuid() FROM unnest(ARRAY[%(person)s::uuid, gen_random_uuid()]) person",
    "INSERT INTO parties_person_merge (id, kept_id, gone_id, reason, merged_at, merged_by_id, moved)"
    " SELECT gen_random_uuid(), %(person)s, %(person)s, '', now(), who, '[]'"
    " FROM unnest(ARRAY[%(as_maker)s::uuid, gen_random_uuid()]) who",
)
KEY = {"subsidy_level_lock": "(t.person_id, t.subject)"}


@pytest.fixture(scope="module")
def known(clone: str, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    """The county of the attacks; some people have no business in it."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        bank: Path = tmp_path_factory.mktemp("bank")
        patch.setenv("JIANGXIN_BANK", str(bank))
        known = prepare(bank)
        with postgres.admin(clone) as raw:
            raw.execute("SET session_replication_role = replica")
            for statement in MORE:
                raw.execute(statement, known)
        yield known | {"clone": clone, "body": known["assessor"]}
        leave()


def keys(raw: Any, table: str, rule: str = "true", of: dict[str, object] | None = None) -> set[object]:
    found = raw.execute(f"SELECT {KEY.get(table, 't.id')} FROM {table} t WHERE {rule}", of or {})
    return {key for (key,) in found.fetchall()}


def truth(known: Known, table: str, rule: str = "true", **of: object) -> set[object]:
    """The keys that a rule names, seen past every policy."""
    with postgres.admin(known["clone"]) as raw:
        return keys(raw, table, rule, of)


def seen(raw: Any, table: str, **scope: object) -> set[object]:
    """The keys that a scope shows."""
    with raw.transaction():
        for name, value in scope.items():
            raw.execute("SELECT set_config(%s, %s, true)", [f"app.{name}", str(value)])
        return keys(raw, table)


@pytest.mark.parametrize("role", state.ROLES)
@pytest.mark.parametrize("table", ABOUT_PEOPLE)
def test_each_scope_sees_its_own_people(known: Known, connect: Connect, role: str, table: str) -> None:
    raw, rules = connect(role), ABOUT_PEOPLE[table]
    assert seen(raw, table) == set()
    everything = truth(known, table)
    assert everything
    assert seen(raw, table, regions="{330000}") == everything
    scopes = {
        "region": ({"regions": f"{{{HERE}}}"}, HERE),
        "body": ({"body": known["body"]}, known["body"]),
        "person": ({"person": known["person"]}, known["person"]),
        "visited": ({"visited": known["person"]}, known["person"]),
        "actor": ({"actor": known["as_maker"]}, known["as_maker"]),
    }
    for name, (scope, value) in scopes.items():
        wanted = truth(known, table, rules[name], **{name: value}) if name in rules else set()
        assert seen(raw, table, **scope) == wanted, name
    for name in ("person", "visited", "body", "actor"):
        assert seen(raw, table, **{name: uuid4()}) == set()
    assert seen(raw, table, regions="{330182}") == set()


@pytest.mark.parametrize("table", ABOUT_PEOPLE)
def test_a_policy_gone_shows_the_rows_of_everybody(known: Known, connect: Connect, table: str) -> None:
    """The control: without its policy a third county reads what is none of its business."""
    owner, everything = connect("owner"), truth(known, table)
    with owner.transaction(force_rollback=True):
        owner.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        owner.execute(f'SET LOCAL ROLE "{state.role_name("web")}"')
        owner.execute("SELECT set_config('app.regions', '{330182}', true)")
        assert keys(owner, table) == everything


def write(raw: Any, statement: str) -> None:
    """Write with another county in scope."""
    with raw.transaction():
        raw.execute("SELECT set_config('app.regions', '{330182}', true)")
        raw.execute(statement)


def test_nothing_is_written_about_whoever_is_not_known_here(known: Known, connect: Connect) -> None:
    raw = connect("web")
    for table in ("parties_payee_account", "parties_spell", "subsidy_earlier_subsidy"):
        columns = [
            name
            for (name,) in raw.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
                " AND attgenerated = ''",
                [table],
            ).fetchall()
        ]
        statement = (
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(f'r.{name}' for name in columns)}"
            f" FROM jsonb_populate_record(NULL::{table}, jsonb_build_object("
            f"'id', gen_random_uuid(), 'person_id', '{known['person']}')) r"
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            write(raw, statement)
