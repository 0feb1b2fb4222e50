"""Synthetic identity numbers (county part xx99) and persons for tests."""

from datetime import date, datetime

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import SHANGHAI
from jiangxin.ground.identity import check_digit
from jiangxin.ground.keys import new_id
from jiangxin.ground.reference import load_regions
from jiangxin.parties.models import Account, Office, Person
from jiangxin.parties.operations.offices import load_offices, load_registers
from jiangxin.parties.operations.persons import PersonRow, register_persons

AT = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
DATA_KEEPER = Actor(name="数据管理员", duties=frozenset({"register"}), regions=(330421,))
NOBODY = Actor(name="无岗位")


def lay_ground() -> None:
    """Divisions, offices and registers: what every fact about people stands on."""
    for load in (load_regions, load_offices, load_registers):
        load()


def number(n: int, born: date = date(1985, 6, 7)) -> str:
    """The n-th number of a birthday."""
    first = f"330499{born:%Y%m%d}{n:03d}"
    return first + check_digit(first)


def person(n: int, name: str = "张三", **more: object) -> Person:
    """A registered person with the n-th number."""
    row = PersonRow("resident", number(n), name, **more)  # type: ignore[arg-type]
    return Person.objects.get(pk=register_persons(DATA_KEEPER, AT, [row]).ids[0])


def officer(name: str, *duties: str, region_id: int = 330421) -> Actor:
    """An officer with an account at the region's office; the reference data must be loaded."""
    office = Office.objects.get(region_id=region_id, kind__in=("province", "city", "county"))
    account = Account.objects.create(username=f"u{new_id().hex[-12:]}", name=name, kind="staff", office=office)
    return Actor(
        name=name, account_id=account.pk, office_id=office.pk, region_id=region_id, duties=frozenset(duties),
        regions=(region_id,),
    )  # fmt: skip
