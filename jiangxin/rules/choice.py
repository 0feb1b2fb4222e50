"""Two schemes for the same certificates: which one pays (P4, P10)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from jiangxin.rules.lookup import Grid, Places
from jiangxin.rules.parameters import Entry, Law
from jiangxin.rules.rule import NO, NOT_APPLICABLE, UNKNOWN, YES, spread
from jiangxin.rules.verdicts import Verdicts

NOBODY = -1


@dataclass(frozen=True)
class Choice:
    """Per row: `taken` and `not_taken` are 0 for the first scheme, 1 for the second, -1 for none.

    `outcome` is that of the certificate as a whole: yes when one is taken; no when every scheme paid here says no;
    unknown when the preferred one, or the order, is; not applicable when none is paid here (shown only). `not_taken`
    names the scheme paid here that also said yes. Amount, count, region and fund are those of the one taken.
    """

    schemes: tuple[str, str]
    taken: np.ndarray
    not_taken: np.ndarray
    outcome: np.ndarray
    amount_fen: np.ndarray
    takes_count: np.ndarray
    paying_region: np.ndarray
    fund: np.ndarray


def choose(first: Verdicts, second: Verdicts, law: Law) -> Choice:
    """The scheme that pays each row, by the order that the first one's paying region has on the row's law date.

    A scheme not paid here is shown only: never picked, no count. Waiting for an unknown preferred scheme outranks
    paying by the other, since each certificate is paid once.
    """
    states = [_state(verdicts) for verdicts in (first, second)]
    order = _order(first, second, law)
    preferred = np.where(order == 1, states[1], states[0])
    other = np.where(order == 1, states[0], states[1])
    # without an order two schemes that could both pay must wait; one alone needs none
    open_ = [(state == YES) | (state == UNKNOWN) for state in states]
    undecided = (order < 0) & open_[0] & open_[1]
    takes_preferred = (preferred == YES) & ~undecided
    takes_other = (other == YES) & ((preferred == NO) | (preferred == NOT_APPLICABLE))
    rank = np.where(order == 1, 1, 0)
    taken = np.where(takes_preferred, rank, np.where(takes_other, 1 - rank, NOBODY))
    both_yes = (states[0] == YES) & (states[1] == YES)
    waits = undecided | (preferred == UNKNOWN) | ((preferred != YES) & (other == UNKNOWN))
    shown_only = (states[0] == NOT_APPLICABLE) & (states[1] == NOT_APPLICABLE)
    refused = np.where(shown_only, NOT_APPLICABLE, np.where(waits, UNKNOWN, NO))
    return Choice(
        schemes=(first.scheme, second.scheme),
        taken=taken,
        not_taken=np.where(both_yes & (taken >= 0), 1 - taken, NOBODY),
        outcome=np.where(taken >= 0, YES, refused),
        amount_fen=_of_taken(taken, first.amount_fen, second.amount_fen, 0),
        takes_count=_of_taken(taken, first.takes_count, second.takes_count, False),
        paying_region=_of_taken(taken, first.paying_region, second.paying_region, -1),
        fund=_of_taken(taken, first.fund, second.fund, -1),
    )


def _state(verdicts: Verdicts) -> np.ndarray:
    """The outcome where the scheme is paid here; a no stays a no where that is unknown."""
    here = verdicts.paid_here
    if_unknown = np.where(verdicts.outcome == NO, NO, UNKNOWN)
    return np.where(here == NO, NOT_APPLICABLE, np.where(here == UNKNOWN, if_unknown, verdicts.outcome))


def _order(first: Verdicts, second: Verdicts, law: Law) -> np.ndarray:
    """0 = the first scheme is preferred, 1 = the second, -1 = no order known that names both."""
    found = Grid(law, Places(first.paying_region), first.dated).look(first.scheme, "scheme_order")
    return spread(found.each(_place_of(first.scheme, second.scheme), np.int8), len(first))


@cache
def _place_of(*schemes: str) -> Callable[[Entry], int]:
    def place(entry: Entry) -> int:
        ranked = [scheme for scheme in entry.value if scheme in schemes] if entry.known else []
        return schemes.index(ranked[0]) if len(ranked) == len(schemes) else NOBODY

    return place


def _of_taken(taken: np.ndarray, first: np.ndarray, second: np.ndarray, none: int | bool) -> np.ndarray:
    return np.where(taken == 0, first, np.where(taken == 1, second, none))
