"""Rules on the person: statuses on the training days, age, pension, alive."""

from collections.abc import Callable

import numpy as np

from jiangxin.rules.facts import NO_REGION
from jiangxin.rules.rule import NO, UNKNOWN, YES, Ask, either, opposite, rule, yes_if
from jiangxin.rules.schemes import steps
from jiangxin.rules.schemes.certificate_rules import ARTICLE_13, OPINION_SINCE

ARTICLE_6 = "浙人社发〔2022〕32号 第6条"
CATEGORY_NOTICE = "《关于进一步加强和改进职业培训补贴管理工作的通知》（文号未见）"

# [a local exclusion off, on, unknown][status no, yes, unknown]: whoever lacks the status passes whatever the rule is
_EXCLUSION = np.array([[3, 3, 3], [1, 0, 2], [1, 2, 2]], dtype=np.int8)
# [condition no, yes, unknown][requirement no, yes, unknown]: a requirement that binds only under the condition
_IF_SO = np.array([[3, 3, 3], [0, 1, 2], [2, 1, 2]], dtype=np.int8)


@rule(
    title="身份按培训时认定",
    article=CATEGORY_NOTICE,
    words="申领人的身份类别按参加培训时的情况认定",
    quoted=False,
    reads=("training_first_on", "training_last_on"),
    yes="您的身份按{training_first_on}至{training_last_on}培训期间认定。",
    no="培训结束日早于开始日。",
    unknown="培训起止日期尚未查明，身份无从认定。",
    change="培训机构更正起止日期后再次核定。",
    turned_by="training_first_on",
)
def status_days_known(ask: Ask) -> np.ndarray:
    first, last = ask.facts.training_first_on, ask.facts.training_last_on
    return yes_if(first <= last, ~(np.isnat(first) | np.isnat(last)))


def _excluded(
    number: str, status: str, of: Callable[[Ask], np.ndarray] | None = None
) -> Callable[[Ask], np.ndarray]:
    """P7: exclusions are local, dated numbers; none filed = none applied. `of` works the status out."""

    def answer(ask: Ask) -> np.ndarray:
        on = ask.number(number, steps.paying_region, steps.status_day).each(steps.switch, np.int8)
        return _EXCLUSION[on, of(ask) if of else getattr(ask.facts, status)]

    answer.__name__ = f"not_{status}"
    return answer


def _insured_elsewhere(ask: Ask) -> np.ndarray:
    """Whoever is insured where the office pays is not insured elsewhere, wherever the training was."""
    insured = ask.facts.insured_region
    here = (insured > NO_REGION) & (insured == ask.once(steps.paying_region))
    return np.where(here, NO, ask.facts.insured_elsewhere)


not_public_staff = rule(
    title="不是机关事业单位在编人员",
    article="本地规定",
    words="机关事业单位在编人员不享受",
    quoted=False,
    reads=("public_staff",),
    yes="您培训时不是机关事业单位在编人员。",
    no="您培训时是机关事业单位在编人员，本地规定不享受。",
    unknown="培训时是否在编，或本地有无此项规定，尚未查明。",
    change="登记有误的，由单位主管部门更正后再次核定。",
    turned_by="public_staff",
    not_applicable="本地没有登记这项限制。",
)(_excluded("excludes_public_staff", "public_staff"))

not_full_time_student = rule(
    title="不是全日制在校学生",
    article="本地规定",
    words="全日制在校学生不享受",
    quoted=False,
    reads=("full_time_student",),
    yes="您培训时不是全日制在校学生。",
    no="您培训时是全日制在校学生，本地规定不享受。",
    unknown="培训时是否在校，或本地有无此项规定，尚未查明。",
    change="学籍登记有误的，由学校更正后再次核定。",
    turned_by="full_time_student",
    not_applicable="本地没有登记这项限制。",
)(_excluded("excludes_full_time_student", "full_time_student"))

not_insured_elsewhere = rule(
    title="未在外地参保",
    article="本地规定",
    words="在外地参加职工社会保险的人员不享受",
    quoted=False,
    reads=("insured_elsewhere", "insured_region"),
    yes="您培训时没有在外地参保。",
    no="您培训时在外地参保，本地规定不享受。",
    unknown="培训时是否在外地参保，或本地有无此项规定，尚未查明。",
    change="参保登记有误的，由参保地更正后再次核定。",
    turned_by="insured_elsewhere",
    not_applicable="本地没有登记这项限制。",
)(_excluded("excludes_insured_elsewhere", "insured_elsewhere", _insured_elsewhere))


@rule(
    title="学生的证书与所学专业相关",
    article=ARTICLE_6,
    words="鼓励学生在校期间取得与所学专业相关的职业资格证书或职业技能等级证书，并按规定纳入职业培训补贴范围",
    quoted=True,
    reads=("full_time_student", "major_related"),
    yes="证书与所学专业相关。",
    no="证书与所学专业无关。",
    unknown="证书是否与所学专业相关，由经办人员核实。",
    change="取得与所学专业相关的证书，可按新证书核定。",
    turned_by="major_related",
    since=OPINION_SINCE,
    not_applicable="您培训时不是在校学生，这一条不适用。",
)
def major_related(ask: Ask) -> np.ndarray:
    return _IF_SO[ask.facts.full_time_student, ask.facts.major_related]


