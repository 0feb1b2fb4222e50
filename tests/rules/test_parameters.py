"""Numbers: what is refused when it is filed, how dates and regions answer, what laying over does."""

from datetime import date

import pytest

from jiangxin.rules.filed import LawMalformed, read_number
from jiangxin.rules.numbers import NUMBERS
from jiangxin.rules.parameters import PUBLISHED, Law, NumberUnknown, Why, code_digest, published_law, region_chain
from tests.rules.law_cases import ASSUMED

DATED = {"from": "2024-01-01", "value": 3, "source": {"document": "某文件"}, "certainty": "found"}
FILE = {
    "region": "330421",
    "scheme": "common",
    "number": "yearly_cap",
    "title": "次数",
    "unit": "次",
    "checked_on": "2026-01-01",
    "values": [DATED],
}


def a_number(region="330421", number="yearly_cap", unit="次", values=None, **dated):
    return {**FILE, "region": region, "number": number, "unit": unit, "values": values or [{**DATED, **dated}]}


def a_law(*rows, accept_unverified=False):
    return Law((), accept_unverified).lay_over(rows)


def why(law, day, region="330421", number="yearly_cap"):
    return law.find(region, "certificate_subsidy", number, date.fromisoformat(day)).why


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"unit": ""}, "单位"),
        ({"title": ""}, "标题"),
        ({"checked_on": None}, "核对日期"),
        ({"checked_on": "昨天"}, "核对日期"),
        ({"values": []}, "没有数值"),
        ({"values": [{**DATED, "source": {}}]}, "来源"),
        ({"values": [{**DATED, "source": {"document": ""}}]}, "来源"),
        ({"values": [{**DATED, "certainty": "sure"}]}, "可信程度"),
        ({"values": [{**DATED, "from": None}]}, "起始日"),
        ({"values": [{**DATED, "until": "2023-12-31"}]}, "结束"),
        ({"values": [DATED, DATED]}, "重叠"),
        ({"values": [{**DATED, "until": "2025-01-01"}, {**DATED, "from": "2025-01-01"}]}, "重叠"),
        ({"values": [{key: DATED[key] for key in DATED if key != "value"}]}, "null"),
        ({"values": [{**DATED, "value": "3"}]}, "要求"),
        ({"values": [{**DATED, "value": True}]}, "要求"),
        ({"values": [{**DATED, "value": -1}]}, "要求"),
        ({"number": "yearly_limit"}, "声明"),
        ({"unit": "月"}, "单位应当是次"),
        ({"region": "嘉善"}, "区划代码"),
    ],
)
def test_a_file_without_what_it_needs_is_refused(changed, said):
    with pytest.raises(LawMalformed) as refused:
        read_number({**FILE, **changed}, "here")
    assert said in refused.value.sentence


@pytest.mark.parametrize(
    ("number", "unit", "good", "bad"),
    [
        ("count_date", "选项", "received", "approved"),
        ("takes_count", "是否", True, 1),
        ("fund_order", "名单", ["employment_grant"], ["就业补助资金"]),
        ("scarce_uplift_percent", "百分比", {"any": 30}, {"6": 30}),
        ("sample_share_percent", "百分比", 100, 101),
        ("payment_weekdays", "星期", [1, 5], [0]),
        ("occupation_classes", "职业编码表", {"6": "manufacturing"}, {"6": "made"}),
        (
            "amount",
            "分",
            {"levels": {"any": {"3": 1}}, "training_pass": {"project:x": 2}},
            {"levels": {"any": {"6": 1}}},
        ),
        ("amount", "分", {"special_skill": {"any": 1}}, {"special": {"any": 1}}),
        ("amount", "分", {"special_skill": {"item:a": 1}}, {"special_skill": {"a": 1}}),
        ("retirement_ages", "表", [{"sex": "male", "months": 720}], []),
        (
            "retirement_ages",
            "表",
            [{"sex": "male", "months": 720}],
            [{"sex": "male", "months": 720, "every_months": 4}],
        ),
        (
            "retirement_ages",
            "表",
            [{"sex": "male", "months": 720, "delayed_from": "1965-01", "every_months": 4, "limit_months": 756}],
            [{"sex": "male", "months": 720, "delayed_from": "1965-13", "every_months": 4, "limit_months": 756}],
        ),
    ],
)
def test_a_value_of_the_wrong_shape_is_refused(number, unit, good, bad):
    read_number(a_number(number=number, unit=unit, value=good), "here")
    with pytest.raises(LawMalformed):
        read_number(a_number(number=number, unit=unit, value=bad), "here")


