"""政策与标准: the law in force where and when; numbers proposed by document, tried on the past year, confirmed."""

from datetime import date, datetime
from itertools import groupby
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django_htmx.http import HttpResponseClientRefresh

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.jobs import wake
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.regions import Region
from jiangxin.rules.numbers import NUMBERS, PROCEDURE_NUMBERS
from jiangxin.rules.vocabulary import KINDS, LEVELS
from jiangxin.subsidy.law import current_law
from jiangxin.subsidy.models import STANDARD_STATES, AdoptedStandard
from jiangxin.subsidy.operations.standards import (
    Document,
    ask_trial,
    confirm_standard,
    may_confirm_standard,
    may_propose_standard,
    may_settle_standard,
    offered_numbers,
    propose_standard,
    withdraw_proposal,
)
from jiangxin.subsidy.queries.public import law_in_force
from jiangxin.subsidy.queries.standards import (
    SHELVES,
    compared_cells,
    entry_before,
    standard_counts,
    standard_seen,
    standards_seen,
    trial_of,
)
from jiangxin.subsidy.simulation import Effect
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.forms import DayInput, PlainForm
from jiangxin.web.staff.law.values import ValueForm, value_form

PER_PAGE = 50
LOOKS = {"proposed": "wait", "confirmed": "ok", "withdrawn": "off"}
BELOW = {**LEVELS, **KINDS}


class PlaceForm(PlainForm):
    """Where in the actor's regions, on which day."""

    region = forms.TypedChoiceField(label="哪里", coerce=int)
    on = forms.DateField(label="哪一天", widget=DayInput())

    def __init__(self, regions: list[tuple[int, str]], *args: Any) -> None:
        super().__init__(*args)
        cast(forms.TypedChoiceField, self.fields["region"]).choices = regions


class NumberForm(PlainForm):
    """Which number a document sets."""

    what = forms.ChoiceField(label="文件规定的是哪一项")

    def __init__(self, region_id: int, *args: Any) -> None:
        super().__init__(*args)
        offered = offered_numbers(region_id)
        cast(forms.ChoiceField, self.fields["what"]).choices = [
            (title, [(f"{scheme}/{name}", NUMBERS[name].title) for scheme, name in offered if scheme == shelf])
            for shelf, title in SHELVES.items()
        ]


class DocumentForm(PlainForm):
    """The document a number rests on, and the days it is in force (P15)."""

    issued_by = forms.CharField(label="发文单位", max_length=120, help_text="联合发文的都写上")
    title = forms.CharField(label="文件名称", max_length=180)
    number = forms.CharField(label="文号", max_length=60, help_text="例：善人社〔2026〕9号")
    published_on = forms.DateField(label="发布日", widget=DayInput())
    link = forms.URLField(label="文件网址", max_length=300, assume_scheme="https")
    from_on = forms.DateField(
        label="从哪天起执行", widget=DayInput(), help_text="这一天及以后核发的证书按新标准，前一天的按老标准"
    )
    until_on = forms.DateField(label="最后一天", widget=DayInput(), required=False, help_text="文件没写就空着")

    @property
    def document(self) -> Document:
        said = self.cleaned_data
        return Document(said["issued_by"], said["title"], said["number"], said["published_on"], said["link"])


def _regions(actor: Actor) -> list[tuple[int, str]]:
    found = Region.objects.filter(id__in=actor.regions).order_by("id")
    return list(found.values_list("id", "name"))


