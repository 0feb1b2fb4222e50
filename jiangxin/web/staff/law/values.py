"""A number of the law as a form: each number is asked for in the shape `jiangxin.rules.numbers` declares."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from jiangxin.rules import vocabulary
from jiangxin.rules.numbers import NUMBERS, hour, percent, switch, whole
from jiangxin.web.shared.forms import PlainForm

MOST_UPLIFT = 500
ANY = vocabulary.ANY
# 培训合格 paid by time: the word that begins a line, the key of the rate, the key of each.
BY_TIME = {"课时": ("training_pass_by_lesson", "per_lesson"), "天": ("training_pass_by_day", "per_day")}
LEVELS = vocabulary.LEVELS
WEEKDAYS = dict(enumerate(("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"), 1))
ONE_OF: dict[str, Mapping[str, str]] = {
    "paying_office": vocabulary.OFFICES,
    "other_channel": vocabulary.CHANNELS,
    "count_date": vocabulary.COUNT_DATES,
    "silence_action": vocabulary.SILENCE_ACTIONS,
    "silence_day_kind": vocabulary.DAY_KINDS,
}
SOME_OF: dict[str, Mapping[str, str]] = {
    "cert_kinds": vocabulary.KINDS,
    "places_accepted": vocabulary.PLACES,
    "permitted_funds": vocabulary.FUNDS,
}
IN_ORDER: dict[str, Mapping[str, str]] = {"fund_order": vocabulary.FUNDS, "scheme_order": vocabulary.SCHEME_TITLES}


class ValueForm(PlainForm):
    """Asks for the value of one number; `value` gives it in the law's own shape after validation."""

    def __init__(self, number: str, before: Any, *args: Any) -> None:
        self.number, self.declared = number, NUMBERS[number]
        self.base_fields = self.asked()  # type: ignore[misc]  # the fields are the number's, not the class's
        super().__init__(*args, initial=self.shown(before) if before is not None else {})

    def asked(self) -> dict[str, forms.Field]:
        """The fields that the number is asked for with."""
        raise NotImplementedError

    def shown(self, before: Any) -> dict[str, Any]:
        """The value in force as the fields show it."""
        return {"given": before}

    @property
    def value(self) -> Any:
        return self.cleaned_data["given"]


class WholeForm(ValueForm):
    """A whole number with its unit; money is asked for in yuan."""

    def asked(self) -> dict[str, forms.Field]:
        title, unit = self.declared.title, self.declared.unit
        limits: dict[Any, int] = {percent: 100, hour: 24}
        most = limits.get(self.declared.fits)
        if unit == "分":
            return {"given": _yuan_field(f"{title}（元）", required=True)}
        return {"given": forms.IntegerField(label=f"{title}（{unit}）", min_value=0, max_value=most)}

    def shown(self, before: Any) -> dict[str, Any]:
        return {"given": _yuan(before) if self.declared.unit == "分" else before}

    @property
    def value(self) -> Any:
        return _fen(self.cleaned_data["given"]) if self.declared.unit == "分" else self.cleaned_data["given"]


class SwitchForm(ValueForm):
    """Yes or no."""

    def asked(self) -> dict[str, forms.Field]:
        options = [("yes", "是"), ("no", "否")]
        return {"given": forms.ChoiceField(label=self.declared.title, choices=options, widget=forms.RadioSelect)}

    def shown(self, before: Any) -> dict[str, Any]:
        return {"given": "yes" if before else "no"}

    @property
    def value(self) -> Any:
        return self.cleaned_data["given"] == "yes"


class OneForm(ValueForm):
    """One of several answers."""

    def asked(self) -> dict[str, forms.Field]:
        options = list(ONE_OF[self.number].items())
        return {"given": forms.ChoiceField(label=self.declared.title, choices=options, widget=forms.RadioSelect)}


class SomeForm(ValueForm):
    """Any of several, without order; of the days of the week by number."""

    def asked(self) -> dict[str, forms.Field]:
        days = self.number == "payment_weekdays"
        options = list(WEEKDAYS.items()) if days else list(SOME_OF[self.number].items())
        return {
            "given": forms.TypedMultipleChoiceField(
                label=self.declared.title, choices=options, widget=forms.CheckboxSelectMultiple,
                coerce=int if days else str, error_messages={"required": "请至少选一项"},
            )
        }  # fmt: skip


