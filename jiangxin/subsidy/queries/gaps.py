"""What a waiting line's registers lack: the days asked, the days loaded, and so the file to ask for (P2, P28)."""

from dataclasses import dataclass
from datetime import date, timedelta

from jiangxin.ground.actor import PROVINCE
from jiangxin.ground.clock import day_of
from jiangxin.ground.regions import Region
from jiangxin.parties.queries.registers import Span, coverage
from jiangxin.parties.registers import REGISTERS
from jiangxin.subsidy.facts import HISTORY
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.subsidy.queries.waiting import NOT_OF_PERSONS, REGISTER_OF


@dataclass(frozen=True)
class Gap:
    """A register that a line waits for. Only a load of the whole province lets "no row" be an answer."""

    register: str
    who: str
    from_on: date
    until_on: date
    loaded: list[Span]
    partial: list[tuple[str, Span]]
    missing: list[tuple[date, date]]


def gaps_of(line: SubsidyLine, today: date) -> list[Gap]:
    """The registers of persons that a line with its certificate waits for, each with what is asked of it."""
    found = []
    for words in line.waits_for:
        code = REGISTER_OF.get(words, "")
        registers = HISTORY if code in HISTORY else (code,) if code and code not in NOT_OF_PERSONS else ()
        found += [_gap(register, line, today) for register in registers]
    return found


def _gap(register: str, line: SubsidyLine, today: date) -> Gap:
    first, last = _asked(register, line, today)
    spans = coverage(register, line.region_id)
    loaded = [span for span in spans if span.region_id == PROVINCE]
    partial = [span for span in spans if span.region_id != PROVINCE]
    names = dict(Region.objects.filter(id__in={span.region_id for span in partial}).values_list("id", "name"))
    name, who = REGISTERS[register]
    return Gap(
        name, who, first, last, loaded, [(names[span.region_id], span) for span in partial],
        _missing(first, last, loaded),
    )  # fmt: skip


def _asked(register: str, line: SubsidyLine, today: date) -> tuple[date, date]:
    """The days whose facts the law asks for: of the training, up to the exam for deaths, the counted years."""
    certificate = line.certificate
    first = certificate.training_first_on or certificate.issued_on
    last = certificate.training_last_on or certificate.issued_on
    if register in HISTORY:
        received = day_of(certificate.received_at)
        year = min(certificate.issued_on.year, received.year)
        return date(year, 1, 1), max(today, received)
    if register == "death":
        return first, max(certificate.exam_on or last, last)
    return (certificate.issued_on, certificate.issued_on) if register == "listing" else (first, last)


def _missing(first: date, last: date, loaded: list[Span]) -> list[tuple[date, date]]:
    """The stretches from first to last, both included, that no load holds; `loaded` in the order of their days."""
    missing, day = [], timedelta(days=1)
    for span in loaded:
        if span.from_on > first:
            missing.append((first, min(last, span.from_on - day)))
        first = max(first, span.until_on + day)
        if first > last:
            break
    return [(a, b) for a, b in [*missing, (first, last)] if a <= b]
