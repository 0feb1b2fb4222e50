"""The end of vouchers that nobody used: each with the one cause that kept it from being used (16.3, peers A2)."""

from datetime import datetime
from uuid import UUID

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.journal import note
from jiangxin.ground.staging import rows_of, run
from jiangxin.training.operations.vouchers import lift_money
from jiangxin.training.queries.vouchers import FITS_CLASS
from jiangxin.training.vouchers import VOUCHER_CAUSES

# A class that its person could have gone to: in the voucher's county (a city's voucher: anywhere in the city), open for
# enrolment on some day of the voucher's life. Classes are filed before they begin, and take nobody afterwards.
NEAR = f"""
EXISTS (SELECT FROM training_training_class c
         WHERE {FITS_CLASS} AND c.state IN ('open', 'running', 'finished') AND c.first_on >= v.from_on
           AND (coalesce(c.decided_at, c.state_since) AT TIME ZONE 'Asia/Shanghai')::date <= v.until_on
           AND c.region_id BETWEEN v.region_id AND v.region_id
               + CASE WHEN v.region_id %% 10000 = 0 THEN 9999 WHEN v.region_id %% 100 = 0 THEN 99 ELSE 0 END)
"""
# What its person tried comes first, then whether it was looked at, then what was there, then who its person is by now.
TRIED = f"""
EXISTS (SELECT FROM training_enrolment e JOIN training_training_class c ON c.id = e.class_id
         WHERE e.person_id = v.person_id AND e.state = ANY(%({{}})s) AND {FITS_CLASS}
           AND (e.waits_since AT TIME ZONE 'Asia/Shanghai')::date BETWEEN v.from_on AND v.until_on)
"""
STILL_ELIGIBLE = """
EXISTS (SELECT FROM parties_spell s LEFT JOIN parties_register_load l ON l.id = s.load_id
         WHERE s.person_id = v.person_id AND jsonb_exists(b.groups, s.kind_id) AND s.from_on <= v.until_on
           AND (s.until_on IS NULL OR s.until_on >= v.until_on) AND (s.load_id IS NULL OR l.state = 'active'))
"""
CAUSE = f"""
CASE WHEN {TRIED.format("left")} THEN 'left' WHEN {TRIED.format("waiting")} THEN 'class_full'
     WHEN v.opened_at IS NULL THEN 'never_opened' WHEN NOT {NEAR} THEN 'no_class'
     WHEN b.groups <> '[]' AND NOT {STILL_ELIGIBLE} THEN 'not_eligible' ELSE 'not_used' END
"""
OVER = "state = 'issued' AND until_on < %(on)s"
LOCK_OVER = f"SELECT id, reserved_fen FROM training_voucher WHERE {OVER} ORDER BY id LIMIT %(most)s FOR NO KEY UPDATE"
EXPIRE = f"""
UPDATE training_voucher v SET state = 'expired', state_since = %(at)s, reserved_fen = 0, cause = {CAUSE}
  FROM training_voucher_batch b WHERE b.id = v.batch_id AND v.id = ANY(%(ids)s)
"""
BY_CAUSE = "SELECT cause, count(*) FROM training_voucher WHERE id = ANY(%s) GROUP BY 1"
BATCH = 100_000


def expire_vouchers(actor: Actor, at: datetime, most: int = BATCH) -> int:
    """End the vouchers whose last day is over, with their causes, and free their money; returns how many.

    The machine's work. One that a seat holds does not expire; a frozen one waits until it is let go.
    """
    on = {"on": day_of(at), "most": most}
    over: list[tuple[UUID, int]] = rows_of(LOCK_OVER, on)
    if not over:
        return 0
    ids = [key for key, _ in over]
    run(EXPIRE, {"at": at, "ids": ids, "left": ["left", "lapsed"], "waiting": ["waiting"]})
    lift_money(at, [key for key, fen in over if fen])
    causes = dict(rows_of(BY_CAUSE, [ids]))
    found = {VOUCHER_CAUSES[cause]: count for cause, count in causes.items()}
    note(actor, at, "expired_vouchers", kind="Voucher", count=len(ids), causes=found)
    return len(ids)
