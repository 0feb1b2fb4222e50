"""The invariants as queries: each returns (how many checked, how many violate)."""

from jiangxin.commands import replay, sealed
from jiangxin.commands.invariant import Invariant, bad_in
from jiangxin.commands.invariants_training import TRAINING
from jiangxin.subsidy.heirs import PAYEE

LIVE = (
    "('queued','to_confirm','to_settle','to_notice','in_notice','objected','noticed','held','to_approve','approved','in_batch',"
    "'sent','paid','failed','recovering')"
)
# Where each state's money must lie, once; queued lines and those that ended hold none.
PLACE = (
    "CASE WHEN l.state IN ('to_confirm','to_settle','to_notice','in_notice','objected','noticed','held','to_approve',"
    "'approved','in_batch','failed') THEN 'reserved' WHEN l.state = 'sent' THEN 'in_transit'"
    " WHEN l.state IN ('paid','recovering') THEN 'paid' ELSE 'none' END"
)
LAST = (
    "(SELECT array_agg(t.credit::text) FROM funds_transfer t WHERE t.subject_id = l.id"
    " AND NOT EXISTS (SELECT FROM funds_transfer n WHERE n.continues_id = t.id) AND t.credit <> 'available')"
)
# What lies reserved under a voucher's name: by earmarks that were not lifted.
UNDER_VOUCHER = (
    "(SELECT coalesce(sum(t.amount_fen), 0) FROM funds_transfer t WHERE t.subject_id = v.id AND t.kind = 'earmark'"
    " AND NOT EXISTS (SELECT FROM funds_transfer n WHERE n.continues_id = t.id))"
)


