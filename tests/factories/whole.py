"""What a test looks at after a deed: past every scope, as no role of the system ever does."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from jiangxin.ground.actor import machine, seeing


@contextmanager
def whole() -> Iterator[None]:
    """See the rows of the whole province for a moment."""
    with transaction.atomic(), seeing(machine().regions):
        yield
