"""The last seats of one class: sixteen connections click for them; against the same rows without a guard."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.keys import new_id
from jiangxin.ground.staging import rows_of, run
from jiangxin.training.models import Enrolment, TrainingClass
from jiangxin.training.operations.seats import Joining, enrol
from tests.bench.crew import CONNECTIONS, together
from tests.bench.decisions import Crowd
from tests.factories.school import School

APPLICANTS, SEATS = 2_000, 20
# The floor: a conditional update and an insert in tables with the same indexes; no guard, no timetable, no journal.
PLAIN = """
WITH seat AS (UPDATE plain_class SET taken = taken + 1 WHERE id = %(class)s AND taken < capacity RETURNING id)
INSERT INTO plain_enrolment (id, class_id, person_id, region_id, body_id, state, source, waits_since, state_since,
       entered_by_name, reason, forecast)
SELECT %(id)s, c.id, %(person)s, c.region_id, c.body_id, CASE WHEN s.id IS NULL THEN 'waiting' ELSE 'seated' END,
       'self', %(at)s, %(at)s, '本人', '', '{}' FROM plain_class c LEFT JOIN seat s ON s.id = c.id
 WHERE c.id = %(class)s
"""


def some_people(crowd: Crowd, skip: int, most: int) -> list[UUID]:
    """People of the crowd, always the same ones at the same place."""
    return [
        one for (one,) in rows_of("SELECT id FROM parties_person WHERE pinyin = 'ce' ORDER BY id OFFSET %s LIMIT %s",
                                  [skip, most])
    ]  # fmt: skip


def plain_copy(plain: str, table: str, *where: object) -> None:
    """A bare table with the columns and indexes of another and some of its rows: no guard, no key, no scope."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(f"DROP TABLE IF EXISTS {plain}")
        cursor.execute(f"CREATE TABLE {plain} (LIKE {table} INCLUDING DEFAULTS INCLUDING INDEXES)")
        if where:
            cursor.execute(f"INSERT INTO {plain} SELECT * FROM {table} WHERE id = ANY (%s)", where)


def rush_and_plain(crowd: Crowd) -> tuple[float, float, int]:
    """Seconds in which all applicants were answered, of the floor's same rows; and how many applied.

    Asserts that the seats were given once each, everybody else waits, and nobody is there twice.
    """
    with transaction.atomic():
        school = School(crowd.world, room_name="抢座教室")
        found = school.opened(school.lessons(start=30), capacity=SEATS)
        people = some_people(crowd, 0, APPLICANTS)
        plain_copy("plain_class", "training_training_class", [found.id])
        plain_copy("plain_enrolment", "training_enrolment")
        at = crowd.world.at
    shares = [people[n::CONNECTIONS] for n in range(CONNECTIONS)]
    plain = together([_plainly(found.id, share, at) for share in shares])
    rush = together([_clicks(school, found.id, share) for share in shares])
    with acting(machine()):
        rows = Enrolment.objects.filter(training_class=found)
        seated, waiting = (rows.filter(state=state).count() for state in ("seated", "waiting"))
        taken = TrainingClass.objects.get(id=found.id).taken
        assert sum(rush.answers) == seated == taken == SEATS, (rush.answers, seated, taken)
        assert waiting == len(people) - SEATS
        assert rows.values("person_id").distinct().count() == len(people)
    return rush.seconds, plain.seconds, len(people)


def _clicks(school: School, class_id: UUID, people: Sequence[UUID]) -> Callable[[], int]:
    def click() -> int:
        seated = 0
        for person in people:
            actor = school.learner(person)
            with acting(actor) as at:
                seated += enrol(actor, at, class_id, Joining(person, "self")).seated
        return seated

    return click


def _plainly(class_id: UUID, people: Sequence[UUID], at: datetime) -> Callable[[], int]:
    def click() -> int:
        for person in people:
            with transaction.atomic():
                run(PLAIN, {"class": class_id, "id": new_id(), "person": person, "at": at})
        return len(people)

    return click
