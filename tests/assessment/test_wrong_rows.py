"""Every kind of wrong cell once, named by sheet, cell, problem and remedy; nothing is written while one is wrong."""

from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook

from jiangxin.assessment.columns import COLUMNS, write_template
from jiangxin.assessment.models import ResultFileError
from jiangxin.assessment.operations.files import receive_file
from jiangxin.assessment.queries import wrong_rows_workbook
from jiangxin.catalogue.models import Occupation, TrainingItem
from jiangxin.ground.sheets import REASON
from jiangxin.parties.models import PersonName, RegisterLoad
from jiangxin.recognition.models import Title, TitleScope
from tests.assessment.results import Desk, written
from tests.factories.world import number_of

pytestmark = pytest.mark.django_db

MISTYPED = number_of(3)[:17] + ("1" if number_of(3)[17] != "1" else "2")
# What is changed in a good row, the column of the error, its problem.
CASES = (
    ({"name": None}, "A", "没有填姓名"),
    ({"document_kind": "学生证"}, "B", "没有这种证件类型"),
    ({"number": "330499900501013"}, None, ""),
    ({"number": MISTYPED}, "C", "身份证号不对：校验位不符，可能有一位输错"),
    ({"number": 3.30499199005e17}, "C", "身份证号变成了科学计数，末几位已经丢失"),
    ({"number": "3.30499E+17"}, "C", "身份证号变成了科学计数，末几位已经丢失"),
    ({"number": "３３０４９９１９９００５０１０１３"}, "C", "身份证号不对：应为 18 位，现在 17 位"),
    ({"sex": "女"}, "D", "性别和身份证号不符"),
    ({"sex": "男性"}, "D", "没有这个性别"),
    ({"born_on": date(1991, 5, 1)}, "E", "出生日期和身份证号不符"),
    ({"document_kind": "护照", "number": "E12345678", "sex": "男"}, "E", "护照要填出生日期"),
    ({"phone": "1380000"}, "F", "手机号码不是 11 位"),
    ({"occupation": "车工"}, "G", "名称和编码不符，这个编码是电工"),
    ({"code": "6-99-99-99"}, "H", "编码在发证日不存在"),
    ({"level": "五级半"}, "I", "没有这个等级，或这个等级不发公共证书"),
    ({"level": "特级技师"}, "I", "没有这个等级，或这个等级不发公共证书"),
    ({"theory": 59.5}, "J", "理论成绩没到 60 分"),
    ({"practice": "缺考"}, "K", "实操成绩不是数字"),
    ({"practice": 101}, "K", "实操成绩超过 100 分"),
    ({"level": "二级", "certificate": "S000033000001262900021"}, "L", "二级（技师）要有综合成绩"),
    ({"exam_on": date(2026, 1, 14)}, "M", "考试日期早于培训结束日期"),
    ({"exam_on": date(2026, 2, 3)}, "N", "发证日期早于考试日期"),
    ({"issued_on": date(2026, 3, 3)}, "N", "发证日期在今天之后"),
    ({"issued_on": "2026年2月30日"}, "N", "发证日期不是日期，或没有这一天"),
    ({"certificate": "S00003300000126490026"}, "O", "证书编号的写法不对，现在 21 位"),
    ({"certificate": "S000033000001263900027"}, "O", "证书编号里的等级是 3，和“等级”不符"),
    ({"certificate": "S000033000001254900028"}, "O", "证书编号里的年份是 25，和发证日期不符"),
    ({"assessor": "嘉善别的中心"}, "P", "评价机构不是本机构"),
    ({"provider": "嘉善别的学校"}, "Q", "培训机构名称和信用代码不符，应是嘉善技工学校"),
    ({"provider_code": "91330421MA0000000A"}, "R", "统一社会信用代码不对"),
    ({"provider_code": "91330421MA27U00W3Y"}, "R", "没有登记过这家培训机构"),
    ({"training_region": "不存在县"}, "U", "没有这个县（市、区）"),
    ({"hours": None}, "X", "填了培训，却没有课时"),
    ({"hours": 0}, "X", "课时是 0"),
    ({"hours": 7.5}, "X", "课时要是整数"),
    ({"first_on": date(2026, 1, 16)}, "W", "培训结束日期早于培训开始日期"),
    ({"training_code": None}, "Y", "填了培训，却没有培训职业编码"),
    ({"training_code": "6-99-99-99"}, "Y", "培训职业编码在发证日不存在"),
    ({"training_code": "ZX-9"}, "Y", "培训职业编码在发证日不存在"),
)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_each_wrong_cell_is_named_and_nothing_is_written(desk: Desk) -> None:
    before = written()
    rows, expected = [], []
    for n, (changes, column, problem) in enumerate(CASES, 1):
        rows.append(desk.row(n, **changes))
        if column:
            expected.append((f"{column}{n + 1}", problem))
    file = desk.sent(*rows)
    found = desk.errors(file)
    assert [error for error in expected if error not in found] == [], found
    assert file.state == "wrong"
    assert file.wrong_rows == len(expected)
    assert written() == before


