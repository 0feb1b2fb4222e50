"""主线: what waits before each step and who moves it, the button that lets the machine look now, jobs under way."""

from datetime import datetime
from uuid import UUID

from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django_htmx.http import HttpResponseClientRefresh

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.jobs import Job, ask
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import NotFound
from jiangxin.mainline import STEPS, next_due_on, what_is_due
from jiangxin.web.door import entry
from jiangxin.web.nav import STAFF
from jiangxin.web.session import Request

WORKERS = ("maker", "checker", "leader", "releaser", "reconciler", "register", "budget")
AT_WORK = ("waiting", "running")
LOOKS = {"waiting": "wait", "running": "run", "done": "ok", "refused": "no", "failed": "no"}
JOBS = 20
# Whose turn a step is that the machine does not do, and where it is done.
PEOPLE = {
    "open_notice": ("经办发布公示", "staff-notices", ""),
    "release_holds": ("两个人看过放行", "staff-holds", ""),
    "approve": ("经办送审，复核、审批签", "staff-approvals", ""),
    "send": ("财政拨付放行", "staff-batches", "?state=sealed"),
    "correct_account": ("本人或窗口改账户", "staff-failed", ""),
}


@entry("staff")
def mainline(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The steps in story order with what waits in the actor's scope, and the jobs of the actor's regions."""
    today = day_of(at)
    waiting = what_is_due(today)
    steps = [(step.title, waiting[step.name], step.do is not None, _people(actor, step.name)) for step in STEPS]
    jobs = Job.objects.filter(region_id__in=actor.regions).order_by("-asked_at", "-id")[:JOBS]
    page = {
        "steps": steps,
        "machine": sum(count for _, count, machine, _ in steps if machine),
        "people": sum(count for _, count, machine, _ in steps if not machine),
        "next_due": next_due_on(today),
        "jobs": [(job, LOOKS[job.state]) for job in jobs],
        "now": next((job for job in jobs if job.kind == "mainline" and job.state in AT_WORK), None),
        "may_ask": actor.has(*WORKERS),
    }
    return TemplateResponse(request, "staff/mainline/mainline.html", page)


def _people(actor: Actor, name: str) -> tuple[str, str] | None:
    """Whose turn a step is, and the address where it is done; empty for whom that page does not open."""
    if name not in PEOPLE:
        return None
    words, to, query = PEOPLE[name]
    duties = next(link.duties for part in STAFF for link in part.links if link.to == to)
    return words, reverse(to) + query if not duties or actor.has(*duties) else ""


@entry("staff", *WORKERS, methods=("POST",))
def run_now(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Let the machine look for due work now; asked while it is at it, nothing is asked twice."""
    if not Job.objects.filter(kind="mainline", state__in=AT_WORK, region_id=actor.region_id).exists():
        note(actor, at, "asked_mainline", ask(actor, at, "mainline", "推进主线"))
    return HttpResponseRedirect(reverse("staff-mainline"))


@entry("staff")
def job(request: Request, actor: Actor, at: datetime, job_id: UUID) -> HttpResponseBase:
    """The progress of long work in scope, as a fragment; the whole page comes anew when it is done."""
    found = Job.objects.filter(pk=job_id, region_id__in=actor.regions).first()
    if found is None:
        raise NotFound()
    if found.state not in AT_WORK:
        return HttpResponseClientRefresh()
    return TemplateResponse(request, "staff/mainline/progress.html", {"job": found})


urlpatterns = [
    path("mainline/", mainline, name="staff-mainline"),
    path("mainline/now/", run_now, name="staff-run-mainline"),
    path("jobs/<uuid:job_id>/", job, name="staff-job"),
]
