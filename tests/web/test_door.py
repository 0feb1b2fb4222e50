"""The door: who is let in, whose rows they see, what may be written, and what is said when it is refused."""

import re
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.test import Client
from django.urls import include, path

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.clock import Clock
from jiangxin.ground.journal import JournalEntry, note
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.parties.models import Account, Duty
from jiangxin.parties.operations import accounts
from jiangxin.subsidy.queries.desk import Waiting
from jiangxin.web import door, frame, nav
from tests.web import people

pytestmark = [pytest.mark.urls(__name__), pytest.mark.role("web")]


class NotTodayPlease(Refusal):
    sentence = "今天不办。"
    remedy = "请明天再来。"


def _scope() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.regions', true), current_user")
        return "|".join(str(value) for value in cursor.fetchone())


@door.entry("staff", "maker")
def maker_page(request, actor, at):
    return HttpResponse(f"{actor.name}|{_scope()}")


@door.entry("staff", "maker", methods=("GET", "POST"))
def writing_page(request, actor, at):
    note(actor, at, "tried_to_write", kind="Test")
    return HttpResponse("written")


@door.entry("staff", methods=("GET", "POST"))
def refusing_page(request, actor, at):
    if request.method == "POST":
        note(actor, at, "written_before_refusal", kind="Test")
    raise NotTodayPlease()


@door.entry("staff")
def foreign_page(request, actor, at):
    raise NotFound()


@door.entry("staff")
def broken_page(request, actor, at):
    raise ZeroDivisionError


@door.entry("staff")
def streaming_page(request, actor, at):
    return StreamingHttpResponse(iter(["late"]))


@door.entry("staff")
def late_page(request, actor, at):
    template = engines["django"].from_string("{{ scope }}")
    return TemplateResponse(request, template, {"scope": _scope})


@door.entry("public")
def open_page(request, actor, at):
    return HttpResponse(_scope())


@door.entry("worker")
def worker_page(request, actor, at):
    return HttpResponse(str(actor.person_id))


@door.entry("staff", methods=("POST",))
def code_page(request, actor, at):
    return HttpResponse(str(door.use_code(request, request.POST["code"])))


def undeclared_page(request):
    return HttpResponse("open to all")


PAGES: dict[str, Any] = {
    "maker": maker_page, "write": writing_page, "refuse": refusing_page, "foreign": foreign_page,
    "broken": broken_page, "stream": streaming_page, "late": late_page, "worker": worker_page, "code": code_page,
    "open": open_page, "undeclared": undeclared_page,
}  # fmt: skip
urlpatterns = [path("", include("config.urls")), *(path(f"try/{name}", view) for name, view in PAGES.items())]
handler404 = "jiangxin.web.errors.not_found"
handler500 = "jiangxin.web.errors.failed"


@pytest.fixture(scope="module")
def town(clone):
    return people.town()


def enter(username: str) -> Client:
    """A browser in which an account has signed in."""
    browser = Client(raise_request_exception=False)
    answer = browser.post("/sign-in", people.credentials(username))
    assert answer.status_code == 302
    return browser


@pytest.fixture
def maker(town):
    return enter("maker")


def test_nobody_is_let_in_unseen(town):
    answer = Client().get("/try/maker?day=2026-03-02")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in?next=%2Ftry%2Fmaker%3Fday%3D2026-03-02")
    assert Client().get("/try/worker")["Location"] == "/sign-in/citizen?next=%2Ftry%2Fworker"
    assert Client().post("/try/write", headers={"HX-Request": "true"})["HX-Redirect"].startswith("/sign-in?")


def test_the_duty_opens_the_page(maker):
    answer = maker.get("/try/maker")
    assert answer.content.decode().startswith("经办甲|{330421}|")
    assert answer.content.decode().endswith("_web")
    assert answer["Cache-Control"] == "no-store"
    assert maker.post("/try/maker").status_code == 405


@pytest.mark.parametrize(
    ("username", "address", "said"),
    [
        ("checker", "/try/maker", "您的岗位不能办这件事。"),
        ("clerk", "/try/maker", "这一页不对您开放。"),
        ("maker", "/try/worker", "这一页不对您开放。"),
    ],
)
def test_another_duty_or_audience_is_refused_in_the_frame(town, username, address, said):
    answer = enter(username).get(address)
    text = answer.content.decode()
    assert answer.status_code == 403
    assert said in text
    assert "退出登录" in text
    assert re.search(r"[0-9A-F]{4} [0-9A-F]{4}", text)
    assert "12333" in text


def test_reading_cannot_write(maker):
    with pytest.raises(Exception, match="read-only transaction"):
        Client.get(_raising(maker), "/try/write")
    assert maker.post("/try/write").content == b"written"


def _raising(browser: Client) -> Client:
    browser.raise_request_exception = True
    return browser


def test_the_scope_ends_with_the_request(maker):
    assert "{330421}" in maker.get("/try/late").content.decode(), "rendered while the scope stands"
    assert not _scope().split("|")[0].strip("{}")
    assert Client().get("/try/open").content.decode().startswith("{}|")


def test_a_stream_would_outlive_the_scope(maker):
    assert maker.get("/try/stream").status_code == 500


