"""What is planted among the certificates, in known shares: every refusal, every wait and every hold of the law.

A share is of all certificates of the demo county. `rules` are the rules that answer no (outcome "no") or unknown
(outcome "unknown"); `hold` is the kind of hold that a yes meets before it is paid.

A rule's no that a first decision of a loaded workbook cannot give, and why:

- trained_before, status_days_known: the file's dates are checked in their order, a wrong row is not loaded;
- assessor_titled: a result of an assessor without title is a wrong row;
- kind_in_scope: each of the four templates is in scope; standard_set: no assumed amount is an explicit 0;
- within_window: what comes after twelve months is late in being sent too, which an officer looks at first;
- one_of_four_places: the training place alone suffices, nothing filed leaves it out;
- office_known: a class without its filing region waits;
- not_insured_elsewhere, lifetime_cap: the demo county filed no such limit, the first is a hold there;
- major_related: only officers answer it; age_admitted: the demo county admits whoever is past retirement age;
- queryable, uploaded_in_time, fund_named: they say yes or wait, never no.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scenario:
    """One planted case: of whole classes (their dates or bodies) or of single learners (their statuses or history)."""

    code: str
    share: float
    outcome: str
    of: str
    words: str
    rules: tuple[str, ...] = ()
    hold: str = ""


PLAIN = "plain"
SCENARIOS = {
    scenario.code: scenario
    for scenario in (
        Scenario("public_staff", 0.012, "no", "person", "培训时在编", ("not_public_staff",)),
        Scenario("student", 0.012, "no", "person", "培训时是全日制学生", ("not_full_time_student",)),
        Scenario("pensioner", 0.012, "no", "person", "培训时领取职工养老金", ("no_employee_pension",)),
        Scenario("under_16", 0.012, "no", "person", "培训时未满 16 周岁", ("old_enough",)),
        Scenario("dead", 0.012, "no", "person", "培训时已去世", ("alive",)),
        Scenario("three_taken", 0.012, "no", "person", "当年已享受 3 次", ("yearly_cap",)),
        Scenario("same_level", 0.012, "no", "person", "同一职业同一等级已享受", ("not_taken_before",)),
        Scenario("higher_level", 0.012, "no", "person", "同一职业更高等级已享受", ("no_higher_level_taken",)),
        Scenario("other_channel", 0.012, "no", "person", "其他渠道已付", ("other_channel_leaves_something",)),
        Scenario("provider_untitled", 0.012, "no", "class", "培训时机构没有资格", ("provider_titled",)),
        Scenario("other_occupation", 0.010, "no", "class", "培训的是另一个职业", ("same_occupation_trained",)),
        Scenario("revoked", 0.012, "no", "person", "核定前证书已被撤销", ("not_revoked",)),
        Scenario("over_age_unable", 0.008, "no", "person", "超龄，核实没有能力或意愿", ("able_and_willing",)),
        Scenario("staff_gap", 0.05, "unknown", "class", "培训期间的在编名单没有载入", ("not_public_staff",)),
        Scenario("untrained", 0.008, "unknown", "person", "没有培训记录", ("trained_before",)),
        Scenario("unlisted", 0.008, "unknown", "person", "联网查询名单里没有", ("queryable",)),
        Scenario("misnamed_listing", 0.008, "unknown", "person", "联网查询名单与证书不一致", ("queryable",)),
        Scenario("over_age_unconfirmed", 0.008, "unknown", "person", "超龄，能力和意愿未核实", ("able_and_willing",)),
        Scenario("late_over_year", 0.008, "unknown", "class", "报送过迟，跨了年度", ("uploaded_in_time",)),
        Scenario("late_past_window", 0.008, "unknown", "class", "报送过迟，过了期限", ("within_window",)),
        Scenario("no_standard", 0.008, "unknown", "class", "职业还没有类别，标准不明", ("standard_set",)),
        Scenario("over_age_confirmed", 0.010, "yes", "person", "超龄，已核实能力和意愿"),
        Scenario("no_account", 0.020, "yes", "person", "没有社保卡账户"),
        Scenario("new_assessor", 0.020, "yes", "class", "新评价机构的首批", hold="new_body"),
        Scenario("new_provider", 0.020, "yes", "class", "新培训机构的首批", hold="new_body"),
        Scenario("account_changed", 0.025, "yes", "person", "账户刚刚变更", hold="account_changed"),
        Scenario("shared_phone", 0.020, "yes", "person", "电话与他人相同", hold="shared_contact"),
        Scenario("shared_account", 0.010, "yes", "person", "账户在他人的历史记录里出现过", hold="shared_contact"),
        Scenario("insured_elsewhere", 0.020, "yes", "person", "培训期间在外县参保", hold="elsewhere"),
        Scenario("late_same_year", 0.025, "yes", "class", "报送过迟，不影响年度"),
        Scenario("assessor_ended", 0.025, "yes", "class", "评价机构的资格已经结束"),
        Scenario("to_revoke", 0.020, "yes", "person", "核定后被撤销", hold="revoked"),
        Scenario("died_later", 0.020, "yes", "person", "考核以后去世", hold="died"),
    )
}


def planted(scenario: Scenario, certificates: int) -> int:
    """How many certificates of so many meet a scenario: its share, and never none."""
    return max(1, round(scenario.share * certificates))