# The lines of approved sheets, and whether each sheet is signed as often as it must be, on what it says today.
SIGNED = """
SELECT s.id, e ->> 'line' AS line, (e ->> 'amount_fen')::bigint AS amount_fen,
       s.state = 'approved' AND s.sha256 = (
           SELECT ground_sha256('[' || string_agg(ground_canonical(c.said), ',' ORDER BY c.place) || ']')
             FROM jsonb_array_elements(s.content) WITH ORDINALITY AS c (said, place))
       AND CASE WHEN s.second_leader THEN 3 ELSE 2 END <= (
           SELECT count(DISTINCT a.account_id) FROM subsidy_approval a
            WHERE a.sheet_id = s.id AND a.sha256 = s.sha256 AND a.account_id <> s.made_by_id) AS signed
  FROM subsidy_approval_sheet s CROSS JOIN LATERAL jsonb_array_elements(s.content) e
"""
# Of two records found to be one person, the second account waits for its owner: sealed before, it was confirmed then.
DEMOTED = (
    "EXISTS (SELECT FROM parties_person_merge m WHERE m.undone_at IS NULL"
    " AND m.moved -> 'accounts' @> jsonb_build_array(jsonb_build_array(a.id)))"
)
# What the bank did not pay was meant for whoever was paid then: the person, or an heir of the line.
ONCE_PAYEE = (
    "(a.owner = coalesce(l.payee_body_id, l.person_id) OR EXISTS (SELECT FROM subsidy_heir_payee h"
    " WHERE h.line_id = l.id AND h.state IN ('confirmed', 'replaced') AND h.person_id = a.person_id))"
)
# What a reconciler signed: the total left once, what came back until then is back, and no more than came back.
RECONCILED = """
SELECT e.debit <> b.total_fen OR e.credit < coalesce(r.until_then, 0) OR e.by_then > coalesce(r.came_back, 0)
  FROM payment_batch b
 CROSS JOIN LATERAL (
     SELECT coalesce(-sum(s.amount_fen) FILTER (WHERE s.amount_fen < 0), 0) AS debit,
            coalesce(sum(s.amount_fen) FILTER (WHERE s.amount_fen > 0), 0) AS credit,
            coalesce(sum(s.amount_fen) FILTER (WHERE s.amount_fen > 0
                AND s.booked_on <= (b.reconciled_at AT TIME ZONE 'Asia/Shanghai')::date), 0) AS by_then
       FROM payment_statement_entry s WHERE s.batch_id = b.id) e
 CROSS JOIN LATERAL (
     SELECT sum(t.amount_fen) AS came_back, sum(t.amount_fen) FILTER (WHERE t.at <= b.reconciled_at) AS until_then
       FROM payment_return_file f JOIN funds_transfer t ON t.event_id = f.id
      WHERE f.batch_id = b.id AND t.kind IN ('fail', 'bounce')) r
 WHERE b.state = 'reconciled'
"""
# Liveness (M19). A machine's step has a day; a notice, and a bank that owes an answer, ten (the longest holiday); a pay
# day, and a last day that a region has no rule for, a month; what a person does has no end, but must stand on a list.
STANDING = """
SELECT CASE
  WHEN l.state = 'waiting' THEN l.waits_for = '[]'
  WHEN l.state IN ('to_confirm', 'deferred') THEN coalesce(l.due_on < day - 31, true)
  WHEN l.state = 'silent' THEN l.due_on IS NULL
  WHEN l.state = 'in_notice' THEN NOT EXISTS (
      SELECT FROM subsidy_notice_line r JOIN subsidy_notice n ON n.id = r.notice_id
       WHERE r.line_id = l.id AND n.state = 'posted' AND n.ends_on >= day - 10)
  WHEN l.state = 'objected' THEN NOT EXISTS (
      SELECT FROM subsidy_objection o WHERE o.line_id = l.id AND o.state = 'open')
  WHEN l.state = 'noticed' THEN l.state_since < at - interval '1 day'
  WHEN l.state = 'held' THEN NOT EXISTS (SELECT FROM subsidy_hold h WHERE h.line_id = l.id AND h.state = 'open')
  WHEN l.state = 'to_approve' THEN coalesce((
      SELECT s.state IN ('approved', 'returned') FROM subsidy_approval_sheet s WHERE s.id = l.sheet_id), false)
  WHEN l.state = 'approved' THEN l.state_since < at - interval '31 days'
      AND EXISTS (SELECT FROM payment_paying_account f
                   WHERE f.office_id = l.office_id AND f.fund = l.fund AND f.closed_on IS NULL)
      AND EXISTS (SELECT FROM parties_payee_account a
                   WHERE a.owner = {payee} AND a.state IN ('certified', 'confirmed'))
      AND NOT EXISTS (SELECT FROM assessment_certificate c WHERE c.id = l.certificate_id AND c.revoked_on IS NOT NULL)
  WHEN l.state = 'in_batch' THEN NOT EXISTS (
      SELECT FROM payment_payment p WHERE p.line_id = l.id AND p.state = 'sealed')
  WHEN l.state = 'sent' THEN l.state_since < at - interval '10 days' OR NOT EXISTS (
      SELECT FROM payment_payment p WHERE p.line_id = l.id AND p.state = 'sent')
  WHEN l.state = 'failed' THEN NOT EXISTS (
      SELECT FROM payment_payment p WHERE p.line_id = l.id AND p.state IN ('failed', 'bounced'))
  ELSE false END AS stuck
  FROM subsidy_subsidy_line l, (SELECT %(at)s AS at, (%(at)s AT TIME ZONE 'Asia/Shanghai')::date AS day) clock
UNION ALL
SELECT c.received_at < %(at)s - interval '1 day' FROM assessment_certificate c
 WHERE NOT EXISTS (SELECT FROM subsidy_subsidy_line l WHERE l.certificate_id = c.id)
UNION ALL
SELECT NOT EXISTS (SELECT FROM procrastinate_jobs q WHERE q.args ->> 'job_id' = j.id::text
                      AND q.status IN ('todo', 'doing'))
  FROM ground_job j WHERE j.state IN ('waiting', 'running')
""".replace("%(at)s", "%(at)s::timestamptz").replace("{payee}", PAYEE)

