"""Reads of payment: what may be paid and what the rest lacks, failed lines, statement and ledger, pools by day."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from jiangxin.funds.models import ACCOUNTS, TEMPLATES, Pool
from jiangxin.ground.staging import rows_of
from jiangxin.payment.bank_file import unwritable
from jiangxin.payment.exchange import folder
from jiangxin.subsidy.heirs import PAYEE

AWAITING = f"""
SELECT l.id, l.number, l.office_id, l.fund, l.pool_id, l.region_id, l.person_id, l.amount_fen, a.id, a.holder, a.bank,
       f.id, f.file_format, c.revoked_on,
       EXISTS (SELECT FROM subsidy_hold h WHERE h.line_id = l.id AND h.state = 'open'),
       EXISTS (SELECT FROM subsidy_objection o WHERE o.line_id = l.id AND o.state = 'open')
  FROM subsidy_subsidy_line l
  JOIN assessment_certificate c ON c.id = l.certificate_id
  LEFT JOIN parties_payee_account a ON a.owner = {PAYEE} AND a.state IN ('certified', 'confirmed')
  LEFT JOIN payment_paying_account f ON f.office_id = l.office_id AND f.fund = l.fund AND f.closed_on IS NULL
 WHERE l.state = 'approved' AND (%(office)s::uuid IS NULL OR l.office_id = %(office)s)
   AND (%(pool)s::uuid IS NULL OR l.pool_id = %(pool)s) AND (%(fund)s = '' OR l.fund = %(fund)s)
 ORDER BY l.state_since, l.id
"""


@dataclass(frozen=True)
class Awaiting:
    """An approved line; `missing` says in Chinese what keeps it from the next batch, nothing when it may go."""

    line_id: UUID
    number: str
    office_id: UUID
    fund: str
    pool_id: UUID
    region_id: int
    person_id: UUID
    amount_fen: int
    account_id: UUID | None
    holder: str
    bank: str
    paying_account_id: UUID | None
    missing: tuple[str, ...]


def _missing(row: tuple[Any, ...]) -> tuple[str, ...]:
    account_id, holder, bank, paying, file_format, revoked_on, held, objected = row
    lost = unwritable(f"{holder}{bank}", file_format) if account_id and paying else ""
    said = (
        (revoked_on is not None, "证书已被撤销"),
        (held, "有核查没有放行"),
        (objected, "有异议没有答复"),
        (account_id is None, "没有本人确认或登记认证的收款账户"),
        (paying is None, "单位没有登记这项资金的付款账户"),
        (bool(lost), f"户名或开户行里的“{lost}”银行文件写不下，请登记银行所用的写法，或改用 Excel 格式"),
    )
    return tuple(words for true, words in said if true)


def lines_awaiting_payment(
    office_id: UUID | None = None, pool_id: UUID | None = None, fund: str = ""
) -> list[Awaiting]:
    """Approved lines, longest waiting first: those that may go into a batch now, and what is missing for the rest."""
    rows = rows_of(AWAITING, {"office": office_id, "pool": pool_id, "fund": fund})
    return [Awaiting(*(*row[:9], row[9] or "", row[10] or "", row[11], _missing(row[8:]))) for row in rows]


def awaiting_payment() -> set[tuple[UUID, str]]:
    """The (office, fund) for which a batch can be built now."""
    return {(line.office_id, line.fund) for line in lines_awaiting_payment() if not line.missing}


def inbox_files() -> list[Path]:
    """Whole files that the bank laid down and nobody took in yet, by name; a name with a dot in front is unfinished."""
    return sorted(path for path in folder("inbox").iterdir() if path.is_file() and not path.name.startswith("."))


FAILED = f"""
SELECT DISTINCT ON (l.id) l.id, l.number, l.region_id, l.person_id, {PAYEE}, h.name, l.amount_fen, b.id, b.number,
       p.reason, p.state, a.bank, a.tail, l.state_since, n.id, n.tail,
       n.id IS NOT NULL AND n.id NOT IN (SELECT q.account_id FROM payment_payment q
                                          WHERE q.line_id = l.id AND q.state IN ('failed', 'bounced')),
       u.id, u.bank, u.tail, u.entered_by_name
  FROM subsidy_subsidy_line l
  JOIN parties_person h ON h.id = l.person_id
  JOIN payment_payment p ON p.line_id = l.id AND p.state IN ('failed', 'bounced')
  JOIN payment_batch b ON b.id = p.batch_id
  JOIN parties_payee_account a ON a.id = p.account_id
  LEFT JOIN parties_payee_account n ON n.owner = {PAYEE} AND n.state IN ('certified', 'confirmed')
  LEFT JOIN parties_payee_account u ON u.owner = {PAYEE} AND u.state = 'unconfirmed'
 WHERE l.state = 'failed' AND l.region_id = ANY(%(regions)s) AND (%(line)s::uuid IS NULL OR l.id = %(line)s)
 ORDER BY l.id, p.id DESC
