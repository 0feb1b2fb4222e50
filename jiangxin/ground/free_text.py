"""Free text: what people write in their own words holds no identity number in clear (A7, I3).

A page refuses one and keeps what was typed, an operation refuses it again; what is only noted (the journal, a job, the
name of a file, a line of the bank) is masked. The database repeats it with `ground_holds_identity`, by check digit.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.db import models

from jiangxin.ground.identity import IdentityNumberWrong, check_identity, mask_number
from jiangxin.ground.refusal import Refusal

# Full-width characters fold one to one, so that what is found stands at the same place in what was typed.
FOLD = str.maketrans("０１２３４５６７８９Ｘｘ　－", "0123456789Xx -")
RUN = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){13,16}[ -]?[0-9Xx](?![0-9])|(?<![0-9])[0-9]{14,17}[0-9Xx](?![0-9])")
# Keys and hashes are no words of anybody; 15 digits carry no check digit, a letter beside them makes them another code.
MACHINE_WORD = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}")
LETTER = re.compile(r"[A-Za-z]")


class NumberInText(Refusal):
    sentence = "文字里有身份证号码，没有提交。"
    remedy = "不要写证件号码，写姓名或核定号即可。"


def _is_identity(folded: str, start: int, end: int, lengths: tuple[int, ...]) -> bool:
    number = re.sub("[ -]", "", folded[start:end])
    if len(number) not in lengths:
        return False
    if len(number) == 15 and LETTER.search(folded[max(start - 1, 0) : start] + folded[end : end + 1]):
        return False
    try:
        check_identity(number)
    except IdentityNumberWrong:
        return False
    return number[0] != "0"


def _found(text: str, lengths: tuple[int, ...] = (15, 18)) -> Iterator[tuple[int, int]]:
    if len(text) < 15:
        return
    folded = text.translate(FOLD)
    spared = [word.span() for word in MACHINE_WORD.finditer(folded)]
    for run in RUN.finditer(folded):
        start, end = run.span()
        if not any(a <= start and end <= b for a, b in spared) and _is_identity(folded, start, end, lengths):
            yield start, end


def holds_number(text: str, *lengths: int) -> bool:
    """Whether an identity number (of these lengths, else 15 or 18) stands in a text, spaced or in full width too."""
    return next(_found(text, lengths or (15, 18)), None) is not None


def refuse_numbers(*texts: str) -> None:
    """Refuse words that hold an identity number. Raises NumberInText."""
    if any(map(holds_number, texts)):
        raise NumberInText()


def hide_numbers(said: Any) -> Any:
    """A text with its identity numbers masked; lists and mappings through and through, all else as it is."""
    if isinstance(said, str):
        for start, end in reversed(list(_found(said))):
            said = said[:start] + mask_number(said[start:end]) + said[end:]
        return said
    if isinstance(said, dict):
        return {name: hide_numbers(value) for name, value in said.items()}
    if isinstance(said, list | tuple):
        return [hide_numbers(value) for value in said]
    return said


class FreeText(models.CharField):
    """A column of people's own words: written with an identity number in it, it refuses (NumberInText)."""

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """For a migration it is a column of characters; its check is laid over it with the other guards."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """The last look before the database has it."""
        if isinstance(value, str):
            refuse_numbers(value)
        return super().get_db_prep_save(value, connection)
