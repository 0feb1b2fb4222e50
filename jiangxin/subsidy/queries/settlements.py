"""Settlements as pages show them: what a body may ask for, what it asked, who is called, who is paid (P24)."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from jiangxin.ground.actor import seeing
from jiangxin.ground.staging import rows_of
from jiangxin.parties.models import PayeeAccount
from jiangxin.rules.schemes import SCHEMES as LAWS
from jiangxin.rules.vocabulary import BODY_SCHEMES
from jiangxin.subsidy.facts import BODY_OF_CLASS
from jiangxin.subsidy.settlements import Settlement, SettlementHead
from jiangxin.training.models import TrainingClass

PENDING = "pending"
TITLES = {rule.code: rule.title for code in BODY_SCHEMES for version in LAWS[code].versions for rule in version.rules}
# Heads of a class that this body paid for and that no settlement holds or paid; a line by its body scheme, if any.
HEADS = """
SELECT e.class_id, e.id, e.person_id, p.name, e.state, c.id IS NOT NULL, l.id, l.state, l.amount_fen,
       (SELECT min(w.key) FROM jsonb_each_text(d.answers) w WHERE w.value = 'no')
  FROM training_enrolment e JOIN training_training_class k ON k.id = e.class_id
  JOIN parties_person p ON p.id = e.person_id
  LEFT JOIN assessment_certificate c ON c.person_id = e.person_id AND c.class_number = k.number
        AND c.revoked_on IS NULL
  LEFT JOIN subsidy_subsidy_line l ON l.certificate_id = c.id AND l.payee_body_id IS NOT DISTINCT FROM %(body)s
  LEFT JOIN subsidy_decision d ON d.id = l.decision_id
 WHERE e.class_id = ANY(%(classes)s) AND e.state IN ('completed', 'failed')
   AND (k.pays = 'project' AND e.body_id = %(body)s OR k.pays = 'employer' AND e.employer_id = %(body)s)
   AND NOT EXISTS (SELECT FROM subsidy_settlement_head h WHERE h.enrolment_id = e.id
                    AND (h.state IN ('open', 'approved')
                         OR h.state = 'struck' AND l.state IS DISTINCT FROM 'to_settle'))
 ORDER BY p.name, e.id
