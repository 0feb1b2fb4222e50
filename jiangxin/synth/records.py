"""Rows that stand beside the people: bodies with their titles, training items, earlier subsidies, the second source."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from jiangxin.assessment.models import Certificate
from jiangxin.assessment.operations.certificates import revoke_certificate
from jiangxin.assessment.operations.listings import ListingRow, load_listing
from jiangxin.catalogue.models import TrainingItem
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of, opening_of
from jiangxin.ground.staging import run, stage
from jiangxin.parties.models import RegisterLoad
from jiangxin.parties.operations.bodies import BodyRow
from jiangxin.parties.queries.persons import known_persons
from jiangxin.recognition.operations.titles import KIND_OF_REGISTER, TitleRow, load_titles
from jiangxin.subsidy.operations.history import SCHEME_OF_REGISTER, HistoryRow, load_history
from jiangxin.synth.bodies import DEMO, LONG_AGO, NEW_PROVIDER_ON, SOURCE, Body
from jiangxin.synth.history import Earlier
from jiangxin.synth.learners import Result
from jiangxin.synth.people import FIRST_DAY, LAST_DAY
from jiangxin.synth.registers import extract_of, person_row
from jiangxin.synth.trades import ITEMS, PROJECTS, Trade

# Whoever paid before stops at the cut-over: nothing can be added any more to the history of the year that has begun.
PROJECT_FEN = {"PX330421001": 50_000, "PX330421002": 40_000, "PX330421003": 30_000}
HISTORY_ENDS = date(LAST_DAY.year, 12, 31)


def write_items() -> None:
    """The 专项 items and 培训合格 projects of the demo county."""
    kinds = (("special_skill", ITEMS), ("training_pass", PROJECTS))
    TrainingItem.objects.bulk_create(
        TrainingItem(
            kind=kind, code=code, name=trade.name, region_id=DEMO, from_on=LONG_AGO, source=SOURCE,
            **(_published(trade) if kind == "training_pass" else {}),
        )
        for kind, trades in kinds
        for code, trade in trades.items()
    )  # fmt: skip


def _published(trade: Trade) -> dict[str, Any]:
    """A project as the county's catalogue shows it (10.2)."""
    return {
        "hours": trade.hours, "amount_fen": PROJECT_FEN[trade.code], "document": "善人社〔2026〕演示2号",
        "standard": f"{trade.name}：理论和实操，结业考核合格发培训合格证书。", "published_at": opening_of(LONG_AGO),
        "published_by_name": "培训股（演示）",
    }  # fmt: skip


def write_bodies(actor: Actor, bodies: Sequence[Body]) -> None:
    """The provincial lists of assessors and of providers, with the bodies they name."""
    for register, kind in KIND_OF_REGISTER.items():
        rows = [
            TitleRow(
                BodyRow(body.name, body.credit_code, body.county), body.county, subject, "", holding.from_on,
                holding.until_on, SOURCE,
            )
            for body in bodies
            for holding in body.holdings
            for subject in holding.subjects
            if holding.kind == kind
        ]  # fmt: skip
        extract = extract_of(register, LONG_AGO, LAST_DAY, "0")
        load_titles(actor, opening_of(LAST_DAY), extract, list(enumerate(rows, 2)), began_on=NEW_PROVIDER_ON)


def write_history(actor: Actor, earlier: Sequence[Earlier], part: str) -> int:
    """Earlier subsidies of both schemes, each complete for the province from 2022 on (P3); returns the rows."""
    for register, scheme in SCHEME_OF_REGISTER.items():
        rows = [
            HistoryRow(
                person_row(row.citizen), row.subject, row.level, row.year, row.amount_fen, row.paid_on, row.payee,
                row.card,
            )
            for row in earlier
            if row.scheme == scheme
        ]  # fmt: skip
        extract = extract_of(register, FIRST_DAY, LAST_DAY, part)
        loaded = load_history(actor, opening_of(LAST_DAY), extract, list(enumerate(rows, 2)))
        RegisterLoad.objects.filter(pk=loaded.load.pk).update(until_on=HISTORY_ENDS)
    return len(earlier)


def write_listings(actor: Actor, results: Iterable[Result], part: str) -> int:
    """The second source (P11): every certificate but the unlisted; of the misnamed ones the name is another's."""
    rows = [
        ListingRow(
            result.number, "查无此名" if result.scenario == "misnamed_listing" else result.citizen.name,
            result.course.trade.name, result.course.level, result.course.issued_on,
        )
        for result in results
        if result.scenario != "unlisted"
    ]  # fmt: skip
    extract = extract_of("listing", FIRST_DAY, LAST_DAY, part)
    load_listing(actor, opening_of(LAST_DAY), extract, list(enumerate(rows, 2)))
    return len(rows)


def revoke_planted(actor: Actor, at: datetime, numbers: Collection[str]) -> int:
    """The assessors take back these certificates, loaded and not yet decided."""
    found = list(Certificate.objects.filter(number__in=numbers).order_by("number"))
    for certificate in found:
        revoke_certificate(actor, at, certificate, day_of(at), "复核发现考核记录不实（演示）")
    return len(found)


WILLING = """
UPDATE parties_person p SET able_and_willing = w.able, able_and_willing_on = w.on_day FROM new_willing w
 WHERE p.id = w.person_id
"""


def write_willing(results: Iterable[Result]) -> int:
    """What the office found of over-age people: able to work and wishing training, or not (P8)."""
    willing = [result.citizen for result in results if result.citizen.able_and_willing_on]
    persons = known_persons([(citizen.document, citizen.number) for citizen in willing])
    days = [
        (person.person_id, citizen.able_and_willing_on, not citizen.unable)
        for person, citizen in zip(persons, willing, strict=True)
        if person
    ]
    stage("new_willing", "person_id uuid, on_day date, able boolean", days)
    return run(WILLING)
