"""What a maker does for a person who answers at the counter or on the telephone, and the calls to one (P13)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.jobs import wake
from jiangxin.ground.refusal import NotFound
from jiangxin.parties.models import PayeeAccount
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.subsidy.operations import calls, confirm
from jiangxin.subsidy.terms import Terms
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import PlainForm


@dataclass(frozen=True)
class Deeds:
    """What this actor may do for the person now, the account that would be paid, the last day for a new answer."""

    confirm: bool
    decline: bool
    defer: bool
    reopen: bool
    call: bool
    account: PayeeAccount | None
    window_ends: date | None

    @property
    def none(self) -> bool:
        return not (self.confirm or self.decline or self.defer or self.reopen)


def deeds_for(actor: Actor, at: datetime, line: SubsidyLine) -> Deeds:
    """The same permits and the same table of answers that the operations ask."""
    ends = Terms(at).window_ends(line.issued_on, line.region_id)
    may = actor.has("maker") and confirm.may_answer(actor, line)
    return Deeds(
        confirm=may and line.state in confirm.ANSWERS["confirm"],
        decline=may and line.state in confirm.ANSWERS["decline"],
        defer=may and line.state in confirm.ANSWERS["defer"] and ends is not None and day_of(at) < ends,
        reopen=may and confirm.may_reopen(actor, line, day_of(at), ends),
        call=calls.may_call(actor, line),
        account=confirm.live_account(line.person_id),
        window_ends=ends,
    )


class CounterForm(PlainForm):
    """How the person answered, what was noted, and until when it is put off."""

    how = forms.ChoiceField(required=False, choices=[(way, confirm.WAYS[way]) for way in ("counter", "telephone")])
    note = forms.CharField(required=False, max_length=200)
    until = forms.DateField(required=False)


class CallForm(PlainForm):
    """Whether the person was reached, and what was said."""

    reached = forms.ChoiceField(choices=[("yes", "打通了"), ("no", "没打通")])
    note = forms.CharField(max_length=200)


@entry("staff", "maker", methods=("POST",))
def called(request: Request, actor: Actor, at: datetime, line_id: UUID) -> HttpResponseBase:
    """Keep a call to the person; what the person answers is recorded with the answer itself."""
    form, back = CallForm(request.POST), HttpResponseRedirect(reverse("staff-decision", args=[line_id]))
    if not form.is_valid():
        messages.error(request, "请选打通没有，写清本人怎么说。")
        return back
    reached = form.cleaned_data["reached"] == "yes"
    calls.record_call(actor, at, line_id, reached, form.cleaned_data["note"])
    messages.success(request, "已记下通话。" if reached else "已记下没打通，这一笔还留在今日，请换个时间再打。")
    return back


@entry("staff", "maker", methods=("POST",))
def answer(request: Request, actor: Actor, at: datetime, line_id: UUID, deed: str) -> HttpResponseBase:
    """Confirm, decline, defer or reopen for the person, as the person said."""
    form = CounterForm(request.POST)
    given = form.cleaned_data if form.is_valid() else {}
    back = HttpResponseRedirect(reverse("staff-decision", args=[line_id]))
    if form.errors:
        messages.error(request, "；".join(str(said) for errors in form.errors.values() for said in errors))
        return back
    how = given["how"] or "counter"
    match deed:
        case "confirm":
            confirm.confirm_line(actor, at, line_id, how, given["note"])
            said = "已记下本人确认，等待公示。"
        case "decline":
            confirm.decline_line(actor, at, line_id, given["note"])
            said = "已记下本人放弃，钱和次数已退回，期限内可以重新办理。"
        case "defer" if given["until"]:
            confirm.defer_line(actor, at, line_id, given["until"])
            said = f"已记下暂缓到 {given['until']:%Y-%m-%d}，钱和次数已退回。"
        case "defer":
            messages.error(request, "请填写暂缓到哪一天。")
            return back
        case "reopen":
            confirm.reopen_line(actor, at, line_id)
            said = "已重新办理，马上重新核定。"
        case _:
            raise NotFound()
    messages.success(request, said)
    wake()
    return back


urlpatterns = [
    path("decisions/<uuid:line_id>/called/", called, name="staff-called"),
    path("decisions/<uuid:line_id>/<slug:deed>/", answer, name="staff-answer"),
]
