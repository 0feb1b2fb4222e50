"""The law's cases: facts laid over a named base, under a named law, with the answers the law must give.

A file of `cases/` holds a list under `cases`. A case has

- `name`, `base` (of bases.yaml, default worker), `scheme` (default certificate_subsidy), `facts` laid over the base;
  `issued: DAY` or `trained: DAY` moves the whole story so that the certificate is issued, or training starts, then;
- `law`: demo (default; published and assumed numbers, unverified ones accepted) or published (nothing else);
- `over`: numbers laid over that law, as {330421/common/lifetime_cap: value} in force from 2017;
- what is expected: `outcome`, `amount_fen` (null = unknown), `answers` {rule: answer}, `takes_count`, `count_year`,
  `fund`, `paying_region`, `paid_here`; or `choice` {outcome, taken, not_taken, amount_fen, takes_count};
- or `each`: a list of further {facts, expected …} that make one case each, under the same name.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from jiangxin.rules import engine
from jiangxin.rules.numbers import NUMBERS
from jiangxin.rules.parameters import PUBLISHED, Entry, Law
from jiangxin.rules.rule import ANSWER_NAMES
from jiangxin.rules.schemes.certificate_facts import CertificateFacts
from jiangxin.rules.vocabulary import PERSON_SCHEMES, SCHEME_TITLES

HERE = Path(__file__).parent
ASSUMED = HERE.parents[1] / "jiangxin" / "synth" / "assumed" / "parameters"
# days from the start of training to each later event, when a case moves the story
STORY = {
    "training_first_on": 0,
    "training_last_on": 15,
    "exam_on": 27,
    "issued_on": 36,
    "received_on": 46,
    "decided_on": 56,
}
EXPECTED = ("outcome", "amount_fen", "takes_count", "count_year", "fund", "paying_region", "paid_here")


@dataclass(frozen=True)
class Case:
    name: str
    scheme: str
    law: str
    over: tuple[tuple[str, str], ...]
    facts: dict[str, Any]
    expected: dict[str, Any]
    answers: dict[str, str]
    choice: dict[str, Any]


def read_yaml(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)


@cache
def bases() -> dict[str, dict[str, Any]]:
    return read_yaml(HERE / "bases.yaml")


@cache
def cases() -> tuple[Case, ...]:
    files = sorted((HERE / "cases").glob("*.yaml"))
    return tuple(case for path in files for said in read_yaml(path).get("cases", []) for case in _spread(said))


@cache
def lookups() -> tuple[dict[str, Any], ...]:
    return tuple(read_yaml(HERE / "cases" / "lookups.yaml")["lookups"])


def _spread(said: Mapping[str, Any]) -> Iterator[Case]:
    variants = said.get("each") or [{}]
    for place, variant in enumerate(variants, 1):
        one = {**said, **variant, "facts": {**said.get("facts", {}), **variant.get("facts", {})}}
        one["answers"] = {**said.get("answers", {}), **variant.get("answers", {})}
        name = said["name"] if len(variants) == 1 else f"{said['name']} {place}"
        yield _case(name, one)


def _case(name: str, said: Mapping[str, Any]) -> Case:
    unknown = said.keys() - {*EXPECTED, "name", "base", "scheme", "law", "over", "facts", "answers", "choice", "each"}
    assert not unknown, f"{name}: {unknown}"
    return Case(
        name=name,
        scheme=said.get("scheme", PERSON_SCHEMES[0]),
        law=said.get("law", "demo"),
        over=overlay(said.get("over", {})),
        facts=_facts(name, bases()[said.get("base", "worker")], said["facts"]),
        expected={key: _word(said[key]) for key in EXPECTED if key in said},
        answers={rule: _word(answer) for rule, answer in said["answers"].items()},
        choice={key: _word(value) for key, value in said.get("choice", {}).items()},
    )


def overlay(over: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((key, json.dumps(value)) for key, value in over.items()))


def _word(value: Any) -> Any:
    """YAML reads yes and no as booleans; an expected answer is meant as the word."""
    return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


def _facts(name: str, base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    over = dict(over)
    start = None
    if "trained" in over:
        start = date.fromisoformat(str(over.pop("trained")))
    if "issued" in over:
        start = date.fromisoformat(str(over.pop("issued"))) - timedelta(days=STORY["issued_on"])
    story = {event: start + timedelta(days=days) for event, days in STORY.items()} if start else {}
    facts = {**base, **story, **over, "ref": name}
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in facts.items()}


def laws(over: Iterable[Mapping[str, Any]] = ()) -> dict[str, Law]:
    """The laws cases name, each with these numbers laid over where it has them."""
    published = Law.load()
    demo = Law.load((PUBLISHED, ASSUMED), allow_assumed=True, accept_unverified=True)
    return {"published": published.lay_over(over), "demo": demo.lay_over(over)}


def laid_over(law: Law, over: tuple[tuple[str, str], ...]) -> Law:
    return law.lay_over([_row(law, key, json.loads(value)) for key, value in over]) if over else law


def _row(law: Law, key: str, value: Any) -> dict[str, Any]:
    region, scheme, number = key.split("/")
    filed = law.numbers.get((region, scheme, number))
    starts = {"2017-01-01", *(dated.from_on.isoformat() for dated in filed.values)} if filed else {"2017-01-01"}
    dated = {"value": value, "source": {"document": "测试"}, "certainty": "found"}
    return {
        "region": region,
        "scheme": scheme,
        "number": number,
        "title": number,
        "unit": NUMBERS[number].unit,
        "checked_on": "2026-01-01",
        "values": [{"from": start, **dated} for start in starts],
    }


@cache
def groups() -> dict[tuple[str, tuple[tuple[str, str], ...]], tuple[tuple[Case, ...], CertificateFacts]]:
    """Cases under one law and the same overlay, with their facts as one batch."""
    gathered: dict[Any, list[Case]] = {}
    for case in cases():
        gathered.setdefault((case.law, case.over), []).append(case)
    return {
        key: (tuple(members), CertificateFacts.from_rows([case.facts for case in members]))
        for key, members in gathered.items()
    }


def failures(named: Mapping[str, Law]) -> Iterator[str]:
    """What differs from the expected, group by group, under the laws that are named."""
    for (law_name, over), (members, facts) in groups().items():
        if law_name in named:
            yield from failures_of(members, facts, laid_over(named[law_name], over))


def failures_of(members: tuple[Case, ...], facts: CertificateFacts, law: Law) -> Iterator[str]:
    verdicts = {scheme: engine.evaluate(scheme, facts, law) for scheme in SCHEME_TITLES}
    chosen = engine.choose(*(verdicts[scheme] for scheme in PERSON_SCHEMES), law)
    for row, case in enumerate(members):
        got = verdicts[case.scheme].row(row)
        yield from _differences(case, case.expected, {key: _word(got[key]) for key in EXPECTED})
        yield from _differences(case, case.answers, got["answers"])
        if case.choice:
            yield from _differences(case, case.choice, _choice_row(chosen, row))


def _choice_row(chosen: engine.Choice, row: int) -> dict[str, Any]:
    named = {0: chosen.schemes[0], 1: chosen.schemes[1], -1: None}
    return {
        "outcome": ANSWER_NAMES[chosen.outcome[row]],
        "taken": named[int(chosen.taken[row])],
        "not_taken": named[int(chosen.not_taken[row])],
        "amount_fen": int(chosen.amount_fen[row]),
        "takes_count": _word(bool(chosen.takes_count[row])),
    }


def _differences(case: Case, expected: Mapping[str, Any], got: Mapping[str, Any]) -> Iterator[str]:
    for key, value in expected.items():
        if got[key] != value:
            yield f"{case.name}: {key} is {got[key]!r}, not {value!r}"


def lookup_failures(law: Law) -> Iterator[str]:
    for look in lookups():
        for day, holds in _days_of(look):
            entry = law.find(*look["at"].split("/"), on=day)
            if _as_said(look, entry) != holds:
                yield f"{look['at']} on {day}: {entry.why.name} {entry.value!r}"


def _days_of(look: Mapping[str, Any]) -> Iterator[tuple[date, bool]]:
    """The days a look-up names, with whether what it says holds on them: not before `from`, not after `to`."""
    days = {name: date.fromisoformat(look[name]) for name in ("day", "from", "to") if name in look}
    yield from ((day, True) for day in days.values())
    if "from" in days:
        yield days["from"] - timedelta(days=1), False
    if "to" in days:
        yield days["to"] + timedelta(days=1), False


def _as_said(look: Mapping[str, Any], entry: Entry) -> bool:
    return (
        ("is" not in look or (entry.known and entry.value == look["is"]))
        and ("why" not in look or entry.why.name == look["why"])
        and ("certainty" not in look or (entry.dated is not None and entry.dated.certainty == look["certainty"]))
    )
