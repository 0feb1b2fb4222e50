"""Who may put others on seats: a school those of its list, a body its own people in a class open to it (4.2, 5.2)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import NotYourDuty, Refusal
from jiangxin.parties.queries.workforce import kinds_of_work
from jiangxin.training.models import CLASS_STATES, TrainingClass
from jiangxin.training.queries.rosters import is_open_to

FILLABLE = ("draft", "returned", "open")
KIND_OF_SOURCE = {"employer": "contract", "platform": "platform"}


class ClassTakesNobody(Refusal):
    sentence = "这个班现在不能报名：{state}。"
    remedy = "请看看别的班。"


class NotYourPerson(Refusal):
    sentence = "有 {count} 人不在本单位的用工名册里，不能由本单位报名。"
    remedy = "请先在“我的人员”里报名册，或请本人自己报名。"


class NotYourClass(Refusal):
    sentence = "这个班不是本单位的班，也没有给本单位留名额。"
    remedy = "请选公开招生的班，或请培训机构给本单位留名额。"


def may_fill_seats(actor: Actor, found: TrainingClass) -> bool:
    """Whether the actor may put others on seats: the provider while it plans or enrols, an employer for its people."""
    own = actor.body_id == found.body_id and actor.has("school", "head")
    sends = actor.body_id is not None and actor.has("employer") and found.state == "open"
    return (own and found.state in FILLABLE) or (sends and is_open_to(actor.body_id, found))


def permit_others(
    actor: Actor, at: datetime, found: TrainingClass, source: str, employer_id: UUID | None, persons: Sequence[UUID]
) -> None:
    """Whether the actor may put these people on seats from this source: a school on its own class's list, a body that
    keeps a workforce its own people in a class open to it. Anybody else is refused (4.2).
    """
    if source == "roster":
        if actor.body_id is None or actor.body_id != found.body_id or not actor.has("school", "head"):
            raise NotYourDuty()
        if found.state not in FILLABLE:
            raise ClassTakesNobody(state=CLASS_STATES.words[found.state])
        return
    if source not in KIND_OF_SOURCE or actor.body_id is None or not actor.has("employer"):
        raise NotYourDuty()
    here = kinds_of_work(actor.body_id, persons, day_of(at)) if employer_id == actor.body_id else {}
    if strangers := sum(KIND_OF_SOURCE[source] not in here.get(person, ()) for person in persons):
        raise NotYourPerson(count=strangers)
    if not is_open_to(actor.body_id, found):
        raise NotYourClass()
    if found.state != "open":
        raise ClassTakesNobody(state=CLASS_STATES.words[found.state])
