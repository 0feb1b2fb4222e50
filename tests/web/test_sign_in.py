"""Signing in: two secrets and one answer, codes and tickets that work once, a lock, a session under a new name."""

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core import signing
from django.db import connection
from django.test import Client

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.clock import Clock
from jiangxin.ground.jobs import Job
from jiangxin.ground.journal import JournalEntry
from jiangxin.parties import citizen, codes
from jiangxin.parties.models import Account, Person, PersonDocument, SpentTicket
from jiangxin.parties.operations import accounts
from jiangxin.parties.queries.accounts import current_unused_code
from jiangxin.web.public.demo import pages
from tests.factories.whole import whole
from tests.parties.people import number
from tests.web import people

pytestmark = [pytest.mark.role("web")]
WRONG = "登录名、密码或动态码不对。"


@pytest.fixture(scope="module")
def town(clone):
    return people.town()


@pytest.fixture(autouse=True)
def _fresh(town):
    """Earlier failures and an earlier demo day are none of this test's business."""
    AccessAttempt.objects.all().delete()
    Clock.objects.update(demo_at=people.AT)


def document_of(username: str) -> PersonDocument:
    with whole():
        return PersonDocument.objects.get(person__account__username=username)


def leave(browser: Client) -> str:
    """Go to the identity service; returns the state that the browser left with."""
    answer = browser.get("/sign-in/citizen?next=/demo")
    return parse_qs(urlsplit(answer["Location"]).query)["state"][0]


def come_back(browser: Client, ticket: str, state: str):
    return browser.get("/sign-in/citizen/back", {"ticket": ticket, "state": state})


def test_password_and_code_let_in_under_a_new_session(town):
    browser = Client()
    browser.get("/sign-in/citizen")
    before = browser.session.session_key
    answer = browser.post("/sign-in", people.credentials("maker"))
    assert (answer.status_code, answer["Location"]) == (302, "/desk/")
    assert browser.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()
    assert browser.get("/desk/account").status_code == 200
    with whole():
        assert JournalEntry.objects.filter(verb="signed_in", account_id=town["maker"].pk).exists()


@pytest.mark.parametrize(
    ("to", "then"),
    [("/desk/account", "/desk/account"), ("https://evil.example/", "/desk/"), ("//evil.example", "/desk/")],
)
def test_it_goes_on_to_a_page_of_ours_only(town, to, then):
    assert Client().post("/sign-in", people.credentials("maker") | {"next": to})["Location"] == then


@pytest.mark.parametrize(
    "wrong",
    [{"username": "nobody"}, {"password": "not the password 123"}, {"code": "000000"}, {"username": "worker-1"}],
)
def test_every_wrong_part_has_the_same_answer(town, wrong):
    asked = people.credentials("maker") | wrong
    answer = Client().post("/sign-in", asked)
    assert answer.status_code == 200
    assert WRONG in answer.content.decode()
    assert f'value="{asked["code"]}"' not in answer.content.decode()
    assert answer.context["form"].errors == {"__all__": answer.context["form"].errors["__all__"]}


def test_a_code_works_once(town):
    used = people.credentials("maker")
    assert Client().post("/sign-in", used).status_code == 302
    again = Client().post("/sign-in", used)
    assert again.status_code == 200
    assert WRONG in again.content.decode()


def test_an_earlier_code_is_dead_once_a_later_one_was_used(town):
    account = Account.objects.get(username="maker")
    now = codes.step_now()
    Account.objects.filter(pk=account.pk).update(code_last_step=now)
    with pytest.raises(accounts.CodeAlreadyUsed):
        accounts.verify_code(account, codes.code_at(account, now - 1))


def test_a_wrong_password_uses_up_no_code(town):
    asked = people.credentials("maker")
    Client().post("/sign-in", asked | {"password": "not the password 123"})
    assert Client().post("/sign-in", asked).status_code == 302


def test_ten_failures_lock_this_name_from_this_address_only(town):
    for n in range(10):
        guess = people.credentials("maker") | {"code": "000000"}
        answer = Client(headers={"user-agent": f"browser {n}"}).post("/sign-in", guess)
    assert answer.status_code == 429
    locked = Client().post("/sign-in", people.credentials("maker"))
    assert locked.status_code == 429
    assert "试错的次数太多" in locked.content.decode()
    assert Client(REMOTE_ADDR="10.1.2.3").post("/sign-in", people.credentials("maker")).status_code == 302
    assert Client().post("/sign-in", people.credentials("checker")).status_code == 302


