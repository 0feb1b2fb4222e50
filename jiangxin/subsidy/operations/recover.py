"""What rests on a revoked certificate: paid lines are marked for recovery, promised ones are held (P25 begins here)."""

from datetime import datetime
from uuid import UUID

from jiangxin.ground.actor import Actor
from jiangxin.ground.refusal import NotYourDuty
from jiangxin.ground.staging import rows_of
from jiangxin.subsidy.operations.lines import lock_lines, move_lines

RESTING = """
SELECT l.id FROM subsidy_subsidy_line l JOIN assessment_certificate c ON c.id = l.certificate_id
 WHERE l.state = 'paid' AND c.revoked_on IS NOT NULL ORDER BY l.id
"""


def paid_on_revoked() -> list[UUID]:
    """Paid lines whose certificate has been revoked since."""
    return [line for (line,) in rows_of(RESTING)]


def mark_recoveries(actor: Actor, at: datetime) -> int:
    """Mark them for recovery; the money stays counted as paid until it is back, and the count stays taken."""
    if not actor.has("machine"):
        raise NotYourDuty()
    lines = lock_lines(paid_on_revoked())
    move_lines(actor, at, "marked_for_recovery", lines, "recovering", cause="证书已被撤销")
    return len(lines)
