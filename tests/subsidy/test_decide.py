"""Deciding: money is reserved for a yes, counts and levels run across a batch, nothing unknown is paid."""

from datetime import date

import pytest

from jiangxin.ground.actor import Actor
from jiangxin.recognition.models import TitleScope
from jiangxin.subsidy.facts import Coverage
from jiangxin.subsidy.models import Decision, EarlierSubsidy, SubsidyLine
from jiangxin.subsidy.operations.confirm import decline_line
from jiangxin.subsidy.operations.decide import decide_certificates
from jiangxin.subsidy.queries.due import certificates_to_decide_again
from tests.factories.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def line_of(certificate, scheme="certificate_subsidy"):
    return SubsidyLine.objects.get(certificate=certificate, scheme=scheme)


def test_a_yes_reserves_its_money_in_the_right_pool(world: World) -> None:
    pool = world.pool()
    certificate = world.certificate()
    tally = decide_certificates(world.machine, world.at, [certificate.id], "test")
    line = line_of(certificate)
    decision = Decision.objects.get(id=line.decision_id)
    assert tally == {"to_confirm": 1, "refused": 1}, decision.answers
    assert (line.state, line.slot, line.count_year, line.pool_id) == ("to_confirm", 1, 2026, pool.id)
    balances = dict(pool.balances.values_list("account", "balance_fen"))
    assert balances["reserved"] == line.amount_fen > 0
    assert balances["available"] == 100_000_000 - line.amount_fen


def test_without_a_pool_it_waits_and_nothing_is_counted(world: World) -> None:
    certificate = world.certificate()
    decide_certificates(world.machine, world.at, [certificate.id], "test")
    line = line_of(certificate)
    assert (line.state, line.outcome, line.slot, line.waits_for) == ("waiting", "unknown", None, ["资金池"])


def test_the_fourth_of_a_year_is_refused_also_within_one_batch(world: World) -> None:
    world.pool()
    person = world.person()
    made = [
        world.certificate(person, occupation=o, level=n)
        for o, n in (("6-31-01-03", "5"), ("6-31-01-03", "4"), ("4-10-01-05", "5"), ("6-18-01-01", "5"))
    ]
    decide_certificates(world.machine, world.at, [c.id for c in made], "test")
    states = sorted(
        (line.state, line.slot) for line in SubsidyLine.objects.filter(person=person, scheme="certificate_subsidy")
    )
    assert states == [("refused", None), ("to_confirm", 1), ("to_confirm", 2), ("to_confirm", 3)]
    refused = SubsidyLine.objects.get(person=person, state="refused", scheme="certificate_subsidy")
    assert refused.reasons == ["yearly_cap"]


def test_a_lower_level_after_a_higher_one_is_refused(world: World) -> None:
    world.pool()
    person = world.person()
    higher = world.certificate(person, level="3")
    decide_certificates(world.machine, world.at, [higher.id], "test")
    lower = world.certificate(person, level="5", received_at=world.at.replace(hour=10))
    decide_certificates(world.machine, world.at, [lower.id], "test")
    assert line_of(lower).reasons == ["no_higher_level_taken"]


@pytest.mark.parametrize(
    ("taught", "answer"),
    [
        ({}, "yes"),
        ({"training_subject": "6-18-01-01", "training_title": "车工"}, "no"),
        ({"training_subject": "", "training_title": ""}, "unknown"),
        ({"training_edition": "2015"}, "unknown"),
        ({"trade": "维修电工"}, "yes"),
    ],
)
def test_what_was_taught_is_what_the_record_says_and_never_what_the_certificate_says(
    world: World, taught: dict[str, str], answer: str
) -> None:
    world.pool()
    certificate = world.certificate(**taught)
    decide_certificates(world.machine, world.at, [certificate.id], "test")
    line = line_of(certificate)
    decision = Decision.objects.get(id=line.decision_id)
    known = certificate.training_subject if certificate.training_edition == "2022" else ""
    assert decision.facts["occupation_key"] == "6-31-01-03"
    assert decision.facts["training_occupation_key"] == (known or None)
    assert (decision.answers["same_occupation_trained"], line.outcome) == (answer, answer)


def test_a_provider_is_asked_for_its_title_to_teach_what_it_taught(world: World) -> None:
    world.pool()
    TitleScope.objects.filter(title__organisation=world.provider).update(subject="6-18-01-01")
    other = world.certificate(training_subject="6-18-01-01", training_title="车工")
    same = world.certificate()
    untold = world.certificate(training_subject="", training_title="")
    decide_certificates(world.machine, world.at, [other.id, same.id, untold.id], "test")
    answers = [Decision.objects.get(id=line_of(one).decision_id).answers for one in (other, same, untold)]
    assert [one["provider_titled"] for one in answers] == ["yes", "no", "unknown"]


