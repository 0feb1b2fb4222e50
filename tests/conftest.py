"""What every test stands on: an embedded PostgreSQL of the tests' own, a copy of a migrated template, strictness.

A test that takes `db` runs in a transaction that is rolled back. A module whose tests commit (pages, races,
commands) takes `clone`. Both run as the worker role; `@pytest.mark.role("web")` chooses another.
"""

import ipaddress
import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import django
import psycopg
import pytest

from jiangxin.ground import state

# The settings read these when they are first imported, so they are set before Django is.
os.environ.setdefault("JIANGXIN_TEST_STATE", str(state.state_folder() / "tests"))
os.environ |= {
    "JIANGXIN_STATE": os.environ["JIANGXIN_TEST_STATE"],
    "JIANGXIN_ROLE": "owner",
    "DJANGO_SETTINGS_MODULE": "config.settings",
}

django.setup()

from django.db import connections  # noqa: E402
from django.db.backends.signals import connection_created  # noqa: E402

from tests import database  # noqa: E402

SLOW_FOLDERS = {"race", "journeys"}
_role = {"now": "worker"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Races and browser stories are slow: `make quick` leaves them out."""
    for item in items:
        if SLOW_FOLDERS.intersection(item.path.parts):
            item.add_marker("slow")


def _assume(connection: Any) -> None:
    raw = connection.connection
    signed_in_as_owner = connection.settings_dict["USER"] == state.role_name("owner")
    if raw is not None and not raw.closed and signed_in_as_owner:
        raw.execute(psycopg.sql.SQL("SET ROLE {}").format(psycopg.sql.Identifier(state.role_name(_role["now"]))))


def _assume_when_created(*, connection: Any, **_: object) -> None:
    _assume(connection)


@pytest.fixture(scope="session")
def template(django_test_environment: None, django_db_blocker: Any) -> str:
    with django_db_blocker.unblock():
        name = database.ensure_template()
        database.sweep_copies()
    return name


@pytest.fixture(scope="session")
def django_db_setup(template: str, django_db_blocker: Any) -> Iterator[None]:
    """Instead of pytest-django's: every worker process has its own copy of the one migrated template."""
    connection_created.connect(_assume_when_created)
    with django_db_blocker.unblock(), database.copy_of(template):
        yield
    connection_created.disconnect(_assume_when_created)


@pytest.fixture(scope="module")
def clone(django_db_setup: None, template: str, django_db_blocker: Any) -> Iterator[str]:
    """A fresh database for a module whose tests commit; its name. Tests of the module share it."""
    with django_db_blocker.unblock(), database.copy_of(template) as name:
        yield name


@pytest.fixture(autouse=True)
def _role_of_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """The role ends with its test: what the next module prepares, it prepares as the worker."""
    marker = request.node.get_closest_marker("role")
    _role["now"] = marker.args[0] if marker else "worker"
    for connection in connections.all(initialized_only=True):
        _assume(connection)
    yield
    _role["now"] = "worker"


@pytest.fixture
def connect(django_db_setup: None) -> Iterator[Callable[..., psycopg.Connection[Any]]]:
    """A function `connect(role, **options)`: a raw connection to the current database, signed in as that role."""

    opened: list[psycopg.Connection[Any]] = []

    def open_as(role: str, **options: Any) -> psycopg.Connection[Any]:
        at = state.connection(role) | {"dbname": connections["default"].settings_dict["NAME"]}
        opened.append(psycopg.connect(**(at | options)))
        return opened[-1]

    yield open_as
    for connection in opened:
        connection.close()


def _is_local(address: object) -> bool:
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Only this machine may be reached."""
    real = socket.socket.connect

    def connect_locally(self: socket.socket, address: Any) -> None:
        if not _is_local(address):
            raise RuntimeError(f"a test reached for the network: {address!r}")
        real(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_locally)
        yield
