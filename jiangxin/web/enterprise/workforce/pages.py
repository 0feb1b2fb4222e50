"""我的人员, for an employer's or a platform's clerk: who works here, entered by list, ended when they leave (4.2)."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.parties.operations.rosters import drop_roster
from jiangxin.parties.operations.workforce import (
    end_employments,
    enter_workforce,
    receive_workforce,
    workforce_roster,
)
from jiangxin.parties.queries.workforce import (
    masked_numbers,
    roster_file_of,
    roster_files_of,
    workforce_counts,
    workforce_of,
    wrong_rows_of,
)
from jiangxin.parties.rosters import staff_list
from jiangxin.parties.workforce import EMPLOYMENTS
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.chosen import chosen_rows
from jiangxin.web.shared.forms import DayInput, PlainForm
from jiangxin.web.shared.rosters import FindForm, Way, download, drop_page, file_page, load_page, send_page

PER_PAGE = 50
WORDS = {"contract": "劳动合同", "platform": "平台接单"}


class LeavingForm(PlainForm):
    """The last day of whom is chosen."""

    until_on = forms.DateField(label="最后一天", widget=DayInput)


def body_of(actor: Actor) -> UUID:
    """The body that the clerk works for. Raises NotFound."""
    if actor.body_id is None:
        raise NotFound()
    return actor.body_id


def _way() -> Way:
    return Way(
        "用工名册", "有劳动合同的、平台接单没有合同的，都报在这里。先检查，再载入。",
        ((reverse("provider-staff"), "我的人员"),), "provider-staff-send", reverse("provider-staff"),
    )  # fmt: skip


@entry("provider", "employer", methods=("GET", "POST"))
def people(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Who works here now, or who left; posting writes down the last day of those chosen."""
    form = LeavingForm(request.POST or None, initial={"until_on": day_of(at)})
    if request.method == "POST" and form.is_valid():
        try:
            count = end_employments(actor, at, chosen_rows(request), form.cleaned_data["until_on"])
        except Refusal as no:
            form.add_error("until_on", no.sentence + no.remedy)
        else:
            messages.success(request, f"已记下 {count} 人离开。")
            return HttpResponseRedirect(reverse("provider-staff"))
    body_id, today, find = body_of(actor), day_of(at), FindForm(request.GET)
    kind = request.GET.get("kind", "")
    gone = kind == "gone"
    found = workforce_of(body_id, today, kind if kind in EMPLOYMENTS else "", find.said, gone)
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    counts, numbers = workforce_counts(body_id, today), masked_numbers([one.person_id for one in shown])
    page = {
        "rows": [(one, numbers.get(one.person_id, ""), WORDS[one.kind]) for one in shown], "people": shown,
        "form": form, "find": find, "kind": kind, "gone": gone, "total": sum(counts.values()),
        "counts": [(code, word, counts.get(code, 0)) for code, word in WORDS.items()], "found": find.said,
        "picked": request.POST.getlist("row"),
    }  # fmt: skip
    return TemplateResponse(request, "enterprise/workforce/people.html", page)


@entry("provider", "employer")
def people_sheet(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Everybody who works here now, as a workbook with masked numbers."""
    found = list(workforce_of(body_of(actor), day_of(at)))
    numbers = masked_numbers([one.person_id for one in found])
    rows = [(one.person.name, numbers.get(one.person_id, ""), WORDS[one.kind], one.from_on) for one in found]
    return download(staff_list(rows), "在册人员.xlsx")


@entry("provider", "employer", methods=("GET", "POST"))
def send(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Send a list; it is checked as a whole before anybody is entered."""
    body_id = body_of(actor)
    return send_page(
        request, _way(), lambda: roster_files_of(body_id, "workforce"),
        lambda name, data: receive_workforce(actor, at, name, data),
    )  # fmt: skip


@entry("provider", "employer")
def template(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The empty list."""
    return download(workforce_roster(actor, at).template(), "用工名册模板.xlsx")


@entry("provider", "employer")
def sent(request: Request, actor: Actor, at: datetime, file_id: UUID) -> HttpResponseBase:
    """One list that was sent."""
    return file_page(request, _way(), roster_file_of(body_of(actor), file_id, "workforce"))


@entry("provider", "employer", methods=("POST",))
def load(request: Request, actor: Actor, at: datetime, file_id: UUID) -> HttpResponseBase:
    """Enter the good rows."""
    file = roster_file_of(body_of(actor), file_id, "workforce")
    return load_page(request, _way(), file, lambda reason: enter_workforce(actor, at, file_id, reason))


@entry("provider", "employer", methods=("POST",))
def drop(request: Request, actor: Actor, at: datetime, file_id: UUID) -> HttpResponseBase:
    """Give a list up."""
    roster_file_of(body_of(actor), file_id, "workforce")
    return drop_page(request, _way(), lambda: drop_roster(actor, at, file_id))


@entry("provider", "employer")
def wrong_rows(request: Request, actor: Actor, at: datetime, file_id: UUID) -> HttpResponseBase:
    """The wrong rows in their template, with 错误原因."""
    file = roster_file_of(body_of(actor), file_id, "workforce")
    return download(wrong_rows_of(file, workforce_roster(actor, at)), f"错误行_{file.file_name}")


urlpatterns = [
    path("staff/", people, name="provider-staff"),
    path("staff/people.xlsx", people_sheet, name="provider-staff-sheet"),
    path("staff/send/", send, name="provider-staff-send"),
    path("staff/send/template.xlsx", template, name="provider-staff-send-template"),
    path("staff/send/<uuid:file_id>/", sent, name="provider-staff-send-file"),
    path("staff/send/<uuid:file_id>/load/", load, name="provider-staff-send-load"),
    path("staff/send/<uuid:file_id>/drop/", drop, name="provider-staff-send-drop"),
    path("staff/send/<uuid:file_id>/wrong-rows.xlsx", wrong_rows, name="provider-staff-send-wrong-rows"),
]
