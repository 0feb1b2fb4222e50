"""Earlier subsidies (已享受补贴, P3): taken in with file and coverage; they count in every rule, are never payable."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from jiangxin.catalogue.models import SkillLevel
from jiangxin.ground.actor import Actor
from jiangxin.ground.cells import Column
from jiangxin.ground.identity import blind_index, mask_number
from jiangxin.ground.keys import new_id
from jiangxin.ground.staging import run, stage
from jiangxin.parties.operations.persons import PersonRow, register_persons
from jiangxin.parties.operations.registers import Loaded, begin_load
from jiangxin.parties.register_files import PERSON_COLUMNS, CellRefused, Extract, Record, person_of
from jiangxin.rules.vocabulary import LEVELS

SCHEME_OF_REGISTER = {
    "earlier_certificate_subsidy": "certificate_subsidy",
    "earlier_skill_uplift": "skill_uplift",
}
SUBJECTS = {"职业": "{}", "专项职业能力": "item:{}", "培训合格项目": "project:{}"}
PAYEES = {"本人": "person", "单位": "employer", "培训机构": "provider"}
HISTORY_COLUMNS = (
    *PERSON_COLUMNS,
    Column("covers", "补贴项目类型", "choice", required=True, choices=tuple(SUBJECTS)),
    Column("code", "职业编码或项目编号", "code", required=True, longest=40, note="2022 年版编码", example="6-18-02-04"),
    Column("level", "等级", "choice", choices=tuple(LEVELS.values()), note="职业必填，其他不填"),
    Column("year", "计入年度", "integer", required=True, example="2024"),
    Column("amount", "金额（元）", "number", required=True, example="1200.00"),
    Column("paid_on", "发放日期", "date", required=True, example="2024-06-01"),
    Column("payee", "收款方", "choice", required=True, choices=tuple(PAYEES)),
    Column("account", "收款账号", "code", longest=32, mask=mask_number, note="知道的填"),
)
_LEVEL_CODES = {word: code for code, word in LEVELS.items()}


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One subsidy paid before or elsewhere; `level` is "" where the subject has none."""

    person: PersonRow
    subject: str
    level: str
    year: int
    amount_fen: int
    paid_on: date
    payee: str
    account: str


def history_builder(today: date) -> Callable[[Record], HistoryRow]:
    """Makes rows out of HISTORY_COLUMNS; nothing may have been paid after today."""

    def build(record: Record) -> HistoryRow:
        if (record["covers"] == "职业") != (record["level"] is not None):
            raise CellRefused("level", "职业要填等级，专项和培训合格不填等级", "请核对等级")
        if record["paid_on"] > today:
            raise CellRefused("paid_on", "发放日期在今天之后", "请核对日期")
        if not 2000 <= record["year"] <= today.year:
            raise CellRefused("year", "没有这个年度", "请填 4 位年份")
        fen = record["amount"] * 100
        if fen != int(fen) or fen <= 0:
            raise CellRefused("amount", "金额要大于 0，最多两位小数", "请核对金额")
        return HistoryRow(
            person_of(record), SUBJECTS[record["covers"]].format(record["code"]), _LEVEL_CODES.get(record["level"], ""),
            record["year"], int(fen), record["paid_on"], PAYEES[record["payee"]], record["account"] or "",
        )  # fmt: skip

    return build


INSERT_HISTORY = """
INSERT INTO subsidy_earlier_subsidy (
       id, person_id, scheme, subject, level_rank, count_year, amount_fen, paid_on, payee, account_index, load_id)
SELECT id, person_id, %s, subject, level_rank, count_year, amount_fen, paid_on, payee, account_index, %s
  FROM new_history ORDER BY person_id
"""


def load_history(actor: Actor, at: datetime, extract: Extract, rows: Sequence[tuple[int, HistoryRow]]) -> Loaded:
    """Take in a checked file of earlier subsidies, as (row number, row), with the days it is complete for."""
    load = begin_load(actor, at, extract, len(rows))
    found = register_persons(actor, at, [row.person for _, row in rows])
    rank = dict(SkillLevel.objects.values_list("code", "rank"))
    stage(
        "new_history",
        "id uuid, person_id uuid, subject text, level_rank int, count_year int, amount_fen bigint, paid_on date,"
        " payee text, account_index bytea",
        (
            (
                new_id(), person_id, row.subject, rank.get(row.level), row.year, row.amount_fen, row.paid_on, row.payee,
                blind_index(row.account, "account") if row.account else None,
            )
            for person_id, (_, row) in zip(found.ids, rows, strict=True)
        ),
    )  # fmt: skip
    run(INSERT_HISTORY, [SCHEME_OF_REGISTER[extract.register], load.pk])
    return Loaded(load, found.created, [rows[place][0] for place in found.misnamed])
