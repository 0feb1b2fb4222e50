"""职业类别: the guidance catalogue's classes of occupations; kept by the province, read by everybody at a desk."""

from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.catalogue.class_sheet import ENDED, Fault, class_workbook, read_classes
from jiangxin.catalogue.models import OCCUPATION_CLASSES
from jiangxin.catalogue.operations import EDITION, Filing, file_guidance_classes, may_set_class
from jiangxin.catalogue.queries import class_counts, guidance_catalogue
from jiangxin.ground.actor import PROVINCE, Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.jobs import wake
from jiangxin.ground.refusal import NotYourDuty, Refusal
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import DayInput, PlainForm

PER_PAGE = 50
WHOLE = 100_000
LARGEST = 10_000_000
NO_CLASS = "none"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ClassFilter(PlainForm):
    """What the list is narrowed to."""

    find = forms.CharField(label="职业名称、俗称、拼音或编码", required=False, max_length=40)
    kind = forms.ChoiceField(
        label="类别", required=False,
        choices=[("", "全部"), *OCCUPATION_CLASSES.items(), (NO_CLASS, "没有类别")],
    )  # fmt: skip


class ClassForm(PlainForm):
    """What a document says of the chosen occupations."""

    occupation_class = forms.ChoiceField(label="类别", choices=[*OCCUPATION_CLASSES.items(), (NO_CLASS, ENDED)])
    from_on = forms.DateField(label="从哪天起", widget=DayInput())
    document = forms.CharField(label="文件和文号", max_length=200)


class SheetForm(PlainForm):
    """A sheet with the columns of the export."""

    file = forms.FileField(
        label="类别表", help_text="导出的表改好后传回来。", widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"})
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError("文件超过 10 MB，请核对是不是这张表")
        return file


def _page(
    request: Request, actor: Actor, today: date, form: ClassForm | None = None, sheet: SheetForm | None = None,
    faults: list[Fault] | None = None,
) -> HttpResponseBase:  # fmt: skip
    query = ClassFilter(request.GET or None)
    said = query.cleaned_data if query.is_valid() else {}
    page = int(request.GET["page"]) if request.GET.get("page", "").isdecimal() else 1
    found = guidance_catalogue(EDITION, today, said.get("find", ""), said.get("kind", ""), page, PER_PAGE)
    counts = class_counts(EDITION, today)
    named = sum(count for code, count in counts.items() if code != NO_CLASS)
    return TemplateResponse(
        request,
        "staff/law/classes.html",
        {
            "query": query,
            "found": found,
            "page": page,
            "pages": -(-found.total // PER_PAGE),
            "named": named,
            "total": named + counts.get(NO_CLASS, 0),
            "counts": [(name, counts.get(code, 0)) for code, name in OCCUPATION_CLASSES.items()],
            "may_set": may_set_class(actor),
            "form": form or ClassForm(),
            "sheet": sheet or SheetForm(),
            "faults": faults or [],
        },
    )


@entry("staff", methods=("GET", "POST"))
def classes(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Occupations with their class today, found by name or class; the province files classes by choice or by sheet."""
    if request.GET.get("export"):
        return _export(request, day_of(at))
    if request.method == "POST":
        if not may_set_class(actor):
            raise NotYourDuty()
        return (_load if "sheet" in request.POST else _set)(request, actor, at)
    return _page(request, actor, day_of(at))


def _export(request: Request, today: date) -> HttpResponse:
    query = ClassFilter(request.GET)
    said = query.cleaned_data if query.is_valid() else {}
    found = guidance_catalogue(EDITION, today, said.get("find", ""), said.get("kind", ""), per_page=WHOLE)
    named = f"attachment; filename*=UTF-8''{quote('职业类别.xlsx')}"
    return HttpResponse(class_workbook(found.rows), SHEET_TYPE, headers={"Content-Disposition": named})


def _set(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Give the chosen occupations a class from a day on, or none."""
    form = ClassForm(request.POST)
    codes = tuple(dict.fromkeys(request.POST.getlist("row")))
    if form.is_valid() and not codes:
        form.add_error(None, "请先在表里勾选职业")
    if form.is_valid():
        said = form.cleaned_data
        to = "" if said["occupation_class"] == NO_CLASS else said["occupation_class"]
        try:
            filing = Filing(codes, to, said["from_on"], said["document"])
            file_guidance_classes(actor, at, PROVINCE, EDITION, [filing])
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            messages.success(request, f"{len(codes)} 个职业的类别已登记，等它的会自动重新核定。")
            wake()
            return HttpResponseRedirect(reverse("staff-classes"))
    return _page(request, actor, day_of(at), form=form)


def _load(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Take in a sheet of classes: the whole sheet is checked first, only what it changes is written."""
    form = SheetForm(request.POST, request.FILES)
    faults: list[Fault] = []
    if form.is_valid():
        sent, today = form.cleaned_data["file"], day_of(at)
        try:
            listed = {row.code: row for row in guidance_catalogue(EDITION, today, per_page=WHOLE).rows}
            filings, faults = read_classes(sent.read(), sent.name, listed)
            if not faults:
                file_guidance_classes(actor, at, PROVINCE, EDITION, filings)
                messages.success(request, f"已登记 {sum(len(one.codes) for one in filings)} 个职业，其余没有变。")
                wake()
                return HttpResponseRedirect(reverse("staff-classes"))
            form.add_error("file", f"{len(faults)} 处要改，一行也没有写入")
        except Refusal as no:
            form.add_error("file", no.sentence + no.remedy)
    return _page(request, actor, day_of(at), sheet=form, faults=faults)


urlpatterns = [
    path("classes/", classes, name="staff-classes"),
]
