"""待核实 (P28): what lines wait for, a comparison file for each register, what an officer can settle at once."""

from datetime import datetime
from urllib.parse import quote
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
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.ground.sheets import write_workbook
from jiangxin.parties.models import DOCUMENT_KINDS, PersonDocument
from jiangxin.parties.operations.persons import ConfirmedBeforehand, UnableNeedsReason, reveal_document
from jiangxin.parties.operations.registers import may_load_register
from jiangxin.parties.registers import REGISTERS
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.subsidy.officer import QUESTIONS, OfficerAnswer
from jiangxin.subsidy.operations.confirm import accept_late, may_accept_late
from jiangxin.subsidy.operations.officer import (
    AnswerDayImpossible,
    AnswerNeedsEvidence,
    answer_able,
    confirm_answer,
    enter_answer,
    may_close_answer,
    may_enter_answer,
    may_find_able,
    withdraw_answer,
)
from jiangxin.subsidy.queries.decisions import line_of
from jiangxin.subsidy.queries.gaps import gaps_of
from jiangxin.subsidy.queries.waiting import AT_MOST, answers_entered, asked_about, count_waiting, groups, lacking
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.chosen import page_of
from jiangxin.web.shared.forms import DayInput, PlainForm

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PURPOSE = "数据比对"
COLUMNS = (
    Column("name", "姓名"),
    Column("kind", "证件类型"),
    Column("number", "证件号码", "code", longest=40),
    Column("from_on", "查询日期从", "date"),
    Column("until_on", "查询日期到", "date"),
)
NOTES = (
    "只用于数据比对。请按这些人、这些日期提供登记情况，填进对应的登记来源模板送回。",
    "含完整证件号码：不要转发，用完即删。每个号码的导出都已记入日志。",
)


class LateForm(PlainForm):
    """Why a late result counts."""

    reason = forms.CharField(
        label="同意迟报的原因", max_length=200, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写清为什么报晚了、怎么核实的。审批时会提示。",
    )  # fmt: skip


class AbleForm(PlainForm):
    """What was found, on which day; a no needs a reason."""

    able = forms.ChoiceField(
        label="核实的结果", choices=[("yes", "有就业能力，也愿意参加培训"), ("no", "没有就业能力，或不愿意参加培训")],
        widget=forms.RadioSelect,
    )  # fmt: skip
    on = forms.DateField(label="哪天核实的", widget=DayInput())
    reason = forms.CharField(
        label="怎么核实的", max_length=150, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="核实为没有的，必须写明；本人会看到不予补贴。",
    )  # fmt: skip


class AnswerForm(PlainForm):
    """A fact that no register knows, with what it rests on."""

    question = "requested"
    found_on = forms.DateField(label="本人哪一天提出的", widget=DayInput())
    evidence = forms.CharField(
        label="依据", max_length=200, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="看了什么材料、在哪一页或第几号。另一位同事会照着核对。",
    )  # fmt: skip

    @property
    def said(self) -> bool:
        """The answer given."""
        return True


class MajorForm(AnswerForm):
    """Whether a student's certificate belongs to the major."""

    question = "major_related"
    related = forms.ChoiceField(
        label="证书与所学专业", choices=[("yes", "相关"), ("no", "无关")], widget=forms.RadioSelect
    )
    found_on = forms.DateField(label="哪天核实的", widget=DayInput())
    field_order = ("related", "found_on", "evidence")

    @property
    def said(self) -> bool:
        return bool(self.cleaned_data["related"] == "yes")


ANSWER_FORMS = {form.question: form for form in (MajorForm, AnswerForm)}


