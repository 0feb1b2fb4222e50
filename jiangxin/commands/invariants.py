"""The invariants as queries: each returns (how many checked, how many violate). Ids and meanings: docs/operations."""

from dataclasses import dataclass

LIVE = (
    "('queued','to_confirm','to_notice','in_notice','objected','noticed','held','to_approve','approved','in_batch',"
    "'sent','paid','failed','recovering')"
)
# Where each state's money must lie, once; queued lines and those that ended hold none.
PLACE = (
    "CASE WHEN l.state IN ('to_confirm','to_notice','in_notice','objected','noticed','held','to_approve','approved',"
    "'in_batch','failed') THEN 'reserved' WHEN l.state = 'sent' THEN 'in_transit'"
    " WHEN l.state IN ('paid','recovering') THEN 'paid' ELSE 'none' END"
)
LAST = (
    "(SELECT array_agg(t.credit::text) FROM funds_transfer t WHERE t.subject_id = l.id"
    " AND NOT EXISTS (SELECT FROM funds_transfer n WHERE n.continues_id = t.id) AND t.credit <> 'available')"
)


@dataclass(frozen=True)
class Invariant:
    """`sql` returns one row (checked, violations)."""

    id: str
    statement: str
    sql: str


def _bad(id_: str, statement: str, from_: str, bad: str) -> Invariant:
    return Invariant(id_, statement, f"SELECT count(*), count(*) FILTER (WHERE {bad}) FROM {from_}")


