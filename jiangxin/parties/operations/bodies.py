"""Bodies: organisations known by their unified social credit code (GB 32100)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from stdnum.cn import uscc

from jiangxin.ground.actor import Actor
from jiangxin.ground.identity import normalise_number
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import NotYourDuty, Refusal
from jiangxin.parties.models import Organisation


class CreditCodeWrong(Refusal):
    sentence = "统一社会信用代码 {code} 不对。"
    remedy = "请对照营业执照或法人证书填写 18 位代码。"


@dataclass(frozen=True, slots=True)
class BodyRow:
    """A body as a list names it."""

    name: str
    credit_code: str
    region_id: int


def check_credit_code(text: str) -> str:
    """The normalised credit code; refuses one whose check character does not fit."""
    code = normalise_number(text)
    if not uscc.is_valid(code):
        raise CreditCodeWrong(code=code)
    return code


def register_bodies(actor: Actor, at: datetime, rows: Sequence[BodyRow]) -> list[UUID]:
    """The body of each row by credit code, making those not yet known; a known body keeps its name."""
    if not actor.has("register", "machine"):
        raise NotYourDuty()
    codes = [check_credit_code(row.credit_code) for row in rows]
    known = set(Organisation.objects.filter(credit_code__in=codes).values_list("credit_code", flat=True))
    new = {
        code: Organisation(name=row.name.strip(), credit_code=code, region_id=row.region_id)
        for code, row in zip(codes, rows, strict=True)
        if code not in known
    }
    Organisation.objects.bulk_create(new.values(), ignore_conflicts=True)
    if new:
        note(actor, at, "registered_bodies", kind="Organisation", codes=list(new))
    found = dict(Organisation.objects.filter(credit_code__in=codes).values_list("credit_code", "id"))
    return [found[code] for code in codes]
