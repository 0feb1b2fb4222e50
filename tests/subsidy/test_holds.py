"""Holds before money: each reason with its evidence and its clean twin, released by two, asked again at the door."""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from jiangxin.funds.models import PoolBalance
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.parties.models import PayeeAccount, Person
from jiangxin.payment.operations.batches import build_batch
from jiangxin.recognition.models import Title
from jiangxin.subsidy.models import AdoptedStandard, EarlierSubsidy, Hold, LevelLock, SubsidyLine
from jiangxin.subsidy.operations import holds
from jiangxin.subsidy.operations.holds import ask_holds, drawn, release_hold, strike_held
from jiangxin.subsidy.operations.lines import OwnLine, lock_lines
from tests.factories.bank import FUND, built, sent
from tests.factories.lines import approved_lines, new_account, paying_account
from tests.factories.refused import refused
from tests.factories.steps import adopt, asked, fresh, noticed, states
from tests.factories.world import COUNTY, World

pytestmark = pytest.mark.django_db
OTHER = 330122
FOUND = "已电话核实本人参加。"


@pytest.fixture
def world() -> World:
    made = World()
    made.pool()
    adopt(made, "sample_share_percent", 0)
    return made


def held_by(world: World, lines: list[SubsidyLine]) -> list[dict[str, str]]:
    """For each line, kind → evidence of what holds it."""
    asked(world, lines)
    found = {line.id: {} for line in lines}
    for hold in Hold.objects.filter(line__in=lines):
        found[hold.line_id][hold.kind] = hold.evidence
    assert states(lines) == ["held" if found[line.id] else "to_approve" for line in lines]
    return [found[line.id] for line in lines]


# ── each detector with its clean twin ──────────────────────────────────────────────────────────────────────────────
def test_a_new_assessor_and_a_new_provider(world: World) -> None:
    young = world.body("新评价中心", "91330421MA00000003", "assessor", from_on=date(2025, 11, 1), known=False)
    school = world.body("新技校", "91330421MA00000004", "provider", from_on=date(2025, 11, 2), known=False)
    lines = noticed(world, world.certificate(), world.certificate(assessor=young), world.certificate(provider=school))
    clean, by_assessor, by_provider = held_by(world, lines)
    assert clean == {}
    assert by_assessor == {"new_body": "新评价中心：评价机构2025-11-01起才有资格，这是第一批"}
    assert by_provider == {"new_body": "新技校：培训机构2025-11-02起才有资格，这是第一批"}


