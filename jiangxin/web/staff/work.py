"""What a desk has to do: each kind of waiting work once, for 今日 and for the figures of the menu."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from jiangxin.ground.actor import Actor
from jiangxin.payment.queries import batches_waiting
from jiangxin.recognition.work import recognition_waiting
from jiangxin.subsidy.queries.desk import Waiting, waiting
from jiangxin.training.queries.desk import training_waiting

CHAPTERS = ("training", "leader")


@dataclass(frozen=True)
class Work:
    """A kind of work: whose it is, how it is said, what happens when nobody acts, and where it is done.

    With a `limit` its day is one to be kept; else it only says since when.
    """

    kind: str
    duties: tuple[str, ...]
    said: str
    then: str
    to: str
    action: str
    query: str = ""
    limit: bool = False


WORK = (
    Work(
        "objection",
        ("maker", "checker"),
        "异议 {count} 件要答复",
        "这一笔一直暂停，超期算本单位的",
        "staff-objections",
        "去答复",
        limit=True,
    ),
    Work(
        "uphold",
        ("maker", "checker"),
        "异议成立 {count} 件等第二个人确认",
        "一个人定了不算，这一笔一直暂停",
        "staff-objections",
        "去确认",
        limit=True,
    ),
    Work(
        "line_held",
        ("maker", "checker"),
        "付款前核查 {count} 笔",
        "钱留着，本人拿不到",
        "staff-holds",
        "去核查",
        limit=True,
    ),
    Work(
        "cosign",
        ("maker", "checker", "leader"),
        "核查放行等第二个人签 {count} 项",
        "一个人签了不算，还要您签",
        "staff-holds",
        "去签",
        limit=True,
    ),
    Work(
        "heir",
        ("maker", "checker"),
        "继承人 {count} 位等第二个人确认",
        "不确认就不付给继承人，钱一直留着",
        "staff-holds",
        "去确认",
        "?kind=died",
    ),
    Work(
        "answer",
        ("maker", "checker"),
        "经办核定 {count} 件等第二个人确认",
        "不确认就不算数，这一笔一直等",
        "staff-waiting",
        "去确认",
    ),
    Work(
        "settlement",
        ("maker",),
        "班级结算 {count} 份要回访、结算",
        "不结算，机构收不到钱",
        "staff-settlements",
        "去办理",
    ),
    Work(
        "body_account",
        ("maker", "checker"),
        "单位账户 {count} 个等核对",
        "不核对就不能付给这个单位",
        "staff-settlements",
        "去核对",
    ),
    Work(
        "line_to_notice",
        ("maker",),
        "待公示 {count} 笔，{fen} 元",
        "不公示就不能审批付款",
        "staff-notices",
        "去公示",
    ),
    Work(
        "line_to_approve",
        ("maker",),
        "待送审 {count} 笔，{fen} 元",
        "不送审就不能付款",
        "staff-sheets",
        "去送审",
    ),
    Work(
        "line_silent",
        ("maker",),
        "久未答复 {count} 人，要打电话",
        "钱已退回，本人可能不知道",
        "staff-decisions",
        "看名单",
        "?state=silent",
        limit=True,
    ),
    Work(
        "deferral",
        ("maker",),
        "暂缓快到期 {count} 人，要打电话",
        "过了申领期限就不能再领",
        "staff-decisions",
        "看名单",
        "?state=deferred",
        limit=True,
    ),
    Work(
        "line_failed",
        ("maker",),
        "付款失败 {count} 笔，{fen} 元",
        "账户不改就付不出去",
        "staff-failed",
        "看名单",
    ),
    Work(
        "account",
        ("maker", "checker"),
        "窗口登记的账户 {count} 个等确认",
        "没有第二个人确认，不付到这个账户",
        "staff-people",
        "去确认",
    ),
    Work(
        "line_waiting",
        ("maker", "register"),
        "待核实 {count} 笔",
        "缺的数据不来就一直等",
        "staff-waiting",
        "去核实",
    ),
    Work(
        "sheet_made",
        ("checker",),
        "等您复核 {count} 张，{fen} 元",
        "不复核，审批和付款都等着",
        "staff-approvals",
        "去复核",
    ),
    Work(
        "sheet_checked",
        ("leader",),
        "等您审批 {count} 张，{fen} 元",
        "不审批就不能付款",
        "staff-approvals",
        "去审批",
    ),
    Work(
        "sheet_led",
        ("leader",),
        "等第二位领导 {count} 张，{fen} 元",
        "超过限额，两位领导都签才付",
        "staff-approvals",
        "去审批",
    ),
    Work(
        "batch_sealed",
        ("releaser",),
        "待放行 {count} 批，{fen} 元",
        "不放行，银行收不到付款文件",
        "staff-batches",
        "去放行",
    ),
    Work(
        "batch_returned",
        ("reconciler",),
        "待对账 {count} 批，{fen} 元",
        "对不上的差额没有人发现",
        "staff-reconciliation",
        "去对账",
    ),
    Work(
        "budget",
        ("budget",),
        "指标待确认 {count} 条",
        "没确认的钱不能用",
        "staff-pools",
        "去确认",
    ),
    Work(
        "standard",
        ("budget", "leader"),
        "标准待确认 {count} 条",
        "不确认就不执行，等它的人一直等",
        "staff-standards",
        "去确认",
    ),
    Work(
        "opening",
        ("training",),
        "开班申请 {count} 个要答复",
        "机构等着招生；超期的，上级看得到",
        "staff-openings",
        "去答复",
        limit=True,
    ),
    Work(
        "opening_escalated",
        ("training", "viewer"),
        "下级超期没有答复的开班申请 {count} 个",
        "机构一直不能招生，超期算当地的",
        "staff-openings",
        "去看",
        limit=True,
    ),
    Work(
        "line_queued",
        ("budget",),
        "排队等资金 {count} 笔，{fen} 元",
        "资金到位后自动往前走",
        "staff-pools",
        "看资金池",
    ),
    Work(
        "application_submitted",
        ("training",),
        "认定申请 {count} 件等受理",
        "超期算本单位的，机构一直等",
        "staff-applications",
        "去受理",
        limit=True,
    ),
    Work(
        "application_reviewing",
        ("training",),
        "认定申请 {count} 件在审核",
        "不提出意见，领导不能决定",
        "staff-applications",
        "去审核",
        "?state=reviewing",
        limit=True,
    ),
    Work(
        "application_proposed",
        ("leader",),
        "认定申请 {count} 件等您决定",
        "不决定就不能公示、不能认定",
        "staff-applications",
        "去决定",
        "?state=proposed",
        limit=True,
    ),
    Work(
        "review",
        ("training",),
        "请您评审 {count} 件",
        "评审不齐，经办不能提出意见",
        "staff-reviews",
        "去评审",
        limit=True,
    ),
    Work(
        "promise",
        ("training",),
        "承诺 {count} 条要核查或看改正",
        "不核查，不实的承诺没有人发现",
        "staff-promise-checks",
        "去核查",
        limit=True,
    ),
    Work(
        "measure",
        ("leader",),
        "处置 {count} 件等您决定",
        "不决定，机构照常开班收人",
        "staff-measures",
        "去决定",
    ),
    Work(
        "hearing",
        ("training",),
        "听证 {count} 件要举行",
        "不举行就不能吊销许可",
        "staff-measures",
        "去办",
    ),
    Work(
        "learner",
        ("training",),
        "机构被停，{count} 位学员还没安排",
        "学员不知道是留下还是转班",
        "staff-measures",
        "去安排",
        "?view=over",
    ),
    Work(
        "plan_missing",
        ("training",),
        "年度评价计划 {count} 家没有公开",
        "考生查不到今年考什么、收多少",
        "staff-yearly-plans",
        "看名单",
        limit=True,
    ),
    Work(
        "plea",
        ("training",),
        "补记 {count} 件要县里定",
        "不定，学员的课时一直空着",
        "staff-exceptions",
        "去定",
    ),
    Work(
        "voucher_batch",
        ("training",),
        "培训券 {count} 批等第二个人发放",
        "不发放，谁也拿不到券",
        "staff-vouchers",
        "去看",
    ),
)


def all_waiting(actor: Actor, regions: Collection[int], today: date) -> dict[str, Waiting]:
    """What waits in these regions, by kind, less what this actor may not do because it had a hand in it."""
    found = batches_waiting(regions, actor.account_id)
    all_of = waiting(actor, regions, today) | {f"batch_{state}": Waiting(*rest) for state, rest in found.items()}
    if actor.has(*CHAPTERS):
        more = recognition_waiting(actor, regions, today) | training_waiting(actor, regions)
        all_of |= {kind: Waiting(count, 0, due) for kind, (count, due) in more.items()}
    return all_of


def work_of(actor: Actor, found: dict[str, Waiting]) -> list[Work]:
    """The kinds of work found that this actor's duties are there for."""
    return [work for work in WORK if work.kind in found and actor.has(*work.duties)]


def is_late(work: Work, found: Waiting, today: date) -> bool:
    """Whether a day to be kept has passed."""
    return work.limit and found.due is not None and found.due < today
