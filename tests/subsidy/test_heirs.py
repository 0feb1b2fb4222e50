"""Heirs (P12): whoever inherits a line is entered by one and confirmed by another; the death then holds it no more."""

from datetime import date

import pytest

from jiangxin.ground.identity import IdentityNumberWrong
from jiangxin.ground.journal import JournalEntry
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.parties.models import PayeeAccount, Person
from jiangxin.parties.operations.persons import PersonRow, register_persons
from jiangxin.subsidy.heirs import HeirPayee, heir_of, payees_of
from jiangxin.subsidy.models import EarlierSubsidy, Hold, SubsidyLine
from jiangxin.subsidy.operations import heirs
from jiangxin.subsidy.operations.heirs import (
    confirm_heir,
    enter_heir,
    find_heir,
    may_confirm_heir,
    may_enter_heir,
    withdraw_heir,
)
from jiangxin.subsidy.operations.holds import HeirWaits, ask_holds, release_hold, strike_held
from jiangxin.subsidy.operations.lines import OwnLine, lock_lines
from tests.factories.refused import refused
from tests.factories.steps import adopt, asked, fresh, noticed, states
from tests.factories.world import World, number_of

pytestmark = pytest.mark.django_db
PAPERS = "死亡证明、继承公证书第18号"


@pytest.fixture
def world() -> World:
    made = World()
    made.pool()
    adopt(made, "sample_share_percent", 0)
    return made


@pytest.fixture
def held(world: World) -> SubsidyLine:
    """A line held because its person died while the notice ran."""
    lines = noticed(world, world.certificate())
    world.spell(lines[0].person, "dead", start=date(2026, 3, 3))
    asked(world, lines)
    assert states(lines) == ["held"]
    return fresh(lines)[0]


@pytest.fixture
def spouse(world: World) -> Person:
    return world.person("李承")


def entered(world: World, line: SubsidyLine, person: Person, duty: str = "maker") -> HeirPayee:
    return enter_heir(world.staff[duty], world.at, line.id, person.id, "配偶", PAPERS)


def test_two_replace_the_payee_and_the_line_goes_on(world: World, held: SubsidyLine, spouse: Person) -> None:
    maker, checker = world.staff["maker"], world.staff["checker"]
    assert may_enter_heir(maker, held)
    heir = entered(world, held, spouse)
    assert (states([held]), payees_of([held.id])) == (["held"], {held.id: held.person_id})
    assert (may_confirm_heir(checker, heir), may_confirm_heir(maker, heir), may_enter_heir(maker, held)) == (
        True, False, False,
    )  # fmt: skip
    confirm_heir(checker, world.at, heir.id)
    line = SubsidyLine.objects.get(id=held.id)
    account = PayeeAccount.objects.get(person=spouse)
    assert (line.state, line.account_id, payees_of([line.id])) == ("to_approve", account.id, {line.id: spouse.id})
    hold = Hold.objects.get(line=line)
    assert (hold.state, hold.first_by_id, hold.second_by_id) == ("released", maker.account_id, checker.account_id)
    assert hold.finding == f"由继承人 李*（配偶）领取，材料：{PAPERS}"
    found = heir_of(line)
    assert found
    assert found.words == "继承人 李*（配偶）"
    deeds = JournalEntry.objects.filter(subject_id=line.id, verb__in=("entered_heir", "confirmed_heir")).order_by("id")
    assert [(deed.verb, deed.actor_name) for deed in deeds] == [
        ("entered_heir", "maker"),
        ("confirmed_heir", "checker"),
    ]


def test_the_death_does_not_hold_it_again_but_that_of_the_heir_does(
    world: World, held: SubsidyLine, spouse: Person
) -> None:
    confirm_heir(world.staff["checker"], world.at, entered(world, held, spouse).id)
    world.spell(held.person, "dead", start=date(2026, 3, 4))
    assert [line.id for line in ask_holds(world.machine, world.at, lock_lines([held.id]))] == [held.id]
    world.spell(spouse, "dead", start=date(2026, 3, 5))
    assert ask_holds(world.machine, world.at, lock_lines([held.id])) == []
    assert Hold.objects.get(line=held, state="open").evidence == "死亡登记：继承人于2026-03-05去世"
    child = world.person("张子")
    confirm_heir(world.staff["checker"], world.at, entered(world, held, child).id)
    assert payees_of([held.id]) == {held.id: child.id}
    assert sorted(HeirPayee.objects.values_list("state", flat=True)) == ["confirmed", "replaced"]
    assert states([held]) == ["to_approve"]


def test_an_account_that_paid_the_heir_before_is_no_shared_one(world: World, held: SubsidyLine, spouse: Person) -> None:
    EarlierSubsidy.objects.create(
        person=spouse, scheme="certificate_subsidy", subject="6-99-99-99", level_rank=1, count_year=2021,
        amount_fen=100, paid_on=date(2021, 5, 1), payee="person",
        account_index=PayeeAccount.objects.get(person=spouse).number_index,
        load=world.load_of("earlier_certificate_subsidy"),
    )  # fmt: skip
    confirm_heir(world.staff["checker"], world.at, entered(world, held, spouse).id)
    assert [line.id for line in ask_holds(world.machine, world.at, lock_lines([held.id]))] == [held.id]


