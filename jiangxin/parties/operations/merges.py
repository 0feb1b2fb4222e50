"""Two records found to be one person (I1, P33): everything changes hands, is written down, and can be given back."""

from datetime import datetime
from uuid import UUID

from jiangxin.ground.actor import PROVINCE, Actor, seeing
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.regions import regions_within
from jiangxin.ground.staging import rows_of, run
from jiangxin.parties.models import Person, PersonMerge
from jiangxin.parties.operations.merge_conflicts import refuse_meetings

# Every column by which a row belongs to a person and goes with the person. What is written once stays as it was
# (decisions, the journal): it is found by the line, which moves.
MOVES = (
    ("parties_person_document", "person_id"),
    ("parties_person_name", "person_id"),
    ("parties_spell", "person_id"),
    ("parties_payee_account", "person_id"),
    ("parties_account", "person_id"),
    ("parties_employment", "person_id"),
    ("training_teacher", "person_id"),
    ("training_lesson", "teacher_person_id"),
    ("training_voucher", "person_id"),
    ("training_enrolment", "person_id"),
    ("training_transfer_offer", "person_id"),
    ("training_attendance", "person_id"),
    ("training_attendance_exception", "person_id"),
    ("training_statement", "person_id"),
    ("training_study_count", "person_id"),
    ("assessment_candidate", "person_id"),
    ("assessment_examiner", "person_id"),
    ("assessment_exam_duty", "person_id"),
    ("assessment_certificate", "person_id"),
    ("subsidy_subsidy_line", "person_id"),
    ("subsidy_earlier_subsidy", "person_id"),
    ("subsidy_heir_payee", "person_id"),
)
KEPT = {
    "training_scan": "what came to the device then; the attendance it proves moves",
    "subsidy_settlement_head": "closed with its settlement; its seat and its line move",
    "subsidy_decision": "the law's answer of its day, found by its line",
    "ground_journal_entry": "what was done then, to whom it was done",
    "payment_payment": "sealed in its batch; the line it pays moves",
    "subsidy_level_lock": "follows its lines by the trigger",
    "parties_person_merge": "the merge itself",
    "parties_person": "points to the kept record",
}
MONEY_MOVED = """
SELECT count(*) FROM payment_payment p JOIN subsidy_subsidy_line l ON l.id = p.line_id
  JOIN payment_batch b ON b.id = p.batch_id
 WHERE l.person_id = %s AND b.built_at > %s
"""


class SamePerson(Refusal):
    sentence = "这两条是同一条记录，不用合并。"
    remedy = "请核对两个证件号。"


class MergedAlready(Refusal):
    sentence = "其中一条已经合并过。"
    remedy = "请在合并后的那条记录上办理。"


class MergeNeedsReason(Refusal):
    sentence = "合并要写明依据。"
    remedy = "写清根据什么认定是同一个人，至少 5 个字。"


class TooManyCountsTogether(Refusal):
    sentence = "合并后 {year} 年超过三次，不能合并。"
    remedy = "请先把不该给的那一笔取消或追回，再合并。"


class SameSubsidyTwice(Refusal):
    sentence = "两条记录领过同一职业同一等级、或高低颠倒的补贴，不能合并。"
    remedy = "请先把不该给的那一笔取消或追回，再合并。"


class SameCertificateTwice(Refusal):
    sentence = "两条记录里各有一张同一机构发的同一职业同一等级的有效证书，不能合并。"
    remedy = "请评价机构先撤销重复的那一张，再合并。"


class SameWorkplaceTwice(Refusal):
    sentence = "两条记录都在同一家单位的用工名册里，不能合并。"
    remedy = "请单位先给其中一条办离开。"


class BothSignIn(Refusal):
    sentence = "两条记录都有登录账号，不能合并。"
    remedy = "请先停用其中一个账号。"


class MergedOnSince(Refusal):
    sentence = "合并后的记录后来又并入了另一条，不能先撤销这一次。"
    remedy = "请先撤销后来那次合并。"


class PaidSinceMerge(Refusal):
    sentence = "合并之后已经编过付款批次，不能撤销。"
    remedy = "如认定有误，请按追回办理。"


