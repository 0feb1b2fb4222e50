"""The demo's accounts: staff of every office used with their duties, clerks of the bodies, a few workers."""

from dataclasses import dataclass
from datetime import date, datetime

from jiangxin.ground.actor import PROVINCE, Actor
from jiangxin.ground.identity import check_digit
from jiangxin.parties.models import DUTIES, Account, Office, Organisation, Person
from jiangxin.parties.operations.accounts import DEMO_PASSWORD, borrow_duty, grant_duty, open_account
from jiangxin.parties.operations.persons import PersonRow, register_persons
from jiangxin.parties.queries.persons import find_person
from jiangxin.synth.bodies import DEMO, RUIAN, TONGLU, Body
from jiangxin.synth.learners import Result

DUTIES_SINCE, BORROWED_UNTIL = date(2024, 1, 1), date(2027, 12, 31)
BORROWED = "县里只有一位领导，超过限额的由市里借调第二位（演示）"


@dataclass(frozen=True)
class Desk:
    """One member of staff: the office's region, the duty there, and the counties that borrow it."""

    username: str
    name: str
    region: int
    duty: str
    lent_to: tuple[int, ...] = ()


def _county(place: str, region: int, names: str) -> tuple[Desk, ...]:
    """The nine desks of a county office; `names` are their holders' surnames in this order."""
    duties = ("maker", "checker", "leader", "releaser", "reconciler", "budget", "budget2", "data", "viewer")
    return tuple(
        Desk(f"{place}-{desk}", f"{surname}演示", region, {"budget2": "budget", "data": "register"}.get(desk, desk))
        for desk, surname in zip(duties, names, strict=True)
    )


DESKS = (
    *_county("jiashan", DEMO, "沈陆徐俞顾姚钱蒋许"),
    *_county("tonglu", TONGLU, "方申屠潘叶章何严施"),
    *_county("ruian", RUIAN, "林陈黄郑戴胡金曹夏"),
    Desk("jiashan-training", "程演示", DEMO, "training"),
    Desk("jiashan-training2", "丁演示", DEMO, "training"),
    Desk("jiaxing-leader", "朱演示", 330400, "leader", (DEMO,)),
    Desk("hangzhou-leader", "高演示", 330100, "leader", (TONGLU,)),
    Desk("wenzhou-leader", "潘演示", 330300, "leader", (RUIAN,)),
    Desk("jiaxing-viewer", "吴演示", 330400, "viewer"),
    Desk("hangzhou-viewer", "孙演示", 330100, "viewer"),
    Desk("wenzhou-viewer", "叶演示", 330300, "viewer"),
    Desk("zhejiang-viewer", "周演示", PROVINCE, "viewer"),
    Desk("zhejiang-data", "毛演示", PROVINCE, "register"),
    Desk("zhejiang-data2", "盛演示", PROVINCE, "register"),
    Desk("zhejiang-budget", "倪演示", PROVINCE, "budget"),
    Desk("zhejiang-budget2", "费演示", PROVINCE, "budget"),
)
# Who works at the school and the assessor of the demo county besides the clerk: body, sign-in name, duty.
STAFF_OF_BODIES = (
    ("provider-1", "school-1", "school"),
    ("provider-1", "school-1-head", "head"),
    ("provider-1", "teacher-1", "teacher"),
    ("assessor-1", "assessor-1b", "clerk"),
    ("assessor-1", "assessor-1-head", "head"),
    ("assessor-1", "examiner-1", "examiner"),
)
SAID = {"school": "教务", "head": "校长", "teacher": "施老师", "clerk": "考务", "examiner": "考评"}
TEACHER = PersonRow("resident", "33049919800101991" + check_digit("33049919800101991"), "施教演示")
# Workers with an account ready: one of each of these scenarios, in this order.
WORKERS = (
    "plain", "plain", "staff_gap", "same_level", "untrained", "account_changed", "no_account", "shared_phone",
    "three_taken", "over_age_confirmed", "late_past_window", "pensioner",
)  # fmt: skip


def open_staff(actor: Actor, at: datetime) -> list[str]:
    """Open every desk's account, give its duty, lend the second leaders; returns the sign-in names."""
    offices = {office.region_id: office for office in Office.objects.filter(closed_on=None).exclude(kind="zone")}
    for desk in DESKS:
        account = open_account(
            actor, at, kind="staff", username=desk.username, name=desk.name, password=DEMO_PASSWORD,
            office=offices[desk.region], demo=True,
        )  # fmt: skip
        grant_duty(actor, at, account, desk.duty, from_on=DUTIES_SINCE)
        for county in desk.lent_to:
            borrow_duty(
                actor, at, account, desk.duty, office=offices[county], from_on=DUTIES_SINCE, until_on=BORROWED_UNTIL,
                reason=BORROWED,
            )  # fmt: skip
    return [desk.username for desk in DESKS]


def open_clerks(actor: Actor, at: datetime, bodies: dict[str, Body]) -> list[str]:
    """One clerk for each body that issues certificates, named as the body's key."""
    codes = [body.credit_code for body in bodies.values()]
    organisations = {body.credit_code: body for body in Organisation.objects.filter(credit_code__in=codes)}
    issuers = [body for body in bodies.values() if body.holds("assessor")]
    for body in issuers:
        account = open_account(
            actor, at, kind="clerk", username=body.key, name=f"{body.name[:2]}经办（演示）", password=DEMO_PASSWORD,
            body=organisations[body.credit_code], demo=True,
        )  # fmt: skip
        grant_duty(actor, at, account, "clerk", from_on=DUTIES_SINCE)
    return [body.key for body in issuers]


def open_bodies(actor: Actor, at: datetime, bodies: dict[str, Body]) -> list[str]:
    """The further accounts of one school and one assessor, each with its one duty."""
    teacher = Person.objects.get(id=register_persons(actor, at, [TEACHER]).ids[0])
    for key, username, duty in STAFF_OF_BODIES:
        body = bodies[key]
        account = open_account(
            actor, at, kind="clerk", username=username, name=f"{body.name[:2]}{SAID.get(duty, DUTIES[duty])}（演示）",
            password=DEMO_PASSWORD, body=Organisation.objects.get(credit_code=body.credit_code),
            person=teacher if duty == "teacher" else None, demo=True,
        )  # fmt: skip
        grant_duty(actor, at, account, duty, from_on=DUTIES_SINCE)
    return [username for _, username, _ in STAFF_OF_BODIES]


def open_workers(actor: Actor, at: datetime, results: list[Result]) -> dict[str, str]:
    """Accounts worker-1 … of people with a certificate; returns what each demonstrates."""
    opened: dict[str, str] = {}
    waiting = list(results)
    for scenario in WORKERS:
        result = next((result for result in waiting if result.scenario == scenario), None)
        person = find_person(result.citizen.number) if result else None
        if result and person and not Account.objects.filter(person=person).exists():
            waiting.remove(result)
            username = f"worker-{len(opened) + 1}"
            open_account(actor, at, kind="worker", username=username, name=person.name, person=person, demo=True)
            opened[username] = scenario
    return opened
