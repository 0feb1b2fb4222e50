"""Planting a synthetic county: in which order, into which database, and the manifest of what was planted."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

from django.db import connection

from jiangxin.ground import state
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import opening_of
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import Refusal
from jiangxin.ground.regions import Region
from jiangxin.parties.models import Account, Organisation, Person, RegisterLoad
from jiangxin.parties.operations.accounts import DEMO_PASSWORD
from jiangxin.synth.accounts import open_bodies, open_clerks, open_staff, open_workers
from jiangxin.synth.bodies import DEMO, RUIAN, TONGLU, Body, draw_bodies
from jiangxin.synth.courses import Timetable
from jiangxin.synth.firms import open_firms
from jiangxin.synth.history import draw_history
from jiangxin.synth.learners import Enrolment, Result
from jiangxin.synth.manifest import by_county, counts_of
from jiangxin.synth.marginals import assumed
from jiangxin.synth.people import Citizen, Population
from jiangxin.synth.records import write_bodies, write_history, write_items, write_listings, write_willing
from jiangxin.synth.registers import load_cards, load_statuses
from jiangxin.synth.writing import Folder

STARTS_ON = date(2026, 3, 2)
PART, SMALL_COUNTY, SMALL_SHARE = 50_000, 1_000, 20
FRESH_ISSUED_ON = date(2026, 2, 24)
# Whose fresh workbook is right, whose is full of errors, and for how many people.
FRESH = {"clean": ("assessor-3", 40), "wrong": ("assessor-2", 66)}
Report = Callable[[str, int, int], None]


class NotADemo(Refusal):
    sentence = "这个库已经在正式使用，不能放进虚构的人。"
    remedy = "请换一个空库，或换一个演示库。"


class PeopleAlreadyThere(Refusal):
    sentence = "这个库里已经有人员，不能再生成一次。"
    remedy = "要重新生成，请换一个空库。"


class ReferenceDataMissing(Refusal):
    sentence = "还没有基础数据。"
    remedy = "请先运行 jiangxin refdata load。"


def begin_demo() -> datetime:
    """Make an unused database a demo whose clock stands on 2 March 2026 at nine; returns that instant.

    Raises NotADemo where somebody already works with it, PeopleAlreadyThere in a demo that has been filled.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT demo_at FROM ground_clock FOR UPDATE")
        demo_at = cursor.fetchone()[0]
        used = any(table.objects.exists() for table in (Account, Person, Organisation, RegisterLoad))
        if used:
            raise NotADemo() if demo_at is None else PeopleAlreadyThere()
        if not Region.objects.filter(id=DEMO).exists():
            raise ReferenceDataMissing()
        if demo_at is None:
            demo_at = opening_of(STARTS_ON)
            cursor.execute("UPDATE ground_clock SET demo_at = %s", [demo_at])
    return demo_at


def demo_folder() -> Path:
    """Where the demo's workbooks and its manifest lie."""
    return state.own_folder(state.state_folder() / "demo", 0o755)


@dataclass
class Planting:
    """What one run has drawn so far."""

    seed: int
    bodies: dict[str, Body]
    population: Population
    timetables: dict[int, Timetable] = field(default_factory=dict)
    serials: Counter[str] = field(default_factory=Counter)
    counted: Counter[str] = field(default_factory=Counter)
    people_of: Counter[int] = field(default_factory=Counter)
    results: list[Result] = field(default_factory=list)
    fresh: dict[str, list[Result]] = field(default_factory=dict)

    def random(self, *what: object) -> Random:
        """A source of chance of its own for each purpose, so that one cannot disturb another."""
        return Random("|".join(map(str, (self.seed, *what))))

    def manifest(self, at: datetime) -> dict[str, Any]:
        """What was drawn, in counts."""
        return {
            "seed": self.seed, "demo_at": at.isoformat(), "people": dict(self.people_of), "rows": dict(self.counted),
            "kinds": counts_of(self.results, lambda result: result.course.kind),
            "levels": counts_of(self.results, lambda result: result.course.level),
            "counties": by_county(self.results),
        }  # fmt: skip


def plant(actor: Actor, at: datetime, people: int, seed: int, folder: Path, report: Report) -> dict[str, Any]:
    """Fill a demo with `people` in its county and a few in two others; returns the manifest, also written to `folder`.

    Runs in the caller's transaction, in parts of 50,000 people. The same seed gives the same people, results and files.
    """
    planting = Planting(seed, draw_bodies(seed), Population(seed))
    files = Folder(folder)
    write_items()
    write_bodies(actor, list(planting.bodies.values()))
    done, total = 0, sum(size for _, counties in _parts(people) for _, size in counties)
    for part, counties in _parts(people):
        citizens = _plant_part(actor, planting, part, counties)
        files.add_missing_extract(citizens)
        done += len(citizens)
        report("人员、登记、历史", done, total)
    places = dict(Region.objects.filter(kind="county").values_list("id", "name"))
    files.write(planting.results, planting.fresh, places, planting.random("errors"), report)
    accounts = {
        "staff": open_staff(actor, at),
        "clerks": open_clerks(actor, at, planting.bodies)
        + open_bodies(actor, at, planting.bodies)
        + open_firms(actor, at, seed),
        "workers": open_workers(actor, at, planting.results),
    }
    opened = sum(map(len, accounts.values()))
    report("账号", opened, opened)
    manifest = planting.manifest(at) | files.manifest() | {"accounts": accounts | {"password": DEMO_PASSWORD}}
    files.save(manifest)
    note(actor, at, "planted_synthetic_people", kind="Person", seed=seed, people=dict(planting.people_of))
    return manifest


def _parts(people: int) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """(number, [(county, people)]) of each part; the two small counties come with the first."""
    small = min(SMALL_COUNTY, people // SMALL_SHARE)
    for part, start in enumerate(range(0, people, PART)):
        counties = [(DEMO, min(PART, people - start))]
        yield part, counties + [(county, small) for county in (TONGLU, RUIAN) if part == 0 and small]


def _plant_part(actor: Actor, planting: Planting, part: int, counties: list[tuple[int, int]]) -> list[Citizen]:
    """Draw one part and write its people, statuses, cards, history and listings; returns the people."""
    citizens: list[Citizen] = []
    results: list[Result] = []
    for county, size in counties:
        here = planting.population.draw(county, part, size)
        planting.people_of[county] += size
        results += _study(planting, part, county, here)
        citizens += here
    fresh = [result for group in planting.fresh.values() for result in group] if part == 0 else []
    planting.counted.update(load_statuses(actor, citizens, str(part)))
    planting.counted["card"] += load_cards(actor, citizens, str(part))
    history = list(draw_history(planting.random("history", part), citizens, results + fresh))
    planting.counted["history"] += write_history(actor, history, str(part))
    planting.counted["listing"] += write_listings(actor, results + fresh, str(part))
    write_willing(results)
    planting.results += results
    return citizens


def _study(planting: Planting, part: int, county: int, people: list[Citizen]) -> list[Result]:
    """The year's certificates of one county's people, and in the first part those still to be sent."""
    random = planting.random("courses", county, part)
    timetable = planting.timetables.setdefault(county, Timetable(random, county, planting.bodies))
    enrolment = Enrolment(planting.random("enrolment", county, part), people, planting.serials)
    results = enrolment.fill(timetable.plan(round(len(people) * assumed("certificates_per_person_and_year"))))
    if county == DEMO and part == 0:
        for name, (assessor, size) in FRESH.items():
            planting.fresh[name] = enrolment.fill(timetable.fresh(assessor, size, FRESH_ISSUED_ON, STARTS_ON))
    return results
