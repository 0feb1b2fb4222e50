"""登记数据: a data keeper sends a register's file with the region and days it answers for, and sees what came of it."""

from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django_htmx.http import HttpResponseClientRefresh

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.jobs import Job
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.ground.regions import Region
from jiangxin.ground.sheets import write_workbook
from jiangxin.parties.models import RegisterFile, RegisterLoad
from jiangxin.parties.registers import REGISTERS
from jiangxin.subsidy.operations.registers import send_register_file, shape_of
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm
from jiangxin.web.staff.subsidy.waiting import SHEET_TYPE

LARGEST = 50_000_000
WORKING = ("waiting", "running")


def _day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class RegisterForm(PlainForm):
    """A register's file and what it answers for."""

    register = forms.ChoiceField(label="哪个登记来源", choices=[(code, name) for code, (name, _) in REGISTERS.items()])
    region = forms.TypedChoiceField(label="管哪个地区", coerce=int)
    from_on = forms.DateField(label="管的日期从", widget=_day_input())
    until_on = forms.DateField(label="到", widget=_day_input())
    extracted_on = forms.DateField(label="哪天提取的", widget=_day_input())
    file = forms.FileField(
        label="文件", help_text="模板填好的 .xlsx，或 CSV。50 MB 以内。整个文件先检查，有一处错就一行也不入库。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )  # fmt: skip

    def __init__(self, regions: list[tuple[int, str]], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        region = self.fields["region"]
        if isinstance(region, forms.TypedChoiceField):
            region.choices = regions

    def clean_file(self) -> object:
        """The file, if it is not too heavy to be read at all."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError("文件超过 50 MB，请分成几个文件")
        return file


@entry("staff", "register", methods=("GET", "POST"))
def registers(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Send a register's file; below, what was sent from here and what is loaded."""
    regions = list(Region.objects.filter(id__in=actor.regions).order_by("id").values_list("id", "name"))
    today = day_of(at)
    initial = {"register": request.GET.get("register", ""), "region": actor.region_id, "extracted_on": today}
    form = RegisterForm(regions, request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        said, sent = form.cleaned_data, form.cleaned_data["file"]
        days = said["from_on"], said["until_on"], said["extracted_on"]
        try:
            file = send_register_file(actor, at, said["register"], said["region"], days, sent.name, sent.read())
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            return HttpResponseRedirect(reverse("staff-register-file", args=[file.pk]))
    files = RegisterFile.objects.filter(office_id=actor.the_office).select_related("register", "sent_by")
    recent = list(files.defer("content").order_by("-sent_at", "-id")[:20])
    jobs = Job.objects.in_bulk([one.job_id for one in recent if one.job_id])
    loads = RegisterLoad.objects.select_related("register").order_by("-loaded_at", "-id")[:50]
    names = dict(Region.objects.values_list("id", "name"))
    shown = {
        "form": form,
        "registers": [(code, name, keeper) for code, (name, keeper) in REGISTERS.items()],
        "files": [(one, jobs.get(one.job_id)) for one in recent],
        "loads": [(load, names.get(load.region_id, "")) for load in loads],
    }
    return TemplateResponse(request, "staff/subsidy/registers.html", shown)


def _file(actor: Actor, file_id: UUID) -> dict[str, object]:
    found = RegisterFile.objects.filter(pk=file_id, office_id=actor.the_office).defer("content")
    file = found.select_related("register", "load", "sent_by").first()
    if file is None:
        raise NotFound()
    job = Job.objects.get(pk__in=[file.job_id])
    region = Region.objects.get(id=file.region_id).name
    same = RegisterFile.objects.filter(sha256=file.sha256, office_id=actor.the_office, load__state="active")
    return {
        "file": file,
        "job": job,
        "working": job.state in WORKING,
        "region": region,
        "earlier": same.exclude(pk=file.pk).only("id").first() if not file.load_id else None,
    }


@entry("staff", "register")
def register_file(request: Request, actor: Actor, at: datetime, file_id: UUID) -> HttpResponseBase:
    """One file sent: at work, taken in, or its wrong cells."""
    return TemplateResponse(request, "staff/subsidy/register.html", _file(actor, file_id))


@entry("staff", "register")
def register_progress(request: Request, actor: Actor, at: datetime, file_id: UUID) -> HttpResponseBase:
    """The progress as a fragment; the whole page comes anew when the work is done."""
    page = _file(actor, file_id)
    if not page["working"]:
        return HttpResponseClientRefresh()
    return TemplateResponse(request, "staff/subsidy/register_progress.html", page)


@entry("staff", "register", "maker")
def register_template(request: Request, actor: Actor, at: datetime, register: str) -> HttpResponseBase:
    """The empty workbook that a register's keeper fills."""
    if register not in REGISTERS:
        raise NotFound()
    name, keeper = REGISTERS[register]
    notes = (f"由{keeper}提供。每行一条，表头不要改，带 * 的必填。", "整个文件先检查，有一处错就一行也不入库。")
    data = write_workbook(name, notes, name, shape_of(register).columns)
    named = f"attachment; filename*=UTF-8''{quote(f'{name}模板.xlsx')}"
    return HttpResponse(data, content_type=SHEET_TYPE, headers={"Content-Disposition": named})


urlpatterns = [
    path("registers/", registers, name="staff-registers"),
    path("registers/template/<slug:register>/", register_template, name="staff-register-template"),
    path("registers/<uuid:file_id>/", register_file, name="staff-register-file"),
    path("registers/<uuid:file_id>/progress/", register_progress, name="staff-register-progress"),
]
