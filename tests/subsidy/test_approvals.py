"""Approval: maker, checker, leader are three people; each signs one content; nobody approves own work or money."""

from collections import Counter
from dataclasses import replace

import pytest
from django.db import transaction

from jiangxin.ground.actor import Actor
from jiangxin.ground.journal import JournalEntry
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.parties.models import Office
from jiangxin.subsidy.models import Approval, ApprovalSheet, SubsidyLine
from jiangxin.subsidy.operations import approvals
from jiangxin.subsidy.operations.approvals import hash_of, make_sheet, may_sign, return_sheet, sign_sheet
from jiangxin.subsidy.operations.lines import free_money, lock_lines, move_lines
from tests.factories.lines import new_account, reserved_lines
from tests.factories.refused import refused
from tests.factories.steps import adopt, states
from tests.factories.world import World

pytestmark = pytest.mark.django_db
LIMIT = 200_000
REASON = "第二行的账户要核对。"


@pytest.fixture
def world() -> World:
    return World()


def sheet_of(world: World, n: int = 2, amount_fen: int = 150_000) -> tuple[ApprovalSheet, list[SubsidyLine]]:
    lines = reserved_lines(world, world.pool(), n, amount_fen=amount_fen)
    return make_sheet(world.staff["maker"], world.at, [line.id for line in lines]), lines


def sign(world: World, sheet: ApprovalSheet, who: str | Actor, step: int = 1) -> ApprovalSheet:
    actor = world.staff[who] if isinstance(who, str) else who
    return sign_sheet(actor, world.at, sheet.id, sheet.sha256, step, "同意")


# ── the way of a sheet ─────────────────────────────────────────────────────────────────────────────────────────────
def test_checker_then_leader_approve_every_line(world: World) -> None:
    sheet, lines = sheet_of(world)
    assert (sheet.state, sheet.heads, sheet.total_fen, sheet.second_leader) == ("made", 2, 300_001, False)
    assert sign(world, sheet, "checker").state == "checked"
    assert states(lines) == ["to_approve", "to_approve"]
    assert sign(world, sheet, "leader").state == "approved"
    assert states(lines) == ["approved", "approved"]
    signed = list(Approval.objects.order_by("id").values_list("step", "account_id", "sha256"))
    assert signed == [
        ("check", world.staff["checker"].account_id, sheet.sha256),
        ("lead", world.staff["leader"].account_id, sheet.sha256),
    ]
    verbs = Counter(JournalEntry.objects.filter(subject_id=sheet.id).values_list("verb", flat=True))
    assert verbs == {"made_sheet": 1, "signed_sheet": 2}


@pytest.mark.parametrize(("amount", "second"), [(LIMIT, False), (LIMIT + 1, True)])
def test_above_the_limit_a_second_leader_signs(world: World, amount: int, second: bool) -> None:
    sheet, lines = sheet_of(world, 1, amount)
    assert sheet.second_leader is second
    sign(world, sheet, "checker")
    assert sign(world, sheet, "leader").state == ("led" if second else "approved")
    if second:
        assert states(lines) == ["to_approve"]
        with refused(approvals.AlreadySigned):
            sign(world, sheet, "leader")
        assert sign(world, sheet, "leader2").state == "approved"
    assert states(lines) == ["approved"]


def test_the_city_lends_only_the_second_leader(world: World) -> None:
    city = Office.objects.get(region_id=330400)
    lent = {duty: replace(world.staff[duty], office_id=city.id) for duty in ("checker", "leader", "leader2")}
    sheet, lines = sheet_of(world, 1, LIMIT + 1)
    with refused(NotYourDuty):
        sign(world, sheet, lent["checker"])
    sign(world, sheet, "checker")
    sheet.refresh_from_db()
    assert not may_sign(lent["leader"], sheet)
    with refused(NotYourDuty):
        sign(world, sheet, lent["leader"])
    with refused(NotYourDuty):
        return_sheet(lent["leader"], world.at, sheet.id, REASON)
    assert sign(world, sheet, "leader").state == "led"
    assert sign(world, sheet, lent["leader2"]).state == "approved"
    assert states(lines) == ["approved"]


