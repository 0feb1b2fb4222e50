"""Lists of learners: a class's own and a body's people, each on seats by one statement or nobody (S1, 4.2, 5.2)."""

from collections.abc import Sequence
from datetime import date

import pytest

from jiangxin.ground.actor import Actor
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.parties.models import Organisation, Person
from jiangxin.parties.operations.bodies import CreditCodeWrong
from jiangxin.parties.operations.persons import PersonRow
from jiangxin.parties.operations.workforce import load_workforce
from jiangxin.parties.rosters import Listed, WorkerRow
from jiangxin.recognition.models import Title
from jiangxin.subsidy.law import current_law
from jiangxin.training.evidence import Attendance
from jiangxin.training.models import ClassOffer, Enrolment, TrainingClass
from jiangxin.training.operations.classes import submit_class
from jiangxin.training.operations.places import open_room
from jiangxin.training.operations.rosters import (
    NobodyChosen,
    OfferedAlready,
    OfferedBodyUnknown,
    OfferToItself,
    SeatsTooFew,
    SomebodyCannotSit,
    class_roster,
    end_offer,
    enrol_roster,
    enrol_staff,
    offer_class,
    receive_class_roster,
    seat_class_roster,
)
from jiangxin.training.operations.seats import BodyMayNotTrain, Joining, enrol, leave_class, may_leave
from jiangxin.training.operations.sending import ClassTakesNobody, NotYourClass, NotYourPerson, may_fill_seats
from jiangxin.training.queries.rosters import class_list, class_open_to, classes_open_to, obstacles, offers_of, sent_by
from jiangxin.training.vouchers import Voucher
from tests.factories.refused import refused
from tests.factories.school import School, clerk_of
from tests.factories.world import number_of
from tests.training.vouchers import issued, unemployed

pytestmark = pytest.mark.django_db
CODE, OWN = "5233049982JK5JHY4B", "52330499F30QHR2978"


def listed(*numbers: int) -> list[Listed]:
    return [Listed(PersonRow("resident", number_of(n), f"学员{n}")) for n in numbers]


def sheet_of(found: TrainingClass, *rows: tuple[str, str]) -> bytes:
    return class_roster(found).template([(name, None, number, None, None, None) for name, number in rows])


def firm_of(school: School, code: str = CODE) -> Actor:
    body = Organisation.objects.create(name="嘉善快送", credit_code=code, region_id=school.world.region)
    return clerk_of(school.world, body, "employer")


def workers(school: School, firm: Actor, *numbers: int, kind: str = "contract") -> list[Person]:
    rows = [WorkerRow(PersonRow("resident", number_of(n), f"员工{n}"), kind, date(2026, 1, 5)) for n in numbers]
    load_workforce(firm, school.world.at, rows)
    school.world.see_all()
    return list(Person.objects.filter(name__in=[f"员工{n}" for n in numbers]).order_by("name"))


def ids(people: Sequence[Person]) -> list:
    return [person.id for person in people]


def test_a_list_before_the_class_opens_and_its_timetable_after(school: School) -> None:
    found = school.draft(enrolment="roster", capacity=3)
    file = receive_class_roster(
        school.clerk, school.world.at, found.id, "名册.xlsx",
        sheet_of(found, ("学员一", number_of(801)), ("学员二", number_of(802))),
    )  # fmt: skip
    assert file.state == "clean"
    loaded = seat_class_roster(school.clerk, school.world.at, file.id)
    assert loaded.loaded_rows == 2
    school.world.see_all()
    found.refresh_from_db()
    assert found.taken == 2
    assert not Attendance.objects.exists(), "no timetable before the class is open"
    assert submit_class(school.clerk, school.world.at, found.id, current_law()).state == "submitted"
    [first, second] = class_list(found.id)
    assert {first.name, second.name} == {"学员一", "学员二"}
    assert first.number.count("*") > 4
    assert first.source == "机构名册"


