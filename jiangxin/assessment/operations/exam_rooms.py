"""Rooms, seats and the closing of the roster: who sits where, with enough examiners in each room (facts 4.2)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from jiangxin.assessment.exam_numbers import ExaminerRatios
from jiangxin.assessment.examining import NumberSeries
from jiangxin.assessment.exams import GONE, PARTS, PLAN_STATES, Candidate, ExamPlan, ExamRoom
from jiangxin.assessment.operations.exam_plans import own_plan
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.ground.transitions import move_one
from jiangxin.rules.parameters import Law


class ExamRoomWrong(Refusal):
    sentence = "考场没有填全：名称、座位数、考试当天的起止时间都要有，结束要晚于开始。"
    remedy = "请核对考场信息。"


class ExamRoomTwice(Refusal):
    sentence = "这个时间已经有同名的考场。"
    remedy = "请换一个名称，如“第二考场”。"


class SeatsShort(Refusal):
    sentence = "{part}还缺 {short} 个座位。"
    remedy = "请加考场，或把座位数改大再排。"


class RosterNotDecided(Refusal):
    sentence = "还有 {count} 名考生没有审核资格。"
    remedy = "请先准考或办理资格不符。"


class RosterEmpty(Refusal):
    sentence = "没有一名准考的考生。"
    remedy = "请先报名、审核；不考了请取消计划。"


class NotSeated(Refusal):
    sentence = "还有 {count} 名考生没有排座位。"
    remedy = "请先“自动排座”。"


class ExaminersShort(Refusal):
    sentence = "考评员不够：{where}。"
    remedy = "请加派考评员，或把考生分到别的考场。"


class SignUpStillOpen(Refusal):
    sentence = "报名 {until} 才截止，名单还不能定。"
    remedy = "请在截止之后再定名单。"


@dataclass(frozen=True)
class RoomGiven:
    """A room as its form gives it."""

    part: str
    name: str
    places: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class RoomLoad:
    """A room with how many sit in it, how many examine, and what it lacks ("" = nothing)."""

    room: ExamRoom
    candidates: int
    examiners: int
    needed: int
    short: str


def add_exam_room(actor: Actor, at: datetime, plan_id: UUID, given: RoomGiven) -> ExamRoom:
    """Add a room (or a practice group) for one part on the day of the exam."""
    plan = own_plan(actor, plan_id, "open")
    on_the_day = day_of(given.starts_at) == day_of(given.ends_at) == plan.exam_on
    if given.part not in PARTS or not given.name.strip() or not 0 < given.places <= 1000 or not on_the_day:
        raise ExamRoomWrong()
    if given.ends_at <= given.starts_at:
        raise ExamRoomWrong()
    room = ExamRoom(
        plan=plan, part=given.part, name=given.name.strip(), places=given.places, starts_at=given.starts_at,
        ends_at=given.ends_at,
    )  # fmt: skip
    ExamRoom.objects.bulk_create([room], ignore_conflicts=True)
    if not ExamRoom.objects.filter(pk=room.pk).exists():
        raise ExamRoomTwice()
    note(actor, at, "added_exam_room", plan, room=room.name, part=room.part)
    return room


def change_places(actor: Actor, at: datetime, room_id: UUID, places: int) -> ExamRoom:
    """Change how many places a room has; 0 closes it for the seating. Whoever sat there is seated anew."""
    room = ExamRoom.objects.select_related("plan").filter(pk=room_id).first()
    if room is None:
        raise NotFound()
    own_plan(actor, room.plan_id, "open")
    if not 0 < places <= 1000:
        raise ExamRoomWrong()
    ExamRoom.objects.filter(pk=room.pk).update(places=places)
    Candidate.objects.filter(**{f"{room.part}_room": room}).update(
        **{f"{room.part}_room": None, f"{room.part}_seat": None}
    )
    note(actor, at, "changed_exam_room", room.plan, room=room.name, places=places)
    room.refresh_from_db()
    return room


def seat_candidates(actor: Actor, at: datetime, plan_id: UUID) -> int:
    """Seat all admitted candidates anew, part by part, in an order that sets classmates apart; returns how many."""
    plan = own_plan(actor, plan_id, "open")
    candidates = list(Candidate.objects.select_for_update().filter(plan=plan, state="admitted"))
    seats = {part: _seats(plan, part) for part in PARTS}
    for part in PARTS:
        need = sum(part in one.parts for one in candidates)
        if need > len(seats[part]):
            raise SeatsShort(part=PARTS[part], short=need - len(seats[part]))
    columns = [f"{part}_{what}" for part in PARTS for what in ("room_id", "seat")]
    Candidate.objects.filter(plan=plan).update(**dict.fromkeys(columns))
    for part in PARTS:
        sitting = sorted((one for one in candidates if part in one.parts), key=lambda one: _mixed(part, one))
        for one in candidates:
            setattr(one, f"{part}_room_id", None)
            setattr(one, f"{part}_seat", None)
        for one, (room, seat) in zip(sitting, seats[part], strict=False):
            setattr(one, f"{part}_room_id", room.pk)
            setattr(one, f"{part}_seat", seat)
    Candidate.objects.bulk_update(candidates, columns, batch_size=500)
    note(actor, at, "seated_candidates", plan, candidates=len(candidates))
    return len(candidates)


def _seats(plan: ExamPlan, part: str) -> list[tuple[ExamRoom, int]]:
    rooms = plan.rooms.filter(part=part).order_by("starts_at", "name")
    return [(room, seat) for room in rooms for seat in range(1, room.places + 1)]


def _mixed(part: str, candidate: Candidate) -> tuple[str, str]:
    """Subjects stay together, within one the order is drawn: the same for whoever looks again."""
    return str(candidate.subject_id), hashlib.sha256(f"{part}|{candidate.pk}".encode()).hexdigest()


def room_loads(plan: ExamPlan, law: Law) -> list[RoomLoad]:
    """Every room of a plan with its candidates, its examiners and what it lacks by the ratios of the day."""
    ratios = ExaminerRatios.of(law, plan.region_id, plan.exam_on)
    on_duty = Count("exam_duties", filter=Q(exam_duties__taken_off_at=None))
    loads = []
    sitting = {
        part: dict(
            Candidate.objects.filter(plan=plan)
            .exclude(state__in=GONE)
            .values_list(f"{part}_room")
            .annotate(n=Count("id"))
        )
        for part in PARTS
    }
    for room in plan.rooms.annotate(on_duty=on_duty).order_by("part", "starts_at", "name"):
        many, examiners = sitting[room.part].get(room.pk, 0), room.on_duty
        needed = ratios.needed(room.part, many)
        loads.append(RoomLoad(room, many, examiners, needed, ratios.short(room.part, many, examiners)))
    return loads


def close_roster(actor: Actor, at: datetime, plan_id: UUID, law: Law) -> ExamPlan:
    """Fix who sits where with which examiners; draws whether the county watches a 用人单位's own examiners (P35)."""
    plan = own_plan(actor, plan_id, "open")
    if day_of(at) <= plan.sign_up_until and day_of(at) < plan.exam_on:
        raise SignUpStillOpen(until=plan.sign_up_until)
    _refuse_unready(plan)
    short = [f"{PARTS[one.room.part]} {one.room.name}{one.short}" for one in room_loads(plan, law) if one.short]
    if short:
        raise ExaminersShort(where="；".join(short))
    drawn = _drawn(plan, law)
    move_one(plan, PLAN_STATES, "rostered", state_since=at, external=drawn)
    note(actor, at, "closed_roster", plan, external=drawn)
    return plan


def _refuse_unready(plan: ExamPlan) -> None:
    candidates = Candidate.objects.filter(plan=plan)
    if waiting := candidates.filter(state="signed_up").count():
        raise RosterNotDecided(count=waiting)
    admitted = list(candidates.filter(state="admitted"))
    if not admitted:
        raise RosterEmpty()
    unseated = [one for one in admitted if any(getattr(one, f"{part}_room_id") is None for part in one.parts)]
    if unseated:
        raise NotSeated(count=len(unseated))


def _drawn(plan: ExamPlan, law: Law) -> bool:
    """Whether this batch is among the share the county watches: own examiners of a 用人单位, drawn by its number."""
    letter = NumberSeries.objects.filter(body_id=plan.body_id).values_list("letter", flat=True).first()
    share = law.find(f"{plan.region_id:06d}", "common", "exam_external_share_percent", plan.exam_on)
    if letter != "Y" or not share.known:
        return False
    return int(hashlib.sha256(plan.number.encode()).hexdigest(), 16) % 100 < int(share.value)
