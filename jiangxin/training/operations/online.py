"""Online time is counted: what platforms reported becomes hours by a table of rules, the rest has its reason (11.2).

A learner is counted whole, for time in one class bears on another. Counted again from the same statements, it comes to
the same.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from jiangxin.ground.actor import PROVINCE, Actor, seeing
from jiangxin.ground.clock import day_of
from jiangxin.ground.regions import regions_within
from jiangxin.ground.staging import in_bulk, rows_of, run, stage
from jiangxin.rules.parameters import Law
from jiangxin.training.online import Event, Limits, OnlineLesson, Span, Study, count_study

# Of so many refused stretches each is told with its time; of the rest only the sum.
PIECES = 200
# Of seconds nobody lived through, no more than these are told.
MOST_SECONDS = 100_000_000
# Whose learning is counted: who was asked for, and everybody who sat at the same device on the same day as what is new
# of any of them.
LEARNERS = """
WITH RECURSIVE node (person_id, device, day) AS (
  SELECT DISTINCT person_id, NULL::varchar, NULL::date FROM training_enrolment WHERE id = ANY(%(seats)s)
  UNION
  SELECT x.* FROM node, LATERAL (
    SELECT DISTINCT NULL::uuid, n.device, (n.at AT TIME ZONE 'Asia/Shanghai')::date FROM training_statement n
     WHERE n.person_id = node.person_id AND n.enrolment_id IS NOT NULL AND n.counted_at IS NULL AND n.device <> ''
    UNION ALL
    SELECT DISTINCT t.person_id, NULL::varchar, NULL::date FROM training_statement t
     WHERE t.device = node.device AND t.device <> '' AND t.enrolment_id IS NOT NULL
       AND t.at >= node.day::timestamp AT TIME ZONE 'Asia/Shanghai'
       AND t.at < (node.day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai') x)
SELECT person_id FROM node WHERE person_id IS NOT NULL
"""
LOCK = "SELECT id FROM training_enrolment WHERE person_id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
EVENTS = """
SELECT t.id, t.person_id, t.enrolment_id, t.lesson_id, t.at, t.stored_at, t.session, t.device, t.kind, t.claimed_ms,
       t.position_ms, t.speed_percent, t.voided_at IS NOT NULL, t.counted_at IS NULL
  FROM training_statement t WHERE t.person_id = ANY(%s) AND t.enrolment_id IS NOT NULL
"""
LESSONS = """
SELECT e.id, e.person_id, l.id, l.starts_at, l.ends_at, l.hours, e.region_id,
       CASE WHEN e.state IN ('completed', 'failed', 'left', 'lapsed') THEN e.state_since END
  FROM training_enrolment e JOIN training_lesson l ON l.class_id = e.class_id AND l.kind = 'online'
 WHERE e.person_id = ANY(%s) AND EXISTS (SELECT FROM training_statement t WHERE t.enrolment_id = e.id)
"""
IN_CLASS = """
SELECT person_id, in_at, greatest(in_at, coalesce(out_at, ends_at)) FROM training_attendance
 WHERE person_id = ANY(%s) AND NOT online AND active AND in_at IS NOT NULL AND state IN ('present', 'attended', 'late')
"""
CROWDS = """
SELECT device, (at AT TIME ZONE 'Asia/Shanghai')::date AS day, count(DISTINCT person_id) FROM training_statement
 WHERE device = ANY(%s) AND device <> '' AND voided_at IS NULL AND enrolment_id IS NOT NULL GROUP BY 1, 2
"""
COLUMNS = (
    "enrolment_id uuid, lesson_id uuid, claimed int, counted int, hours int, refused jsonb, pieces jsonb,"
    " statements int, last_at timestamptz"
)
WRITE = """
INSERT INTO training_study_count (id, enrolment_id, lesson_id, person_id, class_id, region_id, body_id, claimed,
       counted, refused, pieces, statements, last_at, counted_at)
SELECT gen_random_uuid(), s.enrolment_id, s.lesson_id, e.person_id, e.class_id, e.region_id, e.body_id, s.claimed,
       s.counted, s.refused, s.pieces, s.statements, s.last_at, %(at)s
  FROM study_counted s JOIN training_enrolment e ON e.id = s.enrolment_id ORDER BY s.enrolment_id, s.lesson_id
ON CONFLICT (enrolment_id, lesson_id) DO UPDATE SET claimed = excluded.claimed, counted = excluded.counted,
       refused = excluded.refused, pieces = excluded.pieces, statements = excluded.statements,
       last_at = excluded.last_at, counted_at = excluded.counted_at
"""
# Hours of a seat that has ended stay as they were settled; an hour that a plea counted is not taken back here.
ATTEND = """
UPDATE training_attendance a SET counted = s.hours, certainty = 'online',
       state = CASE WHEN a.state IN ('expected', 'absent') AND s.hours > 0 THEN 'attended' ELSE a.state END
  FROM study_counted s JOIN training_enrolment e ON e.id = s.enrolment_id AND e.state = 'seated'
 WHERE a.enrolment_id = s.enrolment_id AND a.lesson_id = s.lesson_id AND a.online AND a.active AND NOT a.by_exception
   AND (a.counted <> s.hours OR a.certainty = '')
"""
MARK = "UPDATE training_statement SET counted_at = %s WHERE id = ANY(%s) AND counted_at IS NULL"


@dataclass(frozen=True)
class _Seat:
    """An online lesson as one learner has it."""

    enrolment: UUID
    lesson: UUID
    person: UUID
    online: OnlineLesson
    hour_ms: int


@dataclass(frozen=True)
class _Seen:
    """A statement as read back; `new` when no count took it in yet."""

    id: UUID
    person: UUID
    event: Event
    voided: bool
    new: bool


def count_online(actor: Actor, at: datetime, enrolment_ids: Collection[UUID], law: Law) -> int:
    """Count the online time of these learners anew, and of who shares a device with them; how many statements were new.

    Writes what each lesson came to, and its hours as attendance. All in the region's numbers of the lesson's first day.
    """
    with seeing(regions_within(PROVINCE)), in_bulk():
        persons = [key for (key,) in rows_of(LEARNERS, {"seats": list(enrolment_ids)})]
        rows_of(LOCK, [persons])
        seen = [_seen(row) for row in rows_of(EVENTS, [persons])]
        seats = _seats(persons, law)
        rows = list(_counted(seats, seen, _in_class(persons), _crowds(seen)))
        stage("study_counted", COLUMNS, rows)
        run(WRITE, {"at": at})
        run(ATTEND)
        return run(MARK, [at, [one.id for one in seen if one.new]])


def _seen(row: tuple[object, ...]) -> _Seen:
    key, person, enrolment, lesson, when, stored, session, device, kind, claimed, position, speed, voided, new = row
    # One lesson of two seats of one learner, left and taken again, is two lessons here.
    place = (enrolment, lesson)
    event = Event(when, stored, place, session, device, kind, claimed, position, speed)  # type: ignore[arg-type]
    return _Seen(key, person, event, bool(voided), bool(new))  # type: ignore[arg-type]


# ── facts ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def _seats(persons: Sequence[UUID], law: Law) -> list[_Seat]:
    known: dict[tuple[int, date], tuple[int, Limits]] = {}
    seats = []
    for enrolment, person, lesson, opens_at, closes_at, hours, region, settled_at in rows_of(LESSONS, [persons]):
        place = (region, day_of(opens_at))
        if place not in known:
            known[place] = limits_of(law, *place)
        hour_ms, limits = known[place]
        found = OnlineLesson((enrolment, lesson), opens_at, closes_at, hours * hour_ms, limits, settled_at)
        seats.append(_Seat(enrolment, lesson, person, found, hour_ms))
    return seats


def limits_of(law: Law, region_id: int, on: date) -> tuple[int, Limits]:
    """How long an hour of teaching is, in milliseconds, and the numbers of the rule table, in a region on a day."""

    def number(name: str) -> int | None:
        entry = law.find(f"{region_id:06d}", "common", name, on)
        return int(entry.value) if entry.known else None

    hour_ms = (number("lesson_minutes") or 45) * 60_000
    per_day = number("online_hours_per_day")
    return hour_ms, Limits(
        heartbeat_seconds=number("online_heartbeat_seconds"),
        speed_percent=number("online_speed_percent"),
        day_ms=None if per_day is None else per_day * hour_ms,
        night_from=number("online_night_from"),
        night_until=number("online_night_until"),
        device_learners=number("online_device_learners"),
        constant_gaps=number("online_constant_gaps"),
        constant_spread_ms=number("online_constant_spread_ms"),
    )


def _in_class(persons: Sequence[UUID]) -> dict[UUID, list[Span]]:
    found: defaultdict[UUID, list[Span]] = defaultdict(list)
    for person, since, until in rows_of(IN_CLASS, [persons]):
        found[person].append((since, until))
    return found


def _crowds(seen: Sequence[_Seen]) -> dict[tuple[str, date], int]:
    devices = {one.event.device for one in seen}
    return {(device, day): many for device, day, many in rows_of(CROWDS, [list(devices)])}


# ── counted ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _counted(
    seats: Sequence[_Seat], seen: Sequence[_Seen], in_class: Mapping[UUID, Sequence[Span]],
    crowds: Mapping[tuple[str, date], int],
) -> Iterator[Sequence[object]]:  # fmt: skip
    """A row for each lesson of each learner of which anything was ever reported."""
    of_person: defaultdict[UUID, list[_Seat]] = defaultdict(list)
    for seat in seats:
        of_person[seat.person].append(seat)
    reported: defaultdict[UUID, list[_Seen]] = defaultdict(list)
    for one in seen:
        reported[one.person].append(one)
    for person, own in reported.items():
        lessons = {seat.online.id: seat.online for seat in of_person[person]}
        standing = [one.event for one in own if not one.voided]
        studies = count_study(standing, lessons, in_class.get(person, ()), crowds)
        told: defaultdict[Hashable, list[datetime]] = defaultdict(list)
        for one in own:
            told[one.event.lesson].append(one.event.at)
        for seat in of_person[person]:
            if times := told[seat.online.id]:
                yield _row(seat, times, studies.get(seat.online.id, Study()))


def _row(seat: _Seat, times: Sequence[datetime], study: Study) -> Sequence[object]:
    """In whole seconds that add up; the longest refused stretches with their times."""
    refused = {reason: min(ms // 1000, MOST_SECONDS) for reason, ms in sorted(study.refused_ms.items()) if ms >= 1000}
    counted = study.counted_ms // 1000
    longest = sorted(study.pieces, key=lambda one: -one.ms)[:PIECES]
    pieces = [
        [one.start.isoformat(), one.end.isoformat(), one.ms // 1000, one.reason]
        for one in sorted(longest, key=lambda one: one.start)
    ]
    hours = min(counted * 1000, seat.online.worth_ms) // seat.hour_ms
    return (
        seat.enrolment, seat.lesson, counted + sum(refused.values()), counted, hours, json.dumps(refused),
        json.dumps(pieces), len(times), max(times),
    )  # fmt: skip
