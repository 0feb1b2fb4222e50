"""对账: each pool's sum at the end of a day, statement against ledger, and the batches that wait for a signature."""

from datetime import date, datetime

from django import forms
from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path

from jiangxin.funds.queries import standings
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.payment.queries import PoolDay, batches_of, pool_days, statements_until
from jiangxin.rules.vocabulary import FUNDS
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm
from jiangxin.web.staff.payment.pages import MONEY

PARTS = ("allotted", "available", "reserved", "in_transit", "paid", "recovered")


class DayForm(PlainForm):
    """The day at whose end the pools are looked at."""

    day = forms.DateField(label="到哪一天", required=False, widget=forms.DateInput(attrs={"type": "date"}))


def _day(form: DayForm, today: date) -> date:
    """The day asked for, never later than today."""
    said = form.cleaned_data.get("day") if form.is_valid() else None
    return min(said or today, today)


@entry("staff", *MONEY)
def reconciliation(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Where every fen of each pool was at the end of a day, and where the bank says otherwise."""
    today = day_of(at)
    form = DayForm(request.GET or {"day": today.isoformat()})
    day = _day(form, today)
    pools = standings(actor.regions, day.year)
    days = pool_days([pool.pool_id for pool in pools], day)
    rows = [(pool, days[pool.pool_id]) for pool in pools]
    differences = [(pool, one) for pool, standing in rows for one in standing.differences]
    returned, _ = batches_of(actor.regions, "returned")
    page = {
        "day": day,
        "form": form,
        "rows": rows,
        "whole": _sum(day, [standing for _, standing in rows]),
        "differences": differences,
        "returned": [(batch, FUNDS[batch.fund]) for batch in returned],
        "may_sign": actor.has("reconciler"),
        "statements": [
            (office, FUNDS[fund], tail, until) for office, fund, tail, until in statements_until(actor.regions)
        ],
    }
    return TemplateResponse(request, "staff/payment/reconciliation.html", page)


def _sum(day: date, days: list[PoolDay]) -> PoolDay:
    """All pools together."""
    sums = {name: sum(getattr(one, name) for one in days) for name in PARTS}
    return PoolDay(day=day, differences=(), **sums)


urlpatterns = [path("reconciliation/", reconciliation, name="staff-reconciliation")]
