"""One row of a result file by itself: what its cells say, and what is wrong in it before any register is asked."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from stdnum.cn import uscc

from jiangxin.assessment.columns import COLUMNS, KINDS_WITH_LEVEL, SEXES, TRAINING_KEYS
from jiangxin.ground.cells import Column, Value, Wrong, as_shown
from jiangxin.ground.identity import IdentityNumberWrong, check_identity, mask_number
from jiangxin.ground.keys import new_id
from jiangxin.parties.models import DOCUMENT_KINDS
from jiangxin.parties.operations.persons import PersonRow
from jiangxin.parties.queries.persons import document_index, fold_name
from jiangxin.rules.rule import in_chinese
from jiangxin.rules.vocabulary import LEVELS

DOCUMENTS = {words: code for code, words in DOCUMENT_KINDS.items()} | {"身份证": "resident"}
DATE_ORDER = ("first_on", "last_on", "exam_on", "issued_on")
TRAINING_NEEDED = ("provider_code", "training_region", "first_on", "last_on", "hours", "training_code")
SCORES = ("theory", "practice", "review")
LEVELS_WITH_REVIEW = ("1", "2")
FULL_MARK = 100
MOBILE = re.compile(r"1\d{10}")
SUBJECT = re.compile(r"([^（(]+)[（(](.+)[）)]")
# Position of year and level: new form 1 letter, body 4, province 2, serial 6, year 2, level 1, serial 6;
# old form (职业资格) year 2, province 2, city 2, kind 1, body 3, level 1, serial 5.
NEW_FORM = re.compile(r"[YS]\d{4}33\d{6}(?P<year>\d\d)(?P<level>[1-5])\d{6}")
OLD_FORM = re.compile(r"(?P<year>\d\d)\d{4}[0-4]\d{3}(?P<level>[1-5])\d{5}")
FORMS = {
    "skill_level": ((NEW_FORM,), "应为 22 位：Y 或 S 开头，第 6、7 位是 33"),
    "qualification": ((OLD_FORM, NEW_FORM), "应为 16 位数字，或 22 位新编号"),
}
SHORTEST_NUMBER = 6
STAGED = (
    "line int, certificate_id uuid, document_kind text, number_index bytea, name text, occupation text, trade text,"
    " code text, level text, theory numeric, practice numeric, review numeric, exam_on date, issued_on date,"
    " certificate text, provider text, provider_code text, class_number text, class_region int, training_region int,"
    " first_on date, last_on date, hours int, training_code text, number_shown text, problems jsonb"
)


class Problem(NamedTuple):
    """What is wrong in the cell of column `key`, what to do, and what stood there (masked)."""

    key: str
    problem: str
    remedy: str
    given: str = ""


@dataclass(frozen=True)
class Setting:
    """What the rows of one file are read against: its kind, whose file, the day, places by name, the pass mark."""

    kind: str
    body_name: str
    today: date
    regions: Mapping[str, int]
    pass_mark: Callable[[date], int | None]


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A row read: its values by column key (None where blank or wrong) and all its problems."""

    line: int
    values: dict[str, Any]
    problems: list[Problem]

    def person(self) -> PersonRow:
        """The person of a row whose identity is in order."""
        v = self.values
        return PersonRow(v["document"], v["number"], v["name"], SEXES.get(v["sex"] or ""), v["born_on"], v["phone"])

    def staged(self) -> tuple[object, ...]:
        """The row as `STAGED` keeps it: the number only by its index, and masked."""
        v = self.values
        index = document_index(v["number"]) if v["number"] else None
        key: UUID = new_id()
        return (
            self.line, key, v["document"], index, v["name"] and fold_name(v["name"]), v["occupation"], v["trade"],
            v["code"], v["level"], v["theory"], v["practice"], v["review"], v["exam_on"], v["issued_on"],
            v["certificate"], v["provider"], v["provider_code"], v["class_number"], v["class_region"],
            v["training_region"], v["first_on"], v["last_on"], v["hours"], v["training_code"],
            mask_number(v["number"] or ""), json.dumps(self.problems, ensure_ascii=False),
        )  # fmt: skip


