"""公示: what waits to be posted and its release; what is posted, what is over; a notice as it hangs."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.jobs import wake
from jiangxin.ground.money import yuan
from jiangxin.ground.refusal import NotFound
from jiangxin.parties.models import Office
from jiangxin.subsidy.operations.notices import NothingToPost, may_release_notice, release_notice
from jiangxin.subsidy.queries.notices import AT_MOST, notice_of, notices_in, objections_in, on_the_way
from jiangxin.subsidy.terms import Terms
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.chosen import chosen_rows, page_of

VIEWS = {"to_notice": "待公示", "posted": "公示中", "ended": "已期满"}


@entry("staff")
def notices(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Lines to be posted with a tick each, notices that hang, notices that are over."""
    view = request.GET.get("view", "to_notice")
    if view not in VIEWS:
        raise NotFound()
    page, terms = page_of(request), Terms(at)
    lines, waiting = on_the_way(actor.regions, actor.office_id, "to_notice")
    found, total = notices_in(actor.regions, view, page) if view != "to_notice" else ([], 0)
    office = Office.objects.filter(id=actor.the_office).first()
    days = terms.find(office.region_id, "notice_working_days") if office else None
    shown = {
        "view": view,
        "views": VIEWS.items(),
        "lines": lines if view == "to_notice" else [],
        "total_fen": sum(line.amount_fen for line in lines),
        "waiting": waiting,
        "at_most": AT_MOST,
        "ends_on": terms.calendar.add(terms.today, int(days.value)).ends_on if days and days.known else None,
        "days": days.value if days and days.known else None,
        "notices": [(one, terms.calendar.left(terms.today, one.ends_on)) for one in found],
        "total": total,
        "page": page,
        "pages": -(-total // 50),
        "office": office,
        "may": office is not None and may_release_notice(actor, office.id),
    }
    return TemplateResponse(request, "staff/subsidy/notices.html", shown)


@entry("staff", "maker", methods=("POST",))
def post_notice(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Post the ticked lines."""
    office = Office.objects.filter(id=actor.the_office).first()
    chosen = chosen_rows(request)
    if office is None or not chosen:
        raise NothingToPost()
    notice = release_notice(actor, at, office, chosen)
    lines = notice.lines.all()
    total = yuan(sum(line.amount_fen for line in lines))
    ends = f"{notice.ends_on.month}月{notice.ends_on.day}日"
    messages.success(request, f"第 {notice.number} 号公示已张贴：{len(lines)} 人 {total} 元，到{ends}自动撤下。")
    wake()
    return HttpResponseRedirect(reverse("staff-notice", args=[notice.id]))


@entry("staff")
def notice(request: Request, actor: Actor, at: datetime, notice_id: UUID) -> HttpResponseBase:
    """The notice as it hangs, or hung, with the objections beside it."""
    found = notice_of(actor.regions, notice_id)
    rows = list(found.lines.order_by("seq"))
    lines = Paginator(rows, 50).get_page(request.GET.get("page"))
    calendar = Terms(at).calendar
    total = calendar.left(day_of(found.posted_at), found.ends_on)
    left = max(calendar.left(day_of(at), found.ends_on), 0)
    shown = {
        "notice": found,
        "lines": lines,
        "heads": len(rows),
        "total_fen": sum(row.amount_fen for row in rows),
        "total": total,
        "left": left,
        "done": total - left,
        "objections": objections_in(actor.regions, notice_id=found.id)[0],
    }
    return TemplateResponse(request, "staff/subsidy/notice.html", shown)


urlpatterns = [
    path("notices/", notices, name="staff-notices"),
    path("notices/post/", post_notice, name="staff-post-notice"),
    path("notices/<uuid:notice_id>/", notice, name="staff-notice"),
]
