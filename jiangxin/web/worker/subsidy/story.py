"""A line told to its person: one word for where it stands, whose turn it is, what was, what comes, what one may do."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.money import yuan
from jiangxin.parties.models import PayeeAccount
from jiangxin.rules.engine import Explained
from jiangxin.rules.rule import in_chinese
from jiangxin.subsidy.models import LINE_STATES
from jiangxin.subsidy.operations.confirm import ANSWERS, WAYS, live_account
from jiangxin.subsidy.queries.person import (
    Answer,
    Happened,
    OwnLine,
    Place,
    Prospect,
    happened,
    objections_to,
    queue_places,
    reasons_of,
)

NEEDS_ME = ("to_confirm", "failed", "silent")
ON_ITS_WAY = (
    "to_confirm", "to_settle", "failed", "queued", "to_notice", "in_notice", "objected", "noticed", "held",
    "to_approve", "approved", "in_batch", "sent",
)  # fmt: skip
# The better of two lines of one certificate is told at length: what needs its person, what is on its way, what waits.
RANK = (*NEEDS_ME, *ON_ITS_WAY, "recovering", "deferred", "waiting", "paid", "declined", "struck", "refused")
SETTLED = ("paid", "declined", "shown", "not_taken")
# An answer is given already in these states: giving it again is no mistake.
GIVEN = {
    "confirm": (
        "to_notice", "in_notice", "objected", "noticed", "held", "to_approve", "approved", "in_batch", "sent", "paid",
        "failed",
    ),
    "decline": ("declined",),
    "defer": ("deferred",),
    "reopen": ("waiting", "queued", "to_confirm"),
}  # fmt: skip

# state: (look, short word, whose turn or which day)
WORDS = {
    "refused": ("no", "不予补贴", "这一笔核定为不予补贴"),
    "waiting": ("wait", "待核实", "等{waits}，数据一到自动再算，不用您办"),
    "shown": ("off", "另行办理", "这一项不在这里付，请问参保地的失业保险经办机构"),
    "not_taken": ("off", "按另一项办", "这本证书两项补贴都符合，按另一项付"),
    "queued": ("wait", "排队等资金", "资金暂时不够，您排在第 {place} 位"),
    "to_confirm": ("wait", "等您确认", "等您确认收款"),
    "to_settle": ("run", "等机构结算", "等{office}和{payee}结算，不用您办"),
    "deferred": ("wait", "您选了以后再说", "等您再答复"),
    "declined": ("off", "您选了不要", "这一笔没有领，名额没有用掉"),
    "silent": ("wait", "等您答复", "到期没有收到您的答复，钱先退了回去"),
    "to_notice": ("run", "等公示", "等{office}发布公示"),
    "in_notice": ("run", "公示第 {nth}／{of} 天", "公示第 {nth} 天，共 {of} 个工作日，{ends}结束"),
    "objected": ("wait", "有异议，暂停", "有人提出异议，等{office}答复"),
    "noticed": ("run", "公示期满", "公示期满，等付款前检查"),
    "held": ("wait", "付款前核查", "等{office}核查，您不用办；可能会有人打电话给您核实"),
    "to_approve": ("run", "等审批", "等{office}两个人审批"),
    "approved": ("run", "等付款", "审批已通过，等编入付款批次"),
    "in_batch": ("run", "等财政放行", "已编入付款批次，等财政放行"),
    "sent": ("run", "已送银行", "已送银行，等银行入账"),
    "paid": ("ok", "已到账", "已到账"),
    "failed": ("no", "没付成", "钱还在，仍归您"),
    "struck": ("off", "已取消", "这一笔已取消"),
    "recovering": ("no", "追回核实中", "证书已被撤销，等{office}核实"),
    # what a body is paid for this person: nothing to do, and it took a time of the year
    "paid_body": ("ok", "已付给机构", "已付给{payee}，用掉您一次"),
    "failed_body": ("run", "等机构改账户", "银行没付成，等{payee}改账户，不用您办"),
    # how a state is told when it came about in a way of its own
    "reopened": ("run", "正在重新核定", "正在重新核定，不用您办"),
    "lapsed": ("off", "暂缓到期", "过了申领期限没有重新办理；名额没有用掉"),
    "corrected": ("run", "等重新付款", "账户已换好，等重新付款"),
}
AGAIN = ["重新核定"]
# deed and the state it led to (or any): what is told of it.
PAST = {
    ("decided", "to_confirm"): "核定通过，{amount} 元留给您",
    ("decided", "to_settle"): "核定通过，{amount} 元留给机构",
    ("decided", "queued"): "核定通过，资金不够，开始排队",
    ("decided", "waiting"): "核定：还缺数据，先等",
    ("decided", "refused"): "核定：不予补贴",
    ("decided", "shown"): "核定：这一项在本地另行办理",
    ("decided", "not_taken"): "核定：按另一项补贴办理",
    ("funded", ""): "资金到位，{amount} 元留给您",
    ("confirmed", ""): "您确认收款",
    ("settled", ""): "班级结算通过",
    ("declined", ""): "您选了不要",
    ("reminded_deferral", ""): "您选的日子到了，提醒您答复",
    ("warned_deferral", ""): "提醒您：暂缓快到期",
    ("lapsed", ""): "过了申领期限没有答复，按不要办理",
    ("deferred", ""): "您选了以后再说",
    ("reopened", ""): "您要求重新办理",
    ("settled_by_officer", ""): "经办机构核实了一项，重新核定",
    ("found_silent", ""): "到期没有答复，钱先退了回去",
    ("posted", ""): "公示开始",
    ("ended_notice", ""): "公示期满",
    ("objected", ""): "有人提出异议，这一笔暂停",
    ("went_on", "in_notice"): "异议不成立，继续公示",
    ("went_on", "noticed"): "异议不成立，继续办理",
    ("went_on", ""): "核查没有问题，继续办理",
    ("cleared", ""): "付款前检查没有问题",
    ("held", ""): "付款前核查开始",
    ("struck", ""): "已取消：{cause}",
    ("approved", ""): "审批通过",
    ("batched", ""): "编入付款批次",
    ("left_batch", ""): "退出付款批次，等下一批",
    ("sent", ""): "送银行付款",
    ("paid", ""): "到账{account}",
    ("payment_failed", ""): "银行没付成：{cause}",
    ("bounced", ""): "银行退了回来：{cause}",
    ("retried", ""): "账户已换好，等下一批付款",
    ("marked_for_recovery", ""): "证书被撤销，开始追回核实",
}
TO_A_BODY = "这笔钱补给承担培训的单位，不打到您卡上；有问题可以向经办机构反映。"
NO_WINDOW = "重新办理的期限还没有规定可依，登记了规定会显示在这里。"
# Messages about a deferral: afterwards it is the person's turn.
REMINDERS = {"reminded_deferral": "您选的日子到了", "warned_deferral": "暂缓快到期"}
# Steps of the machine that a person need not read once something followed them.
PASSED_OVER = ("cleared", "batched")
# States whose last day is the person's or an answer's; another's is the clerk's own.
DUE_STATES = ("to_confirm", "deferred", "objected", "held")
# What still comes, in order; a line is past all steps before the first that its state waits for.
STEPS = ("fund", "confirm", "notice", "approve", "pay")
NEXT = {
    "queued": "fund", "to_confirm": "confirm", "to_settle": "confirm", "to_notice": "notice",
    "in_notice": "notice", "objected": "notice",
    "noticed": "approve", "held": "approve", "to_approve": "approve", "approved": "pay", "in_batch": "pay",
    "sent": "pay", "failed": "pay",
}  # fmt: skip


@dataclass(frozen=True)
class Point:
    """A point of the timeline: done, now or todo; `by` marks a day that is the latest, not the exact one."""

    title: str
    state: str
    on: date | datetime | None = None
    note: str = ""
    by: bool = False


@dataclass(frozen=True)
class Told:
    """A line as its card tells it."""

    line: OwnLine
    look: str
    word: str
    turn: str
    then: str
    points: list[Point]
    deeds: tuple[str, ...]
    refusals: list[Explained]
    paid_by: date | None
    window_ends: date | None
    cause: str = ""
    answer: Answer | None = None
    steps: list[Point] = field(default_factory=list)
    corrected: bool = False
    reminded: bool = False

    @property
    def urgent(self) -> bool:
        needed = self.line.state in NEEDS_ME and not self.corrected and not self.line.payee
        return needed or self.reminded


def rank(line: OwnLine) -> int:
    """Where a line stands in the order of cards."""
    return RANK.index(line.state) if line.state in RANK else len(RANK)


def waits(line: OwnLine) -> str:
    """What a line lacks, in the words of who answers it."""
    return "、".join(line.waits_for) or "核定"


def tell(actor: Actor, at: datetime, lines: Sequence[OwnLine], at_length: Collection[OwnLine] = ()) -> list[Told]:
    """These lines of the actor, in the same order; those `at_length` with the reasons of every no."""
    ids = [line.id for line in lines]
    failed = any(line.state == "failed" for line in lines)
    teller = Teller(
        Prospect(at), queue_places(actor, lines), happened(ids), objections_to(ids),
        reasons_of([line for line in at_length if line.state == "refused"]),
        live_account(actor.the_person) if failed else None,
    )  # fmt: skip
    return [teller.tell(line) for line in lines]


def told_at_length(lines: Sequence[OwnLine]) -> list[OwnLine]:
    """The line of each certificate that gets a card of its own: the better of the two, unless it is settled."""
    best: dict[UUID, OwnLine] = {}
    for line in sorted(lines, key=rank):
        best.setdefault(line.certificate_id, line)
    return [line for line in best.values() if line.state not in SETTLED]


@dataclass
class Teller:
    """Tells the lines of one person on one day."""

    prospect: Prospect
    places: Mapping[UUID, Place]
    past: Mapping[UUID, Sequence[Happened]]
    answers: Mapping[UUID, Answer]
    reasons: Mapping[UUID, list[Explained]]
    account: PayeeAccount | None

    def tell(self, line: OwnLine) -> Told:
        """One line as its card tells it."""
        done = self.past.get(line.id, ())
        manner = self._manner(line, done)
        look, word, turn = WORDS[manner]
        facts = self._facts(line)
        ahead = self.prospect.ahead(line)
        reminder = REMINDERS.get(done[-1].verb, "") if done and line.state == "deferred" else ""
        ends = self.prospect.window_ends(line)
        return Told(
            line=line,
            look=look,
            word=reminder or word.format_map(facts),
            turn=turn.format_map(facts),
            then=TO_A_BODY if line.payee else self._then(line, manner, ends),
            points=[*self._done(line, done), *self._now(line, turn.format_map(facts)), *self._to_come(line)],
            deeds=self._deeds(line, ends),
            refusals=[one for one in self.reasons.get(line.id, ()) if one.answer == "no"],
            paid_by=ahead.paid_by,
            window_ends=ends,
            cause=done[-1].cause if done else "",
            answer=self.answers.get(line.id),
            steps=list(self._ruler(line, done)),
            reminded=bool(reminder),
            corrected=manner == "corrected",
        )

    def _manner(self, line: OwnLine, done: Sequence[Happened]) -> str:
        """The state, or the special way in which it came about."""
        if line.payee and line.state in ("paid", "failed"):
            return f"{line.state}_body"
        if line.state == "waiting" and line.waits_for == AGAIN:
            return "reopened"
        if line.state == "declined" and done and done[-1].verb == "lapsed":
            return "lapsed"
        if line.state == "failed" and self._other_account(line):
            return "corrected"
        return line.state

    def _other_account(self, line: OwnLine) -> PayeeAccount | None:
        """The account of today, where it is not the one that a failed payment went to."""
        return self.account if self.account and self.account.pk != line.account_id else None

    def _facts(self, line: OwnLine) -> dict[str, object]:
        place = self.places.get(line.id)
        nth, of = self.prospect.notice_day(line) if line.state == "in_notice" else (0, 0)
        return {
            "office": line.office or "经办机构", "waits": waits(line), "nth": max(nth, 1), "of": of,
            "ends": in_chinese(line.notice_ends_on),
            "place": place.place if place else "？", "payee": line.payee,
        }  # fmt: skip

    def _deeds(self, line: OwnLine, window_ends: date | None) -> tuple[str, ...]:
        """The answers that the line takes today, as the operations would let them through."""
        if line.payee:
            return ()
        today, last = self.prospect.terms.today, window_ends or date.min
        lasting = {"defer": today < last, "reopen": today <= last}
        return tuple(deed for deed, states in ANSWERS.items() if line.state in states and lasting.get(deed, True))

    def _then(self, line: OwnLine, manner: str, window_ends: date | None) -> str:
        """What happens if the person does nothing."""
        match line.state:
            case "to_confirm":
                goes = self.prospect.number(line.region_id, "silence_action") == "go_on"
                certified = self.prospect.number(line.region_id, "silence_certified_only")
                if not goes:
                    return "到期不答复：钱先退回去，窗口会联系您，期限内随时可以重新办理。"
                which = "社保卡登记认证的账户" if certified else "您的账户"
                return f"到期不答复：有{which}的，按规定继续办；没有的，钱先退回去，窗口会联系您。"
            case "deferred":
                if window_ends is None:
                    return NO_WINDOW
                last = in_chinese(window_ends)
                return f"{last}前随时可以重新办理；过了还不答复，按不要办理，不能再领。"
            case "failed" if manner == "corrected":
                return "新换的账户付款前可能先核查，会打电话向您核实。"
            case "failed":
                return "不换账户：钱一直给您留着，窗口会联系您。"
            case "queued":
                place = self.places.get(line.id)
                if place:
                    return (
                        f"{place.fund}现有 {yuan(place.available_fen)} 元可用，"
                        f"您前面还要 {yuan(place.ahead_fen)} 元。资金一下达自动往前走，没有人能插队。"
                    )
            case "silent" | "declined":
                return f"{in_chinese(window_ends)}前可以重新办理，过了就不能再领。" if window_ends else NO_WINDOW
        return ""

    def _done(self, line: OwnLine, done: Sequence[Happened]) -> Iterator[Point]:
        scores = [f"理论 {float(line.theory_score):g}"] if line.theory_score is not None else []
        scores += [f"实操 {float(line.practice_score):g}"] if line.practice_score is not None else []
        yield Point("证书入库", "done", line.received_at, "，".join([line.assessor, *scores]))
        account = f"（{line.payee}）" if line.payee else f"（尾号 {line.tail}）" if line.tail else ""
        amount = line.amount_fen
        for step in done:
            amount = step.amount_fen or amount
            if step.verb in PASSED_OVER and step is not done[-1]:
                continue
            words = PAST.get((step.verb, step.to_state)) or PAST.get((step.verb, ""))
            told = (words or LINE_STATES.words[step.to_state]).format(
                amount=yuan(amount), cause=step.cause, account=account
            )
            silent = step.verb == "confirmed" and step.cause == WAYS["silence"]
            at_desk = step.verb == "confirmed" and step.cause.startswith((WAYS["counter"], WAYS["telephone"]))
            note = step.cause if at_desk else ""
            yield Point("到期没有答复，按规定继续办" if silent else told, "done", step.at, note)

    def _now(self, line: OwnLine, turn: str) -> Iterator[Point]:
        if line.state not in ("paid", "refused", "declined", "struck", "shown", "not_taken"):
            yield Point(turn, "now", line.due_on if line.state in DUE_STATES else None, by=True)

    def _to_come(self, line: OwnLine) -> Iterator[Point]:
        """What the line still has to go through, dated where the notice is posted or past."""
        now = NEXT.get(line.state)
        if now is None:
            return
        ahead = self.prospect.ahead(line)
        days = self.prospect.number(line.region_id, "notice_working_days")
        account = f"到{line.bank}（尾号 {line.tail}）" if line.tail else "到您确认的账户"
        account = f"给{line.payee}" if line.payee else account
        steps = {
            "confirm": Point("班级结算" if line.payee else "您确认收款", "todo"),
            "notice": Point(f"公示 {days} 个工作日" if days else "公示", "todo"),
            "approve": Point("两个人审批", "todo", ahead.approved_by, by=True),
            "pay": Point(f"付款，{account}", "todo", ahead.paid_by, by=True),
        }
        later = STEPS[STEPS.index(now) + 1 :]
        yield from (steps[step] for step in later)
        if now == "pay":
            if line.state == "failed" and not line.payee:
                other = self._other_account(line)
                account = f"自动重付，到尾号 {other.tail}" if other else "换好账户后自动重付"
            yield Point(account, "todo", ahead.paid_by, by=True)

    def _ruler(self, line: OwnLine, done: Sequence[Happened]) -> Iterator[Point]:
        """The four ticks of a line on its way: decided, noticed, paid, on the card."""
        now = NEXT.get(line.state)
        if now is None:
            return
        ahead, place = self.prospect.ahead(line), STEPS.index(now)
        dates = {step.to_state: day_of(step.at) for step in done}
        nth, of = self.prospect.notice_day(line) if line.state == "in_notice" else (0, 0)
        shown = f"第 {max(nth, 1)}／{of} 天" if of else ""
        confirm = "确认" if place < STEPS.index("notice") else "核定"
        yield Point(confirm, "now" if confirm == "确认" else "done", day_of(line.decided_at))
        yield Point("公示", _tense(place, "notice"), dates.get("in_notice") if place > 2 else None, shown)
        yield Point("审批", _tense(place, "approve"), dates.get("approved") or ahead.approved_by, by=place < 4)
        yield Point("到账", _tense(place, "pay"), ahead.paid_by, by=True)


def _tense(place: int, step: str) -> str:
    at = STEPS.index(step)
    return "done" if at < place else "now" if at == place else "todo"
