"""My money: every line with its dated story, and the answers that only its person gives (P13)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.jobs import wake
from jiangxin.ground.refusal import NotFound
from jiangxin.rules.engine import Explained
from jiangxin.rules.rule import in_chinese
from jiangxin.subsidy.operations.confirm import (
    DeferredTooLong,
    confirm_line,
    decline_line,
    defer_line,
    live_account,
    reopen_line,
)
from jiangxin.subsidy.queries.person import (
    OwnLine,
    Prospect,
    counts_of,
    earlier_of,
    own_line,
    own_lines,
    reasons_of,
    received_fen,
)
from jiangxin.web.door import entry
from jiangxin.web.session import Request, go
from jiangxin.web.shared.forms import DayInput, PlainForm
from jiangxin.web.worker.subsidy.story import GIVEN, ON_ITS_WAY, Told, rank, tell, told_at_length


def _total(lines: Sequence[OwnLine], states: Collection[str]) -> int:
    return sum(line.amount_fen for line in lines if line.state in states and not line.payee)


@entry("worker")
def money(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """All that was decided about my money: what needs me first, then what is on its way, then the rest."""
    lines = sorted(own_lines(actor.the_person), key=rank)
    cards, earlier = told_at_length(lines), earlier_of(actor.the_person)
    told = tell(actor, at, lines, cards)
    page = {
        "cards": [one for one in told if one.line in cards],
        "settled": [one for one in told if one.line not in cards and one.line.state != "paid"],
        "paid": [one for one in told if one.line.state == "paid"],
        "earlier": earlier,
        "paid_fen": received_fen(lines, earlier),
        "coming_fen": _total(lines, set(ON_ITS_WAY) - {"failed"}),
        "failed_fen": _total(lines, ("failed",)),
        "counts": counts_of(actor.the_person, lines[0].region_id, Prospect(at).terms) if lines else None,
    }
    return TemplateResponse(request, "worker/subsidy/money.html", page)


def _told(actor: Actor, at: datetime, line_id: UUID) -> Told:
    line = own_line(actor.the_person, line_id)
    (told,) = tell(actor, at, [line], [line])
    return told


@entry("worker")
def line(request: Request, actor: Actor, at: datetime, line_id: UUID) -> HttpResponseBase:
    """One line with its whole story."""
    return TemplateResponse(request, "worker/subsidy/line.html", {"told": _told(actor, at, line_id)})


@dataclass(frozen=True)
class Group:
    """Rules with one answer; those that stand in the way are shown open."""

    title: str
    rules: list[Explained]
    open: bool


GROUPS = (
    ("no", "不符合", True),
    ("unknown", "待核实", True),
    ("yes", "符合", False),
    ("not_applicable", "不适用", False),
)
# One no decides: what was still unknown then is not waited for.
REFUSED_GROUPS = tuple(("unknown", "没有再查", False) if group[0] == "unknown" else group for group in GROUPS)


@entry("worker")
def rules(request: Request, actor: Actor, at: datetime, line_id: UUID) -> HttpResponseBase:
    """Every rule that was asked about this line, with the law's words and the numbers it rested on."""
    own = own_line(actor.the_person, line_id)
    reasons = reasons_of([own])[own.id]
    refused = own.state == "refused"
    groups = [
        Group(title, [one for one in reasons if one.answer == answer], open_)
        for answer, title, open_ in (REFUSED_GROUPS if refused else GROUPS)
    ]
    page = {
        "line": own, "groups": [group for group in groups if group.rules], "total": len(reasons), "refused": refused,
    }  # fmt: skip
    return TemplateResponse(request, "worker/subsidy/rules.html", page)


# ── answers: each a page of its own that says what follows, then the button ────────────────────────────────────────
class ConfirmForm(PlainForm):
    """Nothing to fill in: the button is the answer."""


class DeclineForm(PlainForm):
    reason = forms.CharField(label="为什么不要", max_length=100, required=False)


class DeferForm(PlainForm):
    """A day from tomorrow to the end of the window."""

    until = forms.DateField(label="到哪一天再答复", widget=DayInput())

    def between(self, first: date, last: date) -> None:
        """Offer only these days."""
        until = self.fields["until"]
        until.widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}
        until.validators += [
            MinValueValidator(first, f"请选 {in_chinese(first)}或以后的日期"),
            MaxValueValidator(last, f"最晚只能到 {in_chinese(last)}，请选更早的日期"),
        ]


# deed: its page, its form
ANSWER_PAGES: dict[str, tuple[str, type[PlainForm]]] = {
    "confirm": ("worker/subsidy/confirm.html", ConfirmForm),
    "decline": ("worker/subsidy/decline.html", DeclineForm),
    "defer": ("worker/subsidy/defer.html", DeferForm),
    "reopen": ("worker/subsidy/reopen.html", ConfirmForm),
}


def _do(actor: Actor, at: datetime, line: OwnLine, deed: str, given: dict[str, Any]) -> str:
    """Do one answer; returns what to tell the person."""
    match deed:
        case "confirm":
            confirm_line(actor, at, line.id)
            return "已确认收款。下一步是公示，不用您办。"
        case "decline":
            decline_line(actor, at, line.id, given["reason"])
            return "已记下：这一笔您不要了，名额没有用掉。"
        case "defer":
            defer_line(actor, at, line.id, given["until"])
            return f"已记下：{in_chinese(given['until'])}前再答复，名额没有用掉。"
    reopen_line(actor, at, line.id)
    return "已重新办理，马上重新核定，结果显示在这里。"


def _as_it_stands(request: Request, told: Told, deed: str) -> HttpResponseBase:
    """Lead back to the line, which says where it stands: an answer given twice is no mistake."""
    if told.line.state in GIVEN[deed]:
        messages.info(request, f"您已经答复过了。现在：{told.word}。")
    else:
        messages.error(request, f"这一笔现在不能这样办。现在：{told.word}。")
    return go(request, reverse("worker-line", args=[told.line.id]))


@entry("worker", methods=("GET", "POST"))
def answer(request: Request, actor: Actor, at: datetime, line_id: UUID, deed: str) -> HttpResponseBase:
    """The second step of an answer: what follows from it, and its button (GET); the answer itself (POST)."""
    if deed not in ANSWER_PAGES:
        raise NotFound()
    told = _told(actor, at, line_id)
    if deed not in told.deeds:
        return _as_it_stands(request, told, deed)
    template, form_of = ANSWER_PAGES[deed]
    form = form_of(request.POST if request.method == "POST" else None)
    if isinstance(form, DeferForm) and told.window_ends:
        form.between(day_of(at) + timedelta(days=1), told.window_ends)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, _do(actor, at, told.line, deed, form.cleaned_data))
        except DeferredTooLong as late:
            form.add_error("until", late.sentence + late.remedy)
        else:
            wake()
            return go(request, reverse("worker-line", args=[line_id]))
    page = {
        "told": told, "form": form, "account": live_account(actor.the_person),
        "counts": counts_of(actor.the_person, told.line.region_id, Prospect(at).terms),
    }  # fmt: skip
    return TemplateResponse(request, template, page)


urlpatterns = [
    path("money", money, name="worker-money"),
    path("money/<uuid:line_id>", line, name="worker-line"),
    path("money/<uuid:line_id>/rules", rules, name="worker-rules"),
    path("money/<uuid:line_id>/<str:deed>", answer, name="worker-answer"),
]
