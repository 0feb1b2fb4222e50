"""What another law would have answered: past decisions answered anew on their frozen facts, nothing written (19.2).

Counts and levels taken stay as they were at each decision: an answer that turns does not turn the person's later ones.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple, Self
from uuid import UUID

import numpy as np

from jiangxin.ground.actor import PROVINCE
from jiangxin.ground.jobs import Progress
from jiangxin.ground.regions import regions_within
from jiangxin.ground.staging import rows_of
from jiangxin.rules.engine import choose, evaluate
from jiangxin.rules.parameters import Law
from jiangxin.rules.rule import UNKNOWN, YES
from jiangxin.rules.schemes import SCHEMES as LAWS
from jiangxin.rules.schemes.certificate_facts import occupation_class
from jiangxin.rules.vocabulary import KINDS, LEVELS, PERSON_SCHEMES
from jiangxin.subsidy.facts import BODY_OF_CLASS

CHUNK = 10_000
NOBODY = UUID(int=0)
DECIDED = """
WITH tried AS (
  SELECT DISTINCT certificate_id FROM subsidy_subsidy_line
   WHERE region_id = ANY(%(regions)s) AND decided_at >= %(since)s AND certificate_id > %(after)s
   ORDER BY certificate_id LIMIT %(chunk)s)
SELECT l.certificate_id, l.person_id, l.scheme, d.facts::text, coalesce(c.class_region_id, c.region_id), c.occupation,
       EXISTS (SELECT FROM catalogue_guidance_class g
                WHERE g.edition = c.edition AND g.code = c.occupation AND g.region_id = %(province)s
                  AND g.from_on <= c.issued_on AND (g.until_on IS NULL OR g.until_on >= c.issued_on))
  FROM tried s
  JOIN subsidy_subsidy_line l ON l.certificate_id = s.certificate_id
  JOIN subsidy_decision d ON d.id = l.decision_id
  JOIN assessment_certificate c ON c.id = l.certificate_id
 ORDER BY l.certificate_id, l.scheme
"""
COUNT = """
SELECT count(DISTINCT certificate_id) FROM subsidy_subsidy_line
 WHERE region_id = ANY(%(regions)s) AND decided_at >= %(since)s
