"""Long work: a job with a progress row that a page shows; run by the worker, found and run again when cut off."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import connections, models, transaction
from procrastinate.contrib.django import app

from jiangxin.ground.actor import Actor
from jiangxin.ground.keys import new_id
from jiangxin.ground.table import Row

STATES = {"waiting": "等待开始", "running": "正在处理", "done": "已完成", "refused": "没有通过", "failed": "中断了"}


class Job(Row):
    """The progress of one piece of long work; `args` holds ids only (I3)."""

    kind = models.CharField(max_length=40)
    args = models.JSONField(default=dict)
    title = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=list(STATES.items()), default="waiting")
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    message = models.CharField(max_length=400, default="")
    tries = models.SmallIntegerField(default=0)
    account_id = models.UUIDField(null=True)
    region_id = models.IntegerField(null=True)
    asked_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["kind", "asked_at"], name="job_by_kind")]


Progress = Callable[[int, int], None]


def ask(actor: Actor, at: datetime, kind: str, title: str, **args: object) -> Job:
    """Ask for long work in the caller's transaction: rolled back with it, started after it."""
    job = Job.objects.create(
        id=new_id(), kind=kind, args=args, title=title, account_id=actor.account_id, region_id=actor.region_id,
        asked_at=at,
    )  # fmt: skip
    app.configure_task("run_job").defer(job_id=str(job.id))
    return job


def report_progress(job_id: UUID) -> Progress:
    """A function (done, total) that shows progress at once, outside the transaction of the work itself."""

    def report(done: int, total: int) -> None:
        with transaction.atomic(using="progress"), connections["progress"].cursor() as cursor:
            cursor.execute("UPDATE ground_job SET done = %s, total = %s WHERE id = %s", [done, total, job_id])

    return report
