"""技能提升补贴 (P10): for the insured who gained a certificate, out of the unemployment fund; asks for no training."""

from datetime import date

import numpy as np

from jiangxin.rules.facts import UNKNOWN_COUNT
from jiangxin.rules.rule import Ask, Scheme, Version, rule, yes_if
from jiangxin.rules.schemes import certificate_rules as certificate
from jiangxin.rules.schemes import count_rules as counts
from jiangxin.rules.schemes import person_rules as person
from jiangxin.rules.schemes.certificate_facts import CertificateFacts
from jiangxin.rules.schemes.steps import certificate_paid, issued, paying_region


@rule(
    title="失业保险缴费满规定月数",
    article="浙人社发〔2017〕81号",
    words="参加失业保险累计缴费满规定月数",
    quoted=False,
    reads=("insured_months",),
    yes="您已缴失业保险 {insured_months} 个月，满 {insured_months_min}。",
    no="您已缴失业保险 {insured_months} 个月，不满 {insured_months_min}。",
    unknown="失业保险缴费月数，或当时规定的月数，尚未查明。",
    change="缴费记录有误的，由社保经办机构更正后再次核定。",
    turned_by="insured_months",
)
def insured_long_enough(ask: Ask) -> np.ndarray:
    least = ask.number("insured_months_min", paying_region, issued)
    months = ask.facts.insured_months
    return yes_if(months >= least.ints(), least.known & (months != UNKNOWN_COUNT))


FROM_2017 = Version(
    date(2017, 1, 1),
    (
        certificate.queryable,
        certificate.not_revoked,
        certificate.assessor_titled,
        certificate.kind_in_scope,
        certificate.standard_set,
        certificate.within_window,
        certificate.uploaded_in_time,
        certificate.office_known,
        insured_long_enough,
        person.not_public_staff,
        person.not_full_time_student,
        person.not_insured_elsewhere,
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

SKILL_UPLIFT = Scheme(
    code="skill_uplift",
    title="技能提升补贴",
    facts=CertificateFacts,
    dated_on="issued_on",
    versions=(FROM_2017,),
    paid=certificate_paid,
)
