"""What an approval page shows: the sheet whole, sums by level, who left the list and why, lines to look at twice."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.money import yuan
from jiangxin.ground.refusal import NotFound
from jiangxin.ground.staging import rows_of
from jiangxin.rules.vocabulary import FUNDS, KINDS, LEVELS
from jiangxin.subsidy.heirs import heir_words
from jiangxin.subsidy.law import number
from jiangxin.subsidy.models import HOLD_KINDS, LINE_STATES, SHEET_STATES, ApprovalSheet, SubsidyLine
from jiangxin.subsidy.operations.approvals import STEPS, compared_with, sits_right

OPEN = tuple(STEPS)
PAGE = 50
SIGNED_AS = {"check": "复核", "lead": "审批", "lead2": "第二位审批"}
LIST = """
SELECT s.id, o.name, s.year, s.number, p.year, p.fund, s.heads, s.total_fen, s.state, a.name, s.made_at,
       s.return_reason, s.second_leader,
       (SELECT array_agg(g.step || ' ' || b.name ORDER BY g.at, g.step) FROM subsidy_approval g
          JOIN parties_account b ON b.id = g.account_id WHERE g.sheet_id = s.id),
       s.made_by_id = %(account)s OR EXISTS (
         SELECT FROM subsidy_approval g WHERE g.sheet_id = s.id AND g.account_id = %(account)s),
       s.office_id, count(*) OVER ()
  FROM subsidy_approval_sheet s JOIN parties_office o ON o.id = s.office_id JOIN funds_pool p ON p.id = s.pool_id
  JOIN parties_account a ON a.id = s.made_by_id
 WHERE s.region_id = ANY(%(regions)s) AND s.state = ANY(%(states)s)
 ORDER BY s.state IN ('approved', 'returned'), CASE WHEN s.state NOT IN ('approved', 'returned') THEN s.made_at END,
       s.made_at DESC, s.id LIMIT %(limit)s OFFSET %(offset)s
"""
LINES = """
SELECT r.seq, r.line, r.name, r.title, r.level, c.kind, r.certificate, r.scheme, r.amount_fen, d.masked, a.bank, a.tail,
       e.relation, a.holder,
       (SELECT count(*) FROM jsonb_each_text(x.answers) w WHERE w.value = 'yes'),
       (SELECT count(*) FROM jsonb_each_text(x.answers) w WHERE w.value <> 'not_applicable'),
       l.late_accepted, c.late, (SELECT count(*) FROM subsidy_decision y WHERE y.line_id = l.id),
       EXISTS (SELECT FROM ground_journal_entry j WHERE j.subject_id = l.id AND j.verb = 'reopened'), l.confirmed_how,
       a.first, a.state = 'confirmed' AND a.since >= l.first_decided_at, a.since,
       EXISTS (SELECT FROM subsidy_objection b WHERE b.line_id = l.id),
       (SELECT array_agg(h.kind ORDER BY h.kind) FROM subsidy_hold h WHERE h.line_id = l.id)
  FROM subsidy_approval_sheet s
  CROSS JOIN LATERAL (
       SELECT seq, (e->>'line')::uuid AS line, e->>'name' AS name, e->>'title' AS title,
              e->>'level' AS level, e->>'certificate' AS certificate, e->>'scheme' AS scheme,
              (e->>'amount_fen')::bigint AS amount_fen, (e->>'account')::uuid AS account,
              (e->>'decision')::uuid AS decision
         FROM jsonb_array_elements(s.content) WITH ORDINALITY AS t (e, seq)) r
  JOIN subsidy_subsidy_line l ON l.id = r.line
  JOIN assessment_certificate c ON c.id = l.certificate_id
  LEFT JOIN subsidy_decision x ON x.id = r.decision
  LEFT JOIN parties_payee_account a ON a.id = r.account
  LEFT JOIN subsidy_heir_payee e ON e.line_id = l.id AND e.account_id = a.id AND e.state IN ('confirmed', 'replaced')
  LEFT JOIN LATERAL (
       SELECT masked FROM parties_person_document WHERE person_id = l.person_id ORDER BY id LIMIT 1) d ON true
 WHERE s.id = %s ORDER BY r.seq
"""
# Lines that stood in the same notices and are not in this sheet: why not.
LEFT_OUT = """
WITH mine AS (SELECT (e->>'line')::uuid AS id FROM subsidy_approval_sheet s, jsonb_array_elements(s.content) e
               WHERE s.id = %(sheet)s),
     posted AS (SELECT DISTINCT x.line_id AS id FROM subsidy_notice_line x WHERE x.notice_id IN (
       SELECT notice_id FROM subsidy_notice_line WHERE line_id IN (SELECT id FROM mine)))
SELECT l.state, CASE WHEN l.state = 'struck' THEN (
         SELECT j.detail->>'cause' FROM ground_journal_entry j WHERE j.subject_id = l.id AND j.verb = 'struck'
          ORDER BY j.at DESC LIMIT 1) END,
       l.sheet_id IS NOT NULL, count(*)
  FROM posted p JOIN subsidy_subsidy_line l ON l.id = p.id
 WHERE p.id NOT IN (SELECT id FROM mine) GROUP BY 1, 2, 3 ORDER BY 4 DESC
