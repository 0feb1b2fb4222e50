"""Revoking a certificate: one form, one deed and what became of it, for its assessor and for the keeper of data."""

from datetime import datetime

from django import forms
from django.contrib import messages

from jiangxin.assessment.models import CERTIFICATE_KINDS, Certificate
from jiangxin.assessment.operations.certificates import RevocationDayWrong, may_revoke, revoke_certificate
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.jobs import wake
from jiangxin.subsidy.queries.certificates import live_state
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import DayInput, PlainForm

# What the main line did or does about the money, by the state of the line.
FOLLOWED = {
    "": "这张证书没有已付或在办的补贴。",
    "sent": "补贴已经送银行，到账后进入追回。",
    "paid": "补贴已付，马上进入追回。",
    "recovering": "补贴已付，已进入追回。",
}
STOPPED = "补贴还没有付，已停下，不会付款。"


class RevokeForm(PlainForm):
    """From which day, and why."""

    on = forms.DateField(label="撤销日期", widget=DayInput())
    reason = forms.CharField(
        label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="如：替考、冒用身份、成绩登错。200 字以内，本人看得到。",
    )  # fmt: skip


def about(actor: Actor, at: datetime, certificate: Certificate, form: RevokeForm | None = None) -> dict[str, object]:
    """What a page of a certificate shows: its kind, the form for whom it is, what followed from a revocation."""
    today = day_of(at)
    form = form or RevokeForm(initial={"on": today})
    form.fields["on"].widget.attrs |= {"min": certificate.issued_on.isoformat(), "max": today.isoformat()}
    revoked = certificate.revoked_on is not None
    return {
        "certificate": certificate,
        "kind": CERTIFICATE_KINDS[certificate.kind],
        "may_revoke": not revoked and may_revoke(actor, certificate),
        "form": form,
        "followed": FOLLOWED.get(live_state(actor, certificate.pk), STOPPED) if revoked else "",
    }


def revoke(request: Request, actor: Actor, at: datetime, certificate: Certificate) -> RevokeForm | None:
    """Revoke as the form says; returns the form where something in it has to be put right first."""
    form = RevokeForm(request.POST)
    if form.is_valid():
        try:
            revoke_certificate(actor, at, certificate, form.cleaned_data["on"], form.cleaned_data["reason"])
        except RevocationDayWrong as no:
            form.add_error("on", no.sentence + no.remedy)
        else:
            messages.success(request, f"已撤销证书 {certificate.number}。")
            wake()
            return None
    return form
