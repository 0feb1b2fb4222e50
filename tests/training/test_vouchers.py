"""A voucher in its person's hand: taken by a seat, used once, given back with its days, frozen, ended with a cause."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from jiangxin.funds.models import PoolBalance, Transfer
from jiangxin.ground.actor import Actor
from jiangxin.ground.journal import JournalEntry
from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.parties.models import Spell
from jiangxin.training.models import Enrolment, TrainingClass
from jiangxin.training.operations import vouchers as deeds
from jiangxin.training.operations.voucher_batches import stop_batch
from jiangxin.training.operations.voucher_ends import expire_vouchers
from jiangxin.training.operations.vouchers import (
    freeze_vouchers,
    open_voucher,
    reserve_vouchers,
    return_vouchers,
    settle_vouchers,
    unfreeze_vouchers,
    use_vouchers,
)
from jiangxin.training.queries.voucher_batches import funnels_by_county, funnels_of, whole_funnel
from jiangxin.training.queries.vouchers import (
    fresh_vouchers,
    next_voucher_end,
    own_voucher,
    own_vouchers,
    usable_vouchers,
    voucher_by_code,
    voucher_by_token,
)
from jiangxin.training.voucher_codes import code_of, key_in_token, token_of
from jiangxin.training.vouchers import Voucher
from tests.factories.refused import refused
from tests.factories.world import World
from tests.training.vouchers import (
    ELECTRICIAN,
    LAST,
    WORTH,
    a_class,
    face_kind,
    issued,
    seats,
    unemployed,
    vouchers,
    wait_for,
)


@pytest.fixture
def world(db: None) -> World:
    return World()


def seated(world: World, kind: str = "general", yuan: int = 10_000, **more: object) -> tuple[Voucher, Enrolment]:
    """A voucher and the seat that is about to take it."""
    if kind == "general":
        more["pool_id"] = world.pool(yuan=yuan).id
    (person,) = unemployed(world)
    (voucher,) = vouchers(issued(world, kind, **more))
    (enrolment,) = seats(world, a_class(world), [person], [voucher])
    return voucher, enrolment


def reserved(world: World) -> int:
    return sum(PoolBalance.objects.filter(account="reserved").values_list("balance_fen", flat=True))


def fresh(voucher: Voucher) -> Voucher:
    return Voucher.objects.get(id=voucher.id)


def test_a_voucher_from_seat_to_settlement_with_its_money(world: World) -> None:
    voucher, enrolment = seated(world)
    reserve_vouchers(world.machine, world.at, [(enrolment.id, voucher.id)], amounts={enrolment.id: WORTH})
    assert (fresh(voucher).state, fresh(voucher).reserved_fen, reserved(world)) == ("reserved", WORTH, WORTH)
    use_vouchers(world.machine, world.at, [voucher.id])
    assert (fresh(voucher).state, fresh(voucher).first_used_at) == ("in_use", world.at)
    settle_vouchers(world.machine, world.at, [voucher.id])
    assert (fresh(voucher).state, fresh(voucher).reserved_fen, reserved(world)) == ("settled", 0, 0)
    verbs = JournalEntry.objects.filter(subject_id=voucher.id).order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["reserved_voucher", "used_voucher", "settled_voucher"]


def test_given_back_it_has_its_days_and_may_be_taken_again(world: World) -> None:
    voucher, enrolment = seated(world)
    pair = [(enrolment.id, voucher.id)]
    reserve_vouchers(world.machine, world.at, pair, amounts={enrolment.id: WORTH})
    use_vouchers(world.machine, world.at + timedelta(days=20), [voucher.id])
    later = world.at + timedelta(days=120)  # long after its last day
    return_vouchers(world.machine, later, [voucher.id], "机构取消这个班")
    back = fresh(voucher)
    assert (back.state, back.until_on, back.first_used_at) == ("issued", LAST + timedelta(days=120), None)
    assert reserved(world) == 0
    reserve_vouchers(world.machine, later, pair, amounts={enrolment.id: WORTH})
    assert (fresh(voucher).state, reserved(world)) == ("reserved", WORTH)
    kinds = Transfer.objects.filter(subject_id=voucher.id).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["earmark", "lift", "earmark"]


def test_a_short_pool_keeps_the_seat_and_sets_nothing_aside(world: World) -> None:
    pool, training_class, persons = world.pool(yuan=2_000), a_class(world), unemployed(world, 2)
    both = vouchers(issued(world, "general", pool_id=pool.id))
    taken = seats(world, training_class, sorted(persons, key=lambda one: one.id), both)
    pairs = [(enrolment.id, voucher.id) for enrolment, voucher in zip(taken, both, strict=True)]
    reserve_vouchers(world.machine, world.at, pairs, amounts={enrolment.id: WORTH for enrolment in taken})
    assert [fresh(voucher).reserved_fen for voucher in both] == [WORTH, 0]
    assert [fresh(voucher).state for voucher in both] == ["reserved", "reserved"]
    assert reserved(world) == WORTH


def test_the_best_voucher_for_a_class(world: World) -> None:
    face_kind()
    pool, training_class, (person,) = world.pool(), a_class(world), unemployed(world)
    on = world.at.date()

    def best() -> str:
        found = usable_vouchers([person.id], training_class, on)
        return found[person.id].batch.name if found else ""

    assert best() == ""
    issued(world, name="签到")
    assert best() == "签到"
    paying = issued(world, "general", pool_id=pool.id, name="通用")
    assert best() == "通用"
    issued(world, "face", pool_id=pool.id, face_fen=1, until_on=date(2026, 4, 1), name="先到期")
    assert best() == "先到期"
    for wrong in (
        {"subjects": ("4-10-01-05",)},
        {"level": "3"},
        {"providers": (str(uuid4()),), "subjects": (ELECTRICIAN, "6-18-01-01")},
        {"from_on": date(2026, 3, 3), "subjects": (ELECTRICIAN, "6-18-01-02")},
    ):
        issued(world, "face", pool_id=pool.id, face_fen=1, until_on=date(2026, 3, 20), name="不合", **wrong)
    assert best() == "先到期"
    assert usable_vouchers([person.id], a_class(world, "X1", region_id=330122), on) == {}
    stop_batch(world.staff["training"], world.at, paying.id, "资金另有安排")
    assert best() == "先到期"
    fits = {"level": "4", "providers": (str(world.provider.id),), "subjects": (), "until_on": date(2026, 3, 10)}
    issued(world, "face", pool_id=pool.id, face_fen=1, name="正合适", **fits)
    assert best() == "正合适"


def test_a_voucher_that_does_not_fit_is_refused_and_nothing_changes(world: World) -> None:
    voucher, enrolment = seated(world)
    other = unemployed(world)[0]
    elsewhere = a_class(world, "JS2026-09", subject="4-10-01-05")
    wrong_class = wait_for(world, elsewhere, enrolment.person)
    not_own = wait_for(world, a_class(world, "JS2026-08"), other)
    over = world.at + timedelta(days=100)
    for pairs, at in (
        ([(wrong_class.id, voucher.id)], world.at),
        ([(not_own.id, voucher.id)], world.at),
        ([(enrolment.id, voucher.id)], over),
        ([(enrolment.id, uuid4())], world.at),
        ([(enrolment.id, voucher.id), (enrolment.id, voucher.id)], world.at),
    ):
        with refused(deeds.VoucherNotUsable):
            reserve_vouchers(world.machine, at, pairs)
    reserve_vouchers(world.machine, world.at, [(enrolment.id, voucher.id)])
    with refused(deeds.VoucherNotUsable):
        reserve_vouchers(world.machine, world.at, [(enrolment.id, voucher.id)])
    reserve_vouchers(world.machine, world.at, [])


def test_each_step_wants_the_step_before(world: World) -> None:
    voucher, enrolment = seated(world, "sign_in")
    for deed in (use_vouchers, settle_vouchers):
        with refused(deeds.VoucherNotHeld):
            deed(world.machine, world.at, [voucher.id])
    with refused(deeds.VoucherNotHeld):
        return_vouchers(world.machine, world.at, [voucher.id], "没有占座")
    with refused(deeds.VoucherNotHeld):
        unfreeze_vouchers(world.staff["training"], world.at, [voucher.id])
    reserve_vouchers(world.machine, world.at, [(enrolment.id, voucher.id)])
    use_vouchers(world.machine, world.at, [voucher.id])
    with refused(deeds.VoucherNotHeld):
        use_vouchers(world.machine, world.at, [voucher.id])
    settle_vouchers(world.machine, world.at, [voucher.id])
    with refused(deeds.VoucherNotHeld):
        freeze_vouchers(world.staff["training"], world.at, [voucher.id], "正在核实身份")


def test_frozen_vouchers_stand_still(world: World) -> None:
    voucher, enrolment = seated(world, "sign_in")
    desk = world.staff["training"]
    with refused(deeds.FreezeNeedsReason):
        freeze_vouchers(desk, world.at, [voucher.id], "查")
    with refused(NotYourDuty):
        freeze_vouchers(world.staff["maker"], world.at, [voucher.id], "正在核实身份")
    with refused(NotYourDuty):
        unfreeze_vouchers(world.staff["maker"], world.at, [voucher.id])
    freeze_vouchers(desk, world.at, [voucher.id], "正在核实身份")
    assert usable_vouchers([voucher.person_id], enrolment.training_class, world.at.date()) == {}
    thawed = world.at + timedelta(days=200)
    assert expire_vouchers(world.machine, thawed) == 0
    unfreeze_vouchers(desk, thawed, [voucher.id])
    assert (fresh(voucher).state, fresh(voucher).until_on) == ("issued", LAST + timedelta(days=200))
    reserve_vouchers(world.machine, thawed, [(enrolment.id, voucher.id)])
    freeze_vouchers(desk, thawed, [voucher.id], "正在核实身份")
    return_vouchers(world.machine, thawed + timedelta(days=3), [voucher.id], "班取消了")
    assert (fresh(voucher).state, fresh(voucher).until_on) == ("frozen", LAST + timedelta(days=203))
    unfreeze_vouchers(desk, thawed + timedelta(days=3), [voucher.id])
    assert fresh(voucher).state == "issued"


def test_what_comes_back_from_a_stopped_batch_is_void(world: World) -> None:
    voucher, enrolment = seated(world)
    reserve_vouchers(world.machine, world.at, [(enrolment.id, voucher.id)], amounts={enrolment.id: WORTH})
    stop_batch(world.staff["training"], world.at, voucher.batch_id, "资金另有安排")
    return_vouchers(world.machine, world.at, [voucher.id], "班取消了")
    assert (fresh(voucher).state, reserved(world)) == ("void", 0)


# ── codes ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_code_is_found_and_a_token_ages(world: World) -> None:
    voucher, _ = seated(world, "sign_in")
    code = code_of(voucher.id)
    assert len(code.replace("-", "")) * 5 >= 128
    for said in (code, code.lower().replace("-", " ")):
        found = voucher_by_code(said)
        assert found is not None
        assert found.id == voucher.id
    assert voucher_by_code(code[:-1] + ("A" if code[-1] != "A" else "Q")) is None
    token = token_of(voucher.id, 1000)
    for step, good in ((1000, True), (1001, True), (1002, False), (999, False)):
        assert (voucher_by_token(token, step) is not None) is good
    assert token_of(voucher.id, 1001) != token
    for made_up in ("", "JXQ", token[:-2], token[3:], "JXQ" + "A" * 42, "JXQ!!!", "JXQé"):
        assert key_in_token(made_up, 1000) is None


def test_opening_is_written_once_and_by_its_person(world: World) -> None:
    voucher, _ = seated(world, "sign_in")
    me = Actor("本人", person_id=voucher.person_id)
    assert [own.voucher.id for own in fresh_vouchers(voucher.person_id, world.at.date())] == [voucher.id]
    open_voucher(me, world.at, voucher.id)
    open_voucher(me, world.at + timedelta(days=1), voucher.id)
    assert fresh(voucher).opened_at == world.at
    assert fresh_vouchers(voucher.person_id, world.at.date()) == []
    own = own_voucher(me, voucher.id, world.at)
    assert (own.days_left, own.region) == (91, "嘉善县")
    assert own_vouchers(voucher.person_id, LAST + timedelta(days=1))[0].days_left == 0
    stranger = Actor("别人", person_id=uuid4())
    with refused(NotFound):
        open_voucher(stranger, world.at, voucher.id)
    with refused(NotFound):
        own_voucher(stranger, voucher.id, world.at)


# ── ended ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_each_unused_voucher_has_one_cause_and_they_add_up(world: World) -> None:
    training_class = a_class(world)
    never, full, left, lost, idle = unemployed(world, 5)
    batch = issued(world)
    of = {voucher.person_id: voucher for voucher in vouchers(batch)}
    for person in (full, left, lost, idle):
        open_voucher(Actor("本人", person_id=person.id), world.at, of[person.id].id)
    wait_for(world, training_class, full)
    gone = wait_for(world, training_class, left)
    Enrolment.objects.filter(id=gone.id).update(state="left")
    Spell.objects.filter(person=lost, kind="unemployed").update(until_on=date(2026, 4, 1))
    assert next_voucher_end(world.at.date()) == LAST + timedelta(days=1)
    assert expire_vouchers(world.machine, world.at + timedelta(days=90)) == 0
    after = world.at + timedelta(days=91)
    assert expire_vouchers(world.machine, after, most=2) == 2
    assert expire_vouchers(world.machine, after) == 3
    causes = {voucher.person_id: voucher.cause for voucher in vouchers(batch)}
    assert causes == {
        never.id: "never_opened", full.id: "class_full", left.id: "left", lost.id: "not_eligible", idle.id: "not_used",
    }  # fmt: skip
    funnel = funnels_of([batch.id])[batch.id]
    assert (funnel.issued, funnel.opened, funnel.expired) == (5, 4, 5)
    assert sum(count for _, count in funnel.causes) == funnel.expired
    assert sum(share for _, _, share in funnel.unused) == 100
    (county,) = funnels_by_county([world.region], batch.id)
    assert (county.name, county.issued, county.causes) == ("嘉善县", 5, funnel.causes)
    assert whole_funnel([funnel, county]).expired == 10


def test_no_class_near_is_told_from_not_used(world: World) -> None:
    (person,) = unemployed(world)
    a_class(world, "FAR", region_id=330122)
    late = a_class(world, "LATE", first_on=date(2026, 8, 1), last_on=date(2026, 9, 1))
    TrainingClass.objects.filter(id=late.id).update(decided_at=world.at + timedelta(days=150))
    (voucher,) = vouchers(issued(world))
    open_voucher(Actor("本人", person_id=person.id), world.at, voucher.id)
    expire_vouchers(world.machine, world.at + timedelta(days=91))
    assert fresh(voucher).cause == "no_class"


def test_ended_vouchers_free_their_money(world: World) -> None:
    pool, training_class, (person,) = world.pool(), a_class(world), unemployed(world)
    seats(world, training_class, [person])
    batch = issued(world, "named", training_class_id=training_class.id, groups=(), pool_id=pool.id)
    (voucher,) = vouchers(batch)
    Enrolment.objects.filter(voucher=voucher).update(voucher=None)
    return_vouchers(world.machine, world.at, [voucher.id], "退班")
    assert reserved(world) == WORTH
    expire_vouchers(world.machine, world.at + timedelta(days=91))
    assert (fresh(voucher).state, reserved(world)) == ("expired", 0)
