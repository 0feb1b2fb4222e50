"""A town for tests of pages: offices, staff, a clerk, citizens; committed, at the demo's first morning."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from django.db import connection

from jiangxin.ground import state
from jiangxin.ground.actor import acting, machine
from jiangxin.ground.clock import SHANGHAI, Clock
from jiangxin.ground.reference import load_calendar_days, load_regions
from jiangxin.parties.models import Account, Office, Organisation, Person
from jiangxin.parties.operations.accounts import DEMO_PASSWORD, grant_duty, open_account
from jiangxin.parties.operations.offices import load_offices
from jiangxin.parties.operations.persons import PersonRow, register_persons
from jiangxin.parties.queries.accounts import current_unused_code
from tests.parties.people import number

AT = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
COUNTY = 330421


@contextmanager
def as_worker() -> Iterator[None]:
    """Do as the worker process does, in a test whose own role is another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (before,) = cursor.fetchone()
        cursor.execute(f'SET ROLE "{state.role_name("worker")}"')
    yield
    with connection.cursor() as cursor:
        cursor.execute(f'SET ROLE "{before}"')


def office(region: int = COUNTY) -> Office:
    """The main office of a region."""
    return Office.objects.exclude(kind="zone").get(region_id=region)


def town() -> dict[str, Account]:
    """Accounts by sign-in name: maker, checker, clerk, worker-1, worker-2."""
    for load in (load_regions, load_offices, load_calendar_days):
        load()
    Clock.objects.update(demo_at=AT)
    opened: dict[str, Account] = {}
    staff(opened, "maker", "经办甲", "maker")
    staff(opened, "checker", "复核乙", "checker")
    body = Organisation.objects.create(name="嘉善评价中心", credit_code="91330421MA00000001", region_id=COUNTY)
    actor = machine()
    with acting(actor) as at:
        clerk = open_account(
            actor, at, kind="clerk", username="clerk", name="机构丙", password=DEMO_PASSWORD, body=body, demo=True
        )
        grant_duty(actor, at, clerk, "clerk")
        opened["clerk"] = clerk
        rows = [
            PersonRow("resident", number(n, date(1990, 5, 1)), name) for n, name in enumerate(("陈小明", "林芳"), 1)
        ]
        for n, person_id in enumerate(register_persons(actor, at, rows).ids, 1):
            person = Person.objects.get(pk=person_id)
            opened[f"worker-{n}"] = open_account(
                actor, at, kind="worker", username=f"worker-{n}", name=person.name, person=person, demo=True
            )
    return opened


def staff(opened: dict[str, Account], username: str, name: str, duty: str, region: int = COUNTY) -> Account:
    """Open a demo account of staff with a duty at the region's office."""
    actor = machine()
    with acting(actor) as at:
        account = open_account(
            actor,
            at,
            kind="staff",
            username=username,
            name=name,
            password=DEMO_PASSWORD,
            office=office(region),
            demo=True,
        )
        grant_duty(actor, at, account, duty)
    opened[username] = account
    return account


def credentials(username: str) -> dict[str, str]:
    """What the sign-in form wants now; codes used before are forgotten, so that tests need not wait for the next."""
    Account.objects.filter(username=username).update(code_last_step=0)
    code, _ = current_unused_code(Account.objects.get(username=username))
    return {"username": username, "password": DEMO_PASSWORD, "code": code}
