"""A morning on which 200 lessons run: codes shown at sixteen devices while boards are read; each against its floor."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median, quantiles
from uuid import UUID

from django.db import connection, transaction

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.keys import new_id
from jiangxin.ground.staging import rows_of, run
from jiangxin.rules.parameters import Law
from jiangxin.subsidy.law import current_law
from jiangxin.training.evidence import Attendance, Scan
from jiangxin.training.models import Lesson
from jiangxin.training.operations.attendance import Shown, sign, sign_buffered
from jiangxin.training.operations.seats import LAY_OUT
from jiangxin.training.presence import code_at, seed_of
from jiangxin.training.queries.attendance import board_of, lesson_of, lessons_about, lessons_today_in
from tests.bench.clock import seconds
from tests.bench.crew import CONNECTIONS, together
from tests.bench.decisions import Crowd
from tests.bench.seats import some_people
from tests.factories.school import School

LESSONS, SCANNED, LEARNERS, STEP = 200, 20, 40, 1_000_000
# Who reads boards while the codes are shown, and how often each board is read in turns with its floor.
READERS, ROUNDS = 2, 40

ROOMS = """
INSERT INTO training_room SELECT (jsonb_populate_record(r, jsonb_build_object(
       'id', gen_random_uuid(), 'name', '第 ' || n || ' 教室'))).*
  FROM training_room r, generate_series(1, %(lessons)s) n WHERE r.id = %(room)s
"""
TEACHERS = """
INSERT INTO training_teacher SELECT (jsonb_populate_record(t, jsonb_build_object(
       'id', gen_random_uuid(), 'person_id', p))).* FROM training_teacher t, unnest(%(people)s::uuid[]) p
 WHERE t.id = %(teacher)s
"""
CLASSES = """
INSERT INTO training_training_class SELECT (jsonb_populate_record(c, jsonb_build_object(
       'id', gen_random_uuid(), 'number', 'BENCH' || n, 'state', 'draft', 'capacity', %(learners)s, 'taken', 0))).*
  FROM training_training_class c, generate_series(1, %(lessons)s) n WHERE c.id = %(class)s
"""
# Each class at the same hour as the first one's first day, in its own room with its own teacher.
TIMES = """
WITH c AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM training_training_class WHERE number LIKE 'BENCH%%'),
     r AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM training_room WHERE name LIKE '第 %% 教室'),
     t AS (SELECT id, person_id, row_number() OVER (ORDER BY id) AS n FROM training_teacher
            WHERE person_id = ANY (%(people)s::uuid[]))
INSERT INTO training_lesson SELECT (jsonb_populate_record(l, jsonb_build_object(
       'id', gen_random_uuid(), 'class_id', c.id, 'room_id', r.id, 'teacher_id', t.id,
       'teacher_person_id', t.person_id))).*
  FROM training_lesson l, c JOIN r USING (n) JOIN t USING (n)
 WHERE l.class_id = %(class)s AND l.starts_at < %(first)s::timestamptz + interval '1 day'
"""
SIT_DOWN = """
WITH c AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM training_training_class
            WHERE number LIKE 'BENCH%%'),
     p AS (SELECT p, (n - 1) / %(learners)s AS n FROM unnest(%(sitting)s::uuid[]) WITH ORDINALITY u (p, n)),
     seat AS (UPDATE training_training_class t SET taken = s.many
                FROM (SELECT c.id, count(*) AS many FROM c JOIN p USING (n) GROUP BY 1) s
               WHERE t.id = s.id RETURNING t.id, t.region_id, t.body_id)
INSERT INTO training_enrolment (id, class_id, person_id, region_id, body_id, state, source, waits_since, state_since,
       entered_by_name, reason, forecast)
SELECT gen_random_uuid(), s.id, p.p, s.region_id, s.body_id, 'seated', 'self', %(at)s, %(at)s, '本人', '', '{}'
  FROM seat s JOIN c ON c.id = s.id JOIN p USING (n) RETURNING id
"""
PLAIN_SCAN = """
INSERT INTO plain_scan (id, lesson_id, person_id, class_id, region_id, body_id, direction, device, device_at,
       received_at, offline, accepted, problem) VALUES (%(id)s, %(lesson)s, %(person)s, %(class)s, %(region)s,
       %(body)s, 'in', '手机', %(at)s, %(at)s, false, true, '')
