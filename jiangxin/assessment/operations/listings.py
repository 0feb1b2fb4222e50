"""The second source that makes a certificate queryable (P11): national or provincial query lists, loaded whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from jiangxin.assessment.reading import SUBJECT, level_of
from jiangxin.ground.actor import Actor
from jiangxin.ground.cells import Column
from jiangxin.ground.identity import mask_name
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import Refusal
from jiangxin.ground.staging import run, stage
from jiangxin.parties.operations.registers import Loaded, begin_load
from jiangxin.parties.queries.persons import fold_name
from jiangxin.parties.register_files import CellRefused, Extract, Record
from jiangxin.rules.schemes.certificate_facts import LEVELS

LISTING_COLUMNS = (
    Column("number", "证书编号", "code", True, longest=40, example="S000033000001263000001"),
    Column("name", "姓名", required=True, mask=mask_name, example="张三"),
    Column("subject", "职业或项目", required=True, longest=80, example="焊工"),
    Column("level", "等级", choices=tuple(LEVELS.values()), note="专项职业能力和培训合格证书不填"),
    Column("issued_on", "发证日期", "date", True, example="2026-02-28"),
)


class ListingFromAssessor(Refusal):
    sentence = "查询名单不能由评价机构自己提供。"
    remedy = "请由数据管理人员从全国或省级查询平台导出后入库。"


@dataclass(frozen=True, slots=True)
class ListingRow:
    """A certificate as the second source shows it."""

    number: str
    name: str
    subject: str
    level: str
    issued_on: date


def listing_builder(today: date) -> Callable[[Record], ListingRow]:
    """Makes rows out of LISTING_COLUMNS; the trade (工种) in brackets behind an occupation is left out."""

    def build(record: Record) -> ListingRow:
        level, subject = "", record["subject"]
        if record["level"] is not None:
            level = level_of(record["level"]) or ""
            if not level:
                raise CellRefused("level", "没有这个等级", "请从下拉里选")
            subject = parts[1].strip() if (parts := SUBJECT.fullmatch(subject)) else subject
        if record["issued_on"] > today:
            raise CellRefused("issued_on", "发证日期在今天之后", "请核对发证日期")
        return ListingRow(record["number"], fold_name(record["name"]), subject, level, record["issued_on"])

    return build


INSERT_LISTINGS = """
INSERT INTO assessment_listing (id, number, name, subject, level, issued_on, listed_on, load_id)
SELECT id, number, name, subject, level, issued_on, %s, %s FROM new_listing ORDER BY number
"""


def load_listing(actor: Actor, at: datetime, extract: Extract, rows: Sequence[tuple[int, ListingRow]]) -> Loaded:
    """Take in a checked list of the second source; whoever belongs to a body is refused."""
    if actor.body_id is not None:
        raise ListingFromAssessor()
    load = begin_load(actor, at, extract, len(rows))
    stage(
        "new_listing", "id uuid, number text, name text, subject text, level text, issued_on date",
        ((new_id(), row.number, row.name, row.subject, row.level, row.issued_on) for _, row in rows),
    )  # fmt: skip
    run(INSERT_LISTINGS, [extract.extracted_on, load.pk])
    return Loaded(load, 0, [])
