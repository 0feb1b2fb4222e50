"""A walk along the main line in ten steps: who signs in where, what to do there and what one will see."""

import argparse
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import openpyxl
from django.urls import reverse

from jiangxin.ground.actor import acting, machine
from jiangxin.ground.clock import is_demo
from jiangxin.ground.refusal import Refusal
from jiangxin.parties.models import Person
from jiangxin.synth.plant import demo_folder

ROLE = "worker"
NOWHERE = "http://127.0.0.1:8000"


class TourOnlyInDemo(Refusal):
    sentence = "这不是演示库，没有可以走的演示。"
    remedy = "请用 make demo 建一个演示库。"


@dataclass(frozen=True)
class Stop:
    """One step: the account that signs in (a person's name for a worker), the page, the deed, what is seen then."""

    who: str
    link: str
    do: str
    see: str


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`jiangxin tour`."""
    subparsers.add_parser("tour", help=__doc__).set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the ten steps with full links to where the web answers (JIANGXIN_URL)."""
    with acting(machine(), read_only=True):
        if not is_demo():
            raise TourOnlyInDemo()
        stops = list(_stops(os.environ.get("JIANGXIN_URL", NOWHERE), demo_folder()))
    if args.json:
        print(json.dumps([asdict(stop) for stop in stops], ensure_ascii=False))
        return 0
    print("\n十步走完一笔钱（打开链接，账号、密码和动态码都已填好，按“登录”就行）：")
    for number, stop in enumerate(stops, 1):
        print(f"{number:>2}. {stop.who}  {stop.link}\n    做：{stop.do}\n    看：{stop.see}")
    return 0


def _stops(base: str, folder: Path) -> Iterator[Stop]:
    """The way of the fresh workbook from its assessor to the phone of one of its people."""
    books: dict[str, Any] = json.loads((folder / "manifest.json").read_text())["fresh"]
    right, wrong = books["clean"], books["wrong"]
    citizen = _citizen(folder / right["file"])

    def at(who: str, page: str) -> tuple[str, str]:
        return who, f"{base}{reverse('sign-in')}?{urlencode({'as': who, 'next': reverse(page)})}"

    def phone(page: str) -> tuple[str, str]:
        return citizen, f"{base}{reverse('citizen-sign-in')}?{urlencode({'next': reverse(page)})}"

    yield Stop(
        *at(right["assessor"], "provider-send-results"),
        f"证书种类选“职业技能等级证书”，上传 {folder / right['file']}，查完后按“入库”。",
        f"{right['rows']} 张证书已入库。想看错误怎么退回：用 {wrong['assessor']} 上传 {folder / wrong['file']}。",
    )
    yield Stop(
        *at("jiashan-maker", "staff-decisions"),
        "打开任意一笔。一分钟内系统自己核定，不用申请。",
        "每条规则对不对、依据哪一条、用了什么事实；钱够就先留出来，不够就排队。",
    )
    yield Stop(
        *at("jiashan-budget", "staff-pools"),
        "打开就业补助资金，登记 300000 元指标；再用 jiashan-budget2 登录，按“确认”。",
        "一个人登记不算数；钱一到，排队的按先后自己往前走。",
    )
    yield Stop(
        *phone("worker-money"),
        f"按姓名找“{citizen}”，以本人身份进来，按“确认收款”，再确认一次。",
        "金额、账户、用掉今年第几次；下一步轮到谁、哪一天。",
    )
    yield Stop(
        *at("jiashan-maker", "staff-notices"),
        f"张贴选中的名单。在 {base}{reverse('notices')} 以公众身份提个异议；再在演示条按 6 次“下一个工作日”。",
        "有异议的只停那一行，经办在“异议”里答复，成立的要另一位确认才取消；其余期满自动撤下，进入付款前核查。",
    )
    yield Stop(
        *at("jiashan-checker", "staff-holds"),
        "先用 jiashan-maker 打开一项，写查到的情况；再由 jiashan-checker 签第二个，放行。",
        "为什么核查、证据是什么；一个人签不算数。没有被核查的自己往前走。",
    )
    yield Stop(
        *at("jiashan-leader", "staff-approvals"),
        "先用 jiashan-maker 在“送审”送出，jiashan-checker 复核，再由 jiashan-leader 审批；"
        "有超过限额的，由 jiaxing-leader（“我的岗位”换到嘉善县）签第二位。动态码在演示账号页。",
        "一页看完人数、金额、资金和名单；签的是这份内容的指纹。签完自动编成付款批次。",
    )
    yield Stop(
        *at("jiashan-releaser", "staff-batches"),
        "打开等放行的批次，填动态码，放行。“演示：下一次银行怎么答”可以挑银行怎么回。",
        "付款文件送出，模拟银行 10 秒内回单，系统几秒后入账。",
    )
    yield Stop(
        *at("jiashan-reconciler", "staff-reconciliation"),
        "看账本和银行流水，再到那个批次按“对账签字”。",
        "下达＝可用＋已留＋在途＋已付−追回，分文不差；没付成的在“付款失败”，本人改了账户自动重付。",
    )
    yield Stop(*phone("worker-money"), f"再以“{citizen}”进来，看“我的钱”。", "已到账，和这一笔从证书到到账的每一天。")


def _citizen(book: Path) -> str:
    """The first person of a results workbook whose name nobody else bears."""
    sheet = openpyxl.load_workbook(book).worksheets[1]
    names = [str(row[0]) for row in sheet.iter_rows(min_row=2, max_col=1, values_only=True)]
    return next((name for name in names if Person.objects.filter(name=name).count() == 1), names[0])
