"""Registers on the command line: template, load, list, withdraw, and what is said when a file is wrong."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from jiangxin.catalogue.operations import load_levels, load_occupations
from jiangxin.commands import register
from jiangxin.ground.actor import PROVINCE
from jiangxin.ground.clock import Clock
from jiangxin.ground.refusal import NotYourDuty
from jiangxin.ground.sheets import FileNotThere
from jiangxin.parties.models import Account, RegisterLoad, Spell
from jiangxin.parties.operations.offices import load_registers
from jiangxin.parties.operations.registers import (
    LoadAlreadyWithdrawn,
    RegionOutOfReach,
    RegisterFileLoadedAlready,
    WithdrawingNeedsAnother,
)
from jiangxin.parties.register_files import RegisterFileWrong
from jiangxin.parties.registers import REGISTERS
from jiangxin.subsidy.operations.registers import RegisterUnknown
from tests.factories.whole import whole
from tests.parties.people import number
from tests.web import people

DAYS = ("--from", "2025-01-01", "--until", "2025-12-31", "--extracted", "2026-01-05")
HEAD = "姓名,证件号码,区划代码,开始日期,结束日期\n"
GOOD = HEAD + f"张三,{number(1)},330421,2020-01-01,\n李四,{number(2)},330421,2020-01-01,\n"
WRONG = HEAD + f"张三,{number(3)},440100,2020-01-01,\n,{number(4)},330421,2020-01-01,\n"
Said = Callable[..., str]


@pytest.fixture(scope="module")
def town(clone: str) -> dict[str, Account]:
    opened = people.town()
    for load in (load_registers, load_levels, load_occupations):
        load()
    for name in ("data", "data-2"):
        people.staff(opened, name, f"数据{name}", "register", PROVINCE)
    people.staff(opened, "data-county", "县数据", "register")
    return opened


@pytest.fixture
def said(town: dict[str, Account], capsys: pytest.CaptureFixture[str]) -> Said:
    """Run `jiangxin register …` and return what it printed."""
    Clock.objects.update(demo_at=people.AT)

    def run(*arguments: str, as_json: bool = True) -> str:
        parser = argparse.ArgumentParser()
        register.add(parser.add_subparsers())
        args = parser.parse_args(["register", *arguments])
        args.json = as_json
        assert args.run(args) == 0
        return capsys.readouterr().out

    return run


def _spells() -> int:
    with whole():
        return Spell.objects.count()


def _file(folder: Path, text: str, name: str = "户籍.csv") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_every_register_has_a_template(said: Said, tmp_path: Path) -> None:
    for code in REGISTERS:
        out = tmp_path / f"{code}.xlsx"
        assert json.loads(said("template", code, "-o", str(out))) == {"file": str(out)}
        assert out.read_bytes().startswith(b"PK")


def test_a_file_is_loaded_listed_and_taken_back(said: Said, tmp_path: Path) -> None:
    asked = ("load", _file(tmp_path, GOOD), "--register", "household", *DAYS, "--as", "data")
    loaded = json.loads(said(*asked))
    assert (loaded["rows"], loaded["misnamed_rows"], _spells()) == (2, [], 2)
    (listed,) = json.loads(said("list", "--register", "household"))
    assert (listed["load"], listed["region"], listed["state"]) == (loaded["load"], PROVINCE, "active")
    with pytest.raises(RegisterFileLoadedAlready):
        said(*asked)
    back = ("withdraw", loaded["load"], "--reason", "提取错了", "--as")
    with pytest.raises(WithdrawingNeedsAnother):
        said(*back, "data")
    with pytest.raises(NotYourDuty):
        said(*back, "data-county")
    assert json.loads(said(*back, "data-2")) == {"load": loaded["load"], "state": "withdrawn"}
    with pytest.raises(LoadAlreadyWithdrawn):
        said(*back, "data-2")
    assert (RegisterLoad.objects.count(), _spells()) == (1, 2)
    assert "已撤回" in said("list", as_json=False)


def test_a_county_does_not_speak_for_the_province(said: Said, tmp_path: Path) -> None:
    asked = ("load", _file(tmp_path, GOOD), "--register", "household", *DAYS, "--as", "data-county")
    before = RegisterLoad.objects.count()
    with pytest.raises(RegionOutOfReach):
        said(*asked)
    assert RegisterLoad.objects.count() == before
    assert json.loads(said(*asked, "--region", "330421"))["rows"] == 2


def test_what_is_not_there_is_said(said: Said, tmp_path: Path) -> None:
    before = RegisterLoad.objects.count()
    good = _file(tmp_path, GOOD)
    with pytest.raises(FileNotThere):
        said("load", str(tmp_path / "无.csv"), "--register", "household", *DAYS)
    with pytest.raises(RegisterUnknown):
        said("load", good, "--register", "户口", *DAYS)
    with pytest.raises(register.AccountUnknown):
        said("load", good, "--register", "household", *DAYS, "--as", "nobody")
    for key in ("不是编号", "00000000-0000-7000-8000-000000000000"):
        with pytest.raises(register.LoadUnknown):
            said("withdraw", key, "--as", "data", "--reason", "错了")
    assert RegisterLoad.objects.count() == before


def test_wrong_cells_are_shown_and_nothing_is_written(
    said: Said, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = RegisterLoad.objects.count(), _spells()
    asked = ("load", _file(tmp_path, WRONG), "--register", "household", *DAYS)
    with pytest.raises(RegisterFileWrong):
        said(*asked, as_json=False)
    shown = capsys.readouterr().out
    assert "第 2 行 C2 区划代码：没有这个区划代码" in shown
    assert "第 3 行 A3 姓名" in shown
    assert number(3) not in shown
    with pytest.raises(RegisterFileWrong):
        said(*asked)
    assert [cell["row"] for cell in json.loads(capsys.readouterr().out)] == [2, 3]
    assert (RegisterLoad.objects.count(), _spells()) == before
