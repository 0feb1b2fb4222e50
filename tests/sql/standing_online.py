"""A platform whose learners were counted: what the attacks on online learning are aimed at."""

from typing import Any
from uuid import uuid4

from jiangxin.training.operations.platforms import close_platform, open_platform
from jiangxin.training.statements import Statement
from jiangxin.training.xapi_reading import name_of_lesson
from tests.factories.platform import HOUR, Online, voiding
from tests.factories.school import School
from tests.factories.world import World


def online(world: World) -> dict[str, Any]:
    """Two learners of a school with some minutes each, one statement voided; a platform that is closed."""
    began, first = world.at, world.provider
    world.provider = world.body("嘉善线上技校", "91330421MA00000032", "provider")
    made = Online(School(world), learners=2)
    numbers = [made.send(made.session(place, minutes=3, seed=place)) for place in range(2)]
    # It names a seat and a lesson itself, so that it belongs to a region like the rest.
    context = {"contextActivities": {"parent": [{"id": name_of_lesson(made.lesson.id)}]}}
    void = voiding(numbers[0][0]) | {"id": str(uuid4()), "context": context}
    void["actor"]["account"]["name"] = made.token()
    made.send([void])
    made.count()
    county, at = made.school.county, made.lesson.starts_at + HOUR
    closed = open_platform(county, at, made.body.id, "停了的")
    close_platform(county, at, closed.platform.id)
    world.see_all()
    world.at, world.provider = began, first
    return {
        "t_platform": made.issued.platform.id, "t_closed_platform": closed.platform.id,
        "t_statement": Statement.objects.get(number=numbers[0][1]).id,
        "t_voided": Statement.objects.get(number=numbers[0][0]).id, "t_study": made.study().id,
    }  # fmt: skip
