"""年度评价计划, for the county: which assessors made this year's plan public, and which did not (facts 4.3)."""

from datetime import datetime

from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.recognition.work import assessors_in, assessors_without_plan, plan_due_on, public_plans
from jiangxin.web.door import entry
from jiangxin.web.session import Request

PER_PAGE = 50


@entry("staff", "training", "viewer")
def yearly_plans(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Assessors without a public plan of this year, or all of them."""
    today = day_of(at)
    everybody = request.GET.get("view") == "all"
    rows = assessors_in(actor.regions, today) if everybody else assessors_without_plan(actor.regions, today)
    found = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    plans = public_plans([one.pk for one in found], today.year)
    due_on = plan_due_on(today.year)
    shown = {
        "rows": [(one, plans.get(one.pk)) for one in found], "bodies": found, "everybody": everybody,
        "year": today.year, "due_on": due_on, "late": today > due_on,
    }  # fmt: skip
    return TemplateResponse(request, "staff/recognition/yearly_plans.html", shown)


urlpatterns = [path("yearly-plans/", yearly_plans, name="staff-yearly-plans")]
