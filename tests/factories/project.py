"""A project class that was taught, examined and decided: its heads wait for the settlement with the school (P24)."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import Clock, day_of
from jiangxin.parties.models import Organisation, PayeeAccount, Person
from jiangxin.parties.operations.body_accounts import confirm_body_account, propose_body_account
from jiangxin.subsidy.law import current_law
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.subsidy.operations.decide import decide_certificates
from jiangxin.training.evidence import Attendance
from jiangxin.training.models import Enrolment, Lesson, TrainingClass
from jiangxin.training.operations.attendance import Shown, close_lessons, finish_class, sign
from jiangxin.training.operations.classes import start_classes
from jiangxin.training.operations.seats import Joining, enrol
from jiangxin.training.presence import code_at, seed_of
from tests.factories.school import ELECTRICIAN, School, clerk_of
from tests.factories.world import World

CODE = "PX330421001"
SUBJECT = f"project:{CODE}"
NUMBER = "33050161000009990001"
STEP = 1_000_000


@dataclass
class Project:
    """`heads` learners of a project class; `settled_world` is after the class, with certificates decided."""

    world: World
    heads: int = 3
    pays: str = "project"
    code: str = CODE
    school: School | None = None
    employer: Organisation | None = None
    head: Actor = field(init=False)
    subject: str = field(init=False)
    people: list[Person] = field(init=False)
    found: TrainingClass = field(init=False)

    def __post_init__(self) -> None:
        world = self.world
        self.subject = f"project:{self.code}"
        self.school = self.school or School(world, "201 教室")
        item = self.school.item(self.code)
        item.hours, item.amount_fen, item.document, item.published_at = 24, 20_000, "嘉人社〔2026〕1号", world.at
        item.published_by_name = "培训股"
        item.save()
        self.school.teacher = self.school.teach("王老师", self.subject, ELECTRICIAN)
        self.school.teacher_actor = clerk_of(world, world.provider, "teacher", person=self.school.teacher.person)
        self.head = clerk_of(world, world.provider, "head")
        self.people = [world.person() for _ in range(self.heads)]

    def taught(self, absent: int = 0) -> TrainingClass:
        """Open, fill, teach and finish the class; the last `absent` people never came."""
        world, school = self.world, self.school
        assert school
        mode = "pre_job" if self.pays == "employer" else "off_job"
        self.found = school.opened(
            school.lessons(3), subject=self.subject, kind="training_pass", level="", pays=self.pays, mode=mode
        )
        for person in self.people:
            self._seat(person)
        first = Lesson.objects.filter(training_class=self.found).earliest("starts_at")
        world.at = first.starts_at
        start_classes(world.machine, world.at, [self.found.id])
        came = [person.id for person in self.people[: self.heads - absent]]
        signed = Attendance.objects.filter(class_id=self.found.id, person_id__in=came).select_related("lesson")
        for one in signed.order_by("starts_at"):
            code = code_at(seed_of(one.enrolment_id), one.lesson_id, one.lesson.room_id, STEP)
            for direction, when in (("in", one.starts_at), ("out", one.ends_at)):
                sign(school.teacher_actor, when, one.lesson_id, Shown(code, direction, "", STEP), current_law())
        world.at = Lesson.objects.filter(training_class=self.found).latest("ends_at").ends_at + timedelta(hours=1)
        close_lessons(world.machine, world.at, list(self.found.lessons.values_list("id", flat=True)))
        finish_class(school.clerk, world.at, self.found.id, current_law())
        world.see_all()
        self.found.refresh_from_db()
        return self.found

    def _seat(self, person: Person) -> None:
        enrol(self.school.learner(person.id), self.world.at, self.found.id, Joining(person.id, "self"))
        if self.employer:
            Enrolment.objects.filter(person=person).update(source="employer", employer=self.employer)

    def certified(self, *people: Person, **more: object) -> list[SubsidyLine]:
        """Certificates of the class for these people (all), decided; returns their lines by person's order."""
        world, last = self.world, day_of(self.world.at)
        chosen = people or tuple(self.people)
        world.at += timedelta(days=5)
        Clock.objects.update(demo_at=world.at)
        made = [
            world.certificate(
                person, kind="training_pass", occupation="6-31-01-03", level="", **self._of_class(last), **more
            )
            for person in chosen
        ]
        decide_certificates(world.machine, world.at, [one.id for one in made], "新到证书")
        by_person = {line.person_id: line for line in SubsidyLine.objects.filter(certificate__in=made)}
        return [by_person[person.id] for person in chosen]

    def _of_class(self, last: date) -> dict[str, object]:
        return {
            "edition": "", "item": self.code, "title": "项目", "class_number": self.found.number,
            "training_first_on": self.found.first_on, "training_last_on": last, "training_hours": self.found.hours,
            "training_edition": "", "training_subject": self.subject, "training_title": "项目",
            "exam_on": last + timedelta(days=2), "issued_on": last + timedelta(days=4),
        }  # fmt: skip

    def with_account(self) -> PayeeAccount:
        """The school's own account, seen and confirmed by the county's maker."""
        body = self.world.provider
        account = propose_body_account(
            self.head, self.world.at, body.id, "嘉善农商行", body.name, body.credit_code, NUMBER
        )
        confirmed = confirm_body_account(self.world.staff["maker"], self.world.at, account.id)
        self.world.see_all()
        return confirmed

