"""Assessment plans: written by the assessor, filed with the county, opened or sent back (14.1, facts 4.2, 4.3)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from jiangxin.assessment.checks import SUBJECT_PREFIX
from jiangxin.assessment.examining import NumberSeries
from jiangxin.assessment.exams import EXAM_FORMS, EXAMINED_KINDS, PARTS, PLAN_STATES, ExamPlan, ExamSubject
from jiangxin.catalogue.models import Occupation, SkillLevel, TrainingItem
from jiangxin.catalogue.operations import EDITION
from jiangxin.ground.actor import Actor, see_region
from jiangxin.ground.clock import day_of
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.staging import rows_of
from jiangxin.ground.transitions import move_one
from jiangxin.parties.models import Organisation
from jiangxin.recognition.queries import title_answers
from jiangxin.rules.parameters import Law

REVIEWED_LEVELS = ("1", "2")
SERIAL_LENGTH = 6


class PlanDaysWrong(Refusal):
    sentence = "日期不对：报名要在今天或以后截止，考试不能早于报名截止。"
    remedy = "请核对报名截止日和考试日。"


class PlanNeedsWords(Refusal):
    sentence = "计划名称和考试地点都要写。"
    remedy = "请补上名称和地点。"


class ExamKindUnknown(Refusal):
    sentence = "不能为这种证书排考试。"
    remedy = "请从职业技能等级、专项职业能力、培训合格里选。"


class PlanElsewhere(Refusal):
    sentence = "这个评价计划现在是“{state}”，不能这样办。"
    remedy = "请刷新后看现在到了哪一步。"


class ExamSubjectUnknown(Refusal):
    sentence = "考试那天目录里没有这个职业、项目或等级。"
    remedy = "请核对编号和等级。"


class ExamSubjectTwice(Refusal):
    sentence = "这个职业等级已经在计划里。"
    remedy = "不用再加。"


class ExamPartsWrong(Refusal):
    sentence = "考试方式不全：职业技能等级要考理论和实操，技师以上还要综合评审。"
    remedy = "请为每一部分选考试方式；专项职业能力至少考一部分。"


class ExamTooShort(Refusal):
    sentence = "{part}考试时间少于 {minutes} 分钟。"
    remedy = "请按职业标准改长。"


class PassMarkUnknown(Refusal):
    sentence = "考试那天的合格分没有规定可依。"
    remedy = "请县里先登记《考试合格分》。"


class PlanEmpty(Refusal):
    sentence = "计划里还没有职业等级。"
    remedy = "至少加一个职业等级，写明考试方式。"


class SeriesMissing(Refusal):
    sentence = "县里还没有给您的机构登记评价机构编号。"
    remedy = "证书编号要用它。请联系县里培训管理岗登记。"


class NotTitled(Refusal):
    sentence = "考试那天您的机构没有“{title}”这个等级的备案。"
    remedy = "请去掉这一项，或先办备案增项。"


class OpinionMissing(Refusal):
    sentence = "退回要写明原因。"
    remedy = "写清哪里要改，至少 5 个字。"


class CancelNeedsReason(Refusal):
    sentence = "取消评价计划要写明原因。"
    remedy = "写清原因，至少 5 个字；考生会看到。"


class SeriesGivenAlready(Refusal):
    sentence = "这个机构已有编号，或这个编号已给了别的机构。"
    remedy = "编号给了就不改。请核对。"


class SeriesWrong(Refusal):
    sentence = "编号是 6 位数字，种类是 S（社会培训评价组织）或 Y（用人单位）。"
    remedy = "请对照省里的备案通知填写。"


@dataclass(frozen=True)
class PlanGiven:
    """A plan as its form gives it."""

    name: str
    kind: str
    site: str
    sign_up_until: date
    exam_on: date


@dataclass(frozen=True)
class SubjectGiven:
    """A subject as its form gives it: `code` without prefix, per part a form of EXAM_FORMS ("" = not examined)."""

    code: str
    level: str = ""
    theory: str = ""
    practice: str = ""
    review: str = ""
    theory_minutes: int = 90
    practice_minutes: int = 60
    review_minutes: int = 30


def may_plan(actor: Actor) -> bool:
    """Whether the actor plans examinations: the assessor's clerk, or the machine on behalf of a body."""
    return actor.body_id is not None and actor.has("clerk", "machine")


def own_plan(actor: Actor, plan_id: UUID, *states: str, duties: tuple[str, ...] = ("clerk", "machine")) -> ExamPlan:
    """The body's own plan, locked, in one of these states; of another body it does not exist."""
    if actor.body_id is None or not actor.has(*duties):
        raise NotYourDuty()
    found = ExamPlan.objects.select_for_update(of=("self",)).select_related("body").filter(pk=plan_id).first()
    if found is None or found.body_id != actor.body_id:
        raise NotFound()
    if states and found.state not in states:
        raise PlanElsewhere(state=PLAN_STATES.words[found.state])
    return found


