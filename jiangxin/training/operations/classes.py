"""Classes: drafted and submitted by a provider, checked by rule, decided by the county, changed with a reason."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from jiangxin.ground.actor import Actor, see_region, seeing
from jiangxin.ground.calendar import load_calendar
from jiangxin.ground.clock import day_of
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.staging import rows_of, run
from jiangxin.ground.transitions import move_one
from jiangxin.rules.parameters import Law
from jiangxin.training.models import CLASS_STATES, Lesson, Room, Teacher, TrainingClass
from jiangxin.training.operations.places import may_run_school
from jiangxin.training.operations.seats import free_all_seats, lay_out_class
from jiangxin.training.queries.classes import checks_of, subject_of

EDITABLE = ("draft", "returned")
LIVE = ("open", "running")


class ClassNeedsSubject(Refusal):
    sentence = "目录里没有这个职业或项目。"
    remedy = "请从下拉里选一个。"


class ClassNeedsSeats(Refusal):
    sentence = "班级至少要有一个座位。"
    remedy = "请填写计划人数。"


class ClassNotEditable(Refusal):
    sentence = "这个班{state}，不能再改申请。"
    remedy = "上课期间要调课，请在课表里办理。"


class ClassNotInOrder(Refusal):
    sentence = "还不能提交：{problems}。"
    remedy = "请按“开班检查”里的提示改好再提交。"


class TeacherOrRoomTaken(Refusal):
    sentence = "刚才有别的班占用了同一位教师或同一间教室。"
    remedy = "请重新检查课表，换时间、教师或教室。"


class ClassNotWaiting(Refusal):
    sentence = "这个班没有在等审核：{state}。"
    remedy = "刷新后可看到最新状态。"


class OpinionNeedsText(Refusal):
    sentence = "退回或不同意要写明原因。"
    remedy = "写清哪一项不行、怎么改，至少 5 个字。"


class ClassIsOver(Refusal):
    sentence = "这个班{state}，不能再办。"
    remedy = "刷新后可看到最新状态。"


class ClassChangeNeedsReason(Refusal):
    sentence = "开班以后的变更要写明原因。"
    remedy = "至少写 5 个字，学员和县里都看得到。"


class LessonIsOver(Refusal):
    sentence = "这次课已经开始或上完，不能再调。"
    remedy = "只能调还没有开始的课。"


class LessonMovedWrong(Refusal):
    sentence = "新的时间不对：结束要晚于开始，并且在将来。"
    remedy = "请核对日期和时间。"


class LearnerElsewhere(Refusal):
    sentence = "调到这个时间，有学员在别的班有课。"
    remedy = "请换一个时间。"


@dataclass(frozen=True)
class ClassPlan:
    """What a provider applies for; `subject` as titles write it (a code, item:…, project:…), money in fen."""

    kind: str
    subject: str
    level: str
    industry: str
    mode: str
    enrolment: str
    pays: str
    capacity: int
    fee_fen: int
    room_id: UUID | None
    materials: str
    examination: str


@dataclass(frozen=True)
class LessonRow:
    """One stretch of teaching as a clerk plans it."""

    kind: str
    topic: str
    starts_at: datetime
    ends_at: datetime
    hours: int
    room_id: UUID | None
    teacher_id: UUID | None


def may_edit_class(actor: Actor, found: TrainingClass) -> bool:
    """Whether the actor may still change the application."""
    return may_run_school(actor) and actor.body_id == found.body_id and found.state in EDITABLE


def may_decide_class(actor: Actor, found: TrainingClass) -> bool:
    """Whether the actor decides on this opening: training duty in scope, and it waits."""
    return actor.has("training") and found.region_id in actor.regions and found.state == "submitted"


def may_change_class(actor: Actor, found: TrainingClass) -> bool:
    """Whether the actor may change a class that was approved: its provider, while it lives."""
    return may_run_school(actor) and actor.body_id == found.body_id and found.state in LIVE


def _fields(actor: Actor, plan: ClassPlan) -> dict[str, Any]:
    known = subject_of(plan.subject)
    if known is None:
        raise ClassNeedsSubject()
    if plan.capacity < 1:
        raise ClassNeedsSeats()
    room = Room.objects.filter(id=plan.room_id, body_id=actor.body_id).first() if plan.room_id else None
    return asdict(plan) | {
        "edition": known.edition, "title": known.title, "room_id": room and room.id,
        "level": plan.level if known.levelled else "",
    }  # fmt: skip


def draft_class(actor: Actor, at: datetime, plan: ClassPlan, region_id: int) -> TrainingClass:
    """Begin the application for a class (开班申请), filed where it will be taught."""
    if actor.body_id is None or not may_run_school(actor):
        raise NotYourDuty()
    fields = _fields(actor, plan)
    [(seq,)] = rows_of("SELECT nextval('training_class_number')")
    made = TrainingClass.objects.create(
        id=new_id(), number=f"{region_id}-{day_of(at).year}-{seq:06d}", body_id=actor.body_id, region_id=region_id,
        state_since=at, entered_by_name=actor.name, **fields,
    )  # fmt: skip
    note(actor, at, "drafted_class", made, number=made.number)
    return made


def _editable(actor: Actor, class_id: UUID) -> TrainingClass:
    found = TrainingClass.objects.select_for_update().filter(id=class_id, body_id=actor.body_id).first()
    if found is None:
        raise NotFound()
    if not may_run_school(actor):
        raise NotYourDuty()
    if found.state not in EDITABLE:
        raise ClassNotEditable(state=CLASS_STATES.words[found.state])
    return found


def revise_class(actor: Actor, at: datetime, class_id: UUID, plan: ClassPlan) -> TrainingClass:
    """Change an application that was not submitted, or came back."""
    found = _editable(actor, class_id)
    for name, value in _fields(actor, plan).items():
        setattr(found, name, value)
    found.save()
    note(actor, at, "revised_class", found)
    return found


def plan_lessons(actor: Actor, at: datetime, class_id: UUID, rows: Sequence[LessonRow]) -> TrainingClass:
    """Write the plan of lessons anew; hours and days of the class follow from it."""
    found = _editable(actor, class_id)
    rooms = set(Room.objects.filter(body_id=actor.body_id, closed_on=None).values_list("id", flat=True))
    people = dict(Teacher.objects.filter(body_id=actor.body_id, until_on=None).values_list("id", "person_id"))
    Lesson.objects.filter(training_class=found).delete()
    Lesson.objects.bulk_create(
        Lesson(
            training_class=found, kind=row.kind, topic=row.topic.strip(), starts_at=row.starts_at, ends_at=row.ends_at,
            hours=row.hours, room_id=row.room_id if row.room_id in rooms else None,
            teacher_id=row.teacher_id if row.teacher_id in people else None,
            teacher_person_id=people.get(row.teacher_id) if row.teacher_id else None,
        )
        for row in sorted(rows, key=lambda row: row.starts_at)
    )  # fmt: skip
    days = sorted(day_of(row.starts_at) for row in rows)
    found.hours = sum(row.hours for row in rows)
    found.online_hours = sum(row.hours for row in rows if row.kind == "online")
    found.first_on = days[0] if days else None
    found.last_on = max((day_of(row.ends_at) for row in rows), default=None)
    found.save()
    note(actor, at, "planned_lessons", found, lessons=len(rows), hours=found.hours)
    return found


def submit_class(actor: Actor, at: datetime, class_id: UUID, law: Law) -> TrainingClass:
    """Submit an application: checked by rule; in order, teachers and rooms are taken and the county's term runs.

    Raises ClassNotInOrder with what is wrong, TeacherOrRoomTaken where somebody was faster (S3).
    """
    found = _editable(actor, class_id)
    wrong = [check.said for check in checks_of(found, at, law) if check.met is False]
    if wrong:
        raise ClassNotInOrder(problems="；".join(wrong))
    _fix_lessons(found)
    days = law.find(f"{found.region_id:06d}", "common", "opening_review_working_days", day_of(at))
    due = load_calendar().add(day_of(at), int(days.value)).ends_on if days.known else None
    move_one(found, CLASS_STATES, "submitted", state_since=at, submitted_at=at, due_on=due, opinion="")
    note(actor, at, "submitted_class", found)
    return found


def _fix_lessons(found: TrainingClass) -> None:
    try:
        with transaction.atomic():
            Lesson.objects.filter(training_class=found).update(fixed=True)
    except IntegrityError as no:
        raise TeacherOrRoomTaken() from no


def recall_class(actor: Actor, at: datetime, class_id: UUID) -> TrainingClass:
    """Take an application back before it was decided; teachers and rooms are free again."""
    found = TrainingClass.objects.select_for_update().filter(id=class_id, body_id=actor.body_id).first()
    if found is None:
        raise NotFound()
    if not may_run_school(actor):
        raise NotYourDuty()
    if found.state != "submitted":
        raise ClassNotWaiting(state=CLASS_STATES.words[found.state])
    Lesson.objects.filter(training_class=found).update(fixed=False)
    move_one(found, CLASS_STATES, "draft", state_since=at, due_on=None)
    note(actor, at, "recalled_class", found)
    return found


def decide_class(actor: Actor, at: datetime, class_id: UUID, outcome: str, opinion: str) -> TrainingClass:
    """The county's answer to an application: open, returned or refused; the last two with a reason."""
    found = TrainingClass.objects.select_for_update().filter(id=class_id).first()
    if found is None or found.region_id not in actor.regions:
        raise NotFound()
    if not actor.has("training"):
        raise NotYourDuty()
    if found.state != "submitted":
        raise ClassNotWaiting(state=CLASS_STATES.words[found.state])
    if outcome != "open" and len(opinion.strip()) < 5:
        raise OpinionNeedsText()
    decided = {"decided_by_id": actor.the_account, "decided_at": at, "opinion": opinion.strip(), "due_on": None}
    with transaction.atomic():
        move_one(found, CLASS_STATES, outcome, state_since=at, **decided)
        if outcome == "open":
            lay_out_class(at, found.id)
        else:
            Lesson.objects.filter(training_class=found).update(fixed=False)
    note(actor, at, "decided_class", found, outcome=outcome)
    return found


