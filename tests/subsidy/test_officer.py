"""What only officers answer: a student's major, ability past retirement age, the own request; then decided again."""

from datetime import date

import pytest

from jiangxin.ground.journal import JournalEntry
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.parties.models import Person
from jiangxin.parties.operations.persons import ConfirmedBeforehand, UnableNeedsReason
from jiangxin.subsidy.models import Decision, SubsidyLine
from jiangxin.subsidy.officer import OfficerAnswer
from jiangxin.subsidy.operations import officer
from jiangxin.subsidy.operations.confirm import may_accept_late
from jiangxin.subsidy.operations.decide import decide_certificates
from jiangxin.subsidy.operations.lines import OwnLine
from jiangxin.subsidy.queries.due import certificates_to_decide_again
from tests.factories.refused import refused
from tests.factories.steps import adopt, decided
from tests.factories.world import World

pytestmark = pytest.mark.django_db
SEEN = "学校出具的专业证明，已核对。"
# Issued on 2025-02-10, received on 2026-03-02: the window ended on 2026-02-10.
MISSED = {
    "issued_on": date(2025, 2, 10), "exam_on": date(2025, 1, 20), "training_first_on": date(2024, 12, 1),
    "training_last_on": date(2025, 1, 10),
}  # fmt: skip


@pytest.fixture
def world() -> World:
    made = World()
    made.pool()
    return made


def anew(world: World, line: SubsidyLine) -> SubsidyLine:
    """The line after the main line looked at what there is to decide again."""
    world.see_all()
    assert line.certificate_id in certificates_to_decide_again(10)
    decide_certificates(world.machine, world.at, [line.certificate_id], "有新的数据")
    return SubsidyLine.objects.get(id=line.id)


def answers(line: SubsidyLine) -> dict[str, str]:
    line.refresh_from_db()
    return Decision.objects.get(id=line.decision_id).answers


# ── a student's major (P7) ─────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def student(world: World) -> SubsidyLine:
    """A student of a county that does not leave students out."""
    adopt(world, "excludes_full_time_student", False, from_on=date(2025, 1, 1))
    person = world.person()
    world.spell(person, "full_time_student", world.region)
    (line,) = decided(world, world.certificate(person))
    assert (line.state, line.waits_for) == ("waiting", ["经办人员核定"])
    return line


@pytest.mark.parametrize(("related", "state"), [(True, "to_confirm"), (False, "refused")])
def test_two_officers_answer_for_a_students_major(
    world: World, student: SubsidyLine, related: bool, state: str
) -> None:
    maker, checker = world.staff["maker"], world.staff["checker"]
    entered = officer.enter_answer(maker, world.at, student.id, "major_related", related, world.at.date(), SEEN)
    world.see_all()
    student.refresh_from_db()
    assert (student.state, student.waits_for) == ("waiting", ["经办人员核定"])
    officer.confirm_answer(checker, world.at, entered.id)
    assert anew(world, student).state == state
    assert answers(student)["major_related"] == ("yes" if related else "no")
    kept = OfficerAnswer.objects.get()
    assert (kept.entered_by_id, kept.closed_by_id, kept.evidence) == (maker.account_id, checker.account_id, SEEN)
    settled = JournalEntry.objects.get(verb="settled_by_officer")
    assert settled.detail["cause"].startswith("证书与所学专业")


def test_a_wrong_no_is_answered_anew(world: World, student: SubsidyLine) -> None:
    for related in (False, True):
        line = SubsidyLine.objects.get(id=student.id)
        entered = officer.enter_answer(
            world.staff["maker"], world.at, line.id, "major_related", related, world.at.date(), SEEN
        )
        officer.confirm_answer(world.staff["checker"], world.at, entered.id)
        line = anew(world, line)
    assert line.state == "to_confirm"


