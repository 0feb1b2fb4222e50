"""资金池: where each pool's money is, how long it lasts, who waits for it, what budget people enter and confirm."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.funds.models import BudgetLine, Pool
from jiangxin.funds.operations import (
    close_pool,
    confirm_budget,
    drop_budget,
    may_budget,
    may_confirm_budget,
    may_drop_budget,
    open_pool,
    propose_budget,
)
from jiangxin.funds.queries import CourseDay, Pace, Standing, course_of, paces, standings
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.jobs import wake
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.ground.regions import Region, chain, regions_within
from jiangxin.parties.models import Office
from jiangxin.payment.queries import pool_day
from jiangxin.rules.vocabulary import FUNDS
from jiangxin.subsidy.queries.queues import PAGE, Length, queue_lengths, queue_of
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm

POINTS = 60
RECENT = 8
NOTHING = Length(0, 0, None)


class BudgetForm(PlainForm):
    """An allotment to a pool by a document; negative takes back."""

    amount = forms.DecimalField(label="金额（元）", max_digits=14, decimal_places=2, help_text="下达填正数，收回填负数")
    document = forms.CharField(label="文号", max_length=200)
    from_pool = forms.ModelChoiceField(
        label="从哪个上级资金池拨下来", queryset=Pool.objects.none(), required=False, empty_label="不从上级池拨"
    )

    def __init__(self, pool: Pool, *args: object) -> None:
        super().__init__(*args)
        above = Pool.objects.filter(
            fund=pool.fund, year=pool.year, state="open", region_id__in=chain(pool.region_id)[1:]
        )
        field = self.fields["from_pool"]
        field.queryset = above.select_related("office")  # type: ignore[attr-defined]
        field.label_from_instance = lambda one: f"{one.office.name} {one.year} 年"  # type: ignore[attr-defined]


class PoolForm(PlainForm):
    """A new pool of the office."""

    fund = forms.ChoiceField(label="资金", choices=list(FUNDS.items()))
    year = forms.IntegerField(label="年度", min_value=2020, max_value=2100)
    document = forms.CharField(label="文号", max_length=200)
    last_on = forms.DateField(
        label="最后留出日（专账填）", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


# ── all pools in scope ─────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Outlook:
    """Whether a pool is enough, in words and as a state."""

    look: str
    words: str


def outlook(today: date, available_fen: int, pace: Pace | None, queue: Length) -> Outlook:
    """How long the money lasts at the pace of late; a queue says more than any forecast."""
    if queue.count and queue.fen <= available_fen:
        return Outlook("run", f"够了，{queue.count:,} 笔正在往前走")
    if queue.count:
        return Outlook("no", f"不够，{queue.count:,} 笔排队")
    until = pace.lasts_until(today, available_fen) if pace else None
    if until is None or until.year > today.year:
        return Outlook("ok", "够用到年底")
    return Outlook("wait", f"约 {until.month}月{until.day}日用完")


@dataclass(frozen=True)
class PoolRow:
    """A pool in the list."""

    pool: Standing
    queue: Length
    outlook: Outlook


@dataclass(frozen=True)
class Place:
    """The pools of a part of the scope taken together, for ranking; `region_id` opens it."""

    region_id: int
    name: str
    pools: int
    allotted: int
    available: int
    spoken_for: int
    paid: int
    queued: int
    queued_fen: int


def _place(region_id: int, name: str, rows: list[PoolRow]) -> Place:
    sums = {
        part: sum(getattr(row.pool, part) for row in rows) for part in ("allotted", "available", "spoken_for", "paid")
    }
    queues = [row.queue for row in rows]
    return Place(
        region_id, name, len(rows), queued=sum(one.count for one in queues), queued_fen=sum(one.fen for one in queues),
        **sums,
    )  # fmt: skip


def _places(rows: list[PoolRow], region_id: int) -> list[Place]:
    """The next lower divisions of a region, those with the smallest share left first."""
    width = 100 if region_id % 10000 == 0 else 1
    names = dict(Region.objects.values_list("id", "name"))
    groups: dict[int, list[PoolRow]] = {}
    for row in rows:
        groups.setdefault(row.pool.region_id // width * width, []).append(row)
    places = [_place(part, names[part], group) for part, group in groups.items() if part != region_id]
    return sorted(places, key=lambda place: (place.available / place.allotted if place.allotted else 0, place.name))


def _whole(request: Request, name: str, default: int) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 9 else default


@entry("staff", methods=("GET", "POST"))
def pools(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The pools of a year: of the own county, or of a city or the province by part, each part opening (`region`)."""
    today = day_of(at)
    form = PoolForm(request.POST or None, initial={"year": today.year})
    if request.method == "POST" and form.is_valid():
        try:
            return _open(request, actor, at, form)
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
    region_id = _whole(request, "region", actor.region_id or 0)
    if region_id not in actor.regions:
        raise NotFound()
    regions, year = regions_within(region_id), _whole(request, "year", today.year)
    rows = _rows(regions, year, today)
    wide = region_id % 100 == 0
    waiting = BudgetLine.objects.filter(region_id__in=regions, confirmed_at=None, dropped_at=None)
    waiting = waiting.select_related("pool__office", "from_pool")
    page = {
        "rows": [row for row in rows if not wide or row.pool.region_id == region_id],
        "places": _places(rows, region_id) if wide else [],
        "whole": {name: sum(getattr(row.pool, name) for row in rows) for name in SUMMED},
        "pools": len(rows),
        "queued": sum(row.queue.count for row in rows),
        "queued_fen": sum(row.queue.fen for row in rows),
        "year": year,
        "years": [today.year - 1, today.year, today.year + 1],
        "region": Region.objects.get(id=region_id),
        "trail": Region.objects.filter(id__in=set(chain(region_id)[1:]).intersection(actor.regions)).order_by("id"),
        "lines": [
            (line, FUNDS[line.pool.fund], may_confirm_budget(actor, line), _drop_word(actor, line))
            for line in waiting.order_by("entered_at")
        ],
        "form": form if may_budget(actor) else None,
    }
    return TemplateResponse(request, "staff/funds/pools.html", page)


