"""The way in for platforms: Basic credentials, the version of the interface, one transaction, an answer in JSON (11.2).

A view is declared with `@for_platforms(methods…)` and written as `view(call)`. The declaration is data on the view,
`view.jx_entry`, as on pages: what is not declared is not opened (Z1).
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, Never
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from jiangxin.ground.actor import Actor, acting, set_scope
from jiangxin.ground.refusal import Refusal
from jiangxin.training.operations.platforms import PlatformClosed, fits_secret
from jiangxin.training.operations.statements import PlatformMayNotSend, StatementChanged
from jiangxin.training.queries.statements import actor_of_platform, consistent_through, platform_with_key
from jiangxin.training.statements import OnlinePlatform
from jiangxin.training.xapi_values import said_at

VERSION, THROUGH = "X-Experience-API-Version", "X-Experience-API-Consistent-Through"
NEWEST, VERSIONS = "2.0.0", ("1.0.0", "1.0.1", "1.0.2", "1.0.3", "2.0.0")
# What a client may ask for, and by which it is answered (1.0.3 Communication 3.3; 2.0.0, 4.1.4.2).
ASKED = {"1.0.3": re.compile(r"1\.0(?:\.\d+)?"), "2.0.0": re.compile(r"2\.0(?:\.\d+)?")}
KEY = re.compile(r"p-[0-9a-f]{16}")
LARGEST = 10_000_000
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
# Headers that the alternate syntax of 1.0.3 carries among the fields of its form (Communication 1.3).
CARRIED = {
    "authorization", "x-experience-api-version", "content-type", "content-length", "if-match", "if-none-match",
    "accept", "accept-language",
}  # fmt: skip
STATUS = {StatementChanged: 409, PlatformMayNotSend: 403, PlatformClosed: 403}


@dataclass(frozen=True)
class Entry:
    """Who may call, by which methods; the shape that pages declare too. Reads are read-only, the rest writes."""

    audience: str
    methods: tuple[str, ...]
    duties: frozenset[str] = frozenset()
    writes: bool = False


@dataclass
class Said(Exception):
    """An answer that ends a call: its status, and why in words."""

    status: int
    code: str
    sentence: str
    remedy: str = "请对照 xAPI 规范和接入说明改好再发。"


@dataclass
class Call:
    """One request as it is meant, after the alternate syntax was undone; `version` is by which it is answered."""

    method: str
    headers: Mapping[str, str]
    params: dict[str, str]
    body: bytes
    home: str
    version: str = NEWEST
    platform: OnlinePlatform = field(init=False)
    actor: Actor = field(init=False)
    at: datetime = field(init=False)

    @property
    def edition(self) -> str:
        """The version without its patch."""
        return self.version[:3]


View = Callable[[Call], HttpResponse]


def wrong(why: str) -> Never:
    """End the call with 400."""
    raise Said(400, "RequestWrong", f"请求不对：{why}。")


def for_platforms(*methods: str) -> Callable[[View], Callable[..., HttpResponse]]:
    """Declare a view that a platform calls by its own key and secret."""
    declared = Entry("platform", methods)

    def declare(view: View) -> Callable[..., HttpResponse]:
        @wraps(view)
        def enter(request: HttpRequest) -> HttpResponse:
            version = [NEWEST]
            try:
                response = _answered(request, declared, view, version)
            except Said as said:
                response = _told(said.status, said.code, said.sentence, said.remedy)
                if said.status == 401:
                    response["WWW-Authenticate"] = 'Basic realm="xapi", charset="UTF-8"'
                if said.status == 405:
                    response["Allow"] = ", ".join(declared.methods)
            except Refusal as refusal:
                status = STATUS.get(type(refusal), 400)
                response = _told(status, refusal.code, refusal.sentence, refusal.remedy)
            response[VERSION] = version[0]
            response["Cache-Control"] = "no-store"
            return response

        enter.jx_entry = declared  # type: ignore[attr-defined]
        return csrf_exempt(enter)

    return declare


def _told(status: int, code: str, sentence: str, remedy: str) -> JsonResponse:
    return JsonResponse({"code": code, "message": sentence, "remedy": remedy}, status=status)


def _answered(request: HttpRequest, declared: Entry, view: View, version: list[str]) -> HttpResponse:
    call = _call(request)
    if call.method not in declared.methods:
        raise Said(405, "MethodNotOffered", "这个地址不接受这种方法。")
    asked = call.headers.get(VERSION.lower(), "").strip()
    found = next((known for known, pattern in ASKED.items() if pattern.fullmatch(asked)), "")
    version[0] = call.version = found or NEWEST
    with acting(Actor("线上平台"), read_only=call.method == "GET") as at:
        call.platform, call.at = _recognised(call), at
        call.actor = actor_of_platform(call.platform)
        set_scope(call.actor)
        if not found:
            wrong(f"要有 {VERSION} 请求头，值为 1.0.3 或 2.0.0" if not asked else f"没有 {asked[:20]} 这个版本")
        if request.GET.get("method") and call.version != "1.0.3":
            wrong("2.0.0 没有 method 参数这种写法")
        response = view(call)
        response[THROUGH] = said_at(consistent_through(call.platform.id, at))
    return response


# ── the request as it is meant ─────────────────────────────────────────────────────────────────────────────────────
def _call(request: HttpRequest) -> Call:
    """The request, or the one that it carries in a form (`?method=`)."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    params = _once(request.GET.lists())
    body = request.read(LARGEST + 1)
    home = request.build_absolute_uri("/")
    if len(body) > LARGEST:
        raise Said(413, "TooLarge", f"一次最多发 {LARGEST // 1_000_000} MB。", "请分几批发。")
    if "method" not in params or request.method != "POST":
        return Call("GET" if request.method == "HEAD" else str(request.method), headers, params, body, home)
    if len(params) > 1:
        wrong("写了 method 时，别的参数要写在表单里")
    if headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        wrong(f"写了 method 时，内容要是表单（{FORM}）")
    return _carried(params["method"].upper(), headers, body, home)


def _carried(method: str, headers: Mapping[str, str], body: bytes, home: str) -> Call:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=50)
    except ValueError:
        wrong("表单读不出来")
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    fields = _once(found.items())
    content = fields.pop("content", None)
    if method in ("PUT", "POST") and content is None:
        wrong("表单里要有 content")
    carried = {name.lower(): fields.pop(name) for name in list(fields) if name.lower() in CARRIED}
    return Call(method, {**headers, "content-type": JSON, **carried}, fields, (content or "").encode(), home)


def _once(lists: Any) -> dict[str, str]:
    made: dict[str, str] = {}
    for name, values in lists:
        if len(values) > 1:
            wrong(f"参数 {name[:40]} 写了两次")
        made[name] = values[0]
    return made


# ── who calls ──────────────────────────────────────────────────────────────────────────────────────────────────────
def _recognised(call: Call) -> OnlinePlatform:
    """The platform whose key and secret came with the call."""
    platform = None
    key, secret = _credentials(call.headers.get("authorization", ""))
    if KEY.fullmatch(key):
        platform = platform_with_key(key)
    if platform is None or not fits_secret(platform, secret):
        raise Said(401, "KeyWrong", "密钥不对。", "请用发给贵平台的密钥名和密钥；丢了的，请发密钥的部门换一个。")
    if platform.closed_at:
        raise PlatformClosed()
    return platform


def _credentials(header: str) -> tuple[str, str]:
    kind, _, value = header.partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        key, _, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return key, secret
