"""The form of a statement: what xAPI allows passes, what it forbids is refused with its place (Data 2 to 4; 4.2.2)."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from jiangxin.training.xapi_form import StatementWrong, check_agent, check_statement
from jiangxin.training.xapi_formats import canonical, comparable, ids_only, languages_of
from jiangxin.training.xapi_reading import (
    DEVICE,
    POSITION,
    SPEED,
    marks_of,
    put_in_arrays,
    read_statement,
    seat_of_token,
    token_of_seat,
)
from jiangxin.training.xapi_values import instant, is_iri, is_language, milliseconds, said_at

NUMBER = "aa97b177-9383-4934-8543-0f91a7a02836"
AGENT = {"mbox": "mailto:a@b.test"}
PLAIN: dict[str, Any] = {"actor": AGENT, "verb": {"id": "urn:x:did"}, "object": {"id": "urn:x:thing"}}
FILE = {
    "usageType": "urn:x:use", "display": {"en-US": "a file"}, "contentType": "text/plain; charset=ascii", "length": 27,
    "sha2": "495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a", "fileUrl": "https://x.test/a.txt",
}  # fmt: skip
SUB = {"objectType": "SubStatement", **PLAIN}
REF = {"objectType": "StatementRef", "id": NUMBER}
CHOICE = {"interactionType": "choice", "correctResponsesPattern": ["a"], "choices": [{"id": "a"}, {"id": "b"}]}
GROUP = {"objectType": "Group", "member": [AGENT]}
GOOD: list[dict[str, Any]] = [
    {},
    {"id": NUMBER.upper(), "timestamp": "2013-05-18T05:32:34.804Z", "stored": "2013-05-18T05:32:34.804+00:00"},
    {"actor": {"objectType": "Agent", "name": "", "mbox_sha1sum": "a" * 40}},
    {"actor": {"openid": "https://x.test/me"}},
    {"actor": {"account": {"homePage": "https://x.test", "name": "me"}}},
    {"actor": GROUP},
    {"actor": GROUP | {"account": {"homePage": "https://x.test", "name": "us"}}},
    {"actor": {"objectType": "Group", "mbox": "mailto:us@b.test"}},
    {"verb": {"id": "http://x.test/did", "display": {"zh-Hans-CN": "做了", "en": ""}}},
    {"object": AGENT | {"objectType": "Agent"}},
    {"object": GROUP},
    {"object": REF},
    {"object": SUB},
    {"object": SUB | {"object": REF}},
    {"object": {"id": "urn:x:t", "definition": CHOICE | {"type": "urn:x:q", "moreInfo": "https://x.test/"}}},
    {"object": {"id": "urn:x:t", "definition": {"extensions": {"urn:x:y": None, "urn:x:z": {}}}}},
    {"result": {"score": {"scaled": -1, "raw": 3, "min": 0, "max": 10.5}, "success": False, "response": ""}},
    {"result": {"duration": "P3Y1M29DT4H35M59.14S", "extensions": {}}},
    {"result": {"duration": "P4W", "completion": True}},
    {"context": {"registration": NUMBER, "language": "zh-CN", "statement": REF, "instructor": AGENT, "team": GROUP}},
    {"context": {"revision": "1", "platform": "p", "contextActivities": {"parent": {"id": "urn:x:c"}, "other": []}}},
    {"attachments": [FILE]},
    {"authority": AGENT},
    {"authority": GROUP | {"member": [AGENT, {"openid": "https://x.test"}]}},
    {"verb": {"id": "http://adlnet.gov/expapi/verbs/voided"}, "object": REF},
]
BAD: list[tuple[str, dict[str, Any]]] = [
    ("actor", {"actor": {}}),
    ("actor", {"actor": {"name": "nobody"}}),
    ("actor", {"actor": AGENT | {"openid": "https://x.test"}}),
    ("actor.mbox", {"actor": {"mbox": "a@b.test"}}),
    ("actor.mbox_sha1sum", {"actor": {"mbox_sha1sum": "x"}}),
    ("actor.Mbox", {"actor": {"Mbox": "mailto:a@b.test"}}),
    ("actor.account", {"actor": {"account": {"homePage": "https://x.test"}}}),
    ("actor.account.homePage", {"actor": {"account": {"homePage": "x", "name": "me"}}}),
    ("actor.objectType", {"actor": AGENT | {"objectType": "Person"}}),
    ("actor.objectType", {"actor": AGENT | {"objectType": "agent"}}),
    ("actor", {"actor": {"objectType": "Group"}}),
    ("actor.member[0].objectType", {"actor": {"objectType": "Group", "member": [GROUP]}}),
    ("actor.member", {"actor": AGENT | {"member": [AGENT]}}),
    ("verb", {"verb": {"display": {"en": "did"}}}),
    ("verb.id", {"verb": {"id": "did"}}),
    ("verb.id", {"verb": {"id": ""}}),
    ("verb.display.de-419-DE", {"verb": {"id": "urn:x:y", "display": {"de-419-DE": "tat"}}}),
    ("verb.display", {"verb": {"id": "urn:x:y", "display": {}}}),
    ("verb.display.en", {"verb": {"id": "urn:x:y", "display": {"en": None}}}),
    ("object", {"object": {"objectType": "Activity"}}),
    ("object.objectType", {"object": {"id": "urn:x:y", "objectType": "activity"}}),
    ("object.definition.choices", {"object": {"id": "urn:x:y", "definition": CHOICE | {"choices": [{"id": "a"}] * 2}}}),
    ("object.definition", {"object": {"id": "urn:x:y", "definition": {"choices": [{"id": "a"}]}}}),
    ("object.definition.interactionType", {"object": {"id": "urn:x:y", "definition": {"interactionType": "quiz"}}}),
    ("object.definition.extensions.x", {"object": {"id": "urn:x:y", "definition": {"extensions": {"x": 1}}}}),
    ("object.id", {"object": {"objectType": "StatementRef", "id": "1"}}),
    ("object.object.objectType", {"object": SUB | {"object": SUB}}),
    ("object.id", {"object": SUB | {"id": NUMBER}}),
    ("object.stored", {"object": SUB | {"stored": "2013-05-18T05:32:34Z"}}),
    ("result.score.scaled", {"result": {"score": {"scaled": 1.01}}}),
    ("result.score.raw", {"result": {"score": {"raw": 11, "max": 10}}}),
    ("result.score", {"result": {"score": {"min": 2, "max": 1}}}),
    ("result.score.max", {"result": {"score": {"max": "100"}}}),
    ("result.success", {"result": {"success": "true"}}),
    ("result.success", {"result": {"success": 1}}),
    ("result.duration", {"result": {"duration": "PA1H0M0S"}}),
    ("result.duration", {"result": {"duration": 12345}}),
    ("context.registration", {"context": {"registration": "x"}}),
    ("context.revision", {"context": {"revision": "1"}, "object": REF}),
    ("context.language", {"context": {"language": "x!"}}),
    ("context.contextActivities.step", {"context": {"contextActivities": {"step": {"id": "urn:x:y"}}}}),
    ("context.contextActivities.parent[0].id", {"context": {"contextActivities": {"parent": [{"id": "x"}]}}}),
    ("context.team", {"context": {"team": AGENT}}),
    ("context.statement.objectType", {"context": {"statement": {"objectType": "Activity", "id": NUMBER}}}),
    ("timestamp", {"timestamp": "01/011/2015"}),
    ("timestamp", {"timestamp": "2013-05-18T05:32:34-00:00"}),
    ("timestamp", {"timestamp": "2013-05-18T05:32:34-00"}),
    ("timestamp", {"timestamp": "2013-05-18T05:32:34-0000"}),
    ("timestamp", {"timestamp": "2013-02-30T05:32:34Z"}),
    ("id", {"id": NUMBER + "8"}),
    ("id", {"id": "m" + NUMBER[1:]}),
    ("version", {"version": "0.9"}),
    ("version", {"version": "1.0.x"}),
    ("authority", {"authority": GROUP}),
    ("attachments[0]", {"attachments": [{name: FILE[name] for name in FILE if name != "fileUrl"}]}),
    ("attachments[0].length", {"attachments": [FILE | {"length": -1}]}),
    ("attachments[0].sha2", {"attachments": [FILE | {"sha2": "x"}]}),
    ("attachments[0]", {"attachments": [FILE | {"usageType": "http://adlnet.gov/expapi/attachments/signature"}]}),
    ("iD", {"iD": NUMBER}),
    ("object", {"verb": {"id": "http://adlnet.gov/expapi/verbs/voided"}}),
    ("result", {"result": {}}),
    ("context.extensions", {"context": {"extensions": []}}),
]


@pytest.mark.parametrize("edition", ["1.0", "2.0"])
@pytest.mark.parametrize("more", GOOD, ids=str)
def test_what_the_specification_allows(more: dict[str, Any], edition: str) -> None:
    check_statement(deepcopy(PLAIN | more), edition)


@pytest.mark.parametrize("edition", ["1.0", "2.0"])
@pytest.mark.parametrize(("where", "more"), BAD, ids=str)
def test_what_it_forbids_and_where(where: str, more: dict[str, Any], edition: str) -> None:
    with pytest.raises(StatementWrong) as said:
        check_statement(deepcopy(PLAIN | more), edition)
    assert said.value.facts["where"] == where
    assert said.value.remedy


@pytest.mark.parametrize("given", [None, 1, "x", [], {}, {"actor": AGENT}])
def test_what_is_no_statement_at_all(given: Any) -> None:
    for edition in ("1.0", "2.0"):
        with pytest.raises(StatementWrong):
            check_statement(given, edition)


def test_what_only_the_second_edition_knows() -> None:
    contexts = [
        {"contextAgents": [{"objectType": "contextAgent", "agent": AGENT, "relevantTypes": ["urn:x:role"]}]},
        {"contextGroups": [{"objectType": "contextGroup", "group": GROUP}]},
    ]
    for context in contexts:
        check_statement(PLAIN | {"context": context}, "2.0")
        with pytest.raises(StatementWrong):
            check_statement(PLAIN | {"context": context}, "1.0")
    for wrong in ({"contextAgents": [{"agent": AGENT}]}, {"contextGroups": [{"objectType": "contextGroup"}]}):
        with pytest.raises(StatementWrong):
            check_statement(PLAIN | {"context": wrong}, "2.0")


@pytest.mark.parametrize(
    "loose", ["20130518T053234Z", "2013-05-18T05:32Z", "2013-05-18T05:32:34+08", "2013-05-18T05:32:34"]
)
def test_times_of_the_first_edition_only(loose: str) -> None:
    check_statement(PLAIN | {"timestamp": loose}, "1.0")
    with pytest.raises(StatementWrong):
        check_statement(PLAIN | {"timestamp": loose}, "2.0")


def test_agents_that_may_be_asked_for() -> None:
    check_agent(AGENT)
    for wrong in (GROUP, {}, [], None):
        with pytest.raises(StatementWrong):
            check_agent(wrong)


# ── values ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_values_one_by_one() -> None:
    assert milliseconds("PT1H0M0.1S") == 3_600_100
    assert milliseconds("P1D") == 86_400_000
    assert [milliseconds(wrong) for wrong in ("P", "PT", "1H", "PT1", "P1S", None)] == [None] * 6
    assert milliseconds("P99999999Y") == 10**12
    assert milliseconds("P" + "9" * 31 + "Y") is None
    assert instant("2013-05-18T13:32:34.804+08:00") == datetime(2013, 5, 18, 5, 32, 34, 804_000, UTC)
    assert said_at(datetime(2013, 5, 18, 5, 32, 34, tzinfo=UTC)) == "2013-05-18T05:32:34.000Z"
    assert said_at(datetime(2013, 5, 18, 5, 32, 34, 123_456, UTC)) == "2013-05-18T05:32:34.123456Z"
    assert is_iri("mailto:a@b")
    assert not is_iri("a b:c")
    assert is_language("zh-Hans-CN")
    assert not is_language("chinese!")


# ── forms in which it is given ─────────────────────────────────────────────────────────────────────────────────────
def test_in_one_language_and_with_identifiers_only() -> None:
    given = PLAIN | {
        "verb": {"id": "urn:x:did", "display": {"de": "tat", "en-GB": "did"}},
        "object": {"id": "urn:x:t", "definition": {"name": {"en": "a", "zh-CN": "甲"}, "extensions": {"urn:x:y": {}}}},
        "context": {"team": GROUP | {"name": "us"}, "contextActivities": {"parent": [{"id": "urn:x:c"}]}},
        "authority": AGENT | {"name": "me"},
    }
    one = canonical(given, languages_of("en-US;q=0.5, zh"))
    assert one["verb"]["display"] == {"en-GB": "did"}
    assert one["object"]["definition"]["name"] == {"zh-CN": "甲"}
    assert one["object"]["definition"]["extensions"] == {"urn:x:y": {}}
    ids = ids_only(given)
    assert ids["object"] == {"id": "urn:x:t"}
    assert ids["authority"] == AGENT
    assert ids["context"]["team"] == {"objectType": "Group", "member": [AGENT]}


def test_what_makes_two_statements_the_same() -> None:
    times = {"stored": "2026-03-12T00:00:00Z", "timestamp": "2026-03-11T00:00:00Z"}
    first = PLAIN | times | {"object": {"objectType": "Activity", "id": "urn:x:thing"}, "version": "1.0.0"}
    same = PLAIN | times | {"timestamp": "2026-03-11T08:00:00+08:00", "authority": AGENT}
    assert comparable(first, same) == comparable(same, first)
    for other in ({"timestamp": "2026-03-11T00:00:01Z"}, {"result": {"success": True}}, {"attachments": [FILE]}):
        assert comparable(first, first | other) != comparable(first | other, first)
    groups = [{"objectType": "Group", "member": [AGENT, {"openid": "https://x.test"}][::way]} for way in (1, -1)]
    one, two = (first | {"actor": group} for group in groups)
    assert comparable(one, two) == comparable(two, one)


# ── what it says to us ─────────────────────────────────────────────────────────────────────────────────────────────
def test_a_token_is_a_seat_and_cannot_be_made_up() -> None:
    seat = uuid4()
    token = token_of_seat(seat)
    assert seat_of_token(token) == seat
    assert seat.hex not in token
    assert [seat_of_token(wrong) for wrong in ("", "x", token[:-1], "A" + token[1:], token + "AAAA", "=")] == [None] * 6
    assert token_of_seat(uuid4())[-16:] != token[-16:]


def test_what_is_read_of_time() -> None:
    seat, lesson, at = uuid4(), uuid4(), datetime(2026, 3, 12, 12, tzinfo=UTC)
    given = {
        "actor": {"account": {"homePage": "https://x.test", "name": token_of_seat(seat)}},
        "verb": {"id": "https://w3id.org/xapi/video/verbs/played"},
        "object": {"id": "urn:x:video"},
        "timestamp": "2026-03-12T11:00:00Z",
        "result": {"duration": "PT30S", "extensions": {POSITION: 12.5}},
        "context": {
            "registration": NUMBER,
            "contextActivities": {"grouping": {"id": f"urn:jiangxin:lesson:{str(lesson).upper()}"}},
            "extensions": {DEVICE: "phone", SPEED: "1.5x"},
        },
    }  # fmt: skip
    check_statement(given, "1.0")
    put_in_arrays(given)
    read = read_statement(given, at)
    assert (read.seat, read.lesson, read.kind) == (seat, lesson, "start")
    assert (read.claimed_ms, read.position_ms, read.speed_percent) == (30_000, 12_500, 150)
    assert "phone" not in read.device
    assert read.session
    assert read.at == datetime(2026, 3, 12, 11, tzinfo=UTC)
    assert len(marks_of(given)) == len(set(marks_of(given)))
    kinds = {"paused": "stop", "completed": "stop", "initialized": "start", "answered": "beat"}
    for verb, kind in kinds.items():
        assert read_statement(given | {"verb": {"id": f"http://x.test/{verb}"}}, at).kind == kind


@pytest.mark.parametrize("speed", ["x", "", True, None, {}, -1, 10**9, 10**999, "1,5", "inf", "nan"])
def test_a_speed_that_is_none(speed: Any) -> None:
    given = deepcopy(PLAIN) | {"context": {"extensions": {SPEED: speed, POSITION: "x"}}}
    assert read_statement(given, datetime.now(UTC)).speed_percent is None
