"""职业培训补贴 (article 13): trained, certified, and paid once, by the office where the class was filed."""

from datetime import date

import numpy as np

from jiangxin.rules.rule import YES, Ask, Scheme, Version, rule, yes_if
from jiangxin.rules.schemes import certificate_rules as certificate
from jiangxin.rules.schemes import count_rules as counts
from jiangxin.rules.schemes import person_rules as person
from jiangxin.rules.schemes.certificate_facts import CertificateFacts
from jiangxin.rules.schemes.steps import certificate_paid


@rule(
    title="先培训，后取证",
    article=certificate.ARTICLE_13,
    words="参加培训后取得证书",
    quoted=True,
    reads=("training_recorded", "training_last_on", "exam_on"),
    yes="您{training_last_on}结束培训，{exam_on}考试。",
    no="您{training_last_on}才结束培训，晚于{exam_on}的考试。",
    unknown="没有找到考试之前的培训记录。",
    change="考试之前另有培训的，由培训机构补报后再次核定。",
    turned_by="training_last_on",
    since=certificate.OPINION_SINCE,
)
def trained_before(ask: Ask) -> np.ndarray:
    """P1: a training record that ends on or before the exam; none is unknown, never yes and never no."""
    facts = ask.facts
    dated = ~(np.isnat(facts.training_last_on) | np.isnat(facts.exam_on))
    return yes_if(facts.training_last_on <= facts.exam_on, dated & (facts.training_recorded == YES))


@rule(
    title="培训与证书是同一职业",
    article=certificate.ARTICLE_13,
    words="参加培训后取得证书",
    quoted=True,
    reads=("training_occupation_key", "occupation_key"),
    yes="您培训的和考取的都是{occupation_key}。",
    no="您培训的是{training_occupation_key}，考取的是{occupation_key}，不是同一职业。",
    unknown="培训的职业（{training_occupation_key}）和证书的职业（{occupation_key}）还没有对上。",
    change="另有{occupation_key}培训记录的，由培训机构补报后再次核定。",
    turned_by="training_occupation_key",
    since=certificate.OPINION_SINCE,
)
def same_occupation_trained(ask: Ask) -> np.ndarray:
    """P9: the key is the occupation, whatever the trade (工种) within it; an item and a project have their own."""
    trained, certified = ask.facts.training_occupation_key, ask.facts.occupation_key
    return yes_if(trained == certified, (trained >= 0) & (certified >= 0))


@rule(
    title="培训机构有资格",
    article=certificate.ARTICLE_13,
    words="政府补贴的职业技能培训项目向所有具备条件的企业、院校和社会培训机构开放",
    quoted=True,
    reads=("provider_titled",),
    yes="培训机构在培训期间有资格。",
    no="培训机构在培训期间没有资格。",
    unknown="培训机构在培训期间的资格尚未查明。",
    change="培训机构的资格记录如有错，更正后再次核定。",
    since=certificate.OPINION_SINCE,
    turned_by="provider_titled",
)
def provider_titled(ask: Ask) -> np.ndarray:
    return ask.facts.provider_titled


FROM_2017 = Version(
    date(2017, 1, 1),
    (
        trained_before,
        same_occupation_trained,
        provider_titled,
        certificate.hours_complied,
        certificate.queryable,
        certificate.not_revoked,
        certificate.assessor_titled,
        certificate.kind_in_scope,
        certificate.standard_set,
        certificate.within_window,
        certificate.uploaded_in_time,
        certificate.one_of_four_places,
        certificate.office_known,
        person.status_days_known,
        person.not_public_staff,
        person.not_full_time_student,
        person.not_insured_elsewhere,
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
    ),
)

CERTIFICATE_SUBSIDY = Scheme(
    code="certificate_subsidy",
    title="职业培训补贴",
    facts=CertificateFacts,
    dated_on="issued_on",
    versions=(FROM_2017,),
    paid=certificate_paid,
)
