"""Facts and law in, every rule answered and an amount out: in one pass over arrays, whatever the size of the batch."""

from typing import Any

import numpy as np

from jiangxin.rules.choice import Choice, choose
from jiangxin.rules.explanation import Explained, explain
from jiangxin.rules.facts import FactRecord, facts_digest
from jiangxin.rules.parameters import Law
from jiangxin.rules.rule import NO, NOT_APPLICABLE, UNKNOWN, UNKNOWN_AMOUNT, YES, Ask, Paid, Rule, Scheme, Version
from jiangxin.rules.schemes import SCHEMES
from jiangxin.rules.verdicts import Verdicts

__all__ = ["Choice", "Explained", "Verdicts", "choose", "evaluate", "explain", "facts_digest"]


def evaluate(scheme: str, facts: FactRecord, law: Law) -> Verdicts:
    """Every rule of the scheme answered for every row, by the version of the rules in force on the row's date.

    Raises KeyError for a scheme that does not exist and TypeError for facts of another scheme.
    """
    cause = SCHEMES[scheme]
    if not isinstance(facts, cause.facts):
        raise TypeError(f"{scheme} is decided on {cause.facts.__name__}, not on {type(facts).__name__}")
    version = _version_of_rows(cause, facts)
    if len(facts) and version[0] >= 0 and (version == version[0]).all():
        rules = cause.versions[version[0]].rules
        answers, paid = _answer(cause, rules, facts, law)
        return _verdicts(cause, rules, facts, answers, paid, np.ones(len(facts), dtype=bool), law)
    return _by_version(cause, facts, law, version)


def _version_of_rows(cause: Scheme, facts: FactRecord) -> np.ndarray:
    """Place of the version in force on each row's date; -1 before the first."""
    days = getattr(facts, cause.dated_on).view(np.int64)
    return np.searchsorted(cause.starts, days, side="right") - 1


def _answer(cause: Scheme, rules: tuple[Rule, ...], facts: FactRecord, law: Law) -> tuple[np.ndarray, Paid]:
    ask = Ask(cause.code, facts, law)
    answers = np.empty((len(rules), len(facts)), dtype=np.int8)
    dated = getattr(facts, cause.dated_on)
    for place, rule in enumerate(rules):
        answers[place] = rule.answer(ask)
        if rule.since:
            answers[place, rule.too_young(answers[place], dated)] = UNKNOWN
    return answers, cause.paid(ask)


def _by_version(cause: Scheme, facts: FactRecord, law: Law, version: np.ndarray) -> Verdicts:
    """Rows are grouped by version and each group is run once; a rule of another version does not apply to a row."""
    rules = _all_rules(cause.versions)
    rows = len(facts)
    answers = np.full((len(rules), rows), NOT_APPLICABLE, dtype=np.int8)
    paid = _nothing_paid(rows)
    for place, group in enumerate(cause.versions):
        members = np.flatnonzero(version == place)
        if len(members):
            own, own_paid = _answer(cause, group.rules, facts.take(members), law)
            places = np.array([rules.index(rule) for rule in group.rules])
            answers[np.ix_(places, members)] = own
            paid = _scattered(paid, own_paid, members)
    return _verdicts(cause, rules, facts, answers, paid, version >= 0, law)


def _all_rules(versions: tuple[Version, ...]) -> tuple[Rule, ...]:
    return tuple(dict.fromkeys(rule for version in versions for rule in version.rules))


def _nothing_paid(rows: int) -> Paid:
    return Paid(
        amount_fen=np.full(rows, UNKNOWN_AMOUNT, dtype=np.int64),
        region=np.full(rows, -1, dtype=np.int32),
        fund=np.full(rows, -1, dtype=np.int64),
        count_year=np.zeros(rows, dtype=np.int64),
        takes_count=np.zeros(rows, dtype=bool),
        here=np.full(rows, UNKNOWN, dtype=np.int8),
    )


def _scattered(whole: Paid, part: Paid, members: np.ndarray) -> Paid:
    columns: dict[str, Any] = {}
    for name, column in vars(whole).items():
        if isinstance(column, np.ndarray):
            column = column.copy()
            column[members] = getattr(part, name)
            columns[name] = column
    return Paid(**columns, fund_codes=part.fund_codes)


def _verdicts(
    cause: Scheme,
    rules: tuple[Rule, ...],
    facts: FactRecord,
    answers: np.ndarray,
    paid: Paid,
    in_force: np.ndarray,
    law: Law,
) -> Verdicts:
    unknown = (answers == UNKNOWN).any(axis=0) | ~in_force
    outcome = np.where((answers == NO).any(axis=0), NO, np.where(unknown, UNKNOWN, YES))
    return Verdicts(
        scheme=cause.code,
        rules=rules,
        answers=answers,
        outcome=outcome,
        amount_fen=paid.amount_fen,
        count_year=paid.count_year,
        takes_count=(outcome == YES) & paid.takes_count & (paid.here == YES),
        paying_region=paid.region,
        fund=paid.fund,
        fund_codes=paid.fund_codes,
        paid_here=paid.here,
        in_force=in_force,
        dated=getattr(facts, cause.dated_on),
        law_digest=law.digest,
    )
