"""Databases for tests: one migrated template, built once per state of the migrations, and quick copies of it."""

import hashlib
import itertools
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from jiangxin.ground import postgres, processes, state
from jiangxin.models import STATES

PREFIX = "jx_template_"
_numbers = itertools.count()


def _fingerprint() -> str:
    files = sorted(
        path for path in (state.CLONE / "jiangxin/migrations").rglob("*") if path.suffix in (".py", ".sql")
    )  # fmt: skip
    digest = hashlib.sha256()
    for path in files:
        digest.update(str(path.relative_to(state.CLONE)).encode() + b"\0" + path.read_bytes())
    digest.update(repr(STATES).encode())
    digest.update(repr(STATES).encode())
    return digest.hexdigest()[:16]


def _names(admin: psycopg.Connection, pattern: str) -> list[str]:
    return [row[0] for row in admin.execute("SELECT datname FROM pg_database WHERE datname ~ %s", [pattern])]


def _create(admin: psycopg.Connection, name: str, template: str) -> None:
    admin.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
            *map(sql.Identifier, (name, template, state.role_name("owner")))
        )
    )
    postgres.grant_connect(admin, name)


def drop(admin: psycopg.Connection, name: str) -> None:
    """Drop a database, whoever is still in it."""
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def use(name: str) -> None:
    """Point Django's connections of this thread at another database."""
    for connection in connections.all():
        connection.close()
        connection.settings_dict["NAME"] = name


def _join_roles(admin: psycopg.Connection) -> None:
    """The owner may SET ROLE to the other roles (without inheriting what they may see): only in tests."""
    for role in state.ROLES[1:]:
        names = map(sql.Identifier, (state.role_name(role), state.role_name("owner")))
        inherit = "WITH INHERIT FALSE" if admin.info.server_version >= 160000 else ""
        admin.execute(sql.SQL("GRANT {} TO {} {}").format(*names, sql.SQL(inherit)))


def ensure_template() -> str:
    """The name of the migrated template: built as owner, under a lock so that parallel runs build it once."""
    postgres.start(fast=True)
    name = PREFIX + _fingerprint()
    with state.locked("template"), postgres.admin() as admin:
        if name not in _names(admin, PREFIX):
            postgres.ensure_roles()
            _join_roles(admin)
            for old in _names(admin, PREFIX):
                drop(admin, old)
            _create(admin, f"{name}_new", "template0")
            use(f"{name}_new")
            call_command("migrate", verbosity=0, interactive=False)
            use(f"{name}_new")
            admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (f"{name}_new", name))))
    return name


@contextmanager
def copy_of(template: str) -> Iterator[str]:
    """A database like the template, Django's connections pointed at it; dropped at the end, whoever is in it."""
    name = f"jx_copy_{os.getpid()}_{next(_numbers)}"
    before = connections["default"].settings_dict["NAME"]
    with postgres.admin() as admin:
        with state.locked("template"):
            _create(admin, name, template)
        use(name)
        try:
            yield name
        finally:
            use(before)
            drop(admin, name)


def sweep_copies() -> None:
    """Drop the copies of runs that were killed."""
    with postgres.admin() as admin:
        for name in _names(admin, "^jx_copy_"):
            if not processes.find(int(re.findall(r"\d+", name)[0])):
                drop(admin, name)
