"""Reads of batches of vouchers: who is matched, how far a batch got, what became of the unused."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Case, Exists, OuterRef, Q, When

from jiangxin.ground.staging import rows_of
from jiangxin.training.vouchers import VOUCHER_CAUSES, Voucher, VoucherBatch

# ── who is matched ─────────────────────────────────────────────────────────────────────────────────────────────────
COUNTS_ON = """
s.from_on <= %(on)s AND (s.until_on IS NULL OR s.until_on >= %(on)s) AND (s.load_id IS NULL OR l.state = 'active')
"""
DEAD = """
EXISTS (SELECT FROM parties_spell s LEFT JOIN parties_register_load l ON l.id = s.load_id
         WHERE s.person_id = f.person_id AND s.kind_id = 'dead' AND s.from_on <= %(on)s
           AND (s.load_id IS NULL OR l.state = 'active'))
"""
# The same kind and content, still to be used, or about to be issued by another batch.
HAS_THE_LIKE = """
EXISTS (SELECT FROM training_voucher v JOIN training_voucher_batch o ON o.id = v.batch_id
          JOIN training_voucher_batch b ON b.id = %(batch)s
         WHERE v.person_id = f.person_id AND o.id <> b.id AND v.until_on >= %(on)s
           AND v.state IN ('matched', 'issued', 'reserved', 'in_use', 'frozen')
           AND (o.kind_id, o.subjects, o.level) = (b.kind_id, b.subjects, b.level))
"""
# One row a person: the first of the groups as listed that lets them in, in the county where that status is kept; one
# kept for no region counts where the person lives, or is registered.
MATCHED = f"""
WITH found AS (
  SELECT DISTINCT ON (s.person_id) s.person_id, s.kind_id, s.region_id,
         array_position(%(groups)s::text[], s.kind_id::text) AS place
    FROM parties_spell s LEFT JOIN parties_register_load l ON l.id = s.load_id
   WHERE s.kind_id = ANY(%(groups)s) AND {COUNTS_ON}
     AND (s.region_id IS NULL OR s.region_id BETWEEN %(low)s AND %(high)s)
   ORDER BY s.person_id, 4, s.region_id)
SELECT f.person_id, coalesce(f.region_id, h.region_id), f.kind_id
  FROM found f JOIN parties_person p ON p.id = f.person_id AND p.merged_into_id IS NULL
  LEFT JOIN LATERAL (
       SELECT s.region_id FROM parties_spell s LEFT JOIN parties_register_load l ON l.id = s.load_id
        WHERE f.region_id IS NULL AND s.person_id = f.person_id AND s.kind_id IN ('residence', 'hukou') AND {COUNTS_ON}
          AND s.region_id BETWEEN %(low)s AND %(high)s
        ORDER BY s.kind_id DESC LIMIT 1) h ON true
 WHERE coalesce(f.region_id, h.region_id) IS NOT NULL AND NOT {DEAD} AND NOT {HAS_THE_LIKE}
 ORDER BY f.place, f.person_id LIMIT %(planned)s
"""
# A named kind: the learners that the provider put on the roster of the class, in their order.
ROSTER = f"""
SELECT f.person_id, f.region_id, '' FROM training_enrolment f JOIN parties_person p ON p.id = f.person_id
 WHERE f.class_id = %(class)s AND f.state IN ('held', 'seated') AND f.voucher_id IS NULL
   AND p.merged_into_id IS NULL AND NOT {DEAD} AND NOT {HAS_THE_LIKE}
 ORDER BY f.waits_since, f.id LIMIT %(planned)s
