"""Applications from the body's side (7.1, 13.3): begun, filled in, papers added, signed and handed in, taken back.

By promise (告知承诺) the signature decides on the spot; else the application goes to the desk.
"""

import hashlib
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from jiangxin.catalogue.models import Occupation, SkillLevel, TrainingItem
from jiangxin.ground.actor import Actor
from jiangxin.ground.calendar import load_calendar
from jiangxin.ground.clock import day_of
from jiangxin.ground.free_text import hide_numbers, refuse_numbers
from jiangxin.ground.identity import seal
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.transitions import move_one
from jiangxin.parties.models import Organisation
from jiangxin.recognition.cases import ALIVE, APPLICATION_STATES, Application, ApplicationMaterial
from jiangxin.recognition.models import TITLE_KINDS
from jiangxin.recognition.operations.granting import grant_title
from jiangxin.recognition.procedures import Field, Procedure, check_answers, procedures, promise_text
from jiangxin.recognition.queries import ANYTHING, may_act

FILLS_IN = ("school", "clerk", "head")
OPEN_TO_CHANGE = ("draft", "returned")
PLACE = "recognition_application_material|content|{}"
LARGEST = 10_000_000
PAPERS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n": "image/png"}


class ProcedureNotOpen(Refusal):
    sentence = "没有这个办理事项。"
    remedy = "请从“办理”的清单里选。"


class ApplicationUnderway(Refusal):
    sentence = "“{name}”已有一件正在办，不能再开一件。"
    remedy = "请接着办那一件，或先撤回。"


class ApplicationNotOpen(Refusal):
    sentence = "这件申请现在不能修改。"
    remedy = "退回补正以后才能改；要改别的，请先撤回。"


class AnswerMalformed(Refusal):
    sentence = "“{label}”填得不对：{what}。"
    remedy = "请改好后再保存。"


class MaterialUnknown(Refusal):
    sentence = "这件申请不要这份材料。"
    remedy = "请从清单里选要交的材料。"


class MaterialNotReadable(Refusal):
    sentence = "材料要是 10 MB 以内的 PDF、JPG 或 PNG。"
    remedy = "请扫描或拍照后再传。"


class ApplicationIncomplete(Refusal):
    sentence = "还不能提交，缺：{missing}。"
    remedy = "请补齐后再提交。"


class PromisedConditionsNotMet(Refusal):
    sentence = "不符合办理条件：{which}。"
    remedy = "达到条件后再申请；填错的请改正。"


class TitleNeededFirst(Refusal):
    sentence = "要先有“{kind}”，才能申请这一项。"
    remedy = "请先办理“{kind}”。"


class PromiseNotWhole(Refusal):
    sentence = "承诺要逐条确认，还有 {count} 条没有勾选。"
    remedy = "请读完每一条，能做到的勾选；做不到的，不能用告知承诺办理。"


class PromiseChanged(Refusal):
    sentence = "承诺书的内容在您打开后变了。"
    remedy = "请刷新，重新读一遍再签。"


class HeadMustSign(Refusal):
    sentence = "承诺和提交要由机构负责人本人签。"
    remedy = "请用机构负责人的账号登录后签署。"


def procedure_of(application: Application) -> Procedure:
    """The procedure an application is handled by. Raises ProcedureNotOpen."""
    return _procedure(application.procedure)


def _procedure(code: str) -> Procedure:
    found = procedures().get(code)
    if found is None:
        raise ProcedureNotOpen()
    return found


def deciding_region(procedure: Procedure, region_id: int) -> int:
    """The region whose office decides for a body of a county."""
    width = {"county": 1, "city": 100, "province": 10000}[procedure.decides]
    return region_id // width * width


def may_fill_in(actor: Actor, application: Application) -> bool:
    """Whether the actor may change the application: of its body, while it is open to change."""
    own = actor.has(*FILLS_IN) and actor.body_id == application.body_id
    return own and application.state in OPEN_TO_CHANGE


def may_withdraw_application(actor: Actor, application: Application) -> bool:
    """Whether the body may take the application back."""
    own = actor.has(*FILLS_IN) and actor.body_id == application.body_id
    return own and APPLICATION_STATES.may(application.state, "withdrawn")


