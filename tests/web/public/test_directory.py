"""The public's door to classes and bodies: classes, one class, the directory with its map, one body."""

import pytest
from django.db import transaction
from django.test import Client

from jiangxin.recognition.models import Title
from jiangxin.training.models import Lesson, TrainingClass
from tests.factories.school import School
from tests.factories.whole import whole
from tests.factories.world import World
from tests.web.test_recognition import told

pytestmark = pytest.mark.role("web")
HERE = 330421


@pytest.fixture(scope="module")
def school(clone: str) -> School:
    with transaction.atomic():
        made = School(World())
        made.found = made.opened(capacity=2)  # type: ignore[attr-defined]
        made.hidden = made.draft(made.lessons(start=60))  # type: ignore[attr-defined]
        made.join(made.found, made.world.person())  # type: ignore[attr-defined]
    return made


def test_classes_that_take_people_are_listed(school: School) -> None:
    found: TrainingClass = school.found  # type: ignore[attr-defined]
    anybody = Client()
    page = told(anybody, "/classes/")
    assert "在招的班 1 个" in page
    assert f"/classes/{found.pk}/" in page
    assert found.title in told(anybody, "/classes/", find=found.title)
    assert school.world.provider.name in told(anybody, "/classes/", find=school.world.provider.name)
    assert "现在没有合适的班" in told(anybody, "/classes/", find="查无此课")


def test_a_class_shows_its_timetable_and_where_to_enrol(school: School) -> None:
    found: TrainingClass = school.found  # type: ignore[attr-defined]
    page = told(Client(), f"/classes/{found.pk}/")
    assert "14 次课" in page
    assert "1/2" in page
    assert "去报名" in page
    assert f"/me/classes/{found.pk}" in page
    with whole():
        lesson = Lesson.objects.filter(training_class=found).first()
        assert lesson is not None
    assert lesson.topic in page
    hidden: TrainingClass = school.hidden  # type: ignore[attr-defined]
    assert Client().get(f"/classes/{hidden.pk}/").status_code == 404
    left = Client().get(f"/me/classes/{found.pk}")
    assert left.status_code == 302
    assert "sign-in" in left["Location"]


def test_the_directory_has_a_map_and_the_same_in_a_table(school: School) -> None:
    anybody = Client()
    page = told(anybody, "/providers/")
    assert 'class="jx-map"' in page
    assert "<circle" in page
    assert f"region={HERE}" in page
    assert "嘉兴" in page
    narrowed = told(anybody, "/providers/", region=str(HERE))
    assert school.world.provider.name in narrowed
    assert "is-now" in narrowed
    assert "看全省" in narrowed
    assert "看全省" not in told(anybody, "/providers/", region="330122"), "a region without bodies is none"
    with whole():
        Title.objects.filter(organisation=school.world.provider).update(until_on="2026-03-01")
    assert school.world.provider.name not in told(anybody, "/providers/")
    with whole():
        Title.objects.filter(organisation=school.world.provider).update(until_on=None)


def test_a_body_says_what_is_known_and_no_more(school: School) -> None:
    page = told(Client(), f"/providers/{school.world.provider.pk}/")
    assert "还没有评级" in page
    assert "0 课时" in page
    assert "人数太少，不显示" in page
    assert school.found.title in page  # type: ignore[attr-defined]
    with whole():
        first = Lesson.objects.filter(training_class=school.found).earliest("starts_at")  # type: ignore[attr-defined]
        Lesson.objects.filter(pk=first.pk).update(closed_at=first.ends_at)
    assert "4 课时" in told(Client(), f"/providers/{school.world.provider.pk}/")
    assert Client().get("/providers/01a22fd6-5b39-7e91-9fb2-59db66d9a409/").status_code == 404
