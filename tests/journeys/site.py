"""A site of a story's own: the pages of this tree over the module's copy of the database, answered by threads.

The demo's stories run the real processes. These begin in a small world laid by the factories instead, so that days
which nobody can click away in one sitting are moved by the world's own deeds.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.db import transaction
from django.test import override_settings

from jiangxin.ground.actor import acting, machine, set_scope
from jiangxin.ground.clock import Clock
from jiangxin.mainline import run_until_idle
from jiangxin.parties.operations.accounts import DEMO_PASSWORD, grant_duty, open_account
from tests.factories.world import World
from tests.web.people import as_worker


class Quiet(WSGIRequestHandler):
    """Answers without a line for each request."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what goes wrong is among the street's complaints."""


@contextmanager
def served() -> Iterator[str]:
    """The site's address, as long as it answers; static files as they lie in the tree, and a quick password hash."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        STATIC_ROOT=settings.STATICFILES_DIRS[0],
        STORAGES=settings.STORAGES | {"staticfiles": plain},
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS],
    ):
        server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
        server.set_app(WSGIHandler())
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        server.server_close()
        thread.join()


def open_accounts(*wanted: tuple[str, str, dict[str, Any]]) -> None:
    """Demo accounts: the sign-in name, the duty, and where it belongs (`body`, `office`, `person`)."""
    actor = machine()
    with acting(actor) as at:
        for username, duty, place in wanted:
            kind = "staff" if "office" in place else "clerk"
            account = open_account(
                actor, at, kind=kind, username=username, name=username, password=DEMO_PASSWORD, demo=True, **place
            )
            grant_duty(actor, at, account, duty)


@contextmanager
def at_work(world: World) -> Iterator[World]:
    """What happens off the pages: by the worker's role, in one transaction, with the whole province in sight."""
    with as_worker(), transaction.atomic():
        set_scope(world.machine)
        yield world


def stands_at(world: World, when: datetime) -> None:
    """The demo's clock and the world's go to an instant; the main line does what is due by then."""
    with at_work(world):
        world.at = when
        Clock.objects.update(demo_at=when)
    with as_worker():
        run_until_idle()
