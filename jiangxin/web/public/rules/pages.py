"""The policy and its numbers: what is in force where and when, with source and certainty, and every rule in words."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby

from django import forms
from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path

from jiangxin.ground.actor import PROVINCE, Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import NotFound
from jiangxin.ground.regions import Region
from jiangxin.rules.schemes import SCHEMES
from jiangxin.rules.vocabulary import SCHEME_TITLES
from jiangxin.subsidy.queries.public import Standing, law_in_force, rules_in_words
from jiangxin.web.door import entry
from jiangxin.web.session import Request
from jiangxin.web.shared.estimate import regions_by_city
from jiangxin.web.shared.forms import DayInput, PlainForm


class LawForm(PlainForm):
    """Where and on which day."""

    region = forms.TypedChoiceField(label="哪里", coerce=int)
    on = forms.DateField(label="哪一天", widget=DayInput())

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        region = self.fields["region"]
        if isinstance(region, forms.TypedChoiceField):
            region.choices = [(PROVINCE, "全省"), *regions_by_city()]


def _asked(request: Request, today: date) -> tuple[LawForm, int, date]:
    """The form, and what it asks for: the province today where it asks nothing that can be answered."""
    form = LawForm(request.GET if "on" in request.GET else {"region": PROVINCE, "on": today})
    if form.is_valid():
        return form, form.cleaned_data["region"], form.cleaned_data["on"]
    return form, PROVINCE, today


def _by_scheme(numbers: Iterable[Standing]) -> list[tuple[str, list[Standing]]]:
    return [(scheme, list(group)) for scheme, group in groupby(numbers, key=lambda number: number.scheme)]


@entry("public")
def law(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The law in force in a region on a day."""
    form, region, on = _asked(request, day_of(at))
    numbers = law_in_force(region, on)
    page = {
        "form": form, "on": on, "groups": _by_scheme(numbers), "known": sum(not number.why for number in numbers),
        "total": len(numbers), "place": Region.objects.get(pk=region).name,
        "schemes": SCHEME_TITLES.items(),
    }  # fmt: skip
    return TemplateResponse(request, "public/rules/law.html", page)


@entry("public")
def rules(request: Request, actor: Actor, at: datetime, scheme: str) -> HttpResponseBase:
    """Every rule of a scheme, with the sentences it answers in."""
    if scheme not in SCHEMES:
        raise NotFound()
    page = {"title": SCHEME_TITLES[scheme], "scheme": scheme, "rules": rules_in_words(scheme)}
    return TemplateResponse(request, "public/rules/rules.html", page)


urlpatterns = [
    path("law", law, name="law"),
    path("law/<slug:scheme>", rules, name="rules"),
]
