"""Steps that the rules on certificates share: which day and office count, how often, how old, how much, which fund.

Every step takes an Ask and gives one array per row; `Ask.once` keeps the result. Which day a number is read on (P6):
standard, class, window, counting and office on the issue day; statuses and age on the first training day; the fund and
whether the scheme is paid here on the day of decision.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import numpy as np

from jiangxin.ground.money import yuan
from jiangxin.rules.facts import UNKNOWN_COUNT
from jiangxin.rules.lookup import Found
from jiangxin.rules.parameters import PROVINCE, Entry
from jiangxin.rules.rule import NO, UNKNOWN, UNKNOWN_AMOUNT, YES, Ask, Paid, in_chinese, spread
from jiangxin.rules.vocabulary import (
    ANY,
    CHANNELS,
    CLASSES,
    COUNT_DATES,
    FUNDS,
    KINDS,
    KINDS_WITH_LEVELS,
    LEVELS,
    OFFICES,
    SEXES,
)

_TRAINING_PASS = tuple(KINDS).index("training_pass")
WITHOUT_LEVELS = tuple((name, kind) for kind, name in enumerate(KINDS) if kind >= KINDS_WITH_LEVELS)

_NEVER = 10**6
_MONTHS = range((1900 - 1970) * 12, (2100 - 1970) * 12)
_NO_FUND = -1
FUND_CODES = tuple(FUNDS)


def switch(entry: Entry) -> np.int8:
    """A local switch as an answer: what nobody filed is off, what is filed but unknown is unknown."""
    if entry.known:
        return YES if entry.value else NO
    return UNKNOWN if entry.filed else NO


def option(options: Iterable[str]) -> Callable[[Entry], int]:
    """The place of a known option; for an unknown one the place after the last."""
    places = {name: place for place, name in enumerate(options)}
    return lambda entry: places[entry.value] if entry.known else len(places)


_office = option(OFFICES)
_count_date = option(COUNT_DATES)
_channel = option(CHANNELS)


def picked(code: np.ndarray, columns: Sequence[np.ndarray]) -> np.ndarray:
    """The column each row's code names; one code for all rows gives the column itself."""
    return columns[int(code)] if np.ndim(code) == 0 else np.choose(code, columns)


def issued(ask: Ask) -> np.ndarray:
    return ask.facts.issued_on


def decided(ask: Ask) -> np.ndarray:
    return ask.facts.decided_on


def status_day(ask: Ask) -> np.ndarray:
    """The day statuses and age are judged on: the first training day, the issue day where no training is dated (P6)."""
    first = ask.facts.training_first_on
    return np.where(np.isnat(first), ask.facts.issued_on, first)


def province(ask: Ask) -> np.ndarray:
    """Competence between offices is ruled by the province alone: one office per certificate (P5)."""
    return np.full(ask.rows, PROVINCE, dtype=np.int32)


def paying_region(ask: Ask) -> np.ndarray:
    """Whose office pays (P5): where the class was filed or where the person is insured; -1 unknown, 0 nowhere."""
    office = ask.number("paying_office", province, issued).each(_office, np.int8)
    unknown = np.full(ask.rows, -1, dtype=np.int32)
    return picked(office, (ask.facts.class_filed_region, ask.facts.insured_region, unknown))


def claimed(ask: Ask) -> np.ndarray:
    """The earlier of receipt and the worker's own request: it keeps the window (P6)."""
    return np.fmin(ask.facts.received_on, ask.facts.requested_on)


def counted_day(ask: Ask) -> np.ndarray:
    """The day whose year counts (P6); NaT where the region's rule is unknown."""
    code = ask.number("count_date", paying_region, issued).each(_count_date, np.int8)
    unknown = np.full(ask.rows, "NaT", dtype="datetime64[D]")
    return picked(code, (ask.facts.issued_on, ask.facts.received_on, ask.facts.decided_on, unknown))


