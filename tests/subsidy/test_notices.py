"""Public notice: who posts what, for how many days, what the public sees, and how it ends."""

import hashlib
import json
from datetime import date

import pytest

from jiangxin.ground.clock import opening_of
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotYourDuty
from jiangxin.mainline import STEPS
from jiangxin.parties.models import Office, PersonDocument
from jiangxin.subsidy.models import Notice, NoticeLine, SubsidyLine
from jiangxin.subsidy.operations import notices
from jiangxin.subsidy.operations.notices import close_notices, release_notice
from jiangxin.subsidy.queries.due import notices_over
from tests.factories.refused import refused
from tests.factories.steps import after, confirmed, decided, posted, states
from tests.factories.world import World

pytestmark = pytest.mark.django_db
LAST = date(2026, 3, 9)


@pytest.fixture
def world() -> World:
    made = World()
    made.pool()
    return made


def test_a_notice_lasts_five_working_days_not_counting_the_first(world: World) -> None:
    notice, lines = posted(world, world.certificate(), world.certificate())
    assert (notice.year, notice.number, notice.ends_on, notice.provisional) == (2026, 1, LAST, False)
    assert (notice.phone, notice.address) == (world.office.phone, world.office.address)
    assert states(lines) == ["in_notice", "in_notice"]
    assert {line.due_on for line in lines} == {LAST}
    assert notices_over(LAST) == []
    assert notices_over(date(2026, 3, 10)) == [notice]


def test_the_days_are_the_calendars(world: World) -> None:
    """Posted on the eve of 清明 (4–6 April 2026): the days off do not count."""
    world.at = opening_of(date(2026, 4, 3))
    notice, _ = posted(world, world.certificate())
    assert notice.ends_on == date(2026, 4, 13)


def test_the_public_sees_a_masked_name_and_no_number_age_or_address(world: World) -> None:
    person = world.person("欧阳小明")
    _, (line,) = posted(world, world.certificate(person))
    row = NoticeLine.objects.get(line=line)
    shown = (row.shown_name, row.scheme, row.body, row.title, row.level, row.amount_fen)
    assert shown == ("欧*明", "职业培训补贴", "嘉善评价中心", "电工", "4", 180_000)
    fields = {field.name for field in NoticeLine._meta.get_fields()}
    assert fields == {
        "id", "notice", "region_id", "line", "seq", "shown_name", "scheme", "body", "title", "level", "amount_fen"
    }  # fmt: skip
    said = json.dumps(shown, ensure_ascii=False)
    assert person.name not in said
    assert PersonDocument.objects.get(person=person).masked not in said


def test_a_minor_is_a_number_only(world: World) -> None:
    young = [world.person(name, born=date(2009, 3, day)) for name, day in (("李小一", 2), ("王小二", 3))]
    grown = world.person("赵三石", born=date(2008, 3, 2))
    _, lines = posted(world, *[world.certificate(person) for person in (*young, grown)])
    by = {row.line_id: row.shown_name for row in NoticeLine.objects.all()}
    assert sorted(by[line.id] for line in lines[:2]) == ["未成年人1号", "未成年人2号"]
    assert by[lines[2].id] == "赵*石"


def test_a_notice_is_sealed_by_the_hash_of_what_it_shows(world: World) -> None:
    notice, _ = posted(world, world.certificate(), world.certificate(level="5"))
    rows = notice.lines.order_by("seq")
    shown = [[r.seq, r.shown_name, r.scheme, r.body, r.title, r.level, r.amount_fen] for r in rows]
    said = json.dumps(shown, ensure_ascii=False)
    assert notice.sha256 == hashlib.sha256(said.encode()).hexdigest()


def test_numbers_count_up_within_an_office_and_year(world: World) -> None:
    first, _ = posted(world, world.certificate())
    second, _ = posted(world, world.certificate())
    assert (first.number, second.number) == (1, 2)


def test_lines_that_are_not_ready_are_left_out(world: World) -> None:
    ready, waiting = confirmed(world, world.certificate()), decided(world, world.certificate())
    notice = release_notice(world.staff["maker"], world.at, world.office, [x.id for x in ready + waiting])
    assert [row.line_id for row in notice.lines.all()] == [ready[0].id]
    assert states(waiting) == ["to_confirm"]


@pytest.mark.parametrize("duty", ["checker", "leader", "releaser", "budget", "register"])
def test_only_a_maker_posts(world: World, duty: str) -> None:
    lines = confirmed(world, world.certificate())
    with refused(NotYourDuty):
        release_notice(world.staff[duty], world.at, world.office, [x.id for x in lines])


def test_a_maker_posts_for_the_own_office_only(world: World) -> None:
    lines = confirmed(world, world.certificate())
    other = Office.objects.get(region_id=330122)
    with refused(NotYourDuty):
        release_notice(world.staff["maker"], world.at, other, [x.id for x in lines])


def test_a_notice_is_of_one_office(world: World) -> None:
    lines = confirmed(world, world.certificate(), world.certificate())
    other = world.pool_of(Office.objects.get(region_id=330122))
    SubsidyLine.objects.filter(id=lines[1].id).update(state="declined", slot=None)
    SubsidyLine.objects.filter(id=lines[1].id).update(
        state="to_confirm", slot=1, pool_id=other.id, office_id=other.office_id
    )
    SubsidyLine.objects.filter(id=lines[1].id).update(state="to_notice")
    with refused(notices.LinesOfOtherOffices):
        release_notice(world.staff["maker"], world.at, world.office, [x.id for x in lines])


def test_nothing_to_post(world: World) -> None:
    lines = decided(world, world.certificate())
    with refused(notices.NothingToPost):
        release_notice(world.staff["maker"], world.at, world.office, [lines[0].id, new_id()])


def test_at_its_end_it_is_taken_down_and_the_lines_go_on(world: World) -> None:
    notice, lines = posted(world, world.certificate(), world.certificate())
    at = after(world.at, 6)
    assert close_notices(world.machine, at, [notice]) == 1
    notice.refresh_from_db()
    assert (notice.state, notice.taken_down_at) == ("ended", at)
    assert states(lines) == ["noticed", "noticed"]
    assert notices_over(at.date()) == []


def test_only_the_main_line_takes_it_down(world: World) -> None:
    notice, _ = posted(world, world.certificate())
    with refused(NotYourDuty):
        close_notices(world.staff["maker"], after(world.at, 6), [notice])


def test_the_step_closes_nothing_on_the_last_day_and_all_on_the_next(world: World) -> None:
    posted(world, world.certificate())
    step = next(step for step in STEPS if step.name == "close_notice")
    assert step.do is not None
    assert step.do(world.machine, opening_of(LAST)) == 0
    assert step.do(world.machine, opening_of(date(2026, 3, 10))) == 1
    assert step.do(world.machine, opening_of(date(2026, 3, 10))) == 0
    assert Notice.objects.get().state == "ended"
