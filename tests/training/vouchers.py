"""Batches, vouchers, classes and seats for tests: as the desk, the school and the seats would leave them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from jiangxin.ground.staging import run
from jiangxin.parties.models import Person
from jiangxin.training.models import Enrolment, TrainingClass
from jiangxin.training.operations.voucher_batches import BatchTerms, draft_batch, issue_batch
from jiangxin.training.operations.voucher_jobs import hand_out_vouchers, match_batch
from jiangxin.training.vouchers import Voucher, VoucherBatch, VoucherKind
from tests.factories.world import World

FIRST, LAST = date(2026, 3, 1), date(2026, 5, 31)
ELECTRICIAN = "6-31-01-03"
WORTH = 180_000


def terms(world: World, kind: str = "sign_in", **more: Any) -> BatchTerms:
    """What a county would say of a batch for its unemployed."""
    said = BatchTerms(
        kind_id=kind, name="春季失业人员券", region_id=world.region, planned=100, from_on=FIRST, until_on=LAST,
        subjects=(ELECTRICIAN,), groups=("unemployed",), document="嘉人社〔2026〕3号",
    )  # fmt: skip
    return replace(said, **more)


def face_kind() -> VoucherKind:
    """A kind that no line of code knows: a row of data alone."""
    return VoucherKind.objects.create(
        code="face", name="面值券", value="face", reserved_at="seat", named=False, pays=True, source="测试"
    )


def matched(world: World, kind: str = "sign_in", **more: Any) -> VoucherBatch:
    """A batch whose persons were found."""
    batch = draft_batch(world.staff["training"], world.at, terms(world, kind, **more))
    match_batch(world.machine, world.at, batch.id)
    batch.refresh_from_db()
    return batch


def issued(world: World, kind: str = "sign_in", **more: Any) -> VoucherBatch:
    """A batch issued by a second person and handed out."""
    batch = matched(world, kind, **more)
    issue_batch(world.staff["training2"], world.at, batch.id)
    hand_out_vouchers(world.machine, world.at, batch.id, lambda _class, _on: WORTH)
    batch.refresh_from_db()
    return batch


def unemployed(world: World, count: int = 1, **more: Any) -> list[Person]:
    """Persons whom the register tells to be unemployed in the county."""
    persons = [world.person(account=False, **more) for _ in range(count)]
    for person in persons:
        world.spell(person, "unemployed", world.region)
    return persons


def vouchers(batch: VoucherBatch) -> list[Voucher]:
    """The vouchers of a batch as they stand, in the order of their persons."""
    return list(Voucher.objects.filter(batch=batch).order_by("person_id"))


def a_class(world: World, number: str = "JS2026-01", **more: Any) -> TrainingClass:
    """A class of electricians that is open for enrolment."""
    fields = {
        "body": world.provider, "region_id": world.region, "kind": "skill_level", "edition": "2022",
        "subject": ELECTRICIAN, "level": "4", "title": "电工四级", "mode": "off_job", "enrolment": "public",
        "pays": "person", "capacity": 40, "hours": 80, "first_on": date(2026, 3, 20), "last_on": date(2026, 4, 20),
        "state": "draft", "state_since": world.at, "entered_by_name": "学校",
    } | more  # fmt: skip
    made = TrainingClass.objects.create(number=number, **fields)
    for state in ("submitted", "open"):
        TrainingClass.objects.filter(pk=made.pk).update(state=state, decided_at=world.at)
    made.refresh_from_db()
    return made


def wait_for(world: World, training_class: TrainingClass, person: Person, state: str = "waiting") -> Enrolment:
    """An enrolment that sits on no seat."""
    return Enrolment.objects.create(
        training_class=training_class, person=person, region_id=world.region, body_id=training_class.body_id,
        state=state, source="self", waits_since=world.at, state_since=world.at, entered_by_name="本人",
    )  # fmt: skip


def seats(
    world: World, training_class: TrainingClass, persons: Sequence[Person], held: Sequence[Voucher] = ()
) -> list[Enrolment]:
    """The persons on seats of the class."""
    with_voucher: list[UUID | None] = [voucher.id for voucher in held] or [None] * len(persons)
    made = []
    for person, voucher_id in zip(persons, with_voucher, strict=True):
        one = wait_for(world, training_class, person)
        take_seat(one.id, voucher_id)
        made.append(one)
    return made


SEAT = """
WITH counted AS (UPDATE training_training_class c SET taken = taken + 1 FROM training_enrolment e
                  WHERE e.id = %(id)s AND c.id = e.class_id)
UPDATE training_enrolment SET state = 'seated', voucher_id = %(voucher)s WHERE id = %(id)s
"""


def take_seat(enrolment_id: UUID, voucher_id: UUID | None) -> None:
    """Sit down, and be counted in the same statement."""
    run(SEAT, {"id": enrolment_id, "voucher": voucher_id})
