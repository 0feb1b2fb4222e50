"""Titles from lists: the bodies they name, what they cover on which day, and when the answer is unknown."""

from dataclasses import replace
from datetime import date

import pytest
from stdnum.cn import uscc

from jiangxin.catalogue.models import TrainingItem
from jiangxin.catalogue.operations import load_occupations
from jiangxin.ground.actor import machine
from jiangxin.ground.refusal import NotYourDuty
from jiangxin.ground.regions import Region
from jiangxin.ground.sheets import read_sheet
from jiangxin.parties.models import Organisation, RegisterLoad
from jiangxin.parties.operations.bodies import BodyRow, CreditCodeWrong, register_bodies
from jiangxin.parties.operations.registers import withdraw_load
from jiangxin.parties.register_files import Extract, RegisterFileWrong, read_whole
from jiangxin.recognition.models import Title, TitleScope
from jiangxin.recognition.operations.titles import TITLE_COLUMNS, TitleRow, load_titles, title_builder
from jiangxin.recognition.queries import holds_title, title_answers
from tests.parties.people import AT, NOBODY, lay_ground, officer

pytestmark = pytest.mark.django_db

CODE, OTHER = (first + uscc.calc_check_digit(first) for first in ("91330400MA2ABCDE0", "12330400471102003"))
WELDER, CARER = "6-18-02-04", "4-10-01-05"
EXTRACT = Extract(
    "titles_assessor", 330421, date(2025, 1, 1), date(2025, 12, 31), date(2026, 1, 5), "备案.csv", "a" * 64
)
HEAD = ",".join(column.title for column in TITLE_COLUMNS) + "\n"


@pytest.fixture(autouse=True)
def _ground(db: None) -> None:
    lay_ground()
    load_occupations()
    TrainingItem.objects.create(
        kind="special_skill", code="ZX-01", name="藕粉制作", region_id=330000, from_on=date(2020, 1, 1), source="公布"
    )


def _rows(text: str) -> list[tuple[int, TitleRow]]:
    sheet = read_sheet((HEAD + text).encode(), "备案.csv", TITLE_COLUMNS)
    return read_whole(sheet, title_builder(frozenset(Region.objects.values_list("id", flat=True))))


def _line(
    covers: str = "职业", code: str = WELDER, level: str = "", days: str = "2024-01-01,", body: str = CODE
) -> str:
    return f"善技评价公司,{body},330421,330421,{covers},{code},{level},{days},浙人社〔2024〕1号\n"


def _load(text: str, sha256: str = "a" * 64, register: str = "titles_assessor") -> RegisterLoad:
    keeper = officer("数据员", "register")
    return load_titles(keeper, AT, replace(EXTRACT, sha256=sha256, register=register), _rows(text)).load


def _holds(subject: str = WELDER, level: str = "4", on: date = date(2025, 3, 1), kind: str = "assessor") -> bool | None:
    return holds_title(Organisation.objects.get(credit_code=CODE).pk, kind, subject, level, on)


def test_lines_of_one_body_and_document_are_one_title() -> None:
    _load(
        _line(level="四级（中级工）")
        + _line(level="三级（高级工）")
        + _line("专项职业能力", "ZX-01")
        + _line(code=CARER)
    )
    title = Title.objects.get()
    assert (title.organisation.name, title.kind, title.region_id, title.from_on) == (
        "善技评价公司", "assessor", 330421, date(2024, 1, 1),
    )  # fmt: skip
    assert set(TitleScope.objects.values_list("subject", "level")) == {
        (WELDER, "4"), (WELDER, "3"), ("item:ZX-01", ""), (CARER, ""),
    }  # fmt: skip


def test_a_title_answers_for_its_subject_level_and_days() -> None:
    _load(_line(level="四级（中级工）", days="2024-06-01,2025-06-30") + _line("专项职业能力", "ZX-01"))
    assert _holds() is True
    assert _holds(level="3") is False
    assert _holds(CARER) is False
    assert _holds("item:ZX-01", "") is True
    assert _holds(on=date(2024, 6, 1)) is True
    assert _holds(on=date(2024, 5, 31)) is False, "the other title of that day says what it covers"
    assert _holds(on=date(2025, 6, 30)) is True
    assert _holds(on=date(2025, 7, 1)) is False


