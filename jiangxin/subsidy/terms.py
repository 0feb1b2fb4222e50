"""Days of the procedure: each term from its dated number and the working calendar of the office (P13, P16, P32)."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from jiangxin.ground.calendar import Term, WorkingCalendar, load_calendar
from jiangxin.ground.clock import add_months, day_of
from jiangxin.rules.numbers import NUMBERS
from jiangxin.rules.parameters import Entry, Law
from jiangxin.subsidy.law import current_law


@dataclass
class Terms:
    """The terms that begin at one instant."""

    at: datetime
    calendar: WorkingCalendar = field(default_factory=load_calendar)
    _silence: dict[int, date | None] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return day_of(self.at)

    @cached_property
    def law(self) -> Law:
        """The law as it stands in this piece of work, asked for once."""
        return current_law()

    def find(self, region_id: int, number: str, scheme: str = "common") -> Entry:
        """A number in force today, or why there is none."""
        return self.law.find(f"{region_id:06d}", scheme, number, self.today)

    def value(self, region_id: int, number: str) -> Any:
        """The value of a number of the procedure in force today; raises NumberUnknown."""
        return self.law.value(f"{region_id:06d}", "common", number, self.today)

    def working_days(self, region_id: int, number: str) -> Term:
        """So many working days from today, by the region's number."""
        return self.calendar.add(self.today, int(self.value(region_id, number)))

    def silence_ends(self, region_id: int) -> date | None:
        """The last day on which an unanswered line simply waits for its person (P13); None where no rule says it."""
        if region_id not in self._silence:
            days, kind = self.find(region_id, "silence_days"), self.find(region_id, "silence_day_kind")
            self._silence[region_id] = self._ends(int(days.value), kind.value) if days.known and kind.known else None
        return self._silence[region_id]

    def _ends(self, days: int, kind: str) -> date:
        if kind == "working":
            return self.calendar.add(self.today, days).ends_on
        return self.calendar.not_before(self.today + timedelta(days=days)).ends_on

    def pay_day(self, region_id: int, day: date) -> date:
        """The first working day from `day` on that is a day of payment, where the region filed such days."""
        filed = self.find(region_id, "payment_weekdays")
        day = self.calendar.not_before(day).ends_on
        while filed.known and day.isoweekday() not in filed.value:
            day = self.calendar.not_before(day + timedelta(days=1)).ends_on
        return day

    def window_ends(self, issued_on: date, region_id: int) -> date | None:
        """The last day for deferring or reopening, counted from the issue of the certificate; None = no number."""
        months = self.find(region_id, "claim_window_months")
        return add_months(issued_on, int(months.value)) if months.known else None

    def missing(self, region_id: int, *numbers: str) -> str:
        """Which of these numbers nobody can go by today, and why; empty when all are known."""
        found = {number: self.find(region_id, number) for number in numbers}
        return "；".join(f"《{NUMBERS[n].title}》{one.why.value}" for n, one in found.items() if not one.known)
