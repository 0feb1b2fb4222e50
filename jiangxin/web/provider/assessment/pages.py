"""Results in, for an assessor's clerk: send a file, see what is wrong in it, send it to be loaded."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django_htmx.http import HttpResponseClientRefresh

from jiangxin.assessment.columns import write_template
from jiangxin.assessment.models import CERTIFICATE_KINDS, FILE_STATES, ResultFile
from jiangxin.assessment.operations.files import (
    LARGEST,
    FileSentAlready,
    drop_file,
    load_file,
    load_good_rows,
    may_drop,
    may_load,
    may_load_part,
    receive_file,
)
from jiangxin.assessment.queries import (
    certificates_of,
    error_groups,
    errors_of,
    excerpt,
    file_counts,
    file_of,
    files_of,
    wrong_rows_workbook,
)
from jiangxin.ground.actor import Actor
from jiangxin.ground.jobs import Job
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.rules.schemes.certificate_facts import LEVELS
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PER_PAGE = 50
WORKING = ("checking", "loading")
LOOKS = {
    "checking": "run",
    "loading": "run",
    "wrong": "no",
    "unreadable": "no",
    "clean": "wait",
    "loaded": "ok",
    "dropped": "off",
}


class SendForm(PlainForm):
    """A file and what it holds."""

    kind = forms.ChoiceField(label="证书种类", choices=list(CERTIFICATE_KINDS.items()), widget=forms.RadioSelect)
    file = forms.FileField(
        label="结果文件",
        help_text="模板填好的 .xlsx，或 CSV。50 MB 以内。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )

    def clean_file(self) -> object:
        """The file, if it is not too heavy to be read at all."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError("文件超过 50 MB，请分成几个文件")
        return file


class PartForm(PlainForm):
    """Why the good rows are loaded before the others."""

    reason = forms.CharField(label="原因", max_length=200, help_text="如：错误行要等机构回话。会记入日志。")


@dataclass(frozen=True)
class Walk:
    """Where the reader stands among the errors shown: this one of so many, and the addresses on both sides."""

    at: int
    total: int
    before: str
    after: str


