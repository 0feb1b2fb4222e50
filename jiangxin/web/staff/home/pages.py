"""今日: what waits for this desk, what is late, what happens if nobody acts; for a city and the province, by county."""

from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.funds.queries import standings
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.money import yuan
from jiangxin.ground.regions import Region, regions_within
from jiangxin.mainline import next_due_on
from jiangxin.subsidy.queries.desk import Waiting, by_region, speed
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.staff.work import Work, all_waiting, is_late, work_of


@dataclass(frozen=True)
class Due:
    """A line of the list of work."""

    when: str
    title: str
    then: str
    href: str
    action: str
    late: bool


def _due(work: Work, found: Waiting, today: date) -> Due:
    late = is_late(work, found, today)
    when = (
        ""
        if found.due is None
        else f"超 {(today - found.due).days} 天"
        if late
        else f"{found.due.month}月{found.due.day}日"
    )
    said = work.said.format(count=found.count, fen=yuan(found.fen))
    return Due(when or "今天", said, work.then, reverse(work.to) + work.query, work.action, late)


def _title(due: list[Due]) -> str:
    late = sum(one.late for one in due)
    if not due:
        return "今天没有要您办的"
    return f"今天有 {len(due)} 类事要办" + (f"，{late} 类已超期" if late else "")


@entry("staff")
def home(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The desk of today; `?region=` narrows a city's or the province's view to one part of its scope."""
    today, regions = day_of(at), actor.regions
    chosen = request.GET.get("region", "")
    if chosen.isdigit() and int(chosen) in regions:
        regions = tuple(region for region in regions_within(int(chosen)) if region in regions)
    found = all_waiting(actor, regions, today)
    mine = sorted(work_of(actor, found), key=lambda work: found[work.kind].due or today)
    due = [_due(work, found[work.kind], today) for work in mine]
    wide = len(regions) > 1
    page = {
        "title": _title(due),
        "late": [one for one in due if one.late],
        "due": [one for one in due if not one.late],
        "wide": wide,
        "counties": by_region(regions, today) if wide else [],
        "pools": standings(regions, today.year),
        "speed": speed(regions),
        "notice": found.get("notice"),
        "asked": found.get("line_to_confirm"),
        "next_due": next_due_on(today),
        "office": Region.objects.get(id=regions[0] if regions else 0).name,
    }
    return TemplateResponse(request, "staff/home/home.html", page)


urlpatterns = [path("", home, name="staff-home")]
