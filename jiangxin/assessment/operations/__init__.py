"""Writes of the assessment chapter, by noun; `jobs` are the kinds of long work it answers for."""

from collections.abc import Callable
from functools import partial

from jiangxin.assessment.operations.files import check_results_job, load_results_job
from jiangxin.ground.jobs import Handler
from jiangxin.rules.parameters import Law


def jobs(law: Callable[[], Law]) -> dict[str, Handler]:
    """The long work by its kind; `law` gives the law in force when a job runs."""
    return {"check_results": partial(check_results_job, law), "load_results": partial(load_results_job, law)}
