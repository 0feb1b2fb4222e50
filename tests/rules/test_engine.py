"""The engine: it agrees with its plain twin, groups by version, answers alone as in a batch, and never by row order."""

import subprocess
import sys
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from jiangxin.rules import engine
from jiangxin.rules.facts import FactRecord
from jiangxin.rules.parameters import Law
from jiangxin.rules.rule import UNKNOWN_AMOUNT, Version, both, either
from jiangxin.rules.schemes import SCHEMES
from jiangxin.rules.schemes.certificate_facts import CertificateFacts
from jiangxin.rules.verdicts import Verdicts
from tests.rules import law_cases, plain_numpy

SUBSIDY = "certificate_subsidy"


@pytest.fixture(scope="module")
def demo() -> Law:
    return law_cases.laws()["demo"]


def everyone() -> CertificateFacts:
    return CertificateFacts.from_rows([case.facts for case in law_cases.cases()])


def same(one: Verdicts, other: Verdicts) -> bool:
    return all(one.row(i) == other.row(i) for i in range(len(one)))


def test_it_agrees_with_plain_numpy_on_twenty_thousand_rows(demo):
    facts = plain_numpy.population(20_000)
    verdicts = engine.evaluate(SUBSIDY, facts, demo)
    outcome, fen = plain_numpy.decide(facts)
    paid_elsewhere = facts.other_channel_paid_fen != 0
    assert (verdicts.outcome == outcome).all()
    assert (verdicts.amount_fen == fen)[~paid_elsewhere].all()
    assert min(np.bincount(outcome)) > 1_000


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_row_alone_is_answered_as_in_a_batch_and_in_any_order(demo, scheme):
    facts = everyone()
    together = engine.evaluate(scheme, facts, demo)
    for i in range(0, len(facts), 7):
        assert engine.evaluate(scheme, facts.take(np.array([i])), demo).row(0) == together.row(i)
    back = np.arange(len(facts))[::-1]
    reversed_ = engine.evaluate(scheme, facts.take(back), demo)
    assert all(reversed_.row(i) == together.row(int(back[i])) for i in range(len(facts)))


def test_the_same_facts_and_law_give_the_same_bytes(demo):
    facts = everyone()
    again = law_cases.laws()["demo"]
    assert again is not demo
    assert same(engine.evaluate(SUBSIDY, facts, demo), engine.evaluate(SUBSIDY, facts, again))


def test_outcome_is_no_before_unknown_before_yes(demo):
    verdicts = engine.evaluate(SUBSIDY, everyone(), demo)
    for i in range(len(verdicts)):
        answers = set(verdicts.answers_of(i).values())
        expected = "no" if "no" in answers else "unknown" if "unknown" in answers or not verdicts.in_force[i] else "yes"
        assert verdicts.row(i)["outcome"] == expected


def test_an_empty_batch_is_answered(demo):
    nobody = everyone().take(np.array([], dtype=int))
    verdicts = engine.evaluate(SUBSIDY, nobody, demo)
    assert len(verdicts) == 0
    assert len(engine.choose(verdicts, engine.evaluate("skill_uplift", nobody, demo), demo).taken) == 0


def test_before_the_first_version_every_row_is_unknown(demo):
    facts = replace(everyone(), issued_on=np.full(len(everyone()), np.datetime64("2016-12-31")))
    for scheme in SCHEMES:
        verdicts = engine.evaluate(scheme, facts, demo)
        assert (verdicts.outcome == 2).all()
        assert not verdicts.in_force.any()
        assert (verdicts.amount_fen == UNKNOWN_AMOUNT).all()
        assert not verdicts.takes_count.any()