def test_no_error_shows_a_number_or_a_whole_name(desk: Desk) -> None:
    good = number_of(1)
    file = desk.sent(
        desk.row(1, number=good[:16] + "99"), desk.row(2, name="欧阳小明", sex="女"), desk.row(3, phone="138000")
    )
    shown = {row.given for row in ResultFileError.objects.filter(file=file)}
    assert "3****************9" in shown
    assert not any(good[:8] in given or "138000" in given for given in shown)
    assert all(row.sheet == "考生成绩" and row.remedy for row in ResultFileError.objects.filter(file=file))


def test_what_stood_there_is_shown_and_an_empty_cell_only_where_it_is_empty(desk: Desk) -> None:
    file = desk.sent(
        desk.row(1, name=None),
        desk.row(2, training_region="不存在县"),
        desk.row(3),
        desk.row(4, number=number_of(3), name="张测3"),
    )
    given = set(ResultFileError.objects.filter(file=file).values_list("cell", "given", "problem"))
    assert ("A2", "", "没有填姓名") in given
    assert [one for one in given if one[0] == "U3"] == [("U3", "不存在县", "没有这个县（市、区）")]
    shown = number_of(3)[0] + "*" * 16 + number_of(3)[-1]
    assert ("C4", shown, "和第 5 行是同一人、同一职业（项目）、同一等级") in given
    rows = load_workbook(BytesIO(wrong_rows_workbook(file)))["考生成绩"].iter_rows(min_row=2, values_only=True)
    reasons = [str(row[-1]) for row in rows]
    assert reasons[0].startswith("原表第 2 行：没有填姓名")
    assert reasons[2].startswith("原表第 4 行：和原表第 5 行（本表第 5 行）是同一人")


def test_rows_that_contradict_each_other_are_all_named(desk: Desk) -> None:
    rows = [
        desk.row(1),
        desk.row(2, certificate="S000033000001264000001"),
        desk.row(3),
        desk.row(4, number=number_of(3), name="张测3"),
        desk.row(5, number=number_of(3), name="李测3", code="6-18-01-01", occupation="车工"),
    ]
    found = desk.errors(desk.sent(*rows))
    assert ("O2", "证书编号和第 3 行相同") in found
    assert ("O3", "证书编号和第 2 行相同") in found
    assert ("C4", "和第 5 行是同一人、同一职业（项目）、同一等级") in found
    assert ("C5", "和第 4 行是同一人、同一职业（项目）、同一等级") in found
    assert {cell for cell, problem in found if "不同的姓名" in problem} == {"A4", "A5", "A6"}


def test_what_is_in_the_database_already_is_refused(desk: Desk) -> None:
    desk.load(desk.sent(desk.row(1)))
    again = desk.row(2, number=number_of(1), name="张测1")
    file = desk.sent(desk.row(1, hours=81), again)
    assert desk.errors(file) == [
        ("O2", "这个证书编号已经入库"),
        ("C2", "和第 3 行是同一人、同一职业（项目）、同一等级"),
        ("C3", "和第 2 行是同一人、同一职业（项目）、同一等级"),
        ("C3", "这个人的这个职业（项目）等级已有有效证书"),
    ]


def test_a_name_other_than_the_registers_is_named_and_a_former_one_passes(desk: Desk) -> None:
    person = desk.world.person("张测一")
    file = desk.sent(desk.row(1, name="章测一"))
    assert desk.errors(file) == [("A2", "姓名和这个证件登记的不一致")]
    assert ResultFileError.objects.get(file=file).given == "章*一"
    PersonName.objects.create(person=person, name="章测一", until_on=date(2025, 1, 1))
    assert desk.sent(desk.row(1, name="章测一", hours=81)).state == "clean"


