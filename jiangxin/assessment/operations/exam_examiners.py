"""Examiners: entered with their card, put into rooms, kept apart from whom they taught (P35, C3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from jiangxin.assessment.examining import ExamDuty, Examiner, NumberSeries
from jiangxin.assessment.exams import GONE, Candidate, ExamPlan, ExamRoom
from jiangxin.assessment.operations.exam_plans import own_plan
from jiangxin.ground.actor import Actor, everybody, machine, seeing
from jiangxin.ground.clock import day_of
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.parties.models import Organisation, Person
from jiangxin.parties.operations.persons import PersonRow, register_persons
from jiangxin.training.models import Lesson, Teacher

BEFORE_EXAM = ("open", "rostered")


class ExaminerMisnamed(Refusal):
    sentence = "姓名和这个证件登记的不一致。"
    remedy = "请对照证件核对姓名。"


class ExaminerTwice(Refusal):
    sentence = "{name}已经是您机构的考评员。"
    remedy = "证卡换了的，请先停用原来那一条。"


class ExaminerNeedsCard(Refusal):
    sentence = "证卡编号、可考评的职业和起止日期都要填，结束不能早于开始。"
    remedy = "请对照考评员证卡填写。"


class ExaminerNotForThis(Refusal):
    sentence = "{name}的证卡当天无效，或不含这个计划的职业等级。"
    remedy = "请换一位，或先更新证卡。"


class ExaminerTaughtThem(Refusal):
    sentence = "{name}给这批考生上过课，不能考评。"
    remedy = "教考要分开（P35）。请换一位没有教过他们的考评员。"


class ExaminerIsCandidate(Refusal):
    sentence = "{name}是这次考试的考生，不能考评。"
    remedy = "请换一位考评员。"


class ExaminerOfTheTrainer(Refusal):
    sentence = "{name}属于培训这批考生的机构，不能考评。"
    remedy = "社会培训评价组织要用培训机构以外的考评员。请换一位。"


class ExaminerBusy(Refusal):
    sentence = "{name}这个时间已在别的考场。"
    remedy = "请换一位，或改考场时间。"


@dataclass(frozen=True)
class ExaminerGiven:
    """An examiner by the card: `subjects` are (subject key, highest level; "" = every level)."""

    person: PersonRow
    card_number: str
    subjects: tuple[tuple[str, str], ...]
    from_on: date
    until_on: date | None = None


def register_examiner(actor: Actor, at: datetime, given: ExaminerGiven) -> Examiner:
    """Enter an examiner of the own body, found or made by document."""
    if actor.body_id is None or not actor.has("clerk", "machine"):
        raise NotYourDuty()
    backwards = given.until_on is not None and given.until_on < given.from_on
    if not given.card_number.strip() or not given.subjects or backwards:
        raise ExaminerNeedsCard()
    with everybody():
        found = register_persons(machine(), at, [given.person])
    if found.misnamed:
        raise ExaminerMisnamed()
    body = Organisation.objects.get(pk=actor.body_id)
    examiner = Examiner(
        person_id=found.ids[0], body=body, region_id=body.region_id, card_number=given.card_number.strip(),
        subjects=[list(pair) for pair in given.subjects], from_on=given.from_on, until_on=given.until_on,
        entered_by_name=actor.name,
    )  # fmt: skip
    Examiner.objects.bulk_create([examiner], ignore_conflicts=True)
    if not Examiner.objects.filter(pk=examiner.pk).exists():
        raise ExaminerTwice(name=given.person.name)
    note(actor, at, "registered_examiner", examiner)
    return examiner


def end_examiner(actor: Actor, at: datetime, examiner_id: UUID) -> Examiner:
    """End an examiner's card today: no new room is given."""
    found = Examiner.objects.select_for_update().filter(pk=examiner_id, body_id=actor.body_id).first()
    if found is None:
        raise NotFound()
    if not actor.has("clerk"):
        raise NotYourDuty()
    Examiner.objects.filter(pk=found.pk).update(until_on=max(day_of(at), found.from_on))
    note(actor, at, "ended_examiner", found)
    found.refresh_from_db()
    return found


