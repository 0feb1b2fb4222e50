"""Register files: checked whole, with the coverage they give, refused twice, taken back by a second person."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from jiangxin.ground.actor import PROVINCE
from jiangxin.ground.journal import JournalEntry
from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.ground.regions import Region
from jiangxin.ground.sheets import read_sheet
from jiangxin.parties.models import Person, RegisterLoad, Spell, SpellKind
from jiangxin.parties.operations.registers import (
    LoadAlreadyWithdrawn,
    RegionOutOfReach,
    RegisterDaysWrong,
    RegisterFileLoadedAlready,
    WithdrawingNeedsAnother,
    WithdrawingNeedsReason,
    load_spells,
    may_withdraw_load,
    withdraw_load,
)
from jiangxin.parties.queries.registers import Span, coverage, spells_of
from jiangxin.parties.register_files import (
    Extract,
    RegisterFileWrong,
    SpellRow,
    digest,
    read_whole,
    spell_builder,
    spell_columns,
)
from jiangxin.parties.registers import REGISTERS, SPELL_KINDS
from tests.parties.people import AT, lay_ground, officer, person
from tests.parties.people import number as number_of

pytestmark = pytest.mark.usefixtures("of_the_province")

EXTRACT = Extract("household", 330421, date(2025, 1, 1), date(2025, 12, 31), date(2026, 1, 5), "户籍.csv", "a" * 64)
HEAD = "姓名,证件号码,区划代码,开始日期,结束日期\n"


@pytest.fixture(autouse=True)
def _reference(db: None) -> None:
    lay_ground()


def _rows(text: str, register: str = "household") -> list[tuple[int, SpellRow]]:
    sheet = read_sheet(text.encode(), "名单.csv", spell_columns(register))
    return read_whole(sheet, spell_builder(register, frozenset(Region.objects.values_list("id", flat=True))))


def _line(n: int, name: str = "张三", region: str = "330421", days: str = "2020-01-01,") -> str:
    return f"{name},{number_of(n)},{region},{days}\n"


def test_a_file_brings_statuses_and_says_what_it_covers() -> None:
    keeper = officer("数据员", "register")
    known = person(1)
    loaded = load_spells(keeper, AT, EXTRACT, _rows(HEAD + _line(1) + _line(2, "李四", days="2020-01-01,2024-06-30")))
    assert (loaded.persons, loaded.misnamed, loaded.load.rows) == (1, [], 2)
    spell = spells_of(known.pk, date(2025, 3, 1)).get()
    assert (spell.kind_id, spell.region_id, spell.certified, spell.load) == ("hukou", 330421, True, loaded.load)
    other = Person.objects.get(name="李四")
    assert spells_of(other.pk, date(2024, 6, 30)).exists()
    assert not spells_of(other.pk, date(2024, 7, 1)).exists()
    assert coverage("household", 330421) == [Span(330421, date(2025, 1, 1), date(2025, 12, 31))]
    assert coverage("household", 330400) == []
    assert coverage("student", 330421) == []


def test_a_province_wide_file_covers_all_below() -> None:
    keeper = replace(officer("省数据员", "register", region_id=PROVINCE), regions=(PROVINCE,))
    load_spells(keeper, AT, replace(EXTRACT, region_id=PROVINCE), _rows(HEAD + _line(1)))
    assert [span.region_id for span in coverage("household", 330421)] == [PROVINCE]
    assert [span.region_id for span in coverage("household", 330400)] == [PROVINCE]


def test_a_name_that_differs_is_reported_with_its_row() -> None:
    person(1, "张三")
    loaded = load_spells(officer("数据员", "register"), AT, EXTRACT, _rows(HEAD + _line(2, "李四") + _line(1, "李四")))
    assert loaded.misnamed == [3]
    assert Person.objects.filter(name="张三").exists()


def test_every_wrong_cell_is_named_and_nothing_is_written() -> None:
    text = (
        HEAD + _line(1) + f"李四,{number_of(2)[:-1]}Y,330421,2020-01-01,\n" + _line(3, region="440100")
        + _line(4, days="2020-13-01,") + _line(5, days="2020-02-01,2020-01-01") + _line(6, name="")
    )  # fmt: skip
    with pytest.raises(RegisterFileWrong) as refused:
        load_spells(officer("数据员", "register"), AT, EXTRACT, _rows(text))
    assert [(w.row, w.column, w.cell) for w in refused.value.wrongs] == [
        (3, "证件号码", "B3"),
        (4, "区划代码", "C4"),
        (5, "开始日期", "D5"),
        (6, "结束日期", "E6"),
        (7, "姓名", "A7"),
    ]
    assert all(w.problem and w.remedy for w in refused.value.wrongs)
    assert not any(number_of(2)[:6] in str(w) for w in refused.value.wrongs)
    assert not RegisterLoad.objects.exists()
    assert not Person.objects.exists()


def test_several_statuses_of_one_register_are_told_apart() -> None:
    text = f"姓名,证件号码,状态,区划代码,开始日期,累计月数\n张三,{number_of(1)},失业保险缴费,330421,2020-01-01,40\n"
    extract = replace(EXTRACT, register="insurance_employee")
    load_spells(officer("数据员", "register"), AT, extract, _rows(text, "insurance_employee"))
    spell = Spell.objects.get()
    assert (spell.kind_id, spell.months) == ("unemployment_insured", 40)


def test_the_same_file_twice_is_refused() -> None:
    rows = _rows(HEAD + _line(1))
    load_spells(officer("数据员", "register"), AT, EXTRACT, rows)
    with pytest.raises(RegisterFileLoadedAlready, match="数据员"):
        load_spells(officer("另一位", "register"), AT, replace(EXTRACT, file_name="改名.csv"), rows)
    assert (RegisterLoad.objects.count(), Spell.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"region_id": 330400}, RegionOutOfReach),
        ({"from_on": date(2026, 1, 2)}, RegisterDaysWrong),
        ({"extracted_on": date(2025, 12, 30)}, RegisterDaysWrong),
        ({"extracted_on": date(2026, 3, 3)}, RegisterDaysWrong),
        ({"register": "unheard"}, NotFound),
    ],
)
def test_a_claim_that_does_not_fit_is_refused(changes: dict[str, object], refusal: type[Exception]) -> None:
    keeper = officer("数据员", "register")
    with pytest.raises(refusal):
        load_spells(keeper, AT, replace(EXTRACT, **changes), _rows(HEAD + _line(1)))  # type: ignore[arg-type]
    with pytest.raises(NotYourDuty):
        load_spells(officer("经办", "maker"), AT, EXTRACT, _rows(HEAD + _line(1)))
    assert not RegisterLoad.objects.exists()
    assert not Spell.objects.exists()


def test_a_second_person_takes_a_load_back_whole() -> None:
    keeper, second = officer("数据员", "register"), officer("第二位", "register")
    rows = _rows(HEAD + _line(1) + _line(2))
    load = load_spells(keeper, AT, EXTRACT, rows).load
    holder = Person.objects.first()
    assert holder is not None
    assert not may_withdraw_load(keeper, load)
    assert may_withdraw_load(second, load)
    withdraw_load(second, AT, load, "提取日期错")
    assert (Spell.objects.count(), RegisterLoad.objects.get().state) == (2, "withdrawn")
    assert not spells_of(holder.pk).exists()
    assert coverage("household", 330421) == []
    with pytest.raises(LoadAlreadyWithdrawn):
        withdraw_load(second, AT, load, "再来一次")
    load_spells(keeper, AT, EXTRACT, rows)
    assert coverage("household", 330421)


def test_taking_back_needs_another_a_reason_and_the_duty() -> None:
    keeper, second = officer("数据员", "register"), officer("第二位", "register")
    load = load_spells(keeper, AT, EXTRACT, _rows(HEAD + _line(1))).load
    entries = JournalEntry.objects.count()
    for actor, reason, refusal in (
        (keeper, "错了", WithdrawingNeedsAnother),
        (second, " ", WithdrawingNeedsReason),
        (officer("经办", "maker"), "错了", NotYourDuty),
        (officer("外县", "register", region_id=330122), "错了", NotYourDuty),
    ):
        with pytest.raises(refusal):
            withdraw_load(actor, AT, load, reason)
    assert RegisterLoad.objects.get().state == "active"
    assert JournalEntry.objects.count() == entries


def test_every_kind_of_status_has_its_register_and_audience() -> None:
    assert {kind.code for kind in SpellKind.objects.all()} == set(SPELL_KINDS)
    assert {register for _, register, _ in SPELL_KINDS.values()} <= set(REGISTERS)
    assert {audience for _, _, audience in SPELL_KINDS.values()} <= {"worker", "officer", "case"}
    for register in {register for _, register, _ in SPELL_KINDS.values()}:
        assert spell_columns(register)


def test_the_hash_is_of_the_bytes(tmp_path: Path) -> None:
    assert digest(b"a") != digest(b"b")
    assert len(digest(b"")) == 64
