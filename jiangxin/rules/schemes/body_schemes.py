"""项目制培训补贴 and 岗前培训补贴: paid to the body that bore the cost, by head that passed (articles 5, 10; P24).

What is paid to a body still takes one of the person's times of the year.
"""

from datetime import date

import numpy as np

from jiangxin.rules.facts import NO_REGION, UNKNOWN_COUNT, UNKNOWN_REGION
from jiangxin.rules.rule import Ask, Rule, Scheme, Version, rule, yes_if
from jiangxin.rules.schemes import certificate_rules as certificate
from jiangxin.rules.schemes import count_rules as counts
from jiangxin.rules.schemes import person_rules as person
from jiangxin.rules.schemes.certificate_facts import CertificateFacts
from jiangxin.rules.schemes.certificate_subsidy import provider_titled, same_occupation_trained, trained_before
from jiangxin.rules.schemes.steps import certificate_paid, issued, paying_region

ARTICLE_5 = "浙人社发〔2022〕32号 第5条"
ARTICLE_10 = "浙人社发〔2022〕32号 第10条"


@rule(
    title="项目在公布的目录内",
    article=ARTICLE_10,
    words="由各地人力社保部门向社会公布项目制培训目录，按规定给予职业培训补贴",
    quoted=True,
    reads=("project_published",),
    yes="开课时，这个项目在公布的目录内。",
    no="开课时，这个项目不在公布的目录内。",
    unknown="这个项目开课时在不在目录内，尚未查明。",
    change="目录登记有误的，更正后再次核定。",
    turned_by="project_published",
    since=certificate.OPINION_SINCE,
)
def project_published(ask: Ask) -> np.ndarray:
    return ask.facts.project_published


@rule(
    title="没有向学员收费",
    article="本项目办事规程（一笔培训费只补给一方）",
    words="由经办机构付费的班，不再向学员收费",
    quoted=False,
    reads=("learner_fee_fen",),
    yes="这个班没有向学员收费。",
    no="这个班向学员收了 {learner_fee_fen} 元。",
    unknown="这个班有没有向学员收费，尚未查明。",
    change="退还学员后，由县里核对再次核定。",
    turned_by="learner_fee_fen",
)
def learner_not_charged(ask: Ask) -> np.ndarray:
    fee = ask.facts.learner_fee_fen
    return yes_if(fee == 0, fee != UNKNOWN_COUNT)


@rule(
    title="收款单位明确",
    article="本项目办事规程（一本证书只有一个收款方）",
    words="付给承担培训的机构或用人单位",
    quoted=False,
    reads=("payee_named",),
    yes="收款单位已经明确。",
    unknown="还不知道付给哪个单位，由开班备案和名册确定。",
    settled_by="收款单位（由开班备案和名册确定）",
)
def payee_named(ask: Ask) -> np.ndarray:
    return yes_if(ask.facts.payee_named, ask.facts.payee_named)


@rule(
    title="课时够",
    article=ARTICLE_5,
    words="支持平台企业开展岗前培训或岗位技能提升培训，突出实操技能训练和职业素质培养",
    quoted=True,
    reads=("planned_hours",),
    yes="这个班 {planned_hours} 课时，够 {course_hours_min}。",
    no="这个班 {planned_hours} 课时，少于 {course_hours_min}。",
    unknown="这个班的课时，或本地规定的课时，尚未查明。",
    settled_by="岗前培训的课时下限（由有权的人社部门登记）",
    change="另有够课时的岗前培训，可按那一次核定。",
    turned_by="planned_hours",
)
def course_long_enough(ask: Ask) -> np.ndarray:
    least = ask.number("course_hours_min", paying_region, issued)
    hours = ask.facts.planned_hours
    return yes_if(hours >= least.ints(), least.known & (hours != UNKNOWN_COUNT))


@rule(
    title="由单位参保",
    article=ARTICLE_5,
    words="企业职工参加岗前培训的，应当参加养老、失业、工伤保险之一",
    quoted=False,
    reads=("insured_region",),
    yes="培训期间您已由单位参保。",
    no="培训期间您没有由单位参保。",
    unknown="培训期间的参保情况尚未查明。",
    change="参保记录有误的，由社保经办机构更正后再次核定。",
    turned_by="insured_region",
)
def insured_by_employer(ask: Ask) -> np.ndarray:
    region = ask.facts.insured_region
    return yes_if(region != NO_REGION, region != UNKNOWN_REGION)


_COMMON: tuple[Rule, ...] = (
    trained_before,
    same_occupation_trained,
    provider_titled,
    certificate.hours_complied,
    learner_not_charged,
    payee_named,
    certificate.queryable,
    certificate.not_revoked,
    certificate.assessor_titled,
    certificate.kind_in_scope,
    certificate.standard_set,
    certificate.within_window,
    certificate.uploaded_in_time,
    certificate.office_known,
    person.status_days_known,
    person.not_public_staff,
    person.not_full_time_student,
    person.major_related,
    person.no_employee_pension,
    person.age_admitted,
    person.able_and_willing,
    person.old_enough,
    person.alive,
    counts.yearly_cap,
    counts.lifetime_cap,
    counts.not_taken_before,
    counts.no_higher_level_taken,
    counts.other_channel_leaves_something,
    certificate.fund_named,
)

PROJECT_CLASS = Scheme(
    code="project_class",
    title="项目制培训补贴",
    facts=CertificateFacts,
    dated_on="issued_on",
    versions=(Version(date(2017, 1, 1), (project_published, *_COMMON)),),
    paid=certificate_paid,
)
PRE_JOB = Scheme(
    code="pre_job",
    title="岗前培训补贴",
    facts=CertificateFacts,
    dated_on="issued_on",
    versions=(Version(date(2017, 1, 1), (course_long_enough, insured_by_employer, *_COMMON)),),
    paid=certificate_paid,
)
