"""The person's will (P13): confirm, decline, defer, reopen; and what silence means in each region."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from jiangxin.ground.actor import Actor, see_region
from jiangxin.ground.clock import day_of
from jiangxin.ground.free_text import refuse_numbers
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import NotYourDuty, Refusal
from jiangxin.parties.models import PayeeAccount
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.subsidy.operations.decide import OFFICER
from jiangxin.subsidy.operations.lines import free_money, lock_line, move_lines
from jiangxin.subsidy.terms import Terms

WAYS = {
    "worker": "本人在手机上确认",
    "counter": "本人到窗口确认",
    "telephone": "电话确认并留记录",
    "silence": "到期未答复，按规定办理",
}

# From which states each answer may be given; a page asks the same to show its button.
ANSWERS = {
    "confirm": ("to_confirm",),
    "decline": ("queued", "to_confirm", "silent", "deferred", "to_notice"),
    "defer": ("queued", "to_confirm", "silent"),
    "reopen": ("declined", "deferred", "silent"),
}


class NothingToConfirm(Refusal):
    sentence = "这一笔现在不需要确认。"
    remedy = "刷新后可看到最新进度。"


class WillNeedsRecord(Refusal):
    sentence = "替本人办的要留记录。"
    remedy = "写清几点打给谁或看了什么证件、本人怎么说，至少 5 个字。"


class NoAccountToPay(Refusal):
    sentence = "还没有可以收款的账户。"
    remedy = "请先登记本人的社保卡账户，再确认。"


class DeferredTooLong(Refusal):
    sentence = "可以暂缓到 {first} 至 {last} 之间的一天。"
    remedy = "请选这之间的日期，过了最后一天就不能再领。"


class WindowIsOver(Refusal):
    sentence = "已过申领期限（{last}），不能重新办理。"
    remedy = "以后取得新证书，会重新为您核定。"


class NotLate(Refusal):
    sentence = "这一笔不是在等迟报核定。"
    remedy = "刷新后可看到它在等什么。"


class LateNeedsReason(Refusal):
    sentence = "同意迟报要写明原因。"
    remedy = "写清为什么报晚了、怎么核实的，至少 5 个字。"


class NotDeclined(Refusal):
    sentence = "这一笔不是放弃或暂缓的，不用重新办理。"
    remedy = "刷新后可看到最新进度。"


def may_answer(actor: Actor, line: SubsidyLine) -> bool:
    """Whether the actor may speak for the line's person: the person, or a maker at the counter in scope.

    What a body is paid is settled with the body: there the person is told, not asked.
    """
    if line.payee_body_id:
        return False
    return actor.person_id == line.person_id or (actor.has("maker") and line.region_id in actor.regions)


def live_account(owner: UUID) -> PayeeAccount | None:
    """The account of a person or body that would be paid: certified by the card register, or confirmed."""
    return PayeeAccount.objects.filter(owner=owner, state__in=["certified", "confirmed"]).first()


def _to_answer(actor: Actor, line_id: UUID, states: Collection[str]) -> SubsidyLine:
    line = lock_line(line_id)
    if not may_answer(actor, line):
        raise NotYourDuty()
    if line.state not in states:
        raise NothingToConfirm()
    see_region(actor, line.region_id)
    return line


def confirm_line(actor: Actor, at: datetime, line_id: UUID, how: str = "worker", record: str = "") -> SubsidyLine:
    """The person takes the money on the account shown; the line goes to the next notice.

    At the counter or by telephone only with a record of what was seen and said (P13), which stays in the journal.
    """
    refuse_numbers(record)
    line = _to_answer(actor, line_id, ANSWERS["confirm"])
    if how in ("counter", "telephone") and len(record.strip()) < 5:
        raise WillNeedsRecord()
    account = live_account(line.person_id)
    if account is None:
        raise NoAccountToPay()
    move_lines(
        actor,
        at,
        "confirmed",
        [line],
        "to_notice",
        cause=f"{WAYS[how]}：{record.strip()}" if record.strip() else WAYS[how],
        confirmed_at=at,
        confirmed_how=how,
        account_id=account.id,
    )
    return line


def decline_line(actor: Actor, at: datetime, line_id: UUID, reason: str = "") -> SubsidyLine:
    """The person does not want it: money, count and level lock are free again; reopening stays possible (P13).

    Whoever says so for the person records how the person said it.
    """
    refuse_numbers(reason)
    line = _to_answer(actor, line_id, ANSWERS["decline"])
    if actor.person_id != line.person_id and len(reason.strip()) < 5:
        raise WillNeedsRecord()
    if line.state in ("silent", "deferred"):
        move_lines(actor, at, "declined", [line], "declined", cause=reason)
    else:
        free_money(actor, at, "declined", [line], "declined", cause=reason)
    return line


def _window_ends(at: datetime, line: SubsidyLine) -> date:
    """The last day of the window; raises NumberUnknown where the region has no number for it today."""
    terms = Terms(at)
    terms.value(line.region_id, "claim_window_months")
    ends = terms.window_ends(line.issued_on, line.region_id)
    assert ends
    return ends


def defer_line(actor: Actor, at: datetime, line_id: UUID, until: date) -> SubsidyLine:
    """The person decides later, never past the window; meanwhile money and count are free."""
    line = _to_answer(actor, line_id, ANSWERS["defer"])
    last = _window_ends(at, line)
    if not day_of(at) < until <= last:
        raise DeferredTooLong(first=day_of(at) + timedelta(days=1), last=last)
    if line.state == "silent":
        move_lines(actor, at, "deferred", [line], "deferred", due_on=until)
    else:
        free_money(actor, at, "deferred", [line], "deferred", due_on=until)
    return line


def may_reopen(actor: Actor, line: SubsidyLine, on: date, window_ends: date | None) -> bool:
    """Whether a declined or deferred line may be taken up again on this day."""
    return may_answer(actor, line) and line.state in ANSWERS["reopen"] and window_ends is not None and on <= window_ends


def reopen_line(actor: Actor, at: datetime, line_id: UUID) -> SubsidyLine:
    """Ask for a new decision, by the same received date, at the end of the queue; the main line gives it."""
    line = lock_line(line_id)
    if not may_answer(actor, line):
        raise NotYourDuty()
    if line.state not in ANSWERS["reopen"]:
        raise NotDeclined()
    last = _window_ends(at, line)
    if day_of(at) > last:
        raise WindowIsOver(last=last)
    see_region(actor, line.region_id)
    move_lines(
        actor,
        at,
        "reopened",
        [line],
        "waiting",
        outcome="unknown",
        amount_fen=0,
        waits_for=["重新核定"],
        known_changes=0,
    )
    return line


def may_accept_late(actor: Actor, line: SubsidyLine) -> bool:
    """Whether the actor may let a late result count: a maker in scope, while the line waits for just that."""
    return (
        actor.has("maker")
        and line.region_id in actor.regions
        and line.state == "waiting"
        and OFFICER in line.waits_for
        and line.certificate.late
        and not line.late_accepted
    )


def accept_late(actor: Actor, at: datetime, line_id: UUID, reason: str) -> SubsidyLine:
    """Let a result that came after the days for sending it count, with a reason; the main line decides again."""
    line = lock_line(line_id)
    if not may_accept_late(actor, line):
        raise NotLate() if actor.has("maker") else NotYourDuty()
    if len(reason.strip()) < 5:
        raise LateNeedsReason()
    refuse_numbers(reason)
    SubsidyLine.objects.filter(certificate_id=line.certificate_id).update(late_accepted=True)
    note(actor, at, "accepted_late", line, cause=reason.strip())
    line.late_accepted = True
    return line


def _silence(terms: Terms, line: SubsidyLine, account: PayeeAccount | None) -> str:
    """Where silence takes a line: to_notice, silent, or nowhere while the region has no number to go by (8.2)."""
    action = terms.find(line.region_id, "silence_action")
    if not action.known:
        return ""
    if action.value != "go_on" or account is None:
        return "silent"
    if account.state == "certified":
        return "to_notice"
    certified_only = terms.find(line.region_id, "silence_certified_only")
    if not certified_only.known:
        return ""
    return "silent" if certified_only.value else "to_notice"


def hear_silence(actor: Actor, at: datetime, lines: Collection[SubsidyLine]) -> dict[str, int]:
    """What silence means now that its days are over: go on to a certified account, or wait for a clerk's call.

    `lines` are locked, in to_confirm, past their day. Going on needs an account the card register certified (P13).
    A line whose region has no rule for silence today stays as it is; one that was reserved when there was none gets its
    day now; the others go their way.
    """
    if not actor.has("machine"):
        raise NotYourDuty()
    terms = Terms(at)
    accounts = {
        a.person_id: a
        for a in PayeeAccount.objects.filter(
            person_id__in=[line.person_id for line in lines], state__in=["certified", "confirmed"]
        )
    }
    to: dict[str, list[SubsidyLine]] = {"to_notice": [], "silent": [], "": []}
    undated = {line.id: terms.silence_ends(line.region_id) for line in lines if line.due_on is None}
    dated = [(line_id, ends) for line_id, ends in undated.items() if ends]
    for line_id, ends in dated:
        SubsidyLine.objects.filter(id=line_id).update(due_on=ends)
    for line in lines:
        if line.id not in undated:
            to[_silence(terms, line, accounts.get(line.person_id))].append(line)
    for line in to["to_notice"]:
        account = accounts[line.person_id]
        move_lines(
            actor,
            at,
            "confirmed",
            [line],
            "to_notice",
            cause=WAYS["silence"],
            confirmed_at=at,
            confirmed_how="silence",
            account_id=account.id,
        )
    free_money(actor, at, "found_silent", to["silent"], "silent", due_on=terms.calendar.add(terms.today, 5).ends_on)
    return {"to_notice": len(to["to_notice"]), "silent": len(to["silent"]), "dated": len(dated)}
