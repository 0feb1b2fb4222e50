"""Numbers of the law as people read them."""

from jiangxin.rules.parameters import published_law
from jiangxin.rules.wording import value_in_words


def test_the_ages_of_retirement_read_as_ages():
    before, since = (
        value_in_words(value.value, "表")
        for value in published_law().numbers["330000", "common", "retirement_ages"].values
    )
    assert before == "男 60 周岁；女 50 周岁；女 55 周岁"
    assert since.startswith("男 60 周岁，1965 年 1 月起出生的每 4 个月晚 1 个月，最晚 63 周岁；女")


def test_what_is_the_same_for_all_needs_no_word_for_it():
    assert value_in_words({"special_skill": {"any": 50_000}}, "分") == "专项职业能力证书 500.00 元"
    assert value_in_words({"levels": {"any": {"any": 50_000}}}, "分") == "职业资格和职业技能等级 500.00 元"
    assert value_in_words({"any": 20}, "百分比") == "20%"
