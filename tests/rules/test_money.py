"""Money's written forms."""

import pytest

from jiangxin.ground.money import yuan, yuan_in_words


@pytest.mark.parametrize(
    ("fen", "written"),
    [(0, "0.00"), (1, "0.01"), (150000, "1,500.00"), (123456789, "1,234,567.89"), (-150005, "-1,500.05")],
)
def test_yuan(fen, written):
    assert yuan(fen) == written


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (150000, "壹仟伍佰元整"),
        (150050, "壹仟伍佰元伍角整"),
        (150005, "壹仟伍佰元零伍分"),
        (10000, "壹佰元整"),
        (100100, "壹仟零壹元整"),
        (101000, "壹仟零壹拾元整"),
        (1000000, "壹万元整"),
        (1000100, "壹万零壹元整"),
        (10010000, "壹拾万零壹佰元整"),
        (12345678901, "壹亿贰仟叁佰肆拾伍万陆仟柒佰捌拾玖元零壹分"),
        (10000000000, "壹亿元整"),
        (10000000100, "壹亿零壹元整"),
        (10000100000000, "壹仟亿零壹佰万元整"),
        (-150000, "负壹仟伍佰元整"),
    ],
)
def test_amounts_in_words_as_vouchers_carry_them(fen, words):
    assert yuan_in_words(fen) == words


def test_an_amount_no_voucher_has_is_refused():
    with pytest.raises(ValueError, match="no written form"):
        yuan_in_words(10**18)
