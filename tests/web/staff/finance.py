"""A county with money, a paying account and staff who sign in, for tests of approval, payment and pools."""

from typing import Any

from django.db import transaction

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.jobs import Job, work_off
from jiangxin.mainline import JOBS
from jiangxin.parties.models import Account
from jiangxin.payment.models import Batch
from jiangxin.payment.operations.batches import build_batch
from jiangxin.subsidy.models import ApprovalSheet, SubsidyLine
from jiangxin.subsidy.operations.approvals import make_sheet
from tests.factories.bank import FUND
from tests.factories.lines import approved_lines, paying_account, reserved_lines
from tests.factories.world import World
from tests.web.people import as_worker, credentials, staff

DUTIES = {
    "maker": "经办甲",
    "checker": "复核乙",
    "leader": "领导丙",
    "releaser": "拨付丁",
    "reconciler": "对账戊",
    "budget": "预算己",
    "viewer": "查看庚",
}
FAR, CITY = 330522, 330400


def county(yuan: int = 1_000_000) -> World:
    """A world with a pool (`money`) and a paying account; staff sign in as `web-<duty>`, and afar as `far-<duty>`."""
    with as_worker(), transaction.atomic():
        world = World()
        world.money = world.pool(yuan=yuan)  # type: ignore[attr-defined]
        paying_account(world)
    opened: dict[str, Account] = {}
    for duty, name in DUTIES.items():
        staff(opened, f"web-{duty}", name, duty)
        staff(opened, f"far-{duty}", f"外县{name}", duty, FAR)
    staff(opened, "web-budget2", "预算辛", "budget")
    staff(opened, "city-budget", "市预算", "budget", CITY)
    return world


def sheet(world: World, n: int = 2, **more: Any) -> ApprovalSheet:
    """A sheet of n lines, made and waiting for its checker."""
    maker = world.staff["maker"]
    with as_worker(), acting(machine()):
        lines = reserved_lines(world, world.money, n, **more)  # type: ignore[attr-defined]
    with acting(maker) as at:
        return make_sheet(maker, at, [line.id for line in lines])


def batch(world: World, n: int = 2) -> Batch:
    """A sealed batch of n lines."""
    with as_worker(), acting(machine()) as at:
        approved_lines(world, n, pool=world.money)  # type: ignore[attr-defined]
        built = build_batch(machine(), at, world.office.id, FUND)
    assert built is not None
    return built


def work() -> list[Job]:
    """Run what was asked for and return it as it stands afterwards; a refusal is written on its row."""
    waiting = list(Job.objects.filter(state="waiting").order_by("asked_at", "id").values_list("pk", flat=True))
    with as_worker():
        for key in waiting:
            work_off(key, JOBS)
    return list(Job.objects.filter(pk__in=waiting).order_by("asked_at", "id"))


def code_of(username: str) -> str:
    """A fresh one-time code of an account."""
    return credentials(username)["code"]


def seen(model: Any, key: object) -> Any:
    """A row as it stands, whoever asks."""
    with acting(machine()):
        return model.objects.get(pk=key)


def lines_of(sheet_: ApprovalSheet) -> list[SubsidyLine]:
    """The lines a sheet names, as they stand."""
    with acting(machine()):
        return list(SubsidyLine.objects.filter(id__in=[row["line"] for row in sheet_.content]).order_by("id"))
