"""A number of the law is adopted by a document, never by a click (P15): proposed, tried, confirmed by another person.

Requirement 19.2 of 浙人社发〔2022〕32号 (标准动态调整、急需紧缺上浮、分职业差别化); one number a day (M18).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from jiangxin.ground.actor import PROVINCE, Actor, acting, machine
from jiangxin.ground.clock import add_months, day_of, opening_of
from jiangxin.ground.jobs import Handler, Job, Progress, ask
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.staging import rows_of
from jiangxin.ground.transitions import move_one
from jiangxin.parties.models import Office
from jiangxin.rules.numbers import NUMBERS, RULE_NUMBERS
from jiangxin.rules.parameters import COMMON
from jiangxin.subsidy.law import current_law, law_as_if_ever, law_with
from jiangxin.subsidy.models import SCHEMES, STANDARD_STATES, AdoptedStandard
from jiangxin.subsidy.simulation import Effect, try_on

TRIED_MONTHS = 12
# Set for the whole province: articles 13 and 16 of 浙人社发〔2022〕32号, the national retirement and labour laws.
PROVINCIAL = frozenset(
    {
        "cert_kinds", "claim_window_months", "late_upload_days", "places_accepted", "paying_office", "permitted_funds",
        "takes_count", "count_date", "yearly_cap", "retirement_ages", "min_age_years", "insured_months_min",
        "pass_mark", "notice_required", "history_lag_days",
    }
)  # fmt: skip


class NumberNotDeclared(Refusal):
    sentence = "没有“{number}”这一项规定可以登记。"
    remedy = "请从列表里选一项；全省统一的办理规定只有共同的一份。"


class SetByTheProvince(Refusal):
    sentence = "“{title}”由省统一规定，市、县不能自行登记。"
    remedy = "请由省人力资源和社会保障厅登记。"


class StandardNeedsDocument(Refusal):
    sentence = "登记标准要写明{missing}。"
    remedy = "请照文件补全后再提出；没有文件的标准不能登记。"


class DocumentNotPublishedYet(Refusal):
    sentence = "文件的发布日 {published_on} 还没有到。"
    remedy = "请在文件发布后登记。"


class EffectiveBeforePublished(Refusal):
    sentence = "开始执行的日子 {from_on} 早于发布日 {published_on}。"
    remedy = "标准不能追溯到文件发布以前，请核对文件。"


class EndsBeforeItBegins(Refusal):
    sentence = "最后一天 {until_on} 早于开始执行的日子 {from_on}。"
    remedy = "请核对两个日期。"


class ValueDoesNotFit(Refusal):
    sentence = "“{title}”的内容不合要求。"
    remedy = "请按这一项的格式填写，单位是{unit}。"


class StandardSettled(Refusal):
    sentence = "这一项{state}，不能再改。"
    remedy = "要改数字，请按新的文件另提一项。"


class StandardNeedsAnother(Refusal):
    sentence = "提出的人不能自己确认。"
    remedy = "请由另一位预算管理人员对照文件确认。"


class StandardNotTried(Refusal):
    sentence = "这一项还没有试算完。"
    remedy = "试算完再确认，通常不到一分钟；一直没有结果，请重新试算。"


class LaterStandardStands(Refusal):
    sentence = "从 {since} 起已经采用了另一份文件的规定。"
    remedy = "请给出更晚的开始日，或在那一天之前结束。"


@dataclass(frozen=True)
class Document:
    """The paper a number rests on (P15): who issued it, what it is called, its number, where it can be read."""

    issued_by: str
    title: str
    number: str
    published_on: date
    link: str


def may_propose_standard(actor: Actor) -> bool:
    """Whether the actor may propose numbers for the own region: budget duty at an office that is not a zone's."""
    return actor.has("budget") and Office.objects.exclude(kind="zone").filter(id=actor.the_office).exists()


