"""Two records found to be one person (I1, P33): everything changes hands, is written down, and can be given back."""

from datetime import datetime
from uuid import UUID

from jiangxin.ground.actor import Actor
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.staging import rows_of, run
from jiangxin.parties.models import Person, PersonMerge

# Every column by which a row belongs to a person and goes with the person. What is written once stays as it was
# (decisions, the journal): it is found by the line, which moves.
MOVES = (
    ("parties_person_document", "person_id"),
    ("parties_person_name", "person_id"),
    ("parties_spell", "person_id"),
    ("parties_payee_account", "person_id"),
    ("parties_account", "person_id"),
    ("assessment_certificate", "person_id"),
    ("subsidy_subsidy_line", "person_id"),
    ("subsidy_earlier_subsidy", "person_id"),
)
KEPT = {
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


class BothSignIn(Refusal):
    sentence = "两条记录都有登录账号，不能合并。"
    remedy = "请先停用其中一个账号。"


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
    _refuse_conflicts(kept_id, gone_id)
    moved: dict[str, object] = {
        "slots": _free_slots(kept_id, gone_id),
        "closed": _close_second_account(kept_id, gone_id),
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


def _refuse_conflicts(kept_id: UUID, gone_id: UUID) -> None:
    pair = [kept_id, gone_id]
    if rows_of("SELECT count(*) FROM parties_account WHERE person_id = ANY(%s)", [pair])[0][0] > 1:
        raise BothSignIn()
    years = rows_of(
        "SELECT count_year FROM (SELECT count_year FROM subsidy_subsidy_line WHERE person_id = ANY(%(pair)s)"
        " AND slot IS NOT NULL UNION ALL SELECT e.count_year FROM subsidy_earlier_subsidy e"
        " JOIN parties_register_load r ON r.id = e.load_id AND r.state = 'active' WHERE e.person_id = ANY(%(pair)s)) c"
        " GROUP BY 1 HAVING count(*) > 3 ORDER BY 1",
        {"pair": pair},
    )
    if years:
        raise TooManyCountsTogether(year=years[0][0])
    if rows_of(
        "SELECT 1 FROM subsidy_subsidy_line a JOIN subsidy_subsidy_line b ON b.person_id = %s AND b.subject = a.subject"
        " WHERE a.person_id = %s AND a.slot IS NOT NULL AND b.slot IS NOT NULL LIMIT 1",
        pair,
    ):
        raise SameSubsidyTwice()


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


def _close_second_account(kept_id: UUID, gone_id: UUID) -> list[list[str]]:
    """One live account per person: the kept one's stays, the other is closed; returns (account, state before)."""
    live = "state NOT IN ('closed', 'failed')"
    if not rows_of(f"SELECT 1 FROM parties_payee_account WHERE person_id = %s AND {live}", [kept_id]):
        return []
    closed = rows_of(f"SELECT id, state FROM parties_payee_account WHERE person_id = %s AND {live}", [gone_id])
    for account, _ in closed:
        run("UPDATE parties_payee_account SET state = 'closed' WHERE id = %s", [account])
    return [[str(account), state] for account, state in closed]


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
    list(Person.objects.select_for_update().filter(id__in=pair).order_by("id"))
    if rows_of(MONEY_MOVED, [merge.kept_id, merge.merged_at])[0][0]:
        raise PaidSinceMerge()
    for table, column in reversed(MOVES):
        ids = merge.moved[table]
        run(f"UPDATE {table} SET {column} = %s WHERE id = ANY(%s::uuid[])", [merge.gone_id, ids])
    for line, slot in merge.moved["slots"]:
        run("UPDATE subsidy_subsidy_line SET slot = %s WHERE id = %s AND slot IS NOT NULL", [slot, line])
    for account, state in merge.moved["closed"]:
        run("UPDATE parties_payee_account SET state = %s WHERE id = %s", [state, account])
    Person.objects.filter(id=merge.gone_id).update(merged_into_id=None)
    PersonMerge.objects.filter(id=merge.id).update(undone_at=at)
    note(actor, at, "undid_merge", merge, person_id=merge.kept_id)
    return merge
