"""Many at once: each deed in a process and on a connection of its own, all starting together.

Processes, not threads: sixteen threads of one interpreter wait for one another, not for the database.
"""

import multiprocessing
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, connections

CONNECTIONS = 16
FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Together:
    """How long it took from the first start to the last end, and what each came to."""

    seconds: float
    answers: list[Any]
    beside: list[Any]


def together(
    deeds: Sequence[Callable[[], object]], beside: Sequence[Callable[[Callable[[], bool]], object]] = ()
) -> Together:  # fmt: skip
    """Do all `deeds` at once; those `beside` go on until the deeds are done, as their argument tells them.

    Raises RuntimeError with what a deed raised.
    """
    # A connection that two processes hold is broken for both: the children open their own.
    connections.close_all()
    start, done, answers = FORK.Barrier(len(deeds) + len(beside)), FORK.Event(), FORK.Queue()

    def live(place: int, deed: Callable[..., object], *given: object) -> None:
        try:
            connection.ensure_connection()
            start.wait(60)
            began = time.perf_counter()
            said = deed(*given)
            answers.put((place, began, said, time.perf_counter()))
        except Exception:
            start.abort()
            answers.put((place, 0.0, traceback.format_exc(), None))
        finally:
            connections.close_all()

    crew = [FORK.Process(target=live, args=(n, deed)) for n, deed in enumerate(deeds)]
    crew += [FORK.Process(target=live, args=(len(deeds) + n, deed, done.is_set)) for n, deed in enumerate(beside)]
    for one in crew:
        one.start()
    told: dict[int, Any] = {}
    while len(told) < len(crew):
        place, *rest = answers.get(timeout=600)
        told[place] = rest
        if rest[-1] is None or all(n in told for n in range(len(deeds))):
            done.set()
    for one in crew:
        one.join()
    for rest in told.values():
        if rest[-1] is None:
            raise RuntimeError(rest[-2])
    first, last = min(told[n][0] for n in range(len(deeds))), max(told[n][-1] for n in range(len(deeds)))
    given = [told[n][-2] for n in range(len(crew))]
    return Together(last - first, given[: len(deeds)], given[len(deeds) :])