@entry("provider", "clerk", "head", "examiner", "teacher", "school", "employer")
def results(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The body's files, newest first, of one state when asked; who sends none is led to the examinations."""
    if not actor.has("clerk"):
        homes = {"examiner": "provider-exams", "head": "provider-titles", "school": "provider-classes"}
        homes |= {"employer": "provider-staff"}
        home = next((page for duty, page in homes.items() if actor.has(duty)), "provider-lessons")
        return HttpResponseRedirect(reverse(home))
    body_id = body_of(actor)
    state = request.GET.get("state", "")
    files = files_of(body_id)
    counts = file_counts(body_id)
    shown = Paginator(files.filter(state=state) if state in FILE_STATES.words else files, PER_PAGE)
    files_shown = shown.get_page(request.GET.get("page"))
    page = {
        "files": files_shown,
        "rows": [(file, LOOKS[file.state]) for file in files_shown],
        "state": state,
        "counts": [(code, words, counts[code]) for code, words in FILE_STATES.words.items() if code in counts],
        "total": sum(counts.values()),
        "kinds": CERTIFICATE_KINDS.items(),
    }
    return TemplateResponse(request, "provider/assessment/results.html", page)


@entry("provider", "clerk", methods=("GET", "POST"))
def send_results(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Send a file; it is checked as a whole before anything is written."""
    form = SendForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            file = receive_file(actor, at, form.cleaned_data["kind"], sent.name, sent.read())
        except FileSentAlready as already:
            messages.info(request, f"{already.sentence}不用再传，下面就是那一批。")
            return _back(already.facts["file_id"])
        except Refusal as refusal:
            form.add_error("file", f"{refusal.sentence}{refusal.remedy}")
        else:
            return HttpResponseRedirect(reverse("provider-result", args=[file.pk]))
    page = {"form": form, "kinds": CERTIFICATE_KINDS.items()}
    return TemplateResponse(request, "provider/assessment/send.html", page)


@entry("provider", "clerk")
def result(request: Request, actor: Actor, at: datetime, file_id: UUID) -> HttpResponseBase:
    """One file: at work, what is wrong in it, or what became of it."""
    return TemplateResponse(request, "provider/assessment/result.html", _about(request, actor, file_id))


def _about(request: Request, actor: Actor, file_id: UUID, part_form: PartForm | None = None) -> dict[str, object]:
    file = file_of(body_of(actor), file_id)
    page: dict[str, object] = {
        "file": file,
        "kind": CERTIFICATE_KINDS[file.kind],
        "look": LOOKS[file.state],
        "good_rows": file.rows - file.wrong_rows,
        "working": file.state in WORKING,
        "job": Job.objects.filter(pk__in=[file.job_id]).first() or Job(),
        "may_load": may_load(actor, file),
        "may_load_part": may_load_part(actor, file),
        "may_drop": may_drop(actor, file),
        "part_form": part_form or PartForm(),
    }
    if file.wrong_rows:
        page |= _errors(request, file)
    if file.state == "loaded":
        shown = Paginator(certificates_of(file), PER_PAGE)
        page["certificates"] = certificates = shown.get_page(request.GET.get("page"))
        page["certificate_rows"] = [(one, LEVELS.get(one.level, "")) for one in certificates]
    return page


def _errors(request: Request, file: ResultFile) -> dict[str, object]:
    """The kinds of mistakes, and one cell among its neighbours: `kind` narrows to a kind, `at` walks through."""
    groups = error_groups(file)
    chosen = _whole(request, "kind", len(groups))
    group = groups[chosen - 1] if chosen else None
    errors = errors_of(file, group.column, group.remedy) if group else errors_of(file)
    total = group.count if group else sum(one.count for one in groups)
    place = _whole(request, "at", total) or 1
    error = errors[place - 1]
    return {
        "groups": list(enumerate(groups, 1)),
        "chosen": chosen,
        "error": error,
        "excerpt": excerpt(file, error),
        "walk": Walk(place, total, _step(chosen, place - 1, total), _step(chosen, place + 1, total)),
    }


def _whole(request: Request, name: str, most: int) -> int:
    """A whole number of the address between 1 and `most`; else 0."""
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and 1 <= int(text) <= most else 0


def _step(chosen: int, place: int, total: int) -> str:
    if not 1 <= place <= total:
        return ""
    return "?" + urlencode({"kind": chosen, "at": place} if chosen else {"at": place}) + "#cell"


@entry("provider", "clerk")
def result_progress(request: Request, actor: Actor, at: datetime, file_id: UUID) -> HttpResponseBase:
    """The progress of a file at work, as a fragment; the whole page comes anew when the work is done."""
    page = _about(request, actor, file_id)
    if not page["working"]:
        return HttpResponseClientRefresh()
    return TemplateResponse(request, "provider/assessment/progress.html", page)


@entry("provider", "clerk", methods=("POST",))
def load_result(request: Request, actor: Actor, at: datetime, file_id: UUID) -> HttpResponseBase:
    """Have a clean file loaded."""
    load_file(actor, at, file_of(body_of(actor), file_id))
    return _back(file_id)


@entry("provider", "clerk", methods=("POST",))
def load_part(request: Request, actor: Actor, at: datetime, file_id: UUID) -> HttpResponseBase:
    """Have the good rows loaded, with a reason."""
    form = PartForm(request.POST)
    if form.is_valid():
        load_good_rows(actor, at, file_of(body_of(actor), file_id), form.cleaned_data["reason"])
        return _back(file_id)
    return TemplateResponse(request, "provider/assessment/result.html", _about(request, actor, file_id, form))


@entry("provider", "clerk", methods=("POST",))
def drop_result(request: Request, actor: Actor, at: datetime, file_id: UUID) -> HttpResponseBase:
    """Give up a file that was not loaded."""
    file = drop_file(actor, at, file_of(body_of(actor), file_id))
    messages.success(request, f"已放弃 {file.file_name}，没有写入任何数据。")
    return HttpResponseRedirect(reverse("provider-results"))


@entry("provider", "clerk")
def wrong_rows(request: Request, actor: Actor, at: datetime, file_id: UUID) -> HttpResponseBase:
    """The wrong rows in their template, with 错误原因."""
    file = file_of(body_of(actor), file_id)
    if not file.wrong_rows:
        raise NotFound()
    return _download(wrong_rows_workbook(file), f"错误行_{file.file_name.rpartition('.')[0]}.xlsx")


@entry("provider", "clerk")
def template(request: Request, actor: Actor, at: datetime, kind: str) -> HttpResponseBase:
    """The empty template of a kind."""
    if kind not in CERTIFICATE_KINDS:
        raise NotFound()
    return _download(write_template(kind), f"{CERTIFICATE_KINDS[kind]}结果导入模板.xlsx")


def _download(content: bytes, name: str) -> HttpResponse:
    said = f"attachment; filename*=UTF-8''{quote(name)}"
    return HttpResponse(content, content_type=SHEET_TYPE, headers={"Content-Disposition": said})


def body_of(actor: Actor) -> UUID:
    """The body that the clerk works for. Raises NotFound."""
    if actor.body_id is None:
        raise NotFound()
    return actor.body_id


def _back(file_id: object) -> HttpResponse:
    return HttpResponseRedirect(reverse("provider-result", args=[file_id]))


urlpatterns = [
    path("", results, name="provider-results"),
    path("results/send", send_results, name="provider-send-results"),
    path("results/template/<str:kind>", template, name="provider-template"),
    path("results/<uuid:file_id>", result, name="provider-result"),
    path("results/<uuid:file_id>/progress", result_progress, name="provider-result-progress"),
    path("results/<uuid:file_id>/load", load_result, name="provider-load-result"),
    path("results/<uuid:file_id>/good-rows", load_part, name="provider-load-part"),
    path("results/<uuid:file_id>/drop", drop_result, name="provider-drop-result"),
    path("results/<uuid:file_id>/wrong-rows", wrong_rows, name="provider-wrong-rows"),
]
