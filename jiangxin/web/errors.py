"""Pages for what went wrong: the frame stays, one sentence, whom to call, and a number to quote that the log knows."""

import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html

from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.web.session import recognise, visit_of

logger = logging.getLogger(__name__)
LAYOUTS = {"staff": "shared/desk.html", "provider": "shared/desk.html", "worker": "shared/phone.html"}
WAYS_ON = {
    "staff": ("今日", "/desk/"), "provider": ("结果导入", "/provider/"), "worker": ("我的钱", "/me/money"),
    "public": ("首页", "/"),
}  # fmt: skip
PLAIN = (
    '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>暂时打不开</title><h1>暂时打不开</h1>'
    "<p>您的数据没有丢。请过几分钟再打开；还是打不开，请找{}，报这个号：{}。</p></html>"
)


def _say(request: HttpRequest, status: int, title: str, sentence: str, remedy: str) -> HttpResponse:
    visit = visit_of(request)
    logger.warning("answered %s, number %s, request %s, path %s", status, visit.number, visit.request_id, request.path)
    known = visit.account is not None and visit.at is not None
    context = {
        "layout": LAYOUTS.get(visit.audience, "shared/public.html") if known else "shared/public.html",
        "title": title, "sentence": sentence, "remedy": remedy, "contact": settings.CONTACT, "number": visit.number,
        "home": WAYS_ON[visit.audience if visit.account else "public"],
    }  # fmt: skip
    response = HttpResponse(render_to_string("shared/error.html", context, request), status=status)
    response["Cache-Control"] = "no-store"
    return response


def say_no(request: HttpRequest, status: int, refusal: Refusal) -> HttpResponse:
    """A refusal as a page: 403 for a missing duty, 409 for a business no."""
    return _say(
        request, status, "您不能打开这一页" if status == 403 else "现在不能办", refusal.sentence, refusal.remedy
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: the same answer whether a thing does not exist or belongs elsewhere (Z9)."""
    recognise(request)
    if visit_of(request).account is None:
        return _say(request, 404, "没有这一页", "网址可能写错了，或这一页已经撤下。", "请回到首页，从菜单进入。")
    return _say(request, 404, "没有这一页", NotFound.sentence, NotFound.remedy)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 outside a page of ours."""
    recognise(request)
    return _say(request, 403, "您不能打开这一页", "这一页不对您开放。", "请回到首页，从菜单进入。")


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token does not fit: usually a page left open over a sign-in."""
    recognise(request)
    return _say(request, 403, "没有提交成功", "这一页放得太久，或您已重新登录。", "请返回上一页，刷新后再提交。")


def not_understood(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: an address or form that no page of ours makes."""
    return _say(request, 400, "没有看懂", "地址或提交的内容不完整。", "请回到首页重新进入。")


def failed(request: HttpRequest) -> HttpResponse:
    """500: ours to mend. Nothing is asked of the database but what the frame shows; without it, a bare page."""
    try:
        return _say(
            request,
            500,
            "这一页出错了",
            "是系统的问题，您填的内容没有保存。",
            "请过几分钟再试；还是不行，请打电话并报下面的号。",
        )
    except Exception:
        logger.exception("the page for number %s failed too", visit_of(request).number)
        return HttpResponse(format_html(PLAIN, settings.CONTACT, visit_of(request).number), status=500)
