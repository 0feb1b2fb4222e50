"""Vouchers in the middle of their lives: what the attacks on them are aimed at."""

from typing import Any

from jiangxin.funds.models import Pool, Transfer
from jiangxin.training.operations.voucher_batches import draft_batch
from jiangxin.training.operations.vouchers import reserve_vouchers, use_vouchers
from tests.factories.world import World
from tests.training import vouchers as made


def vouchers(world: World, pool_id: object) -> dict[str, Any]:
    """A batch with one voucher to be used, two on seats with their money, one used; a batch matched; one to change."""
    training_class = made.a_class(world, "JS2026-90")
    made.unemployed(world, 4)
    batch = made.issued(world, "general", pool_id=Pool.objects.get(id=pool_id).id, planned=4)
    free, *taken = made.vouchers(batch)
    seats = made.seats(world, training_class, [voucher.person for voucher in taken], taken)
    pairs = [(seat.id, voucher.id) for seat, voucher in zip(seats, taken, strict=True)]
    reserve_vouchers(world.machine, world.at, pairs, amounts={seat.id: made.WORTH for seat in seats})
    use_vouchers(world.machine, world.at, [taken[-1].id])
    earmark = Transfer.objects.get(subject_id=taken[0].id)
    listed = made.matched(world, name="匹配好的", subjects=("6-18-01-01",), planned=3)
    draft = draft_batch(world.staff["training"], world.at, made.terms(world, name="草稿"))
    return {
        "voucher": free.id, "voucher_person": free.person_id, "held_voucher": taken[0].id, "used_voucher": taken[-1].id,
        "voucher_batch": batch.id, "matched_batch": listed.id, "draft_batch": draft.id,
        "matched_voucher": made.vouchers(listed)[0].id, "voucher_class": training_class.id,
        "earmark": earmark.id, "earmark_fen": earmark.amount_fen, "voucher_seat": seats[0].id,
    }  # fmt: skip
