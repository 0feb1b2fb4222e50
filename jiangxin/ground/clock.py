"""The one clock. Every process takes `at` from here; business code and business SQL never ask for the time."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, models

from jiangxin.ground.refusal import Refusal
from jiangxin.ground.table import Table

SHANGHAI = ZoneInfo("Asia/Shanghai")
FARTHEST = timedelta(days=3653)


class ClockOnlyMovesInDemo(Refusal):
    sentence = "正式库的时间不能调整。"
    remedy = "只有演示库和测试库可以调整时间。"


class ClockOnlyMovesForward(Refusal):
    sentence = "时间只能往后调。现在是 {now}。"
    remedy = "请给一个更晚的日期。"


class ClockMovesTooFar(Refusal):
    sentence = "一次最多往后调十年。"
    remedy = "请给一个近一些的日期。"


class Clock(Table):
    """One row. `demo_at` is empty in a real database: then the database's own clock is the time."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    demo_at = models.DateTimeField(null=True)
    demo_steps = models.IntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="clock_is_one_row")]


def read_clock() -> datetime:
    """The instant that counts as now, in Asia/Shanghai."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(demo_at, clock_timestamp()) FROM ground_clock")
        return cursor.fetchone()[0].astimezone(SHANGHAI)


def is_demo() -> bool:
    """Whether this database is a demo: synthetic people, every page marked (P18)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT demo_at IS NOT NULL FROM ground_clock")
        return cursor.fetchone()[0]


def move_clock(to: datetime) -> None:
    """Set the demo clock to a later instant; refused in a real database and backwards."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT demo_at FROM ground_clock FOR UPDATE")
        now = cursor.fetchone()[0]
        if now is None:
            raise ClockOnlyMovesInDemo()
        if to < now:
            raise ClockOnlyMovesForward(now=now.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"))
        if to - now > FARTHEST:
            raise ClockMovesTooFar()
        cursor.execute("UPDATE ground_clock SET demo_at = %s, demo_steps = demo_steps + 1", [to])


def day_of(at: datetime) -> date:
    """The calendar day in Asia/Shanghai that an instant falls on."""
    return at.astimezone(SHANGHAI).date()


def opening_of(day: date) -> datetime:
    """Nine o'clock of a day: where a moved demo clock stands."""
    return datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI)


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or its last day where there is none (31 Aug + 6 months = 28 Feb)."""
    year, month = divmod(day.month - 1 + months, 12)
    first_of_next = date(day.year + year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(first_of_next - timedelta(days=1), date(day.year + year, month + 1, 1) + timedelta(days=day.day - 1))
