"""The ground every other test stands on."""

import socket
import warnings

import psycopg
import pytest
from django.db import connection
from django.template import Context, Template

from jiangxin.ground import state


def current_user() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return cursor.fetchone()[0]


def test_runs_as_worker(db):
    assert current_user() == state.role_name("worker")


@pytest.mark.role("web")
def test_runs_as_the_marked_role(db):
    assert current_user() == state.role_name("web")


@pytest.mark.role("web")
@pytest.mark.django_db
def test_the_mark_works_without_the_fixture():
    assert current_user() == state.role_name("web")


@pytest.mark.parametrize("role", state.ROLES)
def test_connects_raw_as_any_role_to_the_copy(connect, role):
    user, dbname = connect(role).execute("SELECT current_user, current_database()").fetchone()
    assert user == state.role_name(role)
    assert dbname.startswith("jx_copy_")


def test_no_role_may_make_roles_but_the_owner(connect):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connect("worker").execute("CREATE ROLE intruder")


def test_the_network_is_closed():
    with socket.socket() as door, pytest.raises(RuntimeError, match="network"):
        door.connect(("192.0.2.1", 80))


def test_warnings_are_errors():
    with pytest.raises(UserWarning, match="careful"):
        warnings.warn("careful", stacklevel=1)


def test_an_undefined_template_variable_fails():
    with pytest.raises(pytest.fail.Exception, match="nothing"):
        Template("{{ nothing }}").render(Context())
