"""What a provider has to teach with: rooms, and teachers with what each may teach (9.1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from jiangxin.ground.actor import Actor, everybody
from jiangxin.ground.clock import day_of
from jiangxin.ground.journal import entry, note, note_all
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.parties.operations.persons import PersonRow, register_persons
from jiangxin.training.models import Lesson, Room, Teacher, TeacherQualification


class RoomNeedsPlace(Refusal):
    sentence = "教室要写名称、地址和能坐多少人。"
    remedy = "请补全后再保存。"


class RoomNameTaken(Refusal):
    sentence = "本机构已经有一间叫“{name}”的教室。"
    remedy = "请换一个名称。"


class RoomInUse(Refusal):
    sentence = "{on} 以后这间教室还排了课，不能停用。"
    remedy = "请先把课换到别的教室。"


class TeachesHereAlready(Refusal):
    sentence = "{name}已经在本机构任教。"
    remedy = "要加任教职业，请在这位教师那一行补充。"


class QualificationNeedsDocument(Refusal):
    sentence = "任教资格要写明职业和依据的证书。"
    remedy = "请填写证书名称和编号。"


class QualificationsConfirmedAlready(Refusal):
    sentence = "没有选要核对的资格，或都已经核对过。"
    remedy = "请勾选还没有核对的，再办。"


class TeacherStillTeaches(Refusal):
    sentence = "{on} 以后这位教师还排了课，不能离任。"
    remedy = "请先把课换给别的教师。"


@dataclass(frozen=True)
class Qualification:
    """A subject a teacher may teach up to a level ("" = every level), by a document."""

    subject: str
    level: str
    document: str
    until_on: date | None = None


def may_run_school(actor: Actor) -> bool:
    """Whether the actor keeps a provider's rooms, teachers and classes."""
    return actor.body_id is not None and actor.has("school", "head")


def _permit(actor: Actor) -> UUID:
    if actor.body_id is None or not may_run_school(actor):
        raise NotYourDuty()
    return actor.body_id


def open_room(
    actor: Actor, at: datetime, name: str, address: str, capacity: int, region_id: int,
    longitude: float | None = None, latitude: float | None = None,
) -> Room:  # fmt: skip
    """Register a room of the own body with its place and how many it seats."""
    body_id = _permit(actor)
    if not name.strip() or not address.strip() or capacity < 1:
        raise RoomNeedsPlace()
    if Room.objects.filter(body_id=body_id, name=name.strip(), closed_on=None).exists():
        raise RoomNameTaken(name=name.strip())
    room = Room.objects.create(
        body_id=body_id, region_id=region_id, name=name.strip(), address=address.strip(), capacity=capacity,
        longitude=longitude, latitude=latitude,
    )  # fmt: skip
    note(actor, at, "opened_room", room, name=room.name, capacity=capacity)
    return room


def close_room(actor: Actor, at: datetime, room_id: UUID) -> Room:
    """Take a room out of use; what was taught there stays on record."""
    body_id = _permit(actor)
    room = Room.objects.select_for_update().filter(id=room_id, body_id=body_id, closed_on=None).first()
    if room is None:
        raise NotFound()
    if later := Lesson.objects.filter(room=room, fixed=True, ends_at__gt=at).order_by("-starts_at").first():
        raise RoomInUse(on=day_of(later.starts_at))
    Room.objects.filter(id=room.id).update(closed_on=day_of(at))
    note(actor, at, "closed_room", room, name=room.name)
    return Room.objects.get(id=room.id)


def register_teacher(
    actor: Actor, at: datetime, person: PersonRow, full_time: bool, from_on: date,
    certificate_number: str, qualifications: Sequence[Qualification],
) -> Teacher:  # fmt: skip
    """A person begins to teach at the own body, with what may be taught; the person is found by the document (16.1)."""
    body_id = _permit(actor)
    _refuse_bare(qualifications)
    with everybody():
        person_id = register_persons(actor, at, [person]).ids[0]
    if Teacher.objects.filter(body_id=body_id, person_id=person_id, until_on=None).exists():
        raise TeachesHereAlready(name=person.name)
    teacher = Teacher.objects.create(
        body_id=body_id, person_id=person_id, full_time=full_time, from_on=from_on,
        certificate_number=certificate_number.strip(), entered_by_name=actor.name,
    )  # fmt: skip
    _write(teacher, qualifications)
    note(actor, at, "registered_teacher", teacher, full_time=full_time, subjects=[q.subject for q in qualifications])
    return teacher


