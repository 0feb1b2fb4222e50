"""What a worker's page and a look-up by certificate number cost against `SELECT 1`, on the crowd's tables."""

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.identity import blind_index
from jiangxin.ground.staging import rows_of
from tests.bench.clock import middle
from tests.bench.decisions import Crowd

ROUNDS = 400
PAGE = """
SELECT c.number, c.title, c.level, c.issued_on, l.state, l.amount_fen FROM parties_person_document d
  JOIN assessment_certificate c ON c.person_id = d.person_id
  LEFT JOIN subsidy_subsidy_line l ON l.certificate_id = c.id AND l.person_id = c.person_id
 WHERE d.kind = 'resident' AND d.number_index = %s ORDER BY c.issued_on DESC
"""
CERTIFICATE = """
SELECT c.kind, c.title, c.level, c.issued_on, c.revoked_on, p.name FROM assessment_certificate c
  JOIN parties_person p ON p.id = c.person_id WHERE c.number = %s
"""


def medians(crowd: Crowd) -> tuple[float, float, float]:
    """Median seconds of `SELECT 1`, of a person's page by document index, of a certificate by its number."""
    with acting(machine()):
        person = crowd.world.person()
        made = crowd.world.certificate(person, occupation="4-10-01-05")
        (kind_number,) = rows_of("SELECT number_index FROM parties_person_document WHERE person_id = %s", [person.id])
        assert len(blind_index("x", "document")) == 32
        one = middle(lambda: rows_of("SELECT 1"), ROUNDS)
        page = middle(lambda: rows_of(PAGE, [kind_number[0]]), ROUNDS)
        certificate = middle(lambda: rows_of(CERTIFICATE, [made.number]), ROUNDS)
    return one, page, certificate
