"""My account: proposed, then confirmed in a second step; only mine; my archive tells where each thing is known from."""

import pytest

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.journal import JournalEntry
from jiangxin.parties.models import PayeeAccount, Spell
from tests.factories.whole import whole
from tests.factories.world import number_of
from tests.web.village import Village, enter
from tests.web.worker.test_money import text

pytestmark = pytest.mark.role("web")
FORM = "/me/archive/account"
NUMBER = "6228480000001234567"


@pytest.fixture(scope="module")
def village(clone: str) -> Village:
    return Village.built()


def given(number: str, **changed: str) -> dict[str, str]:
    return {"bank": "农业银行", "number": number, "again": number} | changed


def states(person) -> dict[str, str]:
    with whole():
        return dict(PayeeAccount.objects.filter(person=person).values_list("tail", "state"))


def account_of(person) -> PayeeAccount:
    with whole():
        return PayeeAccount.objects.get(person=person)


def test_another_account_is_used_only_after_the_second_step(village):
    person = village.person()
    old = account_of(person).tail
    browser = enter(person)
    answer = browser.post(FORM, given(" 6228 4800 0000 1234 567 "))
    assert states(person) == {old: "certified", "4567": "unconfirmed"}
    asked = text(browser.get(answer["Location"]))
    assert f"换下来的嘉善农商银行，尾号{old}，不再付款" in asked
    assert "30天内付款前，会先打电话" not in asked
    told = text(browser.post(answer["Location"], follow=True))
    assert "以后付到尾号4567的账户" in told
    assert states(person) == {old: "closed", "4567": "confirmed"}
    with whole():
        assert JournalEntry.objects.filter(verb="confirmed_account", person_id=person.pk).exists()


def test_a_bad_or_foreign_number_is_said_beside_the_field_and_nothing_is_lost(village):
    person, other = village.person(), village.person()
    browser = enter(person)
    answer = browser.post(FORM, given("12ab"))
    assert "账号应为8到32位数字" in text(answer)
    assert 'value="农业银行"' in answer.content.decode()
    owner = village.person(account=False)
    with whole():
        taken = village.world.account(owner)
        number = f"6217{village.world.people:012d}{PayeeAccount.objects.count() - 1:03d}"
    assert number.endswith(taken.tail)
    assert "登记在别人名下" in text(browser.post(FORM, given(number)))
    assert len(states(person)) == 1
    foreign = account_of(other)
    assert browser.get(f"{FORM}/{foreign.pk}/confirm").status_code == 404
    assert browser.post(f"{FORM}/{foreign.pk}/confirm").status_code == 404


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"bank": "就是我那张卡"}, "请写银行的名称"),
        ({"again": NUMBER[:-1] + "8"}, "两次填的账号不一样"),
        ({"number": "330499199005010012", "again": "330499199005010012"}, "这不是银行账号"),
        ({"number": "00000000", "again": "00000000"}, "这不是银行账号"),
    ],
)
def test_a_slip_is_said_before_the_account_is_kept(village, changed, said):
    person = village.person(account=False)
    assert said in text(enter(person).post(FORM, given(NUMBER) | changed))
    assert states(person) == {}


@pytest.mark.parametrize("bank", ["嘉善农商银行", "交行嘉善支行", "浙江省农村信用合作联社", "Bank of China 中国银行"])
def test_banks_are_taken_as_people_write_them(village, bank):
    assert enter(village.person(account=False)).post(FORM, given(NUMBER, bank=bank)).status_code in (200, 302)


def test_a_mistyped_account_is_taken_out_and_one_in_use_is_not(village):
    person = village.person()
    used = account_of(person)
    browser = enter(person)
    browser.post(FORM, given("6228480000007777777"))
    with whole():
        typed = PayeeAccount.objects.get(person=person, state="unconfirmed")
    assert "不要这个账户" in text(browser.get(f"{FORM}/{typed.pk}/confirm"))
    assert "已删除尾号7777" in text(browser.post(f"{FORM}/{typed.pk}/close", follow=True))
    assert states(person) == {used.tail: "certified", "7777": "closed"}
    assert browser.post(f"{FORM}/{used.pk}/close").status_code == 404
    assert enter(village.person()).post(f"{FORM}/{typed.pk}/close").status_code == 404


def test_the_number_never_comes_back(village):
    person = village.person()
    browser = enter(person)
    answer = browser.post(FORM, given("6228480000007654321"))
    for address in (answer["Location"], FORM, "/me/archive"):
        said = browser.get(address).content.decode()
        assert "6228480000007654321" not in said
        assert "4321" in said


def test_my_archive_shows_what_i_may_see_with_its_source(village):
    person = village.person("陈小明")
    number = number_of(village.world.people)
    line = village.line(person)
    with acting(machine()):
        load = village.world.load_of("public_staff")
        village.world.spell(person, "disabled", 330421)
        Spell.objects.create(person=person, kind_id="public_staff", from_on=village.world.at.date(), certified=True,
                             load=load)  # fmt: skip
    browser = enter(person)
    answer = browser.get("/me/archive")
    told = text(answer)
    assert "陈小明" in told
    assert number not in answer.content.decode()
    assert "户籍地：嘉善县" in told
    assert "财政供养人员，2026年3月2日取得" in told
    assert "持残疾人证" not in told
    assert f"取得电工四级（中级工），{line.certificate.number}" in told
    assert "来源：嘉善评价中心2026年3月2日报送" in told
    listed = text(browser.get("/me/certificates"))
    assert "联网可查" in listed
    assert "职业培训补贴1,800.00元" in listed


def test_what_was_taught_is_told_as_it_was_reported(village):
    person = village.person()
    village.line(person, training_subject="6-18-01-01", training_title="车工")
    village.line(person, level="5", training_subject="", training_title="")
    browser = enter(person)
    told = text(browser.get("/me/archive"))
    assert "培训结束：车工" in told
    assert "培训结束：培训职业未报" in told
    assert "培训2025年12月1日到2026年1月15日，车工，嘉善技工学校" in text(browser.get("/me/certificates"))


def test_the_home_of_somebody_without_anything_says_what_comes(village):
    browser = enter(village.person())
    told = text(browser.get("/me/"))
    assert "0.00元" in told
    assert "能领的不用申请" in told
    assert "还没有补贴" in text(browser.get("/me/money"))
    assert "还没有证书" in text(browser.get("/me/certificates"))


def test_learning_begins_where_i_am_registered(village):
    browser = enter(village.person())
    assert '<option value="330421" selected>' in browser.get("/me/learning").content.decode()
    told = text(browser.get("/me/learning", {"region": 330421, "kind": "skill_level", "q": "电工", "level": "3",
                                             "on": "2026-03-02"}))  # fmt: skip
    assert "2,600.00元" in told