def qualify_teacher(actor: Actor, at: datetime, teacher_id: UUID, qualifications: Sequence[Qualification]) -> Teacher:
    """Say anew what a teacher may teach; what stays as it was stays confirmed, the rest waits for the county."""
    teacher = _own_teacher(actor, teacher_id)
    _refuse_bare(qualifications)
    before = {_said(one): (one.confirmed_by_name, one.confirmed_at) for one in teacher.qualifications.all()}
    TeacherQualification.objects.filter(teacher=teacher).delete()
    _write(teacher, qualifications, before)
    note(actor, at, "qualified_teacher", teacher, subjects=[q.subject for q in qualifications])
    return teacher


def confirm_qualifications(actor: Actor, at: datetime, qualification_ids: Sequence[UUID]) -> int:
    """The county saw the papers behind what teachers may teach: its training desk says so, once (9.1).

    For teachers of its own bodies, and for those who teach in a class filed with it.
    """
    if not actor.has("training"):
        raise NotYourDuty()
    found = list(
        TeacherQualification.objects.select_for_update(of=("self",))
        .filter(id__in=qualification_ids)
        .select_related("teacher__body")
        .order_by("id")
    )
    here = set(
        Lesson.objects.filter(
            teacher_id__in=[one.teacher_id for one in found], training_class__region_id__in=actor.regions
        ).values_list("teacher_id", flat=True)
    )
    if len(found) < len(set(qualification_ids)) or not all(
        one.teacher_id in here or one.teacher.body.region_id in actor.regions for one in found
    ):
        raise NotFound()
    new = [one for one in found if one.confirmed_at is None]
    if not new:
        raise QualificationsConfirmedAlready()
    chosen = TeacherQualification.objects.filter(id__in=[one.id for one in new])
    chosen.update(confirmed_at=at, confirmed_by_name=actor.name)
    note_all(entry(actor, at, "confirmed_qualification", one.teacher, what=one.subject, level=one.level) for one in new)
    return len(new)


def end_teaching(actor: Actor, at: datetime, teacher_id: UUID) -> Teacher:
    """A teacher leaves the body today."""
    teacher = _own_teacher(actor, teacher_id)
    if later := Lesson.objects.filter(teacher=teacher, fixed=True, ends_at__gt=at).order_by("-starts_at").first():
        raise TeacherStillTeaches(on=day_of(later.starts_at))
    Teacher.objects.filter(id=teacher.id).update(until_on=day_of(at))
    note(actor, at, "ended_teaching", teacher)
    return Teacher.objects.get(id=teacher.id)


def _own_teacher(actor: Actor, teacher_id: UUID) -> Teacher:
    body_id = _permit(actor)
    teacher = Teacher.objects.select_for_update().filter(id=teacher_id, body_id=body_id, until_on=None).first()
    if teacher is None:
        raise NotFound()
    return teacher


def _refuse_bare(qualifications: Sequence[Qualification]) -> None:
    if not qualifications or not all(q.subject and q.document.strip() for q in qualifications):
        raise QualificationNeedsDocument()


Confirmed = Mapping[Qualification, tuple[str, datetime | None]]


def _said(one: TeacherQualification) -> Qualification:
    return Qualification(one.subject, one.level, one.document, one.until_on)


def _write(teacher: Teacher, qualifications: Sequence[Qualification], before: Confirmed | None = None) -> None:
    TeacherQualification.objects.bulk_create(
        TeacherQualification(
            teacher=teacher, subject=q.subject, level=q.level, document=q.document.strip(), until_on=q.until_on,
            confirmed_by_name=by, confirmed_at=at,
        )
        for q in dict.fromkeys(qualifications)
        for by, at in [(before or {}).get(q, ("", None))]
    )  # fmt: skip
