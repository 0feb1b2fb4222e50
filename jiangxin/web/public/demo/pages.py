"""What only a demo has: its accounts with their codes, its clock, and a simulated 浙里办."""

from collections.abc import Callable
from datetime import date, datetime
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor, everybody, machine, set_scope
from jiangxin.ground.clock import day_of, is_demo
from jiangxin.ground.demo import move_demo_clock, next_workday
from jiangxin.ground.refusal import NotFound
from jiangxin.mainline import next_due_on
from jiangxin.parties.citizen import issue_ticket
from jiangxin.parties.operations.accounts import DEMO_PASSWORD
from jiangxin.parties.queries.accounts import actor_of, demo_accounts, demo_citizens
from jiangxin.web.door import entry
from jiangxin.web.session import Request, came_from, safe_next


def _only_in_demo() -> None:
    if not is_demo():
        raise NotFound()


@entry("public")
def demo(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The demo accounts, each with its role and the code it would be let in with now."""
    _only_in_demo()
    page = {"accounts": demo_accounts(day_of(at)), "password": DEMO_PASSWORD}
    response = TemplateResponse(request, "public/demo/demo.html", page)
    response["Cache-Control"] = "no-store"
    return response


@entry("public", methods=("GET", "POST"))
def citizen_simulator(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """浙里办 as a demo plays it: choose who you are; the browser goes back to our own callback and nowhere else."""
    _only_in_demo()
    if request.method == "POST":
        ticket = issue_ticket(UUID(request.POST["document"]))
        query = urlencode({"ticket": ticket, "state": request.POST["state"]})
        return HttpResponseRedirect(f"{reverse('citizen-back')}?{query}")
    name = request.GET.get("q", "").strip()
    with everybody():
        people = demo_citizens(name)
    page = {"people": people, "state": request.GET.get("state", ""), "q": name}
    return TemplateResponse(request, "public/demo/citizen.html", page)


def _move(request: Request, actor: Actor, at: datetime, to: Callable[[datetime], date]) -> HttpResponseBase:
    account = request.visit.account
    move_demo_clock(actor_of(account, day_of(at)) if account else actor, at, to(at))
    return HttpResponseRedirect(safe_next(request, came_from(request, "/")))


def _next_due(at: datetime) -> date:
    """The next day on which anything anywhere is due, whoever asks."""
    set_scope(machine())
    return next_due_on(day_of(at))


@entry("public", methods=("POST",))
def clock_next_workday(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Let a demo's time go on to the next working day."""
    return _move(request, actor, at, next_workday)


@entry("public", methods=("POST",))
def clock_next_due(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Let a demo's time go on to the next day on which something is due."""
    return _move(request, actor, at, _next_due)


urlpatterns = [
    path("demo", demo, name="demo"),
    path("demo/zhelab", citizen_simulator, name="citizen-simulator"),
    path("demo/clock/next-workday", clock_next_workday, name="demo-clock-next-workday"),
    path("demo/clock/next-due", clock_next_due, name="demo-clock-next-due"),
]
