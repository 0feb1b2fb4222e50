"""Projects of training: published whole and once, ended by a document; no class of one begins after its end (10.2)."""

from dataclasses import replace
from datetime import date

import pytest

from jiangxin.catalogue.models import TrainingItem
from jiangxin.catalogue.operations import (
    Project,
    ProjectCodeTaken,
    ProjectIncomplete,
    ProjectNotOpen,
    end_project,
    publish_project,
)
from jiangxin.catalogue.queries import item_in_force, projects, published_project
from jiangxin.ground.refusal import NotYourDuty
from jiangxin.subsidy.law import current_law
from jiangxin.training.queries.classes import checks_of
from tests.factories.refused import refused
from tests.factories.school import School
from tests.factories.world import World

pytestmark = pytest.mark.django_db
PROJECT = Project(
    code="XM-2026-01", name="电商直播", standard="选品、直播、售后；实操考核合格", hours=40, amount_fen=80_000,
    document="嘉人社〔2026〕8号", from_on=date(2026, 1, 1),
)  # fmt: skip


@pytest.fixture
def world() -> World:
    return World()


def test_a_project_is_published_once_and_whole(world: World) -> None:
    desk = world.staff["training"]
    with refused(NotYourDuty):
        publish_project(world.staff["maker"], world.at, PROJECT)
    with refused(ProjectIncomplete):
        publish_project(desk, world.at, replace(PROJECT, document=" "))
    made = publish_project(desk, world.at, PROJECT)
    assert (made.region_id, made.published_at) == (world.region, world.at)
    with refused(ProjectCodeTaken):
        publish_project(desk, world.at, PROJECT)
    assert published_project("XM-2026-01") == made
    assert list(projects("直播", on=world.at.date())) == [made]
    assert list(projects("查无", on=world.at.date())) == []


def test_a_project_ends_by_a_document(world: World) -> None:
    desk, elsewhere = world.staff["training"], replace(world.staff["training"], region_id=330122)
    publish_project(desk, world.at, PROJECT)
    with refused(NotYourDuty):
        end_project(world.staff["maker"], world.at, PROJECT.code, date(2026, 6, 30), "嘉人社〔2026〕9号")
    with refused(ProjectNotOpen):
        end_project(elsewhere, world.at, PROJECT.code, date(2026, 6, 30), "嘉人社〔2026〕9号")
    with refused(ProjectNotOpen):
        end_project(desk, world.at, PROJECT.code, date(2025, 12, 31), "嘉人社〔2026〕9号")
    with refused(ProjectIncomplete):
        end_project(desk, world.at, PROJECT.code, date(2026, 6, 30), "")
    end_project(desk, world.at, PROJECT.code, date(2026, 6, 30), "嘉人社〔2026〕9号")
    with refused(ProjectNotOpen):
        end_project(desk, world.at, PROJECT.code, date(2026, 7, 31), "嘉人社〔2026〕10号")
    in_force = [item_in_force("training_pass", PROJECT.code, date(2026, month, 30)) for month in (6, 7)]
    assert in_force == [True, False]
    assert not item_in_force("training_pass", PROJECT.code, date(2025, 12, 31))
    assert not projects(on=date(2026, 7, 1)).exists()
    assert projects().exists()


def test_no_class_of_it_begins_after_its_end(world: World) -> None:
    school = School(world)
    publish_project(school.county, world.at, PROJECT)
    draft = school.draft(subject=f"project:{PROJECT.code}", level="", kind="training_pass")
    met = {check.code: check for check in checks_of(draft, world.at, current_law())}
    assert met["titled"].met is True
    TrainingItem.objects.filter(code=PROJECT.code).update(until_on=date(2026, 3, 5))
    met = {check.code: check for check in checks_of(draft, world.at, current_law())}
    assert met["titled"].met is False
    assert "已停用" in met["titled"].said
