"""A list of people on its way in, on any page: send it, see what is wrong in it, load it whole or its good rows."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from jiangxin.ground.refusal import Refusal
from jiangxin.parties.workforce import RosterFile
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import NO_DOCUMENT, PlainForm

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ASK = "这里查姓名，不要写证件号码"
LOOKS = {"wrong": "no", "clean": "wait", "loaded": "ok", "dropped": "off"}
PER_PAGE = 50
Crumb = tuple[str, str]


class FindForm(PlainForm):
    """Part of a name; no document number stands in an address."""

    find = forms.RegexField(
        NO_DOCUMENT, label="姓名", required=False, max_length=40, error_messages={"invalid": ASK},
        widget=forms.TextInput(attrs={"pattern": NO_DOCUMENT, "title": ASK, "autocomplete": "off"}),
    )  # fmt: skip

    @property
    def said(self) -> str:
        """What is looked for; "" when nothing, or what cannot be."""
        return str(self.cleaned_data.get("find") or "").strip() if self.is_valid() else ""


class SheetForm(PlainForm):
    """A filled template."""

    file = forms.FileField(
        label="名册文件", help_text="模板填好的 .xlsx，或 CSV。5 MB 以内，最多 2000 人。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )  # fmt: skip


class PartForm(PlainForm):
    """Why the good rows are loaded before the others."""

    reason = forms.CharField(label="原因", max_length=200, help_text="如：错误行要等本人补证件号。会记入日志。")


@dataclass(frozen=True)
class Way:
    """Where the pages of one kind of list stand: names of addresses, what leads back to them, and the words.

    `args` go before the file's key in the addresses that do not name a file; `done` is where one goes afterwards.
    """

    title: str
    note: str
    crumbs: tuple[Crumb, ...]
    names: str
    done: str
    unit: str = "人"
    args: tuple[object, ...] = ()

    def to(self, what: str, file: RosterFile | None = None) -> str:
        """The address of a page of this kind: "" the sending page, or template, file, load, drop, wrong-rows."""
        name = f"{self.names}-{what}" if what else self.names
        return reverse(name, args=[file.pk] if file else list(self.args))

    def shown(self) -> dict[str, object]:
        """What every page of this kind tells."""
        return {"way": self, "send_href": self.to(""), "template_href": self.to("template")}


def download(content: bytes, name: str) -> HttpResponse:
    """A workbook to take away."""
    said = f"attachment; filename*=UTF-8''{quote(name.removesuffix('.csv').removesuffix('.xlsx'))}.xlsx"
    return HttpResponse(content, content_type=SHEET_TYPE, headers={"Content-Disposition": said})


def send_page(
    request: Request, way: Way, earlier: Callable[[], QuerySet[RosterFile]], receive: Callable[[str, bytes], RosterFile]
) -> HttpResponseBase:
    """The sending page with what was sent before; a file sent is checked as a whole, and its page follows."""
    form = SheetForm(request.POST, request.FILES) if request.method == "POST" else SheetForm()
    if form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            file = receive(sent.name, sent.read())
        except Refusal as no:
            form.add_error("file", no.sentence + no.remedy)
        else:
            return HttpResponseRedirect(way.to("file", file))
    shown = Paginator(earlier(), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(file, LOOKS[file.state], way.to("file", file)) for file in shown]
    page = {"form": form, "files": shown, "rows": rows} | way.shown()
    return TemplateResponse(request, "shared/roster_send.html", page)


def file_page(request: Request, way: Way, file: RosterFile, part_form: PartForm | None = None) -> HttpResponseBase:
    """One list: what is wrong in it, and what can be done with it."""
    shown = Paginator(file.wrongs, PER_PAGE).get_page(request.GET.get("page"))
    page = {
        "file": file, "look": LOOKS[file.state], "good": file.rows - file.wrong_rows, "wrongs": shown,
        "open": file.state in ("wrong", "clean"), "part_form": part_form or PartForm(),
        "load_href": way.to("load", file), "drop_href": way.to("drop", file), "wrong_href": way.to("wrong-rows", file),
    } | way.shown()  # fmt: skip
    return TemplateResponse(request, "shared/roster_file.html", page)


def load_page(request: Request, way: Way, file: RosterFile, load: Callable[[str], RosterFile]) -> HttpResponseBase:
    """Load a list; what is refused is said on its page, with what was typed."""
    form = PartForm(request.POST)
    if file.wrong_rows and not form.is_valid():
        return file_page(request, way, file, form)
    form.is_valid()
    try:
        loaded = load(form.cleaned_data.get("reason", ""))
    except Refusal as no:
        form.errors.clear()
        form.add_error(None, no.sentence + no.remedy)
        return file_page(request, way, file, form)
    messages.success(request, f"已载入 {loaded.loaded_rows} {way.unit}。")
    return HttpResponseRedirect(way.to("file", loaded) if loaded.wrong_rows else way.done)


def drop_page(request: Request, way: Way, drop: Callable[[], RosterFile]) -> HttpResponseBase:
    """Give a list up."""
    messages.success(request, f"已放弃 {drop().file_name}，没有载入任何人。")
    return HttpResponseRedirect(way.to(""))
