"""Objections: one stops its own line only, is answered within the term, and ends in one of two ways."""

from datetime import date, timedelta

import pytest

from jiangxin.funds.models import PoolBalance
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import opening_of
from jiangxin.ground.identity import unseal
from jiangxin.ground.journal import JournalEntry
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import ChangedMeanwhile, NotFound, NotYourDuty
from jiangxin.subsidy.models import LevelLock, Notice, Objection, SubsidyLine
from jiangxin.subsidy.operations import objections
from jiangxin.subsidy.operations.lines import OwnLine
from jiangxin.subsidy.operations.notices import close_notices
from jiangxin.subsidy.operations.objections import (
    drop_upholding,
    file_objection,
    may_uphold_objection,
    propose_upholding,
    reject_objection,
    reveal_contact,
    uphold_objection,
)
from tests.factories.refused import refused
from tests.factories.steps import after, posted, states
from tests.factories.world import World

pytestmark = pytest.mark.django_db
VISITOR = Actor(name="公众")
TEXT, ANSWER = "此人没有参加培训。", "已核对签到和视频。"


@pytest.fixture
def world() -> World:
    made = World()
    made.pool()
    return made


@pytest.fixture
def two(world: World) -> tuple[Notice, list[SubsidyLine]]:
    return posted(world, world.certificate(), world.certificate())


def object_to(world: World, line: SubsidyLine, contact: str = "") -> Objection:
    filed = file_objection(VISITOR, world.at, line.notice_lines.get().id, TEXT, contact)
    world.see_all()
    return filed


def uphold(world: World, objection: Objection) -> Objection:
    propose_upholding(world.staff["maker"], world.at, objection.id, ANSWER)
    return uphold_objection(world.staff["checker"], world.at, objection.id, world.at)


def reserved() -> int:
    return PoolBalance.objects.get(account="reserved").balance_fen


def test_it_stops_its_own_line_and_no_other(world: World, two: tuple[Notice, list[SubsidyLine]]) -> None:
    notice, lines = two
    objection = object_to(world, lines[0], "13900000000")
    assert states(lines) == ["objected", "in_notice"]
    assert (objection.state, objection.due_on) == ("open", date(2026, 3, 9))
    assert unseal(objection.contact, f"subsidy_objection|contact|{objection.id}") == b"13900000000"
    close_notices(world.machine, after(world.at, 6), [notice])
    assert states(lines) == ["objected", "noticed"]


def test_not_upheld_during_the_notice_it_goes_back_into_it(world: World, two: tuple[Notice, list[SubsidyLine]]) -> None:
    _, lines = two
    objection = object_to(world, lines[0])
    done = reject_objection(world.staff["checker"], world.at, objection.id, ANSWER)
    assert (done.state, done.answer, done.answered_at) == ("rejected", ANSWER, world.at)
    assert done.answered_by_id == world.staff["checker"].account_id
    lines[0].refresh_from_db()
    assert (lines[0].state, lines[0].due_on) == ("in_notice", date(2026, 3, 9))


def test_not_upheld_after_the_notice_it_goes_on(world: World, two: tuple[Notice, list[SubsidyLine]]) -> None:
    notice, lines = two
    objection = object_to(world, lines[0])
    at = after(world.at, 6)
    close_notices(world.machine, at, [notice])
    reject_objection(world.staff["maker"], at, objection.id, ANSWER)
    assert states(lines) == ["noticed", "noticed"]


def test_upheld_by_two_the_line_is_struck_and_money_count_and_level_are_free(
    world: World, two: tuple[Notice, list[SubsidyLine]]
) -> None:
    _, lines = two
    before = reserved()
    objection = object_to(world, lines[0])
    assert reserved() == before
    propose_upholding(world.staff["maker"], world.at, objection.id, ANSWER)
    assert (states(lines), reserved()) == (["objected", "in_notice"], before)
    done = uphold_objection(world.staff["checker"], world.at, objection.id, world.at)
    assert (done.state, done.answer, done.answered_at) == ("upheld", ANSWER, world.at)
    assert done.proposed_by_id == world.staff["maker"].account_id
    assert done.answered_by_id == world.staff["checker"].account_id
    lines[0].refresh_from_db()
    assert (lines[0].state, lines[0].slot) == ("struck", None)
    assert reserved() == before - lines[0].amount_fen
    assert not LevelLock.objects.filter(person_id=lines[0].person_id).exists()
    assert states(lines) == ["struck", "in_notice"]
    deeds = JournalEntry.objects.filter(subject_id=objection.id, verb__in=("proposed_upholding", "upheld_objection"))
    assert [deed.actor_name for deed in deeds.order_by("id")] == ["maker", "checker"]


def test_a_second_objection_waits_for_the_first_and_may_come_after_it(
    world: World, two: tuple[Notice, list[SubsidyLine]]
) -> None:
    _, lines = two
    objection = object_to(world, lines[0])
    row = lines[0].notice_lines.get().id
    with refused(objections.AlreadyObjected):
        file_objection(VISITOR, world.at, row, TEXT)
    reject_objection(world.staff["maker"], world.at, objection.id, ANSWER)
    assert object_to(world, lines[0]).state == "open"


def test_an_objection_needs_words(world: World, two: tuple[Notice, list[SubsidyLine]]) -> None:
    with refused(objections.ObjectionNeedsText):
        file_objection(VISITOR, world.at, two[1][0].notice_lines.get().id, " 不对  ")