def test_failures_keep_no_name_and_no_secret(town):
    typed = number(9)
    Client().post("/sign-in", {"username": typed, "password": "a secret word 123", "code": "123456"})
    row = AccessAttempt.objects.get()
    kept = "|".join(str(value) for value in vars(row).values())
    assert typed not in kept
    assert "secret word" not in kept
    assert "123456" not in kept


def test_success_forgets_the_failures(town):
    Client().post("/sign-in", people.credentials("maker") | {"code": "000000"})
    assert Client().post("/sign-in", people.credentials("maker")).status_code == 302
    assert not AccessAttempt.objects.exists()


def test_a_demo_account_is_dead_in_a_real_database(town):
    asked = people.credentials("maker")
    Clock.objects.update(demo_at=None)
    assert Client().post("/sign-in", asked).status_code == 200
    assert Client().get("/demo").status_code == 404
    assert Client().get("/demo/zhelab").status_code == 404
    assert Client().get("/sign-in/citizen").status_code == 409
    assert "password" not in Client().get("/sign-in?as=maker").context["form"].initial


def test_signing_out_ends_the_session(town):
    browser = Client()
    browser.post("/sign-in", people.credentials("maker"))
    assert browser.get("/sign-out").status_code == 405
    assert browser.post("/sign-out")["Location"] == "/"
    assert browser.get("/desk/account").status_code == 302


def test_forms_need_their_token(town):
    answer = Client(enforce_csrf_checks=True).post("/sign-in", people.credentials("maker"))
    assert answer.status_code == 403
    assert "没有提交成功" in answer.content.decode()


def test_the_demo_page_prints_what_the_form_wants(town):
    Account.objects.update(code_last_step=0)
    page = Client().get("/demo").content.decode()
    code, _ = current_unused_code(Account.objects.get(username="maker"))
    assert code in page
    assert "嘉善县人力资源和社会保障局" in page
    filled = Client().get("/sign-in?as=maker").context["form"]
    assert Client().post("/sign-in", {name: filled[name].value() for name in filled.fields}).status_code == 302


def test_codes_are_shown_for_demo_accounts_only(town):
    with pytest.raises(ValueError, match="demo accounts only"):
        current_unused_code(Account(username="real", is_demo=False))


def test_after_two_uses_the_demo_says_how_long_to_wait(town):
    account = Account.objects.get(username="checker")
    Account.objects.filter(pk=account.pk).update(code_last_step=codes.step_now() + codes.WINDOW)
    account.refresh_from_db()
    code, wait = current_unused_code(account)
    assert code == ""
    assert 0 < wait <= codes.SECONDS


# ── workers ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_worker_comes_through_the_simulated_service(town):
    browser = Client()
    state = leave(browser)
    chosen = browser.get("/demo/zhelab", {"state": state})
    assert "陈*明" in chosen.content.decode()
    assert "陈小明" not in chosen.content.decode()
    document = document_of("worker-1")
    back = browser.post("/demo/zhelab", {"state": state, "document": str(document.pk), "back": "https://evil.example/"})
    assert back["Location"].startswith("/sign-in/citizen/back?"), "the service goes back to our own callback only"
    assert browser.get(back["Location"])["Location"] == "/demo"
    assert browser.session["_auth_user_id"] == str(town["worker-1"].pk)
    assert browser.get("/desk/account").status_code == 403


def test_the_number_is_nowhere_on_the_way(town, caplog):
    browser = Client()
    state = leave(browser)
    back = browser.post("/demo/zhelab", {"state": state, "document": str(document_of("worker-1").pk)})
    browser.get(back["Location"])
    own = number(1, date(1990, 5, 1))
    with whole():
        deeds = str(list(JournalEntry.objects.values_list("detail", "purpose")))
    told = [
        back["Location"],
        str(dict(browser.session)),
        caplog.text,
        deeds,
    ]
    assert not [text for text in told if own in text or "陈小明" in text]


def test_a_ticket_works_once(town):
    ticket = citizen.issue_ticket(document_of("worker-1").pk)
    first, second = Client(), Client()
    assert come_back(first, ticket, leave(first)).status_code == 302
    answer = come_back(second, ticket, leave(second))
    assert answer.status_code == 409
    assert "已经用过" in answer.content.decode()
    assert "_auth_user_id" not in second.session


