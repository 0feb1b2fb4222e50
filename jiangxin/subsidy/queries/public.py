"""What everybody may look up: posted notices, what a certificate would bring, the law in force. No personal data.

The public's scope is empty: of notices it sees only those that are posted.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from jiangxin.catalogue.models import Occupation, TrainingItem
from jiangxin.catalogue.operations import EDITION
from jiangxin.catalogue.queries import classes_on
from jiangxin.ground.actor import PROVINCE, Actor, seeing
from jiangxin.ground.refusal import NotFound
from jiangxin.ground.regions import Region, regions_within
from jiangxin.ground.staging import rows_of
from jiangxin.rules.engine import evaluate, explain
from jiangxin.rules.explanation import Explained, NumberUsed
from jiangxin.rules.numbers import NUMBERS
from jiangxin.rules.parameters import Entry, Law
from jiangxin.rules.rule import Rule
from jiangxin.rules.schemes import SCHEMES
from jiangxin.rules.schemes.certificate_facts import CertificateFacts, occupation_class
from jiangxin.rules.vocabulary import FUNDS, KINDS, KINDS_WITH_LEVELS, PERSON_SCHEMES, SCHEME_TITLES
from jiangxin.rules.wording import entry_in_words
from jiangxin.subsidy.law import current_law

LEVELLED = tuple(KINDS)[:KINDS_WITH_LEVELS]
# How a number of the law names one training item or project.
ITEM = re.compile(r"(?:item|project):(\w+)")


# ── notices ────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Posted:
    """A notice as listed: amounts in fen."""

    id: UUID
    region_id: int
    office: str
    year: int
    number: int
    posted_at: datetime
    ends_on: date
    provisional: bool
    phone: str
    address: str
    sha256: str
    heads: int
    total_fen: int


POSTED = """
SELECT n.id, n.region_id, o.name, n.year, n.number, n.posted_at, n.ends_on, n.provisional, n.phone, n.address,
       n.sha256, count(x.id), coalesce(sum(x.amount_fen), 0)::bigint
  FROM subsidy_notice n
  JOIN parties_office o ON o.id = n.office_id
  LEFT JOIN subsidy_notice_line x ON x.notice_id = n.id
 WHERE n.state = 'posted' AND n.ends_on >= %(today)s AND (%(notice)s::uuid IS NULL OR n.id = %(notice)s)
   AND (%(regions)s::int[] IS NULL OR n.region_id = ANY(%(regions)s))
 GROUP BY n.id, o.name ORDER BY n.posted_at DESC, n.id
"""


def posted_notices(today: date, region_id: int | None = None) -> list[Posted]:
    """The notices posted now, the latest first; of a region and those below it when given."""
    regions = list(regions_within(region_id)) if region_id else None
    return [Posted(*row) for row in rows_of(POSTED, {"today": today, "notice": None, "regions": regions})]


def posted_notice(today: date, notice_id: UUID) -> Posted | None:
    """A notice that is posted now, or None."""
    rows = rows_of(POSTED, {"today": today, "notice": notice_id, "regions": None})
    return Posted(*rows[0]) if rows else None


@dataclass(frozen=True)
class TakenDown:
    """All that is said of a notice that is over: whose it was, its number, its last day."""

    office: str
    year: int
    number: int
    ends_on: date


def taken_down_notice(actor: Actor, notice_id: UUID) -> TakenDown:
    """A notice that is over. Raises NotFound."""
    with seeing(regions_within(PROVINCE)):
        rows = rows_of(
            "SELECT o.name, n.year, n.number, n.ends_on FROM subsidy_notice n JOIN parties_office o"
            " ON o.id = n.office_id WHERE n.id = %s",
            [notice_id],
        )
    if not rows:
        raise NotFound()
    return TakenDown(*rows[0])


@dataclass(frozen=True)
class ObjectionReceipt:
    """An objection as whoever made it may follow it: never who, nor the contact that was left."""

    number: str
    office: str
    phone: str
    shown_name: str
    title: str
    received_at: datetime
    due_on: date
    state: str
    answer: str
    answered_at: datetime | None


# What is only proposed is nobody's answer yet.
RECEIPT = """
SELECT f.name, f.phone, x.shown_name, x.title, o.received_at, o.due_on, o.state,
       CASE WHEN o.state <> 'open' THEN o.answer ELSE '' END, o.answered_at
  FROM subsidy_objection o
  JOIN subsidy_notice n ON n.id = o.notice_id
  JOIN parties_office f ON f.id = n.office_id
  JOIN subsidy_notice_line x ON x.notice_id = n.id AND x.line_id = o.line_id
 WHERE o.id = %s
