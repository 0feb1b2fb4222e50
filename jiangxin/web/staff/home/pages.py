"""今日: what waits for this desk, what is late, what happens if nobody acts; for a city and the province, by county."""

from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.funds.queries import standings
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.money import yuan
from jiangxin.ground.regions import Region, regions_within
from jiangxin.mainline import next_due_on
from jiangxin.payment.queries import batches_waiting
from jiangxin.subsidy.queries.desk import Waiting, by_region, speed, waiting
from jiangxin.web.door import entry
from jiangxin.web.session import Request


@dataclass(frozen=True)
class Work:
    """A kind of work: whose it is, how it is said, what happens when nobody acts, and where it is done."""

    kind: str
    duties: tuple[str, ...]
    said: str
    then: str
    to: str
    action: str
    query: str = ""


WORK = (
    Work(
        "objection",
        ("maker", "checker"),
        "异议 {count} 件要答复",
        "这一笔一直暂停，超期算本单位的",
        "staff-objections",
        "去答复",
    ),
    Work(
        "line_held",
        ("maker", "checker"),
        "付款前核查 {count} 笔",
        "钱留着，本人拿不到",
        "staff-holds",
        "去核查",
    ),
    Work(
        "cosign",
        ("maker", "checker", "leader"),
        "核查放行等第二个人签 {count} 项",
        "一个人签了不算，还要您签",
        "staff-holds",
        "去签",
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
        "line_queued",
        ("budget",),
        "排队等资金 {count} 笔，{fen} 元",
        "资金到位后自动往前走",
        "staff-pools",
        "看资金池",
    ),
)


@dataclass(frozen=True)
class Due:
    """A line of the list of work."""

    when: str
    title: str
    then: str
    href: str
    action: str
    late: bool


def _due(work: Work, found: Waiting, today: date) -> Due:
    late = (
        found.due is not None and found.due < today and work.kind in ("objection", "line_held", "line_silent", "cosign")
    )
    when = (
        ""
        if found.due is None
        else f"超 {(today - found.due).days} 天"
        if late
        else f"{found.due.month}月{found.due.day}日"
    )
    said = work.said.format(count=found.count, fen=yuan(found.fen))
    return Due(when or "今天", said, work.then, reverse(work.to) + work.query, work.action, late)


def _title(due: list[Due]) -> str:
    late = sum(one.late for one in due)
    if not due:
        return "今天没有要您办的"
    return f"今天有 {len(due)} 类事要办" + (f"，{late} 类已超期" if late else "")


@entry("staff")
def home(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The desk of today; `?region=` narrows a city's or the province's view to one part of its scope."""
    today, regions = day_of(at), actor.regions
    chosen = request.GET.get("region", "")
    if chosen.isdigit() and int(chosen) in regions:
        regions = tuple(region for region in regions_within(int(chosen)) if region in regions)
    found = waiting(regions, actor.account_id)
    found |= {f"batch_{state}": Waiting(*rest) for state, rest in batches_waiting(regions, actor.account_id).items()}
    mine = [work for work in WORK if actor.has(*work.duties) and work.kind in found]
    mine.sort(key=lambda work: found[work.kind].due or today)
    due = [_due(work, found[work.kind], today) for work in mine]
    wide = len(regions) > 1
    page = {
        "title": _title(due),
        "late": [one for one in due if one.late],
        "due": [one for one in due if not one.late],
        "wide": wide,
        "counties": by_region(regions, today) if wide else [],
        "pools": standings(regions, today.year),
        "speed": speed(regions),
        "notice": found.get("notice"),
        "asked": found.get("line_to_confirm"),
        "next_due": next_due_on(today),
        "office": Region.objects.get(id=regions[0] if regions else 0).name,
    }
    return TemplateResponse(request, "staff/home/home.html", page)


urlpatterns = [path("", home, name="staff-home")]
