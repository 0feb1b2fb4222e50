"""The demo's firms: an employer and a delivery platform, each with a clerk who keeps its people (4.2, 5.2)."""

from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from jiangxin.ground.actor import Actor
from jiangxin.ground.identity import check_digit
from jiangxin.parties.models import Organisation
from jiangxin.parties.operations.accounts import DEMO_PASSWORD, grant_duty, open_account
from jiangxin.parties.operations.bodies import BodyRow, register_bodies
from jiangxin.parties.operations.persons import PersonRow
from jiangxin.parties.rosters import WorkerRow
from jiangxin.synth.accounts import DUTIES_SINCE
from jiangxin.synth.bodies import DEMO
from jiangxin.synth.names import draw_name
from jiangxin.synth.numbers import credit_code

WORK_SINCE = date(2025, 9, 1)


@dataclass(frozen=True)
class Firm:
    """A firm: the sign-in name of its clerk, its name, how its people work and how many they are."""

    username: str
    name: str
    kind: str
    people: int


FIRMS = (
    Firm("employer-1", "浙江善工精密制造有限公司（演示）", "contract", 20),
    Firm("platform-1", "嘉善快送信息科技有限公司（演示）", "platform", 30),
)


def open_firms(actor: Actor, at: datetime, seed: int) -> list[str]:
    """The firms and their clerks' accounts; their lists come with the play."""
    random = Random(f"{seed}|firms")
    rows = [BodyRow(firm.name, credit_code(random, DEMO // 100 * 100), DEMO) for firm in FIRMS]
    for firm, body_id in zip(FIRMS, register_bodies(actor, at, rows), strict=True):
        account = open_account(
            actor, at, kind="clerk", username=firm.username, name=f"{firm.name[:4]}人事（演示）",
            password=DEMO_PASSWORD, body=Organisation.objects.get(id=body_id), demo=True,
        )  # fmt: skip
        grant_duty(actor, at, account, "employer", from_on=DUTIES_SINCE)
    return [firm.username for firm in FIRMS]


def people_of(firm: Firm) -> list[WorkerRow]:
    """The firm's people, the same each time: in county xx99, with the last serials of their days, given to nobody."""
    random = Random(firm.username)
    rows = []
    for place in range(firm.people):
        born = date(1980 + place % 20, 1 + place % 12, 28)
        male = place % 3 > 0
        first = f"330499{born:%Y%m%d}{980 + male + 2 * FIRMS.index(firm):03d}"
        name = draw_name(random, "male" if male else "female", born.year)
        rows.append(WorkerRow(PersonRow("resident", first + check_digit(first), name), firm.kind, WORK_SINCE))
    return rows