def test_a_file_on_disk_is_read_and_its_folder_says_what_it_is(tmp_path):
    folder = tmp_path / "330421" / "common"
    folder.mkdir(parents=True)
    (folder / "yearly_cap.yaml").write_text(
        "title: 次数\nunit: 次\nchecked_on: 2026-01-01\nvalues:\n"
        "- {from: 2024-01-01, value: 4, source: {document: 某文件}, certainty: found}\n",
        encoding="utf-8",
    )
    law = Law.load((PUBLISHED, tmp_path))
    assert law.value("330421", "certificate_subsidy", "yearly_cap", date(2026, 1, 1)) == 4
    assert law.value("330402", "certificate_subsidy", "yearly_cap", date(2026, 1, 1)) == 3


def test_assumed_numbers_load_only_for_a_demo():
    with pytest.raises(LawMalformed) as refused:
        Law.load((PUBLISHED, ASSUMED))
    assert "假设" in refused.value.sentence
    assert (
        Law.load((PUBLISHED, ASSUMED), allow_assumed=True).value("330421", "common", "silence_days", date(2026, 3, 2))
        == 5
    )


def test_a_known_number_is_unknown_until_it_is_accepted():
    row = a_number(certainty="known")
    assert why(a_law(row), "2025-01-01") is Why.UNVERIFIED
    assert why(a_law(row, accept_unverified=True), "2025-01-01") is Why.KNOWN
    assert why(a_law(row).accepting_unverified(), "2025-01-01") is Why.KNOWN


def test_dates_before_between_and_after_say_why():
    law = a_law(
        a_number(
            values=[
                {**DATED, "from": "2020-01-01", "until": "2020-12-31"},
                {**DATED, "from": "2021-06-01", "last_seen": "2022-06-29"},
                {**DATED, "from": "2024-01-01", "value": None},
                {**DATED, "from": "2025-01-01"},
            ]
        )
    )
    assert why(law, "2019-12-31") is Why.BEFORE_FIRST
    assert why(law, "2020-01-01") is why(law, "2020-12-31") is Why.KNOWN
    assert why(law, "2021-01-01") is why(law, "2021-05-31") is Why.ENDED
    assert why(law, "2022-06-29") is Why.KNOWN
    assert why(law, "2022-06-30") is why(law, "2023-12-31") is Why.AFTER_LAST_SEEN
    assert why(law, "2024-06-01") is Why.NOT_FOUND
    assert why(law, "2030-01-01") is Why.KNOWN
    assert why(law, "2025-01-01", number="lifetime_cap") is Why.NOT_FILED
    assert why(law, "2025-01-01", region="") is Why.NO_REGION


def test_the_nearest_region_that_ever_had_a_value_decides():
    law = a_law(
        a_number("330000", value=3),
        a_number("330400", value=4),
        a_number("330421", value=5, until="2024-06-30"),
    )
    ask = lambda region, day: law.find(region, "certificate_subsidy", "yearly_cap", date.fromisoformat(day))  # noqa: E731
    assert ask("330421", "2024-06-30").value == 5
    assert ask("330421", "2024-07-01").why is Why.ENDED
    assert ask("330402", "2024-07-01").value == 4
    assert ask("330106", "2024-07-01").value == 3
    assert ask("330000", "2024-07-01").value == 3


