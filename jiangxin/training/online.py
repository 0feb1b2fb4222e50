"""How much of a learner's online time counts: a table of rules, a reason for every second that does not. Pure.

What platforms report is evidence, not hours. Events of one learner go in, in any order; for each lesson come out the
milliseconds claimed, counted, and refused by reason, which add up (11.2; fraud patterns 2 and 16).
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from jiangxin.ground.clock import SHANGHAI

# Why time is refused, in the order in which the table asks, and what a learner or a platform can do about it.
REASONS = {
    "early": ("记录的时间比收到的时间还晚", "请平台校准时钟。"),
    "late": ("班级结业或退班以后才报来", "请平台随学随报；确有原因的，请联系培训机构。"),
    "gap": ("两次在学记录隔得太久", "学习时不要离开页面；断开后从头再点“继续”。"),
    "unseen": ("报了时长，但那段时间没有在学记录", "时长要由一路的在学记录证明，请平台补齐记录。"),
    "faster": ("报的时长比实际过去的时间还长", "请平台按实际经过的时间报。"),
    "speed": ("播放快于规定的速度", "请按原速学习。"),
    "constant": ("记录的间隔一模一样，像是程序在刷", "请本人学习；平台的记录间隔要随机。"),
    "device": ("同一天同一台设备上学的人太多", "请用自己的手机或电脑学。"),
    "outside": ("不在这次课开放的时间里", "请在课表写明的起止时间之间学。"),
    "lesson": ("这段时间您签到了一次面授课", "上面授课时不要同时开着线上课。"),
    "twice": ("这段时间另一处也在学，只算一处", "同一时间只在一处学。"),
    "night": ("夜间不计", "请在白天学。"),
    "full": ("这次课的课时已经学满", "不用再学这次课。"),
    "day": ("当天已到上限", "请第二天再学。"),
}
# A clock may be this much ahead; a player's own clock and its position may differ by this much.
AHEAD, SLACK_MS = timedelta(minutes=5), 2_000
DAY, EVER = timedelta(days=1), timedelta(days=36_500)

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Limits:
    """The law's numbers where a lesson is taught; None where nobody filed one: then that rule asks nothing."""

    heartbeat_seconds: int | None = None
    speed_percent: int | None = None
    day_ms: int | None = None
    night_from: int | None = None
    night_until: int | None = None
    device_learners: int | None = None
    constant_gaps: int | None = None
    constant_spread_ms: int | None = None


@dataclass(frozen=True)
class OnlineLesson:
    """An online lesson of a class: when it may be learnt, what it is worth, and by which numbers it is judged.

    `settled_at` is when the learner's seat ended: what comes in later changes nothing.
    """

    id: Hashable
    opens_at: datetime
    closes_at: datetime
    worth_ms: int
    limits: Limits
    settled_at: datetime | None = None


@dataclass(frozen=True)
class Event:
    """One statement as it bears on time: `kind` start, beat or stop; what it claims, how far in the material."""

    at: datetime
    stored_at: datetime
    lesson: Hashable
    session: str
    device: str
    kind: str
    claimed_ms: int | None = None
    position_ms: int | None = None
    speed_percent: int | None = None


@dataclass(frozen=True)
class Piece:
    """A stretch of claimed time; `reason` is "" while nothing speaks against it."""

    lesson: Hashable
    start: datetime
    end: datetime
    ms: int
    reason: str = ""


@dataclass
class Study:
    """What one lesson came to."""

    claimed_ms: int = 0
    counted_ms: int = 0
    refused_ms: Counter[str] = field(default_factory=Counter)
    pieces: list[Piece] = field(default_factory=list)