def may_merge(actor: Actor) -> bool:
    """Whether the actor keeps the register of persons (数据管理)."""
    return actor.has("register")


def merge_persons(actor: Actor, at: datetime, kept_id: UUID, gone_id: UUID, reason: str) -> PersonMerge:
    """Give all that belongs to one record to the other; `moved` lists every row, so that it can be undone."""
    if not may_merge(actor):
        raise NotYourDuty()
    if kept_id == gone_id:
        raise SamePerson()
    if len(reason.strip()) < 5:
        raise MergeNeedsReason()
    people = {p.id: p for p in Person.objects.select_for_update().filter(id__in=[kept_id, gone_id]).order_by("id")}
    if len(people) < 2:
        raise NotFound()
    if any(person.merged_into_id for person in people.values()):
        raise MergedAlready()
    with seeing(regions_within(PROVINCE)):
        _refuse_conflicts(kept_id, gone_id)
        moved: dict[str, object] = {
            "slots": _free_slots(kept_id, gone_id),
            "accounts": _one_live_account(kept_id, gone_id),
        }
        for table, column in MOVES:
            found = rows_of(f"SELECT id FROM {table} WHERE {column} = %s ORDER BY id", [gone_id])
            moved[table] = [str(row) for (row,) in found]
            run(f"UPDATE {table} SET {column} = %s WHERE {column} = %s", [kept_id, gone_id])
    Person.objects.filter(id=gone_id).update(merged_into_id=kept_id)
    merge = PersonMerge.objects.create(
        id=new_id(), kept_id=kept_id, gone_id=gone_id, reason=reason.strip(), merged_at=at,
        merged_by_id=actor.the_account, moved=moved,
    )  # fmt: skip
    note(actor, at, "merged_persons", merge, person_id=kept_id, reason=reason.strip())
    return merge


# What was promised or paid to either record; two that must not stand together for one person.
TAKEN = """
WITH taken AS (
  SELECT person_id, subject, level_rank, count_year, first_decided_at AS at, true AS live
    FROM subsidy_subsidy_line WHERE person_id = ANY(%(pair)s) AND slot IS NOT NULL
  UNION ALL
  SELECT e.person_id, e.subject, e.level_rank, e.count_year, e.paid_on::timestamp AT TIME ZONE 'Asia/Shanghai', false
    FROM subsidy_earlier_subsidy e JOIN parties_register_load r ON r.id = e.load_id AND r.state = 'active'
   WHERE e.person_id = ANY(%(pair)s))
"""
YEARS_OVER = TAKEN + "SELECT count_year FROM taken GROUP BY 1 HAVING count(*) > 3 AND bool_or(live) ORDER BY 1"
# The same level twice, or a lower one promised after a higher.
LEVELS_MEET = (
    TAKEN
    + """
SELECT 1 FROM taken a JOIN taken b ON a.live AND b.person_id <> a.person_id AND b.subject = a.subject
 WHERE a.level_rank IS NOT DISTINCT FROM b.level_rank OR (a.level_rank < b.level_rank AND a.at > b.at) LIMIT 1
"""
)
CERTIFICATES_MEET = """
SELECT 1 FROM assessment_certificate a JOIN assessment_certificate b
    ON b.edition = a.edition AND b.occupation = a.occupation AND b.item = a.item AND b.level = a.level
   AND b.assessor_id = a.assessor_id
 WHERE a.person_id = %s AND b.person_id = %s AND a.revoked_on IS NULL AND b.revoked_on IS NULL LIMIT 1
"""


WORKPLACES_MEET = """
SELECT FROM parties_employment a JOIN parties_employment b USING (body_id, kind)
 WHERE a.person_id = %s AND b.person_id = %s AND a.until_on IS NULL AND b.until_on IS NULL LIMIT 1
"""