def count_year(ask: Ask) -> np.ndarray:
    """The counted year; 0 where unknown."""
    day = ask.once(counted_day)
    return np.where(np.isnat(day), 0, day.astype("datetime64[Y]").view(np.int64) + 1970)


def taken_in_year(ask: Ask) -> np.ndarray:
    """Times already taken in the counted year over all schemes (P9)."""
    facts = ask.facts
    code = ask.number("count_date", paying_region, issued).each(_count_date, np.int8)
    unknown = np.full(ask.rows, UNKNOWN_COUNT)
    return picked(code, (facts.count_issued_year, facts.count_received_year, facts.count_decided_year, unknown))


def takes_count(ask: Ask) -> np.ndarray:
    """Whether a yes of this scheme uses one of the yearly times: yes, no, unknown."""
    return ask.number("takes_count", paying_region, issued).each(switch, np.int8)


def full_months(ask: Ask) -> np.ndarray:
    """Age in full months on the status day; a birthday on the 29th to 31st is kept on a shorter month's last day."""
    born, on = ask.facts.born_on, ask.once(status_day)
    born_month, on_month = born.astype("datetime64[M]"), on.astype("datetime64[M]")
    first = on_month.astype("datetime64[D]")
    last = (on_month + 1).astype("datetime64[D]") - 1
    birthday = np.minimum(first + (born - born_month.astype("datetime64[D]")), last)
    return (on_month - born_month).view(np.int64) - (on < birthday)


def past_retirement(ask: Ask) -> np.ndarray:
    """Whether the legal retirement age is reached (P8); unknown between the earliest and the latest age of the sex."""
    found = ask.number("retirement_ages", paying_region, status_day)
    born_month = ask.facts.born_on.astype("datetime64[M]").view(np.int64)
    place = np.minimum(np.maximum(born_month, _MONTHS.start), _MONTHS.stop - 1) - _MONTHS.start
    ages = found.tables(_retirement_table)[found.rows, ask.facts.sex, place]
    age = ask.once(full_months)
    return np.where(age >= ages[:, 1], YES, np.where(age < ages[:, 0], NO, UNKNOWN))


def _retirement_table(entry: Entry) -> np.ndarray:
    """[sex, birth month] → earliest and latest age in months; every group of a sex moves by its own steps.

    Without a known table every age lies between the two, which says unknown.
    """
    ages = np.empty((len(SEXES), len(_MONTHS), 2), dtype=np.int64)
    ages[:] = -_NEVER, _NEVER
    for code, sex in enumerate(SEXES):
        groups = [group for group in entry.value if group["sex"] == sex] if entry.known else []
        if groups:
            rows = np.stack([_ages_of_group(group) for group in groups])
            ages[code] = np.stack([rows.min(axis=0), rows.max(axis=0)], axis=1)
    return ages


