"""Register files: taken in whole with the region and days they answer for, taken back whole by a second person (P2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.free_text import hide_numbers, refuse_numbers
from jiangxin.ground.journal import note
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.staging import run, stage
from jiangxin.ground.transitions import move, move_one
from jiangxin.parties.models import LOAD_STATES, PAYEE_STATES, PayeeAccount, Register, RegisterLoad
from jiangxin.parties.operations.persons import register_persons
from jiangxin.parties.register_files import Extract, SpellRow


class RegisterFileLoadedAlready(Refusal):
    sentence = "这个文件已经入过库，是 {loaded_on} 由{by}入的。"
    remedy = "不需要再传。要换成新的，请先由另一位数据管理人员撤回原来那批。"


class RegisterDaysWrong(Refusal):
    sentence = "起止日期不对：开始不能晚于结束，结束不能晚于提取日，提取日不能晚于今天。"
    remedy = "请核对这份数据管的是哪几天、哪一天提取的。"


class RegionOutOfReach(Refusal):
    sentence = "这份数据的地区不在您的管辖范围。"
    remedy = "请由上级数据管理人员入库。"


class LoadAlreadyWithdrawn(Refusal):
    sentence = "这一批已经撤回。"
    remedy = "不需要再办。"


class WithdrawingNeedsAnother(Refusal):
    sentence = "入库的人不能撤回自己入的这一批。"
    remedy = "请由另一位数据管理人员撤回。"


class WithdrawingNeedsReason(Refusal):
    sentence = "撤回要写明原因。"
    remedy = "请填写原因后再撤回。"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A load with what it brought: persons made, and the file's rows whose name differs from the register's."""

    load: RegisterLoad
    persons: int
    misnamed: list[int]


def may_load_register(actor: Actor) -> bool:
    """Whether the actor keeps data (数据管理)."""
    return actor.has("register", "machine")


def may_withdraw_load(actor: Actor, load: RegisterLoad) -> bool:
    """Whether this actor may take this load back: a data keeper with an account, other than who loaded it."""
    return actor.has("register") and actor.account_id not in (None, load.loaded_by_id) and load.state == "active"


def begin_load(actor: Actor, at: datetime, extract: Extract, rows: int) -> RegisterLoad:
    """Write down a register file and the coverage it gives; the rows follow in the same transaction.

    The same file twice is refused, also by two people at once. A claim for a region is made by who sees all of it.
    """
    if not may_load_register(actor):
        raise NotYourDuty()
    if extract.region_id not in actor.regions:
        raise RegionOutOfReach()
    if not extract.from_on <= extract.until_on <= extract.extracted_on <= day_of(at):
        raise RegisterDaysWrong()
    if not Register.objects.filter(code=extract.register).exists():
        raise NotFound()
    load = RegisterLoad(
        register_id=extract.register, region_id=extract.region_id, from_on=extract.from_on, until_on=extract.until_on,
        extracted_on=extract.extracted_on, file_name=hide_numbers(extract.file_name), sha256=extract.sha256, rows=rows,
        loaded_at=at, loaded_by_id=actor.account_id, loaded_by_name=actor.name,
    )  # fmt: skip
    RegisterLoad.objects.bulk_create([load], ignore_conflicts=True)
    standing = RegisterLoad.objects.get(sha256=extract.sha256, state="active")
    if standing.pk != load.pk:
        raise RegisterFileLoadedAlready(loaded_on=day_of(standing.loaded_at), by=standing.loaded_by_name)
    note(actor, at, "loaded_register", load, register=extract.register, rows=rows)
    return load


SPELL_COLUMNS = (
    "id uuid, person_id uuid, kind text, region_id int, from_on date, until_on date, months int"  # in order of the rows
)
INSERT_SPELLS = """
INSERT INTO parties_spell (id, person_id, kind_id, region_id, from_on, until_on, months, certified, load_id, source)
SELECT id, person_id, kind, region_id, from_on, until_on, months, true, %s, '' FROM new_spell ORDER BY person_id
"""


def load_spells(actor: Actor, at: datetime, extract: Extract, rows: Sequence[tuple[int, SpellRow]]) -> Loaded:
    """Take in a checked file of statuses, as (row number, row); persons not yet known are made (P2, P17).

    A name that differs from the register's is reported with its row and never taken over.
    """
    load = begin_load(actor, at, extract, len(rows))
    found = register_persons(actor, at, [row.person for _, row in rows])
    stage(
        "new_spell", SPELL_COLUMNS,
        (
            (new_id(), person_id, row.kind, row.region_id, row.from_on, row.until_on, row.months)
            for person_id, (_, row) in zip(found.ids, rows, strict=True)
        ),
    )  # fmt: skip
    run(INSERT_SPELLS, [load.pk])
    return Loaded(load, found.created, [rows[place][0] for place in found.misnamed])


def withdraw_load(actor: Actor, at: datetime, load: RegisterLoad, reason: str) -> RegisterLoad:
    """Take back a whole load: its rows stay on record and count no more, its coverage ends, its accounts are closed."""
    load = RegisterLoad.objects.select_for_update().get(pk=load.pk)
    if load.state != "active":
        raise LoadAlreadyWithdrawn()
    if not actor.has("register") or load.region_id not in actor.regions:
        raise NotYourDuty()
    if not reason.strip():
        raise WithdrawingNeedsReason()
    refuse_numbers(reason)
    if not may_withdraw_load(actor, load):
        raise WithdrawingNeedsAnother()
    move_one(load, LOAD_STATES, "withdrawn")
    closed = move(PayeeAccount.objects.filter(load=load, state="certified"), PAYEE_STATES, "closed")
    note(actor, at, "withdrew_register", load, register=load.register_id, reason=reason.strip(), accounts_closed=closed)
    return load
