"""Merging two records: nothing lost, undone exactly, refused where counts or levels would meet, or after a payment."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from jiangxin.assessment.examining import Examiner
from jiangxin.assessment.exams import Candidate
from jiangxin.funds.models import Pool
from jiangxin.ground.actor import Actor, set_scope
from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.ground.staging import rows_of
from jiangxin.parties.models import Account, PayeeAccount, Person, PersonMerge
from jiangxin.parties.operations import merge_conflicts, merges
from jiangxin.parties.operations.payees import confirm_account
from jiangxin.parties.queries.persons import known_persons
from jiangxin.payment.models import Payment
from jiangxin.subsidy.models import Decision, EarlierSubsidy, LevelLock, SubsidyLine
from jiangxin.subsidy.operations.decide import decide_certificates
from jiangxin.training.models import Teacher
from tests.assessment.exam_hall import Hall
from tests.factories.bank import built
from tests.factories.lines import approved_lines, paying_account
from tests.factories.school import School
from tests.factories.world import World, number_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    made = World()
    made.pool()
    return made


def everything() -> dict[str, list]:
    return {table: rows_of(f"SELECT * FROM {table} ORDER BY id") for table in (*dict(merges.MOVES), "parties_person")}


def decided(world: World, person: Person, occupation: str, level: str = "4", days: int = 0) -> None:
    """A certificate of the person, decided so many days after the world's instant."""
    certificate = world.certificate(person, occupation=occupation, level=level)
    decide_certificates(world.machine, world.at + timedelta(days=days), [certificate.id], "test")


def two(world: World, second: str = "4-10-01-05") -> tuple[Person, Person]:
    kept, gone = world.person(), world.person()
    decided(world, kept, "6-31-01-03")
    decided(world, gone, second)
    return kept, gone


def locks(person: Person) -> list[int]:
    return list(LevelLock.objects.filter(person_id=person.id).order_by("subject").values_list("level_rank", flat=True))


def merge(world: World, kept: Person, gone: Person, reason: str = "同一人两个证件") -> PersonMerge:
    return merges.merge_persons(world.staff["register"], world.at, kept.id, gone.id, reason)


def test_all_goes_to_the_kept_record_with_slots_that_do_not_meet(world: World) -> None:
    kept, gone = two(world)
    merge(world, kept, gone)
    assert sorted(SubsidyLine.objects.filter(person=kept, slot__isnull=False).values_list("slot", flat=True)) == [1, 2]
    assert not SubsidyLine.objects.filter(person=gone).exists()
    gone.refresh_from_db()
    assert gone.merged_into_id == kept.id
    assert sorted(kept.payee_accounts.values_list("state", flat=True)) == ["certified", "unconfirmed"]
    assert len(locks(kept)) == 2
    assert locks(gone) == []
    known = known_persons([("resident", number_of(2))])[0]
    assert known is not None
    assert known.person_id == kept.id
    assert known.bears(gone.name)


def test_undone_everything_is_as_it_was(world: World) -> None:
    kept, gone = two(world)
    before = everything(), locks(kept), locks(gone)
    merges.undo_merge(world.staff["register"], world.at, merge(world, kept, gone).id)
    assert (everything(), locks(kept), locks(gone)) == before


def test_the_owner_may_choose_the_second_account_and_keeps_it_when_undone(world: World) -> None:
    kept, gone = two(world)
    done = merge(world, kept, gone)
    second = PayeeAccount.objects.get(person=kept, state="unconfirmed")
    confirm_account(Actor("本人", person_id=kept.id), world.at, second)
    merges.undo_merge(world.staff["register"], world.at, done.id)
    second.refresh_from_db()
    assert (second.person_id, second.state) == (gone.id, "confirmed")


def test_a_ladder_climbed_under_two_records_is_one_ladder(world: World) -> None:
    kept, gone = world.person(), world.person()
    decided(world, gone, "6-31-01-03", "5")
    decided(world, kept, "6-31-01-03", "4", days=1)
    before = locks(kept), locks(gone)
    done = merge(world, kept, gone)
    assert (locks(kept), locks(gone)) == ([3], [])
    merges.undo_merge(world.staff["register"], world.at, done.id)
    assert (locks(kept), locks(gone)) == before


def test_rows_of_other_counties_move_too(world: World) -> None:
    kept, gone = two(world)
    far = world.certificate(gone, occupation="6-18-01-01", region_id=330122)
    keeper = world.staff["register"]
    set_scope(keeper)
    done = merge(world, kept, gone)
    set_scope(world.machine)
    far.refresh_from_db()
    assert far.person_id == kept.id
    set_scope(keeper)
    merges.undo_merge(keeper, world.at, done.id)
    set_scope(world.machine)
    far.refresh_from_db()
    assert far.person_id == gone.id


def test_what_was_written_once_is_still_seen_by_its_person(world: World) -> None:
    paying_account(world)
    (line,) = approved_lines(world, 1, pool=Pool.objects.get())
    kept, gone = world.person(), line.person
    built(world)
    merge(world, kept, gone)
    for person, seen in ((kept, 1), (gone, 0)):
        set_scope(Actor("本人", person_id=person.id))
        assert (Payment.objects.count(), Decision.objects.count()) == (seen, seen)


def test_every_column_that_points_to_a_person_is_moved_or_named_with_a_reason() -> None:
    found = rows_of(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'person_id'"
        " UNION SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
        " AND confrelid = 'parties_person'::regclass"
    )
    assert {table for (table,) in found} == set(dict(merges.MOVES)) | set(merges.KEPT)


def _is_merged(world: World, kept: Person, gone: Person) -> None:
    Person.objects.filter(id=gone.id).update(merged_into_id=world.person().id)


