"""人员: the account of somebody who stands at the counter, entered by one and confirmed by another (P13)."""

import secrets

import pytest

from jiangxin.ground.actor import acting, machine
from jiangxin.parties.models import PayeeAccount, Person
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