"""


@dataclass
class Change:
    """One level, or kind of certificate without levels: whom it would touch, yes answers and their sum in fen.

    `persons` are those with any other answer or amount; the counts before and after are certificates.
    """

    level: str
    persons: int = 0
    yes_before: int = 0
    yes_after: int = 0
    unknown_before: int = 0
    unknown_after: int = 0
    fen_before: int = 0
    fen_after: int = 0

    @property
    def difference_fen(self) -> int:
        return self.fen_after - self.fen_before

    @property
    def moved_fen(self) -> int:
        return abs(self.difference_fen)


@dataclass
class Effect:
    """What a number would have changed among the decisions made since a day; `on` is the day it was tried."""

    on: str
    since: str
    certificates: int = 0
    persons: int = 0
    levels: list[Change] = field(default_factory=list)

    @property
    def total(self) -> Change:
        """All levels in one; a person touched at two levels counts once."""
        numbers = [vars(change) for change in self.levels]
        summed = {name: sum(one[name] for one in numbers) for name in vars(Change("")) if name != "level"}
        return Change(**({"level": ""} | summed | {"persons": self.persons}))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        return cls(**(kept | {"levels": [Change(**change) for change in kept["levels"]]}))


class _Tried(NamedTuple):
    """One certificate: whose, its facts under each of its schemes, where and for what its class is asked."""

    person: UUID
    schemes: tuple[str, ...]
    facts: tuple[dict[str, Any], ...]
    region: int
    occupation: str
    listed: bool


def try_on(
    before: Law, after: Law, region_id: int, since: datetime, on: date, progress: Progress | None = None
) -> Effect:
    """Answer all decisions made in a region since an instant under both laws. Needs the province in scope."""
    asked = {"regions": list(regions_within(region_id)), "since": since, "province": PROVINCE, "chunk": CHUNK}
    total = int(rows_of(COUNT, asked)[0][0]) if progress else 0
    effect = Effect(on.isoformat(), since.date().isoformat())
    levels: dict[str, Change] = {}
    touched: dict[str, set[UUID]] = defaultdict(set)
    for chunk in _chunks(asked):
        _compare(chunk, before, after, levels, touched)
        effect.certificates += len(chunk)
        if progress:
            progress(effect.certificates, total)
    for level, change in levels.items():
        change.persons = len(touched[level])
    effect.persons = len(set().union(*touched.values()))
    effect.levels = [levels[level] for level in (*LEVELS, *KINDS) if level in levels]
    return effect


def _chunks(asked: dict[str, Any]) -> Iterator[list[_Tried]]:
    after = NOBODY
    while rows := rows_of(DECIDED, asked | {"after": after}):
        both = (list(lines) for _, lines in groupby(rows, key=lambda row: row[0]))
        yield [
            _Tried(lines[0][1], tuple(x[2] for x in lines), tuple(json.loads(x[3]) for x in lines), *lines[0][4:])
            for lines in both
            if tuple(line[2] for line in lines) in (PERSON_SCHEMES, *BODY_OF_CLASS.values())
        ]
        after = rows[-1][0]


def _compare(
    tried: Sequence[_Tried], before: Law, after: Law, levels: dict[str, Change], touched: dict[str, set[UUID]]
) -> None:
    """Add one chunk to the table of changes."""
    old, new = _answers(tried, before), _answers(tried, after)
    differs = (old.outcome != new.outcome) | (old.fen != new.fen)
    changes = [levels.setdefault(level, Change(level)) for level in map(_level, tried)]
    for name, answers in (("before", old), ("after", new)):
        for what, column in (("yes", answers.outcome == YES), ("unknown", answers.outcome == UNKNOWN)):
            _add(changes, f"{what}_{name}", column)
        _add(changes, f"fen_{name}", answers.fen)
    for one, change, other in zip(tried, changes, differs.tolist(), strict=True):
        if other:
            touched[change.level].add(one.person)


def _level(one: _Tried) -> str:
    return str(one.facts[0]["level"] or one.facts[0]["cert_kind"])


def _add(changes: Sequence[Change], name: str, column: np.ndarray) -> None:
    for change, count in zip(changes, column.tolist(), strict=True):
        setattr(change, name, getattr(change, name) + count)


class _Answers(NamedTuple):
    """Outcome and fen of every certificate: what the scheme taken pays, 0 where none does."""

    outcome: np.ndarray
    fen: np.ndarray


def _answers(tried: Sequence[_Tried], law: Law) -> _Answers:
    outcome, fen = np.empty(len(tried), dtype=np.int8), np.zeros(len(tried), dtype=np.int64)
    for schemes in {one.schemes for one in tried}:
        members = [place for place, one in enumerate(tried) if one.schemes == schemes]
        rows = [tried[place] for place in members]
        verdicts = [
            evaluate(scheme, LAWS[scheme].facts.from_rows([_under(one, place, law) for one in rows]), law)
            for place, scheme in enumerate(schemes)
        ]
        taken = choose(verdicts[0], verdicts[1], law) if schemes == PERSON_SCHEMES else verdicts[0]
        outcome[members] = taken.outcome
        fen[members] = np.where(taken.outcome == YES, taken.amount_fen, 0)
    return _Answers(outcome, fen)


def _under(one: _Tried, place: int, law: Law) -> dict[str, Any]:
    """The frozen facts; the class of an occupation that the catalogue does not list is what this law's map says."""
    facts = one.facts[place]
    if one.listed:
        return facts
    issued_on = date.fromisoformat(facts["issued_on"])
    entry = law.find(f"{one.region:06d}", "common", "occupation_classes", issued_on)
    return facts | {"occupation_class": occupation_class(entry.value, one.occupation) if entry.known else None}
