"""Public notices (公示, P16): posted lists as official paper, an objection to a line; at its end a notice is gone."""

from datetime import date, datetime
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.jobs import wake
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.subsidy.models import NoticeLine
from jiangxin.subsidy.operations.objections import file_objection
from jiangxin.subsidy.queries.public import (
    Posted,
    no_longer_in_notice,
    objection_receipt,
    posted_notice,
    posted_notices,
    receipt_by_number,
    taken_down_notice,
    withdrawn_from,
)
from jiangxin.subsidy.terms import Terms
from jiangxin.web.door import entry
from jiangxin.web.session import Request, go
from jiangxin.web.shared.estimate import regions_by_city
from jiangxin.web.shared.forms import PRIVATE, PlainForm

ROWS = 50
OBJECTIONS_A_DAY = 3
LEFT, GONE = {"objected": "已有人提异议，正在核实"}, "已从这次公示撤下"


class ObjectedEnough(Refusal):
    sentence = "今天从这里已经提过 3 条异议。"
    remedy = "还有要反映的，请明天再提，或直接联系公示单位。"


class RegionForm(PlainForm):
    """Which region's notices."""

    region = forms.TypedChoiceField(label="哪里的公示", coerce=int, required=False, empty_value=None)

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        region = self.fields["region"]
        if isinstance(region, forms.TypedChoiceField):
            region.choices = [("", "全省"), *regions_by_city()]


def _hidden(response: HttpResponse) -> HttpResponse:
    """Not for search engines, not for copies (P16)."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Cache-Control"] = "no-store"
    return response


def _days(notice: Posted, terms: Terms) -> tuple[int, int]:
    """Which working day of how many of a notice today is; the day of posting is not counted."""
    total = terms.calendar.left(day_of(notice.posted_at), notice.ends_on)
    return total - terms.calendar.left(terms.today, notice.ends_on), total


@entry("public")
def notices(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The notices posted now."""
    form = RegionForm(request.GET)
    region = form.cleaned_data["region"] if form.is_valid() else None
    page = {"form": form, "notices": posted_notices(day_of(at), region)}
    return _hidden(TemplateResponse(request, "public/notices/notices.html", page))


@entry("public")
def notice(request: Request, actor: Actor, at: datetime, notice_id: UUID) -> HttpResponseBase:
    """A posted list, fifty lines a page; once it is over only that it is over."""
    posted = posted_notice(day_of(at), notice_id)
    if posted is None:
        over = {"notice": taken_down_notice(actor, notice_id)}
        return _hidden(TemplateResponse(request, "public/notices/over.html", over, status=410))
    lines = Paginator(NoticeLine.objects.filter(notice_id=notice_id).order_by("seq"), ROWS)
    shown = lines.get_page(request.GET.get("page"))
    left = no_longer_in_notice(actor, [row.pk for row in shown])
    rows = [(row, LEFT.get(left[row.pk], GONE) if row.pk in left else "") for row in shown]
    terms = Terms(at)
    done, total = _days(posted, terms)
    page = {
        "notice": posted, "page": shown, "rows": rows, "pages": lines.num_pages, "done": done,
        "withdrawn": withdrawn_from(actor, notice_id),
        "total": total, "objection_days": terms.find(posted.region_id, "objection_working_days").value,
    }  # fmt: skip
    return _hidden(TemplateResponse(request, "public/notices/notice.html", page))


class ObjectionForm(PlainForm):
    """What is wrong, and where an answer may go."""

    text = forms.CharField(
        label="哪里不对", min_length=5, max_length=1000, widget=forms.Textarea({"rows": 5}),
        help_text="写清事实和理由。不要写别人的证件号码。", error_messages={"min_length": "至少写 5 个字"},
    )  # fmt: skip
    contact = forms.CharField(
        label="称呼和联系方式", max_length=80, required=False, help_text="加密保存，只有办理的人能看到。不留也可以提。",
        widget=forms.TextInput(PRIVATE),
    )  # fmt: skip


def _count_objection(request: Request, today: date) -> None:
    """At most so many a day from one browser."""
    filed = [day for day in request.session.get("objected", []) if day == today.isoformat()]
    if len(filed) >= OBJECTIONS_A_DAY:
        raise ObjectedEnough()
    request.session["objected"] = [*filed, today.isoformat()]


@entry("public", methods=("GET", "POST"))
def objection(request: Request, actor: Actor, at: datetime, row_id: UUID) -> HttpResponseBase:
    """Object to one line of a posted notice: it alone stops."""
    row = NoticeLine.objects.select_related("notice", "notice__office").filter(pk=row_id).first()
    if row is None or row.notice.ends_on < day_of(at):
        raise NotFound()
    form = ObjectionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _count_objection(request, day_of(at))
            filed = file_objection(actor, at, row_id, form.cleaned_data["text"], form.cleaned_data["contact"])
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            wake()
            return go(request, reverse("objection-receipt", args=[filed.pk]))
    return _hidden(TemplateResponse(request, "public/notices/objection.html", {"row": row, "form": form}))


@entry("public")
def receipt(request: Request, actor: Actor, at: datetime, objection_id: UUID) -> HttpResponseBase:
    """The receipt with its last day of answer, later the answer; whoever keeps the address reads it."""
    page = {"objection": objection_receipt(actor, objection_id)}
    return _hidden(TemplateResponse(request, "public/notices/receipt.html", page))


class ReceiptForm(PlainForm):
    """The number on a receipt."""

    number = forms.CharField(label="异议受理号", max_length=20, help_text="12 位，例：1A2B-3C4D-5E6F")


@entry("public")
def find_receipt(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Find a receipt by the number that was written down."""
    form = ReceiptForm(request.GET or None)
    if form.is_valid():
        found = receipt_by_number(actor, form.cleaned_data["number"])
        if found:
            return go(request, reverse("objection-receipt", args=[found]))
        form.add_error("number", "没有这个受理号，请对照回执再填")
    return _hidden(TemplateResponse(request, "public/notices/find_receipt.html", {"form": form}))


urlpatterns = [
    path("notices", notices, name="notices"),
    path("notices/<uuid:notice_id>", notice, name="notice"),
    path("notices/lines/<uuid:row_id>/objection", objection, name="objection"),
    path("notices/objections", find_receipt, name="find-receipt"),
    path("notices/objections/<uuid:objection_id>", receipt, name="objection-receipt"),
]