"""


@dataclass(frozen=True)
class FailedLine:
    """A line that the bank did not pay: why, to which account, the one it can be paid to now, the one only proposed.

    `corrected` when the account of now is another than those that failed: then the main line pays it again by itself.
    """

    line_id: UUID
    number: str
    region_id: int
    person_id: UUID
    payee_id: UUID
    name: str
    amount_fen: int
    batch_id: UUID
    batch: str
    reason: str
    how: str
    bank: str
    tail: str
    since: datetime
    next_account_id: UUID | None
    next_tail: str | None
    corrected: bool
    proposed_id: UUID | None
    proposed_bank: str | None
    proposed_tail: str | None
    proposed_by: str | None


def failed_lines(regions: Collection[int], line_id: UUID | None = None) -> list[FailedLine]:
    """The open tasks of worker and clerk: lines whose last payment failed or came back, the longest waiting first."""
    rows = rows_of(FAILED, {"regions": list(regions), "line": line_id})
    return sorted((FailedLine(*row) for row in rows), key=lambda line: (line.since, line.line_id))


# ── statement against ledger ───────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Difference:
    """Where bank and ledger do not agree: about which batch (or none), what, and both sums in fen."""

    batch: str
    what: str
    ledger_fen: int
    bank_fen: int


AGAINST_STATEMENT = """
SELECT b.pool_id, b.number,
       CASE WHEN (b.sent_at AT TIME ZONE 'Asia/Shanghai')::date <= %(day)s THEN b.total_fen ELSE 0 END,
       coalesce((SELECT sum(t.amount_fen) FROM payment_return_file r JOIN funds_transfer t ON t.event_id = r.id
                  WHERE r.batch_id = b.id AND t.kind IN ('fail', 'bounce')
                    AND (t.at AT TIME ZONE 'Asia/Shanghai')::date <= %(day)s), 0)::bigint,
       coalesce(-sum(e.amount_fen) FILTER (WHERE e.amount_fen < 0), 0)::bigint,
       coalesce(sum(e.amount_fen) FILTER (WHERE e.amount_fen > 0), 0)::bigint
  FROM payment_batch b LEFT JOIN payment_statement_entry e ON e.batch_id = b.id AND e.booked_on <= %(day)s
 WHERE b.id = ANY(%(batches)s) AND b.state NOT IN ('sealed', 'withdrawn') GROUP BY b.id ORDER BY b.number
"""


def _by_pool(batch_ids: Collection[UUID], day: date) -> Iterator[tuple[UUID, Difference]]:
    rows = rows_of(AGAINST_STATEMENT, {"batches": list(batch_ids), "day": day})
    for pool_id, number, sent, came_back, debit, credit in rows:
        if sent != debit:
            yield pool_id, Difference(number, "扣款" if debit else "银行还没有扣款", sent, debit)
        if came_back != credit:
            yield pool_id, Difference(number, "退回款", came_back, credit)


def statement_differences(batch_ids: Collection[UUID], day: date) -> list[Difference]:
    """Debits and credits of batches up to a day, in the ledger and on the statement, where they differ (M13).

    The total leaves once; what failed comes back line by line or as one lump: sums are compared, not entries.
    """
    return [difference for _, difference in _by_pool(batch_ids, day)]


UNMATCHED = """
SELECT p.id, e.reference, e.text, e.amount_fen
  FROM payment_statement_entry e JOIN payment_paying_account f ON f.id = e.paying_account_id
  JOIN funds_pool p ON p.office_id = f.office_id AND p.fund = f.fund
 WHERE p.id = ANY(%s) AND e.batch_id IS NULL AND e.booked_on <= %s ORDER BY e.booked_on, e.reference
