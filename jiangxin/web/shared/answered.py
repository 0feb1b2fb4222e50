"""What a body filled in on an application, in words for whoever reads it: no code stands where a name is known."""

from collections.abc import Mapping, Sequence
from typing import Any

from jiangxin.ground.money import yuan
from jiangxin.recognition.procedures import Checked, Field, Procedure
from jiangxin.rules.vocabulary import LEVELS
from jiangxin.training.queries.classes import titles_of_subjects


def told_answers(procedure: Procedure, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each question of the procedure that was answered, with its answer in words, in the form's order."""
    pairs = [pair for one in procedure.fields if one.kind == "subjects" for pair in answers.get(one.key) or ()]
    names = titles_of_subjects({subject for subject, _level in pairs})
    return [(one.label, _told(one, answers[one.key], names)) for one in procedure.fields if _given(answers, one.key)]


def _given(answers: Mapping[str, Any], key: str) -> bool:
    return answers.get(key) not in (None, "", [])


def _told(question: Field, given: Any, names: Mapping[str, str]) -> str:
    match question.kind:
        case "money":
            return f"{yuan(given)} 元"
        case "choice":
            return dict(question.choices).get(given, given)
        case "subjects":
            return "\n".join(_subject(names.get(code, code), level) for code, level in given)
    return str(given)


def _subject(name: str, level: str) -> str:
    return f"{name}，{LEVELS.get(level, level) if level else '各级'}"


def conditions_in_words(procedure: Procedure, checked: Sequence[Checked]) -> list[tuple[Checked, str]]:
    """Each condition with what was filled in for it, "" where nothing was or where it is read above."""
    choices = {one.key: dict(one.choices) for one in procedure.fields if one.kind == "choice"}
    return [
        (one, "" if one.given is None else choices.get(one.criterion.field, {}).get(str(one.given), str(one.given)))
        for one in checked
    ]
