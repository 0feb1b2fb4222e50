"""Invariants of seats, lessons, vouchers and settlements (S1–S3, V1–V3, P24)."""

from jiangxin.commands import sealed
from jiangxin.commands.invariant import Invariant, bad_in

TRAINING = (
    bad_in(
        "S1",
        "每个班的已占座位等于坐着、留着的人数，不超过座位数",
        "(SELECT c.taken, c.capacity, (SELECT count(*) FROM training_enrolment e WHERE e.class_id = c.id"
        " AND e.state IN ('held', 'seated', 'completed', 'failed')) AS seated FROM training_training_class c) x",
        "taken <> seated OR taken > capacity",
    ),
    bad_in(
        "S2",
        "一个人在一个班里只有一个有效的位置",
        "(SELECT count(*) AS places FROM training_enrolment WHERE state NOT IN ('left', 'lapsed')"
        " GROUP BY class_id, person_id) x",
        "places > 1",
    ),
    bad_in(
        "S3",
        "没有人同一时间上两处的课，学员和教师都一样",
        "(SELECT starts_at < lag(ends_at) OVER (PARTITION BY person_id ORDER BY starts_at, ends_at) AS bad"
        "   FROM training_attendance WHERE active AND NOT online"
        " UNION ALL SELECT starts_at < lag(ends_at) OVER (PARTITION BY teacher_person_id ORDER BY starts_at, ends_at)"
        "   FROM training_lesson WHERE fixed AND kind <> 'online' AND teacher_person_id IS NOT NULL) x",
        "bad",
    ),
    bad_in(
        "P24",
        "付给单位的每一笔都由结算通过，结算的人数和金额对得上，一人只付一次",
        "(SELECT s.submitted <> s.approved + s.struck_heads OR (SELECT (count(*) FILTER (WHERE h.state = 'approved'),"
        " coalesce(sum(h.amount_fen) FILTER (WHERE h.state = 'approved'), 0)) FROM subsidy_settlement_head h"
        " WHERE h.settlement_id = s.id) <> (s.approved::bigint, s.sum_fen::numeric) AS bad"
        "   FROM subsidy_settlement s WHERE s.state = 'settled'"
        " UNION ALL SELECT NOT EXISTS (SELECT FROM subsidy_settlement_head h JOIN subsidy_settlement s"
        "   ON s.id = h.settlement_id AND s.state = 'settled' WHERE h.line_id = l.id AND h.state = 'approved'"
        "   AND h.amount_fen = l.amount_fen) FROM subsidy_subsidy_line l WHERE l.payee_body_id IS NOT NULL"
        "   AND l.state IN ('to_notice', 'in_notice', 'objected', 'noticed', 'held', 'to_approve', 'approved',"
        "   'in_batch', 'sent', 'paid', 'failed')) x",
        "bad",
    ),
    bad_in(
        "V1",
        "一张券只给本人占一个座位、用一次；过期的每一张有一个原因",
        "(SELECT v.state IN ('reserved', 'in_use') AND v.held_since IS NULL"
        " OR v.state IN ('in_use', 'settled') AND v.first_used_at IS NULL OR v.state = 'expired' AND v.cause = ''"
        " OR (SELECT count(*) FROM training_enrolment e WHERE e.voucher_id = v.id"
        " AND e.state NOT IN ('left', 'lapsed')) > 1"
        " OR EXISTS (SELECT FROM training_enrolment e WHERE e.voucher_id = v.id AND e.person_id <> v.person_id) AS bad"
        " FROM training_voucher v) x",
        "bad",
    ),
    bad_in(
        "V2",
        "每一批发放的不超过计划，张数相符，一人登记另一人发放",
        "(SELECT (SELECT count(*) FROM training_voucher v WHERE v.batch_id = b.id AND v.state <> 'matched')"
        " AS n, b.* FROM training_voucher_batch b) x",
        "n > planned OR n <> issued OR (n > 0 AND (entered_by_id <> issued_by_id) IS NOT TRUE)",
    ),
    Invariant(
        "V3",
        "券码不存明文：存的是带密钥的索引，和用钥匙重算的一致",
        "SELECT 0, 0",
        sealed.vouchers_unlike_their_code,
    ),
)
