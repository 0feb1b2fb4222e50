"""Whether a statement has the form that xAPI asks for: versions 1.0.3 (Data 2 to 4) and 2.0.0 (IEEE 9274.1.1). Pure.

Everything that may stand in a statement is named here; whatever else stands in it is refused with its place.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Never

from jiangxin.ground.refusal import Refusal
from jiangxin.training.xapi_values import (
    MBOX,
    MEDIA_TYPE,
    SHA1,
    SHA2,
    instant,
    is_iri,
    is_language,
    is_number,
    is_uuid,
    milliseconds,
)

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
SIGNATURE = "http://adlnet.gov/expapi/attachments/signature"
IDENTIFIERS = ("mbox", "mbox_sha1sum", "openid", "account")
PLACES_OF_ACTIVITIES = ("parent", "grouping", "category", "other")
INTERACTIONS = (
    "true-false", "choice", "fill-in", "long-fill-in", "matching", "performance", "sequencing", "likert", "numeric",
    "other",
)  # fmt: skip
COMPONENTS = ("choices", "scale", "source", "target", "steps")
VERSIONS = {"1.0": re.compile(r"1\.0(?:\.\d+)?"), "2.0": re.compile(r"(?:1|2)\.0\.\d+")}


class StatementWrong(Refusal):
    sentence = "学习记录的 {where} 不合 xAPI 规范：{why}。"
    remedy = "请平台的开发人员对照规范改好，整批重发；这一批一条也没有存。"


def wrong(where: str, why: str) -> Never:
    """Refuse a statement, naming the place in it. Raises StatementWrong."""
    raise StatementWrong(where=where or "整条", why=why)


Check = Callable[[Any, str], object]


def _must(test: Callable[[Any], bool], why: str) -> Check:
    def check(value: Any, where: str) -> None:
        if not test(value):
            wrong(where, why)

    return check


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


text = _must(lambda value: isinstance(value, str), "要是文字")
switch = _must(lambda value: isinstance(value, bool), "要是 true 或 false")
iri = _must(is_iri, "要是完整的网址式标识（IRI）")
uuid = _must(is_uuid, "要是 UUID")
language = _must(is_language, "语言代码不对（RFC 5646）")
number = _must(is_number, "要是数字")
whole_number = _must(lambda value: is_number(value) and value == int(value) and value >= 0, "要是不小于 0 的整数")
duration = _must(lambda value: milliseconds(value) is not None, "时长不是 ISO 8601 的写法")
stamp = _must(lambda value: instant(value) is not None, "时间不是 ISO 8601 的写法")
strict_stamp = _must(lambda value: instant(value, strict=True) is not None, "时间不是 RFC 3339 的写法")


def fields(given: Any, where: str, known: Mapping[str, Check], needed: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object with these properties only, each as it must be, and the needed ones there."""
    if not isinstance(given, dict):
        wrong(where, "要是一个对象")
    for name in needed:
        if name not in given:
            wrong(where, f"缺 {name}")
    for name, value in given.items():
        if name not in known:
            wrong(_at(where, name), "规范里没有这一项（注意大小写）")
        known[name](value, _at(where, name))
    return given


