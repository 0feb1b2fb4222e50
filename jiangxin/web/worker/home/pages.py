"""The worker's home: what needs me, what is on its way and when it comes, what I got."""

from datetime import datetime

from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.subsidy.queries.person import Prospect, counts_of, earlier_of, own_lines, received_fen
from jiangxin.training.queries.attendance import own_lessons_about
from jiangxin.training.queries.classes import seats_to_confirm
from jiangxin.training.queries.transfers import own_offers
from jiangxin.training.queries.vouchers import fresh_vouchers
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.worker.subsidy.story import ON_ITS_WAY, rank, tell, told_at_length


@entry("worker")
def home(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Money and date before the name of any procedure."""
    lines = sorted(own_lines(actor.the_person), key=rank)
    told, cards = tell(actor, at, lines), told_at_length(lines)
    coming = [one for one in told if one.line.state in ON_ITS_WAY and not one.urgent]
    got = (one for one in told if one.line.state == "paid" and not one.line.payee)
    paid = sorted(got, key=lambda one: one.line.state_since, reverse=True)
    earlier = earlier_of(actor.the_person)
    held, moves = seats_to_confirm(actor.the_person, at), own_offers(actor.the_person)
    todo = [one for one in told if one.urgent]
    page = {
        "name": actor.name,
        "lessons": [one for one in own_lessons_about(actor.the_person, at) if day_of(one.starts_at) == day_of(at)],
        "vouchers": fresh_vouchers(actor.the_person, day_of(at)),
        "todo": todo,
        "held": held,
        "moves": moves,
        "needs": len(todo) + len(held) + len(moves),
        "coming": coming,
        "waiting": [one for one in told if one.line.state in ("waiting", "deferred") and not one.urgent],
        "answered": [one for one in told if one.answer and one.answer.answered_at],
        "refused": [
            one for one in told if one.line.state in ("refused", "struck") and one.line in cards and not one.answer
        ],
        "paid": paid,
        "paid_count": len(paid) + sum(row.to_person for row in earlier),
        "paid_fen": received_fen(lines, earlier),
        "counts": counts_of(actor.the_person, lines[0].region_id, Prospect(at).terms) if lines else None,
    }
    return TemplateResponse(request, "worker/home/home.html", page)


urlpatterns = [path("", home, name="worker-home")]