def test_a_new_law_is_a_new_list_of_rules_and_the_old_stays(demo, monkeypatch):
    """From 2026 on the level rules are gone: certificates of 2025 are still answered by the old list, in one batch."""
    scheme = SCHEMES[SUBSIDY]
    old = scheme.versions[0]
    gone = ("not_taken_before", "no_higher_level_taken")
    new = Version(date(2026, 1, 1), tuple(rule for rule in old.rules if rule.code not in gone))
    monkeypatch.setitem(SCHEMES, SUBSIDY, replace(scheme, versions=(old, new)))
    base = {**law_cases.bases()["worker"], "same_level_taken": True}
    days = ("2025-12-31", "2026-01-01", "2016-12-31", "2025-12-31")
    facts = CertificateFacts.from_rows([{**base, "issued_on": day} for day in days])
    verdicts = engine.evaluate(SUBSIDY, facts, demo)
    assert [verdicts.row(i)["outcome"] for i in range(4)] == ["no", "yes", "unknown", "no"]
    place = verdicts.codes.index("not_taken_before")
    assert list(verdicts.answers[place]) == [0, 3, 3, 0]
    assert list(verdicts.in_force) == [True, True, False, True]
    assert verdicts.fund_of(1) == "employment_grant"
    assert "not_taken_before" not in {reason.code for reason in engine.explain(SUBSIDY, facts, 1, demo)}


def test_far_dates_and_foreign_regions_are_answered_with_the_rest(demo):
    base = law_cases.bases()["worker"]
    odd = [
        {**base, "issued_on": "9999-12-31", "received_on": "9999-12-31"},
        {**base, "class_filed_region": "110101", "training_region": "110101"},
        {**base, "born_on": "1000-01-01"},
        {**base, "class_filed_region": None},
        base,
    ]
    verdicts = engine.evaluate(SUBSIDY, CertificateFacts.from_rows(odd), demo)
    assert verdicts.row(1)["outcome"] == verdicts.row(3)["outcome"] == "unknown"
    assert verdicts.row(2)["answers"]["able_and_willing"] == "unknown"
    assert verdicts.row(4)["outcome"] == "yes"


def test_facts_of_another_scheme_and_an_unknown_scheme_crash(demo):
    with pytest.raises(TypeError):
        engine.evaluate(SUBSIDY, FactRecord(()), demo)
    with pytest.raises(KeyError):
        engine.evaluate("start_up", everyone(), demo)


def test_money_is_64_bit(demo):
    law = law_cases.laid_over(
        demo, law_cases.overlay({"330421/certificate_subsidy/amount": {"levels": {"any": {"3": 3 * 10**9}}}})
    )
    verdicts = engine.evaluate(SUBSIDY, CertificateFacts.from_rows([law_cases.bases()["worker"]]), law)
    assert verdicts.amount_fen.dtype == np.int64
    assert verdicts.amount_fen[0] == 3 * 10**9


def test_simulation_answers_with_other_numbers_and_leaves_the_law_alone(demo):
    facts = CertificateFacts.from_rows([{**law_cases.bases()["worker"], "count_received_year": 3}])
    simulated = law_cases.laid_over(demo, law_cases.overlay({"330421/common/yearly_cap": 4}))
    assert engine.evaluate(SUBSIDY, facts, simulated).row(0)["outcome"] == "yes"
    assert engine.evaluate(SUBSIDY, facts, demo).row(0)["outcome"] == "no"
    assert engine.evaluate(SUBSIDY, facts, simulated).law_digest != demo.digest


def test_answers_combine_with_no_first_and_what_does_not_apply_last():
    four = np.arange(4, dtype=np.int8)
    one, other = np.repeat(four, 4), np.tile(four, 4)
    assert both(one, other).tolist() == [0, 0, 0, 0, 0, 1, 2, 1, 0, 2, 2, 2, 0, 1, 2, 3]
    assert either(one, other).tolist() == [0, 1, 2, 0, 1, 1, 1, 1, 2, 1, 2, 2, 0, 1, 2, 3]


def test_the_rules_import_neither_django_nor_a_database_nor_the_rest_of_the_house():
    """In a fresh interpreter, so that nothing another test imported hides an import."""
    code = (
        "import sys, jiangxin.rules.engine, jiangxin.rules.wording\n"
        "mine = ('jiangxin.rules', 'jiangxin.ground')\n"
        "names = [n for n in sys.modules if n.split('.')[0] in ('django', 'psycopg')]\n"
        "names += [n for n in sys.modules if n.startswith('jiangxin.') and not n.startswith(mine)]\n"
        "names += [n for n in sys.modules if n.startswith('jiangxin.ground.') and n[16:] not in ('money', 'refusal')]\n"
        "print(*names, end='')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
