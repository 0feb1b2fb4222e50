"""The command line finds its commands, prints for people or machines, and refuses in one sentence."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest

from jiangxin.commands import main
from jiangxin.ground import postgres
from jiangxin.ground.refusal import Refusal

JIANGXIN = str(Path(sys.executable).with_name("jiangxin"))


def call(monkeypatch, *arguments: str) -> int:
    """The exit code of `jiangxin …` run in this process."""
    monkeypatch.setattr(sys, "argv", ["jiangxin", *arguments])
    monkeypatch.setenv("JIANGXIN_ROLE", "owner")
    with pytest.raises(SystemExit) as ended:
        main.main()
    return ended.value.code or 0


def test_help_lists_every_command_without_importing_them():
    said = subprocess.run([JIANGXIN, "--help"], capture_output=True, text=True, check=True).stdout
    for name in ("db", "demo", "serve", "worker"):
        assert f"\n    {name} " in said


def test_every_command_takes_json():
    def leaves(parser):
        below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
        return [leaf for action in below for child in action.choices.values() for leaf in leaves(child)] or [parser]

    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers()
    for name in ("db", "demo", "serve"):
        module = __import__(f"jiangxin.commands.{name}", fromlist=["add"])
        module.add(subparsers)
        main._everywhere_json(subparsers.choices[name])
    assert all("--json" in leaf._option_string_actions for leaf in leaves(parser))


def test_a_misunderstood_command_exits_two(monkeypatch, capsys):
    assert call(monkeypatch, "cook") == 2
    assert "cook" in capsys.readouterr().err


def test_status_for_machines(monkeypatch, capsys):
    assert call(monkeypatch, "db", "status", "--json") in (0, 1)
    said = json.loads(capsys.readouterr().out)
    assert Path(said["state_folder"]).is_dir()
    assert said["roles"]["web"].endswith("_web")


class NotToday(Refusal):
    sentence = "今天不办。"
    remedy = "请明天再来。"


@pytest.mark.parametrize(
    ("raised", "code", "said"), [(NotToday(), 1, "今天不办。请明天再来。\n"), (KeyboardInterrupt(), 130, "")]
)
def test_how_a_command_ends(monkeypatch, capsys, raised, code, said):
    def run(_args: argparse.Namespace) -> int:
        raise raised

    monkeypatch.setattr(main, "parse", lambda _arguments: argparse.Namespace(run=run))
    assert call(monkeypatch, "any") == code
    assert capsys.readouterr().err == said


def test_a_refusal_for_machines(monkeypatch, capsys):
    def run(_args: argparse.Namespace) -> int:
        raise NotToday()

    monkeypatch.setattr(main, "parse", lambda _arguments: argparse.Namespace(run=run))
    assert call(monkeypatch, "any", "--json") == 1
    said = json.loads(capsys.readouterr().out)
    assert said == {"refused": "NotToday", "sentence": "今天不办。", "remedy": "请明天再来。"}


@pytest.mark.parametrize(
    ("action", "refused"), [("start", "ServerOutOfReach"), ("init", "ServerOutOfReach"), ("stop", "ServerIsNotOurs")]
)
def test_a_real_server_is_not_started_or_stopped_from_here(action, refused, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", "postgresql://x@127.0.0.1:1/none")
    assert call(monkeypatch, "db", action, "--json") == 1
    assert json.loads(capsys.readouterr().out)["refused"] == refused


@pytest.mark.parametrize(("answers", "code", "word"), [(True, 0, "连得上"), (False, 1, "连不上")])
def test_the_status_of_a_real_server(answers, code, word, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", "postgresql://x@127.0.0.1:1/none")
    monkeypatch.setattr(postgres, "answers", lambda: answers)
    assert call(monkeypatch, "db", "status") == code
    assert f"由 DATABASE_URL 指定，{word}" in capsys.readouterr().out


def test_no_database_is_said_before_django_is_opened(monkeypatch, capsys):
    monkeypatch.setattr(postgres, "answers", lambda: False)
    assert call(monkeypatch, "worker") == 1
    assert "jiangxin db start" in capsys.readouterr().err
