"""What of online time counts: planted cheaters lose what they made up, a clean learner loses nothing (11.2)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

import pytest

from jiangxin.ground.clock import SHANGHAI
from jiangxin.training.online import REASONS, Event, Limits, OnlineLesson, Study, count_study

MINUTE, HOUR, SECOND = timedelta(minutes=1), timedelta(hours=1), timedelta(seconds=1)
NINE = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
LIMITS = Limits(
    heartbeat_seconds=300, speed_percent=100, day_ms=8 * 45 * 60_000, night_from=23, night_until=6, device_learners=3,
    constant_gaps=20, constant_spread_ms=500,
)  # fmt: skip
LESSON = OnlineLesson(uuid4(), NINE - 24 * HOUR, NINE + 240 * HOUR, 40 * 45 * 60_000, LIMITS)
OTHER = replace(LESSON, id=uuid4())
LESSONS = {LESSON.id: LESSON, OTHER.id: OTHER}


def session(
    start: datetime = NINE, minutes: int = 60, name: str = "a", device: str = "phone", seed: int = 1,
    speed: float = 1.0, lesson: UUID = LESSON.id,
) -> Iterator[Event]:  # fmt: skip
    """A learner who opens a video, watches it, answers a question now and then, and stops."""
    dice, at, end = Random(seed), start, start + minutes * MINUTE
    yield Event(at, at, lesson, name, device, "start", position_ms=0)
    while (at := at + dice.uniform(20, 50) * SECOND) < end:
        position = int((at - start) / timedelta(milliseconds=1) * speed)
        yield Event(at, at + SECOND, lesson, name, device, "beat", position_ms=position)
    yield Event(end, end, lesson, name, device, "stop", position_ms=int(minutes * 60_000 * speed))


def adds_up(studies: dict[UUID, Study]) -> bool:
    return all(one.claimed_ms == one.counted_ms + one.refused_ms.total() for one in studies.values()) and all(
        one.refused_ms.total() == sum(piece.ms for piece in one.pieces) for one in studies.values()
    )


def one(events: object, *more: object, lessons: dict[UUID, OnlineLesson] | None = None) -> Study:
    studies = count_study(events, lessons or LESSONS, *more)
    assert adds_up(studies)
    return studies[LESSON.id]


def minutes(study: Study) -> tuple[int, dict[str, int]]:
    return study.counted_ms // 60_000, {reason: round(ms / 60_000) for reason, ms in study.refused_ms.items()}


@pytest.mark.parametrize("seed", range(20))
def test_a_clean_learner_loses_nothing(seed: int) -> None:
    study = one([*session(seed=seed), *session(NINE + 2 * HOUR, name="b", seed=seed + 100)])
    assert minutes(study) == (120, {})
    assert study.pieces == []


def test_in_any_order_and_twice_the_same() -> None:
    events = list(session())
    Random(3).shuffle(events)
    assert minutes(one(events)) == minutes(one([*events, *events])) == (60, {})


@pytest.mark.parametrize("gap", [1, 15, 30, 60, 240])
def test_constant_intervals(gap: int) -> None:
    events = [Event(NINE + n * gap * SECOND, NINE + n * gap * SECOND, LESSON.id, "a", "", "beat") for n in range(60)]
    study = one(events)
    assert study.counted_ms == 0
    assert set(study.refused_ms) == {"constant"}


@pytest.mark.parametrize(("gaps", "refused"), [(19, False), (20, True)])
def test_how_many_constant_intervals(gaps: int, refused: bool) -> None:
    events = [Event(NINE + n * MINUTE, NINE + n * MINUTE, LESSON.id, "a", "", "beat") for n in range(gaps + 1)]
    assert ("constant" in one(events).refused_ms) is refused


def test_a_constant_stretch_within_an_honest_hour_is_all_that_is_lost() -> None:
    honest = list(session(minutes=30))
    bot = [
        Event(NINE + (31 + n) * MINUTE, NINE + (31 + n) * MINUTE, LESSON.id, "a", "phone", "beat") for n in range(30)
    ]
    counted, refused = minutes(one([*honest, *bot]))
    assert counted == 30
    assert refused == {"constant": 29}


@pytest.mark.parametrize(("speed", "reason"), [(1.0, ""), (0.5, ""), (2.0, "speed"), (16.0, "speed")])
def test_speed_by_the_position_in_the_material(speed: float, reason: str) -> None:
    study = one(session(speed=speed))
    assert minutes(study) == ((0, {"speed": 60}) if reason else (60, {}))


def test_speed_as_the_player_says_it() -> None:
    events = [replace(event, position_ms=None, speed_percent=200) for event in session()]
    assert minutes(one(events)) == (0, {"speed": 60})


def test_more_claimed_than_went_by() -> None:
    events = [
        Event(NINE, NINE, LESSON.id, "a", "", "start"),
        Event(NINE + 4 * MINUTE, NINE + 4 * MINUTE, LESSON.id, "a", "", "beat", claimed_ms=10 * 60_000),
    ]
    assert minutes(one(events)) == (4, {"faster": 6})


def test_less_claimed_than_went_by_is_taken_at_its_word() -> None:
    events = [
        Event(NINE, NINE, LESSON.id, "a", "", "start"),
        Event(NINE + 4 * MINUTE, NINE + 4 * MINUTE, LESSON.id, "a", "", "beat", claimed_ms=60_000),
    ]
    assert minutes(one(events)) == (1, {})


@pytest.mark.parametrize("kind", ["beat", "stop"])
def test_a_length_without_any_record_of_it(kind: str) -> None:
    assert minutes(one([Event(NINE, NINE, LESSON.id, "a", "", kind, claimed_ms=45 * 60_000)])) == (0, {"unseen": 45})


def test_a_total_at_the_end_claims_only_what_goes_beyond() -> None:
    *watched, stop = session()
    assert minutes(one([*watched, replace(stop, claimed_ms=60 * 60_000)])) == (60, {})
    assert minutes(one([*watched, replace(stop, claimed_ms=90 * 60_000)])) == (60, {"unseen": 30})
    twice = [*watched, replace(stop, claimed_ms=90 * 60_000), replace(stop, claimed_ms=90 * 60_000)]
    assert minutes(one(twice)) == (60, {"unseen": 30})


@pytest.mark.parametrize(("seconds", "reason"), [(300, {}), (301, {"gap": 5})])
def test_too_long_between_two_records(seconds: int, reason: dict[str, int]) -> None:
    events = [Event(NINE + n * SECOND, NINE + n * SECOND, LESSON.id, "a", "", "beat") for n in (0, seconds)]
    assert minutes(one(events)) == (0 if reason else 5, reason)


def test_a_pause_is_claimed_by_nobody() -> None:
    study = one([*session(minutes=30), *session(NINE + 3 * HOUR, minutes=30)])
    assert minutes(study) == (60, {})


def test_at_night() -> None:
    study = one(session(NINE.replace(hour=22, minute=30), minutes=120))
    assert minutes(study) == (30, {"night": 90})
    early = one(session(NINE.replace(hour=5), minutes=90))
    assert minutes(early) == (30, {"night": 60})
    assert early.pieces[0].start == NINE.replace(hour=5)
    assert early.pieces[0].end == NINE.replace(hour=6)


def test_no_more_than_so_much_a_day() -> None:
    study = one([*session(minutes=300), *session(NINE + 6 * HOUR, minutes=120, name="b")])
    assert minutes(study) == (360, {"day": 60})
    next_day = one([*session(minutes=360), *session(NINE + 24 * HOUR, minutes=30, name="b")])
    assert minutes(next_day) == (390, {})


def test_two_sessions_at_once_count_once() -> None:
    studies = count_study(
        [*session(), *session(NINE + 30 * MINUTE, name="b", lesson=OTHER.id, device="pc", seed=5)], LESSONS
    )
    assert adds_up(studies)
    assert minutes(studies[LESSON.id]) == (60, {})
    assert minutes(studies[OTHER.id]) == (30, {"twice": 30})


def test_one_session_on_two_devices_is_two_places() -> None:
    assert minutes(one([*session(), *session(device="pc", seed=9)])) == (60, {"twice": 60})


def test_in_a_classroom_at_the_same_time() -> None:
    assert minutes(one(session(), [(NINE - HOUR, NINE + 20 * MINUTE)])) == (40, {"lesson": 20})


@pytest.mark.parametrize(("learners", "counted"), [(1, 60), (3, 60), (4, 0)])
def test_one_device_for_many(learners: int, counted: int) -> None:
    study = one(session(), (), {("phone", date(2026, 3, 2)): learners})
    assert minutes(study) == (counted, {} if counted else {"device": 60})


def test_outside_the_days_of_the_lesson() -> None:
    lessons = {LESSON.id: replace(LESSON, opens_at=NINE + 10 * MINUTE, closes_at=NINE + 40 * MINUTE)}
    assert minutes(one(session(), lessons=lessons)) == (30, {"outside": 30})


def test_no_more_than_the_lesson_is_worth() -> None:
    lessons = {LESSON.id: replace(LESSON, worth_ms=45 * 60_000)}
    assert minutes(one(session(), lessons=lessons)) == (45, {"full": 15})


def test_a_clock_that_runs_ahead() -> None:
    events = [replace(event, stored_at=event.at - 10 * MINUTE) for event in session()]
    assert minutes(one(events)) == (0, {"early": 60})


def test_what_comes_in_after_the_seat_ended() -> None:
    lessons = {LESSON.id: replace(LESSON, settled_at=NINE + 2 * HOUR)}
    late = [replace(event, stored_at=NINE + 3 * HOUR) for event in session()]
    assert minutes(one(late, lessons=lessons)) == (0, {"late": 60})
    assert minutes(one(session(), lessons=lessons)) == (60, {})


def test_events_of_no_lesson_of_ours_count_nothing() -> None:
    assert count_study(session(lesson=uuid4()), LESSONS) == {}


def test_numbers_that_nobody_filed_ask_nothing_but_the_heartbeat() -> None:
    lessons = {LESSON.id: replace(LESSON, limits=Limits(heartbeat_seconds=300))}
    night = session(NINE.replace(hour=2), minutes=600, speed=3)
    assert minutes(one(night, (), {("phone", date(2026, 3, 2)): 90}, lessons=lessons)) == (600, {})
    assert minutes(one(session(), lessons={LESSON.id: replace(LESSON, limits=Limits())})) == (0, {"gap": 60})


def test_many_learners_at_random_always_add_up() -> None:
    for seed in range(60):
        dice = Random(seed)
        events = [
            Event(
                (at := NINE + dice.uniform(-20, 40) * HOUR), at + dice.uniform(-600, 600) * SECOND,
                dice.choice([LESSON.id, OTHER.id]), dice.choice("ab"), dice.choice(["", "x"]),
                dice.choice(["start", "beat", "beat", "stop"]), dice.choice([None, 0, 30_000, 10**8]),
                dice.choice([None, dice.randrange(10**7)]), dice.choice([None, 100, 150]),
            )
            for _ in range(200)
        ]  # fmt: skip
        studies = count_study(events, LESSONS, [(NINE, NINE + HOUR)], {("x", date(2026, 3, 2)): 4})
        assert adds_up(studies)
        assert all(set(study.refused_ms) <= set(REASONS) for study in studies.values())
