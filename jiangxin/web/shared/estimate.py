"""What would a certificate bring: one form and one answer, on the public page and on the worker's phone."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from jiangxin.ground.actor import PROVINCE
from jiangxin.ground.regions import Region
from jiangxin.rules.vocabulary import KINDS, LEVELS
from jiangxin.subsidy.queries.public import LEVELLED, Offer, Subject, find_subjects, offers
from jiangxin.web.shared.forms import DayInput, PlainForm


def regions_by_city() -> list[tuple[str, list[tuple[int, str]]]]:
    """Every region as a choice under its city, in order of code."""
    found = list(Region.objects.exclude(id=PROVINCE).order_by("id"))
    cities = [region for region in found if region.parent_id == PROVINCE]
    below = {city.id: [region for region in found if region.parent_id == city.id] for city in cities}
    return [
        (city.name, [(city.id, f"{city.name}（市本级）"), *((region.id, region.name) for region in below[city.id])])
        for city in cities
    ]


class EstimateForm(PlainForm):
    """Where, what kind of certificate, in what, at which level, issued on which day."""

    region = forms.TypedChoiceField(label="在哪里参加培训", coerce=int)
    kind = forms.ChoiceField(label="什么证书", choices=list(KINDS.items()))
    q = forms.CharField(
        label="职业或项目", max_length=40, required=False,
        help_text="写名称、俗称、拼音首字母或编码，例：电工、月嫂、dg",
        widget=forms.TextInput({"autocomplete": "off", "type": "search"}),
    )  # fmt: skip
    subject = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)
    level = forms.ChoiceField(
        label="等级", choices=[("", "不分等级"), *LEVELS.items()], required=False,
        help_text="专项职业能力和培训合格证书不分等级",
    )  # fmt: skip
    on = forms.DateField(label="哪天核发的", widget=DayInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        region = self.fields["region"]
        if isinstance(region, forms.TypedChoiceField):
            region.choices = regions_by_city()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") in LEVELLED and not given.get("level"):
            self.add_error("level", "请选择等级")
        return given


@dataclass(frozen=True)
class Estimate:
    """The state of the page: the form, what the words may mean, what was chosen, and what it would bring."""

    form: EstimateForm
    found: list[Subject]
    chosen: Subject | None
    level: str
    on: date | None
    offers: list[Offer]


def estimate(asked: QueryDict, today: date, region_id: int | None) -> Estimate:
    """Answer a query as far as it goes; without one, the empty form for a region and today."""
    defaults = {"region": region_id, "kind": "skill_level", "level": "4", "on": today}
    if "on" not in asked:
        return Estimate(EstimateForm(initial=defaults), [], None, "", None, [])
    form = EstimateForm(asked)
    if not form.is_valid():
        return Estimate(form, [], None, "", None, [])
    given = form.cleaned_data
    found = find_subjects(given["kind"], given["region"], given["on"], given["q"])
    chosen = _chosen(found, given["subject"], given["q"].strip())
    if chosen is None:
        if not found:
            form.add_error("q", "没有找到。换个叫法，或只写头两个字")
        return Estimate(form, found, None, "", None, [])
    level = given["level"] if given["kind"] in LEVELLED else ""
    said = offers(given["region"], given["kind"], chosen.key, level, given["on"])
    return Estimate(form, found, chosen, LEVELS.get(level, ""), given["on"], said)


def _chosen(found: list[Subject], key: str, text: str) -> Subject | None:
    """The one that was pointed at, else the one whose name was written out, else the only one there is."""
    by_key = [one for one in found if one.key == key]
    by_name = [one for one in found if one.name == text]
    only = found if len(found) == 1 and text else []
    return next(iter([*by_key, *by_name, *only]), None)


def subjects(asked: QueryDict, today: date) -> list[Subject]:
    """What the words written so far may mean, for the list under the field; nothing while the rest is not chosen."""
    form = EstimateForm(asked)
    form.is_valid()
    given = form.cleaned_data
    if "region" not in given or "kind" not in given:
        return []
    return find_subjects(given["kind"], given["region"], given.get("on") or today, given.get("q", ""))
