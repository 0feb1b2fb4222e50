"""Candidates: taken over from a class or by name, their conditions answered, admitted or refused (facts 4.6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from jiangxin.assessment.eligibility import NO, UNKNOWN, YES, CandidateFacts, answer_eligibility, verdict
from jiangxin.assessment.exam_facts import Applicant, candidate_facts
from jiangxin.assessment.exams import (
    CANDIDATE_SOURCES,
    CANDIDATE_STATES,
    GONE,
    PARTS,
    Candidate,
    ExamPlan,
    ExamSubject,
)
from jiangxin.assessment.operations.exam_examiners import refuse_conflicts
from jiangxin.assessment.operations.exam_plans import own_plan
from jiangxin.ground.actor import Actor, everybody, machine, seeing
from jiangxin.ground.clock import add_months, day_of
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.ground.transitions import move, move_one
from jiangxin.parties.models import Person, PersonDocument
from jiangxin.parties.operations.persons import PersonRow, register_persons
from jiangxin.parties.queries.persons import find_person
from jiangxin.rules.parameters import Law
from jiangxin.training.models import Enrolment, TrainingClass


class SignUpOver(Refusal):
    sentence = "报名 {until} 已截止。"
    remedy = "要补报的，请另排一个评价计划。"


class ClassTaughtAnother(Refusal):
    sentence = "这个班教的是“{title}”，和要考的不是同一个职业或项目。"
    remedy = "请选教同一职业的班。"


class ClassHasNobody(Refusal):
    sentence = "这个班没有可以报名的学员，或都已报过。"
    remedy = "请核对班级；未结业、已退出的学员不能报。"


class CandidateTwice(Refusal):
    sentence = "{name}已经报了这一项。"
    remedy = "不用再报。"


class CandidateMisnamed(Refusal):
    sentence = "姓名和这个证件登记的不一致。"
    remedy = "请对照证件核对同音字；改过名的请先办更名。"


class CandidateSourceUnknown(Refusal):
    sentence = "没有这种考生来源。"
    remedy = "请从企业、机关、社会、学校在校生、军队、其他里选。"


class CandidateElsewhere(Refusal):
    sentence = "{name}现在是“{state}”，不能这样办。"
    remedy = "请刷新后再看。"


class ConditionsNotMet(Refusal):
    sentence = "{name}的申报条件不符。"
    remedy = "请按“资格不符”办理，并告诉本人缺什么。"


class PaperNeeded(Refusal):
    sentence = "有条件在登记里查不到，要看材料才能准考。"
    remedy = "写明看了什么材料，如“原五级证书复印件、单位年限证明”，至少 5 个字。"


class RefusalNeedsReason(Refusal):
    sentence = "资格不符或退考要写明原因。"
    remedy = "写清缺什么条件，至少 5 个字；本人会看到。"


class NothingToMakeUp(Refusal):
    sentence = "{name}没有可以补考的成绩，或已过保留期。"
    remedy = "请按新考报名。"


@dataclass(frozen=True)
class CandidateGiven:
    """One candidate by the sheet of facts 4.6; with `make_up` the parts failed before are taken again (补考)."""

    person: PersonRow
    source: str = "society"
    job_years: int | None = None
    condition: str = ""
    make_up: bool = False


def sign_up_class(
    actor: Actor, at: datetime, plan_id: UUID, subject_id: UUID, class_id: UUID, law: Law
) -> list[Candidate]:
    """Sign up everybody of a class who finished it or sits in it, once; their conditions are answered at once."""
    plan, subject = open_for_sign_up(actor, at, plan_id, subject_id)
    taught = TrainingClass.objects.filter(pk=class_id, state__in=("running", "finished")).first()
    if taught is None:
        raise NotFound()
    if taught.subject != subject.subject:
        raise ClassTaughtAnother(title=taught.title)
    with seeing([taught.region_id]):
        seats = list(
            Enrolment.objects.filter(training_class=taught, state__in=("completed", "seated"))
            .exclude(person__in=Candidate.objects.filter(subject=subject).exclude(state__in=GONE).values("person"))
            .order_by("person__pinyin", "id")
        )
    if not seats:
        raise ClassHasNobody()
    asked = [Applicant(seat.person_id, seat.id) for seat in seats]
    return put_down(actor, at, plan, subject, asked, law, taught)


def sign_up_person(
    actor: Actor, at: datetime, plan_id: UUID, subject_id: UUID, given: CandidateGiven, law: Law
) -> Candidate:
    """Sign up one person by document and name; somebody not yet known is entered into the archive."""
    plan, subject = open_for_sign_up(actor, at, plan_id, subject_id)
    if given.source not in CANDIDATE_SOURCES:
        raise CandidateSourceUnknown()
    with everybody():
        if given.make_up and find_person(given.person.number, given.person.kind) is None:
            raise NothingToMakeUp(name=given.person.name)
        found = register_persons(machine(), at, [given.person])
    if found.misnamed:
        raise CandidateMisnamed()
    asked = [Applicant(found.ids[0], None, given.job_years)]
    if Candidate.objects.filter(subject=subject, person=found.ids[0]).exclude(state__in=GONE).exists():
        raise CandidateTwice(name=given.person.name)
    return put_down(actor, at, plan, subject, asked, law, None, [given])[0]


def open_for_sign_up(actor: Actor, at: datetime, plan_id: UUID, subject_id: UUID) -> tuple[ExamPlan, ExamSubject]:
    """The plan while it takes candidates, locked, and what is examined. Raises SignUpOver."""
    plan = own_plan(actor, plan_id, "open")
    if day_of(at) > plan.sign_up_until:
        raise SignUpOver(until=plan.sign_up_until)
    subject = ExamSubject.objects.filter(pk=subject_id, plan=plan).first()
    if subject is None:
        raise NotFound()
    return plan, subject


def put_down(
    actor: Actor, at: datetime, plan: ExamPlan, subject: ExamSubject, asked: Sequence[Applicant], law: Law,
    taught: TrainingClass | None, given: Sequence[CandidateGiven] = (),
) -> list[Candidate]:  # fmt: skip
    """Write candidates whose persons are known, each with the answers to the conditions of the level.

    The plan comes from `open_for_sign_up`, which asked for the permit; `given` stands in the order of `asked`.
    """
    age = law.find(f"{plan.region_id:06d}", "common", "min_age_years", plan.exam_on)
    facts = candidate_facts(plan, subject, asked)
    people = Person.objects.in_bulk([one.person_id for one in asked])
    masked = _documents([one.person_id for one in asked])
    made = []
    nothing_said: list[CandidateGiven | None] = [None] * len(asked)
    for one, known, said in zip(asked, facts, given or nothing_said, strict=True):
        made.append(
            Candidate(
                plan=plan, subject=subject, person_id=one.person_id, region_id=plan.region_id, body_id=plan.body_id,
                name_then=people[one.person_id].name, document=masked.get(one.person_id, ""),
                enrolment_id=one.enrolment_id, training_class=taught, source=said.source if said else "society",
                job_years=one.job_years, condition=said.condition if said else "",
                eligibility=_answers(plan, subject, known, age.value if age.known else None),
                parts=list(subject.parts), state="signed_up", state_since=at, entered_by_name=actor.name,
            )
        )  # fmt: skip
        if said and said.make_up:
            _carry_over(made[-1], law)
    refuse_conflicts(plan, made)
    Candidate.objects.bulk_create(made, batch_size=1000)
    note(actor, at, "signed_up_candidates", plan, candidates=len(made), of=subject.subject)
    return made


def _answers(plan: ExamPlan, subject: ExamSubject, known: CandidateFacts, min_age: int | None) -> list[dict[str, str]]:
    return answer_eligibility(plan.kind, subject.level, known, plan.exam_on, min_age)


def _documents(person_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The masked number of each; the newest document counts."""
    with everybody():
        rows = PersonDocument.objects.filter(person_id__in=person_ids, until_on=None).order_by("id")
        return dict(rows.values_list("person_id", "masked"))