"""
NOTICES = """
SELECT n.id, n.year, n.number, n.posted_at, n.ends_on, n.state, count(DISTINCT x.line_id), count(o.id),
       count(o.id) FILTER (WHERE o.state = 'upheld'), count(o.id) FILTER (WHERE o.state = 'open')
  FROM subsidy_notice n JOIN subsidy_notice_line x ON x.notice_id = n.id
  LEFT JOIN subsidy_objection o ON o.notice_id = n.id AND o.line_id = x.line_id
 WHERE n.id IN (SELECT y.notice_id FROM subsidy_notice_line y, subsidy_approval_sheet s,
                       jsonb_array_elements(s.content) e WHERE s.id = %s AND y.line_id = (e->>'line')::uuid)
 GROUP BY n.id ORDER BY n.posted_at
"""


@dataclass(frozen=True)
class SheetRow:
    """A sheet in the list, with the signatures so far as (step, name); `mine` when the next is this actor's to give."""

    id: UUID
    office: str
    year: int
    number: int
    pool_year: int
    fund: str
    heads: int
    total_fen: int
    state: str
    made_by: str
    made_at: datetime
    return_reason: str
    second_leader: bool
    signatures: list[tuple[str, str]]
    mine: bool

    @property
    def state_words(self) -> str:
        return SHEET_STATES.words[self.state]

    @property
    def fund_name(self) -> str:
        return FUNDS[self.fund]


@dataclass(frozen=True)
class SheetList:
    """One page of sheets, how many there are, and how many in each state in all."""

    rows: list[SheetRow]
    total: int
    counts: dict[str, int]


def sheets_of(actor: Actor, states: Collection[str], page: int = 1) -> SheetList:
    """The sheets in the actor's scope in these states: open ones first, the longest waiting on top, then the newest."""
    asked = {
        "account": actor.account_id, "regions": list(actor.regions), "states": list(states), "limit": PAGE,
        "offset": PAGE * (page - 1),
    }  # fmt: skip
    rows = rows_of(LIST, asked)
    counts = rows_of(
        "SELECT state, count(*) FROM subsidy_approval_sheet WHERE region_id = ANY(%s) GROUP BY state",
        [list(actor.regions)],
    )
    return SheetList([_sheet_row(actor, row) for row in rows], rows[0][-1] if rows else 0, dict(counts))


def _sheet_row(actor: Actor, row: tuple[Any, ...]) -> SheetRow:
    *told, signed, had_a_hand, office_id, _ = row
    signatures = [(SIGNED_AS[step], name) for step, _, name in (one.partition(" ") for one in signed or ())]
    turn = STEPS.get(told[8])
    mine = turn is not None and actor.has(turn[1]) and not had_a_hand and sits_right(actor, told[8], office_id)
    return SheetRow(*(*told, signatures, mine))


def sheet_of(actor: Actor, sheet_id: UUID) -> ApprovalSheet:
    """One sheet in the actor's scope. Raises NotFound."""
    found = ApprovalSheet.objects.select_related("office", "pool", "made_by")
    sheet = found.filter(id=sheet_id, region_id__in=actor.regions).first()
    if sheet is None:
        raise NotFound()
    return sheet


@dataclass(frozen=True)
class SheetLine:
    """A line of the sheet as signed; `looks` are (short word, why) to look at it twice, empty for most."""

    seq: int
    line_id: UUID
    name: str
    title: str
    level: str
    certificate: str
    scheme: str
    amount_fen: int
    document: str
    bank: str
    tail: str
    heir: str
    met: int
    rules: int
    looks: list[tuple[str, str]]


RETURNED = """
SELECT s.id FROM subsidy_approval_sheet s WHERE s.office_id = %s AND s.state = 'returned' AND EXISTS (
  SELECT FROM jsonb_array_elements(s.content) e JOIN subsidy_subsidy_line l ON l.id = (e->>'line')::uuid
   WHERE l.state = 'to_approve' AND l.sheet_id IS NULL) ORDER BY s.made_at DESC LIMIT 10
"""


def returned_to(office_id: UUID | None) -> list[ApprovalSheet]:
    """The office's returned sheets of which some lines still wait to be sent again, the latest first."""
    keys = [key for (key,) in rows_of(RETURNED, [office_id])]
    return list(ApprovalSheet.objects.filter(id__in=keys).defer("content").order_by("-made_at"))


def sheet_lines(sheet: ApprovalSheet) -> list[SheetLine]:
    """Every line of a sheet in its order."""
    limit = number(sheet.region_id, "leader_limit_fen", day_of(sheet.made_at))
    return [_line(row, limit.value if limit.known else None) for row in rows_of(LINES, [sheet.id])]


