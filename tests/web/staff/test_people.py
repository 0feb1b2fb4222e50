"""人员: the account of somebody who stands at the counter, entered by one and confirmed by another (P13)."""

import secrets

import pytest

from jiangxin.ground.actor import acting, machine
from jiangxin.parties.models import PayeeAccount, Person, PersonDocument
from jiangxin.parties.operations.persons import reveal_document
from tests.web.staff.desk import at_desk, desk, noted, page
from tests.web.village import Village

pytestmark = pytest.mark.role("web")


@pytest.fixture(scope="module")
def village(clone: str) -> Village:
    return desk()


def accounts(person: Person) -> dict[str, str]:
    """State by the last four digits."""
    with acting(machine()):
        return dict(PayeeAccount.objects.filter(person=person).values_list("tail", "state"))


def test_two_people_change_the_account_of_somebody_at_the_counter(village: Village) -> None:
    person = village.person()
    before = accounts(person)
    to = f"/desk/people/{person.id}/"
    maker, checker = at_desk("web-maker"), at_desk("web-checker")
    number = f"62170000{secrets.randbelow(10**11):011d}"
    said = {"bank": "中国银行", "holder": person.name, "number": number}
    wrongs = (({"holder": "别人"}, "户名和登记的姓名不一样"), ({"number": "12ab"}, "账号应为 8 到 32 位数字"))
    for wrong, answer in wrongs:
        shown = maker.post(f"{to}account/", said | wrong).content.decode()
        assert answer in shown
        assert 'value="中国银行"' in shown
    assert accounts(person) == before
    assert maker.post(f"{to}account/", said).status_code == 302
    assert accounts(person) == before | {number[-4:]: "unconfirmed"}
    shown = page(maker, to)
    assert f"尾号 {number[-4:]} 等确认" in shown
    assert "已向本人核实，确认这个账户" not in shown
    with acting(machine()):
        proposed = PayeeAccount.objects.get(person=person, state="unconfirmed")
    confirm = f"{to}account/confirm/"
    maker.post(confirm)
    assert accounts(person)[number[-4:]] == "unconfirmed"
    assert "已向本人核实，确认这个账户" in page(checker, to)
    assert checker.post(confirm).status_code == 302
    assert accounts(person) == {tail: "closed" for tail in before} | {number[-4:]: "confirmed"}
    assert noted("confirmed_account", proposed.id)


def test_an_account_entered_at_the_counter_waits_on_the_list_of_another(village: Village) -> None:
    person, work = village.line().person, "窗口登记的账户 1 个等确认"
    to, maker, checker = f"/desk/people/{person.id}/", at_desk("web-maker"), at_desk("web-checker")
    assert work not in page(checker, "/desk/")
    maker.post(f"{to}account/", {"bank": "中国银行", "holder": person.name, "number": "62170000111133334"})
    assert work in page(checker, "/desk/")
    listed = page(checker, "/desk/people/")
    assert to in listed
    assert "3334" in listed
    assert work not in page(maker, "/desk/")
    assert to not in page(maker, "/desk/people/")
    assert work not in page(at_desk("far-maker"), "/desk/")
    told = checker.post(f"{to}account/confirm/", follow=True).content.decode()
    assert "已确认尾号 3334 的账户" in told
    assert work not in page(checker, "/desk/")


def full_number(person: Person) -> str:
    """The number on the person's document, as typed at the counter."""
    with acting(machine()) as at:
        return reveal_document(machine(), at, PersonDocument.objects.get(person=person), "测试")


def test_another_county_sees_and_changes_nobody_by_address(village: Village) -> None:
    line = village.line()
    person, far = line.person, at_desk("far-maker")
    to, before = f"/desk/people/{person.id}/", accounts(person)
    with acting(machine()):
        document = PersonDocument.objects.get(person=person)
    said = {"bank": "中国银行", "holder": person.name, "number": "62170000111122223"}
    assert far.get(to).status_code == 404
    assert far.post(f"/desk/people/documents/{document.id}/", {"purpose": "核对身份"}).status_code == 404
    assert far.post(f"{to}account/", said).status_code == 404
    assert at_desk("web-maker").post(f"{to}account/", said).status_code == 302
    assert far.post(f"{to}account/confirm/").status_code == 404
    assert accounts(person) == before | {"2223": "unconfirmed"}
    assert not noted("revealed_document", document.id)


def test_who_stands_at_the_counter_is_served_for_a_while(village: Village) -> None:
    person = village.line().person
    to, far = f"/desk/people/{person.id}/", at_desk("far-maker")
    asked = {"number": full_number(person), "purpose": "核对身份"}
    assert far.post("/desk/people/", asked | {"purpose": ""}).status_code == 200
    assert far.get(to).status_code == 404
    assert far.post("/desk/people/", asked)["Location"] == to
    found = noted("found_person", person.id)
    assert [(one.actor_name, one.purpose) for one in found] == [("外县经办", "核对身份")]
    assert person.name in page(far, to)
    assert at_desk("far-maker").get(to).status_code == 404
    session = far.session
    session["served"] = {str(person.id): 1}
    session.save()
    assert far.get(to).status_code == 404


@pytest.mark.parametrize(("hukou", "answer"), [(330421, 200), (330522, 404), (None, 404)])
def test_a_status_in_the_county_makes_a_person_known_there(village: Village, hukou: int, answer: int) -> None:
    person = village.person(hukou=hukou)
    assert at_desk("web-maker").get(f"/desk/people/{person.id}/").status_code == answer
