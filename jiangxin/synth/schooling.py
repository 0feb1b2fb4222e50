"""The demo's school: a class that ended and waits for its examination, one that is taught today, vouchers, a queue."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from jiangxin.assessment.operations.exam_plans import give_number_series
from jiangxin.funds.models import Pool
from jiangxin.ground.actor import Actor, acting, machine
from jiangxin.ground.calendar import load_calendar
from jiangxin.ground.clock import day_of, opening_of, read_clock
from jiangxin.parties.models import Account, Organisation, Person
from jiangxin.parties.operations.accounts import open_account
from jiangxin.subsidy.law import current_law
from jiangxin.subsidy.queries.worth import class_worth
from jiangxin.synth.accounts import TEACHER
from jiangxin.synth.bodies import DEMO
from jiangxin.synth.trades import PROJECTS
from jiangxin.training.evidence import Attendance
from jiangxin.training.models import Lesson, Room, Teacher, TrainingClass
from jiangxin.training.operations.attendance import Shown, close_lessons, finish_class, sign
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
from jiangxin.training.operations.seats import Joining, enrol
from jiangxin.training.operations.voucher_batches import BatchTerms, draft_batch, issue_batch
from jiangxin.training.operations.voucher_jobs import hand_out_vouchers, match_batch
from jiangxin.training.presence import code_at, seed_of
from jiangxin.training.vouchers import Voucher

SUBJECT = "6-31-01-03"
LESSONS, HOURS_A_LESSON, LESSON = 14, 4, timedelta(hours=3)
ISSUED, SEATS, LEARNERS = 60, 12, 14
# Codes of a lesson long ago: only that both sides take the same step matters.
STEP = 1
# How many of the last lessons each learner of the ended class missed, in turn.
MISSED = (0, 0, 0, 1, 0, 2, 0, 0, 0, 4, 0, 0)


@dataclass
class Schooling:
    """What a school and its county did in the last weeks; `actor` finds a named account, `say` shows progress."""

    actor: Callable[[str], Actor]
    say: Callable[[str], None]

    def perform(self) -> None:
        """Vouchers, a class from opening to its end, one that runs today with people waiting, one to be decided."""
        today = day_of(read_clock())
        self.begin(opening_of(today - timedelta(days=70)))
        holders = self.vouchers(opening_of(today - timedelta(days=65)))
        ended = self.opened(self.days(today, -25), opening_of(today - timedelta(days=60)))
        self.fill(ended, holders[:SEATS], opening_of(today - timedelta(days=55)))
        self.teach(ended)
        running = self.opened(self.days(today, 0), opening_of(today - timedelta(days=20)), level="3")
        self.fill(running, holders[SEATS : SEATS + LEARNERS], opening_of(today - timedelta(days=15)))
        with acting(machine()) as at:
            start_classes(machine(), at, [running.id])
        self.submitted(self.days(today, 30), opening_of(today), level="5")
        self.phones(holders[SEATS : SEATS + 2])
        self.say("学校：一个班已结业等考试，一个班今天上课，一个班等县里审核，培训券已发")

    def begin(self, then: datetime) -> None:
        """The assessor's numbers, the school's rooms and its teacher."""
        assessor = Organisation.objects.get(pk__in=[self.actor("assessor-1").body_id])
        with acting(machine()):
            give_number_series(machine(), then, assessor.pk, "S", "942101")
        head = self.actor("school-1")
        with acting(head):
            for name, seats in (("101 教室", 40), ("实训车间", 20)):
                open_room(head, then, name, "嘉善县罗星街道（演示）", seats, DEMO, 120.92, 30.83)
            able = [
                Qualification(SUBJECT, "", "高级技师证书（演示）"),
                Qualification(f"project:{next(iter(PROJECTS))}", "", "项目师资培训证书（演示）"),
            ]
            register_teacher(head, then, TEACHER, True, day_of(then), "浙职培教（演示）0001", able)

    def vouchers(self, then: datetime) -> list[UUID]:
        """The county issues vouchers to its unemployed: one enters, another issues; returns who has one."""
        enters, issues = self.actor("jiashan-training"), self.actor("jiashan-training2")
        with acting(enters):
            pool = Pool.objects.get(region_id=DEMO, fund="employment_grant", year=then.year)
            terms = BatchTerms(
                kind_id="general", name="失业人员电工培训券", region_id=DEMO, planned=ISSUED, from_on=day_of(then),
                until_on=day_of(then) + timedelta(days=180), subjects=(SUBJECT,), groups=("unemployed",),
                pool_id=pool.id, document="嘉人社〔2026〕8号（演示）",
            )  # fmt: skip
            batch = draft_batch(enters, then, terms)
        with acting(machine()):
            match_batch(machine(), then, batch.id)
        with acting(issues):
            issue_batch(issues, then, batch.id)
        with acting(machine()):
            hand_out_vouchers(machine(), then, batch.id, class_worth)
            found = Voucher.objects.filter(batch=batch, state="issued").order_by("person_id")
            return list(found.values_list("person_id", flat=True))

    @staticmethod
    def days(today: date, after: int) -> list[date]:
        """Seven working days, the first so many working days from today."""
        calendar, day = load_calendar(), today
        found: list[date] = []
        step = timedelta(days=1 if after >= 0 else -1)
        for _ in range(abs(after)):
            day += step
            while not calendar.is_working(day):
                day += step
        while len(found) < LESSONS // 2:
            if calendar.is_working(day):
                found.append(day)
            day += timedelta(days=1)
        return found

    def submitted(
        self, days: Sequence[date], then: datetime, level: str = "5", project: str = ""
    ) -> TrainingClass:  # fmt: skip
        """The school applies for a class of electricians, or of a published project, on these days."""
        school = self.actor("school-1")
        with acting(school):
            room, teacher = Room.objects.get(body_id=school.body_id, name="101 教室"), Teacher.objects.get()
            plan = ClassPlan(
                kind="training_pass" if project else "skill_level",
                subject=f"project:{project}" if project else SUBJECT,
                level=level, industry="" if project else "智能装备", mode="off_job", enrolment="public",
                pays="project" if project else "person", capacity=SEATS, fee_fen=0, room_id=room.id,
                materials="《电工》国家职业技能培训教程", examination="结业后由备案评价机构理论、实操考核",
            )  # fmt: skip
            rows = [
                LessonRow(
                    "practice" if part else "theory", f"第 {n} 天{word}", begins := opening_of(day) + after,
                    begins + LESSON, HOURS_A_LESSON, room.id, teacher.id,
                )
                for n, day in enumerate(days, 1)
                for part, (word, after) in enumerate((("上午", timedelta()), ("下午", timedelta(hours=4))))
            ]  # fmt: skip
            found = draft_class(school, then, plan, DEMO)
            plan_lessons(school, then, found.id, rows)
            return submit_class(school, then, found.id, current_law())

    def opened(
        self, days: Sequence[date], then: datetime, level: str = "5", project: str = ""
    ) -> TrainingClass:  # fmt: skip
        """Applied for, and agreed to by the county the next day."""
        found, county = self.submitted(days, then, level, project), self.actor("jiashan-training")
        with acting(county):
            return decide_class(county, then + timedelta(days=1), found.id, "open", "")

    def fill(self, found: TrainingClass, persons: Sequence[UUID], then: datetime) -> None:
        """Each takes a seat by phone, an hour after the other; who comes too late waits."""
        for place, person_id in enumerate(persons):
            learner = Actor("本人", person_id=person_id)
            with acting(learner):
                at = then + timedelta(hours=place)
                enrol(learner, at, found.id, Joining(person_id, "self"), class_worth)

    def teach(self, found: TrainingClass) -> None:
        """The lessons of the past, signed by codes at the teacher's phone; a few were missed; then the class ends."""
        with acting(machine()):
            lessons = list(Lesson.objects.filter(training_class=found).order_by("starts_at"))
            start_classes(machine(), lessons[0].starts_at, [found.id])
            seats = list(Attendance.objects.filter(class_id=found.id).values_list("enrolment_id", flat=True).distinct())
        teacher, law = self.actor("teacher-1"), current_law()
        with acting(teacher):
            for place, seat in enumerate(seats):
                for lesson in lessons[: len(lessons) - MISSED[place % len(MISSED)]]:
                    code = code_at(seed_of(seat), lesson.id, lesson.room_id, STEP)
                    for direction, when in (("in", lesson.starts_at), ("out", lesson.ends_at)):
                        sign(teacher, when, lesson.id, Shown(code, direction, "教师手机", STEP), law)
        over = lessons[-1].ends_at + timedelta(hours=1)
        with acting(machine()):
            close_lessons(machine(), over, [lesson.id for lesson in lessons])
        school = self.actor("school-1")
        with acting(school):
            finish_class(school, over, found.id, law)

    def phones(self, persons: Sequence[UUID]) -> None:
        """Accounts of learners, so that their phones can be looked at."""
        with acting(machine()) as at:
            for number, person in enumerate(Person.objects.filter(id__in=persons).order_by("id"), 1):
                if not Account.objects.filter(person=person).exists():
                    name = f"worker-learner-{number}"
                    open_account(
                        machine(), at, kind="worker", username=name, name=person.name, person=person, demo=True
                    )