@entry("staff")
def waiting(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Lines by what they wait for; `?for=` shows the lines of one."""
    found, page = groups(actor.regions), page_of(request)
    words = request.GET.get("for", "")
    chosen = next((one for one in found if one.words == words), None)
    lines, total = lacking(actor.regions, words if chosen else "", page)
    shown = {
        "entered": answers_entered(actor.regions),
        "groups": found,
        "chosen": chosen,
        "waiting": count_waiting(actor.regions),
        "lines": lines,
        "total": total,
        "page": page,
        "pages": -(-total // 50),
        "may_compare": actor.has("maker", "register"),
        "may_load": may_load_register(actor),
        "at_most": AT_MOST,
    }
    return TemplateResponse(request, "staff/subsidy/waiting.html", shown)


@entry("staff", "maker", "register", methods=("POST",))
def comparison(request: Request, actor: Actor, at: datetime, register: str) -> HttpResponseBase:
    """The comparison file for a register: the only place with clear numbers, each of them journalled."""
    if register not in REGISTERS:
        raise NotFound()
    today = day_of(at)
    asked = asked_about(actor.regions, register, today)
    if not asked:
        raise NotFound()
    documents = PersonDocument.objects.in_bulk([one.document_id for one in asked])
    numbers = {key: reveal_document(actor, at, document, PURPOSE) for key, document in documents.items()}
    rows = [
        (one.name, DOCUMENT_KINDS[documents[one.document_id].kind], numbers[one.document_id], one.from_on, one.until_on)
        for one in asked
    ]
    name = REGISTERS[register][0]
    named = f"attachment; filename*=UTF-8''{quote(f'数据比对_{name}_{today}.xlsx')}"
    data = write_workbook(f"数据比对：{name}", NOTES, "比对名单", COLUMNS, rows)
    return HttpResponse(data, content_type=SHEET_TYPE, headers={"Content-Disposition": named})


def _about(request: Request, actor: Actor, at: datetime, line: SubsidyLine, **more: object) -> HttpResponseBase:
    entered = list(line.answers.filter(state="entered").select_related("entered_by", "line").order_by("id"))
    asked = {one.question for one in entered}
    may = {question: may_enter_answer(actor, line, question) and question not in asked for question in QUESTIONS}
    today = {"initial": {"on": day_of(at), "found_on": day_of(at)}}
    shown = {
        "line": line,
        "may_accept": may_accept_late(actor, line),
        "may_confirm": may_find_able(actor, line),
        "may_major": may["major_related"],
        "may_request": may["requested"],
        "entered": [(one, may_close_answer(actor, one)) for one in entered],
        "closed": line.answers.exclude(state="entered").select_related("entered_by", "closed_by").order_by("id"),
        "gaps": gaps_of(line, day_of(at)) if line.state == "waiting" else [],
        "late_form": LateForm(auto_id="late_%s"),
        "able_form": AbleForm(auto_id="able_%s", **today),
        "major_form": MajorForm(auto_id="major_%s", **today),
        "request_form": AnswerForm(auto_id="request_%s"),
    }
    return TemplateResponse(request, "staff/subsidy/lacking.html", shown | more)


@entry("staff")
def one(request: Request, actor: Actor, at: datetime, line_id: UUID) -> HttpResponseBase:
    """One waiting line: what it lacks and what can be settled here."""
    return _about(request, actor, at, line_of(line_id))


@entry("staff", "maker", methods=("POST",))
def late(request: Request, actor: Actor, at: datetime, line_id: UUID) -> HttpResponseBase:
    """Accept a late result with a reason."""
    line, form = line_of(line_id), LateForm(request.POST, auto_id="late_%s")
    if form.is_valid():
        try:
            accept_late(actor, at, line.id, form.cleaned_data["reason"])
        except Refusal as no:
            form.add_error("reason", no.sentence + no.remedy)
        else:
            return _settled(request, "已同意迟报，马上重新核定。")
    return _about(request, actor, at, line, late_form=form, wrong=form)


@entry("staff", "maker", methods=("POST",))
def able(request: Request, actor: Actor, at: datetime, line_id: UUID) -> HttpResponseBase:
    """Record whether the person was found able and willing."""
    line, form = line_of(line_id), AbleForm(request.POST, auto_id="able_%s")
    if form.is_valid():
        given = form.cleaned_data
        try:
            answer_able(actor, at, line.id, given["on"], given["able"] == "yes", given["reason"])
        except ConfirmedBeforehand as no:
            form.add_error("on", no.sentence + no.remedy)
        except UnableNeedsReason as no:
            form.add_error("reason", no.sentence + no.remedy)
        else:
            return _settled(request, "已记下核实的结果，马上重新核定。")
    return _about(request, actor, at, line, able_form=form, wrong=form)


@entry("staff", "maker", methods=("POST",))
def answer(request: Request, actor: Actor, at: datetime, line_id: UUID, question: str) -> HttpResponseBase:
    """Enter a student's major or the person's own request, for another to confirm."""
    if question not in ANSWER_FORMS:
        raise NotFound()
    name = {"major_related": "major", "requested": "request"}[question]
    line, form = line_of(line_id), ANSWER_FORMS[question](request.POST, auto_id=f"{name}_%s")
    if form.is_valid():
        given = form.cleaned_data
        try:
            enter_answer(actor, at, line.id, question, form.said, given["found_on"], given["evidence"])
        except AnswerDayImpossible as no:
            form.add_error("found_on", no.sentence + no.remedy)
        except AnswerNeedsEvidence as no:
            form.add_error("evidence", no.sentence + no.remedy)
        else:
            return _settled(request, "已记下，等另一位同事确认后重新核定。")
    return _about(request, actor, at, line, **{f"{name}_form": form, "wrong": form})


@entry("staff", "maker", "checker", methods=("POST",))
def close(request: Request, actor: Actor, at: datetime, answer_id: UUID, deed: str) -> HttpResponseBase:
    """The second person: confirm what another entered, or do not take it."""
    if not OfficerAnswer.objects.filter(id=answer_id, region_id__in=actor.regions).exists():
        raise NotFound()
    if deed == "confirm":
        confirm_answer(actor, at, answer_id)
        return _settled(request, "已确认，马上重新核定。")
    withdraw_answer(actor, at, answer_id)
    return _settled(request, "不采用，已记下，这一笔照旧。")


def _settled(request: Request, said: str) -> HttpResponseBase:
    messages.success(request, said)
    wake()
    return HttpResponseRedirect(reverse("staff-waiting"))


urlpatterns = [
    path("waiting/", waiting, name="staff-waiting"),
    path("waiting/compare/<slug:register>/", comparison, name="staff-comparison"),
    path("waiting/<uuid:line_id>/", one, name="staff-lacking"),
    path("waiting/<uuid:line_id>/late/", late, name="staff-accept-late"),
    path("waiting/<uuid:line_id>/able/", able, name="staff-confirm-able"),
    path("waiting/<uuid:line_id>/answer/<slug:question>/", answer, name="staff-enter-answer"),
    path("waiting/answers/<uuid:answer_id>/<slug:deed>/", close, name="staff-close-answer"),
]