class RowReader:
    """Reads the rows of one file; a column that the kind does not have is None."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.columns = COLUMNS[setting.kind]
        self.keys = [column.key for column in self.columns]
        self.by_key: dict[str, Column] = dict(zip(self.keys, self.columns, strict=True))
        self.checks = [self._person, self._scores, self._dates, self._training, self._small_things]
        if setting.kind in KINDS_WITH_LEVEL:
            self.checks.insert(1, self._level)

    def read(self, line: int, cells: Sequence[Value]) -> ResultRow:
        """The row with every problem that it shows by itself."""
        values: dict[str, Any] = dict(zip(self.keys, cells, strict=True))
        problems = [Problem(key, w.problem, w.remedy, w.given) for key, w in values.items() if isinstance(w, Wrong)]
        values.update((problem.key, None) for problem in problems)
        values |= {"document": None, "trade": "", "level": values.get("level")}
        for check in self.checks:
            problems.extend(check(values))
        problems.extend(self._number(values))
        return ResultRow(line, values, list(_told_once(problems)))

    def _wrong(self, key: str, given: object, problem: str, remedy: str) -> Problem:
        return Problem(key, problem, remedy, self.by_key[key].masked(as_shown(given)))

    def _person(self, v: dict[str, Any]) -> Iterator[Problem]:
        if v["document_kind"] is None:
            return
        v["document"] = DOCUMENTS.get(v["document_kind"])
        if v["document"] is None:
            yield self._wrong("document_kind", v["document_kind"], "没有这种证件类型", "请从下拉里选")
        elif v["document"] != "resident":
            for key in ("sex", "born_on"):
                if v[key] is None:
                    yield self._wrong(key, "", f"{v['document_kind']}要填{self.by_key[key].title}", "请补上")
        elif v["number"] is not None:
            yield from self._resident(v)

    def _resident(self, v: dict[str, Any]) -> Iterator[Problem]:
        given = v["number"]
        try:
            identity = check_identity(given)
        except IdentityNumberWrong as refusal:
            v["number"] = None
            yield self._wrong("number", given, refusal.sentence.rstrip("。"), refusal.remedy.rstrip("。"))
            return
        v["number"] = identity.number
        if v["sex"] and SEXES[v["sex"]] != identity.sex:
            yield self._wrong("sex", v["sex"], "性别和身份证号不符", "请核对身份证号和性别")
        if v["born_on"] and v["born_on"] != identity.born_on:
            yield self._wrong("born_on", v["born_on"], "出生日期和身份证号不符", "请核对身份证号和出生日期")

    def _level(self, v: dict[str, Any]) -> Iterator[Problem]:
        if v["occupation"] and (parts := SUBJECT.fullmatch(v["occupation"])):
            v["occupation"], v["trade"] = parts[1].strip(), parts[2].strip()
        if v["level"] is None:
            return
        given, v["level"] = v["level"], level_of(v["level"])
        if v["level"] is None:
            words = "、".join(LEVELS.values())
            yield self._wrong("level", given, "没有这个等级，或这个等级不发公共证书", f"请从下拉里选：{words}")
        elif v["level"] in LEVELS_WITH_REVIEW and v["review"] is None:
            yield self._wrong("review", "", f"{LEVELS[v['level']]}要有综合成绩", "请补上综合成绩")

    def _number(self, v: dict[str, Any]) -> Iterator[Problem]:
        given = v["certificate"]
        if given is None:
            return
        if self.setting.kind not in FORMS:
            if len(given) < SHORTEST_NUMBER:
                yield self._wrong("certificate", given, "证书编号太短", "请填写完整编号，6 至 40 位")
            return
        forms, words = FORMS[self.setting.kind]
        found = next((match for form in forms if (match := form.fullmatch(given))), None)
        if not found:
            yield self._wrong("certificate", given, f"证书编号的写法不对，现在 {len(given)} 位", words)
            return
        if v["level"] and found["level"] != v["level"]:
            problem = f"证书编号里的等级是 {found['level']}，和“等级”不符"
            yield self._wrong("certificate", given, problem, "请对照证书核对编号和等级")
        if v["issued_on"] and int(found["year"]) != v["issued_on"].year % 100:
            problem = f"证书编号里的年份是 {found['year']}，和发证日期不符"
            yield self._wrong("certificate", given, problem, "请对照证书核对编号和发证日期")

    def _scores(self, v: dict[str, Any]) -> Iterator[Problem]:
        day = v["exam_on"] or v["issued_on"]
        mark = self.setting.pass_mark(day) if day else None
        unknown = f"{in_chinese(day)}的合格分未查明，成绩无从核对" if day and mark is None else ""
        for key in SCORES:
            score, title = v[key], self.by_key[key].title
            if score is None:
                continue
            if score > FULL_MARK:
                yield self._wrong(key, score, f"{title}超过 {FULL_MARK} 分", "请按百分制填写")
            elif unknown:
                yield self._wrong(key, score, unknown, "请由有权的部门登记当时的合格分后再报")
            elif mark is not None and score < mark:
                yield self._wrong(key, score, f"{title}没到 {mark} 分", "没有合格的请删去这一行，或更正成绩")

    def _dates(self, v: dict[str, Any]) -> Iterator[Problem]:
        known = [key for key in DATE_ORDER if v[key]]
        for earlier, later in pairwise(known):
            if v[later] < v[earlier]:
                problem = f"{self.by_key[later].title}早于{self.by_key[earlier].title}"
                yield self._wrong(later, v[later], problem, "请核对这两个日期")
        if v["issued_on"] and v["issued_on"] > self.setting.today:
            yield self._wrong("issued_on", v["issued_on"], "发证日期在今天之后", "请核对发证日期")

    def _training(self, v: dict[str, Any]) -> Iterator[Problem]:
        for key in ("class_region", "training_region"):
            given = v[key]
            v[key] = None if given is None else self.setting.regions.get(given.replace(" ", ""))
            if given is not None and v[key] is None:
                yield self._wrong(key, given, "没有这个县（市、区）", "请从下拉里选，或填 6 位区划代码")
        if all(v[key] is None for key in TRAINING_KEYS):
            return
        for key in TRAINING_NEEDED:
            if v[key] is None:
                title = self.by_key[key].title
                yield self._wrong(key, "", f"填了培训，却没有{title}", "请补全培训各列，或全部清空")
        if v["provider_code"] and not _is_credit_code(v["provider_code"]):
            given, v["provider_code"] = v["provider_code"], None
            yield self._wrong("provider_code", given, "统一社会信用代码不对", "请对照营业执照填写 18 位")
        if v["hours"] == 0:
            yield self._wrong("hours", v["hours"], "课时是 0", "请填写实际课时")

    def _small_things(self, v: dict[str, Any]) -> Iterator[Problem]:
        if v["phone"] and not MOBILE.fullmatch(v["phone"]):
            yield self._wrong("phone", v["phone"], "手机号码不是 11 位", "请核对，不清楚的可以留空")
        if v["assessor"] and fold_name(v["assessor"]) != fold_name(self.setting.body_name):
            yield self._wrong("assessor", v["assessor"], "评价机构不是本机构", "请只上传本机构的结果，或清空这一列")


def _told_once(problems: Sequence[Problem]) -> Iterator[Problem]:
    """A cell in which something wrong stands is not called empty besides."""
    filled = {problem.key for problem in problems if problem.given}
    return (problem for problem in problems if problem.given or problem.key not in filled)


@lru_cache(maxsize=4096)
def _is_credit_code(code: str) -> bool:
    return bool(uscc.is_valid(code))


def _level_words() -> dict[str, str]:
    """Every way to write a level that a certificate can carry: 三级（高级工）, 三级, 高级工, 高级, 3."""
    words: dict[str, str] = {}
    for code, long in LEVELS.items():
        number, name = long.rstrip("）").split("（")
        words |= dict.fromkeys((long, number, name, f"{name}（{number}）", f"{name}{number}", code, f"{code}级"), code)
    return words | {"初级": "5", "中级": "4", "高级": "3"}


LEVEL_WORDS = _level_words()


def level_of(text: str) -> str | None:
    """The code of a level as people write it, or None."""
    return LEVEL_WORDS.get(text.replace(" ", "").translate(str.maketrans("()／", "（）/")))
