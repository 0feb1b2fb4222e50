"""The contract of /xapi: credentials, versions, statements in and out, what is refused (1.0.3, IEEE 9274.1.1)."""

import base64
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from jiangxin.api.strict_json import NotJson, parse_json
from jiangxin.ground.actor import set_scope
from jiangxin.ground.clock import Clock
from jiangxin.training.operations.platforms import Issued, close_platform, open_platform
from jiangxin.training.statements import Statement
from jiangxin.training.xapi_values import instant
from tests.factories.platform import Online, statement, voiding
from tests.factories.school import School
from tests.factories.whole import whole
from tests.factories.world import World

pytestmark = pytest.mark.role("web")
V1, V2 = "1.0.3", "2.0.0"
BOTH = pytest.mark.parametrize("version", [V1, V2])


class Platform:
    """A platform as its own program calls us."""

    def __init__(self, issued: Issued) -> None:
        self.key, self.secret, self.client = issued.platform.key, issued.secret, Client()

    def basic(self) -> str:
        return "Basic " + base64.b64encode(f"{self.key}:{self.secret}".encode()).decode()

    def call(
        self, method: str, data: Any = None, version: str = V1, kind: str = "application/json",
        path: str = "statements", headers: dict[str, str] | None = None, **params: str,
    ) -> HttpResponse:  # fmt: skip
        body = data if isinstance(data, str | bytes) else "" if data is None else json.dumps(data)
        query = f"?{urlencode(params)}" if params else ""
        sent = {"Authorization": self.basic(), "X-Experience-API-Version": version} | (headers or {})
        sent = {name: value for name, value in sent.items() if value}
        return self.client.generic(method, f"/xapi/{path}{query}", body, kind, headers=sent)

    def post(self, data: Any, version: str = V1, **more: Any) -> HttpResponse:
        return self.call("POST", data, version, **more)

    def get(self, version: str = V1, **params: str) -> HttpResponse:
        return self.call("GET", None, version, **params)

    def numbers(self, **params: str) -> list[str]:
        answer = self.get(**params)
        assert answer.status_code == 200, answer.content.decode()
        return [one["id"] for one in answer.json()["statements"]]


@pytest.fixture(scope="module")
def online(clone: str) -> Online:
    with transaction.atomic():
        made = Online(School(World()), learners=1)
        Clock.objects.update(demo_at=made.lesson.starts_at + timedelta(hours=22))
        return made


@pytest.fixture
def platform(online: Online) -> Platform:
    """Each test its own: none sees what the others sent."""
    return Platform(opened(online))


def opened(online: Online) -> Issued:
    with transaction.atomic():
        set_scope(online.school.county)
        return open_platform(online.school.county, online.school.world.at, online.body.id, f"学堂 {uuid4()}"[:40])


def fresh(**more: Any) -> dict[str, Any]:
    return statement(id=str(uuid4()), timestamp="2026-03-12T11:00:00Z") | more


def why(answer: HttpResponse, status: int = 400) -> str:
    assert answer.status_code == status, answer.content.decode()
    assert answer["X-Experience-API-Version"] in (V1, V2)
    return answer.json()["message"] + answer.json()["remedy"]


# ── who, and which version ─────────────────────────────────────────────────────────────────────────────────────────
def test_about_is_for_everybody() -> None:
    answer = Client().get("/xapi/about")
    assert answer.json() == {"version": ["1.0.0", "1.0.1", "1.0.2", V1, V2]}
    assert answer["X-Experience-API-Version"] == V2
    assert Client().post("/xapi/about").status_code == 405


def test_without_a_key_nothing_is_said(platform: Platform) -> None:
    given = [fresh()]
    for header in ("", "Bearer x", "Basic !!", "Basic " + base64.b64encode(b"p-0123456789abcdef:x").decode()):
        answer = platform.post(given, headers={"Authorization": header})
        assert "密钥" in why(answer, 401)
        assert answer["WWW-Authenticate"].startswith("Basic")
    platform.secret = "wrong"
    assert platform.get().status_code == 401
    with whole():
        assert not Statement.objects.filter(number=given[0]["id"]).exists()


def test_a_closed_platform_is_told_so(online: Online) -> None:
    issued = opened(online)
    with transaction.atomic():
        set_scope(online.school.county)
        close_platform(online.school.county, online.school.world.at, issued.platform.id)
    assert "停用" in why(Platform(issued).get(), 403)


