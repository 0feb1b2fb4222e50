"""The tags and filters of the pages; built in, so no template has to load them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.forms.utils import flatatt
from django.http import HttpRequest
from django.template.context import Context
from django.utils.safestring import SafeString

from jiangxin.ground import money
from jiangxin.ground.clock import SHANGHAI, day_of
from jiangxin.rules.rule import in_chinese
from jiangxin.rules.vocabulary import LEVELS
from jiangxin.rules.wording import CERTAINTY_WORDS
from jiangxin.web.shared.forms import NO_DOCUMENT

register = template.Library()

WEEKDAYS = "周一 周二 周三 周四 周五 周六 周日".split()
TEXT_SIZES = ("", "large", "largest")
TEXT_SIZE_COOKIE = "text-size"


@register.filter
def yuan(fen: int | None) -> str:
    """Fen as yuan with thousands commas and two decimals; an amount nobody knows yet is 待定, never 0.00."""
    return "待定" if fen is None else money.yuan(fen)


@register.filter
def wan(fen: int) -> str:
    """Fen as 万元 for the axis of a plot, to the yuan."""
    return f"{fen / 1_000_000:.4f}"


def _day(value: date | datetime) -> date:
    return day_of(value) if isinstance(value, datetime) else value


@register.simple_tag(takes_context=True)
def day(context: Context, value: date | datetime | None) -> str:
    """A day as people say it: 3月18日, with the year when it is not the current one of `today`."""
    if value is None:
        return "日期待定"
    on = _day(value)
    return f"{'' if on.year == context['today'].year else f'{on.year}年'}{on.month}月{on.day}日"


@register.simple_tag(takes_context=True)
def days(context: Context, first: date | datetime, last: date | datetime | None) -> str:
    """From a day to a day; both with the year when either is of another year than the current one."""
    if last is None:
        return f"{day(context, first)}至今"
    years = {_day(first).year, _day(last).year}
    if years == {context["today"].year}:
        return f"{day(context, first)}到{day(context, last)}"
    return f"{in_chinese(_day(first))}到{in_chinese(_day(last))}"


@register.simple_tag(takes_context=True)
def moment(context: Context, at: datetime) -> str:
    """A day and its time in Asia/Shanghai: 3月5日 09:12."""
    return f"{day(context, at)} {at.astimezone(SHANGHAI):%H:%M}"


@register.simple_tag(takes_context=True)
def day_short(context: Context, value: date | datetime | None) -> str:
    """A day for a table cell: 3-18, with the year when it is not the current one."""
    if value is None:
        return "待定"
    on = _day(value)
    return f"{'' if on.year == context['today'].year else f'{on.year}-'}{on.month}-{on.day:02d}"


@register.filter
def weekday(value: date | datetime) -> str:
    """周一 … 周日."""
    return WEEKDAYS[_day(value).weekday()]


@register.filter
def mask_name(name: str) -> str:
    """A person's name as others may see it (P16): 叶*, 陈*明, 阿*提; one star whatever is hidden, the length too."""
    name = name.strip()
    return f"{name[:1]}*{name[-1] if len(name) > 2 else ''}"


@register.filter
def level_name(code: str) -> str:
    """A level of a certificate as it is written there; empty where there is none."""
    return LEVELS.get(code, code)


@register.filter
def certainty(code: str) -> str:
    """How sure a number of the law is, in words."""
    return CERTAINTY_WORDS.get(code, "")


@register.filter
def grouped(digits: str) -> str:
    """A hash or long number in groups of four, so that two people can read it to each other."""
    return " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))


