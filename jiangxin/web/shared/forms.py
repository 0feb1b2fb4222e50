"""Forms that speak plain Chinese: what is missing is asked for, not called a field."""

import re
from typing import Any

from django import forms

from jiangxin.ground.free_text import NumberInText, holds_number

# An identity number of 18 or 15 digits. A query stands in the address, where none must ever be: the browser does not
# send one off, and a page that gets one says so without repeating it.
_BORN = r"\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}"
DOCUMENT = rf"\d{{6}}((19|20){_BORN}[\dXx]|{_BORN})"
NO_DOCUMENT = rf"^(?!\s*{DOCUMENT}\s*$).*"


# A field of numbers or ways to reach somebody: the browser suggests none, and no draft keeps it.
PRIVATE = {"autocomplete": "off", "data-private": True}


def holds_document(text: str) -> bool:
    """Whether a text is an identity number, however it is spaced."""
    return bool(re.fullmatch(DOCUMENT, re.sub(r"[\s-]", "", text)))


LIMITS = {
    "max_length": "最多 %(limit_value)d 个字，现在 %(show_value)d 个",
    "min_length": "至少 %(limit_value)d 个字，现在 %(show_value)d 个",
    "max_value": "不能大于 %(limit_value)s",
    "min_value": "不能小于 %(limit_value)s",
    "max_digits": "数字太长，最多 %(max)s 位",
    "max_decimal_places": "小数最多 %(max)s 位",
    "max_whole_digits": "小数点前最多 %(max)s 位",
    "null_characters_not_allowed": "含有不能保存的字符，请重新填写",
}


class DayInput(forms.DateInput):
    """A day as the browser's own calendar wants it, whatever the language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class PlainForm(forms.Form):
    """A form whose standard messages say what to do; a field's own `error_messages` come first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            own = self.base_fields[name].error_messages
            standard = type(field).default_error_messages | forms.Field.default_error_messages
            for code, sentence in self._sentences(field).items():
                if own.get(code) == standard.get(code):
                    field.error_messages[code] = sentence

    def clean(self) -> dict[str, Any]:
        """Words typed in hold no identity number; a field for numbers says so by `data-private` (A7)."""
        for name, field in self.fields.items():
            private = "data-private" in field.widget.attrs or isinstance(field, forms.ChoiceField)
            said = self.cleaned_data.get(name)
            if not private and isinstance(said, str) and holds_number(said):
                self.add_error(name, NumberInText.remedy)
        return self.cleaned_data

    @staticmethod
    def _sentences(field: forms.Field) -> dict[str, str]:
        if isinstance(field, forms.BooleanField):
            return {"required": "请确认后勾选"}
        if isinstance(field, forms.FileField):
            return {"required": "请选择文件", "empty": "文件是空的，请重新选择"}
        if isinstance(field, forms.ChoiceField):
            return {"required": "请选择一项", "invalid_choice": "请从给出的选项里选"}
        if isinstance(field, forms.DateField):
            return {"required": "请填写日期", "invalid": "请写成 2026-03-18 这样的日期"}
        if isinstance(field, forms.IntegerField):  # of which a DecimalField is one
            return {"required": "请填写数字", "invalid": "请只填数字"} | LIMITS
        return {"required": "请填写"} | LIMITS
