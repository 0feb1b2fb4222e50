"""Accounts of staff and clerks: open, give and take duties, lend, close. On a page nobody gives duties."""

import argparse
import json
import secrets

from jiangxin.commands.arguments import day
from jiangxin.ground.actor import acting, machine
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import Refusal
from jiangxin.parties.codes import authenticator_address
from jiangxin.parties.models import DUTIES, Account, Office, Organisation
from jiangxin.parties.operations.accounts import borrow_duty, close_account, end_duty, grant_duty, open_account
from jiangxin.parties.queries.accounts import duties_on

ROLE = "worker"
PASSWORD_BYTES = 15


class NoSuchAccount(Refusal):
    sentence = "没有叫“{username}”的账号。"
    remedy = "请核对登录名。"


class NoSuchPlace(Refusal):
    sentence = "没有找到“{place}”。"
    remedy = "工作人员请写区划代码，例如 330421；机构人员请写统一社会信用代码。"


class DutyNotHeld(Refusal):
    sentence = "“{username}”今天没有“{duty}”这个岗位。"
    remedy = "请核对岗位。"


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`jiangxin account open|grant|borrow|end|close`."""
    actions = subparsers.add_parser("account", help=__doc__).add_subparsers(metavar="ACTION", required=True)
    verbs = {}
    for verb, text in ((open_one, "open"), (grant, "grant"), (borrow, "borrow"), (end, "end"), (close, "close")):
        verbs[text] = actions.add_parser(text, help=(verb.__doc__ or "").split("\n")[0])
        verbs[text].set_defaults(run=verb)
        verbs[text].add_argument("username")
    for text in ("grant", "borrow", "end"):
        verbs[text].add_argument("duty", choices=list(DUTIES))
    for text in ("grant", "borrow"):
        verbs[text].add_argument("--from", dest="from_on", type=day, help="first day; today if not given")
    verbs["grant"].add_argument("--until", type=day, help="last day")
    verbs["borrow"].add_argument("--until", type=day, required=True, help="last day")
    verbs["borrow"].add_argument("--region", type=int, required=True, help="of the office that borrows")
    verbs["borrow"].add_argument("--reason", required=True)
    verbs["close"].add_argument("--reason", required=True)
    verbs["open"].add_argument("--name", required=True, help="of the person")
    place = verbs["open"].add_mutually_exclusive_group(required=True)
    place.add_argument("--region", type=int, help="of the office, for staff")
    place.add_argument("--body", help="credit code of the assessor or provider, for a clerk")


def open_one(args: argparse.Namespace) -> int:
    """Open an account; its password and the address for its authenticator are printed once."""
    actor, password = machine("命令行"), secrets.token_urlsafe(PASSWORD_BYTES)
    with acting(actor) as at:
        office, body = _office(args.region) if args.region else None, _body(args.body) if args.body else None
        account = open_account(
            actor, at, kind="staff" if office else "clerk", username=args.username, name=args.name, password=password,
            office=office, body=body,
        )  # fmt: skip
    secret = {"username": account.username, "password": password, "authenticator": authenticator_address(account)}
    if args.json:
        print(json.dumps(secret, ensure_ascii=False))
    else:
        print(f"已开账号 {args.username}。密码和验证器地址只显示这一次，请当面交给本人：")
        print(f"密码      {password}\n验证器    {secret['authenticator']}")
    return 0


def grant(args: argparse.Namespace) -> int:
    """Give a duty at the account's own office."""
    actor = machine("命令行")
    with acting(actor) as at:
        grant_duty(actor, at, _account(args.username), args.duty, from_on=args.from_on, until_on=args.until)
    return _say(args, f"“{args.username}”已担任“{DUTIES[args.duty]}”。")


def borrow(args: argparse.Namespace) -> int:
    """Lend an account to another office for a duty (P27)."""
    actor = machine("命令行")
    with acting(actor) as at:
        borrow_duty(
            actor, at, _account(args.username), args.duty, office=_office(args.region),
            from_on=args.from_on or day_of(at), until_on=args.until, reason=args.reason,
        )  # fmt: skip
    return _say(args, f"“{args.username}”已借调担任“{DUTIES[args.duty]}”，到 {args.until}。")


def end(args: argparse.Namespace) -> int:
    """Take a duty back at once, wherever it is held."""
    actor = machine("命令行")
    with acting(actor) as at:
        held = [duty for duty in duties_on(_account(args.username), day_of(at)) if duty.duty == args.duty]
        if not held:
            raise DutyNotHeld(username=args.username, duty=DUTIES[args.duty])
        for duty in held:
            end_duty(actor, at, duty)
    return _say(args, f"“{args.username}”不再担任“{DUTIES[args.duty]}”。")


def close(args: argparse.Namespace) -> int:
    """End an account; whoever is signed in is out at the next page."""
    actor = machine("命令行")
    with acting(actor) as at:
        close_account(actor, at, _account(args.username), args.reason)
    return _say(args, f"账号“{args.username}”已停用。")


def _say(args: argparse.Namespace, sentence: str) -> int:
    print(json.dumps({"done": sentence}, ensure_ascii=False) if args.json else sentence)
    return 0


def _account(username: str) -> Account:
    found = Account.objects.filter(username=username).first()
    if found is None:
        raise NoSuchAccount(username=username)
    return found


def _office(region: int) -> Office:
    found = Office.objects.filter(region_id=region, closed_on=None).exclude(kind="zone").first()
    if found is None:
        raise NoSuchPlace(place=region)
    return found


def _body(credit_code: str) -> Organisation:
    found = Organisation.objects.filter(credit_code=credit_code).first()
    if found is None:
        raise NoSuchPlace(place=credit_code)
    return found