INVARIANTS = (
    _bad(
        "M1",
        "每笔划转大于零、续接自己的钱且只续一次，全部账户合计为零",
        "(SELECT t.id, t.amount_fen <= 0 OR (t.continues_id IS NOT NULL AND (c.id IS NULL OR c.credit <> t.debit"
        " OR c.amount_fen <> t.amount_fen OR c.subject_id <> t.subject_id OR c.pool_id <> t.pool_id)) AS bad"
        " FROM funds_transfer t"
        " LEFT JOIN funds_transfer c ON c.id = t.continues_id"
        " UNION ALL SELECT NULL, coalesce(sum(balance_fen), 0) <> 0 FROM funds_pool_balance) x",
        "bad",
    ),
    _bad(
        "M2",
        "账本只增不改",
        "(VALUES ('funds_transfer', 'is_kept'), ('ground_journal_entry', 'is_kept'), ('subsidy_decision', 'is_kept'),"
        " ('subsidy_approval', 'is_kept'), ('subsidy_notice_line', 'is_kept'), ('payment_return_file', 'sealed'))"
        " AS k (kept, guard) LEFT JOIN pg_trigger t ON t.tgrelid = k.kept::regclass AND t.tgname = k.guard",
        "t.tgenabled IS DISTINCT FROM 'O'",
    ),
    _bad(
        "M3",
        "每笔划转合乎规定的种类，有据可依，金额相等",
        "funds_transfer t LEFT JOIN funds_transfer_template p ON p.kind = t.kind AND p.debit = t.debit AND"
        " p.credit = t.credit LEFT JOIN funds_budget_line b ON b.id = t.event_id AND b.confirmed_at IS NOT NULL"
        " LEFT JOIN payment_payment y ON y.batch_id = t.event_id AND y.line_id = t.subject_id"
        " LEFT JOIN payment_return_file r ON r.id = t.event_id AND r.state = 'applied'",
        "p.kind IS NULL OR CASE"
        " WHEN t.kind IN ('allot', 'withdraw') THEN abs(b.amount_fen) IS DISTINCT FROM t.amount_fen"
        " WHEN t.kind = 'send' THEN y.amount_fen IS DISTINCT FROM t.amount_fen"
        " WHEN t.kind IN ('settle', 'fail', 'bounce') THEN r.id IS NULL ELSE false END",
    ),
    _bad(
        "M4",
        "资金池余额等于划转之和，任何一栏不为负",
        "funds_pool_balance b CROSS JOIN LATERAL (SELECT coalesce(sum(CASE WHEN t.credit = b.account THEN"
        " t.amount_fen ELSE 0 END"
        " - CASE WHEN t.debit = b.account THEN t.amount_fen ELSE 0 END), 0) AS moved FROM funds_transfer t"
        " WHERE t.pool_id = b.pool_id) m",
        "m.moved <> b.balance_fen OR (b.account <> 'source' AND b.balance_fen < 0)",
    ),
    _bad(
        "M5",
        "付款必有审批、金额相等、账户是本人的",
        "payment_payment p JOIN subsidy_subsidy_line l ON l.id = p.line_id JOIN parties_payee_account a ON"
        " a.id = p.account_id"
        " LEFT JOIN subsidy_approval_sheet s ON s.id = l.sheet_id",
        "p.amount_fen <> l.amount_fen OR a.person_id <> l.person_id OR s.state IS DISTINCT FROM 'approved'",
    ),
    _bad(
        "M6",
        "一笔补贴同时只有一笔有效付款",
        "(SELECT line_id, count(*) AS n FROM payment_payment WHERE state IN ('sealed','sent','paid') GROUP BY 1) x",
        "n > 1",
    ),
    _bad(
        "M7",
        "同一人同一职业同一等级只补一次，高级之后不补低级",
        f"(SELECT l.id, EXISTS (SELECT FROM subsidy_subsidy_line o WHERE o.person_id = l.person_id AND"
        f" o.subject = l.subject"
        f" AND o.id <> l.id AND o.state IN {LIVE} AND o.level_rank IS NOT DISTINCT FROM l.level_rank)"
        f" OR (l.level_rank IS NOT NULL AND l.level_rank > coalesce((SELECT k.level_rank FROM subsidy_level_lock k"
        f" WHERE k.person_id = l.person_id AND k.subject = l.subject), -1)) AS bad FROM subsidy_subsidy_line l WHERE"
        f" l.state IN {LIVE}) x",
        "bad",
    ),
    _bad(
        "M8",
        "每人每年不超过三次（有文号的例外从其规定），付给单位的也算",
        f"(SELECT person_id, count_year, count(*) AS n, max(cap) AS cap FROM (SELECT person_id, count_year,"
        f" count_cap AS cap FROM subsidy_subsidy_line WHERE state IN {LIVE} AND slot IS NOT NULL"
        " UNION ALL SELECT e.person_id, e.count_year, 3 FROM subsidy_earlier_subsidy e JOIN parties_register_load"
        " r ON r.id = e.load_id"
        " AND r.state = 'active') u GROUP BY 1, 2 HAVING bool_or(EXISTS (SELECT FROM subsidy_subsidy_line l"
        f" WHERE l.person_id = u.person_id AND l.count_year = u.count_year AND l.state IN {LIVE}))) x",
        "n > cap",
    ),
    _bad(
        "M9",
        "资金池与核定的单位、资金一致",
        "subsidy_subsidy_line l JOIN funds_pool p ON p.id = l.pool_id",
        "p.office_id <> l.office_id OR p.fund <> l.fund",
    ),
    _bad(
        "M10",
        "批次的人数、总额与明细相等",
        "payment_batch b CROSS JOIN LATERAL (SELECT count(*) AS n, coalesce(sum(amount_fen), 0) AS fen FROM"
        " payment_payment p"
        " WHERE p.batch_id = b.id) s",
        "s.n <> b.heads OR s.fen <> b.total_fen",
    ),
    _bad(
        "M11",
        "一个批次号只对应一份文件",
        "(SELECT file_name, count(DISTINCT sha256) AS n FROM payment_batch GROUP BY 1) x",
        "n > 1",
    ),
    _bad(
        "M12",
        "银行结果有回单为证，一笔只入账一次",
        "payment_payment p LEFT JOIN payment_return_file r ON r.id = p.return_file_id AND r.state = 'applied'",
        "p.state IN ('paid','failed','bounced') AND r.id IS NULL",
    ),
    _bad(
        "M13",
        "下达＝可用＋已留＋在途＋已付",
        "(SELECT pool_id, sum(balance_fen) AS total FROM funds_pool_balance GROUP BY 1) x",
        "total <> 0",
    ),
    _bad(
        "M14",
        "结果不明的付款没有再付",
        "payment_payment p",
        "p.state IN ('sealed','sent','paid') AND EXISTS (SELECT FROM payment_payment q WHERE q.line_id = p.line_id"
        " AND q.id > p.id)",
    ),
    _bad(
        "M15",
        "核查或异议未了的没有付款",
        "payment_payment p JOIN subsidy_subsidy_line l ON l.id = p.line_id",
        "p.state IN ('sealed') AND (EXISTS (SELECT FROM subsidy_hold h WHERE h.line_id = p.line_id AND h.state"
        " = 'open')"
        " OR EXISTS (SELECT FROM subsidy_objection o WHERE o.line_id = p.line_id AND o.state = 'open'))",
    ),
    _bad(
        "M16",
        "金额一律以分为整数",
        "information_schema.columns WHERE table_schema = 'public' AND column_name NOT IN ('longitude', 'latitude')",
        "column_name LIKE '%\\_fen' AND data_type <> 'bigint' OR data_type IN ('real', 'double precision')",
    ),
    _bad(
        "M17",
        "每笔核定留有事实和规则的指纹",
        "subsidy_subsidy_line l LEFT JOIN subsidy_decision d ON d.id = l.decision_id AND d.line_id = l.id",
        "d.id IS NULL OR length(d.facts_digest) <> 64 OR length(d.law_digest) <> 64",
    ),
    _bad(
        "M18",
        "同一标准同一天只有一个数",
        "(SELECT a.id, EXISTS (SELECT FROM subsidy_adopted_standard b WHERE b.id <> a.id AND b.region_id ="
        " a.region_id"
        " AND b.scheme = a.scheme AND b.number = a.number AND b.confirmed_at IS NOT NULL AND"
        " daterange(a.from_on, a.until_on, '[]')"
        " && daterange(b.from_on, b.until_on, '[]')) AS bad FROM subsidy_adopted_standard a WHERE a.confirmed_at IS"
        " NOT NULL) x",
        "bad",
    ),
    _bad(
        "M19",
        "每一笔的钱在它的状态该在的地方",
        f"(SELECT {PLACE} AS place, {LAST} AS lies FROM subsidy_subsidy_line l) x",
        "ARRAY[place] <> coalesce(lies, '{none}')",
    ),
    _bad(
        "M20",
        "追回不超过已付",
        "(SELECT subject_id, sum(CASE kind WHEN 'settle' THEN amount_fen WHEN 'bounce' THEN -amount_fen WHEN"
        " 'recover' THEN -amount_fen"
        " ELSE 0 END) AS net FROM funds_transfer GROUP BY 1) x",
        "net < 0",
    ),
    _bad(
        "I1",
        "一个证件号只属于一个人，合并不成环",
        "(SELECT d.id, EXISTS (SELECT FROM parties_person_document o WHERE o.number_index = d.number_index AND"
        " o.kind = d.kind"
        " AND o.id <> d.id) OR p.merged_into_id = p.id AS bad FROM parties_person_document d JOIN"
        " parties_person p ON p.id = d.person_id UNION ALL (WITH RECURSIVE up AS (SELECT id, merged_into_id AS next"
        " FROM parties_person WHERE merged_into_id IS NOT NULL UNION SELECT u.id, p.merged_into_id FROM up u"
        " JOIN parties_person p ON p.id = u.next WHERE p.merged_into_id IS NOT NULL) SELECT id, id = next FROM up)) x",
        "bad",
    ),
    _bad(
        "I2",
        "出生日期在合理范围",
        "parties_person",
        "born_on < '1900-01-01' OR born_on > (registered_at AT TIME ZONE 'Asia/Shanghai')::date",
    ),
    _bad(
        "I3",
        "明文证件号不在可读的列里",
        "(SELECT masked AS said FROM parties_person_document UNION ALL SELECT detail::text FROM ground_journal_entry"
        " UNION ALL SELECT facts::text FROM subsidy_decision UNION ALL SELECT args::text FROM procrastinate_jobs"
        " UNION ALL SELECT given FROM assessment_result_file_error) x",
        "said ~ '(^|[^0-9a-f-])[1-9][0-9]{5}(19|20)[0-9]{9}[0-9Xx]([^0-9a-f-]|$)'",
    ),
    _bad(
        "I4",
        "加密值都绑定了版本和密钥",
        "(SELECT number FROM parties_person_document UNION ALL SELECT number FROM parties_payee_account UNION ALL"
        " SELECT number FROM payment_paying_account UNION ALL SELECT content FROM payment_batch) x",
        "length(number) < 32 OR get_byte(number, 0) <> 1",
    ),
)
