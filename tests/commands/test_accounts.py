"""Clock, codes and accounts on the command line."""

import argparse
import json
from collections.abc import Callable
from types import ModuleType

import pytest

from jiangxin.commands import account, clock, codes
from jiangxin.ground.clock import Clock, ClockMovesTooFar, ClockOnlyMovesForward, ClockOnlyMovesInDemo
from jiangxin.ground.jobs import Job
from jiangxin.ground.journal import JournalEntry
from jiangxin.parties.models import Account, Duty
from jiangxin.parties.operations.accounts import AccountNeedsName, DutyConflicts, DutyEndsBeforeItBegins
from tests.factories.whole import whole
from tests.web import people

Said = Callable[..., str]


@pytest.fixture(scope="module")
def town(clone):
    return people.town()


@pytest.fixture
def said(town, capsys) -> Said:
    """Run a command and return what it printed."""
    Clock.objects.update(demo_at=people.AT)

    def run(command: ModuleType, *arguments: str) -> str:
        parser = argparse.ArgumentParser()
        command.add(parser.add_subparsers())
        args = parser.parse_args([command.__name__.rsplit(".", 1)[1], *arguments])
        args.json = True
        assert args.run(args) == 0
        return capsys.readouterr().out

    return run


def test_the_clock_is_read_and_let_on(said):
    assert json.loads(said(clock)) == {"at": "2026-03-02T09:00:00+08:00", "demo": True}
    assert not Job.objects.exists(), "looking moves nothing"
    assert json.loads(said(clock, "--at", "2026-03-06"))["at"].startswith("2026-03-06T09:00")
    assert json.loads(said(clock, "--next-workday"))["at"].startswith("2026-03-09")
    assert Job.objects.filter(kind="mainline").count() == 2
    with whole():
        assert JournalEntry.objects.filter(verb="moved_clock").count() == 2


def test_the_clock_goes_forward_only_and_in_a_demo_only(said):
    with pytest.raises(ClockOnlyMovesForward):
        said(clock, "--at", "2026-03-01")
    with pytest.raises(ClockMovesTooFar):
        said(clock, "--at", "9999-12-31")
    Clock.objects.update(demo_at=None)
    with pytest.raises(ClockOnlyMovesInDemo):
        said(clock, "--at", "2099-01-01")
    assert Clock.objects.get().demo_at is None


def test_codes_are_printed_in_a_demo_only(said):
    printed = json.loads(said(codes))
    assert {row["username"] for row in printed["accounts"]} == {"maker", "checker", "clerk"}
    assert all(len(row["code"]) == 6 for row in printed["accounts"])
    Clock.objects.update(demo_at=None)
    with pytest.raises(codes.CodesOnlyInDemo):
        said(codes)


def test_an_account_from_its_opening_to_its_end(said):
    opened = json.loads(said(account, "open", "lin", "--name", "林芳", "--region", "330421"))
    lin = Account.objects.get(username="lin")
    assert lin.check_password(opened["password"])
    assert opened["authenticator"].startswith("otpauth://totp/")
    said(account, "grant", "lin", "maker", "--until", "2026-06-30")
    with pytest.raises(DutyConflicts):
        said(account, "grant", "lin", "checker")
    said(account, "end", "lin", "maker")
    lend = ("--region", "330481", "--until", "2026-03-31", "--reason", "缺人")
    said(account, "borrow", "lin", "checker", *lend)
    assert Duty.objects.get(account=lin, duty="checker").office.region_id == 330481
    said(account, "close", "lin", "--reason", "调离")
    assert not Account.objects.get(username="lin").is_active


def test_a_clerk_belongs_to_a_body(said):
    said(account, "open", "clerk2", "--name", "机构丁", "--body", "91330421MA00000001")
    assert Account.objects.get(username="clerk2").kind == "clerk"


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (("grant", "nobody", "maker"), account.NoSuchAccount),
        (("end", "maker", "leader"), account.DutyNotHeld),
        (("open", "x", "--name", "x", "--region", "999999"), account.NoSuchPlace),
        (("open", "x", "--name", "x", "--body", "0"), account.NoSuchPlace),
        (("open", " ", "--name", "x", "--region", "330421"), AccountNeedsName),
        (("grant", "maker", "maker", "--from", "2026-03-02", "--until", "2026-03-01"), DutyEndsBeforeItBegins),
    ],
)
def test_what_is_not_there_is_said(said, arguments, refusal):
    before = Account.objects.count()
    with pytest.raises(refusal):
        said(account, *arguments)
    assert Account.objects.count() == before
