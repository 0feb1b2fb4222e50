"""The database: make it ready, start, stop, look."""

import argparse
import json
from pathlib import Path

from django.core.management import call_command

from jiangxin.commands.main import enter
from jiangxin.ground import postgres, state
from jiangxin.ground.refusal import Refusal


class ServerIsNotOurs(Refusal):
    sentence = "数据库由 DATABASE_URL 指定（{host}），不归这里启停。"
    remedy = "请在那台服务器上操作；要用自带的数据库，请先去掉 DATABASE_URL。"


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`jiangxin db init|start|stop|status`."""
    actions = subparsers.add_parser("db", help=__doc__).add_subparsers(metavar="ACTION", required=True)
    for run, text in (
        (init, "server up, database and roles made, migrated; safe to repeat"),
        (start, "start the embedded server in the background"),
        (stop, "stop the embedded server"),
        (status, "where the data lies, and whether the server answers"),
    ):
        parser = actions.add_parser(run.__name__, help=text)
        parser.set_defaults(run=run)
        if run is init:
            parser.add_argument("--static", action="store_true", help="also collect the files that the web serves")
            parser.add_argument("--quiet", action="store_true", help="print nothing")


def make_ready() -> None:
    """Roles, database and tables as the code expects them, on a server that answers. Migrates as owner."""
    postgres.ensure_roles()
    enter("owner")
    call_command("migrate", verbosity=0, interactive=False)


def init(args: argparse.Namespace) -> int:
    """Have a server, its roles and an up-to-date database."""
    postgres.start()
    make_ready()
    if args.static:
        call_command("collectstatic", verbosity=0, interactive=False)
    return 0 if args.quiet else _show(args)


def start(args: argparse.Namespace) -> int:
    """Start the embedded server, which then outlives this command; a server of others is only looked at."""
    postgres.start()
    postgres.refuse_when_down()
    return _show(args)


def stop(args: argparse.Namespace) -> int:
    """Stop the embedded server. Raises ServerIsNotOurs for another."""
    if not state.embedded():
        raise ServerIsNotOurs(host=state.connection("owner")["host"])
    postgres.stop()
    return _show(args)


def status(args: argparse.Namespace) -> int:
    """Exit 0 when the server answers, else 1."""
    _show(args)
    return 0 if postgres.answers() else 1


def _in_words(answers: bool) -> str:
    if state.embedded():
        return "在运行" if answers else "没有运行"
    return f"由 DATABASE_URL 指定，{'连得上' if answers else '连不上'}，不归这里启停"


def _show(args: argparse.Namespace) -> int:
    owner = state.connection("owner")
    facts = {
        "state_folder": str(state.state_folder()),
        "server": "embedded" if state.embedded() else "DATABASE_URL",
        "host": owner["host"],
        "port": owner["port"],
        "database": owner["dbname"],
        "roles": {role: state.role_name(role) for role in state.ROLES},
        "log": str(postgres.log_file()) if state.embedded() else None,
        "answers": postgres.answers(),
    }
    if args.json:
        print(json.dumps(facts, ensure_ascii=False))
    else:
        print(f"数据文件夹  {facts['state_folder']}\n连接  {Path(str(facts['host']))}  库 {facts['database']}")
        print(f"数据库  {_in_words(bool(facts['answers']))}")
    return 0
