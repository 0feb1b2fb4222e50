"""My certificates, each with what became of its subsidy."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path

from jiangxin.assessment.queries import OwnCertificate, certificates_of_person
from jiangxin.ground.actor import Actor
from jiangxin.subsidy.queries.person import own_lines
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.worker.subsidy.story import Told, rank, tell


@dataclass(frozen=True)
class Card:
    """A certificate and its lines, the better one first."""

    certificate: OwnCertificate
    lines: list[Told]


@entry("worker")
def certificates(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """All my certificates."""
    told = tell(actor, at, sorted(own_lines(actor.the_person), key=rank))
    cards = [
        Card(certificate, [one for one in told if one.line.certificate_id == certificate.id])
        for certificate in certificates_of_person(actor.the_person)
    ]
    return TemplateResponse(request, "worker/assessment/certificates.html", {"cards": cards})


urlpatterns = [path("certificates", certificates, name="worker-certificates")]
