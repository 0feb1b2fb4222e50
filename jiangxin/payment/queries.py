"""Reads of payment: what may be paid and what the rest lacks, failed lines, statement and ledger, pools by day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from jiangxin.funds.models import ACCOUNTS, TEMPLATES, Pool
from jiangxin.ground.staging import rows_of
from jiangxin.payment.bank_file import unwritable
from jiangxin.payment.exchange import folder

AWAITING = """
SELECT l.id, l.number, l.office_id, l.fund, l.pool_id, l.region_id, l.person_id, l.amount_fen, a.id, a.holder, a.bank,
       f.id, f.file_format, c.revoked_on,
       EXISTS (SELECT FROM subsidy_hold h WHERE h.line_id = l.id AND h.state = 'open'),
       EXISTS (SELECT FROM subsidy_objection o WHERE o.line_id = l.id AND o.state = 'open')
  FROM subsidy_subsidy_line l
  JOIN assessment_certificate c ON c.id = l.certificate_id
  LEFT JOIN parties_payee_account a ON a.person_id = l.person_id AND a.state IN ('certified', 'confirmed')
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


FAILED = """
SELECT DISTINCT ON (l.id) l.id, l.number, l.region_id, l.person_id, l.amount_fen, b.number, p.reason, p.state, a.tail,
       l.state_since, n.id, n.tail
  FROM subsidy_subsidy_line l
  JOIN payment_payment p ON p.line_id = l.id AND p.state IN ('failed', 'bounced')
  JOIN payment_batch b ON b.id = p.batch_id
  JOIN parties_payee_account a ON a.id = p.account_id
  LEFT JOIN parties_payee_account n ON n.person_id = l.person_id AND n.state IN ('certified', 'confirmed')
 WHERE l.state = 'failed' AND l.region_id = ANY(%s)
 ORDER BY l.id, p.id DESC
"""


@dataclass(frozen=True)
class FailedLine:
    """A line that the bank did not pay: why, to which account (its tail), and the account it can be paid to now."""

    line_id: UUID
    number: str
    region_id: int
    person_id: UUID
    amount_fen: int
    batch: str
    reason: str
    how: str
    tail: str
    since: datetime
    next_account_id: UUID | None
    next_tail: str | None


def failed_lines(regions: Collection[int]) -> list[FailedLine]:
    """The open tasks of worker and clerk: lines whose last payment failed or came back."""
    return [FailedLine(*row) for row in rows_of(FAILED, [list(regions)])]


# ── statement against ledger ───────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Difference:
    """Where bank and ledger do not agree: about which batch (or none), what, and both sums in fen."""

    batch: str
    what: str
    ledger_fen: int
    bank_fen: int


AGAINST_STATEMENT = """
SELECT b.number, CASE WHEN (b.sent_at AT TIME ZONE 'Asia/Shanghai')::date <= %(day)s THEN b.total_fen ELSE 0 END,
       coalesce((SELECT sum(t.amount_fen) FROM payment_return_file r JOIN funds_transfer t ON t.event_id = r.id
                  WHERE r.batch_id = b.id AND t.kind IN ('fail', 'bounce')
                    AND (t.at AT TIME ZONE 'Asia/Shanghai')::date <= %(day)s), 0)::bigint,
       coalesce(-sum(e.amount_fen) FILTER (WHERE e.amount_fen < 0), 0)::bigint,
       coalesce(sum(e.amount_fen) FILTER (WHERE e.amount_fen > 0), 0)::bigint
  FROM payment_batch b LEFT JOIN payment_statement_entry e ON e.batch_id = b.id AND e.booked_on <= %(day)s
 WHERE b.id = ANY(%(batches)s) AND b.state NOT IN ('sealed', 'withdrawn') GROUP BY b.id ORDER BY b.number
"""


def statement_differences(batch_ids: Collection[UUID], day: date) -> list[Difference]:
    """Debits and credits of batches up to a day, in the ledger and on the statement, where they differ (M13).

    The total leaves once; what failed comes back line by line or as one lump: sums are compared, not entries.
    """
    found = []
    rows = rows_of(AGAINST_STATEMENT, {"batches": list(batch_ids), "day": day})
    for number, sent, came_back, debit, credit in rows:
        if sent != debit:
            found.append(Difference(number, "扣款" if debit else "银行还没有扣款", sent, debit))
        if came_back != credit:
            found.append(Difference(number, "退回款", came_back, credit))
    return found


UNMATCHED = """
SELECT e.reference, e.text, e.amount_fen
  FROM payment_statement_entry e JOIN payment_paying_account f ON f.id = e.paying_account_id
 WHERE f.office_id = %s AND f.fund = %s AND e.batch_id IS NULL AND e.booked_on <= %s ORDER BY e.booked_on, e.reference
"""
MOVED = """
SELECT kind, sum(amount_fen)::bigint FROM funds_transfer
 WHERE pool_id = %s AND (at AT TIME ZONE 'Asia/Shanghai')::date <= %s GROUP BY kind
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


def pool_day(pool: Pool, day: date) -> PoolDay:
    """The standing of a pool at the end of a day, recomputed from its transfers, and every difference to the bank."""
    moved = dict.fromkeys(TEMPLATES, 0) | dict(rows_of(MOVED, [pool.id, day]))
    held = dict.fromkeys(ACCOUNTS, 0)
    for kind, (debit, credit) in TEMPLATES.items():
        held[debit] -= moved[kind]
        held[credit] += moved[kind]
    batches = [row for (row,) in rows_of("SELECT id FROM payment_batch WHERE pool_id = %s", [pool.id])]
    unmatched = rows_of(UNMATCHED, [pool.office_id, pool.fund, day])
    differences = statement_differences(batches, day)
    differences += [Difference("", f"{text}（流水 {reference}）", 0, fen) for reference, text, fen in unmatched]
    return PoolDay(
        day, -held["source"], held["available"], held["reserved"], held["in_transit"],
        moved["settle"] - moved["bounce"], moved["recover"], tuple(differences),
    )  # fmt: skip


def batches_waiting(regions: Collection[int], account_id: UUID | None) -> dict[str, tuple[int, int, date]]:
    """Batches to be sent, and returned ones to be reconciled by another than their releaser: how many, fen, since."""
    rows = rows_of(
        "SELECT state, count(*), sum(total_fen)::bigint, min(coalesce(returned_at, built_at) AT TIME ZONE"
        " 'Asia/Shanghai')::date FROM payment_batch WHERE region_id = ANY(%s) AND state IN ('sealed', 'returned')"
        " AND sent_by_id IS DISTINCT FROM %s GROUP BY state",
        [list(regions), account_id],
    )
    return {state: (count, fen, since) for state, count, fen, since in rows}
