"""`jiangxin rules`: answers from a file, in Chinese or JSON, without a database; one clear sentence when it cannot."""

import argparse
import json
import subprocess
import sys

import pytest

from jiangxin.commands import rules
from jiangxin.ground.refusal import Refusal
from tests.rules import law_cases

WORKER = law_cases.bases()["worker"]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "facts.jsonl"
    rows = [
        {**WORKER, "ref": "first"},
        {**WORKER, "ref": "second", "listed": None},
        {**WORKER, "issued_on": "2016-12-31"},
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n", encoding="utf-8")
    return path


def run(*arguments):
    parser = argparse.ArgumentParser()
    rules.add(parser.add_subparsers())
    args = parser.parse_args(["rules", *map(str, arguments)])
    return args.run(args)


def decided(file, *more):
    return run("decide", "--scheme", "certificate_subsidy", "--facts", file, *more)


def test_decide_gives_one_line_per_line(file, capsys):
    assert decided(file, "--demo") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "first\t符合\t2,000.00 元\t"
    assert lines[1] == "second\t待核实\t2,000.00 元\t证书可联网查询"
    assert lines[2].endswith("待核实\t金额未知\t核发日早于本项目的规定")


def test_decide_for_machines_gives_the_whole_trace(file, capsys):
    assert decided(file, "--demo", "--json") == 0
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (first["outcome"], first["amount_fen"], first["fund"]) == ("yes", 200000, "employment_grant")
    assert first["answers"]["trained_before"] == "yes"
    assert len(first["facts_digest"]) == len(first["law_digest"]) == 64


def test_decide_without_demo_rests_on_the_published_law_alone(file, capsys):
    assert decided(file, "--json") == 0
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (first["outcome"], first["amount_fen"], first["fund"]) == ("unknown", None, None)


def test_decide_goes_through_a_large_file_in_chunks_and_says_how_far_it_is(file, capsys, monkeypatch):
    monkeypatch.setattr(rules, "CHUNK", 2)
    assert decided(file, "--demo") == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 3
    assert err.splitlines() == ["已核定 2 行", "已核定 3 行"]


def test_explain_gives_article_mark_reason_and_source(file, capsys):
    assert run("explain", "--scheme", "certificate_subsidy", "--facts", file, "--row", 2, "--demo") == 0
    out = capsys.readouterr().out
    assert "【待核实】证书可联网查询" in out
    assert "等待：联网查询结果一致（由全国或省证书联网查询名单回答）" in out
    assert "依据（原文）浙人社发〔2022〕32号 第13条" in out
    assert "演示假设" in out


def test_explain_for_machines(file, capsys):
    assert run("explain", "--scheme", "certificate_subsidy", "--facts", file, "--json") == 0
    reasons = {reason["code"]: reason for reason in json.loads(capsys.readouterr().out)}
    assert reasons["old_enough"]["answer"] == "unknown"
    assert reasons["old_enough"]["numbers"][-1]["why"] == "来源未经核实"


def test_explain_of_a_certificate_older_than_the_rules(file, capsys):
    assert run("explain", "--scheme", "certificate_subsidy", "--facts", file, "--row", 3) == 0
    assert capsys.readouterr().out == "核发日早于本项目的规定，暂不能核定。\n"


def test_facts_prints_the_schema(capsys):
    assert run("facts", "--scheme", "skill_uplift") == 0
    assert json.loads(capsys.readouterr().out)["required"] == list(WORKER)


def test_show_prints_numbers_with_sources_and_why_not(capsys):
    assert run("show", "--region", "330127", "--on", "2022-05-01") == 0
    out = capsys.readouterr().out
    assert "certificate_subsidy/amount 补贴标准：" in out
    assert "杭人社发〔2020〕43号，2020-01-01 至 2022-06-29（见于所列来源）" in out
    assert "申领期限：未知（早于最早的已知规定）" in out


def test_show_before_any_subsidy_names_the_first_day():
    with pytest.raises(rules.NoLawYet) as refused:
        run("show", "--region", "330421", "--on", "2016-12-31")
    assert "2017-01-01" in refused.value.sentence
    assert run("show", "--region", "330421", "--on", "2017-01-01") == 0


def test_show_for_machines(capsys):
    assert run("show", "--region", "330421", "--on", "2026-03-02", "--demo", "--json") == 0
    numbers = {(n["scheme"], n["number"]): n for n in json.loads(capsys.readouterr().out)}
    assert numbers["common", "silence_action"]["value"] == "go_on"
    assert numbers["common", "silence_action"]["certainty"] == "assumed"
    assert numbers["skill_uplift", "insured_months_min"]["why"] == "规定已到期，没有新规定"


@pytest.mark.parametrize(
    "arguments",
    [
        ("decide", "--scheme", "start_up", "--facts", "x"),
        ("decide", "--scheme", "skill_uplift", "--facts", "nowhere.jsonl"),
        ("explain", "--scheme", "skill_uplift", "--facts", "nowhere.jsonl"),
        ("show", "--region", "330421", "--on", "2026-02-30"),
        ("show", "--region", "嘉善", "--on", "2026-02-28"),
        ("show", "--region", "33042１", "--on", "2026-02-28"),
        ("show", "--region", "999999", "--on", "2026-02-28"),
        ("show", "--region", "330421", "--on", "1990-01-01"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_a_sentence(arguments):
    with pytest.raises(Refusal) as refused:
        run(*arguments)
    assert refused.value.sentence.endswith("。")
    assert refused.value.remedy


@pytest.mark.parametrize("row", [0, -1, 4])
def test_a_row_that_is_not_there_is_refused(file, row):
    with pytest.raises(rules.RowMissing):
        run("explain", "--scheme", "certificate_subsidy", "--facts", file, "--row", row)


@pytest.mark.parametrize("text", ["{", "[1]", '{"ref": "a"}', "\udcff"])
def test_a_line_that_is_not_facts_is_refused_with_its_place(tmp_path, text):
    path = tmp_path / "facts.jsonl"
    path.write_bytes((json.dumps(WORKER) + "\n").encode() + text.encode("utf-8", "surrogateescape"))
    with pytest.raises(Refusal) as refused:
        decided(path)
    assert "第 2 行" in refused.value.sentence or "UTF-8" in refused.value.sentence


def test_the_installed_command_answers_without_a_database(file, tmp_path):
    code = "import sys; from jiangxin.commands.main import main; sys.argv[0] = 'jiangxin'; main()"
    command = [sys.executable, "-c", code, "rules", "decide", "--scheme", "certificate_subsidy"]
    environment = {"PATH": "/usr/bin", "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "HOME": str(tmp_path)}
    good = subprocess.run([*command, "--facts", file], capture_output=True, text=True, check=False, env=environment)
    assert (good.returncode, good.stderr) == (0, "")
    bad = subprocess.run([*command, "--facts", "nowhere"], capture_output=True, text=True, check=False, env=environment)
    assert bad.returncode == 1
    assert bad.stderr.count("\n") == 1