def _living(actor: Actor, class_id: UUID) -> TrainingClass:
    found = TrainingClass.objects.select_for_update().filter(id=class_id).first()
    if found is None or not (actor.body_id == found.body_id or found.region_id in actor.regions):
        raise NotFound()
    if not (may_run_school(actor) or actor.has("training", "machine")):
        raise NotYourDuty()
    if found.state not in LIVE:
        raise ClassIsOver(state=CLASS_STATES.words[found.state])
    return found


def move_lesson(
    actor: Actor, at: datetime, lesson_id: UUID, starts_at: datetime, ends_at: datetime, room_id: UUID | None,
    teacher_id: UUID | None, reason: str,
) -> Lesson:  # fmt: skip
    """Move a lesson that did not begin to another time, room or teacher; the class's history says why.

    Nobody is thereby in two places: teacher, room and every learner are asked by the database (S3).
    """
    lesson = Lesson.objects.select_for_update().filter(id=lesson_id).first()
    if lesson is None:
        raise NotFound()
    found = _living(actor, lesson.training_class_id)
    if len(reason.strip()) < 5:
        raise ClassChangeNeedsReason()
    if lesson.starts_at <= at:
        raise LessonIsOver()
    if not at < starts_at < ends_at:
        raise LessonMovedWrong()
    room = Room.objects.filter(pk__in=[room_id], body_id=found.body_id, closed_on=None).first()
    teacher = Teacher.objects.filter(pk__in=[teacher_id], body_id=found.body_id, until_on=None).first()
    if lesson.kind != "online" and (room is None or teacher is None):
        raise NotFound()
    before = {"starts_at": lesson.starts_at.isoformat(), "room": str(lesson.room_id), "teacher": str(lesson.teacher_id)}
    try:
        with transaction.atomic(), seeing([found.region_id]):
            Lesson.objects.filter(id=lesson.id).update(
                starts_at=starts_at, ends_at=ends_at, room=room, teacher=teacher,
                teacher_person_id=teacher and teacher.person_id,
            )  # fmt: skip
            run(
                "UPDATE training_attendance SET starts_at = %s, ends_at = %s WHERE lesson_id = %s AND active",
                [starts_at, ends_at, lesson.id],
            )
    except IntegrityError as no:
        raise (LearnerElsewhere if "learner_in_one_place" in str(no) else TeacherOrRoomTaken)() from no
    run(
        "UPDATE training_training_class c SET first_on = l.first_on, last_on = l.last_on FROM (SELECT"
        " min(starts_at AT TIME ZONE 'Asia/Shanghai')::date AS first_on,"
        " max(ends_at AT TIME ZONE 'Asia/Shanghai')::date AS last_on FROM training_lesson WHERE class_id = %s) l"
        " WHERE c.id = %s",
        [found.id, found.id],
    )
    note(actor, at, "moved_lesson", found, lesson=lesson.topic, before=before, starts_at=starts_at.isoformat(),
         room=str(room_id), teacher=str(teacher_id), reason=reason.strip())  # fmt: skip
    lesson.refresh_from_db()
    return lesson


def cancel_class(actor: Actor, at: datetime, class_id: UUID, reason: str) -> TrainingClass:
    """Cancel a class that was approved: every learner's seat and voucher come back with their days, in one deed."""
    found = _living(actor, class_id)
    if len(reason.strip()) < 5:
        raise ClassChangeNeedsReason()
    see_region(actor, found.region_id)
    freed = free_all_seats(actor, at, found, f"班级取消：{reason.strip()}")
    found.refresh_from_db()
    move_one(found, CLASS_STATES, "cancelled", state_since=at, opinion=reason.strip())
    Lesson.objects.filter(training_class=found, starts_at__gt=at).update(fixed=False)
    note(actor, at, "cancelled_class", found, reason=reason.strip(), learners=freed)
    return found


def start_classes(actor: Actor, at: datetime, class_ids: Sequence[UUID]) -> int:
    """Open classes whose first day has come begin to run."""
    started = list(
        TrainingClass.objects.select_for_update().filter(id__in=class_ids, state="open", first_on__lte=day_of(at))
    )
    for found in started:
        move_one(found, CLASS_STATES, "running", state_since=at)
        note(actor, at, "started_class", found)
    return len(started)
