"""Reads about classes: what is applied for and whether it is in order, who teaches when, what is open near whom."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from jiangxin.catalogue.models import Occupation, TrainingItem
from jiangxin.catalogue.queries import item_in_force
from jiangxin.ground.calendar import load_calendar
from jiangxin.ground.clock import SHANGHAI, day_of
from jiangxin.ground.journal import JournalEntry
from jiangxin.ground.staging import rows_of
from jiangxin.recognition.queries import holds_title, suspended_bodies
from jiangxin.rules.numbers import TRAINING_NUMBERS
from jiangxin.rules.parameters import Entry, Law
from jiangxin.training.models import (
    ENROLMENT_STATES,
    PUBLIC_STATES,
    Enrolment,
    Lesson,
    Room,
    Teacher,
    TrainingClass,
)
from jiangxin.training.opening import Applied, Check, PlannedLesson, check_opening

PREFIXES = {"item:": "special_skill", "project:": "training_pass"}


@dataclass(frozen=True)
class Subject:
    """What a class teaches: a subject as titles write it, its edition and name, and whether levels go with it."""

    key: str
    edition: str
    title: str
    levelled: bool


def subject_of(key: str) -> Subject | None:
    """An occupation by code, an item or a project by its prefixed code; None where the catalogue knows none."""
    prefix = next((one for one in PREFIXES if key.startswith(one)), "")
    if prefix:
        item = TrainingItem.objects.filter(kind=PREFIXES[prefix], code=key.removeprefix(prefix)).first()
        return Subject(key, "", item.name, False) if item else None
    found = Occupation.objects.filter(code=key).order_by("-edition").first()
    return Subject(key, found.edition, found.name, True) if found else None


def subjects_taught(body_id: UUID, on: date) -> list[tuple[str, str]]:
    """What a provider may open classes in on a day: (subject, name), by its titles; with "*" all it has taught."""
    rows = rows_of(TAUGHT, {"body": body_id, "on": on})
    return [(key, title) for key, title in rows]


TAUGHT = """
SELECT DISTINCT s.subject, coalesce(o.name, i.name, s.subject) FROM recognition_title_in_force t
  JOIN recognition_title_scope s ON s.title_id = t.id
  LEFT JOIN catalogue_occupation o ON o.code = s.subject
  LEFT JOIN catalogue_training_item i ON s.subject IN ('item:' || i.code, 'project:' || i.code)
 WHERE t.organisation_id = %(body)s AND t.kind = 'provider' AND t.from_on <= %(on)s
   AND coalesce(t.until_on, 'infinity') >= %(on)s AND s.subject <> '*' ORDER BY 2
"""
# What a teacher may teach in this class on the day of the lesson.
ABLE = """
SELECT FROM training_teacher_qualification q WHERE q.teacher_id = l.teacher_id
   AND q.subject IN (%(subject)s, '*') AND (q.level IN ('', %(level)s) OR %(level)s = ''
        OR (q.level ~ '^[1-5]$' AND %(level)s ~ '^[1-5]$' AND q.level <= %(level)s))
   AND coalesce(q.until_on, 'infinity') >= (l.starts_at AT TIME ZONE 'Asia/Shanghai')::date
"""
TEACHER_TROUBLE = f"""
SELECT l.id, CASE
    WHEN l.teacher_id IS NULL THEN ''
    WHEN t.until_on IS NOT NULL AND t.until_on < (l.starts_at AT TIME ZONE 'Asia/Shanghai')::date THEN '已离任'
    WHEN NOT EXISTS ({ABLE}) THEN '没有这个职业和等级的任教资格'
    WHEN l.kind <> 'online' AND EXISTS (SELECT FROM training_lesson x WHERE x.teacher_person_id = l.teacher_person_id
                      AND x.fixed AND x.kind <> 'online' AND x.id <> l.id
                      AND tstzrange(x.starts_at, x.ends_at) && tstzrange(l.starts_at, l.ends_at)) THEN '那时在别处上课'
    ELSE '' END,
  CASE
    WHEN l.room_id IS NULL THEN ''
    WHEN r.closed_on IS NOT NULL THEN '已停用'
    WHEN EXISTS (SELECT FROM training_lesson x WHERE x.room_id = l.room_id AND x.fixed AND x.id <> l.id
                      AND tstzrange(x.starts_at, x.ends_at) && tstzrange(l.starts_at, l.ends_at)) THEN '那时已被占用'
    ELSE '' END, NOT EXISTS ({ABLE} AND q.confirmed_at IS NOT NULL)
  FROM training_lesson l LEFT JOIN training_teacher t ON t.id = l.teacher_id
  LEFT JOIN training_room r ON r.id = l.room_id
 WHERE l.class_id = %(class)s
