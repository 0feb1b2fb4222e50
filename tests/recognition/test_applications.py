"""An application's way: filled in, signed, granted on the spot by promise; or judged, proposed, decided, posted."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from jiangxin.ground.free_text import NumberInText
from jiangxin.ground.identity import unseal
from jiangxin.ground.refusal import ChangedMeanwhile, NotFound, NotYourDuty
from jiangxin.recognition.cases import Application, ApplicationMaterial, PromiseCheck, Review
from jiangxin.recognition.models import Title, TitleScope
from jiangxin.recognition.operations import applications as ops
from jiangxin.recognition.operations import decisions
from jiangxin.recognition.procedures import procedures
from jiangxin.recognition.queries import holds_title, may_act
from tests.factories.refused import refused
from tests.factories.steps import after
from tests.recognition.desk import CARER, DIRECTORY, FILING, LICENCE, PDF, WELDER, Town, elsewhere

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return Town()


def promised(code: str) -> list[str]:
    return [one.code for one in procedures()[code].promised]


def test_a_licence_is_granted_on_the_spot_by_promise(town: Town) -> None:
    made = town.licensed()
    assert (made.state, made.signed_by_id, made.decided_by_id) == ("granted", town.head.account_id, None)
    assert "逐条承诺" in made.signed_text
    title = Title.objects.get(application=made)
    assert (title.kind, title.region_id, title.from_on, title.until_on) == (
        "licence", 330421, date(2026, 3, 2), date(2029, 3, 1),
    )  # fmt: skip
    assert set(TitleScope.objects.filter(title=title).values_list("subject", "level")) == {
        tuple(WELDER), tuple(CARER),
    }  # fmt: skip
    checks = PromiseCheck.objects.filter(application=made)
    assert {(one.state, one.due_on) for one in checks} == {("due", date(2026, 5, 6))}
    assert {one.criterion for one in checks} == {"head", "teachers", "premises", "rules"}, "unverified ones bind nobody"
    assert holds_title(town.school.pk, "licence", *WELDER, date(2026, 3, 2)) is True
    assert may_act(town.school.pk, "licence", "4-10-01-05", "5", town.at) is True
    assert may_act(town.school.pk, "licence", *WELDER, town.later(2000)) is None


def test_the_papers_are_kept_sealed(town: Town) -> None:
    made = town.filled("school_licence", LICENCE)
    paper = ApplicationMaterial.objects.filter(application=made)[0]
    assert unseal(paper.content, ops.PLACE.format(paper.pk)) == PDF
    assert (paper.content_type, paper.size) == ("application/pdf", len(PDF))


def test_entry_into_the_directory_is_judged_posted_and_granted(town: Town) -> None:
    Title.objects.filter(organisation=town.school).update(until_on=date(2025, 12, 31))
    made = town.posted()
    assert (made.state, made.posted_until) == ("publicity", date(2026, 3, 9))
    assert decisions.grant_posted(town.machine, after(town.at, 5)) == 0
    over = after(town.at, 6)
    assert decisions.grant_posted(town.machine, over) == 1
    made.refresh_from_db()
    assert made.state == "granted"
    assert may_act(town.school.pk, "provider", *WELDER, over) is True
    assert decisions.grant_posted(town.machine, over) == 0


def test_what_the_body_may_do_and_when(town: Town) -> None:
    with refused(NotYourDuty):
        ops.begin_application(town.staff["training"], town.at, "school_licence")
    with refused(ops.ProcedureNotOpen):
        ops.begin_application(town.clerk, town.at, "star")
    made = town.filled("school_licence", LICENCE)
    with refused(ops.ApplicationUnderway):
        ops.begin_application(town.clerk, town.at, "school_licence")
    with refused(NotFound):
        ops.save_answers(town.assessing, town.at, made.pk, LICENCE)
    teacher = town.of_body("钱老师", "teacher")
    with refused(NotYourDuty):
        ops.save_answers(teacher, town.at, made.pk, LICENCE)
    with refused(ops.HeadMustSign):
        ops.submit_application(town.clerk, town.at, made.pk, promised("school_licence"), "")
    with refused(ops.PromiseNotWhole):
        ops.submit_application(town.head, town.at, made.pk, promised("school_licence")[1:], "")
    with refused(ops.PromiseChanged):
        ops.submit_application(town.head, town.at, made.pk, promised("school_licence"), "0" * 64)
    with refused(ops.MaterialUnknown):
        ops.add_material(town.clerk, town.at, made.pk, "photo", "a.pdf", PDF)
    with refused(ops.MaterialNotReadable):
        ops.add_material(town.clerk, town.at, made.pk, "fire", "a.exe", b"MZ")
    town.signed(made)
    with refused(ops.ApplicationNotOpen):
        ops.save_answers(town.clerk, town.at, made.pk, LICENCE)
    with refused(ops.ApplicationNotOpen):
        ops.withdraw_application(town.clerk, town.at, made.pk)
    with refused(NotFound):
        ops.withdraw_application(town.assessing, town.at, made.pk)


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("capacity", "200"),
        ("capacity", -1),
        ("programmes", [["9-99-99-99", ""]]),
        ("programmes", [["6-18-02-04", "9"]]),
        ("address", "x" * 401),
    ],
)
def test_an_answer_is_of_its_kind(town: Town, key: str, wrong: Any) -> None:
    made = ops.begin_application(town.clerk, town.at, "school_licence")
    with refused(ops.AnswerMalformed):
        ops.save_answers(town.clerk, town.at, made.pk, LICENCE | {key: wrong})


def test_words_hold_no_identity_number(town: Town) -> None:
    made = ops.begin_application(town.clerk, town.at, "school_licence")
    with refused(NumberInText):
        ops.save_answers(town.clerk, town.at, made.pk, LICENCE | {"head": "钱 330499199005010015"})


def test_what_is_lacking_and_what_is_not_met_is_named(town: Town) -> None:
    made = ops.begin_application(town.clerk, town.at, "school_licence")
    with refused(ops.ApplicationIncomplete):
        town.signed(made)
    ops.withdraw_application(town.clerk, town.at, made.pk)
    small = town.filled("school_licence", LICENCE | {"capacity": 199})
    with refused(ops.PromisedConditionsNotMet):
        town.signed(small)
    ops.save_answers(town.clerk, town.at, small.pk, LICENCE | {"full_time": 1})
    with refused(ops.PromisedConditionsNotMet):
        town.signed(Application.objects.get(pk=small.pk))
    ops.save_answers(town.clerk, town.at, small.pk, LICENCE)
    assert town.signed(Application.objects.get(pk=small.pk)).state == "granted"


def test_a_tutoring_institution_converts_once_it_has_stopped(town: Town) -> None:
    kept = {key: LICENCE[key] for key in ("address", "head", "capacity", "theory_area", "lease_years", "teachers")}
    answers = kept | {
        "full_time": 2, "programmes": [WELDER, CARER], "former_licence": "教民133042170000000号", "stopped": "running",
        "refunds": "settled", "former_ended_on": "2026-01-31",
    }  # fmt: skip
    made = town.filled("tutoring_conversion", answers)
    with refused(ops.PromisedConditionsNotMet):
        town.signed(made)
    ops.save_answers(town.clerk, town.at, made.pk, answers | {"stopped": "stopped"})
    assert town.signed(Application.objects.get(pk=made.pk)).state == "granted"
    assert holds_title(town.school.pk, "licence", *WELDER, date(2026, 3, 2)) is True


def test_a_title_that_must_come_first(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    known = procedures()
    wanting = known | {"provider_directory": replace(known["provider_directory"], needs_title="licence")}
    monkeypatch.setattr(ops, "procedures", lambda: wanting)
    made = town.filled("provider_directory", DIRECTORY)
    with refused(ops.TitleNeededFirst):
        town.signed(made)
    town.licensed()
    assert town.signed(made).state == "submitted"


def test_the_desk_returns_and_the_body_signs_again(town: Town) -> None:
    desk, made = town.staff["training"], town.signed(town.filled("provider_directory", DIRECTORY))
    assert (made.state, made.due_on) == ("submitted", date(2026, 3, 9))
    with refused(decisions.ReasonNeedsText):
        decisions.return_application(desk, town.at, made.pk, "缺")
    with refused(NotFound):
        decisions.accept_application(elsewhere(desk), town.at, made.pk)
    with refused(NotYourDuty):
        decisions.accept_application(town.staff["maker"], town.at, made.pk)
    decisions.return_application(desk, town.at, made.pk, "教师名册缺两人的资格")
    with refused(decisions.NotAtThisStep):
        decisions.accept_application(desk, town.at, made.pk)
    ops.save_answers(town.clerk, town.at, made.pk, DIRECTORY | {"teachers": 6})
    again = Application.objects.get(pk=made.pk)
    assert again.signed_at is None
    assert town.signed(again).state == "submitted"


def test_two_people_decide(town: Town) -> None:
    desk, leader = town.staff["training"], town.staff["leader"]
    made = town.signed(town.filled("provider_directory", DIRECTORY | {"full_time": 1}))
    decisions.accept_application(desk, town.at, made.pk)
    with refused(decisions.GrantNotFounded):
        decisions.propose_outcome(desk, town.at, made.pk, "grant", "材料齐全，实地看过")
    with refused(decisions.ReasonNeedsText):
        decisions.propose_outcome(desk, town.at, made.pk, "refuse", "")
    decisions.propose_outcome(desk, town.at, made.pk, "refuse", "专职教师不到四分之一")
    with refused(ChangedMeanwhile):
        decisions.decide_outcome(leader, town.at, made.pk, None)
    both = town.official("两岗", "leader")
    Application.objects.filter(pk=made.pk).update(proposed_by_id=both.account_id)
    with refused(decisions.OutcomeNeedsAnother):
        decisions.decide_outcome(both, town.at, made.pk, town.at)
    with refused(decisions.ReasonNeedsText):
        decisions.disagree_with_outcome(leader, town.at, made.pk, "不")
    back = decisions.disagree_with_outcome(leader, town.at, made.pk, "先让机构补正")
    assert (back.state, back.disagreed, back.proposed_by_id) == ("reviewing", "先让机构补正", None)
    decisions.propose_outcome(desk, town.at, made.pk, "refuse", "补正后仍不到四分之一")
    assert decisions.decide_outcome(leader, town.at, made.pk, town.at).state == "refused"


def test_a_posting_can_be_stopped(town: Town) -> None:
    made = town.posted()
    with refused(decisions.ReasonNeedsText):
        decisions.stop_publicity(town.staff["training"], town.at, made.pk, "")
    back = decisions.stop_publicity(town.staff["training"], town.at, made.pk, "有人反映场地是借的")
    assert (back.state, back.decided_by_id, back.posted_until) == ("reviewing", None, None)
    assert decisions.grant_posted(town.machine, after(town.at, 9)) == 0


def test_only_the_main_line_grants_what_was_posted(town: Town) -> None:
    town.posted()
    with refused(NotYourDuty):
        decisions.grant_posted(town.staff["leader"], after(town.at, 9))


def test_experts_judge_who_have_no_interest(town: Town) -> None:
    made = town.signed(town.filled("assessor_filing", FILING))
    assert made.region_id == 330400
    desk, leader = town.city("市培训", "training"), town.city("市领导", "leader")
    experts = [town.city(f"专家{n}", "training") for n in range(4)]
    decisions.accept_application(desk, town.at, made.pk)
    with refused(decisions.ExpertDoesNotFit):
        decisions.invite_reviewers(desk, town.at, made.pk, [leader.the_account])
    with refused(decisions.ReviewsMissing):
        decisions.propose_outcome(desk, town.at, made.pk, "grant", "专家一致同意")
    decisions.invite_reviewers(desk, town.at, made.pk, [one.the_account for one in experts])
    reviews = {one.reviewer_id: one.pk for one in Review.objects.all()}
    first, scores = reviews[experts[0].the_account], {"expert_site": 40, "expert_rules": 30}
    with refused(decisions.InterestNotDeclared):
        decisions.answer_review(experts[0], town.at, first, scores)
    with refused(decisions.ReviewNotYours):
        decisions.declare_interest(experts[1], town.at, first, False)
    with refused(decisions.ReasonNeedsText):
        decisions.declare_interest(experts[0], town.at, first, True)
    decisions.declare_interest(experts[0], town.at, first, True, "在这家机构兼课")
    with refused(decisions.ReviewNotYours):
        decisions.answer_review(experts[0], town.at, first, scores)
    for n, expert in enumerate(experts[1:]):
        decisions.declare_interest(expert, town.at, reviews[expert.the_account], False)
        with refused(decisions.ScoresNotWhole):
            decisions.answer_review(
                expert, town.at, reviews[expert.the_account], {"expert_site": 51, "expert_rules": 1}
            )
        given = scores if n else {"expert_site": 5, "expert_rules": 5}
        decisions.answer_review(expert, town.at, reviews[expert.the_account], given)
    with refused(decisions.GrantNotFounded):
        decisions.propose_outcome(desk, town.at, made.pk, "grant", "专家一致同意")
    decisions.propose_outcome(desk, town.at, made.pk, "refuse", "平均 50 分，不到 60 分")
    assert decisions.decide_outcome(leader, town.at, made.pk, town.at).state == "refused"
