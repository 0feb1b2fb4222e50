"""What waits on a desk, by duty: how many, since when, until when, how much money; and how fast money travels."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from jiangxin.assessment.models import Certificate
from jiangxin.ground.actor import Actor
from jiangxin.ground.staging import rows_of
from jiangxin.parties.queries.registers import spells_of
from jiangxin.subsidy.models import SubsidyLine

# Accounts entered at a counter that another is to confirm, of persons with money in these regions (P13).
PROPOSED = """
SELECT a.id, a.person_id, p.name, a.bank, a.tail, a.entered_by_name, a.since
  FROM parties_payee_account a JOIN parties_person p ON p.id = a.person_id
 WHERE a.state = 'unconfirmed' AND a.entered_by_name NOT IN (p.name, %(name)s)
   AND EXISTS (SELECT FROM subsidy_subsidy_line l WHERE l.person_id = a.person_id AND l.region_id = ANY(%(regions)s))
"""
WAITING = """
SELECT kind, count(*), coalesce(sum(fen), 0)::bigint, min(due) FROM (
  SELECT 'line_' || state AS kind, amount_fen AS fen, due_on AS due FROM subsidy_subsidy_line l
   WHERE region_id = ANY(%(regions)s) AND scheme <> '' AND (state <> 'to_approve' OR sheet_id IS NULL)
     AND state IN ('waiting', 'silent', 'to_notice', 'held', 'to_approve', 'failed', 'queued', 'to_confirm',
                   'recovering')
     AND (state <> 'silent' OR NOT EXISTS (
         SELECT FROM ground_journal_entry j WHERE j.subject_id = l.id AND j.at >= l.state_since
            AND j.verb = 'called_person' AND j.detail->>'reached' = 'true'))
  UNION ALL
  SELECT 'deferral', amount_fen, due_on FROM subsidy_subsidy_line l
   WHERE region_id = ANY(%(regions)s) AND state = 'deferred' AND EXISTS (
         SELECT FROM ground_journal_entry j
          WHERE j.subject_id = l.id AND j.at >= l.state_since AND j.verb = 'warned_deferral'
            AND NOT EXISTS (SELECT FROM ground_journal_entry c WHERE c.subject_id = l.id AND c.at >= j.at
                               AND c.verb = 'called_person' AND c.detail->>'reached' = 'true'))
  UNION ALL
  SELECT 'answer', 0, (entered_at AT TIME ZONE 'Asia/Shanghai')::date FROM subsidy_officer_answer
   WHERE region_id = ANY(%(regions)s) AND state = 'entered' AND entered_by_id IS DISTINCT FROM %(account)s
  UNION ALL
  SELECT 'account', 0, (since AT TIME ZONE 'Asia/Shanghai')::date FROM ({proposed}) a
  UNION ALL
  SELECT CASE WHEN proposed_by_id IS NULL THEN 'objection' ELSE 'uphold' END, 0, due_on FROM subsidy_objection
   WHERE region_id = ANY(%(regions)s) AND state = 'open'
     AND (proposed_by_id IS NULL OR proposed_by_id IS DISTINCT FROM %(account)s)
  UNION ALL
  SELECT 'cosign', 0, due_on FROM subsidy_hold WHERE region_id = ANY(%(regions)s) AND state = 'open'
     AND first_by_id IS NOT NULL AND first_by_id IS DISTINCT FROM %(account)s
  UNION ALL
  SELECT 'heir', 0, (entered_at AT TIME ZONE 'Asia/Shanghai')::date FROM subsidy_heir_payee
   WHERE region_id = ANY(%(regions)s) AND state = 'entered' AND entered_by_id IS DISTINCT FROM %(account)s
  UNION ALL
  SELECT 'sheet_' || state, total_fen, (made_at AT TIME ZONE 'Asia/Shanghai')::date FROM subsidy_approval_sheet
   WHERE region_id = ANY(%(regions)s) AND state IN ('made', 'checked', 'led')
     AND made_by_id IS DISTINCT FROM %(account)s AND (state = 'led' OR office_id = %(office)s)
     AND NOT EXISTS (SELECT FROM subsidy_approval a WHERE a.sheet_id = subsidy_approval_sheet.id
                        AND a.account_id = %(account)s)
  UNION ALL
  SELECT 'settlement', 0, (submitted_at AT TIME ZONE 'Asia/Shanghai')::date FROM subsidy_settlement
   WHERE region_id = ANY(%(regions)s) AND state = 'calling'
  UNION ALL
  SELECT 'body_account', 0, (a.since AT TIME ZONE 'Asia/Shanghai')::date
    FROM parties_payee_account a JOIN parties_organisation o ON o.id = a.body_id
   WHERE o.region_id = ANY(%(regions)s) AND a.state = 'unconfirmed' AND a.entered_by_name <> %(name)s
  UNION ALL
  SELECT 'notice', 0, ends_on FROM subsidy_notice WHERE region_id = ANY(%(regions)s) AND state = 'posted'
  UNION ALL
  SELECT 'standard', 0, (entered_at AT TIME ZONE 'Asia/Shanghai')::date FROM subsidy_adopted_standard
   WHERE region_id = ANY(%(regions)s) AND region_id = %(own)s AND state = 'proposed' AND effect IS NOT NULL
     AND entered_by_id IS DISTINCT FROM %(account)s
  UNION ALL
  -- An application for a class is its county's; what is overdue below is the business of the office above too.
  SELECT CASE WHEN region_id = %(own)s THEN 'opening' ELSE 'opening_escalated' END, 0, due_on
    FROM training_training_class WHERE region_id = ANY(%(regions)s) AND state = 'submitted'
     AND (region_id = %(own)s OR due_on < %(today)s)
  UNION ALL
  SELECT 'budget', amount_fen, (entered_at AT TIME ZONE 'Asia/Shanghai')::date FROM funds_budget_line
   WHERE region_id = ANY(%(regions)s) AND confirmed_at IS NULL AND dropped_at IS NULL
     AND entered_by_id IS DISTINCT FROM %(account)s) w
 GROUP BY kind
