"""Accounts and duties: who may hold what, when, where; each refusal once, with proof that nothing changed."""

from collections.abc import Callable
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.db import IntegrityError, connection, transaction

from jiangxin.ground.actor import Actor, machine, set_scope
from jiangxin.ground.clock import Clock
from jiangxin.ground.journal import JournalEntry
from jiangxin.ground.keys import new_id
from jiangxin.ground.reference import load_regions
from jiangxin.ground.refusal import NotYourDuty, Refusal
from jiangxin.parties import codes
from jiangxin.parties.models import MONEY_DUTIES, Account, Duty, Office, Organisation
from jiangxin.parties.operations import accounts
from jiangxin.parties.operations.offices import load_offices
from jiangxin.parties.queries.accounts import actor_of
from tests.parties.people import AT, person

TODAY = AT.date()
PASSWORD = "a long sentence of words"


@pytest.fixture(autouse=True)
def _quick_hash(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def world(db: None) -> Actor:
    load_regions()
    load_offices()
    Clock.objects.update(demo_at=AT)
    actor = machine()
    set_scope(actor)
    return actor


def office(region: int = 330421) -> Office:
    return Office.objects.exclude(kind="zone").get(region_id=region)


def opened(actor: Actor, username: str = "lin", **more: Any) -> Account:
    return accounts.open_account(
        actor,
        AT,
        **({"kind": "staff", "username": username, "name": "林芳", "password": PASSWORD, "office": office()} | more),
    )


def clerk(actor: Actor) -> Account:
    body = Organisation.objects.create(name="评价中心", credit_code="91330421MA00000001", region_id=330421)
    return opened(actor, "clerk", kind="clerk", office=None, body=body)


def refused(refusal: type[Refusal], deed: Callable[[], object]) -> Refusal:
    """The refusal of a deed that changed nothing."""

    def state() -> list[object]:
        tables = (Account.objects.order_by("pk"), Duty.objects.order_by("pk"))
        return [*(list(rows.values()) for rows in tables), JournalEntry.objects.count()]

    before = state()
    with pytest.raises(refusal) as raised:
        deed()
    assert state() == before
    return raised.value


def test_an_account_is_opened_with_its_secrets_kept(world):
    account = opened(world)
    assert account.check_password(PASSWORD)
    assert PASSWORD not in account.password
    assert codes.matching_step(account, codes.code_at(account, codes.step_now())) == codes.step_now()
    assert JournalEntry.objects.filter(verb="opened_account", subject_id=account.pk).exists()


def test_a_code_secret_moved_to_another_account_does_not_open(world):
    one, other = opened(world, "one"), opened(world, "other")
    other.code_secret = one.code_secret
    with pytest.raises(InvalidTag):
        codes.code_at(other, 1)


def test_codes_are_those_of_the_standard(world, monkeypatch):
    account = opened(world)
    monkeypatch.setattr(codes, "_secret", lambda _: b"12345678901234567890")
    assert [codes.code_at(account, seconds // 30) for seconds in (59, 1111111109, 1234567890)] == [
        "287082",
        "081804",
        "005924",
    ]
    assert "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" in codes.authenticator_address(account)


@pytest.mark.parametrize(("away", "works"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_good_for_one_step_around(world, monkeypatch, away, works):
    account = opened(world)
    monkeypatch.setattr(codes, "step_now", lambda: 1_000_000)
    code = codes.code_at(account, 1_000_000 + away)
    if works:
        assert accounts.verify_code(account, f" {code} ") == 1_000_000 + away
    else:
        refused(accounts.CodeWrong, lambda: accounts.verify_code(account, code))


def test_a_code_used_or_older_is_refused(world):
    account = opened(world)
    step = accounts.verify_code(account, codes.code_at(account, codes.step_now() + 1))
    refused(accounts.CodeAlreadyUsed, lambda: accounts.verify_code(account, codes.code_at(account, step)))
    refused(accounts.CodeAlreadyUsed, lambda: accounts.verify_code(account, codes.code_at(account, step - 1)))


def test_a_code_with_strange_characters_is_only_wrong(world):
    account = opened(world)
    for code in ("", "１２３４５６", "12345", "abcdef"):
        refused(accounts.CodeWrong, lambda code=code: accounts.verify_code(account, code))


def test_opening_is_refused(world):
    opened(world)
    refused(accounts.UsernameTaken, lambda: opened(world))
    refused(accounts.PasswordTooShort, lambda: opened(world, "chen", password="fourteen chars"))
    refused(NotYourDuty, lambda: opened(Actor("林芳", duties=frozenset({"leader", "register"})), "chen"))
    Clock.objects.update(demo_at=None)
    refused(accounts.DemoAccountsOnlyInDemo, lambda: opened(world, "chen", demo=True))


@pytest.mark.parametrize("held", MONEY_DUTIES)
@pytest.mark.parametrize("wanted", MONEY_DUTIES)
def test_the_five_money_duties_exclude_each_other(world, held, wanted):
    account = opened(world)
    accounts.grant_duty(world, AT, account, held)
    if held == wanted:
        return
    said = refused(accounts.DutyConflicts, lambda: accounts.grant_duty(world, AT, account, wanted))
    assert "林芳在这段时间已是" in said.sentence
    raw = Duty(account=account, office=office(), duty=wanted, exclusive=True, from_on=TODAY + timedelta(days=900))
    with pytest.raises(IntegrityError, match="one_money_duty_per_account"), transaction.atomic():
        raw.save()
    raw.exclusive = False
    with pytest.raises(IntegrityError, match="money_duties_are_exclusive"), transaction.atomic():
        raw.save()


def test_duties_conflict_on_their_days_only_the_last_day_included(world):
    account, day = opened(world), timedelta(days=1)
    accounts.grant_duty(world, AT, account, "maker", from_on=TODAY, until_on=TODAY + 10 * day)

    def check(first: date, last: date | None = None) -> object:
        return accounts.grant_duty(world, AT, account, "checker", from_on=first, until_on=last)

    refused(accounts.DutyConflicts, lambda: check(TODAY + 10 * day))
    refused(accounts.DutyConflicts, lambda: check(TODAY - 5 * day, TODAY))
    check(TODAY - 5 * day, TODAY - day)
    check(TODAY + 11 * day)


def test_other_duties_go_with_each_other(world):
    account = opened(world)
    for duty in ("maker", "register", "budget", "viewer"):
        accounts.grant_duty(world, AT, account, duty)
    assert actor_of(account, TODAY).duties == {"maker", "register", "budget", "viewer"}


def test_a_duty_fits_the_kind_of_account(world):
    staff, body = opened(world), clerk(world)
    for account, duty in ((staff, "clerk"), (body, "maker"), (staff, "emperor")):
        with pytest.raises(accounts.DutyDoesNotFit):
            accounts.grant_duty(world, AT, account, duty)
    assert not Duty.objects.exists()


def test_a_duty_taken_back_frees_the_same_day(world):
    account = opened(world)
    held = accounts.grant_duty(world, AT, account, "maker")
    accounts.end_duty(world, AT, held)
    assert not actor_of(account, TODAY).duties
    refused(accounts.DutyAlreadyEnded, lambda: accounts.end_duty(world, AT, held))
    accounts.grant_duty(world, AT, account, "checker")
    assert actor_of(account, TODAY).duties == {"checker"}


def test_closing_ends_everything(world):
    account = opened(world)
    accounts.grant_duty(world, AT, account, "maker")
    accounts.grant_duty(world, AT, account, "viewer", from_on=TODAY + timedelta(days=30))
    accounts.close_account(world, AT, account, "调离")
    assert not Account.objects.get(pk=account.pk).is_active
    assert not account.duties.filter(ended_at=None).exists()
    refused(accounts.AccountIsClosed, lambda: accounts.close_account(world, AT, account, "再关一次"))
    refused(accounts.AccountIsClosed, lambda: accounts.grant_duty(world, AT, account, "maker"))


@pytest.mark.parametrize("deed", ["grant", "borrow", "end", "close"])
def test_nobody_manages_accounts_from_a_desk(world, deed):
    account = opened(world)
    held = accounts.grant_duty(world, AT, account, "leader")
    self = actor_of(account, TODAY)
    month = timedelta(days=30)
    deeds: dict[str, Callable[[], object]] = {
        "grant": lambda: accounts.grant_duty(self, AT, account, "viewer"),
        "borrow": lambda: accounts.borrow_duty(
            self,
            AT,
            account,
            "leader",
            office=office(330400),
            from_on=TODAY,
            until_on=TODAY + month,
            reason="自己借自己",
        ),
        "end": lambda: accounts.end_duty(self, AT, held),
        "close": lambda: accounts.close_account(self, AT, account, "自己关自己"),
    }
    refused(NotYourDuty, deeds[deed])


def borrow(actor: Actor, account: Account, duty: str = "checker", **more: Any) -> Duty:
    terms = {"office": office(330481), "from_on": TODAY, "until_on": TODAY + timedelta(days=9), "reason": "海宁缺人"}
    return accounts.borrow_duty(actor, AT, account, duty, **(terms | more))


def test_a_lent_checker_works_at_one_office_at_a_time(world):
    account = opened(world)
    accounts.grant_duty(world, AT, account, "checker")
    borrow(world, account)
    own, lent = actor_of(account, TODAY), actor_of(account, TODAY, office(330481).pk)
    assert (own.office_id, own.regions, own.duties) == (office().pk, (330421,), {"checker"})
    assert (lent.office_id, lent.regions, lent.duties) == (office(330481).pk, (330481,), {"checker"})
    assert actor_of(account, TODAY + timedelta(days=10), office(330481).pk).office_id == office().pk
    assert actor_of(account, TODAY, office(330482).pk).office_id == office().pk, "no duty there, no scope there"


def test_a_duty_lent_elsewhere_is_not_held_at_home(world):
    account = opened(world)
    borrow(world, account, "leader")
    assert not actor_of(account, TODAY).duties
    refused(accounts.DutyConflicts, lambda: accounts.grant_duty(world, AT, account, "maker"))


@pytest.mark.parametrize("wrong", [{"reason": "  "}, {"until_on": TODAY - timedelta(days=1)}, {"office": "own"}])
def test_lending_names_reason_end_and_another_office(world, wrong):
    account = opened(world)
    if "office" in wrong:
        wrong = {"office": office()}
    refused(accounts.BorrowingNeedsReason, lambda: borrow(world, account, **wrong))


def test_the_scope_of_a_city_and_of_the_province_is_all_below(world):
    city, province = opened(world, "city", office=office(330400)), opened(world, "province", office=office(330000))
    assert {330400, 330421, 330481} <= set(actor_of(city, TODAY).regions)
    assert 330102 not in actor_of(city, TODAY).regions
    assert len(actor_of(province, TODAY).regions) == 102


def test_a_clerk_sees_by_body_and_a_worker_by_person(world):
    body = clerk(world)
    accounts.grant_duty(world, AT, body, "clerk")
    acts = actor_of(body, TODAY)
    assert (acts.regions, acts.body_id, acts.duties, acts.region_id) == ((), body.body_id, {"clerk"}, 330421)
    citizen = person(1)
    worker = actor_of(opened(world, "w", kind="worker", office=None, password="", person=citizen), TODAY)
    assert (worker.regions, worker.person_id, worker.duties) == ((), citizen.pk, frozenset())


def test_an_account_has_its_place(world):
    with pytest.raises(IntegrityError, match="account_has_its_place"):
        Account.objects.create(id=new_id(), username="x", name="x", kind="staff", password="!")


def test_many_at_once_use_a_code_once(clone):
    """The compare-and-set decides: of many sessions with one code exactly one gets in."""
    load_regions()
    load_offices()
    account = opened(machine())
    code, gate, answers = codes.code_at(account, codes.step_now()), Barrier(8), []

    def use() -> None:
        gate.wait()
        try:
            accounts.verify_code(account, code)
            answers.append("in")
        except accounts.CodeAlreadyUsed:
            answers.append("used")
        finally:
            connection.close()

    threads = [Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["in", *["used"] * 7]