def _carry_over(candidate: Candidate, law: Law) -> None:
    """A make-up exam: parts passed before are kept for the months allowed, the others are taken again."""
    subject, plan = candidate.subject, candidate.plan
    months = law.find(f"{plan.region_id:06d}", "common", "exam_makeup_months", plan.exam_on)
    earlier = (
        Candidate.objects.filter(
            person_id=candidate.person_id, body_id=plan.body_id, state="failed", subject__subject=subject.subject,
            subject__level=subject.level,
        )
        .select_related("plan")
        .order_by("-plan__exam_on")
        .first()
    )  # fmt: skip
    kept = [
        part for part in subject.parts
        if earlier and getattr(earlier, part) is not None and getattr(earlier, part) >= subject.pass_mark
    ]  # fmt: skip
    too_late = earlier and months.known and add_months(earlier.plan.exam_on, int(months.value)) < plan.exam_on
    if earlier is None or not kept or too_late:
        raise NothingToMakeUp(name=candidate.name_then)
    candidate.earlier = earlier
    candidate.parts = [part for part in subject.parts if part not in kept]
    for part in kept:
        setattr(candidate, part, getattr(earlier, part))


def _locked(actor: Actor, candidate_id: UUID) -> Candidate:
    found = Candidate.objects.select_related("plan").filter(pk=candidate_id).first()
    if found is None:
        raise NotFound()
    own_plan(actor, found.plan_id, "open")
    return Candidate.objects.select_for_update(of=("self",)).select_related("subject").get(pk=candidate_id)


