"""Lessons as an iCalendar file (RFC 5545): what a phone's calendar takes in. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime

from jiangxin.training.models import Lesson

STAMP = "%Y%m%dT%H%M%SZ"


def _text(said: str) -> str:
    """TEXT as 3.3.11 wants it."""
    return said.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _fold(line: str) -> str:
    """No line longer than 75 octets, never cut inside a character (3.1)."""
    lines: list[str] = []
    now = ""
    for letter in line:
        if len((now + letter).encode()) > (75 if not lines else 74):
            lines.append(now)
            now = ""
        now += letter
    return "\r\n ".join([*lines, now])


def lessons_file(title: str, lessons: Sequence[Lesson], at: datetime) -> str:
    """The file of a class's lessons, each once, keyed by its own id so that a moved one replaces itself."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//jiangxin//lessons//ZH", "CALSCALE:GREGORIAN"]
    for one in lessons:
        place = f"{one.room.name} {one.room.address}" if one.room else "线上"
        lines += [
            "BEGIN:VEVENT", f"UID:{one.id}@jiangxin", f"DTSTAMP:{at.astimezone(UTC):{STAMP}}",
            f"DTSTART:{one.starts_at.astimezone(UTC):{STAMP}}", f"DTEND:{one.ends_at.astimezone(UTC):{STAMP}}",
            f"SUMMARY:{_text(f'{title} · {one.topic}')}", f"LOCATION:{_text(place)}", "END:VEVENT",
        ]  # fmt: skip
    lines.append("END:VCALENDAR")
    return "\r\n".join(map(_fold, lines)) + "\r\n"
