"""Reads of examinations: plans of a body or county, candidates, scores still to be typed, a person's own exams."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from jiangxin.assessment.eligibility import verdict
from jiangxin.assessment.examining import ExamDuty, Examiner, NumberSeries, ScoreChange, ScoreEntry, Supervision
from jiangxin.assessment.exams import GONE, PARTS, Candidate, ExamPlan
from jiangxin.ground.actor import machine, seeing
from jiangxin.ground.refusal import NotFound
from jiangxin.parties.models import Organisation
from jiangxin.training.models import ON_A_SEAT, Enrolment, TrainingClass

CANDIDATES = Count("candidates", filter=~Q(candidates__state__in=GONE))


def plans_of(body_id: UUID) -> QuerySet[ExamPlan]:
    """The plans of an assessor, the latest exam first, with how many candidates."""
    return ExamPlan.objects.filter(body_id=body_id).annotate(many=CANDIDATES).order_by("-exam_on", "-id")


def plan_of(body_id: UUID | None, plan_id: UUID) -> ExamPlan:
    """One plan of a body. Raises NotFound."""
    found = ExamPlan.objects.filter(pk=plan_id, body_id=body_id).select_related("body", "closed_by", "published_by")
    plan = found.first()
    if plan is None:
        raise NotFound()
    return plan


def plans_in(regions: Collection[int], state: str = "") -> QuerySet[ExamPlan]:
    """The filed plans of a county's desk; those that wait for it first, then by the day of the exam."""
    plans = ExamPlan.objects.filter(region_id__in=regions).exclude(state="draft").select_related("body")
    plans = plans.filter(state=state) if state else plans
    return plans.annotate(many=CANDIDATES).order_by("-filed_at", "-id")


def plan_in(regions: Collection[int], plan_id: UUID) -> ExamPlan:
    """One filed plan of a county. Raises NotFound."""
    plan = plans_in(regions).filter(pk=plan_id).first()
    if plan is None:
        raise NotFound()
    return plan


def assessors_without_series(regions: Collection[int]) -> QuerySet[Organisation]:
    """Titled assessors of a county that were not given their digits yet."""
    given = NumberSeries.objects.values("body")
    titled = Organisation.objects.filter(region_id__in=regions, titles__kind="assessor")
    return titled.exclude(pk__in=given).distinct().order_by("name")


def series_of(body_id: UUID) -> NumberSeries | None:
    """The digits of a body, if given."""
    return NumberSeries.objects.filter(body_id=body_id).first()


def candidates_of(plan: ExamPlan, state: str = "") -> QuerySet[Candidate]:
    """The candidates of a plan in the order of its subjects and their names."""
    found = Candidate.objects.filter(plan=plan)
    found = found.filter(state=state) if state else found
    rooms = [f"{part}_room" for part in PARTS]
    return found.select_related("subject", "training_class", *rooms).order_by("subject__title", "name_then", "id")


def state_counts(plan: ExamPlan) -> dict[str, int]:
    """How many candidates stand in each state."""
    return dict(Candidate.objects.filter(plan=plan).order_by().values_list("state").annotate(n=Count("id")))


def verdict_of(candidate: Candidate) -> str:
    """What the registers say of a candidate's conditions, as one word."""
    return verdict(candidate.eligibility)


def classes_for(plan: ExamPlan, subject: str) -> list[tuple[TrainingClass, int]]:
    """Classes of the county that taught a subject and end by the exam, each with how many sat in it."""
    classes = list(
        TrainingClass.objects.filter(
            region_id=plan.region_id, subject=subject, state__in=("running", "finished"), last_on__lte=plan.exam_on
        )
        .select_related("body")
        .order_by("-last_on")[:50]
    )
    with seeing([plan.region_id]):
        seats = Enrolment.objects.filter(training_class__in=classes, state__in=ON_A_SEAT)
        many = dict(seats.order_by().values_list("training_class").annotate(n=Count("id")))
    return [(taught, many.get(taught.pk, 0)) for taught in classes]


def examiners_of(body_id: UUID, on: date | None = None) -> QuerySet[Examiner]:
    """The examiners of a body; with a day those whose card is in force on it."""
    found = Examiner.objects.filter(body_id=body_id).select_related("person").order_by("person__pinyin", "id")
    return found.filter(Q(until_on=None) | Q(until_on__gte=on), from_on__lte=on) if on else found


