"""Working days (P32): a table filled from the published calendar; beyond it weekdays count, marked provisional."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.db import models

from jiangxin.ground.table import Table


class CalendarDay(Table):
    """One published day: working or not, and where that was published."""

    day = models.DateField(primary_key=True)
    is_working = models.BooleanField()
    source = models.CharField(max_length=200)


@dataclass(frozen=True)
class Term:
    """The last day of a term; `provisional` when it reaches into a year whose calendar is not yet published."""

    ends_on: date
    provisional: bool


@dataclass(frozen=True)
class WorkingCalendar:
    """The published days between two years, less an office's own closing days."""

    published: dict[date, bool]
    closed: frozenset[date] = frozenset()

    @cached_property
    def last_published(self) -> date:
        return max(self.published)

    def is_working(self, day: date) -> bool:
        return day not in self.closed and self.published.get(day, day.weekday() < 5)

    def add(self, day: date, working_days: int) -> Term:
        """The term of so many working days after `day`; the first day is not counted."""
        while working_days > 0:
            day += timedelta(days=1)
            working_days -= self.is_working(day)
        return Term(day, day > self.last_published)

    def not_before(self, day: date) -> Term:
        """`day`, or the next working day if it is not one (a term never ends on a day off)."""
        while not self.is_working(day):
            day += timedelta(days=1)
        return Term(day, day > self.last_published)

    def left(self, today: date, ends_on: date) -> int:
        """Working days left after today up to and with the last day; negative when it has passed."""
        low, high = sorted((today, ends_on))
        days = (low + timedelta(days=n + 1) for n in range((high - low).days))
        count = sum(self.is_working(day) for day in days)
        return count if today <= ends_on else -count


def load_calendar(closed: frozenset[date] = frozenset()) -> WorkingCalendar:
    """The published calendar, with the closing days of one office when given."""
    return WorkingCalendar(dict(CalendarDay.objects.values_list("day", "is_working")), closed)
