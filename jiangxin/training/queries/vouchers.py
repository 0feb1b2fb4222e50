"""Reads of vouchers: which one fits a class, whose a code is, what a person holds."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Min, Q, QuerySet

from jiangxin.ground.actor import PROVINCE, Actor, seeing
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import NotFound
from jiangxin.ground.regions import regions_within
from jiangxin.ground.staging import rows_of
from jiangxin.training import voucher_codes
from jiangxin.training.models import TrainingClass
from jiangxin.training.vouchers import Voucher

# What a batch asks of a class: c is a class, b a batch. A region's batch is good in the region and all below it.
FITS_CLASS = """
(b.subjects = '[]' OR jsonb_exists(b.subjects, c.subject)) AND (b.level = '' OR b.level = c.level)
 AND (b.providers = '[]' OR jsonb_exists(b.providers, c.body_id::text))
 AND (b.class_id IS NULL OR b.class_id = c.id)
 AND c.region_id BETWEEN b.region_id AND b.region_id
     + CASE WHEN b.region_id % 10000 = 0 THEN 9999 WHEN b.region_id % 100 = 0 THEN 99 ELSE 0 END
""".replace("%", "%%")
# What it asks of itself on a day: v is a voucher of b.
USABLE = "v.state = 'issued' AND b.state = 'issued' AND %(on)s BETWEEN v.from_on AND v.until_on"
BEST = f"""
SELECT DISTINCT ON (v.person_id) v.id
  FROM training_voucher v JOIN training_voucher_batch b ON b.id = v.batch_id
  JOIN training_voucher_kind k ON k.code = b.kind_id
  JOIN training_training_class c ON c.id = %(class)s
 WHERE v.person_id = ANY(%(persons)s) AND {USABLE} AND {FITS_CLASS}
 ORDER BY v.person_id, k.pays DESC, v.until_on, v.id
"""


def past_scope() -> AbstractContextManager[None]:
    """Look at vouchers wherever they were issued: a provincial one is taken at a county's class (issue 4, 2)."""
    return seeing(regions_within(PROVINCE))


def usable_vouchers(person_ids: Iterable[UUID], training_class: TrainingClass, on: date) -> dict[UUID, Voucher]:
    """For each person the voucher that fits a class best on a day: one that pays first, then the first to end."""
    asked = {"persons": list(person_ids), "class": training_class.pk, "on": on}
    with past_scope():
        keys = [key for (key,) in rows_of(BEST, asked)]
        found = Voucher.objects.select_related("batch__kind").filter(id__in=keys)
        return {voucher.person_id: voucher for voucher in found}


def voucher_by_code(code: str) -> Voucher | None:
    """The voucher with this code, wherever it was issued, once it is issued; None for any other words."""
    return _issued(Q(code_index=voucher_codes.index_of(code)))


def voucher_by_token(text: str, step: int) -> Voucher | None:
    """The voucher whose picture was scanned at this step of real time; None when stale, foreign or made up."""
    key = voucher_codes.key_in_token(text, step)
    return _issued(Q(pk=key)) if key else None


def _issued(which: Q) -> Voucher | None:
    with past_scope():
        return Voucher.objects.select_related("batch__kind").filter(which).exclude(state="matched").first()


def vouchers_over(today: date) -> int:
    """How many vouchers passed their last day and were not ended yet; within the scope of who asks."""
    return Voucher.objects.filter(state="issued", until_on__lt=today).count()


def next_voucher_end(today: date) -> date | None:
    """The day after the last day of the voucher that ends first; None where none is to be used."""
    ends = Voucher.objects.filter(state="issued", until_on__gte=today).aggregate(first=Min("until_on"))["first"]
    return ends + timedelta(days=1) if ends else None


# ── the worker's own ───────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Own:
    """A voucher as its person sees it: what it is good for in words, and its days left."""

    voucher: Voucher
    subjects: tuple[str, ...]
    providers: tuple[str, ...]
    region: str
    office: str
    phone: str
    class_title: str
    days_left: int

    @property
    def is_fresh(self) -> bool:
        """Whether it may be used and its person has not looked at it yet."""
        return self.voucher.opened_at is None and self.voucher.state == "issued" and self.days_left >= 0


WORDS = """
SELECT v.id, coalesce((SELECT array_agg(DISTINCT o.name ORDER BY o.name) FROM catalogue_occupation o
                        WHERE jsonb_exists(b.subjects, o.code)), '{}'),
       coalesce((SELECT array_agg(g.name ORDER BY g.name) FROM parties_organisation g
                  WHERE jsonb_exists(b.providers, g.id::text)), '{}'),
       r.name, f.name, f.phone, coalesce(c.title, e.title, '')
  FROM training_voucher v JOIN training_voucher_batch b ON b.id = v.batch_id
  JOIN ground_region r ON r.id = b.region_id JOIN parties_office f ON f.id = b.office_id
  LEFT JOIN training_training_class c ON c.id = b.class_id
  LEFT JOIN LATERAL (
       SELECT t.title FROM training_enrolment n JOIN training_training_class t ON t.id = n.class_id
        WHERE n.voucher_id = v.id AND n.state NOT IN ('left', 'lapsed') LIMIT 1) e ON true
 WHERE v.id = ANY(%s)
"""
ENDED = ("settled", "expired", "void")


def own_vouchers(person_id: UUID, today: date) -> list[Own]:
    """The vouchers of a person, those that can be used first, then by their last day."""
    own = Voucher.objects.select_related("batch__kind").filter(person_id=person_id).exclude(state="matched")
    found = _in_words(own.order_by("until_on", "id"), today)
    return sorted(found, key=lambda one: (one.voucher.state in ENDED, one.voucher.until_on, one.voucher.id))


def own_voucher(actor: Actor, voucher_id: UUID, at: datetime) -> Own:
    """One voucher of the actor's own. Raises NotFound."""
    own = Voucher.objects.select_related("batch__kind").filter(person_id=actor.the_person, pk=voucher_id)
    for found in _in_words(own.exclude(state="matched"), day_of(at)):
        return found
    raise NotFound()


def fresh_vouchers(person_id: UUID, today: date) -> list[Own]:
    """What was announced and not looked at yet."""
    return [one for one in own_vouchers(person_id, today) if one.is_fresh]


def _in_words(own: QuerySet[Voucher], today: date) -> list[Own]:
    vouchers = {voucher.id: voucher for voucher in own}
    if not vouchers:
        return []
    said = {key: rest for key, *rest in rows_of(WORDS, [list(vouchers)])}
    return [
        Own(voucher, tuple(subjects), tuple(providers), region, office, phone, title, days_left(voucher, today))
        for voucher in vouchers.values()
        for subjects, providers, region, office, phone, title in [said[voucher.id]]
    ]


def days_left(voucher: Voucher, today: date) -> int:
    """How many days are left, the last one counted; a seat stops the clock. Below zero: over."""
    since = day_of(voucher.held_since) if voucher.held_since else today
    return (voucher.until_on - since).days + 1