"""


@dataclass(frozen=True)
class Group:
    """How many of a batch were found by one status; `name` is "" for a roster."""

    code: str
    name: str
    count: int


def groups_of(batch_id: UUID) -> list[Group]:
    """Who was matched, by the status that let them in, the largest first."""
    rows = rows_of(
        "SELECT v.spell_kind, coalesce(k.name, ''), count(*) FROM training_voucher v"
        " LEFT JOIN parties_spell_kind k ON k.code = v.spell_kind WHERE v.batch_id = %s"
        " GROUP BY 1, 2 ORDER BY 3 DESC, 1",
        [batch_id],
    )
    return [Group(*row) for row in rows]


# ── the funnel ─────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Funnel:
    """How far vouchers got, each step counting those that went further; and what became of those that did not.

    issued = settled + in use + reserved + still to be used + frozen + void + expired; `causes` add up to `expired`.
    """

    key: object
    name: str
    issued: int
    opened: int
    reserved: int
    used: int
    settled: int
    expired: int
    void: int
    causes: tuple[tuple[str, int], ...]

    @property
    def unused(self) -> list[tuple[str, int, int]]:
        """Each cause in words, how many, and its share of the expired in percent; the shares add up to 100."""
        shares = in_percent([count for _, count in self.causes])
        return [
            (VOUCHER_CAUSES[cause], count, share)
            for (cause, count), share in zip(self.causes, shares, strict=True)
            if count
        ]


def in_percent(counts: Iterable[int]) -> list[int]:
    """Whole percents that add up to 100: what is left over goes to the largest remainders."""
    found = list(counts)
    total = sum(found)
    if not total:
        return [0] * len(found)
    shares = [100 * count // total for count in found]
    by_rest = sorted(range(len(found)), key=lambda n: (-(100 * found[n] % total), n))
    for n in by_rest[: 100 - sum(shares)]:
        shares[n] += 1
    return shares


GOT = {
    "issued": "true",
    "opened": "opened_at IS NOT NULL OR held_since IS NOT NULL",
    "reserved": "held_since IS NOT NULL",
    "used": "first_used_at IS NOT NULL",
    "settled": "state = 'settled'",
    "expired": "state = 'expired'",
    "void": "state = 'void'",
}
COUNTED = ", ".join(
    f"count(*) FILTER (WHERE {rule})" for rule in (*GOT.values(), *(f"cause = '{cause}'" for cause in VOUCHER_CAUSES))
)
BY_BATCH = f"""
SELECT batch_id, {COUNTED} FROM training_voucher
 WHERE state <> 'matched' AND batch_id = ANY(%s) GROUP BY 1
"""
BY_COUNTY = f"""
SELECT v.region_id, r.name, {COUNTED} FROM training_voucher v JOIN ground_region r ON r.id = v.region_id
 WHERE v.state <> 'matched' AND v.region_id = ANY(%(regions)s) AND (%(batch)s::uuid IS NULL OR v.batch_id = %(batch)s)
 GROUP BY 1, 2 ORDER BY 3 DESC, 1
"""


def _funnel(key: object, name: str, counts: tuple[int, ...]) -> Funnel:
    got = dict(zip(GOT, counts, strict=False))
    return Funnel(key, name, **got, causes=tuple(zip(VOUCHER_CAUSES, counts[len(GOT) :], strict=True)))


def nothing_yet(key: object, name: str = "") -> Funnel:
    """The funnel before anything was issued."""
    return _funnel(key, name, (0,) * (len(GOT) + len(VOUCHER_CAUSES)))


def funnels_of(batch_ids: Iterable[UUID]) -> dict[UUID, Funnel]:
    """The funnel of each batch; one that was not issued is not in it."""
    return {key: _funnel(key, "", tuple(counts)) for key, *counts in rows_of(BY_BATCH, [list(batch_ids)])}


def funnels_by_county(regions: Iterable[int], batch_id: UUID | None = None) -> list[Funnel]:
    """The funnel of each county in scope, of one batch when given; those with most issued first."""
    rows = rows_of(BY_COUNTY, {"regions": list(regions), "batch": batch_id})
    return [_funnel(key, name, tuple(counts)) for key, name, *counts in rows]


def whole_funnel(parts: Iterable[Funnel], name: str = "合计") -> Funnel:
    """Funnels taken together."""
    found = list(parts)
    sums = [sum(getattr(part, step) for part in found) for step in GOT]
    causes = [sum(dict(part.causes)[cause] for part in found) for cause in VOUCHER_CAUSES]
    return _funnel(None, name, (*sums, *causes))


# ── lists ──────────────────────────────────────────────────────────────────────────────────────────────────────────
PAGE = 50


def batches_in(regions: Iterable[int], page: int = 1) -> tuple[list[VoucherBatch], int]:
    """A page of batches in scope, those that wait for somebody first, then the latest; and how many there are."""
    found = VoucherBatch.objects.filter(region_id__in=list(regions)).select_related("kind", "office", "entered_by")
    waiting_first = Case(When(state__in=["draft", "matched"], then=0), default=1)
    ordered = found.order_by(waiting_first, "-entered_at", "-id")
    return list(ordered[(page - 1) * PAGE : page * PAGE]), found.count()


def batch_of(regions: Iterable[int], batch_id: UUID) -> VoucherBatch | None:
    """One batch in these regions, or one that reaches into them; None otherwise."""
    own = list(regions)
    here = Q(region_id__in=own) | Exists(Voucher.objects.filter(batch_id=OuterRef("pk"), region_id__in=own))
    found = VoucherBatch.objects.filter(here, pk=batch_id)
    return found.select_related("kind", "office", "pool", "training_class", "entered_by", "issued_by").first()
