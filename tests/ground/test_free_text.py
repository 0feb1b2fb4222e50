"""What counts as an identity number in words, what is masked, what is let alone; the database agrees by check digit."""

import pytest
from django.db import connection

from jiangxin.ground.cells import Column, Wrong
from jiangxin.ground.free_text import NumberInText, hide_numbers, holds_number, refuse_numbers
from jiangxin.ground.identity import check_digit, mask_number

NUMBER = "33049919900501" + "001" + check_digit("33049919900501001")
WITH_X = "33049919900501004X"
OLD = "330499900501001"


@pytest.mark.parametrize(
    "text",
    [NUMBER, f"他的证件{NUMBER}。", f"ID{NUMBER}号", WITH_X, WITH_X.lower(), "330499 19900501 0015",
     "330499-19900501-0015", "３３０４９９１９９００５０１００１５", f"2026-03-02 {NUMBER}", OLD,
     f"电话13800000000，{OLD}"],
)  # fmt: skip
def test_a_number_in_words_is_found_and_masked(text: str) -> None:
    assert holds_number(text)
    assert not holds_number(hide_numbers(text))
    assert len(hide_numbers(text)) == len(text)
    with pytest.raises(NumberInText, match="没有提交"):
        refuse_numbers("没有别的", text)


@pytest.mark.parametrize(
    "text",
    ["", "没有参加培训。", NUMBER[:17] + "1", f"1{NUMBER}", "330499199013010013", "330421-2026-0000001", "13800000000",
     "330421-JY-20260302-01", "S" + OLD, "6228480402564890018", "5" * 14 + NUMBER, f"sha {'0' * 20}{NUMBER}{'a' * 26}",
     "019cafe0-1990-7101-9001-330499199005"],
)  # fmt: skip
def test_other_numbers_are_let_alone(text: str) -> None:
    assert not holds_number(text)
    assert hide_numbers(text) == text


def test_masking_goes_through_and_through() -> None:
    hidden = hide_numbers({"reason": f"见{NUMBER}", "rows": [NUMBER, 3], "total": 3})
    assert hidden == {"reason": "见3****************5", "rows": ["3****************5", 3], "total": 3}


@pytest.mark.parametrize("kind", ["text", "code", "choice"])
def test_a_cell_that_is_not_for_numbers_takes_none(kind: str) -> None:
    wrong = Column("class_number", "班级或项目编号", kind).read(NUMBER)
    assert isinstance(wrong, Wrong)
    assert (wrong.problem, wrong.given) == ("班级或项目编号里有身份证号码", "3****************5")
    assert Column("number", "身份证号", "code", mask=mask_number).read(NUMBER) == NUMBER
    assert Column("class_number", "班级或项目编号", "code").read(OLD) == OLD


@pytest.mark.parametrize(
    ("said", "held"),
    [(NUMBER, True), (WITH_X, True), (WITH_X.lower(), True), (f"他{NUMBER}。", True), (f"ID{NUMBER}", True),
     ("３３０４９９１９９００５０１００１５", True), (f'{{"n": "{NUMBER}"}}', True), (NUMBER[:17] + "1", False),
     (f"1{NUMBER}", False), ("330499199013010013", False), (f"{'0' * 20}{NUMBER}{'a' * 26}", False), ("", False)],
)  # fmt: skip
@pytest.mark.django_db
def test_the_database_knows_it_by_the_check_digit(said: str, held: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ground_holds_identity(%s)", [said])
        assert cursor.fetchone()[0] is held
