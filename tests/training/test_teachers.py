"""What teachers may teach: said by the body, confirmed by the county once it saw the papers (9.1)."""

from dataclasses import replace

import pytest

from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.subsidy.law import current_law
from jiangxin.training.models import TeacherQualification
from jiangxin.training.operations.classes import submit_class
from jiangxin.training.operations.places import (
    Qualification,
    QualificationsConfirmedAlready,
    confirm_qualifications,
    qualify_teacher,
)
from jiangxin.training.queries.classes import checks_of, teacher_of, teachers_in
from tests.factories.refused import refused
from tests.factories.school import ELECTRICIAN, School

pytestmark = pytest.mark.django_db
CARE = "4-10-01-05"


def teachers_check(school: School, found: object) -> tuple[bool | None, str]:
    one = next(x for x in checks_of(found, school.world.at, current_law()) if x.code == "teachers")  # type: ignore[arg-type]
    return one.met, one.said


def test_the_county_confirms_what_a_teacher_may_teach(school: School) -> None:
    at, found = school.world.at, school.draft()
    assert teachers_check(school, found) == (None, "李老师的任教资格由县里核对")
    assert submit_class(school.clerk, at, found.id, current_law()).state == "submitted", (
        "it does not stop the application"
    )
    [teacher] = teachers_in(found.id)
    [able] = teacher.qualifications.all()
    with refused(NotYourDuty):
        confirm_qualifications(school.clerk, at, [able.id])
    with refused(NotFound):
        confirm_qualifications(replace(school.county, regions=(330122,)), at, [able.id])
    with refused(NotFound):
        confirm_qualifications(school.county, at, [new_id()])
    with refused(QualificationsConfirmedAlready):
        confirm_qualifications(school.county, at, [])
    assert confirm_qualifications(school.county, at, [able.id]) == 1
    able.refresh_from_db()
    assert (able.confirmed_at, able.confirmed_by_name) == (at, school.county.name)
    assert teachers_check(school, found) == (True, "每次课的教师都有资格、有空")
    with refused(QualificationsConfirmedAlready):
        confirm_qualifications(school.county, at, [able.id])


def test_what_stays_as_it_was_stays_confirmed(school: School) -> None:
    at, teacher = school.world.at, school.teacher
    [able] = TeacherQualification.objects.filter(teacher=teacher)
    confirm_qualifications(school.county, at, [able.id])
    kept = Qualification(able.subject, able.level, able.document, able.until_on)
    qualify_teacher(school.clerk, at, teacher.id, [kept, Qualification(CARE, "3", "养老护理员技师证书 3 号")])
    rows = {one.subject: bool(one.confirmed_at) for one in TeacherQualification.objects.filter(teacher=teacher)}
    assert rows == {ELECTRICIAN: True, CARE: False}
    changed = replace(kept, document="另一本证书 4 号")
    qualify_teacher(school.clerk, at, teacher.id, [changed])
    [now] = TeacherQualification.objects.filter(teacher=teacher)
    assert now.confirmed_at is None, "another paper is looked at anew"
    assert teacher_of(school.world.provider.id, teacher.id) == teacher
    assert teacher_of(school.world.assessor.id, teacher.id) is None
