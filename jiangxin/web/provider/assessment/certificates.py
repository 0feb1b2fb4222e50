"""证书: those the clerk's body issued, found by number or name; one certificate, and its revocation."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.assessment.models import CERTIFICATE_STATES
from jiangxin.assessment.queries import certificate_in_scope, certificates_issued
from jiangxin.ground.actor import Actor
from jiangxin.web.door import entry
from jiangxin.web.provider.assessment.pages import PER_PAGE, body_of
from jiangxin.web.session import Request
from jiangxin.web.shared import revocation
from jiangxin.web.shared.forms import NO_DOCUMENT, PlainForm

ASK = "请填证书编号或姓名，不要填身份证号"


class CertificateFilter(PlainForm):
    """The query above the list; empty fields ask for all."""

    find = forms.RegexField(
        NO_DOCUMENT, label="证书编号或姓名", required=False, max_length=60, error_messages={"invalid": ASK},
        widget=forms.TextInput(attrs={"pattern": NO_DOCUMENT, "title": ASK, "autocomplete": "off"}),
    )  # fmt: skip
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *CERTIFICATE_STATES.items()])


@entry("provider", "clerk")
def certificates(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The certificates that the body issued; a condition wrongly given asks for nothing and says so beside itself."""
    form = CertificateFilter(request.GET)
    form.is_valid()
    wanted = form.cleaned_data
    shown = Paginator(certificates_issued(body_of(actor), **wanted), PER_PAGE).get_page(request.GET.get("page"))
    page = {"form": form, "certificates": shown, "narrowed": any(wanted.values())}
    return TemplateResponse(request, "provider/assessment/certificates.html", page)


@entry("provider", "clerk", methods=("GET", "POST"))
def certificate(request: Request, actor: Actor, at: datetime, certificate_id: UUID) -> HttpResponseBase:
    """One certificate of the body (GET); its revocation (POST)."""
    found, form = certificate_in_scope(certificate_id, body_of(actor)), None
    if request.method == "POST":
        form = revocation.revoke(request, actor, at, found)
        if form is None:
            return HttpResponseRedirect(reverse("provider-certificate", args=[certificate_id]))
    page = revocation.about(actor, at, found, form)
    return TemplateResponse(request, "provider/assessment/certificate.html", page)


urlpatterns = [
    path("certificates/", certificates, name="provider-certificates"),
    path("certificates/<uuid:certificate_id>/", certificate, name="provider-certificate"),
]
