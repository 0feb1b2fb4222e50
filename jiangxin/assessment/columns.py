"""The columns of the result templates, one list per kind of certificate, named as officials know them.

Personal and score columns follow the candidate specification of Zhejiang's examination system (2015), the training
columns what article 13 of 浙人社发〔2022〕32号 needs to be decided: where, when, by whom and in what the person was
trained.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from jiangxin.assessment.models import CERTIFICATE_KINDS
from jiangxin.ground.cells import Column
from jiangxin.ground.identity import mask_name, mask_number
from jiangxin.ground.regions import Region
from jiangxin.ground.sheets import write_workbook
from jiangxin.parties.models import DOCUMENT_KINDS
from jiangxin.rules.vocabulary import LEVELS

KINDS_WITH_LEVEL = ("qualification", "skill_level")
SEXES = {"男": "male", "女": "female"}
SHEETS = {
    "qualification": "考生成绩",
    "skill_level": "考生成绩",
    "special_skill": "考生成绩",
    "training_pass": "结业学员",
}
NOTES = (
    "每人一行，表头不要改。带 * 的必填。",
    "先整表检查，有一行错也不会写入；错的行会原样退回，多一列“错误原因”。",
    "单元格里不要用公式；从别处粘贴请用“粘贴为数值”。",
    "日期写成 2026-03-02。身份证号和证书编号这两列已设为文本，请不要改格式。",
    "培训各列要么全填，要么全空；空着的证书不能核定职业培训补贴。",
)

_PERSON = (
    Column("name", "姓名", required=True, mask=mask_name, note="和证件上一致，少数民族姓名中间用 ·", example="张三"),
    Column("document_kind", "证件类型", required=True, choices=tuple(DOCUMENT_KINDS.values()), example="居民身份证"),
    Column("number", "身份证号", "code", True, longest=40, mask=mask_number, note="18 位；其他证件填证件号码"),
    Column("sex", "性别", "choice", choices=tuple(SEXES), note="不是居民身份证的必填"),
    Column("born_on", "出生日期", "date", note="不是居民身份证的必填"),
    Column("phone", "手机号码", "code", longest=20, mask=mask_number, note="11 位，用来通知本人"),
)
_LEVELLED = (
    Column("occupation", "职业（工种）", required=True, note="职业名称；有工种的写在括号里", example="焊工（电焊工）"),
    Column("code", "职业编码", "code", True, longest=12, note="职业分类大典 2022 年版编码", example="6-18-02-04"),
    Column("level", "等级", required=True, choices=tuple(LEVELS.values()), example="三级（高级工）"),
)
_ITEM = (
    Column("occupation", "专项能力名称", required=True, note="和公布的项目名称一致"),
    Column("code", "项目编码", "code", True, longest=40, note="公布的专项职业能力项目编码"),
)
_PROJECT = (
    Column("occupation", "培训项目名称", required=True, note="和公布的项目名称一致"),
    Column("code", "项目编码", "code", True, longest=40, note="公布的培训项目编码"),
)


def _scores(theory: bool, practice: bool, exam: bool) -> tuple[Column, ...]:
    return (
        Column("theory", "理论成绩", "number", theory, note="满分 100", example="86"),
        Column("practice", "实操成绩", "number", practice, note="满分 100", example="82"),
        Column("review", "综合成绩", "number", note="满分 100；技师、高级技师必填"),
        Column("exam_on", "考试日期", "date", exam, note="最后一科的日期", example="2026-02-20"),
    )


def _issue(number: str) -> tuple[Column, ...]:
    return (
        Column("issued_on", "发证日期", "date", True, example="2026-02-28"),
        Column("certificate", "证书编号", "code", True, longest=40, note=number),
        Column("assessor", "评价机构", longest=120, note="可以不填；填了要和本机构名称一致"),
    )


_TAUGHT = "班里教的职业，职业分类大典 2022 年版编码；专项职业能力和培训合格证书填项目编码"
_TRAINING = (
    Column("provider", "培训机构", longest=120, note="承担培训的机构全称"),
    Column("provider_code", "培训机构统一社会信用代码", "code", longest=18, note="18 位"),
    Column("class_number", "班级或项目编号", longest=40, note="开班备案的编号"),
    Column("class_region", "班级备案地", note="备案的县（市、区）", example="嘉善县"),
    Column("training_region", "培训地点（区划）", note="实际上课的县（市、区）", example="嘉善县"),
    Column("first_on", "培训开始日期", "date", example="2026-01-05"),
    Column("last_on", "培训结束日期", "date", note="不晚于考试日期", example="2026-01-30"),
    Column("hours", "课时", "integer", note="学时数", example="84"),
    Column("training_code", "培训职业编码", "code", longest=40, note=_TAUGHT, example="6-18-02-04"),
)
TRAINING_KEYS = tuple(column.key for column in _TRAINING)
COLUMNS: dict[str, tuple[Column, ...]] = {
    "qualification": (
        *_PERSON, *_LEVELLED, *_scores(True, True, True), *_issue("16 位数字，或 22 位新编号"), *_TRAINING,
    ),
    "skill_level": (
        *_PERSON, *_LEVELLED, *_scores(True, True, True), *_issue("22 位：1 个字母加 21 位数字"), *_TRAINING,
    ),
    "special_skill": (*_PERSON, *_ITEM, *_scores(False, True, True), *_issue("6 至 40 位"), *_TRAINING),
    "training_pass": (*_PERSON, *_PROJECT, *_scores(False, False, False), *_issue("6 至 40 位"), *_TRAINING),
}  # fmt: skip


def offered_columns(kind: str) -> tuple[Column, ...]:
    """The columns of a kind with the counties offered as drop-downs."""
    counties = tuple(Region.objects.filter(kind="county").order_by("id").values_list("name", flat=True))
    return tuple(
        replace(column, choices=counties) if column.key in ("class_region", "training_region") else column
        for column in COLUMNS[kind]
    )


def write_template(kind: str, rows: Iterable[Sequence[object]] = (), *, reasons: bool = False) -> bytes:
    """The .xlsx template of a kind, empty or with rows in the order of its columns (and 错误原因 as one more cell)."""
    title = f"{CERTIFICATE_KINDS[kind]}结果导入模板"
    return write_workbook(title, NOTES, SHEETS[kind], offered_columns(kind), rows, reasons=reasons)
