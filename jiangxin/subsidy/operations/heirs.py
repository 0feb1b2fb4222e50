"""Heirs (P12): a line held because its person died is paid to an heir, whom one enters and another confirms.

The heir is a person of the register with a live account of the own. Confirmed, what held the line for the death is
released by these two, and the line goes on where it was.
"""

from datetime import datetime
from uuid import UUID

from jiangxin.ground.actor import Actor, everybody, receive
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.transitions import move, move_one
from jiangxin.parties.models import PayeeAccount, Person
from jiangxin.parties.operations.persons import PersonRow, find_at_counter, register_persons
from jiangxin.parties.queries.persons import find_person, fold_name
from jiangxin.subsidy.heirs import HEIR_STATES, HeirPayee
from jiangxin.subsidy.models import HOLD_STATES, SubsidyLine
from jiangxin.subsidy.operations.confirm import live_account
from jiangxin.subsidy.operations.holds import go_on
from jiangxin.subsidy.operations.lines import OwnLine, lock_line_of_another


class NotHeldForDeath(Refusal):
    sentence = "这一笔现在没有因为去世在核查。"
    remedy = "刷新后可看到它到了哪一步。"


class HeirNamedOtherwise(Refusal):
    sentence = "这个证件号登记的姓名不一样。"
    remedy = "请对照继承人的身份证核对姓名和号码；改过名的，请先办理更名。"


class HeirIsTheDead(Refusal):
    sentence = "填的是去世的本人。"
    remedy = "请填继承人的身份证号。"


class HeirNeedsPapers(Refusal):
    sentence = "要写明是什么关系、看了哪些材料。"
    remedy = "材料至少写 5 个字，例如死亡证明、公证书编号。"


class HeirHasNoAccount(Refusal):
    sentence = "继承人还没有能收款的账户。"
    remedy = "请先在“人员”里登记继承人本人的账户并确认，再回来办理。"


class HeirEntered(Refusal):
    sentence = "已经登记了一位继承人，等另一位同事确认。"
    remedy = "请先确认或不采用那一位。"


class HeirNeedsAnother(Refusal):
    sentence = "换收款人要两个人，这一位是您登记的。"
    remedy = "请由另一位同事确认。"


class HeirIsClosed(Refusal):
    sentence = "这一位继承人已经处理过。"
    remedy = "刷新后可看到结果。"


def _held_for_death(line: SubsidyLine) -> bool:
    return line.state == "held" and line.holds.filter(kind="died", state="open").exists()


def _at_the_desk(actor: Actor, line: SubsidyLine, *duties: str) -> bool:
    mine = actor.has(*duties) and line.region_id in actor.regions and actor.person_id != line.person_id
    return mine and _held_for_death(line)


def may_enter_heir(actor: Actor, line: SubsidyLine) -> bool:
    """Whether the actor may enter an heir: a maker in scope, while the line is held for a death and none waits."""
    return _at_the_desk(actor, line, "maker") and not line.heirs.filter(state="entered").exists()


def may_withdraw_heir(actor: Actor, heir: HeirPayee) -> bool:
    """Whether the actor may say that an heir who waits is not taken: whoever entered it, or another at the desk."""
    return heir.state == "entered" and _at_the_desk(actor, heir.line, "maker", "checker")


def may_confirm_heir(actor: Actor, heir: HeirPayee) -> bool:
    """Whether the actor may confirm an heir that another entered."""
    return heir.entered_by_id != actor.account_id and may_withdraw_heir(actor, heir)


def find_heir(actor: Actor, at: datetime, line_id: UUID, number: str, name: str) -> Person:
    """The person whose card was shown as the heir's, found by its number or brought into the register now."""
    if not may_enter_heir(actor, lock_line_of_another(actor, line_id)):
        raise NotHeldForDeath() if actor.has("maker") else NotYourDuty()
    row = PersonRow(kind="resident", number=number, name=name)
    with everybody():
        known = find_person(number)
        if known and known.name != fold_name(name):
            raise HeirNamedOtherwise()
        found = find_at_counter(actor, at, number, "登记继承人")
        found = found or Person.objects.get(pk=register_persons(actor, at, [row]).ids[0])
    receive(found.pk)
    return found


