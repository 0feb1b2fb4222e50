"""What to learn: what a certificate would bring where I live."""

from datetime import datetime

from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.parties.queries.registers import spells_of
from jiangxin.training.queries.transfers import own_offers
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.estimate import estimate

NEAR_ME = ("residence", "hukou")


@entry("worker")
def learning(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The public look-up, its region filled in with where I live or am registered."""
    today = day_of(at)
    places = dict(spells_of(actor.the_person, today).filter(kind__in=NEAR_ME).values_list("kind_id", "region_id"))
    near = next((places[kind] for kind in NEAR_ME if places.get(kind)), None)
    page = {"estimate": estimate(request.GET, today, near), "offers": own_offers(actor.the_person)}
    return TemplateResponse(request, "worker/learning/learning.html", page)


urlpatterns = [path("learning", learning, name="worker-learning")]
