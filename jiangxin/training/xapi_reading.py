"""What a statement says to us: whose minutes, of which lesson, when, how far; and by what it can be found again. Pure.

A learner is named by a token that we gave out: it stands for a seat in a class, says nothing of who sits there, and
cannot be made up. A lesson is named by `urn:jiangxin:lesson:<id>`, as the activity or beside it in the context.
"""

import base64
import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from jiangxin.ground.identity import blind_index
from jiangxin.training.xapi_form import PLACES_OF_ACTIVITIES, VOIDED
from jiangxin.training.xapi_values import instant, is_number, milliseconds

LESSON = re.compile(r"urn:jiangxin:lesson:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
DEVICE = "urn:jiangxin:device"
SESSIONS = (
    "https://w3id.org/xapi/video/extensions/session-id",
    "https://w3id.org/xapi/cmi5/context/extensions/sessionid",
)
POSITION = "https://w3id.org/xapi/video/extensions/time"
SPEED = "https://w3id.org/xapi/video/extensions/speed"
# Verbs by the last part of their IRI, whichever vocabulary they come from.
STARTS = {"initialized", "launched", "resumed", "played", "opened", "started", "logged-in"}
STOPS = {
    "paused", "suspended", "terminated", "exited", "completed", "abandoned", "closed", "passed", "failed", "satisfied",
    "waived", "logged-out",
}  # fmt: skip
MAC = 12


def token_of_seat(enrolment_id: UUID) -> str:
    """What a platform calls the learner on a seat: no name, no number, and nobody else can make one."""
    return base64.urlsafe_b64encode(enrolment_id.bytes + _mac(enrolment_id)).decode().rstrip("=")


def seat_of_token(token: str) -> UUID | None:
    """The seat that a token stands for, None where we never gave it out."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return None
    if len(raw) != 16 + MAC:
        return None
    seat = UUID(bytes=raw[:16])
    return seat if hmac.compare_digest(raw[16:], _mac(seat)) else None


@lru_cache(maxsize=4096)
def _mac(seat: UUID) -> bytes:
    return blind_index(seat.hex, "xapi-learner")[:MAC]


def name_of_lesson(lesson_id: UUID) -> str:
    """The activity id by which a platform names an online lesson."""
    return f"urn:jiangxin:lesson:{lesson_id}"


# ── found again by ─────────────────────────────────────────────────────────────────────────────────────────────────
# In a batch the same learners, verbs and lessons come again and again.
@lru_cache(maxsize=4096)
def mark(kind: str, value: str) -> str:
    """The keyed hash of something a statement is looked for by; the value itself is kept nowhere in clear."""
    return f"{kind}{base64.urlsafe_b64encode(blind_index(value, 'xapi')[:15]).decode()}"


def identifier(agent: dict[str, Any]) -> str:
    """The one identifier of an agent or an identified group as a text; "" for an anonymous group."""
    if "account" in agent:
        return json.dumps(["account", agent["account"]["homePage"], agent["account"]["name"]])
    for name in ("mbox", "mbox_sha1sum", "openid"):
        if name in agent:
            return json.dumps([name, agent[name]])
    return ""


def _named(agent: dict[str, Any] | None) -> Iterator[str]:
    """Identifiers of an agent or group and of its members."""
    for one in (agent, *agent.get("member", ())) if agent else ():
        if found := identifier(one):
            yield found


def _related_agents(statement: dict[str, Any]) -> Iterator[str]:
    context = statement.get("context", {})
    yield from _named(statement["actor"])
    yield from _named(statement.get("authority"))
    yield from _named(context.get("instructor"))
    yield from _named(context.get("team"))
    for one in context.get("contextAgents", ()):
        yield from _named(one["agent"])
    for one in context.get("contextGroups", ()):
        yield from _named(one["group"])
    thing = statement["object"]
    if thing.get("objectType") in ("Agent", "Group"):
        yield from _named(thing)
    elif thing.get("objectType") == "SubStatement":
        yield from _related_agents(thing)


def _context_activities(statement: dict[str, Any]) -> Iterator[str]:
    given = statement.get("context", {}).get("contextActivities", {})
    for place in PLACES_OF_ACTIVITIES:
        found = given.get(place, ())
        yield from (one["id"] for one in ([found] if isinstance(found, dict) else found))


def _related_activities(statement: dict[str, Any]) -> Iterator[str]:
    thing = statement["object"]
    kind = thing.get("objectType", "Activity")
    if kind == "Activity":
        yield thing["id"]
    elif kind == "SubStatement":
        yield from _related_activities(thing)
    yield from _context_activities(statement)


def marks_of(statement: dict[str, Any]) -> list[str]:
    """All that a statement may be asked for by: verb, activity, agent, registration, and what is related to it."""
    thing = statement["object"]
    kind = thing.get("objectType", "Activity")
    found = {mark("v", statement["verb"]["id"])}
    if kind == "Activity":
        found.add(mark("a", thing["id"]))
    direct = [*_named(statement["actor"]), *(_named(thing) if kind in ("Agent", "Group") else ())]
    found |= {mark("g", one) for one in direct}
    found |= {mark("G", one) for one in _related_agents(statement)}
    found |= {mark("A", one) for one in _related_activities(statement)}
    if registration := statement.get("context", {}).get("registration"):
        found.add(mark("r", registration.lower()))
    return sorted(found)


# ── what it says of learning ───────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Reading:
    """A statement as the rule table reads it; `kind` is start, beat or stop. Times in milliseconds."""

    at: datetime
    seat: UUID | None
    lesson: UUID | None
    kind: str
    claimed_ms: int | None
    position_ms: int | None
    speed_percent: int | None
    session: str
    device: str
    refers_to: UUID | None
    voids: bool


def _speed(said: Any) -> int | None:
    found = said.strip().rstrip("xX") if isinstance(said, str) else said
    try:
        return int(float(found) * 100) if not isinstance(found, bool) and 0 < float(found) < 1000 else None
    except (TypeError, ValueError, OverflowError):
        return None


def _position(said: Any) -> int | None:
    return int(said * 1000) if is_number(said) and 0 <= said < 10**7 else None


def _lesson(statement: dict[str, Any]) -> UUID | None:
    for name in _related_activities(statement):
        if found := LESSON.fullmatch(name):
            return UUID(found[1])
    return None


def _kind(verb: str) -> str:
    last = re.split(r"[/#:]", verb.rstrip("/"))[-1].lower()
    return "start" if last in STARTS else "stop" if last in STOPS else "beat"


def _hidden(sender: str, value: Any) -> str:
    return mark("", json.dumps([sender, value], sort_keys=True)) if value not in (None, "") else ""


def read_statement(statement: dict[str, Any], stored_at: datetime, sender: str = "") -> Reading:
    """What a well-formed statement says; what is not ours in it is left out, and so it counts for nothing.

    Two senders may call two devices by one name: a device is what its sender calls it.
    """
    context, result, thing = statement.get("context", {}), statement.get("result", {}), statement["object"]
    more, of_result = context.get("extensions", {}), result.get("extensions", {})
    known_as = statement["actor"].get("account", {}).get("name", "")
    session = next((more[name] for name in SESSIONS if more.get(name)), context.get("registration"))
    refers = thing["id"] if thing.get("objectType") == "StatementRef" else None
    at = instant(statement.get("timestamp")) or stored_at
    return Reading(
        at=at,
        # A clock in another century tells nothing of anybody.
        seat=seat_of_token(known_as) if known_as.isascii() and 2000 <= at.year < 2100 else None,
        lesson=_lesson(statement),
        kind=_kind(statement["verb"]["id"]),
        claimed_ms=milliseconds(result.get("duration")),
        position_ms=_position(of_result.get(POSITION)),
        speed_percent=_speed(more.get(SPEED)),
        session=_hidden(sender, session),
        device=_hidden(sender, more.get(DEVICE)),
        refers_to=UUID(refers) if refers else None,
        voids=statement["verb"]["id"] == VOIDED,
    )


def put_in_arrays(statement: dict[str, Any]) -> None:
    """Put every context activity into an array, in place: so it must be given back (1.0.3 Data 2.4.6.2)."""
    for one in (statement, statement["object"]):
        context = one.get("context")
        given = context.get("contextActivities", {}) if isinstance(context, dict) else {}
        for place, found in given.items():
            if isinstance(found, dict):
                given[place] = [found]