def test_one_line_above_the_limit_is_enough(world: World) -> None:
    assert sheet_of(world, 2, LIMIT)[0].second_leader


def test_the_limit_is_the_countys_own(world: World) -> None:
    adopt(world, "leader_limit_fen", 149_999)
    assert sheet_of(world, 1)[0].second_leader


def test_numbers_count_up(world: World) -> None:
    pool = world.pool()
    lines = reserved_lines(world, pool, 2)
    made = [make_sheet(world.staff["maker"], world.at, [line.id]) for line in lines]
    assert [(sheet.year, sheet.number) for sheet in made] == [(2026, 1), (2026, 2)]


# ── what may be sent ───────────────────────────────────────────────────────────────────────────────────────────────
def test_only_a_maker_of_the_office_sends(world: World) -> None:
    lines = [line.id for line in reserved_lines(world, world.pool(), 1)]
    for duty in ("checker", "leader", "releaser", "budget"):
        with refused(NotYourDuty):
            make_sheet(world.staff[duty], world.at, lines)
    elsewhere = Office.objects.get(region_id=330122)
    with refused(NotYourDuty):
        make_sheet(replace(world.staff["maker"], office_id=elsewhere.id), world.at, lines)


def test_a_line_is_on_one_sheet_at_a_time(world: World) -> None:
    _, lines = sheet_of(world)
    with refused(approvals.NothingToApprove):
        make_sheet(world.staff["maker"], world.at, [line.id for line in lines])


def test_a_sheet_is_of_one_pool(world: World) -> None:
    lines = [*reserved_lines(world, world.pool(), 1), *reserved_lines(world, world.pool(year=2025), 1)]
    with refused(approvals.OneSheetOnePool):
        make_sheet(world.staff["maker"], world.at, [line.id for line in lines])


# ── the content ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_hash_is_of_what_is_paid_to_whom_for_what(world: World) -> None:
    sheet, lines = sheet_of(world, 1)
    (row,) = sheet.content
    (line,) = lines
    assert row == {
        "line": str(line.id), "number": line.number, "person": str(line.person_id), "name": line.person.name,
        "scheme": "职业培训补贴", "certificate": line.certificate.number, "title": "电工", "level": "4",
        "amount_fen": 150_000, "account": str(line.account_id), "decision": str(line.decision_id),
    }  # fmt: skip
    assert hash_of(sheet.content) == sheet.sha256
    for name in row:
        assert hash_of([row | {name: "x"}]) != sheet.sha256


def test_what_was_seen_is_what_is_signed(world: World) -> None:
    sheet, _ = sheet_of(world)
    with refused(approvals.ContentChanged):
        sign_sheet(world.staff["checker"], world.at, sheet.id, "0" * 64, 1)


def test_a_line_that_left_meanwhile_stops_the_sheet(world: World) -> None:
    sheet, lines = sheet_of(world)
    move_lines(world.machine, world.at, "held", lock_lines([lines[0].id]), "held")
    with refused(approvals.LineLeftMeanwhile):
        sign(world, sheet, "checker")


@pytest.mark.parametrize("step", ["checker", "leader"])
def test_another_account_is_another_content(world: World, step: str) -> None:
    sheet, lines = sheet_of(world)
    if step == "leader":
        sign(world, sheet, "checker")
    type(lines[0].account).objects.filter(id=lines[0].account_id).update(state="closed")
    SubsidyLine.objects.filter(id=lines[0].id).update(account=new_account(world, lines[0].person))
    with refused(approvals.LineLeftMeanwhile):
        sign(world, sheet, step)


def test_a_struck_line_stops_the_sheet_also_at_the_last_signature(world: World) -> None:
    sheet, lines = sheet_of(world)
    sign(world, sheet, "checker")
    free_money(world.machine, world.at, "struck", lock_lines([lines[0].id]), "struck")
    with refused(approvals.LineLeftMeanwhile):
        sign(world, sheet, "leader")


