"""The facts a certificate subsidy is decided on: what the registers, the class and the history say of one result.

An empty region ("") is known to be none; null is not known. 专项 and 培训合格 have no level rules: their keys are
"item:…" and "project:…", and `same_level_taken` of them means the same item or project.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from jiangxin.rules.facts import FactRecord, choice, count, day, flag, key, region, text, tri
from jiangxin.rules.vocabulary import CLASSES, KINDS, LEVELS, SEXES

_CERTIFICATES = "技能人才评价证书库"
_TRAINING = "培训实名制台账"
_HISTORY = "已享受补贴台账"
_FILING = "开班备案"
_PROJECTS = "项目制培训目录"


@dataclass(frozen=True)
class CertificateFacts(FactRecord):
    """One row per certificate. Statuses are those of the training dates (P6); counts and duplicates run over
    certificate_subsidy, skill_uplift and the loaded history, without this certificate itself (P9)."""

    title: ClassVar[str] = "证书补贴事实"

    ref: Annotated[tuple[str, ...], text("业务编号")]
    decided_on: Annotated[np.ndarray, day("核定日")]
    received_on: Annotated[np.ndarray, day("结果送达日")]
    requested_on: Annotated[np.ndarray, day("本人申领日", nullable=True)]
    issued_on: Annotated[np.ndarray, day("核发日")]
    exam_on: Annotated[np.ndarray, day("考试日", _CERTIFICATES, nullable=True)]
    late_upload: Annotated[np.ndarray, flag("逾期报送且尚未经办核定")]
    cert_kind: Annotated[np.ndarray, choice("证书类别", KINDS)]
    occupation_key: Annotated[np.ndarray, key("职业", "职业目录对照表")]
    level: Annotated[np.ndarray, choice("等级", LEVELS, _CERTIFICATES, nullable=True)]
    occupation_class: Annotated[np.ndarray, choice("职业类别", CLASSES, "省补贴性职业培训项目指导目录", nullable=True)]

    training_recorded: Annotated[np.ndarray, tri("有培训记录", _TRAINING)]
    training_occupation_key: Annotated[np.ndarray, key("培训职业", _TRAINING)]
    training_first_on: Annotated[np.ndarray, day("开课日", _TRAINING, nullable=True)]
    training_last_on: Annotated[np.ndarray, day("结课日", _TRAINING, nullable=True)]
    training_hours: Annotated[np.ndarray, count("培训课时", _TRAINING)]
    training_region: Annotated[np.ndarray, region("培训地", _TRAINING)]
    class_filed_region: Annotated[np.ndarray, region("开班备案地", _TRAINING)]

    evidence_here: Annotated[np.ndarray, flag("考勤由本平台记录")]
    planned_hours: Annotated[np.ndarray, count("计划课时", _FILING)]
    attended_hours: Annotated[np.ndarray, count("出勤课时", _TRAINING)]
    course_days: Annotated[np.ndarray, count("上课天数", _FILING)]
    learner_fee_fen: Annotated[np.ndarray, count("向学员收费", _FILING)]
    project_published: Annotated[np.ndarray, tri("项目在开课时的目录内", _PROJECTS)]
    project_fen: Annotated[np.ndarray, count("目录公布的项目标准", _PROJECTS)]
    payee_named: Annotated[np.ndarray, flag("收款单位明确")]

    listed: Annotated[np.ndarray, tri("联网查询结果一致", "全国或省证书联网查询名单")]
    revoked_on: Annotated[np.ndarray, day("证书撤销日", nullable=True)]
    assessor_titled: Annotated[np.ndarray, tri("评价机构在核发日有资格", "评价机构目录")]
    provider_titled: Annotated[np.ndarray, tri("培训机构在培训期间有资格", "培训机构目录")]

    hukou_region: Annotated[np.ndarray, region("户籍地", "户籍登记")]
    residence_region: Annotated[np.ndarray, region("常住地", "居住登记")]
    employment_region: Annotated[np.ndarray, region("求职就业地", "就业登记")]
    insured_region: Annotated[np.ndarray, region("参保地", "社会保险参保登记")]
    insured_months: Annotated[np.ndarray, count("失业保险缴费月数", "失业保险缴费记录")]

    public_staff: Annotated[np.ndarray, tri("机关事业单位在编人员", "财政供养人员库")]
    full_time_student: Annotated[np.ndarray, tri("全日制在校学生", "学籍登记")]
    major_related: Annotated[np.ndarray, tri("证书与所学专业相关", "经办人员核定")]
    insured_elsewhere: Annotated[np.ndarray, tri("在外地参保", "社会保险参保登记")]
    employee_pension: Annotated[np.ndarray, tri("按月领取城镇职工基本养老金", "养老待遇支付名册")]
    born_on: Annotated[np.ndarray, day("出生日")]
    sex: Annotated[np.ndarray, choice("性别", SEXES)]
    able_and_willing: Annotated[np.ndarray, tri("确有就业能力和培训需求", "经办机构核实")]
    died_on: Annotated[np.ndarray, day("死亡日", nullable=True)]
    death_known: Annotated[np.ndarray, flag("死亡登记已比对")]

    count_issued_year: Annotated[np.ndarray, count("核发年度已享受次数", _HISTORY)]
    count_received_year: Annotated[np.ndarray, count("送达年度已享受次数", _HISTORY)]
    count_decided_year: Annotated[np.ndarray, count("核定年度已享受次数", _HISTORY)]
    lifetime_count: Annotated[np.ndarray, count("累计已享受次数", _HISTORY)]
    same_level_taken: Annotated[np.ndarray, tri("同一职业同一等级已享受", _HISTORY)]
    higher_level_taken: Annotated[np.ndarray, tri("同一职业更高等级已享受", _HISTORY)]
    other_channel_paid_fen: Annotated[np.ndarray, count("其他渠道已付金额", _HISTORY)]


def occupation_class(class_map: Mapping[str, str], occupation_code: str) -> str | None:
    """The class of an occupation by the longest listed beginning of its code; None when none is listed.

    `class_map` is the value of the number `occupation_classes` of a region on a date.
    """
    for length in range(len(occupation_code), 0, -1):
        if occupation_code[:length] in class_map:
            return class_map[occupation_code[:length]]
    return None
