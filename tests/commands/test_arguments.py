"""What is typed wrong is refused in Chinese, with the exit code 2; a file that cannot be written, before the work."""

import json
from pathlib import Path

import pytest

from jiangxin.commands import files, main
from jiangxin.commands.arguments import NotADay, NotUnderstood, NumberOutOfRange
from tests.commands.test_main import call

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _open_already(monkeypatch):
    monkeypatch.setattr(main, "enter", lambda role: None)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "还要写上 COMMAND"),
        ("cook", "COMMAND 里没有“cook”，可以用的有：account、"),
        ("db cook", "ACTION 里没有“cook”，可以用的有：init、start、stop、status"),
        ("db start now", "不认识“now”"),
        ("rules show", "还要写上 --region、--on"),
        ("rules show --region", "--region 后面要写上内容"),
        ("rules explain --scheme s --facts f --row one", "--row 要写整数，不能是“one”"),
        ("rules show --json=1", "--json 后面不用写“1”"),
        ("clock --next-workday --next-due", "--next-due 和 --next-workday 不能一起用"),
        ("clock --next", "--next 没有写全，可能是 --next-workday、--next-due"),
        ("account open a --name b", "--region --body 要写上一个"),
        ("results template licence -o x.xlsx", "kind 里没有“licence”"),
    ],
)
def test_what_argparse_finds_wrong_is_said_in_chinese(typed, said, monkeypatch, capsys):
    assert call(monkeypatch, *typed.split()) == 2
    out = capsys.readouterr()
    assert out.err.startswith(f"这条命令没有看懂：{said}")
    assert (out.out, out.err.count("\n")) == ("", 1)


@pytest.mark.parametrize(
    "typed",
    [
        "clock --at 2026-13-01",
        "mainline run --at 2026-02-30",
        "rules show --region 330421 --on 2026-02-30",
        "account grant somebody maker --from yesterday",
        "register load x --register card --from 2026-02-30 --until 2026-03-01 --extracted 2026-03-01",
    ],
)
def test_a_day_that_is_none_is_refused_for_machines_too(typed, monkeypatch, capsys):
    assert call(monkeypatch, *typed.split(), "--json") == 1
    assert json.loads(capsys.readouterr().out)["refused"] == NotADay.__name__


def test_a_misunderstood_command_for_machines(monkeypatch, capsys):
    assert call(monkeypatch, "cook", "--json") == 2
    assert json.loads(capsys.readouterr().out)["refused"] == NotUnderstood.__name__


@pytest.mark.parametrize("typed", ["serve --port 99999", "serve --port x", "demo --people 0", "synth --people -5"])
def test_a_number_out_of_range_is_refused(typed, monkeypatch, capsys):
    assert call(monkeypatch, *typed.split(), "--json") == 1
    assert json.loads(capsys.readouterr().out)["refused"] == NumberOutOfRange.__name__


@pytest.mark.parametrize(
    ("typed", "refused"),
    [("verify --only Z9", "NoSuchInvariant"), ("register list --register nope", "RegisterUnknown")],
)
def test_what_is_not_there_is_not_an_empty_answer(typed, refused, monkeypatch, capsys):
    assert call(monkeypatch, *typed.split(), "--json") == 1
    assert json.loads(capsys.readouterr().out)["refused"] == refused


@pytest.mark.parametrize(
    "typed",
    [
        "results template skill_level -o",
        "results check x.xlsx --kind skill_level --body b --wrong-rows",
        "results import x.xlsx --kind skill_level --body b --wrong-rows",
        "register template card -o",
    ],
)
@pytest.mark.parametrize("where", ["/nowhere/t.xlsx", "/tmp"])
def test_a_place_where_nothing_can_be_written_is_refused(typed, where, monkeypatch, capsys):
    assert call(monkeypatch, *typed.split(), where, "--json") == 1
    assert json.loads(capsys.readouterr().out)["refused"] == files.FileNotWritable.__name__


def test_a_full_disk_is_refused_too():
    with pytest.raises(files.FileNotWritable):
        files.write_file(Path("/dev/full"), b"x")
