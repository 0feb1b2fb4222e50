"""送审: lines ready for approval, pool by pool, and what came back with its reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.funds.models import Pool
from jiangxin.ground.actor import Actor
from jiangxin.ground.jobs import wake
from jiangxin.ground.money import yuan
from jiangxin.rules.vocabulary import FUNDS
from jiangxin.subsidy.operations.approvals import make_sheet
from jiangxin.subsidy.queries.notices import AT_MOST, OnTheWay, on_the_way
from jiangxin.subsidy.queries.sheets import returned_to, sheets_of
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.chosen import chosen_rows


@dataclass(frozen=True)
class Ready:
    """The lines of one pool that may go on one sheet; `count` also counts those not shown."""

    pool_id: UUID
    title: str
    lines: list[OnTheWay]
    count: int

    @property
    def total_fen(self) -> int:
        return sum(line.amount_fen for line in self.lines)


def _ready(lines: Iterable[OnTheWay]) -> list[Ready]:
    grouped = [(pool, list(group)) for pool, group in groupby(lines, key=lambda line: line.pool_id)]
    pools = Pool.objects.in_bulk([pool for pool, _ in grouped])
    return [
        Ready(pool, f"{pools[pool].year} 年{FUNDS[pools[pool].fund]}", group, group[0].in_pool)
        for pool, group in grouped
    ]


@entry("staff", "maker", methods=("GET", "POST"))
def sheets(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Tick the lines of one pool and send them for approval; what was returned stands on top."""
    if request.method == "POST":
        sheet = make_sheet(actor, at, chosen_rows(request))
        leaders = "审批两级" if sheet.second_leader else "审批"
        said = f"第 {sheet.number} 张审批表已送审：{sheet.heads} 人 {yuan(sheet.total_fen)} 元，等复核、{leaders}签。"
        messages.success(request, said)
        wake()
        return HttpResponseRedirect(reverse("staff-sheets"))
    lines, total = on_the_way(actor.regions, actor.office_id, "to_approve")
    shown = {
        "ready": _ready(lines),
        "total": total,
        "at_most": AT_MOST,
        "returned": returned_to(actor.office_id),
        "sent": sheets_of(actor, ["made", "checked", "led"]).rows,
    }
    return TemplateResponse(request, "staff/subsidy/sheets.html", shown)


urlpatterns = [path("sheets/", sheets, name="staff-sheets")]