def test_an_uncovered_register_is_unknown_and_is_decided_again_when_it_comes(world: World) -> None:
    world.pool()
    certificate = world.certificate()
    for load in type(world.load_of("public_staff")).objects.filter(register_id="public_staff"):
        load.state = "withdrawn"
        load.save(update_fields=["state"])
    decide_certificates(world.machine, world.at, [certificate.id], "test")
    line = line_of(certificate)
    assert (line.state, line.waits_for) == ("waiting", ["财政供养人员库"])
    world.cover("public_staff")
    decide_certificates(world.machine, world.at, [certificate.id], "register")
    line.refresh_from_db()
    assert line.state == "to_confirm"
    assert line.decisions.count() == 2


def test_a_short_pool_makes_a_queue_that_nobody_overtakes(world: World) -> None:
    world.pool(yuan=3000)
    made = [world.certificate(level="3"), world.certificate(level="3"), world.certificate(level="5")]
    for certificate in made:
        decide_certificates(world.machine, world.at, [certificate.id], "test")
    assert [line_of(c).state for c in made].count("to_confirm") == 1
    assert line_of(made[2]).state == "queued"


def test_history_counts(world: World) -> None:
    world.pool()
    person = world.person()
    world.spell(person, "pension_employee", world.region, start=date(2025, 1, 1))
    certificate = world.certificate(person)
    decide_certificates(world.machine, world.at, [certificate.id], "test")
    assert line_of(certificate).state == "refused"
    assert "employee_pension" in " ".join(line_of(certificate).reasons) or line_of(certificate).reasons


def again(world: World) -> list:
    """What the main line decides again now; afterwards nothing is left to decide."""
    found = certificates_to_decide_again(100)
    decide_certificates(world.machine, world.at, found, "again")
    assert certificates_to_decide_again(100) == []
    return found


def test_what_stood_in_the_way_and_ended_unpaid_is_answered_again(world: World) -> None:
    """Issue 3, 8.8: the level rule is answered again when the higher line ends unpaid; so are the counts."""
    world.pool()
    person = world.person()
    higher = world.certificate(person, level="3")
    decide_certificates(world.machine, world.at, [higher.id], "test")
    lower = world.certificate(person, level="5", received_at=world.at.replace(hour=10))
    decide_certificates(world.machine, world.at, [lower.id], "test")
    assert line_of(lower).state == "refused"
    assert again(world) == []
    decline_line(Actor("本人", person_id=person.id), world.at, line_of(higher).id)
    world.see_all()
    assert again(world) == [lower.id]
    assert line_of(lower).state == "to_confirm"


def test_a_history_that_was_withdrawn_refuses_nobody_any_more(world: World) -> None:
    world.pool()
    person = world.person()
    (wrong,) = world.cover("earlier_certificate_subsidy")
    for n in range(3):
        EarlierSubsidy.objects.create(
            person=person, scheme="certificate_subsidy", subject=f"4-10-01-0{n}", level_rank=1, count_year=2026,
            amount_fen=1, paid_on=date(2026, 1, 5), payee="employer", load=wrong,
        )  # fmt: skip
    certificate, other = world.certificate(person), world.certificate()
    decide_certificates(world.machine, world.at, [certificate.id, other.id], "test")
    assert line_of(certificate).reasons == ["yearly_cap"]
    type(wrong).objects.filter(id=wrong.id).update(state="withdrawn")
    assert again(world) == [certificate.id]
    assert line_of(certificate).state == "to_confirm"


@pytest.mark.parametrize(
    ("until", "lag", "complete"),
    [("2026-03-01", 92, True), ("2026-02-28", 92, False), ("2026-05-31", 0, False), ("2026-06-01", 0, True),
     ("2026-12-31", None, True), ("2026-06-01", None, False)],
)  # fmt: skip
def test_the_running_year_is_complete_where_the_histories_are_fresh(until: str, lag: int, complete: bool) -> None:
    """Issue 3, 8.3; P2: what an old file does not show is not known."""
    loads = [
        (register, date(2020, 1, 1), date.fromisoformat(until))
        for register in ("earlier_certificate_subsidy", "earlier_skill_uplift")
    ]
    assert Coverage(loads, lag).year(2026, date(2026, 6, 1)) is complete
