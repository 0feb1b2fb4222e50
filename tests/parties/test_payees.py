"""Payee accounts: of one person, certified by the card register or confirmed by the owner, sealed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from django.db import connection, transaction

from jiangxin.ground.actor import Actor, machine, receive, set_scope
from jiangxin.ground.journal import JournalEntry
from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.ground.sheets import read_sheet
from jiangxin.parties.models import PayeeAccount, Person, RegisterLoad
from jiangxin.parties.operations.payees import (
    AccountBelongsToAnother,
    AccountNotOpen,
    AccountNumberWrong,
    ConfirmingNeedsAnother,
    HolderIsNotThePerson,
    close_payee_account,
    confirm_account,
    load_card_accounts,
    propose_account,
    reveal_accounts,
)
from jiangxin.parties.operations.persons import PurposeMissing, reveal_phone
from jiangxin.parties.operations.registers import withdraw_load
from jiangxin.parties.register_files import ACCOUNT_COLUMNS, Extract, build_account, read_whole
from tests.factories.whole import whole
from tests.parties.people import AT, NOBODY, lay_ground, number, officer, person

pytestmark = pytest.mark.usefixtures("of_the_province")

EXTRACT = Extract("card", 330421, date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1), "社保卡.csv", "c" * 64)
CARD = "6222000000000000"


@pytest.fixture(autouse=True)
def _reference(db: None) -> None:
    lay_ground()


def _load(*lines: tuple[int, str, str], sha256: str = "c" * 64) -> RegisterLoad:
    text = "姓名,证件号码,开户银行,银行账号\n" + "".join(
        f"{name},{number(n)},工商银行,{card}\n" for n, name, card in lines
    )
    rows = read_whole(read_sheet(text.encode(), "社保卡.csv", ACCOUNT_COLUMNS), build_account)
    keeper = officer("社保卡管理", "register")
    return load_card_accounts(keeper, AT, replace(EXTRACT, sha256=sha256), rows).load


def _owner(of: Person) -> Actor:
    return Actor(name=of.name, person_id=of.pk)


def _states(of: Person) -> list[tuple[str, str, bool]]:
    return list(PayeeAccount.objects.filter(person=of).order_by("id").values_list("tail", "state", "first"))


def test_the_card_register_certifies_a_first_account() -> None:
    holder = person(1)
    _load((1, "张三", CARD + "001"))
    account = PayeeAccount.objects.get(person=holder)
    assert (account.state, account.first, account.tail, account.holder) == ("certified", True, "0001", "张三")
    assert reveal_accounts(machine(), AT, [account], "编制付款文件") == {account.pk: CARD + "001"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM parties_payee_account t")
        assert CARD not in cursor.fetchone()[0]


def test_a_changed_card_replaces_the_certified_one_and_is_not_first() -> None:
    holder = person(1)
    _load((1, "张三", CARD + "001"))
    _load((1, "张三", CARD + "002"), sha256="d" * 64)
    _load((1, "张三", CARD + "002"), sha256="e" * 64)
    assert _states(holder) == [("0001", "closed", True), ("0002", "certified", False)]


def test_who_confirmed_an_account_keeps_it() -> None:
    holder = person(1)
    account = propose_account(_owner(holder), AT, holder, "农业银行", "张三", CARD + "009")
    confirm_account(_owner(holder), AT, account)
    _load((1, "张三", CARD + "001"))
    assert _states(holder) == [("0009", "confirmed", True)]


def test_the_register_settles_proposals() -> None:
    holder, other = person(1), person(2, "李四")
    propose_account(_owner(holder), AT, holder, "工商银行", "张三", CARD + "001")
    propose_account(_owner(other), AT, other, "工商银行", "李四", CARD + "002")
    third = person(3, "王五")
    _load((1, "张三", CARD + "001"), (3, "王五", CARD + "002"))
    assert _states(holder) == [("0001", "certified", True)]
    assert _states(other) == [("0002", "closed", True)]
    assert _states(third) == [("0002", "certified", True)]


@pytest.mark.parametrize(
    ("lines", "refusal", "said"),
    [
        ([(2, "李四", CARD + "001")], AccountBelongsToAnother, "第 2 行"),
        ([(2, "李四", CARD + "002"), (3, "王五", CARD + "002")], AccountBelongsToAnother, "第 2、3 行"),
        ([(2, "李四", CARD + "002"), (1, "李四", CARD + "003")], HolderIsNotThePerson, "第 3 行"),
        ([(2, "李四", "62220000ABC")], AccountNumberWrong, "8 到 32"),
    ],
)
def test_a_card_file_with_one_wrong_row_changes_nothing(
    lines: list[tuple[int, str, str]], refusal: type[Exception], said: str
) -> None:
    holder = person(1)
    _load((1, "张三", CARD + "001"))
    mark = RegisterLoad.objects.count()
    with pytest.raises(refusal, match=said), transaction.atomic():
        _load(*lines, sha256="f" * 64)
    assert _states(holder) == [("0001", "certified", True)]
    assert (PayeeAccount.objects.count(), RegisterLoad.objects.count(), Person.objects.count()) == (1, mark, 1)


def test_withdrawing_the_card_file_closes_what_it_certified() -> None:
    holder, other = person(1), person(2, "李四")
    load = _load((1, "张三", CARD + "001"), (2, "李四", CARD + "002"))
    confirm_account(_owner(other), AT, PayeeAccount.objects.get(person=other))
    withdraw_load(officer("第二位", "register"), AT, load, "银行给错文件")
    assert _states(holder) == [("0001", "closed", True)]
    assert _states(other) == [("0002", "confirmed", True)]


def test_a_confirmed_account_replaces_the_one_before() -> None:
    holder = person(1)
    _load((1, "张三", CARD + "001"))
    first = propose_account(_owner(holder), AT, holder, "农业银行", "张三", CARD + "008")
    second = propose_account(_owner(holder), AT, holder, "农业银行", "张三", CARD + "009")
    assert propose_account(_owner(holder), AT, holder, "农业银行", "张三", CARD + "009") == second
    assert _states(holder) == [("0001", "certified", True), ("0008", "closed", False), ("0009", "unconfirmed", False)]
    confirm_account(_owner(holder), AT, second)
    assert _states(holder) == [("0001", "closed", True), ("0008", "closed", False), ("0009", "confirmed", False)]
    with pytest.raises(AccountNotOpen):
        confirm_account(_owner(holder), AT, first)
    close_payee_account(_owner(holder), AT, second)
    with pytest.raises(AccountNotOpen):
        close_payee_account(_owner(holder), AT, second)


def test_the_counter_needs_two_people_where_the_owner_needs_none() -> None:
    holder = person(1)
    maker, checker = officer("经办甲", "maker"), officer("复核乙", "checker")
    account = propose_account(maker, AT, holder, "农业银行", "张三", CARD + "009")
    with pytest.raises(ConfirmingNeedsAnother):
        confirm_account(maker, AT, account)
    assert PayeeAccount.objects.get().state == "unconfirmed"
    assert confirm_account(checker, AT, account).state == "confirmed"


def test_a_desk_without_business_serves_only_who_stands_at_it() -> None:
    """The duty alone does not do: the person must be known here, or have come (P30)."""
    holder = person(1)
    standing = propose_account(officer("经办甲", "maker"), AT, holder, "农业银行", "张三", CARD + "009")
    stranger = officer("外县经办", "maker", region_id=330122)
    set_scope(stranger)
    for attempt in (
        lambda: propose_account(stranger, AT, holder, "工商银行", "张三", CARD + "017"),
        lambda: confirm_account(stranger, AT, standing),
        lambda: close_payee_account(stranger, AT, standing),
        lambda: reveal_phone(stranger, AT, holder, "回访"),
    ):
        with pytest.raises(NotFound):
            attempt()
    with whole():
        assert [(one.tail, one.state) for one in PayeeAccount.objects.all()] == [(standing.tail, "unconfirmed")]
    receive(holder.pk)
    assert confirm_account(stranger, AT, standing).state == "confirmed"


def _propose(actor: Callable[[Person], Actor], holder: str = "张三", card: str = CARD + "009") -> None:
    owner = Person.objects.get(name="张三")
    propose_account(actor(owner), AT, owner, "农业银行", holder, card)


@pytest.mark.parametrize(
    ("attempt", "refusal"),
    [
        (lambda: _propose(_owner, card=CARD + "777"), AccountBelongsToAnother),
        (lambda: _propose(_owner, holder="李四"), HolderIsNotThePerson),
        (lambda: _propose(_owner, card="1234567"), AccountNumberWrong),
        (lambda: _propose(lambda _: NOBODY), NotYourDuty),
        (lambda: _propose(lambda _: _owner(Person.objects.get(name="李四"))), NotYourDuty),
        (lambda: confirm_account(NOBODY, AT, PayeeAccount.objects.get()), NotYourDuty),
        (lambda: close_payee_account(NOBODY, AT, PayeeAccount.objects.get()), NotYourDuty),
        (lambda: reveal_accounts(officer("经办", "maker"), AT, PayeeAccount.objects.all(), "看看"), NotYourDuty),
        (lambda: reveal_accounts(machine(), AT, PayeeAccount.objects.all(), " "), PurposeMissing),
    ],
)
def test_what_is_refused_changes_nothing(attempt: Callable[[], None], refusal: type[Exception]) -> None:
    person(1)
    person(2, "李四")
    _load((2, "李四", CARD + "777"))
    before = list(PayeeAccount.objects.values_list("id", "state")), JournalEntry.objects.count()
    with pytest.raises(refusal):
        attempt()
    assert (list(PayeeAccount.objects.values_list("id", "state")), JournalEntry.objects.count()) == before
