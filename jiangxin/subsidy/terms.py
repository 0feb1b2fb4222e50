"""Days of the procedure: each term from its dated number and the working calendar of the office (P13, P16, P32)."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from jiangxin.ground.calendar import Term, WorkingCalendar, load_calendar
from jiangxin.ground.clock import add_months, day_of
from jiangxin.subsidy.law import value


@dataclass
class Terms:
    """The terms that begin at one instant."""

    at: datetime
    calendar: WorkingCalendar = field(default_factory=load_calendar)
    _silence: dict[int, date] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return day_of(self.at)

    def working_days(self, region_id: int, number: str) -> Term:
        """So many working days from today, by the region's number."""
        return self.calendar.add(self.today, int(value(region_id, number, self.today)))

    def silence_ends(self, region_id: int) -> date:
        """The last day on which an unanswered line simply waits for its person (P13)."""
        if region_id not in self._silence:
            days = int(value(region_id, "silence_days", self.today))
            working = value(region_id, "silence_day_kind", self.today) == "working"
            ends = (
                self.calendar.add(self.today, days)
                if working
                else self.calendar.not_before(self.today + timedelta(days=days))
            )
            self._silence[region_id] = ends.ends_on
        return self._silence[region_id]

    def window_ends(self, issued_on: date, region_id: int) -> date:
        """The last day for deferring or reopening: the window counted from the issue of the certificate."""
        return add_months(issued_on, int(value(region_id, "claim_window_months", self.today)))
