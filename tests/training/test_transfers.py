"""Learners of a school that was suspended: offered to stay or to move, seat and voucher together or nothing (P38)."""

from datetime import timedelta

import pytest

from jiangxin.ground.actor import Actor
from jiangxin.ground.free_text import NumberInText
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.recognition.cases import Measure
from jiangxin.recognition.operations.measures import decide_measure, open_measure
from jiangxin.subsidy.law import current_law
from jiangxin.training.evidence import Attendance
from jiangxin.training.models import Enrolment, TrainingClass
from jiangxin.training.operations.places import open_room
from jiangxin.training.operations.seats import InAnotherLesson, VoucherStaysBehind
from jiangxin.training.operations.transfers import (
    ClassNotUnderMeasure,
    MeasureStopsNobody,
    NobodyToTransfer,
    NoClassToMoveTo,
    TransferAnswered,
    TransferTargetUnfit,
    TransferWordsMissing,
    accept_transfer,
    decline_transfer,
    offer_teach_out,
    offer_transfer,
    withdraw_transfer_offers,
)
from jiangxin.training.queries.transfers import classes_to_move_to, own_offer, own_offers, stopped_classes
from jiangxin.training.transfers import TransferOffer
from jiangxin.training.vouchers import Voucher
from tests.factories.refused import refused
from tests.factories.school import School
from tests.factories.world import World
from tests.training.vouchers import WORTH, issued, unemployed

pytestmark = pytest.mark.django_db
WORDS = "原机构暂停，可以转到另一家，问培训科"


def other_school(world: World) -> School:
    """A second school of the county, whose electricians' classes the learners may move to."""
    first = world.provider
    world.provider = world.body("西塘培训学校", "91330421MA00000013", "provider")
    made = School(world)
    world.provider = first
    return made


def stopped(school: School, kind: str = "suspension", arrangement: str = "transfer") -> Measure:
    """A measure in force about the school."""
    world = school.world
    until = world.at.date() + timedelta(days=60) if kind == "suspension" else None
    made = open_measure(
        school.county, world.at, world.provider.pk, kind, "fake_records", "30 人的班只有 6 人在场。", current_law(),
        until_on=until,
    )  # fmt: skip
    decide_measure(
        world.staff["leader"], world.at, made.pk, in_force=True, decision="证据确凿，先暂停", arrangement=arrangement
    )
    return Measure.objects.get(pk=made.pk)


def test_seat_and_voucher_move_together(school: School) -> None:
    world = school.world
    target = other_school(world).opened()
    person = unemployed(world)[0]
    voucher = Voucher.objects.get(batch=issued(world), person=person)
    found = school.opened()
    seat = school.join(found, person).enrolment
    measure = stopped(school)
    [offer] = offer_transfer(school.county, world.at, measure.pk, found.pk, target.pk, WORDS)
    assert [one.pk for one in own_offers(person.pk)] == [offer.pk]
    [row] = stopped_classes(world.provider.pk, measure.pk, [world.region])
    assert (row.seated, row.waits, row.unasked) == (1, 1, 0)
    made = accept_transfer(school.learner(person.pk), world.at, offer.pk, lambda _class, _on: WORTH)
    world.see_all()
    seat.refresh_from_db()
    voucher.refresh_from_db()
    found.refresh_from_db()
    target.refresh_from_db()
    assert (seat.state, made.state, made.voucher_id, voucher.state) == ("left", "seated", voucher.pk, "reserved")
    assert (found.taken, target.taken) == (0, 1)
    assert target.number in seat.reason
    assert set(Attendance.objects.filter(person=person, active=True).values_list("class_id", flat=True)) == {target.pk}
    assert own_offers(person.pk) == []
    with refused(TransferAnswered):
        accept_transfer(school.learner(person.pk), world.at, offer.pk)


def test_whoever_stays_keeps_the_seat(school: School) -> None:
    world = school.world
    found, person = school.opened(), school.world.person()
    seat = school.join(found, person).enrolment
    measure = stopped(school, arrangement="teach_out")
    [offer] = offer_transfer(school.county, world.at, measure.pk, found.pk, None, "在县里监督下上完")
    learner = school.learner(person.pk)
    with refused(NoClassToMoveTo):
        accept_transfer(learner, world.at, offer.pk)
    with refused(NotFound):
        decline_transfer(school.learner(new_id()), world.at, offer.pk)
    assert decline_transfer(learner, world.at, offer.pk).state == "stayed"
    seat.refresh_from_db()
    assert seat.state == "seated"
    kept = own_offer(person.pk, offer.pk)
    assert kept is not None
    assert kept.answered_at == world.at


