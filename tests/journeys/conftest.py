"""The place where the stories happen: one demo and one browser for all of them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import sync_playwright

from tests.browser import FLAGS, chromium
from tests.commands.clones import state_of_a_clone
from tests.journeys.demo import Demo
from tests.journeys.people import Street


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with state_of_a_clone() as folder:
        running = Demo(folder)
        yield running
        running.stop()


@pytest.fixture(scope="module")
def whole_street(demo: Demo) -> Iterator[Street]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield Street(browser, demo.url)
        browser.close()


@pytest.fixture
def street(whole_street: Street) -> Iterator[Street]:
    """The street; a story fails as well when a page on its way was faulty."""
    whole_street.complaints.clear()
    yield whole_street
    assert not whole_street.complaints