def test_a_callback_that_this_browser_did_not_begin_is_refused(town):
    ticket = citizen.issue_ticket(document_of("worker-1").pk)
    theirs, mine = Client(), Client()
    foreign = leave(theirs)
    assert come_back(Client(), ticket, foreign).status_code == 409, "a browser that began nothing"
    leave(mine)
    assert come_back(mine, ticket, foreign).status_code == 409, "the state of another browser"
    assert "_auth_user_id" not in mine.session
    assert not SpentTicket.objects.filter(digest=accounts.blind_index(ticket, "ticket")).exists()


def test_a_state_works_once(town):
    browser = Client()
    state = leave(browser)
    assert come_back(browser, "forged", state).status_code == 409
    assert come_back(browser, citizen.issue_ticket(document_of("worker-1").pk), state).status_code == 409


def test_a_ticket_goes_stale(town, monkeypatch):
    ticket = citizen.issue_ticket(document_of("worker-1").pk)
    later = signing.time.time() + citizen.TICKET_SECONDS + 1
    monkeypatch.setattr(signing.time, "time", lambda: later)
    browser = Client()
    assert come_back(browser, ticket, leave(browser)).status_code == 409


def test_a_merely_basic_identity_is_refused(town):
    browser = Client()
    answer = come_back(browser, citizen.issue_ticket(document_of("worker-1").pk, level="basic"), leave(browser))
    assert answer.status_code == 409
    assert "实名认证" in answer.content.decode()


class Elsewhere:
    """An identity service that names somebody no register ever brought."""

    def __init__(self, identity: citizen.VerifiedIdentity) -> None:
        self.identity = identity

    def exchange(self, ticket: str) -> citizen.VerifiedIdentity:
        return self.identity


def test_somebody_unknown_gets_a_person_and_an_account_bound_by_the_number_only(town):
    identity = citizen.VerifiedIdentity(number(77), "新来者", "verified", "person", "0" * 64)
    actor = machine()
    with acting(actor) as at:
        first = accounts.sign_in_citizen(actor, at, Elsewhere(identity), "ticket a")
    renamed = citizen.VerifiedIdentity(number(77), "换了名", "verified", "person", "0" * 64)
    with acting(actor) as at:
        second = accounts.sign_in_citizen(actor, at, Elsewhere(renamed), "ticket b")
    assert first.pk == second.pk
    assert first.kind == "worker"
    assert Person.objects.get(pk=first.person_id).name == "新来者"


# ── the demo's clock ───────────────────────────────────────────────────────────────────────────────────────────────
def test_the_demo_clock_goes_on_and_the_main_line_is_asked(town):
    Clock.objects.update(demo_at=people.AT.replace(day=6))
    answer = Client().post("/demo/clock/next-workday", {"next": "/sign-in"})
    assert answer["Location"] == "/sign-in"
    assert Clock.objects.get().demo_at == people.AT.replace(day=9), "Friday to Monday"
    with whole():
        assert JournalEntry.objects.filter(verb="moved_clock").exists()
    assert Job.objects.filter(kind="mainline").exists()


def test_to_the_next_due_day_also_for_somebody_who_sees_nothing(town, monkeypatch):
    asked = []

    def spring(today):
        with connection.cursor() as cursor:
            cursor.execute("SELECT cardinality(current_setting('app.regions')::int[])")
            asked.append((today, cursor.fetchone()[0]))
        return date(2026, 4, 1)

    monkeypatch.setattr(pages, "next_due_on", spring)
    Client().post("/demo/clock/next-due")
    assert asked == [(people.AT.date(), 102)], "the whole province is asked, the visitor sees none of it"
    assert Clock.objects.get().demo_at == people.AT.replace(month=4, day=1)


def test_the_strip_stands_on_every_page_of_a_demo_and_on_none_of_a_real_one(town):
    for address in ("/", "/sign-in", "/demo", "/no-such-page"):
        assert "演示数据 无效" in Client().get(address).content.decode()
    Clock.objects.update(demo_at=None)
    for address in ("/", "/sign-in", "/no-such-page"):
        assert "演示数据" not in Client().get(address).content.decode()
    assert Client().post("/demo/clock/next-workday")["Location"] == "/"
    assert Clock.objects.get().demo_at is None


def test_home_is_open_and_names_every_sign_in(town):
    page = Client().get("/")
    assert page.status_code == 200
    for way in ("/sign-in/citizen", "/sign-in?next=/desk/", "/sign-in?next=/provider/"):
        assert f'href="{way}"' in page.content.decode()


def test_the_pulse(town):
    browser = Client()
    answer = browser.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert not browser.cookies
