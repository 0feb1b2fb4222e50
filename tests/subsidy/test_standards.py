"""A number of the law by a document: proposed, tried, confirmed by another; the day it begins divides the answers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from jiangxin.catalogue.models import GuidanceClass
from jiangxin.ground.clock import Clock, opening_of
from jiangxin.ground.jobs import Job
from jiangxin.ground.journal import JournalEntry
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.mainline import JOBS
from jiangxin.parties.models import Office
from jiangxin.rules.filed import LawMalformed
from jiangxin.rules.numbers import NUMBERS, PROCEDURE_NUMBERS
from jiangxin.subsidy import law as law_here
from jiangxin.subsidy.law import current_law
from jiangxin.subsidy.models import AdoptedStandard, Decision, SubsidyLine
from jiangxin.subsidy.operations import standards
from jiangxin.subsidy.operations.decide import decide_certificates
from jiangxin.subsidy.operations.standards import Document, confirm_standard, propose_standard, try_standard
from jiangxin.subsidy.queries.due import certificates_to_decide_again
from jiangxin.subsidy.simulation import Effect
from tests.factories.world import COUNTY, World

pytestmark = pytest.mark.django_db

FIRST = date(2026, 3, 2)
PAPER = Document(
    "嘉善县人社局、财政局", "关于调整补贴标准的通知", "善人社〔2026〕9号", FIRST, "https://example.gov.cn/9"
)
# What the document says, and what it pays for the demo county's scarce occupation (20 % more).
FEN, PAID = 234_500, 281_400
AMOUNTS = {"levels": {"any": {"5": FEN, "4": FEN, "3": FEN, "2": FEN, "1": FEN}}}


@pytest.fixture
def world() -> World:
    made = World()
    made.pool()
    return made


def proposed(world: World, value: Any = None, **more: Any) -> AdoptedStandard:
    given = {
        "region_id": COUNTY, "scheme": "certificate_subsidy", "number": "amount",
        "value": AMOUNTS if value is None else value, "from_on": FIRST, "document": PAPER,
    } | more  # fmt: skip
    return propose_standard(world.staff["budget"], world.at, **given)


def adopted(world: World, value: Any = None, **more: Any) -> AdoptedStandard:
    standard = proposed(world, value, **more)
    try_standard(world.machine, world.at, standard.id)
    return confirm_standard(world.staff["budget2"], world.at, standard.id)


def refused(why: type[Refusal], deed: Callable[[], object]) -> None:
    """The deed is refused, and standards and journal are as they were."""
    before = list(AdoptedStandard.objects.order_by("id").values()), JournalEntry.objects.count()
    with pytest.raises(why):
        deed()
    assert (list(AdoptedStandard.objects.order_by("id").values()), JournalEntry.objects.count()) == before


def answer(world: World, issued_on: date, level: str = "4") -> SubsidyLine:
    certificate = world.certificate(issued_on=issued_on, exam_on=issued_on - timedelta(days=8), level=level)
    decide_certificates(world.machine, world.at, [certificate.id], "test")
    return SubsidyLine.objects.get(certificate=certificate, scheme="certificate_subsidy")


def test_the_first_day_is_decided_by_the_new_number_and_the_day_before_by_the_old(world: World) -> None:
    world.at = opening_of(date(2026, 3, 20))
    Clock.objects.update(demo_at=world.at)
    first = date(2026, 3, 10)
    old = current_law().value(f"{COUNTY:06d}", "certificate_subsidy", "amount", first)
    adopted(world, from_on=first)
    day_before, on_the_day = answer(world, first - timedelta(days=1)), answer(world, first)
    assert (on_the_day.state, on_the_day.amount_fen) == ("to_confirm", PAID)
    assert day_before.state == "to_confirm"
    assert day_before.amount_fen == old["levels"]["manufacturing"]["4"] * 120 // 100 != PAID
    digests = set(Decision.objects.values_list("law_digest", flat=True))
    assert digests == {current_law().digest}


def test_a_proposal_is_no_law(world: World) -> None:
    before = current_law().digest
    standard = proposed(world)
    assert current_law().digest == before
    try_standard(world.machine, world.at, standard.id)
    assert current_law().digest == before
    confirm_standard(world.staff["budget2"], world.at, standard.id)
    law = current_law()
    assert law.digest != before
    assert current_law() is law
    entry = law.find(f"{COUNTY:06d}", "certificate_subsidy", "amount", FIRST)
    assert entry.value == AMOUNTS
    assert entry.dated is not None
    assert entry.dated.source.number == "善人社〔2026〕9号"
    assert entry.dated.source.document == "嘉善县人社局、财政局《关于调整补贴标准的通知》"
    verbs = JournalEntry.objects.filter(subject_id=standard.id).order_by("at", "id").values_list("verb", flat=True)
    assert set(verbs) == {"proposed_standard", "tried_standard", "confirmed_standard"}


@pytest.mark.parametrize(
    ("number", "value"),
    [
        ("scarce_uplift_percent", {"any": 20}),
        ("scarce_occupations", ["6-31-01-03"]),
        ("retirement_ages", None),
        ("over_age_admitted", True),
        ("silence_action", "wait"),
    ],
)
def test_every_shape_of_value_is_laid_over(world: World, number: str, value: Any) -> None:
    if number == "retirement_ages":
        refused(standards.SetByTheProvince, lambda: proposed(world, [{"sex": "male", "months": 720}], number=number,
                                                             scheme="common"))  # fmt: skip
        return
    adopted(world, value, number=number, scheme="common")
    assert current_law().value(f"{COUNTY:06d}", "common", number, FIRST) == value


def test_a_line_that_waits_is_decided_again(world: World) -> None:
    """A class that the amount table leaves out is unknown; the document that names it unlocks the line."""
    without = {"levels": {"social": {"4": FEN}}}
    adopted(world, without)
    waiting = answer(world, FIRST)
    assert waiting.state == "waiting"
    assert certificates_to_decide_again(10) == []
    world.at = opening_of(FIRST + timedelta(days=1))
    late = answer(world, FIRST + timedelta(days=1))
    adopted(world, AMOUNTS, from_on=FIRST + timedelta(days=1))
    again = certificates_to_decide_again(10)
    assert set(again) == {waiting.certificate_id, late.certificate_id}
    decide_certificates(world.machine, world.at, again, "新的标准")
    waiting.refresh_from_db()
    late.refresh_from_db()
    assert (waiting.state, late.state, late.amount_fen) == ("waiting", "to_confirm", PAID)


def test_the_next_document_ends_the_one_before(world: World) -> None:
    earlier = adopted(world)
    adopted(world, {"levels": {"any": {"4": 1}}}, from_on=date(2026, 6, 1))
    earlier.refresh_from_db()
    assert earlier.until_on == date(2026, 5, 31)
    law = current_law()
    assert law.value("330421", "certificate_subsidy", "amount", date(2026, 5, 31)) == AMOUNTS
    assert law.value("330421", "certificate_subsidy", "amount", date(2026, 6, 1)) == {"levels": {"any": {"4": 1}}}


def test_a_number_is_not_laid_under_a_later_one(world: World) -> None:
    adopted(world, from_on=date(2026, 6, 1))
    standard = proposed(world, from_on=date(2026, 4, 1))
    try_standard(world.machine, world.at, standard.id)
    confirm = confirm_standard
    refused(standards.LaterStandardStands, lambda: confirm(world.staff["budget2"], world.at, standard.id))
    adopted(world, from_on=date(2026, 4, 1), until_on=date(2026, 5, 31))
    same_day = proposed(world, from_on=date(2026, 6, 1))
    try_standard(world.machine, world.at, same_day.id)
    refused(standards.LaterStandardStands, lambda: confirm(world.staff["budget2"], world.at, same_day.id))


def test_the_database_keeps_one_number_a_day(world: World) -> None:
    one = adopted(world)
    two = proposed(world, from_on=date(2026, 6, 1))
    other = proposed(world, True, number="over_age_admitted", scheme="common", from_on=date(2026, 6, 1))
    with pytest.raises(IntegrityError, match="one_standard_per_day"), transaction.atomic():
        AdoptedStandard.objects.filter(id=two.id).update(
            state="confirmed", confirmed_by=one.confirmed_by, confirmed_at=world.at
        )
    AdoptedStandard.objects.filter(id=other.id).update(
        state="confirmed", confirmed_by=one.confirmed_by, confirmed_at=world.at
    )


@pytest.mark.parametrize(
    "change",
    [{"value": {}}, {"from_on": date(2027, 1, 1)}, {"document_number": "x"}, {"state": "proposed"},
     {"confirmed_at": None}],
)  # fmt: skip
def test_what_was_confirmed_stays(world: World, change: dict[str, Any]) -> None:
    standard = adopted(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        AdoptedStandard.objects.filter(id=standard.id).update(**change)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        AdoptedStandard.objects.filter(id=standard.id).delete()


def test_whoever_proposed_does_not_confirm(world: World) -> None:
    standard = proposed(world)
    refused(standards.StandardNotTried, lambda: confirm_standard(world.staff["budget2"], world.at, standard.id))
    try_standard(world.machine, world.at, standard.id)
    refused(standards.StandardNeedsAnother, lambda: confirm_standard(world.staff["budget"], world.at, standard.id))
    refused(NotYourDuty, lambda: confirm_standard(world.staff["leader"], world.at, standard.id))
    standard.refresh_from_db()
    assert not standards.may_confirm_standard(world.staff["budget"], standard)
    assert standards.may_confirm_standard(world.staff["budget2"], standard)
    with pytest.raises(IntegrityError, match="standard_needs_two_people"), transaction.atomic():
        AdoptedStandard.objects.filter(id=standard.id).update(
            state="confirmed", confirmed_by=standard.entered_by, confirmed_at=world.at
        )


def test_another_region_neither_proposes_nor_confirms(world: World) -> None:
    home = world.office
    world.office = Office.objects.get(region_id=330402)
    stranger = world.official("外县", "budget")
    world.office = home
    propose = propose_standard
    for actor in (stranger, world.staff["maker"]):
        refused(NotYourDuty, lambda actor=actor: propose(
            actor, world.at, COUNTY, "certificate_subsidy", "amount", AMOUNTS, FIRST, PAPER))  # fmt: skip
    standard = proposed(world)
    for deed in (confirm_standard, standards.withdraw_proposal, standards.ask_trial):
        refused(NotFound, lambda deed=deed: deed(stranger, world.at, standard.id))
    refused(NotYourDuty, lambda: standards.withdraw_proposal(world.staff["maker"], world.at, standard.id))
    refused(NotYourDuty, lambda: standards.ask_trial(world.staff["maker"], world.at, standard.id))
    refused(NotYourDuty, lambda: try_standard(world.staff["budget2"], world.at, standard.id))


def test_the_city_does_not_confirm_for_the_county(world: World) -> None:
    standard = proposed(world)
    try_standard(world.machine, world.at, standard.id)
    home, world.office = world.office, Office.objects.get(region_id=330400)
    city = world.official("市", "budget")
    world.office = home
    refused(NotYourDuty, lambda: confirm_standard(city, world.at, standard.id))


def test_a_zone_office_sets_no_standard(world: World) -> None:
    zone = Office.objects.create(region_id=COUNTY, kind="zone", name="开发区")
    home, world.office = world.office, zone
    actor = world.official("区", "budget")
    world.office = home
    refused(NotYourDuty, lambda: propose_standard(
        actor, world.at, COUNTY, "certificate_subsidy", "amount", AMOUNTS, FIRST, PAPER))  # fmt: skip


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"number": "wishes"}, standards.NumberNotDeclared),
        ({"scheme": "gifts"}, standards.NumberNotDeclared),
        ({"number": "silence_days", "value": 5}, standards.NumberNotDeclared),
        ({"number": "yearly_cap", "scheme": "common", "value": 2}, standards.SetByTheProvince),
        ({"value": {"levels": {"any": {"4": 1.5}}}}, standards.ValueDoesNotFit),
        ({"value": {"levels": {"any": {"9": 1}}}}, standards.ValueDoesNotFit),
        ({"value": "1500"}, standards.ValueDoesNotFit),
        ({"from_on": FIRST - timedelta(days=1)}, standards.EffectiveBeforePublished),
        ({"until_on": FIRST - timedelta(days=1)}, standards.EndsBeforeItBegins),
        ({"document": Document("", "通知", "1号", FIRST, "https://a.cn")}, standards.StandardNeedsDocument),
        ({"document": Document("局", "通知", " ", FIRST, "https://a.cn")}, standards.StandardNeedsDocument),
        ({"document": Document("局", "通知", "1号", FIRST, "a.cn")}, standards.StandardNeedsDocument),
        ({"document": Document("局", "通知", "1号", FIRST + timedelta(days=1), "https://a.cn"),
          "from_on": date(2026, 4, 1)}, standards.DocumentNotPublishedYet),
    ],
)  # fmt: skip
def test_what_no_document_could_say_is_refused(world: World, change: dict[str, Any], why: type[Refusal]) -> None:
    refused(why, lambda: proposed(world, **change))


OCCUPATIONS = ("6-31-01-03", "4-10-01-05", "6-18-01-01")


def of_one_person(world: World, levels: str = "54") -> list[SubsidyLine]:
    """A year of one person, decided: each occupation at each level, in turn."""
    person = world.person()
    made = [world.certificate(person, occupation=o, level=level) for o in OCCUPATIONS for level in levels]
    decide_certificates(world.machine, world.at, [c.id for c in made], "test")
    return list(SubsidyLine.objects.filter(person=person, scheme="certificate_subsidy").order_by("slot", "id"))


def by_the_province(world: World, number: str, value: Any, scheme: str) -> None:
    home, world.office = world.office, Office.objects.get(region_id=330000)
    for name in ("budget", "budget2"):
        world.staff[name] = world.official(f"省{name}", "budget")
    world.office = home
    first = date(2025, 12, 31)
    paper = replace(PAPER, published_on=first)
    adopted(world, value, region_id=330000, number=number, scheme=scheme, from_on=first, document=paper)


def test_more_than_three_a_year_only_by_a_document_that_the_line_names(world: World) -> None:
    """P9: a regional exception is a parameter with its document's number."""
    assert [line.slot for line in of_one_person(world)] == [1, 2, 3, None, None, None]
    by_the_province(world, "yearly_cap", 5, "common")
    lines = of_one_person(world)
    assert [line.slot for line in lines] == [1, 2, 3, 4, 5, None]
    assert {line.count_document for line in lines[:5]} == {f"{PAPER.issued_by}《{PAPER.title}》 {PAPER.number}"}


