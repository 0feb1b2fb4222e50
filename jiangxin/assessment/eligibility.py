"""Whether a person may sit for a level: each condition answered yes, no or unknown, with the fact and its source.

Pure. What no register holds stays unknown (P2): a certificate from elsewhere or years in a job may be shown on paper.
Registers of employment only ever confirm what was declared; a "no" never rests on them (P17).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from jiangxin.ground.clock import add_months
from jiangxin.rules.vocabulary import LEVELS

YES, NO, UNKNOWN = "yes", "no", "unknown"
FILE = Path(__file__).parent / "conditions.yaml"


@dataclass(frozen=True)
class CandidateFacts:
    """What is known of a candidate: birth, the class (`completed`, `seated` or ""), certificates, years in the job.

    `prior` maps a level of the same occupation to the first day it was held; `registered_months` is how long the
    registers show any work, None where they show none.
    """

    born_on: date
    trained: str = ""
    class_number: str = ""
    prior: Mapping[str, date] = field(default_factory=dict)
    job_years: int | None = None
    registered_months: int | None = None
    holds_already: bool = False


@cache
def _conditions() -> dict[str, Any]:
    return dict(yaml.safe_load(FILE.read_text("utf-8")))


def conditions_of(kind: str, level: str) -> list[dict[str, Any]]:
    """The conditions of a kind and level; empty where none is known."""
    filed = _conditions()
    return list(filed["levels"].get(level, ()) if kind == "skill_level" else filed.get(kind, ()))


def source_of_conditions() -> str:
    """The document the conditions were taken from, as a page cites it."""
    return str(_conditions()["source"])


def answer_eligibility(
    kind: str, level: str, known: CandidateFacts, exam_on: date, min_age: int | None
) -> list[dict[str, str]]:
    """Every condition's answer as rows {code, words, answer, fact, source}; the first two concern everybody."""
    rows = [_age(known, exam_on, min_age), _again(known)]
    for condition in conditions_of(kind, level):
        told = [said for part in (_trained, _prior, _worked) if (said := part(condition, known, exam_on))[0]]
        given = {word for word, _, _ in told}
        word = NO if NO in given else UNKNOWN if UNKNOWN in given else YES
        fact, source = "；".join(row[1] for row in told), "；".join(dict.fromkeys(row[2] for row in told))
        rows.append(_row(condition["code"], condition["words"], word, fact, source))
    return rows


def verdict(rows: list[dict[str, str]]) -> str:
    """Of all answers one: what concerns everybody is needed, and one of the conditions."""
    always = {row["answer"] for row in rows if row["code"] in ("age", "again")}
    one_of = {row["answer"] for row in rows if row["code"] not in ("age", "again")} or {UNKNOWN}
    if NO in always or one_of == {NO}:
        return NO
    return YES if always == {YES} and YES in one_of else UNKNOWN


def _row(code: str, words: str, answer: str, fact: str, source: str) -> dict[str, str]:
    return {"code": code, "words": words, "answer": answer, "fact": fact, "source": source}


def _age(known: CandidateFacts, exam_on: date, min_age: int | None) -> dict[str, str]:
    if min_age is None:
        return _row("age", "年龄", UNKNOWN, "最低年龄没有规定可依", "人员档案")
    old_enough = add_months(known.born_on, 12 * min_age) <= exam_on
    return _row("age", f"年满 {min_age} 周岁", YES if old_enough else NO, "考试那天的年龄", "人员档案")


def _again(known: CandidateFacts) -> dict[str, str]:
    fact = "已有本机构同职业同等级的有效证书" if known.holds_already else "没有本机构同职业同等级的有效证书"
    return _row("again", "没有重复取证", NO if known.holds_already else YES, fact, "证书库")


Told = tuple[str, str, str]
NOT_ASKED: Told = ("", "", "")


def _trained(condition: dict[str, Any], known: CandidateFacts, exam_on: date) -> Told:
    if not condition.get("trained"):
        return NOT_ASKED
    if known.trained == "completed":
        return YES, f"{known.class_number} 班已结业", "培训班"
    if known.trained == "seated":
        return UNKNOWN, f"在 {known.class_number} 班，还没结业", "培训班"
    return UNKNOWN, "不是从本平台的班来的", "培训班"


def _prior(condition: dict[str, Any], known: CandidateFacts, exam_on: date) -> Told:
    level = condition.get("prior")
    if not level:
        return NOT_ASKED
    held = known.prior.get(level)
    if held is None:
        return UNKNOWN, f"证书库里没有本职业{LEVELS[level]}证书", "证书库"
    long_enough = add_months(held, 12 * int(condition["years_since"])) <= exam_on
    return YES if long_enough else NO, f"{held:%Y-%m-%d} 取得{LEVELS[level]}", "证书库"


def _worked(condition: dict[str, Any], known: CandidateFacts, exam_on: date) -> Told:
    years = condition.get("job_years")
    if not years:
        return NOT_ASKED
    if known.job_years is None:
        return UNKNOWN, "没有填本职业工作年限", "本人申报"
    if known.job_years < years:
        return NO, f"申报 {known.job_years} 年", "本人申报"
    if (known.registered_months or 0) >= 12 * years:
        return YES, f"申报 {known.job_years} 年，登记够长", "本人申报；就业和参保登记"
    return UNKNOWN, f"申报 {known.job_years} 年，登记不能证实", "本人申报"
