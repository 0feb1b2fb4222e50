"""Every decision, decided once more from its frozen facts under the law of its day: the same to the fen (M17).

What earlier files or rules decided stands by its digests alone: those are no longer here to ask.
"""

import json
import uuid
from collections.abc import Iterator
from typing import Any

from jiangxin.rules.engine import evaluate
from jiangxin.rules.facts import FactsMalformed
from jiangxin.rules.parameters import Law
from jiangxin.rules.schemes import SCHEMES
from jiangxin.subsidy.law import laws_so_far

Row = tuple[Any, ...]
FIRST, MOST = uuid.UUID(int=0), 5000
DECIDED = f"""
SELECT d.id, d.facts::text, d.answers::text, d.outcome, d.amount_fen
  FROM subsidy_decision d JOIN subsidy_subsidy_line l ON l.id = d.line_id
 WHERE l.scheme = %s AND d.law_digest = %s AND d.id > %s ORDER BY d.id LIMIT {MOST}
"""


def unlike_their_replay(cursor: Any) -> tuple[int, int]:
    """(how many decisions were replayed, how many came out another way)."""
    replayed, wrong = 0, 0
    cursor.execute("SELECT DISTINCT law_digest FROM subsidy_decision")
    asked = {digest for (digest,) in cursor.fetchall()}
    for law in laws_so_far():
        if law.digest in asked:
            asked.discard(law.digest)
            for scheme in SCHEMES:
                for rows in _decided(cursor, scheme, law):
                    replayed += len(rows)
                    wrong += _differing(scheme, rows, law)
    return replayed, wrong


def _decided(cursor: Any, scheme: str, law: Law) -> Iterator[list[Row]]:
    """What was decided under a law, in parts by key."""
    last, full = FIRST, True
    while full:
        cursor.execute(DECIDED, [scheme, law.digest, last])
        rows = cursor.fetchall()
        if full := len(rows) == MOST:
            last = rows[-1][0]
        yield rows


def _differing(scheme: str, rows: list[Row], law: Law) -> int:
    """How many of these come out another way; facts that are no longer facts of the scheme do."""
    try:
        again = evaluate(scheme, SCHEMES[scheme].facts.from_rows([json.loads(row[1]) for row in rows]), law)
    except FactsMalformed:
        return 1 if len(rows) == 1 else sum(_differing(scheme, [row], law) for row in rows)
    return sum(not _same(row, again.row(at)) for at, row in enumerate(rows))


def _same(decided: Row, again: dict[str, Any]) -> bool:
    """The trace, and what came of it; a yes for which no pool was open waits, its sum known (NO_POOL)."""
    _, _, answers, outcome, fen = decided
    worth = again["amount_fen"] if again["outcome"] == "yes" else 0
    waits = outcome == "unknown" and again["outcome"] == "yes"
    return json.loads(answers) == again["answers"] and fen == worth and (outcome == again["outcome"] or waits)
