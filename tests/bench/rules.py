"""The engine against the same law straight down in numpy, equal results asserted elsewhere (tests/rules)."""

from statistics import median

from django.conf import settings

from jiangxin.rules.engine import evaluate
from jiangxin.rules.parameters import PUBLISHED, Law
from tests.bench.clock import seconds
from tests.rules import plain_numpy


def ratio(size: int) -> float:
    """Engine time over numpy time, median of interleaved rounds."""
    facts, law = plain_numpy.population(size), Law.load((PUBLISHED, settings.ASSUMED_LAW), True, True)
    rounds = []
    for _ in range(5):
        engine = seconds(lambda: evaluate("certificate_subsidy", facts, law))
        rounds.append(engine / seconds(lambda: plain_numpy.decide(facts)))
    return median(rounds)
