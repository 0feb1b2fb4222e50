"""The manifest of a planted demo: how many of each reason, wait and hold, so that what happens can be compared."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from jiangxin.synth.learners import Result
from jiangxin.synth.scenarios import PLAIN, SCENARIOS, Scenario


def expected(results: list[Result]) -> dict[str, Any]:
    """What the law will say of these certificates: by outcome, by rule that answers no or unknown, by hold.

    `after_extract` are those that wait for the fortnight of public staff, by what its extract will answer.
    """
    known = [scenario for result in results if (scenario := SCENARIOS.get(result.scenario))]
    waiting = [result for result in results if result.scenario == "staff_gap"]
    seconded = sum(result.citizen.seconded is not None for result in waiting)
    return {
        "certificates": len(results),
        "outcomes": dict(Counter(_outcome(result) for result in results)),
        "no": _by_rule(known, "no"),
        "unknown": _by_rule(known, "unknown"),
        "holds": dict(Counter(scenario.hold for scenario in known if scenario.hold)),
        "scenarios": {code: _scenario(code, results) for code in SCENARIOS if any(r.scenario == code for r in results)},
        "after_extract": {"yes": len(waiting) - seconded, "no": seconded},
    }


def _outcome(result: Result) -> str:
    return "yes" if result.scenario == PLAIN else SCENARIOS[result.scenario].outcome


def _by_rule(scenarios: Iterable[Scenario], outcome: str) -> dict[str, int]:
    return dict(Counter(rule for scenario in scenarios if scenario.outcome == outcome for rule in scenario.rules))


def _scenario(code: str, results: list[Result]) -> dict[str, Any]:
    scenario = SCENARIOS[code]
    numbers = [result.number for result in results if result.scenario == code]
    return {
        "words": scenario.words, "outcome": scenario.outcome, "rules": list(scenario.rules), "hold": scenario.hold,
        "certificates": numbers,
    }  # fmt: skip


def by_county(results: list[Result]) -> dict[int, dict[str, Any]]:
    """`expected` for each county."""
    counties = dict.fromkeys(result.course.county for result in results)
    return {county: expected([r for r in results if r.course.county == county]) for county in counties}


def counts_of(results: list[Result], of: Callable[[Result], str]) -> dict[str, int]:
    """How many certificates by something of theirs."""
    return dict(Counter(of(result) for result in results))
