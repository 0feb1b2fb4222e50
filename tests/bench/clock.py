"""Measuring time."""

import time
from collections.abc import Callable
from statistics import median


def seconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def middle(work: Callable[[], object], times: int) -> float:
    """The median of several runs."""
    return median(seconds(work) for _ in range(times))
