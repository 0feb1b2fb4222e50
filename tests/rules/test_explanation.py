"""Reasons: the law's exact words, what would change a no, what an unknown waits for, the numbers with their sources."""

import re

import pytest

from jiangxin.rules import engine
from jiangxin.rules.explanation import as_json
from jiangxin.rules.schemes import SCHEMES
from jiangxin.rules.schemes.certificate_facts import CertificateFacts
from tests.rules import law_cases

RULES = {rule.code: rule for scheme in SCHEMES.values() for version in scheme.versions for rule in version.rules}
FLIPS = law_cases.read_yaml(law_cases.HERE / "flips.yaml")
ARTICLES = law_cases.read_yaml(law_cases.HERE / "policy_articles.yaml")
CODE = re.compile(r"\{|\}|_|None|True|False")


@pytest.fixture(scope="module")
def demo():
    return law_cases.laws()["demo"]


def facts_of(base="worker", **over):
    return CertificateFacts.from_rows([{**law_cases.bases()[base], **over}])


def explained(law, scheme="certificate_subsidy", base="worker", **over):
    return {reason.code: reason for reason in engine.explain(scheme, facts_of(base, **over), 0, law)}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_a_quotation_is_exact_and_all_else_is_marked_as_paraphrase(rule):
    assert rule.words
    if rule.quoted:
        article = int(re.search(r"第(\d+)条", rule.article).group(1))
        assert rule.words in ARTICLES[article]


@pytest.mark.parametrize("code", FLIPS)
def test_changing_the_one_fact_turns_the_no_into_a_yes(demo, code):
    said = FLIPS[code]
    law = law_cases.laid_over(demo, law_cases.overlay(said.get("over", {})))
    scheme, base = said.get("scheme", "certificate_subsidy"), said.get("base", "worker")
    (fact,) = said["flip"]
    before = explained(law, scheme, base, **said["facts"])[code]
    assert (before.answer, before.turned_by) == ("no", before.turned_by or "")
    assert before.change
    assert before.turned_by in ("", fact)
    assert explained(law, scheme, base, **{**said["facts"], **said["flip"]})[code].answer == "yes"


def test_every_rule_that_says_no_has_a_flip_and_no_other_does():
    assert {code for code, rule in RULES.items() if rule.no} == set(FLIPS)
    for rule in RULES.values():
        assert bool(rule.no) == bool(rule.change)
        assert not rule.turned_by or rule.turned_by in CertificateFacts.columns()


def test_an_article_younger_than_the_certificate_refuses_nobody(demo):
    before = {"issued_on": "2022-04-28", "employee_pension": True}
    said = explained(demo, **before)["no_employee_pension"]
    assert (said.answer, said.change, said.turned_by) == ("unknown", "", "")
    assert said.sentence == "这一条自2022年4月29日起施行，核发在前的适用什么规定未查到。"
    assert said.waits_for == ("核发时的规定（由有权的人社部门登记）",)
    assert explained(demo, **{**before, "issued_on": "2022-04-29"})["no_employee_pension"].answer == "no"


def test_no_case_makes_a_rule_say_no_that_has_no_words_for_it(demo):
    for (_, over), (_, facts) in law_cases.groups().items():
        for scheme in SCHEMES:
            verdicts = engine.evaluate(scheme, facts, law_cases.laid_over(demo, over))
            for rule, answers in zip(verdicts.rules, verdicts.answers, strict=True):
                assert rule.no or not (answers == 0).any(), rule.code


def test_explanations_agree_with_the_evaluation_and_read_as_chinese(demo):
    for (_, over), (members, facts) in list(law_cases.groups().items())[:6]:
        law = law_cases.laid_over(demo, over)
        for scheme in SCHEMES:
            verdicts = engine.evaluate(scheme, facts, law)
            for row in range(0, len(members), 5):
                reasons = engine.explain(scheme, facts, row, law)
                if verdicts.in_force[row]:
                    assert {reason.code: reason.answer for reason in reasons} == verdicts.answers_of(row)
                for reason in reasons:
                    assert reason.sentence.endswith("。")
                    assert not CODE.search(reason.sentence + reason.change), reason.sentence


def test_an_unknown_names_the_register_that_would_answer_it(demo):
    reason = explained(demo, public_staff=None)["not_public_staff"]
    assert reason.answer == "unknown"
    assert reason.waits_for == ("机关事业单位在编人员（由财政供养人员库回答）",)
    assert explained(demo, training_recorded=False)["trained_before"].waits_for == (
        "有培训记录（由培训实名制台账回答）",
    )
    assert explained(demo, listed=False)["queryable"].waits_for == (
        "联网查询结果一致（由全国或省证书联网查询名单回答）",
    )


