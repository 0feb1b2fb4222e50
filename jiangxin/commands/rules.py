"""The law without a database: decide and explain facts from a file, say what is asked, show what is in force."""

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from jiangxin.commands.arguments import day
from jiangxin.ground.money import yuan
from jiangxin.ground.refusal import Refusal
from jiangxin.rules import engine
from jiangxin.rules.explanation import as_json
from jiangxin.rules.facts import FactRecord, FactsMalformed
from jiangxin.rules.filed import plain
from jiangxin.rules.numbers import NUMBERS
from jiangxin.rules.parameters import PUBLISHED, Entry, Law, Why
from jiangxin.rules.schemes import SCHEMES
from jiangxin.rules.wording import CERTAINTY_WORDS, entry_in_words

ASSUMED = Path(__file__).parent.parent / "synth" / "assumed" / "parameters"
DIVISIONS = Path(__file__).parent.parent / "ground" / "data" / "zj_divisions.csv"
CHUNK = 20_000
WORDS = {"yes": "符合", "no": "不符合", "unknown": "待核实", "not_applicable": "不适用"}


class SchemeUnknown(Refusal):
    sentence = "没有 {scheme} 这个补贴项目。"
    remedy = "可以用的有：{known}。"


class FactsUnreadable(Refusal):
    sentence = "读不了事实文件 {path}：{what}。"
    remedy = "请给出一行一个 JSON 对象、UTF-8 编码的文件。"


class RowMissing(Refusal):
    sentence = "文件里没有第 {row} 行。"
    remedy = "行号从 1 开始，请核对后再试。"


class NotARegionCode(Refusal):
    sentence = "没有代码为 {given} 的地区。"
    remedy = "请写浙江省内的 6 位区划代码，例：嘉善县是 330421。"