@rule(
    title="未按月领取职工养老金",
    article=ARTICLE_13,
    words="未按月领取城镇职工基本养老金的人员",
    quoted=True,
    reads=("employee_pension",),
    yes="您培训时没有按月领取城镇职工基本养老金。",
    no="您培训时已按月领取城镇职工基本养老金。",
    unknown="培训时是否按月领取城镇职工基本养老金尚未查明。",
    change="养老待遇登记有误的，由社保经办机构更正后再次核定。城乡居民养老金不影响享受。",
    turned_by="employee_pension",
    since=OPINION_SINCE,
)
def no_employee_pension(ask: Ask) -> np.ndarray:
    """P8: whoever draws the employee pension is out, also below the retirement age; a resident pension is no bar."""
    return opposite(ask.facts.employee_pension)


def _young_or_admitted(ask: Ask) -> str:
    if ask.once(steps.past_retirement)[0] == NO:
        return "按{status_day}计算，您未到法定退休年龄。"
    return "本地已将超过法定退休年龄的人员纳入。"


@rule(
    title="未到退休年龄，或本地已纳入",
    article=ARTICLE_13,
    words="各地可将确有就业能力和培训需求、达到法定退休年龄但未按月领取城镇职工基本养老金的人员，纳入职业培训补贴范围",
    quoted=True,
    reads=("born_on", "sex", "training_first_on"),
    yes="按{status_day}计算，您未到法定退休年龄，或本地已将超龄人员纳入。",
    yes_of=_young_or_admitted,
    no="按{status_day}计算，您已达到法定退休年龄，本地没有把超龄人员纳入。",
    unknown="是否达到法定退休年龄，或本地是否纳入超龄人员，尚未查明。",
    settled_by="退休年龄按哪一档计算（由社保经办机构回答）",
    change="本地发文纳入超龄人员后开始的培训，可以享受。",
    details=lambda ask: {"status_day": steps.said_day(ask.once(steps.status_day))},
)
def age_admitted(ask: Ask) -> np.ndarray:
    admitted = ask.number("over_age_admitted", steps.paying_region, steps.status_day).each(steps.switch, np.int8)
    return either(opposite(ask.once(steps.past_retirement)), admitted)


@rule(
    title="超龄人员有就业能力和培训需求",
    article=ARTICLE_13,
    words="确有就业能力和培训需求、达到法定退休年龄但未按月领取城镇职工基本养老金的人员",
    quoted=True,
    reads=("born_on", "sex", "training_first_on", "able_and_willing"),
    yes="经办机构已核实您有就业能力和培训需求。",
    no="经办机构核实您没有就业能力或培训需求。",
    unknown="您达到或可能达到法定退休年龄，就业能力和培训需求待经办机构核实。",
    settled_by="退休年龄按哪一档计算（由社保经办机构回答）",
    change="情况变化后，可请经办机构再次核实。",
    turned_by="able_and_willing",
    since=OPINION_SINCE,
    not_applicable="您未到法定退休年龄，这一条不适用。",
)
def able_and_willing(ask: Ask) -> np.ndarray:
    return _IF_SO[ask.once(steps.past_retirement), ask.facts.able_and_willing]


@rule(
    title="已满最低年龄",
    article="劳动者最低年龄",
    words="培训时应当年满 16 周岁",
    quoted=False,
    reads=("born_on", "training_first_on"),
    yes="按{status_day}计算，您已满{min_age_years}。",
    no="按{status_day}计算，您未满{min_age_years}。",
    unknown="最低年龄的规定未经核实。",
    change="年满规定年龄后参加的培训，可以享受。",
    details=lambda ask: {"status_day": steps.said_day(ask.once(steps.status_day))},
)
def old_enough(ask: Ask) -> np.ndarray:
    found = ask.number("min_age_years", steps.paying_region, steps.status_day)
    return yes_if(ask.once(steps.full_months) >= found.ints() * 12, found.known)


@rule(
    title="培训和考试时在世",
    article="冒领防范（本项目办事规程）",
    words="培训和考试日期应当在本人生前",
    quoted=False,
    reads=("died_on", "death_known", "training_last_on", "exam_on"),
    yes="培训和考试都在本人生前。",
    no="登记的死亡日{died_on}早于培训或考试，已转调查。",
    unknown="尚未与死亡登记比对。",
    settled_by="死亡登记（由公安、民政部门回答）",
    change="死亡登记有误的，由公安、民政部门更正后再次核定。",
    turned_by="died_on",
)
def alive(ask: Ask) -> np.ndarray:
    """P12: alive on the training and exam days; a later death is a hold, not a no."""
    facts = ask.facts
    dead = ~np.isnat(facts.died_on)
    last = np.fmax(facts.training_last_on, facts.exam_on)
    last = np.where(np.isnat(last), facts.issued_on, last)
    answer = np.where(facts.death_known, YES, UNKNOWN)
    return np.where(dead, np.where(facts.died_on < last, NO, YES), answer) if dead.any() else answer