SUMMED = ("allotted", "available", "reserved", "in_transit", "paid", "recovered")


def _rows(regions: tuple[int, ...], year: int, today: date) -> list[PoolRow]:
    found = standings(regions, year)
    ids = [pool.pool_id for pool in found]
    queues, pace = queue_lengths(ids), paces(ids, today)
    return [
        PoolRow(pool, queue, outlook(today, pool.available, pace.get(pool.pool_id), queue))
        for pool in found
        for queue in [queues.get(pool.pool_id, NOTHING)]
    ]


def _open(request: Request, actor: Actor, at: datetime, form: PoolForm) -> HttpResponseBase:
    said, office = form.cleaned_data, Office.objects.get(id=actor.office_id)  # type: ignore[misc]
    pool = open_pool(actor, at, office, said["fund"], said["year"], said["document"], said["last_on"])
    messages.success(request, "资金池已开，接着登记指标。")
    return HttpResponseRedirect(reverse("staff-pool", args=[pool.id]))


# ── one pool ───────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Point:
    """A day of the plot: what had been allotted, promised and paid, or what would be promised at the pace of late."""

    day: date
    allotted: int
    known: CourseDay | None
    forecast: int | None
    now: bool = False


def points_of(course: list[CourseDay], pace: Pace | None, today: date) -> list[Point]:
    """The course of a pool at even steps up to today, and as far again ahead as the money lasts, 60 points at most."""
    if not course:
        return []
    first, last = course[0].day, course[-1]
    until = pace.lasts_until(today, last.allotted - last.spoken_for) if pace else None
    end = min(until or today, date(today.year, 12, 31), today + max(today - first, timedelta(days=14)))
    step = max(((end - first).days + POINTS) // POINTS, 1)
    days = sorted({today, *(today - timedelta(days=n * step) for n in range((today - first).days // step + 1)), first})
    points = [Point(day, known.allotted, known, None, day == today) for day in days for known in [_on(course, day)]]
    if pace and pace.fen > 0:
        points[-1] = Point(today, last.allotted, last, last.spoken_for, now=True)
        ahead = [today + timedelta(days=n * step) for n in range(1, (end - today).days // step + 1)]
        points += [
            Point(day, last.allotted, None, last.spoken_for + pace.fen * (day - today).days // pace.days)
            for day in ahead
        ]
    return points


def _on(course: list[CourseDay], day: date) -> CourseDay:
    """The standing at the end of a day: that of the last day on which money moved."""
    return max((one for one in course if one.day <= day), key=lambda one: one.day)


@entry("staff", methods=("GET", "POST"))
def pool(request: Request, actor: Actor, at: datetime, pool_id: UUID) -> HttpResponseBase:
    """One pool: its sum adding up, its course and how long it lasts, the queue, its budget lines."""
    found = _pool(actor, pool_id)
    form = BudgetForm(found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            said = form.cleaned_data
            propose_budget(actor, at, found, int(said["amount"] * 100), said["document"], said["from_pool"])
            messages.success(request, "已登记，等另一位预算管理人员确认后生效。")
            return HttpResponseRedirect(reverse("staff-pool", args=[found.id]))
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
    page = _about(request, actor, day_of(at), found)
    page["form"] = form if may_budget(actor) and found.state == "open" else None
    return TemplateResponse(request, "staff/funds/pool.html", page)


def _pool(actor: Actor, pool_id: UUID) -> Pool:
    found = Pool.objects.select_related("office").filter(id=pool_id, region_id__in=actor.regions).first()
    if found is None:
        raise NotFound()
    return found


def _about(request: Request, actor: Actor, today: date, found: Pool) -> dict[str, object]:
    standing, pace = pool_day(found, today), paces([found.id], today).get(found.id)
    queue, number = queue_lengths([found.id]).get(found.id, NOTHING), max(_whole(request, "page", 1), 1)
    course = course_of(found.id)
    return {
        "pool": found,
        "fund": FUNDS[found.fund],
        "day": standing,
        "outlook": outlook(today, standing.available, pace, queue),
        "pace": pace if pace and pace.fen > 0 else None,
        "until": pace.lasts_until(today, standing.available) if pace else None,
        "points": points_of(course, pace, today),
        "recent": _recent(course),
        "queue": queue,
        "short": max(queue.fen - standing.available, 0),
        "waiters": queue_of(found.id, number) if queue.count else [],
        "page": number,
        "pages": -(-queue.count // PAGE),
        "lines": [
            (line, may_confirm_budget(actor, line), _drop_word(actor, line))
            for line in found.budget_lines.select_related("from_pool__office", "confirmed_by", "dropped_by").order_by(
                "-entered_at", "-id"
            )
        ],
        "may_close": may_budget(actor) and found.state == "open",
    }


@dataclass(frozen=True)
class Change:
    """What moved on a day, in fen; a negative sum went back."""

    day: date
    parts: list[tuple[str, int]]


def _recent(course: list[CourseDay]) -> list[Change]:
    """The last days on which money moved, newest first."""
    words = (("allotted", "下达"), ("reserved", "已留"), ("in_transit", "在途"), ("paid", "已付"))
    changes = []
    start = [CourseDay(date.min, 0, 0, 0, 0)]
    for before, after in zip([*start, *course], course, strict=False):
        moved = [(word, getattr(after, name) - getattr(before, name)) for name, word in words]
        changes.append(Change(after.day, [(word, fen) for word, fen in moved if fen]))
    return changes[: -RECENT - 1 : -1]


@entry("staff", "budget", methods=("POST",))
def confirm(request: Request, actor: Actor, at: datetime, line_id: UUID) -> HttpResponseBase:
    """Confirm what another entered: the money is available now, and the queue goes on by itself."""
    line = confirm_budget(actor, at, line_id)
    messages.success(request, "已确认，钱可以用了；排队的会自动往前走。")
    wake()
    return HttpResponseRedirect(reverse("staff-pool", args=[line.pool_id]))


def _drop_word(actor: Actor, line: BudgetLine) -> str:
    """What dropping this line is called for this actor; empty where it is not to be dropped."""
    if not may_drop_budget(actor, line):
        return ""
    return "撤回" if line.entered_by_id == actor.account_id else "退回"


@entry("staff", "budget", methods=("POST",))
def drop(request: Request, actor: Actor, at: datetime, line_id: UUID) -> HttpResponseBase:
    """Give back what another entered wrong, or take back the own entry, before it counts."""
    line = drop_budget(actor, at, line_id, request.POST.get("reason", ""))
    said = "已撤回" if line.entered_by_id == actor.account_id else f"已退回 {line.entered_by_name}"
    messages.success(request, f"{said}，没有动钱。要用的话，请重新登记。")
    return HttpResponseRedirect(reverse("staff-pool", args=[line.pool_id]))


@entry("staff", "budget", methods=("POST",))
def close(request: Request, actor: Actor, at: datetime, pool_id: UUID) -> HttpResponseBase:
    """Close a pool: nothing new is reserved from it; what is reserved is still paid."""
    found = _pool(actor, pool_id)
    close_pool(actor, at, found)
    messages.success(request, "资金池已关。已留出的照常付，不再留新的。")
    return HttpResponseRedirect(reverse("staff-pool", args=[found.id]))


urlpatterns = [
    path("pools/", pools, name="staff-pools"),
    path("pools/<uuid:pool_id>/", pool, name="staff-pool"),
    path("pools/<uuid:pool_id>/close/", close, name="staff-close-pool"),
    path("pools/confirm/<uuid:line_id>/", confirm, name="staff-confirm-budget"),
    path("pools/drop/<uuid:line_id>/", drop, name="staff-drop-budget"),
]
