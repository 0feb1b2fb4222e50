"""Pages in tests: static files as they lie in the tree, and a quick password hash."""

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.STATIC_ROOT = settings.STATICFILES_DIRS[0]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
