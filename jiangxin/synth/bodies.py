"""Bodies of the synthetic counties: who assesses, who trains, with which titles since when."""

from dataclasses import dataclass, replace
from datetime import date
from random import Random

from jiangxin.synth.numbers import credit_code
from jiangxin.synth.trades import ITEMS, PROJECTS, QUALIFICATIONS, WITHOUT_STANDARD

DEMO, TONGLU, RUIAN = 330421, 330122, 330381
LONG_AGO = date(2019, 1, 1)
NEW_ASSESSOR_ON, NEW_PROVIDER_ON = date(2025, 12, 15), date(2025, 11, 20)
LATE_PROVIDER_ON, ENDED_ASSESSOR_ON = date(2025, 9, 1), date(2026, 2, 27)
SOURCE = "演示数据"

_MAKING = ("6-31-01-03", "6-18-01-01", "6-20-01-01", "6-31-07-03", "6-05-01-03", "6-30-05-01")
_SERVICE = ("4-01-06-01", "4-02-06-03", "4-03-02-01", "4-03-02-07", "4-10-03-02")
_CARE = ("4-10-01-05", "4-10-01-06", "4-10-01-03")
_FARM = ("5-05-05-01", "5-01-02-03")


@dataclass(frozen=True)
class Holding:
    """A title of a body: kind, days, and the subjects it covers (every level)."""

    kind: str
    subjects: tuple[str, ...]
    from_on: date = LONG_AGO
    until_on: date | None = None


@dataclass(frozen=True)
class Body:
    """A synthetic body. `letter` and `serial` are its part of a certificate number (facts.md 4.4)."""

    key: str
    name: str
    county: int
    letter: str
    serial: int
    holdings: tuple[Holding, ...]
    credit_code: str = ""

    def holds(self, kind: str) -> Holding | None:
        """Its title of a kind, if any."""
        return next((holding for holding in self.holdings if holding.kind == kind), None)

    @property
    def prefix(self) -> str:
        """The first thirteen characters of the certificate numbers it gives: filed with the province 33."""
        return f"{self.letter}000033{self.serial:06d}"


def _items() -> tuple[str, ...]:
    return tuple(f"item:{code}" for code in ITEMS)


def _projects(*codes: str) -> tuple[str, ...]:
    return tuple(f"project:{code}" for code in codes)


def _assessor(
    key: str, name: str, subjects: tuple[str, ...], letter: str = "S", county: int = DEMO, **days: date
) -> Body:
    serial = county % 1000 * 100 + int(key.split("-")[1])
    return Body(key, f"{name}（演示）", county, letter, serial, (Holding("assessor", subjects, **days),))


def _provider(key: str, name: str, subjects: tuple[str, ...], county: int = DEMO, from_on: date = LONG_AGO) -> Body:
    """A provider; who trains a project may also issue its 培训合格 certificate."""
    issues = tuple(subject for subject in subjects if subject.startswith("project:"))
    holdings = (Holding("provider", subjects, from_on), *((Holding("assessor", issues, from_on),) if issues else ()))
    serial = county % 1000 * 100 + 50 + int(key.split("-")[1])
    return Body(key, f"{name}（演示）", county, "S", serial, holdings)


def draw_bodies(seed: int) -> dict[str, Body]:
    """All bodies by key; their credit codes are drawn by the seed."""
    random = Random(f"{seed}|bodies")
    project = list(PROJECTS)
    bodies = [
        _assessor("assessor-1", "嘉善县技能人才评价中心", (*QUALIFICATIONS, *_items())),
        _assessor("assessor-2", "嘉善善技职业技能评价有限公司", (*_MAKING, *_FARM)),
        _assessor("assessor-3", "嘉善职工技术学校", (*_SERVICE, WITHOUT_STANDARD)),
        _assessor("assessor-4", "浙江善精机械制造有限公司", _MAKING[1:4], letter="Y"),
        _assessor("assessor-5", "嘉善惠民家政评价中心", _CARE, until_on=ENDED_ASSESSOR_ON),
        _assessor("assessor-6", "嘉善启新职业技能评价中心", (*_CARE, *_SERVICE), from_on=NEW_ASSESSOR_ON),
        _provider("provider-1", "嘉善职业技术学校", (*_MAKING, *QUALIFICATIONS, *_items(), *_projects(project[0]))),
        _provider("provider-2", "嘉善宏图职业培训学校", (*_SERVICE, *_CARE, QUALIFICATIONS[1], WITHOUT_STANDARD)),
        _provider("provider-3", "嘉善阳光家政培训学校", (*_CARE, *_projects(project[1]))),
        _provider("provider-4", "嘉善智造技能培训中心", (*_MAKING, QUALIFICATIONS[0])),
        _provider("provider-5", "嘉善丰禾农技培训中心", (*_FARM, *_projects(project[2]))),
        _provider("provider-6", "嘉善善味餐饮培训学校", (*_SERVICE[2:4], *_items())),
        _provider("provider-7", "嘉善远景职业培训学校", _SERVICE, from_on=LATE_PROVIDER_ON),
        _provider("provider-8", "嘉善新程职业培训学校", (*_MAKING, *_SERVICE), from_on=NEW_PROVIDER_ON),
    ]
    for county, place, city in ((TONGLU, "桐庐", 1), (RUIAN, "瑞安", 2)):
        bodies += [
            _assessor(f"assessor-{5 + 2 * city}", f"{place}职业技能评价中心", (*_MAKING, *_FARM), county=county),
            _assessor(f"assessor-{6 + 2 * city}", f"{place}职工学校", (*_SERVICE, *_CARE), county=county),
            _provider(f"provider-{7 + 2 * city}", f"{place}职业技术学校", (*_MAKING, *_FARM), county=county),
            _provider(f"provider-{8 + 2 * city}", f"{place}家政培训学校", (*_SERVICE, *_CARE), county=county),
        ]
    return {body.key: replace(body, credit_code=credit_code(random, body.county // 100 * 100)) for body in bodies}




# A body with a valid code that no register knows.
STRANGER = replace(_provider("provider-0", "查无此校", ()), credit_code=credit_code(Random("stranger"), 330400))
