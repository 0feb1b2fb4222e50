"""JSON as an interface takes it: a name stands once in an object, numbers are numbers, texts can be written down."""

import json
import math
from typing import Any, Never

DEEPEST = 100


class NotJson(ValueError):
    """Why a text is not taken, in words."""


def parse_json(text: bytes | str) -> Any:
    """What a text says. Raises NotJson for twice the same name, NaN, Infinity, half a character, too deep a nest."""
    try:
        clear = text.decode("utf-8") if isinstance(text, bytes) else text
    except UnicodeDecodeError:
        raise NotJson("内容不是 UTF-8") from None
    try:
        found = json.loads(clear, object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_float)
    except NotJson:
        raise
    except RecursionError:
        raise NotJson("层数太多") from None
    except ValueError:
        raise NotJson("不是 JSON") from None
    _refuse_deep(found, DEEPEST)
    # A half of a pair is escaped in the text and would come out as what no text can hold.
    if "\\u" in clear:
        try:
            json.dumps(found, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise NotJson("有半个字符") from None
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise NotJson(f"同一个对象里 {next(name for name in names if names.count(name) > 1)[:40]} 写了两次")
    return made


def _no_constant(word: str) -> Never:
    raise NotJson(f"{word} 不是数字")


def _float(word: str) -> float:
    value = float(word)
    if math.isinf(value):
        raise NotJson("数字太大")
    return value


def _refuse_deep(found: Any, left: int) -> None:
    if left < 0:
        raise NotJson("层数太多")
    for one in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        _refuse_deep(one, left - 1)