def test_wrong_rows_of_a_class_list_each_say_why(school: School) -> None:
    first, teacher = school.opened(), school.teach("王老师")
    room = open_room(school.clerk, school.world.at, "102", "人民大道 1 号", 40, school.world.region)
    second = school.opened(school.lessons(teacher_id=teacher.id, room_id=room.id), capacity=2)
    busy, inside = school.world.person("忙一"), school.world.person("在二")
    numbers = [number_of(school.world.people - 1), number_of(school.world.people)]
    school.join(first, busy)
    school.join(second, inside)
    school.world.see_all()
    second.refresh_from_db()
    file = receive_class_roster(
        school.clerk, school.world.at, second.id, "名册.xlsx",
        sheet_of(
            second, ("忙一", numbers[0]), ("在二", numbers[1]), ("新三", number_of(811)), ("新四", number_of(812))
        ),
    )  # fmt: skip
    said = {one["row"]: one["problem"] for one in file.wrongs}
    assert said == {2: "上课时间和已经报的别的班冲突", 3: "已经在这个班里", 5: "座位不够，只剩 1 个"}
    assert obstacles(second, [inside.id, busy.id]).keys() == {inside.id, busy.id}
    loaded = seat_class_roster(school.clerk, school.world.at, file.id, reason="先报能报的，其余另排")
    assert loaded.loaded_rows == 1
    school.world.see_all()
    second.refresh_from_db()
    assert second.taken == 2
    assert Attendance.objects.filter(person__name="新三", active=True).count() == 14


def test_a_list_is_all_or_nothing(school: School) -> None:
    at, found, person = school.world.at, school.opened(capacity=2), school.world.person("在一")
    school.join(found, person)
    school.world.see_all()
    here = number_of(school.world.people)
    with refused(SeatsTooFew):
        enrol_roster(school.clerk, at, found.id, listed(821, 822))
    school.world.see_all()
    with refused(SomebodyCannotSit):
        enrol_roster(school.clerk, at, found.id, [Listed(PersonRow("resident", here, "在一"))])
    school.world.see_all()
    with refused(NobodyChosen):
        enrol_roster(school.clerk, at, found.id, [])
    with refused(NotFound):
        enrol_roster(school.clerk, at, new_id(), listed(821))
    with refused(NotFound):
        receive_class_roster(school.county, at, found.id, "名册.xlsx", b"")
    with refused(NotFound):
        seat_class_roster(school.clerk, at, new_id())
    with refused(NotYourDuty):
        enrol_roster(school.teacher_actor, at, found.id, listed(821))
    submitted = school.submitted(school.lessons(start=60))
    with refused(ClassTakesNobody):
        receive_class_roster(school.clerk, at, submitted.id, "名册.xlsx", b"")
    with refused(ClassTakesNobody):
        enrol_roster(school.clerk, at, submitted.id, listed(821))
    assert not Person.objects.filter(name="学员821").exists(), "who was not seated was not made"


def test_vouchers_go_with_a_list(school: School) -> None:
    [holder, _] = unemployed(school.world, 2)
    batch = issued(school.world, "general", pool_id=school.world.pool().id)
    found, firm = school.opened(), firm_of(school)
    school.world.see_all()
    number = number_of(school.world.people - 1)
    row = WorkerRow(PersonRow("resident", number, holder.name), "contract", date(2026, 1, 5))
    load_workforce(firm, school.world.at, [row])
    school.world.see_all()
    assert enrol_staff(firm, school.world.at, found.id, [holder.id], lambda _class, _on: 90_000) == 1
    school.world.see_all()
    voucher = Voucher.objects.get(batch=batch, person=holder)
    seat = Enrolment.objects.get(person=holder)
    assert (voucher.state, voucher.reserved_fen, seat.voucher_id) == ("reserved", 90_000, voucher.id)
    assert seat.forecast == {"worth_fen": 90_000}


