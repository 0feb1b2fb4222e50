"""核定: the list of lines by filter, and the page of one line with its law, its money and what may be done now."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.cells import Column
from jiangxin.ground.sheets import write_workbook
from jiangxin.parties.operations.persons import reveal_phone
from jiangxin.payment.models import Batch
from jiangxin.rules.vocabulary import FUNDS
from jiangxin.subsidy.heirs import heir_of
from jiangxin.subsidy.models import LINE_STATES, SCHEMES, SubsidyLine
from jiangxin.subsidy.operations.calls import may_call
from jiangxin.subsidy.operations.confirm import NothingToConfirm
from jiangxin.subsidy.operations.officer import may_answer_here
from jiangxin.subsidy.queries.decisions import (
    OUTCOMES,
    PAGE,
    Filter,
    Found,
    Row,
    asked_of,
    compared,
    counts_by_state,
    line_of,
    lines_of,
    past_of,
    places_in_queue,
)
from jiangxin.subsidy.terms import Terms
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.chosen import page_of
from jiangxin.web.shared.forms import NO_DOCUMENT, PlainForm, holds_document
from jiangxin.web.staff.approval.pages import READERS
from jiangxin.web.staff.subsidy import answers, versions
from jiangxin.web.staff.subsidy.answers import deeds_for
from jiangxin.web.staff.subsidy.words import LOOKS, NEXT, STEPS, VERBS

# What an unanswered line goes by.
SILENCE = ("silence_days", "silence_day_kind", "silence_action", "silence_certified_only")
EXPORT_AT_MOST = 20_000
NO_NUMBER = "身份证号不能写进网址，请到“人员”里按身份证号查"


class LineFilter(PlainForm):
    """The query above the list; empty fields ask for all."""

    find = forms.RegexField(
        NO_DOCUMENT, label="姓名、证书号、核定号、职业", required=False, max_length=60,
        error_messages={"invalid": NO_NUMBER}, widget=forms.TextInput({"pattern": NO_DOCUMENT, "title": NO_NUMBER}),
    )  # fmt: skip
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *LINE_STATES.words.items()])
    scheme = forms.ChoiceField(label="补贴", required=False, choices=[("", "全部"), *SCHEMES.items()])
    since = forms.DateField(label="收到结果 从", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="到", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    waits = forms.CharField(label="等哪个登记来源", required=False, max_length=40)
    least = forms.DecimalField(label="金额（元） 从", required=False, min_value=0, max_digits=10, decimal_places=2)
    most = forms.DecimalField(label="金额（元） 到", required=False, min_value=0, max_digits=10, decimal_places=2)


def _filter(form: LineFilter, sort: str) -> Filter:
    """What is asked for; a wrong field says so beside itself."""
    said = form.cleaned_data if form.is_valid() else {}
    given = {name: value for name, value in said.items() if value not in (None, "")}
    for name in ("least", "most"):
        if name in given:
            given[f"{name}_fen"] = int(given.pop(name) * 100)
    return Filter(sort=sort, **given)


@entry("staff")
def decisions(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The list of lines in the actor's scope."""
    if holds_document(request.GET.get("find", "")):
        return _number_refused(request, actor)
    form = LineFilter(request.GET or None)
    wanted = _filter(form, request.GET.get("sort", "")) if request.GET else Filter()
    if form.errors:
        empty = {"form": form, "found": Found([], 0, 0), "wrong": True, "counts": [], "state": "", "rows": []}
        return TemplateResponse(request, "staff/subsidy/decisions.html", empty)
    if request.GET.get("export"):
        return _export(actor, wanted)
    page = page_of(request)
    found = lines_of(actor.regions, wanted, page)
    counts = counts_by_state(actor.regions, wanted)
    places = places_in_queue([row.id for row in found.rows if row.state == "queued"])
    shown = [(code, LINE_STATES.words[code], counts[code][0]) for code in LINE_STATES.words if code in counts]
    return TemplateResponse(
        request,
        "staff/subsidy/decisions.html",
        {
            "form": form,
            "found": found,
            "wrong": False,
            "rows": [(row, LOOKS[row.state], NEXT.get(row.state, ""), places.get(row.id)) for row in found.rows],
            "counts": shown,
            "state": wanted.state,
            "page": page,
            "pages": -(-found.total // PAGE),
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
        Decimal(row.amount_fen) / 100,
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


def _next(line: SubsidyLine, terms: Terms) -> str:
    """What happens when nobody acts; past its day a line stays only because its region has no number to go by."""
    if line.state == "to_confirm" and (line.due_on is None or line.due_on < terms.today):
        missing = terms.missing(line.region_id, *SILENCE)
        if missing:
            return f"{missing}，先等着，钱和次数留着；登记了规定自动往下走"
    return NEXT.get(line.state, "")


def _settled_at(line: SubsidyLine) -> list[tuple[str, str]]:
    """Where what stops the line is settled: its open holds and objections."""
    holds = [
        (f"去核查：{one.get_kind_display()}", reverse("staff-hold", args=[one.id]))
        for one in line.holds.filter(state="open").order_by("due_on")
    ]
    objections = line.objections.filter(state="open")
    return holds + [("去答复异议", reverse("staff-objection", args=[one.id])) for one in objections]


def _turn(actor: Actor, line: SubsidyLine) -> list[tuple[str, str]]:
    """Where this actor moves the line on with others of its kind, when it is the actor's turn."""
    if line.region_id not in actor.regions:
        return []
    if line.sheet_id and line.state == "to_approve":
        return [("看审批表", reverse("staff-approval", args=[line.sheet_id]))] if actor.has(*READERS) else []
    there = {"to_notice": ("去公示", "staff-notices"), "to_approve": ("去送审", "staff-sheets")}
    if actor.has("maker") and line.state in there:
        words, to = there[line.state]
        return [(words, reverse(to))]
    if actor.has("maker", "checker") and line.state == "failed":
        return [("去改账户", reverse("staff-failed-line", args=[line.id]))]
    return []


@entry("staff")
def decision(request: Request, actor: Actor, at: datetime, line_id: UUID) -> HttpResponseBase:
    """One line: amount, each rule by both schemes, what would change a no, what happened, what may be done."""
    return _about(request, actor, at, line_of(line_id))


@entry("staff", "maker", methods=("POST",))
def phone(request: Request, actor: Actor, at: datetime, line_id: UUID) -> HttpResponseBase:
    """The page once, with the person's telephone in clear, to call for an answer; the reading is journalled."""
    line = line_of(line_id)
    if not may_call(actor, line):
        raise NothingToConfirm()
    return _about(request, actor, at, line, reveal_phone(actor, at, line.person, "电话联系本人"))


def _about(
    request: Request, actor: Actor, at: datetime, line: SubsidyLine, number: str | None = None
) -> HttpResponseBase:
    asked = asked_of(line)
    rows = compared(asked)
    open_rows = [row for row in rows if row.open]
    page = {
        "line": line,
        "asked": asked,
        "look": LOOKS[line.state],
        "next": _next(line, Terms(at)),
        "open_rows": open_rows,
        "met_rows": [row for row in rows if not row.open],
        "total": len(asked[0].rules) if asked else 0,
        "schemes": [one.scheme_name for one in asked],
        "stages": _stages(line),
        "scheme_name": SCHEMES[line.scheme],
        "past": [
            (step, VERBS.get(step.verb, step.verb), LINE_STATES.words.get(step.to_state, ""))
            for step in past_of(line.id)
        ],
        "decisions": [(one, OUTCOMES[one.outcome]) for one in line.decisions.order_by("-decided_at", "-id")],
        "heir": heir_of(line),
        "fund_name": FUNDS.get(line.fund, "未定"),
        "may": deeds_for(actor, at, line),
        "answerable": line.state == "refused" and may_answer_here(actor, line),
        "settle": _settled_at(line) + _turn(actor, line),
        "phone": number,
        "sees_person": actor.has("maker", "checker", "leader", "register"),
        "place": places_in_queue([line.id] if line.state == "queued" else []).get(line.id),
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


def _number_refused(request: Request, actor: Actor) -> HttpResponse:
    """An identity number came in an address: it is not looked for, nor written out again."""
    messages.error(request, f"{NO_NUMBER}。")
    to = "staff-people" if actor.has("maker", "checker", "leader", "register") else "staff-home"
    return HttpResponseRedirect(reverse(to))


@entry("staff")
def find(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The search box on top: a batch or the one line found opens, several lines are listed."""
    said = request.GET.get("q", "").strip()
    if holds_document(said):
        return _number_refused(request, actor)
    if not said:
        return HttpResponseRedirect(reverse("staff-decisions"))
    batch = Batch.objects.filter(number=said, region_id__in=actor.regions).first()
    if batch:
        return HttpResponseRedirect(reverse("staff-batch", args=[batch.id]))
    lines = {row.id for row in lines_of(actor.regions, Filter(find=said), per_page=2).rows}
    if len(lines) == 1:
        return HttpResponseRedirect(reverse("staff-decision", args=[lines.pop()]))
    return HttpResponseRedirect(f"{reverse('staff-decisions')}?{urlencode({'find': said})}")


urlpatterns = [
    path("decisions/", decisions, name="staff-decisions"),
    path("decisions/<uuid:line_id>/", decision, name="staff-decision"),
    path("decisions/<uuid:line_id>/phone/", phone, name="staff-line-phone"),
    path("find/", find, name="staff-find"),
    *versions.urlpatterns,
    *answers.urlpatterns,
]