def _refuse_conflicts(kept_id: UUID, gone_id: UUID) -> None:
    pair = [kept_id, gone_id]
    if rows_of("SELECT count(*) FROM parties_account WHERE person_id = ANY(%s)", [pair])[0][0] > 1:
        raise BothSignIn()
    if years := rows_of(YEARS_OVER, {"pair": pair}):
        raise TooManyCountsTogether(year=years[0][0])
    if rows_of(LEVELS_MEET, {"pair": pair}):
        raise SameSubsidyTwice()
    if rows_of(CERTIFICATES_MEET, pair):
        raise SameCertificateTwice()
    refuse_meetings(kept_id, gone_id)
    if rows_of(WORKPLACES_MEET, pair):
        raise SameWorkplaceTwice()


def _free_slots(kept_id: UUID, gone_id: UUID) -> list[list[object]]:
    """Renumber the leaving lines' slots where the kept person uses them; returns (line, slot before)."""
    used: dict[int, set[int]] = {}
    for year, slot in rows_of(
        "SELECT count_year, slot FROM subsidy_subsidy_line WHERE person_id = %s AND slot IS NOT NULL", [kept_id]
    ):
        used.setdefault(year, set()).add(slot)
    leaving = rows_of(
        "SELECT id, count_year, slot FROM subsidy_subsidy_line WHERE person_id = %s AND slot IS NOT NULL ORDER BY slot",
        [gone_id],
    )
    before: list[list[object]] = []
    plan = []
    for line, year, slot in leaving:
        taken = used.setdefault(year, set())
        free = slot if slot not in taken else next(n for n in (1, 2, 3) if n not in taken)
        taken.add(free)
        if free != slot:
            before.append([str(line), slot])
            plan.append((free, line))
    # From the highest slot down: what is moved never meets a slot that is still held.
    for free, line in sorted(plan, reverse=True, key=lambda row: row[0]):
        run("UPDATE subsidy_subsidy_line SET slot = %s WHERE id = %s", [free, line])
    return before


def _one_live_account(kept_id: UUID, gone_id: UUID) -> list[list[str]]:
    """The kept record's live account stays; the other waits for its owner. Returns (account, state before)."""
    live = "state IN ('certified', 'confirmed')"
    if not rows_of(f"SELECT 1 FROM parties_payee_account WHERE person_id = %s AND {live}", [kept_id]):
        return []
    second = rows_of(f"SELECT id, state FROM parties_payee_account WHERE person_id = %s AND {live}", [gone_id])
    run(f"UPDATE parties_payee_account SET state = 'unconfirmed' WHERE person_id = %s AND {live}", [gone_id])
    return [[str(account), state] for account, state in second]


def undo_merge(actor: Actor, at: datetime, merge_id: UUID) -> PersonMerge:
    """Give back exactly what changed hands; refused once a payment has been made up since."""
    if not may_merge(actor):
        raise NotYourDuty()
    merge = PersonMerge.objects.select_for_update().filter(id=merge_id).first()
    if merge is None:
        raise NotFound()
    if merge.undone_at:
        raise MergedAlready()
    pair = [merge.kept_id, merge.gone_id]
    people = {p.id: p for p in Person.objects.select_for_update().filter(id__in=pair).order_by("id")}
    if people[merge.kept_id].merged_into_id:
        raise MergedOnSince()
    with seeing(regions_within(PROVINCE)):
        if rows_of(MONEY_MOVED, [merge.kept_id, merge.merged_at])[0][0]:
            raise PaidSinceMerge()
        _give_back(merge)
    Person.objects.filter(id=merge.gone_id).update(merged_into_id=None)
    PersonMerge.objects.filter(id=merge.id).update(undone_at=at)
    note(actor, at, "undid_merge", merge, person_id=merge.kept_id)
    return merge


def _give_back(merge: PersonMerge) -> None:
    """Every row to where it was, with slots and account states as they were where nobody has changed them since."""
    for table, column in reversed(MOVES):
        ids = merge.moved[table]
        run(f"UPDATE {table} SET {column} = %s WHERE id = ANY(%s::uuid[])", [merge.gone_id, ids])
    for line, slot in merge.moved["slots"]:
        run("UPDATE subsidy_subsidy_line SET slot = %s WHERE id = %s AND slot IS NOT NULL", [slot, line])
    for account, state in merge.moved["accounts"]:
        run(
            "UPDATE parties_payee_account SET state = %s WHERE id = %s AND state = 'unconfirmed'",
            [state, account],
        )