def test_only_what_is_posted_can_be_objected_to(world: World, two: tuple[Notice, list[SubsidyLine]]) -> None:
    notice, lines = two
    row, at = lines[0].notice_lines.get().id, after(world.at, 6)
    with refused(objections.NotInNotice):
        file_objection(VISITOR, world.at, new_id(), TEXT)
    with refused(objections.NotInNotice):
        file_objection(VISITOR, at, row, TEXT)
    close_notices(world.machine, opening_of(date(2026, 3, 9)), [notice])
    with refused(objections.NotInNotice):
        file_objection(VISITOR, world.at, row, TEXT)


def test_a_struck_line_takes_no_further_objection(world: World, two: tuple[Notice, list[SubsidyLine]]) -> None:
    _, lines = two
    uphold(world, object_to(world, lines[0]))
    with refused(objections.NotInNotice):
        file_objection(VISITOR, world.at, lines[0].notice_lines.get().id, TEXT)


def test_it_is_answered_once_with_words_by_maker_or_checker(
    world: World, two: tuple[Notice, list[SubsidyLine]]
) -> None:
    objection = object_to(world, two[1][0])
    for deed in (reject_objection, propose_upholding):
        for duty in ("leader", "releaser", "reconciler", "budget"):
            with refused(NotYourDuty):
                deed(world.staff[duty], world.at, objection.id, ANSWER)
        with refused(objections.AnswerNeedsText):
            deed(world.staff["maker"], world.at, objection.id, "成立")
        with refused(NotFound):
            deed(world.staff["maker"], world.at, new_id(), ANSWER)
    reject_objection(world.staff["maker"], world.at, objection.id, ANSWER)
    for deed in (reject_objection, propose_upholding):
        with refused(objections.ObjectionAnswered):
            deed(world.staff["checker"], world.at, objection.id, ANSWER)


def test_what_is_proposed_is_decided_by_another_as_it_was_read(
    world: World, two: tuple[Notice, list[SubsidyLine]]
) -> None:
    objection, maker, checker = object_to(world, two[1][0]), world.staff["maker"], world.staff["checker"]
    third = world.official("maker2", "maker")
    with refused(objections.UpholdingNotProposed):
        uphold_objection(checker, world.at, objection.id, None)
    with refused(objections.UpholdingNotProposed):
        drop_upholding(checker, world.at, objection.id, "没有查清楚")
    proposed = propose_upholding(maker, world.at, objection.id, ANSWER)
    assert (may_uphold_objection(checker, proposed), may_uphold_objection(maker, proposed)) == (True, False)
    with refused(objections.UpholdingNeedsAnother):
        uphold_objection(maker, world.at, objection.id, world.at)
    with refused(NotYourDuty):
        uphold_objection(world.staff["leader"], world.at, objection.id, world.at)
    with refused(ChangedMeanwhile):
        uphold_objection(checker, world.at, objection.id, world.at + timedelta(seconds=1))
    with refused(objections.UpholdingProposed):
        propose_upholding(checker, world.at, objection.id, ANSWER)
    with refused(objections.UpholdingProposed):
        reject_objection(checker, world.at, objection.id, ANSWER)
    uphold_objection(checker, world.at, objection.id, world.at)
    with refused(objections.ObjectionAnswered):
        uphold_objection(third, world.at, objection.id, world.at)


def test_not_agreed_it_waits_for_an_answer_as_before(world: World, two: tuple[Notice, list[SubsidyLine]]) -> None:
    _, lines = two
    objection, before = object_to(world, lines[0]), reserved()
    propose_upholding(world.staff["maker"], world.at, objection.id, ANSWER)
    with refused(objections.DisagreementNeedsText):
        drop_upholding(world.staff["checker"], world.at, objection.id, "不行")
    dropped = drop_upholding(world.staff["checker"], world.at, objection.id, "签到齐全，请再查")
    assert (dropped.state, dropped.answer, dropped.proposed_by, dropped.proposed_at) == ("open", "", None, None)
    assert dropped.disagreed == "签到齐全，请再查"
    assert (states(lines), reserved()) == (["objected", "in_notice"], before)
    propose_upholding(world.staff["checker"], world.at, objection.id, ANSWER)
    drop_upholding(world.staff["checker"], world.at, objection.id, "自己看错了")
    assert reject_objection(world.staff["maker"], world.at, objection.id, ANSWER).state == "rejected"
    assert states(lines) == ["in_notice", "in_notice"]


def test_nobody_answers_about_the_own_money(world: World, two: tuple[Notice, list[SubsidyLine]]) -> None:
    _, lines = two
    objection, own = object_to(world, lines[0]), world.as_person("checker", lines[0].person)
    with refused(OwnLine):
        reject_objection(own, world.at, objection.id, ANSWER)
    propose_upholding(world.staff["maker"], world.at, objection.id, ANSWER)
    with refused(OwnLine):
        uphold_objection(own, world.at, objection.id, world.at)


def test_who_objected_is_read_in_clear_by_desk_only_and_every_reading_is_noted(
    world: World, two: tuple[Notice, list[SubsidyLine]]
) -> None:
    _, lines = two
    objection, silent = object_to(world, lines[0], "13900000000"), object_to(world, lines[1])
    with refused(NotYourDuty):
        reveal_contact(world.staff["releaser"], world.at, objection)
    assert reveal_contact(world.staff["maker"], world.at, silent) == ""
    assert reveal_contact(world.staff["maker"], world.at, objection) == "13900000000"
    assert [x.subject_id for x in JournalEntry.objects.filter(verb="revealed_contact")] == [objection.id]
