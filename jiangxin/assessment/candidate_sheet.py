"""The candidates' sheet: the columns officials know from the province's examination system (2015, facts 4.6).

What the law does not ask for (民族, 通讯地址, 电子邮箱 …) may stand in the file and is not read.
"""

from collections.abc import Iterable

from jiangxin.assessment.exams import CANDIDATE_SOURCES, PARTS, Candidate
from jiangxin.ground.cells import Column
from jiangxin.ground.identity import mask_name, mask_number
from jiangxin.ground.sheets import write_workbook
from jiangxin.parties.models import DOCUMENT_KINDS
from jiangxin.rules.vocabulary import LEVELS

TIMES = {"新考": False, "补考": True}
CANDIDATE_COLUMNS = (
    Column("name", "姓名", required=True, mask=mask_name, note="和证件上一致", example="张三"),
    Column("document_kind", "证件类型", "choice", choices=tuple(DOCUMENT_KINDS.values()), note="不填就是居民身份证"),
    Column("number", "身份证号", "code", True, longest=40, mask=mask_number, note="18 位；其他证件填证件号码"),
    Column("sex", "性别", "choice", choices=("男", "女"), note="不是居民身份证的必填"),
    Column("born_on", "出生日期", "date", note="不是居民身份证的必填"),
    Column("phone", "手机号码", "code", longest=20, mask=mask_number, note="11 位，用来通知本人"),
    Column("condition", "申报条件", longest=40, note="如：从事本职业满 1 年"),
    Column("source", "考生来源", "choice", choices=tuple(CANDIDATE_SOURCES.values()), note="不填就是社会"),
    Column("job_years", "本职业工作年限", "integer", note="满几年填几", example="3"),
    Column("times", "考试类型", "choice", choices=tuple(TIMES), note="不填就是新考；补考的保留合格科目"),
)
ROSTER_COLUMNS = (
    Column("name", "姓名"),
    Column("document", "证件号码"),
    Column("title", "职业或项目"),
    Column("level", "等级"),
    Column("state", "状态"),
    *(Column(f"{part}_seat", f"{word}考场座位") for part, word in PARTS.items()),
    *(Column(part, f"{word}成绩") for part, word in PARTS.items()),
)
NOTES = ("每人一行，表头不要改。带 * 的必填。", "先整表检查，有一行错也不会报上名。", "一个文件只报一个职业等级。")


def candidate_template() -> bytes:
    """The empty sheet of candidates."""
    return write_workbook("考生报名表", NOTES, "考生", CANDIDATE_COLUMNS)


def roster_workbook(candidates: Iterable[Candidate]) -> bytes:
    """The candidates as a sheet to print or keep with the batch; document numbers stay masked."""
    return write_workbook("考生名单", ("证件号码已遮盖。",), "考生", ROSTER_COLUMNS, map(_row, candidates))


def _row(one: Candidate) -> list[object]:
    seats = []
    for part in PARTS:
        room = getattr(one, f"{part}_room")
        seats.append(f"{room.name} {getattr(one, f'{part}_seat')} 号" if room else None)
    level = LEVELS.get(one.subject.level, "")
    head = [one.name_then, one.document, one.subject.title, level, one.get_state_display()]
    return [*head, *seats, *(getattr(one, part) for part in PARTS)]
