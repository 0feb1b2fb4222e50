"""Numbers of the law in plain Chinese, for pages and the command line: no codes, no braces."""

from collections.abc import Mapping
from typing import Any

from jiangxin.ground.money import yuan
from jiangxin.rules import vocabulary
from jiangxin.rules.parameters import Entry

CERTAINTY_WORDS = {
    "found": "见于所列来源",
    "computed": "由已知数推算",
    "default": "默认值，待各地登记",
    "known": "未经核实",
    "assumed": "演示假设",
}
_WORDS: dict[str, str] = {
    **vocabulary.KINDS,
    **vocabulary.LEVELS,
    **vocabulary.CLASSES,
    **vocabulary.SEXES,
    **vocabulary.FUNDS,
    **vocabulary.PLACES,
    **vocabulary.COUNT_DATES,
    **vocabulary.OFFICES,
    **vocabulary.CHANNELS,
    **vocabulary.SILENCE_ACTIONS,
    **vocabulary.DAY_KINDS,
    **vocabulary.SCHEME_TITLES,
    vocabulary.ANY: "不区分",
    "levels": "职业资格和职业技能等级",
    "training_pass_by_lesson": "培训合格证书按课时",
    "training_pass_by_day": "培训合格证书按天",
    "per_lesson": "每课时",
    "per_day": "每天",
    "at_most": "最高",
}
_AFTER_A_NUMBER = {
    "月": " 个月",
    "次": " 次",
    "天": " 天",
    "工作日": " 个工作日",
    "人": " 人",
    "周岁": "周岁",
    "百分比": "%",
}


def entry_in_words(entry: Entry) -> str:
    """The value with its unit, or why it is unknown."""
    if not entry.known:
        return f"未知（{entry.why.value}）"
    return value_in_words(entry.value, entry.number.unit if entry.number else "")


def value_in_words(value: Any, unit: str, joint: str = "；") -> str:
    """A value of the law: switches as 是/否, fen as yuan, codes by their names, tables as a list of what they hold.

    `joint` stands between the parts of a table; a row within a table is held together by 、.
    """
    match value:
        case bool():
            return "是" if value else "否"
        case int():
            return f"{yuan(value)} 元" if unit == "分" else f"{value}{_AFTER_A_NUMBER.get(unit, '')}"
        case Mapping() if "months" in value:
            return _retirement(value)
        case Mapping() if list(value) == [vocabulary.ANY]:
            return value_in_words(value[vocabulary.ANY], unit, joint)
        case Mapping():
            named = (str(name) if unit == "职业编码表" else _word(name) for name in value)
            return joint.join(
                f"{name} {value_in_words(of, unit, _joint_of(of))}"
                for name, of in zip(named, value.values(), strict=True)
            )
        case list() | tuple():
            between = "；" if any(isinstance(item, Mapping) for item in value) else "、"
            return between.join(value_in_words(item, unit) for item in value)
    return _word(value)


def _retirement(step: Mapping[str, Any]) -> str:
    """One line of the table of retirement ages, in years and months of age."""
    said = f"{_word(step['sex'])} {_age(step['months'])}"
    if "delayed_from" not in step:
        return said
    year, month = step["delayed_from"].split("-")
    return (
        f"{said}，{year} 年 {int(month)} 月起出生的每 {step['every_months']} 个月晚 1 个月，"
        f"最晚 {_age(step['limit_months'])}"
    )


def _age(months: int) -> str:
    years, rest = divmod(months, 12)
    return f"{years} 周岁" + (f" {rest} 个月" if rest else "")


def _joint_of(value: Any) -> str:
    holds_rows = isinstance(value, Mapping) and any(isinstance(of, Mapping) for of in value.values())
    return "；" if holds_rows else "、"


def _word(code: Any) -> str:
    return _WORDS.get(code, str(code))