def enter_heir(
    actor: Actor, at: datetime, line_id: UUID, person_id: UUID, relation: str, papers: str
) -> HeirPayee:  # fmt: skip
    """Enter who inherits a line and which papers were seen; nothing is paid to the heir before another confirms."""
    line = lock_line_of_another(actor, line_id)
    if line.heirs.filter(state="entered").exists():
        raise HeirEntered()
    if not may_enter_heir(actor, line):
        raise NotHeldForDeath() if actor.has("maker") else NotYourDuty()
    if person_id == line.person_id:
        raise HeirIsTheDead()
    if person_id == actor.person_id:
        raise OwnLine()
    if not relation.strip() or len(papers.strip()) < 5:
        raise HeirNeedsPapers()
    account = live_account(person_id)
    if account is None:
        raise HeirHasNoAccount()
    heir = HeirPayee.objects.create(
        line=line, region_id=line.region_id, person_id=person_id, account=account, relation=relation.strip(),
        papers=papers.strip(), entered_by_id=actor.the_account, entered_at=at,
    )  # fmt: skip
    note(actor, at, "entered_heir", line, cause=f"{heir.words}，材料：{heir.papers}")
    return heir


def _to_close(actor: Actor, heir_id: UUID) -> HeirPayee:
    """An heir who waits, locked with line and account; for nobody who would be paid."""
    heir = HeirPayee.objects.select_for_update(of=("self",)).filter(id=heir_id).first()
    if heir is None:
        raise NotFound()
    if heir.state != "entered":
        raise HeirIsClosed()
    heir.line = lock_line_of_another(actor, heir.line_id)
    heir.account = PayeeAccount.objects.select_for_update(no_key=True).get(pk=heir.account_id)
    if heir.person_id == actor.person_id:
        raise OwnLine()
    return heir


def confirm_heir(actor: Actor, at: datetime, heir_id: UUID) -> HeirPayee:
    """Another officer saw the papers and confirms: the heir is paid, the death holds the line no more."""
    heir = _to_close(actor, heir_id)
    if heir.entered_by_id == actor.account_id:
        raise HeirNeedsAnother()
    if not may_confirm_heir(actor, heir):
        raise NotHeldForDeath() if actor.has("maker", "checker") else NotYourDuty()
    if heir.account.state not in ("certified", "confirmed"):
        raise HeirHasNoAccount()
    line = heir.line
    move(line.heirs.all(), HEIR_STATES, "replaced")
    move_one(heir, HEIR_STATES, "confirmed", closed_by_id=actor.the_account, closed_at=at)
    SubsidyLine.objects.filter(id=line.id).update(account_id=heir.account_id)
    for hold in line.holds.filter(kind="died", state="open"):
        found = "；".join(filter(None, (hold.finding, f"由{heir.words}领取，材料：{heir.papers}")))
        move_one(
            hold, HOLD_STATES, "released", finding=found[:400], first_by_id=heir.entered_by_id,
            first_at=heir.entered_at, second_by_id=actor.account_id, released_at=at,
        )  # fmt: skip
        note(actor, at, "released_hold", hold)
    note(actor, at, "confirmed_heir", line, cause=heir.words)
    go_on(actor, at, line)
    return heir


def withdraw_heir(actor: Actor, at: datetime, heir_id: UUID) -> HeirPayee:
    """Not taken: by who entered it, or by another who does not agree; the line stays held."""
    heir = _to_close(actor, heir_id)
    if not may_withdraw_heir(actor, heir):
        raise NotHeldForDeath() if actor.has("maker", "checker") else NotYourDuty()
    move_one(heir, HEIR_STATES, "withdrawn", closed_by_id=actor.the_account, closed_at=at)
    note(actor, at, "withdrew_heir", heir.line, cause=heir.words)
    return heir
