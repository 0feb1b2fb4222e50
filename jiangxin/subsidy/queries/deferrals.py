"""Deferred lines and their days: the one the person chose, the warning before the window's end, the window's last."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from jiangxin.ground.staging import rows_of
from jiangxin.subsidy.terms import Terms

WARNED = "warned_deferral"
DEFERRED = """
SELECT l.id, l.region_id, l.issued_on, l.due_on, EXISTS (
         SELECT FROM ground_journal_entry j WHERE j.subject_id = l.id AND j.at >= l.state_since AND j.verb = %s)
  FROM subsidy_subsidy_line l WHERE l.state = 'deferred' AND l.due_on IS NOT NULL ORDER BY l.id
"""


@dataclass(frozen=True)
class Deferral:
    """One of them: `chosen_on` is the window's last day once its person was reminded; `warn_on` None = no number."""

    line_id: UUID
    chosen_on: date
    window_ends: date
    warn_on: date | None
    warned: bool

    def turn(self, today: date) -> str:
        """What is due today: lapse after the window, warn before its end, remind on the day chosen; or nothing."""
        if today > self.window_ends:
            return "lapse"
        if self.warn_on and not self.warned and today >= self.warn_on:
            return "warn"
        return "remind" if self.chosen_on <= today and self.chosen_on < self.window_ends else ""

    def next_on(self, today: date) -> date:
        """The next day after today on which something becomes due."""
        days = (self.chosen_on, self.warn_on or self.chosen_on, self.window_ends + timedelta(days=1))
        return min((day for day in days if day > today), default=today + timedelta(days=1))


def deferrals(terms: Terms) -> list[Deferral]:
    """All deferred lines whose region has a window today; another one waits until it has."""
    found = []
    for line, region, issued_on, chosen_on, warned in rows_of(DEFERRED, [WARNED]):
        ends = terms.window_ends(issued_on, region)
        if ends is None:
            continue
        days = terms.find(region, "deferral_warning_days")
        warn_on = ends - timedelta(days=int(days.value)) if days.known else None
        found.append(Deferral(line, chosen_on, ends, warn_on, warned))
    return found


def deferrals_due(terms: Terms) -> list[Deferral]:
    """Those with something due today."""
    return [one for one in deferrals(terms) if one.turn(terms.today)]


def next_deferral_on(terms: Terms) -> date | None:
    """The next day on which a deferred line has something due."""
    return min((one.next_on(terms.today) for one in deferrals(terms)), default=None)