def test_a_body_is_new_until_its_first_batch_went_to_the_bank(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIANGXIN_BANK", str(tmp_path))
    paying_account(world)
    approved_lines(world, 1, pool=world.pool(year=2025))
    batch = built(world)
    Title.objects.filter(organisation=world.assessor).update(before_start=False)
    lines = noticed(world, world.certificate(), world.certificate())
    assert held_by(world, lines[:1])[0].keys() == {"new_body"}
    sent(world, batch)
    assert held_by(world, lines[1:]) == [{}]


def test_an_account_changed_some_days_ago(world: World) -> None:
    """Thirty days in the demo county: on the thirtieth day it is still young, on the day after no longer."""
    lines = noticed(world, *[world.certificate() for _ in range(3)])
    for line, days in zip(lines, (29, 30, 0), strict=True):
        PayeeAccount.objects.filter(id=line.account_id).update(first=days == 0, since=world.at - timedelta(days=days))
    young, old, first = held_by(world, lines)
    assert young.keys() == {"account_changed"}
    assert "未满30天" in young["account_changed"]
    assert PayeeAccount.objects.get(id=lines[0].account_id).tail in young["account_changed"]
    assert (old, first) == ({}, {})


def test_one_telephone_of_several_people(world: World) -> None:
    """More than two persons in the demo county; a record merged away does not count."""
    persons = [world.person() for _ in range(6)]
    for person, phone in zip(persons, "aaabbb", strict=True):
        Person.objects.filter(id=person.id).update(phone_index=phone.encode() * 32)
    Person.objects.filter(id=persons[5].id).update(merged_into=persons[4])
    lines = noticed(world, world.certificate(persons[0]), world.certificate(persons[3]))
    assert held_by(world, lines) == [{"shared_contact": "同一手机号登记了3个人"}, {}]


def earlier(world: World, person: Person, account: PayeeAccount) -> None:
    EarlierSubsidy.objects.create(
        person=person, scheme="certificate_subsidy", subject="6-99-99-99", level_rank=1, count_year=2021,
        amount_fen=100, paid_on=date(2021, 5, 1), payee="person", account_index=account.number_index,
        load=world.load_of("earlier_certificate_subsidy"),
    )  # fmt: skip


def test_an_account_that_was_paid_for_another_before(world: World) -> None:
    lines = noticed(world, world.certificate(), world.certificate())
    accounts = [PayeeAccount.objects.get(id=line.account_id) for line in lines]
    earlier(world, world.person(), accounts[0])
    earlier(world, lines[1].person, accounts[1])
    assert held_by(world, lines) == [{"shared_contact": "收款账户曾为他人领过补贴"}, {}]


def test_insured_elsewhere_on_the_training_days(world: World) -> None:
    """Training ran from 1 December to 15 January: insured until the day before it is no conflict."""
    lines = noticed(world, *[world.certificate() for _ in range(3)])
    world.spell(lines[0].person, "insured", OTHER, start=date(2026, 1, 15))
    world.spell(lines[1].person, "insured", OTHER, start=date(2025, 1, 1), end=date(2025, 11, 30))
    world.spell(lines[2].person, "insured", COUNTY, start=date(2025, 1, 1))
    assert held_by(world, lines) == [{"elsewhere": "培训期间在桐庐县参保"}, {}, {}]


def test_in_two_classes_at_once(world: World) -> None:
    first, second = world.person(), world.person()
    overlaps = {"occupation": "6-18-01-01", "class_number": "JS2025-02", "training_first_on": date(2026, 1, 15),
                "training_last_on": date(2026, 1, 30)}  # fmt: skip
    later = overlaps | {"training_first_on": date(2026, 1, 16)}
    lines = noticed(world, world.certificate(first), world.certificate(second))
    world.certificate(first, **overlaps)
    world.certificate(second, **later)
    assert held_by(world, lines) == [{"elsewhere": "培训期间还在另一个班：JS2025-02"}, {}]


def test_revoked_since(world: World) -> None:
    lines = noticed(world, world.certificate(), world.certificate())
    type(lines[0].certificate).objects.filter(id=lines[0].certificate_id).update(
        revoked_on=date(2026, 3, 5), revoked_reason="替考"
    )
    assert held_by(world, lines) == [{"revoked": "证书2026-03-05已被撤销：替考"}, {}]


def test_died_since(world: World) -> None:
    """A death after the exam is no refusal (P12): it holds. A withdrawn register, a day not yet come do not."""
    lines = noticed(world, *[world.certificate() for _ in range(4)])
    world.spell(lines[0].person, "dead", start=date(2026, 3, 5))
    taken_back = world.spell(lines[1].person, "dead", start=date(2026, 3, 5))
    load = world.cover("death")[0]
    type(load).objects.filter(id=load.id).update(state="withdrawn")
    type(taken_back).objects.filter(id=taken_back.id).update(load=load)
    world.spell(lines[2].person, "dead", start=world.at.date() + timedelta(days=1))
    assert held_by(world, lines) == [{"died": "死亡登记：本人于2026-03-05去世"}, {}, {}, {}]


def test_several_reasons_are_several_holds(world: World) -> None:
    (line,) = noticed(world, world.certificate())
    PayeeAccount.objects.filter(id=line.account_id).update(first=False)
    world.spell(line.person, "insured", OTHER, start=date(2025, 12, 1))
    assert held_by(world, [line])[0].keys() == {"account_changed", "elsewhere"}


# ── the sample ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_sample_is_drawn_again_by_anybody(world: World) -> None:
    """The rule as published: SHA-256 of 种子|行号, its first 64 bits in the lowest share."""
    AdoptedStandard.objects.update(until_on=date(2026, 3, 3))
    adopt(world, "sample_share_percent", 50, from_on=date(2026, 3, 4))
    lines = noticed(world, *[world.certificate() for _ in range(12)])
    found = held_by(world, lines)
    for line, kinds in zip(lines, found, strict=True):
        first = hashlib.sha256(f"匠心回访抽样|{line.id}".encode()).hexdigest()[:16]
        assert (kinds.keys() == {"sample_call"}) == (int(first, 16) < 2**63)
        assert all("匠心回访抽样" in evidence for evidence in kinds.values())


def test_about_the_share_is_drawn() -> None:
    keys = [UUID(int=n) for n in range(20_000)]
    for share in (0, 10, 50, 100):
        assert abs(sum(drawn(key, share) for key in keys) / 200 - share) < 1


def test_only_the_main_line_asks(world: World) -> None:
    lines = lock_lines([line.id for line in noticed(world, world.certificate())])
    with refused(NotYourDuty):
        ask_holds(world.staff["maker"], world.at, lines)


# ── two people ─────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def hold(world: World) -> Hold:
    (line,) = noticed(world, world.certificate())
    PayeeAccount.objects.filter(id=line.account_id).update(first=False)
    asked(world, [line])
    return Hold.objects.get()


def standing(hold: Hold) -> tuple[str, str, int, int]:
    hold.refresh_from_db()
    line = fresh([hold.line])[0]
    reserved = PoolBalance.objects.get(pool_id=line.pool_id, account="reserved").balance_fen
    return hold.state, line.state, reserved, LevelLock.objects.count()


def test_a_held_line_keeps_money_count_and_level(world: World, hold: Hold) -> None:
    assert standing(hold) == ("open", "held", 180_000, 1)
    assert fresh([hold.line])[0].slot == 1
    assert hold.due_on == date(2026, 3, 17)


def test_one_signature_is_not_enough_and_the_second_releases(world: World, hold: Hold) -> None:
    release_hold(world.staff["maker"], world.at, hold.id, FOUND)
    assert standing(hold) == ("open", "held", 180_000, 1)
    with refused(holds.HoldNeedsAnother):
        release_hold(world.staff["maker"], world.at, hold.id, FOUND)
    release_hold(world.staff["checker"], world.at, hold.id, "")
    assert standing(hold) == ("released", "to_approve", 180_000, 1)
    assert (hold.finding, hold.first_by_id, hold.second_by_id) == (
        FOUND, world.staff["maker"].account_id, world.staff["checker"].account_id
    )  # fmt: skip


def test_a_line_goes_on_when_the_last_of_its_holds_is_released(world: World, hold: Hold) -> None:
    other = Hold.objects.create(
        line=hold.line, region_id=COUNTY, kind="elsewhere", evidence="x", opened_at=world.at, due_on=world.at.date()
    )
    for one, state in ((hold, "held"), (other, "to_approve")):
        for duty in ("maker", "leader"):
            release_hold(world.staff[duty], world.at, one.id, FOUND)
        assert states([hold.line]) == [state]


def test_what_may_be_signed_by_whom(world: World, hold: Hold) -> None:
    for deed in (release_hold, strike_held):
        for duty in ("releaser", "reconciler", "budget", "register"):
            with refused(NotYourDuty):
                deed(world.staff[duty], world.at, hold.id, FOUND)
        with refused(OwnLine):
            deed(world.as_person("maker", hold.line.person), world.at, hold.id, FOUND)
        with refused(NotFound):
            deed(world.staff["maker"], world.at, new_id(), FOUND)
    with refused(holds.FindingNeedsText):
        release_hold(world.staff["maker"], world.at, hold.id, " 没事 ")
    with refused(holds.NotLookedIntoYet):
        strike_held(world.staff["maker"], world.at, hold.id, FOUND)


def test_struck_by_two_the_money_is_free(world: World, hold: Hold) -> None:
    release_hold(world.staff["maker"], world.at, hold.id, "本人否认参加培训。")
    with refused(holds.HoldNeedsAnother):
        strike_held(world.staff["maker"], world.at, hold.id, "属实")
    strike_held(world.staff["checker"], world.at, hold.id, "属实")
    assert standing(hold) == ("released", "struck", 0, 0)
    assert hold.finding == "本人否认参加培训。；属实"
    for deed in (release_hold, strike_held):
        with refused(holds.HoldAlreadyReleased):
            deed(world.staff["leader"], world.at, hold.id, FOUND)


def test_struck_for_one_reason_no_other_hold_is_left_open(world: World, hold: Hold) -> None:
    other = Hold.objects.create(
        line=hold.line, region_id=COUNTY, kind="elsewhere", evidence="x", opened_at=world.at, due_on=world.at.date()
    )
    release_hold(world.staff["maker"], world.at, hold.id, "本人否认参加培训。")
    strike_held(world.staff["checker"], world.at, hold.id, "属实")
    other.refresh_from_db()
    assert (other.state, other.second_by_id) == ("released", world.staff["checker"].account_id)
    assert "本人否认" in other.finding


# ── again at the door of the batch ─────────────────────────────────────────────────────────────────────────────────
def released(world: World, line: SubsidyLine) -> None:
    for hold in Hold.objects.filter(line=line, state="open"):
        for duty in ("maker", "checker"):
            release_hold(world.staff[duty], world.at, hold.id, FOUND)


def late_account(_world: World, line: SubsidyLine) -> None:
    PayeeAccount.objects.filter(id=line.account_id).update(first=False)


def late_register(world: World, line: SubsidyLine) -> None:
    type(line.certificate).objects.filter(id=line.certificate_id).update(training_first_on=date(2025, 12, 1))
    world.spell(line.person, "insured", OTHER, start=date(2025, 12, 1))


def late_death(world: World, line: SubsidyLine) -> None:
    world.spell(line.person, "dead", start=date(2026, 3, 1))


@pytest.mark.parametrize("happens", [late_account, late_register, late_death])
def test_a_late_hit_pulls_the_line_and_once_released_it_is_paid(
    world: World, happens: Callable[[World, SubsidyLine], None]
) -> None:
    paying_account(world)
    late, clean = approved_lines(world, 2, pool=world.pool(year=2025))
    happens(world, late)
    batch = build_batch(world.machine, world.at, world.office.id, FUND)
    assert batch is not None
    assert [payment.line_id for payment in batch.payments.all()] == [clean.id]
    assert states([late, clean]) == ["held", "in_batch"]
    released(world, late)
    assert states([late]) == ["approved"]
    again = build_batch(world.machine, world.at, world.office.id, FUND)
    assert again is not None
    assert again.payments.get().line_id == late.id


def test_an_account_changed_again_is_looked_at_again(world: World) -> None:
    """What was released was one account: another one entered since is a new reason."""
    paying_account(world)
    (line,) = approved_lines(world, 1, pool=world.pool(year=2025))
    late_account(world, line)
    assert build_batch(world.machine, world.at, world.office.id, FUND) is None
    released(world, line)
    PayeeAccount.objects.filter(person=line.person).update(state="closed")
    other = new_account(world, line.person)
    late_account(world, SubsidyLine(account_id=other.id))
    assert build_batch(world.machine, world.at, world.office.id, FUND) is None
    assert states([line]) == ["held"]
    assert Hold.objects.get(line=line, state="open").evidence.startswith(f"收款账户（尾号{other.tail}）")


def test_asked_twice_on_the_same_facts_holds_once(world: World, hold: Hold) -> None:
    ask_holds(world.machine, world.at, lock_lines([hold.line_id]))
    released(world, hold.line)
    assert ask_holds(world.machine, world.at, lock_lines([hold.line_id])) == fresh([hold.line])
    assert Hold.objects.count() == 1