@pytest.mark.parametrize(
    ("asked", "answered"), [("1.0", V1), ("1.0.0", V1), ("1.0.3", V1), ("1.0.9", V1), ("2.0", V2), ("2.0.0", V2)]
)
def test_versions_that_are_spoken(asked: str, answered: str, platform: Platform) -> None:
    answer = platform.get(asked)
    assert answer.status_code == 200
    assert answer["X-Experience-API-Version"] == answered
    assert instant(answer["X-Experience-API-Consistent-Through"])


@pytest.mark.parametrize("asked", ["", "0.95", "1.1", "3.0", "x"])
def test_versions_that_are_not(asked: str, platform: Platform) -> None:
    assert "X-Experience-API-Version" in why(platform.get(asked)) or "版本" in why(platform.get(asked))
    assert why(platform.post(fresh(), asked))


def test_other_methods_and_addresses(platform: Platform) -> None:
    answer = platform.call("DELETE")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, PUT, POST")
    assert "不提供" in why(platform.call("GET", path="activities/state"), 501)
    assert "不提供" in why(platform.call("PUT", "{}", path="agents/profile"), 501)
    assert "这种方法" in why(platform.call("POST", "{}", path="agents"), 405)
    assert "没有这个地址" in why(platform.call("GET", path="statement"), 404)


# ── stored ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@BOTH
def test_put_and_get_back(version: str, platform: Platform) -> None:
    given = fresh(result={"duration": "PT1M", "score": {"scaled": 0.5}})
    put = platform.call("PUT", given, version, statementId=given["id"])
    assert (put.status_code, put.content) == (204, b"")
    answer = platform.get(version, statementId=given["id"])
    found = answer.json()
    assert {name: found[name] for name in given} == given
    assert found["version"] == {V1: "1.0.0", V2: "2.0.0"}[version]
    assert found["authority"]["account"] == {"homePage": "http://testserver/", "name": platform.key}
    assert instant(found["stored"])
    assert answer["Last-Modified"]
    assert platform.call("HEAD", None, version, statementId=given["id"]).status_code == 200
    assert platform.call("PUT", given, version, statementId=given["id"]).status_code == 204


@BOTH
def test_post_one_or_many(version: str, platform: Platform) -> None:
    one, many = fresh(), [fresh(), statement(), fresh()]
    assert platform.post(one, version).json() == [one["id"]]
    numbers = platform.post(many, version).json()
    assert (numbers[0], numbers[2]) == (many[0]["id"], many[2]["id"])
    assert len(set(platform.numbers())) == 4
    assert platform.post([], version).json() == []
    assert platform.post(one, version, kind="application/json; charset=utf-8").status_code == 200


def test_a_number_is_taken_from_the_address(platform: Platform) -> None:
    number = str(uuid4())
    assert platform.call("PUT", statement(), statementId=number).status_code == 204
    assert platform.get(statementId=number).json()["id"] == number
    assert "不一样" in why(platform.call("PUT", fresh(), statementId=number))
    assert "statementId" in why(platform.call("PUT", fresh()))
    assert "UUID" in why(platform.call("PUT", statement(), statementId="1"))
    assert "一条" in why(platform.call("PUT", [fresh()], statementId=number))
    assert "只能" in why(platform.call("PUT", fresh(), statementId=number, verb="x"))
    assert "参数" in why(platform.post(fresh(), statementId=number))


def test_other_content_under_a_known_number(platform: Platform) -> None:
    given = fresh()
    platform.post(given)
    assert "已经存过" in why(platform.post([fresh(), given | {"result": {"success": True}}]), 409)
    assert "已经存过" in why(
        platform.call("PUT", given | {"verb": {"id": "urn:x:other"}}, statementId=given["id"]), 409
    )
    assert platform.numbers() == [given["id"]]
    assert "编号相同" in why(platform.post([given, given]))


@pytest.mark.parametrize(
    "bad",
    [
        {"verb": {"id": "did"}}, {"actor": {"mbox": "a@b.c"}}, {"more": 1}, {"object": {"id": None}}, {"id": "1"},
        {"timestamp": "yesterday"}, {"actor": {"mbox": "mailto:a@b.c", "openid": "https://a.b"}}, {"result": {}},
        {"attachments": [{"usageType": "urn:x:y", "display": {"zh": "a"}, "contentType": "a/b", "length": 1,
                          "sha2": "0" * 64}]},
    ],
)  # fmt: skip
def test_one_bad_statement_and_none_is_stored(bad: dict[str, Any], platform: Platform) -> None:
    assert "一条也没有存" in why(platform.post([fresh(), fresh(**bad)]))
    assert platform.numbers() == []