def may_settle_standard(actor: Actor, standard: AdoptedStandard) -> bool:
    """Whether the actor works on this proposal: budget duty in its region."""
    return actor.has("budget") and actor.region_id == standard.region_id and standard.state == "proposed"


def may_confirm_standard(actor: Actor, standard: AdoptedStandard) -> bool:
    """Whether the actor may confirm it: not whoever proposed it, and after it was tried."""
    another = actor.account_id not in (None, standard.entered_by_id)
    return may_settle_standard(actor, standard) and another and standard.effect is not None


def offered_numbers(region_id: int) -> list[tuple[str, str]]:
    """(scheme, number) of all that a region may set, the rules' numbers before the procedure's."""
    shelves = [*SCHEMES, COMMON]
    both = [(scheme, number) for number in NUMBERS for scheme in shelves if scheme == COMMON or number in RULE_NUMBERS]
    return [(scheme, number) for scheme, number in both if region_id == PROVINCE or number not in PROVINCIAL]


def propose_standard(
    actor: Actor, at: datetime, region_id: int, scheme: str, number: str, value: Any, from_on: date,
    document: Document, until_on: date | None = None,
) -> AdoptedStandard:  # fmt: skip
    """Enter a number of the law as a document gives it and ask for its trial; it counts once another confirms it.

    `value` as `jiangxin.rules.numbers` declares it (money in fen); `until_on` is the last day in force.
    """
    if region_id != actor.region_id or not may_propose_standard(actor):
        raise NotYourDuty()
    _refuse_number(region_id, scheme, number, value)
    _refuse_document(document, from_on, until_on, day_of(at))
    standard = AdoptedStandard(
        region_id=region_id, scheme=scheme, number=number, value=value, from_on=from_on, until_on=until_on,
        issued_by=document.issued_by.strip(), document=document.title.strip().strip("《》"),
        document_number=document.number.strip(), link=document.link, published_on=document.published_on,
        entered_by_id=actor.the_account, entered_at=at,
    )  # fmt: skip
    law_with(standard)
    standard.save(force_insert=True)
    note(actor, at, "proposed_standard", standard, scheme=scheme, number=number, from_on=from_on.isoformat())
    _ask_for_trial(actor, at, standard)
    return standard


def _refuse_number(region_id: int, scheme: str, number: str, value: Any) -> None:
    declared = NUMBERS.get(number)
    if declared is None or scheme not in (*SCHEMES, COMMON) or (scheme != COMMON and number not in RULE_NUMBERS):
        raise NumberNotDeclared(number=declared.title if declared else number)
    if number in PROVINCIAL and region_id != PROVINCE:
        raise SetByTheProvince(title=declared.title)
    if value is None or not declared.fits(value):
        raise ValueDoesNotFit(title=declared.title, unit=declared.unit)


def _refuse_document(document: Document, from_on: date, until_on: date | None, today: date) -> None:
    named = {
        "发文单位": document.issued_by.strip(),
        "文件名称": document.title.strip(),
        "文号": document.number.strip(),
        "文件网址": document.link.startswith(("http://", "https://")),
    }
    if missing := "、".join(name for name, given in named.items() if not given):
        raise StandardNeedsDocument(missing=missing)
    if document.published_on > today:
        raise DocumentNotPublishedYet(published_on=document.published_on)
    if from_on < document.published_on:
        raise EffectiveBeforePublished(from_on=from_on, published_on=document.published_on)
    if until_on and until_on < from_on:
        raise EndsBeforeItBegins(from_on=from_on, until_on=until_on)


def _ask_for_trial(actor: Actor, at: datetime, standard: AdoptedStandard) -> Job:
    title = f"试算《{NUMBERS[standard.number].title}》"
    return ask(actor, at, "try_standard", title, standard=str(standard.pk))


def _open_standard(actor: Actor, standard_id: UUID) -> AdoptedStandard:
    standard = AdoptedStandard.objects.select_for_update().filter(id=standard_id, region_id__in=actor.regions).first()
    if standard is None:
        raise NotFound()
    if standard.state != "proposed":
        raise StandardSettled(state=STANDARD_STATES.words[standard.state])
    return standard


