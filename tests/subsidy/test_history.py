"""Earlier subsidies: taken in whole with their file and days, sealed accounts, refused with every wrong cell named."""

from datetime import date

import pytest

from jiangxin.catalogue.operations import load_levels
from jiangxin.ground.actor import machine, set_scope
from jiangxin.ground.identity import blind_index
from jiangxin.ground.refusal import NotYourDuty
from jiangxin.ground.sheets import read_sheet
from jiangxin.parties.models import Person, RegisterLoad
from jiangxin.parties.queries.registers import coverage
from jiangxin.parties.register_files import Extract, RegisterFileWrong, read_whole
from jiangxin.subsidy.models import EarlierSubsidy
from jiangxin.subsidy.operations.history import HISTORY_COLUMNS, HistoryRow, history_builder, load_history
from tests.parties.people import AT, lay_ground, number, officer, person

pytestmark = pytest.mark.django_db

EXTRACT = Extract(
    "earlier_skill_uplift", 330421, date(2024, 1, 1), date(2024, 12, 31), date(2025, 1, 5), "已享受.csv", "a" * 64
)
CARD = "6222000000000000"
HEAD = "姓名,证件号码,补贴项目类型,职业编码或项目编号,等级,计入年度,金额（元）,发放日期,收款方,收款账号\n"


@pytest.fixture(autouse=True)
def _ground(db: None) -> None:
    lay_ground()
    load_levels()
    set_scope(machine())


def _rows(*lines: str) -> list[tuple[int, HistoryRow]]:
    text = HEAD + "".join(f"{line}\n" for line in lines)
    return read_whole(read_sheet(text.encode(), "已享受.csv", HISTORY_COLUMNS), history_builder(AT.date()))


def _line(
    n: int, subject: str = "职业,6-18-02-04,四级（中级工）", year: str = "2024", amount: str = "1500.50",
    paid: str = "2024-06-01", payee: str = "单位", card: str = "",
) -> str:  # fmt: skip
    return f"张三,{number(n)},{subject},{year},{amount},{paid},{payee},{card}"


def test_a_history_counts_for_its_person_with_its_days() -> None:
    known = person(1)
    rows = _rows(_line(1, card=CARD), _line(2, "专项职业能力,ZX-01,", payee="本人"))
    loaded = load_history(officer("数据员", "register"), AT, EXTRACT, rows)
    assert (loaded.load.rows, loaded.persons, loaded.misnamed) == (2, 1, [])
    one = EarlierSubsidy.objects.get(person=known)
    assert (one.scheme, one.subject, one.level_rank, one.count_year, one.amount_fen, one.payee) == (
        "skill_uplift", "6-18-02-04", 3, 2024, 150_050, "employer",
    )  # fmt: skip
    assert bytes(one.account_index or b"") == blind_index(CARD, "account")
    other = EarlierSubsidy.objects.exclude(person=known).get()
    assert (other.subject, other.level_rank, other.account_index) == ("item:ZX-01", None, None)
    assert [span.until_on for span in coverage("earlier_skill_uplift", 330421)] == [date(2024, 12, 31)]


def test_every_wrong_cell_is_named_and_nothing_is_written() -> None:
    with pytest.raises(RegisterFileWrong) as refused:
        _rows(
            _line(1, "职业,6-18-02-04,"), _line(2, "专项职业能力,ZX-01,四级（中级工）"), _line(3, year="2027"),
            _line(4, amount="0"), _line(5, amount="1.005"), _line(6, paid="2026-03-03"), _line(7, payee="亲友"),
        )  # fmt: skip
    assert [(wrong.row, wrong.column) for wrong in refused.value.wrongs] == [
        (2, "等级"),
        (3, "等级"),
        (4, "计入年度"),
        (5, "金额（元）"),
        (6, "金额（元）"),
        (7, "发放日期"),
        (8, "收款方"),
    ]
    assert not EarlierSubsidy.objects.exists()


def test_only_data_keepers_bring_history_in() -> None:
    with pytest.raises(NotYourDuty):
        load_history(officer("经办", "maker"), AT, EXTRACT, _rows(_line(1)))
    assert [model.objects.count() for model in (EarlierSubsidy, RegisterLoad, Person)] == [0, 0, 0]
