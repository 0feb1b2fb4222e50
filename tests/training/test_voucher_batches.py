"""Batches of vouchers: entered by one, matched by statuses, issued by another, stopped; and every refusal of them."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from jiangxin.funds.models import Transfer
from jiangxin.funds.operations import close_pool
from jiangxin.funds.queries import available_in
from jiangxin.ground.jobs import Job
from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.training.operations import voucher_batches as batches
from jiangxin.training.operations import voucher_jobs as work
from jiangxin.training.operations.voucher_batches import ask_match, change_batch, draft_batch, issue_batch, stop_batch
from jiangxin.training.operations.voucher_jobs import hand_out_vouchers, match_batch
from jiangxin.training.operations.vouchers import freeze_vouchers, reserve_vouchers
from jiangxin.training.queries.voucher_batches import groups_of, in_percent
from jiangxin.training.voucher_codes import code_of, index_of
from jiangxin.training.vouchers import Voucher, VoucherBatch, VoucherKind
from tests.factories.refused import refused
from tests.factories.world import World
from tests.training.vouchers import WORTH, a_class, face_kind, issued, matched, seats, terms, unemployed, vouchers


@pytest.fixture
def world(db: None) -> World:
    return World()


def states(batch: VoucherBatch) -> dict[str, int]:
    found = [voucher.state for voucher in vouchers(batch)]
    return {state: found.count(state) for state in found}


def test_a_batch_goes_from_one_desk_to_another_and_into_hands(world: World) -> None:
    persons = unemployed(world, 3)
    batch = matched(world)
    assert (batch.state, batch.matched, batch.number) == ("matched", 3, "Q330421-260302-01")
    assert states(batch) == {"matched": 3}
    batch = issue_batch(world.staff["training2"], world.at, batch.id)
    job = Job.objects.get(id=batch.job_id)
    assert (job.kind, job.state) == ("issue_vouchers", "waiting")
    assert hand_out_vouchers(world.machine, world.at, batch.id, lambda _class, _on: None) == 3
    batch.refresh_from_db()
    assert (batch.state, batch.issued) == ("issued", 3)
    assert [voucher.person_id for voucher in vouchers(batch)] == sorted(person.id for person in persons)
    assert {bytes(v.code_index) for v in vouchers(batch)} == {index_of(code_of(v.id)) for v in vouchers(batch)}
    assert hand_out_vouchers(world.machine, world.at, batch.id, lambda _class, _on: None) == 3


def test_the_dead_those_elsewhere_and_those_who_hold_the_like_are_not_matched(world: World) -> None:
    alive, dead, holder, merged = unemployed(world, 4)
    world.spell(dead, "dead", start=date(2026, 2, 1))
    merged.merged_into = alive
    merged.save()
    elsewhere = world.person(account=False)
    world.spell(elsewhere, "unemployed", 330122)
    over = world.person(account=False)
    world.spell(over, "unemployed", world.region, end=date(2026, 3, 1))
    first = issued(world, planned=1, groups=("unemployed",), name="先发的")
    assert [voucher.person_id for voucher in vouchers(first)] == [alive.id]
    second = matched(world)
    assert [voucher.person_id for voucher in vouchers(second)] == [holder.id]
    other_content = matched(world, subjects=("4-10-01-05",))
    assert {voucher.person_id for voucher in vouchers(other_content)} == {alive.id, holder.id}


def test_matching_honours_the_plan_and_the_order_of_the_groups(world: World) -> None:
    early, late = unemployed(world, 2)
    veteran = world.person(account=False)
    world.spell(veteran, "veteran")
    lives_nowhere_here = world.person(account=False, hukou=None)
    world.spell(lives_nowhere_here, "veteran")
    batch = matched(world, groups=("veteran", "unemployed"), planned=2)
    found = {voucher.person_id: voucher for voucher in vouchers(batch)}
    assert set(found) == {veteran.id, early.id}
    assert (found[veteran.id].spell_kind, found[veteran.id].region_id) == ("veteran", world.region)
    assert {(group.name, group.count) for group in groups_of(batch.id)} == {("退役军人", 1), ("登记失业", 1)}
    assert late.id not in found


def test_a_province_batch_reaches_each_county_under_its_own_name(world: World) -> None:
    here, there = world.person(account=False), world.person(account=False)
    world.spell(here, "unemployed", world.region)
    world.spell(there, "unemployed", 330122)
    batch = matched(world)
    VoucherBatch.objects.filter(id=batch.id).update(region_id=330000)
    match_batch(world.machine, world.at, batch.id)
    assert sorted(voucher.region_id for voucher in vouchers(batch)) == [330122, 330421]


def test_matched_anew_after_a_change(world: World) -> None:
    unemployed(world, 2)
    batch = matched(world)
    batch = change_batch(world.staff["training2"], world.at, batch.id, terms(world, planned=1))
    assert (batch.state, batch.matched, vouchers(batch)) == ("draft", 0, [])
    assert batch.entered_by_id == world.staff["training2"].account_id
    assert match_batch(world.machine, world.at, batch.id) == 1
    assert match_batch(world.machine, world.at, batch.id) == 1


def test_who_died_between_matching_and_issuing_gets_none(world: World) -> None:
    alive, dies = unemployed(world, 2)
    batch = matched(world)
    world.spell(dies, "dead", start=date(2026, 3, 2))
    issue_batch(world.staff["training2"], world.at, batch.id)
    assert hand_out_vouchers(world.machine, world.at, batch.id, lambda _class, _on: None) == 1
    assert [voucher.person_id for voucher in vouchers(batch)] == [alive.id]


def test_named_vouchers_follow_the_roster_take_their_seats_and_their_money(world: World) -> None:
    pool, training_class = world.pool(yuan=10_000), a_class(world)
    persons = unemployed(world, 2)
    seats(world, training_class, persons)
    batch = issued(
        world, "named", training_class_id=training_class.id, groups=(), pool_id=pool.id, subjects=()
    )  # fmt: skip
    assert states(batch) == {"reserved": 2}
    assert {voucher.reserved_fen for voucher in vouchers(batch)} == {WORTH}
    assert available_in([pool.id])[pool.id] == 1_000_000 - 2 * WORTH
    assert set(Transfer.objects.filter(kind="earmark").values_list("subject_id", flat=True)) == {
        voucher.id for voucher in vouchers(batch)
    }
    assert {enrolment.voucher_id for enrolment in training_class.enrolments.all()} == {v.id for v in vouchers(batch)}


def test_stopping_voids_what_no_seat_holds(world: World) -> None:
    pool, training_class = world.pool(), a_class(world)
    persons = unemployed(world, 3)
    batch = issued(world, "general", pool_id=pool.id)
    first, second, third = vouchers(batch)
    (enrolment,) = seats(world, training_class, persons[:1], [first])
    Voucher.objects.filter(id=second.id).update(opened_at=world.at)
    reserve_vouchers(world.machine, world.at, [(enrolment.id, first.id)], amounts={enrolment.id: WORTH})
    freeze_vouchers(world.staff["training"], world.at, [third.id], "正在核实身份")
    assert stop_batch(world.staff["training"], world.at, batch.id, "资金另有安排") == 2
    assert states(batch) == {"reserved": 1, "void": 2}


def test_a_new_kind_is_a_row_of_data(world: World) -> None:
    """面值券 and 抵用券 by data alone: entered, matched, issued, taken by a seat, each by what its row says."""
    face_kind()
    VoucherKind.objects.create(
        code="proof", name="抵用券", value="none", reserved_at="never", named=False, pays=True, source="测试"
    )
    pool, training_class, (person,) = world.pool(), a_class(world), unemployed(world)
    for kind, more, fen in (("face", {"pool_id": pool.id, "face_fen": 30_000}, 30_000), ("proof", {}, 0)):
        batch = issued(world, kind, **more)
        (voucher,) = vouchers(batch)
        (enrolment,) = seats(world, training_class, [person], [voucher])
        reserve_vouchers(world.machine, world.at, [(enrolment.id, voucher.id)])
        voucher.refresh_from_db()
        assert (voucher.state, voucher.reserved_fen) == ("reserved", fen)
        training_class = a_class(world, f"JS-{kind}")


def test_jobs_match_and_hand_out(world: World) -> None:
    handlers = work.voucher_jobs(lambda _class, _on: None)
    assert set(handlers) == {"match_vouchers", "issue_vouchers"}
    batch = draft_batch(world.staff["training"], world.at, terms(world))
    batch = ask_match(world.staff["training"], world.at, batch.id)
    with refused(batches.VoucherBatchAtWork):
        ask_match(world.staff["training"], world.at, batch.id)
    assert Job.objects.get(id=batch.job_id).args == {"batch_id": str(batch.id)}


# ── refused ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_terms_that_do_not_hold_together(world: World) -> None:
    desk, at = world.staff["training"], world.at
    face_kind()
    pool = world.pool()
    for no, said in (
        (batches.VoucherKindNotThere, terms(world, "gift")),
        (batches.VoucherPersonsMissing, terms(world, groups=())),
        (batches.VoucherPersonsMissing, terms(world, "named")),
        (batches.VoucherDaysWrong, terms(world, until_on=date(2026, 3, 1))),
        (batches.VoucherDaysWrong, terms(world, from_on=date(2026, 6, 1))),
        (batches.VoucherNumberWrong, terms(world, planned=0)),
        (batches.VoucherNumberWrong, terms(world, planned=500_001)),
        (batches.VoucherFaceMissing, terms(world, "face", pool_id=pool.id)),
        (batches.VoucherPoolMissing, terms(world, "general")),
        (NotYourDuty, replace(terms(world), region_id=330122)),
    ):
        with refused(no):
            draft_batch(desk, at, said)
    close_pool(world.staff["budget"], at, pool)
    with refused(batches.VoucherPoolMissing):
        draft_batch(desk, at, terms(world, "general", pool_id=pool.id))
    with refused(NotYourDuty):
        draft_batch(world.staff["maker"], at, terms(world))


def test_issuing_takes_two_people_and_somebody_to_issue_to(world: World) -> None:
    empty = matched(world)
    with refused(batches.VoucherBatchNotMatched):
        issue_batch(world.staff["training2"], world.at, empty.id)
    with refused(batches.VoucherBatchNotMatched):
        hand_out_vouchers(world.machine, world.at, empty.id, lambda _class, _on: None)
    unemployed(world)
    batch = matched(world)
    with refused(batches.VouchersNeedAnother):
        issue_batch(world.staff["training"], world.at, batch.id)
    with refused(NotYourDuty):
        issue_batch(world.staff["maker"], world.at, batch.id)
    with refused(batches.VoucherDaysWrong):
        issue_batch(world.staff["training2"], world.at + timedelta(days=100), batch.id)
    with refused(NotYourDuty):
        ask_match(world.staff["maker"], world.at, batch.id)
    with refused(NotFound):
        issue_batch(world.staff["training2"], world.at, uuid4())


def test_what_is_issued_is_changed_no_more_and_stopped_with_a_reason(world: World) -> None:
    unemployed(world)
    batch = issued(world)
    with refused(batches.VoucherBatchIsIssued):
        change_batch(world.staff["training"], world.at, batch.id, terms(world))
    with refused(batches.VoucherBatchIsIssued):
        match_batch(world.machine, world.at, batch.id)
    with refused(batches.StoppingNeedsReason):
        stop_batch(world.staff["training"], world.at, batch.id, "停")
    with refused(NotYourDuty):
        stop_batch(world.staff["maker"], world.at, batch.id, "资金另有安排")
    stop_batch(world.staff["training"], world.at, batch.id, "资金另有安排")
    with refused(batches.VoucherBatchNotIssued):
        stop_batch(world.staff["training"], world.at, batch.id, "资金另有安排")


def test_named_vouchers_are_issued_with_their_money_or_not_at_all(world: World) -> None:
    pool, training_class = world.pool(yuan=3_000), a_class(world)
    seats(world, training_class, unemployed(world, 2))
    batch = matched(world, "named", training_class_id=training_class.id, groups=(), pool_id=pool.id)
    issue_batch(world.staff["training2"], world.at, batch.id)
    with refused(work.PoolTooShortForVouchers):
        hand_out_vouchers(world.machine, world.at, batch.id, lambda _class, _on: WORTH)
    with refused(work.VoucherWorthUnknown):
        hand_out_vouchers(world.machine, world.at, batch.id, lambda _class, _on: None)


def test_percents_add_up_to_a_hundred() -> None:
    assert in_percent([1, 1, 1]) == [34, 33, 33]
    assert in_percent([0, 0]) == [0, 0]
    assert sum(in_percent([7, 11, 13, 1, 1])) == 100