"""
PLAIN_STATE = "UPDATE plain_attendance SET state = 'present', in_at = %(at)s, certainty = 'code' WHERE id = %(seat)s"
PLAIN_BOARD = "SELECT * FROM plain_attendance WHERE lesson_id = %s AND active"
PLAIN_LESSONS = "SELECT * FROM plain_lesson WHERE starts_at < %s AND ends_at > %s ORDER BY starts_at LIMIT 300"


@dataclass(frozen=True)
class Ticket:
    """One learner at the door of one lesson, with all that a device or a bare row needs."""

    seat: UUID
    lesson: UUID
    person: UUID
    class_id: UUID
    region: int
    body: UUID
    code: str


@dataclass(frozen=True)
class Came:
    """Seconds of scans one by one and out of a buffer with their floors; p95 and idle median of boards read beside."""

    scans: int
    one_by_one: float
    one_by_one_plain: float
    buffered: float
    buffered_plain: float
    read_p95: float
    read_idle: float


@dataclass(frozen=True)
class Read:
    """Median seconds of the boards over all running lessons, and of the same rows plainly selected."""

    board: float
    board_plain: float
    school: float
    county: float
    lessons_plain: float


@dataclass
class Morning:
    """The lessons that run at once, with everybody on a seat."""

    crowd: Crowd
    school: School = field(init=False)
    at: datetime = field(init=False)
    law: Law = field(init=False)
    tickets: list[list[Ticket]] = field(init=False)

    def __post_init__(self) -> None:
        with transaction.atomic():
            self.school = School(self.crowd.world, room_name="样板教室")
            self._lay_out()
            self.law = current_law()
            self.tickets = self._tickets()
            self._plain()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def _lay_out(self) -> None:
        world, found = self.crowd.world, self.school.opened(self.school.lessons(start=12))
        first = Lesson.objects.filter(training_class=found).earliest("starts_at")
        self.at = first.starts_at
        free = some_people(self.crowd, 2_000, LESSONS * (LEARNERS + 1))
        teachers, people = free[:LESSONS], free[LESSONS:]
        given = {
            "lessons": LESSONS, "room": self.school.room.id, "teacher": self.school.teacher.id, "class": found.id,
            "first": self.at, "learners": min(LEARNERS, len(people) // LESSONS), "people": teachers,
            "sitting": people[: len(people) // LESSONS * LESSONS], "at": world.at,
        }  # fmt: skip
        for statement in (ROOMS, TEACHERS, CLASSES, TIMES):
            run(statement, given)
        for state in ("submitted", "open"):
            run("UPDATE training_training_class SET state = %s WHERE number LIKE 'BENCH%%'", [state])
        seats = [seat for (seat,) in rows_of(SIT_DOWN, given)]
        run(LAY_OUT, [seats, world.at])
        run("UPDATE training_training_class SET state = 'running' WHERE number LIKE 'BENCH%%'")

    def _tickets(self) -> list[list[Ticket]]:
        """By lesson of the first hour: who sits there."""
        rows = Attendance.objects.filter(starts_at=self.at, lesson__training_class__number__startswith="BENCH")
        found: dict[UUID, list[Ticket]] = {}
        for one in rows.select_related("lesson").order_by("lesson_id", "id"):
            code = code_at(seed_of(one.enrolment_id), one.lesson_id, one.lesson.room_id, STEP)
            ticket = Ticket(one.id, one.lesson_id, one.person_id, one.class_id, one.region_id, one.body_id, code)
            found.setdefault(one.lesson_id, []).append(ticket)
        return list(found.values())

    def _plain(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            for plain in ("scan", "attendance", "lesson"):
                cursor.execute(f"CREATE TABLE plain_{plain} (LIKE training_{plain} INCLUDING INDEXES)")
            cursor.execute("INSERT INTO plain_attendance SELECT * FROM training_attendance")
            cursor.execute("INSERT INTO plain_lesson SELECT * FROM training_lesson")
            cursor.execute("CREATE INDEX ON plain_lesson (starts_at)")


def signed(morning: Morning) -> Came:
    """Forty at a time in twenty lessons sign in one by one while boards are read, then twenty more out of a buffer."""
    online, offline = morning.tickets[:SCANNED], morning.tickets[SCANNED : 2 * SCANNED]
    tickets = [one for lesson in online for one in lesson]
    random.Random(1).shuffle(tickets)
    shares = [tickets[n::CONNECTIONS] for n in range(CONNECTIONS)]
    idle = together([_reads(morning, online)] * READERS)
    plain = together([_plainly(morning, [[one] for one in share]) for share in shares])
    scans = together([_signs(morning, share) for share in shares],
                     [lambda done: _reads(morning, online, done)()] * READERS)  # fmt: skip
    drawers = [offline[n::CONNECTIONS] for n in range(CONNECTIONS)]
    buffered_plain = together([_plainly(morning, share) for share in drawers])
    buffered = together([_uploads(morning, share) for share in drawers])
    with acting(machine()):
        kept = Scan.objects.filter(accepted=True).count()
        there = Attendance.objects.filter(starts_at=morning.at, state="present").count()
    count = len(tickets) + sum(map(len, offline))
    assert sum(scans.answers) + sum(buffered.answers) == kept == there == count, (kept, there, count)
    reads = [one for reader in scans.beside for one in reader]
    return Came(
        scans=len(tickets), one_by_one=scans.seconds, one_by_one_plain=plain.seconds,
        buffered=buffered.seconds, buffered_plain=buffered_plain.seconds,
        read_p95=quantiles(reads, n=20)[-1], read_idle=median(one for reader in idle.answers for one in reader),
    )  # fmt: skip


def _signs(morning: Morning, tickets: Sequence[Ticket]) -> Callable[[], int]:
    """Each code in a request of its own, as a device with a network sends it."""

    def show() -> int:
        clerk, accepted = morning.school.clerk, 0
        for one in tickets:
            with acting(clerk):
                shown = Shown(one.code, "in", "手机", STEP)
                accepted += sign(clerk, morning.at, one.lesson, shown, morning.law).accepted
        return accepted

    return show


def _uploads(morning: Morning, lessons: Sequence[Sequence[Ticket]]) -> Callable[[], int]:
    """All codes of a lesson in one request, an hour after the device read them."""
    ago = timedelta(hours=1)

    def show() -> int:
        clerk, accepted = morning.school.clerk, 0
        for lesson in lessons:
            with acting(clerk):
                shown = [Shown(one.code, "in", "手机", STEP + int(ago.total_seconds()) // 30, ago) for one in lesson]
                said = sign_buffered(clerk, morning.at + ago, lesson[0].lesson, shown, morning.law)
                accepted += sum(one.accepted for one in said)
        return accepted

    return show


def _plainly(morning: Morning, groups: Sequence[Sequence[Ticket]]) -> Callable[[], int]:
    def show() -> int:
        for group in groups:
            with transaction.atomic():
                for one in group:
                    given = {"id": new_id(), "lesson": one.lesson, "person": one.person, "class": one.class_id,
                             "region": one.region, "body": one.body, "at": morning.at, "seat": one.seat}  # fmt: skip
                    run(PLAIN_SCAN, given)
                    run(PLAIN_STATE, given)
        return sum(map(len, groups))

    return show


def _reads(
    morning: Morning, lessons: Sequence[Sequence[Ticket]], done: Callable[[], bool] | None = None
) -> Callable[[], list[float]]:  # fmt: skip
    """The provider's board of one lesson after the other, until `done`; each with its seconds."""

    def read() -> list[float]:
        took: list[float] = []
        while not done() if done else len(took) < 4 * ROUNDS:
            lesson = lessons[len(took) % len(lessons)][0].lesson
            took.append(seconds(lambda lesson=lesson: _board(morning, lesson)))  # type: ignore[misc]
        return took

    return read


