"""A record of facts: frozen columns, every field given, what is unknown said to be unknown and never defaulted.

A scheme declares its record as a frozen dataclass whose fields are annotated by `day`, `tri`, `count`, `region`, `key`,
`choice`, `flag` or `text`. How a column is held:

| made by | array | unknown (JSON null) |
| --- | --- | --- |
| day | datetime64[D] | NaT |
| tri | int8: 0 no, 1 yes, 2 unknown | 2 |
| flag | bool | not allowed |
| count | int64 | UNKNOWN_COUNT |
| region | int32 of the six digits; 0 = known to be none (JSON "") | UNKNOWN_REGION |
| key | int32 into `occupations`, one vocabulary for all key columns of a record | -1 |
| choice | int8 index into the options of the field | -1 |
| text | tuple of str | not allowed |
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any, ClassVar, Self, get_type_hints

import numpy as np

from jiangxin.ground.refusal import Refusal

UNKNOWN_COUNT = np.iinfo(np.int64).min
UNKNOWN_REGION = -1
NO_REGION = 0
TRI_WORDS = {0: False, 1: True, 2: None}
_TRI_CODES = {False: 0, True: 1, None: 2}


class FactsMalformed(Refusal):
    sentence = "事实数据不合要求：{what}。"
    remedy = "请对照 jiangxin rules facts 给出的格式改正后再试。"


@dataclass(frozen=True)
class Column:
    """What a field is: how it is held, its name in Chinese, the register that answers it, and what it may be."""

    kind: str
    title: str
    register: str = ""
    nullable: bool = False
    options: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def text(title: str) -> Column:
    return Column("text", title)


def flag(title: str) -> Column:
    return Column("flag", title)


def day(title: str, register: str = "", nullable: bool = False) -> Column:
    return Column("day", title, register, nullable)


def tri(title: str, register: str) -> Column:
    return Column("tri", title, register, True)


def count(title: str, register: str) -> Column:
    return Column("count", title, register, True)


def region(title: str, register: str) -> Column:
    return Column("region", title, register, True)


def key(title: str, register: str) -> Column:
    return Column("key", title, register, True)


def choice(title: str, options: Mapping[str, str], register: str = "", nullable: bool = False) -> Column:
    return Column("choice", title, register, nullable, options=tuple(options), words=tuple(options.values()))


@dataclass(frozen=True)
class FactRecord:
    """Base of every scheme's facts; `occupations` is the vocabulary of the key columns."""

    occupations: tuple[str, ...]
    title: ClassVar[str] = ""

    @classmethod
    @cache
    def columns(cls) -> dict[str, Column]:
        hints = get_type_hints(cls, include_extras=True)
        return {name: hint.__metadata__[0] for name, hint in hints.items() if hasattr(hint, "__metadata__")}

    @classmethod
    def from_rows(cls, rows: Sequence[Mapping[str, Any]]) -> Self:
        """One mapping per row, as `schema` says. Raises FactsMalformed for a missing, undeclared or wrong field."""
        declared = cls.columns().keys()
        for row in rows:
            if row.keys() != declared:
                _refuse_keys(declared - row.keys(), row.keys() - declared)
        return cls.from_columns({name: [row[name] for row in rows] for name in declared})

    @classmethod
    def from_columns(cls, columns: Mapping[str, Sequence[Any] | np.ndarray]) -> Self:
        """One sequence per field, all of one length; arrays in the form above are taken as they are."""
        declared = cls.columns()
        if columns.keys() != declared.keys():
            _refuse_keys(declared.keys() - columns.keys(), columns.keys() - declared.keys())
        if len({len(values) for values in columns.values()}) > 1:
            raise FactsMalformed(what="各列的行数不一样")
        vocabulary: dict[str, int] = {}
        held = {name: _hold(name, column, columns[name], vocabulary) for name, column in declared.items()}
        return cls(occupations=tuple(vocabulary), **held)

    @classmethod
    @cache
    def _first_column(cls) -> str:
        return next(iter(cls.columns()))

    def __len__(self) -> int:
        return len(getattr(self, self._first_column()))

    def take(self, rows: np.ndarray) -> Self:
        """The record of these row numbers only."""
        picked = {
            name: tuple(getattr(self, name)[i] for i in rows) if column.kind == "text" else getattr(self, name)[rows]
            for name, column in self.columns().items()
        }
        return replace(self, **picked)

    def row(self, i: int) -> dict[str, Any]:
        """One row in the JSON form it was read from: the frozen facts of a decision."""
        return {name: self._said(name, column, i) for name, column in self.columns().items()}

    def canonical_rows(self) -> list[str]:
        """The canonical JSON of every row, a column at a time: what thousands of decisions are frozen as."""
        columns = sorted(self.columns().items())
        parts = [_written(name, getattr(self, name), column, self.occupations) for name, column in columns]
        return ["{" + ",".join(row) + "}" for row in zip(*parts, strict=True)]

    def _said(self, name: str, column: Column, i: int) -> Any:
        value = getattr(self, name)[i]
        match column.kind:
            case "text":
                return value
            case "flag":
                return bool(value)
            case "tri":
                return TRI_WORDS[int(value)]
            case "day":
                return None if np.isnat(value) else str(value)
            case "count":
                return None if value == UNKNOWN_COUNT else int(value)
            case "region":
                return None if value == UNKNOWN_REGION else "" if value == NO_REGION else f"{value:06d}"
            case "key":
                return None if value < 0 else self.occupations[value]
        return None if value < 0 else column.options[value]

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """The JSON schema of one row."""
        columns = cls.columns()
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": cls.title,
            "type": "object",
            "properties": {name: _property(column) for name, column in columns.items()},
            "required": list(columns),
            "additionalProperties": False,
        }


