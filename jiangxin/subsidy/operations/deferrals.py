"""What a deferral's days bring (P13): reminded on the day chosen, warned before the window ends, then lapsed."""

from datetime import date, datetime

from jiangxin.ground.actor import Actor
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import NotYourDuty
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.subsidy.operations.lines import lock_lines, move_lines
from jiangxin.subsidy.queries.deferrals import WARNED, Deferral, deferrals_due
from jiangxin.subsidy.terms import Terms

REMINDED = "reminded_deferral"


def keep_deferrals(actor: Actor, at: datetime) -> int:
    """Do what is due for deferred lines, each message once; returns how many. Lapsing waits for the window's end."""
    if not actor.has("machine"):
        raise NotYourDuty()
    terms = Terms(at)
    due = {one.line_id: one for one in deferrals_due(terms)}
    lines = [line for line in lock_lines(due) if line.state == "deferred"]
    over = [line for line in lines if due[line.id].turn(terms.today) == "lapse"]
    move_lines(actor, at, "lapsed", over, "declined", cause="暂缓到申领期限没有重新办理")
    for line in lines:
        if line not in over:
            _tell(actor, at, line, due[line.id], terms.today)
    return len(lines)


def _tell(actor: Actor, at: datetime, line: SubsidyLine, deferral: Deferral, today: date) -> None:
    """The message, as first form: an entry in the journal that the worker's page and the desk's list show."""
    verb = WARNED if deferral.turn(today) == "warn" else REMINDED
    if deferral.chosen_on <= today:
        SubsidyLine.objects.filter(id=line.id).update(due_on=deferral.window_ends)
    note(actor, at, verb, line, from_state="deferred", to_state="deferred")
