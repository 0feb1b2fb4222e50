"""What every layout shows around a page: menu, today, who is at work, and the demo strip (P18)."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse

from jiangxin.ground.clock import day_of, is_demo
from jiangxin.parties.queries.accounts import duty_words
from jiangxin.web.nav import MENUS, Part
from jiangxin.web.session import Visit, visit_of
from jiangxin.web.staff.work import all_waiting, is_late, work_of


@dataclass(frozen=True)
class Item:
    """An entry of the menu as the layout draws it; `count` is None where nothing is counted."""

    label: str
    href: str
    icon: str
    count: int | None
    late: bool


@dataclass(frozen=True)
class Section:
    """A titled part of the menu."""

    title: str
    items: list[Item]


@dataclass(frozen=True)
class Demo:
    """The demo strip."""

    at: datetime
    can_move: bool


@dataclass(frozen=True)
class Shown:
    """The account as the top bar names it."""

    name: str
    duty: str
    office: str


def frame(request: HttpRequest) -> dict[str, object]:
    """The context processor of all layouts; components ask it again, so it is answered once a request."""
    visit = visit_of(request)
    if visit.frame is None:
        visit.frame = _frame(visit)
    return visit.frame


def _frame(visit: Visit) -> dict[str, object]:
    at, counts = visit.at, _counts(visit)
    return {
        "nav": [section for part in MENUS[visit.audience] if (section := _section(part, visit, counts)).items],
        "today": day_of(at) if at else None,
        "demo": Demo(at, can_move=True) if at and is_demo() else None,
        "account": _shown(visit) if visit.account else None,
        "find_href": reverse("staff-find") if visit.audience == "staff" and visit.actor else "",
    }


def _section(part: Part, visit: Visit, counts: dict[str, tuple[int, bool]]) -> Section:
    held = visit.actor.duties if visit.actor else frozenset()
    links = [link for link in part.links if not link.duties or held.intersection(link.duties)]
    nothing = (None, False)
    return Section(
        part.title, [Item(link.label, reverse(link.to), link.icon, *counts.get(link.to, nothing)) for link in links]
    )


def _counts(visit: Visit) -> dict[str, tuple[int, bool]]:
    """By page of the desk: how much waits there for this actor, and whether any of it is late.

    Not asked outside the page's transaction, where nothing would be seen.
    """
    if visit.audience != "staff" or visit.actor is None or visit.at is None or not visit.inside:
        return {}
    found = all_waiting(visit.actor, visit.actor.regions, day_of(visit.at))
    counts: dict[str, tuple[int, bool]] = {}
    for work in work_of(visit.actor, found):
        count, late = counts.get(work.to, (0, False))
        counts[work.to] = count + found[work.kind].count, late or is_late(work, found[work.kind], day_of(visit.at))
    return counts


def _shown(visit: Visit) -> Shown:
    account = visit.who
    place = account.office or account.body
    return Shown(account.name, duty_words(visit.actor.duties) if visit.actor else "", place.name if place else "")