def _checked(at: datetime, given: PlanGiven) -> dict[str, object]:
    if given.kind not in EXAMINED_KINDS:
        raise ExamKindUnknown()
    if not given.name.strip() or not given.site.strip():
        raise PlanNeedsWords()
    if not day_of(at) <= given.sign_up_until <= given.exam_on:
        raise PlanDaysWrong()
    return {
        "name": given.name.strip(), "kind": given.kind, "site": given.site.strip(),
        "sign_up_until": given.sign_up_until, "exam_on": given.exam_on,
    }  # fmt: skip


def draft_plan(actor: Actor, at: datetime, given: PlanGiven) -> ExamPlan:
    """Begin an assessment plan; its number comes with its filing (14.1)."""
    if actor.body_id is None or not may_plan(actor):
        raise NotYourDuty()
    values = _checked(at, given)
    body = Organisation.objects.get(pk=actor.body_id)
    key = new_id()
    plan = ExamPlan.objects.create(
        id=key, number=f"草稿{key.hex[-12:]}", body=body, region_id=body.region_id, state_since=at,
        entered_by_name=actor.name, **values,
    )  # fmt: skip
    note(actor, at, "drafted_exam_plan", plan)
    return plan


def change_plan(actor: Actor, at: datetime, plan_id: UUID, given: PlanGiven) -> ExamPlan:
    """Change what a plan says while it is written or was sent back; its kind stays once it has a subject."""
    plan = own_plan(actor, plan_id, "draft", "returned")
    values = _checked(at, given)
    if values["kind"] != plan.kind and plan.subjects.exists():
        raise ExamKindUnknown()
    ExamPlan.objects.filter(pk=plan.pk).update(**values)
    note(actor, at, "changed_exam_plan", plan)
    plan.refresh_from_db()
    return plan


def add_exam_subject(actor: Actor, at: datetime, plan_id: UUID, given: SubjectGiven, law: Law) -> ExamSubject:
    """Add an occupation and level, an item or a project, with the form of each part (facts 4.2)."""
    plan = own_plan(actor, plan_id, "draft", "returned")
    edition, title = _title_of(plan, given)
    _refuse_forms(plan, given, law)
    mark = law.find(f"{plan.region_id:06d}", "common", "pass_mark", plan.exam_on)
    if not mark.known:
        raise PassMarkUnknown()
    subject = ExamSubject(
        plan=plan, edition=edition, subject=SUBJECT_PREFIX.get(plan.kind, "") + given.code, level=given.level,
        title=title, theory=given.theory, practice=given.practice, review=given.review,
        theory_minutes=given.theory_minutes, practice_minutes=given.practice_minutes,
        review_minutes=given.review_minutes, pass_mark=int(mark.value),
    )  # fmt: skip
    ExamSubject.objects.bulk_create([subject], ignore_conflicts=True)
    if not ExamSubject.objects.filter(pk=subject.pk).exists():
        raise ExamSubjectTwice()
    note(actor, at, "added_exam_subject", plan, of=subject.subject, level=given.level)
    return subject


def drop_exam_subject(actor: Actor, at: datetime, plan_id: UUID, subject_id: UUID) -> None:
    """Strike a subject out of a plan that was not filed yet."""
    plan = own_plan(actor, plan_id, "draft", "returned")
    if not ExamSubject.objects.filter(pk=subject_id, plan=plan).delete()[0]:
        raise NotFound()
    note(actor, at, "dropped_exam_subject", plan)


def _title_of(plan: ExamPlan, given: SubjectGiven) -> tuple[str, str]:
    """Edition and title of what is examined, as the catalogue has it on the day of the exam."""
    on = Q(until_on=None) | Q(until_on__gte=plan.exam_on)
    if plan.kind == "skill_level":
        level = SkillLevel.objects.filter(code=given.level).exclude(public_digit=None).exists()
        found = Occupation.objects.filter(
            on, Q(from_on=None) | Q(from_on__lte=plan.exam_on), code=given.code, edition=EDITION
        ).first()
        if found is None or not level:
            raise ExamSubjectUnknown()
        return found.edition, found.name
    item = TrainingItem.objects.filter(on, kind=plan.kind, code=given.code, from_on__lte=plan.exam_on).first()
    if item is None or given.level:
        raise ExamSubjectUnknown()
    return "", item.name


def _refuse_forms(plan: ExamPlan, given: SubjectGiven, law: Law) -> None:
    chosen = {part: getattr(given, part) for part in PARTS}
    wanted = ["theory", "practice"] if plan.kind == "skill_level" else []
    wanted += ["review"] if given.level in REVIEWED_LEVELS else []
    unknown = any(form and form not in EXAM_FORMS for form in chosen.values())
    if unknown or not any(chosen.values()) or not all(chosen[part] for part in wanted):
        raise ExamPartsWrong()
    for part, number in (("theory", "exam_theory_minutes_min"), ("review", "exam_review_minutes_min")):
        least = law.find(f"{plan.region_id:06d}", "common", number, plan.exam_on)
        if chosen[part] and least.known and getattr(given, f"{part}_minutes") < least.value:
            raise ExamTooShort(part=PARTS[part], minutes=least.value)


