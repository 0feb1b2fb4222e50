"""Seats: taken once, waited for in turn, given back whole; nobody in two lessons (S1, S2, S3, S5)."""

from datetime import timedelta

import pytest

from jiangxin.ground.actor import Actor
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.subsidy.law import current_law
from jiangxin.training.evidence import Attendance
from jiangxin.training.models import Enrolment
from jiangxin.training.operations.classes import cancel_class
from jiangxin.training.operations.places import open_room
from jiangxin.training.operations.seats import (
    CannotLeave,
    ClassTakesNobody,
    EnrolledAlready,
    InAnotherLesson,
    Joining,
    LeavingNeedsReason,
    RosterOnly,
    SeatNotHeld,
    confirm_seat,
    enrol,
    lapse_holds,
    leave_class,
    may_take_seat,
)
from jiangxin.training.vouchers import Voucher
from tests.factories.refused import refused
from tests.factories.school import School
from tests.training.vouchers import WORTH, issued, unemployed

pytestmark = pytest.mark.django_db


def test_a_seat_brings_the_timetable(school: School) -> None:
    found = school.opened()
    person = school.world.person()
    assert may_take_seat(school.learner(person.id), found)
    place = school.join(found, person)
    found.refresh_from_db()
    assert (place.seated, found.taken) == (True, 1)
    assert Attendance.objects.filter(person=person, active=True).count() == 14
    with refused(EnrolledAlready):
        school.join(found, person)


def test_a_freed_seat_is_offered_to_exactly_the_next(school: School) -> None:
    found = school.opened(capacity=1)
    people = [school.world.person() for _ in range(3)]
    places = [school.join(found, person) for person in people]
    assert [place.place for place in places] == [0, 1, 2]
    leave_class(school.learner(people[0].id), school.world.at, places[0].enrolment.id, "", current_law())
    states = [Enrolment.objects.get(id=place.enrolment.id).state for place in places]
    assert states == ["left", "held", "waiting"]
    with refused(SeatNotHeld):
        confirm_seat(school.learner(people[2].id), school.world.at, places[2].enrolment.id)
    with refused(NotFound):
        confirm_seat(school.learner(people[2].id), school.world.at, places[1].enrolment.id)
    assert confirm_seat(school.learner(people[1].id), school.world.at, places[1].enrolment.id).state == "seated"
    found.refresh_from_db()
    assert found.taken == 1


def test_a_held_seat_lapses_to_the_next(school: School) -> None:
    found = school.opened(capacity=1)
    people = [school.world.person() for _ in range(3)]
    places = [school.join(found, person) for person in people]
    leave_class(school.learner(people[0].id), school.world.at, places[0].enrolment.id, "", current_law())
    later = school.world.at + timedelta(hours=25)
    with refused(SeatNotHeld):
        confirm_seat(school.learner(people[1].id), later, places[1].enrolment.id)
    school.world.see_all()
    assert lapse_holds(school.world.machine, later, current_law()) == 1
    states = [Enrolment.objects.get(id=place.enrolment.id).state for place in places]
    assert states == ["left", "lapsed", "held"]
    assert lapse_holds(school.world.machine, later, current_law()) == 0


def test_nobody_is_in_two_lessons(school: School) -> None:
    first = school.opened()
    teacher = school.teach("王老师")
    room = open_room(school.clerk, school.world.at, "102", "人民大道 1 号", 40, school.world.region)
    second = school.opened(school.lessons(teacher_id=teacher.id, room_id=room.id), capacity=1)
    person, other = school.world.person(), school.world.person()
    place = school.join(first, person)
    with refused(InAnotherLesson):
        school.join(second, person)
    leave_class(school.learner(person.id), school.world.at, place.enrolment.id, "", current_law())
    school.world.see_all()
    assert school.join(second, person).seated
    # Who waits and meanwhile sits in another lesson is passed over with the reason; the queue goes on.
    waiting, behind = school.join(second, other), school.join(second, school.world.person())
    school.join(first, other)
    seat = Enrolment.objects.get(person=person, state="seated")
    leave_class(school.learner(person.id), school.world.at, seat.id, "", current_law())
    passed = Enrolment.objects.get(id=waiting.enrolment.id)
    assert (passed.state, passed.reason) == ("left", "排到时，那段时间已经在别的班上课")
    assert Enrolment.objects.get(id=behind.enrolment.id).state == "held"


def test_who_may_join_and_leave(school: School) -> None:
    at, person, other = school.world.at, school.world.person(), school.world.person()
    draft, submitted = school.draft(), school.submitted(school.lessons(start=60))
    learner = school.learner(person.id)
    with refused(NotFound):
        enrol(learner, at, new_id(), Joining(person.id, "self"))
    with refused(NotYourDuty):
        enrol(learner, at, draft.id, Joining(other.id, "self"))
    with refused(ClassTakesNobody):
        enrol(learner, at, draft.id, Joining(person.id, "self"))
    with refused(ClassTakesNobody):
        enrol(school.clerk, at, submitted.id, Joining(person.id, "roster"))
    with refused(NotYourDuty):
        enrol(Actor("公众"), at, draft.id, Joining(person.id, "roster"))
    roster = school.draft(school.lessons(start=90), enrolment="roster")
    with refused(RosterOnly):
        enrol(learner, at, roster.id, Joining(person.id, "self"))
    place = enrol(school.clerk, at, roster.id, Joining(person.id, "roster"))
    assert not Attendance.objects.exists(), "no timetable before the class is open"
    school.world.see_all()
    with refused(LeavingNeedsReason):
        leave_class(school.clerk, at, place.enrolment.id, "退", current_law())
    with refused(NotYourDuty):
        leave_class(Actor("公众"), at, place.enrolment.id, "重复报名了，退掉", current_law())
    leave_class(school.clerk, at, place.enrolment.id, "重复报名了，退掉", current_law())
    with refused(CannotLeave):
        leave_class(school.clerk, at, place.enrolment.id, "重复报名了，退掉", current_law())
    with refused(NotFound):
        leave_class(school.clerk, at, new_id(), "重复报名了，退掉", current_law())


def test_seat_and_voucher_move_together(school: School) -> None:
    world = school.world
    [holder, waiter] = unemployed(world, 2)
    batch = issued(world, "general", pool_id=world.pool().id)
    found = school.opened(capacity=1)
    place = school.join(found, holder, worth=lambda _class, _on: WORTH)
    first, second = (Voucher.objects.get(batch=batch, person=person) for person in (holder, waiter))
    assert (place.enrolment.voucher_id, first.state, first.reserved_fen) == (first.id, "reserved", WORTH)
    queued = school.join(found, waiter)
    assert (queued.place, second.state) == (1, "issued"), "whoever waits keeps the voucher"
    leave_class(school.learner(holder.id), world.at, place.enrolment.id, "", current_law(), lambda _class, _on: WORTH)
    world.see_all()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.reserved_fen) == ("issued", 0)
    assert (second.state, second.reserved_fen) == ("reserved", WORTH), "the offered seat takes the voucher along"
    cancel_class(school.clerk, world.at, found.id, "报名人数不够，不开了")
    world.see_all()
    second.refresh_from_db()
    assert (second.state, second.reserved_fen) == ("issued", 0)
