"""待核实 (P28): lines by what they wait for, who can answer it, and whom to ask about in a comparison file."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from jiangxin.ground.identity import mask_name
from jiangxin.ground.staging import rows_of
from jiangxin.parties.registers import REGISTERS
from jiangxin.rules.vocabulary import KINDS, LEVELS
from jiangxin.subsidy.officer import ABLE, OfficerAnswer
from jiangxin.subsidy.operations.decide import LAW, NO_POOL, OFFICER

CLASSES = "省补贴性职业培训项目指导目录"
# The register that answers each missing fact, by the words a decision names it with.
REGISTER_OF = {
    "户籍登记": "household",
    "居住登记": "residence",
    "就业登记": "employment",
    "社会保险参保登记": "insurance_employee",
    "失业保险缴费记录": "insurance_employee",
    "财政供养人员库": "public_staff",
    "学籍登记": "student",
    "养老待遇支付名册": "pension_employee",
    "死亡登记": "death",
    "全国或省证书联网查询名单": "listing",
    "评价机构目录": "titles_assessor",
    "培训机构目录": "titles_provider",
    "已享受补贴台账": "earlier_certificate_subsidy",
}
# Registers of bodies are not asked about persons.
NOT_OF_PERSONS = ("titles_assessor", "titles_provider")
AT_MOST = 2_000

GROUPS = """
SELECT w.words, count(*), (min(l.first_decided_at) AT TIME ZONE 'Asia/Shanghai')::date
  FROM subsidy_subsidy_line l CROSS JOIN LATERAL jsonb_array_elements_text(l.waits_for) AS w(words)
 WHERE l.region_id = ANY(%s) AND l.state = 'waiting' GROUP BY 1 ORDER BY 2 DESC, 1
"""
TOTAL = "SELECT count(*) FROM subsidy_subsidy_line WHERE region_id = ANY(%s) AND state = 'waiting'"
LINES = """
SELECT l.id, l.number, p.id, p.name, d.masked, c.title, c.level, c.kind, b.name, c.training_first_on,
       c.training_last_on, c.issued_on, (l.first_decided_at AT TIME ZONE 'Asia/Shanghai')::date,
       ARRAY(SELECT jsonb_array_elements_text(l.waits_for)), c.late AND NOT l.late_accepted, count(*) OVER ()
  FROM subsidy_subsidy_line l JOIN assessment_certificate c ON c.id = l.certificate_id
  JOIN parties_person p ON p.id = l.person_id JOIN parties_organisation b ON b.id = c.assessor_id
  LEFT JOIN LATERAL (SELECT masked FROM parties_person_document WHERE person_id = p.id ORDER BY id LIMIT 1) d ON true
 WHERE l.region_id = ANY(%(regions)s) AND l.state = 'waiting' AND (%(words)s = '' OR l.waits_for ? %(words)s)
 ORDER BY l.first_decided_at, l.id LIMIT 50 OFFSET %(offset)s
"""
ASKED = """
SELECT DISTINCT ON (d.id, c.training_first_on, c.issued_on) d.id, p.name, c.training_first_on, c.training_last_on,
       c.issued_on
  FROM subsidy_subsidy_line l JOIN assessment_certificate c ON c.id = l.certificate_id
  JOIN parties_person p ON p.id = l.person_id
  JOIN LATERAL (SELECT id FROM parties_person_document WHERE person_id = p.id ORDER BY id LIMIT 1) d ON true
 WHERE l.region_id = ANY(%(regions)s) AND l.state = 'waiting' AND l.waits_for ?| %(words)s
 ORDER BY d.id, c.training_first_on, c.issued_on LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Group:
    """One thing that lines wait for: how many lines, the oldest day; `register` names the register that answers."""

    words: str
    count: int
    oldest: date

    @property
    def register(self) -> str:
        return REGISTER_OF.get(self.words, "")

    @property
    def of_persons(self) -> bool:
        """Whether a comparison file can be asked for."""
        return self.register != "" and self.register not in NOT_OF_PERSONS

    @property
    def how(self) -> str:
        """Who settles it and how."""
        if self.register:
            return f"由{REGISTERS[self.register][1]}提供，入库后自动重新核定"
        return {
            OFFICER: "结果报晚了的、学生证书与专业对不上的，由经办逐笔核定",
            ABLE: "过了退休年龄的，由经办核实就业能力和培训意愿",
            CLASSES: "指导目录没有给这个职业归类，由省级登记后自动重新核定",
            LAW: "当地的标准或规定没有登记，由上级登记后自动重新核定",
            NO_POOL: "单位还没有这笔资金的资金池，开设后自动重新核定",
        }.get(self.words, "由评价机构或培训机构补报，补报后自动重新核定")


def groups(regions: Collection[int]) -> list[Group]:
    """What the waiting lines of these regions wait for; a line that lacks two things is counted under both."""
    return [Group(*row) for row in rows_of(GROUPS, [list(regions)])]


def count_waiting(regions: Collection[int]) -> int:
    """How many lines wait."""
    return int(rows_of(TOTAL, [list(regions)])[0][0])


def answers_entered(regions: Collection[int]) -> list[OfficerAnswer]:
    """What officers entered and another is to confirm, the oldest first."""
    found = OfficerAnswer.objects.filter(region_id__in=regions, state="entered")
    return list(found.select_related("line__person", "line__certificate", "entered_by").order_by("entered_at", "id"))


@dataclass(frozen=True)
class Lacking:
    """A waiting line; name and number masked; `late` when it waits for an officer to accept a late result."""

    id: UUID
    number: str
    person_id: UUID
    name: str
    document: str
    title: str
    level: str
    kind: str
    assessor: str
    training_first_on: date | None
    training_last_on: date | None
    issued_on: date
    since: date
    waits_for: list[str]
    late: bool

    @property
    def level_name(self) -> str:
        return LEVELS.get(self.level, self.level) or KINDS[self.kind]


def lacking(regions: Collection[int], words: str = "", page: int = 1) -> tuple[list[Lacking], int]:
    """A page of the lines that wait for this (empty: for anything), the oldest first; and how many in all."""
    rows = rows_of(LINES, {"regions": list(regions), "words": words, "offset": 50 * (page - 1)})
    lines = [Lacking(*(*row[:3], mask_name(row[3]), row[4] or "", *row[5:15])) for row in rows]
    return lines, rows[0][15] if rows else 0


@dataclass(frozen=True)
class AskedAbout:
    """A person to ask a register about: the document whose number stands in the file, and the days asked."""

    document_id: UUID
    name: str
    from_on: date
    until_on: date


def asked_about(regions: Collection[int], register: str, today: date) -> list[AskedAbout]:
    """Whom to ask a register about: on the training days, for the listing the day of issue, for deaths today."""
    words = [one for one, code in REGISTER_OF.items() if code == register]
    rows = rows_of(ASKED, {"regions": list(regions), "words": words, "limit": AT_MOST})
    return [AskedAbout(row[0], row[1], *_days(register, today, *row[2:])) for row in rows]


def _days(register: str, today: date, first: date | None, last: date | None, issued: date) -> tuple[date, date]:
    if register == "death":
        return today, today
    if register == "listing" or first is None or last is None:
        return issued, issued
    return first, last
