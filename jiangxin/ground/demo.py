"""A demo's time: moved forward by whoever looks at it, and the main line asked to catch up."""

from datetime import date, datetime, timedelta

from jiangxin.ground import jobs
from jiangxin.ground.actor import Actor
from jiangxin.ground.calendar import load_calendar
from jiangxin.ground.clock import day_of, move_clock, opening_of
from jiangxin.ground.journal import note


def next_workday(at: datetime) -> date:
    """The working day after the one that an instant falls on."""
    return load_calendar().not_before(day_of(at) + timedelta(days=1)).ends_on


def move_demo_clock(actor: Actor, at: datetime, day: date) -> datetime:
    """Put a demo's clock to nine o'clock of a later day and ask for the main line; returns the new instant.

    Raises ClockOnlyMovesInDemo, ClockOnlyMovesForward and ClockMovesTooFar.
    """
    to = opening_of(day)
    move_clock(to)
    note(actor, to, "moved_clock", kind="Clock", before=at.isoformat(), after=to.isoformat())
    jobs.ask(actor, to, "mainline", "主线推进")
    return to
