"""The worker: runs jobs, two at a time, until told to stop; finds those that a killed worker left."""

import argparse
import asyncio
import logging
from contextlib import suppress

from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from jiangxin.ground.jobs import look_soon
from jiangxin.payment.queries import inbox_files

ROLE = "worker"
HEARTBEAT_SECONDS = 3
STALLED_AFTER_SECONDS = 15

logger = logging.getLogger(__name__)


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`jiangxin worker`."""
    subparsers.add_parser("worker", help=__doc__).set_defaults(run=run)


async def retry_stalled(jobs: App) -> int:
    """Put back every job whose worker gave no sign of life; how many. Jobs are idempotent, so this is safe."""
    stalled = list(await jobs.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS))
    for job in stalled:
        logger.warning("job %s (%s) was cut off and runs again", job.id, job.task_name)
        await jobs.job_manager.retry_job(job)
    return len(stalled)


async def hear_the_bank(jobs: App, known: set[str]) -> set[str]:
    """Wake the main line when a file lies in the bank's inbox that was not there before; the names that lie there."""
    lying = {file.name for file in inbox_files()}
    if lying - known:
        with suppress(AlreadyEnqueued):
            await look_soon(jobs).defer_async()
    return lying


async def _sweep(jobs: App) -> None:
    known: set[str] = set()
    while True:
        await retry_stalled(jobs)
        known = await hear_the_bank(jobs, known)
        await asyncio.sleep(HEARTBEAT_SECONDS)


async def _work() -> None:
    # A second app on the worker's own connections: a job that asks for more work does so through Django's
    # connection, in its own transaction.
    async with app.with_connector(app.connector.get_worker_connector()).open_async() as jobs:  # type: ignore[attr-defined]
        sweep = asyncio.create_task(_sweep(jobs))
        work = asyncio.create_task(
            jobs.run_worker_async(
                concurrency=2,
                # After the database was restarted the listener may stay deaf: then work is found by asking.
                fetch_job_polling_interval=1,
                shutdown_graceful_timeout=1,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_AFTER_SECONDS,
            )
        )
        done, pending = await asyncio.wait({sweep, work}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        for task in done:
            task.result()


def run(_args: argparse.Namespace) -> int:
    """Work until SIGTERM or Ctrl-C."""
    asyncio.run(_work())
    return 0
