"""What the queries behind the product's look-ups cost against `SELECT 1`, on the crowd's tables: its own functions."""

from collections.abc import Callable
from statistics import median

from jiangxin.assessment.queries import certificate_numbered, certificates_of_person
from jiangxin.ground.actor import acting, machine
from jiangxin.ground.identity import unseal
from jiangxin.ground.staging import rows_of
from jiangxin.parties.models import PersonDocument
from jiangxin.parties.queries.persons import DOCUMENT, find_person
from jiangxin.subsidy.operations.decide import decide_certificates
from jiangxin.subsidy.queries.person import own_lines
from tests.bench.clock import seconds
from tests.bench.decisions import Crowd

ROUNDS = 400


def medians(crowd: Crowd) -> dict[str, float]:
    """Median seconds of `SELECT 1` and of each look-up, taken in turns."""
    actor = machine()
    with acting(actor) as at:
        person = crowd.world.person()
        made = crowd.world.certificate(person, occupation="4-10-01-05")
        decide_certificates(actor, at, [made.pk], "bench")
        document = PersonDocument.objects.get(person=person)
        number = unseal(document.number, DOCUMENT.format(document.pk)).decode()

        def certificates_by_document() -> object:
            found = find_person(number)
            assert found
            return certificates_of_person(found.pk)

        looks: dict[str, Callable[[], object]] = {
            "SELECT 1": lambda: rows_of("SELECT 1"),
            "by document": certificates_by_document,
            "my money": lambda: own_lines(person.pk),
            "by number": lambda: certificate_numbered(crowd.world.assessor.pk, made.number),
        }
        assert all(look() for look in looks.values())
        taken = [[seconds(look) for look in looks.values()] for _ in range(ROUNDS)]
    return dict(zip(looks, map(median, zip(*taken, strict=True)), strict=True))