def assign_examiner(actor: Actor, at: datetime, room_id: UUID, examiner_id: UUID) -> ExamDuty:
    """Put an examiner into a room; refused where trainer and examiner would be one (P35)."""
    room = ExamRoom.objects.filter(pk=room_id).first()
    if room is None:
        raise NotFound()
    plan = own_plan(actor, room.plan_id, *BEFORE_EXAM)
    examiner = Examiner.objects.select_related("person").filter(pk=examiner_id, body_id=plan.body_id).first()
    if examiner is None:
        raise NotFound()
    _refuse_unfit(plan, examiner)
    candidates = list(Candidate.objects.filter(plan=plan).exclude(state__in=GONE))
    _refuse_one(plan, examiner, candidates)
    duty = ExamDuty(
        plan=plan, room=room, examiner=examiner, person_id=examiner.person_id, region_id=plan.region_id,
        body_id=plan.body_id, starts_at=room.starts_at, ends_at=room.ends_at, given_by_name=actor.name, given_at=at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            duty.save(force_insert=True)
    except IntegrityError:
        raise ExaminerBusy(name=examiner.person.name) from None
    note(actor, at, "assigned_examiner", duty)
    return duty


def take_off_examiner(actor: Actor, at: datetime, duty_id: UUID) -> ExamDuty:
    """Take an examiner out of a room again."""
    duty = ExamDuty.objects.select_for_update().filter(pk=duty_id, taken_off_at=None).first()
    if duty is None:
        raise NotFound()
    own_plan(actor, duty.plan_id, *BEFORE_EXAM)
    ExamDuty.objects.filter(pk=duty.pk).update(taken_off_at=at)
    note(actor, at, "took_off_examiner", duty)
    duty.refresh_from_db()
    return duty


def _refuse_unfit(plan: ExamPlan, examiner: Examiner) -> None:
    """The card is in force on the day and covers something the plan examines, at its level or a higher one."""
    valid = examiner.from_on <= plan.exam_on and (examiner.until_on is None or examiner.until_on >= plan.exam_on)
    # The digit of a level falls as the level rises: 五级 is 5, 一级 is 1.
    fits = any(
        subject.subject == key and (not level or not subject.level or subject.level >= level)
        for subject in plan.subjects.all()
        for key, level in examiner.subjects
    )
    if not valid or not fits:
        raise ExaminerNotForThis(name=examiner.person.name)


def refuse_conflicts(plan: ExamPlan, joining: Sequence[Candidate]) -> None:
    """Refuse candidates whom an examiner already in the plan taught, or who examine it themselves."""
    on_duty = Examiner.objects.filter(exam_duties__plan=plan, exam_duties__taken_off_at=None).distinct()
    for examiner in on_duty.select_related("person"):
        _refuse_one(plan, examiner, joining)


def _refuse_one(plan: ExamPlan, examiner: Examiner, candidates: Sequence[Candidate]) -> None:
    name = examiner.person.name
    if examiner.person_id in {one.person_id for one in candidates}:
        raise ExaminerIsCandidate(name=name)
    classes = {one.training_class_id: one.training_class for one in candidates if one.training_class}
    if Lesson.objects.filter(training_class__in=classes, teacher_person_id=examiner.person_id).exists():
        raise ExaminerTaughtThem(name=name)
    series = NumberSeries.objects.filter(body_id=plan.body_id).first()
    if series is None or series.letter != "S":
        return
    bodies = {taught.body_id for taught in classes.values()}
    if examiner.body_id in bodies or _belongs(examiner.person, bodies, plan.exam_on):
        raise ExaminerOfTheTrainer(name=name)


def _belongs(person: Person, bodies: set[UUID], on: date) -> bool:
    """Whether a person teaches for, or has an account of, one of these bodies."""
    with seeing(machine().regions):
        teaches = Teacher.objects.filter(person=person, body__in=bodies).exclude(until_on__lt=on)
        return teaches.exists() or person.account_set.filter(body__in=bodies, is_active=True).exists()