def test_what_else_holds_the_line_still_holds_it(world: World, held: SubsidyLine, spouse: Person) -> None:
    other = Hold.objects.create(
        line=held, region_id=world.region, kind="sample_call", evidence="抽中", opened_at=world.at,
        due_on=world.at.date(),
    )  # fmt: skip
    heir = entered(world, held, spouse)
    with refused(HeirWaits):
        release_hold(world.staff["maker"], world.at, other.id, "已核实过，没有问题")
    confirm_heir(world.staff["checker"], world.at, heir.id)
    assert states([held]) == ["held"]
    for duty in ("maker", "checker"):
        release_hold(world.staff[duty], world.at, other.id, "已核实过，没有问题")
    assert states([held]) == ["to_approve"]


def test_not_taken_it_waits_for_the_next_heir_or_is_struck(world: World, held: SubsidyLine, spouse: Person) -> None:
    heir, hold = entered(world, held, spouse), Hold.objects.get(line=held)
    with refused(HeirWaits):
        strike_held(world.staff["checker"], world.at, hold.id, "没有继承人来领")
    with refused(NotYourDuty):
        withdraw_heir(world.staff["leader"], world.at, heir.id)
    assert withdraw_heir(world.staff["checker"], world.at, heir.id).state == "withdrawn"
    assert states([held]) == ["held"]
    withdraw_heir(world.staff["maker"], world.at, entered(world, held, spouse).id)
    release_hold(world.staff["maker"], world.at, hold.id, "没有继承人来领")
    strike_held(world.staff["checker"], world.at, hold.id, "没有继承人来领")
    assert states([held]) == ["struck"]


def test_an_heir_is_confirmed_once_by_another(world: World, held: SubsidyLine, spouse: Person) -> None:
    heir = entered(world, held, spouse)
    second = world.official("maker2", "maker")
    with refused(heirs.HeirNeedsAnother):
        confirm_heir(world.staff["maker"], world.at, heir.id)
    with refused(NotYourDuty):
        confirm_heir(world.staff["leader"], world.at, heir.id)
    with refused(OwnLine):
        confirm_heir(world.as_person("checker", spouse), world.at, heir.id)
    with refused(OwnLine):
        confirm_heir(world.as_person("checker", held.person), world.at, heir.id)
    with refused(NotFound):
        confirm_heir(world.staff["checker"], world.at, new_id())
    confirm_heir(second, world.at, heir.id)
    with refused(heirs.HeirIsClosed):
        confirm_heir(world.staff["checker"], world.at, heir.id)
    with refused(heirs.HeirIsClosed):
        withdraw_heir(world.staff["checker"], world.at, heir.id)
    with refused(heirs.NotHeldForDeath):
        entered(world, held, spouse)


def test_one_heir_waits_at_a_time(world: World, held: SubsidyLine, spouse: Person) -> None:
    child, second = world.person("张子"), world.official("maker2", "maker")
    entered(world, held, spouse)
    with refused(heirs.HeirEntered):
        entered(world, held, child)
    with refused(heirs.HeirEntered):
        enter_heir(second, world.at, held.id, spouse.id, "配偶", PAPERS)


def test_an_heir_needs_papers_and_an_account_of_the_own(world: World, held: SubsidyLine, spouse: Person) -> None:
    maker, child = world.staff["maker"], world.person("张子", account=False)
    with refused(heirs.HeirNeedsPapers):
        enter_heir(maker, world.at, held.id, spouse.id, "配偶", "证明")
    with refused(heirs.HeirNeedsPapers):
        enter_heir(maker, world.at, held.id, spouse.id, " ", PAPERS)
    with refused(heirs.HeirIsTheDead):
        entered(world, held, held.person)
    with refused(OwnLine):
        enter_heir(world.as_person("maker", spouse), world.at, held.id, spouse.id, "配偶", PAPERS)
    with refused(NotYourDuty):
        entered(world, held, spouse, "checker")
    with refused(heirs.HeirHasNoAccount):
        entered(world, held, child)
    heir = entered(world, held, spouse)
    PayeeAccount.objects.filter(person=spouse).update(state="closed")
    with refused(heirs.HeirHasNoAccount):
        confirm_heir(world.staff["checker"], world.at, heir.id)


def test_only_what_is_held_for_a_death_is_inherited(world: World, spouse: Person) -> None:
    (line,) = noticed(world, world.certificate())
    with refused(heirs.NotHeldForDeath):
        entered(world, line, spouse)
    with refused(heirs.NotHeldForDeath):
        find_heir(world.staff["maker"], world.at, line.id, number_of(400), "李承")


def test_an_heir_is_found_by_the_card_or_brought_in(world: World, held: SubsidyLine) -> None:
    maker, number = world.staff["maker"], number_of(400)
    with refused(NotYourDuty):
        find_heir(world.staff["checker"], world.at, held.id, number, "李承")
    with refused(IdentityNumberWrong):
        find_heir(maker, world.at, held.id, "330499", "李承")
    new = find_heir(maker, world.at, held.id, number, "李承")
    assert (new.name, find_heir(maker, world.at, held.id, number, " 李 承 ").id) == ("李承", new.id)
    assert register_persons(maker, world.at, [PersonRow("resident", number, "李承")]).ids == [new.id]
    found = JournalEntry.objects.filter(verb="found_person", person_id=new.id)
    assert [entry.purpose for entry in found] == ["登记继承人"]
    with refused(heirs.HeirNamedOtherwise):
        find_heir(maker, world.at, held.id, number, "李错")
