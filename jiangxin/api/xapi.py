"""The statement resource of xAPI, versions 1.0.3 and 2.0.0 (IEEE 9274.1.1), for platforms of online learning (11.2)."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt

from jiangxin.api.asking import name_of_rest, read_question
from jiangxin.api.door import JSON, NEWEST, VERSION, VERSIONS, Call, Entry, Said, for_platforms, wrong
from jiangxin.api.strict_json import NotJson, parse_json
from jiangxin.training.operations.statements import take_statements
from jiangxin.training.queries.statements import Kept, statement_of, statements_of
from jiangxin.training.xapi_formats import canonical, ids_only, languages_of
from jiangxin.training.xapi_values import is_uuid

DUMPS = {"ensure_ascii": False, "separators": (",", ":")}
# What xAPI has besides, and platforms of ours have no use for: documents that a player keeps between two visits.
NOT_OFFERED = {"activities", "activities/state", "activities/profile", "agents", "agents/profile"}
ONLY_READ = {"activities", "agents"}


@for_platforms("GET", "PUT", "POST")
def statements(call: Call) -> HttpResponse:
    """Store statements, one or a batch, or ask for those that the platform itself sent."""
    if call.method == "GET":
        return _asked(call)
    return _put(call) if call.method == "PUT" else _posted(call)


def _put(call: Call) -> HttpResponse:
    number = call.params.get("statementId", "")
    if call.params.keys() != {"statementId"}:
        wrong("PUT 要有 statementId，也只能有 statementId" if number else "PUT 要有 statementId")
    if not is_uuid(number):
        wrong("statementId 不是 UUID")
    given = _content(call)
    if not isinstance(given, dict):
        wrong("PUT 一次存一条，内容要是一个对象")
    own = given.setdefault("id", number)
    if not isinstance(own, str) or own.lower() != number.lower():
        wrong("记录里的 id 和 statementId 不一样")
    take_statements(call.actor, call.at, call.platform, [given], call.edition, call.home)
    return HttpResponse(status=204)


def _posted(call: Call) -> HttpResponse:
    if call.params:
        wrong("POST 不带参数")
    given = _content(call)
    sent = given if isinstance(given, list) else [given]
    numbers = take_statements(call.actor, call.at, call.platform, sent, call.edition, call.home)
    return JsonResponse(numbers, safe=False)


def _content(call: Call) -> Any:
    kind = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/mixed":
        wrong("本接口不收附件内容，附件请写 fileUrl，内容只发 JSON")
    if kind != JSON:
        wrong(f"Content-Type 要是 {JSON}")
    try:
        return parse_json(call.body)
    except NotJson as no:
        wrong(f"内容{no}")


def _asked(call: Call) -> HttpResponse:
    question = read_question(call.params)
    wanted_languages = languages_of(call.headers.get("accept-language", ""))

    def formed(kept: Kept) -> Any:
        if question.format == "ids":
            return ids_only(kept.given)
        return canonical(kept.given, wanted_languages) if question.format == "canonical" else kept.given

    if question.number:
        found = statement_of(call.platform.id, question.number, voided=question.voided)
        if found is None:
            raise Said(404, "StatementNotFound", "没有这条学习记录。", "已作废的，请用 voidedStatementId 查。")
        response = JsonResponse(formed(found), json_dumps_params=DUMPS)
        response["Last-Modified"] = http_date(found.stored_at.timestamp())
        return response
    page, more = statements_of(call.platform.id, question.wanted)
    rest = f"{reverse('xapi-statements')}?{urlencode({'more': name_of_rest(question, page[-1])})}" if more else ""
    answer = {"statements": [formed(kept) for kept in page], "more": rest}
    return JsonResponse(answer, json_dumps_params=DUMPS)


@csrf_exempt
def about(request: HttpRequest) -> HttpResponse:
    """Which versions are spoken here; for everybody, without a key (1.0.3 Communication 2.8)."""
    if request.method not in ("GET", "HEAD"):
        response: HttpResponse = JsonResponse({"code": "MethodNotOffered", "message": "这里只能查。"}, status=405)
        response["Allow"] = "GET"
    else:
        response = JsonResponse({"version": list(VERSIONS)})
    response[VERSION] = NEWEST
    return response


@csrf_exempt
def not_offered(request: HttpRequest, rest: str) -> HttpResponse:
    """501 for the resources of xAPI that are not offered here, 405 for what they never take, 404 for what is none."""
    if rest in ONLY_READ and request.method not in ("GET", "HEAD"):
        code, status, said = "MethodNotOffered", 405, "这个地址不接受这种方法。"
    elif rest.rstrip("/") in NOT_OFFERED:
        code, status, said = "NotOffered", 501, "本接口只有 statements 和 about，不提供这一项。"
    else:
        code, status, said = "NoSuchAddress", 404, "没有这个地址。"
    response = JsonResponse({"code": code, "message": said, "remedy": "请看接入说明里的地址。"}, status=status)
    if status == 405:
        response["Allow"] = "GET"
    response[VERSION] = NEWEST
    return response


about.jx_entry = Entry("platform", ("GET",))  # type: ignore[attr-defined]
not_offered.jx_entry = Entry("platform", ("GET", "PUT", "POST", "DELETE"))  # type: ignore[attr-defined]
