"""Every error that a row of a result file can hold, planted once in a workbook that is otherwise right."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from jiangxin.synth.bodies import Body
from jiangxin.synth.workbooks import Cells

STILL_TO_COME = date(2026, 12, 31)


def _change(**cells: object) -> Callable[[Cells], Cells]:
    return lambda row: cells


def _number(change: Callable[[str], object]) -> Callable[[Cells], Cells]:
    return lambda row: {"number": change(str(row["number"]))}


def _certificate(change: Callable[[str], str]) -> Callable[[Cells], Cells]:
    return lambda row: {"certificate": change(str(row["certificate"]))}


def _day(key: str, of: str, days: int) -> Callable[[Cells], Cells]:
    """Put the day `key` so many days from the day `of`."""
    return lambda row: {key: row[of] + timedelta(days=days)}  # type: ignore[operator]


# code: what it does to the cells of a right row. The columns it concerns are those it returns.
SINGLE: dict[str, Callable[[Cells], Cells]] = {
    "name_missing": _change(name=""),
    "name_of_another": _change(name="张冠李"),
    "document_kind_unknown": _change(document_kind="借书证"),
    "identity_check_digit": _number(lambda n: n[:-1] + ("0" if n[-1] != "0" else "1")),
    "identity_too_short": _number(lambda n: n[:17]),
    "identity_scientific": _number(lambda n: f"{float(n[:17] + '0'):.5E}"),
    "sex_differs": lambda row: {"sex": "女" if row["sex"] == "男" else "男"},
    "phone_short": _change(phone="1540000"),
    "occupation_unknown": _change(code="9-99-99-99"),
    "occupation_misnamed": _change(occupation="砖瓦工"),
    "occupation_not_titled": _change(code="6-31-03-05", occupation="质检员"),
    "level_unknown": _change(level="六级"),
    "number_form": _certificate(lambda n: n[:-1]),
    "number_level": _certificate(lambda n: n[:15] + ("1" if n[15] != "1" else "2") + n[16:]),
    "number_year": _certificate(lambda n: n[:13] + "24" + n[15:]),
    "score_below_mark": _change(theory=59),
    "score_above_full": _change(practice=101),
    "exam_after_issue": _day("exam_on", "issued_on", 1),
    "issued_in_future": _change(issued_on=STILL_TO_COME),
    "date_unreadable": _change(exam_on="二月三十日"),
    "training_backwards": _day("last_on", "first_on", -1),
    "training_after_exam": _day("last_on", "exam_on", 1),
    "training_incomplete": _change(provider_code=""),
    "training_hours_zero": _change(hours=0),
    "training_code_unknown": _change(training_code="9-99-99-99"),
    "training_code_missing": _change(training_code=""),
    "region_unknown": _change(training_region="不存在县"),
    "provider_code_wrong": _change(provider_code="91330499MA00000000"),
    "provider_misnamed": _change(provider="不存在培训学校"),
    "assessor_of_another": _change(assessor="别的评价机构"),
}
# Errors that are about two rows, or about what the database holds.
TOGETHER = ("number_twice", "row_twice", "number_known", "certificate_known", "provider_unknown")
KINDS = (*SINGLE, *TOGETHER)
WRONG_ROWS = len(KINDS) + 2
IDENTITY = ("name", "document_kind", "number", "sex", "phone")


def break_rows(
    random: Random, rows: list[Cells], loaded: list[Cells], stranger: Body
) -> tuple[list[Cells], dict[str, list[int]]]:
    """The rows with every error planted, and the places (from 0) of the rows that hold each; the rest stay right.

    `loaded` are two rows of the same assessor that are in the database before; `stranger` is a body that never was.
    """
    broken = [dict(row) for row in rows]
    places = iter(random.sample(range(len(rows)), WRONG_ROWS))
    where: dict[str, list[int]] = {}
    for code, change in SINGLE.items():
        where[code] = [next(places)]
        broken[where[code][0]] |= change(rows[where[code][0]])
    first, second = where["number_twice"] = [next(places), next(places)]
    broken[second] = rows[first] | {key: rows[second][key] for key in IDENTITY}
    first, second = where["row_twice"] = [next(places), next(places)]
    broken[second] = rows[first] | {"certificate": _another(rows[first])}
    where["number_known"], where["certificate_known"] = [next(places)], [next(places)]
    broken[where["number_known"][0]] = dict(loaded[0])
    broken[where["certificate_known"][0]] = loaded[1] | {"certificate": _another(loaded[1])}
    where["provider_unknown"] = [next(places)]
    broken[where["provider_unknown"][0]] |= {"provider": stranger.name, "provider_code": stranger.credit_code}
    return broken, where


def _another(row: Cells) -> str:
    """A number of the same body, year and level that no certificate carries."""
    number = str(row["certificate"])
    return f"{number[:-6]}9{number[-5:]}"
