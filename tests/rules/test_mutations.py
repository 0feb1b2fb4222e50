"""Change any number of the law by one unit, or any of its days by one day, and some case fails.

Of the assumed numbers only the values are moved: their days are the demo's, not the law's.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from jiangxin.rules import vocabulary
from jiangxin.rules.filed import Number, Value
from jiangxin.rules.numbers import TRAINING_NUMBERS
from jiangxin.rules.parameters import Law
from tests.rules import law_cases

SWAPS = [
    tuple(options)
    for options in (
        vocabulary.COUNT_DATES,
        vocabulary.OFFICES,
        vocabulary.CHANNELS,
        vocabulary.CLASSES,
        vocabulary.SEXES,
        vocabulary.SILENCE_ACTIONS,
        vocabulary.DAY_KINDS,
    )
]
# read by other chapters: the look-ups alone guard them
ONLY_LOOKED_UP = (
    *TRAINING_NUMBERS,
    "notice_required",
    "notice_working_days",
    "objection_working_days",
    "measure_answer_working_days",
    "public_rate_least_persons",
    "review_working_days",
    "silence_action",
    "silence_days",
    "history_lag_days",
    "silence_day_kind",
    "silence_certified_only",
    "deferral_warning_days",
    "sample_share_percent",
    "settlement_call_percent",
    "settlement_call_attempts",
    "pass_mark",
    "occupation_classes",
    "leader_limit_fen",
    "account_changed_hold_days",
    "new_body_first_batches",
    "phone_shared_persons",
    "exam_theory_candidates_per_examiner",
    "exam_theory_examiners_min",
    "exam_practice_candidates_per_examiner",
    "exam_practice_examiners_min",
    "exam_review_examiners_min",
    "exam_theory_minutes_min",
    "exam_review_minutes_min",
    "exam_makeup_months",
    "exam_external_share_percent",
)


def neighbours(value: Any) -> Iterator[Any]:
    """Every value one unit away: each leaf of a table moved, each entry of a list dropped, the order turned round."""
    match value:
        case bool():
            yield not value
        case int():
            yield from (value - 1, value + 1)
        case str():
            yield from _other_words(value)
        case dict():
            for key, leaf in value.items():
                yield from ({**value, key: other} for other in neighbours(leaf))
        case list() if value and isinstance(value[0], str):
            yield from (value[:place] + value[place + 1 :] for place in range(len(value)))
        case list():
            for place, leaf in enumerate(value):
                yield from ([*value[:place], other, *value[place + 1 :]] for other in neighbours(leaf))


def _other_words(word: str) -> Iterator[str]:
    if len(word) == 7 and word[4] == "-":
        months = int(word[:4]) * 12 + int(word[5:]) - 1
        yield from (f"{month // 12}-{month % 12 + 1:02d}" for month in (months - 1, months + 1))
    for options in SWAPS:
        yield from (other for other in options if word in options and other != word)


def moved_days(dated: Value) -> Iterator[Value]:
    for name in ("from_on", "until", "last_seen"):
        day: date | None = getattr(dated, name)
        if day:
            yield from (replace(dated, **{name: day + timedelta(days=by)}) for by in (-1, 1))


def mutants(number: Number) -> Iterator[tuple[Value, Value]]:
    """(value as filed, value as changed) for everything in the number."""
    for dated in number.values:
        yield from ((dated, replace(dated, value=other)) for other in neighbours(dated.value))
        if number.number in ("scheme_order", "fund_order") and len(dated.value) > 1:
            yield dated, replace(dated, value=dated.value[::-1])
        if dated.certainty != "assumed":
            yield from ((dated, changed) for changed in moved_days(dated))


def with_change(law: Law, key: tuple[str, str, str], filed: Value, changed: Value) -> Law:
    number = law.numbers[key]
    values = tuple(changed if value == filed else value for value in number.values)
    return Law({**law.numbers, key: replace(number, values=values)}.values(), law.accept_unverified)


def overlap(number: Number, filed: Value, changed: Value) -> bool:
    """Whether the change is one that loading refuses."""
    later = [value.from_on for value in number.values if value.from_on > filed.from_on]
    return bool(later and changed.last_on and changed.last_on >= min(later))


@pytest.fixture(scope="module")
def laws():
    return law_cases.laws()


def _felt_by_decisions(laws: dict[str, Law]) -> bool:
    return next(law_cases.failures(laws), None) is not None


def _said(dated: Value) -> str:
    return f"{dated.from_on} {dated.until} {dated.last_seen} {dated.value}"


@pytest.mark.slow
def test_every_number_moved_by_one_unit_breaks_a_case(laws):
    unfelt, tried = [], 0
    for key, number in laws["demo"].numbers.items():
        decides = number.number not in ONLY_LOOKED_UP
        for filed, changed in mutants(number):
            if overlap(number, filed, changed):
                continue
            tried += 1
            moved = {name: with_change(law, key, filed, changed) for name, law in laws.items() if key in law.numbers}
            if decides and _felt_by_decisions(moved):
                continue
            if next(law_cases.lookup_failures(moved["demo"]), None) is None:
                unfelt.append(f"{'/'.join(key)} {_said(filed)} -> {_said(changed)}")
    assert tried > 400
    assert unfelt == []