def test_a_scheme_of_the_region_goes_before_its_common_number():
    law = a_law(a_number(value=3), {**a_number(value=4), "scheme": "skill_uplift"})
    assert law.value("330421", "skill_uplift", "yearly_cap", date(2025, 1, 1)) == 4
    assert law.value("330421", "certificate_subsidy", "yearly_cap", date(2025, 1, 1)) == 3


def test_asking_for_an_unknown_value_is_refused_with_the_reason():
    with pytest.raises(NumberUnknown) as refused:
        a_law(a_number()).value("330421", "common", "yearly_cap", date(2023, 1, 1))
    assert refused.value.sentence == "《次数》在 2023-01-01 没有可用的规定：早于最早的已知规定。"
    with pytest.raises(NumberUnknown) as refused:
        a_law(a_number()).value("330421", "common", "lifetime_cap", date(2023, 1, 1))
    assert refused.value.sentence == "《累计享受次数上限》在 2023-01-01 没有可用的规定：没有登记过规定。"


def test_laying_over_replaces_from_its_day_and_ends_what_was_before():
    law = a_law(a_number(values=[{**DATED, "until": "2026-12-31"}, {**DATED, "from": "2027-01-01", "value": 9}]))
    over = law.lay_over([a_number(value=5, **{"from": "2025-06-01"})])
    ask = lambda day: over.value("330421", "common", "yearly_cap", date.fromisoformat(day))  # noqa: E731
    assert [ask("2025-05-31"), ask("2025-06-01"), ask("2026-12-31"), ask("2027-01-01")] == [3, 5, 5, 9]
    assert law.value("330421", "common", "yearly_cap", date(2025, 6, 1)) == 3


def test_laying_over_the_same_day_replaces_the_value():
    over = a_law(a_number()).lay_over([a_number(value=7)])
    assert over.value("330421", "common", "yearly_cap", date(2024, 1, 1)) == 7


def test_the_digest_follows_every_number_and_the_acceptance():
    law = published_law()
    same = Law.load()
    assert law.digest == same.digest
    assert law.digest != law.accepting_unverified().digest
    assert law.digest != law.lay_over([a_number()]).digest
    moved = law.lay_over([a_number(**{"from": "2024-01-02"})])
    assert moved.digest != law.lay_over([a_number()]).digest
    assert len(code_digest()) == 64


def test_the_chain_is_given_by_the_code():
    assert region_chain(330421) == (330421, 330400, 330000)
    assert region_chain(330400) == (330400, 330000)
    assert region_chain(330000) == (330000,)
    assert region_chain(-1) == region_chain(0) == ()


def test_what_is_in_force_lists_every_number_that_reaches_a_region():
    names = {(scheme, number) for scheme, number, _ in published_law().in_force("330122", date(2022, 5, 1))}
    assert {("certificate_subsidy", "amount"), ("common", "yearly_cap")} <= names
    assert ("common", "scarce_occupations") not in names


def test_no_published_value_is_assumed_and_none_is_newer_than_its_check():
    for number in published_law().numbers.values():
        for value in number.values:
            assert value.certainty != "assumed"
            assert number.checked_on >= (value.last_seen or value.from_on)


def test_the_guide_lists_every_number_with_its_unit():
    guide = (PUBLISHED.parents[2] / "docs" / "guide" / "rules.md").read_text("utf-8")
    for name, declared in NUMBERS.items():
        assert f"| `{name}` | {declared.unit} |" in guide


def test_every_declared_number_is_filed_or_optional():
    """What no file mentions is a local condition that does not apply until a locality files one."""
    demo = Law.load((PUBLISHED, ASSUMED), allow_assumed=True)
    filed = {number for _, _, number in demo.numbers}
    assert set(NUMBERS) - filed == {"lifetime_cap", "excludes_insured_elsewhere", "payment_weekdays"}
