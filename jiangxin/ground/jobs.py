"""Long work: a job with a progress row that a page shows; run by the worker, found and run again when cut off."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import connections, models, transaction
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import JobDeferrer

from jiangxin.ground.actor import Actor
from jiangxin.ground.free_text import FreeText, hide_numbers
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import Refusal
from jiangxin.ground.table import Row

# The lock of work that lays out a whole workbook in memory: one at a time, whatever the worker's concurrency.
WORKBOOK = "workbook"
STATES = {"waiting": "等待开始", "running": "正在处理", "done": "已完成", "refused": "没有通过", "failed": "中断了"}


class Job(Row):
    """The progress of one piece of long work; `args` holds ids only (I3)."""

    kind = models.CharField(max_length=40)
    args = models.JSONField(default=dict)
    title = FreeText(max_length=120)
    state = models.CharField(max_length=10, choices=list(STATES.items()), default="waiting")
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    message = FreeText(max_length=400, default="")
    tries = models.SmallIntegerField(default=0)
    account_id = models.UUIDField(null=True)
    region_id = models.IntegerField(null=True)
    asked_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["kind", "asked_at"], name="job_by_kind")]


Progress = Callable[[int, int], None]


def ask(actor: Actor, at: datetime, kind: str, title: str, lock: str | None = None, **args: object) -> Job:
    """Ask for long work in the caller's transaction: rolled back with it, started after it.

    Of works with the same lock one runs at a time, in the order in which they were asked for.
    """
    job = Job.objects.create(
        id=new_id(),
        kind=kind,
        args=hide_numbers(args),
        title=hide_numbers(title),
        account_id=actor.account_id,
        region_id=actor.region_id,
        asked_at=at,
    )
    app.configure_task("run_job", lock=lock).defer(job_id=str(job.id))
    return job


def report_progress(job_id: UUID) -> Progress:
    """A function (done, total) that shows progress at once, outside the transaction of the work itself."""

    def report(done: int, total: int) -> None:
        with transaction.atomic(using="progress"), connections["progress"].cursor() as cursor:
            cursor.execute("UPDATE ground_job SET done = %s, total = %s WHERE id = %s", [done, total, job_id])

    return report


Handler = Callable[[Job, Progress], str | None]


def look_soon(jobs: App) -> JobDeferrer:
    """The main line's look at what is due, ready to be asked for: one at a time, and one waiting at the most."""
    return jobs.configure_task("tick", lock="mainline", queueing_lock="mainline")


def wake() -> None:
    """Ask that the main line looks for work soon; asked twice before it did, it looks once."""
    try:
        with transaction.atomic():
            look_soon(app).defer()
    except AlreadyEnqueued:
        return


def work_off(job_id: UUID, handlers: Mapping[str, Handler]) -> None:
    """Run one job by its handler; its end, a refusal or a defect is written on its row. Cut off, it is run again."""
    job = Job.objects.get(id=job_id)
    Job.objects.filter(id=job_id).update(state="running", tries=job.tries + 1)
    try:
        message = handlers[job.kind](job, report_progress(job_id))
    except Refusal as no:
        Job.objects.filter(id=job_id).update(state="refused", message=hide_numbers(f"{no.sentence}{no.remedy}")[:400])
        return
    except Exception:
        Job.objects.filter(id=job_id).update(state="failed", message="处理中断，已记录，稍后由值班人员处理。")
        raise
    Job.objects.filter(id=job_id).update(state="done", message=hide_numbers(message or "")[:400])