def _level_twice(world: World, kept: Person, gone: Person) -> None:
    decided(world, gone, "6-31-01-03")


def _lower_after_higher(world: World, kept: Person, gone: Person) -> None:
    decided(world, gone, "6-31-01-03", "5", days=1)


def _level_in_history(world: World, kept: Person, gone: Person) -> None:
    EarlierSubsidy.objects.create(
        person=gone, scheme="skill_uplift", subject="6-31-01-03", level_rank=3, count_year=2024, amount_fen=1,
        paid_on=world.at.date(), payee="employer", load=world.load_of("earlier_skill_uplift"),
    )  # fmt: skip


def _four_counts(world: World, kept: Person, gone: Person) -> None:
    decided(world, kept, "6-18-01-01", "5")
    decided(world, gone, "6-18-01-01", "4")


def _same_certificate(world: World, kept: Person, gone: Person) -> None:
    for person in (kept, gone):
        world.certificate(person, occupation="6-18-01-01")


def _both_sign_in(world: World, kept: Person, gone: Person) -> None:
    for n, person in enumerate((kept, gone)):
        Account.objects.create(username=f"worker{n}", name=person.name, kind="worker", person=person, password="!")


def _same_class(world: World, kept: Person, gone: Person) -> None:
    school = School(world)
    found = school.opened()
    for person in (kept, gone):
        school.join(found, person)
    world.see_all()


def _lessons_overlap(world: World, kept: Person, gone: Person) -> None:
    school, other = School(world), School(world, "202 教室")
    school.join(school.opened(), kept)
    world.see_all()
    other.join(other.opened(), gone)
    world.see_all()


def _same_school(world: World, kept: Person, gone: Person) -> None:
    for person in (kept, gone):
        Teacher.objects.create(person=person, body=world.provider, full_time=True, from_on="2020-01-01")


def _same_exam(world: World, kept: Person, gone: Person) -> None:
    hall = Hall(world)
    plan = hall.opened()
    for person in (kept, gone):
        Candidate.objects.create(
            plan=plan, subject=hall.only, person=person, region_id=world.region, body_id=hall.body.id,
            name_then=person.name, source="society", state="signed_up", state_since=world.at,
        )  # fmt: skip


def _same_examiner(world: World, kept: Person, gone: Person) -> None:
    for person in (kept, gone):
        Examiner.objects.create(person=person, body=world.assessor, region_id=world.region, from_on="2020-01-01")


@pytest.mark.parametrize(
    ("spoil", "refusal"),
    [
        (_is_merged, merges.MergedAlready),
        (_level_twice, merges.SameSubsidyTwice),
        (_lower_after_higher, merges.SameSubsidyTwice),
        (_level_in_history, merges.SameSubsidyTwice),
        (_four_counts, merges.TooManyCountsTogether),
        (_same_certificate, merges.SameCertificateTwice),
        (_both_sign_in, merges.BothSignIn),
        (_same_class, merge_conflicts.SameClassTwice),
        (_lessons_overlap, merge_conflicts.LearnsInTwoPlaces),
        (_same_school, merge_conflicts.TeachesInTwoPlaces),
        (_same_exam, merge_conflicts.SameExamTwice),
        (_same_examiner, merge_conflicts.ExaminesInTwoPlaces),
    ],
)
def test_two_records_that_cannot_stand_together_stay_apart(
    world: World, spoil: Callable[[World, Person, Person], None], refusal: type[Exception]
) -> None:
    kept, gone = two(world)
    spoil(world, kept, gone)
    before = everything()
    with pytest.raises(refusal):
        merge(world, kept, gone)
    assert everything() == before


def test_a_merge_is_asked_for_rightly(world: World) -> None:
    kept, gone = two(world)
    before = everything()
    with pytest.raises(merges.SamePerson):
        merge(world, kept, kept)
    with pytest.raises(merges.MergeNeedsReason):
        merge(world, kept, gone, "一样")
    with pytest.raises(NotFound):
        merge(world, kept, Person(id=kept.documents.get().id))
    with pytest.raises(NotYourDuty):
        merges.merge_persons(world.staff["maker"], world.at, kept.id, gone.id, "同一人两个证件")
    assert everything() == before


def test_after_a_payment_it_stays(world: World) -> None:
    paying_account(world)
    (line,) = approved_lines(world, 1, pool=Pool.objects.get())
    gone = world.person()
    done = merge(world, line.person, gone)
    world.at += timedelta(hours=1)
    built(world)
    before = everything()
    with pytest.raises(merges.PaidSinceMerge):
        merges.undo_merge(world.staff["register"], world.at, done.id)
    assert everything() == before


def test_undoing_is_once_by_who_may_and_from_the_last_one_back(world: World) -> None:
    kept, gone, third = world.person(), world.person(), world.person()
    keeper = world.staff["register"]
    first = merge(world, kept, gone)
    second = merge(world, third, kept)
    with pytest.raises(NotYourDuty):
        merges.undo_merge(world.staff["maker"], world.at, second.id)
    with pytest.raises(merges.MergedOnSince):
        merges.undo_merge(keeper, world.at, first.id)
    with pytest.raises(NotFound):
        merges.undo_merge(keeper, world.at, kept.id)
    merges.undo_merge(keeper, world.at, second.id)
    with pytest.raises(merges.MergedAlready):
        merges.undo_merge(keeper, world.at, second.id)
    merges.undo_merge(keeper, world.at, first.id)
    assert Person.objects.exclude(merged_into=None).count() == 0
    assert {person.documents.count() for person in (kept, gone, third)} == {1}
