"""The interface in tests: the site as its pages have it."""

from tests.web.conftest import _site  # noqa: F401
