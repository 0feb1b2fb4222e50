"""The place where the stories happen: one demo and one browser for all of them, or a site of a story's own."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connections
from playwright.sync_api import sync_playwright

from tests.browser import FLAGS, chromium
from tests.commands.clones import state_of_a_clone
from tests.journeys.demo import Demo
from tests.journeys.people import Street
from tests.journeys.site import served


@contextmanager
def street_at(url: str) -> Iterator[Street]:
    """A browser before a site."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield Street(browser, url)
        browser.close()


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with state_of_a_clone() as folder:
        running = Demo(folder)
        yield running
        running.stop()


@pytest.fixture(scope="module")
def whole_street(demo: Demo) -> Iterator[Street]:
    with street_at(demo.url) as street:
        yield street


@pytest.fixture
def street(whole_street: Street) -> Iterator[Street]:
    """The street; a story fails as well when a page on its way was faulty."""
    whole_street.complaints.clear()
    yield whole_street
    assert not whole_street.complaints


@pytest.fixture(scope="module")
def whole_lane(clone: str) -> Iterator[Street]:
    with served() as url, street_at(url) as street, pytest.MonkeyPatch.context() as patch:
        # The browser's driver keeps a loop in this thread, in which Django lets nobody at the database unasked.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield street
        # Inside that loop Django keeps connections of its own: the copy they lead to is dropped next.
        connections.close_all()


@pytest.fixture
def lane(whole_lane: Street) -> Iterator[Street]:
    """The street of a story that has a site of its own."""
    whole_lane.complaints.clear()
    yield whole_lane
    assert not whole_lane.complaints
