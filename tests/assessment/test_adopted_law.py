"""Numbers adopted by document hold for results as they do for decisions: pass mark and term of upload."""

from datetime import date, timedelta

import pytest

from jiangxin.assessment.models import ResultFile
from jiangxin.assessment.operations.certificates import is_late
from jiangxin.ground.jobs import Job
from jiangxin.mainline import JOBS
from jiangxin.parties.models import Office
from jiangxin.subsidy.law import current_law
from jiangxin.subsidy.operations.standards import Document, confirm_standard, propose_standard, try_standard
from tests.assessment.results import Desk, still

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 2)
PAPER = Document("省人力社保厅", "关于技能评价的通知", "浙人社发〔2026〕10号", TODAY, "https://example.gov.cn/10")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def adopt(desk: Desk, number: str, value: object) -> None:
    """Two people of the province, whose number it is, adopt a value by document."""
    world = desk.world
    world.office = Office.objects.get(region_id=330000)
    enters, confirms = (world.official(name, "budget") for name in ("省一", "省二"))
    standard = propose_standard(
        enters, world.at, region_id=330000, scheme="common", number=number, value=value,
        from_on=TODAY, document=PAPER,
    )  # fmt: skip
    try_standard(world.machine, world.at, standard.id)
    confirm_standard(confirms, world.at, standard.id)


def test_a_score_below_the_adopted_pass_mark_is_wrong_from_its_first_day(desk: Desk) -> None:
    adopt(desk, "pass_mark", 70)
    new = desk.row(1, theory=65, practice=70, exam_on=TODAY, issued_on=TODAY)
    old = desk.row(2, theory=65, practice=70, exam_on=date(2026, 3, 1), issued_on=TODAY)
    file = desk.receive([new, old])
    JOBS["check_results"](Job.objects.get(pk=file.job_id), still)
    assert desk.errors(file) == [("J2", "理论成绩没到 70 分")]
    assert ResultFile.objects.get(pk=file.pk).state == "wrong"


def test_a_result_is_late_by_the_adopted_term(desk: Desk) -> None:
    region, next_day = desk.world.region, TODAY + timedelta(days=1)
    assert not is_late(current_law(), region, TODAY, next_day)
    adopt(desk, "late_upload_days", 0)
    assert is_late(current_law(), region, TODAY, next_day)
    assert not is_late(current_law(), region, TODAY, TODAY)


def test_a_score_of_a_day_without_a_known_pass_mark_does_not_pass(desk: Desk) -> None:
    """Who says that 59 was enough then, or that 60 was: the row waits for the number, like everything unknown."""
    old = {"exam_on": date(2016, 12, 20), "issued_on": date(2016, 12, 31), "first_on": date(2016, 11, 1)}
    file = desk.sent(desk.row(1, **old, last_on=date(2016, 11, 30), certificate="S000033000001164000001"))
    assert ("J2", "2016年12月20日的合格分未查明，成绩无从核对") in desk.errors(file)
