"""The person's will: confirm, decline, defer, reopen, and what silence means; a refusal leaves all as it was."""

from datetime import date, timedelta

import pytest

from jiangxin.funds.models import PoolBalance
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import opening_of
from jiangxin.ground.journal import JournalEntry
from jiangxin.ground.refusal import NotYourDuty
from jiangxin.parties.models import PayeeAccount
from jiangxin.subsidy.models import LevelLock, SubsidyLine
from jiangxin.subsidy.operations import confirm
from jiangxin.subsidy.operations.decide import decide_certificates
from jiangxin.subsidy.operations.lines import lock_lines
from jiangxin.subsidy.queries.due import certificates_to_decide_again
from tests.factories.refused import refused
from tests.factories.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    made = World()
    made.pool()
    return made


def promised(world: World, **more) -> tuple[SubsidyLine, Actor]:
    certificate = world.certificate(**more)
    decide_certificates(world.machine, world.at, [certificate.id], "test")
    line = SubsidyLine.objects.get(certificate=certificate, scheme="certificate_subsidy")
    assert line.state == "to_confirm"
    return line, Actor(name="本人", person_id=line.person_id)


def standing(line: SubsidyLine) -> tuple[str, int, int | None, int]:
    line.refresh_from_db()
    reserved = PoolBalance.objects.get(pool_id=line.pool_id, account="reserved").balance_fen
    return line.state, reserved, line.slot, LevelLock.objects.count()


def test_confirming_names_the_account(world: World) -> None:
    line, person = promised(world)
    confirm.confirm_line(person, world.at, line.id)
    line.refresh_from_db()
    assert (line.state, line.confirmed_how) == ("to_notice", "worker")
    assert line.account_id == confirm.live_account(line.person_id).id


def test_without_an_account_nothing_is_confirmed(world: World) -> None:
    line, person = promised(world, person=world.person(account=False))
    before = standing(line)
    with pytest.raises(confirm.NoAccountToPay):
        confirm.confirm_line(person, world.at, line.id)
    assert standing(line) == before


def test_nobody_answers_for_another(world: World) -> None:
    line, _ = promised(world)
    before = standing(line)
    with pytest.raises(NotYourDuty):
        confirm.confirm_line(Actor(name="别人", person_id=world.person().id), world.at, line.id)
    assert standing(line) == before


def test_confirmed_twice_is_refused(world: World) -> None:
    line, person = promised(world)
    confirm.confirm_line(person, world.at, line.id)
    before = standing(line)
    with pytest.raises(confirm.NothingToConfirm):
        confirm.confirm_line(person, world.at, line.id)
    assert standing(line) == before


def test_declining_frees_money_count_and_level(world: World) -> None:
    line, person = promised(world)
    confirm.decline_line(person, world.at, line.id)
    assert standing(line) == ("declined", 0, None, 0)


def test_a_declined_line_is_decided_again_by_its_received_day(world: World) -> None:
    line, person = promised(world)
    confirm.decline_line(person, world.at, line.id)
    confirm.reopen_line(person, world.at, line.id)
    decide_certificates(world.machine, world.at, [line.certificate_id], "重新办理")
    received = line.received_on
    assert standing(line) == ("to_confirm", line.amount_fen, 1, 1)
    assert line.received_on == received


def test_only_what_was_given_up_is_reopened(world: World) -> None:
    line, person = promised(world)
    before = standing(line)
    with pytest.raises(confirm.NotDeclined):
        confirm.reopen_line(person, world.at, line.id)
    assert standing(line) == before


def test_after_the_window_nothing_is_reopened(world: World) -> None:
    line, person = promised(world)
    confirm.decline_line(person, world.at, line.id)
    before = standing(line)
    with pytest.raises(confirm.WindowIsOver):
        confirm.reopen_line(person, opening_of(date(2027, 2, 3)), line.id)
    assert standing(line) == before


@pytest.mark.parametrize("until", [date(2026, 3, 2), date(2027, 2, 3)])
def test_deferring_stays_within_the_window(world: World, until: date) -> None:
    line, person = promised(world)
    before = standing(line)
    with pytest.raises(confirm.DeferredTooLong):
        confirm.defer_line(person, world.at, line.id, until)
    assert standing(line) == before


def test_deferring_to_the_last_day_of_the_window(world: World) -> None:
    line, person = promised(world)
    confirm.defer_line(person, world.at, line.id, date(2027, 2, 2))
    assert standing(line) == ("deferred", 0, None, 0)


def hear(world: World, line: SubsidyLine, days: int) -> SubsidyLine:
    at = opening_of(line.due_on + timedelta(days=days))
    confirm.hear_silence(world.machine, at, lock_lines([line.id]))
    line.refresh_from_db()
    return line


def test_silence_goes_on_to_a_certified_account_where_the_county_says_so(world: World) -> None:
    line, _ = promised(world)
    assert line.due_on == date(2026, 3, 9)
    line = hear(world, line, 1)
    assert (line.state, line.confirmed_how) == ("to_notice", "silence")


def test_silence_never_pays_an_account_that_nobody_certified(world: World) -> None:
    person = world.person(account=False)
    world.account(person, state="confirmed")
    line, _ = promised(world, person=person)
    line = hear(world, line, 1)
    assert standing(line) == ("silent", 0, None, 0)
    assert PayeeAccount.objects.get(person=person).state == "confirmed"


def test_by_telephone_only_with_a_record_of_the_call(world: World) -> None:
    line, _ = promised(world)
    with refused(confirm.WillNeedsRecord):
        confirm.confirm_line(world.staff["maker"], world.at, line.id, "telephone", " 同意 ")
    confirm.confirm_line(world.staff["maker"], world.at, line.id, "telephone", "10点打给本人，同意领取。")
    line.refresh_from_db()
    assert (line.state, line.confirmed_how) == ("to_notice", "telephone")
    noted = JournalEntry.objects.get(subject_id=line.id, verb="confirmed")
    assert "10点打给本人" in noted.detail["cause"]


@pytest.mark.parametrize("record", ["", "看过"])
def test_at_the_counter_only_with_a_record(world: World, record: str) -> None:
    line, _ = promised(world)
    with refused(confirm.WillNeedsRecord):
        confirm.confirm_line(world.staff["maker"], world.at, line.id, "counter", record)
    with refused(confirm.WillNeedsRecord):
        confirm.decline_line(world.staff["maker"], world.at, line.id, record)
    line.refresh_from_db()
    assert line.state == "to_confirm"


def test_a_late_result_counts_only_when_a_maker_accepts_it_with_a_reason(world: World) -> None:
    late = world.certificate(late=True, issued_on=date(2025, 11, 15))
    decide_certificates(world.machine, world.at, [late.id], "test")
    line = SubsidyLine.objects.get(certificate=late, scheme="certificate_subsidy")
    assert (line.state, line.waits_for) == ("waiting", ["经办人员核定"])
    with refused(NotYourDuty):
        confirm.accept_late(world.staff["checker"], world.at, line.id, "机构系统故障，已核实。")
    with refused(confirm.LateNeedsReason):
        confirm.accept_late(world.staff["maker"], world.at, line.id, " 同意 ")
    confirm.accept_late(world.staff["maker"], world.at, line.id, "机构系统故障，已核实。")
    with refused(confirm.NotLate):
        confirm.accept_late(world.staff["maker"], world.at, line.id, "机构系统故障，已核实。")
    assert late.id in certificates_to_decide_again(10)
    decide_certificates(world.machine, world.at, [late.id], "test")
    line.refresh_from_db()
    assert line.state == "to_confirm"
