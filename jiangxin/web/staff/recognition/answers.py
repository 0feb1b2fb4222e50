"""What a body filled in, in words: choices by their label, money in yuan, subjects by name and level."""

from collections.abc import Mapping, Sequence
from typing import Any

from jiangxin.ground.money import yuan
from jiangxin.recognition.procedures import Checked, Field, Procedure
from jiangxin.rules.vocabulary import LEVELS
from jiangxin.training.queries.classes import titles_of_subjects


def answers_in_words(procedure: Procedure, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(question, answer) of every question that was answered, in the procedure's order."""
    key = procedure.subjects_field
    names = titles_of_subjects({subject for subject, _ in answers.get(key, [])}) if key else {}
    return [(one.label, _words(one, answers[one.key], names)) for one in procedure.fields if one.key in answers]


def _words(field: Field, given: Any, names: Mapping[str, str]) -> str:
    match field.kind:
        case "choice":
            return dict(field.choices).get(given, str(given))
        case "money":
            return f"{yuan(given)} 元"
        case "subjects":
            pairs = [f"{names.get(subject, subject)} {LEVELS.get(level, '各级')}" for subject, level in given]
            return "、".join(pairs)
    return str(given)


def conditions_in_words(procedure: Procedure, checked: Sequence[Checked]) -> list[tuple[Checked, str]]:
    """Each condition with what was filled in for it, "" where nothing was or where it is read above."""
    choices = {one.key: dict(one.choices) for one in procedure.fields if one.kind == "choice"}
    return [
        (one, "" if one.given is None else choices.get(one.criterion.field, {}).get(str(one.given), str(one.given)))
        for one in checked
    ]
