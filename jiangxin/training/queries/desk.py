"""What waits at a training desk, by kind: how many and since when (今日)."""

from collections.abc import Collection
from datetime import date

from jiangxin.ground.actor import Actor
from jiangxin.ground.staging import rows_of

WAITING = """
SELECT kind, count(*), min(due) FROM (
  SELECT 'voucher_batch' AS kind, (entered_at AT TIME ZONE 'Asia/Shanghai')::date AS due FROM training_voucher_batch
   WHERE region_id = ANY(%(regions)s) AND state = 'matched' AND matched > 0
     AND entered_by_id IS DISTINCT FROM %(account)s
  UNION ALL
  SELECT 'plea', (asked_at AT TIME ZONE 'Asia/Shanghai')::date FROM training_attendance_exception
   WHERE region_id = ANY(%(regions)s) AND state = 'county'
  UNION ALL
  SELECT 'learner', (m.decided_at AT TIME ZONE 'Asia/Shanghai')::date FROM training_enrolment e
    JOIN training_training_class c ON c.id = e.class_id AND c.state IN ('open', 'running')
    JOIN recognition_measure m ON m.body_id = c.body_id AND m.state = 'in_force'
         AND m.kind IN ('suspension', 'delisting', 'withdrawal') AND m.arrangement = 'transfer'
   WHERE c.region_id = ANY(%(regions)s) AND m.region_id = ANY(%(regions)s) AND e.state IN ('held', 'seated')
     AND e.state_since <= m.decided_at
     AND NOT EXISTS (SELECT FROM training_transfer_offer o WHERE o.enrolment_id = e.id AND o.measure_id = m.id
                        AND o.state <> 'withdrawn')) w
 GROUP BY kind
"""


def training_waiting(actor: Actor, regions: Collection[int]) -> dict[str, tuple[int, date | None]]:
    """All that waits in these regions by kind, less what this actor may not do because it had a hand in it.

    `learner`: seats in the classes of a body that was stopped, whose learners were told nothing yet (P38).
    """
    rows = rows_of(WAITING, {"regions": list(regions), "account": actor.account_id})
    return {kind: (count, due) for kind, count, due in rows}
