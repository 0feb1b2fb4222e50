"""Writes of the assessment chapter, by noun; `JOBS` are the kinds of long work it answers for."""

from jiangxin.assessment.operations.files import check_results_job, load_results_job
from jiangxin.ground.jobs import Handler

JOBS: dict[str, Handler] = {"check_results": check_results_job, "load_results": load_results_job}