"""


def lessons_of(class_id: UUID) -> list[Lesson]:
    """The plan of a class in order of time."""
    found = Lesson.objects.filter(training_class_id=class_id).select_related("room", "teacher__person")
    return list(found.order_by("starts_at", "id"))


def lesson_in_class(lesson_id: UUID) -> Lesson | None:
    """One lesson with its room, its teacher and its class."""
    found = Lesson.objects.filter(id=lesson_id).select_related("room", "teacher__person", "training_class")
    return found.first()


def checks_of(found: TrainingClass, at: datetime, law: Law) -> list[Check]:
    """Every condition of this opening answered now, by the law handed down."""
    key = {"class": found.id, "subject": found.subject, "level": found.level}
    troubles = {lesson: told for lesson, *told in rows_of(TEACHER_TROUBLE, key)}
    lessons = [_planned(lesson, *troubles.get(lesson.id, ("", "", False))) for lesson in lessons_of(found.id)]
    lead = law.find(f"{found.region_id:06d}", "common", "opening_lead_working_days", day_of(at))
    earliest = load_calendar().add(day_of(at), int(lead.value)).ends_on if lead.known else day_of(at)
    first_on = found.first_on or day_of(at)
    numbers = {name: law.find(f"{found.region_id:06d}", "common", name, day_of(at)) for name in TRAINING_NUMBERS}
    project = project_of(found, first_on)
    applied = Applied(
        pays=found.pays, fee_fen=found.fee_fen, published=project is not None,
        hours_least=_least_hours(found, project, law, numbers["class_hours_min"], day_of(at)),
        capacity=found.capacity, level=found.level, first_on=found.first_on, earliest_on=earliest,
        provider_titled=not suspended_bodies(at, [found.body_id])
        and holds_title(found.body_id, "provider", found.subject, found.level, first_on),
        lessons=lessons, materials=found.materials, examination=found.examination,
        roster=found.enrolment == "roster", enrolled=found.taken, listed=_listed(found.subject, first_on),
        numbers=numbers,
    )  # fmt: skip
    return check_opening(applied)


def project_of(found: TrainingClass, on: date) -> TrainingItem | None:
    """The published project that a class teaches, as its catalogue stands on a day (10.2)."""
    items = TrainingItem.objects.filter(kind="training_pass", code=found.subject.removeprefix("project:"))
    return items.filter(published_at__isnull=False, from_on__lte=on).exclude(until_on__lt=on).first()


def _least_hours(
    found: TrainingClass, project: TrainingItem | None, law: Law, by_level: Entry, on: date
) -> int | None:  # fmt: skip
    if found.pays == "employer":
        least = law.find(f"{found.region_id:06d}", "pre_job", "course_hours_min", on)
        return int(least.value) if least.known else None
    if project is not None and project.hours:
        return project.hours
    filed = by_level.value if by_level.known else {}
    asked = filed.get(found.level or "any", filed.get("any"))
    return None if asked is None else int(asked)


def _listed(subject: str, on: date) -> bool:
    """Whether an item or project stands in the catalogue on a day; an occupation always does."""
    prefix = next((one for one in PREFIXES if subject.startswith(one)), "")
    return not prefix or item_in_force(PREFIXES[prefix], subject.removeprefix(prefix), on)


def _planned(lesson: Lesson, teacher_trouble: str, room_trouble: str, unconfirmed: bool) -> PlannedLesson:
    return PlannedLesson(
        lesson.kind, lesson.topic, lesson.starts_at.astimezone(SHANGHAI), lesson.ends_at.astimezone(SHANGHAI),
        lesson.hours, lesson.room.name if lesson.room else "", lesson.room.capacity if lesson.room else 0,
        room_trouble, lesson.teacher.person.name if lesson.teacher else "", teacher_trouble, unconfirmed,
    )  # fmt: skip


def classes_of_body(body_id: UUID, state: str = "") -> QuerySet[TrainingClass]:
    """A provider's classes, the latest first; of one state, or all."""
    found = TrainingClass.objects.filter(body_id=body_id).select_related("room")
    return (found.filter(state=state) if state else found).order_by("-state_since", "-id")