"""


@dataclass(frozen=True)
class Candidate:
    """A head that may be submitted: its line when it would be paid, else `reason`; `pending` when not decided yet."""

    enrolment_id: UUID
    person_id: UUID
    name: str
    line_id: UUID | None
    amount_fen: int
    reason: str
    pending: bool = False

    @property
    def paid(self) -> bool:
        """Whether it goes into a settlement as a head to be paid."""
        return not self.reason and not self.pending


def candidates_of(found: TrainingClass, body_id: UUID) -> list[Candidate]:
    """Every head of a finished class that the body may submit now, by name, whoever of the body or the desk asks."""
    return candidates_in([found], body_id)[found.id]


def candidates_in(classes: Sequence[TrainingClass], body_id: UUID) -> dict[UUID, list[Candidate]]:
    """The same for several classes, by class."""
    heads: dict[UUID, list[Candidate]] = {found.id: [] for found in classes}
    with seeing({found.region_id for found in classes}):
        for class_id, *row in rows_of(HEADS, {"classes": list(heads), "body": body_id}):
            heads[class_id].append(_candidate(*row))
    return heads


def _candidate(
    enrolment: UUID, person: UUID, name: str, attended: str, certified: bool, line: UUID | None, state: str | None,
    fen: int | None, broken: str | None,
) -> Candidate:  # fmt: skip
    if state == "to_settle":
        return Candidate(enrolment, person, name, line, fen or 0, "")
    if attended == "failed":
        return Candidate(enrolment, person, name, line, 0, "课时没有学满")
    if not certified:
        return Candidate(enrolment, person, name, line, 0, "没有取得证书")
    if state == "refused":
        return Candidate(enrolment, person, name, line, 0, f"不符合：{TITLES[broken or '']}")
    if state in ("struck", "declined"):
        return Candidate(enrolment, person, name, line, 0, "这一笔已取消")
    return Candidate(enrolment, person, name, line, 0, "", pending=True)


@dataclass(frozen=True)
class Counts:
    """What a settlement says, or would say now: the numbers that add up, with what is struck off by why."""

    submitted: int
    struck: dict[str, int]
    approved: int
    sum_fen: int
    pending: int = 0

    @property
    def struck_heads(self) -> int:
        return sum(self.struck.values())


def counted(heads: Collection[Candidate]) -> Counts:
    """The counts of heads not yet submitted."""
    struck = Counter(one.reason for one in heads if one.reason)
    paid = [one for one in heads if one.paid]
    pending = sum(one.pending for one in heads)
    return Counts(len(heads) - pending, dict(struck), len(paid), sum(one.amount_fen for one in paid), pending)


def counted_so_far(settlement: Settlement) -> Counts:
    """The counts of a settlement as its heads stand."""
    heads = list(settlement.heads.values_list("state", "reason", "amount_fen"))
    struck = Counter(reason for state, reason, _ in heads if state == "struck")
    paid = [fen for state, _, fen in heads if state in ("open", "approved")]
    return Counts(len(heads), dict(struck), len(paid), sum(paid))


def scheme_of(found: TrainingClass) -> str:
    """The scheme that pays a body for this class; "" where it pays the person, or nobody."""
    return next(iter(BODY_OF_CLASS.get(found.pays, ())), "")


def settlements_of_body(body_id: UUID) -> QuerySet[Settlement]:
    """What a body asked for, the latest first."""
    return _listed(Settlement.objects.filter(body_id=body_id))


def settlements_in(regions: Collection[int], state: str = "") -> QuerySet[Settlement]:
    """Settlements that these regions pay, of one state or all, the longest waiting first."""
    found = Settlement.objects.filter(region_id__in=regions)
    return _listed(found.filter(state=state) if state else found)


def _listed(found: QuerySet[Settlement]) -> QuerySet[Settlement]:
    return found.select_related("training_class", "body").order_by("-submitted_at", "-id")


def still_to_call(settlements: Sequence[Settlement]) -> dict[UUID, int]:
    """By settlement: how many of those drawn have not answered yet."""
    answered = SettlementHead.objects.filter(settlement__in=settlements, drawn=True, attended__isnull=False)
    counts = dict(answered.values_list("settlement_id").annotate(count=Count("id")))
    return {one.id: one.to_call - counts.get(one.id, 0) for one in settlements}


def settlement_in(settlement_id: UUID) -> Settlement | None:
    """One settlement, within the scope of who asks."""
    return _listed(Settlement.objects.filter(id=settlement_id)).first()


def heads_of(settlement: Settlement) -> list[SettlementHead]:
    """Its heads: those drawn for a call first, then those that would be paid, then those struck off."""
    found = settlement.heads.select_related("person", "line", "called_by")
    return sorted(found, key=lambda one: (not one.drawn, one.state == "struck", one.place or 0, one.person.name))


def paid_of(settlement: Settlement) -> tuple[int, int]:
    """How many of its heads the bank has paid, and how much in fen: for the body, which sees no lines."""
    with seeing([settlement.region_id]):
        [(heads, fen)] = rows_of(PAID, [settlement.id])
    return int(heads), int(fen)


PAID = """
SELECT count(*), coalesce(sum(l.amount_fen), 0) FROM subsidy_settlement_head h
  JOIN subsidy_subsidy_line l ON l.id = h.line_id AND l.state = 'paid'
 WHERE h.settlement_id = %s AND h.state = 'approved'
"""


def classes_to_settle(body_id: UUID) -> list[TrainingClass]:
    """Finished classes in which somebody may still be settled with this body."""
    found = TrainingClass.objects.filter(state="finished").filter(
        Q(pays="project", body_id=body_id) | Q(pays="employer", enrolments__employer_id=body_id)
    )
    return list(found.distinct().order_by("-last_on", "-id")[:200])


def body_account(body_id: UUID) -> PayeeAccount | None:
    """The account a body is paid to now."""
    return PayeeAccount.objects.filter(body_id=body_id, state="confirmed").first()


def body_accounts(body_id: UUID) -> list[PayeeAccount]:
    """All accounts a body ever named, the latest first."""
    return list(PayeeAccount.objects.filter(body_id=body_id).order_by("-since", "-id"))


def accounts_to_confirm(regions: Collection[int]) -> list[PayeeAccount]:
    """Accounts of bodies of these regions that wait for an office."""
    found = PayeeAccount.objects.filter(state="unconfirmed", body__region_id__in=regions)
    return list(found.select_related("body").order_by("since", "id"))
