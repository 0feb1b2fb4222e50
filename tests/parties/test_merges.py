"""Merging two records: nothing lost, undone exactly, refused where counts or levels would meet, or after a payment."""

import pytest

from jiangxin.ground.refusal import NotYourDuty
from jiangxin.ground.staging import rows_of
from jiangxin.parties.models import Account, Person, PersonMerge
from jiangxin.parties.operations import merges
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.subsidy.operations.decide import decide_certificates
from tests.factories.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    made = World()
    made.pool()
    return made


def everything() -> dict[str, list]:
    return {table: rows_of(f"SELECT * FROM {table} ORDER BY id") for table in (*dict(merges.MOVES), "parties_person")}


def two(world: World, second: str = "4-10-01-05") -> tuple[Person, Person]:
    kept, gone = world.person(), world.person()
    for person, occupation in ((kept, "6-31-01-03"), (gone, second)):
        certificate = world.certificate(person, occupation=occupation)
        decide_certificates(world.machine, world.at, [certificate.id], "test")
    return kept, gone


def merge(world: World, kept: Person, gone: Person, reason: str = "同一人两个证件") -> PersonMerge:
    return merges.merge_persons(world.staff["register"], world.at, kept.id, gone.id, reason)


def test_all_goes_to_the_kept_record_with_slots_that_do_not_meet(world: World) -> None:
    kept, gone = two(world)
    merge(world, kept, gone)
    assert sorted(SubsidyLine.objects.filter(person=kept, slot__isnull=False).values_list("slot", flat=True)) == [1, 2]
    assert not SubsidyLine.objects.filter(person=gone).exists()
    gone.refresh_from_db()
    assert gone.merged_into_id == kept.id
    assert kept.payee_accounts.exclude(state="closed").count() == 1


def test_undone_everything_is_as_it_was(world: World) -> None:
    kept, gone = two(world)
    before = everything()
    undone = merges.undo_merge(world.staff["register"], world.at, merge(world, kept, gone).id)
    assert everything() == before
    assert undone.id


def test_every_column_that_points_to_a_person_is_moved_or_named_with_a_reason() -> None:
    found = rows_of(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'person_id'"
        " UNION SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
        " AND confrelid = 'parties_person'::regclass"
    )
    assert {table for (table,) in found} == set(dict(merges.MOVES)) | set(merges.KEPT)


@pytest.mark.parametrize(
    ("spoil", "refusal"),
    [
        ("self", merges.SamePerson),
        ("reason", merges.MergeNeedsReason),
        ("again", merges.MergedAlready),
        ("level", merges.SameSubsidyTwice),
        ("counts", merges.TooManyCountsTogether),
        ("accounts", merges.BothSignIn),
        ("duty", NotYourDuty),
    ],
)
def test_each_refusal_leaves_all_as_it_was(world: World, spoil: str, refusal: type[Exception]) -> None:
    kept, gone = two(world, "6-31-01-03" if spoil == "level" else "4-10-01-05")
    actor, reason = world.staff["register"], "同一人两个证件"
    if spoil == "self":
        gone = kept
    elif spoil == "reason":
        reason = "一样"
    elif spoil == "again":
        Person.objects.filter(id=gone.id).update(merged_into_id=world.person().id)
    elif spoil == "counts":
        for person, occupation in ((kept, "6-18-01-01"), (gone, "6-18-01-01")):
            certificate = world.certificate(person, occupation=occupation, level="5" if person is kept else "4")
            decide_certificates(world.machine, world.at, [certificate.id], "test")
    elif spoil == "accounts":
        for n, person in enumerate((kept, gone)):
            Account.objects.create(username=f"worker{n}", name=person.name, kind="worker", person=person, password="!")
    elif spoil == "duty":
        actor = world.staff["maker"]
    before = everything()
    with pytest.raises(refusal):
        merges.merge_persons(actor, world.at, kept.id, gone.id, reason)
    assert everything() == before


def test_after_a_payment_it_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, gone = two(world)
    done = merge(world, kept, gone)
    monkeypatch.setattr(merges, "MONEY_MOVED", "SELECT 1 WHERE %s::uuid IS NOT NULL AND %s::timestamptz IS NOT NULL")
    before = everything()
    with pytest.raises(merges.PaidSinceMerge):
        merges.undo_merge(world.staff["register"], world.at, done.id)
    assert everything() == before