def _board(morning: Morning, lesson_id: UUID) -> None:
    with acting(morning.school.clerk, read_only=True):
        lesson = lesson_of(lesson_id)
        assert lesson
        assert board_of(lesson).rows


def boards(morning: Morning) -> Read:
    """One lesson's board, the school's and the county's list of the lessons that run, in turns with plain selects."""
    lesson, at, clerk, county = morning.tickets[-1][0].lesson, morning.at, morning.school.clerk, morning.school.county

    def as_clerk(read: Callable[[], object]) -> Callable[[], float]:
        def timed() -> float:
            with acting(clerk, read_only=True):
                return seconds(read)

        return timed

    def of_lesson() -> object:
        found = lesson_of(lesson)
        return found and board_of(found)

    def of_county() -> float:
        with acting(county, read_only=True):
            return seconds(lambda: list(lessons_today_in(county.regions, at)[:300]))

    reads = [
        as_clerk(of_lesson),
        as_clerk(lambda: rows_of(PLAIN_BOARD, [lesson])),
        as_clerk(lambda: lessons_about(at, body=clerk.the_body)),
        of_county,
        as_clerk(lambda: rows_of(PLAIN_LESSONS, [at + timedelta(hours=12), at - timedelta(hours=12)])),
    ]
    taken = [[read() for read in reads] for _ in range(ROUNDS)]
    return Read(*map(median, zip(*taken, strict=True)))


def measures(crowd: Crowd) -> tuple[Came, Read]:
    """Both, over one morning."""
    morning = Morning(crowd)
    return signed(morning), boards(morning)
