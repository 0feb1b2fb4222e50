"""Measures against a body (7.3, P38): opened with a letter, answered, heard, decided by another, lifted or ended.

Off the directory and licence withdrawn are two acts, each of its own title. What was taught and examined before stays.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F, Value
from django.db.models.functions import Least

from jiangxin.ground.actor import Actor
from jiangxin.ground.calendar import load_calendar
from jiangxin.ground.clock import SHANGHAI, day_of
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.transitions import move_one
from jiangxin.parties.models import Organisation
from jiangxin.recognition.cases import (
    ARRANGEMENTS,
    EXITS,
    GROUNDS,
    MEASURE_KINDS,
    MEASURE_STATES,
    Measure,
)
from jiangxin.recognition.models import Title
from jiangxin.rules.parameters import Law

TITLES_OF = {"delisting": ("provider", "assessor", "platform"), "withdrawal": ("licence",)}


class MeasureUnknown(Refusal):
    sentence = "没有这种处置或理由。"
    remedy = "请从给出的选项里选。"


class MeasureNeedsFacts(Refusal):
    sentence = "请写明查到的事实。"
    remedy = "至少写 10 个字：何时、何地、查到什么、有什么证据。"


class SuspensionNeedsEnd(Refusal):
    sentence = "暂停要写明到哪一天，而且在今天之后。"
    remedy = "请填结束日期；其他处置不填。"


class ExitNeedsTitle(Refusal):
    sentence = "移出目录、吊销许可要对着一项有效的资格。"
    remedy = "请选这家机构现在有效的那一项：目录和许可分两次办。"


class MeasureOpenAlready(Refusal):
    sentence = "对这家机构的同一种处置正在办。"
    remedy = "请先办完那一件。"


class MeasureNotOpen(Refusal):
    sentence = "这件处置已经决定。"
    remedy = "刷新后可看到结果。"


class AnswerToMeasureNeedsText(Refusal):
    sentence = "请写明您的陈述和申辩。"
    remedy = "写清哪一点不符合事实；没有异议的，写“没有异议”。"


class TermToAnswerIsOver(Refusal):
    sentence = "答复的期限已过。"
    remedy = "请直接联系经办单位；决定以后可以申请行政复议或提起诉讼。"


class HearingNotForThis(Refusal):
    sentence = "这件处置没有要举行的听证。"
    remedy = "只有吊销办学许可、并且机构要求了，才举行听证。"


class HearingRecordNeedsText(Refusal):
    sentence = "请写明听证日期和经过，日期不晚于今天。"
    remedy = "写清到场的人、双方意见、结论。"


class NotYetHeard(Refusal):
    sentence = "还不能决定：{why}。"
    remedy = "等机构答复或期限过了再决定；紧急的可先暂停。"


class MeasureNeedsAnother(Refusal):
    sentence = "提出和决定要两个人，这是您提出的。"
    remedy = "请由领导决定。"


class MeasureNeedsReason(Refusal):
    sentence = "请写明决定的理由。"
    remedy = "至少写 5 个字。"


class ArrangementMissing(Refusal):
    sentence = "请选在训班级怎么办。"
    remedy = "由原机构上完、转到别的机构，或没有在训班级。"


class MeasureNotLifted(Refusal):
    sentence = "这件处置不能解除。"
    remedy = "只有生效的警告和暂停可以解除；退出以后要重新申请。"


def open_measure(
    actor: Actor, at: datetime, body_id: UUID, kind: str, grounds: str, facts: str, law: Law, *,
    title_id: UUID | None = None, until_on: date | None = None,
) -> Measure:  # fmt: skip
    """Open a measure with its letter; the body has the region's term to answer and to ask for a hearing.

    A suspension is interim: no answer is waited for, but it has a last day. It holds once another has decided it.
    """
    if not actor.has("training"):
        raise NotYourDuty()
    body = Organisation.objects.select_for_update().filter(pk=body_id).first()
    if body is None:
        raise NotFound()
    if kind not in MEASURE_KINDS or grounds not in GROUNDS:
        raise MeasureUnknown()
    if len(facts.strip()) < 10:
        raise MeasureNeedsFacts()
    if (kind == "suspension") != (until_on is not None) or (until_on is not None and until_on <= day_of(at)):
        raise SuspensionNeedsEnd()
    title = _title_to_end(body, kind, title_id, day_of(at))
    region_id = title.region_id if title else body.region_id
    if region_id not in actor.regions:
        raise NotFound()
    if Measure.objects.filter(body=body, kind=kind, title=title, state="open").exists():
        raise MeasureOpenAlready()
    answer_by = None if kind == "suspension" else _term(law, region_id, day_of(at))
    made = Measure.objects.create(
        id=new_id(), body=body, region_id=region_id, title=title, kind=kind, grounds=grounds, facts=facts.strip(),
        opened_by_id=actor.the_account, opened_at=at, answer_by=answer_by, until_on=until_on, state_since=at,
    )  # fmt: skip
    note(actor, at, "opened_measure", made, measure=kind, grounds=grounds)
    return made


def _term(law: Law, region_id: int, today: date) -> date:
    days = law.value(f"{region_id:06d}", "common", "measure_answer_working_days", today)
    return load_calendar().add(today, int(days)).ends_on


def _title_to_end(body: Organisation, kind: str, title_id: UUID | None, today: date) -> Title | None:
    """The title that an exit would end; none for a warning or a suspension. Raises ExitNeedsTitle."""
    if kind not in EXITS:
        if title_id:
            raise ExitNeedsTitle()
        return None
    title = Title.objects.filter(pk__in=[title_id], organisation=body, kind__in=TITLES_OF[kind], ended_at=None).first()
    if title is None or title.from_on > today or (title.until_on and title.until_on < today):
        raise ExitNeedsTitle()
    return title


def _locked(measure_id: UUID) -> Measure:
    found = Measure.objects.select_for_update(of=("self",)).select_related("title", "body").filter(pk=measure_id)
    measure = found.first()
    if measure is None:
        raise NotFound()
    return measure


def may_answer_measure(actor: Actor, measure: Measure, today: date) -> bool:
    """Whether the body may still say something to the measure: a suspension may be answered as long as it is open."""
    in_time = measure.answer_by is None or today <= measure.answer_by
    return actor.has("head") and actor.body_id == measure.body_id and measure.state == "open" and in_time


def answer_measure(actor: Actor, at: datetime, measure_id: UUID, text: str, hearing: str = "") -> Measure:
    """The body's statement, by its head; for a licence it also asks for a hearing (`ask`) or waives it (`waive`)."""
    measure = _locked(measure_id)
    if measure.body_id != actor.body_id:
        raise NotFound()
    if not actor.has("head"):
        raise NotYourDuty()
    if measure.state != "open":
        raise MeasureNotOpen()
    if not may_answer_measure(actor, measure, day_of(at)):
        raise TermToAnswerIsOver()
    if len(text.strip()) < 4:
        raise AnswerToMeasureNeedsText()
    measure.answer, measure.answered_at = text.strip(), at
    if measure.kind == "withdrawal" and not measure.hearing_record:
        measure.hearing_asked_at = at if hearing == "ask" else None
        measure.hearing_waived_at = at if hearing == "waive" else None
    measure.save(update_fields=["answer", "answered_at", "hearing_asked_at", "hearing_waived_at"])
    note(actor, at, "answered_measure", measure, hearing=hearing)
    return measure