def begin_application(actor: Actor, at: datetime, code: str) -> Application:
    """Begin an application of the actor's body; of one procedure one at a time."""
    if actor.body_id is None or not actor.has(*FILLS_IN):
        raise NotYourDuty()
    procedure = _procedure(code)
    body = Organisation.objects.select_for_update().get(pk=actor.body_id)
    if Application.objects.filter(body=body, procedure=code, state__in=ALIVE).exists():
        raise ApplicationUnderway(name=procedure.name)
    made = Application.objects.create(
        id=new_id(), body=body, region_id=deciding_region(procedure, body.region_id), procedure=code,
        digest=procedure.digest, state_since=at, begun_at=at, entered_by_name=actor.name,
    )  # fmt: skip
    note(actor, at, "began_application", made, procedure=code)
    return made


def _own_open(actor: Actor, application_id: UUID) -> Application:
    """The actor's own application, locked, open to change."""
    found = Application.objects.select_for_update(of=("self",)).select_related("body").filter(pk=application_id).first()
    if found is None or found.body_id != actor.body_id:
        raise NotFound()
    if not actor.has(*FILLS_IN):
        raise NotYourDuty()
    if found.state not in OPEN_TO_CHANGE:
        raise ApplicationNotOpen()
    return found


def save_answers(actor: Actor, at: datetime, application_id: UUID, answers: Mapping[str, Any]) -> Application:
    """Keep what was filled in so far, each answer of its field's kind; an unanswered field is simply absent.

    What was signed for an application that came back no longer holds.
    """
    application = _own_open(actor, application_id)
    procedure = procedure_of(application)
    kept = {}
    for field in procedure.fields:
        given = answers.get(field.key)
        if given not in (None, "", []):
            kept[field.key] = _checked(field, given)
    application.answers = kept
    application.signed_by = application.signed_at = None
    application.signed_text = application.signed_sha256 = ""
    application.save(update_fields=["answers", "signed_by", "signed_at", "signed_text", "signed_sha256"])
    note(actor, at, "saved_answers", application)
    return application


def _checked(field: Field, given: Any) -> Any:
    """An answer as it is kept. Raises AnswerMalformed, NumberInText."""
    match field.kind:
        case "integer" | "money":
            if type(given) is not int or not 0 <= given < 10**12:
                raise AnswerMalformed(label=field.label, what="要填不小于 0 的整数")
        case "choice":
            if given not in dict(field.choices):
                raise AnswerMalformed(label=field.label, what="请从给出的选项里选")
        case "date":
            given = _day(field, given)
        case "subjects":
            given = _subjects(field, given)
        case _:
            given = str(given).strip()
            if len(given) > 400:
                raise AnswerMalformed(label=field.label, what="最多 400 个字")
            refuse_numbers(given)
    return given


def _day(field: Field, given: Any) -> str:
    try:
        return (given if isinstance(given, date) else date.fromisoformat(str(given))).isoformat()
    except ValueError:
        raise AnswerMalformed(label=field.label, what="请写成 2026-03-18 这样的日期") from None


def _subjects(field: Field, given: Any) -> list[list[str]]:
    """Pairs (subject, level) that stand in the catalogue, each once; an empty level is every level."""
    pairs = list(dict.fromkeys((str(subject), str(level)) for subject, level in given))
    check_subjects(field.label, pairs)
    return [list(pair) for pair in pairs]


def check_subjects(label: str, pairs: Collection[tuple[str, str]]) -> None:
    """Refuse a subject or level that is in no catalogue. Raises AnswerMalformed."""
    levels = {"", *SkillLevel.objects.values_list("code", flat=True)}
    items = {subject.partition(":")[2] for subject, _ in pairs if ":" in subject}
    occupations = {subject for subject, _ in pairs if ":" not in subject}
    prefix = {"special_skill": "item:", "training_pass": "project:"}
    known = set(Occupation.objects.filter(code__in=occupations).values_list("code", flat=True)) | {
        prefix[kind] + code for kind, code in TrainingItem.objects.filter(code__in=items).values_list("kind", "code")
    }
    if strange := [subject for subject, _ in pairs if subject not in known]:
        raise AnswerMalformed(label=label, what=f"目录里没有 {'、'.join(strange)}")
    if any(level not in levels for _, level in pairs):
        raise AnswerMalformed(label=label, what="没有这个等级")