@BOTH
def test_what_differs_between_the_versions(version: str, platform: Platform) -> None:
    context = {"contextAgents": [{"objectType": "contextAgent", "agent": {"mbox": "mailto:a@b.test"}}]}
    assert platform.post(fresh(context=context), version).status_code == (200 if version == V2 else 400)
    assert platform.post(fresh(version="1.0.2"), version).status_code == 200
    assert platform.post(fresh(version="2.0.0"), version).status_code == (200 if version == V2 else 400)


@pytest.mark.parametrize(
    "text",
    [
        '{"actor": 1, "actor": 2}',
        "[NaN]",
        "{",
        " ",
        "[1e999]",
        '["\\ud800"]',
        "[" * 5000,
        b"\xff",
        "[" * 150 + "]" * 150,
    ],
)
def test_what_is_no_json(text: str | bytes, platform: Platform) -> None:
    assert "内容" in why(platform.post(text))
    with pytest.raises(NotJson):
        parse_json(text)


def test_attachments_and_other_types_are_refused_plainly(platform: Platform) -> None:
    assert "附件" in why(platform.post("--x", kind='multipart/mixed; boundary="x"'))
    assert "Content-Type" in why(platform.post("a=b", kind="application/x-www-form-urlencoded"))
    assert "附件" in why(platform.get(attachments="true"))
    assert platform.get(attachments="false").status_code == 200


def test_a_body_that_is_too_large(platform: Platform) -> None:
    assert "分几批" in why(platform.post("[" + " " * 10_000_000), 413)


# ── voided ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_voided_is_found_under_its_own_name_only(platform: Platform) -> None:
    given = fresh()
    platform.post(given)
    void = voiding(given["id"]) | {"id": str(uuid4())}
    assert platform.get(voidedStatementId=given["id"]).status_code == 404
    assert platform.post(void).status_code == 200
    assert "voidedStatementId" in why(platform.get(statementId=given["id"]), 404)
    assert platform.get(voidedStatementId=given["id"]).json()["id"] == given["id"]
    assert platform.numbers() == [void["id"]]
    # Found by what the voided one said, through the reference.
    assert platform.numbers(verb=given["verb"]["id"]) == [void["id"]]


# ── asked for ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_by_agent_verb_activity_and_registration(platform: Platform) -> None:
    registration, teacher = str(uuid4()), {"mbox": "mailto:teacher@x.test"}
    group = {"objectType": "Group", "member": [{"mbox": "mailto:b@x.test"}]}
    context = {
        "registration": registration, "instructor": teacher, "contextActivities": {"parent": {"id": "urn:x:course"}},
    }  # fmt: skip
    first, second, third = fresh(context=context), fresh(actor=group), fresh(verb={"id": "urn:x:other"})
    platform.post([first, second, third])
    learner = json.dumps(first["actor"])
    assert platform.numbers(agent=learner) == [third["id"], first["id"]]
    assert platform.numbers(agent=learner, verb="urn:x:other") == [third["id"]]
    assert platform.numbers(agent='{"mbox": "mailto:b@x.test"}') == [second["id"]]
    assert platform.numbers(agent=json.dumps(teacher)) == []
    assert platform.numbers(agent=json.dumps(teacher), related_agents="true") == [first["id"]]
    assert platform.numbers(activity="urn:x:course") == []
    assert platform.numbers(activity="urn:x:course", related_activities="true") == [first["id"]]
    assert platform.numbers(activity=first["object"]["id"]) == [first["id"]]
    assert platform.numbers(registration=registration.upper()) == [first["id"]]
    assert platform.get(statementId=first["id"]).json()["context"]["contextActivities"]["parent"] == [
        {"id": "urn:x:course"}
    ]


def test_pages_follow_each_other(platform: Platform) -> None:
    sent = [fresh() for _ in range(5)]
    platform.post(sent)
    numbers = [one["id"] for one in sent]
    seen, answer = [], platform.get(limit="2", ascending="true").json()
    while True:
        seen += [one["id"] for one in answer["statements"]]
        if not answer["more"]:
            break
        assert answer["more"].startswith("/xapi/statements?more=")
        headers = {"Authorization": platform.basic(), "X-Experience-API-Version": V1}
        answer = platform.client.get(answer["more"], headers=headers).json()
    assert seen == numbers
    assert platform.numbers(limit="1") == [numbers[-1]]
    assert platform.numbers() == numbers[::-1]
    stored = platform.get(statementId=numbers[0]).json()["stored"]
    assert platform.numbers(since=stored) == []
    assert len(platform.numbers(until=stored)) == 5
    assert "more" in why(platform.get(more="made-up"))
    assert "more" in why(platform.get(more="x", limit="1"))