def file_plan(actor: Actor, at: datetime, plan_id: UUID) -> ExamPlan:
    """Send a plan to the county; it gets its number, and what the body is known not to be titled for is refused."""
    plan = own_plan(actor, plan_id, "draft", "returned")
    subjects = list(plan.subjects.all())
    if not subjects:
        raise PlanEmpty()
    if day_of(at) > plan.sign_up_until:
        raise PlanDaysWrong()
    series = NumberSeries.objects.filter(body_id=plan.body_id).first()
    if series is None:
        raise SeriesMissing()
    asked = {(plan.body_id, "assessor", one.subject, one.level, plan.exam_on): one.title for one in subjects}
    for question, answer in title_answers(list(asked)).items():
        if answer is False:
            raise NotTitled(title=asked[question])
    number = plan.number
    if number.startswith("草稿"):
        year = day_of(at).year
        number = f"{series.letter}{series.serial}-{year}-{take_numbers(series, 'J', year, 1):03d}"
    move_one(plan, PLAN_STATES, "filed", state_since=at, filed_at=at, number=number, opinion="")
    note(actor, at, "filed_exam_plan", plan)
    return plan


def may_decide_plan(actor: Actor, plan: ExamPlan) -> bool:
    """Whether the actor takes this plan on file: the county's training desk."""
    return actor.has("training") and plan.region_id in actor.regions and plan.state == "filed"


def decide_plan(actor: Actor, at: datetime, plan_id: UUID, agree: bool, opinion: str = "") -> ExamPlan:
    """Take a plan on file, which opens it to candidates, or send it back with what is to be changed."""
    plan = ExamPlan.objects.select_for_update().filter(pk=plan_id, region_id__in=actor.regions).first()
    if plan is None:
        raise NotFound()
    if not actor.has("training"):
        raise NotYourDuty()
    if plan.state != "filed":
        raise PlanElsewhere(state=PLAN_STATES.words[plan.state])
    if not agree and len(opinion.strip()) < 5:
        raise OpinionMissing()
    decided = {"decided_by_id": actor.the_account, "decided_at": at, "opinion": opinion.strip(), "state_since": at}
    move_one(plan, PLAN_STATES, "open" if agree else "returned", **decided)
    note(actor, at, "opened_exam_plan" if agree else "returned_exam_plan", plan)
    return plan


def cancel_plan(actor: Actor, at: datetime, plan_id: UUID, reason: str) -> ExamPlan:
    """Give up a plan before its roster is closed; its candidates see why."""
    plan = own_plan(actor, plan_id)
    if len(reason.strip()) < 5:
        raise CancelNeedsReason()
    if not PLAN_STATES.may(plan.state, "cancelled"):
        raise PlanElsewhere(state=PLAN_STATES.words[plan.state])
    move_one(plan, PLAN_STATES, "cancelled", state_since=at, opinion=reason.strip())
    note(actor, at, "cancelled_exam_plan", plan, reason=reason.strip())
    return plan


def give_number_series(actor: Actor, at: datetime, body_id: UUID, letter: str, serial: str) -> NumberSeries:
    """Write down which part of a certificate number the province gave a body; given once (facts 4.4)."""
    body = Organisation.objects.filter(pk=body_id, region_id__in=actor.regions).first()
    if body is None:
        raise NotFound()
    if not actor.has("training", "machine"):
        raise NotYourDuty()
    if letter not in ("S", "Y") or not (len(serial) == SERIAL_LENGTH and serial.isascii() and serial.isdigit()):
        raise SeriesWrong()
    see_region(actor, body.region_id)
    series = NumberSeries(
        body=body, region_id=body.region_id, letter=letter, serial=serial, given_at=at, given_by_name=actor.name
    )
    NumberSeries.objects.bulk_create([series], ignore_conflicts=True)
    if not NumberSeries.objects.filter(pk=series.pk).exists():
        raise SeriesGivenAlready()
    note(actor, at, "gave_number_series", series, letter=letter, serial=serial)
    return series


TAKE = """
INSERT INTO assessment_number_counter AS c (id, series_id, sort, year, last) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (series_id, sort, year) DO UPDATE SET last = c.last + EXCLUDED.last RETURNING last
"""


def take_numbers(series: NumberSeries, sort: str, year: int, count: int) -> int:
    """The first of `count` consecutive numbers, none left out: the counter's row stays locked until the commit (C2)."""
    last = int(rows_of(TAKE, [new_id(), series.pk, sort, year, count])[0][0])
    return last - count + 1