def test_who_may_answer_and_how(world: World, student: SubsidyLine) -> None:
    maker, day = world.staff["maker"], world.at.date()
    assert not may_accept_late(maker, student)

    def enter(by=maker, question="major_related", on=day, seen=SEEN):
        return officer.enter_answer(by, world.at, student.id, question, True, on, seen)

    with refused(NotYourDuty):
        enter(world.staff["checker"])
    with refused(OwnLine):
        enter(world.as_person("maker", student.person))
    with refused(officer.NothingToAnswer):
        enter(question="requested")
    with refused(officer.AnswerNeedsEvidence):
        enter(seen=" 相关 ")
    with refused(officer.AnswerDayImpossible):
        enter(on=date(2026, 3, 3))
    entered = enter()
    with refused(officer.AnswerEntered):
        enter()
    with refused(officer.AnswerNeedsAnother):
        officer.confirm_answer(maker, world.at, entered.id)
    with refused(OwnLine):
        officer.confirm_answer(world.as_person("checker", student.person), world.at, entered.id)
    with refused(NotYourDuty):
        officer.confirm_answer(world.staff["releaser"], world.at, entered.id)
    with refused(NotYourDuty):
        officer.withdraw_answer(world.staff["releaser"], world.at, entered.id)
    with refused(NotFound):
        officer.confirm_answer(world.staff["checker"], world.at, new_id())
    officer.withdraw_answer(world.staff["checker"], world.at, entered.id)
    for deed in (officer.confirm_answer, officer.withdraw_answer):
        with refused(officer.AnswerIsClosed):
            deed(world.staff["checker"], world.at, entered.id)
    student.refresh_from_db()
    assert student.waits_for == ["经办人员核定"]


def test_a_line_that_went_on_takes_no_answer(world: World, student: SubsidyLine) -> None:
    entered = officer.enter_answer(
        world.staff["maker"], world.at, student.id, "major_related", True, world.at.date(), SEEN
    )
    SubsidyLine.objects.filter(id=student.id).update(state="shown")
    with refused(officer.NothingToAnswer):
        officer.confirm_answer(world.staff["checker"], world.at, entered.id)


# ── the person's own request (P6) ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("requested", "state"), [(date(2026, 2, 10), "to_confirm"), (date(2026, 2, 11), "refused")]
)
def test_an_own_request_within_the_window_counts(world: World, requested: date, state: str) -> None:
    (line,) = decided(world, world.certificate(**MISSED))
    assert (line.state, line.reasons) == ("refused", ["within_window"])
    entered = officer.enter_answer(
        world.staff["maker"], world.at, line.id, "requested", True, requested, "窗口受理登记本第 12 号。"
    )
    assert SubsidyLine.objects.get(id=line.id).requested_on is None
    officer.confirm_answer(world.staff["checker"], world.at, entered.id)
    line = anew(world, line)
    assert (line.state, line.requested_on) == (state, requested)
    assert Decision.objects.get(id=line.decision_id).facts["requested_on"] == requested.isoformat()


@pytest.mark.parametrize("day", [date(2025, 2, 9), date(2026, 3, 3)])
def test_a_request_lies_between_issue_and_today(world: World, day: date) -> None:
    (line,) = decided(world, world.certificate(**MISSED))
    with refused(officer.AnswerDayImpossible):
        officer.enter_answer(world.staff["maker"], world.at, line.id, "requested", True, day, SEEN)


# ── able and willing past retirement age (P8) ──────────────────────────────────────────────────────────────────────
@pytest.fixture
def old(world: World) -> SubsidyLine:
    (line,) = decided(world, world.certificate(world.person(born=date(1955, 5, 1))))
    assert (line.state, line.waits_for) == ("waiting", ["经办机构核实"])
    return line


def test_found_not_able_the_answer_is_no_until_found_anew(world: World, old: SubsidyLine) -> None:
    maker, day = world.staff["maker"], world.at.date()
    officer.answer_able(maker, world.at, old.id, day, False, "上门走访，本人卧床，无法就业。")
    assert anew(world, old).state == "refused"
    assert answers(old)["able_and_willing"] == "no"
    noted = JournalEntry.objects.get(verb="found_able_and_willing")
    assert (noted.detail["able"], noted.account_id) == (False, maker.account_id)
    officer.answer_able(maker, world.at, old.id, day, True)
    assert anew(world, old).state == "to_confirm"
    person = Person.objects.get(id=old.person_id)
    assert (person.able_and_willing, person.able_and_willing_on) == (True, day)


def test_who_finds_it_and_why(world: World, old: SubsidyLine) -> None:
    maker, day = world.staff["maker"], world.at.date()
    with refused(NotYourDuty):
        officer.answer_able(world.staff["checker"], world.at, old.id, day, True)
    with refused(OwnLine):
        officer.answer_able(world.as_person("maker", old.person), world.at, old.id, day, True)
    with refused(UnableNeedsReason):
        officer.answer_able(maker, world.at, old.id, day, False, "不行")
    with refused(ConfirmedBeforehand):
        officer.answer_able(maker, world.at, old.id, date(2026, 3, 3), True)
    (young,) = decided(world, world.certificate())
    with refused(officer.NothingToAnswer):
        officer.answer_able(maker, world.at, young.id, day, True)
