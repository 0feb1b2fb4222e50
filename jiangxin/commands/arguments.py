"""What is typed after `jiangxin`: parsed by argparse, refused in Chinese."""

import argparse
import re
from collections.abc import Callable
from datetime import date
from typing import NoReturn

from jiangxin.ground.refusal import Refusal


class NotUnderstood(Refusal):
    sentence = "这条命令没有看懂：{what}。"
    remedy = "请看 {command} --help。"


class NotADay(Refusal):
    sentence = "{given} 不是日期。"
    remedy = "请写成 2026-03-02 这样。"


class NumberOutOfRange(Refusal):
    sentence = "{given} 不是 {least} 到 {most} 之间的整数。"
    remedy = "请改好再试。"


# What argparse says, and what is said instead; lists come with their quotes taken off and 、 between.
SAID_INSTEAD = (
    (r"argument (.+?): invalid choice: (\S+) \(choose from (.+)\)", r"{0} 里没有“{1}”，可以用的有：{2}"),
    (r"argument (.+?): invalid int value: (.+)", r"{0} 要写整数，不能是“{1}”"),
    (r"argument (.+?): expected (?:one|at least one) argument", r"{0} 后面要写上内容"),
    (r"argument (.+?): not allowed with argument (.+)", r"{0} 和 {1} 不能一起用"),
    (r"argument (.+?): ignored explicit argument (.+)", r"{0} 后面不用写“{1}”"),
    (r"ambiguous option: (.+) could match (.+)", r"{0} 没有写全，可能是 {1}"),
    (r"the following arguments are required: (.+)", r"还要写上 {0}"),
    (r"one of the arguments (.+) is required", r"{0} 要写上一个"),
    (r"unrecognized arguments: (.+)", r"不认识“{0}”"),
)


def in_chinese(message: str) -> str:
    """What argparse found wrong, in Chinese; as it stands where this list does not know it."""
    for pattern, said in SAID_INSTEAD:
        if found := re.fullmatch(pattern, message):
            return said.format(*(part.replace("'", "").replace(", ", "、") for part in found.groups()))
    return message


class Parser(argparse.ArgumentParser):
    """A parser (and those of its sub-commands) that refuses instead of printing its English usage."""

    def error(self, message: str) -> NoReturn:
        """Raise NotUnderstood."""
        raise NotUnderstood(what=in_chinese(message), command=self.prog)


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """The type of an argument that is a whole number between two others. Raises NumberOutOfRange."""

    def read(given: str) -> int:
        if not (given.isascii() and given.isdigit() and least <= int(given) <= most):
            raise NumberOutOfRange(given=given, least=f"{least:,}", most=f"{most:,}")
        return int(given)

    return read


PEOPLE = whole_number(1, 5_000_000)


def day(given: str) -> date:
    """The type of an argument that is a day. Raises NotADay."""
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise NotADay(given=given) from None