def duties_of(plan: ExamPlan) -> QuerySet[ExamDuty]:
    """Who examines in which room."""
    live = ExamDuty.objects.filter(plan=plan, taken_off_at=None)
    return live.select_related("examiner__person", "room").order_by("room__part", "room__name", "given_at")


@dataclass(frozen=True)
class ScoreRow:
    """A candidate and a part as the table of entries shows it; what another typed stays hidden until both agree."""

    candidate: Candidate
    part: str
    fixed: Decimal | None
    entries: int
    mine: bool

    @property
    def part_name(self) -> str:
        return PARTS[self.part]

    @property
    def differs(self) -> bool:
        """Whether two entries stand against each other and a third has to look."""
        return self.fixed is None and self.entries == 2

    @property
    def word(self) -> str:
        if self.candidate.state == "absent":
            return "缺考"
        if self.fixed is not None:
            return "一致"
        return "两次不一致，等第三人核对" if self.differs else "已录一次，等另一人再录" if self.entries else "没有录"


def score_rows(plan: ExamPlan, account_id: UUID | None, part: str) -> list[ScoreRow]:
    """The candidates who take a part, with how far its score is; `mine`: this account typed it already."""
    entries = Prefetch("entries", ScoreEntry.objects.filter(part=part).order_by("turn"), to_attr="typed")
    found = Candidate.objects.filter(plan=plan).exclude(state__in=(*GONE, "signed_up"))
    found = found.select_related("subject", f"{part}_room").prefetch_related(entries)
    rows = []
    for one in found.order_by(f"{part}_room__name", f"{part}_seat", "name_then", "id"):
        if part in one.parts:
            typed: list[ScoreEntry] = one.typed
            mine = account_id in {entry.entered_by_id for entry in typed}
            rows.append(ScoreRow(one, part, getattr(one, part), len(typed), mine))
    return rows


def changes_of(plan: ExamPlan) -> QuerySet[ScoreChange]:
    """Corrections of a plan's scores, the open ones first."""
    found = ScoreChange.objects.filter(candidate__plan=plan).select_related("candidate", "asked_by", "closed_by")
    return found.order_by("closed_at", "-asked_at")


def supervisions_of(plan: ExamPlan) -> QuerySet[Supervision]:
    """What supervisors found, the latest first."""
    return Supervision.objects.filter(plan=plan).order_by("-entered_at")


@dataclass(frozen=True)
class OwnExam:
    """An exam as its candidate sees it: when and where each part is, what came out, the certificate's number."""

    candidate: Candidate
    parts: list[tuple[str, str, str, datetime | None, int | None, Decimal | None]]
    number: str

    @property
    def published(self) -> bool:
        return self.candidate.plan.state == "published"

    @property
    def has_slip(self) -> bool:
        """Whether the admission slip can be printed: the roster is closed."""
        return self.candidate.state in ("admitted", "sat") and self.candidate.plan.state != "open"


def _own(one: Candidate) -> OwnExam:
    parts = []
    for part in one.subject.parts:
        room, seat = getattr(one, f"{part}_room"), getattr(one, f"{part}_seat")
        taken = part in one.parts
        shown = getattr(one, part) if one.plan.state == "published" or not taken else None
        name = room.name if room else "" if taken else "免考，成绩保留"
        parts.append((part, PARTS[part], name, room.starts_at if room else None, seat, shown))
    numbers = [certificate.number for certificate in one.certificates.all()]
    return OwnExam(one, parts, numbers[0] if numbers else "")


def exams_of_person(person_id: UUID) -> list[OwnExam]:
    """The exams of a person, the latest first."""
    rooms = [f"{part}_room" for part in PARTS]
    found = Candidate.objects.filter(person_id=person_id).select_related("plan__body", "subject", *rooms)
    return [_own(one) for one in found.prefetch_related("certificates").order_by("-plan__exam_on", "-id")]


def exam_of_person(person_id: UUID, candidate_id: UUID) -> OwnExam:
    """One exam of a person. Raises NotFound."""
    for exam in exams_of_person(person_id):
        if exam.candidate.pk == candidate_id:
            return exam
    raise NotFound()


def taught_them(plan: ExamPlan) -> set[UUID]:
    """Persons who taught any of the candidates: never offered as examiners (C3)."""
    classes = Candidate.objects.filter(plan=plan).exclude(state__in=GONE).values("training_class")
    with seeing(machine().regions):
        taught = TrainingClass.objects.filter(pk__in=classes, lessons__teacher_person__isnull=False)
        return set(taught.values_list("lessons__teacher_person", flat=True))