def classes_in(regions: Collection[int], states: Iterable[str], find: str = "") -> QuerySet[TrainingClass]:
    """Classes filed in these regions, by what is due first; `find` is part of a name or number."""
    found = TrainingClass.objects.filter(region_id__in=regions, state__in=list(states)).select_related("body", "region")
    if find:
        found = found.filter(Q(title__contains=find) | Q(number__contains=find) | Q(body__name__contains=find))
    return found.order_by("due_on", "first_on", "id")


def class_counts_in(regions: Collection[int]) -> dict[str, int]:
    """How many classes of these regions are in each state."""
    found = TrainingClass.objects.filter(region_id__in=regions).values_list("state").annotate(Count("id"))
    return dict(found.values_list("state", "id__count"))


def open_classes(on: date, region_id: int | None = None, find: str = "") -> QuerySet[TrainingClass]:
    """Classes that take people now, the nearest start first; the whole province, or one region and below it."""
    found = TrainingClass.objects.filter(state="open", enrolment="public", first_on__gt=on)
    if region_id:
        low, high = _within(region_id)
        found = found.filter(region_id__gte=low, region_id__lte=high)
    if find:
        found = found.filter(Q(title__contains=find) | Q(body__name__contains=find))
    return found.select_related("body", "region", "room").order_by("first_on", "id")


def _within(region_id: int) -> tuple[int, int]:
    """The lowest and highest code of a region and what lies in it."""
    span = 1 if region_id % 100 else 100 if region_id % 10000 else 10000
    return region_id, region_id + span - 1


def public_class(class_id: UUID) -> TrainingClass | None:
    """A class that the public may read."""
    found = TrainingClass.objects.filter(id=class_id, state__in=PUBLIC_STATES)
    return found.select_related("body", "region", "room").first()


def rooms_of(body_id: UUID) -> list[Room]:
    """Rooms in use."""
    return list(Room.objects.filter(body_id=body_id, closed_on=None).select_related("region").order_by("name"))


def teachers_of(body_id: UUID) -> Sequence[Teacher]:
    """Teachers of a body today, with what they may teach."""
    found = Teacher.objects.filter(body_id=body_id, until_on=None).select_related("person")
    return list(found.prefetch_related("qualifications").order_by("person__pinyin", "id"))


def teachers_in(class_id: UUID) -> Sequence[Teacher]:
    """Who teaches in a class, each with what the body says they may teach and whether the county confirmed it (9.1)."""
    found = Teacher.objects.filter(id__in=Lesson.objects.filter(training_class_id=class_id).values("teacher_id"))
    return list(found.select_related("person").prefetch_related("qualifications").order_by("person__pinyin", "id"))


def teacher_of(body_id: UUID, teacher_id: UUID) -> Teacher | None:
    """One teacher of a body today."""
    found = Teacher.objects.filter(id=teacher_id, body_id=body_id, until_on=None).select_related("person")
    return found.prefetch_related("qualifications").first()


def lessons_taught_by(person_id: UUID, first: datetime, last: datetime) -> list[Lesson]:
    """A teacher's own lessons between two instants."""
    found = Lesson.objects.filter(teacher_person_id=person_id, fixed=True, ends_at__gt=first, starts_at__lt=last)
    return list(found.select_related("training_class__body", "room").order_by("starts_at"))


def class_of_body(body_id: UUID, class_id: UUID) -> TrainingClass | None:
    """One class of a provider's own."""
    return TrainingClass.objects.filter(id=class_id, body_id=body_id).select_related("room", "region").first()


def class_in(regions: Collection[int], class_id: UUID) -> TrainingClass | None:
    """One class filed in these regions."""
    found = TrainingClass.objects.filter(id=class_id, region_id__in=regions)
    return found.select_related("room", "region", "body", "decided_by").first()


