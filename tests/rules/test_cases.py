"""The law's cases, and what they must cover."""

from datetime import date

import pytest

from jiangxin.rules.filed import plain
from jiangxin.rules.schemes import SCHEMES
from tests.rules import law_cases


@pytest.fixture(scope="module")
def laws():
    return law_cases.laws()


def test_every_case_is_answered_as_the_law_says(laws):
    assert not list(law_cases.failures(laws))


def test_every_lookup_is_as_filed(laws):
    assert not list(law_cases.lookup_failures(laws["demo"]))


def test_there_are_enough_cases_and_each_has_a_name_of_its_own():
    names = [case.name for case in law_cases.cases()]
    assert len(names) >= 150
    assert len(names) == len(set(names))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_rule_has_a_case_it_alone_turns(laws, scheme):
    """A case whose outcome is decided by this one rule: the only no, or without any no the only unknown."""
    alone: set[str] = set()
    for (law_name, over), (members, facts) in law_cases.groups().items():
        verdicts = law_cases.engine.evaluate(scheme, facts, law_cases.laid_over(laws[law_name], over))
        for row in range(len(members)):
            answers = verdicts.answers_of(row)
            noes = [code for code, answer in answers.items() if answer == "no"]
            deciding = noes or [code for code, answer in answers.items() if answer == "unknown"]
            alone.update(deciding if len(deciding) == 1 else ())
    rules = {rule.code for version in SCHEMES[scheme].versions for rule in version.rules}
    assert rules - alone == set()


def test_the_published_law_of_the_tree_shows_a_source_for_every_value(laws):
    for number in laws["published"].numbers.values():
        assert number.unit
        assert number.checked_on <= date(2026, 12, 31)
        assert all(value.source.document for value in number.values), plain(number)