class OrderForm(ValueForm):
    """Several in order: first, second, …; a blank place ends the list."""

    def asked(self) -> dict[str, forms.Field]:
        options = [("", "——"), *IN_ORDER[self.number].items()]
        return {
            f"place_{place}": forms.ChoiceField(label=f"第 {place + 1} 位", choices=options, required=place == 0)
            for place in range(len(IN_ORDER[self.number]))
        }

    def shown(self, before: Any) -> dict[str, Any]:
        return {f"place_{place}": code for place, code in enumerate(before)}

    def clean(self) -> dict[str, Any]:
        given = [code for code in (super().clean() or {}).values() if code]
        if len(set(given)) < len(given):
            raise forms.ValidationError("同一项选了两次，请每项只选一次")
        return self.cleaned_data

    @property
    def value(self) -> Any:
        return [self.cleaned_data[name] for name in self.fields if self.cleaned_data[name]]


class LinesForm(ValueForm):
    """One entry a line, its parts divided by blanks: lists of occupations, the class map, the ages of retirement."""

    HELP: Mapping[str, str] = {
        "scarce_occupations": "一行一个职业编码，后面可以写名称。例：6-31-01-03 电工",
        "occupation_classes": "一行一个：职业编码或开头，空格，类别。例：6-31 生产制造类",
        "retirement_ages": "一行一档：性别 月龄；逐步延迟的再加：起始出生月 每几个月延迟一个月 月龄上限。"
        "例：男 720 1965-01 4 756",
    }

    def asked(self) -> dict[str, forms.Field]:
        box = forms.Textarea({"rows": 12})
        return {"given": forms.CharField(label=self.declared.title, help_text=self.HELP[self.number], widget=box)}

    def shown(self, before: Any) -> dict[str, Any]:
        return {"given": "\n".join(_line(self.number, entry) for entry in _entries(before))}

    def clean_given(self) -> Any:
        lines = [line.split() for line in self.cleaned_data["given"].splitlines() if line.strip()]
        try:
            value = _from_lines(self.number, lines)
        except (KeyError, ValueError, IndexError):
            value = None
        if value is None or not self.declared.fits(value):
            raise forms.ValidationError("有一行不合格式，请照例子逐行核对")
        return value


class LevelsForm(ValueForm):
    """A percentage by level, or one for all; blank = none."""

    UNIT, MOST = "%", MOST_UPLIFT

    def asked(self) -> dict[str, forms.Field]:
        return {
            code: forms.IntegerField(label=f"{name}（{self.UNIT}）", min_value=0, max_value=self.MOST, required=False)
            for code, name in {ANY: "不分等级", **LEVELS}.items()
        }

    def shown(self, before: Any) -> dict[str, Any]:
        return dict(before)

    @property
    def value(self) -> Any:
        return {code: given for code, given in self.cleaned_data.items() if given is not None}


class HoursForm(LevelsForm):
    """Hours by level, or one number for all; blank = none."""

    UNIT, MOST = "课时", 2_000


# How the law names a single 专项 or project, and how people do.
ITEM_WORDS = {"item": "专项", "project": "项目"}