def admit_candidate(actor: Actor, at: datetime, candidate_id: UUID, paper: str = "") -> Candidate:
    """Admit one: on the registers' answers alone, or on a paper for what they do not know, recorded with the clerk."""
    found = _locked(actor, candidate_id)
    if found.state != "signed_up":
        raise CandidateElsewhere(name=found.name_then, state=CANDIDATE_STATES.words[found.state])
    said, paper = verdict(found.eligibility), paper.strip()
    if said == NO:
        raise ConditionsNotMet(name=found.name_then)
    if said == UNKNOWN and len(paper) < 5:
        raise PaperNeeded()
    move_one(found, CANDIDATE_STATES, "admitted", state_since=at, paper=paper, admitted_by_name=actor.name)
    note(actor, at, "admitted_candidate", found, on_paper=bool(paper))
    return found


def admit_all(actor: Actor, at: datetime, plan_id: UUID) -> int:
    """Admit everybody whose conditions the registers confirm; the others wait for a paper. Returns how many."""
    plan = own_plan(actor, plan_id, "open")
    waiting = Candidate.objects.select_for_update().filter(plan=plan, state="signed_up").order_by("id")
    met = [one.pk for one in waiting if verdict(one.eligibility) == YES]
    moved = move(
        Candidate.objects.filter(pk__in=met), CANDIDATE_STATES, "admitted", state_since=at, admitted_by_name=actor.name
    )
    note(actor, at, "admitted_candidates", plan, candidates=moved)
    return moved


def turn_away(actor: Actor, at: datetime, candidate_id: UUID, reason: str, *, withdrawn: bool = False) -> Candidate:
    """Refuse a candidate whose conditions are not met, or take back one who does not come; the reason is shown."""
    found = _locked(actor, candidate_id)
    if len(reason.strip()) < 5:
        raise RefusalNeedsReason()
    to = "withdrawn" if withdrawn else "refused"
    if not CANDIDATE_STATES.may(found.state, to):
        raise CandidateElsewhere(name=found.name_then, state=CANDIDATE_STATES.words[found.state])
    rooms = {f"{part}_{what}": None for part in PARTS for what in ("room", "seat")}
    move_one(found, CANDIDATE_STATES, to, state_since=at, reason=reason.strip(), **rooms)
    note(actor, at, "turned_away_candidate", found, state=to)
    return found