""".replace("{proposed}", PROPOSED)
SPEED = """
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY days), percentile_disc(0.95) WITHIN GROUP (ORDER BY days), count(*)
  FROM (SELECT (l.state_since AT TIME ZONE 'Asia/Shanghai')::date - l.issued_on AS days FROM subsidy_subsidy_line l
         WHERE l.region_id = ANY(%s) AND l.state = 'paid') d
"""
BY_REGION = """
SELECT l.region_id, r.name, count(*), count(*) FILTER (WHERE l.state = 'paid'),
       coalesce(sum(l.amount_fen) FILTER (WHERE l.state = 'paid'), 0)::bigint,
       count(*) FILTER (WHERE l.state = 'waiting'), count(*) FILTER (WHERE l.state = 'queued'),
       count(*) FILTER (WHERE l.due_on < %(today)s AND l.state IN ('objected', 'held', 'silent'))
  FROM subsidy_subsidy_line l JOIN ground_region r ON r.id = l.region_id
 WHERE l.region_id = ANY(%(regions)s) AND l.scheme <> 'skill_uplift' GROUP BY 1, 2 ORDER BY 4 DESC
"""


@dataclass(frozen=True)
class Waiting:
    """Work of one kind: how many, how much money, and the earliest day that matters."""

    count: int
    fen: int
    due: date | None


def waiting(actor: Actor, regions: Collection[int], today: date) -> dict[str, Waiting]:
    """All that waits in these regions by kind, less what this actor may not do because it had a hand in it."""
    facts = {
        "regions": list(regions), "own": actor.region_id, "account": actor.account_id, "office": actor.office_id,
        "name": actor.name, "today": today,
    }  # fmt: skip
    rows = rows_of(WAITING, facts)
    return {kind: Waiting(*rest) for kind, *rest in rows}


@dataclass(frozen=True)
class Proposed:
    """An account entered at a counter that waits for a second person."""

    account_id: UUID
    person_id: UUID
    name: str
    bank: str
    tail: str
    entered_by: str
    since: datetime


def accounts_to_confirm(actor: Actor) -> list[Proposed]:
    """The accounts that somebody else entered at a counter of the actor's regions, the longest waiting first."""
    rows = rows_of(PROPOSED + " ORDER BY a.since, a.id", {"regions": list(actor.regions), "name": actor.name})
    return [Proposed(*row) for row in rows]


@dataclass(frozen=True)
class Speed:
    """Days from the issue of a certificate to money on the card."""

    median: int | None
    slowest: int | None
    paid: int


def speed(regions: Collection[int]) -> Speed:
    """How long it took, over everything paid in these regions."""
    return Speed(*rows_of(SPEED, [list(regions)])[0])


@dataclass(frozen=True)
class County:
    """One region at a glance."""

    region_id: int
    name: str
    decided: int
    paid: int
    paid_fen: int
    waiting: int
    queued: int
    overdue: int


def by_region(regions: Collection[int], today: date) -> list[County]:
    """The regions of a city or the province, those that paid most first."""
    return [County(*row) for row in rows_of(BY_REGION, {"regions": list(regions), "today": today})]


def has_business_in(regions: Collection[int], person_id: UUID, on: date) -> bool:
    """Whether a person has a certificate, a line of money or a status of this day (hukou, residence …) in the regions.

    More than that no desk needs: whoever else comes to the counter is found by the number of the own document.
    """
    here = {"region_id__in": list(regions)}
    return (
        SubsidyLine.objects.filter(person_id=person_id, **here).exists()
        or Certificate.objects.filter(person_id=person_id, **here).exists()
        or spells_of(person_id, on).filter(**here).exists()
    )