def _at(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def list_of(one: Check, least: int = 0) -> Check:
    """An array, each of its members as `one` says."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, list) or len(value) < least:
            wrong(where, "要是数组" + ("，不能空" if least else ""))
        for place, member in enumerate(value):
            one(member, f"{where}[{place}]")

    return check


def language_map(given: Any, where: str) -> None:
    """Texts by language tag, at least one."""
    if not isinstance(given, dict) or not given:
        wrong(where, "要是按语言写的文字，至少一种")
    for tag, said in given.items():
        language(tag, _at(where, str(tag)))
        text(said, _at(where, str(tag)))


def extensions(given: Any, where: str) -> None:
    """Anything, under keys that are IRIs."""
    if not isinstance(given, dict):
        wrong(where, "要是一个对象")
    for key in given:
        iri(key, _at(where, str(key)))


def _kind(word: str) -> Check:
    return _must(lambda value: value == word, f"要是 {word}")


# ── who ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def account(given: Any, where: str) -> None:
    """A name that means somebody at a home page."""
    fields(given, where, {"homePage": iri, "name": text}, ("homePage", "name"))


_IDENTIFIED: dict[str, Check] = {
    "name": text,
    "mbox": _must(_matches(MBOX), "要是 mailto: 开头的邮箱"),
    "mbox_sha1sum": _must(_matches(SHA1), "要是 40 位十六进制的 SHA-1"),
    "openid": iri,
    "account": account,
}


def _identifiers(given: Mapping[str, Any]) -> list[str]:
    return [name for name in IDENTIFIERS if name in given]


def agent(given: Any, where: str) -> None:
    """One person or system, by exactly one identifier."""
    fields(given, where, {"objectType": _kind("Agent"), **_IDENTIFIED})
    if len(_identifiers(given)) != 1:
        wrong(where, "mbox、mbox_sha1sum、openid、account 要有一个，也只能有一个")


_members = list_of(agent)


def group(given: Any, where: str) -> None:
    """Several: identified by one identifier, or anonymous with its members listed."""
    fields(given, where, {"objectType": _kind("Group"), **_IDENTIFIED, "member": _members}, ("objectType",))
    count = len(_identifiers(given))
    if count > 1:
        wrong(where, "一个组只能有一个标识")
    if not count and not given.get("member"):
        wrong(where, "没有标识的组要列出成员 member")


def actor(given: Any, where: str) -> None:
    """An agent or a group."""
    (group if isinstance(given, dict) and given.get("objectType") == "Group" else agent)(given, where)


def authority(given: Any, where: str) -> None:
    """An agent, or an anonymous group of two (OAuth)."""
    actor(given, where)
    if given.get("objectType") == "Group" and (_identifiers(given) or len(given["member"]) != 2):
        wrong(where, "组只能是不带标识的两个成员")


# ── did ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def verb(given: Any, where: str) -> None:
    """What was done."""
    fields(given, where, {"id": iri, "display": language_map}, ("id",))


# ── what ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _component(given: Any, where: str) -> None:
    fields(given, where, {"id": text, "description": language_map}, ("id",))


def _components(given: Any, where: str) -> None:
    list_of(_component)(given, where)
    ids = [one["id"] for one in given]
    if len(ids) != len(set(ids)):
        wrong(where, "id 不能重复")


_DEFINITION: dict[str, Check] = {
    "name": language_map,
    "description": language_map,
    "type": iri,
    "moreInfo": iri,
    "extensions": extensions,
    "interactionType": _must(lambda value: isinstance(value, str) and value in INTERACTIONS, "没有这种题型"),
    "correctResponsesPattern": list_of(text),
    **dict.fromkeys(COMPONENTS, _components),
}


def definition(given: Any, where: str) -> None:
    """What an activity is called and which kind it is."""
    fields(given, where, _DEFINITION)
    if "interactionType" not in given and any(name in given for name in ("correctResponsesPattern", *COMPONENTS)):
        wrong(where, "写了选项或答案就要写 interactionType")


def activity(given: Any, where: str) -> None:
    """Something one can do."""
    fields(given, where, {"objectType": _kind("Activity"), "id": iri, "definition": definition}, ("id",))


def statement_ref(given: Any, where: str) -> None:
    """Another statement."""
    fields(given, where, {"objectType": _kind("StatementRef"), "id": uuid}, ("objectType", "id"))


def _score(given: Any, where: str) -> None:
    known = dict.fromkeys(("scaled", "raw", "min", "max"), number)
    score = fields(given, where, known)
    low, high, raw = score.get("min"), score.get("max"), score.get("raw")
    if "scaled" in score and not -1 <= score["scaled"] <= 1:
        wrong(_at(where, "scaled"), "要在 -1 和 1 之间")
    if low is not None and high is not None and low >= high:
        wrong(where, "min 要小于 max")
    if raw is not None and ((low is not None and raw < low) or (high is not None and raw > high)):
        wrong(_at(where, "raw"), "要在 min 和 max 之间")


_RESULT: dict[str, Check] = {
    "score": _score, "success": switch, "completion": switch, "response": text, "duration": duration,
    "extensions": extensions,
}  # fmt: skip


def result(given: Any, where: str) -> None:
    """What came of it."""
    fields(given, where, _RESULT)


# ── in which context ───────────────────────────────────────────────────────────────────────────────────────────────
def _activities(given: Any, where: str) -> None:
    if isinstance(given, list):
        list_of(activity)(given, where)
    else:
        activity(given, where)


def _context_activities(given: Any, where: str) -> None:
    fields(given, where, dict.fromkeys(PLACES_OF_ACTIVITIES, _activities))


def _relevant(kind: str, name: str, one: Check) -> Check:
    known = {"objectType": _kind(kind), name: one, "relevantTypes": list_of(iri, least=1)}
    return list_of(lambda given, where: fields(given, where, known, ("objectType", name)))


_CONTEXT: dict[str, Check] = {
    "registration": uuid, "instructor": actor, "team": group, "contextActivities": _context_activities,
    "revision": text, "platform": text, "language": language, "statement": statement_ref, "extensions": extensions,
}  # fmt: skip
_CONTEXT_2 = _CONTEXT | {
    "contextAgents": _relevant("contextAgent", "agent", agent),
    "contextGroups": _relevant("contextGroup", "group", group),
}


# ── attachments: only what is said of them; what is attached stays with the platform ───────────────────────────────
_ATTACHMENT: dict[str, Check] = {
    "usageType": iri, "display": language_map, "description": language_map,
    "contentType": _must(_matches(MEDIA_TYPE), "要是媒体类型，如 text/plain"), "length": whole_number,
    "sha2": _must(_matches(SHA2), "要是 SHA-2 的十六进制"), "fileUrl": iri,
}  # fmt: skip


def attachment(given: Any, where: str) -> None:
    """A file that lies elsewhere: its content is never sent along."""
    fields(given, where, _ATTACHMENT, ("usageType", "display", "contentType", "length", "sha2"))
    if given["usageType"] == SIGNATURE:
        wrong(where, "本接口不收签名")
    if "fileUrl" not in given:
        wrong(where, "本接口不收附件内容，只收写明 fileUrl 的附件")


# ── the whole ──────────────────────────────────────────────────────────────────────────────────────────────────────
def _nothing_empty(given: Any, where: str) -> None:
    """No null and no empty object anywhere but in extensions."""
    if given is None or given == {}:
        wrong(where, "不能是 null 或空对象")
    if isinstance(given, dict):
        for name, value in given.items():
            if name != "extensions":
                _nothing_empty(value, _at(where, str(name)))
    elif isinstance(given, list):
        for place, value in enumerate(given):
            _nothing_empty(value, f"{where}[{place}]")


def _object(edition: str, sub: bool) -> Check:
    kinds: dict[Any, Check] = {"Activity": activity, "Agent": agent, "Group": group, "StatementRef": statement_ref}
    if not sub:
        kinds["SubStatement"] = lambda given, where: _statement(given, where, edition, sub=True)

    def check(given: Any, where: str) -> None:
        kind = given.get("objectType", "Activity") if isinstance(given, dict) else "Activity"
        if not isinstance(kind, str) or kind not in kinds:
            wrong(_at(where, "objectType"), "子语句里不能再有子语句" if kind == "SubStatement" else "没有这种对象")
        kinds[kind](given, where)

    return check


def _statement(given: Any, where: str, edition: str, sub: bool = False) -> None:
    context = _CONTEXT_2 if edition == "2.0" else _CONTEXT
    known: dict[str, Check] = {
        "actor": actor, "verb": verb, "object": _object(edition, sub), "result": result,
        "context": lambda value, at: fields(value, at, context),
        "timestamp": strict_stamp if edition == "2.0" else stamp, "attachments": list_of(attachment),
    }  # fmt: skip
    if sub:
        known["objectType"] = _kind("SubStatement")
    else:
        version = _must(_matches(VERSIONS[edition]), "版本不对")
        known |= {"id": uuid, "stored": stamp, "authority": authority, "version": version}
    fields(given, where, known, ("actor", "verb", "object"))
    kind = given["object"].get("objectType", "Activity")
    for name in ("revision", "platform"):
        if kind != "Activity" and name in given.get("context", {}):
            wrong(_at(_at(where, "context"), name), "只有对象是活动时才能写")
    if not sub and given["verb"]["id"] == VOIDED and kind != "StatementRef":
        wrong(_at(where, "object"), "作废语句的对象要是 StatementRef")


def check_statement(given: Any, edition: str, where: str = "") -> None:
    """Whether a statement is one of an edition of the interface ("1.0" or "2.0"). Raises StatementWrong."""
    if not isinstance(given, dict):
        wrong(where, "要是一个对象")
    _nothing_empty(given, where)
    _statement(given, where, edition)


def check_agent(given: Any, where: str = "agent") -> None:
    """Whether an agent or an identified group may be asked for. Raises StatementWrong."""
    actor(given, where)
    if not _identifiers(given):
        wrong(where, "要有一个标识")
