"""The account of a body (P24): its own, name and credit code matching, seen by an office, changed ones wait."""

import pytest

from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.parties.models import PayeeAccount
from jiangxin.parties.operations.body_accounts import (
    NotTheBodysAccount,
    OfficeConfirms,
    confirm_body_account,
    propose_body_account,
)
from jiangxin.parties.operations.payees import AccountBelongsToAnother, AccountNotOpen, confirm_account
from tests.factories.refused import refused
from tests.factories.school import clerk_of
from tests.factories.world import World

pytestmark = pytest.mark.django_db
NUMBER, OTHER = "33050161000009990001", "33050161000009990002"


@pytest.fixture
def world() -> World:
    return World()


def proposed(world: World, number: str = NUMBER) -> PayeeAccount:
    body = world.provider
    head = clerk_of(world, body, "head")
    made = propose_body_account(head, world.at, body.id, "嘉善农商行", body.name, body.credit_code, number)
    world.see_all()
    return made


def test_an_office_confirms_what_the_body_named_and_the_old_one_is_closed(world: World) -> None:
    first = confirm_body_account(world.staff["maker"], world.at, proposed(world).id)
    assert (first.state, first.first, first.tail) == ("confirmed", True, "0001")
    second = confirm_body_account(world.staff["checker"], world.at, proposed(world, OTHER).id)
    assert (second.state, second.first) == ("confirmed", False)
    assert PayeeAccount.objects.get(id=first.id).state == "closed"
    assert proposed(world, OTHER).id == second.id, "named again, it stays the one it is"


def test_only_the_bodys_own_account_and_only_by_its_own_people(world: World) -> None:
    body, other = world.provider, world.assessor
    head = clerk_of(world, body, "head")
    for name, code in (("别家公司", body.credit_code), (body.name, other.credit_code)):
        with refused(NotTheBodysAccount):
            propose_body_account(head, world.at, body.id, "银行", name, code, NUMBER)
        world.see_all()
    with refused(NotYourDuty):
        propose_body_account(head, world.at, other.id, "银行", other.name, other.credit_code, NUMBER)
    world.see_all()
    proposed(world)
    stranger = clerk_of(world, other, "head")
    with refused(AccountBelongsToAnother):
        propose_body_account(stranger, world.at, other.id, "银行", other.name, other.credit_code, NUMBER)


def test_nobody_confirms_the_own_and_no_person_confirms_a_bodys(world: World) -> None:
    account, maker = proposed(world), world.staff["maker"]
    head = clerk_of(world, world.provider, "head")
    with refused(OfficeConfirms):
        confirm_body_account(head, world.at, account.id)
    world.see_all()
    with refused(NotYourDuty):
        confirm_body_account(world.staff["leader"], world.at, account.id)
    with refused(NotFound):
        confirm_account(maker, world.at, account)
    confirm_body_account(maker, world.at, account.id)
    with refused(AccountNotOpen):
        confirm_body_account(maker, world.at, account.id)