"""
# The number of a receipt: the end of its key, which is chance; as people read it to each other, ABCD-1234-EF56.
DIGITS = 12


def number_of_receipt(objection_id: UUID) -> str:
    """What whoever objected writes down."""
    digits = objection_id.hex[-DIGITS:].upper()
    return "-".join(digits[at : at + 4] for at in range(0, DIGITS, 4))


def receipt_by_number(actor: Actor, number: str) -> UUID | None:
    """The objection whose receipt has this number, or None."""
    digits = re.sub(r"[\s-]", "", number).lower()
    if not re.fullmatch(rf"[0-9a-f]{{{DIGITS}}}", digits):
        return None
    with seeing(regions_within(PROVINCE)):
        rows = rows_of("SELECT id FROM subsidy_objection WHERE right(id::text, %s) = %s", [DIGITS, digits])
    return rows[0][0] if len(rows) == 1 else None


def objection_receipt(actor: Actor, objection_id: UUID) -> ObjectionReceipt:
    """The receipt of an objection, for whoever knows its address. Raises NotFound."""
    with seeing(regions_within(PROVINCE)):
        rows = rows_of(RECEIPT, [objection_id])
    if not rows:
        raise NotFound()
    return ObjectionReceipt(number_of_receipt(objection_id), *rows[0])


PAUSED = """
SELECT x.id, l.state FROM subsidy_notice_line x JOIN subsidy_subsidy_line l ON l.id = x.line_id
 WHERE x.id = ANY(%s) AND l.state <> 'in_notice'
"""


WITHDRAWN = """
SELECT count(*), coalesce(sum(x.amount_fen), 0)::bigint
  FROM subsidy_notice_line x JOIN subsidy_subsidy_line l ON l.id = x.line_id
 WHERE x.notice_id = %s AND l.state NOT IN ('in_notice', 'objected')
"""


def withdrawn_from(actor: Actor, notice_id: UUID) -> tuple[int, int]:
    """How many lines a posted notice has lost since, and how much money, in fen."""
    with seeing(regions_within(PROVINCE)):
        ((heads, fen),) = rows_of(WITHDRAWN, [notice_id])
    return heads, fen


def no_longer_in_notice(actor: Actor, rows: Collection[UUID]) -> dict[UUID, str]:
    """Of these rows of a posted notice those that take no objection now, with the state of their line."""
    with seeing(regions_within(PROVINCE)):
        return dict(rows_of(PAUSED, [list(rows)]))


# ── what a certificate would bring ─────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Subject:
    """An occupation, item or project as it is chosen; `key` is how the law names it, `alias` why it was found."""

    key: str
    name: str
    alias: str


OCCUPATIONS = """
SELECT o.code, o.name, coalesce((SELECT min(a.alias) FROM catalogue_occupation_alias a
    WHERE a.edition = o.edition AND a.code = o.code AND a.alias LIKE %(has)s), '')
  FROM catalogue_occupation o
 WHERE o.edition = %(edition)s AND (o.from_on IS NULL OR o.from_on <= %(on)s)
   AND (o.until_on IS NULL OR o.until_on >= %(on)s)
   AND (o.code = %(text)s OR o.name LIKE %(has)s OR replace(o.pinyin, ' ', '') LIKE %(begins)s
        OR regexp_replace(o.pinyin, '(\\w)\\w* ?', '\\1', 'g') LIKE %(begins)s
        OR EXISTS (SELECT FROM catalogue_occupation_alias a
                    WHERE a.edition = o.edition AND a.code = o.code AND a.alias LIKE %(has)s))
 ORDER BY o.name <> %(text)s, o.name NOT LIKE %(starts)s, length(o.name), o.pinyin LIMIT %(limit)s