def count_study(
    events: Iterable[Event],
    lessons: Mapping[Hashable, OnlineLesson],
    in_class: Sequence[Span] = (),
    crowds: Mapping[tuple[str, date], int] | None = None,
) -> dict[Hashable, Study]:
    """What the events of one learner come to, by lesson.

    `in_class` are the times the learner signed in to lessons in a room; `crowds` says how many learners each device had
    on each day.
    """
    sessions: defaultdict[tuple[Hashable, str, str], list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda one: (one.at, one.stored_at)):
        if event.lesson in lessons:
            # To the millisecond, so that the stretches of a session add up to it.
            at = event.at.replace(microsecond=event.at.microsecond // 1000 * 1000)
            sessions[event.lesson, event.session, event.device].append(replace(event, at=at))
    open_pieces: list[Piece] = []
    done: list[Piece] = []
    for of_session in sorted(sessions.values(), key=lambda found: found[0].at):
        lesson = lessons[of_session[0].lesson]
        pieces = list(_pieces(of_session, lesson))
        pieces = _crowded(pieces, of_session[0].device, lesson.limits, crowds or {})
        pieces = _refuse(pieces, [(lesson.opens_at - EVER, lesson.opens_at)], "outside")
        pieces = _refuse(pieces, [(lesson.closes_at, lesson.closes_at + EVER)], "outside")
        pieces = _refuse(pieces, in_class, "lesson")
        pieces = _refuse(pieces, _covered(open_pieces), "twice")
        pieces = _refuse(pieces, _nights(pieces, lesson.limits), "night")
        open_pieces += [one for one in pieces if not one.reason]
        done += [one for one in pieces if one.reason]
    return _added_up(done + list(_within_limits(open_pieces, lessons)))


# ── one session ────────────────────────────────────────────────────────────────────────────────────────────────────
def _pieces(events: Sequence[Event], lesson: OnlineLesson) -> Iterator[Piece]:
    """The stretches between the events of one session, each judged by itself; then what was claimed beyond them."""
    constant = _constant(events, lesson.limits)
    claimed, first = 0, events[0]
    if first.kind == "beat" and first.claimed_ms:
        claimed += first.claimed_ms
        yield Piece(first.lesson, first.at, first.at, first.claimed_ms, "unseen")
    for place, (before, after) in enumerate(pairwise(events)):
        for piece in _between(before, after, lesson, place in constant):
            claimed += piece.ms
            yield piece
    totals = [one for one in events if one.kind == "stop" and one.claimed_ms]
    if totals and (most := max(totals, key=lambda one: one.claimed_ms or 0)) and (most.claimed_ms or 0) > claimed:
        beyond = (most.claimed_ms or 0) - claimed
        # A total that is off by a blink is the player's rounding, and claims nothing.
        if beyond > SLACK_MS:
            yield Piece(most.lesson, most.at, most.at, beyond, "unseen")


def _between(before: Event, after: Event, lesson: OnlineLesson, constant: bool) -> Iterator[Piece]:
    wall = _ms(before.at, after.at)
    told = after.claimed_ms if after.kind == "beat" else None
    if told is not None and told > wall + SLACK_MS:
        yield Piece(after.lesson, after.at, after.at, told - wall, "faster")
    if before.kind == "stop" and told is None:
        return
    ms = wall if told is None else min(told, wall)
    if ms <= 0:
        return
    start = after.at - timedelta(milliseconds=ms)
    yield Piece(after.lesson, start, after.at, ms, _judged(before, after, wall, lesson, constant))


def _judged(before: Event, after: Event, wall: int, lesson: OnlineLesson, constant: bool) -> str:
    limits = lesson.limits
    if after.at > after.stored_at + AHEAD:
        return "early"
    if lesson.settled_at and after.stored_at > lesson.settled_at:
        return "late"
    if limits.heartbeat_seconds is None or wall > limits.heartbeat_seconds * 1000:
        return "gap"
    if _too_fast(before, after, wall, limits.speed_percent):
        return "speed"
    return "constant" if constant else ""


def _too_fast(before: Event, after: Event, wall: int, most: int | None) -> bool:
    if most is None:
        return False
    if max(before.speed_percent or 0, after.speed_percent or 0) > most:
        return True
    if before.position_ms is None or after.position_ms is None:
        return False
    return after.position_ms - before.position_ms > wall * most // 100 + SLACK_MS


def _constant(events: Sequence[Event], limits: Limits) -> set[int]:
    """The places of stretches in a run of so many gaps that vary less than a person's and a random timer's do."""
    many, spread = limits.constant_gaps, limits.constant_spread_ms
    if not many or many < 2 or spread is None:
        return set()
    gaps = [(place, _ms(a.at, b.at)) for place, (a, b) in enumerate(pairwise(events)) if b.at > a.at]
    found: set[int] = set()
    total = squares = 0
    for last, (_, gap) in enumerate(gaps):
        total, squares = total + gap, squares + gap * gap
        if last >= many:
            old = gaps[last - many][1]
            total, squares = total - old, squares - old * old
        if last >= many - 1 and many * squares - total * total < (spread * many) ** 2:
            found.update(place for place, _ in gaps[last - many + 1 : last + 1])
    return found


def _crowded(
    pieces: list[Piece], device: str, limits: Limits, crowds: Mapping[tuple[str, date], int]
) -> list[Piece]:  # fmt: skip
    most = limits.device_learners
    if most is None or not device:
        return pieces
    return [
        _with(one, "device") if not one.reason and crowds.get((device, _day(one.start)), 0) > most else one
        for one in pieces
    ]


# ── pieces of time ─────────────────────────────────────────────────────────────────────────────────────────────────
def _ms(start: datetime, end: datetime) -> int:
    return (end - start) // timedelta(milliseconds=1)


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def _with(piece: Piece, reason: str) -> Piece:
    return Piece(piece.lesson, piece.start, piece.end, piece.ms, reason)


def _cut(piece: Piece, at: datetime) -> tuple[Piece, Piece]:
    """A piece in two at an instant within it; the milliseconds add up."""
    first = _ms(piece.start, at)
    return (
        Piece(piece.lesson, piece.start, at, first, piece.reason),
        Piece(piece.lesson, at, piece.end, piece.ms - first, piece.reason),
    )


def _refuse(pieces: Iterable[Piece], spans: Sequence[Span], reason: str) -> list[Piece]:
    """The pieces, with every part that falls into one of the spans refused for this reason."""
    found = list(pieces)
    for start, end in spans:
        made: list[Piece] = []
        for piece in found:
            if piece.reason or end <= piece.start or start >= piece.end:
                made.append(piece)
                continue
            if piece.start < start:
                before, piece = _cut(piece, start)
                made.append(before)
            if end < piece.end:
                piece, after = _cut(piece, end)
                made.append(after)
            made.append(_with(piece, reason))
        found = made
    return [piece for piece in found if piece.ms > 0]


def _covered(pieces: Iterable[Piece]) -> list[Span]:
    """The time that pieces take, those that touch taken together."""
    found: list[Span] = []
    for piece in sorted(pieces, key=lambda one: one.start):
        if found and piece.start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], piece.end))
        else:
            found.append((piece.start, piece.end))
    return found


