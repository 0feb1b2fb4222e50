"""A school at work: its clerk, a room, a teacher, and classes opened by its own operations and the county's."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from jiangxin.catalogue.models import Occupation, TrainingItem
from jiangxin.ground.actor import Actor
from jiangxin.ground.keys import new_id
from jiangxin.parties.models import Account, Duty, Organisation, Person
from jiangxin.parties.operations.persons import PersonRow
from jiangxin.parties.queries.accounts import actor_of
from jiangxin.subsidy.law import current_law
from jiangxin.training.models import Lesson, Room, Teacher, TrainingClass
from jiangxin.training.operations.classes import (
    ClassPlan,
    LessonRow,
    decide_class,
    draft_class,
    plan_lessons,
    start_classes,
    submit_class,
)
from jiangxin.training.operations.places import Qualification, open_room, register_teacher
from jiangxin.training.operations.seats import Joining, Place, Worth, enrol, no_worth
from tests.factories.world import OCCUPATIONS, World, number_of

ELECTRICIAN = "6-31-01-03"
HOUR = timedelta(hours=1)


def clerk_of(world: World, body: Organisation, *duties: str, person: Person | None = None) -> Actor:
    """A signed-in clerk of a body with these duties."""
    name = f"{duties[0]}-{new_id().hex[-6:]}"
    account = Account.objects.create(username=name, name=name, kind="clerk", body=body, password="!", person=person)
    for duty in duties:
        Duty.objects.create(account=account, duty=duty, exclusive=False, from_on=world.at.date().replace(year=2020))
    return actor_of(account, world.at.date())


@dataclass
class School:
    """One provider of the world, with all that a class needs."""

    world: World
    room_name: str = "101 教室"
    clerk: Actor = field(init=False)
    county: Actor = field(init=False)
    room: Room = field(init=False)
    teacher: Teacher = field(init=False)
    teacher_actor: Actor = field(init=False)

    def __post_init__(self) -> None:
        for code, name in OCCUPATIONS.items():
            Occupation.objects.get_or_create(edition="2022", code=code, defaults={"name": name, "pinyin": ""})
        self.world.see_all()
        self.clerk = clerk_of(self.world, self.world.provider, "school")
        self.county = self.world.official("training", "training")
        self.room = open_room(self.clerk, self.world.at, self.room_name, "嘉善县人民大道 1 号", 40, self.world.region)
        self.teacher = self.teach("李老师")
        self.teacher_actor = clerk_of(self.world, self.world.provider, "teacher", person=self.teacher.person)

    def teach(self, name: str, *subjects: str) -> Teacher:
        self.world.people += 1
        row = PersonRow(kind="resident", number=number_of(self.world.people), name=name)
        able = [Qualification(subject, "", "高级技师证书 1 号") for subject in subjects or (ELECTRICIAN,)]
        return register_teacher(self.clerk, self.world.at, row, True, self.world.at.date(), "浙职培 0001", able)

    def plan(self, **more: object) -> ClassPlan:
        base = ClassPlan(
            kind="skill_level", subject=ELECTRICIAN, level="4", industry="", mode="off_job", enrolment="public",
            pays="person", capacity=20, fee_fen=0, room_id=self.room.id, materials="电工教材",
            examination="理论和实操",
        )  # fmt: skip
        return replace(base, **more)

    def lessons(self, days: int = 7, start: int = 10, hour: int = 8, **more: object) -> list[LessonRow]:
        """Eight hours on each of so many days, from `start` days after today: four in the morning, four later."""
        first = self.world.at.replace(hour=hour, minute=0) + timedelta(days=start)
        rows = []
        for day in range(days):
            for part, after in ((1, 0), (2, 5)):
                begins = first + timedelta(days=day, hours=after)
                given = {"room_id": self.room.id, "teacher_id": self.teacher.id} | more
                rows.append(LessonRow("practice", f"第 {day + 1} 天 {part}", begins, begins + 3 * HOUR, 4, **given))
        return rows

    def draft(self, lessons: list[LessonRow] | None = None, **more: object) -> TrainingClass:
        made = draft_class(self.clerk, self.world.at, self.plan(**more), self.world.region)
        return plan_lessons(self.clerk, self.world.at, made.id, self.lessons() if lessons is None else lessons)

    def submitted(self, lessons: list[LessonRow] | None = None, **more: object) -> TrainingClass:
        return submit_class(self.clerk, self.world.at, self.draft(lessons, **more).id, current_law())

    def opened(self, lessons: list[LessonRow] | None = None, **more: object) -> TrainingClass:
        return decide_class(self.county, self.world.at, self.submitted(lessons, **more).id, "open", "")

    def opened_from(self, draft: TrainingClass) -> TrainingClass:
        submit_class(self.clerk, self.world.at, draft.id, current_law())
        return decide_class(self.county, self.world.at, draft.id, "open", "")

    def running(self, learners: int = 1, **more: object) -> tuple[TrainingClass, list[Place]]:
        """A class on its first day, with so many learners on seats."""
        found = self.opened(**more)
        places = [self.join(found, self.world.person()) for _ in range(learners)]
        self.world.at = Lesson.objects.filter(training_class=found).earliest("starts_at").starts_at
        start_classes(self.world.machine, self.world.at, [found.id])
        found.refresh_from_db()
        return found, places

    def join(self, found: TrainingClass, person: Person, worth: Worth = no_worth) -> Place:
        return enrol(self.learner(person.id), self.world.at, found.id, Joining(person.id, "self"), worth)

    def learner(self, person_id: UUID) -> Actor:
        return Actor("本人", person_id=person_id)

    def item(self, code: str, kind: str = "training_pass") -> TrainingItem:
        return TrainingItem.objects.create(
            kind=kind, code=code, name=f"项目{code}", region_id=self.world.region,
            from_on=self.world.at.date().replace(year=2020), source="目录",
        )  # fmt: skip
