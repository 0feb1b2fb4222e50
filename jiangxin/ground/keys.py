"""UUIDv7 keys made by the application: sortable by time, unique without asking the database."""

import os
import time
import uuid


def new_id() -> uuid.UUID:
    """A fresh UUIDv7 (RFC 9562): 48 bits of milliseconds, 12 bits below the millisecond, 62 random bits."""
    ns = time.time_ns()
    ms, below = divmod(ns, 1_000_000)
    value = ms << 80 | 7 << 76 | (below * 4096 // 1_000_000) << 64 | 2 << 62 | int.from_bytes(os.urandom(8)) >> 2
    return uuid.UUID(int=value)
