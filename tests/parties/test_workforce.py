"""A body's people: a list checked whole, its good rows by a second choice; a platform's are declared, not certified."""

from collections.abc import Sequence
from datetime import date, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from jiangxin.ground.actor import Actor
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.parties.models import Organisation, Person, Spell
from jiangxin.parties.operations.merges import SameWorkplaceTwice, merge_persons
from jiangxin.parties.operations.persons import PersonRow
from jiangxin.parties.operations.rosters import (
    LARGEST,
    MOST_ROWS,
    RosterChangedMeanwhile,
    RosterHandledAlready,
    RosterHasNoGoodRow,
    RosterPartNeedsReason,
    RosterTooHeavy,
    drop_roster,
    load_roster,
    receive_roster,
)
from jiangxin.parties.operations.workforce import (
    EmploymentEndsWrong,
    InWorkforceAlready,
    WorkBeginsLater,
    WorkforceEmpty,
    end_employments,
    enter_workforce,
    load_workforce,
    receive_workforce,
    workforce_roster,
)
from jiangxin.parties.queries.workforce import (
    kinds_of_work,
    masked_numbers,
    own_employments,
    roster_file_of,
    workforce_counts,
    workforce_of,
    wrong_rows_of,
)
from jiangxin.parties.rosters import WorkerRow
from jiangxin.parties.workforce import EMPLOYMENTS, Employment, RosterFile
from tests.factories.refused import refused
from tests.factories.school import clerk_of
from tests.factories.world import World, number_of

pytestmark = pytest.mark.django_db
CONTRACT, PLATFORM = EMPLOYMENTS["contract"], EMPLOYMENTS["platform"]


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def firm(world: World) -> Actor:
    body = Organisation.objects.create(name="快送平台", credit_code="91330421MA0000000F", region_id=world.region)
    return clerk_of(world, body, "employer")


def sheet_of(actor: Actor, world: World, *rows: Sequence[object]) -> bytes:
    """A filled template: (name, number, kind, since) each."""
    laid = [(name, None, number, None, None, None, kind, since) for name, number, kind, since in rows]
    return workforce_roster(actor, world.at).template(laid)


def row(n: int, name: str = "", kind: str = "contract", since: date = date(2026, 1, 5)) -> WorkerRow:
    return WorkerRow(PersonRow("resident", number_of(n), name or f"员工{n}"), kind, since)


def test_a_list_in_order_is_checked_and_then_entered(world: World, firm: Actor) -> None:
    data = sheet_of(
        firm, world, ("王一", number_of(701), CONTRACT, "2026-01-05"), ("王二", number_of(702), PLATFORM, "2026-02-01")
    )
    file = receive_workforce(firm, world.at, "名册.xlsx", data)
    assert (file.state, file.rows, file.wrong_rows) == ("clean", 2, 0)
    assert not Employment.objects.exists(), "nobody is entered by sending"
    loaded = enter_workforce(firm, world.at, file.id)
    assert (loaded.state, loaded.loaded_rows, loaded.content) == ("loaded", 2, None)
    assert workforce_counts(firm.body_id, world.at.date()) == {"contract": 1, "platform": 1}  # type: ignore[arg-type]
    with refused(RosterHandledAlready):
        enter_workforce(firm, world.at, file.id)
    world.see_all()
    again = receive_workforce(firm, world.at, "名册.xlsx", data)
    assert [one["problem"] for one in again.wrongs] == ["这个人已经在名册里"] * 2
    with refused(RosterHasNoGoodRow):
        enter_workforce(firm, world.at, again.id, "这是重复的一份")


def test_wrong_rows_come_back_in_the_template(world: World, firm: Actor) -> None:
    known = world.person("李明")
    number = number_of(world.people)
    data = sheet_of(
        firm, world,
        ("赵好", number_of(711), CONTRACT, "2026-01-05"),
        ("钱错", "330499199005010000", CONTRACT, "2026-01-05"),
        ("孙后", number_of(712), CONTRACT, "2026-12-31"),
        ("赵好", number_of(711), CONTRACT, "2026-01-05"),
        ("李鸣", number, PLATFORM, "2026-01-05"),
    )  # fmt: skip
    file = receive_workforce(firm, world.at, "名册.xlsx", data)
    assert (file.state, file.rows, file.wrong_rows) == ("wrong", 5, 4)
    said = {one["row"]: one["problem"] for one in file.wrongs}
    assert said[4] == "这一天还没有到"
    assert said[5] == "和第 2 行是同一个人"
    assert said[6] == "姓名和这个证件登记的不一致"
    assert number not in str(file.wrongs), "what is kept is masked"
    with refused(RosterPartNeedsReason):
        enter_workforce(firm, world.at, file.id, "错")
    world.see_all()
    assert enter_workforce(firm, world.at, file.id, "错误行等本人补证件号").loaded_rows == 1
    file.refresh_from_db()
    back = load_workbook(BytesIO(wrong_rows_of(file, workforce_roster(firm, world.at))))["人员"]
    assert back.max_row == 5
    assert "错误原因" in [cell.value for cell in back[1]]
    assert not Employment.objects.filter(person=known).exists()