def test_a_full_class_a_clash_and_a_voucher_that_does_not_fit(school: School) -> None:
    world = school.world
    there = other_school(world)
    target = there.opened(capacity=1)
    person, other = unemployed(world, 2)
    batch = issued(world, providers=(str(world.provider.pk),))
    found = school.opened()
    school.join(found, person)
    [offer] = offer_transfer(school.county, world.at, stopped(school).pk, found.pk, target.pk, WORDS)
    assert Voucher.objects.get(batch=batch, person=person).state == "reserved"
    learner = school.learner(person.pk)
    with refused(VoucherStaysBehind):
        accept_transfer(learner, world.at, offer.pk)
    there.join(target, other)
    with refused(TransferTargetUnfit):
        accept_transfer(learner, world.at, offer.pk)


def test_a_clash_with_another_class(school: School) -> None:
    world = school.world
    there = other_school(world)
    target = there.opened()
    found, person = school.opened(school.lessons(start=60)), world.person()
    school.join(found, person)
    room = open_room(there.clerk, world.at, "102", "人民大道 2 号", 40, world.region)
    elsewhere = there.opened(there.lessons(teacher_id=there.teach("赵老师").id, room_id=room.id))
    there.join(elsewhere, person)
    [offer] = offer_transfer(school.county, world.at, stopped(school).pk, found.pk, target.pk, WORDS)
    with refused(InAnotherLesson):
        accept_transfer(school.learner(person.pk), world.at, offer.pk)


def test_what_is_no_way_out(school: School) -> None:
    world = school.world
    there = other_school(world)
    target, another = there.opened(), there.opened(there.lessons(start=40), level="3")
    found, empty = school.opened(), school.opened(school.lessons(start=80))
    school.join(found, world.person())
    measure = stopped(school)
    county, at = school.county, world.at
    with refused(TransferTargetUnfit):
        offer_transfer(county, at, measure.pk, found.pk, found.pk, WORDS)
    with refused(TransferTargetUnfit):
        offer_transfer(county, at, measure.pk, found.pk, another.pk, WORDS)
    with refused(TransferTargetUnfit):
        offer_transfer(county, at, measure.pk, found.pk, new_id(), WORDS)
    with refused(TransferWordsMissing):
        offer_transfer(county, at, measure.pk, found.pk, target.pk, "转")
    with refused(NumberInText):
        offer_transfer(county, at, measure.pk, found.pk, target.pk, "找 330499199005010015 这位")
    with refused(ClassNotUnderMeasure):
        offer_transfer(county, at, measure.pk, target.pk, None, WORDS)
    with refused(NotYourDuty):
        offer_transfer(world.staff["maker"], at, measure.pk, found.pk, target.pk, WORDS)
    with refused(NotFound):
        offer_transfer(county, at, new_id(), found.pk, target.pk, WORDS)
    with refused(NobodyToTransfer):
        offer_transfer(county, at, measure.pk, empty.pk, target.pk, WORDS)
    assert list(classes_to_move_to(found, at.date())) == [target]
    warned = open_measure(county, at, world.provider.pk, "warning", "safety", "消防通道堆放杂物三处。", current_law())
    with refused(MeasureStopsNobody):
        offer_transfer(county, at, warned.pk, found.pk, target.pk, WORDS)


def test_offers_are_taken_back_and_made_again(school: School) -> None:
    world = school.world
    target = other_school(world).opened()
    found, person = school.opened(), world.person()
    school.join(found, person)
    measure = stopped(school)
    [offer] = offer_transfer(school.county, world.at, measure.pk, found.pk, None, WORDS)
    with refused(NobodyToTransfer):
        offer_transfer(school.county, world.at, measure.pk, found.pk, target.pk, WORDS)
    with refused(NotYourDuty):
        withdraw_transfer_offers(world.staff["maker"], world.at, measure.pk, found.pk)
    assert withdraw_transfer_offers(school.county, world.at, measure.pk, found.pk) == 1
    with refused(NobodyToTransfer):
        withdraw_transfer_offers(school.county, world.at, measure.pk, found.pk)
    with refused(TransferAnswered):
        decline_transfer(Actor("本人", person_id=person.pk), world.at, offer.pk)
    offer_transfer(school.county, world.at, measure.pk, found.pk, target.pk, WORDS)
    assert TransferOffer.objects.filter(state="offered").count() == 1
    assert Enrolment.objects.filter(person=person, state="seated").count() == 1
    assert TrainingClass.objects.get(pk=found.pk).taken == 1


def test_where_a_leader_decided_so_everybody_is_told_to_be_taught_out(school: School) -> None:
    world = school.world
    found, people = school.opened(), [world.person() for _ in range(2)]
    for person in people:
        school.join(found, person)
    measure = stopped(school, arrangement="teach_out")
    world.see_all()
    with refused(NotYourDuty):
        offer_teach_out(school.county, world.at)
    assert offer_teach_out(world.machine, world.at) == 2
    assert offer_teach_out(world.machine, world.at) == 0, "nobody is told twice"
    [told] = own_offers(people[0].pk)
    assert (told.measure_id, told.to_class_id) == (measure.pk, None)
    withdraw_transfer_offers(school.county, world.at, measure.pk, found.pk)
    world.see_all()
    assert offer_teach_out(world.machine, world.at) == 0, "what the county took back is not said again"