"""
ITEMS = """
SELECT CASE kind WHEN 'special_skill' THEN 'item:' ELSE 'project:' END || code, name, ''
  FROM catalogue_training_item
 WHERE kind = %(kind)s AND region_id = ANY(%(regions)s)
   AND from_on <= %(on)s AND (until_on IS NULL OR until_on >= %(on)s)
   AND (code = %(text)s OR name LIKE %(has)s) ORDER BY name LIMIT %(limit)s
"""


def _like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def find_subjects(kind: str, region_id: int, on: date, text: str, limit: int = 12) -> list[Subject]:
    """What a certificate of this kind may be in, by name, everyday name, reading or code: the nearest first."""
    text = text.strip()
    like = _like(text)
    asked: dict[str, Any] = {"text": text, "has": f"%{like}%", "starts": f"{like}%", "on": on, "limit": limit}
    if kind in LEVELLED:
        asked |= {"edition": EDITION, "begins": f"{like.lower().replace(' ', '')}%"}
        return [Subject(*row) for row in rows_of(OCCUPATIONS, asked)] if text else []
    above = [region_id, region_id // 100 * 100, PROVINCE]
    return [Subject(*row) for row in rows_of(ITEMS, asked | {"kind": kind, "regions": above})]


@dataclass(frozen=True)
class Offer:
    """What one scheme would give: `amount_fen` None = not known, for the reason `why`; 0 = nothing is paid for it."""

    scheme: str
    title: str
    amount_fen: int | None
    why: str
    in_scope: str
    paid_here: bool | None
    fund: str
    fund_why: str
    region: str
    numbers: tuple[NumberUsed, ...]


def offers(
    region_id: int, kind: str, subject: str, level: str, on: date, schemes: Sequence[str] = PERSON_SCHEMES
) -> list[Offer]:
    """What a certificate issued on a day would bring under each scheme, were every rule about the person met."""
    law = current_law()
    names = {f"{code:06d}": name for code, name in Region.objects.values_list("id", "name")}
    facts = _supposed(region_id, kind, subject, level, on, law)
    return [_offer(scheme, facts, law, names) for scheme in schemes]


def _supposed(region_id: int, kind: str, subject: str, level: str, on: date, law: Law) -> CertificateFacts:
    """The facts of a certificate that nobody holds: what says nothing of the standard stays unknown where it may."""
    region, today = f"{region_id:06d}", on.isoformat()
    row: dict[str, Any] = {name: None for name in CertificateFacts.columns()}
    row |= {
        "ref": "", "decided_on": today, "received_on": today, "issued_on": today, "late_upload": False,
        "death_known": False, "evidence_here": False, "payee_named": False,
        "born_on": today, "sex": "male", "cert_kind": kind, "occupation_key": subject,
        "level": level or None, "class_filed_region": region, "insured_region": region, "other_channel_paid_fen": 0,
        "occupation_class": _class_of(region_id, subject, on, law) if kind in LEVELLED else None,
    }  # fmt: skip
    projects = TrainingItem.objects.filter(kind=kind, code=subject.removeprefix("project:"), from_on__lte=on)
    if found := projects.filter(published_at__isnull=False).exclude(until_on__lt=on).first():
        row |= {"project_published": True, "project_fen": found.amount_fen, "training_hours": found.hours}
    return CertificateFacts.from_rows([row])


def _class_of(region_id: int, code: str, on: date, law: Law) -> str | None:
    listed = classes_on(EDITION, [code], region_id, on).get(code)
    mapped = law.find(f"{region_id:06d}", "common", "occupation_classes", on)
    return listed or (occupation_class(mapped.value, code) if mapped.known else None)


def _offer(scheme: str, facts: CertificateFacts, law: Law, names: Mapping[str, str]) -> Offer:
    verdict = evaluate(scheme, facts, law)
    told = {one.code: one for one in explain(scheme, facts, 0, law, names)}
    amount, standard = int(verdict.amount_fen[0]), told.get("standard_set")
    fund, here = verdict.fund_of(0), int(verdict.paid_here[0])
    numbers = standard.numbers if standard else ()
    return Offer(
        scheme=scheme,
        title=SCHEME_TITLES[scheme],
        amount_fen=amount if amount >= 0 and standard else None,
        why=_why(standard),
        in_scope=told["kind_in_scope"].answer if standard else "unknown",
        paid_here={0: False, 1: True}.get(here),
        fund=FUNDS[fund] if fund else "",
        fund_why="" if fund or "fund_named" not in told else told["fund_named"].sentence,
        region=next((names.get(number.region, "") for number in numbers if number.name == "amount"), ""),
        numbers=numbers,
    )


def _why(standard: Explained | None) -> str:
    """Why the standard is not known: the number of the law itself before any fact about the certificate."""
    if standard is None:
        return "核发日早于这项补贴的规定"
    missing = next((number.why for number in standard.numbers if number.name == "amount" and number.why), "")
    return missing or "、".join(standard.waits_for)


# ── the law ────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Standing:
    """A number of the law as it stands on a day: its value in words, or `why` it is not known; its source."""

    scheme: str
    name: str
    title: str
    words: str
    why: str
    region: str
    from_on: date | None
    last_on: date | None
    document: str
    document_number: str
    certainty: str
    note: str
    url: str


# How many are looked at before payment, and what makes a clerk look, is not told to whoever would avoid it (P23).
CONTROLS = ("new_body_first_batches", "phone_shared_persons", "sample_share_percent")


def law_in_force(region_id: int, on: date, *, controls: bool = False) -> list[Standing]:
    """The numbers that reach a region on a day, scheme by scheme; the internal controls are for the desk only."""
    names = {f"{code:06d}": name for code, name in Region.objects.values_list("id", "name")}
    standing = []
    for scheme, name, entry in current_law().in_force(f"{region_id:06d}", on):
        number, dated = entry.number, entry.dated
        if name in CONTROLS and not controls:
            continue
        standing.append(
            Standing(
                scheme=SCHEME_TITLES.get(scheme, "各项补贴共同的规定"),
                name=name,
                title=number.title if number else name,
                words=_in_words(name, entry),
                why="" if entry.known else entry.why.value,
                region=names.get(number.region, "") if number else "",
                from_on=dated.from_on if dated else None,
                last_on=dated.last_on if dated else None,
                document=dated.source.document if dated else "",
                document_number=dated.source.number if dated else "",
                certainty=dated.certainty if dated else "",
                note=dated.note if dated else "",
                url=dated.source.url if dated else "",
            )
        )
    return standing


def _in_words(name: str, entry: Entry) -> str:
    """The value in words; codes of occupations, training items and projects by their names."""
    if name != "scarce_occupations" or not entry.known:
        words = entry_in_words(entry)
        named = dict(TrainingItem.objects.filter(code__in=ITEM.findall(words)).values_list("code", "name"))
        return ITEM.sub(lambda code: named.get(code[1], code[1]), words)
    found = Occupation.objects.filter(edition=EDITION, code__in=list(entry.value))
    return "、".join(found.order_by("pinyin").values_list("name", flat=True))


@dataclass(frozen=True)
class Said:
    """A rule as it is published: the article, its words, and each sentence it may answer, facts named in 〔 〕."""

    title: str
    article: str
    words: str
    quoted: bool
    yes: str
    no: str
    unknown: str
    change: str


class _Named(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "……"


def rules_in_words(scheme: str) -> list[Said]:
    """The rules of a scheme in force last, in the order of the articles."""
    columns = SCHEMES[scheme].facts.columns()
    numbers = {name: f"〔{number.title}〕" for name, number in NUMBERS.items()}
    names = _Named(numbers | {name: f"〔{column.title}〕" for name, column in columns.items()})
    return [_said(rule, names) for rule in SCHEMES[scheme].versions[-1].rules]


def _said(rule: Rule, names: Mapping[str, str]) -> Said:
    sentences = (sentence.format_map(names) for sentence in (rule.yes, rule.no, rule.unknown, rule.change))
    return Said(rule.title, rule.article, rule.words, rule.quoted, *sentences)
