"""核定: the list of lines by filter, and the page of one line with its law, its money and what may be done now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.cells import Column
from jiangxin.ground.clock import day_of
from jiangxin.ground.jobs import wake
from jiangxin.ground.refusal import NotFound
from jiangxin.ground.sheets import write_workbook
from jiangxin.rules.vocabulary import FUNDS
from jiangxin.subsidy.models import LINE_STATES, SCHEMES, SubsidyLine
from jiangxin.subsidy.operations import confirm
from jiangxin.subsidy.queries.decisions import (
    Filter,
    Row,
    asked_of,
    compared,
    counts_by_state,
    line_of,
    lines_of,
    past_of,
)
from jiangxin.subsidy.terms import Terms
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm

LOOKS = {
    "refused": "no",
    "waiting": "wait",
    "shown": "off",
    "not_taken": "off",
    "queued": "wait",
    "to_confirm": "wait",
    "deferred": "off",
    "declined": "off",
    "silent": "wait",
    "to_notice": "run",
    "in_notice": "run",
    "objected": "wait",
    "noticed": "run",
    "held": "wait",
    "to_approve": "run",
    "approved": "run",
    "in_batch": "run",
    "sent": "run",
    "paid": "ok",
    "failed": "no",
    "struck": "off",
    "recovering": "no",
}
# What happens to a line of a state when nobody acts, and whose turn it is.
NEXT = {
    "waiting": "等登记数据，载入后自动重新核定",
    "queued": "资金到位后自动往前走，没有人能插队",
    "to_confirm": "等本人确认；到期按当地规定办理",
    "silent": "请打电话联系本人",
    "to_notice": "等经办发布公示",
    "in_notice": "公示期满自动撤下，进入付款前核查",
    "objected": "等经办答复异议，这一笔暂停",
    "noticed": "自动进入付款前核查",
    "held": "等两个人看过放行",
    "to_approve": "等经办送审，复核、审批两人签",
    "approved": "自动编入下一个付款批次",
    "in_batch": "等财政放行",
    "sent": "等银行回单，自动入账",
    "failed": "等本人改账户，改好后自动重付",
    "deferred": "等本人重新办理；到期未办按放弃处理",
    "recovering": "证书已撤销，等追回",
}
VERBS = {
    "decided": "核定",
    "funded": "资金到位，已留出",
    "confirmed": "本人确认",
    "declined": "本人放弃",
    "deferred": "本人暂缓",
    "lapsed": "暂缓到期，按放弃办结",
    "reopened": "重新办理",
    "found_silent": "久未答复，钱退回",
    "posted": "公示",
    "ended_notice": "公示期满",
    "objected": "收到异议",
    "went_on": "继续办理",
    "cleared": "核查无事",
    "held": "核查中",
    "struck": "取消",
    "approved": "审批通过",
    "batched": "编入付款批次",
    "left_batch": "退出付款批次",
    "sent": "送银行",
    "paid": "到账",
    "payment_failed": "付款失败",
    "bounced": "退汇",
    "retried": "等下一批付款",
    "marked_for_recovery": "标记追回",
    "accepted_late": "同意迟报",
}
STEPS = (
    ("核定", ("waiting", "refused", "shown", "not_taken", "queued")),
    ("本人确认", ("to_confirm", "deferred", "declined", "silent")),
    ("公示", ("to_notice", "in_notice", "objected")),
    ("核查审批", ("noticed", "held", "to_approve")),
    ("付款", ("approved", "in_batch", "sent", "failed")),
    ("到账", ("paid", "recovering")),
)
OUTCOMES = {"yes": "符合", "no": "不符合", "unknown": "待核实"}
EXPORT_AT_MOST = 20_000


class LineFilter(PlainForm):
    """The query above the list; empty fields ask for all."""

    find = forms.CharField(label="姓名、证书号、核定号、职业", required=False, max_length=60)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *LINE_STATES.words.items()])
    scheme = forms.ChoiceField(label="补贴", required=False, choices=[("", "全部"), *SCHEMES.items()])
    since = forms.DateField(label="收到结果 从", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="到", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    waits = forms.CharField(label="等哪个登记来源", required=False, max_length=40)


def _filter(form: LineFilter, sort: str) -> Filter:
    """What is well given; a wrong field asks for nothing and says so beside itself."""
    said = form.cleaned_data if form.is_valid() or form.errors else {}
    given = {name: value for name, value in said.items() if value}
    return Filter(sort=sort, **given)


@entry("staff")
def decisions(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The list of lines in the actor's scope."""
    form = LineFilter(request.GET or None)
    wanted = _filter(form, request.GET.get("sort", "")) if request.GET else Filter()
    if request.GET.get("export"):
        return _export(actor, wanted)
    page = int(request.GET["page"]) if request.GET.get("page", "").isdigit() else 1
    found = lines_of(actor.regions, wanted, page)
    counts = counts_by_state(actor.regions, wanted.scheme)
    shown = [(code, LINE_STATES.words[code], counts[code][0]) for code in LINE_STATES.words if code in counts]
    return TemplateResponse(
        request,
        "staff/subsidy/decisions.html",
        {
            "form": form,
            "found": found,
            "rows": [(row, LOOKS[row.state], NEXT.get(row.state, "")) for row in found.rows],
            "counts": shown,
            "state": wanted.state,
            "page": page,
            "pages": -(-found.total // 50),
        },
    )


COLUMNS = tuple(
    Column(title, title)
    for title in (
        "核定号",
        "姓名",
        "证件",
        "补贴",
        "职业或项目",
        "等级",
        "评价机构",
        "收到日",
        "核发日",
        "金额（元）",
        "资金",
        "状态",
    )
)
NOTES = ("按页面上的条件导出；姓名和证件已遮蔽。",)


def _export(actor: Actor, wanted: Filter) -> HttpResponse:
    rows = lines_of(actor.regions, wanted, per_page=EXPORT_AT_MOST).rows
    data = write_workbook("核定清单", NOTES, "核定", COLUMNS, (_cells(row) for row in rows))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    named = {"Content-Disposition": 'attachment; filename="decisions.xlsx"'}
    return HttpResponse(data, content_type=kind, headers=named)


def _cells(row: Row) -> list[object]:
    return [
        row.number,
        row.name,
        row.document,
        row.scheme_name,
        row.title,
        row.level_name,
        row.assessor,
        row.received_on,
        row.issued_on,
        row.amount_fen / 100,
        row.fund_name,
        row.state_words,
    ]


@dataclass(frozen=True)
class Stage:
    """A step of the ruler on the page of a line."""

    label: str
    state: str
    said: str


def _stages(line: SubsidyLine) -> list[Stage]:
    now = next((n for n, (_, states) in enumerate(STEPS) if line.state in states), -1)
    stages = []
    for n, (label, _) in enumerate(STEPS):
        state = "done" if n < now or line.state == "paid" else "now" if n == now else "todo"
        said = LINE_STATES.words[line.state] if n == now else ""
        stages.append(Stage(label, state, said))
    return stages


def _deeds(actor: Actor, at: datetime, line: SubsidyLine) -> dict[str, Any]:
    """What this actor may do for the person now: the same permits that the operations ask."""
    ends = Terms(at).window_ends(line.issued_on, line.region_id)
    may = confirm.may_answer(actor, line) and actor.has("maker")
    return {
        "confirm": may and line.state == "to_confirm",
        "decline": may and line.state in ("queued", "to_confirm", "silent", "deferred", "to_notice"),
        "reopen": may and confirm.may_reopen(actor, line, day_of(at), ends),
        "account": confirm.live_account(line.person_id),
        "window_ends": ends,
    }


@entry("staff")
def decision(request: Request, actor: Actor, at: datetime, line_id: UUID) -> HttpResponseBase:
    """One line: amount, each rule by both schemes, what would change a no, what happened, what may be done."""
    line = line_of(line_id)
    asked = asked_of(line)
    rows = compared(asked)
    open_rows = [row for row in rows if row.open]
    page = {
        "line": line,
        "asked": asked,
        "look": LOOKS[line.state],
        "next": NEXT.get(line.state, ""),
        "open_rows": open_rows,
        "met_rows": [row for row in rows if not row.open],
        "total": len(rows),
        "schemes": [one.scheme_name for one in asked],
        "stages": _stages(line),
        "scheme_name": SCHEMES[line.scheme],
        "past": [
            (step, VERBS.get(step.verb, step.verb), LINE_STATES.words.get(step.to_state, ""))
            for step in past_of(line.id)
        ],
        "decisions": [(one, OUTCOMES[one.outcome]) for one in line.decisions.order_by("-decided_at", "-id")],
        "fund_name": FUNDS.get(line.fund, "未定"),
        "may": _deeds(actor, at, line),
        "frozen": _frozen(asked[0].decision.facts) if asked else [],
        "digest": asked[0].decision.facts_digest if asked else "",
    }
    return TemplateResponse(request, "staff/subsidy/decision.html", page)


FROZEN = (
    ("born_on", "出生"),
    ("issued_on", "证书核发"),
    ("received_on", "结果收到"),
    ("training_first_on", "培训开始"),
    ("training_last_on", "培训结束"),
    ("training_hours", "课时"),
    ("listed", "联网可查"),
    ("public_staff", "在编"),
    ("full_time_student", "全日制学生"),
    ("employee_pension", "领职工养老金"),
    ("count_received_year", "当年已享受次数"),
    ("same_level_taken", "同等级已享受"),
    ("higher_level_taken", "更高等级已享受"),
)
SAID = {True: "是", False: "否", None: "未查明"}


def _frozen(facts: dict[str, Any]) -> list[tuple[str, Any]]:
    return [
        (words, SAID[value] if value is None or isinstance(value, bool) else value)
        for key, words in FROZEN
        for value in [facts[key]]
    ]


class CounterForm(PlainForm):
    """What a maker notes when answering for a person at the counter or on the telephone."""

    how = forms.ChoiceField(
        label="怎么确认的", choices=[("counter", confirm.WAYS["counter"]), ("telephone", confirm.WAYS["telephone"])]
    )
    note = forms.CharField(label="记录", max_length=200, required=False)


@entry("staff", "maker", methods=("POST",))
def answer(request: Request, actor: Actor, at: datetime, line_id: UUID, deed: str) -> HttpResponseBase:
    """Confirm, decline or reopen for the person, as the person said at the counter or by telephone."""
    form = CounterForm(request.POST)
    how = form.cleaned_data["how"] if form.is_valid() else "counter"
    note = request.POST.get("note", "")[:200]
    match deed:
        case "confirm":
            confirm.confirm_line(actor, at, line_id, how)
            messages.success(request, "已记下本人确认，等待公示。")
        case "decline":
            confirm.decline_line(actor, at, line_id, note or "窗口代为放弃")
            messages.success(request, "已记下本人放弃，钱和次数已退回，期限内可以重新办理。")
        case "reopen":
            confirm.reopen_line(actor, at, line_id)
            messages.success(request, "已重新办理，马上重新核定。")
        case _:
            raise NotFound()
    wake()
    return HttpResponseRedirect(reverse("staff-decision", args=[line_id]))


@entry("staff")
def find(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The search box on top: one hit opens, several are listed."""
    said = request.GET.get("q", "").strip()
    found = lines_of(actor.regions, Filter(find=said), per_page=2) if said else None
    if found and len({row.number for row in found.rows}) == 1:
        return HttpResponseRedirect(reverse("staff-decision", args=[found.rows[0].id]))
    return HttpResponseRedirect(f"{reverse('staff-decisions')}?find={said}")


urlpatterns = [
    path("decisions/", decisions, name="staff-decisions"),
    path("decisions/<uuid:line_id>/", decision, name="staff-decision"),
    path("decisions/<uuid:line_id>/<slug:deed>/", answer, name="staff-answer"),
    path("find/", find, name="staff-find"),
]
