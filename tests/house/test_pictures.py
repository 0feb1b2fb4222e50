"""Every page has its picture: an address that is added without one, or without a reason, fails here."""

from collections.abc import Iterator

from django.urls import URLPattern, get_resolver

from tests.house.test_rooms import patterns
from tests.shots import NO_PICTURE, PAGES


def looked_at(pattern: URLPattern) -> bool:
    """Whether an address answers a GET: one that only takes deeds shows nothing."""
    return "GET" in pattern.callback.jx_entry.methods


def pages() -> Iterator[str]:
    """The names of all addresses that answer something to look at."""
    return (str(pattern.name) for pattern in patterns(get_resolver()) if looked_at(pattern))


def test_every_page_has_a_picture_or_a_reason():
    assert not set(pages()) - {shot.page for shot in PAGES} - set(NO_PICTURE)


def test_no_picture_of_what_is_gone():
    assert not ({shot.page for shot in PAGES} | set(NO_PICTURE)) - set(pages())


def test_pictures_have_names_of_their_own():
    names = [shot.name for shot in PAGES]
    assert len(names) == len(set(names))