def may_handle_measure(actor: Actor, measure: Measure, duty: str) -> bool:
    """Whether the actor's scope holds the measure, and it has the duty."""
    return actor.has(duty) and measure.region_id in actor.regions


def hold_hearing(actor: Actor, at: datetime, measure_id: UUID, held_on: date | None, record: str) -> Measure:
    """Write down the hearing that the body asked for: day and record."""
    measure = _locked(measure_id)
    if not may_handle_measure(actor, measure, "training"):
        raise NotYourDuty()
    if measure.state != "open" or measure.hearing_asked_at is None:
        raise HearingNotForThis()
    asked_on = day_of(measure.hearing_asked_at)
    if held_on is None or not asked_on <= held_on <= day_of(at) or len(record.strip()) < 10:
        raise HearingRecordNeedsText()
    measure.hearing_on, measure.hearing_record = held_on, record.strip()
    measure.save(update_fields=["hearing_on", "hearing_record"])
    note(actor, at, "held_hearing", measure)
    return measure


def why_not_yet(measure: Measure, today: date) -> str:
    """Why a measure cannot be decided today: the body is still to be heard; "" when it can."""
    if measure.kind == "suspension":
        return ""
    over = measure.answer_by is not None and today > measure.answer_by
    if measure.kind == "withdrawal":
        if measure.hearing_asked_at:
            return "" if measure.hearing_record else "机构要求听证，还没有举行"
        return "" if measure.hearing_waived_at or over else "机构还可以要求听证"
    return "" if measure.answered_at or over else "机构还可以陈述申辩"


