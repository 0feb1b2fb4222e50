"""Every number the law and the procedure know: its unit and what its value may be. Any other number is refused.

Money is in fen, a share in whole percent, a switch is true or false; `docs/guide/rules.md` says what each one means.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from jiangxin.rules.vocabulary import (
    ANY,
    CHANNELS,
    CLASSES,
    COUNT_DATES,
    DAY_KINDS,
    FUNDS,
    KINDS,
    LEVELS,
    OFFICES,
    PLACES,
    SCHEME_TITLES,
    SEXES,
    SILENCE_ACTIONS,
)


@dataclass(frozen=True)
class Declared:
    """What the number is called, the unit a file must name, and whether a value is one this number can have."""

    title: str
    unit: str
    fits: Callable[[Any], bool]


def whole(value: Any) -> bool:
    return type(value) is int and value >= 0


def percent(value: Any) -> bool:
    return whole(value) and value <= 100


def hour(value: Any) -> bool:
    return whole(value) and value <= 24


def switch(value: Any) -> bool:
    return type(value) is bool


def one_of(options: Collection[str]) -> Callable[[Any], bool]:
    return lambda value: type(value) is str and value in options


def some_of(options: Collection[str]) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, list | tuple) and all(type(name) is str and name in options for name in value)
    )


def occupations(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(type(code) is str for code in value)


def weekdays(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(whole(day) and 1 <= day <= 7 for day in value)


def table(keys: Callable[[Any], bool], values: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, Mapping) and all(keys(key) and values(of) for key, of in value.items())


def _item(value: Any) -> bool:
    return type(value) is str and value.startswith(("item:", "project:"))


_level, _class_or_any = one_of(LEVELS), one_of([*CLASSES, ANY])
_by_level = table(_level, whole)
_without_level = table(lambda key: key == ANY or _level(key) or _item(key), whole)


def _rate(unit: str) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, Mapping) and value.keys() == {unit, "at_most"} and all(map(whole, value.values()))
    )


def amounts(value: Any) -> bool:
    """levels: class (or any) → level → fen; special_skill and training_pass: level, item, project or any → fen;
    training_pass_by_lesson, …_by_day: fen each and at most, for the training_pass that have no amount of their own."""
    shapes = {
        "levels": table(_class_or_any, _by_level),
        "special_skill": _without_level,
        "training_pass": _without_level,
        "training_pass_by_lesson": _rate("per_lesson"),
        "training_pass_by_day": _rate("per_day"),
    }
    return isinstance(value, Mapping) and all(name in shapes and shapes[name](of) for name, of in value.items())


def retirement_ages(value: Any) -> bool:
    """Rows of sex and age in months; a row may move by one month every so many months of birth, up to a limit."""
    return isinstance(value, list | tuple) and bool(value) and all(_retirement_row(row) for row in value)


def _retirement_row(row: Any) -> bool:
    if not isinstance(row, Mapping) or row.get("sex") not in SEXES or not whole(row.get("months")):
        return False
    moving = {"delayed_from", "every_months", "limit_months"}
    if not row.keys() & moving:
        return row.keys() == {"sex", "months"}
    return (
        row.keys() == {"sex", "months", *moving}
        and _month(row["delayed_from"])
        and whole(row["every_months"])
        and row["every_months"] > 0
        and whole(row["limit_months"])
    )


def _month(value: Any) -> bool:
    try:
        date.fromisoformat(f"{value}-01")
    except ValueError:
        return False
    return type(value) is str


# Read by the rules, from the shelf of their scheme or from "common".
RULE_NUMBERS: dict[str, Declared] = {
    "amount": Declared("补贴标准", "分", amounts),
    "scarce_occupations": Declared("紧缺职业名单", "名单", occupations),
    "scarce_uplift_percent": Declared("紧缺职业上浮", "百分比", table(one_of([*LEVELS, ANY]), whole)),
    "occupation_classes": Declared("职业所属类别", "职业编码表", table(lambda key: type(key) is str, one_of(CLASSES))),
    "cert_kinds": Declared("补贴范围内的证书", "名单", some_of(KINDS)),
    "claim_window_months": Declared("申领期限", "月", whole),
    "late_upload_days": Declared("评价机构报送时限", "天", whole),
    "places_accepted": Declared("认可的培训地关联", "名单", some_of(PLACES)),
    "paying_office": Declared("支付机构", "选项", one_of(OFFICES)),
    "paid_here": Declared("在本平台支付", "是否", switch),
    "fund_order": Declared("资金使用顺序", "名单", some_of(FUNDS)),
    "permitted_funds": Declared("可用资金", "名单", some_of(FUNDS)),
    "scheme_order": Declared("两项补贴都符合时的先后", "名单", some_of(SCHEME_TITLES)),
    "other_channel": Declared("其他渠道已付时的处理", "选项", one_of(CHANNELS)),
    "takes_count": Declared("计入年度次数", "是否", switch),
    "count_date": Declared("计入年度所依据的日期", "选项", one_of(COUNT_DATES)),
    "yearly_cap": Declared("每人每年享受次数", "次", whole),
    "lifetime_cap": Declared("累计享受次数上限", "次", whole),
    "excludes_public_staff": Declared("机关事业单位在编人员不享受", "是否", switch),
    "excludes_full_time_student": Declared("全日制在校学生不享受", "是否", switch),
    "excludes_insured_elsewhere": Declared("在外地参保的不享受", "是否", switch),
    "over_age_admitted": Declared("超龄人员纳入补贴范围", "是否", switch),
    "retirement_ages": Declared("法定退休年龄", "表", retirement_ages),
    "course_hours_min": Declared("培训课时下限", "课时", whole),
    "min_age_years": Declared("最低年龄", "周岁", whole),
    "insured_months_min": Declared("失业保险缴费月数下限", "月", whole),
}
# Read by the procedure, from "common" only.
PROCEDURE_NUMBERS: dict[str, Declared] = {
    "pass_mark": Declared("考试合格分", "分数", whole),
    "review_working_days": Declared("审核期", "工作日", whole),
    "notice_required": Declared("发放前公示", "是否", switch),
    "notice_working_days": Declared("公示期", "工作日", whole),
    "objection_working_days": Declared("异议答复期", "工作日", whole),
    "measure_answer_working_days": Declared("处置前陈述申辩、要求听证的期限", "工作日", whole),
    "public_rate_least_persons": Declared("公开合格率的最少人数", "人", whole),
    "silence_action": Declared("本人未答复时的处理", "选项", one_of(SILENCE_ACTIONS)),
    "silence_days": Declared("本人未答复的等待时间", "天", whole),
    "silence_day_kind": Declared("等待时间按什么日计", "选项", one_of(DAY_KINDS)),
    "silence_certified_only": Declared("未答复时只付经认证的账户", "是否", switch),
    "deferral_warning_days": Declared("暂缓到期前提醒", "天", whole),
    "sample_share_percent": Declared("抽查回访比例", "百分比", percent),
    "settlement_call_percent": Declared("班级结算前回访的比例", "百分比", percent),
    "settlement_call_attempts": Declared("回访几次打不通换下一位", "次", whole),
    "payment_weekdays": Declared("付款日", "星期", weekdays),
    "leader_limit_fen": Declared("单笔需第二位领导审批的金额", "分", whole),
    "account_changed_hold_days": Declared("账户变更后暂缓", "天", whole),
    "new_body_first_batches": Declared("新机构需核查的前几批", "次", whole),
    "history_lag_days": Declared("已享受台账最多滞后", "天", whole),
    "phone_shared_persons": Declared("同一电话的人数上限", "人", whole),
    "exam_theory_candidates_per_examiner": Declared("理论考场每名考评员的考生数", "人", whole),
    "exam_theory_examiners_min": Declared("理论考场考评员下限", "人", whole),
    "exam_practice_candidates_per_examiner": Declared("实操考场每名考评员的考生数", "人", whole),
    "exam_practice_examiners_min": Declared("实操考场考评员下限", "人", whole),
    "exam_review_examiners_min": Declared("综合评审委员下限", "人", whole),
    "exam_theory_minutes_min": Declared("理论考试时间下限", "分钟", whole),
    "exam_review_minutes_min": Declared("综合评审时间下限", "分钟", whole),
    "exam_makeup_months": Declared("单科合格成绩保留时间", "月", whole),
    "exam_external_share_percent": Declared("用人单位自用考评员的批次抽取外部督导的比例", "百分比", percent),
}
# Read by training and attendance, from "common" only.
TRAINING_NUMBERS: dict[str, Declared] = {
    "lesson_minutes": Declared("一课时的分钟数", "分钟", whole),
    "lessons_per_day_max": Declared("一天最多课时", "课时", whole),
    "class_size_max": Declared("每班人数上限", "人", whole),
    "class_hours_min": Declared("各等级课时下限", "课时", table(one_of([*LEVELS, ANY]), whole)),
    "online_share_percent": Declared("线上课时占比上限", "百分比", percent),
    "opening_lead_working_days": Declared("开班前申请的时限", "工作日", whole),
    "opening_review_working_days": Declared("开班审核期", "工作日", whole),
    "seat_hold_hours": Declared("留座时间", "小时", whole),
    "late_minutes": Declared("迟到多久不算这一课时", "分钟", whole),
    "exception_days": Declared("机构提出例外的时限", "天", whole),
    "exception_share_percent": Declared("例外课时占全班课时上限", "百分比", percent),
    "attendance_share_percent": Declared("结业所需出勤比例", "百分比", percent),
    "online_heartbeat_seconds": Declared("线上学习两次记录最长间隔", "秒", whole),
    "online_speed_percent": Declared("线上学习播放速度上限", "百分比", whole),
    "online_hours_per_day": Declared("线上学习一天最多计入的课时", "课时", whole),
    "online_night_from": Declared("线上学习夜间起", "时", hour),
    "online_night_until": Declared("线上学习夜间止", "时", hour),
    "online_device_learners": Declared("同一设备一天最多几人线上学习", "人", whole),
    "online_constant_gaps": Declared("判为程序刷课的连续等间隔次数", "次", whole),
    "online_constant_spread_ms": Declared("判为等间隔的间隔标准差", "毫秒", whole),
}
NUMBERS = RULE_NUMBERS | PROCEDURE_NUMBERS | TRAINING_NUMBERS