def test_every_unknown_of_the_cases_says_what_it_waits_for(demo):
    for (_, over), (members, facts) in law_cases.groups().items():
        law = law_cases.laid_over(demo, over)
        for row in range(len(members)):
            for scheme in SCHEMES:
                for reason in engine.explain(scheme, facts, row, law):
                    waits = reason.answer == "unknown"
                    assert bool(reason.waits_for and all(reason.waits_for)) == waits, (members[row].name, reason)


def test_a_number_that_is_unknown_says_why(demo):
    law = law_cases.laws()["published"]
    reason = explained(law, class_filed_region="330106", issued_on="2025-03-01")["standard_set"]
    (amount,) = [number for number in reason.numbers if number.name == "amount"]
    assert amount.why == "此后是否仍有效未查到"
    assert amount.document_number == "杭人社发〔2020〕43号"
    assert str(amount.last_on) == "2022-06-29"
    assert "《补贴标准》此后是否仍有效未查到" in reason.waits_for


def test_sentences_carry_the_concrete_facts_and_numbers(demo):
    reasons = explained(demo, received_on="2027-02-11", count_received_year=3)
    assert reasons["within_window"].sentence == "证书2026年2月10日核发，2027年2月11日才收到，已过2027年2月10日。"
    assert "2027年已享受 3 次，满 3 次" in reasons["yearly_cap"].sentence
    assert "2,000.00 元" in reasons["standard_set"].sentence
    assert reasons["standard_set"].mark == "原文"
    assert reasons["within_window"].mark == "转述"


def test_a_yes_says_which_of_two_it_is(demo):
    reasons = explained(demo)
    assert reasons["age_admitted"].sentence.endswith("您未到法定退休年龄。")
    assert reasons["other_channel_leaves_something"].sentence == "其他渠道没有为这本证书付过钱。"
    law = law_cases.laid_over(demo, law_cases.overlay(FLIPS["age_admitted"].get("over", {})))
    older = {**FLIPS["age_admitted"]["facts"], **FLIPS["age_admitted"]["flip"]}
    assert "或本地" not in explained(law, **older)["age_admitted"].sentence


def test_a_rule_names_its_own_numbers_and_not_those_that_led_to_the_region(demo):
    reasons = explained(demo)
    assert [number.name for number in reasons["within_window"].numbers] == ["claim_window_months"]
    assert [number.name for number in reasons["office_known"].numbers] == ["paying_office"]
    assert {number.name for number in reasons["fund_named"].numbers} == {"fund_order", "permitted_funds"}
    assert reasons["lifetime_cap"].numbers[0].title == "累计享受次数上限"


def test_names_replace_codes(demo):
    named = {
        reason.code: reason
        for reason in engine.explain("certificate_subsidy", facts_of(), 0, demo, {"330421": "嘉善县"})
    }
    assert named["office_known"].sentence == "由嘉善县的经办机构支付。"
    assert "嘉善县" in named["one_of_four_places"].sentence


@pytest.mark.parametrize(
    ("taught", "said", "change"),
    [
        ("6-18-01-01", "您培训的和考取的都是车工。", ""),
        (
            "6-18-02-04",
            "您培训的是焊工，考取的是车工，不是同一职业。",
            "另有车工培训记录的，由培训机构补报后再次核定。",
        ),
        (None, "培训的职业（未知）和证书的职业（车工）还没有对上。", ""),
    ],
)
def test_what_was_taught_and_what_is_certified_are_named_together(demo, taught, said, change):
    names = {"6-18-01-01": "车工", "6-18-02-04": "焊工"}
    facts = facts_of(training_occupation_key=taught)
    reasons = {reason.code: reason for reason in engine.explain("certificate_subsidy", facts, 0, demo, names)}
    reason = reasons["same_occupation_trained"]
    assert (reason.sentence, reason.change) == (said, change)
    assert reason.waits_for == (() if taught else ("培训职业（由培训实名制台账回答）",))


def test_a_certificate_older_than_the_rules_has_no_reasons(demo):
    assert engine.explain("certificate_subsidy", facts_of(issued_on="2016-12-31"), 0, demo) == []


def test_an_explanation_goes_to_json(demo):
    said = as_json(explained(demo)["within_window"])
    assert {number["name"]: number["from_on"] for number in said["numbers"]}["claim_window_months"] == "2024-08-01"
