"""Register files of every chapter: how each is read and taken in, from the command line or a keeper's desk."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from jiangxin.assessment.operations.listings import LISTING_COLUMNS, listing_builder, load_listing
from jiangxin.ground.actor import Actor, acting, machine
from jiangxin.ground.cells import Column
from jiangxin.ground.clock import day_of
from jiangxin.ground.free_text import hide_numbers
from jiangxin.ground.identity import seal, unseal
from jiangxin.ground.jobs import WORKBOOK, Handler, Job, Progress, ask
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import NotYourDuty, Refusal
from jiangxin.ground.regions import Region
from jiangxin.ground.sheets import read_sheet
from jiangxin.parties.models import RegisterFile
from jiangxin.parties.operations.payees import load_card_accounts
from jiangxin.parties.operations.registers import (
    Loaded,
    RegionOutOfReach,
    RegisterDaysWrong,
    load_spells,
    may_load_register,
)
from jiangxin.parties.queries.accounts import actor_of
from jiangxin.parties.register_files import (
    ACCOUNT_COLUMNS,
    Extract,
    Record,
    RegisterFileWrong,
    build_account,
    digest,
    kinds_of,
    read_whole,
    spell_builder,
    spell_columns,
)
from jiangxin.parties.registers import REGISTERS
from jiangxin.recognition.operations import KIND_OF_REGISTER, TITLE_COLUMNS, load_titles, title_builder
from jiangxin.subsidy.operations.history import HISTORY_COLUMNS, SCHEME_OF_REGISTER, history_builder, load_history

CONTENT = "parties_register_file|content|{}"
WRONGS_KEPT = 50


class RegisterUnknown(Refusal):
    sentence = "没有“{register}”这个登记来源。"
    remedy = "可以用的有：{known}。"


@dataclass(frozen=True)
class Shape:
    """How a register's file is read and taken in: each chapter brings its own."""

    columns: tuple[Column, ...]
    builder: Callable[[frozenset[int], date], Callable[[Record], Any]]
    load: Callable[[Actor, datetime, Extract, Sequence[tuple[int, Any]]], Loaded]


def shape_of(register: str, began_on: date | None = None) -> Shape:
    """The shape of a register's file; refuses a register that has none."""
    if register in KIND_OF_REGISTER:
        take_in = partial(load_titles, began_on=began_on)
        return Shape(TITLE_COLUMNS, lambda regions, today: title_builder(regions), take_in)
    if register in SCHEME_OF_REGISTER:
        return Shape(HISTORY_COLUMNS, lambda regions, today: history_builder(today), load_history)
    if register == "listing":
        return Shape(LISTING_COLUMNS, lambda regions, today: listing_builder(today), load_listing)
    if register == "card":
        return Shape(ACCOUNT_COLUMNS, lambda regions, today: build_account, load_card_accounts)
    if kinds_of(register):
        return Shape(spell_columns(register), lambda regions, today: spell_builder(register, regions), load_spells)
    raise RegisterUnknown(register=register, known="、".join(REGISTERS))


def take_in(
    actor: Actor, at: datetime, extract: Extract, data: bytes, began_on: date | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Loaded:  # fmt: skip
    """Check a whole register file, then load it; `say` hears how far it is. Raises RegisterFileWrong."""
    shape = shape_of(extract.register, began_on)
    sheet = read_sheet(data, extract.file_name, shape.columns)
    regions = frozenset(Region.objects.values_list("id", flat=True))
    say("正在检查整个文件 …")
    rows = read_whole(sheet, shape.builder(regions, day_of(at)))
    say(f"{len(rows):,} 行正确，正在入库 …")
    return shape.load(actor, at, extract, rows)


def send_register_file(
    actor: Actor, at: datetime, register: str, region_id: int, days: tuple[date, date, date], name: str, data: bytes
) -> RegisterFile:
    """Keep a file sealed and ask for its loading; `days` are the first and last day it answers for and its extraction.

    What can be refused without reading the file is refused at once.
    """
    if not may_load_register(actor):
        raise NotYourDuty()
    shape_of(register)
    from_on, until_on, extracted_on = days
    if region_id not in actor.regions:
        raise RegionOutOfReach()
    if not from_on <= until_on <= extracted_on <= day_of(at):
        raise RegisterDaysWrong()
    file = RegisterFile(
        register_id=register, region_id=region_id, office_id=actor.the_office, from_on=from_on, until_on=until_on,
        extracted_on=extracted_on, file_name=hide_numbers(name)[-120:], sha256=digest(data),
        sent_by_id=actor.the_account, sent_at=at,
    )  # fmt: skip
    file.content = seal(data, CONTENT.format(file.pk))
    title = f"入库 {REGISTERS[register][0]}"
    file.job_id = ask(actor, at, "load_register", title, lock=WORKBOOK, file_id=str(file.pk)).pk
    file.save(force_insert=True)
    note(actor, at, "sent_register_file", file, register=register, sha256=file.sha256)
    return file


def load_register_job(job: Job, progress: Progress) -> str:
    """Take in a file that a data keeper sent, as that keeper, with the province in sight; its wrong cells are kept."""
    key = UUID(job.args["file_id"])
    progress(0, 2)
    try:
        with acting(machine()) as at:
            return _load(key, at, progress)
    except RegisterFileWrong as wrong:
        with acting(machine()):
            kept = [asdict(cell) for cell in wrong.wrongs[:WRONGS_KEPT]]
            RegisterFile.objects.filter(pk=key).update(wrongs=kept, content=None)
        raise
    except Refusal:
        with acting(machine()):
            RegisterFile.objects.filter(pk=key).update(content=None)
        raise


def _load(key: UUID, at: datetime, progress: Progress) -> str:
    file = RegisterFile.objects.select_for_update(of=("self",)).select_related("sent_by").get(pk=key)
    if file.load_id or file.content is None:
        return "这个文件已经办过。"
    actor = actor_of(file.sent_by, day_of(at), file.office_id)
    extract = Extract(
        file.register_id, file.region_id, file.from_on, file.until_on, file.extracted_on, file.file_name, file.sha256
    )
    loaded = take_in(
        actor, at, extract, unseal(file.content, CONTENT.format(key)), say=lambda text: progress(1, 2)
    )
    RegisterFile.objects.filter(pk=key).update(load=loaded.load, content=None)
    odd = f"有 {len(loaded.misnamed)} 行的姓名和登记的不一样，登记的姓名没有改，行号："
    rows = "、".join(map(str, loaded.misnamed[:20]))
    return f"入库 {loaded.load.rows:,} 行，新增 {loaded.persons:,} 人。{odd + rows + '。' if loaded.misnamed else ''}"


JOBS: dict[str, Handler] = {"load_register": load_register_job}
