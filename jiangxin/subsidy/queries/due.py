"""What is due in the chapter of decisions: each step of the main line looks for its own work here."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from jiangxin.ground.actor import everybody
from jiangxin.ground.staging import rows_of
from jiangxin.subsidy.detectors import DEATHS
from jiangxin.subsidy.models import ENDED, LIVE, Notice, SubsidyLine


def changes_known() -> int:
    """A number that grows with everything that may answer an unknown: registers, titles, standards, pools."""
    return int(rows_of("SELECT subsidy_changes_known()")[0][0])


def certificates_awaiting_decision(limit: int) -> list[UUID]:
    """Certificates that no decision has yet looked at, oldest first."""
    found = rows_of(
        "SELECT c.id FROM assessment_certificate c WHERE NOT EXISTS"
        " (SELECT FROM subsidy_subsidy_line l WHERE l.certificate_id = c.id) ORDER BY c.received_at, c.id LIMIT %s",
        [limit],
    )
    return [certificate for (certificate,) in found]


def count_awaiting_decision() -> int:
    """How many certificates no decision has yet looked at."""
    return int(
        rows_of(
            "SELECT count(*) FROM assessment_certificate c WHERE NOT EXISTS"
            " (SELECT FROM subsidy_subsidy_line l WHERE l.certificate_id = c.id)"
        )[0][0]
    )


# A line that waits, where something has changed that may answer it; one refused because of what has fallen away since:
# another line of the person that ended unpaid (marked by 0), a history that was withdrawn.
AGAIN = """
FROM subsidy_subsidy_line l
 WHERE (l.state = 'waiting' AND l.known_changes <> %(known)s
        OR l.state = 'refused' AND l.known_changes = 0
        OR l.state = 'refused' AND l.known_changes <> %(known)s AND l.person_id IN (
             SELECT e.person_id FROM subsidy_earlier_subsidy e
               JOIN parties_register_load r ON r.id = e.load_id AND r.state = 'withdrawn'))
   AND NOT EXISTS (SELECT FROM subsidy_subsidy_line o
                    WHERE o.certificate_id = l.certificate_id AND o.state = ANY(%(closed)s))
"""


def certificates_to_decide_again(limit: int) -> list[UUID]:
    """Certificates whose answer may be another now than when it was given."""
    asked = {"known": changes_known(), "closed": [*LIVE, *ENDED], "limit": limit}
    found = rows_of(f"SELECT DISTINCT l.certificate_id {AGAIN} LIMIT %(limit)s", asked)
    return [certificate for (certificate,) in found]


def count_to_decide_again() -> int:
    """How many such certificates there are."""
    asked = {"known": changes_known(), "closed": [*LIVE, *ENDED]}
    return int(rows_of(f"SELECT count(DISTINCT l.certificate_id) {AGAIN}", asked)[0][0])


def _lines_in(states: Sequence[str], overdue_on: date | None) -> "QuerySet[SubsidyLine]":
    found = SubsidyLine.objects.filter(state__in=states)
    return found.filter(Q(due_on__lt=overdue_on) | Q(due_on=None)) if overdue_on else found


def lines_in(states: Sequence[str], *, overdue_on: date | None = None) -> "list[UUID]":
    """Lines in these states, those whose last day is over, or not set, when a day is given; in key order."""
    return list(_lines_in(states, overdue_on).order_by("id").values_list("id", flat=True))


def count_lines_in(states: Sequence[str], *, overdue_on: date | None = None) -> int:
    """How many such lines there are."""
    return _lines_in(states, overdue_on).count()


def _notices_over(today: date) -> "QuerySet[Notice]":
    return Notice.objects.filter(state="posted", ends_on__lt=today)


def notices_over(today: date) -> list[Notice]:
    """Posted notices whose last day is over."""
    return list(_notices_over(today).order_by("id"))


def count_notices_over(today: date) -> int:
    """How many such notices there are."""
    return _notices_over(today).count()


def next_due_on(today: date) -> date | None:
    """The next day on which the main line itself has something to do."""
    return rows_of(
        "SELECT min(day) + 1 FROM (SELECT due_on AS day FROM subsidy_subsidy_line"
        " WHERE state = 'to_confirm' AND due_on >= %(today)s"
        " UNION ALL SELECT ends_on FROM subsidy_notice WHERE state = 'posted' AND ends_on >= %(today)s) d",
        {"today": today},
    )[0][0]


# The account of the dead is closed sooner or later, and no other follows of itself.
FAILED_OF_THE_DEAD = f"""
SELECT DISTINCT e.line_id FROM ({DEATHS}) e
 WHERE e.state = 'failed' AND e.from_on <= %s
   AND NOT EXISTS (SELECT FROM subsidy_hold h
                    WHERE h.line_id = e.line_id AND h.kind = 'died' AND strpos(h.evidence, e.said) > 0)
 ORDER BY e.line_id
"""


def failed_of_the_dead(today: date) -> list[UUID]:
    """Lines that the bank did not pay, whose payee died, which nobody has looked into yet."""
    with everybody():
        return [line for (line,) in rows_of(FAILED_OF_THE_DEAD, [today])]


VOUCHERS_BEHIND = """
SELECT v.id FROM assessment_certificate c
  JOIN training_training_class k ON k.number = c.class_number
  JOIN training_enrolment e ON e.class_id = k.id AND e.person_id = c.person_id
  JOIN training_voucher v ON v.id = e.voucher_id AND v.state = 'in_use'
 WHERE c.id = ANY(%s) AND c.class_number <> ''
"""


def vouchers_behind(certificate_ids: Collection[UUID]) -> list[UUID]:
    """The vouchers in use with which the classes of these certificates were attended."""
    return [voucher for (voucher,) in rows_of(VOUCHERS_BEHIND, [list(certificate_ids)])]