def canonical(row: Mapping[str, Any]) -> str:
    """The canonical JSON of a row: the bytes that a decision's digest is of."""
    return json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _written(name: str, values: Any, column: Column, occupations: tuple[str, ...]) -> list[str]:
    """`"name":value` for every value of a column, each distinct value put into words once."""
    if column.kind == "text":
        return [f'"{name}":{json.dumps(value, ensure_ascii=False)}' for value in values]
    distinct, place = np.unique(values, return_inverse=True)
    words = _say_all(distinct, column, occupations)
    written = [f'"{name}":{json.dumps(word, ensure_ascii=False)}' for word in words]
    return [written[i] for i in place.tolist()]


def facts_digest(facts: FactRecord, i: int) -> str:
    """SHA-256 of the row's canonical JSON, as stored with a decision."""
    return digest_of(canonical(facts.row(i)))


def digest_of(text: str) -> str:
    """SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _say_all(values: np.ndarray, column: Column, occupations: tuple[str, ...]) -> list[Any]:
    """Values of a column in the JSON form of `FactRecord.row`."""
    match column.kind:
        case "flag":
            return values.tolist()
        case "tri":
            return [TRI_WORDS[code] for code in values.tolist()]
        case "day":
            return [None if day == "NaT" else day for day in np.datetime_as_string(values).tolist()]
        case "count":
            return [None if n == UNKNOWN_COUNT else n for n in values.tolist()]
        case "region":
            said = {UNKNOWN_REGION: None, NO_REGION: ""}
            return [said[region] if region in said else f"{region:06d}" for region in values.tolist()]
    words = occupations if column.kind == "key" else column.options
    return [None if code < 0 else words[code] for code in values.tolist()]


def _refuse_keys(missing: Iterable[str], undeclared: Iterable[str]) -> None:
    what = [f"缺少 {name}" for name in sorted(missing)] + [f"多出 {name}" for name in sorted(undeclared)]
    raise FactsMalformed(what="，".join(what))


def _hold(name: str, column: Column, values: Sequence[Any] | np.ndarray, vocabulary: dict[str, int]) -> Any:
    try:
        return _HOLDERS[column.kind](column, values, vocabulary)
    except (KeyError, TypeError, ValueError, OverflowError) as wrong:
        raise FactsMalformed(what=f"{name}（{column.title}）的值不对：{wrong}") from wrong


def _hold_text(_column: Column, values: Sequence[Any], _vocabulary: dict[str, int]) -> tuple[str, ...]:
    _only(values, (str,))
    return tuple(values)


def _hold_flag(_column: Column, values: Any, _vocabulary: dict[str, int]) -> np.ndarray:
    if not isinstance(values, np.ndarray):
        _only(values, (bool,))
    return np.asarray(values, dtype=bool)


def _hold_tri(_column: Column, values: Any, _vocabulary: dict[str, int]) -> np.ndarray:
    if isinstance(values, np.ndarray):
        if values.dtype == np.int8 and not ((values < 0) | (values > 2)).any():
            return values
        raise ValueError("只能是 0、1、2")
    _only(values, (bool, type(None)))
    return np.array([_TRI_CODES[value] for value in values], dtype=np.int8)


def _hold_day(column: Column, values: Any, _vocabulary: dict[str, int]) -> np.ndarray:
    if isinstance(values, np.ndarray):
        held = values.astype("datetime64[D]", casting="safe")
    else:
        days = [date.fromisoformat(value) if type(value) is str else value for value in values]
        _only(days, (date, type(None)))
        held = np.array(days, dtype="datetime64[D]")
    return _all_known(column, held, np.isnat(held))


def _hold_count(column: Column, values: Any, _vocabulary: dict[str, int]) -> np.ndarray:
    if isinstance(values, np.ndarray):
        held = values.astype(np.int64, casting="safe")
    else:
        _only(values, (int, type(None)))
        held = np.array([UNKNOWN_COUNT if value is None else value for value in values], dtype=np.int64)
    if ((held < 0) & (held != UNKNOWN_COUNT)).any():
        raise ValueError("不能为负")
    return _all_known(column, held, held == UNKNOWN_COUNT)


def _hold_region(column: Column, values: Any, _vocabulary: dict[str, int]) -> np.ndarray:
    if isinstance(values, np.ndarray):
        return values.astype(np.int32, casting="safe")
    return np.array([_region_number(value) for value in values], dtype=np.int32)


def _region_number(value: Any) -> int:
    if value is None:
        return UNKNOWN_REGION
    if value == "":
        return NO_REGION
    if type(value) is str and len(value) == 6 and value.isascii() and value.isdigit():
        return int(value)
    raise ValueError(f"{value!r} 不是 6 位区划代码")


def _hold_key(column: Column, values: Any, vocabulary: dict[str, int]) -> np.ndarray:
    _only(values, (str, type(None)))
    held = [-1 if value is None else vocabulary.setdefault(value, len(vocabulary)) for value in values]
    return np.array(held, dtype=np.int32)


def _hold_choice(column: Column, values: Any, _vocabulary: dict[str, int]) -> np.ndarray:
    if isinstance(values, np.ndarray):
        held = values.astype(np.int8, casting="safe")
        if ((held < -1) | (held >= len(column.options))).any():
            raise ValueError(f"只能是 -1 到 {len(column.options) - 1}")
        return _all_known(column, held, held < 0)
    codes: dict[Any, int] = {option: code for code, option in enumerate(column.options)}
    codes[None] = -1
    held = np.array([codes[value] for value in values], dtype=np.int8)
    return _all_known(column, held, held < 0)


def _only(values: Iterable[Any], types: tuple[type, ...]) -> None:
    for value in values:
        if type(value) not in types:
            raise TypeError(f"{value!r}")


def _all_known(column: Column, held: np.ndarray, unknown: np.ndarray) -> np.ndarray:
    if not column.nullable and unknown.any():
        raise ValueError("不能为空")
    return held


_HOLDERS: dict[str, Callable[[Column, Any, dict[str, int]], Any]] = {
    "text": _hold_text,
    "flag": _hold_flag,
    "tri": _hold_tri,
    "day": _hold_day,
    "count": _hold_count,
    "region": _hold_region,
    "key": _hold_key,
    "choice": _hold_choice,
}

_JSON_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "flag": {"type": "boolean"},
    "tri": {"type": "boolean"},
    "day": {"type": "string", "format": "date"},
    "count": {"type": "integer", "minimum": 0},
    "region": {"type": "string", "pattern": "^([0-9]{6})?$"},
    "key": {"type": "string"},
}


def _property(column: Column) -> dict[str, Any]:
    if column.kind == "choice":
        return {"title": column.title, "enum": [*column.options, *([None] if column.nullable else [])]}
    shape = {"title": column.title, **_JSON_TYPES[column.kind]}
    if column.nullable:
        shape["type"] = [shape["type"], "null"]
    if column.register:
        shape["description"] = f"空值表示尚未查明，由{column.register}回答"
    return shape