def decide_measure(
    actor: Actor, at: datetime, measure_id: UUID, *, in_force: bool, decision: str, arrangement: str = "",
    arrangement_note: str = "",
) -> Measure:  # fmt: skip
    """A leader decides what another opened. From this instant a suspension or an exit holds; an exit ends its title."""
    measure = _locked(measure_id)
    if not may_handle_measure(actor, measure, "leader"):
        raise NotYourDuty()
    if measure.state != "open":
        raise MeasureNotOpen()
    if measure.opened_by_id == actor.account_id:
        raise MeasureNeedsAnother()
    if len(decision.strip()) < 5:
        raise MeasureNeedsReason()
    said = {"decision": decision.strip(), "decided_by_id": actor.the_account, "decided_at": at, "state_since": at}
    if not in_force:
        move_one(measure, MEASURE_STATES, "dropped", **said)
        note(actor, at, "dropped_measure", measure)
        return measure
    if why := why_not_yet(measure, day_of(at)):
        raise NotYetHeard(why=why)
    if measure.kind != "warning" and arrangement not in ARRANGEMENTS:
        raise ArrangementMissing()
    passed = measure.answer_by is not None and day_of(at) > measure.answer_by
    move_one(
        measure, MEASURE_STATES, "in_force", **said, hearing_term_passed=passed,
        arrangement="" if measure.kind == "warning" else arrangement, arrangement_note=arrangement_note.strip(),
    )  # fmt: skip
    note(actor, at, "decided_measure", measure, measure=measure.kind, arrangement=arrangement)
    if measure.title:
        _end_title(actor, at, measure.title, f"{measure.get_kind_display()}：{measure.get_grounds_display()}")
    return measure


def _end_title(actor: Actor, at: datetime, title: Title, reason: str) -> None:
    """End a title at an instant, in every list that tells it: it counts up to the day before, and so it stays."""
    last = day_of(at) - timedelta(days=1)
    same = Title.objects.filter(
        organisation_id=title.organisation_id, kind=title.kind, region_id=title.region_id, from_on=title.from_on,
        ended_at=None,
    )  # fmt: skip
    same.update(until_on=Least(F("until_on"), Value(last)), ended_at=at.astimezone(SHANGHAI), end_reason=reason)
    note(actor, at, "ended_title", title, region_id=title.region_id, reason=reason)


def lift_measure(actor: Actor, at: datetime, measure_id: UUID, reason: str) -> Measure:
    """A leader lifts a warning or a suspension before its end."""
    measure = _locked(measure_id)
    if not may_handle_measure(actor, measure, "leader"):
        raise NotYourDuty()
    if measure.state != "in_force" or measure.kind in EXITS:
        raise MeasureNotLifted()
    if len(reason.strip()) < 5:
        raise MeasureNeedsReason()
    ended = {"ended_at": at, "ended_by_id": actor.the_account, "end_reason": reason.strip(), "state_since": at}
    move_one(measure, MEASURE_STATES, "lifted", **ended)
    note(actor, at, "lifted_measure", measure)
    return measure


def end_suspensions(actor: Actor, at: datetime) -> int:
    """End every suspension whose last day is over; returns how many (mainline)."""
    if not actor.has("machine"):
        raise NotYourDuty()
    over = Measure.objects.select_for_update().filter(kind="suspension", state="in_force", until_on__lt=day_of(at))
    found = list(over.order_by("id"))
    for measure in found:
        move_one(measure, MEASURE_STATES, "ended", ended_at=at, end_reason="期限届满", state_since=at)
        note(actor, at, "ended_suspension", measure)
    return len(found)
