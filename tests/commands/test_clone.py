"""Tests that commit do so in a copy of their own, which goes away whoever is still in it."""

from django.db import connection

from jiangxin.ground import postgres
from tests import database


def databases() -> set[str]:
    with postgres.admin() as admin:
        return {row[0] for row in admin.execute("SELECT datname FROM pg_database")}


def test_what_is_committed_in_the_clone_is_seen_from_outside(clone, connect):
    connect("owner", autocommit=True).execute("CREATE TABLE mark AS SELECT 1 AS n")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), to_regclass('mark') IS NOT NULL")
        assert cursor.fetchone() == (clone, True)


def test_a_copy_is_dropped_over_an_open_session_and_the_way_back_is_found(clone, template, connect):
    with database.copy_of(template) as name:
        lingering = connect("worker")
        assert lingering.info.dbname == name
        assert name in databases()
    assert name not in databases()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone() == (clone,)


def test_the_copies_of_a_killed_run_are_swept(clone):
    dead = "jx_copy_4194304_0"
    with postgres.admin() as admin:
        admin.execute(f"CREATE DATABASE {dead}")
    database.sweep_copies()
    assert dead not in databases()
    assert clone in databases()
