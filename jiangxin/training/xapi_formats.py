"""How a statement is given back: exactly, with one language, or with identifiers only (Communication 2.1.3). Pure."""

import json
from collections.abc import Sequence
from typing import Any

from jiangxin.training.xapi_form import COMPONENTS, IDENTIFIERS
from jiangxin.training.xapi_values import instant

Given = dict[str, Any]
_AGENTS = ("Agent", "Group")


def languages_of(header: str) -> list[str]:
    """The language tags of an Accept-Language header, the most wanted first."""
    wanted = []
    for place, part in enumerate(header.split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), place, tag.strip().lower()))
        except ValueError:
            continue
    return [tag for _, _, tag in sorted(wanted) if tag]


def _one_language(said: dict[str, str], wanted: Sequence[str]) -> dict[str, str]:
    for tag in wanted:
        for own in said:
            if own.lower() == tag or own.lower().startswith(f"{tag}-") or tag == "*":
                return {own: said[own]}
        for own in said:
            if own.lower().split("-")[0] == tag.split("-")[0]:
                return {own: said[own]}
    first = next(iter(said))
    return {first: said[first]}


def canonical(given: Any, wanted: Sequence[str], inside: str = "") -> Any:
    """The statement with one language in each map of texts, the one the reader asks for where there is one."""
    if isinstance(given, list):
        return [canonical(one, wanted, inside) for one in given]
    if not isinstance(given, dict):
        return given
    return {
        name: value
        if name == "extensions"
        else _one_language(value, wanted)
        if _holds_texts(name, value, inside)
        else canonical(value, wanted, name)
        for name, value in given.items()
    }


def _holds_texts(name: str, value: Any, inside: str) -> bool:
    if not isinstance(value, dict) or not value:
        return False
    if name == "display":
        return inside in ("verb", "attachments")
    return name in ("name", "description") and inside in ("definition", "attachments", *COMPONENTS)


def _agent(given: Given) -> Given:
    kept = {name: given[name] for name in ("objectType", *IDENTIFIERS) if name in given}
    if not any(name in given for name in IDENTIFIERS):
        kept["member"] = [_agent(one) for one in given.get("member", ())]
    return kept


def _thing(given: Given) -> Given:
    kind = given.get("objectType", "Activity")
    if kind in _AGENTS:
        return _agent(given)
    if kind == "SubStatement":
        return ids_only(given)
    return {name: given[name] for name in ("objectType", "id") if name in given}


def _context(given: Given) -> Given:
    made = dict(given)
    for name in ("instructor", "team"):
        if name in made:
            made[name] = _agent(made[name])
    if "contextActivities" in made:
        made["contextActivities"] = {
            place: [_thing(one) for one in found] for place, found in made["contextActivities"].items()
        }
    for name, one in (("contextAgents", "agent"), ("contextGroups", "group")):
        if name in made:
            made[name] = [entry | {one: _agent(entry[one])} for entry in made[name]]
    return made


def ids_only(given: Given) -> Given:
    """The statement with no more of agents, verb and activities than what identifies them."""
    made = given | {"actor": _agent(given["actor"]), "verb": {"id": given["verb"]["id"]}}
    made["object"] = _thing(given["object"])
    if "authority" in made:
        made["authority"] = _agent(made["authority"])
    if "context" in made:
        made["context"] = _context(made["context"])
    return made


# What of a statement may differ while it is the same one: what the receiver sets, and how things are called there.
_OURS = ("id", "stored", "authority", "version")


def comparable(given: Given, other: Given) -> Given:
    """What of a statement is compared with another of the same number (1.0.3 Data 2.3.1; 2.0.0, 4.2.3.2)."""
    made = {name: value for name, value in ids_only(given).items() if name not in _OURS}
    made.setdefault("object", {}).setdefault("objectType", "Activity")
    # A time that we set because none was sent tells nothing.
    if given["timestamp"] == given["stored"] or other["timestamp"] == other["stored"]:
        del made["timestamp"]
    else:
        made["timestamp"] = instant(given["timestamp"])
    made["attachments"] = sorted((one["sha2"] for one in given.get("attachments", ())), key=str)
    return _without_order(made)


def _without_order(given: Any) -> Any:
    """The same with the members of groups in one order, and agents saying that they are agents."""
    if isinstance(given, list):
        return [_without_order(one) for one in given]
    if not isinstance(given, dict):
        return given
    made = {name: _without_order(value) for name, value in given.items()}
    if "member" in made:
        made["member"] = sorted(made["member"], key=lambda one: json.dumps(one, sort_keys=True))
    elif any(name in made for name in IDENTIFIERS):
        made.setdefault("objectType", "Agent")
    return made