"""
MOVED = """
SELECT pool_id, kind, sum(amount_fen)::bigint FROM funds_transfer
 WHERE pool_id = ANY(%s) AND (at AT TIME ZONE 'Asia/Shanghai')::date <= %s GROUP BY pool_id, kind
"""


@dataclass(frozen=True)
class PoolDay:
    """A pool at the end of a day, in fen, and where the bank's statement says otherwise.

    allotted = available + reserved + in_transit + paid − recovered, at every commit (M13).
    """

    day: date
    allotted: int
    available: int
    reserved: int
    in_transit: int
    paid: int
    recovered: int
    differences: tuple[Difference, ...]

    @property
    def balanced(self) -> bool:
        """Whether the ledger's own sum holds."""
        return self.allotted == self.available + self.reserved + self.in_transit + self.paid - self.recovered


def pool_days(pool_ids: Collection[UUID], day: date) -> dict[UUID, PoolDay]:
    """The standing of pools at the end of a day, recomputed from their transfers, and every difference to the bank."""
    ids = list(pool_ids)
    moved = {pool: dict.fromkeys(TEMPLATES, 0) for pool in ids}
    for pool, kind, fen in rows_of(MOVED, [ids, day]):
        moved[pool][kind] = fen
    differences: dict[UUID, list[Difference]] = {pool: [] for pool in ids}
    batches = [row for (row,) in rows_of("SELECT id FROM payment_batch WHERE pool_id = ANY(%s)", [ids])]
    for pool, difference in _by_pool(batches, day):
        differences[pool].append(difference)
    for pool, reference, text, fen in rows_of(UNMATCHED, [ids, day]):
        differences[pool].append(Difference("", f"{text}（流水 {reference}）", 0, fen))
    return {pool: _standing(day, moved[pool], differences[pool]) for pool in ids}


def _standing(day: date, moved: dict[str, int], differences: list[Difference]) -> PoolDay:
    held = dict.fromkeys(ACCOUNTS, 0)
    for kind, (debit, credit) in TEMPLATES.items():
        held[debit] -= moved[kind]
        held[credit] += moved[kind]
    return PoolDay(
        day, -held["source"], held["available"], held["reserved"], held["in_transit"],
        moved["settle"] - moved["bounce"], moved["recover"], tuple(differences),
    )  # fmt: skip


def pool_day(pool: Pool, day: date) -> PoolDay:
    """The standing of one pool at the end of a day."""
    return pool_days([pool.id], day)[pool.id]


def batches_waiting(regions: Collection[int], account_id: UUID | None) -> dict[str, tuple[int, int, date]]:
    """Batches to be sent, and returned ones to be reconciled by another than their releaser: how many, fen, since."""
    rows = rows_of(
        "SELECT state, count(*), sum(total_fen)::bigint, min(coalesce(returned_at, built_at) AT TIME ZONE"
        " 'Asia/Shanghai')::date FROM payment_batch WHERE region_id = ANY(%s) AND state IN ('sealed', 'returned')"
        " AND sent_by_id IS DISTINCT FROM %s GROUP BY state",
        [list(regions), account_id],
    )
    return {state: (count, fen, since) for state, count, fen, since in rows}