def test_a_body_sends_its_own_people_only(school: School) -> None:
    at, found, firm = school.world.at, school.opened(), firm_of(school)
    [one] = workers(school, firm, 831)
    [rider] = workers(school, firm, 832, kind="platform")
    stranger = school.world.person("外人")
    other = clerk_of(school.world, school.world.assessor, "employer")
    with refused(NotYourPerson):
        enrol(firm, at, found.id, Joining(stranger.id, "employer", firm.body_id))
    with refused(NotYourPerson):
        enrol(firm, at, found.id, Joining(one.id, "employer", other.body_id))
    with refused(NotYourPerson):
        enrol(other, at, found.id, Joining(one.id, "employer", other.body_id))
    with refused(NotYourPerson):
        enrol(firm, at, found.id, Joining(one.id, "platform", firm.body_id))
    with refused(NotYourPerson):
        enrol_staff(firm, at, found.id, [one.id, stranger.id])
    with refused(NotYourDuty):
        enrol(firm, at, found.id, Joining(one.id, "roster"))
    with refused(NotYourDuty):
        enrol(firm, at, found.id, Joining(one.id, "counter", firm.body_id))
    with refused(NotYourDuty):
        enrol(school.clerk, at, found.id, Joining(one.id, "employer", school.world.provider.id))
    with refused(NotYourDuty):
        enrol_staff(school.clerk, at, found.id, [one.id])
    with refused(NobodyChosen):
        enrol_staff(firm, at, found.id, [])
    with refused(NotFound):
        enrol_staff(firm, at, new_id(), [one.id])
    assert enrol_staff(firm, at, found.id, ids([one, rider])) == 2
    school.world.see_all()
    seats = dict(Enrolment.objects.values_list("person_id", "source"))
    assert seats == {one.id: "employer", rider.id: "platform"}
    assert sent_by(firm.body_id).count() == 2  # type: ignore[arg-type]
    seat = Enrolment.objects.get(person=one)
    assert may_leave(firm, seat)
    assert not may_leave(other, seat)
    leave_class(firm, at, seat.id, "这个人已经离职了", current_law())
    school.world.see_all()
    assert Enrolment.objects.get(id=seat.id).state == "left"


def test_more_people_than_seats_sends_nobody(school: School) -> None:
    found, firm = school.opened(capacity=1), firm_of(school)
    people = workers(school, firm, 841, 842)
    with refused(SeatsTooFew):
        enrol_staff(firm, school.world.at, found.id, ids(people))
    draft = school.draft(school.lessons(start=60))
    with refused(ClassTakesNobody):
        enrol_staff(firm, school.world.at, draft.id, ids(people[:1]))


def test_an_order_based_class_takes_whom_it_is_offered_to(school: School) -> None:
    at, firm = school.world.at, firm_of(school)
    [one] = workers(school, firm, 851)
    found = school.draft(enrolment="roster")
    enrol_roster(school.clerk, at, found.id, listed(852))
    found = school.opened_from(found)
    with refused(NotYourClass):
        enrol_staff(firm, at, found.id, [one.id])
    assert not may_fill_seats(firm, found)
    assert class_open_to(firm.body_id, found.id) is None  # type: ignore[arg-type]
    with refused(OfferedBodyUnknown):
        offer_class(school.clerk, at, found.id, "91330499N2GPQHLN75")
    with refused(CreditCodeWrong):
        offer_class(school.clerk, at, found.id, "9133042")
    Organisation.objects.filter(id=school.world.provider.id).update(credit_code=OWN)
    with refused(OfferToItself):
        offer_class(school.clerk, at, found.id, OWN)
    with refused(NotFound):
        offer_class(firm, at, found.id, CODE)
    offer = offer_class(school.clerk, at, found.id, CODE)
    with refused(OfferedAlready):
        offer_class(school.clerk, at, found.id, CODE)
    assert [one.body.name for one in offers_of(found.id)] == ["嘉善快送"]
    assert may_fill_seats(firm, found)
    assert list(classes_open_to(firm.body_id, at.date(), offered=True)) == [found]  # type: ignore[arg-type]
    assert enrol_staff(firm, at, found.id, [one.id]) == 1
    school.world.see_all()
    with refused(NotFound):
        end_offer(firm, at, offer.id)
    with refused(NotYourDuty):
        end_offer(school.teacher_actor, at, offer.id)
    end_offer(school.clerk, at, offer.id)
    assert ClassOffer.objects.get().ended_at == at
    with refused(NotFound):
        end_offer(school.clerk, at, offer.id)
    submitted = school.opened(school.lessons(start=60))
    TrainingClass.objects.filter(id=submitted.id).update(state="running")
    with refused(ClassTakesNobody):
        offer_class(school.clerk, at, submitted.id, CODE)


def test_a_body_that_may_not_train_takes_nobody(school: School) -> None:
    found, firm, person = school.opened(), firm_of(school), school.world.person()
    people = workers(school, firm, 861)
    Title.objects.filter(organisation=school.world.provider).update(until_on=date(2026, 2, 1))
    with refused(BodyMayNotTrain):
        school.join(found, person)
    with refused(BodyMayNotTrain):
        enrol_staff(firm, school.world.at, found.id, ids(people))