def _nights(pieces: Sequence[Piece], limits: Limits) -> list[Span]:
    """The nights that the pieces touch, from the hour in the evening to the hour in the morning."""
    if limits.night_from is None or limits.night_until is None or limits.night_from == limits.night_until:
        return []
    days = {_day(one.start) - DAY for one in pieces} | {_day(one.start) for one in pieces}
    days |= {_day(one.end) for one in pieces}
    late, soon = timedelta(hours=limits.night_from), timedelta(hours=limits.night_until)
    spans = []
    for day in sorted(days):
        midnight = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
        spans.append((midnight + late, midnight + soon + (DAY if soon <= late else timedelta())))
    return spans


def _within_limits(pieces: Iterable[Piece], lessons: Mapping[Hashable, OnlineLesson]) -> Iterator[Piece]:
    """Pieces in the order of time, until the lesson is full and the day is: what goes beyond is refused."""
    in_lesson: Counter[Hashable] = Counter()
    in_day: Counter[date] = Counter()
    for whole in sorted(pieces, key=lambda one: one.start):
        for piece in _by_day(whole):
            lesson, day = lessons[piece.lesson], _day(piece.start)
            left, over = _at_most(piece, lesson.worth_ms - in_lesson[lesson.id], "full")
            if left and lesson.limits.day_ms is not None:
                kept, late = _at_most(left, lesson.limits.day_ms - in_day[day], "day")
            else:
                kept, late = left, None
            if kept:
                in_lesson[lesson.id] += kept.ms
                in_day[day] += kept.ms
            yield from (one for one in (kept, late, over) if one)


def _by_day(piece: Piece) -> Iterator[Piece]:
    while _day(piece.start) < _day(piece.end):
        day = _day(piece.start) + DAY
        midnight = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
        if midnight >= piece.end:
            break
        first, piece = _cut(piece, midnight)
        yield first
    yield piece


def _at_most(piece: Piece, ms: int, reason: str) -> tuple[Piece | None, Piece | None]:
    """The part of a piece that still has room, and the part that has none."""
    if ms >= piece.ms:
        return piece, None
    if ms <= 0:
        return None, _with(piece, reason)
    kept, over = _cut(piece, piece.start + timedelta(milliseconds=ms))
    return kept, _with(over, reason)


def _added_up(pieces: Iterable[Piece]) -> dict[Hashable, Study]:
    studies: defaultdict[Hashable, Study] = defaultdict(Study)
    for piece in sorted(pieces, key=lambda one: (one.start, one.end)):
        study = studies[piece.lesson]
        study.claimed_ms += piece.ms
        if not piece.reason:
            study.counted_ms += piece.ms
            continue
        study.refused_ms[piece.reason] += piece.ms
        last = study.pieces[-1] if study.pieces else None
        if last and last.reason == piece.reason and piece.start <= last.end:
            study.pieces[-1] = Piece(
                piece.lesson, last.start, max(last.end, piece.end), last.ms + piece.ms, piece.reason
            )
        else:
            study.pieces.append(piece)
    return dict(studies)
