"""An assessor with a county, a class that finished, and a plan that goes on in one call each: for tests of exams."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from jiangxin.assessment.examining import Examiner
from jiangxin.assessment.exams import Candidate, ExamPlan, ExamRoom, ExamSubject
from jiangxin.assessment.operations import exam_candidates, exam_plans, exam_results, exam_rooms, exam_scores
from jiangxin.assessment.operations.exam_examiners import ExaminerGiven, assign_examiner, register_examiner
from jiangxin.assessment.operations.exam_plans import PlanGiven, SubjectGiven
from jiangxin.assessment.operations.exam_rooms import RoomGiven
from jiangxin.catalogue.models import Occupation
from jiangxin.ground.actor import Actor, set_scope
from jiangxin.ground.clock import SHANGHAI
from jiangxin.parties.models import Account, Duty, Organisation, Person
from jiangxin.parties.operations.persons import PersonRow
from jiangxin.parties.queries.accounts import actor_of
from jiangxin.subsidy.law import current_law
from jiangxin.training.evidence import Attendance
from jiangxin.training.models import Enrolment, Lesson, Room, Teacher, TrainingClass
from tests.factories.world import OCCUPATIONS, World, number_of

ELECTRICIAN = "6-31-01-03"
PASSING = {"theory": "80", "practice": "75", "review": "70"}


@dataclass
class Hall:
    """The world with an assessor's people; `at` moves from sign-up to the day of the exam."""

    world: World = field(default_factory=World)
    letter: str = "S"

    def __post_init__(self) -> None:
        for code, name in OCCUPATIONS.items():
            Occupation.objects.get_or_create(edition="2022", code=code, defaults={"name": name, "pinyin": ""})
        self.law = current_law()
        self.body = self.world.assessor
        self.clerk = self.account("机构甲", "clerk")
        self.second = self.account("机构乙", "examiner")
        self.third = self.account("机构丙", "clerk")
        self.supervisor = self.account("督导丁", "clerk")
        self.head = self.account("负责人", "head")
        self.training = self.world.official("training", "training")
        self.do(self.training, exam_plans.give_number_series, self.body.id, self.letter, "042101")

    @property
    def at(self) -> datetime:
        return self.world.at

    @property
    def exam_day(self) -> datetime:
        return self.at + timedelta(days=10)

    def account(self, name: str, duty: str, body: Organisation | None = None) -> Actor:
        """An account of the assessor (or another body) with one duty."""
        count = Account.objects.count()
        account = Account.objects.create(
            username=f"body-{count}", name=name, kind="clerk", body=body or self.world.assessor, password="!",
            is_demo=True,
        )  # fmt: skip
        Duty.objects.create(account=account, duty=duty, exclusive=False, from_on=date(2020, 1, 1))
        return actor_of(account, self.at.date())

    def do(self, actor: Actor, deed: Any, *args: Any, at: datetime | None = None, **more: Any) -> Any:
        """Do a deed in the actor's own scope, then look at the whole province again."""
        set_scope(actor)
        try:
            return deed(actor, at or self.at, *args, **more)
        finally:
            if not self.world_is_broken():
                self.world.see_all()

    @staticmethod
    def world_is_broken() -> bool:
        """Whether the transaction can take no more statements."""
        return connection.needs_rollback

    def taught(self, learners: int = 2, *, subject: str = ELECTRICIAN, state: str = "finished") -> TrainingClass:
        """A class of the provider with so many who completed it, each with attended hours."""
        world, first = self.world, datetime(2026, 1, 5, 9, tzinfo=SHANGHAI)
        room = Room.objects.create(
            body=world.provider, region_id=world.region, name=f"教室{Room.objects.count()}", address="嘉善", capacity=50
        )
        self.trainer = world.person("教师")
        teacher = Teacher.objects.create(
            person=self.trainer, body=world.provider, full_time=True, from_on=date(2020, 1, 1), entered_by_name="t"
        )
        taught = TrainingClass.objects.create(
            number=f"JS2026-{TrainingClass.objects.count():02d}", body=world.provider, region_id=world.region,
            kind="skill_level", edition="2022", subject=subject, level="5", title=OCCUPATIONS[subject],
            mode="pre_job", enrolment="public", pays="person", room=room, capacity=50, hours=16, first_on=first.date(),
            last_on=(first + timedelta(days=1)).date(), state="draft", state_since=world.at, entered_by_name="t",
        )  # fmt: skip
        lessons = [
            Lesson.objects.create(
                training_class=taught, kind="practice", topic="实操", hours=8, room=room, teacher=teacher, fixed=True,
                teacher_person=self.trainer, starts_at=first + timedelta(days=n),
                ends_at=first + timedelta(days=n, hours=8),
            )
            for n in range(2)
        ]  # fmt: skip
        for step in ("submitted", "open", "running", *(("finished",) if state == "finished" else ())):
            TrainingClass.objects.filter(pk=taught.pk).update(state=step)
        self.learners = [world.person() for _ in range(learners)]
        for person in self.learners:
            self._seat(taught, person, lessons)
        taught.refresh_from_db()
        return taught

    def _seat(self, taught: TrainingClass, person: Person, lessons: list[Lesson]) -> None:
        world = self.world
        seat = Enrolment(
            training_class=taught, person=person, region_id=world.region, body=world.provider, state="seated",
            source="self", waits_since=world.at, state_since=world.at, entered_by_name="t",
        )  # fmt: skip
        seated(seat, taught)
        Enrolment.objects.filter(pk=seat.pk).update(state="completed")
        for lesson in lessons:
            Attendance.objects.create(
                lesson=lesson, enrolment=seat, person=person, class_id=taught.pk, region_id=world.region,
                body_id=world.provider.id, starts_at=lesson.starts_at, ends_at=lesson.ends_at, hours=8, counted=8,
                state="expected", certainty="code",
            )  # fmt: skip

    # ── a plan, step by step ──────────────────────────────────────────────────────────────────────────────────────
    def draft(self, kind: str = "skill_level", **more: Any) -> ExamPlan:
        given = {
            "name": "2026 年第一批", "kind": kind, "site": "嘉善评价中心三楼",
            "sign_up_until": (self.at + timedelta(days=5)).date(), "exam_on": self.exam_day.date(),
        }  # fmt: skip
        return self.do(self.clerk, exam_plans.draft_plan, PlanGiven(**(given | more)))

    def subject(self, plan: ExamPlan, code: str = ELECTRICIAN, level: str = "5", **forms: Any) -> ExamSubject:
        given = SubjectGiven(code, level, **({"theory": "computer", "practice": "scene"} | forms))
        return self.do(self.clerk, exam_plans.add_exam_subject, plan.id, given, self.law)

    def opened(self, **more: Any) -> ExamPlan:
        """A plan with one subject, filed and taken on file."""
        plan = self.draft(**more)
        self.only = self.subject(plan)
        self.do(self.clerk, exam_plans.file_plan, plan.id)
        return self.do(self.training, exam_plans.decide_plan, plan.id, True)

    def join_class(self, plan: ExamPlan, taught: TrainingClass) -> list[Candidate]:
        return self.do(self.clerk, exam_candidates.sign_up_class, plan.id, self.only.id, taught.id, self.law)

    def room(self, plan: ExamPlan, part: str, places: int = 30, name: str = "一考场", hour: int = 9) -> ExamRoom:
        start = self.exam_day.replace(hour=hour if part == "theory" else hour + 4)
        given = RoomGiven(part, name, places, start, start + timedelta(hours=2))
        return self.do(self.clerk, exam_rooms.add_exam_room, plan.id, given)

    def examiner(self, name: str = "", person: Person | None = None, body: Actor | None = None) -> Examiner:
        """An examiner for everything, of the assessor."""
        self.world.people += 1
        n = self.world.people
        row = PersonRow("resident", number_of(n), name or f"考评{n}")
        given = ExaminerGiven(row, f"K{n:06d}", ((ELECTRICIAN, ""),), date(2020, 1, 1))
        if person:
            return Examiner.objects.create(
                person=person, body=self.body, region_id=self.world.region, card_number=f"K{n}",
                subjects=[[ELECTRICIAN, ""]], from_on=date(2020, 1, 1), entered_by_name="t",
            )  # fmt: skip
        return self.do(body or self.clerk, register_examiner, given)

    def staffed(self, plan: ExamPlan) -> None:
        """Rooms for both parts with enough examiners, everybody admitted and seated."""
        self.do(self.clerk, exam_candidates.admit_all, plan.id)
        rooms = [self.room(plan, part) for part in ("theory", "practice")]
        self.do(self.clerk, exam_rooms.seat_candidates, plan.id)
        examiners = [self.examiner() for _ in range(3)]
        for room in rooms:
            for examiner in examiners:
                self.do(self.clerk, assign_examiner, room.id, examiner.id)

    def rostered(self, learners: int = 2, **more: Any) -> ExamPlan:
        """A plan whose roster is closed, with the learners of a class."""
        plan = self.opened(**more)
        self.join_class(plan, self.taught(learners))
        self.staffed(plan)
        return self.do(self.clerk, exam_rooms.close_roster, plan.id, self.law, at=self.exam_day)

    def score(self, actor: Actor, candidate: UUID, part: str, score: str, remark: str = "") -> Candidate:
        return self.do(
            actor, exam_scores.enter_score, candidate, part, Decimal(score), remark, at=self.exam_day
        )  # fmt: skip

    def closed(self, learners: int = 2, **scores: str) -> ExamPlan:
        """A plan whose scores were typed twice and closed."""
        plan = self.rostered(learners)
        for one in Candidate.objects.filter(plan=plan, state="admitted"):
            for part in one.parts:
                for actor in (self.clerk, self.second):
                    self.score(actor, one.id, part, (PASSING | scores)[part])
        return self.do(self.clerk, exam_scores.close_scores, plan.id, at=self.exam_day)

    def supervised(self, learners: int = 2, **scores: str) -> ExamPlan:
        plan = self.closed(learners, **scores)
        words = "看了两个考场和全部试卷，没有问题。"
        self.do(self.supervisor, exam_results.record_supervision, plan.id, "督导丁", words, True, at=self.exam_day)
        plan.refresh_from_db()
        return plan

    def published(self, learners: int = 2, **scores: str) -> ExamPlan:
        plan = self.supervised(learners, **scores)
        self.do(self.head, exam_results.publish_results, plan.id, at=self.exam_day)
        plan.refresh_from_db()
        return plan


def seated(seat: Enrolment, taught: TrainingClass) -> None:
    """Take a seat as the training chapter does: the learner waits, then class and enrolment move in one statement."""
    seat.state = "waiting"
    seat.save(force_insert=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH c AS (UPDATE training_training_class SET taken = taken + 1 WHERE id = %s RETURNING id)"
            " UPDATE training_enrolment SET state = 'seated' WHERE id = %s AND class_id IN (SELECT id FROM c)",
            [taught.pk, seat.pk],
        )
