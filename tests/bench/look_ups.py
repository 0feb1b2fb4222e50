"""What the queries behind the product's look-ups cost against `SELECT 1`, on the crowd's tables: its own functions."""

from collections.abc import Callable

from jiangxin.assessment.queries import certificates_issued, certificates_of_person
from jiangxin.ground.actor import acting, machine
from jiangxin.ground.identity import unseal
from jiangxin.ground.staging import rows_of
from jiangxin.parties.models import PersonDocument
from jiangxin.parties.queries.persons import DOCUMENT, find_person
from jiangxin.subsidy.queries.person import own_lines
from tests.bench.clock import middle
from tests.bench.decisions import Crowd

ROUNDS = 400


def medians(crowd: Crowd) -> dict[str, float]:
    """Median seconds of `SELECT 1` and of each look-up, taken in turns."""
    with acting(machine()):
        person = crowd.world.person()
        made = crowd.world.certificate(person, occupation="4-10-01-05")
        document = PersonDocument.objects.get(person=person)
        number = unseal(document.number, DOCUMENT.format(document.pk)).decode()

        def certificates_by_document() -> object:
            found = find_person(number)
            assert found
            return certificates_of_person(found.pk)

        looks: dict[str, Callable[[], object]] = {
            "one": lambda: rows_of("SELECT 1"),
            "person": lambda: find_person(number),
            "both": certificates_by_document,
            "certificates": lambda: certificates_of_person(person.pk),
            "lines": lambda: own_lines(person.pk),
            "issued": lambda: list(certificates_issued(crowd.world.assessor.id, made.number)),
        }
        return {name: middle(look, ROUNDS) for name, look in looks.items()}
