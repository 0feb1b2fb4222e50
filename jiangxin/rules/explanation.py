"""A decision explained: for each rule the article, the answer in words, what would change it, and the numbers used."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np

from jiangxin.ground.money import yuan
from jiangxin.rules.facts import Column, FactRecord
from jiangxin.rules.lookup import Found
from jiangxin.rules.numbers import NUMBERS
from jiangxin.rules.parameters import Entry, Law, Why
from jiangxin.rules.rule import ANSWER_NAMES, NO, UNKNOWN, YES, Ask, Rule, in_chinese
from jiangxin.rules.schemes import SCHEMES
from jiangxin.rules.wording import entry_in_words


@dataclass(frozen=True)
class NumberUsed:
    """A number a rule rested on: where it comes from and how long it is known to hold; `why` when it is unknown.
    `words` is the value in plain Chinese."""

    name: str
    title: str
    value: Any
    words: str
    unit: str
    region: str
    from_on: date | None
    last_on: date | None
    document: str
    document_number: str
    url: str
    certainty: str
    note: str
    why: str


@dataclass(frozen=True)
class Explained:
    """One rule's answer for one row. `mark` is 原文 for the law's exact wording, 转述 for our paraphrase; `change`
    is filled for a no; `waits_for` for an unknown: the fact and its register, or the number that is missing."""

    code: str
    title: str
    article: str
    words: str
    mark: str
    answer: str
    sentence: str
    change: str
    turned_by: str
    waits_for: tuple[str, ...]
    numbers: tuple[NumberUsed, ...]


def explain(
    scheme: str, facts: FactRecord, row: int, law: Law, names: Mapping[str, str] | None = None
) -> list[Explained]:
    """Every rule in force for this row, in article order; empty when the row is older than the scheme's first rules.

    `names` turns region codes and occupation keys into words (code → name); what it lacks is shown as it is.
    """
    cause = SCHEMES[scheme]
    one = facts.take(np.array([row]))
    version = int(np.searchsorted(cause.starts, getattr(one, cause.dated_on).view(np.int64)[0], side="right")) - 1
    rules = cause.versions[version].rules if version >= 0 else ()
    said = _facts_in_words(one, names or {})
    dated = getattr(one, cause.dated_on)
    return [_explained(rule, Ask(scheme, one, law), dated, said, names or {}) for rule in rules]


def _explained(
    rule: Rule, ask: Ask, dated: np.ndarray, said: Mapping[str, str], names: Mapping[str, str]
) -> Explained:
    given = np.broadcast_to(rule.answer(ask), 1)
    too_young = bool(rule.since and rule.too_young(given, dated)[0])
    answer = int(UNKNOWN) if too_young else int(given[0])
    used = dict(ask.used)
    details = rule.details(ask) if rule.details else {}
    words = {**said, **{name: entry_in_words(found.at(0)) for name, found in ask.used.items()}}
    words |= {name: names.get(detail, detail) for name, detail in details.items()}
    yes = rule.yes_of(ask) if rule.yes_of and answer == YES else rule.yes
    sentence = {NO: rule.no, YES: yes, UNKNOWN: rule.unknown}.get(np.int8(answer), rule.not_applicable)
    waits_for = _waits_for(rule, ask.facts, used) if answer == UNKNOWN else ()
    if too_young:
        sentence, waits_for = f"这一条自{in_chinese(rule.since)}起施行，核发在前的适用什么规定未查到。", (_LAW_OF_THEN,)
    return Explained(
        code=rule.code,
        title=rule.title,
        article=rule.article,
        words=rule.words,
        mark="原文" if rule.quoted else "转述",
        answer=ANSWER_NAMES[answer],
        sentence=sentence.format_map(words),
        change=rule.change.format_map(words) if answer == NO else "",
        turned_by=rule.turned_by if answer == NO else "",
        waits_for=waits_for,
        numbers=tuple(_number_used(name, found.at(0)) for name, found in used.items()),
    )


_LAW_OF_THEN = "核发时的规定（由有权的人社部门登记）"


def _waits_for(rule: Rule, facts: FactRecord, used: Mapping[str, Found]) -> tuple[str, ...]:
    row, columns = facts.row(0), facts.columns()
    missing = [columns[name] for name in rule.reads if _missing(columns[name], row[name])]
    registers = [f"{column.title}（由{column.register}回答）" for column in missing]
    entries = [found.at(0) for found in used.values()]
    numbers = [_lacking(entry) for entry in entries if not entry.known and entry.filed]
    return tuple(dict.fromkeys(registers + numbers)) or (rule.settled_by,)


def _lacking(entry: Entry) -> str:
    return f"《{entry.number.title}》{entry.why.value}" if entry.number else _COMES_FIRST[entry.why]


# without a region or a day no number can be looked for: what settles those comes first
_COMES_FIRST = {Why.NO_REGION: "支付地先定下来", Why.NO_DAY: "日期先补齐"}


def _missing(column: Column, value: Any) -> bool:
    return bool(column.register) and (value is None or (column.title in _ONLY_A_YES_COUNTS and value is False))


# a register that does not confirm these leaves the question open (P1, P11)
_ONLY_A_YES_COUNTS = {"有培训记录", "联网查询结果一致"}


def _facts_in_words(one: FactRecord, names: Mapping[str, str]) -> dict[str, str]:
    return {name: _fact_in_words(name, column, value, names) for (name, column), value in _facts_of(one)}


def _facts_of(one: FactRecord) -> list[tuple[tuple[str, Column], Any]]:
    row = one.row(0)
    return [((name, column), row[name]) for name, column in one.columns().items()]


def _fact_in_words(name: str, column: Column, value: Any, names: Mapping[str, str]) -> str:
    if value is None:
        return "未知"
    if column.kind == "day":
        return in_chinese(date.fromisoformat(value))
    if column.kind == "choice":
        return column.words[column.options.index(value)]
    if name.endswith("_fen"):
        return yuan(value)
    if column.kind in ("flag", "tri"):
        return "是" if value else "否"
    return names.get(str(value), str(value)) or "无"


def _number_used(name: str, entry: Entry) -> NumberUsed:
    number, dated = entry.number, entry.dated
    return NumberUsed(
        name=name,
        title=number.title if number else NUMBERS[name].title,
        value=entry.value,
        words=entry_in_words(entry),
        unit=number.unit if number else "",
        region=number.region if number else "",
        from_on=dated.from_on if dated else None,
        last_on=dated.last_on if dated else None,
        document=dated.source.document if dated else "",
        document_number=dated.source.number if dated else "",
        url=dated.source.url if dated else "",
        certainty=dated.certainty if dated else "",
        note=dated.note if dated else "",
        why="" if entry.known else entry.why.value,
    )


def as_json(explained: Explained) -> dict[str, Any]:
    """The explanation in JSON values; dates as ISO text."""
    return _dated(asdict(explained))


def _dated(thing: Any) -> Any:
    if isinstance(thing, dict):
        return {name: _dated(value) for name, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [_dated(value) for value in thing]
    return thing.isoformat() if isinstance(thing, date) else thing