# ── lists ──────────────────────────────────────────────────────────────────────────────────────────────────────────
PAGE = 50
BATCHES = """
SELECT b.id, b.number, o.name, b.fund, b.heads, b.total_fen, b.state, b.built_at, b.sent_at, s.name,
       (SELECT count(*) FROM payment_payment p WHERE p.batch_id = b.id AND p.state = 'paid'),
       (SELECT count(*) FROM payment_payment p WHERE p.batch_id = b.id AND p.state IN ('failed', 'bounced')),
       count(*) OVER ()
  FROM payment_batch b JOIN parties_office o ON o.id = b.office_id LEFT JOIN parties_account s ON s.id = b.sent_by_id
 WHERE b.region_id = ANY(%(regions)s) AND (%(state)s = '' OR b.state = %(state)s)
 ORDER BY b.state NOT IN ('sealed', 'returned'), b.built_at DESC, b.id DESC LIMIT %(limit)s OFFSET %(offset)s
"""


@dataclass(frozen=True)
class BatchRow:
    """A batch in the list: when and by whom it was sent, how many of its payments were made, how many not."""

    id: UUID
    number: str
    office: str
    fund: str
    heads: int
    total_fen: int
    state: str
    built_at: datetime
    sent_at: datetime | None
    sent_by: str | None
    paid: int
    failed: int


def batches_of(regions: Collection[int], state: str = "", page: int = 1) -> tuple[list[BatchRow], int]:
    """One page of the batches of these regions, those that wait for a person first; and how many there are."""
    asked = {"regions": list(regions), "state": state, "limit": PAGE, "offset": PAGE * (page - 1)}
    rows = rows_of(BATCHES, asked)
    return [BatchRow(*row[:-1]) for row in rows], rows[0][-1] if rows else 0


def batch_counts(regions: Collection[int]) -> dict[str, int]:
    """How many batches of these regions are in each state."""
    sql = "SELECT state, count(*) FROM payment_batch WHERE region_id = ANY(%s) GROUP BY state"
    return dict(rows_of(sql, [list(regions)]))


@dataclass(frozen=True)
class Sum:
    """How many payments of a batch are in a state, and how much."""

    state: str
    heads: int
    fen: int


def sums_of(batch_id: UUID) -> list[Sum]:
    """The payments of a batch by state, adding up to its heads and total."""
    sql = (
        "SELECT state, count(*), sum(amount_fen)::bigint FROM payment_payment WHERE batch_id = %s GROUP BY 1 ORDER BY 1"
    )
    return [Sum(*row) for row in rows_of(sql, [batch_id])]


def sheets_in(batch_id: UUID) -> list[tuple[UUID, int, int]]:
    """The approval sheets whose lines a batch pays: (sheet, year, number)."""
    return rows_of(
        "SELECT DISTINCT s.id, s.year, s.number FROM payment_payment p JOIN subsidy_subsidy_line l ON l.id = p.line_id"
        " JOIN subsidy_approval_sheet s ON s.id = l.sheet_id WHERE p.batch_id = %s ORDER BY s.year, s.number",
        [batch_id],
    )


@dataclass(frozen=True)
class Happened:
    """A deed done to a batch, by whom, and what was said with it."""

    at: datetime
    verb: str
    name: str
    why: str


def past_of_batch(batch_id: UUID) -> list[Happened]:
    """What happened to a batch, oldest first, from the journal."""
    return [
        Happened(*row)
        for row in rows_of(
            "SELECT at, verb, actor_name, coalesce(nullif(purpose, ''), detail->>'reason', detail->>'trouble', '')"
            " FROM ground_journal_entry WHERE subject_id = %s AND subject_kind = 'Batch' ORDER BY at, id",
            [batch_id],
        )
    ]


def statements_until(regions: Collection[int]) -> list[tuple[str, str, str, date | None]]:
    """Until when the bank's statement of each open paying account is known: (office, fund, tail, last day)."""
    return rows_of(
        "SELECT o.name, f.fund, f.tail, max(e.booked_on) FROM payment_paying_account f"
        " JOIN parties_office o ON o.id = f.office_id"
        " LEFT JOIN payment_statement_entry e ON e.paying_account_id = f.id"
        " WHERE f.region_id = ANY(%s) AND f.closed_on IS NULL GROUP BY f.id, o.name ORDER BY o.name, f.fund",
        [list(regions)],
    )