def test_in_three_forms(platform: Platform) -> None:
    given = fresh(verb={"id": "urn:x:did", "display": {"zh-CN": "在学", "en-US": "studied", "de": "lernte"}})
    platform.post(given)
    by_id = platform.get(statementId=given["id"], format="ids").json()
    assert by_id["verb"] == {"id": "urn:x:did"}
    assert by_id["object"] == {"id": given["object"]["id"]}
    for language, word in (("en-US, zh;q=0.5", "studied"), ("zh", "在学"), ("fr", "在学"), ("de-AT", "lernte")):
        answer = platform.call(
            "GET", headers={"Accept-Language": language}, statementId=given["id"], format="canonical"
        )
        assert list(answer.json()["verb"]["display"].values()) == [word]
    assert platform.get(format="exact").json()["statements"][0]["verb"] == given["verb"]


@pytest.mark.parametrize(
    "params",
    [
        {"statementId": "1"}, {"statementId": str(uuid4()), "voidedStatementId": str(uuid4())}, {"limit": "-1"},
        {"statementId": str(uuid4()), "verb": "urn:x:y"}, {"limit": "x"}, {"format": "xml"}, {"ascending": "1"},
        {"agent": "{"}, {"agent": '{"name": "x"}'}, {"verb": "x"}, {"activity": "x"}, {"registration": "x"},
        {"since": "x"}, {"until": "2026"}, {"related_agents": "yes"}, {"statementid": str(uuid4())}, {"unknown": "1"},
    ],
)  # fmt: skip
def test_questions_that_are_none(params: dict[str, str], platform: Platform) -> None:
    assert why(platform.get(**params))


def test_a_parameter_given_twice(platform: Platform) -> None:
    headers = {"Authorization": platform.basic(), "X-Experience-API-Version": V1}
    assert "两次" in why(platform.client.get("/xapi/statements?limit=1&limit=2", headers=headers))


def test_nobody_sees_what_another_platform_sent(online: Online, platform: Platform) -> None:
    given, other = fresh(), Platform(opened(online))
    platform.post(given)
    assert other.get(statementId=given["id"]).status_code == 404
    assert other.numbers() == []
    assert other.post(voiding(given["id"])).status_code == 200
    assert platform.get(statementId=given["id"]).status_code == 200


# ── the alternate syntax of 1.0.3 ──────────────────────────────────────────────────────────────────────────────────
def form(platform: Platform, method: str, fields: dict[str, str], kind: str = "application/x-www-form-urlencoded",
         more: str = "", **headers: str) -> HttpResponse:  # fmt: skip
    return platform.client.generic(
        "POST", f"/xapi/statements?method={method}{more}", urlencode(fields), kind, headers=headers
    )


def test_a_request_within_a_form(platform: Platform) -> None:
    given, head = fresh(), {"Authorization": platform.basic(), "X-Experience-API-Version": V1}
    number = {"statementId": given["id"]}
    assert form(platform, "PUT", head | number | {"content": json.dumps(given)}).status_code == 204
    found = form(platform, "GET", head | number)
    assert found.json()["id"] == given["id"]
    assert form(platform, "GET", head | {"limit": "1"}).json()["more"] == ""
    assert "content" in why(form(platform, "PUT", head | number))
    assert "表单" in why(form(platform, "GET", head | number, more="&limit=1"))
    assert "表单" in why(form(platform, "GET", head | number, kind="application/json"))
    assert "2.0.0" in why(form(platform, "GET", head | {"X-Experience-API-Version": V2} | number))
    assert "method" in why(platform.client.get("/xapi/statements?method=GET", headers=head))


# ── and it counts ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_evening_over_the_wire(online: Online, platform: Platform) -> None:
    with whole():
        sent = list(online.session(minutes=50))
    assert platform.post(sent, V2).status_code == 200
    with whole():
        assert Statement.objects.filter(enrolment=online.places[0].enrolment).count() == len(sent)
        assert online.count(at=online.lesson.starts_at + timedelta(hours=23)) == len(sent)
        assert online.study().counted == 3000
        assert online.attendance().counted == 1