def ask_trial(actor: Actor, at: datetime, standard_id: UUID) -> Job:
    """Have a proposal tried again, on today's decisions and law."""
    standard = _open_standard(actor, standard_id)
    if not may_settle_standard(actor, standard):
        raise NotYourDuty()
    return _ask_for_trial(actor, at, standard)


def try_standard(actor: Actor, at: datetime, standard_id: UUID, progress: Progress | None = None) -> AdoptedStandard:
    """Write down what a proposal would have changed in the last twelve months. Needs the province in scope.

    A number of the procedure answers no rule: its effect is empty.
    """
    if not actor.has("machine"):
        raise NotYourDuty()
    standard = _open_standard(actor, standard_id)
    today = day_of(at)
    since = opening_of(add_months(today, -TRIED_MONTHS)).replace(hour=0)
    effect = Effect(today.isoformat(), since.date().isoformat())
    if standard.number in RULE_NUMBERS:
        effect = try_on(current_law(), law_as_if_ever(standard), standard.region_id, since, today, progress)
    standard.effect = effect.as_json()
    standard.save(update_fields=["effect"])
    note(actor, at, "tried_standard", standard, certificates=effect.certificates, persons=effect.persons)
    return standard


def confirm_standard(actor: Actor, at: datetime, standard_id: UUID) -> AdoptedStandard:
    """Adopt a number that another proposed: law from its first day on, an earlier one ends the day before (M18)."""
    standard = _open_standard(actor, standard_id)
    if not may_settle_standard(actor, standard):
        raise NotYourDuty()
    if standard.entered_by_id == actor.the_account:
        raise StandardNeedsAnother()
    if standard.effect is None:
        raise StandardNotTried()
    _lock_number(standard)
    law_with(standard)
    _end_earlier(standard)
    move_one(standard, STANDARD_STATES, "confirmed", confirmed_by_id=actor.the_account, confirmed_at=at)
    note(actor, at, "confirmed_standard", standard, scheme=standard.scheme, number=standard.number)
    return standard


def _lock_number(standard: AdoptedStandard) -> None:
    """Two confirmations of one number go one after the other."""
    key = f"standard/{standard.region_id}/{standard.scheme}/{standard.number}"
    rows_of("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _end_earlier(standard: AdoptedStandard) -> None:
    same = AdoptedStandard.objects.filter(
        Q(until_on=None) | Q(until_on__gte=standard.from_on), state="confirmed", region_id=standard.region_id,
        scheme=standard.scheme, number=standard.number,
    )  # fmt: skip
    later = same.filter(from_on__gte=standard.from_on).order_by("from_on").first()
    if later and (standard.until_on is None or standard.until_on >= later.from_on):
        raise LaterStandardStands(since=later.from_on)
    same.filter(from_on__lt=standard.from_on).update(until_on=standard.from_on - timedelta(days=1))


def withdraw_proposal(actor: Actor, at: datetime, standard_id: UUID) -> AdoptedStandard:
    """Take back what was proposed and not yet confirmed."""
    standard = _open_standard(actor, standard_id)
    if not may_settle_standard(actor, standard):
        raise NotYourDuty()
    move_one(standard, STANDARD_STATES, "withdrawn")
    note(actor, at, "withdrew_standard", standard, scheme=standard.scheme, number=standard.number)
    return standard


def try_standard_job(job: Job, progress: Progress) -> str:
    """The trial asked for, by whoever pressed the button, on the whole province's rows."""
    actor = machine("试算")
    with acting(actor) as at:
        standard = try_standard(actor, at, UUID(job.args["standard"]), progress)
    return f"《{NUMBERS[standard.number].title}》已试算，可以看结果了。"


JOBS: dict[str, Handler] = {"try_standard": try_standard_job}
