"""What a platform asks for of its statements: the parameters of a GET, each checked (1.0.3 Communication 2.1.3)."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing

from jiangxin.api.door import wrong
from jiangxin.api.strict_json import NotJson, parse_json
from jiangxin.training.queries.statements import Kept, Wanted
from jiangxin.training.xapi_form import check_agent
from jiangxin.training.xapi_reading import identifier, mark
from jiangxin.training.xapi_values import instant, is_iri, is_uuid

ONE = ("statementId", "voidedStatementId")
WITH_ONE = {*ONE, "format", "attachments"}
MANY = {
    "agent", "verb", "activity", "registration", "related_activities", "related_agents", "since", "until", "limit",
    "format", "attachments", "ascending",
}  # fmt: skip
FORMATS = ("exact", "ids", "canonical")
MOST = 500
SALT = "xapi-more"


@dataclass(frozen=True)
class Question:
    """One statement by its number, or those that are wanted; and in which form they are given."""

    number: UUID | None = None
    voided: bool = False
    wanted: Wanted = field(default_factory=Wanted)
    format: str = "exact"


def read_question(params: dict[str, str]) -> Question:
    """The question that the parameters of a GET ask; ends the call with 400 where they ask none."""
    if "more" in params:
        return _continued(params)
    ones = [name for name in ONE if name in params]
    if len(ones) > 1:
        wrong("statementId 和 voidedStatementId 只能写一个")
    known = WITH_ONE if ones else MANY
    if unknown := sorted(params.keys() - known):
        wrong(f"参数 {unknown[0][:40]} 不认识，或不能这样一起用（注意大小写）")
    _switch(params, "attachments", refuse="本接口不存附件内容，attachments 只能是 false")
    form = params.get("format", "exact")
    if form not in FORMATS:
        wrong("format 只能是 exact、ids 或 canonical")
    if ones:
        if not is_uuid(params[ones[0]]):
            wrong(f"{ones[0]} 不是 UUID")
        return Question(UUID(params[ones[0]]), ones[0] == "voidedStatementId", format=form)
    return Question(wanted=_wanted(params), format=form)


def _wanted(params: dict[str, str]) -> Wanted:
    related_agents, related_activities = _switch(params, "related_agents"), _switch(params, "related_activities")
    marks = []
    if "agent" in params:
        marks.append(mark("G" if related_agents else "g", _agent(params["agent"])))
    for name, kind in (("verb", "v"), ("activity", "A" if related_activities else "a")):
        if name in params:
            if not is_iri(params[name]):
                wrong(f"{name} 不是完整的网址式标识（IRI）")
            marks.append(mark(kind, params[name]))
    if "registration" in params:
        if not is_uuid(params["registration"]):
            wrong("registration 不是 UUID")
        marks.append(mark("r", params["registration"].lower()))
    limit = _limit(params.get("limit", "0"))
    return Wanted(
        marks, _instant(params, "since"), _instant(params, "until"), limit, ascending=_switch(params, "ascending")
    )


def _agent(text: str) -> str:
    try:
        agent = parse_json(text)
    except NotJson as no:
        wrong(f"agent {no}")
    check_agent(agent)
    return identifier(agent)


def _switch(params: dict[str, str], name: str, refuse: str = "") -> bool:
    value = params.get(name, "false")
    if value not in ("true", "false"):
        wrong(f"{name} 只能是 true 或 false")
    if value == "true" and refuse:
        wrong(refuse)
    return value == "true"


def _limit(text: str) -> int:
    """How many at most; 0 leaves it to us."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        wrong("limit 要是不小于 0 的整数")
    return min(int(text) or MOST, MOST)


def _instant(params: dict[str, str], name: str) -> datetime | None:
    if name not in params:
        return None
    found = instant(params[name])
    if found is None:
        wrong(f"{name} 不是 ISO 8601 的时间")
    return found


# ── the next page ──────────────────────────────────────────────────────────────────────────────────────────────────
def name_of_rest(question: Question, last: Kept) -> str:
    """What stands for the rest of a question after its last answer; signed, so that nobody makes one up."""
    wanted = question.wanted
    said: dict[str, Any] = {
        "marks": list(wanted.marks), "limit": wanted.limit, "ascending": wanted.ascending, "format": question.format,
        "since": wanted.since and wanted.since.isoformat(), "until": wanted.until and wanted.until.isoformat(),
        "after": [last.stored_at.isoformat(), str(last.id)],
    }  # fmt: skip
    return signing.dumps(said, salt=SALT, compress=True)


def _continued(params: dict[str, str]) -> Question:
    if len(params) > 1:
        wrong("more 链接里不能再加别的参数")
    try:
        said = signing.loads(params["more"], salt=SALT)
    except signing.BadSignature:
        wrong("more 链接不是本接口给的")
    since, until = (datetime.fromisoformat(said[name]) if said[name] else None for name in ("since", "until"))
    wanted = Wanted(said["marks"], since, until, said["limit"], ascending=said["ascending"])
    at, key = said["after"]
    return Question(wanted=replace(wanted, after=(datetime.fromisoformat(at), UUID(key))), format=said["format"])
