"""A school that was stopped and what its learners were offered: what the attacks on transfers are aimed at."""

from datetime import timedelta
from typing import Any

from jiangxin.recognition.operations.measures import decide_measure, open_measure
from jiangxin.subsidy.law import current_law
from jiangxin.training.operations.transfers import decline_transfer, offer_transfer
from tests.factories.school import School
from tests.factories.world import World


def transfers(world: World) -> dict[str, Any]:
    """Three learners of a school in its last days: one has stayed, two are still to answer; a class to move to."""
    usual = world.provider
    world.provider = world.body("魏塘培训学校", "91330421MA00000099", "provider")
    there = School(world)
    target = there.opened(there.lessons(start=90))
    world.provider = world.body("干窑培训学校", "91330421MA00000098", "provider")
    school = School(world)
    found = school.opened(school.lessons(start=90))
    people = [world.person() for _ in range(3)]
    for person in people:
        school.join(found, person)
    world.see_all()
    stop = open_measure(
        school.county, world.at, world.provider.pk, "suspension", "fake_records", "虚报人数，证据在卷。",
        current_law(), until_on=world.at.date() + timedelta(days=30),
    )  # fmt: skip
    decide_measure(
        world.staff["leader"], world.at, stop.pk, in_force=True, decision="先暂停整改", arrangement="transfer"
    )
    offers = offer_transfer(school.county, world.at, stop.pk, found.pk, target.pk, "可以转到魏塘，问培训科")
    by_person = {one.person_id: one for one in offers}
    stayed = by_person[people[2].pk]
    decline_transfer(school.learner(people[2].pk), world.at, stayed.pk)
    world.see_all()
    world.provider = usual
    return {
        "x_offer": by_person[people[0].pk].pk, "x_other": by_person[people[1].pk].pk, "x_stayed": stayed.pk,
        "x_seat": by_person[people[0].pk].enrolment_id, "x_other_seat": by_person[people[1].pk].enrolment_id,
        "x_person": people[0].pk, "x_class": found.pk, "x_target": target.pk,
    }  # fmt: skip
