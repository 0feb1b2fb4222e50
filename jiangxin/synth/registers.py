"""The extracts of the registers: what they say of the synthetic people, for which days, and the one left unloaded."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from jiangxin.ground.actor import PROVINCE, Actor
from jiangxin.ground.clock import opening_of
from jiangxin.ground.sheets import write_workbook
from jiangxin.parties.models import DOCUMENT_KINDS
from jiangxin.parties.operations.payees import load_card_accounts
from jiangxin.parties.operations.persons import PersonRow
from jiangxin.parties.operations.registers import load_spells
from jiangxin.parties.register_files import AccountRow, Extract, SpellRow, digest, spell_columns
from jiangxin.parties.registers import REGISTERS, SPELL_KINDS
from jiangxin.synth.courses import GAP
from jiangxin.synth.people import FIRST_DAY, LAST_DAY, Citizen

BANK = "演示银行"
SEX_WORDS = {"male": "男", "female": "女"}
LIVES_HERE_SINCE = date(2018, 1, 1)
# The card register is loaded long before the demo; who changed the account did so on its last day.
FIRST_CARDS_ON, NEW_CARDS_ON = date(2024, 1, 15), LAST_DAY
# Registers of statuses that nothing is drawn for: an empty extract would say that nobody has them.
NOT_DRAWN = ("rural_migrant", "veteran", "disability")
STATUS_REGISTERS = tuple(dict.fromkeys(by for _, by, _ in SPELL_KINDS.values() if by not in NOT_DRAWN))


def person_row(citizen: Citizen) -> PersonRow:
    """A citizen as a register file names one."""
    return PersonRow(
        citizen.document, citizen.number, citizen.name, citizen.sex, citizen.born_on, citizen.phone or None
    )


def spells_of(citizen: Citizen) -> Iterator[tuple[str, int | None, date, date | None, int | None]]:
    """(kind, region, first day, last day, months) of everything the registers know of a person."""
    here, since = citizen.county, citizen.works_since
    if citizen.hukou:
        yield "hukou", citizen.hukou, citizen.born_on, citizen.died_on, None
    yield "residence", here, max(LIVES_HERE_SINCE, citizen.born_on), citizen.died_on, None
    if citizen.work and since:
        yield citizen.work, here, since, citizen.died_on, None
    if citizen.insured and since:
        yield "insured", citizen.insured, since, None, None
        yield "unemployment_insured", citizen.insured, since, None, min(300, (LAST_DAY - since).days // 30)
    if citizen.public_staff and since:
        yield "public_staff", here, since, None, None
    if citizen.student_since:
        yield "full_time_student", here, citizen.student_since, citizen.student_until, None
    if citizen.pension_since:
        yield "pension_employee", here, citizen.pension_since, citizen.died_on, None
    elif citizen.age_on(FIRST_DAY) >= 60:
        at_60 = citizen.born_on.replace(year=citizen.born_on.year + 60, day=1)
        yield "pension_resident", here, at_60, citizen.died_on, None
    if citizen.died_on:
        yield "dead", here, citizen.died_on, None, None


def load_statuses(actor: Actor, people: list[Citizen], part: str) -> dict[str, int]:
    """Load the status registers for the whole province; returns the rows by register.

    Each covers 2022-01-01 to 2026-03-01 in one extract; the one of public staff lacks a fortnight.
    """
    rows: dict[str, list[tuple[int, SpellRow]]] = {register: [] for register in STATUS_REGISTERS}
    for citizen in people:
        person = person_row(citizen)
        for kind, region, first, last, months in spells_of(citizen):
            if last is None or last >= first:
                file = rows[SPELL_KINDS[kind][1]]
                file.append((len(file) + 2, SpellRow(person, kind, region, first, last, months)))
    for register, spells in rows.items():
        for first, last in _covered(register):
            load_spells(actor, opening_of(LAST_DAY), extract_of(register, first, last, part), spells)
    return {register: len(spells) for register, spells in rows.items()}


def _covered(register: str) -> list[tuple[date, date]]:
    if register != "public_staff":
        return [(FIRST_DAY, LAST_DAY)]
    day = timedelta(days=1)
    return [(FIRST_DAY, GAP[0] - day), (GAP[1] + day, LAST_DAY)]


def extract_of(register: str, first: date, last: date, part: str, extracted_on: date = LAST_DAY) -> Extract:
    """What an extract of a register for the whole province says it is."""
    name = f"{REGISTERS[register][0]}-{first:%Y%m%d}-{last:%Y%m%d}-{part}.csv"
    return Extract(register, PROVINCE, first, last, extracted_on, name, digest(name.encode()))


def load_cards(actor: Actor, people: Iterable[Citizen], part: str) -> int:
    """Load the card register twice: everybody's first account, then the ones that changed; returns the first."""
    holders = [citizen for citizen in people if citizen.card]
    first = [AccountRow(person_row(citizen), BANK, citizen.card) for citizen in holders]
    changed = [AccountRow(person_row(citizen), BANK, citizen.new_card) for citizen in holders if citizen.new_card]
    for rows, on in ((first, FIRST_CARDS_ON), (changed, NEW_CARDS_ON)):
        if rows:
            extract = extract_of("card", FIRST_DAY, on, part, on)
            load_card_accounts(actor, opening_of(on), extract, list(enumerate(rows, 2)))
    return len(first)


def missing_extract(people: Iterable[Citizen]) -> bytes:
    """The workbook of public staff for the fortnight left unloaded: those on the list all along, and those seconded."""
    columns = spell_columns("public_staff")
    rows = []
    for citizen in people:
        spell = citizen.seconded or ((citizen.works_since, None) if citizen.public_staff else None)
        if spell and not citizen.died_on:
            cells = {
                "name": citizen.name, "document_kind": DOCUMENT_KINDS[citizen.document], "number": citizen.number,
                "region": citizen.county, "from_on": spell[0], "until_on": spell[1],
            }  # fmt: skip
            if citizen.document != "resident":
                cells |= {"sex": SEX_WORDS[citizen.sex], "born_on": citizen.born_on}
            rows.append([cells.get(column.key, "") for column in columns])
    notes = (f"财政供养人员，{GAP[0]} 至 {GAP[1]}，提取日 {LAST_DAY}。", "演示数据，没有真人。")
    return write_workbook(REGISTERS["public_staff"][0], notes, "人员", columns, rows)
