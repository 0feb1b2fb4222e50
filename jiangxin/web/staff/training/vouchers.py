"""培训券: batches with how far they got, a batch from draft to issue by two people, and the funnel by county."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django_htmx.http import HttpResponseClientRefresh

from jiangxin.ground.actor import Actor
from jiangxin.ground.cells import Column
from jiangxin.ground.clock import day_of
from jiangxin.ground.jobs import Job
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.ground.sheets import write_workbook
from jiangxin.parties.models import Organisation
from jiangxin.parties.registers import SPELL_KINDS
from jiangxin.training.operations.voucher_batches import (
    ask_match,
    change_batch,
    draft_batch,
    issue_batch,
    may_issue_batch,
    may_issue_vouchers,
    may_stop_batch,
    stop_batch,
)
from jiangxin.training.queries.voucher_batches import (
    PAGE,
    Funnel,
    batch_of,
    batches_in,
    funnels_by_county,
    funnels_of,
    groups_of,
    nothing_yet,
    whole_funnel,
)
from jiangxin.training.vouchers import ISSUED_BATCH, VOUCHER_CAUSES, VoucherBatch
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.chosen import page_of
from jiangxin.web.staff.subsidy.waiting import SHEET_TYPE
from jiangxin.web.staff.training.voucher_form import BatchForm, said_before

SEE = ("training", "budget", "viewer")
WORKING = ("waiting", "running")
LOOKS = {"draft": "wait", "matched": "wait", "issued": "ok", "stopped": "off"}


@entry("staff", *SEE)
def vouchers(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Batches in scope with their funnels; those that wait for somebody first."""
    page = page_of(request)
    found, total = batches_in(actor.regions, page)
    funnels = funnels_of(batch.id for batch in found)
    shown = {
        "rows": [(batch, LOOKS[batch.state], funnels.get(batch.id, nothing_yet(batch.id))) for batch in found],
        "may": may_issue_vouchers(actor),
        "total": total,
        "page": page,
        "pages": -(-total // PAGE),
    }
    return TemplateResponse(request, "staff/training/vouchers.html", shown)


@entry("staff", "training", methods=("GET", "POST"))
def new_batch(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Enter a batch."""
    form = BatchForm(actor, day_of(at), request.POST or None, initial={"region": actor.region_id})
    if request.method == "POST" and form.is_valid():
        try:
            batch = draft_batch(actor, at, form.terms())
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            messages.success(request, f"{batch.number} 已登记。接着匹配人员。")
            return HttpResponseRedirect(reverse("staff-voucher-batch", args=[batch.pk]))
    return TemplateResponse(request, "staff/training/voucher_form.html", {"form": form, "batch": None})


def _found(actor: Actor, batch_id: UUID) -> VoucherBatch:
    batch = batch_of(actor.regions, batch_id)
    if batch is None:
        raise NotFound()
    return batch


@entry("staff", "training", methods=("GET", "POST"))
def edit_batch(request: Request, actor: Actor, at: datetime, batch_id: UUID) -> HttpResponseBase:
    """Say a batch anew before it is issued."""
    batch = _found(actor, batch_id)
    form = BatchForm(actor, day_of(at), request.POST or None, initial=said_before(batch))
    if request.method == "POST" and form.is_valid():
        try:
            change_batch(actor, at, batch.id, form.terms())
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
        else:
            messages.success(request, "已改好。要重新匹配人员。")
            return HttpResponseRedirect(reverse("staff-voucher-batch", args=[batch.pk]))
    return TemplateResponse(request, "staff/training/voucher_form.html", {"form": form, "batch": batch})


@entry("staff", *SEE)
def voucher_batch(request: Request, actor: Actor, at: datetime, batch_id: UUID) -> HttpResponseBase:
    """One batch: what it says, who was matched, who must act, and once issued how far its vouchers got."""
    batch = _found(actor, batch_id)
    issued = batch.state in ISSUED_BATCH
    counties = funnels_by_county(actor.regions, batch.id) if issued else []
    said = said_before(batch)
    shown = _progress_of(batch) | {
        "look": LOOKS[batch.state],
        "subjects": str(said["subjects"]).splitlines(),
        "providers": Organisation.objects.filter(id__in=batch.providers).order_by("name"),
        "group_names": [SPELL_KINDS[code][0] for code in batch.groups if code in SPELL_KINDS],
        "groups": groups_of(batch.id) if batch.state == "matched" else [],
        "funnel": whole_funnel(counties) if issued else None,
        "counties": counties,
        "may_edit": may_issue_vouchers(actor, batch.region_id) and not issued,
        "may_issue": may_issue_batch(actor, batch),
        "may_stop": may_stop_batch(actor, batch),
    }
    return TemplateResponse(request, "staff/training/voucher_batch.html", shown)


def _progress_of(batch: VoucherBatch) -> dict[str, object]:
    job = Job.objects.filter(pk__in=[batch.job_id]).first()
    return {"batch": batch, "job": job, "working": job is not None and job.state in WORKING}


@entry("staff", *SEE)
def voucher_progress(request: Request, actor: Actor, at: datetime, batch_id: UUID) -> HttpResponseBase:
    """The progress as a fragment; the whole page comes anew when the work is done."""
    shown = _progress_of(_found(actor, batch_id))
    if not shown["working"]:
        return HttpResponseClientRefresh()
    return TemplateResponse(request, "staff/training/voucher_progress.html", shown)


@entry("staff", "training", methods=("POST",))
def match(request: Request, actor: Actor, at: datetime, batch_id: UUID) -> HttpResponseBase:
    """Have the persons found."""
    ask_match(actor, at, batch_id)
    return HttpResponseRedirect(reverse("staff-voucher-batch", args=[batch_id]))


@entry("staff", "training", methods=("POST",))
def issue(request: Request, actor: Actor, at: datetime, batch_id: UUID) -> HttpResponseBase:
    """Say yes to what another entered."""
    issue_batch(actor, at, batch_id)
    messages.success(request, "已同意发放，正在发到每个人的手机上。")
    return HttpResponseRedirect(reverse("staff-voucher-batch", args=[batch_id]))


@entry("staff", "training", methods=("POST",))
def stop(request: Request, actor: Actor, at: datetime, batch_id: UUID) -> HttpResponseBase:
    """Stop a batch with a reason."""
    void = stop_batch(actor, at, batch_id, request.POST.get("reason", ""))
    messages.success(request, f"已停发，{void:,} 张没有用的已作废；已经留座的照常上课。")
    return HttpResponseRedirect(reverse("staff-voucher-batch", args=[batch_id]))


@entry("staff", *SEE)
def voucher_counties(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """All vouchers in scope by county: how far they got, and why the rest was not used."""
    counties = funnels_by_county(actor.regions)
    shown = {"counties": counties, "funnel": whole_funnel(counties)}
    return TemplateResponse(request, "staff/training/voucher_counties.html", shown)


STEPS = ("发放", "看过", "留座", "用过", "核销", "过期", "作废")
COLUMNS = (
    Column("county", "地区"),
    *(Column(title, title, "integer") for title in (*STEPS, *VOUCHER_CAUSES.values())),
)
NOTES = ("每一步都包括走得更远的。", "过期的每一张有一个原因，各原因加起来等于过期数。")


@entry("staff", *SEE)
def voucher_sheet(request: Request, actor: Actor, at: datetime, batch_id: UUID | None = None) -> HttpResponseBase:
    """The funnel by county as a workbook: of one batch, or of all in scope."""
    batch = _found(actor, batch_id) if batch_id else None
    counties = funnels_by_county(actor.regions, batch_id)
    data = write_workbook("培训券使用情况", NOTES, "各地", COLUMNS, _cells([*counties, whole_funnel(counties)]))
    named = f"培训券_{batch.number if batch else day_of(at)}.xlsx"
    said = f"attachment; filename*=UTF-8''{quote(named)}"
    return HttpResponse(data, content_type=SHEET_TYPE, headers={"Content-Disposition": said})


def _cells(funnels: Iterable[Funnel]) -> list[list[object]]:
    return [
        [one.name, one.issued, one.opened, one.reserved, one.used, one.settled, one.expired, one.void]
        + [count for _, count in one.causes]
        for one in funnels
    ]


urlpatterns = [
    path("vouchers/", vouchers, name="staff-vouchers"),
    path("vouchers/new/", new_batch, name="staff-new-vouchers"),
    path("vouchers/counties/", voucher_counties, name="staff-voucher-counties"),
    path("vouchers/counties.xlsx", voucher_sheet, name="staff-voucher-sheet"),
    path("vouchers/<uuid:batch_id>/", voucher_batch, name="staff-voucher-batch"),
    path("vouchers/<uuid:batch_id>.xlsx", voucher_sheet, name="staff-voucher-batch-sheet"),
    path("vouchers/<uuid:batch_id>/edit/", edit_batch, name="staff-edit-vouchers"),
    path("vouchers/<uuid:batch_id>/progress/", voucher_progress, name="staff-voucher-progress"),
    path("vouchers/<uuid:batch_id>/match/", match, name="staff-match-vouchers"),
    path("vouchers/<uuid:batch_id>/issue/", issue, name="staff-issue-vouchers"),
    path("vouchers/<uuid:batch_id>/stop/", stop, name="staff-stop-vouchers"),
]