def state_counts(body_id: UUID) -> dict[str, int]:
    """How many classes of a body are in each state."""
    found = TrainingClass.objects.filter(body_id=body_id).values_list("state").annotate(Count("id"))
    return dict(found.values_list("state", "id__count"))


def learners_of(class_id: UUID) -> list[Enrolment]:
    """Who sits in a class, who waits in which order, who left; by state and then by turn."""
    found = Enrolment.objects.filter(training_class_id=class_id).select_related("person", "employer")
    order = {state: place for place, state in enumerate(ENROLMENT_STATES.words)}
    return sorted(found.order_by("waits_since", "id"), key=lambda one: order[one.state])


HISTORY = {
    "drafted_class": "开始申请", "revised_class": "修改申请", "planned_lessons": "排课", "submitted_class": "提交审核",
    "recalled_class": "撤回", "decided_class": "县里答复", "started_class": "开课", "moved_lesson": "调课",
    "cancelled_class": "取消", "finished_class": "结业", "counted_heads": "现场清点",
    "offered_class": "给单位留名额", "ended_offer": "不再留名额",
}  # fmt: skip


@dataclass(frozen=True)
class Happened:
    """One event of a class's history in words."""

    at: datetime
    word: str
    who: str
    reason: str


def history_of(class_id: UUID) -> list[Happened]:
    """What was done to a class, the latest first (changes with their reason)."""
    found = JournalEntry.objects.filter(subject_id=class_id, verb__in=HISTORY).order_by("-at", "-id")[:100]
    return [Happened(one.at, HISTORY[one.verb], one.actor_name, _told(one)) for one in found]


def _told(one: JournalEntry) -> str:
    """Why, and of a lesson that was moved which and where to."""
    reason = str(one.detail.get("reason", ""))
    if one.verb != "moved_lesson":
        return reason
    to = datetime.fromisoformat(str(one.detail["starts_at"])).astimezone(SHANGHAI)
    return f"{one.detail['lesson']}改到 {to:%m-%d %H:%M}；{reason}"


def own_enrolments(person_id: UUID) -> list[Enrolment]:
    """A learner's classes, those that go on first."""
    found = Enrolment.objects.filter(person_id=person_id)
    alive = {state: place for place, state in enumerate(("held", "seated", "waiting"))}
    rows = found.select_related("training_class__body", "training_class__room", "voucher__batch")
    return sorted(rows.order_by("-state_since"), key=lambda one: alive.get(one.state, 9))


def seats_to_confirm(person_id: UUID, at: datetime) -> list[Enrolment]:
    """Seats that a free place holds for a person now, those that lapse first in front."""
    found = Enrolment.objects.filter(person_id=person_id, state="held", held_until__gt=at)
    return list(found.select_related("training_class").order_by("held_until"))


def own_enrolment(person_id: UUID, class_id: UUID) -> Enrolment | None:
    """A learner's place in a class: the one alive, else the last."""
    found = Enrolment.objects.filter(person_id=person_id, training_class_id=class_id).order_by("-state_since")
    rows = list(found.select_related("training_class__body", "training_class__room", "voucher__batch", "employer"))
    return next((one for one in rows if one.state not in ("left", "lapsed")), rows[0] if rows else None)


def titles_of_subjects(subjects: Collection[str]) -> dict[str, str]:
    """The names of subjects as titles write them; "*" is everything."""
    found = {code: name for code, name in Occupation.objects.filter(code__in=subjects).values_list("code", "name")}
    items = [key.partition(":")[2] for key in subjects if ":" in key]
    for kind, code, name in TrainingItem.objects.filter(code__in=items).values_list("kind", "code", "name"):
        prefix = next(prefix for prefix, of in PREFIXES.items() if of == kind)
        found[f"{prefix}{code}"] = name
    return found | {"*": "全部项目"}


def hours_taught(body_id: UUID) -> int:
    """Hours of lessons that a body has held and closed, over all its classes."""
    held = Lesson.objects.filter(training_class__body_id=body_id, closed_at__isnull=False)
    return int(held.aggregate(all=Sum("hours"))["all"] or 0)