def _ages_of_group(group: dict) -> np.ndarray:
    months = np.arange(_MONTHS.start, _MONTHS.stop)
    if "delayed_from" not in group:
        return np.full(len(months), group["months"])
    since = months - np.datetime64(group["delayed_from"], "M").astype(np.int64)
    delay = np.where(since < 0, 0, since // group["every_months"] + 1)
    return np.minimum(group["months"] + delay, group["limit_months"])


def standard_fen(ask: Ask) -> np.ndarray:
    """The standard for region, kind, class, level and issue day, with the scarce uplift; UNKNOWN_AMOUNT if none."""
    facts = ask.facts
    found = ask.number("amount", paying_region, issued)
    fen = found.tables(_amount_table)[found.rows, facts.cert_kind, facts.occupation_class, facts.level]
    for place, entry in enumerate(found.entries):
        for kind, item, amount in _items(entry):
            if item in facts.occupations:
                here = (facts.occupation_key == facts.occupations.index(item)) & (facts.cert_kind == kind)
                fen = np.where(here if found.index is None else here & (found.index == place), amount, fen)
    return _with_scarce_uplift(ask, _by_catalogue(ask, _by_time(ask, found, fen)))


def _amount_table(entry: Entry) -> np.ndarray:
    """[kind, class, level] → fen. The last place of class and level is the unknown one: only 不分类别/等级 fills it."""
    table = np.full((len(KINDS), len(CLASSES) + 1, len(LEVELS) + 1), UNKNOWN_AMOUNT, dtype=np.int64)
    if not entry.known:
        return table
    for name, by_level in entry.value.get("levels", {}).items():
        classes = slice(None) if name == ANY else tuple(CLASSES).index(name)
        for level, fen in by_level.items():
            table[:KINDS_WITH_LEVELS, classes, tuple(LEVELS).index(level)] = fen
    for name, kind in WITHOUT_LEVELS:
        for level, fen in entry.value.get(name, {}).items():
            if level == ANY:
                table[kind] = fen
            elif level in LEVELS:
                table[kind, :, tuple(LEVELS).index(level)] = fen
    return table


@lru_cache(maxsize=512)
def _items(entry: Entry) -> tuple[tuple[int, str, int], ...]:
    """Amounts of single items (专项) and projects (培训合格): kind, key, fen."""
    value = entry.value if entry.known else {}
    tables = [(kind, value.get(name, {})) for name, kind in WITHOUT_LEVELS]
    return tuple((kind, item, fen) for kind, table in tables for item, fen in table.items() if ":" in item)


def _by_time(ask: Ask, found: Found, fen: np.ndarray) -> np.ndarray:
    """培训合格 without an amount of its own is paid by the lesson or the day up to a cap; unknown where those are."""
    for rate_of, units in ((_lesson_rate, ask.facts.training_hours), (_day_rate, ask.facts.course_days)):
        rates = found.tables(rate_of)
        if (rates < 0).all():
            continue
        each, at_most = np.moveaxis(rates[found.rows], -1, 0)
        applies = (ask.facts.cert_kind == _TRAINING_PASS) & (each >= 0) & (fen < 0)
        counted = np.where(units == UNKNOWN_COUNT, UNKNOWN_AMOUNT, np.minimum(units * each, at_most))
        fen = np.where(applies, counted, fen)
    return fen


def _lesson_rate(entry: Entry) -> np.ndarray:
    """Fen per lesson and at most; -1 where nothing is paid by the lesson."""
    rate = entry.value.get("training_pass_by_lesson") if entry.known else None
    return np.array([rate["per_lesson"], rate["at_most"]] if rate else [-1, -1], dtype=np.int64)


def _day_rate(entry: Entry) -> np.ndarray:
    """Fen per day of teaching and at most; -1 where nothing is paid by the day."""
    rate = entry.value.get("training_pass_by_day") if entry.known else None
    return np.array([rate["per_day"], rate["at_most"]] if rate else [-1, -1], dtype=np.int64)


def _by_catalogue(ask: Ask, fen: np.ndarray) -> np.ndarray:
    """A project that the office published with an amount is paid by that (10.2)."""
    published = (ask.facts.project_published == YES) & (ask.facts.project_fen != UNKNOWN_COUNT)
    return np.where(published & (ask.facts.cert_kind == _TRAINING_PASS), ask.facts.project_fen, fen)


def _with_scarce_uplift(ask: Ask, fen: np.ndarray) -> np.ndarray:
    """Article 19: scarce occupations get more, by a dated list and a percentage; unknown when only one of both is."""
    percent = ask.number("scarce_uplift_percent", paying_region, issued)
    listed = ask.number("scarce_occupations", paying_region, issued)
    either_filed = percent.each(filed, bool) | listed.each(filed, bool)
    if not either_filed.any():
        return fen
    members = np.array([_members(entry, ask.facts.occupations) for entry in listed.entries], dtype=np.int8)
    scarce = members[listed.rows, ask.facts.occupation_key]
    if not scarce.any():
        return fen
    extra = percent.tables(_percent_table)[percent.rows, ask.facts.level]
    raised = np.where((fen < 0) | (extra < 0), UNKNOWN_AMOUNT, fen * (100 + extra) // 100)
    return np.where(~either_filed | (scarce == NO), fen, np.where(scarce == YES, raised, UNKNOWN_AMOUNT))


def filed(entry: Entry) -> bool:
    return entry.filed


def _members(entry: Entry, occupations: tuple[str, ...]) -> list[int]:
    """Per occupation of the vocabulary, and for the unknown one in the last place: on the list?"""
    if not entry.known:
        return [int(UNKNOWN)] * (len(occupations) + 1)
    return [*(occupation in entry.value for occupation in occupations), int(UNKNOWN)]


def _percent_table(entry: Entry) -> np.ndarray:
    """Percentage per level, the unknown level last; -1 where it is unknown."""
    table = np.full(len(LEVELS) + 1, -1, dtype=np.int64)
    if entry.known:
        for level, percent in entry.value.items():
            table[... if level == ANY else tuple(LEVELS).index(level)] = percent
    return table


def channel_mode(ask: Ask) -> np.ndarray:
    """What a payment through another channel does (P4): 0 excludes, 1 leaves the difference, 2 unknown."""
    return ask.number("other_channel", paying_region, issued).each(_channel, np.int8)


def amount_fen(ask: Ask) -> np.ndarray:
    """What a yes is worth: the standard, less what another channel paid where the region pays the difference."""
    standard, paid = ask.once(standard_fen), ask.facts.other_channel_paid_fen
    if not paid.any():
        return standard
    mode = ask.once(channel_mode)
    unknown = (standard < 0) | (paid == UNKNOWN_COUNT) | ((mode == UNKNOWN) & (paid > 0))
    return np.where(unknown, UNKNOWN_AMOUNT, np.where(mode == 1, np.maximum(standard - paid, 0), standard))


def fund(ask: Ask) -> np.ndarray:
    """The first fund in the office's order that the scheme permits (P19), as a place in FUNDS; -1 unknown."""
    order = ask.number("fund_order", paying_region, decided)
    permitted = ask.number("permitted_funds", paying_region, decided)
    table = np.array([[_first_permitted(one, other) for other in permitted.entries] for one in order.entries])
    return spread(table[order.rows, permitted.rows], ask.rows)


@lru_cache(maxsize=512)
def _first_permitted(order: Entry, permitted: Entry) -> int:
    if not (order.known and permitted.known):
        return _NO_FUND
    return next((FUND_CODES.index(name) for name in order.value if name in permitted.value), _NO_FUND)


def paid_here(ask: Ask) -> np.ndarray:
    """Whether the region is configured to pay this scheme here (P10): yes, no, unknown."""
    return ask.number("paid_here", paying_region, decided).each(switch, np.int8)


def certificate_paid(ask: Ask) -> Paid:
    """What the engine writes beside the answers of a certificate scheme."""
    return Paid(
        amount_fen=ask.once(amount_fen),
        region=ask.once(paying_region),
        fund=ask.once(fund),
        count_year=ask.once(count_year),
        takes_count=spread(ask.once(takes_count) != NO, ask.rows),
        here=spread(ask.once(paid_here), ask.rows),
        fund_codes=FUND_CODES,
    )


def said_day(days: np.ndarray) -> str:
    """The one row's day in Chinese."""
    return in_chinese(None if np.isnat(days[0]) else days[0].item())


def said_yuan(fen: np.ndarray) -> str:
    """The one row's amount in yuan."""
    return yuan(int(fen[0])) if fen[0] >= 0 else "未知"


def said_fund(place: np.ndarray) -> str:
    """The one row's fund by name."""
    return tuple(FUNDS.values())[place[0]] if place[0] >= 0 else "未知"