# ── given back ─────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("signed", "by"), [((), "checker"), (("checker",), "leader")])
def test_given_back_with_a_reason_its_lines_can_be_sent_again(world: World, signed: tuple[str, ...], by: str) -> None:
    sheet, lines = sheet_of(world)
    for who in signed:
        sign(world, sheet, who)
    with refused(approvals.ReasonNeeded):
        return_sheet(world.staff[by], world.at, sheet.id, " 不行 ")
    done = return_sheet(world.staff[by], world.at, sheet.id, REASON)
    assert (done.state, done.return_reason) == ("returned", REASON)
    assert states(lines) == ["to_approve", "to_approve"]
    with refused(NotYourDuty):
        sign(world, sheet, "leader2")
    again = make_sheet(world.staff["maker"], world.at, [line.id for line in lines])
    assert (again.number, again.sha256) == (2, sheet.sha256)
    sign(world, again, "checker")
    sign(world, again, "leader")
    assert states(lines) == ["approved", "approved"]


def test_who_may_not_sign_may_not_give_back(world: World) -> None:
    sheet, _ = sheet_of(world)
    for duty in ("leader", "releaser", "budget"):
        with refused(NotYourDuty):
            return_sheet(world.staff[duty], world.at, sheet.id, REASON)
    with refused(approvals.OwnWork):
        return_sheet(world.staff["maker"], world.at, sheet.id, REASON)
    with refused(NotFound):
        return_sheet(world.staff["checker"], world.at, new_id(), REASON)


# ── nobody approves own work or money: 30 × 30 ─────────────────────────────────────────────────────────────────────
DUTIES = ("maker", "checker", "leader", "releaser", "reconciler", "register", "budget", "clerk", "viewer")
STEP_OF = {"made": "checker", "checked": "leader"}


def thirty(world: World, maker: Actor, person: SubsidyLine) -> dict[str, Actor]:
    """Nine duties: here, at another county, as a person of the sheet; and the maker in three later duties."""
    found = {}
    for duty in DUTIES:
        here = world.official(duty, duty)
        found[duty] = here
        found[f"{duty} elsewhere"] = replace(world.official(duty, duty), region_id=330122, regions=(330122,))
        found[f"{duty} paid"] = replace(world.official(duty, duty), person_id=person.person_id)
    for duty in ("maker", "checker", "leader"):
        found[f"the maker as {duty}"] = replace(maker, duties=frozenset({duty}))
    return found


def expected(sheet: ApprovalSheet, maker: Actor, signed: list[Actor], actor: Actor, region: int) -> str:
    """What comes of a signature, by the rules as they are written in the issue."""
    if actor.account_id == maker.account_id:
        return "OwnWork"
    if actor.account_id in [one.account_id for one in signed]:
        return "AlreadySigned"
    if not actor.has(STEP_OF.get(sheet.state, "none")) or region not in actor.regions:
        return "NotYourDuty"
    return "OwnMoney" if actor.person_id else "signed"


def attempt(world: World, sheet: ApprovalSheet, actor: Actor) -> str:
    try:
        sign(world, sheet, actor)
    except Refusal as no:
        return no.code
    return "signed"


@pytest.mark.slow
def test_of_nine_hundred_pairs_only_a_checker_and_then_a_leader_approve(world: World) -> None:
    sheet, lines = sheet_of(world, 1)
    maker = world.staff["maker"]
    staff = thirty(world, maker, lines[0])
    assert len(staff) == 30
    ends: Counter[str] = Counter()
    for first, one in staff.items():
        before = transaction.savepoint()
        signed = [one] if attempt(world, sheet, one) == "signed" else []
        assert bool(signed) == (first == "checker"), first
        sheet.refresh_from_db()
        for second, other in staff.items():
            inner = transaction.savepoint()
            wanted = expected(sheet, maker, signed, other, world.region)
            assert attempt(world, sheet, other) == wanted, (first, second)
            ends[SubsidyLine.objects.get(id=lines[0].id).state] += 1
            transaction.savepoint_rollback(inner)
        transaction.savepoint_rollback(before)
        sheet.refresh_from_db()
    assert ends == {"approved": 1, "to_approve": 899}