class NoLawYet(Refusal):
    sentence = "{on} 还没有已知的补贴规定，这里已知最早的从 {first} 起。"
    remedy = "请换一个日期。"


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`jiangxin rules decide|explain|facts|show`."""
    actions = subparsers.add_parser("rules", help=__doc__).add_subparsers(metavar="ACTION", required=True)
    deciding = actions.add_parser("decide", help="answer every rule for every line of a facts file")
    explaining = actions.add_parser("explain", help="give the reasons for one line in Chinese")
    asking = actions.add_parser("facts", help="print the JSON schema of a scheme's facts")
    showing = actions.add_parser("show", help="print the numbers in force in a region on a day, with their sources")
    for parser in (deciding, explaining, asking):
        parser.add_argument("--scheme", required=True, help=" | ".join(SCHEMES))
    for parser in (deciding, explaining):
        parser.add_argument("--facts", required=True, type=Path, metavar="FILE.jsonl")
    explaining.add_argument("--row", type=int, default=1, help="line of the file, from 1")
    showing.add_argument("--region", required=True, help="six-digit code")
    showing.add_argument("--on", required=True, type=day, help="day, as 2026-03-02")
    for parser in (deciding, explaining, showing):
        parser.add_argument("--demo", action="store_true", help="with the demo's assumed and the unverified numbers")
    for parser, run in ((deciding, decide), (explaining, explain), (asking, facts), (showing, show)):
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        parser.set_defaults(run=run)


def decide(args: argparse.Namespace) -> int:
    """One line per line of the file: outcome, amount, fund; with --json the whole trace."""
    scheme, law = _scheme(args.scheme), _law(args.demo)
    done = 0
    for chunk in _chunks(args.facts):
        record = _record(scheme, chunk, done)
        verdicts = engine.evaluate(scheme, record, law)
        for row in range(len(record)):
            said = {
                "ref": record.row(row)["ref"],
                **verdicts.row(row),
                "facts_digest": engine.facts_digest(record, row),
            }
            print(json.dumps(said, ensure_ascii=False) if args.json else _line(said))
        done += len(record)
        if done >= CHUNK:
            print(f"已核定 {done:,} 行", file=sys.stderr)
    return 0


def _line(said: dict[str, Any]) -> str:
    amount = "金额未知" if said["amount_fen"] is None else f"{yuan(said['amount_fen'])} 元"
    causes = [code for code, answer in said["answers"].items() if answer == said["outcome"] != "yes"]
    rules = {rule.code: rule.title for version in SCHEMES[said["scheme"]].versions for rule in version.rules}
    why = "；".join(rules[code] for code in causes) or ("" if said["in_force"] else "核发日早于本项目的规定")
    return "\t".join((said["ref"], WORDS[said["outcome"]], amount, why))


def explain(args: argparse.Namespace) -> int:
    """The reasons for one line, in article order."""
    scheme = _scheme(args.scheme)
    line = next(islice(_lines(args.facts), args.row - 1, None), None) if args.row > 0 else None
    if line is None:
        raise RowMissing(row=args.row)
    reasons = engine.explain(scheme, _record(scheme, [line], args.row - 1), 0, _law(args.demo))
    if args.json:
        print(json.dumps([as_json(reason) for reason in reasons], ensure_ascii=False, indent=1))
        return 0
    if not reasons:
        print("核发日早于本项目的规定，暂不能核定。")
    for reason in reasons:
        print(f"【{WORDS[reason.answer]}】{reason.title}：{reason.sentence}")
        print(f"    依据（{reason.mark}）{reason.article}：“{reason.words}”")
        if reason.change:
            print(f"    怎样会改变：{reason.change}")
        for missing in reason.waits_for:
            print(f"    等待：{missing}")
        for number in reason.numbers:
            print(f"    数值：{number.title} {number.words}{_source(asdict(number))}")
    return 0


def facts(args: argparse.Namespace) -> int:
    """The JSON schema of one line."""
    print(json.dumps(SCHEMES[_scheme(args.scheme)].facts.schema(), ensure_ascii=False, indent=1))
    return 0


def show(args: argparse.Namespace) -> int:
    """The numbers that reach a region on a day, each with its source or with why it is unknown."""
    with DIVISIONS.open(encoding="utf-8", newline="") as file:
        if args.region not in {row["adcode"] for row in csv.DictReader(file)}:
            raise NotARegionCode(given=args.region)
    found = _law(args.demo).in_force(args.region, args.on)
    subsidies = [entry for scheme, _, entry in found if scheme in SCHEMES]
    if all(entry.why is Why.BEFORE_FIRST for entry in subsidies):
        first = min(value.from_on for entry in subsidies if entry.number for value in entry.number.values)
        raise NoLawYet(on=args.on, first=first)
    numbers = [_in_force(*one) for one in found]
    if args.json:
        print(json.dumps(numbers, ensure_ascii=False, indent=1))
        return 0
    for number in numbers:
        print(f"{number['scheme']}/{number['number']} {number['title']}", end="：")
        print(number["words"] + _source(number))
    return 0


def _in_force(scheme: str, name: str, entry: Entry) -> dict[str, Any]:
    number, dated = entry.number, entry.dated
    return {
        "scheme": scheme,
        "number": name,
        "title": number.title if number else NUMBERS[name].title,
        "region": number.region if number else "",
        "value": plain(entry.value),
        "words": entry_in_words(entry),
        "unit": number.unit if number else "",
        "why": "" if entry.known else entry.why.value,
        "from_on": plain(dated.from_on) if dated else None,
        "last_on": plain(dated.last_on) if dated else None,
        "document": dated.source.document if dated else "",
        "document_number": dated.source.number if dated else "",
        "url": dated.source.url if dated else "",
        "certainty": dated.certainty if dated else "",
        "note": dated.note if dated else "",
    }


def _source(number: dict[str, Any]) -> str:
    if not number["document"]:
        return ""
    until = f"至 {number['last_on']}" if number["last_on"] else "起"
    document = f"{number['document']} {number['document_number']}".rstrip()
    return f" —— {document}，{number['from_on']} {until}（{CERTAINTY_WORDS[number['certainty']]}）"


def _scheme(code: str) -> str:
    if code not in SCHEMES:
        raise SchemeUnknown(scheme=code, known="、".join(SCHEMES))
    return code


def _law(demo: bool) -> Law:
    return Law.load((PUBLISHED, ASSUMED), allow_assumed=True, accept_unverified=True) if demo else Law.load()


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, text in enumerate(file, 1):
                if text.strip():
                    yield _object(path, number, text)
    except OSError as wrong:
        raise FactsUnreadable(path=path, what="没有这个文件，或没有读的权限") from wrong
    except UnicodeDecodeError as wrong:
        raise FactsUnreadable(path=path, what="不是 UTF-8 文本") from wrong


def _object(path: Path, number: int, text: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except ValueError as wrong:
        raise FactsUnreadable(path=path, what=f"第 {number} 行不是 JSON") from wrong
    if not isinstance(line, dict):
        raise FactsUnreadable(path=path, what=f"第 {number} 行不是 JSON 对象")
    return line


def _chunks(path: Path) -> Iterator[list[dict[str, Any]]]:
    lines = _lines(path)
    while chunk := list(islice(lines, CHUNK)):
        yield chunk


def _record(scheme: str, lines: Sequence[dict[str, Any]], before: int) -> FactRecord:
    """The record of these lines; a refusal names the place in the file, also when an earlier chunk went through."""
    record = SCHEMES[scheme].facts
    try:
        return record.from_rows(lines)
    except FactsMalformed as wrong:
        raise FactsMalformed(what=f"{_place(record, lines, before)}{wrong.facts['what']}") from wrong


def _place(record: type[FactRecord], lines: Sequence[dict[str, Any]], before: int) -> str:
    for number, line in enumerate(lines, before + 1):
        try:
            record.from_rows([line])
        except FactsMalformed:
            return f"文件第 {number} 行，"
    return ""