@register.simple_tag(takes_context=True)
def with_query(context: Context, **changes: object) -> str:
    """The page's own query with some values changed; None or "" takes one out. The filter lives in the address."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        else:
            query[name] = str(value)
    return "?" + query.urlencode()


@dataclass(frozen=True)
class Sorting:
    """How a column stands: `state` is "", ascending or descending; `href` turns it round."""

    state: str
    href: str


@register.simple_tag(takes_context=True)
def sorting(context: Context, key: str, initially: str) -> Sorting:
    """The sort state of a column. `initially` is its state when the address names no sort."""
    asked = context["request"].GET.get("sort")
    state = {key: "ascending", f"-{key}": "descending"}.get(asked, "") if asked else initially
    turned = f"-{key}" if state == "ascending" else key
    return Sorting(state, with_query(context, sort=turned, after=None, before=None, page=None))


@dataclass(frozen=True)
class Chip:
    """One condition in force and the address without it."""

    label: str
    text: str
    href: str


def _said(field: forms.Field, value: object) -> str:
    if isinstance(field, forms.ModelChoiceField):
        return field.label_from_instance(value)
    if isinstance(field, forms.ChoiceField):
        chosen = [str(v) for v in value] if isinstance(value, (list, tuple)) else [str(value)]
        return "、".join(str(label) for key, label in _choices(field) if str(key) in chosen)
    return "是" if value is True else str(value)


def _choices(field: Any) -> Iterable[tuple[Any, Any]]:
    for key, label in field.choices:
        yield from label if isinstance(label, (list, tuple)) else [(key, label)]


@register.simple_tag(takes_context=True)
def chips(context: Context, form: forms.Form) -> list[Chip]:
    """What a list is narrowed to, read from its valid query form."""
    if not form.is_bound or not form.is_valid():
        return []
    drop = {"after": None, "before": None, "page": None}
    return [
        Chip(str(form[name].label), _said(form.fields[name], value), with_query(context, **drop, **{name: None}))
        for name, value in form.cleaned_data.items()
        if value not in (None, "", False, [], ())
    ]


@register.simple_tag(takes_context=True)
def current_href(context: Context, nav: Sequence[Any]) -> str:
    """The href of the menu item the page stands under: the longest that the path begins with; a home is only itself."""
    path = context["request"].path
    hrefs = [item.href for section in nav for item in section.items]
    home = min(hrefs, key=len, default="/")
    return max((h for h in hrefs if path == h or (h != home and path.startswith(h))), key=len, default="")


@register.simple_tag(takes_context=True)
def text_size(context: Context) -> str:
    """The reader's text size from the cookie: "" (as designed), large or largest."""
    request: HttpRequest | None = context.get("request")
    size = request.COOKIES.get(TEXT_SIZE_COOKIE, "") if request else ""
    return size if size in TEXT_SIZES else ""


@register.simple_tag
def passed(attrs: Any) -> SafeString:
    """The attributes a component was given beyond its own, escaped (cotton's own output of them is not)."""
    return flatatt({name: value for name, value in attrs.attrs_dict().items() if value not in (None, False)})


CONTROL_CLASSES = {"select": "form-select", "selectmultiple": "form-select", "checkbox": "form-check-input"}


@register.simple_tag
def no_document() -> str:
    """The pattern of a search that goes into the address: anything but an identity number."""
    return NO_DOCUMENT


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The input of a form field in the house's look, tied to its hint and errors for screen readers."""
    told = [f"{field.auto_id}-hint"] if field.help_text else []
    told += [f"{field.auto_id}-error"] if field.errors else []
    attrs: dict[str, str | bool] = {
        "class": f"{CONTROL_CLASSES.get(field.widget_type, 'form-control')} {field.css_classes()}".strip()
    }
    if told:
        attrs["aria-describedby"] = " ".join(told)
    return field.as_widget(attrs=attrs)


@dataclass(frozen=True)
class Piece:
    """One piece of a bar: where it begins and how wide it is, in percent of the whole."""

    x: str
    width: str


@register.simple_tag
def bar_pieces(parts: Sequence[int] | int, total: int) -> list[Piece]:
    """Amounts laid end to end over a total, as SVG attributes (no inline style); a total of 0 gives an empty bar."""
    pieces, x = [], 0.0
    for part in [parts] if isinstance(parts, int) else parts:
        width = 100 * max(part, 0) / total if total > 0 else 0.0
        pieces.append(Piece(f"{x:.2f}", f"{min(width, 100 - x):.2f}"))
        x = min(x + width, 100.0)
    return pieces


@register.filter
def any_filled(fields: Iterable[BoundField]) -> bool:
    """Whether one of the form fields carries a value."""
    return any(field.value() not in (None, "", [], False) for field in fields)


@register.filter
def thousands(count: int) -> str:
    """A count with thousands commas."""
    return f"{count:,}"


@register.filter
def ticks(count: int) -> range:
    """1 … count, to draw that many ticks."""
    return range(1, int(count) + 1)