@entry("staff")
def law_here(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The law in force in one of the actor's regions on a day: each number with source, days and certainty."""
    regions = _regions(actor)
    here: dict[str, Any] = {"region": actor.region_id, "on": day_of(at)}
    form = PlaceForm(regions, request.GET if "on" in request.GET else here)
    said = form.cleaned_data if form.is_valid() else here
    numbers = law_in_force(said["region"], said["on"], controls=True)
    page = {
        "form": form,
        "place": dict(regions)[said["region"]],
        "on": said["on"],
        "groups": [(shelf, list(group)) for shelf, group in groupby(numbers, key=lambda number: number.scheme)],
        "total": len(numbers),
        "known": sum(not number.why for number in numbers),
        "may_propose": may_propose_standard(actor),
        "waiting": standard_counts(actor).get("proposed", 0),
    }
    return TemplateResponse(request, "staff/law/law.html", page)


@entry("staff")
def standards(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Proposed and adopted numbers of the actor's regions, those that wait first."""
    counts = standard_counts(actor)
    state = request.GET.get("state", "proposed")
    state = state if state in STANDARD_STATES.words else "proposed"
    shown = Paginator(standards_seen(actor, state), PER_PAGE).get_page(request.GET.get("page"))
    names = dict(Region.objects.filter(id__in={one.region_id for one in shown}).values_list("id", "name"))
    page = {
        "standards": shown,
        "rows": [(one, names[one.region_id], SHELVES[one.scheme], NUMBERS[one.number].title) for one in shown],
        "look": LOOKS[state],
        "state": state,
        "words": STANDARD_STATES.words[state],
        "counts": [(code, words, counts.get(code, 0)) for code, words in STANDARD_STATES.words.items()],
        "waiting": counts.get("proposed", 0),
        "may_propose": may_propose_standard(actor),
    }
    return TemplateResponse(request, "staff/law/standards.html", page)


@entry("staff", "budget", methods=("GET", "POST"))
def propose(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """Choose a number, then enter what the document says, beginning with what is in force."""
    if not may_propose_standard(actor) or actor.region_id is None:
        raise NotYourDuty()
    what = NumberForm(actor.region_id, request.GET if "what" in request.GET else None)
    page: dict[str, object] = {"what": what}
    if what.is_valid():
        scheme, number = what.cleaned_data["what"].split("/")
        before = current_law().find(f"{actor.region_id:06d}", scheme, number, day_of(at))
        given = request.POST if request.method == "POST" else None
        value, document = value_form(number, before.value, given), DocumentForm(given)
        if given and all([value.is_valid(), document.is_valid()]):
            if standard := _proposed(actor, at, scheme, number, value, document):
                messages.success(request, "已提出，正在试算。另一位预算管理人员对照文件确认后才生效。")
                return HttpResponseRedirect(reverse("staff-standard", args=[standard.pk]))
        page |= {"value": value, "document": document, "shelf": SHELVES[scheme], "title": NUMBERS[number].title,
                 "before": before, "region": Region.objects.get(pk=actor.region_id)}  # fmt: skip
    return TemplateResponse(request, "staff/law/propose.html", page)


def _proposed(
    actor: Actor, at: datetime, scheme: str, number: str, value: ValueForm, document: DocumentForm
) -> AdoptedStandard | None:
    """What was proposed, or nothing with the refusal on the form."""
    days = document.cleaned_data
    try:
        return propose_standard(
            actor, at, cast(int, actor.region_id), scheme, number, value.value, days["from_on"], document.document,
            days["until_on"],
        )  # fmt: skip
    except Refusal as no:
        document.add_error(None, no.sentence + no.remedy)
        return None


@entry("staff")
def standard(request: Request, actor: Actor, at: datetime, standard_id: UUID) -> HttpResponseBase:
    """One number beside what is in force, its document, what it would change, and who may confirm it."""
    return TemplateResponse(request, "staff/law/standard.html", _about(actor, standard_id))


def _about(actor: Actor, standard_id: UUID) -> dict[str, object]:
    found = standard_seen(actor, standard_id)
    effect = Effect.from_json(found.effect) if found.effect else None
    job = trial_of(found)
    return {
        "standard": found,
        "region": Region.objects.get(pk=found.region_id),
        "shelf": SHELVES[found.scheme],
        "title": NUMBERS[found.number].title,
        "look": LOOKS[found.state],
        "cells": compared_cells(found, entry_before(found)),
        "effect": effect,
        "levels": [(BELOW[change.level], change) for change in effect.levels] if effect else [],
        "tried_on": date.fromisoformat(effect.on) if effect else None,
        "since": date.fromisoformat(effect.since) if effect else None,
        "procedure": found.number in PROCEDURE_NUMBERS,
        "job": job,
        "working": job is not None and job.state in ("waiting", "running"),
        "may_confirm": may_confirm_standard(actor, found),
        "may_settle": may_settle_standard(actor, found),
        "own": found.entered_by_id == actor.account_id,
    }


@entry("staff")
def standard_progress(request: Request, actor: Actor, at: datetime, standard_id: UUID) -> HttpResponseBase:
    """The progress of a trial, as a fragment; the whole page comes anew when it is over."""
    page = _about(actor, standard_id)
    if not page["working"]:
        return HttpResponseClientRefresh()
    return TemplateResponse(request, "staff/law/progress.html", page)


@entry("staff", "budget", methods=("POST",))
def settle(request: Request, actor: Actor, at: datetime, standard_id: UUID, deed: str) -> HttpResponseBase:
    """Confirm what another proposed, have it tried again, or take it back."""
    standard_seen(actor, standard_id)
    match deed:
        case "confirm":
            confirmed = confirm_standard(actor, at, standard_id)
            messages.success(request, f"已采用，{confirmed.from_on} 起执行。等这一项的会自动重新核定。")
            wake()
        case "try":
            ask_trial(actor, at, standard_id)
            messages.success(request, "已重新试算。")
        case "withdraw":
            withdraw_proposal(actor, at, standard_id)
            messages.success(request, "已撤回，现行标准不变。")
        case _:
            raise NotFound()
    return HttpResponseRedirect(reverse("staff-standard", args=[standard_id]))


urlpatterns = [
    path("law/", law_here, name="staff-law"),
    path("law/standards/", standards, name="staff-standards"),
    path("law/standards/new/", propose, name="staff-propose-standard"),
    path("law/standards/<uuid:standard_id>/", standard, name="staff-standard"),
    path("law/standards/<uuid:standard_id>/progress/", standard_progress, name="staff-standard-progress"),
    path("law/standards/<uuid:standard_id>/<slug:deed>/", settle, name="staff-settle-standard"),
]