INVARIANTS = (
    bad_in(
        "M1",
        "每笔划转大于零、续接自己的钱且只续一次，全部账户合计为零",
        "(SELECT t.id, t.amount_fen <= 0 OR (t.continues_id IS NOT NULL AND (c.id IS NULL OR c.credit <> t.debit"
        " OR c.amount_fen <> t.amount_fen OR c.subject_id <> t.subject_id OR c.pool_id <> t.pool_id)) AS bad"
        " FROM funds_transfer t"
        " LEFT JOIN funds_transfer c ON c.id = t.continues_id"
        " UNION ALL SELECT NULL, coalesce(sum(balance_fen), 0) <> 0 FROM funds_pool_balance) x",
        "bad",
    ),
    bad_in(
        "M2",
        "账本只增不改",
        "(VALUES ('funds_transfer', 'is_kept'), ('ground_journal_entry', 'is_kept'), ('subsidy_decision', 'is_kept'),"
        " ('subsidy_approval', 'is_kept'), ('subsidy_notice_line', 'is_kept'), ('payment_return_file', 'sealed'))"
        " AS k (kept, guard) LEFT JOIN pg_trigger t ON t.tgrelid = k.kept::regclass AND t.tgname = k.guard",
        "t.tgenabled IS DISTINCT FROM 'O'",
    ),
    bad_in(
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
    bad_in(
        "M4",
        "资金池余额等于划转之和，任何一栏不为负；每一笔的钱在它的状态该在的地方",
        f"(SELECT m.moved <> b.balance_fen OR (b.account <> 'source' AND b.balance_fen < 0) AS bad"
        " FROM funds_pool_balance b CROSS JOIN LATERAL (SELECT coalesce(sum(CASE WHEN t.credit = b.account THEN"
        " t.amount_fen ELSE 0 END"
        " - CASE WHEN t.debit = b.account THEN t.amount_fen ELSE 0 END), 0) AS moved FROM funds_transfer t"
        " WHERE t.pool_id = b.pool_id) m"
        f" UNION ALL SELECT ARRAY[{PLACE}] <> coalesce({LAST}, '{{none}}') FROM subsidy_subsidy_line l"
        # Reserved is what lines and vouchers hold, and nothing else.
        f" UNION ALL SELECT {UNDER_VOUCHER} <> v.reserved_fen FROM training_voucher v"
        " UNION ALL SELECT b.balance_fen <> (SELECT coalesce(sum(t.amount_fen), 0) FROM funds_transfer t"
        " WHERE t.pool_id = b.pool_id AND t.credit = 'reserved'"
        " AND NOT EXISTS (SELECT FROM funds_transfer n WHERE n.continues_id = t.id)"
        " AND (EXISTS (SELECT FROM subsidy_subsidy_line l WHERE l.id = t.subject_id)"
        " OR EXISTS (SELECT FROM training_voucher v WHERE v.id = t.subject_id)))"
        " FROM funds_pool_balance b WHERE b.account = 'reserved') x",
        "bad",
    ),
    bad_in(
        "M5",
        "付款必有核定和签齐的审批、金额相等、账户是本人或这一笔的继承人确认过的",
        f"payment_payment p JOIN subsidy_subsidy_line l ON l.id = p.line_id JOIN parties_payee_account a ON"
        f" a.id = p.account_id LEFT JOIN subsidy_decision d ON d.id = l.decision_id"
        f" LEFT JOIN ({SIGNED}) s ON s.id = l.sheet_id AND s.line = l.id::text WHERE p.state <> 'withdrawn'",
        "p.amount_fen <> l.amount_fen OR d.amount_fen IS DISTINCT FROM p.amount_fen OR d.outcome <> 'yes'"
        " OR s.amount_fen IS DISTINCT FROM p.amount_fen OR s.signed IS NOT TRUE"
        f" OR CASE WHEN p.state IN ('failed', 'bounced') THEN NOT {ONCE_PAYEE} ELSE a.owner <> {PAYEE} END"
        f" OR (a.state = 'unconfirmed' AND p.state IN ('sealed', 'sent') AND NOT {DEMOTED})",
    ),
    bad_in(
        "M6",
        "一笔补贴同时只有一笔有效付款",
        "(SELECT line_id, count(*) AS n FROM payment_payment WHERE state IN ('sealed','sent','paid') GROUP BY 1) x",
        "n > 1",
    ),
    bad_in(
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
    bad_in(
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
    bad_in(
        "M9",
        "资金池与核定的单位、资金一致",
        "subsidy_subsidy_line l JOIN funds_pool p ON p.id = l.pool_id",
        "p.office_id <> l.office_id OR p.fund <> l.fund",
    ),
    bad_in(
        "M10",
        "批次的人数、总额与明细相等，封存的文件与指纹相符",
        "payment_batch b CROSS JOIN LATERAL (SELECT count(*) AS n, coalesce(sum(amount_fen), 0) AS fen FROM"
        " payment_payment p"
        " WHERE p.batch_id = b.id) s",
        "s.n <> b.heads OR s.fen <> b.total_fen",
        sealed.batches_unlike_their_hash,
    ),
    bad_in(
        "M11",
        "一个批次号只对应一份文件",
        "(SELECT file_name, count(DISTINCT sha256) AS n FROM payment_batch GROUP BY 1) x",
        "n > 1",
    ),
    bad_in(
        "M12",
        "银行结果有回单为证，一笔只入账一次",
        "payment_payment p LEFT JOIN payment_return_file r ON r.id = p.return_file_id AND r.state = 'applied'"
        " AND r.batch_id = p.batch_id",
        "p.state IN ('paid','failed','bounced') AND r.id IS NULL",
    ),
    bad_in(
        "M13",
        "下达＝可用＋已留＋在途＋已付；对过账的批次与银行明细分文不差，明细没有记错批次",
        f"(SELECT sum(balance_fen) <> 0 AS bad FROM funds_pool_balance GROUP BY pool_id UNION ALL {RECONCILED}"
        " UNION ALL SELECT b.paying_account_id <> e.paying_account_id FROM payment_statement_entry e"
        " JOIN payment_batch b ON b.id = e.batch_id) x",
        "bad",
    ),
    bad_in(
        "M14",
        "结果不明的付款没有再付",
        "payment_payment p",
        "p.state IN ('sealed','sent','paid') AND EXISTS (SELECT FROM payment_payment q WHERE q.line_id = p.line_id"
        " AND q.id > p.id)",
    ),
    bad_in(
        "M15",
        "封存时核查或异议未了的没有付款；核查放行、异议成立、继承人收款都是两个不同的人",
        # What comes up after the sealing is lawful: before the sending it stops the batch, afterwards it is recovered.
        "(SELECT EXISTS (SELECT FROM subsidy_hold h WHERE h.line_id = p.line_id AND h.opened_at <= b.built_at"
        " AND (h.released_at IS NULL OR h.released_at > b.built_at))"
        " OR EXISTS (SELECT FROM subsidy_objection o WHERE o.line_id = p.line_id AND o.received_at <= b.built_at"
        " AND (o.answered_at IS NULL OR o.answered_at > b.built_at)) AS bad"
        " FROM payment_payment p JOIN payment_batch b ON b.id = p.batch_id WHERE p.state IN ('sealed', 'sent', 'paid')"
        " UNION ALL SELECT (first_by_id <> second_by_id) IS NOT TRUE FROM subsidy_hold WHERE state = 'released'"
        " UNION ALL SELECT (proposed_by_id <> answered_by_id) IS NOT TRUE FROM subsidy_objection"
        " WHERE state = 'upheld'"
        " UNION ALL SELECT (entered_by_id <> closed_by_id) IS NOT TRUE FROM subsidy_heir_payee"
        " WHERE state IN ('confirmed', 'replaced')) x",
        "bad",
    ),
    bad_in(
        "M16",
        "金额一律以分为整数",
        "information_schema.columns WHERE table_schema = 'public' AND column_name NOT IN ('longitude', 'latitude')",
        "column_name LIKE '%%\\_fen' AND data_type <> 'bigint' OR data_type IN ('real', 'double precision')",
    ),
    bad_in(
        "M17",
        "每笔核定的事实、答复和金额与指纹相符，按当时的规定重算一遍也相同",
        "(SELECT d.facts_digest <> ground_sha256(ground_canonical(d.facts)) OR length(d.law_digest) <> 64"
        " OR d.answer_digest <> subsidy_answer_digest(d.facts_digest, d.law_digest, d.outcome, d.amount_fen, d.answers)"
        " AS bad FROM subsidy_decision d UNION ALL SELECT d.id IS NULL FROM subsidy_subsidy_line l"
        " LEFT JOIN subsidy_decision d ON d.id = l.decision_id AND d.line_id = l.id) x",
        "bad",
        replay.unlike_their_replay,
    ),
    bad_in(
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
    bad_in(
        "M19",
        "没有一件事停着没人管：或等着有期限的人，或说明在等什么，或机器就要办",
        f"({STANDING}) x",
        "stuck",
    ),
    bad_in(
        "M20",
        "追回不超过已付，钱没有退回的不放名额",
        "subsidy_subsidy_line l RIGHT JOIN (SELECT subject_id, sum(CASE kind WHEN 'settle' THEN amount_fen"
        " WHEN 'bounce' THEN -amount_fen WHEN 'recover' THEN -amount_fen ELSE 0 END) AS net FROM funds_transfer"
        " GROUP BY 1) x ON l.id = x.subject_id",
        "net < 0 OR (net > 0 AND (l.slot IS NULL AND l.count_cap > 0 OR l.state NOT IN ('paid', 'recovering')))",
    ),
    *TRAINING,
    bad_in(
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
    bad_in(
        "I2",
        "出生日期在合理范围",
        "parties_person",
        "born_on < '1900-01-01' OR born_on > (registered_at AT TIME ZONE 'Asia/Shanghai')::date",
    ),
    Invariant(
        "I3",
        "各表的文字里没有明文身份证号",
        "SELECT checked, violations FROM ground_count_numbers_in_clear()",
    ),
    Invariant(
        "I4",
        "加密值在自己的位置上都打得开（查的数就是打开的数）",
        "SELECT 0, 0",
        sealed.values_that_do_not_open,
    ),
)