def add_material(
    actor: Actor, at: datetime, application_id: UUID, code: str, name: str, data: bytes
) -> ApplicationMaterial:
    """Add a paper to an application, sealed; an earlier one of the same kind stays on record and no longer counts."""
    application = _own_open(actor, application_id)
    if code not in {material.code for material in procedure_of(application).materials}:
        raise MaterialUnknown()
    content_type = next((kind for magic, kind in PAPERS.items() if data.startswith(magic)), "")
    if not content_type or len(data) > LARGEST:
        raise MaterialNotReadable()
    key = new_id()
    made = ApplicationMaterial.objects.create(
        id=key, application=application, body_id=application.body_id, region_id=application.region_id, code=code,
        file_name=hide_numbers(name)[-120:], content_type=content_type, content=seal(data, PLACE.format(key)),
        sha256=hashlib.sha256(data).hexdigest(), size=len(data), sent_at=at, sent_by_name=actor.name,
    )  # fmt: skip
    note(actor, at, "added_material", made, code=code, sha256=made.sha256)
    return made


def still_missing(application: Application, procedure: Procedure) -> list[str]:
    """The labels of required answers and papers that an application lacks."""
    sent = set(application.materials.values_list("code", flat=True))
    lacking = [field.label for field in procedure.fields if field.required and field.key not in application.answers]
    return lacking + [paper.label for paper in procedure.materials if paper.required and paper.code not in sent]


def text_to_sign(application: Application, procedure: Procedure) -> str:
    """What the head of the body is asked to sign."""
    return promise_text(procedure, application.body.name)


def submit_application(
    actor: Actor, at: datetime, application_id: UUID, promised: Collection[str], sha256: str
) -> Application:
    """Sign and hand in, by the body's head: every promised condition ticked, the text the one that was shown.

    By promise the title is granted on the spot, with the day until which each promise is looked at; else the desk has
    the days of the first step.
    """
    application = _own_open(actor, application_id)
    procedure = procedure_of(application)
    if not actor.has("head"):
        raise HeadMustSign()
    if missing := still_missing(application, procedure):
        raise ApplicationIncomplete(missing="、".join(missing))
    _refuse_unfit(application, procedure, at)
    if left := [one for one in procedure.promised if one.code not in promised]:
        raise PromiseNotWhole(count=len(left))
    text = text_to_sign(application, procedure)
    digest = hashlib.sha256(text.encode()).hexdigest()
    if sha256 != digest or (application.digest != procedure.digest and application.signed_at):
        raise PromiseChanged()
    signed: dict[str, Any] = {
        "signed_by_id": actor.the_account, "signed_at": at, "signed_text": text, "signed_sha256": digest,
        "submitted_at": at, "state_since": at, "return_reason": "",
    }  # fmt: skip
    if procedure.way == "promise":
        move_one(application, APPLICATION_STATES, "granted", **signed, decided_at=at, due_on=None)
        note(actor, at, "signed_promise", application, sha256=digest)
        grant_title(actor, at, application, procedure)
        return application
    days = procedure.working_days("submitted")
    due_on = load_calendar().add(day_of(at), days).ends_on if days is not None else None
    move_one(application, APPLICATION_STATES, "submitted", **signed, due_on=due_on)
    note(actor, at, "submitted_application", application, sha256=digest)
    return application


def _refuse_unfit(application: Application, procedure: Procedure, at: datetime) -> None:
    """By promise every condition answered by data must hold; a title that must come first must be in force."""
    kind = procedure.needs_title
    if kind and not may_act(application.body_id, kind, ANYTHING, "", at):
        raise TitleNeededFirst(kind=TITLE_KINDS[kind])
    checked = check_answers(procedure, application.answers)
    unmet = [one.criterion.sentence for one in checked if one.answer == "no" and one.criterion.binding]
    if unmet and procedure.way == "promise":
        raise PromisedConditionsNotMet(which="；".join(unmet))


def withdraw_application(actor: Actor, at: datetime, application_id: UUID) -> Application:
    """Take an application back before it is decided."""
    found = Application.objects.select_for_update().filter(pk=application_id).first()
    if found is None or found.body_id != actor.body_id:
        raise NotFound()
    if not actor.has(*FILLS_IN):
        raise NotYourDuty()
    if not may_withdraw_application(actor, found):
        raise ApplicationNotOpen()
    move_one(found, APPLICATION_STATES, "withdrawn", state_since=at, due_on=None)
    note(actor, at, "withdrew_application", found)
    return found
