"""Titles of bodies: taken in from the lists of assessors and of training providers (13.2, 14.1)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from jiangxin.catalogue.models import Occupation, TrainingItem
from jiangxin.ground.actor import Actor
from jiangxin.ground.cells import Column
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import Refusal
from jiangxin.parties.models import RegisterLoad
from jiangxin.parties.operations.bodies import BodyRow, check_credit_code, register_bodies
from jiangxin.parties.operations.registers import Loaded, begin_load
from jiangxin.parties.register_files import CellRefused, Extract, Record, region_of
from jiangxin.recognition.models import Title, TitleScope
from jiangxin.rules.vocabulary import LEVELS

KIND_OF_REGISTER = {"titles_assessor": "assessor", "titles_provider": "provider"}
# What a title may cover, and how that is written as a subject; "*" is everything.
COVERS = {"职业": "{}", "专项职业能力": "item:{}", "培训合格项目": "project:{}", "全部": "*"}
TITLE_COLUMNS = (
    Column("name", "机构名称", required=True, longest=120),
    Column("credit_code", "统一社会信用代码", "code", required=True, longest=18),
    Column("body_region", "机构所在地区划代码", "integer", required=True, example="330421"),
    Column("region", "适用地区划代码", "integer", required=True, example="330421"),
    Column("covers", "范围类型", "choice", required=True, choices=tuple(COVERS)),
    Column("code", "职业编码或项目编号", "code", longest=40, note="范围类型是“全部”时不填", example="6-18-02-04"),
    Column("level", "等级", "choice", choices=tuple(LEVELS.values()), note="不填就是全部等级"),
    Column("from_on", "生效日期", "date", required=True, example="2024-01-01"),
    Column("until_on", "失效日期", "date", note="至今有效的不填"),
    Column("source", "依据文件", required=True, longest=200),
)
_LEVEL_CODES = {word: code for code, word in LEVELS.items()}


@dataclass(frozen=True, slots=True)
class TitleRow:
    """One line of a list: a body, what it may assess or teach at which level ("" = every), where and when."""

    body: BodyRow
    region_id: int
    subject: str
    level: str
    from_on: date
    until_on: date | None
    source: str

    @property
    def title(self) -> tuple[str, int, date, str, date]:
        """What makes lines one title: body, region, days and document."""
        return self.body.credit_code, self.region_id, self.from_on, self.source, self.until_on or date.max


def title_builder(regions: frozenset[int]) -> Callable[[Record], TitleRow]:
    """Makes rows out of TITLE_COLUMNS; occupations, items and projects must be in the catalogue."""
    occupations = set(Occupation.objects.values_list("code", flat=True))
    items = set(TrainingItem.objects.values_list("kind", "code"))
    known = {"职业": occupations} | {
        word: {code for kind, code in items if kind == of}
        for word, of in (("专项职业能力", "special_skill"), ("培训合格项目", "training_pass"))
    }

    def build(record: Record) -> TitleRow:
        covers, code = record["covers"], record["code"]
        if covers != "全部" and code not in known[covers]:
            raise CellRefused("code", "目录里没有这个编号", "请核对职业编码或项目编号")
        if record["until_on"] is not None and record["until_on"] < record["from_on"]:
            raise CellRefused("until_on", "失效日期早于生效日期", "请核对两个日期")
        try:
            credit_code = check_credit_code(record["credit_code"])
        except Refusal as refusal:
            raise CellRefused("credit_code", refusal.sentence.rstrip("。"), refusal.remedy.rstrip("。")) from None
        body_region, region = region_of(record, regions, "body_region"), region_of(record, regions)
        return TitleRow(
            BodyRow(record["name"], credit_code, body_region or 0), region or 0, COVERS[covers].format(code),
            _LEVEL_CODES.get(record["level"], ""), record["from_on"], record["until_on"], record["source"],
        )  # fmt: skip

    return build


def load_titles(
    actor: Actor, at: datetime, extract: Extract, rows: Sequence[tuple[int, TitleRow]], began_on: date | None = None
) -> Loaded:
    """Take in a list of titles, with the bodies it names; of the same title the latest list counts.

    `began_on` is the day this database began its work (without it, the day of its first register file): a title
    held before is not new, so its body's first batches are not held for that (P23).
    """
    load = begin_load(actor, at, extract, len(rows))
    bodies = register_bodies(actor, at, [row.body for _, row in rows])
    body_of = {row.body.credit_code: body for (_, row), body in zip(rows, bodies, strict=True)}
    first_load = RegisterLoad.objects.order_by("loaded_at").values_list("loaded_at", flat=True)[0]
    began_on = began_on or day_of(first_load)
    titles, scopes = [], []
    for _, lines in groupby(sorted((row for _, row in rows), key=lambda row: row.title), key=lambda row: row.title):
        same = list(lines)
        row = same[0]
        title = Title(
            organisation_id=body_of[row.body.credit_code], kind=KIND_OF_REGISTER[extract.register],
            region_id=row.region_id, from_on=row.from_on, until_on=row.until_on, source=row.source, loaded_at=at,
            before_start=row.from_on < began_on, load=load,
        )  # fmt: skip
        titles.append(title)
        pairs = dict.fromkeys((line.subject, line.level) for line in same)
        scopes += [TitleScope(title=title, subject=subject, level=level) for subject, level in pairs]
    Title.objects.bulk_create(titles, batch_size=2000)
    TitleScope.objects.bulk_create(scopes, batch_size=5000)
    return Loaded(load, 0, [])
