"""The causes for which public money is paid, by code."""

from jiangxin.rules.rule import Scheme
from jiangxin.rules.schemes.body_schemes import PRE_JOB, PROJECT_CLASS
from jiangxin.rules.schemes.certificate_subsidy import CERTIFICATE_SUBSIDY
from jiangxin.rules.schemes.skill_uplift import SKILL_UPLIFT

SCHEMES: dict[str, Scheme] = {
    scheme.code: scheme for scheme in (CERTIFICATE_SUBSIDY, SKILL_UPLIFT, PROJECT_CLASS, PRE_JOB)
}
