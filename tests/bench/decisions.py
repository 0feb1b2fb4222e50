"""A crowd of certificates decided in one batch: against COPY of the very rows it writes, and against one by one."""

from dataclasses import dataclass, field
from statistics import median
from uuid import UUID

from django.db import connection, transaction

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.staging import rows_of, run
from jiangxin.subsidy.operations.decide import decide_certificates
from tests.bench.clock import seconds
from tests.factories.world import World

WRITTEN = ("subsidy_subsidy_line", "subsidy_decision", "funds_transfer", "ground_journal_entry")
SINGLES = 150

PERSONS = """
INSERT INTO parties_person (id, name, pinyin, sex, born_on, registered_at)
SELECT gen_random_uuid(), '测' || n, 'ce', CASE n %% 2 WHEN 0 THEN 'male' ELSE 'female' END,
       date '1975-01-01' + (n %% 9000), %(at)s FROM generate_series(1, %(size)s) n
"""
SPELLS = """
INSERT INTO parties_spell (id, person_id, kind_id, region_id, from_on, certified, source)
SELECT gen_random_uuid(), id, kind, 330421, '2020-01-01', false, 'bench'
  FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM parties_person WHERE pinyin = 'ce') p,
       unnest(ARRAY['hukou', 'public_staff']) kind WHERE kind = 'hukou' OR n %% 10 = 0
"""
CERTIFICATES = """
INSERT INTO assessment_certificate (id, person_id, region_id, kind, number, name_then, edition, occupation,
  trade, item, title,
       level, issued_on, exam_on, assessor_id, provider_id, class_number, class_region_id,
         training_region_id, training_first_on,
       training_last_on, training_hours, training_edition, training_subject, training_title,
       received_at, late, revoked_reason)
SELECT gen_random_uuid(), id, 330421, 'skill_level', 'B' || lpad(n::text, 20, '0'), name, '2022',
  '6-31-01-03', '', '', '电工',
       (3 + n %% 3)::text, '2026-02-02', '2026-01-25', %(assessor)s, %(provider)s, 'K', 330421, 330421, '2025-12-01',
       '2026-01-15', 80, '2022', '6-31-01-03', '电工', %(at)s, false, ''
  FROM (SELECT id, name, row_number() OVER (ORDER BY id) AS n FROM parties_person WHERE pinyin = 'ce') p
"""
LISTINGS = """
INSERT INTO assessment_listing (id, number, name, subject, level, issued_on, listed_on, load_id)
SELECT gen_random_uuid(), number, name_then, title, level, issued_on, issued_on, %(load)s FROM assessment_certificate
"""
EARLIER = """
INSERT INTO subsidy_earlier_subsidy (id, person_id, scheme, subject, level_rank, count_year, amount_fen,
  paid_on, payee, load_id)
SELECT gen_random_uuid(), id, 'certificate_subsidy', '6-18-01-01', 1, 2025, 100000, '2025-06-01', 'person', %(load)s
  FROM parties_person, generate_series(1, 4) WHERE pinyin = 'ce'
"""


@dataclass
class Crowd:
    """So many trained persons with a certificate each, and four earlier subsidies for each."""

    size: int
    world: World = field(init=False)
    certificates: list[UUID] = field(default_factory=list)

    def __post_init__(self) -> None:
        with transaction.atomic():
            self.world = World()
            self.pool = self.world.pool(yuan=self.size * 10_000)
            params = {
                "at": self.world.at,
                "size": self.size,
                "assessor": self.world.assessor.id,
                "provider": self.world.provider.id,
            }
            run(PERSONS, params)  # type: ignore[arg-type]
            run(SPELLS, {})  # type: ignore[arg-type]
            run(CERTIFICATES, params)  # type: ignore[arg-type]
            run(LISTINGS, {"load": self.world.load_of("listing").id})  # type: ignore[arg-type]
            run(EARLIER, {"load": self.world.load_of("earlier_certificate_subsidy").id})  # type: ignore[arg-type]
            self.certificates = [c for (c,) in rows_of("SELECT id FROM assessment_certificate ORDER BY id")]
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute("ANALYZE")


def _decide(certificates: list[UUID]) -> None:
    actor = machine()
    with acting(actor) as at:
        decide_certificates(actor, at, certificates, "bench")


def batch_floor_single(crowd: Crowd) -> tuple[float, float, float]:
    """Seconds of the batch, of COPY of what it wrote into tables with the same indexes, and of one result alone."""
    singles, batch = crowd.certificates[:SINGLES], crowd.certificates[SINGLES:]
    single = seconds(lambda: [_decide([one]) for one in singles]) / SINGLES
    took = seconds(lambda: _decide(batch))
    return took, median(_floor() for _ in range(3)), single


def _floor() -> float:
    total = 0.0
    with acting(machine()), connection.cursor() as cursor:
        for table in WRITTEN:
            cursor.execute(
                f"CREATE TEMP TABLE floor_{table} (LIKE {table} INCLUDING INDEXES INCLUDING DEFAULTS) ON COMMIT DROP"
            )
            with cursor.copy(f"COPY (SELECT * FROM {table}) TO STDOUT") as copy:
                data = [bytes(part) for part in copy]

            def fill(name: str = table, parts: list[bytes] = data) -> None:
                with cursor.copy(f"COPY floor_{name} FROM STDIN") as into:
                    for part in parts:
                        into.write(part)

            total += seconds(fill)
    return total
