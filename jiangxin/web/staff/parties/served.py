"""Whom a counter serves: persons with business here, and for a while whoever was found by the full document number."""

import time
from datetime import datetime
from uuid import UUID

from jiangxin.ground.actor import Actor, everybody, receive
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import NotFound
from jiangxin.parties.models import Person
from jiangxin.subsidy.queries.desk import has_business_in
from jiangxin.web.session import Request

VISIT_SECONDS = 30 * 60


def serve(request: Request, person: Person) -> None:
    """Remember in this session that the person stands at the counter: the document's number was typed from it."""
    now = int(time.time())
    running = {key: until for key, until in request.session.get("served", {}).items() if until > now}
    request.session["served"] = running | {str(person.pk): now + VISIT_SECONDS}


def served_person(request: Request, actor: Actor, at: datetime, person_id: UUID) -> Person:
    """A person whom this desk may see and serve now, with all that is known; NotFound for everybody else."""
    person = Person.objects.filter(id=person_id).first()
    if person is None:
        raise NotFound()
    stands_here = request.session.get("served", {}).get(str(person.pk), 0) > time.time()
    with everybody():
        known = stands_here or has_business_in(actor.regions, person.merged_into_id or person.pk, day_of(at))
    if not known:
        raise NotFound()
    receive(person.pk)
    return person