def test_an_occupation_is_taken_only_on_its_days(desk: Desk) -> None:
    Occupation.objects.filter(code="6-31-01-03").update(from_on=date(2026, 2, 3))
    assert desk.errors(desk.sent(desk.row(1, training_code="6-18-01-01"))) == [("H2", "编码在发证日不存在")]


def test_what_was_taught_is_taken_only_on_its_days_and_the_remedy_says_which_codes_there_are(desk: Desk) -> None:
    TrainingItem.objects.filter(code="ZX-1").update(until_on=date(2026, 2, 1))
    file = desk.sent(desk.row(1, training_code="ZX-1"), desk.row(2, training_code="XM-1"))
    assert desk.errors(file) == [("Y2", "培训职业编码在发证日不存在")]
    (error,) = ResultFileError.objects.filter(file=file)
    assert (error.column, error.given) == ("培训职业编码", "ZX-1")
    assert error.remedy == "请核对编码和发证日期；只收 2022 年版职业编码和已公布的项目"


def csv_of(rows: list[list[object]], left_out: str = "") -> bytes:
    shown = [n for n, column in enumerate(COLUMNS["skill_level"]) if column.key != left_out]
    lines = [[COLUMNS["skill_level"][n].header for n in shown], *([row[n] for n in shown] for row in rows)]
    return "\n".join(",".join("" if cell is None else str(cell) for cell in line) for line in lines).encode()


def test_a_csv_and_a_file_without_the_column_are_told_what_was_taught_is_missing(desk: Desk) -> None:
    rows = [desk.row(1), desk.row(2, training_code="6-18-01-01"), desk.row(3, training_code="6-99-99-99")]
    for left_out, errors in (
        ("", [("Y4", "培训职业编码在发证日不存在")]),
        ("training_code", [(str(n), "填了培训，却没有培训职业编码") for n in (2, 3, 4)]),
    ):
        file = receive_file(desk.clerk, desk.world.at, "skill_level", "结果.csv", csv_of(rows, left_out))
        assert desk.errors(desk.check(file)) == errors, file.trouble


def test_an_assessor_without_the_title_is_refused_where_titles_are_known(desk: Desk) -> None:
    TitleScope.objects.filter(title__organisation=desk.world.assessor).update(subject="6-31-01-03", level="5")
    assert desk.errors(desk.sent(desk.row(1))) == [("H2", "本机构当天没有这个职业（项目）等级的备案")]
    Title.objects.filter(organisation=desk.world.assessor).update(from_on=date(2026, 3, 1))
    assert desk.errors(desk.sent(desk.row(1, hours=82))) == [("H2", "本机构当天没有这个职业（项目）等级的备案")]
    RegisterLoad.objects.filter(register_id="titles_assessor").update(state="withdrawn")
    assert desk.sent(desk.row(1, hours=81)).state == "clean"


def test_wrong_rows_come_back_in_the_template_with_their_reasons(desk: Desk) -> None:
    file = desk.sent(desk.row(1), desk.row(2, theory=50, hours=None), desk.row(3, name="'张测3"))
    assert file.wrong_rows == 1
    book = load_workbook(BytesIO(wrong_rows_workbook(file)))
    assert book.sheetnames[:2] == ["填表说明", "考生成绩"]
    header, row = book["考生成绩"].iter_rows(values_only=True)
    assert header[-1] == REASON
    assert row[2] == number_of(2)
    assert row[-1] == (
        "原表第 3 行：理论成绩没到 60 分，没有合格的请删去这一行，或更正成绩；"
        "填了培训，却没有课时，请补全培训各列，或全部清空"
    )
    assert book["考生成绩"]["C2"].number_format == "@"
    corrected = [list(row[:-1])]
    corrected[0][9], corrected[0][23] = 60, 80
    fixed = receive_file(
        desk.clerk, desk.world.at, "skill_level", "改好.xlsx", write_template("skill_level", corrected)
    )
    assert desk.check(fixed).state == "clean", desk.errors(fixed)