def _line(row: tuple[Any, ...], limit_fen: int | None) -> SheetLine:
    seq, line, name, title, level, kind, certificate, scheme, fen, masked, bank, tail, *rest = row
    relation, holder, met, rules, *facts = rest
    heir = heir_words(holder, relation)
    return SheetLine(
        seq, line, name, title, LEVELS.get(level) or KINDS[kind], certificate, scheme, fen, masked or "", bank or "",
        tail or "", heir, met, rules, _looks(heir, fen, limit_fen, *facts),
    )  # fmt: skip


def _looks(
    heir: str, fen: int, limit_fen: int | None, late_accepted: bool, late: bool, decisions: int, reopened: bool,
    how: str, first: bool | None, fresh: bool | None, since: datetime, objected: bool, holds: list[str] | None,
) -> list[tuple[str, str]]:  # fmt: skip
    said = (
        (late_accepted or late, "迟报", "结果迟报，经办同意" if late_accepted else "结果报送晚了"),
        (reopened, "重办", "本人重新办理过"),
        (decisions > 1, "重核", f"核定过 {decisions} 次"),
        (limit_fen is not None and fen > limit_fen, "超限额", f"单笔超过 {yuan(limit_fen or 0)} 元，要第二位领导签"),
        (bool(heir), "继承人", f"本人去世，收款人：{heir}"),
        (bool(fresh), "新账户", f"{'继承人' if heir else '本人'} {since:%-m月%-d日}新确认的账户" if fresh else ""),
        (first is False, "换账户", "收款账户换过"),
        (how in ("counter", "telephone"), "代确认", "由经办代本人确认"),
        (how == "silence", "未答复", "到期未答复，按当地规定办理"),
        (objected, "有异议", "公示时有过异议，已答复"),
        (bool(holds), "核查过", "、".join(HOLD_KINDS[kind] for kind in holds or [])),
    )
    return [(word, why) for true, word, why in said if true]


@dataclass(frozen=True)
class Part:
    """Heads and money of one level at one standard."""

    level: str
    heads: int
    standard_fen: int
    fen: int


def parts_of(lines: Collection[SheetLine]) -> list[Part]:
    """Heads and money by level and standard, adding up to the sheet's."""
    place = {word: n for n, word in enumerate(LEVELS.values())}
    ordered = sorted(
        ((line.level, line.amount_fen) for line in lines), key=lambda one: (place.get(one[0], len(place)), *one)
    )
    groups = [(level, fen, len(list(group))) for (level, fen), group in groupby(ordered)]
    return [Part(level, heads, fen, heads * fen) for level, fen, heads in groups]


def left_out_of(sheet: ApprovalSheet) -> list[tuple[str, int]]:
    """Lines that were posted together with those of the sheet and are not in it: (reason, how many)."""
    counts: dict[str, int] = {}
    for state, cause, elsewhere, count in rows_of(LEFT_OUT, {"sheet": sheet.id}):
        why = "在另一张审批表里" if elsewhere else cause or LINE_STATES.words[state]
        counts[why] = counts.get(why, 0) + count
    return sorted(counts.items(), key=lambda one: -one[1])


@dataclass(frozen=True)
class NoticeFacts:
    """A notice in which lines of the sheet stood, and what was objected."""

    id: UUID
    year: int
    number: int
    posted_at: datetime
    ends_on: date
    state: str
    lines: int
    objections: int
    upheld: int
    open: int


def notices_of(sheet: ApprovalSheet) -> list[NoticeFacts]:
    """The notices in which lines of the sheet stood."""
    return [NoticeFacts(*row) for row in rows_of(NOTICES, [sheet.id])]


@dataclass(frozen=True)
class Check:
    """One condition of signing: yes, no, or unknown, and what it is."""

    answer: str
    words: str


def checks_of(actor: Actor, sheet: ApprovalSheet, reserved_fen: int) -> list[Check]:
    """What must hold so that this actor signs now; the operation asks the same again under lock."""
    ids = [row["line"] for row in sheet.content]
    found = SubsidyLine.objects.select_related("certificate", "person").filter(id__in=ids).order_by("id")
    left, same = compared_with(sheet, list(found))
    own = any(row["person"] == str(actor.person_id) for row in sheet.content)
    unknown = "名单里没有您本人：账号没有登记本人身份，请自己核对"
    said = (
        (actor.has(STEPS[sheet.state][1]), "这一步是您的岗位"),
        (sits_right(actor, sheet.state, sheet.office_id), "是您现在所在单位的表，或等第二位领导"),
        (sheet.made_by_id != actor.account_id, "不是您送审的"),
        (not sheet.approvals.filter(account_id=actor.the_account).exists(), "您没有在这张表上签过"),
        (not own if actor.person_id else None, "名单里没有您本人" if actor.person_id else unknown),
        (not left, f"{left} 行已不能审批" if left else "每一行都还等着审批"),
        (same, "内容和送审时一字不差" if same else "内容和送审时不一样了"),
        (reserved_fen == sheet.total_fen, f"已留出 {yuan(reserved_fen)} 元"),
    )
    return [Check("unknown" if true is None else "yes" if true else "no", words) for true, words in said]
