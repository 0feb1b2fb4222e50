"""Values of an xAPI statement: identifiers, instants, durations, language tags. Pure (1.0.3 Data 4; 2.0.0, 4.2.7)."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`\x00-\x20]+")
MBOX = re.compile(r"mailto:[^\s@<>]+@[^\s@<>]+")
SHA1 = re.compile(r"[0-9A-Fa-f]{40}")
SHA2 = re.compile(r"[0-9A-Fa-f]{56}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{128}")
UUID_FORM = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
MEDIA_TYPE = re.compile(r"[\w!#$&^.+\-]+/[\w!#$&^.+\-]+(?:\s*;\s*[\w!#$&^.+\-]+=(?:[\w!#$&^.+\-]+|\"[^\"]*\"))*")
# RFC 5646: language, script, region, variants, extensions, private use.
LANGUAGE = re.compile(
    r"(?:(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+|i-[a-z]{2,8}|en-gb-oed|sgn-(?:be-fr|be-nl|ch-de)|zh-min(?:-nan)?|art-lojban)",
    re.IGNORECASE,
)
DURATION = re.compile(
    r"P(?:(?P<weeks>\d{1,30}(?:\.\d{1,30})?)W|(?=.)(?:(?P<years>\d{1,30}(?:\.\d{1,30})?)Y)?(?:(?P<months>\d{1,30}(?:\.\d{1,30})?)M)?"
    r"(?:(?P<days>\d{1,30}(?:\.\d{1,30})?)D)?(?:T(?=.)(?:(?P<hours>\d{1,30}(?:\.\d{1,30})?)H)?(?:(?P<minutes>\d{1,30}(?:\.\d{1,30})?)M)?"
    r"(?:(?P<seconds>\d{1,30}(?:\.\d{1,30})?)S)?)?)",
    re.ASCII,
)
# A year and a month as long as any of them can be said to be: no study of ours lasts that long.
MILLISECONDS = {
    "weeks": 604_800_000, "years": 31_536_000_000, "months": 2_592_000_000, "days": 86_400_000, "hours": 3_600_000,
    "minutes": 60_000, "seconds": 1_000,
}  # fmt: skip
LONGEST = 10**12
TIMESTAMP = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:[Zz]|[+-]\d{2}(?::?\d{2})?)?"
    r"|\d{8}T\d{4}(?:\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}(?:\d{2})?)?",
    re.ASCII,
)
RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})", re.ASCII)
MINUS_ZERO = re.compile(r"-00(?::?00)?$")


def is_iri(value: Any) -> bool:
    """An absolute IRI, as a verb, an activity and the key of an extension are."""
    return isinstance(value, str) and IRI.fullmatch(value) is not None


def is_uuid(value: Any) -> bool:
    """A UUID in its usual form."""
    return isinstance(value, str) and UUID_FORM.fullmatch(value) is not None


def is_language(value: Any) -> bool:
    """A language tag of RFC 5646."""
    return isinstance(value, str) and LANGUAGE.fullmatch(value) is not None


def is_number(value: Any) -> bool:
    """A number of JSON; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def instant(value: Any, strict: bool = False) -> datetime | None:
    """The instant of a timestamp, None where it is none; strict: RFC 3339 (2.0.0). Without an offset it is UTC."""
    if not isinstance(value, str) or MINUS_ZERO.search(value):
        return None
    if not (RFC_3339 if strict else TIMESTAMP).fullmatch(value):
        return None
    try:
        found = datetime.fromisoformat(value.upper().replace(",", "."))
    except ValueError:
        return None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None


def milliseconds(value: Any) -> int | None:
    """How long an ISO 8601 duration is, None where it is none; never more than some thirty years."""
    found = DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    total = sum(Decimal(part) * MILLISECONDS[name] for name, part in found.groupdict().items() if part)
    return int(min(total, LONGEST))


def said_at(at: datetime) -> str:
    """An instant as the interface says it: UTC, to the millisecond or finer."""
    found = at.astimezone(UTC)
    return found.isoformat(timespec="microseconds" if found.microsecond % 1000 else "milliseconds")[:-6] + "Z"