def test_a_list_is_dropped_refused_and_stays_with_its_body(world: World, firm: Actor) -> None:
    data = sheet_of(firm, world, ("周一", number_of(721), CONTRACT, "2026-01-05"))
    file = receive_workforce(firm, world.at, "名册.xlsx", data)
    stranger, school = clerk_of(world, world.assessor, "employer"), clerk_of(world, world.provider, "school")
    mere_clerk = clerk_of(world, Organisation.objects.get(id=firm.body_id), "clerk")
    with refused(NotFound):
        drop_roster(stranger, world.at, file.id)
    with pytest.raises(NotFound):
        roster_file_of(stranger.body_id, file.id, "workforce")
    with refused(NotYourDuty):
        receive_workforce(school, world.at, "名册.xlsx", data)
    with refused(NotYourDuty):
        enter_workforce(Actor("公众"), world.at, file.id)
    roster = workforce_roster(firm, world.at)
    with refused(NotYourDuty):
        receive_roster(world.staff["maker"], world.at, roster, "名册.xlsx", data)
    with refused(NotYourDuty):
        drop_roster(mere_clerk, world.at, file.id)
    with refused(RosterTooHeavy):
        receive_workforce(firm, world.at, "名册.xlsx", b"x" * (LARGEST + 1))
    many = "姓名,证件号码,用工形式,从哪天起\n" + f"周一,{number_of(721)},{CONTRACT},2026-01-05\n" * (MOST_ROWS + 1)
    with refused(RosterTooHeavy):
        receive_workforce(firm, world.at, "名册.csv", many.encode())
    assert drop_roster(firm, world.at, file.id).content is None
    assert RosterFile.objects.get(id=file.id).state == "dropped"
    with refused(RosterHandledAlready):
        drop_roster(firm, world.at, file.id)


def test_what_became_wrong_since_stops_the_list(world: World, firm: Actor) -> None:
    data = sheet_of(firm, world, ("吴一", number_of(731), CONTRACT, "2026-01-05"))
    first, second = (receive_workforce(firm, world.at, f"{n}.xlsx", data) for n in range(2))
    enter_workforce(firm, world.at, first.id)
    world.see_all()
    with refused(RosterChangedMeanwhile):
        enter_workforce(firm, world.at, second.id)
    world.see_all()
    with refused(NotFound):
        load_roster(firm, world.at, new_id(), workforce_roster(firm, world.at), len)


def test_a_platforms_people_are_declared_never_certified(world: World, firm: Actor) -> None:
    assert load_workforce(firm, world.at, [row(741, kind="platform"), row(742)]) == 2
    world.see_all()
    [spell] = Spell.objects.filter(kind_id="platform_worker")
    assert (spell.certified, spell.load_id, spell.region_id) == (False, None, world.region)
    assert spell.source == "快送平台的平台名册"
    [one] = workforce_of(firm.body_id, world.at.date(), kind="platform")  # type: ignore[arg-type]
    assert one.spell_id == spell.id
    assert kinds_of_work(firm.body_id, [one.person_id], world.at.date()) == {one.person_id: {"platform"}}  # type: ignore[arg-type]
    assert [own.body.name for own in own_employments(one.person_id)] == ["快送平台"]
    assert "*" in masked_numbers([one.person_id])[one.person_id]
    stranger, school = clerk_of(world, world.provider, "employer"), clerk_of(world, world.provider, "school")
    with refused(EmploymentEndsWrong):
        end_employments(firm, world.at, [one.id], date(2025, 12, 31))
    with refused(EmploymentEndsWrong):
        end_employments(firm, world.at, [one.id], world.at.date() + timedelta(days=1))
    with refused(WorkforceEmpty):
        end_employments(firm, world.at, [], world.at.date())
    with refused(NotFound):
        end_employments(stranger, world.at, [one.id], world.at.date())
    with refused(NotYourDuty):
        end_employments(school, world.at, [one.id], world.at.date())
    yesterday = world.at.date() - timedelta(days=1)
    assert end_employments(firm, world.at, [one.id], yesterday) == 1
    world.see_all()
    spell.refresh_from_db()
    assert spell.until_on == yesterday, "what was declared ends with the work"
    assert not kinds_of_work(firm.body_id, [one.person_id], world.at.date())  # type: ignore[arg-type]
    assert workforce_of(firm.body_id, world.at.date(), gone=True).count() == 1  # type: ignore[arg-type]
    with refused(NotFound):
        end_employments(firm, world.at, [one.id], world.at.date())


def test_rows_that_are_refused(world: World, firm: Actor) -> None:
    load_workforce(firm, world.at, [row(751)])
    world.see_all()
    with refused(InWorkforceAlready):
        load_workforce(firm, world.at, [row(752), row(751)])
    world.see_all()
    assert load_workforce(firm, world.at, [row(751, kind="platform")]) == 1, "another kind of work is another row"
    world.see_all()
    with refused(InWorkforceAlready):
        load_workforce(firm, world.at, [row(753), row(753)])
    world.see_all()
    with refused(WorkBeginsLater):
        load_workforce(firm, world.at, [row(754, since=date(2026, 12, 31))])
    with refused(WorkforceEmpty):
        load_workforce(firm, world.at, [])
    with refused(NotYourDuty):
        load_workforce(world.staff["maker"], world.at, [row(755)])


def test_two_records_in_one_workforce_are_not_merged(world: World, firm: Actor) -> None:
    load_workforce(firm, world.at, [row(761), row(762)])
    world.see_all()
    kept, gone = Person.objects.filter(name__in=["员工761", "员工762"]).order_by("name")
    with refused(SameWorkplaceTwice):
        merge_persons(world.staff["register"], world.at, kept.id, gone.id, "公安核实是同一个人")
    world.see_all()
    first = Employment.objects.get(person=gone)
    end_employments(firm, world.at, [first.id], world.at.date())
    world.see_all()
    merge_persons(world.staff["register"], world.at, kept.id, gone.id, "公安核实是同一个人")
    assert Employment.objects.filter(person=kept).count() == 2
