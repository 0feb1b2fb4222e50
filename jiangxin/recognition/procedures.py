"""Procedures of recognition as data (7.1, 10.2, 11.1, 13.3): read from files, checked, and asked what answers fulfil.

A file `procedures/<code>.yaml` says who may apply, what is asked, by which criteria it is decided, in which steps and
days, for how long a title is given, and why it is taken away. Pure: no database, no clock.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml

from jiangxin.ground.refusal import Refusal

FOLDER = Path(__file__).parent / "procedures"
WAYS = {"promise": "告知承诺", "review": "审核"}
LEVELS_DECIDING = {"county": "县（市、区）", "city": "设区市", "province": "省"}
FIELD_KINDS = ("text", "integer", "money", "choice", "date", "subjects")
GIVES = ("licence", "provider", "assessor", "platform")
DURING = ("draft", "submitted", "reviewing", "proposed")
MEASURES = ("at_least", "at_most", "equals")
T = TypeVar("T")


class ProcedureMalformed(Refusal):
    sentence = "办理规程 {where} 不能载入：{what}。"
    remedy = "请补全后再载入：每一条都要写明出处。"


@dataclass(frozen=True)
class Field:
    """One question of the form; `choices` are (code, words) of a choice."""

    key: str
    label: str
    kind: str
    required: bool
    note: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Criterion:
    """One condition. Answered from data (a field against a measure), by the applicant's promise, or by reviewers.

    A condition whose source nobody has seen (`certainty` known) is told, and binds nobody.
    """

    code: str
    sentence: str
    source: str
    certainty: str
    answered: str
    field: str
    measure: str
    value: Any
    percent_of: str
    score: int

    @property
    def binding(self) -> bool:
        return self.certainty == "found"


@dataclass(frozen=True)
class Material:
    """A paper to be handed in."""

    code: str
    label: str
    required: bool


@dataclass(frozen=True)
class Step:
    """A step: who does it, while the application stands in which state, within how many working days."""

    name: str
    who: str
    during: str
    working_days: int
    source: str


@dataclass(frozen=True)
class Ground:
    """Why a title given by this procedure may be taken away."""

    code: str
    sentence: str
    source: str


@dataclass(frozen=True)
class YearlyCheck:
    """What is due each year by the end of a day."""

    title: str
    month: int
    day: int
    source: str

    def due_on(self, year: int) -> date:
        """Its last day in a year."""
        return date(year, self.month, self.day)


@dataclass(frozen=True)
class Procedure:
    """One procedure; `digest` is the SHA-256 of its file, kept with every application."""

    code: str
    name: str
    article: str
    source: str
    gives: str
    decides: str
    way: str
    applicants: str
    needs_title: str
    fields: tuple[Field, ...]
    criteria: tuple[Criterion, ...]
    materials: tuple[Material, ...]
    steps: tuple[Step, ...]
    publicity_working_days: int
    validity_years: int | None
    check_within_days: int | None
    yearly_check: YearlyCheck | None
    reviewers: int
    pass_score: int
    withdrawal: tuple[Ground, ...]
    digest: str

    def working_days(self, state: str) -> int | None:
        """Within how many working days an application leaves a state; None where no step says it."""
        return next((step.working_days for step in self.steps if step.during == state), None)

    def field(self, key: str) -> Field:
        """The field of a key."""
        return next(field for field in self.fields if field.key == key)

    @property
    def promised(self) -> tuple[Criterion, ...]:
        """The conditions that the applicant promises, line by line: those that bind."""
        return tuple(one for one in self.criteria if one.answered == "promise" and one.binding)

    @property
    def reviewed(self) -> tuple[Criterion, ...]:
        """The conditions that reviewers score."""
        return tuple(one for one in self.criteria if one.answered == "review")

    @property
    def subjects_field(self) -> str:
        """The key of the field that says what the title shall cover; "" where it covers everything."""
        return next((field.key for field in self.fields if field.kind == "subjects"), "")


@dataclass(frozen=True)
class Checked:
    """A condition and how the answers stand to it: yes, no, or unknown."""

    criterion: Criterion
    answer: str
    given: Any = None


def _measured(answers: Mapping[str, Any], key: str) -> Any:
    """What is compared: how many subjects there are, else the answer itself."""
    given = answers.get(key)
    return len(given) if isinstance(given, list) else given


def _holds(criterion: Criterion, given: Any, answers: Mapping[str, Any]) -> bool:
    if criterion.measure == "equals":
        return bool(given == criterion.value)
    if criterion.percent_of:
        whole = _measured(answers, criterion.percent_of) or 0
        return bool(given * 100 >= criterion.value * whole)
    return bool(given >= criterion.value if criterion.measure == "at_least" else given <= criterion.value)


def check_answers(procedure: Procedure, answers: Mapping[str, Any], promised: Iterable[str] = ()) -> list[Checked]:
    """Each condition of a procedure against the answers; `promised` are the codes that the applicant promised.

    What reviewers say is unknown here; a missing answer is unknown, never a "no".
    """
    said, found = set(promised), []
    for one in procedure.criteria:
        given = _measured(answers, one.field) if one.field else None
        if one.answered == "promise":
            found.append(Checked(one, "yes" if one.code in said else "unknown"))
        elif one.answered == "review" or given in (None, ""):
            found.append(Checked(one, "unknown", given))
        else:
            found.append(Checked(one, "yes" if _holds(one, given, answers) else "no", given))
    return found


def promise_text(procedure: Procedure, body: str) -> str:
    """The words that are signed: what is applied for, and each promised condition in its order (告知承诺书)."""
    lines = [f"{body}申请{procedure.name}，已阅读下列条件，逐条承诺："]
    lines += [f"{n}．{one.sentence}（{one.source}）" for n, one in enumerate(procedure.promised, 1)]
    lines.append("承诺不实的，愿意限期改正；不改正的，撤销本次认定，并记入记录。")
    return "\n".join(lines)


# ── reading ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _said(content: Mapping[str, Any], key: str, where: str, words: str) -> str:
    text = content.get(key)
    if not isinstance(text, str) or not text.strip():
        raise ProcedureMalformed(where=where, what=f"没有{words}（{key}）")
    return text.strip()


def _one_of(content: Mapping[str, Any], key: str, options: Iterable[str], where: str) -> str:
    value = content.get(key)
    if value not in tuple(options):
        raise ProcedureMalformed(where=where, what=f"{key} 不能是 {value}")
    return str(value)


def _whole(content: Mapping[str, Any], key: str, where: str, least: int = 0) -> int:
    value = content.get(key)
    if type(value) is not int or value < least:
        raise ProcedureMalformed(where=where, what=f"{key} 应当是不小于 {least} 的整数")
    return value


def _known_keys(content: Any, known: Iterable[str], where: str) -> Mapping[str, Any]:
    if not isinstance(content, Mapping):
        raise ProcedureMalformed(where=where, what="不是一组名称和值")
    if strange := set(content) - set(known):
        raise ProcedureMalformed(where=where, what=f"有不认识的内容：{'、'.join(sorted(map(str, strange)))}")
    return content


def _rows(content: Mapping[str, Any], key: str, where: str, read: Callable[[Any, str], T]) -> tuple[T, ...]:
    rows = content.get(key) or []
    if not isinstance(rows, list):
        raise ProcedureMalformed(where=where, what=f"{key} 应当是一列")
    return tuple(read(row, f"{where}/{key}/{n}") for n, row in enumerate(rows, 1))


def _field(content: Any, where: str) -> Field:
    row = _known_keys(content, ("key", "label", "kind", "required", "note", "choices"), where)
    kind = _one_of(row, "kind", FIELD_KINDS, where)
    choices = row.get("choices") or {}
    if (kind == "choice") != bool(choices) or not isinstance(choices, Mapping):
        raise ProcedureMalformed(where=where, what="只有 choice 要写 choices，而且要写")
    return Field(
        _said(row, "key", where, "名称"), _said(row, "label", where, "标题"), kind, row.get("required", True) is True,
        str(row.get("note", "")), tuple((str(code), str(words)) for code, words in choices.items()),
    )  # fmt: skip


def _criterion(content: Any, where: str) -> Criterion:
    known = ("code", "sentence", "source", "certainty", "answered", "field", *MEASURES, "percent_of", "score")
    row = _known_keys(content, known, where)
    answered = _one_of(row, "answered", ("data", "promise", "review"), where)
    measures = [name for name in MEASURES if name in row]
    if (answered == "data") != (len(measures) == 1 and "field" in row):
        raise ProcedureMalformed(where=where, what="由数据回答的要写 field 和一个标准，其他的不写")
    if measures and measures[0] != "equals":
        _whole(row, measures[0], where)
    return Criterion(
        _said(row, "code", where, "编号"), _said(row, "sentence", where, "条文"), _said(row, "source", where, "出处"),
        _one_of(row, "certainty", ("found", "known"), where), answered, str(row.get("field", "")),
        measures[0] if measures else "", row[measures[0]] if measures else None, str(row.get("percent_of", "")),
        _whole(row, "score", where, 1) if answered == "review" else 0,
    )  # fmt: skip


def _material(content: Any, where: str) -> Material:
    row = _known_keys(content, ("code", "label", "required"), where)
    required = row.get("required", True) is True
    return Material(_said(row, "code", where, "编号"), _said(row, "label", where, "名称"), required)


def _step(content: Any, where: str) -> Step:
    row = _known_keys(content, ("name", "who", "during", "working_days", "source"), where)
    return Step(
        _said(row, "name", where, "名称"), _one_of(row, "who", ("head", "school", "training", "leader"), where),
        _one_of(row, "during", DURING, where), _whole(row, "working_days", where), _said(row, "source", where, "出处"),
    )  # fmt: skip


def _ground(content: Any, where: str) -> Ground:
    row = _known_keys(content, ("code", "sentence", "source"), where)
    return Ground(*(_said(row, key, where, words) for key, words in _GROUND.items()))


def _yearly(content: Any, where: str) -> YearlyCheck | None:
    if content is None:
        return None
    row = _known_keys(content, ("title", "month", "day", "source"), where)
    try:
        date(2025, _whole(row, "month", where, 1), _whole(row, "day", where, 1))
    except ValueError:
        raise ProcedureMalformed(where=where, what="没有这一天") from None
    return YearlyCheck(
        _said(row, "title", where, "名称"), row["month"], row["day"], _said(row, "source", where, "出处")
    )


_GROUND = {"code": "编号", "sentence": "情形", "source": "出处"}
_KEYS = (
    "code", "name", "article", "source", "gives", "decides", "way", "applicants", "needs_title", "fields", "criteria",
    "materials", "steps", "publicity_working_days", "validity_years", "check_within_days", "yearly_check", "reviewers",
    "pass_score", "withdrawal",
)  # fmt: skip


def read_procedure(content: Any, where: str, digest: str = "") -> Procedure:
    """A procedure from the shape of a file. Raises ProcedureMalformed for what is missing, strange or contradictory."""
    row = _known_keys(content, _KEYS, where)
    optional = {
        key: _whole(row, key, where, 1) if row.get(key) is not None else None
        for key in ("validity_years", "check_within_days")
    }
    made = Procedure(
        code=_said(row, "code", where, "编号"),
        name=_said(row, "name", where, "名称"),
        article=_said(row, "article", where, "条款"),
        source=_said(row, "source", where, "出处"),
        gives=_one_of(row, "gives", GIVES, where),
        decides=_one_of(row, "decides", LEVELS_DECIDING, where),
        way=_one_of(row, "way", WAYS, where),
        applicants=_said(row, "applicants", where, "谁可以申请"),
        needs_title=_one_of({"needs_title": row.get("needs_title", "")}, "needs_title", ("", *GIVES), where),
        fields=_rows(row, "fields", where, _field),
        criteria=_rows(row, "criteria", where, _criterion),
        materials=_rows(row, "materials", where, _material),
        steps=_rows(row, "steps", where, _step),
        publicity_working_days=_whole(row, "publicity_working_days", where),
        yearly_check=_yearly(row.get("yearly_check"), f"{where}/yearly_check"),
        reviewers=row.get("reviewers", 0),
        pass_score=row.get("pass_score", 0),
        withdrawal=_rows(row, "withdrawal", where, _ground),
        digest=digest,
        **optional,
    )
    _refuse_contradictions(made, where)
    return made


def _refuse_contradictions(made: Procedure, where: str) -> None:
    kinds = {field.key: field.kind for field in made.fields}
    codes = [one.code for one in made.criteria]
    numeric = ("integer", "money", "subjects")
    wrong = {
        "没有条件（criteria）": not made.criteria,
        "没有撤销的情形（withdrawal）": not made.withdrawal,
        "没有步骤（steps）": not made.steps,
        "字段或条件的编号有重复": len(kinds) < len(made.fields) or len(set(codes)) < len(codes),
        "条件问的字段不存在": any(
            key and key not in kinds for one in made.criteria for key in (one.field, one.percent_of)
        ),
        "数量的标准问了不是数量的字段": any(
            one.measure in ("at_least", "at_most") and kinds.get(one.field) not in numeric for one in made.criteria
        ),
        "最多只能有一个 subjects 字段": list(kinds.values()).count("subjects") > 1,
        "告知承诺的规程要有承诺的条件和核查期限": made.way == "promise"
        and not (made.promised and made.check_within_days),
        "告知承诺的规程没有评审和公示": made.way == "promise"
        and bool(made.reviewed or made.reviewers or made.publicity_working_days),
        "由评审回答的，要写评审人数和合格分": bool(made.reviewed) != (made.reviewers > 0 and made.pass_score > 0),
        "合格分高于满分": made.pass_score > sum(one.score for one in made.reviewed),
    }
    for what, is_so in wrong.items():
        if is_so:
            raise ProcedureMalformed(where=where, what=what)


def load_procedures(folder: Path = FOLDER) -> dict[str, Procedure]:
    """The procedures of a folder by code. Raises ProcedureMalformed; a file is named after its code."""
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        data = path.read_bytes()
        made = read_procedure(yaml.safe_load(data), path.stem, hashlib.sha256(data).hexdigest())
        if made.code != path.stem:
            raise ProcedureMalformed(where=path.stem, what="文件名和编号不一样")
        found[made.code] = made
    return found


@cache
def procedures() -> dict[str, Procedure]:
    """The procedures of the tree."""
    return load_procedures()
