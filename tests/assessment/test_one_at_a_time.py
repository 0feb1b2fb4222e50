"""A worker runs two jobs at once, but lays out only one workbook: two large ones would not fit into its memory."""

import pytest

from jiangxin.assessment.columns import write_template
from jiangxin.assessment.operations.files import receive_file
from jiangxin.ground.actor import machine
from jiangxin.ground.jobs import ask
from jiangxin.ground.staging import rows_of
from tests.assessment.results import Desk

pytestmark = pytest.mark.django_db
FETCH = "SELECT (procrastinate_fetch_job_v2(NULL, NULL)).args ->> 'job_id'"


def test_of_two_files_one_is_checked_while_other_work_goes_on():
    desk = Desk()
    files = [
        receive_file(
            desk.clerk, desk.world.at, "skill_level", f"{n}.xlsx", write_template("skill_level", [desk.row(n)])
        )
        for n in (1, 2)
    ]
    other = ask(machine(), desk.world.at, "mainline", "推进主线")
    taken = [rows_of(FETCH)[0][0] for _ in range(3)]
    assert taken == [str(files[0].job_id), str(other.pk), None]
