"""A platform for online learning at a school: its key, a class with online lessons, and statements of its learners."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

from jiangxin.ground.actor import Actor, set_scope
from jiangxin.parties.models import Organisation
from jiangxin.subsidy.law import current_law
from jiangxin.training.evidence import Attendance
from jiangxin.training.models import Lesson, TrainingClass
from jiangxin.training.operations.online import count_online
from jiangxin.training.operations.platforms import Issued, open_platform
from jiangxin.training.operations.seats import Place
from jiangxin.training.operations.statements import take_statements
from jiangxin.training.queries.due import seats_to_count
from jiangxin.training.queries.statements import actor_of_platform
from jiangxin.training.statements import StudyCount
from jiangxin.training.xapi_reading import DEVICE, name_of_lesson, token_of_seat
from jiangxin.training.xapi_values import said_at
from tests.factories.school import School

HOME = "https://jx.test/"
VERB = "http://adlnet.gov/expapi/verbs/{}"
SESSION = "https://w3id.org/xapi/video/extensions/session-id"
DAY, HOUR, MINUTE, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


def statement(token: str = "learner", lesson: UUID | None = None, verb: str = "experienced", **more: Any) -> dict:
    """A plain statement; what is given more stands in it."""
    return {
        "actor": {"objectType": "Agent", "account": {"homePage": HOME, "name": token}},
        "verb": {"id": VERB.format(verb), "display": {"zh-CN": "在学"}},
        "object": {"id": name_of_lesson(lesson or uuid4()), "definition": {"name": {"zh-CN": "安全用电"}}},
        **more,
    }


def voiding(number: str) -> dict:
    """A statement that voids another."""
    return statement(verb="voided") | {"object": {"objectType": "StatementRef", "id": number}}


@dataclass
class Online:
    """A school whose class learns partly online, on a platform of another body."""

    school: School
    learners: int = 4
    body: Organisation = field(init=False)
    issued: Issued = field(init=False)
    found: TrainingClass = field(init=False)
    places: list[Place] = field(init=False)
    lesson: Lesson = field(init=False)

    def __post_init__(self) -> None:
        world = self.school.world
        self.body = world.body("云学网", "91330421MA00000031", "platform")
        world.see_all()
        self.issued = open_platform(self.school.county, world.at, self.body.id, "云学堂")
        rows = self.school.lessons(days=8)
        opens = rows[0].starts_at.replace(hour=0)
        away = {"room_id": None, "kind": "online", "starts_at": opens, "ends_at": opens + 7 * DAY}
        rows[-2:] = [replace(rows[-2], topic="安全用电", **away), replace(rows[-1], topic="识图", **away)]
        self.found, self.places = self.school.running(self.learners, lessons=rows)
        self.lesson = Lesson.objects.get(training_class=self.found, topic="安全用电")

    def token(self, place: int = 0) -> str:
        return token_of_seat(self.places[place].enrolment.id)

    def session(
        self, place: int = 0, minutes: int = 60, start: datetime | None = None, device: str = "", seed: int = 1,
        lesson: Lesson | None = None,
    ) -> Iterator[dict]:  # fmt: skip
        """An evening of a learner: opened, watched, stopped."""
        dice, of = Random(seed), lesson or self.lesson
        begin = start or of.starts_at + 19 * HOUR
        times = [begin]
        while times[-1] < begin + minutes * MINUTE - MINUTE:
            times.append(times[-1] + dice.uniform(20, 50) * SECOND)
        for at in (*times, begin + minutes * MINUTE):
            verb = "initialized" if at == begin else "experienced"
            extensions = {SESSION: f"s{seed}"} | ({DEVICE: device} if device else {})
            yield statement(self.token(place), of.id, verb, timestamp=said_at(at), context={"extensions": extensions})

    def count(self, at: datetime | None = None) -> int:
        """What the main line does when statements have come."""
        self.school.world.see_all()
        at = at or self.lesson.starts_at + 23 * HOUR
        return count_online(self.school.world.machine, at, seats_to_count(at, 100), current_law())

    def study(self, place: int = 0) -> StudyCount:
        """What one learner's time in the lesson came to."""
        return StudyCount.objects.get(enrolment=self.places[place].enrolment, lesson=self.lesson)

    def attendance(self, place: int = 0) -> Attendance:
        """The learner's row of the lesson."""
        return Attendance.objects.get(enrolment=self.places[place].enrolment, lesson=self.lesson)

    def alone(self) -> Actor:
        """The platform, and its scope."""
        actor = actor_of_platform(self.issued.platform)
        set_scope(actor)
        return actor

    def send(self, statements: Any, edition: str = "1.0", at: datetime | None = None) -> list[str]:
        """What the platform sends, taken in the scope of its body alone."""
        actor = self.alone()
        at = at or self.lesson.starts_at + 22 * HOUR
        taken = take_statements(actor, at, self.issued.platform, list(statements), edition, HOME)
        self.school.world.see_all()
        return taken
