"""Working as another database role for one piece of work: what the process's own role may not do, it cannot do."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction


@contextmanager
def working_as(role: str) -> Iterator[None]:
    """Let all database work of this thread go through the connection of `role`, an alias of the settings, to the end.

    Open it outside any transaction: what was begun as one role is not continued as another.
    """
    own = connections["default"]
    if own.in_atomic_block:
        raise transaction.TransactionManagementError("a transaction belongs to one role")
    other = connections[role]
    connections["default"] = other
    try:
        yield
    finally:
        connections["default"] = own
        other.close()