def test_a_refused_deed_is_undone_and_said_above_the_page_that_asked(maker):
    answer = maker.post("/try/refuse", headers={"Referer": "http://testserver/desk/account"})
    assert (answer.status_code, answer["Location"]) == (302, "http://testserver/desk/account")
    assert "今天不办。请明天再来。" in maker.get("/desk/account").content.decode()
    assert maker.post("/try/refuse", headers={"Referer": "http://evil.example/"})["Location"] == "/desk/"
    with acting(machine()):
        assert not JournalEntry.objects.filter(verb="written_before_refusal").exists()


def test_a_page_that_refuses_is_a_page(maker):
    answer = maker.get("/try/refuse")
    assert answer.status_code == 409
    assert "今天不办。" in answer.content.decode()


def test_foreign_and_missing_are_one_answer(maker):
    foreign, missing = maker.get("/try/foreign"), maker.get("/desk/no-such-page")
    assert foreign.status_code == missing.status_code == 404
    scrubbed = [
        re.sub(r"[0-9A-F]{4} [0-9A-F]{4}|[0-9A-F]{8}|/(try|desk)/[\w-]+|value=\"\w{64}\"", "", a.content.decode())
        for a in (foreign, missing)
    ]
    assert scrubbed[0] == scrubbed[1]


def test_what_breaks_keeps_the_frame_and_gives_a_number_the_log_knows(maker, caplog):
    answer = maker.get("/try/broken")
    number = re.search(r"[0-9A-F]{4} [0-9A-F]{4}", answer.content.decode())
    assert answer.status_code == 500
    assert number
    assert number[0].replace(" ", "") in caplog.text
    assert "退出登录" in answer.content.decode()


def test_the_menu_counts_what_waits_in_the_scope_and_nothing_outside_it(maker, monkeypatch):
    seen = []

    def three(actor, regions, today):
        seen.append(_scope())
        return {"line_to_notice": Waiting(3, 0, None)}

    link = nav.Link("待公示", "staff-notices", "clock", ("maker",))
    monkeypatch.setitem(nav.MENUS, "staff", (nav.Part("每天", (link,)),))
    monkeypatch.setattr(frame, "all_waiting", three)
    assert "<em>3</em>" in maker.get("/desk/account").content.decode()
    assert [scope.split("|")[0] for scope in seen] == ["{330421}"]
    assert "<em>" not in maker.get("/try/broken").content.decode()
    assert len(seen) == 1


def test_a_view_without_a_declaration_is_not_opened(town):
    with pytest.raises(TypeError, match="has no @entry"):
        Client().get("/try/undeclared")


def test_a_closed_account_is_out_at_the_next_request(town):
    people.staff(town, "leaver", "离职者", "viewer")
    browser = enter("leaver")
    assert browser.get("/desk/account").status_code == 200
    actor = machine()
    with acting(actor) as at:
        accounts.close_account(actor, at, Account.objects.get(username="leaver"), "调离")
    assert browser.get("/desk/account").status_code == 302


def test_a_duty_taken_back_is_gone_at_the_next_request(town):
    people.staff(town, "mover", "转岗者", "maker")
    browser = enter("mover")
    assert browser.get("/try/maker").status_code == 200
    actor = machine()
    with acting(actor) as at:
        accounts.end_duty(actor, at, Duty.objects.get(account__username="mover"))
    assert browser.get("/try/maker").status_code == 403


@pytest.mark.parametrize(
    ("rested", "age", "status"), [(1790, 3600, 200), (1810, 3600, 302), (5, 43190, 200), (5, 43210, 302)]
)
def test_a_session_ends_by_rest_and_by_age(maker, monkeypatch, rested, age, status):
    kept = maker.session
    kept["since"], kept["seen"] = kept["since"] - age, kept["since"] - rested
    kept.save()
    assert maker.get("/try/maker").status_code == status


def test_guessing_codes_inside_ends_the_session(maker):
    for _ in range(door.WRONG_CODES):
        assert maker.post("/try/code", {"code": "000000"}).status_code == 302
    assert maker.get("/try/maker")["Location"].startswith("/sign-in")


def test_a_lent_duty_is_held_at_the_other_office(town):
    people.staff(town, "lent", "借调者", "checker")
    actor = machine()
    with acting(actor) as at:
        accounts.borrow_duty(
            actor, at, Account.objects.get(username="lent"), "checker", office=people.office(330481),
            from_on=at.date(), until_on=at.date(), reason="海宁缺复核",
        )  # fmt: skip
    browser = enter("lent")
    assert "海宁" in browser.get("/desk/account").content.decode()
    assert browser.post("/desk/account/office", {"office": str(people.office(330481).pk)}).status_code == 302
    assert "{330481}" in browser.get("/try/late").content.decode()
    assert browser.post("/desk/account/office", {"office": str(people.office(330482).pk)}).status_code == 404
    Clock.objects.update(demo_at=people.AT.replace(day=3))
    assert "{330421}" in browser.get("/try/late").content.decode(), "the loan is over: back at the own office"
    Clock.objects.update(demo_at=people.AT)
