"""What an approval page shows: the sheet whole, its sums by level, the lines to look at twice."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from jiangxin.ground.staging import rows_of
from jiangxin.rules.vocabulary import LEVELS
from jiangxin.subsidy.models import ApprovalSheet

STEPS = {"check": "复核", "lead": "审批", "lead2": "第二位审批"}
TWICE = """
SELECT l.id, concat_ws('；',
       CASE WHEN l.late_accepted THEN '结果迟报，经办同意' END,
       CASE WHEN (SELECT count(*) FROM subsidy_decision d WHERE d.line_id = l.id) > 1 THEN '重新核定过' END,
       CASE WHEN l.confirmed_how IN ('counter', 'telephone') THEN '由经办代本人确认' END,
       CASE WHEN EXISTS (SELECT FROM subsidy_objection o WHERE o.line_id = l.id) THEN '公示时有过异议' END,
       CASE WHEN EXISTS (SELECT FROM subsidy_hold h WHERE h.line_id = l.id) THEN '付款前核查过' END,
       CASE WHEN NOT a.first THEN '账户换过' END)
  FROM subsidy_subsidy_line l LEFT JOIN parties_payee_account a ON a.id = l.account_id WHERE l.id = ANY(%s)
"""
STRUCK = """
SELECT detail->>'cause', count(*) FROM ground_journal_entry j JOIN subsidy_subsidy_line l ON l.id = j.subject_id
 WHERE j.verb = 'struck' AND l.office_id = %s AND l.pool_id = %s GROUP BY 1 ORDER BY 2 DESC
"""


@dataclass(frozen=True)
class Part:
    """Heads and money of one level."""

    level: str
    heads: int
    fen: int


@dataclass(frozen=True)
class SheetLine:
    """A line of the sheet as signed; `twice` says why to look again, empty for most."""

    seq: int
    id: str
    name: str
    number: str
    title: str
    level: str
    certificate: str
    amount_fen: int
    twice: str


def sheets_in(regions: Collection[int], states: Collection[str]) -> list[ApprovalSheet]:
    """The sheets of these regions in these states, the oldest first; their contents are left out."""
    found = ApprovalSheet.objects.filter(region_id__in=list(regions), state__in=list(states))
    return list(found.select_related("office", "pool", "made_by").defer("content").order_by("made_at", "id"))


def sheet_lines(sheet: ApprovalSheet) -> list[SheetLine]:
    """Every line of a sheet in its order, with what makes it worth a second look."""
    twice = dict(rows_of(TWICE, [[row["line"] for row in sheet.content]]))
    said = {str(line): why or "" for line, why in twice.items()}
    return [_line(seq, row, said.get(row["line"], "")) for seq, row in enumerate(sheet.content, 1)]


def _line(seq: int, row: dict[str, Any], twice: str) -> SheetLine:
    level = LEVELS.get(row["level"], row["level"]) or "不分等级"
    return SheetLine(
        seq, row["line"], row["name"], row["number"], row["title"], level, row["certificate"], row["amount_fen"], twice
    )


def parts_of(lines: Collection[SheetLine]) -> list[Part]:
    """Heads and money by level, adding up to the sheet's."""
    heads: dict[str, int] = defaultdict(int)
    fen: dict[str, int] = defaultdict(int)
    for line in lines:
        heads[line.level] += 1
        fen[line.level] += line.amount_fen
    return [Part(level, heads[level], fen[level]) for level in sorted(heads)]


def struck_before(sheet: ApprovalSheet) -> list[tuple[str, int]]:
    """Lines of the same office and pool struck off so far, by cause."""
    return rows_of(STRUCK, [sheet.office_id, sheet.pool_id])