class AmountsForm(ValueForm):
    """The standard as a table in yuan: class × level, then the certificates without classes; blank = not regulated."""

    ROWS: Mapping[str, str] = {
        **{f"levels/{code}": name for code, name in vocabulary.CLASSES.items()},
        f"levels/{ANY}": "不区分类别",
        "special_skill": vocabulary.KINDS["special_skill"],
        "training_pass": vocabulary.KINDS["training_pass"],
    }

    def asked(self) -> dict[str, forms.Field]:
        fields: dict[str, forms.Field] = {
            f"{row}/{level}": _yuan_field(f"{words} {name}", required=False)
            for row, words in self.ROWS.items()
            for level, name in _columns(row).items()
        }
        fields["items"] = forms.CharField(
            label="按项目定的标准", required=False, widget=forms.Textarea({"rows": 4}),
            help_text="一行一个，用空格隔开：专项或项目、编码、金额（元）。例：专项 33A012 500。"
            "培训合格证书按课时或按天的另写一行：课时（天），每课时（每天）金额，最高金额。例：课时 25 2000",
        )  # fmt: skip
        return fields

    @property
    def rows(self) -> Iterator[tuple[str, list[BoundField | None]]]:
        """Title and cells of each line of the table; None where a level cannot have an amount of its own."""
        for row, words in self.ROWS.items():
            yield words, [self[f"{row}/{level}"] if level in _columns(row) else None for level in (*LEVELS, ANY)]

    def shown(self, before: Any) -> dict[str, Any]:
        cells = {f"levels/{class_}": levels for class_, levels in before.get("levels", {}).items()}
        cells |= {kind: before[kind] for kind in ("special_skill", "training_pass") if kind in before}
        fields = {f"{row}/{key}": _yuan(fen) for row, levels in cells.items() for key, fen in levels.items()}
        listed = ((key.split(":"), fen) for levels in cells.values() for key, fen in levels.items() if ":" in key)
        items = [f"{ITEM_WORDS[kind]} {code} {_yuan(fen)}" for (kind, code), fen in listed]
        for word, (name, each) in BY_TIME.items():
            if rate := before.get(name):
                items.append(f"{word} {_yuan(rate[each])} {_yuan(rate['at_most'])}")
        return fields | {"items": "\n".join(items)}

    def clean_items(self) -> dict[str, dict[str, int]]:
        kinds: dict[str, dict[str, int]] = {}
        try:
            for line in self.cleaned_data["items"].splitlines():
                if (word := line.split(" ")[0]) in BY_TIME:
                    name, each = BY_TIME[word]
                    _, rate, at_most = line.split()
                    kinds[name] = {each: _fen(Decimal(rate)), "at_most": _fen(Decimal(at_most))}
                elif line.strip():
                    words, code, yuan = line.split()
                    key = {words: key for key, words in ITEM_WORDS.items()}[words]
                    kind = {"item": "special_skill", "project": "training_pass"}[key]
                    kinds.setdefault(kind, {})[f"{key}:{code}"] = _fen(Decimal(yuan))
        except (KeyError, ValueError, ArithmeticError):
            raise forms.ValidationError("有一行不合格式，请照例子逐行核对") from None
        return kinds

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not any(value not in (None, {}) for value in given.values()):
            raise forms.ValidationError("请至少填一格金额")
        return given

    @property
    def value(self) -> Any:
        table: dict[str, Any] = {}
        for name, yuan in self.cleaned_data.items():
            if name != "items" and yuan is not None:
                *path, level = name.split("/")
                held = table
                for step in path:
                    held = held.setdefault(step, {})
                held[level] = _fen(yuan)
        for kind, amounts in self.cleaned_data["items"].items():
            table.setdefault(kind, {}).update(amounts)
        return table


SHAPES: dict[str, type[ValueForm]] = {
    "amount": AmountsForm,
    "scarce_uplift_percent": LevelsForm,
    "class_hours_min": HoursForm,
    "payment_weekdays": SomeForm,
    **dict.fromkeys(LinesForm.HELP, LinesForm),
    **dict.fromkeys(ONE_OF, OneForm),
    **dict.fromkeys(SOME_OF, SomeForm),
    **dict.fromkeys(IN_ORDER, OrderForm),
}


def value_form(number: str, before: Any, *args: Any) -> ValueForm:
    """The form of a number, filled with the value in force (None: empty); raises KeyError for an unknown shape."""
    simple: dict[Any, type[ValueForm]] = {whole: WholeForm, percent: WholeForm, hour: WholeForm, switch: SwitchForm}
    shape = SHAPES.get(number) or simple[NUMBERS[number].fits]
    return shape(number, before, *args)


def _columns(row: str) -> dict[str, str]:
    return dict(LEVELS) if row.startswith("levels/") else {**LEVELS, ANY: "不分等级"}


def _yuan_field(label: str, required: bool) -> forms.DecimalField:
    box = forms.NumberInput({"aria-label": label})
    return forms.DecimalField(label=label, min_value=0, max_digits=12, decimal_places=2, required=required, widget=box)


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100 if fen % 100 else Decimal(fen // 100)


def _fen(yuan: Decimal) -> int:
    fen = yuan * 100
    if fen != int(fen) or fen < 0:
        raise ValueError(f"{yuan} is no whole amount of fen")
    return int(fen)


def _entries(value: Any) -> list[Any]:
    return list(value.items()) if isinstance(value, dict) else list(value)


def _line(number: str, entry: Any) -> str:
    if number == "occupation_classes":
        return f"{entry[0]} {vocabulary.CLASSES[entry[1]]}"
    if number == "retirement_ages":
        parts = (entry.get(name) for name in AGES)
        return " ".join(str(part) for part in (vocabulary.SEXES[entry["sex"]], *parts) if part is not None)
    return str(entry)


AGES = ("months", "delayed_from", "every_months", "limit_months")


def _from_lines(number: str, lines: list[list[str]]) -> Any:
    if number == "occupation_classes":
        codes = {name: code for code, name in vocabulary.CLASSES.items()}
        return {line[0]: codes[line[1]] for line in lines}
    if number == "retirement_ages":
        sexes = {name: code for code, name in vocabulary.SEXES.items()}
        return [
            {"sex": sexes[sex]} | {k: v if k == "delayed_from" else int(v) for k, v in zip(AGES, rest, strict=False)}
            for sex, *rest in lines
        ]
    return [line[0] for line in lines]
