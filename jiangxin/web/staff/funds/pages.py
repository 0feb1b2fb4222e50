"""资金池: where each pool's money is, who waits for it, what budget people enter and confirm; reconciled by day."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.funds.models import BudgetLine, Pool
from jiangxin.funds.operations import confirm_budget, may_budget, may_confirm_budget, open_pool, propose_budget
from jiangxin.funds.queries import paid_by_day, standings
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.jobs import Job, ask, wake
from jiangxin.ground.refusal import NotFound, Refusal
from jiangxin.mainline import STEPS, what_is_due
from jiangxin.parties.models import Office
from jiangxin.payment.queries import pool_day
from jiangxin.rules.vocabulary import FUNDS
from jiangxin.subsidy.queries.decisions import Filter, lines_of
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm


class BudgetForm(PlainForm):
    """An allotment to a pool by a document; negative takes back."""

    amount = forms.DecimalField(label="金额（元，收回填负数）", max_digits=14, decimal_places=2)
    document = forms.CharField(label="文号", max_length=200)
    from_pool = forms.ModelChoiceField(label="从哪个上级资金池", queryset=Pool.objects.none(), required=False)


class PoolForm(PlainForm):
    """A new pool of the office."""

    fund = forms.ChoiceField(label="资金", choices=list(FUNDS.items()))
    year = forms.IntegerField(label="年度", min_value=2020, max_value=2100)
    document = forms.CharField(label="文号", max_length=200)
    last_on = forms.DateField(
        label="最后留出日（专账填）", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


@entry("staff", methods=("GET", "POST"))
def pools(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The pools in scope of this year; budget people open new ones."""
    year = day_of(at).year
    form = PoolForm(request.POST or None, initial={"year": year})
    if request.method == "POST" and form.is_valid():
        try:
            said, office = form.cleaned_data, Office.objects.get(id=actor.the_office)
            pool = open_pool(actor, at, office, said["fund"], said["year"], said["document"], said["last_on"])
            messages.success(request, "资金池已开，接着登记指标。")
            return HttpResponseRedirect(reverse("staff-pool", args=[pool.id]))
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
    queue = lines_of(actor.regions, Filter(state="queued"), per_page=1)
    lines = BudgetLine.objects.filter(region_id__in=actor.regions, confirmed_at=None).select_related("pool__office")
    page = {
        "pools": standings(actor.regions, year),
        "year": year,
        "queue": queue,
        "lines": [(line, may_confirm_budget(actor, line)) for line in lines.order_by("entered_at")],
        "form": form if may_budget(actor) else None,
    }
    return TemplateResponse(request, "staff/funds/pools.html", page)


@entry("staff", methods=("GET", "POST"))
def pool(request: Request, actor: Actor, at: datetime, pool_id: UUID) -> HttpResponseBase:
    """One pool: its sum adding up, what was paid by day, the queue, its budget lines."""
    found = Pool.objects.select_related("office").filter(id=pool_id).first()
    if found is None:
        raise NotFound()
    form = BudgetForm(request.POST or None)
    above = Pool.objects.filter(fund=found.fund, year=found.year, state="open").exclude(id=found.id)
    form.fields["from_pool"].queryset = above  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            said = form.cleaned_data
            propose_budget(actor, at, found, int(said["amount"] * 100), said["document"], said["from_pool"])
            messages.success(request, "已登记，等另一位预算管理人员确认后生效。")
            return HttpResponseRedirect(reverse("staff-pool", args=[found.id]))
        except Refusal as no:
            form.add_error(None, no.sentence + no.remedy)
    standing = pool_day(found, day_of(at))
    queue = lines_of([found.region_id], Filter(state="queued"))
    page = {
        "pool": found,
        "fund": FUNDS[found.fund],
        "day": standing,
        "paid": paid_by_day(found.id),
        "queue": [row for row in queue.rows if row.fund == found.fund],
        "lines": [
            (line, may_confirm_budget(actor, line))
            for line in found.budget_lines.select_related("from_pool__office", "confirmed_by").order_by("-entered_at")
        ],
        "form": form if may_budget(actor) and found.state == "open" else None,
    }
    return TemplateResponse(request, "staff/funds/pool.html", page)


@entry("staff", "budget", methods=("POST",))
def confirm(request: Request, actor: Actor, at: datetime, line_id: UUID) -> HttpResponseBase:
    """Confirm what another entered: the money is available now, and the queue goes on by itself."""
    line = confirm_budget(actor, at, line_id)
    messages.success(request, "已确认，钱可以用了；排队的会自动往前走。")
    wake()
    return HttpResponseRedirect(reverse("staff-pool", args=[line.pool_id]))


@entry("staff", methods=("GET", "POST"))
def mainline(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """What waits before each step, the last jobs, and a button that asks the main line to look now."""
    if request.method == "POST":
        ask(actor, at, "mainline", "推进主线")
        messages.success(request, "已叫主线去看，几秒后刷新。")
        return HttpResponseRedirect(reverse("staff-mainline"))
    waiting = what_is_due(day_of(at))
    jobs = Job.objects.filter(region_id__in=actor.regions).order_by("-asked_at", "-id")[:20]
    page = {"steps": [(step.title, waiting[step.name], step.do is not None) for step in STEPS], "jobs": jobs}
    return TemplateResponse(request, "staff/funds/mainline.html", page)


urlpatterns = [
    path("pools/", pools, name="staff-pools"),
    path("pools/<uuid:pool_id>/", pool, name="staff-pool"),
    path("pools/confirm/<uuid:line_id>/", confirm, name="staff-confirm-budget"),
    path("mainline/", mainline, name="staff-mainline"),
]