def test_a_subsidy_that_takes_no_count_is_paid_beyond_the_third_and_leaves_the_count_alone(world: World) -> None:
    by_the_province(world, "takes_count", False, "certificate_subsidy")
    lines = of_one_person(world)
    assert [(line.state, line.slot, line.count_year) for line in lines] == [("to_confirm", None, None)] * 6
    assert {line.count_cap for line in lines} == {0}


def test_a_proposal_that_the_files_contradict_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files have a value from a later day: one that runs beyond it would make two numbers a day (M18)."""
    row = {
        "region": f"{COUNTY:06d}", "scheme": "common", "number": "over_age_admitted", "title": "纳入", "unit": "是否",
        "checked_on": FIRST, "values": [{"from": date(2027, 1, 1), "value": True, "certainty": "found",
                                         "source": {"document": "x"}}],
    }  # fmt: skip
    later = law_here._filed(True).lay_over([row])
    monkeypatch.setattr(law_here, "_filed", lambda demo: later)
    law_here._laid_over.cache_clear()
    given = {"number": "over_age_admitted", "scheme": "common"}
    refused(LawMalformed, lambda: proposed(world, True, until_on=date(2027, 2, 1), **given))
    assert proposed(world, True, until_on=date(2026, 12, 31), **given)
    law_here._laid_over.cache_clear()


def test_what_is_settled_is_settled(world: World) -> None:
    standard = adopted(world)
    budget = world.staff["budget2"]
    for deed in (confirm_standard, standards.withdraw_proposal, standards.ask_trial):
        refused(standards.StandardSettled, lambda deed=deed: deed(budget, world.at, standard.id))
    gone = standards.withdraw_proposal(world.staff["budget"], world.at, proposed(world).id)
    assert gone.state == "withdrawn"
    refused(standards.StandardSettled, lambda: confirm_standard(budget, world.at, gone.id))


def test_a_trial_shows_persons_and_money_by_level_and_writes_no_decision(world: World) -> None:
    paid = [answer(world, date(2026, 2, 2)), answer(world, date(2026, 2, 2)), answer(world, date(2026, 2, 2), "3")]
    decisions, lines = Decision.objects.count(), list(SubsidyLine.objects.order_by("id").values())
    standard = proposed(world, {"levels": {"any": {"5": FEN, "4": FEN}}})
    standard = try_standard(world.machine, world.at, standard.id)
    effect = Effect.from_json(standard.effect)
    by_level = {change.level: change for change in effect.levels}
    assert (effect.certificates, effect.persons) == (3, 3)
    four, three = by_level["4"], by_level["3"]
    assert (four.persons, four.yes_before, four.yes_after) == (2, 2, 2)
    assert (four.fen_before, four.fen_after) == (paid[0].amount_fen + paid[1].amount_fen, 2 * PAID)
    assert (three.persons, three.yes_before, three.yes_after, three.unknown_after) == (1, 1, 0, 1)
    assert effect.total.fen_after == 2 * PAID
    assert effect.total.difference_fen == 2 * PAID - sum(line.amount_fen for line in paid)
    assert Decision.objects.count() == decisions
    assert list(SubsidyLine.objects.order_by("id").values()) == lines


def test_a_trial_of_the_same_number_touches_nobody(world: World) -> None:
    answer(world, date(2026, 2, 2))
    same = current_law().value("330421", "certificate_subsidy", "amount", FIRST)
    effect = try_standard(world.machine, world.at, proposed(world, same).id).effect
    assert Effect.from_json(effect).persons == 0


def test_a_trial_asks_the_new_class_map_but_keeps_what_the_catalogue_lists(world: World) -> None:
    answer(world, date(2026, 2, 2))
    map_ = {"6-31": "social"}
    given = {"number": "occupation_classes", "scheme": "common"}
    before = Effect.from_json(try_standard(world.machine, world.at, proposed(world, map_, **given).id).effect)
    assert before.persons == 1
    GuidanceClass.objects.create(
        region_id=330000, edition="2022", code="6-31-01-03", occupation_class="manufacturing",
        from_on=date(2026, 1, 1), document="x", entered_by_name="x",
    )  # fmt: skip
    after = Effect.from_json(try_standard(world.machine, world.at, proposed(world, map_, **given).id).effect)
    assert after.persons == 0


def test_older_decisions_are_left_out(world: World) -> None:
    answer(world, date(2026, 2, 2))
    world.at = opening_of(date(2027, 3, 3))
    Clock.objects.update(demo_at=world.at)
    assert Effect.from_json(try_standard(world.machine, world.at, proposed(world).id).effect).certificates == 0


def test_a_number_of_the_procedure_answers_no_rule(world: World) -> None:
    answer(world, date(2026, 2, 2))
    effect = try_standard(world.machine, world.at, proposed(world, 8, number="silence_days", scheme="common").id).effect
    assert Effect.from_json(effect).certificates == 0


def test_a_proposal_asks_for_its_trial(world: World) -> None:
    standard = proposed(world)
    job = Job.objects.get(kind="try_standard")
    assert job.args == {"standard": str(standard.id)}
    assert job.kind in JOBS
    standards.ask_trial(world.staff["budget2"], world.at, standard.id)
    assert Job.objects.filter(kind="try_standard").count() == 2


def test_what_is_offered_is_what_may_be_proposed() -> None:
    county, province = standards.offered_numbers(COUNTY), standards.offered_numbers(330000)
    assert set(county) < set(province)
    assert {number for _, number in province} == set(NUMBERS)
    assert not {number for _, number in county} & standards.PROVINCIAL
    assert all(scheme == "common" for scheme, number in province if number in PROCEDURE_NUMBERS)
