"""付款前核查 (P23): what is held by kind; one hold with evidence, finding, two signatures; the call to the person."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.jobs import wake
from jiangxin.ground.refusal import Refusal
from jiangxin.parties.operations.persons import may_reveal, reveal_phone
from jiangxin.subsidy.models import HOLD_KINDS, Hold
from jiangxin.subsidy.operations.heirs import enter_heir, find_heir
from jiangxin.subsidy.operations.holds import may_release_hold, release_hold, strike_held
from jiangxin.subsidy.queries.decisions import line_of
from jiangxin.subsidy.queries.holds import counts_by_kind, hold_of, holds_in
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.chosen import page_of
from jiangxin.web.shared.forms import PlainForm
from jiangxin.web.staff.parties.served import serve
from jiangxin.web.staff.subsidy.heirs import HeirForm, heirs_shown

# What to look at for each kind of hold; for a call, what to ask.
HOW = {
    "new_body": ("看机构的备案和场地", "抽看几名学员的签到和考试记录", "确认第一批没有集中代考、挂名"),
    "account_changed": ("打本人原来登记的电话，核对是不是本人换的账户", "核对开户名和本人姓名"),
    "shared_contact": ("问清同一电话或账户为什么登记了几个人", "分别联系本人，确认知道这笔补贴"),
    "elsewhere": ("对照签到记录和参保单位的考勤", "请培训机构说明上课方式和时间"),
    "sample_call": (
        "您好，我是人力社保局的，想核对一次培训。请问您方便吗？",
        "您参加过这个职业的培训和考试吗？在哪里上的课，大概几天？",
        "有没有人让您交钱、借证件，或者答应分您补贴？",
        "收款账户是您本人的吗？您知道有这笔补贴吗？",
    ),
    "many_pleas": (
        "打电话问学员哪几次课没有签到、为什么",
        "对照课堂照片、点名和教师签到",
        "补记没有依据的，由培训管理处理",
    ),
    "body_stopped": ("看处置的决定和期限", "处置结束的，写明后放行；机构退出的，不付给机构"),
    "revoked": ("向评价机构核实撤销的原因和日期", "属实的，不予支付"),
    "died": (
        "向登记的单位核实本人是否去世、哪一天",
        "登记有误的，写明后放行",
        "属实的，请继承人带身份证件、银行卡和继承材料到窗口，在这一页登记；没有人继承的取消",
    ),
}


class FindingForm(PlainForm):
    """What was found."""

    finding = forms.CharField(
        label="查到的情况", max_length=190, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="怎么核实的、问了谁、结果如何。会留存。",
    )  # fmt: skip


class SecondForm(PlainForm):
    """The second signature: go on or strike; a strike needs words of its own."""

    outcome = forms.ChoiceField(
        label="第二个人看", choices=[("release", "放行，继续付款"), ("strike", "问题属实，取消这一笔")],
        widget=forms.RadioSelect,
    )  # fmt: skip
    finding = forms.CharField(
        label="意见", max_length=190, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="取消时要写明原因。",
    )  # fmt: skip

    def clean(self) -> dict[str, object]:
        """A strike without a reason is sent back."""
        said = super().clean() or self.cleaned_data
        if said.get("outcome") == "strike" and len(str(said.get("finding", "")).strip()) < 5:
            self.add_error("finding", "请写明为什么取消，至少 5 个字")
        return said


@entry("staff")
def holds(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Holds in scope by kind, what is due first; or those looked into."""
    state = "released" if request.GET.get("view") == "released" else "open"
    kind, page, today = request.GET.get("kind", ""), page_of(request), day_of(at)
    kind = kind if kind in HOLD_KINDS else ""
    found, total = holds_in(actor.regions, actor.account_id, state, kind, page)
    counts = counts_by_kind(actor.regions, actor.account_id, today)
    shown = {
        "rows": [(one, one.due_on < today and state == "open") for one in found],
        "counts": counts,
        "all": sum(one.count for one in counts),
        "late": sum(one.late for one in counts),
        "second": sum(one.second for one in counts) if actor.has("maker", "checker", "leader") else 0,
        "kind": kind,
        "state": state,
        "account_id": actor.account_id,
        "total": total,
        "page": page,
        "pages": -(-total // 50),
    }
    return TemplateResponse(request, "staff/subsidy/holds.html", shown)


def _about(request: Request, actor: Actor, at: datetime, found: Hold, **more: object) -> HttpResponseBase:
    line = line_of(found.line_id)
    shown = {
        "hold": found,
        "line": line,
        "kind_words": HOLD_KINDS[found.kind],
        "how": HOW[found.kind],
        "others": line.holds.exclude(id=found.id).order_by("opened_at"),
        "may": may_release_hold(actor, found),
        "late": found.state == "open" and found.due_on < day_of(at),
        "mine": found.first_by_id is not None and found.first_by_id == actor.account_id,
        "found_heir": None,
        "may_call": found.state == "open" and may_reveal(actor, line.person_id),
        "form": SecondForm() if found.first_by_id else FindingForm(),
        "phone": None,
    } | heirs_shown(actor, line)
    return TemplateResponse(request, "staff/subsidy/hold.html", shown | more)


@entry("staff", methods=("GET", "POST"))
def hold(request: Request, actor: Actor, at: datetime, hold_id: UUID) -> HttpResponseBase:
    """One hold: its evidence, what to look at, the finding and the two signatures."""
    found = hold_of(actor.regions, hold_id)
    if request.method == "GET":
        return _about(request, actor, at, found)
    second = found.first_by_id is not None
    form: PlainForm = SecondForm(request.POST) if second else FindingForm(request.POST)
    if form.is_valid():
        finding = form.cleaned_data["finding"]
        strike = second and form.cleaned_data["outcome"] == "strike"
        try:
            (strike_held if strike else release_hold)(actor, at, found.id, finding)
        except Refusal as no:
            form.add_error("finding", no.sentence + no.remedy)
        else:
            messages.success(request, _said(second, strike))
            wake()
            return HttpResponseRedirect(reverse("staff-holds"))
    return _about(request, actor, at, found, form=form)


def _said(second: bool, strike: bool) -> str:
    if strike:
        return "已取消这一笔，钱和次数退回。"
    return "已放行。没有别的核查，就继续办理。" if second else "已记下您查到的情况，等另一位同事看过放行。"


@entry("staff", "maker", methods=("POST",))
def heir(request: Request, actor: Actor, at: datetime, hold_id: UUID) -> HttpResponseBase:
    """Enter who inherits a line held for a death; somebody else confirms. Whoever is not known yet is brought in."""
    found, form, person = hold_of(actor.regions, hold_id), HeirForm(request.POST), None
    if form.is_valid():
        said = form.cleaned_data
        try:
            person = find_heir(actor, at, found.line_id, said["number"], said["name"])
            serve(request, person)
            enter_heir(actor, at, found.line_id, person.id, said["relation"], said["papers"])
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            messages.success(request, "已登记继承人，等另一位同事核对材料后确认。")
            return HttpResponseRedirect(reverse("staff-hold", args=[found.id]))
    return _about(request, actor, at, found, heir_form=form, found_heir=person)


@entry("staff", "maker", "checker", methods=("POST",))
def phone(request: Request, actor: Actor, at: datetime, hold_id: UUID) -> HttpResponseBase:
    """The page once, with the person's telephone in clear; the reading is journalled."""
    found = hold_of(actor.regions, hold_id)
    number = reveal_phone(actor, at, line_of(found.line_id).person, "付款前核查回访")
    return _about(request, actor, at, found, phone=number)


urlpatterns = [
    path("holds/", holds, name="staff-holds"),
    path("holds/<uuid:hold_id>/", hold, name="staff-hold"),
    path("holds/<uuid:hold_id>/heir/", heir, name="staff-heir"),
    path("holds/<uuid:hold_id>/phone/", phone, name="staff-hold-phone"),
]
