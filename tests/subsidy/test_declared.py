"""What a platform says of its people counts where no register says anything, and never against one (4.2, P2)."""

from datetime import date

import pytest

from jiangxin.parties.models import Organisation, Person, Spell
from jiangxin.parties.operations.persons import PersonRow
from jiangxin.parties.operations.workforce import load_workforce
from jiangxin.parties.rosters import WorkerRow
from jiangxin.subsidy.models import Decision, SubsidyLine
from jiangxin.subsidy.operations.decide import decide_certificates
from tests.factories.school import clerk_of
from tests.factories.world import World, number_of

pytestmark = pytest.mark.django_db
TONGLU = 330122


@pytest.fixture
def world(db: None) -> World:
    return World()


def listed(world: World, person: Person, since: date = date(2026, 1, 1)) -> None:
    """A platform of the county names the person."""
    body = Organisation.objects.create(name="快送平台", credit_code="91330421MA0000000F", region_id=world.region)
    row = WorkerRow(PersonRow("resident", number_of(world.people), person.name), "platform", since)
    load_workforce(clerk_of(world, body, "employer"), world.at, [row])
    world.see_all()


def where_employed(world: World, person: Person) -> int:
    certificate = world.certificate(person)
    decide_certificates(world.machine, world.at, [certificate.id], "test")
    line = SubsidyLine.objects.get(certificate=certificate, scheme="certificate_subsidy")
    return int(Decision.objects.get(id=line.decision_id).facts["employment_region"])


def test_a_platforms_list_says_where_somebody_works(world: World) -> None:
    person = world.person("骑手甲")
    listed(world, person)
    assert where_employed(world, person) == world.region


def test_a_register_is_heard_before_a_list_however_new(world: World) -> None:
    person = world.person("骑手乙")
    known = world.spell(person, "employed", TONGLU)
    Spell.objects.filter(id=known.id).update(certified=True, load=world.load_of("employment"))
    listed(world, person)
    assert where_employed(world, person) == TONGLU
