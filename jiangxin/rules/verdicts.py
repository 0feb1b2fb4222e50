"""What the engine answers for a batch."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from jiangxin.rules.facts import digest_of
from jiangxin.rules.rule import ANSWER_NAMES, Rule


@dataclass(frozen=True)
class Verdicts:
    """Answers and amounts of one scheme, one column per row of facts.

    `answers[rule, row]`: 0 no, 1 yes, 2 unknown, 3 not applicable. `outcome`: any no → 0, else any unknown → 2, else
    1. `amount_fen` is what a yes is worth (-1 unknown), whatever the outcome. `paying_region`: -1 unknown, 0 nowhere.
    `fund`: index into `fund_codes`, -1 unknown. `count_year`: 0 unknown. `takes_count`: a yes that is paid here and
    uses one of the yearly times. `paid_here`: 0 no (shown only), 1 yes, 2 unknown. `in_force`: whether rules of this
    scheme were in force on the row's law date `dated`; where not, the outcome is unknown.
    """

    scheme: str
    rules: tuple[Rule, ...]
    answers: np.ndarray
    outcome: np.ndarray
    amount_fen: np.ndarray
    count_year: np.ndarray
    takes_count: np.ndarray
    paying_region: np.ndarray
    fund: np.ndarray
    fund_codes: tuple[str, ...]
    paid_here: np.ndarray
    in_force: np.ndarray
    dated: np.ndarray
    law_digest: str

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(rule.code for rule in self.rules)

    def __len__(self) -> int:
        return len(self.outcome)

    def answers_of(self, row: int) -> dict[str, str]:
        """The trace of one row: rule code → no, yes, unknown, not_applicable."""
        return {rule.code: ANSWER_NAMES[self.answers[place, row]] for place, rule in enumerate(self.rules)}

    def fund_of(self, row: int) -> str | None:
        return self.fund_codes[self.fund[row]] if self.fund[row] >= 0 else None

    def row(self, row: int) -> dict[str, Any]:
        """One row in JSON values."""
        region, amount = int(self.paying_region[row]), int(self.amount_fen[row])
        return {
            "scheme": self.scheme,
            "outcome": ANSWER_NAMES[self.outcome[row]],
            "amount_fen": amount if amount >= 0 else None,
            "takes_count": bool(self.takes_count[row]),
            "count_year": int(self.count_year[row]) or None,
            "paying_region": f"{region:06d}" if region > 0 else None,
            "fund": self.fund_of(row),
            "paid_here": {0: False, 1: True, 2: None}[int(self.paid_here[row])],
            "in_force": bool(self.in_force[row]),
            "answers": self.answers_of(row),
            "law_digest": self.law_digest,
        }


def answer_digest(facts_digest: str, law_digest: str, outcome: str, amount_fen: int, answers: str) -> str:
    """What the law answered, bound to the facts and the law it rested on (M17); `answers` as canonical JSON.

    `verify` computes it again in the database, by other code (`subsidy_answer_digest`).
    """
    return digest_of(f"{facts_digest}|{law_digest}|{outcome}|{amount_fen}|{answers}")
