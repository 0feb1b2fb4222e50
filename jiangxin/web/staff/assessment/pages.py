"""证书 at the desk: one certificate in scope, what rests on it, and its revocation by the keeper of data."""

from datetime import datetime
from uuid import UUID

from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.assessment.queries import certificate_in_scope
from jiangxin.ground.actor import Actor
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared import revocation


@entry("staff", "maker", "checker", "leader", "register", methods=("GET", "POST"))
def certificate(request: Request, actor: Actor, at: datetime, certificate_id: UUID) -> HttpResponseBase:
    """One certificate with its lines in scope (GET); its revocation, which is the keeper's alone (POST)."""
    found, form = certificate_in_scope(certificate_id), None
    if request.method == "POST":
        form = revocation.revoke(request, actor, at, found)
        if form is None:
            return HttpResponseRedirect(reverse("staff-certificate", args=[certificate_id]))
    page = revocation.about(actor, at, found, form)
    page["lines"] = SubsidyLine.objects.filter(certificate=found).order_by("-decided_at", "id")
    return TemplateResponse(request, "staff/assessment/certificate.html", page)


urlpatterns = [path("certificates/<uuid:certificate_id>/", certificate, name="staff-certificate")]
