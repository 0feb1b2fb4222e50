"""The code that a learner shows at a lesson, and how many hours a presence is worth. Pure.

Eight digits from the seat's own secret, bound to lesson, room and thirty seconds of real time: filmed and sent on, it
is over before it arrives. A phone that was given the secret once makes the code without a network.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from jiangxin.ground.identity import blind_index

DIGITS = 8
# One step before and one after: clocks of phones differ a little.
AROUND = (0, -1, 1)
EARLIEST = timedelta(minutes=30)
LATEST = timedelta(minutes=30)


def seed_of(enrolment_id: UUID) -> bytes:
    """The secret of one seat, 32 bytes; kept nowhere, made again from the server's key."""
    return blind_index(enrolment_id.hex, "presence")


def code_at(seed: bytes, lesson_id: UUID, room_id: UUID | None, step: int) -> str:
    """What the phone shows during one step of thirty seconds."""
    said = f"{lesson_id.hex}|{room_id.hex if room_id else ''}|{step}"
    number = int.from_bytes(hmac.digest(seed, said.encode(), sha256)[:8])
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def fits(code: str, seed: bytes, lesson_id: UUID, room_id: UUID | None, step: int) -> bool:
    """Whether a code is the seat's at about that step, compared in constant time."""
    return any(hmac.compare_digest(code, code_at(seed, lesson_id, room_id, step + by)) for by in AROUND)


@dataclass(frozen=True)
class Stay:
    """How long somebody was in a lesson: from and to, and the time away between."""

    in_at: datetime
    out_at: datetime
    away: timedelta = timedelta()


def hours_of(stay: Stay, starts_at: datetime, ends_at: datetime, hours: int, grace: timedelta) -> int:
    """How many of a lesson's hours a stay is worth, rounded down; within the grace at either end nothing is lost."""
    first = starts_at if stay.in_at <= starts_at + grace else stay.in_at
    last = ends_at if stay.out_at >= ends_at - grace else stay.out_at
    there = max(last - first - (stay.away if stay.away > grace else timedelta()), timedelta())
    return min(hours, int(hours * (there / (ends_at - starts_at)) + 1e-9))