def test_everything_is_written_with_one_word() -> None:
    _load(_line("全部", ""))
    assert _holds() is True
    assert _holds("project:P-9", "") is True


def test_without_a_list_for_region_and_day_it_is_unknown() -> None:
    _load(_line(days="2024-01-01,2024-12-31"))
    assert _holds(on=date(2025, 1, 1)) is False
    assert _holds(on=date(2025, 12, 31)) is False
    assert _holds(on=date(2026, 1, 1)) is None
    assert _holds(kind="provider") is None
    (body,) = register_bodies(machine(), AT, [BodyRow("别处学校", OTHER, 330122)])
    assert holds_title(body, "assessor", WELDER, "4", date(2025, 3, 1)) is None


def test_a_set_is_answered_in_one_go(django_assert_max_num_queries: object) -> None:
    _load(_line(level="四级（中级工）"))
    body = Organisation.objects.get().pk
    asked = [(body, "assessor", WELDER, level, date(2025, 3, 1)) for level in "12345"] * 200
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        answers = title_answers(asked)
    assert [answers[question] for question in asked[:5]] == [False, False, False, True, False]


def test_of_the_same_title_the_latest_list_counts_until_it_is_withdrawn() -> None:
    _load(_line())
    later = _load(_line(days="2024-01-01,2025-01-31"), sha256="b" * 64)
    assert _holds() is False
    withdraw_load(officer("第二位", "register"), AT, later, "日期填错")
    assert _holds() is True


def test_a_withdrawn_list_answers_nothing() -> None:
    load = _load(_line())
    withdraw_load(officer("第二位", "register"), AT, load, "名单作废")
    assert _holds() is None


def test_who_held_a_title_before_the_database_began_is_not_new() -> None:
    keeper = officer("数据员", "register")
    rows = _rows(_line(days="2024-01-01,") + _line(days="2025-12-01,", body=OTHER))
    load_titles(keeper, AT, EXTRACT, rows, began_on=date(2025, 6, 1))
    known = dict(Title.objects.values_list("organisation__credit_code", "before_start"))
    assert known == {CODE: True, OTHER: False}


def test_every_wrong_cell_is_named_and_nothing_is_written() -> None:
    text = (
        _line(code="6-99-99-99") + _line("专项职业能力", "ZX-99") + _line(days="2024-01-01,2023-01-01")
        + _line(body=CODE[:-1] + ("1" if CODE[-1] != "1" else "2")) + _line().replace("330421,职业", "440100,职业")
        + _line(level="五星级")
    )  # fmt: skip
    with pytest.raises(RegisterFileWrong) as refused:
        _rows(text)
    assert [(wrong.row, wrong.column) for wrong in refused.value.wrongs] == [
        (2, "职业编码或项目编号"),
        (3, "职业编码或项目编号"),
        (4, "失效日期"),
        (5, "统一社会信用代码"),
        (6, "适用地区划代码"),
        (7, "等级"),
    ]
    assert not Organisation.objects.exists()


def test_bodies_are_known_by_their_code() -> None:
    first = register_bodies(machine(), AT, [BodyRow("甲", CODE, 330421), BodyRow("乙", OTHER, 330421)])
    again = register_bodies(machine(), AT, [BodyRow("甲（新名）", f" {CODE.lower()}", 330421)])
    assert again == first[:1]
    assert Organisation.objects.get(credit_code=CODE).name == "甲"
    with pytest.raises(CreditCodeWrong):
        register_bodies(machine(), AT, [BodyRow("丙", CODE[::-1], 330421)])
    with pytest.raises(NotYourDuty):
        register_bodies(NOBODY, AT, [BodyRow("丙", CODE, 330421)])
    assert Organisation.objects.count() == 2
