"""`jiangxin results`: a template, a check that keeps nothing, an import, and the good rows by choice."""

import argparse
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from jiangxin.assessment.columns import write_template
from jiangxin.assessment.models import Certificate, ResultFile
from jiangxin.assessment.operations.files import PartLoadNeedsReason
from jiangxin.commands import results
from jiangxin.ground.sheets import FileNotThere
from tests.assessment.results import Desk, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


def run(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    results.add(parser.add_subparsers())
    args = parser.parse_args(["results", *map(str, arguments)])
    args.json = True
    return int(args.run(args))


def about(desk: Desk, path: Path) -> tuple[object, ...]:
    return path, "--kind", "skill_level", "--body", desk.world.assessor.credit_code


def file_of(folder: Path, *rows: list[object]) -> Path:
    path = folder / "结果.xlsx"
    path.write_bytes(write_template("skill_level", rows))
    return path


@pytest.mark.parametrize("kind", ["qualification", "skill_level", "special_skill", "training_pass"])
def test_a_template_of_each_kind_offers_its_drop_downs(desk: Desk, kind: str, tmp_path: Path) -> None:
    assert run("template", kind, "-o", tmp_path / "t.xlsx") == 0
    book = load_workbook(tmp_path / "t.xlsx")
    offered = {book["选项"].cell(1, n).value for n in range(1, book["选项"].max_column + 1)}
    assert book.sheetnames[0] == "填表说明"
    assert {"居民身份证", "男"} < offered
    assert "嘉善县" in {cell.value for column in book["选项"].columns for cell in column}


def test_check_says_what_is_wrong_and_keeps_nothing(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = written()
    path = file_of(tmp_path, desk.row(1), desk.row(2, theory=50))
    assert run("check", *about(desk, path), "--wrong-rows", tmp_path / "wrong.xlsx") == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["state"], said["rows"], said["wrong_rows"]) == ("wrong", 2, 1)
    assert [(error["sheet"], error["cell"]) for error in said["errors"]] == [("考生成绩", "J3")]
    assert load_workbook(tmp_path / "wrong.xlsx")["考生成绩"].max_row == 2
    assert (written(), ResultFile.objects.count()) == (before, 0)


def test_import_loads_a_clean_file(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("import", *about(desk, file_of(tmp_path, desk.row(1), desk.row(2)))) == 0
    assert json.loads(capsys.readouterr().out)["loaded_rows"] == 2
    assert Certificate.objects.count() == 2


def test_import_loads_good_rows_only_by_choice_and_with_a_reason(desk: Desk, tmp_path: Path) -> None:
    path = file_of(tmp_path, desk.row(1), desk.row(2, theory=50))
    assert run("import", *about(desk, path)) == 1
    assert Certificate.objects.count() == 0
    with pytest.raises(PartLoadNeedsReason):
        run("import", *about(desk, path), "--good-rows")
    assert run("import", *about(desk, path), "--good-rows", "--reason", "等机构回话") == 0
    assert Certificate.objects.count() == 1


def test_what_cannot_be_found_is_refused(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(FileNotThere):
        run("check", *about(desk, tmp_path / "no.xlsx"))
    path = file_of(tmp_path, desk.row(1))
    with pytest.raises(results.BodyUnknown):
        run("check", path, "--kind", "skill_level", "--body", "9")
    assert ResultFile.objects.count() == 0
